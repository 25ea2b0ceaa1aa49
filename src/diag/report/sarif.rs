//! What was found as SARIF 2.1.0 (OASIS Standard, 2020): regions with both ends, other places as
//! related locations, fixes as replacements, and the codes as rules.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::{Value, json};

use super::{Region, Report, lines};
use crate::diag::{CODES, CodeInfo, Diagnostic, Fix, Severity, SourceMap, Span, explain};

/// Where the schema of the format is published.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/\
                      sarif-schema-2.1.0.json";

/// The report as a SARIF document with one run. Paths are relative to where the check ran.
pub fn sarif(report: &Report<'_>) -> Value {
    let shown: BTreeSet<_> = report.findings.iter().map(|finding| finding.code).collect();
    let rules: Vec<&CodeInfo> = CODES.iter().filter(|info| shown.contains(&info.code)).collect();
    let results = report.findings.iter().map(|finding| result(finding, &rules, report.sources));
    let artifacts = report.files.iter().map(|file| {
        let location = json!({"uri": uri(report.sources.name(*file)), "uriBaseId": BASE});
        json!({"location": location, "sourceLanguage": "yaml"})
    });
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "crosswalk",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|info| rule(info)).collect::<Vec<_>>(),
            }},
            // Columns of findings count characters, not the units of UTF-16.
            "columnKind": "unicodeCodePoints",
            "artifacts": artifacts.collect::<Vec<_>>(),
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

/// The name that readers of SARIF give to the root of the checked-out sources.
const BASE: &str = "%SRCROOT%";

fn rule(info: &CodeInfo) -> Value {
    let (text, markdown) = match explain(info.code) {
        Some(explained) => (explained.text, explained.markdown()),
        None => (info.title, info.title.to_owned()),
    };
    json!({
        "id": info.code.to_string(),
        "shortDescription": {"text": info.title},
        "help": {"text": text, "markdown": markdown},
    })
}

fn result(finding: &Diagnostic, rules: &[&CodeInfo], sources: &SourceMap) -> Value {
    let related = finding.labels.iter().enumerate().map(|(at, label)| {
        let mut location = location(label.span, sources);
        add(&mut location, "id", json!(at + 1));
        if !label.text.is_empty() {
            add(&mut location, "message", json!({"text": label.text}));
        }
        location
    });
    let mut result = json!({
        "ruleId": finding.code.to_string(),
        "ruleIndex": rules.iter().position(|info| info.code == finding.code),
        "level": match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "message": {"text": lines(finding).join("\n")},
        "locations": [location(finding.primary.span, sources)],
    });
    let related: Vec<Value> = related.collect();
    if !related.is_empty() {
        add(&mut result, "relatedLocations", json!(related));
    }
    if let Some(fix) = &finding.fix {
        add(&mut result, "fixes", json!([fix_json(fix, sources)]));
    }
    result
}

fn fix_json(fix: &Fix, sources: &SourceMap) -> Value {
    json!({
        "description": {"text": fix.title},
        "artifactChanges": [{
            "artifactLocation": artifact(fix.span, sources),
            "replacements": [{
                "deletedRegion": region(fix.span, sources),
                "insertedContent": {"text": fix.replacement},
            }],
        }],
    })
}

fn location(span: Span, sources: &SourceMap) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": artifact(span, sources),
        "region": region(span, sources),
    }})
}

fn artifact(span: Span, sources: &SourceMap) -> Value {
    json!({"uri": uri(sources.name(span.file)), "uriBaseId": BASE})
}

fn region(span: Span, sources: &SourceMap) -> Value {
    let Region { start, end } = Region::of(span, sources);
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

/// A path as a reference of RFC 3986.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            b'\\' if cfg!(windows) => out.push('/'),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

fn add(to: &mut Value, key: &str, value: Value) {
    if let Some(object) = to.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}
