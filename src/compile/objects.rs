//! Objects of the target: every key is a field of it, and what it requires is there.

use super::{context::Context, exprs, forms, lists, scope::Scope};
use crate::{
    diag::{Code, Diagnostic, Span},
    program::code::Node as Out,
    schema::{Field, FieldType, Object},
    syntax::{Key, Node},
};

/// An object that goes to a field.
pub(super) fn value(cx: &mut Context<'_>, scope: &Scope, node: &Node, wanted: &Field) -> Out {
    let object = match &wanted.kind {
        FieldType::Object(object) => (**object).clone(),
        FieldType::Any => Object { open: true, ..Object::default() },
        other => {
            let message = format!("`{}` is {}, and this is a block", wanted.name, other.name());
            cx.error(Code::WRONG_SHAPE, node.span, message);
            return Out::Literal("null".into());
        }
    };
    conditional(cx, scope, node, &object, None)
}

/// An object with its `$let` and `$when`.
pub(super) fn conditional(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    object: &Object,
    filled: Option<&str>,
) -> Out {
    let mut scope = scope.clone();
    if let Some(lets) = node.get("$let") {
        lists::bind_lets(cx, &mut scope, lets);
    }
    let when = node.get("$when").map(|when| exprs::condition(cx, &scope, when));
    let members = members(cx, &scope, node, object, filled);
    let made = members.into_iter().map(|(name, _, out)| (json_name(&name), out)).collect();
    match when {
        Some(when) => Out::When(when, Box::new(Out::Object(made))),
        None => Out::Object(made),
    }
}

/// A name as it is written in front of its value.
pub(super) fn json_name(name: &str) -> String {
    format!("{}:", serde_json::Value::from(name))
}

/// The members of an object, in the order of the file, with the fields they go to.
pub(super) fn members(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    object: &Object,
    filled: Option<&str>,
) -> Vec<(String, Field, Out)> {
    let entries = node.block().unwrap_or_default();
    let mut made = Vec::new();
    for (key, value) in entries {
        if key.text.starts_with('$') {
            if !matches!(
                key.text.as_str(),
                "$let" | "$when" | "$doc" | "$each" | "$as" | "$index" | "$sort" | "$ranges"
            ) {
                let message = format!("`{}` has no meaning beside fields", key.text);
                cx.error(Code::UNKNOWN_KEY, key.span, message);
            }
            continue;
        }
        let Some(field) = target_field(cx, object, key) else { continue };
        let required = object.required.contains(&key.text);
        let out = forms::value(cx, scope, value, &field, required);
        made.push((key.text.clone(), field, out));
    }
    check_required(cx, node.span, object, &made, filled);
    made
}

/// The field of the target that a key names.
fn target_field(cx: &mut Context<'_>, object: &Object, key: &Key) -> Option<Field> {
    if let Some(field) = object.fields.get(&key.text) {
        if !field.createable {
            let message = format!("`{}` is filled by the target itself", key.text);
            cx.error(Code::READ_ONLY, key.span, message);
        }
        return Some(field.clone());
    }
    if object.open && !object.custom_fields {
        return Some(Field::of(key.text.clone(), FieldType::Any));
    }
    let custom = object.custom_fields && (key.text.ends_with("__c") || key.text.ends_with("__NS"));
    let finding = if custom {
        let message = format!("the tenant has no custom field `{}` on `{}`", key.text, object.name);
        let hint = format!(
            "add it to the tenant, and to `tenant.custom_fields.{}` of the environment",
            object.name
        );
        Diagnostic::error(Code::TENANT_LACKS, key.span, message).hint(hint)
    } else {
        let message = format!("`{}` has no field `{}`", object.name, key.text);
        Diagnostic::error(Code::UNKNOWN_TARGET_FIELD, key.span, message)
    };
    cx.push(finding.suggest(&key.text, object.fields.keys().map(String::as_str)));
    None
}

/// What the target requires must be written; `filled` is what the engine fills itself.
fn check_required(
    cx: &mut Context<'_>,
    span: Span,
    object: &Object,
    made: &[(String, Field, Out)],
    filled: Option<&str>,
) {
    let has = |name: &String| filled == Some(name) || made.iter().any(|(known, ..)| known == name);
    for name in object.required.iter().filter(|name| !has(name)) {
        let message = format!("`{}` needs `{name}`, and it is not here", object.name);
        let doc = object.fields.get(name).and_then(|field| field.doc.clone());
        let finding = Diagnostic::error(Code::REQUIRED_FIELD, span, message);
        cx.push(match doc {
            Some(doc) => finding.hint(doc),
            None => finding,
        });
    }
    for rule in &object.required_when {
        let holds = rule.when.iter().all(|condition| {
            made.iter().any(|(name, _, out)| {
                *name == condition.field && may_be(cx, out, &condition.values)
            })
        });
        for name in rule.fields.iter().filter(|name| holds && !has(name)) {
            let message = format!("`{}` needs `{name}` here: {}", object.name, rule.reason);
            cx.error(Code::REQUIRED_FIELD, span, message);
        }
    }
}

/// Whether a node may give one of these values, as far as its text shows.
fn may_be(cx: &Context<'_>, out: &Out, values: &[String]) -> bool {
    use crate::program::code::{Arm, Constant, Expr};
    let is = |text: &str| values.iter().any(|value| value == text);
    match out {
        Out::Literal(json) => {
            serde_json::from_str::<String>(json).map_or_else(|_| is(json), |text| is(&text))
        }
        Out::Value(rule) => match &rule.from {
            Expr::Table { table, output } => cx.code.tables.get(*table).is_some_and(|table| {
                table.rows.iter().any(|row| match row.outputs.get(*output) {
                    Some(Arm::Value(Constant::Text(text))) => is(text),
                    _ => false,
                })
            }),
            Expr::Constant(Constant::Text(text)) => is(text),
            _ => false,
        },
        _ => false,
    }
}

/// `{ $shape: name, … }`: a reusable piece with its parameters bound, put in here.
pub(super) fn shape(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    wanted: &Field,
    required: bool,
) -> Option<Out> {
    let (inner, body) = enter_shape(cx, scope, node)?;
    let name = cx.inlining.last().cloned().unwrap_or_default();
    let out = match body.get("$value") {
        Some(value) => forms::value(cx, &inner, value, wanted, required),
        None => forms::value(cx, &inner, &body, wanted, required),
    };
    debug_assert_eq!(cx.inlining.last(), Some(&name));
    cx.inlining.pop();
    Some(out)
}

/// Binds the parameters of a shape; the caller takes the shape's name off `inlining` again.
pub(super) fn enter_shape(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
) -> Option<(Scope, Node)> {
    let name_node = node.get("$shape")?;
    let name = name_node.text().unwrap_or_default().to_owned();
    let Some(piece) = cx.pieces.get(&name).copied() else {
        let message = format!("there is no shape `{name}`");
        let known: Vec<String> = cx.pieces.keys().cloned().collect();
        let finding = Diagnostic::error(Code::UNKNOWN_SHAPE, name_node.span, message);
        cx.push(finding.suggest(&name, known.iter().map(String::as_str)));
        return None;
    };
    if cx.inlining.contains(&name) {
        let message = format!("the shape `{name}` is part of itself");
        cx.error(Code::REFERENCE_CYCLE, name_node.span, message);
        return None;
    }
    let with = piece.get("$with").and_then(Node::list).unwrap_or_default();
    let parameters: Vec<&str> = with.iter().filter_map(Node::text).collect();
    let mut inner = scope.clone();
    let mut known = vec!["$shape", "$when", "$doc"];
    known.extend(&parameters);
    forms::known_keys(cx, node, &known, &format!("the shape `{name}`"));
    for parameter in &parameters {
        match node.get(parameter) {
            Some(value) => lists::bind(cx, scope, &mut inner, parameter, value),
            None => {
                let message = format!("the shape `{name}` needs `{parameter}`");
                cx.error(Code::MISSING_KEY, node.span, message);
            }
        }
    }
    let entries = piece.block().unwrap_or_default();
    let body = entries.iter().filter(|(key, _)| key.text != "$with").cloned().collect();
    cx.inlining.push(name);
    Some((inner, Node { span: piece.span, kind: crate::syntax::Kind::Block(body) }))
}
