//! What we can say to the author of a file.
//!
//! A fault in a user's file is a [`Diagnostic`], collected with all others, never an `Err`. It
//! knows its code, the places involved and at most one fix; it becomes text in [`render`] alone.

mod codes;
mod explain;
mod nearest;
mod possible;
mod render;
pub mod report;
mod source_map;

use std::collections::BTreeSet;

pub use codes::{CODES, Code, CodeInfo};
pub use explain::{Example, Explanation, Shows, explain};
pub use nearest::{nearest, slip};
pub use possible::Possible;
pub use render::{Colour, render};
pub use source_map::{FileId, Moved, Place, SourceMap, Span};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The mapping cannot be used.
    Error,
    /// The mapping works, and probably not as meant.
    Warning,
}

/// A place that belongs to a finding, and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to be said of it; may be empty.
    pub text: String,
}

/// A change of the file that would end the finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in a few words.
    pub title: String,
    /// What is replaced.
    pub span: Span,
    /// What stands there instead.
    pub replacement: String,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable code.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where it is wrong, and what is to be said there.
    pub primary: Label,
    /// Other places that are involved.
    pub labels: Vec<Label>,
    /// What to do about it, when that can be said.
    pub hint: Option<String>,
    /// The one fix that fits, when there is one.
    pub fix: Option<Fix>,
    /// What could stand there, or is missing there: for editors, never part of a report.
    pub possible: Vec<Possible>,
    /// Where the name is made that was most probably meant: for the compiler, never part of a report.
    pub meant: Option<Span>,
    /// Where the fault most probably lies, when that is elsewhere: findings of one cause are one.
    pub cause: Option<Span>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        let primary = Label { span, text: String::new() };
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            primary,
            labels: Vec::new(),
            hint: None,
            fix: None,
            possible: Vec::new(),
            meant: None,
            cause: None,
        }
    }

    /// The same finding in a map that took in its own.
    #[must_use]
    pub fn moved(mut self, moved: Moved) -> Self {
        self.primary.span = moved.span(self.primary.span);
        self.labels.iter_mut().for_each(|label| label.span = moved.span(label.span));
        if let Some(fix) = &mut self.fix {
            fix.span = moved.span(fix.span);
        }
        self
    }

    /// The same finding as a warning.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Says something at the place of the finding.
    #[must_use]
    pub fn here(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says where the fault most probably lies: a name that is used here. Of all findings with this
    /// cause one is kept, which names the places of the others.
    #[must_use]
    pub fn caused_by(mut self, cause: Option<Span>) -> Self {
        self.cause = cause.filter(|cause| *cause != self.primary.span);
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Offers a name that is near to the one that was written, if there is one.
    #[must_use]
    pub fn suggest<'a>(self, written: &str, names: impl IntoIterator<Item = &'a str>) -> Self {
        let Some(name) = nearest(written, names) else { return self };
        let span = self.primary.span;
        self.fix(Fix {
            title: format!("`{name}` is near to it"),
            span,
            replacement: name.to_owned(),
        })
    }

    /// Says what could stand there, or is missing there.
    #[must_use]
    pub fn possible(mut self, possible: impl IntoIterator<Item = Possible>) -> Self {
        self.possible = possible.into_iter().collect();
        self
    }

    /// Says by name what could stand there, where more is not said already.
    #[must_use]
    pub fn names<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Self {
        if self.possible.is_empty() {
            return self.possible(names.into_iter().map(Possible::of));
        }
        self
    }

    /// Says where the name is made that was most probably meant.
    #[must_use]
    pub fn meant(mut self, made: Option<Span>) -> Self {
        self.meant = made;
        self
    }

    /// Offers a fix.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
}

/// The findings of one pass, in the order of their places once they are taken out.
#[derive(Debug, Default)]
pub struct Findings {
    all: Vec<Diagnostic>,
    /// What was said, and where: a part that is used twice is read twice, and is one fault.
    said: BTreeSet<(Span, Code, String)>,
}

impl Findings {
    /// No finding yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a finding; the same finding at the same place is kept once.
    pub fn push(&mut self, finding: Diagnostic) {
        if self.said.insert((finding.primary.span, finding.code, finding.message.clone())) {
            self.all.push(finding);
        }
    }

    /// Adds many.
    pub fn extend(&mut self, findings: impl IntoIterator<Item = Diagnostic>) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }

    /// Whether one of them is an error.
    pub fn has_error(&self) -> bool {
        self.all.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// All of them, sorted by file, place and code.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.all.sort_by(|a, b| {
            let key = |d: &Diagnostic| (d.primary.span.file, d.primary.span.start, d.code);
            key(a).cmp(&key(b))
        });
        once_per_cause(self.all)
    }
}

/// How many of the places that a fault elsewhere makes wrong are shown.
const SHOWN_PER_CAUSE: usize = 3;

/// Keeps the first finding of each cause, with the places of the others. What may be absent and what
/// is of another type are two faults of one name.
fn once_per_cause(all: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(all.len());
    let kind = |one: &Diagnostic| {
        one.cause.map(|cause| (cause, one.severity, one.code == Code::MAY_BE_ABSENT))
    };
    for finding in all {
        let first = kept.iter_mut().find(|one| one.cause.is_some() && kind(one) == kind(&finding));
        match first {
            None => kept.push(finding),
            Some(first) => first.also_at(finding.primary.span),
        }
    }
    for one in &mut kept {
        // Sorted and kept once more, as where mappings are put together, it says no more.
        let said = |label: &Label| label.text == CAUSE;
        if let Some(span) = one.cause.filter(|_| !one.labels.iter().any(said)) {
            one.labels.insert(0, Label { span, text: CAUSE.to_owned() });
        }
    }
    kept
}

/// What is said at the cause of a finding.
const CAUSE: &str = "it is made here";

impl Diagnostic {
    /// Notes another place with the same cause.
    fn also_at(&mut self, span: Span) {
        let others = self.labels.iter().filter(|label| label.text == ALSO).count();
        let known = self.labels.iter().any(|label| label.span == span);
        if others < SHOWN_PER_CAUSE && !known && span != self.primary.span {
            self.labels.push(Label { span, text: ALSO.to_owned() });
        }
    }
}

/// What is said at another place with the same cause.
const ALSO: &str = "and here";
