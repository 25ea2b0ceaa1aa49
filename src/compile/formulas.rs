//! Shapes that are one value, compiled once per the types of what they are given.
//!
//! A shape that is asked forty times would else be put in forty times, and a shape that asks
//! others doubles with every level. What is compiled so sees the names of the mapping and its own
//! parameters, and nothing of the place that asks.

use std::collections::HashMap;

use super::{
    context::Context,
    lets,
    objects::Parameter,
    paths,
    scope::{At, ItemType, Scope},
    types::Type,
};
use crate::{
    diag::{Code, Diagnostic, Findings, Span},
    program::code::{Arg, Ask, Expr, Formula, ListFrom, RowRef},
    syntax::Node,
};

/// The shapes that were compiled, by what they were given.
pub(super) type Formulas = HashMap<String, HashMap<Vec<Told>, Compiled>>;

/// What is known of a shape with arguments of some types.
#[derive(Clone, Debug)]
pub(super) enum Compiled {
    /// It is one value: this formula gives it.
    Formula(usize, Type),
    /// It is a list, and is put in where it is asked.
    Inlined,
}

/// What seems to have no use in a shape, each time that it is compiled: what one argument can never
/// lack, another one may.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    compiled: usize,
    said: Vec<Diagnostic>,
}

impl Doubts {
    fn add(&mut self, said: Vec<Diagnostic>) {
        self.compiled += 1;
        self.said.extend(said);
    }

    /// What has no use for any argument.
    fn certain(self) -> Vec<Diagnostic> {
        let times = |one: &Diagnostic| {
            let same = |other: &&Diagnostic| other.primary.span == one.primary.span;
            self.said.iter().filter(same).count()
        };
        self.said.iter().filter(|one| times(one) >= self.compiled).cloned().collect()
    }
}

/// Reports what was said of parts that are compiled once, and what has no use in any shape, whatever
/// it is given. Right only when all is compiled.
pub(super) fn report(cx: &mut Context<'_>) {
    let said = std::mem::take(&mut cx.said_once);
    cx.findings.extend(said);
    // Where something is wrong, a use that a part needs may be what is not there.
    if cx.findings.has_error() {
        return;
    }
    for (_, doubts) in std::mem::take(&mut cx.doubts) {
        cx.findings.extend(doubts.certain());
    }
}

/// The value of a shape for some arguments, where it is one value and they can be handed over.
pub(super) fn value(
    cx: &mut Context<'_>,
    scope: &Scope,
    shape: &str,
    parameters: &[Parameter<'_>],
    body: &Node,
    bound: &[At],
    span: Span,
) -> Option<At> {
    let args = bound.iter().map(|at| arg(cx, scope, at, span)).collect::<Option<Vec<_>>>()?;
    let told: Vec<Told> = args.iter().map(|(_, within)| within.told()).collect();
    let known = match cx.formulas.get(shape).and_then(|uses| uses.get(&told)) {
        Some(known) => known.clone(),
        None => {
            let within = args.iter().map(|(_, within)| within.clone());
            let made = compile(cx, scope, shape, parameters, body, within.collect());
            cx.formulas.entry(shape.to_owned()).or_default().insert(told, made.clone());
            made
        }
    };
    let Compiled::Formula(formula, ty) = known else { return None };
    let args = args.into_iter().map(|(arg, _)| arg).collect();
    Some(At::Value { expr: Expr::Ask(Box::new(Ask { formula, args })), ty })
}

fn compile(
    cx: &mut Context<'_>,
    scope: &Scope,
    shape: &str,
    parameters: &[Parameter<'_>],
    body: &Node,
    within: Vec<Within>,
) -> Compiled {
    let mut inner = scope.of_mapping();
    let params: Vec<usize> = within.iter().map(|_| cx.local(&Scope::default())).collect();
    // They are no names of the mapping: a shape that this one asks does not see them.
    inner.items.clone_from(&params);
    for ((parameter, within), local) in parameters.iter().zip(within).zip(params.iter().copied()) {
        inner.bind_made(parameter.name, within.at(local), parameter.made);
    }
    // What turns out to be a list is compiled again where it is asked, and said there. A value is
    // compiled this one time, perhaps where nobody listens: what is said of it is kept apart.
    let mut said = Findings::new();
    std::mem::swap(cx.findings, &mut said);
    cx.inlining.push(shape.to_owned());
    let at = lets::reach(cx, &inner, body);
    cx.inlining.pop();
    std::mem::swap(cx.findings, &mut said);
    match at {
        At::List { .. } | At::Items { .. } => {
            // Other shapes that it asks are compiled once, and what is wrong in them is said now.
            let elsewhere = |one: &Diagnostic| !encloses(body.span, one.primary.span);
            cx.findings.extend(said.into_sorted().into_iter().filter(elsewhere));
            Compiled::Inlined
        }
        at => {
            let (doubted, said): (Vec<_>, Vec<_>) =
                said.into_sorted().into_iter().partition(|one| one.code == Code::DEAD_MODIFIER);
            cx.said_once.extend(said);
            cx.doubts.entry(shape.to_owned()).or_default().add(doubted);
            let (body, ty) = paths::one_value(cx, at, body.span);
            cx.code.formulas.push(Formula { params, body });
            Compiled::Formula(cx.code.formulas.len() - 1, ty)
        }
    }
}

fn encloses(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}

/// What a parameter is, whatever the place that it is given from.
#[derive(Clone, Debug)]
enum Within {
    /// An object of a row.
    Object(At),
    /// A range, a group.
    Item(ItemType),
    /// A list of items.
    List(ItemType),
    /// A value.
    Value(Type),
    /// A part that is wrong already.
    Poison,
}

impl Within {
    /// The place of a parameter that a local holds.
    fn at(self, local: usize) -> At {
        match self {
            Self::Object(At::Object { shape, inside, object, absent, .. }) => {
                At::Object { row: RowRef::Local(local), shape, inside, object, absent }
            }
            Self::Item(item) => item.at(local),
            Self::List(item) => At::List { from: ListFrom::Local(local), item },
            Self::Value(ty) => At::Value { expr: Expr::Local(local), ty },
            Self::Object(_) | Self::Poison => At::Poison,
        }
    }
}

/// What tells the types of parameters apart.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum Told {
    Object { shape: usize, inside: Vec<String>, absent: bool },
    Item(ToldItem),
    List(ToldItem),
    Value(Box<Type>),
    Poison,
}

/// What tells the items of lists apart.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum ToldItem {
    Row(usize),
    Ranged(usize),
    Plain { shape: usize, slot: usize },
    Group { key: Box<Type>, rows: Box<ToldItem> },
    Named { naming: usize, names: usize, of: Box<ToldItem> },
    Poison,
}

impl Within {
    fn told(&self) -> Told {
        match self {
            Self::Object(At::Object { shape, inside, absent, .. }) => {
                Told::Object { shape: *shape, inside: inside.clone(), absent: *absent }
            }
            Self::Item(item) => Told::Item(ToldItem::of(item)),
            Self::List(item) => Told::List(ToldItem::of(item)),
            Self::Value(ty) => Told::Value(Box::new(ty.unnamed())),
            Self::Object(_) | Self::Poison => Told::Poison,
        }
    }
}

impl ToldItem {
    fn of(item: &ItemType) -> Self {
        match item {
            ItemType::Row { shape, .. } => Self::Row(*shape),
            ItemType::Ranged { shape, .. } => Self::Ranged(*shape),
            ItemType::Plain { shape, slot, .. } => Self::Plain { shape: *shape, slot: *slot },
            ItemType::Group { key, rows } => {
                Self::Group { key: Box::new(key.unnamed()), rows: Box::new(Self::of(rows)) }
            }
            ItemType::Named { of, naming, names } => {
                let (naming, names) = (*naming, names.len());
                Self::Named { naming, names, of: Box::new(Self::of(of)) }
            }
            ItemType::Poison => Self::Poison,
        }
    }
}

/// How an argument is handed over; `None` where it cannot be.
fn arg(cx: &mut Context<'_>, scope: &Scope, at: &At, span: Span) -> Option<(Arg, Within)> {
    Some(match at.clone() {
        At::Object { row: RowRef::Record, .. } => (Arg::Record, Within::Object(at.clone())),
        At::Object { row: RowRef::Local(local), .. } => {
            (Arg::Local(local), Within::Object(at.clone()))
        }
        At::Ranged { local, shape, object } => {
            (Arg::Local(local), Within::Item(ItemType::Ranged { shape, object }))
        }
        At::Group { local, key, rows } => {
            (Arg::Local(local), Within::Item(ItemType::Group { key, rows: Box::new(rows) }))
        }
        named @ At::Named { local, .. } => {
            (Arg::Local(local), Within::Item(lets::item_type(&named)?))
        }
        At::Value { expr, ty } => (Arg::Value(expr), Within::Value(ty)),
        At::Picked { list, index, within } => {
            let (_, within) = arg(cx, scope, &within, span)?;
            // One of many may not be there at all.
            let within = match within {
                Within::Object(At::Object { row, shape, inside, object, .. }) => {
                    Within::Object(At::Object { row, shape, inside, object, absent: true })
                }
                Within::Value(_) => return None,
                other => other,
            };
            (Arg::Pick(list, index), within)
        }
        at @ (At::List { .. } | At::Items { .. }) => {
            let (list, within) = paths::as_items(cx, scope, at, span)?;
            let item = lets::item_type(&within)?;
            (Arg::List(Box::new(list)), Within::List(item))
        }
        At::Poison => {
            (Arg::Value(Expr::Constant(crate::program::code::Constant::Null)), Within::Poison)
        }
        At::Known | At::Answer(_) => return None,
    })
}
