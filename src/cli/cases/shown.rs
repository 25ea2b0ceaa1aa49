//! Drafts as the JSON text of an `expected.json`, laid out so that a person can check it.

use crate::{
    json::{ObjectText, list_text, text_literal},
    program::{
        Draft, DraftValue, Mapped, Program, ProgramKind, Verdict, WishDraft, WriteBackDraft,
    },
};

use super::{
    actions::{action, write_backs},
    layout::laid_out,
    run::Fate,
};

/// All that came of the records, in order.
pub fn shown(program: &Program, fates: &[Fate]) -> String {
    let mut all = ObjectText::new();
    all.push("records", &list_text(fates.iter().map(|fate| record(program, fate))));
    laid_out(&all.end())
}

fn record(program: &Program, fate: &Fate) -> String {
    let mut out = ObjectText::new();
    out.push_text("record", &fate.record);
    if let Some(label) = &fate.label {
        out.push_text("name", label);
    }
    match &fate.mapped {
        Mapped::Draft(_) if fate.document.is_some() => {
            out.push("document", fate.document.as_deref().unwrap_or("null"));
        }
        Mapped::Draft(draft) if matches!(program.kind, ProgramKind::Action(..)) => {
            out.push("actions", &list_text(draft.actions.iter().map(|it| action(draft, it))));
            if !draft.skipped.is_empty() {
                out.push("skipped", &list_text(draft.skipped.iter().map(verdict)));
            }
            on_failure(&draft.on_failure, &mut out);
        }
        Mapped::Draft(draft) => {
            out.push("wishes", &list_text(draft.wishes.iter().map(|it| wish(program, draft, it))));
            if !draft.skipped.is_empty() {
                out.push("skipped", &list_text(draft.skipped.iter().map(verdict)));
            }
        }
        Mapped::Skipped(why) => out.push("skipped", &list_text([verdict(&why.verdict)])),
        Mapped::Rejected(why) => {
            out.push("rejected", &verdict(&why.verdict));
            on_failure(&why.on_failure, &mut out);
        }
    }
    out.end()
}

fn on_failure(writes: &[WriteBackDraft], out: &mut ObjectText) {
    if !writes.is_empty() {
        out.push("on_failure", &write_backs(writes));
    }
}

fn verdict(verdict: &Verdict) -> String {
    let mut out = ObjectText::new();
    out.push_text("rule", verdict.rule);
    out.push_text("reason", &verdict.reason);
    out.end()
}

fn wish(program: &Program, draft: &Draft, wish: &WishDraft) -> String {
    let mut out = ObjectText::new();
    if let Some(resource) = program.resources().get(wish.resource) {
        out.push_text("resource", &resource.name);
    }
    let named = |pairs: &[(String, std::ops::Range<usize>)]| {
        let mut object = ObjectText::new();
        pairs.iter().for_each(|(name, range)| object.push(name, draft.json(range)));
        object.end()
    };
    out.push("key", &named(&wish.key_fields));
    if let Some(parent) = wish.parent.and_then(|parent| draft.wishes.get(parent)) {
        out.push("within", &named(&parent.key_fields));
    }
    out.push("fields", &fields(program, draft, wish));
    out.end()
}

/// The fields of a wish as they are sent, without the id of the parent.
pub fn fields(program: &Program, draft: &Draft, wish: &WishDraft) -> String {
    let rules = program.resources().get(wish.resource).map(|resource| &resource.fields);
    let mut fields = ObjectText::new();
    for field in &wish.fields {
        let Some(rule) = rules.and_then(|rules| rules.get(field.rule)) else { continue };
        let name = &rule.name;
        match &field.value {
            DraftValue::Json(range) => fields.push(name, draft.json(range)),
            DraftValue::Clear => fields.push(name, "null"),
            DraftValue::Ref(to) => fields.push(
                name,
                &text_literal(&format!("the {} {} of {}", to.resource, to.key, to.mapping)),
            ),
        }
    }
    fields.end()
}
