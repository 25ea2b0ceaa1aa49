//! The corpus of faults: each case edits the shipped mappings, or brings a small set of its own,
//! and says what must be found.
//!
//! A case is a folder `tests/cases/check/<class>/<case>/`. `case.yaml` says what is edited and which
//! findings there must be: code, the text that the span covers, the name that was meant.
//! `expected.txt` is what the user sees, exactly; `BLESS=1` writes it, and never the claims.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use crosswalk::{
    compile::{Facts, Param, Tenant, compile},
    diag::{CODES, Code, Colour, Diagnostic, FileId, Findings, SourceMap, render},
    schema::{Catalog, Field, FieldType},
};
use serde::Deserialize;

/// What a case says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What is wrong, for the reader.
    #[serde(rename = "doc")]
    _doc: String,
    /// Edits of the shipped mapping; each `find` stands there exactly once.
    #[serde(default)]
    edits: Vec<Edit>,
    /// What must be found, in order, and nothing else.
    finds: Vec<Claim>,
    #[serde(default)]
    facts: WrittenFacts,
    /// Whether the source org has one currency only.
    #[serde(default)]
    single_currency: Option<String>,
    /// Custom fields that this tenant does not have: `Product.sfdcId__c`.
    #[serde(default)]
    without: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    find: String,
    replace: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Claim {
    code: String,
    /// The text under the span; its first line where it has several.
    at: String,
    /// The name that the fix writes. Left out where nothing fits, and then there must be no fix.
    #[serde(default)]
    meant: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFacts {
    #[serde(default)]
    params: BTreeMap<String, String>,
    units: Option<BTreeMap<String, u32>>,
    accounting_codes: Option<BTreeSet<String>>,
    tax_codes: Option<BTreeSet<String>>,
}

/// The custom fields that the shipped mapping writes.
pub(crate) const CUSTOM_FIELDS: &[(&str, &[&str])] = &[
    ("Product", &["sfdcId__c"]),
    ("ProductRatePlan", &["sfdcPricebookID__c", "sfdcProductID__c", "sfdcPricingType__c"]),
    (
        "ProductRatePlanCharge",
        &[
            "sfdcPricebookID__c",
            "sfdcProductID__c",
            "sfdcPricingType__c",
            "sfdcDiscScheduleID__c",
            "sfdcConsumptionScheduleId__c",
        ],
    ),
];

/// The embedded schemas, those that the shipped mapping needs read once for all cases.
fn embedded() -> Catalog {
    static READ: OnceLock<Catalog> = OnceLock::new();
    let read = || {
        let mut catalog = Catalog::embedded();
        let mut sources = SourceMap::new();
        let file = sources.add("warm.yaml", shipped());
        compile(&sources, &[file], &mut catalog, &Facts::default(), &mut Findings::new());
        catalog
    };
    READ.get_or_init(read).clone()
}

/// The embedded schemas with the custom fields of a tenant, but for those left out.
pub(crate) fn catalog(without: &[String]) -> Catalog {
    let mut catalog = embedded();
    for (object, fields) in CUSTOM_FIELDS {
        for field in fields.iter().filter(|field| !without.contains(&format!("{object}.{field}"))) {
            let field = Field { length: Some(255), ..Field::of(*field, FieldType::Text) };
            catalog.add_field("zuora", object, field);
        }
    }
    catalog
}

/// The shipped mapping's text.
pub(crate) fn shipped() -> String {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/mappings/salesforce-cpq-to-zuora/product-catalog.yaml"
    );
    fs::read_to_string(path).unwrap()
}

impl Case {
    fn facts(&self) -> Facts {
        let params = &self.facts.params;
        Facts {
            params: params.iter().map(|(k, v)| (k.clone(), Param::Text(v.clone()))).collect(),
            currency: self.single_currency.clone(),
            tenant: Tenant {
                units: self.facts.units.clone(),
                accounting_codes: self.facts.accounting_codes.clone(),
                tax_codes: self.facts.tax_codes.clone(),
                ..Tenant::default()
            },
        }
    }

    fn catalog(&self, folder: &Path) -> Catalog {
        let mut catalog = catalog(&self.without);
        if self.single_currency.is_some() {
            catalog.set_single_currency("salesforce");
        }
        for file in files_of(folder) {
            if let Some(stem) = name_of(&file).strip_suffix(".schema.json") {
                catalog.add("file", stem, fs::read_to_string(&file).unwrap());
            }
        }
        catalog
    }

    /// The mappings of the folder, or the shipped one as the case edits it.
    fn sources(&self, folder: &Path) -> (SourceMap, Vec<FileId>) {
        let mut sources = SourceMap::new();
        let own = files_of(folder).into_iter().filter(|file| {
            file.extension().is_some_and(|ext| ext == "yaml") && name_of(file) != "case.yaml"
        });
        let mut files: Vec<FileId> = own
            .map(|file| sources.add(name_of(&file), fs::read_to_string(&file).unwrap()))
            .collect();
        assert!(files.is_empty() || self.edits.is_empty(), "edits are for the shipped mapping");
        if files.is_empty() {
            files.push(sources.add("product-catalog.yaml", self.edited()));
        }
        (sources, files)
    }

    fn edited(&self) -> String {
        let mut text = shipped();
        for edit in &self.edits {
            let count = text.matches(&edit.find).count();
            assert_eq!(count, 1, "`{}` stands {count} times in the mapping", edit.find);
            text = text.replacen(&edit.find, &edit.replace, 1);
        }
        text
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// What lies in a folder, in order; nothing where there is no folder.
fn files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// All case folders, by class and name.
fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/check");
    let folders = files_of(&root).into_iter().flat_map(|class| files_of(&class));
    folders.filter(|folder| folder.join("case.yaml").exists()).collect()
}

fn read_case(folder: &Path) -> Case {
    let text = fs::read_to_string(folder.join("case.yaml")).unwrap();
    serde_yaml::from_str(&text).unwrap_or_else(|fault| panic!("{}: {fault}", folder.display()))
}

/// What `check` finds in a case.
fn findings_of(case: &Case, folder: &Path) -> (SourceMap, Vec<Diagnostic>) {
    let (sources, files) = case.sources(folder);
    let mut findings = Findings::new();
    compile(&sources, &files, &mut case.catalog(folder), &case.facts(), &mut findings);
    (sources, findings.into_sorted())
}

/// A case of the corpus, compiled.
pub(crate) struct Checked {
    pub folder: PathBuf,
    pub sources: SourceMap,
    pub files: Vec<FileId>,
    pub findings: Vec<Diagnostic>,
}

/// Every case of the corpus with what is found in it; compiled once for all tests.
pub(crate) fn corpus() -> &'static [Checked] {
    static COMPILED: OnceLock<Vec<Checked>> = OnceLock::new();
    let compiled = |folder: PathBuf| {
        let case = read_case(&folder);
        let (sources, files) = case.sources(&folder);
        let mut findings = Findings::new();
        compile(&sources, &files, &mut case.catalog(&folder), &case.facts(), &mut findings);
        Checked { folder, sources, files, findings: findings.into_sorted() }
    };
    COMPILED.get_or_init(|| cases().into_iter().map(compiled).collect())
}

fn rendered(sources: &SourceMap, findings: &[Diagnostic]) -> String {
    let mut out = String::new();
    for finding in findings {
        writeln!(out, "{}\n", render(finding, sources, Colour::None)).unwrap();
    }
    out
}

/// A finding in the words of a claim.
fn claimed(sources: &SourceMap, finding: &Diagnostic) -> (String, String, Option<String>) {
    let at = sources.slice(finding.primary.span).lines().next().unwrap_or_default();
    let meant = finding.fix.as_ref().map(|fix| fix.replacement.clone());
    (finding.code.to_string(), at.to_owned(), meant)
}

#[test]
fn every_seeded_fault_is_found_once_and_in_its_place() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = String::new();
    for folder in cases() {
        let case = read_case(&folder);
        let (sources, findings) = findings_of(&case, &folder);
        let claims = case.finds.iter();
        let claims: Vec<_> =
            claims.map(|c| (c.code.clone(), c.at.clone(), c.meant.clone())).collect();
        let found: Vec<_> = findings.iter().map(|f| claimed(&sources, f)).collect();
        let drawn = rendered(&sources, &findings);
        if claims != found {
            writeln!(
                wrong,
                "{}:\n claimed {claims:?}\n found   {found:?}\n{drawn}",
                folder.display()
            )
            .unwrap();
            continue;
        }
        let expected = folder.join("expected.txt");
        if bless {
            fs::write(&expected, &drawn).unwrap();
        } else if fs::read_to_string(&expected).ok().as_deref() != Some(&drawn) {
            writeln!(wrong, "{}: expected.txt differs from\n{drawn}", folder.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Every code but that of environments, which are read by the shell and tested there.
#[test]
fn the_corpus_shows_every_code() {
    let cases = cases();
    let shown: BTreeSet<String> =
        cases.iter().flat_map(|folder| read_case(folder).finds).map(|claim| claim.code).collect();
    let known = CODES.iter().filter(|known| known.code != Code::ENVIRONMENT);
    let never = known.map(|known| known.code.to_string()).filter(|code| !shown.contains(code));
    let never: Vec<String> = never.collect();
    assert!(never.is_empty(), "no case shows {never:?}");
    assert!(cases.len() >= 80, "{} cases", cases.len());
}

#[test]
fn the_shipped_mapping_has_no_finding() {
    let text = "doc: the shipped mapping as it is\nfinds: []\n";
    let case: Case = serde_yaml::from_str(text).unwrap();
    let (sources, findings) = findings_of(&case, Path::new(""));
    assert!(findings.is_empty(), "{}", rendered(&sources, &findings));
}
