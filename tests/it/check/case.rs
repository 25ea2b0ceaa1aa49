//! What a case of the corpus says, and the mappings, schemas and facts that it is checked with.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use crosswalk::{
    compile::{Facts, Param, Tenant, compile},
    diag::{FileId, Findings, SourceMap},
    schema::{Catalog, Field, FieldType},
};
use serde::Deserialize;

use super::shipped;

/// What a case says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What is wrong, for the reader.
    #[serde(rename = "doc")]
    _doc: String,
    /// The mapping whose whole set is checked, in its own environment. Left out: the product
    /// catalog alone, in an environment that says only what the case says.
    #[serde(default)]
    pub mapping: Option<String>,
    /// Edits of the shipped files; each `find` stands there exactly once.
    #[serde(default)]
    edits: Vec<Edit>,
    /// What must be found, in order, and nothing else.
    pub finds: Vec<Claim>,
    /// Why this fault cannot be found yet. It counts as one that is missed.
    #[serde(default)]
    pub missed: Option<String>,
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
pub(super) struct Edit {
    /// Another mapping than that of the case, or `environment`.
    #[serde(default, rename = "in")]
    pub file: Option<String>,
    find: String,
    replace: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claim {
    pub code: String,
    /// The text under the span; its first line where it has several.
    pub at: String,
    /// The name that the fix writes. Left out where nothing fits, and then there must be no fix.
    #[serde(default)]
    pub meant: Option<String>,
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

/// The custom fields that the shipped catalog writes.
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
        let file = sources.add("warm.yaml", product_catalog());
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

/// The text of the product catalog.
pub(crate) fn product_catalog() -> String {
    shipped::text("salesforce-cpq-to-zuora", "product-catalog.yaml")
}

impl Edit {
    /// The text with the edit made.
    pub fn made(&self, text: &str) -> String {
        let count = text.matches(&self.find).count();
        assert_eq!(count, 1, "`{}` stands {count} times in the file", self.find);
        text.replacen(&self.find, &self.replace, 1)
    }
}

impl Case {
    pub(super) fn read(folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join("case.yaml")).unwrap();
        serde_yaml::from_str(&text).unwrap_or_else(|fault| panic!("{}: {fault}", folder.display()))
    }

    /// The set of its mapping, where it names one.
    pub(crate) fn set(&self) -> Option<&'static str> {
        self.mapping.as_deref().map(shipped::set_of)
    }

    /// The text of the environment of its set, as the case edits it.
    pub(crate) fn environment(&self) -> Option<String> {
        Some(shipped::environment(self.set()?, &self.edits_of("environment")))
    }

    fn edits_of(&self, file: &str) -> Vec<&Edit> {
        let of = |edit: &Edit| edit.file.as_deref().or(self.mapping.as_deref()) == Some(file);
        self.edits.iter().filter(|edit| of(edit)).collect()
    }

    /// The schemas and the facts that it is checked with.
    pub(super) fn world(&self, folder: &Path) -> (Catalog, Facts) {
        match self.set() {
            Some(set) => shipped::world(set, &self.edits_of("environment")),
            None => (self.catalog(folder), self.facts()),
        }
    }

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

    /// The mappings of the folder, or the shipped ones as the case edits them.
    pub(super) fn sources(&self, folder: &Path) -> (SourceMap, Vec<FileId>) {
        if let Some(set) = self.set() {
            let all = shipped::mappings(set);
            let edits: Vec<(&str, Vec<&Edit>)> =
                all.iter().map(|name| (name.as_str(), self.edits_of(name))).collect();
            let made: usize = edits.iter().map(|(_, edits)| edits.len()).sum();
            let made = made + self.edits_of("environment").len();
            assert_eq!(made, self.edits.len(), "an edit names no mapping of the set");
            return shipped::sources(set, &edits);
        }
        let mut sources = SourceMap::new();
        let own = files_of(folder).into_iter().filter(|file| {
            file.extension().is_some_and(|ext| ext == "yaml") && name_of(file) != "case.yaml"
        });
        let mut files: Vec<FileId> = own
            .map(|file| sources.add(name_of(&file), fs::read_to_string(&file).unwrap()))
            .collect();
        assert!(files.is_empty() || self.edits.is_empty(), "edits are for the shipped mappings");
        if files.is_empty() {
            let edited = self.edits.iter().fold(product_catalog(), |text, edit| edit.made(&text));
            files.push(sources.add("product-catalog.yaml", edited));
        }
        (sources, files)
    }
}

pub(super) fn name_of(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// What lies in a folder, in order; nothing where there is no folder.
pub(super) fn files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
