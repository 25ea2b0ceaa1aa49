//! `crosswalk check`: every fault of mapping sets and their environments, in one pass and without a
//! network.

use std::{
    collections::{BTreeSet, HashSet},
    num::NonZero,
    sync::{Mutex, PoisonError},
};

use serde_json::json;

use super::{
    args::{Check, Format, Place},
    fault::{Ending, Fault},
    findings::{count, counted},
    screen::Screen,
    set::{Set, Unnamed},
};
use crate::{
    diag::{
        Colour, Diagnostic, FileId, Severity, SourceMap, render,
        report::{self, Report},
    },
    schema::Catalog,
};

/// What was checked, of all sets.
#[derive(Default)]
struct Checked {
    sources: SourceMap,
    files: Vec<FileId>,
    /// What is wrong, set by set.
    findings: Vec<Diagnostic>,
    /// The same, as JSON: spans of one text in two sets differ.
    said: HashSet<String>,
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
    let sets = Set::all(&asked.sets, asked.env.as_deref())?;
    let mut checked = Checked::default();
    for loaded in loaded(sets, &place) {
        add(&mut checked, loaded?);
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

/// What of a loaded set is told.
struct Told {
    sources: SourceMap,
    /// What was checked, and which of it are mappings.
    files: Vec<(FileId, bool)>,
    findings: Vec<Diagnostic>,
    environment: Option<String>,
}

/// Loads sets, as many at once as the machine has cores; they come in their order.
fn loaded(sets: Vec<Set>, place: &Place) -> Vec<Result<Told, Fault>> {
    let catalog = Catalog::embedded();
    let load = |set: Set| {
        let loaded = set.load_over(catalog.clone(), place, Unnamed::Embedded)?;
        let files = loaded.files.iter().map(|file| (*file, loaded.ids.contains(file)));
        Ok(Told {
            files: files.collect(),
            sources: loaded.sources,
            findings: loaded.findings,
            environment: loaded.environment.map(|environment| environment.name),
        })
    };
    let waiting = Mutex::new(sets.into_iter().enumerate());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || std::iter::from_fn(next).map(|(at, set)| (at, load(set))).collect::<Vec<_>>();
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let others =
        waiting.lock().unwrap_or_else(PoisonError::into_inner).len().min(cores).saturating_sub(1);
    let mut all = std::thread::scope(|scope| {
        let others: Vec<_> = (0..others).map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for other in others {
            match other.join() {
                Ok(more) => all.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, told)| told).collect()
}

/// Adds what is told of a set. A mapping that another set uses is checked with both, and told of
/// once.
fn add(checked: &mut Checked, told: Told) {
    let moved = checked.sources.take_in(told.sources);
    let sources = &checked.sources;
    let known: BTreeSet<&str> = checked.files.iter().map(|file| sources.name(*file)).collect();
    let files = told.files.into_iter().map(|(file, is_mapping)| (moved.file(file), is_mapping));
    let files: Vec<_> = files.filter(|(file, _)| !known.contains(sources.name(*file))).collect();
    let findings = told.findings.into_iter().map(|finding| finding.moved(moved));
    let findings = findings.map(|finding| (report::json(&finding, sources).to_string(), finding));
    let (said, findings): (Vec<_>, Vec<_>) =
        findings.filter(|(said, _)| !checked.said.contains(said)).unzip();
    checked.said.extend(said);
    checked.findings.extend(findings);
    checked.mappings += files.iter().filter(|(_, is_mapping)| *is_mapping).count();
    checked.files.extend(files.into_iter().map(|(file, _)| file));
    checked.sets += 1;
    checked.environments.push(told.environment);
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
