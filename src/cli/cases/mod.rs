//! Golden cases: folders beside the mappings that say what becomes of some records.
//!
//! A case is a folder: `case.yaml` says for which org and tenant, and what took effect before;
//! `source/` holds the records as an org's export does, and `expected.json` is all that the
//! mapping makes of them. What enters is a folder, what leaves is what came of it and in what
//! that differs from what was expected. Nothing here prints, and nothing is sent.

mod actions;
mod case;
mod difference;
mod layout;
mod run;
mod shown;

use std::path::{Path, PathBuf};

pub use difference::Difference;
pub use run::{Fate, Ran};
pub use shown::fields;

pub(super) use case::{CASE_FILE, Matching, mapping_of, name_of};
pub(super) use run::{EXPECTED_FILE, Outcome, Runner, Wrong, set_of};

use super::fault::Fault;
use crate::diag::{Colour, render};

/// The folder of a set that holds its cases.
pub(super) const CASES_FOLDER: &str = "cases";

/// The cases of a set, in the order of their names.
pub(super) fn cases_of(set: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(set.join(CASES_FOLDER)) else { return Vec::new() };
    let folders = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut folders: Vec<PathBuf> =
        folders.filter(|folder| folder.join(CASE_FILE).is_file()).collect();
    folders.sort();
    folders
}

/// Runs the cases of a set one after the other, for tests of this project.
///
/// # Errors
/// What is wrong with a case or its mapping, drawn, or which file cannot be used.
pub async fn run_set(set: &Path) -> Result<Vec<Ran>, String> {
    let (mut runner, mut all) = (Runner::default(), Vec::new());
    for folder in cases_of(set) {
        let said = |fault: Fault| format!("{}: {fault}", folder.display());
        match runner.run(&folder).await.map_err(said)? {
            Outcome::Ran(ran) => all.push(*ran),
            Outcome::Wrong(wrong) => {
                let drawn = wrong.findings.iter();
                let drawn = drawn.map(|finding| render(finding, &wrong.sources, Colour::None));
                return Err(drawn.collect::<Vec<_>>().join("\n\n"));
            }
        }
    }
    Ok(all)
}
