//! `crosswalk check`: every fault of a set and its environment, in one pass and without a network.

use serde_json::json;

use super::{
    args::{Check, Format},
    fault::{Ending, Fault},
    findings::{count, counted},
    screen::Screen,
    set::{Loaded, Set, Unnamed},
};
use crate::diag::{
    Colour, Severity, render,
    report::{self, Report},
};

/// Checks a set.
///
/// # Errors
/// [`Fault`] when a file cannot be read.
pub(super) fn check(asked: &Check, screen: &Screen) -> Result<Ending, Fault> {
    let set = Set::find(asked.place.set.as_deref(), asked.place.env.as_deref())?;
    let loaded = set.load(&asked.place, Unnamed::Embedded)?;
    let report =
        Report { sources: &loaded.sources, files: &loaded.files, findings: &loaded.findings };
    match asked.format {
        Format::Human => for_people(&loaded, screen),
        Format::Json => lines(&loaded, screen),
        Format::Sarif => screen.say(&format!("{:#}", report::sarif(&report))),
        Format::Junit => screen.say(&report::junit(&report)),
        Format::Github => {
            let said =
                loaded.findings.iter().map(|finding| report::github(finding, &loaded.sources));
            said.for_each(|line| screen.say(&line));
        }
    }
    let errors = count(&loaded.findings, Severity::Error);
    Ok(if errors == 0 { Ending::Done } else { Ending::Wrong })
}

fn environment(loaded: &Loaded) -> Option<&str> {
    loaded.environment.as_ref().map(|environment| environment.name.as_str())
}

fn for_people(loaded: &Loaded, screen: &Screen) {
    for finding in &loaded.findings {
        screen.say(&render(finding, &loaded.sources, Colour::Ansi));
        screen.say("");
    }
    let place = environment(loaded).map_or_else(String::new, |name| format!(" in {name}"));
    let mappings = counted(loaded.mappings, "mapping");
    let errors = count(&loaded.findings, Severity::Error);
    let found = match (errors, count(&loaded.findings, Severity::Warning)) {
        (0, 0) => "no error".to_owned(),
        (errors, 0) => counted(errors, "error"),
        (errors, warnings) => {
            format!("{}, {}", counted(errors, "error"), counted(warnings, "warning"))
        }
    };
    screen.say(&format!("checked {mappings}{place}: {found}"));
    if let Some(finding) = loaded.findings.first() {
        screen.say(&format!("more about a finding: crosswalk explain {}", finding.code));
    }
}

fn lines(loaded: &Loaded, screen: &Screen) {
    for finding in &loaded.findings {
        screen.json(&report::json(finding, &loaded.sources));
    }
    screen.json(&json!({
        "format": "crosswalk-check/1",
        "mappings": loaded.mappings,
        "environment": environment(loaded),
        "errors": count(&loaded.findings, Severity::Error),
        "warnings": count(&loaded.findings, Severity::Warning),
    }));
}
