//! `crosswalk check`: every fault of a set and its environment, in one pass and without a network.

use serde_json::json;

use super::{
    args::Check,
    fault::{Ending, Fault},
    findings::{self, count, counted},
    screen::Screen,
    set::{Set, Unnamed},
};
use crate::diag::Severity;

/// Checks a set.
///
/// # Errors
/// [`Fault`] when a file cannot be read.
pub(super) fn check(asked: &Check, screen: &Screen) -> Result<Ending, Fault> {
    let set = Set::find(asked.place.set.as_deref(), asked.place.env.as_deref())?;
    let loaded = set.load(&asked.place, Unnamed::Embedded)?;
    findings::say(&loaded, screen);
    let errors = count(&loaded.findings, Severity::Error);
    let warnings = count(&loaded.findings, Severity::Warning);
    let environment = loaded.environment.as_ref().map(|environment| environment.name.clone());
    if screen.is_json() {
        screen.json(&json!({
            "format": "crosswalk-check/1",
            "mappings": loaded.mappings,
            "environment": environment,
            "errors": errors,
            "warnings": warnings,
        }));
    } else {
        let place = environment.map_or_else(String::new, |name| format!(" in {name}"));
        let mappings = counted(loaded.mappings, "mapping");
        let found = match (errors, warnings) {
            (0, 0) => "no error".to_owned(),
            (errors, 0) => counted(errors, "error"),
            (errors, warnings) => {
                format!("{}, {}", counted(errors, "error"), counted(warnings, "warning"))
            }
        };
        screen.say(&format!("checked {mappings}{place}: {found}"));
    }
    Ok(if errors == 0 { Ending::Done } else { Ending::Wrong })
}
