//! Names beside the items of a list: `$let` of a list that is made of a list.

use std::sync::Arc;

use super::{
    context::Context,
    forms, keys,
    lets::{bind_name, item_type},
    made::What,
    scope::{At, ItemType, Scope},
    types::Type,
};
use crate::{
    diag::{Code, Diagnostic, Span},
    program::code::{Expr, List, ListFrom, Naming},
    syntax::Node,
};

/// The names of an item, with the types of what they name and where they are made.
pub(super) type Names = Arc<Vec<(String, Type, Span)>>;

/// The list with the names that its `$let` gives to each item; each may use those before it.
pub(super) fn with_names(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    list: List,
    within: At,
) -> Option<(List, At)> {
    let Some(lets) = node.get("$let") else { return Some((list, within)) };
    let of = item_type(&within)?;
    let item = cx.local(scope);
    let naming = cx.code.namings.len();
    cx.code.namings.push(Naming { item, values: Vec::new() });
    let mut names = Names::default();
    let mut above = scope.clone();
    above.items.push(item);
    for (key, value) in keys::entries(cx, lets, "$let").unwrap_or_default() {
        let known = ItemType::Named { of: Box::new(of.clone()), naming, names: names.clone() };
        let mut inner = above.clone();
        if let Some(name) = node.get("$as") {
            bind_name(cx, &mut inner, name, known.at(item));
        }
        inner.bind("row", known.at(item));
        if is_taken(&key.text, &of, &names) {
            let message = format!("the item has a `{}` already", key.text);
            cx.push(Diagnostic::error(Code::DUPLICATE_NAME, key.span, message));
        }
        let (expr, ty) = forms::scalar(cx, &inner, value);
        drop((known, inner));
        if let Some(naming) = cx.code.namings.get_mut(naming) {
            naming.values.push(expr);
        }
        cx.made.add(key.span, &key.text, What::Name);
        let ty = ty.named(key.span);
        let at = At::Value {
            expr: Expr::Named { local: item, naming, nth: names.len() },
            ty: ty.clone(),
        };
        above.bind_made(&key.text, at, key.span);
        Arc::make_mut(&mut names).push((key.text.clone(), ty, key.span));
    }
    let named = ItemType::Named { of: Box::new(of), naming, names };
    let from = ListFrom::Named { of: Box::new(list), naming };
    let item = cx.local(scope);
    let within = named.at(item);
    let list = List { from, item, index: None, only: None, sort: Vec::new(), ranges: None };
    Some((list, within))
}

fn is_taken(name: &str, of: &ItemType, names: &[(String, Type, Span)]) -> bool {
    let own = match of {
        ItemType::Row { object, .. } => object.fields.contains_key(name),
        ItemType::Ranged { object, .. } => {
            object.fields.contains_key(name) || matches!(name, "from" | "to")
        }
        ItemType::Group { .. } => matches!(name, "key" | "rows"),
        ItemType::Named { of, names: inner, .. } => is_taken(name, of, inner),
        ItemType::Plain { .. } | ItemType::Poison => false,
    };
    own || names.iter().any(|(known, ..)| known == name)
}
