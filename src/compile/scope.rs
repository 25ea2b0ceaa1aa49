//! Names of a mapping and what they are bound to.

use std::sync::Arc;

use super::{naming::Names, types::Type};
use crate::{
    diag::Span,
    program::code::{Constant, Expr, List, ListFrom, ResultStep, RowRef, SlotRef},
    schema::Object,
};

/// What the items of a list are.
#[derive(Clone, Debug)]
pub(super) enum ItemType {
    /// Rows of a shape.
    Row { shape: usize, object: Arc<Object> },
    /// Rows whose ranges were made inclusive.
    Ranged { shape: usize, object: Arc<Object> },
    /// Items that are no objects.
    Plain { shape: usize, slot: usize, ty: Type },
    /// Groups of items.
    Group { key: Type, rows: Box<ItemType> },
    /// Items with values that are named beside them.
    Named { of: Box<ItemType>, naming: usize, names: Names },
    /// Items of a list that is wrong already.
    Poison,
}

/// A place that a path has reached.
#[derive(Clone, Debug)]
pub(super) enum At {
    /// An object: the record, a row, or an object inside of one.
    Object { row: RowRef, shape: usize, inside: Vec<String>, object: Arc<Object>, absent: bool },
    /// A row whose range was made inclusive.
    Ranged { local: usize, shape: usize, object: Arc<Object> },
    /// A group.
    Group { local: usize, key: Type, rows: ItemType },
    /// An item with values that are named beside it.
    Named { local: usize, naming: usize, names: Names, item: Box<At> },
    /// A list that nobody has gone into yet.
    List { from: ListFrom, item: ItemType },
    /// The items of a list, with the place within an item.
    Items { list: Box<List>, within: Box<At> },
    /// One item of a list, with the place within it.
    Picked { list: Box<List>, index: i64, within: Box<At> },
    /// A value.
    Value { expr: Expr, ty: Type },
    /// What is known of the actions of the record's sequence.
    Known,
    /// A part of what the target answered to the last of them.
    Answer(Vec<ResultStep>),
    /// A part that is wrong already.
    Poison,
}

impl ItemType {
    /// The place of an item that a local holds.
    pub fn at(&self, local: usize) -> At {
        match self {
            Self::Row { shape, object } => At::Object {
                row: RowRef::Local(local),
                shape: *shape,
                inside: Vec::new(),
                object: object.clone(),
                absent: false,
            },
            Self::Ranged { shape, object } => {
                At::Ranged { local, shape: *shape, object: object.clone() }
            }
            Self::Plain { shape, slot, ty } => {
                let slot = SlotRef { row: RowRef::Local(local), shape: *shape, slot: *slot };
                At::Value { expr: Expr::Slot(slot), ty: ty.clone() }
            }
            Self::Group { key, rows } => {
                At::Group { local, key: key.clone(), rows: (**rows).clone() }
            }
            Self::Named { of, naming, names } => At::Named {
                local,
                naming: *naming,
                names: names.clone(),
                item: Box::new(of.at(local)),
            },
            Self::Poison => At::Poison,
        }
    }

    /// One of the values that are named beside the item that a local holds.
    pub fn name(&self, local: usize, nth: usize) -> At {
        match self {
            Self::Named { naming, names, .. } => match names.get(nth) {
                Some((_, ty, _)) => {
                    At::Value { expr: Expr::Named { local, naming: *naming, nth }, ty: ty.clone() }
                }
                None => At::Poison,
            },
            _ => At::Poison,
        }
    }
}

/// The names that are bound at a place of the mapping.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    names: Vec<(String, At, Option<Span>)>,
    /// Whether something that binds names was wrong: then any name may be one of them.
    pub open: bool,
    /// The locals that hold items at this place, innermost last.
    pub items: Vec<usize>,
    /// How many of the names are those of the whole mapping.
    of_mapping: usize,
}

impl Scope {
    /// Binds a name of the language.
    pub fn bind(&mut self, name: &str, at: At) {
        self.push(name, at, None);
    }

    /// Binds a name that the mapping makes at a place.
    pub fn bind_made(&mut self, name: &str, at: At, made: Span) {
        self.push(name, at, Some(made));
    }

    fn push(&mut self, name: &str, at: At, made: Option<Span>) {
        self.names.push((name.to_owned(), at, made));
        if self.items.is_empty() {
            self.of_mapping = self.names.len();
        }
    }

    /// The names of the whole mapping alone.
    #[must_use]
    pub fn of_mapping(&self) -> Self {
        let names = self.names.iter().take(self.of_mapping).cloned().collect();
        Self { names, items: Vec::new(), ..*self }
    }

    /// The same names, and perhaps others, since something that binds names is wrong.
    #[must_use]
    pub fn opened(&self) -> Self {
        Self { open: true, ..self.clone() }
    }

    pub fn get(&self, name: &str) -> Option<&At> {
        self.names.iter().rev().find(|(known, ..)| known == name).map(|(_, at, _)| at)
    }

    /// Where a name is made, if the mapping makes it.
    pub fn made(&self, name: &str) -> Option<Span> {
        self.names.iter().rev().find(|(known, ..)| known == name).and_then(|(_, _, made)| *made)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(name, ..)| name.as_str())
    }
}

impl At {
    pub fn constant(constant: Constant, ty: Type) -> Self {
        Self::Value { expr: Expr::Constant(constant), ty }
    }
}
