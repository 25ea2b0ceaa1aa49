//! Value maps: one row for each value of a pick-list.

use super::{
    context::Context,
    exprs, forms, literals,
    scope::{At, Scope},
    tables,
    types::{Kind, Type},
};
use crate::{
    diag::{Code, Diagnostic, Findings, Span, nearest, slip},
    program::code::{Arm, Constant, Expr, ValueMap},
    schema::Values,
    syntax::{Key, Kind as NodeKind, Node},
};

/// A value map by its name, compiled at its first use.
pub(super) fn map(
    cx: &mut Context<'_>,
    scope: &Scope,
    name: &str,
    span: Span,
    input: &Type,
) -> Option<(usize, Type)> {
    let Some(node) = cx.tables.get(name).copied() else {
        unknown_table(cx, name, span);
        return None;
    };
    cx.made.touch(node.head);
    let Some(entries) = node.block().filter(|_| !tables::is_table(node)) else {
        let message = format!("`{name}` is a decision table; a map is needed here");
        let hint = format!("use an output of it: `{{ $table: {name}.output }}`");
        cx.push(Diagnostic::error(Code::UNKNOWN_TABLE, span, message).hint(hint));
        return None;
    };
    let at = match cx.maps.get(name) {
        Some(at) => *at,
        None => {
            let mut said = Findings::new();
            std::mem::swap(cx.findings, &mut said);
            let compiled = compile_map(cx, scope, name, node, entries);
            std::mem::swap(cx.findings, &mut said);
            cx.said_once.extend(said.into_sorted());
            cx.code.maps.push(compiled);
            let at = cx.code.maps.len() - 1;
            cx.maps.insert(name.to_owned(), at);
            at
        }
    };
    note_use(cx, name, entries, input, span);
    let compiled = cx.code.maps.get(at)?.clone();
    check_map(cx, &compiled, node, entries, span, input);
    let arms =
        compiled.arms.iter().map(|(_, arm)| arm).chain(&compiled.other).chain(&compiled.null);
    let mut ty = output_type(arms);
    ty.spots = spots(entries.iter().map(|(_, value)| value));
    let broken = compiled.arms.len() + usize::from(compiled.other.is_some()) < rows(entries);
    if broken || input.kind == Kind::Poison {
        ty = Type::poison();
    }
    ty.null = input.null && compiled.null.is_none();
    ty.missing = input.missing && compiled.null.is_none();
    Some((at, ty))
}

/// Which rows for values without a name some use of a map needs.
#[derive(Debug, Default)]
pub(super) struct Needed {
    other: bool,
    null: bool,
    /// Where it is used first.
    first: Option<Span>,
}

fn note_use(cx: &mut Context<'_>, name: &str, entries: &[(Key, Node)], input: &Type, span: Span) {
    let named = |value: &String| entries.iter().any(|(key, _)| key.text == *value);
    let all_named =
        input.values.as_ref().is_some_and(|values| values.closed && values.all.iter().all(named));
    let unknown = matches!(input.kind, Kind::Poison | Kind::Any);
    let needed = cx.map_uses.entry(name.to_owned()).or_default();
    needed.other |= unknown || !all_named;
    needed.null |= unknown || input.missing || input.null;
    needed.first.get_or_insert(span);
}

/// Reports rows for other values and for none that no use of their map needs. Right only when all is
/// compiled.
pub(super) fn report_unneeded(cx: &mut Context<'_>) {
    if cx.findings.has_error() {
        return;
    }
    for (name, needed) in std::mem::take(&mut cx.map_uses) {
        let Some(node) = cx.tables.get(&name).copied() else { continue };
        let rows = [
            ("$other", needed.other, "every value of the pick-list has a row"),
            ("$null", needed.null, "there always is a value"),
        ];
        for (row, is_needed, why) in rows {
            let Some((key, _)) = node.entry(row).filter(|_| !is_needed) else { continue };
            let message = format!("`{row}` of the map `{name}` can never be used: {why}");
            let finding = Diagnostic::error(Code::TABLE_DEAD_ROW, key.span, message);
            cx.push(match needed.first {
                Some(used) => finding.label(used, "used here"),
                None => finding,
            });
        }
    }
}

pub(super) fn unknown_table(cx: &mut Context<'_>, name: &str, span: Span) {
    let message = format!("there is no table `{name}`");
    let known: Vec<String> = cx.tables.keys().cloned().collect();
    let finding = Diagnostic::error(Code::UNKNOWN_TABLE, span, message);
    let near = nearest(name, known.iter().map(String::as_str));
    let near = near.and_then(|near| cx.tables.get(near)).map(|table| table.head);
    cx.push_near(finding.meant(near), name, known.iter().map(String::as_str));
}

fn compile_map(
    cx: &mut Context<'_>,
    scope: &Scope,
    name: &str,
    node: &Node,
    entries: &[(Key, Node)],
) -> ValueMap {
    let origin = cx.origin(node.span);
    let mut map = ValueMap {
        name: name.to_owned(),
        arms: Vec::new(),
        other: None,
        null: None,
        origin,
        origins: Vec::new(),
        other_origin: origin,
        null_origin: origin,
    };
    for (key, value) in entries {
        let Some(arm) = arm(cx, scope, value) else { continue };
        match key.text.as_str() {
            "$other" => {
                map.other = Some(arm);
                map.other_origin = cx.origin(key.span);
            }
            "$null" => {
                map.null = Some(arm);
                map.null_origin = cx.origin(key.span);
            }
            text if text.starts_with('$') => {
                let message = format!("`{text}` is no row of a map");
                let hint = "there is `$other` for any other value and `$null` for null";
                cx.push(Diagnostic::error(Code::UNKNOWN_KEY, key.span, message).hint(hint));
            }
            text => {
                map.arms.push((text.to_owned(), arm));
                let origin = cx.origin(key.span);
                map.origins.push(origin);
            }
        }
    }
    map
}

/// What a row gives: a literal, or the end of the record.
pub(super) fn arm(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<Arm> {
    match &node.kind {
        NodeKind::Scalar(scalar) if !scalar.text.starts_with('$') || !scalar.plain => {
            match literals::untyped(scalar) {
                At::Value { expr: Expr::Constant(constant), .. } => Some(Arm::Value(constant)),
                _ => None,
            }
        }
        NodeKind::Empty => Some(Arm::Value(Constant::Null)),
        NodeKind::Block(_) => forms::stop(cx, scope, node).map(Arm::Stop),
        _ => {
            let message = "a row gives a literal, `{ $reject: reason }` or `{ $skip: reason }`";
            cx.error(Code::WRONG_SHAPE, node.head_of_long(), message);
            None
        }
    }
}

/// A literal in a cell of an input: a value of a pick-list, or true or false without quotes.
pub(super) fn constant(plain: bool, text: &str) -> Constant {
    match text {
        "true" if plain => Constant::Bool(true),
        "false" if plain => Constant::Bool(false),
        _ => Constant::Text(text.to_owned()),
    }
}

/// How many rows a map is meant to have, `$null` aside.
fn rows(entries: &[(Key, Node)]) -> usize {
    let row = |key: &Key| !key.text.starts_with('$') || key.text == "$other";
    entries.iter().filter(|(key, _)| row(key)).count()
}

/// Where the literals of rows are written.
pub(super) fn spots<'n>(values: impl Iterator<Item = &'n Node>) -> Vec<(String, Span)> {
    values.filter_map(|value| Some((value.text()?.to_owned(), value.span))).collect()
}

/// The map has a row for each value of the pick-list, and none for what is no value of it.
fn check_map(
    cx: &mut Context<'_>,
    map: &ValueMap,
    node: &Node,
    entries: &[(Key, Node)],
    used: Span,
    input: &Type,
) {
    if !input.fits(Kind::Text) {
        let message = format!("a map takes a text, and this is {}", input.name());
        cx.error(Code::TYPE_MISMATCH, used, message);
        return;
    }
    let has_other = node.get("$other").is_some();
    let Some(values) = &input.values else {
        if !has_other && input.kind != Kind::Poison {
            let message = format!(
                "the map `{}` has no row for other values, and the source is a free text",
                map.name
            );
            let finding =
                Diagnostic::error(Code::TABLE_INCOMPLETE, used, message).names(["$other"]);
            cx.push(finding.label(node.head, "the map").hint("add `$other: { $reject: \"…\" }`"));
        }
        return;
    };
    let named = entries.iter().map(|(key, _)| key).filter(|key| !key.text.starts_with('$'));
    let dead: Vec<&Key> =
        named.filter(|key| values.closed && !values.all.contains(&key.text)).collect();
    for (key, _) in entries.iter().filter(|_| !values.closed) {
        let own = key.text.starts_with('$') || values.all.contains(&key.text);
        let free = values.all.iter().map(String::as_str).filter(|value| node.get(value).is_none());
        let Some(near) = slip(&key.text, free).filter(|_| !own).map(str::to_owned) else {
            continue;
        };
        let message =
            format!("the pick-list has `{near}`, which has no row, and no `{}`", key.text);
        let finding = Diagnostic::error(Code::TABLE_DEAD_ROW, key.span, message);
        let finding = finding.label(used, "the pick-list is that of this value");
        cx.push_near(finding.hint(exprs::OWN_VALUE), &key.text, [near.as_str()]);
    }
    for key in &dead {
        let message =
            format!("`{}` is no value of the pick-list, so this row can never match", key.text);
        let finding = Diagnostic::error(Code::TABLE_DEAD_ROW, key.span, message);
        let finding = finding.label(used, "the pick-list is that of this value");
        cx.push_near(finding, &key.text, values.all.iter().map(String::as_str));
    }
    let missing = missing(values, |value| node.get(value).is_some(), &dead);
    if !has_other && (!values.closed || !missing.is_empty()) {
        let what = if missing.is_empty() {
            "any value that is added to the pick-list, which is not restricted".to_owned()
        } else {
            missing.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
        };
        let message = format!("the map `{}` has no row for {what}", map.name);
        let finding =
            Diagnostic::error(Code::TABLE_INCOMPLETE, node.head, message).label(used, "used here");
        let hint = "add the rows, or `$other: { $reject: \"…\" }`";
        let other = (!values.closed).then_some("$other");
        cx.push(finding.hint(hint).names(missing.into_iter().chain(other)));
    }
}

/// The values that nothing stands for. One that a dead row most probably meant is not missing: the
/// slip of the pen is reported at the row.
pub(super) fn missing<'v>(
    values: &'v Values,
    has: impl Fn(&str) -> bool,
    dead: &[&Key],
) -> Vec<&'v str> {
    let all = || values.all.iter().map(String::as_str);
    let meant: Vec<&str> = dead.iter().filter_map(|key| nearest(&key.text, all())).collect();
    all().filter(|value| !has(value) && !meant.contains(value)).collect()
}

/// The type of what some arms give.
pub(super) fn output_type<'x>(arms: impl Iterator<Item = &'x Arm>) -> Type {
    let mut ty: Option<Type> = None;
    let mut all = Vec::new();
    for arm in arms {
        let Arm::Value(constant) = arm else { continue };
        let kind = match constant {
            Constant::Bool(_) => Kind::Bool,
            Constant::Number(_) => Kind::Number,
            Constant::Text(text) => {
                if !all.contains(text) {
                    all.push(text.clone());
                }
                Kind::Text
            }
            Constant::Null => {
                let known = ty.get_or_insert_with(|| Type::of(Kind::Any));
                known.null = true;
                continue;
            }
        };
        match &mut ty {
            Some(known) if known.kind == kind => {}
            Some(known) if known.kind == Kind::Any => known.kind = kind,
            Some(known) => known.kind = Kind::Any,
            None => ty = Some(Type::of(kind)),
        }
    }
    let mut ty = ty.unwrap_or_else(|| Type::of(Kind::Any));
    if ty.kind == Kind::Text {
        ty.values = Some(Values::closed(all));
    }
    ty
}
