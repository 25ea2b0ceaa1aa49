//! What a target demands of an object as a whole: fields that must be there, that must not, and
//! those of which one is enough.

use super::{context::Context, literals, objects::Made};
use crate::{
    diag::{Code, Diagnostic},
    program::code::{Arm, Constant, Expr, Form, Node as Out},
    schema::{Condition, Object, OneOf, Variants},
    syntax::Node,
};

/// Checks an object of the mapping; `filled` is what the engine fills itself.
pub(super) fn check(
    cx: &mut Context<'_>,
    node: &Node,
    object: &Object,
    made: &[Made<'_>],
    filled: Option<&str>,
) {
    check_required(cx, node, object, made, filled);
    check_forbidden(cx, node, object, made);
    for rule in &object.exactly_one {
        check_one_of(cx, node, object, rule, made);
        check_only_one(cx, node, object, rule, made);
    }
    for rule in &object.at_least_one {
        check_one_of(cx, node, object, rule, made);
    }
    if let Some(variants) = &object.variants {
        check_variants(cx, node, object, variants, made);
    }
}

/// Whether a field that is written must have a value: it is required, whatever the record is, or it
/// is the only one that is written of those of which one is needed.
pub(super) fn is_needed(node: &Node, object: &Object, name: &str) -> bool {
    let literal = |field: &str| {
        let text = node.get(field).and_then(Node::text)?;
        (!text.starts_with('$') && !text.contains("{{")).then_some(text)
    };
    let holds = |when: &[Condition]| {
        let is_one = |condition: &Condition| {
            let given = literal(&condition.field);
            given.is_some_and(|given| condition.values.iter().any(|value| value == given))
        };
        when.iter().all(is_one)
    };
    let alone = |rule: &OneOf| {
        let has = |field: &&String| node.get(field).is_some();
        rule.fields.iter().any(|field| field == name)
            && rule.fields.iter().filter(has).count() == 1
            && holds(&rule.when)
    };
    let of_type = |variants: &Variants| {
        literal(&variants.by).is_some_and(|given| {
            variants.members.get(given).is_some_and(|member| member == name)
                && !variants.optional.iter().any(|optional| optional == given)
        })
    };
    let is_named = |fields: &[String]| fields.iter().any(|field| field == name);
    is_named(&object.required)
        || object.required_when.iter().any(|rule| is_named(&rule.fields) && holds(&rule.when))
        || object.exactly_one.iter().chain(&object.at_least_one).any(alone)
        || object.variants.as_ref().is_some_and(of_type)
}

/// Whether a member is there whatever the record is.
fn is_sure(out: &Out) -> bool {
    !matches!(out, Out::When(..) | Out::On { .. })
}

/// Of some fields one is needed.
fn check_one_of(
    cx: &mut Context<'_>,
    node: &Node,
    object: &Object,
    rule: &OneOf,
    made: &[Made<'_>],
) {
    let given = |condition: &Condition| {
        let given = made.iter().find(|(name, ..)| *name == condition.field);
        given.is_some_and(|(_, _, out)| may_be(cx, out, &condition.values))
    };
    let written =
        |name: &String| node.get(name).is_some() || made.iter().any(|(known, ..)| known == name);
    if !rule.when.iter().all(given) || rule.fields.iter().any(written) {
        return;
    }
    let message = format!("`{}` needs one more field: {}", object.name, rule.reason);
    let hint = format!("write one of {}", rule.fields.join(", "));
    cx.push(Diagnostic::error(Code::REQUIRED_FIELD, node.head, message).hint(hint));
}

/// Of some fields only one is taken.
fn check_only_one(
    cx: &mut Context<'_>,
    node: &Node,
    object: &Object,
    rule: &OneOf,
    made: &[Made<'_>],
) {
    let sure = made.iter().filter(|(name, _, out)| rule.fields.contains(name) && is_sure(out));
    let mut sure = sure.filter_map(|(name, ..)| node.entry(name));
    let (Some((first, _)), Some((second, _))) = (sure.next(), sure.next()) else { return };
    let (first, second) = (first.clone(), second.clone());
    let message = format!(
        "`{}` takes only one of `{}` and `{}`: {}",
        object.name, first.text, second.text, rule.reason
    );
    let finding = Diagnostic::error(Code::NOT_ALLOWED, second.span, message);
    cx.push(finding.label(first.span, "the other one"));
}

/// The value of one field says which of the others is there.
fn check_variants(
    cx: &mut Context<'_>,
    node: &Node,
    object: &Object,
    variants: &Variants,
    made: &[Made<'_>],
) {
    let by = made.iter().find(|(name, ..)| *name == variants.by);
    let Some(given) = by.and_then(|(_, _, out)| constants(cx, out)) else { return };
    // Where the record decides, so may it decide which member is there.
    let [value] = given.as_slice() else { return };
    let Some(needed) = variants.members.get(value) else { return };
    let is_other =
        |name: &str| name != needed && variants.members.values().any(|member| member == name);
    // What is there instead is said once: the type is another one than was meant, or the member is.
    let instead = made.iter().any(|(name, _, out)| is_other(name) && is_sure(out));
    let written = node.get(needed).is_some() || made.iter().any(|(name, ..)| name == needed);
    if !written && !variants.optional.contains(value) && !instead {
        let message = format!("`{}` of type `{value}` needs `{needed}`", object.name);
        let finding = Diagnostic::error(Code::REQUIRED_FIELD, node.head, message);
        let finding = finding.names([needed.as_str()]);
        let label = node.entry(&variants.by).map(|(key, _)| key.span);
        let label = label.filter(|span| *span != node.head);
        cx.push(match label {
            Some(span) => finding.label(span, "the type is said here"),
            None => finding,
        });
    }
    for (name, _, out) in made {
        if !is_other(name) || !is_sure(out) {
            continue;
        }
        let Some((key, _)) = node.entry(name) else { continue };
        let message =
            format!("`{}` of type `{value}` takes `{needed}`, and no `{name}`", object.name);
        let finding = Diagnostic::error(Code::NOT_ALLOWED, key.span, message);
        cx.push(match node.entry(&variants.by) {
            Some((by, _)) => finding.label(by.span, "the type is said here"),
            None => finding,
        });
    }
}

/// What the target requires must be written; `filled` is what the engine fills itself.
fn check_required(
    cx: &mut Context<'_>,
    node: &Node,
    object: &Object,
    made: &[Made<'_>],
    filled: Option<&str>,
) {
    let written = |name: &String| made.iter().any(|(known, ..)| known == name);
    let has = |name: &String| filled == Some(name) || node.get(name).is_some() || written(name);
    for name in object.required.iter().filter(|name| !has(name)) {
        let message = format!("`{}` needs `{name}`, and it is not here", object.name);
        let doc = object.fields.get(name).and_then(|field| field.doc.clone());
        let finding =
            Diagnostic::error(Code::REQUIRED_FIELD, node.head, message).names([name.as_str()]);
        cx.push(match doc {
            Some(doc) => finding.hint(doc),
            None => finding,
        });
    }
    for rule in &object.required_when {
        let given = |condition: &Condition| {
            let given = made.iter().find(|(name, ..)| *name == condition.field);
            given.is_some_and(|(_, _, out)| may_be(cx, out, &condition.values))
        };
        let holds = rule.when.iter().all(given);
        for name in rule.fields.iter().filter(|name| holds && !has(name)) {
            let message = format!("`{}` needs `{name}` here: {}", object.name, rule.reason);
            let finding = Diagnostic::error(Code::REQUIRED_FIELD, node.head, message);
            let mut finding = finding.names([name.as_str()]);
            for condition in &rule.when {
                if let Some((key, _)) = node.entry(&condition.field) {
                    let values = condition.values.join("` or `");
                    finding = finding.label(key.span, format!("it may be `{values}`"));
                }
            }
            cx.push(finding);
        }
    }
}

/// What the target takes only under a condition must not be written where that never holds.
fn check_forbidden(cx: &mut Context<'_>, node: &Node, object: &Object, made: &[Made<'_>]) {
    for rule in object.forbidden_when.iter().filter(|rule| !rule.tolerated) {
        let surely = |condition: &Condition| {
            let given = made.iter().find(|(name, ..)| *name == condition.field);
            given.is_some_and(|(_, _, out)| is_always(cx, out, &condition.values))
        };
        if !rule.when.iter().all(surely) {
            continue;
        }
        let written = |name: &String| {
            let given = made.iter().find(|(known, ..)| known == name);
            given.is_some_and(|(_, _, out)| !matches!(out, Out::When(..)))
        };
        for name in rule.fields.iter().filter(|name| written(name)) {
            let Some((key, _)) = node.entry(name) else { continue };
            let message = format!("`{}` takes no `{name}` here: {}", object.name, rule.reason);
            cx.error(Code::NOT_ALLOWED, key.span, message);
        }
    }
}

/// The expression that a local stands for, where it is one.
fn unbound<'e>(cx: &'e Context<'_>, expr: &'e Expr) -> &'e Expr {
    match expr {
        Expr::Local(local) => {
            cx.code.let_values.get(*local).and_then(Option::as_ref).unwrap_or(expr)
        }
        _ => expr,
    }
}

/// The constants that a node may give, as texts; `None` where it may give anything.
fn constants(cx: &Context<'_>, out: &Out) -> Option<Vec<String>> {
    let plain = |constant: &Constant| match constant {
        Constant::Text(text) => text.clone(),
        other => literals::json(other),
    };
    match out {
        Out::Literal { json, .. } => {
            Some(vec![serde_json::from_str::<String>(json).unwrap_or_else(|_| json.clone())])
        }
        Out::Value(rule) => match unbound(cx, &rule.from) {
            Expr::Table { table, output } => {
                let rows = cx.code.tables.get(*table)?.rows.iter();
                let given = rows.filter_map(|row| match row.outputs.get(*output) {
                    Some(Arm::Value(constant)) => Some(plain(constant)),
                    _ => None,
                });
                Some(given.collect())
            }
            Expr::Map { map, .. } => {
                let map = cx.code.maps.get(*map)?;
                let arms = map.arms.iter().map(|(_, arm)| arm).chain(&map.other).chain(&map.null);
                let given = arms.filter_map(|arm| match arm {
                    Arm::Value(constant) => Some(plain(constant)),
                    Arm::Stop(_) => None,
                });
                Some(given.collect())
            }
            Expr::Constant(constant) => Some(vec![plain(constant)]),
            _ => None,
        },
        Out::When(_, inner) => constants(cx, inner),
        _ => None,
    }
}

/// Whether a node may give one of these values, as far as the mapping shows. A truth value that the
/// record decides may be both; of a text that the record decides nothing is said.
fn may_be(cx: &Context<'_>, out: &Out, values: &[String]) -> bool {
    match constants(cx, out) {
        Some(given) => given.iter().any(|value| values.contains(value)),
        None => matches!(out, Out::Value(rule) if rule.form == Form::Bool),
    }
}

/// Whether a node gives one of these values whatever the record is.
fn is_always(cx: &Context<'_>, out: &Out, values: &[String]) -> bool {
    !matches!(out, Out::When(..))
        && constants(cx, out)
            .is_some_and(|given| !given.is_empty() && given.iter().all(|v| values.contains(v)))
}
