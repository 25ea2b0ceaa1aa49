//! What is written to the source once an action took effect, or when it was refused.

use super::{
    actions, context::Context, exprs, forms, grammar, keys, lists, references, scope::Scope,
    types::Kind,
};
use crate::{
    diag::{Code, Diagnostic},
    program::{
        WriteBackNode, WriteBackRule,
        code::{Absence, Form, Node as Out, Rule},
    },
    schema::Object,
    syntax::{Kind as NodeKind, Node, SelectFault, parse_select},
};

/// The characters of a failure that a field takes of which nothing is known.
const FAILURE_LENGTH: usize = 255;

/// The writes after a success and those after a failure. A success sees what its action sees, a
/// failure the record alone: its rows may be what is wrong.
pub(super) fn compile(
    cx: &mut Context<'_>,
    of_record: &Scope,
    of_action: &Scope,
    root: &Node,
    sent: &Object,
) -> (Vec<WriteBackRule>, Vec<WriteBackRule>) {
    let Some(node) = root.get("write_back") else { return Default::default() };
    let result = result_object(cx, sent);
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for rule in keys::items(cx, node, "write_back").unwrap_or_default() {
        if keys::entries(cx, rule, "write_back").is_none() {
            continue;
        }
        let rule = &*keys::known(cx, rule, &grammar::WRITE_BACK);
        let fails = on_failure(cx, rule);
        let scope = if fails { of_record } else { of_action };
        let Some(made) = one(cx, scope, rule, fails, result.as_ref()) else { continue };
        if fails { failed.push(made) } else { done.push(made) }
    }
    (done, failed)
}

fn on_failure(cx: &mut Context<'_>, rule: &Node) -> bool {
    let Some(on) = rule.get("on") else { return false };
    match on.text() {
        Some("failure") => true,
        Some("success") => false,
        other => {
            let written = other.unwrap_or_default();
            let message = format!("`on` is `success` or `failure`, and not `{written}`");
            let finding = Diagnostic::error(Code::BAD_WORD, on.head_of_long(), message);
            cx.push_near(finding, written, ["success", "failure"]);
            false
        }
    }
}

/// What the target tells of the action afterwards, where its schema says so.
fn result_object(cx: &mut Context<'_>, sent: &Object) -> Option<Object> {
    let name = sent.outcome.clone()?;
    let system = cx.target.clone();
    cx.catalog.object(&system, &name).ok().flatten().map(|object| (*object).clone())
}

fn one(
    cx: &mut Context<'_>,
    scope: &Scope,
    rule: &Node,
    fails: bool,
    result: Option<&Object>,
) -> Option<WriteBackRule> {
    let (name, named) = keys::needed_text(cx, rule, "object")?;
    let name = name.to_owned();
    let object = cx.source_object(&name, named.span)?;
    let (each, scope) = match rule.get("each") {
        Some(_) => lists::each_list(cx, scope, rule, ""),
        None => (None, scope.clone()),
    };
    let when = rule.get("when").map(|when| exprs::condition(cx, &scope, when));
    let id = keys::needed(cx, rule, "id")?;
    let (expr, ty) = forms::scalar(cx, &scope, id);
    if !ty.fits(Kind::Text) {
        let message = format!("`id` is the id of a record, and this is {}", ty.name());
        cx.error(Code::TYPE_MISMATCH, forms::source_span(id), message);
    }
    let plain = references::plain_rule(cx, expr, id.span);
    let id = Rule {
        field: "id".to_owned(),
        missing: Absence::Error,
        null: Absence::Error,
        form: Form::Text,
        ..plain
    };
    let block = keys::needed(cx, rule, "fields")?;
    let mut fields = Vec::new();
    for (key, value) in keys::entries(cx, block, "fields")? {
        let Some(field) = object.fields.get(&key.text) else {
            let message = format!("`{name}` has no field `{}`", key.text);
            let hint = format!("add it to the org, and to `org.fields.{name}` of the environment");
            let finding = Diagnostic::error(Code::UNKNOWN_FIELD, key.span, message).hint(hint);
            cx.push_near(finding, &key.text, object.fields.keys().map(String::as_str));
            continue;
        };
        if !field.updateable {
            let message = format!("`{}` of `{name}` cannot be written", key.text);
            cx.error(Code::READ_ONLY, key.span, message);
            continue;
        }
        if matches!(value.kind, NodeKind::Empty) {
            // A key without a value empties the field.
            let (json, origin) = ("null".to_owned(), cx.origin(key.span));
            let null = Out::Literal { json, origin };
            fields.push((key.text.clone(), WriteBackNode::Value(Box::new(null))));
            continue;
        }
        let node = match value.text() {
            Some(text) if is_select_of(text, "$result") => answer(cx, value, text, fails, result)?,
            Some("$failure") if fails => {
                let most = field.length.and_then(|length| usize::try_from(length).ok());
                let most = most.unwrap_or(FAILURE_LENGTH);
                WriteBackNode::Failure { most, origin: cx.origin(value.span) }
            }
            Some("$failure") => {
                let message = "there is no failure after a success";
                let hint = "write it under `on: failure`";
                cx.push(Diagnostic::error(Code::UNKNOWN_NAME, value.span, message).hint(hint));
                continue;
            }
            _ => WriteBackNode::Value(Box::new(actions::updated(cx, &scope, value, field))),
        };
        fields.push((key.text.clone(), node));
    }
    Some(WriteBackRule { each, when, object: name, id, fields })
}

fn is_select_of(text: &str, head: &str) -> bool {
    text.strip_prefix(head).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// `$result.subscriptions[0].subscriptionNumber`: any path of RFC 9535 into the result.
fn answer(
    cx: &mut Context<'_>,
    node: &Node,
    text: &str,
    fails: bool,
    result: Option<&Object>,
) -> Option<WriteBackNode> {
    if fails {
        let message = "there is no result after a failure";
        let hint = "`$failure` says why it failed";
        cx.push(Diagnostic::error(Code::UNKNOWN_NAME, node.span, message).hint(hint));
        return None;
    }
    let path = format!("${}", text.trim_start_matches("$result"));
    if let Err(SelectFault::Syntax(said)) = parse_select(&path) {
        cx.error(Code::BAD_SELECT, node.span, format!("this path cannot be read: {said}"));
        return None;
    }
    let first: String = path
        .trim_start_matches("$.")
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    if let Some(object) = result
        && path.starts_with("$.")
        && !object.fields.contains_key(&first)
    {
        let message = format!("the result has no member `{first}`");
        let finding = Diagnostic::error(Code::UNKNOWN_FIELD, node.span, message);
        cx.push_near(finding, &first, object.fields.keys().map(String::as_str));
        return None;
    }
    Some(WriteBackNode::Result { path, origin: cx.origin(node.span) })
}
