//! Findings as an editor shows them. Each carries the finding itself, as `check --format json` has it.

use serde_json::{Value, json};

use super::{super::set::Loaded, position, workspace::Workspace};
use crate::diag::{Diagnostic, Severity, Span, report};

/// What is to be published: one message per file of the set, also where nothing was found.
pub(super) fn findings(workspace: &Workspace, loaded: &Loaded) -> Vec<Value> {
    let of_file = |file| {
        let path = loaded.sources.name(file);
        let own = loaded.findings.iter().filter(|found| found.primary.span.file == file);
        let found: Vec<Value> = own.map(|finding| diagnostic(workspace, loaded, finding)).collect();
        let mut params = json!({"uri": workspace.uri(path), "diagnostics": found});
        if let (Some((_, held)), Some(params)) = (workspace.held(path), params.as_object_mut()) {
            params.insert("version".to_owned(), held.version.clone());
        }
        params
    };
    loaded.files.iter().map(|file| of_file(*file)).collect()
}

/// A finding as an editor takes it.
pub(super) fn diagnostic(workspace: &Workspace, loaded: &Loaded, finding: &Diagnostic) -> Value {
    let mut message = finding.message.clone();
    for more in std::iter::once(&finding.primary.text).chain(&finding.hint) {
        if !more.is_empty() {
            message.push('\n');
            message.push_str(more);
        }
    }
    let related = finding.labels.iter().map(
        |label| json!({"location": location(workspace, loaded, label.span), "message": label.text}),
    );
    json!({
        "range": range(loaded, finding.primary.span),
        "severity": match finding.severity {
            Severity::Error => 1,
            Severity::Warning => 2,
        },
        "code": finding.code.to_string(),
        "source": "crosswalk",
        "message": message,
        "relatedInformation": related.collect::<Vec<_>>(),
        "data": report::json(finding, &loaded.sources),
    })
}

pub(super) fn range(loaded: &Loaded, span: Span) -> Value {
    position::range(loaded.sources.text(span.file), span.range())
}

/// A span with the address of its file.
pub(super) fn location(workspace: &Workspace, loaded: &Loaded, span: Span) -> Value {
    let uri = workspace.uri(loaded.sources.name(span.file));
    json!({"uri": uri, "range": range(loaded, span)})
}
