//! Lists: items, `$each`, `$group`, `$switch`, `$let`.

use super::{
    context::Context,
    exprs, forms, objects, paths,
    scope::{At, ItemType, Scope},
    types::Kind,
};
use crate::{
    diag::{Code, Diagnostic},
    program::code::{Constant, Expr, Item, List, ListFrom, Node as Out, Ranges},
    schema::{Field, FieldType, Object},
    syntax::{Kind as NodeKind, Node},
    value::{Decimal, parse_decimal},
};

/// A list that goes to a field.
pub(super) fn value(cx: &mut Context<'_>, scope: &Scope, node: &Node, wanted: &Field) -> Out {
    let item = item_field(wanted);
    match &node.kind {
        NodeKind::List(items) => {
            let made = items.iter().flat_map(|one| list_item(cx, scope, one, &item)).collect();
            Out::List(made)
        }
        NodeKind::Block(_) if node.get("$each").is_some() => {
            Out::List(list_item(cx, scope, node, &item))
        }
        NodeKind::Block(_) if node.get("$shape").is_some() => {
            objects::shape(cx, scope, node, wanted, false).unwrap_or_else(|| Out::List(Vec::new()))
        }
        NodeKind::Block(_) if node.get("$from").is_some() => {
            forms::known_keys(cx, node, &["$from", "$when", "$doc"], "a list of values");
            let from = node.get("$from").unwrap_or(node);
            let out = value(cx, scope, from, wanted);
            match node.get("$when") {
                Some(when) => Out::When(exprs::condition(cx, scope, when), Box::new(out)),
                None => out,
            }
        }
        NodeKind::Scalar(scalar) if scalar.text.starts_with('$') => {
            let at = paths::select(cx, scope, &scalar.text, node.span);
            of_place(cx, scope, at, node, wanted)
        }
        _ => {
            let message = format!("`{}` is a list, and this is {}", wanted.name, node.what());
            let hint = "write items with `- `, or a select of many values: `$rows[*].Field`";
            cx.push(Diagnostic::error(Code::WRONG_SHAPE, node.span, message).hint(hint));
            Out::List(Vec::new())
        }
    }
}

/// Whether a block for a field of any kind makes a list; looks only, says nothing.
pub(super) fn makes_list(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> bool {
    if node.get("$each").is_some() {
        return true;
    }
    let Some(from) = node.get("$from").and_then(Node::text).filter(|text| text.starts_with('$'))
    else {
        return false;
    };
    let mut quiet = crate::diag::Findings::new();
    std::mem::swap(cx.findings, &mut quiet);
    let at = paths::select(cx, scope, from, node.span);
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
    let out = forms::bound_value(cx, node, expr, ty, &item);
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
        let switched = switch_items(cx, &scope, node, item);
        return guarded(cx, &scope, node, switched.into_iter().collect());
    }
    if let Some(inner) = node.get("$items") {
        forms::known_keys(cx, node, &["$items", "$when", "$let", "$doc"], "a group of items");
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
    vec![Item::One(forms::value(cx, scope, node, item, false))]
}

fn guarded(cx: &mut Context<'_>, scope: &Scope, node: &Node, items: Vec<Item>) -> Vec<Item> {
    match node.get("$when") {
        Some(when) => vec![Item::When(exprs::condition(cx, scope, when), items)],
        None => items,
    }
}

/// Items of a list, or one item.
fn items_of(cx: &mut Context<'_>, scope: &Scope, node: &Node, item: &Field) -> Vec<Item> {
    match &node.kind {
        NodeKind::List(items) => {
            items.iter().flat_map(|one| list_item(cx, scope, one, item)).collect()
        }
        _ => list_item(cx, scope, node, item),
    }
}

/// `$each` with all that belongs to it.
fn each(cx: &mut Context<'_>, scope: &Scope, node: &Node, item: &Field) -> Option<Item> {
    let (list, mut scope) = each_list(cx, scope, node, "$")?;
    if let Some(lets) = node.get("$let") {
        bind_lets(cx, &mut scope, lets);
    }
    let fields = node.block()?.iter().any(|(key, _)| !key.text.starts_with('$'));
    let inner = if node.get("$switch").is_some() {
        switch_items(cx, &scope, node, item).into_iter().collect()
    } else if let Some(items) = node.get("$items") {
        items_of(cx, &scope, items, item)
    } else if let Some(value) = node.get("$value") {
        vec![Item::One(forms::value(cx, &scope, value, item, false))]
    } else if fields {
        // The condition is that of the item, so the object itself has none.
        let body =
            node.block()?.iter().filter(|(key, _)| !matches!(key.text.as_str(), "$when" | "$let"));
        let body = Node { span: node.span, kind: NodeKind::Block(body.cloned().collect()) };
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
        cx.error(Code::BAD_FORM, node.span, message);
        Vec::new()
    };
    let inner = guarded(cx, &scope, node, inner);
    Some(Item::Each(Box::new(list), inner))
}

/// The list of an `each`, its item bound. `prefix` is `$` inside values and empty in resources.
pub(super) fn each_list(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    prefix: &str,
) -> Option<(List, Scope)> {
    let key = |name: &str| format!("{prefix}{name}");
    let each = node.get(&key("each"))?;
    let at = match each.text() {
        Some(name) if !name.starts_with('$') => Some(paths::name(cx, scope, name, each.span)),
        _ => forms::place(cx, scope, each),
    }?;
    let (mut list, mut within) = paths::as_items(cx, scope, at, each.span)?;
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

fn bind_name(cx: &mut Context<'_>, scope: &mut Scope, node: &Node, at: At) {
    match node.text() {
        Some(name) if is_name(name) && name != "record" => scope.bind(name, at),
        _ => {
            cx.error(Code::WRONG_SHAPE, node.span, "a name is needed here: letters, digits and `_`")
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
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
    forms::known_keys(
        cx,
        ranges,
        &["lower", "upper", "step", "open_at", "first", "id"],
        "`$ranges`",
    );
    let At::Object { shape, object, inside, .. } = &within else {
        cx.error(Code::WRONG_SHAPE, ranges.span, "ranges are made of rows");
        return None;
    };
    if !inside.is_empty() {
        cx.error(Code::WRONG_SHAPE, ranges.span, "ranges are made of rows");
        return None;
    }
    let item = ItemType::Ranged { shape: *shape, object: object.clone() };
    let mut inner = scope.clone();
    inner.items.push(list.item);
    inner.bind("row", within.clone());
    if let Some(name) = node.get(as_key) {
        bind_name(cx, &mut inner, name, within.clone());
    }
    let part = |cx: &mut Context<'_>, key: &str| {
        let node = forms::needed(cx, ranges, key)?;
        let (expr, ty) = expression_or_select(cx, &inner, node);
        if !ty.fits(Kind::Number) {
            let message = format!("`{key}` is a number, and this is {}", ty.name());
            cx.error(Code::TYPE_MISMATCH, node.span, message);
        }
        Some(expr)
    };
    let (lower, upper, step) = (part(cx, "lower")?, part(cx, "upper")?, part(cx, "step")?);
    let number = |cx: &mut Context<'_>, key: &str| -> Option<Decimal> {
        let node = ranges.get(key)?;
        let number = node.text().and_then(parse_decimal);
        if number.is_none() {
            cx.error(Code::BAD_LITERAL, node.span, format!("`{key}` is a number"));
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
    forms::known_keys(cx, node, &["$group", "$by", "$sort", "$doc"], "a group");
    let of = node.get("$group")?;
    let at = match of.text() {
        Some(name) if !name.starts_with('$') => Some(paths::name(cx, scope, name, of.span)),
        _ => forms::place(cx, scope, of),
    }?;
    let (mut list, within) = paths::as_items(cx, scope, at, of.span)?;
    let rows = item_type(&within)?;
    let mut inner = scope.clone();
    inner.items.push(list.item);
    inner.bind("row", within);
    if let Some(sort) = node.get("$sort") {
        list.sort = sort_keys(cx, &inner, sort);
    }
    let by = forms::needed(cx, node, "$by")?;
    let (key, key_ty) = expression_or_select(cx, &inner, by);
    let item = ItemType::Group { key: key_ty, rows: Box::new(rows) };
    Some(At::List { from: ListFrom::Groups { of: Box::new(list), key: Box::new(key) }, item })
}

/// What the items of a list are, from the place of one of them.
fn item_type(within: &At) -> Option<ItemType> {
    match within {
        At::Object { shape, object, inside, .. } if inside.is_empty() => {
            Some(ItemType::Row { shape: *shape, object: object.clone() })
        }
        At::Ranged { shape, object, .. } => {
            Some(ItemType::Ranged { shape: *shape, object: object.clone() })
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
    let Some(entries) = lets.block() else {
        cx.error(Code::WRONG_SHAPE, lets.span, "`let` is a block of names and values");
        return;
    };
    for (key, value) in entries {
        if !is_name(&key.text) || key.text == "record" {
            let message = format!("`{}` is no name: letters, digits and `_`", key.text);
            cx.error(Code::WRONG_SHAPE, key.span, message);
            continue;
        }
        if scope.get(&key.text).is_some() || cx.tables.contains_key(&key.text) {
            let message = format!("the name `{}` is taken already", key.text);
            cx.error(Code::DUPLICATE_NAME, key.span, message);
            continue;
        }
        let around = scope.clone();
        bind(cx, &around, scope, &key.text, value);
    }
}

/// Binds a name to what a value form reaches, evaluated once at its first use.
pub(super) fn bind(
    cx: &mut Context<'_>,
    around: &Scope,
    scope: &mut Scope,
    name: &str,
    value: &Node,
) {
    let bound = match forms::place(cx, around, value) {
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
            if matches!(*within, At::Object { .. } | At::Ranged { .. } | At::Group { .. }) =>
        {
            At::Picked { list, index, within }
        }
        Some(at @ At::Picked { .. }) => {
            let (expr, ty) = paths::one_value(cx, at, value.span);
            let local = cx.local(around);
            cx.set_let_value(local, expr);
            At::Value { expr: Expr::Local(local), ty }
        }
        Some(at @ (At::List { .. } | At::Items { .. })) => {
            match paths::as_items(cx, around, at, value.span) {
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
    };
    scope.bind(name, bound);
}

/// A `$switch`: what it is about, its cases, and what is for the rest.
type Cases<'n> = (Expr, Vec<(Constant, &'n Node)>, Option<&'n Node>);

/// The cases of a `$switch`, as constants; each must be one of the values.
fn cases<'n>(cx: &mut Context<'_>, scope: &Scope, node: &'n Node) -> Option<Cases<'n>> {
    let on = node.get("$switch")?;
    let (expr, ty) = expression_or_select(cx, scope, on);
    let cases = forms::needed(cx, node, "$cases")?;
    let mut made = Vec::new();
    let mut otherwise = None;
    for (key, value) in cases.block().unwrap_or_default() {
        if key.text == "$other" {
            otherwise = Some(value);
            continue;
        }
        if let Some(values) = ty.values.as_ref().filter(|values| values.closed)
            && !values.all.contains(&key.text)
        {
            let message =
                format!("`{}` is never the value, so this case can never be used", key.text);
            let finding = Diagnostic::error(Code::TABLE_DEAD_ROW, key.span, message);
            cx.push(finding.suggest(&key.text, values.all.iter().map(String::as_str)));
        }
        let case = match (ty.kind, key.text.as_str()) {
            (Kind::Bool, "true") => Constant::Bool(true),
            (Kind::Bool, "false") => Constant::Bool(false),
            (_, text) => Constant::Text(text.to_owned()),
        };
        made.push((case, value));
    }
    if otherwise.is_none() {
        let known: Vec<String> = match (&ty.values, ty.kind) {
            (_, Kind::Bool) => vec!["true".into(), "false".into()],
            (Some(values), _) if values.closed => values.all.clone(),
            _ => Vec::new(),
        };
        let has = |value: &String| cases.get(value).is_some();
        let missing: Vec<&str> = known.iter().filter(|v| !has(v)).map(String::as_str).collect();
        let open = known.is_empty() || ty.may_be_absent();
        if ty.kind != Kind::Poison && (open || !missing.is_empty()) {
            let what = if missing.is_empty() {
                "any other value".to_owned()
            } else {
                format!("`{}`", missing.join("`, `"))
            };
            let message = format!("there is no case for {what}");
            cx.push(
                Diagnostic::error(Code::TABLE_INCOMPLETE, cases.span, message)
                    .hint("add the cases, or `$other`"),
            );
        }
    }
    Some((expr, made, otherwise))
}

/// `$switch` among the items of a list.
fn switch_items(cx: &mut Context<'_>, scope: &Scope, node: &Node, item: &Field) -> Option<Item> {
    let (on, cases, otherwise) = cases(cx, scope, node)?;
    let cases =
        cases.into_iter().map(|(case, node)| (case, items_of(cx, scope, node, item))).collect();
    let otherwise = otherwise.map(|node| items_of(cx, scope, node, item)).unwrap_or_default();
    Some(Item::Switch { on, cases, otherwise })
}

/// `$switch` for one value.
pub(super) fn switch_value(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    wanted: &Field,
    required: bool,
) -> Option<Out> {
    forms::known_keys(cx, node, &["$switch", "$cases", "$when", "$doc"], "a `$switch`");
    let origin = cx.origin(node.span);
    let (on, cases, otherwise) = cases(cx, scope, node)?;
    let cases = cases
        .into_iter()
        .map(|(case, node)| (case, forms::value(cx, scope, node, wanted, required)))
        .collect();
    let otherwise = otherwise.map(|node| Box::new(forms::value(cx, scope, node, wanted, required)));
    Some(Out::Switch { on, cases, otherwise, origin })
}
