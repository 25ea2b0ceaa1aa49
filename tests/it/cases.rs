//! The golden cases beside the mappings, one test for all of them, and the records of a folder under
//! a mapping, for other tests.
//!
//! `crosswalk test` runs the same code and shows it better; `BLESS=1` does here what `--bless` does
//! there.

mod set;
mod shared;
mod tenant;

use std::path::{Path, PathBuf};

use crosswalk::cli::cases::run_set;
pub use crosswalk::cli::cases::{Fate, Ran, fields};

pub use self::{
    set::{Setting, cpq_to_zuora, fates, orders_to_zuora, program},
    shared::shared,
    tenant::{OrgFields, Tenanted},
};

/// The tenant that the cases of a set are for, unless they say otherwise.
pub fn tenant_of_cases(set: &Path) -> Tenanted {
    let path = set.join("cases/tenant.yaml");
    if path.is_file() { read_yaml(&path) } else { Tenanted::default() }
}

/// What the org of the cases of a set has of its own.
pub fn org_of_cases(set: &Path) -> OrgFields {
    read_yaml(&set.join("cases/org.yaml"))
}

fn read_yaml<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_yaml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).into_iter().flatten();
    let mut folders: Vec<_> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// Runs every case of every shipped set of mappings.
pub fn run_all() -> Vec<Ran> {
    run_below("mappings")
}

/// Runs every case of every set in a folder of the project.
fn run_below(folder: &str) -> Vec<Ran> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let run = |set: PathBuf| match runtime.block_on(run_set(&set)) {
        Ok(all) => all,
        Err(said) => panic!("{}: {said}", set.display()),
    };
    folders(&folder).into_iter().flat_map(run).collect()
}

#[test]
fn every_case_gives_what_it_expects() {
    let bless = std::env::var_os("BLESS").is_some_and(|value| value == "1");
    let (mut cases, mut faults) = (0, Vec::new());
    for ran in run_all().into_iter().chain(run_below("tests/cases/sets")) {
        cases += 1;
        let as_expected = ran.expected.is_some() && ran.differences.is_empty();
        if bless && !as_expected {
            std::fs::write(ran.folder.join("expected.json"), &ran.shown).unwrap();
        } else if !as_expected {
            let lines = ran.differences.iter().map(|one| format!("  {one:?}"));
            let lines: Vec<String> = lines.collect();
            faults.push(format!("{}\n{}", ran.folder.display(), lines.join("\n")));
        }
    }
    assert!(cases >= 42, "only {cases} cases were found");
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
