//! Paths: from the steps of a select, or the attributes of an expression, to slots and lists.

use std::sync::Arc;

use super::{
    context::Context,
    exprs,
    scope::{At, ItemType, Scope},
    types::{Kind, Type},
};
use crate::{
    diag::{Code, Diagnostic, Span},
    program::code::{Constant, Expr, Fold, List, ListFrom, Order, RowRef, SlotRef},
    schema::{Catalog, Field, FieldType, Object},
    syntax::{Comparison, Operand, Select, SelectFault, Step, Test, parse_select},
};

/// Reads and resolves a select.
pub(super) fn select(cx: &mut Context<'_>, scope: &Scope, text: &str, span: Span) -> At {
    match parse_select(text) {
        Ok(select) => resolve(cx, scope, &select, span),
        Err(SelectFault::Syntax(said)) => {
            let message = format!("this select cannot be read: {said}");
            let hint = "a select is `$.Field`, `$name.Field`, `$.List.records[*]` or `$.List.records[?@.Field == 'x']`";
            cx.push(Diagnostic::error(Code::BAD_SELECT, span, message).hint(hint));
            At::Poison
        }
        Err(SelectFault::Unsupported(said)) => {
            cx.error(Code::UNSUPPORTED_SELECT, span, said);
            At::Poison
        }
    }
}

fn resolve(cx: &mut Context<'_>, scope: &Scope, select: &Select, span: Span) -> At {
    let start = name(cx, scope, select.head.as_deref().unwrap_or("record"), span);
    steps(cx, scope, start, &select.steps, span)
}

/// What a name is bound to.
pub(super) fn name(cx: &mut Context<'_>, scope: &Scope, name: &str, span: Span) -> At {
    if let Some(at) = scope.get(name) {
        return at.clone();
    }
    let message = format!("nothing is named `{name}` here");
    let finding = Diagnostic::error(Code::UNKNOWN_NAME, span, message);
    let known: Vec<String> = scope.names().map(str::to_owned).collect();
    let hint = format!("names here: {}", known.join(", "));
    cx.push(finding.suggest(name, known.iter().map(String::as_str)).hint(hint));
    At::Poison
}

/// Goes along steps.
pub(super) fn steps(
    cx: &mut Context<'_>,
    scope: &Scope,
    start: At,
    steps: &[Step],
    span: Span,
) -> At {
    let mut at = start;
    for (nth, one) in steps.iter().enumerate() {
        let span = step_span(cx, span, steps, nth);
        at = step(cx, scope, at, one, span);
    }
    at
}

/// The span of the name of a step, where the text of the select shows it.
fn step_span(cx: &Context<'_>, span: Span, steps: &[Step], nth: usize) -> Span {
    let text = cx.sources.slice(span);
    let mut from = 0;
    for (at, step) in steps.iter().enumerate().take(nth + 1) {
        let Step::Name(name) = step else { continue };
        let Some(found) = text.get(from..).and_then(|rest| rest.find(name.as_str())) else {
            return span;
        };
        if at == nth {
            return span.part(from + found..from + found + name.len());
        }
        from += found + name.len();
    }
    span
}

fn step(cx: &mut Context<'_>, scope: &Scope, at: At, step: &Step, span: Span) -> At {
    match (at, step) {
        (At::Poison, _) => At::Poison,
        (At::Object { row, shape, inside, object, absent }, Step::Name(name)) => {
            member(cx, Holder { row, shape, inside, object, absent }, name, span)
        }
        (At::Ranged { local, shape, object }, Step::Name(name)) => match name.as_str() {
            "from" => value(Expr::RangeFrom(local), Type::of(Kind::Number)),
            "to" => value(Expr::RangeTo(local), Type { null: true, ..Type::of(Kind::Number) }),
            _ => {
                let row = RowRef::Local(local);
                member(
                    cx,
                    Holder { row, shape, inside: Vec::new(), object, absent: false },
                    name,
                    span,
                )
            }
        },
        (At::Group { local, key, rows }, Step::Name(name)) => match name.as_str() {
            "key" => value(Expr::GroupKey(local), key),
            "rows" => At::List { from: ListFrom::Group(local), item: rows },
            _ => {
                let message = format!("a group has `key` and `rows`, and no `{name}`");
                cx.error(Code::UNKNOWN_FIELD, span, message);
                At::Poison
            }
        },
        (At::List { from, item }, Step::All) => items(cx, scope, from, &item, None, span),
        (At::List { from, item }, Step::Where(test)) => {
            items(cx, scope, from, &item, Some(test), span)
        }
        (At::List { from, item }, Step::Index(index)) => {
            let At::Items { list, within } = items(cx, scope, from, &item, None, span) else {
                return At::Poison;
            };
            At::Picked { list, index: *index, within }
        }
        (At::Items { list, within }, Step::All | Step::Where(_)) => {
            let within = self::step(cx, scope, *within, step, span);
            nested(cx, scope, *list, within, span)
        }
        (At::Items { list, within }, Step::Index(index)) => {
            At::Picked { list, index: *index, within }
        }
        (At::Items { list, within }, Step::Name(_)) => {
            let within = Box::new(self::step(cx, scope, *within, step, span));
            At::Items { list, within }
        }
        (At::Picked { list, index, within }, _) => {
            let within = Box::new(self::step(cx, scope, *within, step, span));
            At::Picked { list, index, within }
        }
        (At::List { .. }, Step::Name(name)) => {
            let message = format!("`{name}` is asked of a list");
            let hint = "go into its items with `[*]`, or take one with `[0]`";
            cx.push(Diagnostic::error(Code::IS_A_LIST, span, message).hint(hint));
            At::Poison
        }
        (At::Value { ty, .. }, Step::Name(_)) if ty.kind == Kind::Poison => At::Poison,
        (At::Value { .. }, Step::Name(name)) => {
            cx.error(Code::UNKNOWN_FIELD, span, format!("`{name}` is asked of a plain value"));
            At::Poison
        }
        (_, Step::All | Step::Where(_) | Step::Index(_)) => {
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
    if name == "CurrencyIsoCode"
        && cx.source == "salesforce"
        && !object.fields.contains_key(name)
        && let Some(currency) = &cx.facts.currency
    {
        let constant = Constant::Text(currency.clone());
        return At::constant(constant, Type::of(Kind::Text));
    }
    let Some(field) = object.fields.get(name).cloned() else {
        if object.open && !object.name.is_empty() && object.fields.is_empty() {
            let field = Field { optional: true, ..Field::of(name, FieldType::Any) };
            return scalar(cx, row, shape, &inside, &field, absent);
        }
        let message = format!("`{}` has no field `{name}`", object.name);
        let finding = Diagnostic::error(Code::UNKNOWN_FIELD, span, message);
        cx.push(finding.suggest(name, object.fields.keys().map(String::as_str)));
        return At::Poison;
    };
    let absent_here = absent || field.nullable || field.optional;
    let mut further = inside.clone();
    further.push(name.to_owned());
    match &field.kind {
        FieldType::Lookup { to, .. } => {
            cx.relate(shape, &inside, &field);
            let Some(object) = cx.source_object(to, span) else { return At::Poison };
            At::Object { row, shape, inside: further, object, absent: absent_here }
        }
        FieldType::Children { of, .. } => {
            cx.relate(shape, &inside, &field);
            let object = Arc::new(Catalog::children_shape(of));
            At::Object { row, shape, inside: further, object, absent: absent_here }
        }
        FieldType::Object(inner) => {
            cx.slot_root(shape, &inside, &field);
            let object = Arc::new((**inner).clone());
            At::Object { row, shape, inside: further, object, absent: absent_here }
        }
        FieldType::List(of) => list(cx, row, shape, &inside, &field, of, span),
        _ => scalar(cx, row, shape, &inside, &field, absent),
    }
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
        FieldType::Object(inner) => {
            ItemType::Row { shape: items, object: Arc::new((**inner).clone()) }
        }
        plain => {
            let slot = cx.item_slot(items);
            let ty = Type::of_field(&Field { nullable: false, ..Field::of("", plain.clone()) });
            ItemType::Plain { shape: items, slot, ty }
        }
    };
    At::List { from, item }
}

/// The items of a list, each in a local of its own.
fn items(
    cx: &mut Context<'_>,
    scope: &Scope,
    from: ListFrom,
    item: &ItemType,
    test: Option<&Test>,
    span: Span,
) -> At {
    if matches!(item, ItemType::Poison) {
        return At::Poison;
    }
    let local = cx.local(scope);
    let within = item.at(local);
    let only = test.map(|test| filter(cx, scope, &within, test, span));
    let list = List { from, item: local, index: None, only, sort: Vec::new(), ranges: None };
    At::Items { list: Box::new(list), within: Box::new(within) }
}

/// Items of items: the inner list for every item of the outer one.
fn nested(cx: &mut Context<'_>, scope: &Scope, outer: List, within: At, _span: Span) -> At {
    let At::Items { list: inner, within: inner_at } = within else { return At::Poison };
    let _ = scope;
    let item = inner.item;
    let from = ListFrom::Nested(Box::new(outer), inner);
    let list = List { from, item, index: None, only: None, sort: Vec::new(), ranges: None };
    let _ = cx;
    At::Items { list: Box::new(list), within: inner_at }
}

/// A filter, as a condition over the item.
fn filter(cx: &mut Context<'_>, scope: &Scope, item: &At, test: &Test, span: Span) -> Expr {
    match test {
        Test::And(tests) => {
            Expr::And(tests.iter().map(|t| filter(cx, scope, item, t, span)).collect())
        }
        Test::Or(tests) => {
            Expr::Or(tests.iter().map(|t| filter(cx, scope, item, t, span)).collect())
        }
        Test::Not(test) => Expr::Not(Box::new(filter(cx, scope, item, test, span))),
        Test::Present(names) => {
            let names: Vec<Step> = names.iter().cloned().map(Step::Name).collect();
            let at = steps(cx, scope, item.clone(), &names, span);
            Expr::Not(Box::new(Expr::IsAbsent(Box::new(tested(cx, at, span)))))
        }
        Test::Compare(how, left, right) => {
            let (left, left_ty) = operand(cx, scope, item, left, span);
            let (right, right_ty) = operand(cx, scope, item, right, span);
            exprs::check_comparable(cx, &left_ty, &right_ty, span);
            let order = match how {
                Comparison::Equal => Order::Equal,
                Comparison::NotEqual => Order::NotEqual,
                Comparison::Less => Order::Less,
                Comparison::LessOrEqual => Order::LessOrEqual,
                Comparison::Greater => Order::Greater,
                Comparison::GreaterOrEqual => Order::GreaterOrEqual,
            };
            Expr::Compare(order, Box::new(left), Box::new(right))
        }
    }
}

fn operand(
    cx: &mut Context<'_>,
    scope: &Scope,
    item: &At,
    operand: &Operand,
    span: Span,
) -> (Expr, Type) {
    let names = |names: &[String]| names.iter().cloned().map(Step::Name).collect::<Vec<_>>();
    let at = match operand {
        Operand::Item(members) => steps(cx, scope, item.clone(), &names(members), span),
        Operand::Bound(head, members) => {
            let start = name(cx, scope, head.as_deref().unwrap_or("record"), span);
            steps(cx, scope, start, &names(members), span)
        }
        Operand::Text(text) => {
            let ty = Type { literal: Some(text.clone()), ..Type::of(Kind::Text) };
            At::constant(Constant::Text(text.clone()), ty)
        }
        Operand::Number(text) => match crate::value::parse_decimal(text) {
            Some(number) => At::constant(Constant::Number(number), Type::of(Kind::Number)),
            None => At::Poison,
        },
        Operand::Bool(truth) => At::constant(Constant::Bool(*truth), Type::of(Kind::Bool)),
        Operand::Null => At::constant(Constant::Null, Type { null: true, ..Type::of(Kind::Any) }),
    };
    one_value(cx, at, span)
}

/// A place whose presence is asked for: an object need not be one value.
pub(super) fn tested(cx: &mut Context<'_>, at: At, span: Span) -> Expr {
    match at {
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
        At::Poison => (Expr::Constant(Constant::Null), Type::poison()),
        At::Picked { list, index, within } => {
            let (expr, ty) = one_value(cx, *within, span);
            let ty = Type { missing: true, ..ty };
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
        At::Object { .. } | At::Ranged { .. } | At::Group { .. } => {
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
            At::List { .. } => {
                let inner = step(cx, scope, *within, &Step::All, span);
                match nested(cx, scope, *list, inner, span) {
                    At::Items { list, within } => Some((*list, *within)),
                    _ => None,
                }
            }
            within => Some((*list, within)),
        },
        At::List { from, item } => match items(cx, scope, from, &item, None, span) {
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
