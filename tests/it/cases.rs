//! The golden cases beside the shipped mappings, one test for all of them.
//!
//! A case is a folder: `case.yaml` says for which org and tenant, `source/` holds the records as
//! an org's export does, and `expected.json` is all that the mapping makes of them. A new case
//! needs no Rust. `BLESS=1` writes what comes out; look at what changed before it is kept.

mod actions;
mod difference;
mod known;
mod set;
mod shared;
mod shown;
mod tenant;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crosswalk::{compile::Param, program::Program, value::Date};
use serde::Deserialize;

use self::{
    difference::difference,
    known::Settled,
    set::fates_known,
    shown::{laid_out, shown},
};
pub use self::{
    set::{Fate, Setting, cpq_to_zuora, fates, program},
    shared::shared,
    shown::fields,
    tenant::Tenanted,
};

/// What a `case.yaml` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case shows, in a sentence.
    doc: String,
    /// The mapping, by its name.
    mapping: String,
    /// The day of the run.
    as_of: String,
    /// The one currency of the org, or `per_record`.
    #[serde(default)]
    currency: Currency,
    /// Parameters that the environment fills otherwise.
    #[serde(default)]
    params: BTreeMap<String, serde_json::Value>,
    /// What the tenant has otherwise than `cases/tenant.yaml` says.
    #[serde(default)]
    tenant: Tenanted,
    /// The actions that took effect before, in their order.
    #[serde(default)]
    known: Vec<Settled>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(from = "String")]
enum Currency {
    #[default]
    PerRecord,
    One(String),
}

impl From<String> for Currency {
    fn from(text: String) -> Self {
        if text == "per_record" { Self::PerRecord } else { Self::One(text) }
    }
}

/// The tenant that the cases of a set are for, unless they say otherwise.
pub fn tenant_of_cases(set: &Path) -> Tenanted {
    let path = set.join("cases/tenant.yaml");
    if path.is_file() { read_yaml(&path) } else { Tenanted::default() }
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

fn param(value: &serde_json::Value) -> Param {
    match value {
        serde_json::Value::Bool(truth) => Param::Bool(*truth),
        serde_json::Value::Number(number) => Param::Number(number.to_string()),
        serde_json::Value::String(text) => Param::Text(text.clone()),
        other => panic!("a parameter is a text, a number or a truth value, not {other}"),
    }
}

/// A case that was run.
pub struct Ran {
    /// Its folder.
    pub folder: PathBuf,
    /// Its mapping.
    pub program: Program,
    /// What the mapping makes of its records.
    pub fates: Vec<Fate>,
}

/// Runs every case of every set of mappings.
pub fn run_all() -> Vec<Ran> {
    run_below("mappings")
}

/// Runs every case of every set in a folder of the project.
fn run_below(folder: &str) -> Vec<Ran> {
    let mappings = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder);
    let sets = folders(&mappings).into_iter();
    let mut programs = Programs::new();
    let mut ran = Vec::new();
    for set in sets {
        ran.extend(folders(&set.join("cases")).into_iter().map(|it| run(&set, it, &mut programs)));
    }
    ran
}

/// What was compiled already, by set, mapping and setting: most cases share theirs.
type Programs = BTreeMap<String, Program>;

fn run(set: &Path, folder: PathBuf, programs: &mut Programs) -> Ran {
    let case: Case = read_yaml(&folder.join("case.yaml"));
    assert!(!case.doc.trim().is_empty(), "{}: what does it show?", folder.display());
    Date::parse(&case.as_of).unwrap_or_else(|e| panic!("{}: as_of: {e}", folder.display()));
    let setting = Setting {
        tenant: case.tenant.over(tenant_of_cases(set)),
        currency: match case.currency {
            Currency::PerRecord => None,
            Currency::One(code) => Some(code),
        },
        params: case.params.iter().map(|(name, value)| (name.clone(), param(value))).collect(),
    };
    let key = format!("{} {} {setting:?}", set.display(), case.mapping);
    let program =
        programs.entry(key).or_insert_with(|| program(set, &case.mapping, &setting)).clone();
    let fates = fates_known(&program, &folder.join("source"), &case.known);
    Ran { folder, program, fates }
}

#[test]
fn every_case_gives_what_it_expects() {
    let bless = std::env::var_os("BLESS").is_some_and(|value| value == "1");
    let (mut cases, mut faults) = (0, Vec::new());
    for ran in run_all().into_iter().chain(run_below("tests/cases/sets")) {
        cases += 1;
        let got = shown(&ran.program, &ran.fates);
        let path = ran.folder.join("expected.json");
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        if bless && written != got {
            std::fs::write(&path, &got).unwrap();
            continue;
        }
        let expected = if written.trim().is_empty() { String::new() } else { laid_out(&written) };
        if expected != got {
            faults.push(format!("{}\n{}", ran.folder.display(), difference(&expected, &got)));
        }
    }
    assert!(cases >= 13, "only {cases} cases were found");
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
