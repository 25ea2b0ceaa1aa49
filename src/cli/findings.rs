//! Findings, shown for people or as JSON lines.

use serde_json::{Value, json};

use super::{fault::Fault, screen::Screen, set::Loaded};
use crate::diag::{Colour, Diagnostic, Label, Severity, SourceMap, Span, render};

/// The format of a finding as JSON.
const FORMAT: &str = "crosswalk-finding/1";

/// Shows the findings of a set as the result of a command.
pub(super) fn say(loaded: &Loaded, screen: &Screen) {
    for finding in &loaded.findings {
        match screen.is_json() {
            true => screen.json(&as_json(finding, &loaded.sources)),
            false => {
                screen.say(&render(finding, &loaded.sources, Colour::Ansi));
                screen.say("");
            }
        }
    }
}

/// Shows the findings of a set that is about to run, and refuses it when one is an error.
///
/// # Errors
/// [`Fault::Found`] when the set cannot run.
pub(super) fn refuse(
    findings: &[Diagnostic],
    sources: &SourceMap,
    screen: &Screen,
) -> Result<(), Fault> {
    for finding in findings {
        match screen.is_json() {
            true => screen.json(&as_json(finding, sources)),
            false => screen.tell(&render(finding, sources, Colour::Ansi)),
        }
    }
    let errors = count(findings, Severity::Error);
    if errors == 0 {
        return Ok(());
    }
    Err(Fault::Found(format!("{}: nothing was done", counted(errors, "error"))))
}

/// How many findings are so bad.
pub(super) fn count(findings: &[Diagnostic], severity: Severity) -> usize {
    findings.iter().filter(|finding| finding.severity == severity).count()
}

/// A number with its noun: `1 error`, `2 errors`.
pub(super) fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A finding as JSON.
pub(super) fn as_json(finding: &Diagnostic, sources: &SourceMap) -> Value {
    let mut object = json!({
        "format": FORMAT,
        "code": finding.code.to_string(),
        "severity": match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "message": finding.message,
        "here": finding.primary.text,
        "labels": finding.labels.iter().map(|label| label_json(label, sources)).collect::<Vec<_>>(),
        "hint": finding.hint,
        "fix": finding.fix.as_ref().map(|fix| {
            let mut object = place(fix.span, sources);
            add(&mut object, json!({"title": fix.title, "replacement": fix.replacement}));
            object
        }),
    });
    add(&mut object, place(finding.primary.span, sources));
    object
}

fn label_json(label: &Label, sources: &SourceMap) -> Value {
    let mut object = place(label.span, sources);
    add(&mut object, json!({"text": label.text}));
    object
}

fn place(span: Span, sources: &SourceMap) -> Value {
    let (start, end) = (sources.place(span), sources.end_place(span));
    json!({
        "file": sources.name(span.file),
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
    })
}

/// Adds the members of one object to another.
fn add(to: &mut Value, from: Value) {
    if let (Some(to), Value::Object(from)) = (to.as_object_mut(), from) {
        to.extend(from);
    }
}
