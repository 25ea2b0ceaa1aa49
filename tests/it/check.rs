//! The corpus of faults: each case edits the shipped mappings, or brings a small set of its own,
//! and says what must be found.
//!
//! A case is a folder `tests/cases/check/<class>/<case>/`. `case.yaml` says what is edited and which
//! findings there must be: code, the text that the span covers, the name that was meant. One that
//! names a `mapping` is checked with the whole set of it and the embedded environment of that set,
//! as `crosswalk check` does; one that names none, with the product catalog alone.
//! `expected.txt` is what the user sees, exactly; `BLESS=1` writes it, and never the claims.

pub(crate) mod case;
mod figures;
mod shipped;

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use crosswalk::{
    compile::compile,
    diag::{CODES, Code, Colour, Diagnostic, FileId, Findings, SourceMap, render},
};

use case::files_of;
pub(crate) use case::{Case, catalog, product_catalog};
pub(crate) use shipped::SETS;

/// A case of the corpus, compiled.
pub(crate) struct Checked {
    pub folder: PathBuf,
    pub case: Case,
    pub sources: SourceMap,
    pub files: Vec<FileId>,
    pub findings: Vec<Diagnostic>,
}

/// All case folders, by class and name.
fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/check");
    let folders = files_of(&root).into_iter().flat_map(|class| files_of(&class));
    folders.filter(|folder| folder.join("case.yaml").exists()).collect()
}

/// What `check` finds in a case.
fn checked(folder: PathBuf) -> Checked {
    let case = Case::read(&folder);
    let (sources, files) = case.sources(&folder);
    let (mut catalog, facts) = case.world(&folder);
    let mut findings = Findings::new();
    compile(&sources, &files, &mut catalog, &facts, &mut findings);
    Checked { folder, case, sources, files, findings: findings.into_sorted() }
}

/// Every case of the corpus with what is found in it; compiled once for all tests.
pub(crate) fn corpus() -> &'static [Checked] {
    static COMPILED: OnceLock<Vec<Checked>> = OnceLock::new();
    COMPILED.get_or_init(|| {
        let folders = folders();
        let (first, second) = folders.split_at(folders.len() / 2);
        let compiled = |part: &[PathBuf]| part.iter().cloned().map(checked).collect::<Vec<_>>();
        std::thread::scope(|scope| {
            let first = scope.spawn(|| compiled(first));
            let second = compiled(second);
            first.join().unwrap().into_iter().chain(second).collect()
        })
    })
}

fn rendered(sources: &SourceMap, findings: &[Diagnostic]) -> String {
    let mut out = String::new();
    for finding in findings {
        writeln!(out, "{}\n", render(finding, sources, Colour::None)).unwrap();
    }
    out
}

/// A finding in the words of a claim: code, the text under the span, the name that was meant.
type Words = (String, String, Option<String>);

fn words(sources: &SourceMap, finding: &Diagnostic) -> Words {
    let at = sources.slice(finding.primary.span).lines().next().unwrap_or_default();
    let meant = finding.fix.as_ref().map(|fix| fix.replacement.clone());
    (finding.code.to_string(), at.to_owned(), meant)
}

impl Checked {
    /// What the case claims.
    fn claimed(&self) -> Vec<Words> {
        let claims = self.case.finds.iter();
        claims.map(|c| (c.code.clone(), c.at.clone(), c.meant.clone())).collect()
    }

    /// What was found.
    fn found(&self) -> Vec<Words> {
        self.findings.iter().map(|finding| words(&self.sources, finding)).collect()
    }

    /// Its class: the name of the folder around it.
    fn class(&self) -> String {
        case::name_of(self.folder.parent().unwrap())
    }
}

#[test]
fn every_seeded_fault_is_found_once_and_in_its_place() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = String::new();
    for checked in corpus() {
        let folder = checked.folder.display();
        let (claims, found) = (checked.claimed(), checked.found());
        let drawn = rendered(&checked.sources, &checked.findings);
        if checked.case.missed.is_some() {
            // A miss that is none any more has to be taken off the list.
            if claims == found {
                writeln!(wrong, "{folder}: is found; take `missed` out").unwrap();
            }
            continue;
        }
        if claims != found {
            writeln!(wrong, "{folder}:\n claimed {claims:?}\n found   {found:?}\n{drawn}").unwrap();
            continue;
        }
        let expected = checked.folder.join("expected.txt");
        if bless {
            fs::write(&expected, &drawn).unwrap();
        } else if fs::read_to_string(&expected).ok().as_deref() != Some(&drawn) {
            writeln!(wrong, "{folder}: expected.txt differs from\n{drawn}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Every code but that of environments, which are read by the shell and tested there.
#[test]
fn the_corpus_shows_every_code() {
    let claims = corpus().iter().flat_map(|checked| &checked.case.finds);
    let shown: BTreeSet<&str> = claims.map(|claim| claim.code.as_str()).collect();
    let known = CODES.iter().filter(|known| known.code != Code::ENVIRONMENT);
    let never = known.map(|known| known.code.to_string());
    let never: Vec<String> = never.filter(|code| !shown.contains(code.as_str())).collect();
    assert!(never.is_empty(), "no case shows {never:?}");
}

/// What is clean: every shipped set, in the environment that it is shipped with.
#[test]
fn the_shipped_sets_have_no_finding() {
    for set in SETS {
        let (sources, files) = shipped::sources(set, &[]);
        let (mut catalog, facts) = shipped::world(set, &[]);
        let mut findings = Findings::new();
        compile(&sources, &files, &mut catalog, &facts, &mut findings);
        let findings = findings.into_sorted();
        assert!(findings.is_empty(), "{}", rendered(&sources, &findings));
    }
}
