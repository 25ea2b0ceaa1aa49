//! Paths: from the steps of a select, or the attributes of an expression, to slots and lists.

use std::sync::Arc;

use super::{
    answers,
    context::Context,
    editing, filters,
    naming::Names,
    scope::{At, ItemType, Scope},
    types::{CURRENCIES, Kind, Type, UNITS},
};
use crate::{
    diag::{Code, Diagnostic, Fix, Possible, Span, nearest},
    program::code::{Constant, Expr, Fold, KnownPart, List, ListFrom, ResultStep, RowRef, SlotRef},
    schema::{Field, FieldType, Object},
    syntax::{Name, Node, Select, SelectFault, Step},
};

/// What every record has in an org with one currency, though it is no field of it.
const CURRENCY: &str = "CurrencyIsoCode";

/// The characters of a currency: ISO 4217.
const CURRENCY_LENGTH: u32 = 3;

/// Reads and resolves the select that a scalar holds.
pub(super) fn select(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> At {
    match &*cx.select(node.text().unwrap_or_default()) {
        Ok(select) => resolve(cx, scope, select, node),
        Err(SelectFault::Syntax(said)) => {
            let message = format!("this select cannot be read: {said}");
            let hint = "a select is `$.Field`, `$name.Field`, `$.List.records[*]` or `$.List.records[?@.Field == 'x']`";
            cx.push(Diagnostic::error(Code::BAD_SELECT, node.span, message).hint(hint));
            At::Poison
        }
        Err(SelectFault::Unsupported(said)) => {
            cx.error(Code::UNSUPPORTED_SELECT, node.span, said.as_str());
            At::Poison
        }
    }
}

fn resolve(cx: &mut Context<'_>, scope: &Scope, select: &Select, node: &Node) -> At {
    let way = Way { scope, node };
    let start = match &select.head {
        Some(head) => name(cx, scope, &head.text, node.span_of(head.range.clone())),
        None => name(cx, scope, "record", node.span),
    };
    select.steps.iter().fold(start, |at, one| step(cx, &way, at, one))
}

/// Where a path is gone along: the names that are bound, and the scalar that holds it.
#[derive(Clone, Copy)]
pub(super) struct Way<'s> {
    pub scope: &'s Scope,
    pub node: &'s Node,
}

impl Way<'_> {
    /// The span of a name of the path.
    pub fn span(&self, name: &Name) -> Span {
        self.node.span_of(name.range.clone())
    }
}

/// What a name is bound to.
pub(super) fn name(cx: &mut Context<'_>, scope: &Scope, name: &str, span: Span) -> At {
    if let Some(at) = scope.get(name) {
        if let Some(made) = scope.made(name) {
            cx.made.touch(made);
        }
        return at.clone();
    }
    if scope.open {
        return At::Poison;
    }
    let message = format!("nothing is named `{name}` here");
    let finding = Diagnostic::error(Code::UNKNOWN_NAME, span, message);
    let known = scope.names().chain(cx.answers.iter().copied());
    let known: Vec<String> = known.map(str::to_owned).collect();
    let hint = match later(cx, name) {
        Some(why) => why.to_owned(),
        None => format!("names here: {}", known.join(", ")),
    };
    let near = nearest(name, scope.names()).and_then(|near| scope.made(near));
    let finding = finding.possible(editing::names(scope)).meant(near);
    cx.push_near(finding.hint(hint), name, known.iter().map(String::as_str));
    At::Poison
}

/// Why a name that an action binds is not known at a place that comes before it.
fn later(cx: &Context<'_>, name: &str) -> Option<&'static str> {
    match name {
        _ if !cx.acts => None,
        "known" => Some(
            "what is known is that of the sequence: `sequence`, and what stands before the action, \
             cannot follow from it",
        ),
        "kind" => Some("the kind is decided last: after `let`, `when` and `consumes`"),
        "digest" => Some("the digest is that of the rows which `consumes` names"),
        _ => None,
    }
}

/// Goes one step.
pub(super) fn step(cx: &mut Context<'_>, way: &Way<'_>, at: At, step: &Step) -> At {
    match (at, step) {
        (At::Poison, _) => At::Poison,
        (At::Value { ty, .. }, _) if ty.kind == Kind::Poison => At::Poison,
        (At::Items { list, within }, Step::All | Step::Where(_)) => {
            nested(*list, self::step(cx, way, *within, step))
        }
        (At::Items { list, within }, Step::Index(index)) => {
            At::Picked { list, index: *index, within }
        }
        (At::Items { list, within }, Step::Name(_)) => match self::step(cx, way, *within, step) {
            At::Poison => At::Poison,
            within => At::Items { list, within: Box::new(within) },
        },
        (At::Picked { list, index, within }, _) => match self::step(cx, way, *within, step) {
            At::Poison => At::Poison,
            within => At::Picked { list, index, within: Box::new(within) },
        },
        (At::List { from, item }, Step::All) => items(cx, way.scope, from, &item),
        (At::List { from, item }, Step::Where(test)) => {
            let At::Items { mut list, within } = items(cx, way.scope, from, &item) else {
                return At::Poison;
            };
            list.only = Some(filters::filter(cx, way, &within, test));
            At::Items { list, within }
        }
        (At::List { from, item }, Step::Index(index)) => {
            let At::Items { list, within } = items(cx, way.scope, from, &item) else {
                return At::Poison;
            };
            At::Picked { list, index: *index, within }
        }
        (at, Step::Name(name)) => named(cx, at, &name.text, way.span(name)),
        (At::Answer(way), Step::Index(index)) => item_of_answer(way, *index),
        (_, Step::All | Step::Where(_) | Step::Index(_)) => {
            let hint = "in Salesforce children stand in `.records`";
            let span = way.node.span;
            cx.push(Diagnostic::error(Code::NOT_A_LIST, span, "this is not a list").hint(hint));
            At::Poison
        }
    }
}

/// What a name reaches from a place that is no list of items.
pub(super) fn named(cx: &mut Context<'_>, at: At, name: &str, span: Span) -> At {
    match at {
        At::Poison => At::Poison,
        At::Object { row, shape, inside, object, absent } => {
            member(cx, Holder { row, shape, inside, object, absent }, name, span)
        }
        At::Ranged { local, shape, object } => match name {
            "from" => value(Expr::RangeFrom(local), Type::of(Kind::Number)),
            "to" => value(Expr::RangeTo(local), Type { null: true, ..Type::of(Kind::Number) }),
            _ => {
                let (row, inside) = (RowRef::Local(local), Vec::new());
                let item = At::Object { row, shape, inside, object, absent: false };
                let ends = ["from", "to"].map(|end| (end.to_owned(), Type::of(Kind::Number), span));
                beside(cx, &Names::new(ends.into()), item, name, span)
            }
        },
        At::Group { local, key, rows } => match name {
            "key" => value(Expr::GroupKey(local), key),
            "rows" => At::List { from: ListFrom::Group(local), item: rows },
            _ => {
                let message = format!("a group has `key` and `rows`, and no `{name}`");
                let finding = Diagnostic::error(Code::UNKNOWN_FIELD, span, message);
                let beside = cx.beside.clone();
                let names = || beside.iter().map(|(name, _)| name.as_str()).chain(["key", "rows"]);
                let near = nearest(name, names());
                let made = beside.iter().find(|(known, _)| Some(known.as_str()) == near);
                cx.push_near(finding.meant(made.map(|(_, made)| *made)), name, names());
                At::Poison
            }
        },
        At::Named { local, naming, names, item } => {
            match names.iter().position(|(known, ..)| known == name) {
                Some(nth) => {
                    let Some((_, ty, made)) = names.get(nth) else { return At::Poison };
                    cx.made.touch(*made);
                    value(Expr::Named { local, naming, nth }, ty.clone())
                }
                None => beside(cx, &names, *item, name, span),
            }
        }
        At::Known => known(cx, name, span),
        At::Answer(way) if !answers::has(cx, &way, name, span) => At::Poison,
        At::Answer(mut way) => {
            way.push(ResultStep::Member(name.to_owned()));
            At::Answer(way)
        }
        At::Value { ty, .. } if ty.kind == Kind::Poison => At::Poison,
        At::Value { ty, .. } => {
            plain_value(cx, &ty, name, span);
            At::Poison
        }
        At::List { .. } => {
            let message = format!("`{name}` is asked of a list");
            let hint = "go into its items with `[*]`, or take one with `[0]`";
            cx.push(Diagnostic::error(Code::IS_A_LIST, span, message).hint(hint));
            At::Poison
        }
        At::Items { list, within } => match named(cx, *within, name, span) {
            At::Poison => At::Poison,
            within => At::Items { list, within: Box::new(within) },
        },
        At::Picked { list, index, within } => match named(cx, *within, name, span) {
            At::Poison => At::Poison,
            within => At::Picked { list, index, within: Box::new(within) },
        },
    }
}

/// Whether an item has a member by itself, or may have any.
fn may_have(item: &At, name: &str) -> bool {
    match item {
        At::Object { object, .. } => object.open || object.fields.contains_key(name),
        At::Ranged { object, .. } => {
            ["from", "to"].contains(&name) || object.open || object.fields.contains_key(name)
        }
        At::Group { .. } => ["key", "rows"].contains(&name),
        At::Named { item, names, .. } => {
            names.iter().any(|(known, ..)| known == name) || may_have(item, name)
        }
        _ => true,
    }
}

/// What a name reaches in an item that has other names beside it. One that nothing has may be meant
/// for either.
fn beside(cx: &mut Context<'_>, names: &Names, item: At, name: &str, span: Span) -> At {
    if name == CURRENCY || may_have(&item, name) {
        return named(cx, item, name, span);
    }
    let Some((what, own)) = editing::members(&item) else {
        let around = cx.beside.len();
        cx.beside.extend(names.iter().map(|(name, _, made)| (name.clone(), *made)));
        let at = named(cx, item, name, span);
        cx.beside.truncate(around);
        return at;
    };
    let all: Vec<Possible> = editing::beside(names).into_iter().chain(own).collect();
    let finding = Diagnostic::error(Code::UNKNOWN_FIELD, span, format!("{what} `{name}`"));
    let known: Vec<String> = all.iter().map(|member| member.name.clone()).collect();
    let near = nearest(name, known.iter().map(String::as_str));
    let made = names.iter().find(|(known, ..)| Some(known.as_str()) == near);
    let finding = finding.possible(all).meant(made.map(|(_, _, made)| *made));
    cx.push_near(finding, name, known.iter().map(String::as_str));
    At::Poison
}

/// A field is asked of a plain value; of an id, most probably that of its record is meant.
fn plain_value(cx: &mut Context<'_>, ty: &Type, name: &str, span: Span) {
    let message = format!("`{name}` is asked of a plain value");
    let finding = Diagnostic::error(Code::UNKNOWN_FIELD, span, message);
    let id = name_before(cx, span).filter(|_| ty.id_of.is_some());
    let Some((id, at)) = id else { return cx.push(finding) };
    let relation = match id.strip_suffix("__c") {
        Some(stem) => format!("{stem}__r"),
        None => id.trim_end_matches("Id").to_owned(),
    };
    if relation.is_empty() || relation == id {
        return cx.push(finding);
    }
    let finding = Diagnostic::error(
        Code::UNKNOWN_FIELD,
        span,
        format!("`{name}` is asked of `{id}`, which is the id of a record and not the record"),
    );
    let title = format!("the record is `{relation}`");
    cx.push(finding.fix(Fix { title, span: at, replacement: relation }));
}

/// The name that stands before one, with a point between.
fn name_before(cx: &Context<'_>, span: Span) -> Option<(String, Span)> {
    let end = span.start.checked_sub(1)?;
    let before = cx.sources.text(span.file).get(..end)?;
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name = before.rsplit(|c| !is_of_name(c)).next()?.to_owned();
    let at = Span::new(span.file, end - name.len()..end);
    Some((name, at)).filter(|(name, _)| !name.is_empty())
}

/// A part of what is known of a sequence.
fn known(cx: &mut Context<'_>, name: &str, span: Span) -> At {
    let part = |part, ty| value(Expr::Known(part), ty);
    let maybe = |kind| Type { null: true, ..Type::of(kind) };
    match name {
        "actions" => part(KnownPart::Actions, Type::of(Kind::Number)),
        "own" => part(KnownPart::Own, Type::of(Kind::Number)),
        "kind" => part(KnownPart::Kind, maybe(Kind::Text)),
        "day" => part(KnownPart::Day, maybe(Kind::Date)),
        "result" => At::Answer(Vec::new()),
        _ => {
            let names = editing::KNOWN.map(|(name, _)| name);
            let message = format!("`known` has no `{name}`");
            let hint = format!("it has {}", names.join(", "));
            let finding = Diagnostic::error(Code::UNKNOWN_FIELD, span, message).hint(hint);
            cx.push_near(finding.possible(editing::known()), name, names);
            At::Poison
        }
    }
}

/// An item of a list in an answer. One that counts from the end has no place that is known.
fn item_of_answer(mut way: Vec<ResultStep>, index: i64) -> At {
    match usize::try_from(index) {
        Ok(index) => {
            way.push(ResultStep::Item(index));
            At::Answer(way)
        }
        Err(_) => At::Poison,
    }
}

/// One item of a list, by its place from the start or, if negative, from the end.
pub(super) fn picked(cx: &mut Context<'_>, scope: &Scope, at: At, index: i64, span: Span) -> At {
    match at {
        At::Poison => At::Poison,
        At::Value { ty, .. } if ty.kind == Kind::Poison => At::Poison,
        At::Items { list, within } => At::Picked { list, index, within },
        At::Answer(way) => item_of_answer(way, index),
        At::List { from, item } => match items(cx, scope, from, &item) {
            At::Items { list, within } => At::Picked { list, index, within },
            _ => At::Poison,
        },
        _ => {
            let hint = "in Salesforce children stand in `.records`";
            cx.push(Diagnostic::error(Code::NOT_A_LIST, span, "this is not a list").hint(hint));
            At::Poison
        }
    }
}

fn value(expr: Expr, ty: Type) -> At {
    At::Value { expr, ty }
}

struct Holder {
    row: RowRef,
    shape: usize,
    inside: Vec<String>,
    object: Arc<Object>,
    absent: bool,
}

/// A member of an object.
fn member(cx: &mut Context<'_>, holder: Holder, name: &str, span: Span) -> At {
    let Holder { row, shape, inside, object, absent } = holder;
    if name == CURRENCY
        && cx.source == "salesforce"
        && !object.fields.contains_key(name)
        && let Some(currency) = &cx.facts.currency
    {
        let constant = Constant::Text(currency.clone());
        return At::constant(constant, Type::of(Kind::Text));
    }
    let Some(field) = object.fields.get(name) else {
        if object.open && !object.name.is_empty() && object.fields.is_empty() {
            let field = Field { optional: true, ..Field::of(name, FieldType::Any) };
            return scalar(cx, row, shape, &inside, &field, absent);
        }
        no_field(cx, &object, name, span);
        return At::Poison;
    };
    let absent_here = absent || field.nullable || field.optional;
    let mut further = inside.clone();
    further.push(name.to_owned());
    match &field.kind {
        FieldType::Lookup { to, .. } => {
            cx.relate(shape, &inside, field);
            let Some(object) = cx.source_object(to, span) else { return At::Poison };
            At::Object { row, shape, inside: further, object, absent: absent_here }
        }
        FieldType::Children { of, .. } => {
            cx.relate(shape, &inside, field);
            let object = cx.catalog.children(of);
            At::Object { row, shape, inside: further, object, absent: absent_here }
        }
        FieldType::Object(inner) => {
            cx.slot_root(shape, &inside, field);
            let object = inner.clone();
            At::Object { row, shape, inside: further, object, absent: absent_here }
        }
        FieldType::List(of) => list(cx, row, shape, &inside, field, of, span),
        _ => match scalar(cx, row, shape, &inside, field, absent) {
            // Which currencies an org has is its own: those of the schema are examples.
            At::Value { expr, ty } if name == "CurrencyIsoCode" => {
                let (length, list) = (Some(CURRENCY_LENGTH), Some(CURRENCIES));
                At::Value { expr, ty: Type { values: None, length, list, ..ty } }
            }
            At::Value { expr, ty } if name.ends_with("UnitOfMeasure") => {
                At::Value { expr, ty: Type { list: Some(UNITS), ..ty } }
            }
            At::Value { expr, ty } if name == "Id" && field.kind == FieldType::Id => {
                let id_of = Some(Arc::from(object.name.as_str()));
                At::Value { expr, ty: Type { id_of, ..ty } }
            }
            other => other,
        },
    }
}

/// A field that an object does not have. What goes on behind its name tells what was meant: `.` and
/// `[` follow a relation, and nothing of the kind a plain field.
fn no_field(cx: &mut Context<'_>, object: &Object, name: &str, span: Span) {
    let message = format!("`{}` has no field `{name}`", object.name);
    let finding = Diagnostic::error(Code::UNKNOWN_FIELD, span, message);
    let finding = finding.possible(editing::fields(object));
    let goes_on = cx.sources.text(span.file).get(span.end..);
    let goes_on = goes_on.is_some_and(|rest| rest.starts_with(['.', '[']));
    let is_plain = |field: &Field| {
        use FieldType::{Children, List, Lookup, Object};
        !matches!(field.kind, Lookup { .. } | Children { .. } | Object(_) | List(_))
    };
    let beside = std::mem::take(&mut cx.beside);
    let fields = object.fields.values().filter(|field| is_plain(field) != goes_on);
    let fitting = fields.map(|field| field.name.as_str());
    let fitting: Vec<&str> = fitting.chain(beside.iter().map(|(name, _)| name.as_str())).collect();
    let near = nearest(name, fitting.iter().copied());
    let made = beside.iter().find(|(known, _)| Some(known.as_str()) == near);
    let finding = finding.meant(made.map(|(_, made)| *made));
    match near {
        Some(near) => cx.push_near(finding, name, [near]),
        None => cx.push_near(finding, name, object.fields.keys().map(String::as_str)),
    }
    cx.beside = beside;
}

fn scalar(
    cx: &mut Context<'_>,
    row: RowRef,
    shape: usize,
    inside: &[String],
    field: &Field,
    absent: bool,
) -> At {
    let slot = cx.slot(shape, inside, field);
    let mut ty = Type::of_field(field);
    // A null parent makes the select null; the reader says missing, which is the same here.
    ty.null |= absent;
    ty.missing |= absent;
    let slot = SlotRef { row, shape, slot };
    if cx.present.contains(&slot) {
        ty = ty.present();
    }
    value(Expr::Slot(slot), ty)
}

fn list(
    cx: &mut Context<'_>,
    row: RowRef,
    shape: usize,
    inside: &[String],
    field: &Field,
    of: &FieldType,
    span: Span,
) -> At {
    let relation = matches!(of, FieldType::Lookup { .. });
    if !relation {
        cx.slot_root(shape, inside, field);
    }
    let (slot, items) = cx.list(shape, inside, &field.name, relation);
    let from = ListFrom::Rows { slot: SlotRef { row, shape, slot }, shape: items };
    let item = match of {
        FieldType::Lookup { to, .. } => match cx.source_object(to, span) {
            Some(object) => ItemType::Row { shape: items, object },
            None => ItemType::Poison,
        },
        FieldType::Object(inner) => ItemType::Row { shape: items, object: inner.clone() },
        plain => {
            let slot = cx.item_slot(items);
            let ty = Type::of_field(&Field { nullable: false, ..Field::of("", plain.clone()) });
            ItemType::Plain { shape: items, slot, ty }
        }
    };
    At::List { from, item }
}

/// The items of a list, each in a local of its own.
fn items(cx: &mut Context<'_>, scope: &Scope, from: ListFrom, item: &ItemType) -> At {
    if matches!(item, ItemType::Poison) {
        return At::Poison;
    }
    let local = cx.local(scope);
    let within = item.at(local);
    let list = List { from, item: local, index: None, only: None, sort: Vec::new(), ranges: None };
    At::Items { list: Box::new(list), within: Box::new(within) }
}

/// Items of items: the inner list for every item of the outer one.
fn nested(outer: List, within: At) -> At {
    let At::Items { list: inner, within: inner_at } = within else { return At::Poison };
    let item = inner.item;
    let from = ListFrom::Nested(Box::new(outer), inner);
    let list = List { from, item, index: None, only: None, sort: Vec::new(), ranges: None };
    At::Items { list: Box::new(list), within: inner_at }
}

/// A place whose presence is asked for: an object need not be one value.
pub(super) fn tested(cx: &mut Context<'_>, at: At, span: Span) -> Expr {
    match at {
        At::Named { item, .. } => tested(cx, *item, span),
        At::Object { row, shape, inside, .. } if !inside.is_empty() => {
            let slot = cx.presence(shape, &inside);
            Expr::Slot(SlotRef { row, shape, slot })
        }
        At::Object { .. } | At::Ranged { .. } | At::Group { .. } => {
            Expr::Constant(Constant::Bool(true))
        }
        At::Picked { list, index, within } => {
            let value = Box::new(tested(cx, *within, span));
            Expr::Pick { list, index, value }
        }
        at => one_value(cx, at, span).0,
    }
}

/// A place as one value.
pub(super) fn one_value(cx: &mut Context<'_>, at: At, span: Span) -> (Expr, Type) {
    match at {
        At::Value { expr, ty } => (expr, ty),
        // What a service answers is its own: any of it may be missing.
        At::Answer(way) => {
            let ty = Type { missing: true, null: true, ..Type::of(Kind::Any) };
            (Expr::Known(KnownPart::Result(way)), ty)
        }
        At::Poison => (Expr::Constant(Constant::Null), Type::poison()),
        At::Picked { list, index, within } => {
            let (expr, ty) = one_value(cx, *within, span);
            // That the item may not be there is no fault of what it names.
            let ty = Type { missing: true, named_at: None, ..ty };
            (Expr::Pick { list, index, value: Box::new(expr) }, ty)
        }
        At::Items { .. } | At::List { .. } => {
            let hint = "take one item with `[0]`, or use the list where a list is needed";
            cx.push(
                Diagnostic::error(Code::IS_A_LIST, span, "this is a list, and one value is needed")
                    .hint(hint),
            );
            (Expr::Constant(Constant::Null), Type::poison())
        }
        At::Object { .. } | At::Ranged { .. } | At::Group { .. } | At::Named { .. } | At::Known => {
            let message = "this is an object, and one value is needed";
            let hint = "name one of its fields, or write those that are wanted one by one";
            cx.push(Diagnostic::error(Code::TYPE_MISMATCH, span, message).hint(hint));
            (Expr::Constant(Constant::Null), Type::poison())
        }
    }
}

/// A place as a list of items, with the place of an item.
pub(super) fn as_items(
    cx: &mut Context<'_>,
    scope: &Scope,
    at: At,
    span: Span,
) -> Option<(List, At)> {
    match at {
        At::Items { list, within } => match *within {
            // `$.A[*].B` where B is a list again: its items.
            At::List { from, item } => {
                let inner = items(cx, scope, from, &item);
                match nested(*list, inner) {
                    At::Items { list, within } => Some((*list, *within)),
                    _ => None,
                }
            }
            within => Some((*list, within)),
        },
        At::List { from, item } => match items(cx, scope, from, &item) {
            At::Items { list, within } => Some((*list, *within)),
            _ => None,
        },
        At::Poison => None,
        At::Value { ty, .. } if ty.kind == Kind::Poison => None,
        _ => {
            let hint =
                "in Salesforce children stand in `.records`: `$.PricebookEntries.records[*]`";
            cx.push(Diagnostic::error(Code::NOT_A_LIST, span, "a list is needed here").hint(hint));
            None
        }
    }
}

/// A list of values folded into one.
pub(super) fn fold(fold: Fold, list: List, value: Expr) -> Expr {
    Expr::Fold(fold, Box::new(list), Box::new(value))
}
