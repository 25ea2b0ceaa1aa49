//! Drafts as the JSON text of an `expected.json`, laid out so that a person can check it.

use crosswalk::{
    json::{Checked, Members, ObjectText, list_text, text_literal},
    program::{
        Draft, DraftValue, Mapped, Program, ProgramKind, Verdict, WishDraft, WriteBackDraft,
    },
};

use super::{
    actions::{action, write_backs},
    set::Fate,
};

/// What fits on a line is on one line: a tier, a key.
const WIDTH: usize = 140;

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
    let resource = &program.resources()[wish.resource];
    let mut out = ObjectText::new();
    out.push_text("resource", &resource.name);
    let named = |pairs: &[(String, std::ops::Range<usize>)]| {
        let mut object = ObjectText::new();
        pairs.iter().for_each(|(name, range)| object.push(name, draft.json(range)));
        object.end()
    };
    out.push("key", &named(&wish.key_fields));
    if let Some(parent) = wish.parent {
        let parent = &draft.wishes[parent];
        out.push("within", &named(&parent.key_fields));
    }
    out.push("fields", &fields(program, draft, wish));
    out.end()
}

/// The fields of a wish as they are sent, without the id of the parent.
pub fn fields(program: &Program, draft: &Draft, wish: &WishDraft) -> String {
    let resource = &program.resources()[wish.resource];
    let mut fields = ObjectText::new();
    for field in &wish.fields {
        let name = &resource.fields[field.rule].name;
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

/// A JSON text with its members in their order, one to a line where they do not fit on one.
pub fn laid_out(text: &str) -> String {
    let value = Checked::check(text).expect("JSON");
    let mut out = String::new();
    lay(value, 0, 0, &mut out);
    out.push('\n');
    out
}

/// `before` is how much of the line is taken by what stands before the value.
fn lay(value: Checked<'_>, depth: usize, before: usize, out: &mut String) {
    let line = on_one_line(value);
    if depth > 1 && before + line.chars().count() <= WIDTH {
        out.push_str(&line);
        return;
    }
    let indent = "  ".repeat(depth + 1);
    let mut separator = "";
    let mut next = |out: &mut String| {
        out.push_str(separator);
        out.push('\n');
        out.push_str(&indent);
        separator = ",";
    };
    if let Some(members) = value.as_members() {
        out.push('{');
        for (name, value) in members.iter() {
            next(out);
            let name = format!("{}: ", text_literal(name));
            out.push_str(&name);
            lay(value, depth + 1, indent.len() + name.chars().count(), out);
        }
        close(depth, '}', out);
    } else if let Some(items) = value.as_list() {
        out.push('[');
        for item in items {
            next(out);
            lay(item, depth + 1, indent.len(), out);
        }
        close(depth, ']', out);
    } else {
        out.push_str(&line);
    }
}

fn close(depth: usize, with: char, out: &mut String) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(with);
}

fn on_one_line(value: Checked<'_>) -> String {
    let pair = |(name, value): (&str, Checked<'_>)| {
        format!("{}: {}", text_literal(name), on_one_line(value))
    };
    if let Some(members) = value.as_members() {
        let members: Vec<_> = Members::iter(&members).map(pair).collect();
        return format!("{{{}}}", members.join(", "));
    }
    if let Some(items) = value.as_list() {
        let items: Vec<_> = items.into_iter().map(on_one_line).collect();
        return format!("[{}]", items.join(", "));
    }
    value.text().trim().to_owned()
}
