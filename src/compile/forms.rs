//! The forms of one value: literal, text, select, and the blocks that start with `$`.

use std::{borrow::Cow, ops::Range};

use super::{
    context::Context,
    exprs::{self, Typed},
    fields, grammar, keys, lists, literals, maps, objects, paths,
    scope::{At, Scope},
    tables,
    types::{Kind, Type},
};
use crate::{
    diag::{Code, Diagnostic, Span},
    program::{
        code::{Constant, Expr, Stop},
        functions::Function,
    },
    syntax::{Key, Kind as NodeKind, Node, Part, has_expressions, parse_text},
    value::Decimal,
};

/// The keys that say where a value comes from.
pub(super) const SOURCES: &[&str] = &[
    "$from", "$calc", "$table", "$text", "$ref", "$switch", "$shape", "$skip", "$reject", "$value",
];

/// `{ $skip: reason }` or `{ $reject: reason }`.
pub(super) fn stop(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<Stop> {
    let node = keys::known(cx, node, &grammar::STOP);
    let (reject, reason) = match (node.get("$reject"), node.get("$skip")) {
        (Some(reason), None) => (true, reason),
        (None, Some(reason)) => (false, reason),
        (both, other) => {
            let message = "either `$reject: reason` or `$skip: reason` is needed here";
            let second = other.or(both).map_or(node.head, |reason| reason.head);
            cx.error(Code::BAD_FORM, second, message);
            return None;
        }
    };
    let origin = cx.origin(node.span);
    let (reason, _) = text(cx, scope, reason)?;
    Some(Stop { reject, reason, origin })
}

/// A text, with expressions in it or without.
pub(super) fn text(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<Typed> {
    let Some(whole) = node.text() else {
        cx.error(
            Code::WRONG_SHAPE,
            node.head_of_long(),
            format!("a text is needed here, and this is {}", node.what()),
        );
        return None;
    };
    let parts = match parse_text(whole) {
        Ok(parts) => parts,
        Err(range) => {
            let hint = "an expression stands in `{{ … }}`; statements `{% … %}` are not possible";
            let message = "this text cannot be read";
            cx.push(
                Diagnostic::error(Code::BAD_EXPRESSION, node.span_of(range), message).hint(hint),
            );
            return None;
        }
    };
    if let [Part::Letters(letters)] = parts.as_slice() {
        let ty = Type::text(letters.as_str());
        return Some((Expr::Constant(Constant::Text(letters.clone())), ty));
    }
    let mut joined = Vec::new();
    for part in parts {
        match part {
            Part::Letters(letters) => joined.push(Expr::Constant(Constant::Text(letters))),
            Part::Expression(range) => {
                let range = trimmed(whole, range);
                let span = node.span_of(range.clone());
                let (expr, ty) = exprs::of_part(cx, scope, node, range);
                exprs::check_in_text(cx, &ty, span);
                joined.push(expr);
            }
        }
    }
    Some((Expr::Join(joined), Type::of(Kind::Text)))
}

/// A range without the blanks at its ends.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = text.get(range.clone()).unwrap_or_default();
    let start = range.start + part.len() - part.trim_start().len();
    start..(start + part.trim().len())
}

/// One value without a target: an input of a table, a key of an order, a `let`.
pub(super) fn scalar(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Typed {
    let poison = (Expr::Constant(Constant::Null), Type::poison());
    match place(cx, scope, node) {
        Some(at) => paths::one_value(cx, at, node.span),
        None => poison,
    }
}

/// What a value form reaches, before anyone asks whether it is one value or a list.
pub(super) fn place(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<At> {
    match &node.kind {
        NodeKind::Scalar(scalar) if scalar.text.starts_with('$') => {
            Some(paths::select(cx, scope, node))
        }
        NodeKind::Scalar(scalar) if has_expressions(&scalar.text) => {
            text(cx, scope, node).map(|(expr, ty)| At::Value { expr, ty })
        }
        NodeKind::Scalar(scalar) => Some(literals::untyped(scalar)),
        NodeKind::Empty => {
            Some(At::constant(Constant::Null, Type { null: true, ..Type::of(Kind::Any) }))
        }
        NodeKind::Block(_) => block_place(cx, scope, node),
        NodeKind::List(_) => {
            let message = "one value is needed here, and this is a list";
            cx.error(Code::WRONG_SHAPE, node.head_of_long(), message);
            None
        }
    }
}

fn block_place(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<At> {
    if node.get("$group").is_some() {
        return lists::group(cx, scope, node);
    }
    if lists::is_list_of_list(node) {
        return lists::of_list(cx, scope, node);
    }
    let piece =
        node.get("$shape").and_then(Node::text).and_then(|name| cx.pieces.get(name).copied());
    if let (Some(shape), None) = (node.get("$shape"), piece) {
        let name = keys::text(cx, shape, "$shape")?.to_owned();
        objects::begin_shape(cx, &name, shape.span)?;
    }
    let is_list = |value: &Node| {
        let of_list = OF_LISTS.iter().any(|key| value.get(key).is_some());
        of_list || value.get("$group").is_some() || lists::is_list_of_list(value)
    };
    if is_list_without_source(cx, node) {
        return None;
    }
    if piece.and_then(|piece| piece.get("$value")).is_some_and(is_list) {
        let (inner, body) = objects::enter_shape(cx, scope, node)?;
        let at = body.get("$value").and_then(|value| place(cx, &inner, value));
        cx.inlining.pop();
        return at;
    }
    let node = &*known(cx, node);
    let (expr, ty) = source(cx, scope, node)?;
    let (expr, ty) = steps(cx, scope, node, expr, ty);
    for key in ["$when", "$empty", "$truncate", "$too_long"] {
        if let Some((key, _)) = node.entry(key) {
            let message = format!("`{}` has no effect here: no field takes the value", key.text);
            cx.error(Code::DEAD_MODIFIER, key.span, message);
        }
    }
    for key in ["$missing", "$null", "$absent"] {
        let Some(instead) = node.get(key) else { continue };
        match instead.text() {
            // Without a field there is nothing to leave out or to empty: it stays absent.
            Some("omit" | "clear") => return Some(At::Value { expr, ty }),
            Some("error") => {
                let origin = cx.origin(instead.span);
                let (of, ty) = (Box::new(expr), ty.present());
                return Some(At::Value { expr: Expr::Needed { of, origin }, ty });
            }
            _ => fields::check_word(cx, instead),
        }
        let (other, other_ty) = scalar(cx, scope, instead);
        let ty = Type { values: None, ..ty.present() }.absent_with(&other_ty);
        return Some(At::Value { expr: Expr::Default(Box::new(expr), Box::new(other)), ty });
    }
    Some(At::Value { expr, ty })
}

/// The keys that say what happens to a list.
const OF_LISTS: [&str; 5] = ["$only", "$by", "$sort", "$ranges", "$as"];

/// Whether a block says what happens to a list and not which list, which is reported.
fn is_list_without_source(cx: &mut Context<'_>, node: &Node) -> bool {
    let entries = node.block().unwrap_or_default();
    let has_source = entries.iter().any(|(key, _)| SOURCES.contains(&key.text.as_str()));
    let of_list = entries.iter().find(|(key, _)| OF_LISTS.contains(&key.text.as_str()));
    let Some((key, _)) = of_list.filter(|_| !has_source) else { return false };
    let message = format!("this block has `{}` and does not say which list it is about", key.text);
    let hint = "`$from` or `$group` is needed";
    let at = entries.first().map_or(node.head, |(key, _)| key.span);
    cx.push(Diagnostic::error(Code::BAD_FORM, at, message).hint(hint));
    true
}

/// The keys of a value, as they were meant.
pub(super) fn known<'n>(cx: &mut Context<'_>, node: &'n Node) -> Cow<'n, Node> {
    keys::known(cx, node, &grammar::VALUE)
}

/// Whether a block says where one value comes from; else it is an object of fields.
pub(super) fn is_form(entries: &[(Key, Node)]) -> bool {
    let source = entries.iter().any(|(key, _)| SOURCES.contains(&key.text.as_str()));
    // `$let` and its like stand beside fields; a block of nothing but modifiers forgot its source.
    let modifier = |key: &Key| {
        let text = key.text.as_str();
        let beside_fields = matches!(text, "$let" | "$when" | "$doc" | "$each" | "$items");
        text.starts_with('$') && !beside_fields
    };
    source || (!entries.is_empty() && entries.iter().all(|(key, _)| modifier(key)))
}

/// Where it is said what a value is: the select, the expression, the text of a block.
pub(super) fn source_span(node: &Node) -> Span {
    let entries = node.block().unwrap_or_default();
    let source = entries.iter().find(|(key, _)| SOURCES.contains(&key.text.as_str()));
    source.map_or_else(|| node.head_of_long(), |(_, value)| value.head_of_long())
}

/// The one source of a block.
pub(super) fn source(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<Typed> {
    let entries = node.block()?;
    let mut sources = entries.iter().filter(|(key, _)| SOURCES.contains(&key.text.as_str()));
    let Some((key, value)) = sources.next() else {
        let message = "this block does not say where its value comes from";
        let hint = "one of `$from`, `$calc`, `$table`, `$text` is needed";
        let at = entries.first().map_or(node.head, |(key, _)| key.span);
        cx.push(Diagnostic::error(Code::BAD_FORM, at, message).hint(hint));
        return None;
    };
    if let Some((second, _)) = sources.next() {
        let message =
            format!("`{}` and `{}` both say where the value comes from", key.text, second.text);
        cx.push(
            Diagnostic::error(Code::BAD_FORM, second.span, message)
                .label(key.span, "the other one"),
        );
        return None;
    }
    match key.text.as_str() {
        "$from" => {
            if !value.text().is_some_and(|text| text.starts_with('$')) {
                let message = "`$from` takes a select, which starts with `$`";
                cx.error(Code::BAD_SELECT, value.head_of_long(), message);
                return None;
            }
            Some(scalar(cx, scope, value))
        }
        "$calc" => Some(exprs::of_node(cx, scope, value)),
        "$text" => {
            let text = keys::text(cx, value, "$text")?;
            Some((Expr::Constant(Constant::Text(text.to_owned())), Type::text(text)))
        }
        "$table" => {
            let name = keys::text(cx, value, "$table")?;
            let Some((table, output)) = name.split_once('.') else {
                let message = format!("`$table` takes `table.output`, and this is `{name}`");
                let finding = Diagnostic::error(Code::UNKNOWN_TABLE, value.span, message);
                let finding = finding.possible(tables::possible(cx));
                cx.push(finding);
                return None;
            };
            let place = tables::Named {
                table: value.span_of(0..table.len()),
                output: value.span_of(table.len() + 1..name.len()),
            };
            Some(tables::output(cx, scope, table, output, &place))
        }
        other => {
            let message =
                format!("`{other}` is not possible here, where one plain value is needed");
            cx.error(Code::BAD_FORM, key.span, message);
            None
        }
    }
}

/// The steps that change a value: map, date, round.
pub(super) fn steps(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    expr: Expr,
    ty: Type,
) -> Typed {
    let mut typed = (expr, ty);
    if let Some(map) = node.get("$map") {
        typed = mapped(cx, scope, node, map, typed);
    }
    if let Some(zone) = node.get("$date") {
        typed = dated(cx, zone, typed);
    }
    if let Some(round) = node.get("$round") {
        typed = rounded(cx, round, typed);
    }
    typed
}

fn poison() -> Typed {
    (Expr::Constant(Constant::Null), Type::poison())
}

fn mapped(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    map: &Node,
    (expr, ty): Typed,
) -> Typed {
    let Some(name) = keys::text(cx, map, "$map") else { return poison() };
    // A value that something stands in for when it is absent never reaches the map so.
    let handled = ["$absent", "$null", "$missing"].iter().any(|key| node.get(key).is_some());
    let Some((at, mapped)) = maps::map(cx, scope, name, map.span, &ty) else { return poison() };
    let absent = ty.may_be_absent() && (handled || mapped.may_be_absent());
    let expr = Expr::Map { map: at, of: Box::new(expr) };
    (expr, Type { null: mapped.null || (absent && ty.null), ..mapped })
}

fn dated(cx: &mut Context<'_>, zone: &Node, (expr, ty): Typed) -> Typed {
    if !ty.fits(Kind::Instant) {
        let message = format!("`$date` turns an instant into a date, and this is {}", ty.name());
        cx.error(Code::DATE_AND_INSTANT, zone.head_of_long(), message);
        return poison();
    }
    let Some(name) = keys::text(cx, zone, "$date") else { return poison() };
    if let Err(fault) = crate::value::Zone::parse(name) {
        cx.error(Code::BAD_LITERAL, zone.span, fault.to_string());
    }
    let zone = Expr::Constant(Constant::Text(name.to_owned()));
    let ty = Type { kind: Kind::Date, values: None, length: None, ..ty };
    (Expr::Call(Function::Date, vec![expr, zone]), ty)
}

fn rounded(cx: &mut Context<'_>, round: &Node, (expr, ty): Typed) -> Typed {
    if !ty.fits(Kind::Number) {
        let message = format!("`$round` takes a number, and this is {}", ty.name());
        cx.error(Code::TYPE_MISMATCH, round.head_of_long(), message);
        return poison();
    }
    let (scale, mode) = match round.list() {
        Some([scale, mode]) => (scale.text(), mode.text().unwrap_or("half_up")),
        _ => (round.text(), "half_up"),
    };
    let Some(scale) = scale.and_then(|scale| scale.parse::<u32>().ok()) else {
        let message = "`$round` takes a number of decimals, or `[2, half_even]`";
        cx.error(Code::BAD_LITERAL, round.head_of_long(), message);
        return poison();
    };
    exprs::check_rounding(cx, mode, round.head_of_long());
    let decimals = Some(ty.decimals.map_or(scale, |known| known.min(scale)));
    let ty = Type { decimals, ..ty };
    let scale = Expr::Constant(Constant::Number(Decimal::from(scale)));
    let mode = Expr::Constant(Constant::Text(mode.to_owned()));
    (Expr::Call(Function::Round, vec![expr, scale, mode]), ty)
}
