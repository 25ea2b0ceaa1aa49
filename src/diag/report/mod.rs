//! Findings for other programs: JSON lines, SARIF, JUnit, and annotations of GitHub.
//!
//! A finding enters with the texts that it points into, and leaves as a value or a text. All four
//! say the same of it at the same place: lines and columns from 1, columns in characters, the end
//! after the last character.

mod github;
mod json;
mod junit;
mod sarif;

pub use github::github;
pub use json::json;
pub use junit::junit;
pub use sarif::sarif;

use super::{Diagnostic, FileId, Place, SourceMap, Span};

/// What a check looked at, and what it found.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The texts.
    pub sources: &'a SourceMap,
    /// Those that were checked, with a finding or without.
    pub files: &'a [FileId],
    /// What was found.
    pub findings: &'a [Diagnostic],
}

/// Where a span begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Region {
    start: Place,
    end: Place,
}

impl Region {
    fn of(span: Span, sources: &SourceMap) -> Self {
        Self { start: sources.place(span), end: sources.end_place(span) }
    }
}

/// What is wrong and what to do, as plain lines.
fn lines(finding: &Diagnostic) -> Vec<String> {
    let mut lines = vec![finding.message.clone()];
    if !finding.primary.text.is_empty() {
        lines.push(finding.primary.text.clone());
    }
    if let Some(hint) = &finding.hint {
        lines.push(format!("help: {hint}"));
    }
    if let Some(fix) = &finding.fix {
        lines.push(format!("help: {}: write `{}`", fix.title, fix.replacement));
    }
    lines
}

#[cfg(test)]
mod tests;
