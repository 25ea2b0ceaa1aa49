//! Filters of selects: conditions over an item's own fields and bound names.

use super::{
    context::Context,
    exprs::{self, Side},
    paths::{self, Way},
    scope::At,
    types::{Kind, Type},
};
use crate::{
    diag::Span,
    program::code::{Constant, Expr, Order},
    syntax::{Comparison, Name, Operand, Test},
};

/// A filter, as a condition over the item.
pub(super) fn filter(cx: &mut Context<'_>, way: &Way<'_>, item: &At, test: &Test) -> Expr {
    match test {
        Test::And(tests) => Expr::And(tests.iter().map(|t| filter(cx, way, item, t)).collect()),
        Test::Or(tests) => Expr::Or(tests.iter().map(|t| filter(cx, way, item, t)).collect()),
        Test::Not(test) => Expr::Not(Box::new(filter(cx, way, item, test))),
        Test::Present(names) => {
            let at = members(cx, way, item.clone(), names);
            let value = paths::tested(cx, at, span_of(way, names));
            Expr::Not(Box::new(Expr::IsAbsent(Box::new(value))))
        }
        Test::Compare(how, left, right) => {
            let (left, left_side) = operand(cx, way, item, left);
            let (right, right_side) = operand(cx, way, item, right);
            exprs::check_comparable(cx, &left_side, &right_side, way.node.span);
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

fn members(cx: &mut Context<'_>, way: &Way<'_>, start: At, names: &[Name]) -> At {
    names.iter().fold(start, |at, name| paths::named(cx, at, &name.text, way.span(name)))
}

/// The place of the last name, or of the whole select.
fn span_of(way: &Way<'_>, names: &[Name]) -> Span {
    names.last().map_or(way.node.span, |name| way.span(name))
}

fn operand(cx: &mut Context<'_>, way: &Way<'_>, item: &At, operand: &Operand) -> (Expr, Side) {
    let mut span = way.node.span;
    let at = match operand {
        Operand::Item(names) => {
            span = span_of(way, names);
            members(cx, way, item.clone(), names)
        }
        Operand::Bound(head, names) => {
            let start = match head {
                Some(head) => paths::name(cx, way.scope, &head.text, way.span(head)),
                None => paths::name(cx, way.scope, "record", span),
            };
            span = span_of(way, names);
            members(cx, way, start, names)
        }
        Operand::Text(text) => {
            span = way.span(text);
            At::constant(Constant::Text(text.text.clone()), Type::text(text.text.as_str()))
        }
        Operand::Number(text) => match crate::value::parse_decimal(text) {
            Some(number) => At::constant(Constant::Number(number), Type::of(Kind::Number)),
            None => At::Poison,
        },
        Operand::Bool(truth) => At::constant(Constant::Bool(*truth), Type::of(Kind::Bool)),
        Operand::Null => At::constant(Constant::Null, Type { null: true, ..Type::of(Kind::Any) }),
    };
    let (expr, ty) = paths::one_value(cx, at, span);
    (expr, Side { ty, span })
}
