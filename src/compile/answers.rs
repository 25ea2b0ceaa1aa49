//! What the target answers: `$result.subscriptions[0].status` on its way to a field of the source in
//! a write-back, and `known.result.…` in an expression. What an answer has, its schema says; the
//! rest of it is not read by anybody.

use std::sync::Arc;

use super::{
    context::Context,
    editing, fields,
    types::{Kind, Type},
};
use crate::{
    diag::{Code, Diagnostic, Span},
    program::{WriteBackNode, code::ResultStep},
    schema::{Field, FieldType, Object},
    syntax::{Name, Node, Select, SelectFault, Step, parse_select},
};

/// What a preview comes to: nothing was made that would have a number.
const OF_PREVIEW: [&str; 3] = ["mrr", "tcv", "currency"];

/// The name that a path into an answer starts with.
const HEAD: &str = "$result";

/// What the target tells of the action afterwards, where its schema says so.
pub(super) fn result_object(
    cx: &mut Context<'_>,
    sent: &Object,
    preview_only: bool,
) -> Option<Object> {
    let name = sent.outcome.clone()?;
    let system = cx.target.clone();
    let mut object = (*cx.catalog.object(&system, &name).ok().flatten()?).clone();
    if preview_only {
        object.fields.retain(|name, _| OF_PREVIEW.contains(&name.as_str()));
        "a preview".clone_into(&mut object.name);
    } else {
        "the result".clone_into(&mut object.name);
    }
    Some(object)
}

/// Whether a text is a path into an answer.
pub(super) fn is_answer(text: &str) -> bool {
    text.strip_prefix(HEAD).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// `$result.subscriptions[0].subscriptionNumber`: any path of RFC 9535 into the result; one of
/// names and places is checked against what the target answers.
pub(super) fn answer(
    cx: &mut Context<'_>,
    node: &Node,
    text: &str,
    result: Option<&Object>,
    wanted: &Field,
) -> Option<WriteBackNode> {
    let path = format!("${}", text.trim_start_matches(HEAD));
    let select = match parse_select(&path) {
        Err(SelectFault::Syntax(said)) => {
            cx.error(Code::BAD_SELECT, node.span, format!("this path cannot be read: {said}"));
            return None;
        }
        Err(SelectFault::Unsupported(_)) => None,
        Ok(select) => Some(select),
    };
    if let (Some(select), Some(result)) = (select, result)
        && let Some(field) = reached(cx, node, &select, result)?
    {
        check(cx, node.span, &field, wanted);
    }
    Some(WriteBackNode::Result { path, origin: cx.origin(node.span) })
}

/// The field that a path reaches: `Some(None)` where that cannot be told, `None` where there is
/// none, which is reported.
fn reached(
    cx: &mut Context<'_>,
    node: &Node,
    select: &Select,
    result: &Object,
) -> Option<Option<Field>> {
    let mut at = Field::of("the result", FieldType::Object(Arc::new(result.clone())));
    // Of several items several values may come, which only the record can tell.
    let mut several = false;
    for step in &select.steps {
        let kind = at.kind.clone();
        at = match (kind, step) {
            (FieldType::Object(object), Step::Name(name)) => {
                reached_member(cx, node, &object, name)?
            }
            (FieldType::List(item), Step::Index(_)) => Field::of(at.name, (*item).clone()),
            (FieldType::List(_), Step::Name(name)) => {
                let span = span_of(node, name);
                let message = format!("`{}` is asked of a list", name.text);
                let hint = format!("take one item: `{}[0].{}`", at.name, name.text);
                cx.push(Diagnostic::error(Code::IS_A_LIST, span, message).hint(hint));
                return None;
            }
            (FieldType::List(item), Step::All | Step::Where(_)) => {
                several = true;
                Field::of(at.name, (*item).clone())
            }
            (FieldType::Any, _) | (_, Step::All | Step::Where(_)) => return Some(None),
            (_, Step::Name(name)) => {
                let message = format!("`{}` is asked of a plain value", name.text);
                cx.error(Code::UNKNOWN_FIELD, span_of(node, name), message);
                return None;
            }
            (_, Step::Index(_)) => {
                cx.error(Code::NOT_A_LIST, node.span, format!("`{}` is not a list", at.name));
                return None;
            }
        };
    }
    Some((!several).then_some(at))
}

/// The span of a name of a path, which stands behind a longer head than it was read with.
fn span_of(node: &Node, name: &Name) -> Span {
    let before = HEAD.len().saturating_sub(1);
    node.span_of(name.range.start + before..name.range.end + before)
}

fn reached_member(
    cx: &mut Context<'_>,
    node: &Node,
    object: &Object,
    name: &Name,
) -> Option<Field> {
    if let Some(field) = object.fields.get(&name.text) {
        return Some(Field::clone(field));
    }
    let message = format!("{} has no member `{}`", called(object), name.text);
    let known: Vec<&str> = object.fields.keys().map(String::as_str).collect();
    let hint = format!("it has {}", known.join(", "));
    let finding = Diagnostic::error(Code::UNKNOWN_FIELD, span_of(node, name), message).hint(hint);
    let finding = finding.possible(editing::fields(object));
    cx.push_near(finding, &name.text, known);
    None
}

fn called(object: &Object) -> String {
    match object.name.as_str() {
        name @ ("the result" | "a preview") => name.to_owned(),
        name => format!("`{name}` of the result"),
    }
}

/// What the target answers goes to a field that holds it.
fn check(cx: &mut Context<'_>, span: Span, given: &Field, wanted: &Field) {
    if matches!(given.kind, FieldType::Object(_) | FieldType::List(_)) {
        let message = format!("`{}` is {}, and one value is needed", given.name, given.kind.name());
        let (code, hint) = match given.kind {
            FieldType::List(_) => (Code::IS_A_LIST, "take one item with `[0]`, and a member of it"),
            _ => (Code::TYPE_MISMATCH, "name one of its members"),
        };
        cx.push(Diagnostic::error(code, span, message).hint(hint));
        return;
    }
    let ty = Type::of_field(given);
    if !fields::check_type(cx, span, &ty, wanted) {
        return;
    }
    let longest = match &ty.values {
        Some(values) => {
            values.all.iter().filter_map(|v| u32::try_from(v.chars().count()).ok()).max()
        }
        None => ty.length,
    };
    if let (Kind::Text, Some(longest), Some(most)) = (ty.kind, longest, wanted.length)
        && longest > most
    {
        let message = format!(
            "the answer has up to {longest} characters, and `{}` takes {most}",
            wanted.name
        );
        let hint =
            "make the field longer in the org, and say so in `org.fields` of the environment";
        cx.push(Diagnostic::error(Code::TOO_LONG, span, message).hint(hint));
    }
}

/// The outcome of the actions of a mapping, before they are compiled.
pub(super) fn outcome_of(cx: &mut Context<'_>, root: &Node) -> Option<FieldType> {
    let name = root.get("action")?.get("send")?.text()?;
    let system = cx.target.clone();
    let sent = cx.catalog.object(&system, name).ok().flatten()?;
    result_object(cx, &sent, false).map(|outcome| FieldType::Object(Arc::new(outcome)))
}

/// Whether a place of an answer has a member, as far as that is known; says so if not.
fn has_member(cx: &mut Context<'_>, at: &FieldType, name: &str, span: Span) -> bool {
    match at {
        FieldType::Object(object) if !object.fields.contains_key(name) => {
            let message = format!("the result has no member `{name}`");
            let finding = Diagnostic::error(Code::UNKNOWN_FIELD, span, message);
            let finding = finding.possible(editing::fields(object));
            cx.push_near(finding, name, object.fields.keys().map(String::as_str));
            false
        }
        FieldType::List(_) => {
            let message = format!("`{name}` is asked of a list");
            let hint = "go into its items with `[*]`, or take one with `[0]`";
            cx.push(Diagnostic::error(Code::IS_A_LIST, span, message).hint(hint));
            false
        }
        _ => true,
    }
}

fn item(at: &FieldType) -> Option<FieldType> {
    match at {
        FieldType::List(item) => Some((**item).clone()),
        _ => None,
    }
}

/// Whether a place in the answer that is known of the last action has a member; says so if not.
pub(super) fn has(cx: &mut Context<'_>, way: &[ResultStep], name: &str, span: Span) -> bool {
    let Some(mut at) = cx.outcome.clone() else { return true };
    for step in way {
        let next = match (step, &at) {
            (ResultStep::Member(name), FieldType::Object(object)) => {
                object.fields.get(name).map(|field| field.kind.clone())
            }
            (ResultStep::Item(_), at) => item(at),
            (ResultStep::Member(_), _) => None,
        };
        let Some(next) = next else { return true };
        at = next;
    }
    has_member(cx, &at, name, span)
}
