//! The names that a mapping makes, and which of them it uses.
//!
//! Two things follow from it at the end. A name that nothing uses is a warning: it is a slip, or
//! what is left of something. And where a name is asked for that does not exist, several times, and
//! one near to it is used nowhere, then the slip is where the name is made, and is said there once.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Code, Diagnostic, Fix, SourceMap, Span};

/// How many places of use are shown beside a finding.
const LABELS_MAX: usize = 4;
/// From how many uses on a slip is rather in the one place where the name is made.
const USES_MIN: usize = 2;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Name,
    Param,
    Table,
    Output,
    Shape,
    Parameter,
    Mapping,
    /// The row of a list, its number: its use is no matter, its name may be.
    Row,
    /// A resource, which is there for its own sake.
    Resource,
}

/// The names of a mapping by the places where they are made.
#[derive(Debug, Default)]
pub(super) struct Made {
    all: BTreeMap<Span, (String, What)>,
    used: BTreeSet<Span>,
}

impl Made {
    /// Notes a name that is made at a place.
    pub fn add(&mut self, span: Span, name: &str, what: What) {
        self.all.entry(span).or_insert_with(|| (name.to_owned(), what));
    }

    /// Notes that the name that is made at a place is used.
    pub fn touch(&mut self, span: Span) {
        self.used.insert(span);
    }

    /// Takes in what another part of the set makes and uses.
    pub fn absorb(&mut self, other: Self) {
        self.all.extend(other.all);
        self.used.extend(other.used);
    }

    /// The findings as they are best said: a slip in the making of a name once, and there.
    pub fn settled(&self, sources: &SourceMap, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
        merged(self.moved(sources, findings))
    }

    /// What nothing uses, as warnings. Right only where all else is: what is wrong may use it.
    pub fn unused(&self) -> impl Iterator<Item = Diagnostic> {
        let unused = self.all.iter().filter(|(span, _)| !self.used.contains(span));
        unused.filter_map(|(span, (name, what))| {
            let message = match what {
                What::Name => format!("nothing uses the name `{name}`"),
                What::Param => format!("nothing uses the parameter `{name}`"),
                What::Table => format!("nothing uses `{name}`, so that it is not checked either"),
                What::Output => format!("nothing uses the output `{name}`"),
                What::Shape => format!("nothing uses `{name}`, so that it is not checked either"),
                What::Parameter => format!("the shape does not use `{name}`"),
                What::Mapping => format!("no reference goes to `{name}`"),
                What::Row | What::Resource => return None,
            };
            let finding = Diagnostic::error(Code::UNUSED_NAME, *span, message);
            Some(finding.hint("use it, or take it out").as_warning())
        })
    }

    /// Puts what is asked for in vain to where a near name is made, if nothing uses that.
    fn moved(&self, sources: &SourceMap, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let mut groups: BTreeMap<Span, Vec<&Diagnostic>> = BTreeMap::new();
        for finding in &findings {
            let own = |made: &Span| self.all.contains_key(made) && !self.used.contains(made);
            if let Some(made) = finding.meant.filter(own) {
                groups.entry(made).or_default().push(finding);
            }
        }
        groups.retain(|made, group| {
            let written = |one: &Diagnostic| sources.slice(one.primary.span).to_owned();
            let first = group.first().map(|one| written(one));
            // What a shape is given is used in the shape, or it is the one that is wrong.
            let is_parameter = matches!(self.all.get(made), Some((_, What::Parameter)));
            let is_given = group.iter().any(|one| one.code == Code::UNKNOWN_KEY);
            let least = if is_parameter && is_given { 1 } else { USES_MIN };
            group.len() >= least && group.iter().all(|one| Some(written(one)) == first)
        });
        let moved: Vec<Diagnostic> = groups
            .iter()
            .filter_map(|(made, group)| {
                let (name, _) = self.all.get(made)?;
                Some(slip(*made, name, sources.slice(group.first()?.primary.span), group))
            })
            .collect();
        let gone = |one: &Diagnostic| one.meant.is_some_and(|made| groups.contains_key(&made));
        let kept: Vec<Diagnostic> = findings.iter().filter(|one| !gone(one)).cloned().collect();
        kept.into_iter().chain(moved).collect()
    }
}

/// A name that is misspelt where it is made.
fn slip(made: Span, name: &str, asked: &str, uses: &[&Diagnostic]) -> Diagnostic {
    let code = uses.first().map_or(Code::UNKNOWN_NAME, |first| first.code);
    let message = match uses.len() {
        1 => format!("nothing uses `{name}`, and `{asked}` is asked for"),
        many => format!("nothing uses `{name}`, and `{asked}` is asked for in {many} places"),
    };
    let title = format!("`{asked}` is what is asked for");
    let replacement = asked.to_owned();
    let finding = Diagnostic::error(code, made, message);
    let finding = finding.fix(Fix { title, span: made, replacement });
    uses.iter()
        .take(LABELS_MAX)
        .fold(finding, |finding, one| finding.label(one.primary.span, "asked for here"))
}

/// A name that does not exist and that nothing is near to is said once, with its other places.
fn merged(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    const NAMES: [Code; 6] = [
        Code::UNKNOWN_FIELD,
        Code::UNKNOWN_NAME,
        Code::UNKNOWN_TABLE,
        Code::UNKNOWN_FUNCTION,
        Code::UNKNOWN_RESOURCE,
        Code::UNKNOWN_SHAPE,
    ];
    let mut kept: Vec<Diagnostic> = Vec::new();
    for finding in findings {
        let same = |one: &&mut Diagnostic| {
            let code = one.code == finding.code && NAMES.contains(&one.code);
            code && one.message == finding.message && one.fix.is_none() && finding.fix.is_none()
        };
        match kept.iter_mut().find(same) {
            Some(first) if first.labels.len() < LABELS_MAX => {
                let place = finding.primary.span;
                first.labels.push(crate::diag::Label { span: place, text: "and here".to_owned() });
            }
            Some(_) => {}
            None => kept.push(finding),
        }
    }
    kept
}
