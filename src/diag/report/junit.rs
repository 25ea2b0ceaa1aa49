//! What was found as a JUnit report: a suite for each file, a case for each finding.
//!
//! An error is a failed case and a warning one that passed with words. A file without a finding has
//! one case that passed, so that a reader sees that it was checked.

use std::fmt::Write as _;

use super::{Region, Report, lines};
use crate::diag::{Diagnostic, FileId, Severity, SourceMap};

/// The report as an XML document.
pub fn junit(report: &Report<'_>) -> String {
    let mut suites = String::new();
    let (mut tests, mut failures) = (0, 0);
    for file in report.files {
        let found = report.findings.iter().filter(|finding| finding.primary.span.file == *file);
        let found: Vec<&Diagnostic> = found.collect();
        let failed = found.iter().filter(|finding| finding.severity == Severity::Error).count();
        let name = attribute(report.sources.name(*file));
        let count = found.len().max(1);
        (tests, failures) = (tests + count, failures + failed);
        let _ = writeln!(
            suites,
            "  <testsuite name=\"{name}\" tests=\"{count}\" failures=\"{failed}\" errors=\"0\" \
             skipped=\"0\" time=\"0\">"
        );
        match found.is_empty() {
            true => {
                let _ = writeln!(suites, "{}/>", case("no finding", *file, 1, report.sources));
            }
            false => found.iter().for_each(|f| suites.push_str(&finding_case(f, report.sources))),
        }
        suites.push_str("  </testsuite>\n");
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"crosswalk check\" \
         tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" time=\"0\">\n{suites}</testsuites>"
    )
}

/// The beginning of a case; the caller closes it.
fn case(name: &str, file: FileId, line: u32, sources: &SourceMap) -> String {
    let path = attribute(sources.name(file));
    format!(
        "    <testcase name=\"{}\" classname=\"{path}\" file=\"{path}\" line=\"{line}\" time=\"0\"",
        attribute(name)
    )
}

fn finding_case(finding: &Diagnostic, sources: &SourceMap) -> String {
    let span = finding.primary.span;
    let Region { start, end } = Region::of(span, sources);
    let place = format!("{}:{}", start.line, start.column);
    let name = format!("{} at {place}", finding.code);
    let whole = format!(
        "{}:{place}-{}:{}: {}: {}",
        sources.name(span.file),
        end.line,
        end.column,
        finding.code,
        lines(finding).join("\n")
    );
    let inner = match finding.severity {
        Severity::Error => format!(
            "<failure type=\"{}\" message=\"{}\">{}</failure>",
            finding.code,
            attribute(&finding.message),
            escaped(&whole)
        ),
        Severity::Warning => format!("<system-out>{}</system-out>", escaped(&whole)),
    };
    format!("{}>\n      {inner}\n    </testcase>\n", case(&name, span.file, start.line, sources))
}

/// Text between tags. What XML 1.0 cannot hold becomes the sign for a character that is not known.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' | '\t' => out.push(c),
            '\r' => out.push_str("&#13;"),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Text between quotes: a line break would be read as a blank.
fn attribute(text: &str) -> String {
    escaped(text).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;")
}
