//! A JSON text laid out so that a person can check it.

use crate::json::{Checked, Members, text_literal};

/// What fits on a line is on one line: a tier, a key.
const WIDTH: usize = 140;

/// A JSON text with its members in their order, one to a line where they do not fit on one.
pub(in crate::cli) fn laid_out(text: &str) -> String {
    let Ok(value) = Checked::check(text) else { return text.to_owned() };
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

/// The text on one line.
pub(super) fn on_one_line(value: Checked<'_>) -> String {
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
