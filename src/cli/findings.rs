//! Findings, shown for people or as JSON lines.

use super::{fault::Fault, screen::Screen};
use crate::diag::{Colour, Diagnostic, Severity, SourceMap, render, report};

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
            true => screen.json(&report::json(finding, sources)),
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
