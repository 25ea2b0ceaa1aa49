//! Paths into what the target answered: `$result.subscriptions[0].status` in a write-back, and
//! `known.result.…` in an expression. What an answer has, its schema says; the rest of it is not
//! read by anybody.

use std::sync::Arc;

use super::{context::Context, editing};
use crate::{
    diag::{Code, Diagnostic, Span},
    program::code::ResultStep,
    schema::{FieldType, Object},
    syntax::{Node, Step, parse_select},
};

/// What the target tells of an action afterwards, where its schema says so.
pub(super) fn outcome(cx: &mut Context<'_>, sent: &Object) -> Option<Object> {
    let name = sent.outcome.clone()?;
    let system = cx.target.clone();
    cx.catalog.object(&system, &name).ok().flatten().map(|object| (*object).clone())
}

/// The outcome of the actions of a mapping, before they are compiled.
pub(super) fn outcome_of(cx: &mut Context<'_>, root: &Node) -> Option<FieldType> {
    let name = root.get("action")?.get("send")?.text()?;
    let system = cx.target.clone();
    let sent = cx.catalog.object(&system, name).ok().flatten()?;
    outcome(cx, &sent).map(|outcome| FieldType::Object(Arc::new(outcome)))
}

/// Checks a path that a scalar writes, as far as its steps are names and items; whether it is one.
pub(super) fn check(cx: &mut Context<'_>, node: &Node, text: &str, outcome: &Object) -> bool {
    // What reads further than that is looked up as it stands.
    let Ok(select) = parse_select(text) else { return true };
    let mut at = FieldType::Object(Arc::new(outcome.clone()));
    for step in &select.steps {
        let next = match step {
            Step::Name(name) => {
                let span = node.span_of(name.range.clone());
                match member(cx, &at, &name.text, span) {
                    Member::There(kind) => Some(kind),
                    Member::Unknown => None,
                    Member::Wrong => return false,
                }
            }
            Step::Index(_) | Step::All | Step::Where(_) => item(&at),
        };
        let Some(next) = next else { return true };
        at = next;
    }
    true
}

/// What a member of an answer is.
enum Member {
    /// It is there.
    There(FieldType),
    /// Nothing is known of it.
    Unknown,
    /// It is not there; that is said.
    Wrong,
}

fn member(cx: &mut Context<'_>, at: &FieldType, name: &str, span: Span) -> Member {
    match at {
        FieldType::Object(object) => match object.fields.get(name) {
            Some(field) => Member::There(field.kind.clone()),
            None => {
                let message = format!("the result has no member `{name}`");
                let finding = Diagnostic::error(Code::UNKNOWN_FIELD, span, message);
                let finding = finding.possible(editing::fields(object));
                cx.push_near(finding, name, object.fields.keys().map(String::as_str));
                Member::Wrong
            }
        },
        FieldType::List(_) => {
            let message = format!("`{name}` is asked of a list");
            let hint = "go into its items with `[*]`, or take one with `[0]`";
            cx.push(Diagnostic::error(Code::IS_A_LIST, span, message).hint(hint));
            Member::Wrong
        }
        _ => Member::Unknown,
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
    !matches!(member(cx, &at, name, span), Member::Wrong)
}
