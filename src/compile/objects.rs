//! Objects of the target: every key is a field of it, and what it requires is there.

use std::{borrow::Cow, sync::Arc};

use super::{
    actions,
    context::Context,
    demands, editing, exprs, fields, grammar, keys, lets, literals,
    made::What,
    profiles,
    scope::{At, Scope},
};
use crate::{
    diag::{Code, Diagnostic, Span, nearest},
    program::code::Node as Out,
    schema::{Field, FieldType, Object},
    syntax::{Key, Node},
};

/// How often shapes may be used in one mapping, those inside of shapes counted each time: shapes
/// that use shapes twice double with every level.
const INLINED_MAX: usize = 2_000;
/// How deep shapes may use shapes; every level costs stack.
const INLINING_DEPTH_MAX: usize = 16;

/// An object that goes to a field.
pub(super) fn value(cx: &mut Context<'_>, scope: &Scope, node: &Node, wanted: &Field) -> Out {
    let object = match &wanted.kind {
        FieldType::Object(object) => object.clone(),
        FieldType::Any => Arc::new(Object { open: true, ..Object::default() }),
        other => {
            let message = format!("`{}` is {}, and this is a block", wanted.name, other.name());
            cx.error(Code::WRONG_SHAPE, node.head_of_long(), message);
            return literals::nothing();
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
        lets::bind_lets(cx, &mut scope, lets);
    }
    let when = node.get("$when").map(|when| exprs::condition(cx, &scope, when));
    let made = on_kinds(cx, node, |cx| {
        let members = members(cx, &scope, node, object, filled);
        Out::Object(members.into_iter().map(|(name, _, out)| (json_name(&name), out)).collect())
    });
    match when {
        Some(when) => Out::When(when, Box::new(made)),
        None => made,
    }
}

/// What is made of a node that may be sent with some kinds of actions only (`$on`).
pub(super) fn on_kinds<'a>(
    cx: &mut Context<'a>,
    node: &Node,
    make: impl FnOnce(&mut Context<'a>) -> Out,
) -> Out {
    let Some(on) = node.get("$on") else { return make(cx) };
    if !cx.acts {
        let message = "only actions have kinds";
        let hint = "use `$when` with a condition";
        cx.push(Diagnostic::error(Code::BAD_FORM, on.head_of_long(), message).hint(hint));
        return make(cx);
    }
    let all = cx.kinds.clone();
    let kinds = actions::named_kinds(cx, on, "$on", &all);
    let around = cx.on_kinds.replace(kinds.clone());
    let node = Box::new(make(cx));
    cx.on_kinds = around;
    Out::On { kinds, path: cx.path.concat(), node }
}

/// A name as it is written in front of its value.
pub(super) fn json_name(name: &str) -> String {
    format!("{}:", serde_json::Value::from(name))
}

/// A member of an object of the mapping: its name, the field that it goes to, and what it gives.
pub(super) type Made<'o> = (String, Cow<'o, Field>, Out);

/// The members of an object, in the order of the file, with the fields they go to.
pub(super) fn members<'o>(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    object: &'o Object,
    filled: Option<&str>,
) -> Vec<Made<'o>> {
    let (mut made, mut strange) = (Vec::new(), false);
    for (key, value) in node.block().unwrap_or_default() {
        if key.text.starts_with('$') {
            if grammar::FIELDS.key(&key.text).is_none() {
                let message = format!("`{}` has no meaning beside fields", key.text);
                cx.error(Code::UNKNOWN_KEY, key.span, message);
            }
            continue;
        }
        let Some(field) = target_field(cx, node, object, key) else {
            strange = true;
            continue;
        };
        let required = demands::is_needed(node, object, &field.name);
        cx.path.push(if cx.path.is_empty() { key.text.clone() } else { format!(".{}", key.text) });
        profiles::check(cx, key.span, value);
        let out = fields::value(cx, scope, value, &field, required);
        cx.path.pop();
        made.push((field.name.clone(), field, out));
    }
    // A field that does not exist most probably is one that is missing.
    if !strange {
        demands::check(cx, node, object, &made, filled);
    }
    made
}

/// The field of the target that a key names. A misspelt key is read as the one that was meant, so
/// that one slip gives one message.
fn target_field<'o>(
    cx: &mut Context<'_>,
    node: &Node,
    object: &'o Object,
    key: &Key,
) -> Option<Cow<'o, Field>> {
    if let Some(field) = object.fields.get(&key.text) {
        if !field.createable {
            let message = format!("`{}` is filled by the target itself", key.text);
            cx.error(Code::READ_ONLY, key.span, message);
        }
        return Some(Cow::Borrowed(field));
    }
    if object.open && !object.custom_fields {
        return Some(Cow::Owned(Field::of(key.text.clone(), FieldType::Any)));
    }
    let custom = object.custom_fields && (key.text.ends_with("__c") || key.text.ends_with("__NS"));
    let finding = if custom {
        let of = object.custom_fields_of.as_ref().unwrap_or(&object.name);
        let message = format!("the tenant has no custom field `{}` on `{of}`", key.text);
        let hint =
            format!("add it to the tenant, and to `tenant.custom_fields.{of}` of the environment");
        Diagnostic::error(Code::TENANT_LACKS, key.span, message).hint(hint)
    } else {
        let message = format!("`{}` has no field `{}`", object.name, key.text);
        Diagnostic::error(Code::UNKNOWN_TARGET_FIELD, key.span, message)
    };
    let names = || object.fields.keys().map(String::as_str);
    let finding = finding.possible(editing::fields(object));
    cx.push_near(finding, &key.text, names());
    let meant = nearest(&key.text, names()).filter(|meant| node.get(meant).is_none())?;
    object.fields.get(meant).map(|field| Cow::Borrowed(&**field))
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
    let out = match body.get("$value") {
        Some(value) => fields::value(cx, &inner, value, wanted, required),
        None => fields::value(cx, &inner, &body, wanted, required),
    };
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
    let name = keys::text(cx, name_node, "$shape")?.to_owned();
    let piece = begin_shape(cx, &name, name_node.span)?;
    let parameters = parameters(cx, piece);
    let mut inner = scope.clone();
    let mut known = grammar::SHAPE_USE.names();
    known.extend(parameters.iter().map(|parameter| parameter.name));
    let made = |name: &str| {
        let parameter = parameters.iter().find(|parameter| parameter.name == name);
        parameter.map(|parameter| parameter.made)
    };
    let node = keys::known_made(cx, node, &known, &format!("the shape `{name}`"), &made);
    for Parameter { name: parameter, made } in &parameters {
        match node.get(parameter) {
            Some(value) => {
                let bound = lets::reach(cx, scope, value);
                inner.bind_made(parameter, bound, *made);
            }
            None => {
                let message = format!("the shape `{name}` needs `{parameter}`");
                cx.error(Code::MISSING_KEY, node.head, message);
                inner.bind_made(parameter, At::Poison, *made);
            }
        }
    }
    let entries = piece.block().unwrap_or_default();
    let body = entries.iter().filter(|(key, _)| key.text != "$with").cloned().collect();
    cx.inlining.push(name);
    Some((inner, piece.with_entries(body)))
}

/// The shape of a name, unless it is being put in already or too many are.
pub(super) fn begin_shape<'a>(cx: &mut Context<'a>, name: &str, span: Span) -> Option<&'a Node> {
    let Some(piece) = cx.pieces.get(name).copied() else {
        let message = format!("there is no shape `{name}`");
        let known: Vec<String> = cx.pieces.keys().cloned().collect();
        let finding = Diagnostic::error(Code::UNKNOWN_SHAPE, span, message);
        let near = nearest(name, known.iter().map(String::as_str));
        let near = near.and_then(|near| cx.pieces.get(near)).map(|piece| piece.head);
        let finding = finding.possible(editing::shapes(&cx.pieces)).meant(near);
        cx.push_near(finding, name, known.iter().map(String::as_str));
        return None;
    };
    cx.made.touch(piece.head);
    if cx.inlining.iter().any(|one| one == name) {
        let message = format!("the shape `{name}` is part of itself");
        cx.error(Code::REFERENCE_CYCLE, span, message);
        return None;
    }
    cx.inlined += 1;
    if cx.inlined > INLINED_MAX || cx.inlining.len() >= INLINING_DEPTH_MAX {
        let message = format!(
            "shapes are used more than {INLINED_MAX} times, or deeper than {INLINING_DEPTH_MAX}"
        );
        cx.error(Code::YAML_LIMIT, span, message);
        return None;
    }
    Some(piece)
}

/// What a shape is given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameter<'a> {
    pub name: &'a str,
    /// Where it is made.
    pub made: Span,
}

/// What a shape is given, in its order.
pub(super) fn parameters<'a>(cx: &mut Context<'a>, piece: &'a Node) -> Vec<Parameter<'a>> {
    let with = piece.get("$with").and_then(|with| keys::items(cx, with, "$with"));
    let one = |node: &'a Node| {
        let name = keys::text(cx, node, "$with")?;
        cx.made.add(node.span, name, What::Parameter);
        Some(Parameter { name, made: node.span })
    };
    with.unwrap_or_default().iter().filter_map(one).collect()
}
