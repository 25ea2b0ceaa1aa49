//! What an editor asks of a mapping: what could stand here, what this is, where it is made, what
//! would mend it.
//!
//! In goes the text of a mapping, a place in it, and a way to compile a text; out come names, places
//! and changes of the text. Nothing here knows a protocol, a file or a terminal.
//!
//! Completion and hover ask the compiler by a probe: the word at the cursor is replaced by one that
//! nothing is called, and what the compiler says could stand there is the answer. So an editor
//! offers what `check` accepts, by construction, and no second walk over the language can disagree.

mod complete;
mod cursor;
mod definition;
mod hover;
mod mend;

pub use complete::{Completion, complete};
pub use definition::definition;
pub use hover::{Hover, hover};
pub use mend::{Mend, mends};

use crate::diag::{Diagnostic, Possible};

/// Compiles a text in place of the mapping's own, and gives what is found in it.
pub type Look<'a> = dyn FnMut(&str) -> Vec<Diagnostic> + 'a;

/// A word that nothing is called, and that is near to nothing.
const PROBE: &str = "qzxjvkqzxjvkqzxjvk";

/// What the compiler says could stand where the probe stands.
fn possible_at(findings: &[Diagnostic], probe: std::ops::Range<usize>) -> Vec<Possible> {
    let covers = |finding: &&Diagnostic| {
        let span = finding.primary.span;
        span.start <= probe.start && probe.end <= span.end && !finding.possible.is_empty()
    };
    let nearest = findings.iter().filter(covers).min_by_key(|finding| {
        let span = finding.primary.span;
        span.end - span.start
    });
    nearest.map(|finding| finding.possible.clone()).unwrap_or_default()
}

/// A text with a part of it replaced.
fn replaced(text: &str, range: std::ops::Range<usize>, with: &str) -> String {
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    format!("{before}{with}{after}")
}

#[cfg(test)]
mod tests;
