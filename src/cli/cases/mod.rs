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
mod records;
mod run;
mod shown;

use std::path::{Path, PathBuf};

pub use difference::Difference;
pub use run::{Fate, Ran};
pub use shown::fields;

pub(super) use case::{CASE_FILE, Matching, mapping_of, name_of, org_beside};
pub(super) use run::{EXPECTED_FILE, Outcome, Runner, SOURCE_FOLDER, Wrong, documented, set_of};

use super::{
    fault::Fault,
    set::{SETS, folders},
};
use crate::diag::{Colour, nearest, render};

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

/// How many names are given as an example.
const NAMES_SHOWN_MAX: usize = 3;

/// The cases of a name, in whatever set; `*` in it stands for any characters.
///
/// # Errors
/// [`Fault::Argument`] when there is none, with the names that are like it.
pub(super) fn cases_by_name(name: &Path) -> Result<Vec<PathBuf>, Fault> {
    let all: Vec<PathBuf> = folders(Path::new(SETS)).iter().flat_map(|set| cases_of(set)).collect();
    let wanted = name.display().to_string();
    let is_meant = |case: &&PathBuf| fits(&name_of(case), &wanted);
    let found: Vec<PathBuf> = all.iter().filter(is_meant).cloned().collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let names: Vec<String> = all.iter().map(|case| name_of(case)).collect();
    let near = nearest(&wanted, names.iter().map(String::as_str));
    let begin: Vec<&str> = like(&names, |name| name.starts_with(&wanted));
    let hold: Vec<&str> = like(&names, |name| name.contains(&wanted));
    let several = |pattern: String, names: &[&str]| {
        let shown: Vec<&str> = names.iter().take(NAMES_SHOWN_MAX).copied().collect();
        format!("'{pattern}' names {} cases, such as {}", names.len(), shown.join(", "))
    };
    let way_out = match (near, begin.as_slice(), hold.as_slice()) {
        (Some(near), ..) => format!("`{near}` is near to it"),
        (None, [], []) => {
            format!("there are {} cases below ./{SETS}; a path is taken too", names.len())
        }
        (None, [], [one]) | (None, [one], _) => format!("there is `{one}`"),
        (None, [], hold) => several(format!("*{wanted}*"), hold),
        (None, begin, _) => several(format!("{wanted}*"), begin),
    };
    Err(Fault::argument(format!("there is no case `{wanted}`"), way_out))
}

fn like(names: &[String], is_like: impl Fn(&str) -> bool) -> Vec<&str> {
    names.iter().map(String::as_str).filter(|name| is_like(name)).collect()
}

/// Whether a name is the one of a pattern, in which `*` stands for any characters.
fn fits(name: &str, pattern: &str) -> bool {
    let Some((begin, rest)) = pattern.split_once('*') else { return name == pattern };
    let Some(mut left) = name.strip_prefix(begin) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        let Some((_, after)) = left.split_once(part) else { return false };
        left = after;
    }
    left.ends_with(end)
}

/// The one case that is meant by a path or a name.
///
/// # Errors
/// [`Fault::Argument`] when there is none, or more than one.
pub(super) fn case_folder(named: &Path) -> Result<PathBuf, Fault> {
    if named.join(CASE_FILE).is_file() {
        return Ok(named.to_owned());
    }
    match cases_by_name(named)?.as_slice() {
        [one] => Ok(one.clone()),
        many => {
            let folders: Vec<String> = many.iter().map(|one| one.display().to_string()).collect();
            let what = format!("there are several cases `{}`", named.display());
            Err(Fault::argument(what, format!("name one of {}", folders.join(", "))))
        }
    }
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

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_any_characters() {
        for pattern in ["quote-new", "quote*", "*new", "*", "q*o*e-*w", "quote-new*", "q**new"] {
            assert!(fits("quote-new", pattern), "{pattern}");
        }
        for pattern in ["quote", "quote-", "*quote", "new*", "q*x*w", "quote-new-*", "*w*w"] {
            assert!(!fits("quote-new", pattern), "{pattern}");
        }
    }
}
