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
}

/// A name, and what it is bound to.
#[derive(Debug)]
struct Bound {
    name: String,
    at: At,
    /// Where the mapping makes it, if it does.
    made: Option<Span>,
}

/// The names that are bound at a place of the mapping.
///
/// Scopes are copied wherever one more name is bound, so what they hold is shared.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    names: Vec<Arc<Bound>>,
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
        self.names.push(Arc::new(Bound { name: name.to_owned(), at, made }));
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
        self.bound(name).map(|bound| &bound.at)
    }

    /// Where a name is made, if the mapping makes it.
    pub fn made(&self, name: &str) -> Option<Span> {
        self.bound(name).and_then(|bound| bound.made)
    }

    fn bound(&self, name: &str) -> Option<&Bound> {
        self.names.iter().rev().find(|bound| bound.name == name).map(AsRef::as_ref)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|bound| bound.name.as_str())
    }
}

impl At {
    pub fn constant(constant: Constant, ty: Type) -> Self {
        Self::Value { expr: Expr::Constant(constant), ty }
    }
}
