//! A finding as JSON: one line each, in a format with a version.
//!
//! `schemas/check.schema.json` describes it. A key may be added within a version; one that goes or
//! changes its meaning makes the next one.

use serde_json::{Value, json};

use super::Region;
use crate::diag::{Diagnostic, Label, Severity, SourceMap, Span};

/// The format of a finding.
const FORMAT: &str = "crosswalk-finding/1";

/// A finding as a JSON object.
pub fn json(finding: &Diagnostic, sources: &SourceMap) -> Value {
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
    let Region { start, end } = Region::of(span, sources);
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
