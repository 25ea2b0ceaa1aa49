//! A finding as a workflow command, which GitHub draws beside the line of a change.
//!
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>: what has a
//! meaning in a command is written as `%` and two digits, in a property more of it than in the text.

use super::{Region, lines};
use crate::diag::{Diagnostic, Severity, SourceMap};

/// A finding as one line: `::error file=…,line=…::…`.
pub fn github(finding: &Diagnostic, sources: &SourceMap) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let span = finding.primary.span;
    let Region { start, end } = Region::of(span, sources);
    let mut properties = vec![
        format!("file={}", property(&slashes(sources.name(span.file)))),
        format!("line={}", start.line),
        format!("endLine={}", end.line),
    ];
    // GitHub refuses columns where the lines differ.
    if start.line == end.line {
        properties.push(format!("col={}", start.column));
        properties.push(format!("endColumn={}", end.column));
    }
    properties.push(format!("title={}", property(&finding.code.to_string())));
    format!("::{command} {}::{}", properties.join(","), text(&lines(finding).join("\n")))
}

/// A path as GitHub writes it.
fn slashes(path: &str) -> String {
    if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() }
}

fn text(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(value: &str) -> String {
    text(value).replace(':', "%3A").replace(',', "%2C")
}
