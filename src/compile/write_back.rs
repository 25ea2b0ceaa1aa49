//! What is written to the source once an action took effect, or when it was refused.

use super::{
    actions, answers,
    context::Context,
    editing, exprs, forms, grammar, keys, lists, references,
    scope::Scope,
    types::{Kind, Type},
};
use crate::{
    diag::{Code, Diagnostic, Span},
    program::{
        WriteBackNode, WriteBackRule,
        code::{Absence, Form, Node as Out, Rule},
    },
    schema::{Field, FieldType, Object},
    syntax::{Kind as NodeKind, Node},
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
    preview_only: bool,
) -> (Vec<WriteBackRule>, Vec<WriteBackRule>) {
    let Some(node) = root.get("write_back") else { return Default::default() };
    let result = answers::result_object(cx, sent, preview_only);
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for rule in keys::items(cx, node, "write_back").unwrap_or_default() {
        if keys::entries(cx, rule, "write_back").is_none() {
            continue;
        }
        let rule = &*keys::known(cx, rule, &grammar::WRITE_BACK);
        let Some(fails) = on_failure(cx, rule) else { continue };
        let scope = if fails { of_record } else { of_action };
        cx.answers = if fails { &["failure"] } else { &["result"] };
        let made = one(cx, scope, rule, fails, result.as_ref());
        cx.answers = &[];
        let Some(made) = made else { continue };
        if fails { failed.push(made) } else { done.push(made) }
    }
    (done, failed)
}

/// Whether it is written after a failure; `None` where that is not said in words that there are.
fn on_failure(cx: &mut Context<'_>, rule: &Node) -> Option<bool> {
    let Some(on) = rule.get("on") else { return Some(false) };
    match on.text() {
        Some("failure") => Some(true),
        Some("success") => Some(false),
        other => {
            let written = other.unwrap_or_default();
            let message = format!("`on` is `success` or `failure`, and not `{written}`");
            let finding = Diagnostic::error(Code::BAD_WORD, on.head_of_long(), message);
            cx.push_near(finding, written, ["success", "failure"]);
            None
        }
    }
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
    check_id(cx, rule, id, &ty, &name);
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
            let finding = finding.possible(editing::fields(&object));
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
            check_emptied(cx, key.span, &name, field);
            let (json, origin) = ("null".to_owned(), cx.origin(key.span));
            let null = Out::Literal { json, origin };
            fields.push((key.text.clone(), WriteBackNode::Value(Box::new(null))));
            continue;
        }
        for word in ["$absent", "$null", "$missing", "$empty"] {
            let emptied = value.get(word).filter(|value| value.text() == Some("clear"));
            if let Some(emptied) = emptied {
                check_emptied(cx, emptied.span, &name, field);
            }
        }
        let node = match value.text() {
            Some(text) if answers::is_answer(text) && fails => {
                let message = "there is no result after a failure";
                let hint = "`$failure` says why it failed";
                cx.push(Diagnostic::error(Code::UNKNOWN_NAME, value.span, message).hint(hint));
                continue;
            }
            Some(text) if answers::is_answer(text) => {
                let answer = answers::answer(cx, value, text, result, field);
                let Some(answer) = answer else { continue };
                answer
            }
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

/// The id is that of a record of the object, and there is one.
fn check_id(cx: &mut Context<'_>, rule: &Node, id: &Node, ty: &Type, object: &str) {
    let span = forms::source_span(id);
    if !ty.fits(Kind::Text) {
        let message = format!("`id` is the id of a record, and this is {}", ty.name());
        cx.push(Diagnostic::error(Code::TYPE_MISMATCH, span, message).caused_by(ty.named_at));
        return;
    }
    if let Some(of) = ty.id_of.as_deref().filter(|of| *of != object) {
        let message = format!("this is the id of `{of}`, and `{object}` is written");
        let hint = format!("take the id of the `{object}`, or write the `{of}`");
        cx.push(Diagnostic::error(Code::WRONG_REFERENCE, span, message).hint(hint));
    }
    // What its own condition rules out is no fault.
    if ty.may_be_absent() && rule.get("when").is_none() {
        let message =
            format!("there may be no `{object}` to write: this id may be missing or null");
        let hint = "say when there is one: `when: record.X is not none`";
        let finding = Diagnostic::error(Code::MAY_BE_ABSENT, span, message).hint(hint);
        cx.push(finding.caused_by(ty.absent_cause()));
    }
}

/// A field that a record needs is not emptied.
fn check_emptied(cx: &mut Context<'_>, span: Span, object: &str, field: &Field) {
    if !field.nullable && field.kind != FieldType::Bool {
        let message =
            format!("`{}` of `{object}` cannot be emptied: each record has one", field.name);
        cx.error(Code::REQUIRED_FIELD, span, message);
    }
}
