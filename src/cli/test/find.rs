//! Which cases are meant by what was named.

use std::path::{Path, PathBuf};

use crate::{
    cli::{
        cases::{CASE_FILE, CASES_FOLDER, cases_by_name, cases_of, mapping_of},
        fault::Fault,
        set::{SETS, folders, mapping_name, read_text, tidy},
    },
    diag::SourceMap,
};

/// The cases that were asked for.
pub(super) struct Chosen {
    /// Their folders, each once.
    pub(super) folders: Vec<PathBuf>,
    /// Whether they are all cases of their mappings, so that what none of them uses can be told.
    pub(super) whole: bool,
}

/// The cases that are meant.
///
/// # Errors
/// [`Fault::Argument`] when something named is neither a set, a mapping nor a case, or has none.
pub(super) fn cases(named: &[PathBuf]) -> Result<Chosen, Fault> {
    let mut chosen = Chosen { folders: Vec::new(), whole: true };
    for set in folders(Path::new(SETS)).iter().filter(|_| named.is_empty()) {
        chosen.folders.extend(cases_of(set));
    }
    for name in named {
        let found = meant(name, &mut chosen.whole)?;
        let is_new = |folder: &PathBuf| !chosen.folders.contains(folder);
        let found: Vec<PathBuf> = found.into_iter().filter(is_new).collect();
        chosen.folders.extend(found);
    }
    if chosen.folders.is_empty() {
        let what = format!("there is no case below ./{SETS}");
        let way_out = format!("a case is a folder SET/{CASES_FOLDER}/NAME with a {CASE_FILE}");
        return Err(Fault::argument(what, way_out));
    }
    Ok(chosen)
}

fn meant(name: &Path, whole: &mut bool) -> Result<Vec<PathBuf>, Fault> {
    let found = if name.join(CASE_FILE).is_file() {
        *whole = false;
        vec![tidy(name)]
    } else if name.is_file() {
        of_mapping(name)?
    } else if name.is_dir() && name.file_name().is_some_and(|last| last == CASES_FOLDER) {
        cases_of(&tidy(name.parent().unwrap_or(Path::new("."))))
    } else if name.is_dir() {
        cases_of(&tidy(name))
    } else {
        *whole = false;
        return cases_by_name(name);
    };
    if found.is_empty() {
        let way_out =
            format!("a case is a folder {CASES_FOLDER}/NAME of a set, with a {CASE_FILE}");
        return Err(Fault::argument(format!("{} has no case", name.display()), way_out));
    }
    Ok(found)
}

/// The cases of one mapping.
fn of_mapping(file: &Path) -> Result<Vec<PathBuf>, Fault> {
    let mut sources = SourceMap::new();
    let id = sources.add(file.display().to_string(), read_text(file)?);
    let mapping = mapping_name(&sources, id);
    let set = tidy(file.parent().unwrap_or(Path::new(".")));
    let of_it = |folder: &PathBuf| mapping.is_some() && mapping_of(folder) == mapping;
    Ok(cases_of(&set).into_iter().filter(of_it).collect())
}
