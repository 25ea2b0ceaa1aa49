//! Lists: items, `$each`, `$group`, orders and ranges.

use super::{
    context::Context,
    exprs, fields, forms, grammar, keys,
    lets::{bind_lets, bind_name, item_type},
    naming, objects, paths,
    scope::{At, ItemType, Scope},
    switches,
    types::Kind,
};
use crate::{
    diag::{Code, Diagnostic},
    program::code::{Expr, Item, List, ListFrom, Node as Out, Ranges},
    schema::{Field, FieldType, Object},
    syntax::{Kind as NodeKind, Node},
    value::{Decimal, parse_decimal},
};

/// A list that goes to a field.
pub(super) fn value(cx: &mut Context<'_>, scope: &Scope, node: &Node, wanted: &Field) -> Out {
    cx.path.push("[]".to_owned());
    let out = list_value(cx, scope, node, wanted);
    cx.path.pop();
    out
}

fn list_value(cx: &mut Context<'_>, scope: &Scope, node: &Node, wanted: &Field) -> Out {
    let item = item_field(wanted);
    match &node.kind {
        NodeKind::List(items) => {
            let made = items.iter().flat_map(|one| list_item(cx, scope, one, &item)).collect();
            Out::List(made)
        }
        NodeKind::Block(_) if node.get("$each").is_some() => {
            Out::List(list_item(cx, scope, node, &item))
        }
        NodeKind::Block(_) if ["$switch", "$items"].iter().any(|key| node.get(key).is_some()) => {
            Out::List(list_item(cx, scope, node, &item))
        }
        NodeKind::Block(_)
            if node
                .get("$shape")
                .and_then(Node::text)
                .and_then(|name| cx.pieces.get(name))
                .is_some_and(|piece| piece.get("$items").is_some()) =>
        {
            Out::List(list_item(cx, scope, node, &item))
        }
        NodeKind::Block(_) if node.get("$shape").is_some() => {
            objects::shape(cx, scope, node, wanted, false).unwrap_or_else(|| Out::List(Vec::new()))
        }
        NodeKind::Block(_) if node.get("$from").is_some() => {
            let node = &*keys::known(cx, node, &grammar::LIST_OF_VALUES);
            let from = node.get("$from").unwrap_or(node);
            let out = value(cx, scope, from, wanted);
            match node.get("$when") {
                Some(when) => Out::When(exprs::condition(cx, scope, when), Box::new(out)),
                None => out,
            }
        }
        NodeKind::Scalar(scalar) if scalar.text.starts_with('$') => {
            let at = paths::select(cx, scope, node);
            of_place(cx, scope, at, node, wanted)
        }
        _ => {
            let message = format!("`{}` is a list, and this is {}", wanted.name, node.what());
            let hint = "write items with `- `, or a select of many values: `$rows[*].Field`";
            let span = node.head_of_long();
            cx.push(Diagnostic::error(Code::WRONG_SHAPE, span, message).hint(hint));
            Out::List(Vec::new())
        }
    }
}

/// Whether a block for a field of any kind makes a list; looks only, says nothing.
pub(super) fn makes_list(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> bool {
    if node.get("$each").is_some() || node.get("$items").is_some() {
        return true;
    }
    if let Some(name) = node.get("$shape").and_then(Node::text) {
        return cx.pieces.get(name).is_some_and(|piece| piece.get("$items").is_some());
    }
    let from = node.get("$from");
    let Some(from) = from.filter(|from| from.text().is_some_and(|text| text.starts_with('$')))
    else {
        return false;
    };
    let mut quiet = crate::diag::Findings::new();
    std::mem::swap(cx.findings, &mut quiet);
    let at = paths::select(cx, scope, from);
    std::mem::swap(cx.findings, &mut quiet);
    matches!(at, At::List { .. } | At::Items { .. })
}

/// A list from a place: one item per value.
pub(super) fn of_place(
    cx: &mut Context<'_>,
    scope: &Scope,
    at: At,
    node: &Node,
    wanted: &Field,
) -> Out {
    let item = item_field(wanted);
    let Some((list, within)) = paths::as_items(cx, scope, at, node.span) else {
        return Out::List(Vec::new());
    };
    let (expr, ty) = paths::one_value(cx, within, node.span);
    let out = fields::bound_value(cx, node, expr, ty, &item);
    Out::List(vec![Item::Each(Box::new(list), vec![Item::One(out)])])
}

fn item_field(wanted: &Field) -> Field {
    let kind = match &wanted.kind {
        FieldType::List(of) => (**of).clone(),
        _ => FieldType::Any,
    };
    let mut item = Field::of(wanted.name.clone(), kind);
    item.tenant.clone_from(&wanted.tenant);
    item
}

/// An item of a list, which may stand for many.
fn list_item(cx: &mut Context<'_>, scope: &Scope, node: &Node, item: &Field) -> Vec<Item> {
    if node.get("$each").is_some() {
        return each(cx, scope, node, item).into_iter().collect();
    }
    if node.get("$switch").is_some() {
        let mut scope = scope.clone();
        if let Some(lets) = node.get("$let") {
            bind_lets(cx, &mut scope, lets);
        }
        let switched = switches::items(cx, &scope, node, item);
        return guarded(cx, &scope, node, switched.into_iter().collect());
    }
    if let Some(inner) = node.get("$items") {
        keys::known(cx, node, &grammar::ITEMS);
        let mut scope = scope.clone();
        if let Some(lets) = node.get("$let") {
            bind_lets(cx, &mut scope, lets);
        }
        let made = items_of(cx, &scope, inner, item);
        return guarded(cx, &scope, node, made);
    }
    if node.get("$shape").is_some()
        && let Some(piece) =
            node.get("$shape").and_then(Node::text).and_then(|name| cx.pieces.get(name))
        && piece.get("$items").is_some()
    {
        let Some((inner, body)) = objects::enter_shape(cx, scope, node) else { return Vec::new() };
        let made =
            body.get("$items").map(|items| items_of(cx, &inner, items, item)).unwrap_or_default();
        cx.inlining.pop();
        return guarded(cx, scope, node, made);
    }
    vec![Item::One(fields::value(cx, scope, node, item, false))]
}

fn guarded(cx: &mut Context<'_>, scope: &Scope, node: &Node, items: Vec<Item>) -> Vec<Item> {
    match node.get("$when") {
        Some(when) => vec![Item::When(exprs::condition(cx, scope, when), items)],
        None => items,
    }
}

/// Items of a list, or one item.
pub(super) fn items_of(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    item: &Field,
) -> Vec<Item> {
    match &node.kind {
        NodeKind::List(items) => {
            items.iter().flat_map(|one| list_item(cx, scope, one, item)).collect()
        }
        _ => list_item(cx, scope, node, item),
    }
}

/// `$each` with all that belongs to it.
fn each(cx: &mut Context<'_>, scope: &Scope, node: &Node, item: &Field) -> Option<Item> {
    let (list, mut scope) = each_list(cx, scope, node, "$");
    if let Some(lets) = node.get("$let") {
        bind_lets(cx, &mut scope, lets);
    }
    const MAKES: [&str; 4] = ["$items", "$value", "$switch", "$cases"];
    for (key, _) in node.block()?.iter().filter(|(key, _)| key.text.starts_with('$')) {
        if grammar::FIELDS.key(&key.text).is_none() && !MAKES.contains(&key.text.as_str()) {
            let message = format!("`{}` has no meaning beside fields", key.text);
            cx.error(Code::UNKNOWN_KEY, key.span, message);
        }
    }
    let fields = node.block()?.iter().any(|(key, _)| !key.text.starts_with('$'));
    let inner = if node.get("$switch").is_some() {
        switches::items(cx, &scope, node, item).into_iter().collect()
    } else if let Some(items) = node.get("$items") {
        items_of(cx, &scope, items, item)
    } else if let Some(value) = node.get("$value") {
        vec![Item::One(fields::value(cx, &scope, value, item, false))]
    } else if fields {
        // The condition is that of the item, so the object itself has none.
        let body =
            node.block()?.iter().filter(|(key, _)| !matches!(key.text.as_str(), "$when" | "$let"));
        let body = node.with_entries(body.cloned().collect());
        let out = match &item.kind {
            FieldType::Object(object) => objects::conditional(cx, &scope, &body, object, None),
            _ => objects::conditional(
                cx,
                &scope,
                &body,
                &Object { open: true, ..Object::default() },
                None,
            ),
        };
        vec![Item::One(out)]
    } else {
        let message =
            "`$each` needs what is made of an item: fields, `$value`, `$items` or `$switch`";
        cx.error(Code::BAD_FORM, node.head, message);
        Vec::new()
    };
    let inner = guarded(cx, &scope, node, inner);
    Some(Item::Each(Box::new(list?), inner))
}

/// The list of an `each`, its item bound. `prefix` is `$` inside values and empty in resources.
/// Where the list is wrong, any name may be one of those that it would have bound.
pub(super) fn each_list(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    prefix: &str,
) -> (Option<List>, Scope) {
    match each_items(cx, scope, node, prefix) {
        Some((list, scope)) => (Some(list), scope),
        None => (None, scope.opened()),
    }
}

fn each_items(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    prefix: &str,
) -> Option<(List, Scope)> {
    let key = |name: &str| format!("{prefix}{name}");
    let each = node.get(&key("each"))?;
    let at = list_place(cx, scope, each)?;
    let (mut list, mut within) = paths::as_items(cx, scope, at, each.head_of_long())?;
    if let Some(ranges) = node.get(&key("ranges")) {
        (list, within) = with_ranges(cx, scope, node, ranges, &key("as"), list, within)?;
    }
    let mut inner = scope.clone();
    inner.items.push(list.item);
    if let Some(name) = node.get(&key("as")) {
        bind_name(cx, &mut inner, name, within.clone());
    }
    inner.bind("row", within);
    if let Some(index) = node.get(&key("index")) {
        let local = cx.local(scope);
        list.index = Some(local);
        let ty = super::types::Type::of(Kind::Number);
        bind_name(cx, &mut inner, index, At::Value { expr: Expr::Local(local), ty });
    }
    if let Some(sort) = node.get(&key("sort")) {
        list.sort = sort_keys(cx, &inner, sort);
    }
    Some((list, inner))
}

/// What a list is made of: a bound name, a select, a group.
pub(super) fn list_place(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<At> {
    match node.text() {
        Some(name) if !name.starts_with('$') => Some(exprs::place(cx, scope, node)),
        _ => forms::place(cx, scope, node),
    }
}

/// The keys of an order: `[$row.A, row.B | lower, { $desc: $row.C }]`.
fn sort_keys(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Vec<(Expr, bool)> {
    let one = std::slice::from_ref(node);
    let keys = node.list().unwrap_or(one);
    keys.iter()
        .map(|key| match key.get("$desc") {
            Some(inner) => (expression_or_select(cx, scope, inner).0, true),
            None => (expression_or_select(cx, scope, key).0, false),
        })
        .collect()
}

/// Half-open ranges that become inclusive ones.
fn with_ranges(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    ranges: &Node,
    as_key: &str,
    list: List,
    within: At,
) -> Option<(List, At)> {
    keys::entries(cx, ranges, "$ranges")?;
    let ranges = &*keys::known(cx, ranges, &grammar::RANGES);
    let (shape, object) = match &within {
        At::Poison => return None,
        At::Object { shape, object, inside, .. } if inside.is_empty() => (shape, object),
        _ => {
            cx.error(Code::WRONG_SHAPE, ranges.head, "ranges are made of rows");
            return None;
        }
    };
    let item = ItemType::Ranged { shape: *shape, object: object.clone() };
    let mut inner = scope.clone();
    inner.items.push(list.item);
    inner.bind("row", within.clone());
    if let Some(name) = node.get(as_key) {
        bind_name(cx, &mut inner, name, within.clone());
    }
    let part = |cx: &mut Context<'_>, key: &str| {
        let node = keys::needed(cx, ranges, key)?;
        let (expr, ty) = expression_or_select(cx, &inner, node);
        if !ty.fits(Kind::Number) {
            let message = format!("`{key}` is a number, and this is {}", ty.name());
            cx.error(Code::TYPE_MISMATCH, node.head_of_long(), message);
        }
        Some(expr)
    };
    let (lower, upper, step) = (part(cx, "lower"), part(cx, "upper"), part(cx, "step"));
    let (lower, upper, step) = (lower?, upper?, step?);
    let number = |cx: &mut Context<'_>, key: &str| -> Option<Decimal> {
        let node = ranges.get(key)?;
        let number = node.text().and_then(parse_decimal);
        if number.is_none() {
            cx.error(Code::BAD_LITERAL, node.head_of_long(), format!("`{key}` is a number"));
        }
        number
    };
    let (open_at, first) = (number(cx, "open_at"), number(cx, "first"));
    let id = ranges.get("id").map(|id| forms::scalar(cx, &inner, id).0);
    let origin = cx.origin(ranges.span);
    let ranges = Ranges { lower, upper, step, open_at, first, id, origin };
    let at = item.at(list.item);
    Some((List { ranges: Some(Box::new(ranges)), ..list }, at))
}

/// A group whose `$as` named its rows: its `$let` names the group itself.
fn without_row(node: &Node) -> Node {
    let entries = node.block().unwrap_or_default().iter();
    node.with_entries(entries.filter(|(key, _)| key.text != "$as").cloned().collect())
}

/// Whether a block takes a list from a list: `{ $from: rows, $only: …, $sort: …, $ranges: … }`.
pub(super) fn is_list_of_list(node: &Node) -> bool {
    let takes = |key: &&str| node.get(key).is_some();
    node.get("$from").is_some() && ["$only", "$sort", "$ranges", "$let"].iter().any(takes)
}

/// The rows of a list that an expression keeps, in an order, or with their ranges made inclusive.
pub(super) fn of_list(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<At> {
    let node = &*keys::known(cx, node, &grammar::LIST_OF_LIST);
    let from = node.get("$from")?;
    let at = list_place(cx, scope, from)?;
    let (mut list, mut within) = paths::as_items(cx, scope, at, from.head_of_long())?;
    let inner = with_row(cx, scope, node, &mut list, &within);
    if let Some(sort) = node.get("$sort") {
        list.sort = sort_keys(cx, &inner, sort);
    }
    if let Some(ranges) = node.get("$ranges") {
        (list, within) = with_ranges(cx, scope, node, ranges, "$as", list, within)?;
    }
    (list, within) = naming::with_names(cx, scope, node, list, within)?;
    Some(At::Items { list: Box::new(list), within: Box::new(within) })
}

/// Binds the row of a list, and keeps the rows for which `$only` holds.
fn with_row(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    list: &mut List,
    within: &At,
) -> Scope {
    let mut inner = scope.clone();
    inner.items.push(list.item);
    if let Some(name) = node.get("$as") {
        bind_name(cx, &mut inner, name, within.clone());
    }
    inner.bind("row", within.clone());
    if let Some(only) = node.get("$only") {
        let also = exprs::condition(cx, &inner, only);
        list.only = Some(match list.only.take() {
            Some(first) => Expr::And(vec![first, also]),
            None => also,
        });
    }
    inner
}

/// A select when it starts with `$`, an expression otherwise.
pub(super) fn expression_or_select(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
) -> exprs::Typed {
    match node.text() {
        Some(text) if !text.starts_with('$') => exprs::of_node(cx, scope, node),
        _ => forms::scalar(cx, scope, node),
    }
}

/// `{ $group: select, $by: …, $sort: … }`.
pub(super) fn group(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<At> {
    let node = &*keys::known(cx, node, &grammar::GROUP);
    let of = node.get("$group")?;
    let at = list_place(cx, scope, of)?;
    let (mut list, within) = paths::as_items(cx, scope, at, of.head_of_long())?;
    let rows = item_type(&within)?;
    let inner = with_row(cx, scope, node, &mut list, &within);
    if let Some(sort) = node.get("$sort") {
        list.sort = sort_keys(cx, &inner, sort);
    }
    let by = keys::needed(cx, node, "$by")?;
    let (key, key_ty) = expression_or_select(cx, &inner, by);
    let item = ItemType::Group { key: key_ty, rows: Box::new(rows) };
    let from = ListFrom::Groups { of: Box::new(list), key: Box::new(key) };
    if node.get("$let").is_none() {
        return Some(At::List { from, item });
    }
    let (list, within) = paths::as_items(cx, scope, At::List { from, item }, node.span)?;
    let (list, within) = naming::with_names(cx, scope, &without_row(node), list, within)?;
    Some(At::Items { list: Box::new(list), within: Box::new(within) })
}
