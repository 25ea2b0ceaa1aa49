//! Names that are bound: `let`, parameters of shapes, items of lists.

use super::{
    context::Context,
    forms, keys,
    made::What,
    paths,
    scope::{At, ItemType, Scope},
};
use crate::{
    diag::{Code, Diagnostic, Span},
    program::code::{Expr, ListFrom},
    syntax::Node,
};

pub(super) fn bind_name(cx: &mut Context<'_>, scope: &mut Scope, node: &Node, at: At) {
    match node.text() {
        Some(name) if is_name(name) && name != "record" => {
            cx.made.add(node.span, name, What::Row);
            scope.bind_made(name, at, node.span);
        }
        _ => {
            let message = "a name is needed here: letters, digits and `_`, and not `record`";
            cx.error(Code::WRONG_SHAPE, node.head_of_long(), message);
            scope.open = true;
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// What the items of a list are, from the place of one of them.
pub(super) fn item_type(within: &At) -> Option<ItemType> {
    match within {
        At::Object { shape, object, inside, .. } if inside.is_empty() => {
            Some(ItemType::Row { shape: *shape, object: object.clone() })
        }
        At::Ranged { shape, object, .. } => {
            Some(ItemType::Ranged { shape: *shape, object: object.clone() })
        }
        At::Named { naming, names, item, .. } => {
            let of = Box::new(item_type(item)?);
            Some(ItemType::Named { of, naming: *naming, names: names.clone() })
        }
        At::Group { key, rows, .. } => {
            Some(ItemType::Group { key: key.clone(), rows: Box::new(rows.clone()) })
        }
        At::Value { expr: Expr::Slot(slot), ty } => {
            Some(ItemType::Plain { shape: slot.shape, slot: slot.slot, ty: ty.clone() })
        }
        _ => None,
    }
}

/// Binds the names of a `let` block, in order; each may use those before it.
pub(super) fn bind_lets(cx: &mut Context<'_>, scope: &mut Scope, lets: &Node) {
    for (key, value) in keys::entries(cx, lets, "let").unwrap_or_default() {
        if !is_name(&key.text) || key.text == "record" {
            let message = format!("`{}` is no name: letters, digits and `_`", key.text);
            cx.error(Code::WRONG_SHAPE, key.span, message);
            continue;
        }
        if scope.get(&key.text).is_some() || cx.tables.contains_key(&key.text) {
            let message = format!("the name `{}` is taken already", key.text);
            cx.push(Diagnostic::error(Code::DUPLICATE_NAME, key.span, message));
            continue;
        }
        let bound = match reach(cx, scope, value) {
            At::Value { expr, ty } => At::Value { expr, ty: ty.named(key.span) },
            other => other,
        };
        cx.made.add(key.span, &key.text, What::Name);
        scope.bind_made(&key.text, bound, key.span);
    }
}

/// What a name is bound to that stands for a value form: evaluated once, at its first use.
pub(super) fn reach(cx: &mut Context<'_>, around: &Scope, value: &Node) -> At {
    let at = forms::place(cx, around, value);
    held(cx, around, at, value.span)
}

/// A place that a name is bound to: what has to be calculated there is calculated once.
pub(super) fn held(cx: &mut Context<'_>, around: &Scope, at: Option<At>, span: Span) -> At {
    match at {
        None => At::Poison,
        Some(At::Value { expr: expr @ (Expr::Constant(_) | Expr::Slot(_)), ty }) => {
            At::Value { expr, ty }
        }
        Some(At::Value { expr, ty }) => {
            let local = cx.local(around);
            cx.set_let_value(local, expr);
            At::Value { expr: Expr::Local(local), ty }
        }
        // One row of a list stays a row, whose fields can be named.
        Some(At::Picked { list, index, within })
            if matches!(
                *within,
                At::Object { .. } | At::Ranged { .. } | At::Group { .. } | At::Named { .. }
            ) =>
        {
            At::Picked { list, index, within }
        }
        Some(at @ At::Picked { .. }) => {
            let (expr, ty) = paths::one_value(cx, at, span);
            let local = cx.local(around);
            cx.set_let_value(local, expr);
            At::Value { expr: Expr::Local(local), ty }
        }
        Some(at @ (At::List { .. } | At::Items { .. })) => {
            match paths::as_items(cx, around, at, span) {
                None => At::Poison,
                Some((list, within)) => match item_type(&within) {
                    Some(item) => {
                        let local = cx.local(around);
                        cx.set_let_list(local, list);
                        At::List { from: ListFrom::Local(local), item }
                    }
                    // A list of calculated values keeps its place.
                    None => At::Items { list: Box::new(list), within: Box::new(within) },
                },
            }
        }
        Some(object) => object,
    }
}
