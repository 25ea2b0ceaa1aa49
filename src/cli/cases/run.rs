//! Runs cases: a mapping, compiled for the tenant of the case, over the records of its folder.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    rc::Rc,
};

use super::{
    case::{Case, Matching},
    difference::{Difference, differences},
    layout::laid_out,
    shown::shown,
};
use crate::{
    cli::{
        connect,
        environment::lay_over,
        fault::Fault,
        set::{Set, Text, compiled as compiled_texts},
    },
    connector::{Cursor, Source},
    diag::{Diagnostic, Findings, SourceMap},
    json::Checked,
    program::{Draft, Emitted, Explained, Left, Mapped, Part, Program, ProgramKind, Watch, parts},
    schema::Catalog,
};

/// What a record came to.
pub struct Fate {
    /// The id of the record.
    pub record: String,
    /// The name of the record, where it has one.
    pub label: Option<String>,
    /// What the mapping made of it.
    pub mapped: Mapped,
    /// The document, for a mapping that makes documents.
    pub document: Option<String>,
    /// Where each value comes from.
    pub values: Vec<Explained>,
}

/// A case that was run.
pub struct Ran {
    /// Its folder.
    pub folder: PathBuf,
    /// What it shows, in a sentence.
    pub doc: String,
    /// Its mapping.
    pub program: Rc<Program>,
    /// What the mapping makes of its records, in the order of the file.
    pub fates: Vec<Fate>,
    /// The same as the text of an `expected.json`.
    pub shown: String,
    /// What it expects; none where that is not written yet.
    pub expected: Option<String>,
    /// In what the two differ.
    pub differences: Vec<Difference>,
    /// The parts of the mapping, with those that the records used.
    pub parts: Vec<Part>,
    pub(in crate::cli) matching: Matching,
}

/// A case that cannot be run: what is wrong with it or with its mapping.
pub(in crate::cli) struct Wrong {
    pub(in crate::cli) sources: SourceMap,
    pub(in crate::cli) findings: Vec<Diagnostic>,
}

/// What a case came to.
pub(in crate::cli) enum Outcome {
    Ran(Box<Ran>),
    /// Cases with the same mapping in the same setting share what is wrong with it.
    Wrong(Rc<Wrong>),
}

/// The file of what a case expects.
pub(in crate::cli) const EXPECTED_FILE: &str = "expected.json";
/// The folder of its records.
pub(in crate::cli) const SOURCE_FOLDER: &str = "source";

/// Runs cases; programs are kept for the cases that share them.
pub(in crate::cli) struct Runner {
    programs: BTreeMap<(PathBuf, String, String), Result<Rc<Program>, Rc<Wrong>>>,
    /// Its copies share the schemas that they read.
    catalog: Catalog,
}

impl Default for Runner {
    fn default() -> Self {
        Self { programs: BTreeMap::new(), catalog: Catalog::embedded() }
    }
}

impl Runner {
    /// Runs the case of a folder.
    ///
    /// # Errors
    /// [`Fault`] when a file cannot be used.
    pub(in crate::cli) async fn run(&mut self, folder: &Path) -> Result<Outcome, Fault> {
        let mut sources = SourceMap::new();
        let mut findings = Findings::new();
        let case = Case::read(folder, &mut sources, &mut findings)?;
        let Some(case) = case.filter(|_| !findings.has_error()) else {
            let findings = findings.into_sorted();
            return Ok(Outcome::Wrong(Rc::new(Wrong { sources, findings })));
        };
        let set = set_of(folder);
        let key = (set.clone(), case.mapping.clone(), case.setting.clone());
        let compiled = match self.programs.get(&key) {
            Some(known) => known.clone(),
            None => {
                let compiled = compiled(&set, &case, &self.catalog, &mut sources)?;
                let compiled =
                    compiled.map(Rc::new).map_err(|findings| Rc::new(Wrong { sources, findings }));
                self.programs.entry(key).or_insert(compiled).clone()
            }
        };
        match compiled {
            Ok(program) => ran(case, program).await.map(|ran| Outcome::Ran(Box::new(ran))),
            Err(wrong) => Ok(Outcome::Wrong(wrong)),
        }
    }
}

/// The set that a case belongs to: the folder above its `cases`.
pub(in crate::cli) fn set_of(case: &Path) -> PathBuf {
    let above = case.parent().and_then(Path::parent).unwrap_or(Path::new("."));
    if above.as_os_str().is_empty() { PathBuf::from(".") } else { above.to_owned() }
}

/// The program of a case, or what is wrong with its mapping.
pub(in crate::cli) fn compiled(
    set: &Path,
    case: &Case,
    catalog: &Catalog,
    sources: &mut SourceMap,
) -> Result<Result<Program, Vec<Diagnostic>>, Fault> {
    let set = Set { folder: set.to_owned(), chosen: Vec::new(), open: BTreeMap::new() };
    let mut findings = Findings::new();
    let texts = set.texts(sources, &mut findings)?;
    let mut catalog = set.catalog(catalog.clone())?;
    let facts = lay_over(&case.environment, None, &mut catalog);
    let (programs, _) = compiled_texts(sources, texts.iter(), &mut catalog, &facts, &mut findings);
    let own = texts.iter().find(|text| text.name() == Some(case.mapping.as_str()));
    let Some(own) = own.map(|text| text.file) else {
        let names: Vec<&str> = texts.iter().filter_map(Text::name).collect();
        return Err(Fault::argument(
            format!("{}: there is no mapping `{}`", case.folder.display(), case.mapping),
            format!("the set has {}", names.join(", ")),
        ));
    };
    // A parameter that only another mapping of the set needs is no concern of this case.
    let about = |finding: &Diagnostic| finding.primary.span.file == own;
    let findings: Vec<Diagnostic> = findings.into_sorted().into_iter().filter(about).collect();
    let program = programs.into_iter().find(|program| program.head.mapping == case.mapping);
    Ok(match program {
        Some(program) if findings.is_empty() => Ok(program),
        _ => Err(findings),
    })
}

async fn ran(case: Case, program: Rc<Program>) -> Result<Ran, Fault> {
    let source = connect::open_file(&case.folder.join(SOURCE_FOLDER))?;
    let (fates, parts) = fates(&program, &case, source.target()).await?;
    let shown = shown(&program, &fates);
    let path = case.folder.join(EXPECTED_FILE);
    let expected = match std::fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => Some(text),
        Ok(_) => None,
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => None,
        Err(fault) => return Err(Fault::file(path, &fault)),
    };
    let differences = match &expected {
        None => Vec::new(),
        Some(text) => match Checked::check(text) {
            Ok(expected) => {
                let got = laid_out(&shown);
                let got = Checked::check(&got).ok();
                got.map(|got| differences(expected, got, case.matching)).unwrap_or_default()
            }
            Err(fault) => return Err(Fault::File { path, said: fault.to_string() }),
        },
    };
    let folder = case.folder;
    let (doc, matching) = (case.doc, case.matching);
    Ok(Ran { folder, doc, program, fates, shown, expected, differences, parts, matching })
}

/// What a program makes of every record of a source, in their order, and what of it they used.
async fn fates(
    program: &Program,
    case: &Case,
    source: &dyn Source,
) -> Result<(Vec<Fate>, Vec<Part>), Fault> {
    let mut reader = program.reader();
    let mut watch = Watch::over(program);
    let (mut fates, mut cursor): (Vec<Fate>, Option<Cursor>) = (Vec::new(), None);
    loop {
        let page = source.read(&program.head.query, cursor.as_ref()).await?;
        for record in page.records.iter() {
            let (id, label) = program.identify(&mut reader, record);
            let (mapped, document) = match &program.kind {
                ProgramKind::Emit { .. } => {
                    let mut out = Vec::new();
                    let emitted = program.emit_watched(&mut reader, record, &mut out, &mut watch);
                    documented(&id, label.as_ref(), emitted, out)
                }
                _ => {
                    let sequences = program.sequences(&mut reader, record);
                    let known = case.known(&id, &sequences);
                    (program.draft_watched(&mut reader, record, &known, &mut watch), None)
                }
            };
            let values = watch.take_values();
            fates.push(Fate { record: id, label, mapped, document, values });
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok((fates, parts(program, &watch)));
        }
    }
}

/// What became of a record of a mapping of documents, in the shape of the others.
pub(in crate::cli) fn documented(
    record: &str,
    label: Option<&String>,
    emitted: Emitted,
    out: Vec<u8>,
) -> (Mapped, Option<String>) {
    let left = |verdict| Left {
        record: record.to_owned(),
        label: label.cloned(),
        verdict,
        on_failure: Vec::new(),
    };
    match emitted {
        Emitted::Written => (Mapped::Draft(Draft::default()), String::from_utf8(out).ok()),
        Emitted::Skipped(verdict) => (Mapped::Skipped(left(verdict)), None),
        Emitted::Rejected(verdict) => (Mapped::Rejected(left(verdict)), None),
    }
}
