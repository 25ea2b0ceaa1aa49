//! Actions as they stand in an `expected.json`: what is sent, what is kept back, what is expected
//! of it and what is written back.

use crate::{
    json::{Checked, ObjectText, list_text, text_literal},
    program::{ActionDraft, Draft, Expected, Holed, Reference, WriteBackDraft, WriteBackValue},
};

/// An action. Numbers, kinds and days come first: they say what it is.
pub(super) fn action(draft: &Draft, action: &ActionDraft) -> String {
    let mut out = ObjectText::new();
    out.push_text("number", &action.number);
    out.push_text("kind", &action.kind);
    out.push_text("day", &action.day);
    out.push_text("sequence", &action.sequence);
    let rows =
        action.rows.iter().filter_map(|row| draft.rows.get(*row)).map(|row| text_literal(&row.id));
    out.push("rows", &list_text(rows));
    let mut body = ObjectText::new();
    action.body.iter().for_each(|(name, holed)| body.push(name, &filled(draft, holed)));
    out.push("body", &body.end());
    if !action.withheld.is_empty() {
        let mut withheld = ObjectText::new();
        action.withheld.iter().for_each(|(path, range)| withheld.push(path, draft.json(range)));
        out.push("withheld", &withheld.end());
    }
    if let Some(expected) = &action.expected {
        out.push("expected", &expectation(expected));
    }
    if !action.write_back.is_empty() {
        out.push("write_back", &write_backs(&action.write_back));
    }
    out.end()
}

/// Writes to the source.
pub(super) fn write_backs(all: &[WriteBackDraft]) -> String {
    list_text(all.iter().map(write_back))
}

fn write_back(draft: &WriteBackDraft) -> String {
    let mut fields = ObjectText::new();
    for (name, value) in &draft.fields {
        match value {
            WriteBackValue::Json(json) => fields.push(name, json),
            WriteBackValue::Result(path) => fields.push(name, &one("$result", &text_literal(path))),
            WriteBackValue::Failure(length) => {
                fields.push(name, &one("$failure", &length.to_string()));
            }
        }
    }
    let mut out = ObjectText::new();
    out.push_text("object", &draft.object);
    out.push_text("id", &draft.id);
    out.push("fields", &fields.end());
    out.end()
}

fn expectation(expected: &Expected) -> String {
    let mut out = ObjectText::new();
    for (name, number) in [("mrr", expected.mrr), ("tcv", expected.tcv)] {
        if let Some(number) = number {
            out.push(name, &number.to_string());
        }
    }
    out.push("tolerance", &expected.tolerance.to_string());
    out.end()
}

/// The text with the references in their holes.
fn filled(draft: &Draft, holed: &Holed) -> String {
    let text = draft.json(&holed.range);
    let (mut out, mut from) = (String::new(), 0);
    for (at, to) in &holed.holes {
        out.push_str(text.get(from..*at).unwrap_or_default());
        out.push_str(&reference(to));
        from = at + "null".len();
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

fn reference(to: &Reference) -> String {
    let mut out = ObjectText::new();
    out.push_text("$ref", &format!("{}.{}", to.mapping, to.resource));
    out.push("key", &key_list(&to.key));
    if let Some(take) = &to.take {
        out.push_text("take", take);
    }
    out.end()
}

/// A key as a list of its values, those of the outermost parent first: `"P1"/"Plan"` is
/// `["P1", "Plan"]`. What cannot be split stands as one text.
fn key_list(key: &str) -> String {
    let mut listed = String::from("[");
    let mut inside = false;
    let mut escaped = false;
    for c in key.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => inside = !inside,
            _ => {}
        }
        if !inside && c == '/' { listed.push(',') } else { listed.push(c) }
    }
    listed.push(']');
    if Checked::check(&listed).is_ok() { listed } else { text_literal(key) }
}

fn one(name: &str, value: &str) -> String {
    let mut out = ObjectText::new();
    out.push(name, value);
    out.end()
}
