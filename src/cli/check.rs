//! `crosswalk check`: every fault of mapping sets and their environments, in one pass and without a
//! network.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    args::{Check, Format, Place},
    fault::{Ending, Fault},
    findings::{count, counted},
    screen::Screen,
    set::{Set, Unnamed},
};
use crate::diag::{
    Colour, Diagnostic, FileId, Severity, SourceMap, render,
    report::{self, Report},
};

/// What was checked, of all sets.
#[derive(Default)]
struct Checked {
    sources: SourceMap,
    files: Vec<FileId>,
    /// What is wrong, set by set.
    findings: Vec<Diagnostic>,
    sets: usize,
    mappings: usize,
    /// The environment of each set, where it has one.
    environments: Vec<Option<String>>,
}

impl Checked {
    fn count(&self, severity: Severity) -> usize {
        count(&self.findings, severity)
    }

    /// The environment that all sets were checked in.
    fn environment(&self) -> Option<&str> {
        let first = self.environments.first()?.as_deref();
        first.filter(|first| self.environments.iter().all(|one| one.as_deref() == Some(*first)))
    }
}

/// Checks sets.
///
/// # Errors
/// [`Fault`] when there is none, or a file cannot be read.
pub(super) fn check(asked: &Check, screen: &Screen) -> Result<Ending, Fault> {
    let place = Place { set: None, env: asked.env.clone(), data: asked.data.clone() };
    let mut checked = Checked::default();
    for set in Set::all(&asked.sets, asked.env.as_deref())? {
        add(&mut checked, set, &place)?;
    }
    let Checked { sources, files, findings, .. } = &checked;
    let report = Report { sources, files, findings };
    match asked.format {
        Format::Human => for_people(&checked, screen),
        Format::Json => lines(&checked, screen),
        Format::Sarif => screen.say(&format!("{:#}", report::sarif(&report))),
        Format::Junit => screen.say(&report::junit(&report)),
        Format::Github => {
            let said = findings.iter().map(|finding| report::github(finding, sources));
            said.for_each(|line| screen.say(&line));
        }
    }
    Ok(if checked.count(Severity::Error) == 0 { Ending::Done } else { Ending::Wrong })
}

fn add(checked: &mut Checked, set: Set, place: &Place) -> Result<(), Fault> {
    let beside = std::mem::take(&mut checked.sources);
    let loaded = set.load_beside(beside, place, Unnamed::Embedded)?;
    checked.sources = loaded.sources;
    // A mapping that another set uses is checked with both, and told of once.
    let sources = &checked.sources;
    let known: BTreeSet<&str> = checked.files.iter().map(|file| sources.name(*file)).collect();
    let told: Vec<Value> =
        checked.findings.iter().map(|finding| report::json(finding, sources)).collect();
    let is_new = |file: &FileId| !known.contains(sources.name(*file));
    let files: Vec<FileId> = loaded.files.iter().copied().filter(is_new).collect();
    let mappings = files.iter().filter(|file| loaded.ids.contains(file)).count();
    let is_told = |finding: &Diagnostic| told.contains(&report::json(finding, sources));
    let findings = loaded.findings.into_iter().filter(|finding| !is_told(finding));
    checked.findings.extend(findings);
    checked.files.extend(files);
    checked.mappings += mappings;
    checked.sets += 1;
    checked.environments.push(loaded.environment.map(|environment| environment.name));
    Ok(())
}

fn for_people(checked: &Checked, screen: &Screen) {
    for finding in &checked.findings {
        screen.say(&render(finding, &checked.sources, Colour::Ansi));
        screen.say("");
    }
    let sets = match checked.sets {
        1 => String::new(),
        many => format!(" of {}", counted(many, "set")),
    };
    let place = checked.environment().map_or_else(String::new, |name| format!(" in {name}"));
    let mappings = counted(checked.mappings, "mapping");
    let found = match (checked.count(Severity::Error), checked.count(Severity::Warning)) {
        (0, 0) => "no error".to_owned(),
        (errors, 0) => counted(errors, "error"),
        (errors, warnings) => {
            format!("{}, {}", counted(errors, "error"), counted(warnings, "warning"))
        }
    };
    screen.say(&format!("checked {mappings}{sets}{place}: {found}"));
    if let Some(finding) = checked.findings.first() {
        screen.say(&format!("more about a finding: crosswalk explain {}", finding.code));
    }
}

fn lines(checked: &Checked, screen: &Screen) {
    for finding in &checked.findings {
        screen.json(&report::json(finding, &checked.sources));
    }
    screen.json(&json!({
        "format": "crosswalk-check/1",
        "mappings": checked.mappings,
        "environment": checked.environment(),
        "errors": checked.count(Severity::Error),
        "warnings": checked.count(Severity::Warning),
    }));
}
