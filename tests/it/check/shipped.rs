//! The shipped sets as `crosswalk check` takes them: all mappings of a set and those that they use,
//! the schemas of the two systems, and what the embedded environment of the set says.
//!
//! The environment is read here anew and not by the shell, so that neither can hide what the other
//! gets wrong; `lsp` compares both over the whole corpus.

use std::{collections::BTreeMap, fs, path::Path, sync::OnceLock};

use crosswalk::{
    compile::{Facts, Param, beside, compile, is_file, used},
    diag::{FileId, Findings, SourceMap},
    schema::{Catalog, Field, FieldType, Values},
    syntax::parse_yaml,
};
use serde::Deserialize;

use super::case::{Edit, files_of, name_of};
use crate::cases::Tenanted;

/// The shipped sets.
pub(crate) const SETS: &[&str] =
    &["orders-to-invoices", "salesforce-cpq-to-zuora", "salesforce-orders-to-zuora"];

/// A file of a shipped set.
pub(super) fn text(set: &str, file: &str) -> String {
    fs::read_to_string(folder(set).join(file)).unwrap()
}

fn folder(set: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings").join(set)
}

/// The set that has a mapping of that name.
pub(super) fn set_of(mapping: &str) -> &'static str {
    let has = |set: &&&str| folder(set).join(format!("{mapping}.yaml")).is_file();
    SETS.iter().find(has).unwrap_or_else(|| panic!("no set has a mapping `{mapping}`"))
}

/// The files of a set with their texts, and those of other sets that they use, as they are named at
/// the root of the project. Read once for all cases.
fn files(set: &'static str) -> &'static [(String, String)] {
    static READ: OnceLock<BTreeMap<&str, Vec<(String, String)>>> = OnceLock::new();
    &READ.get_or_init(|| SETS.iter().map(|set| (*set, read_files(set))).collect())[set]
}

fn read_files(set: &str) -> Vec<(String, String)> {
    let own = files_of(&folder(set)).into_iter().map(|path| name_of(&path));
    let mut names: Vec<String> = own
        .filter(|name| name.ends_with(".yaml"))
        .map(|name| format!("mappings/{set}/{name}"))
        .collect();
    let mut files: Vec<(String, String)> = Vec::new();
    while let Some(name) = names.get(files.len()).cloned() {
        let mut sources = SourceMap::new();
        let text = shipped(&name);
        let file = sources.add(name.clone(), text.clone());
        let root = parse_yaml(&sources, file, &mut Findings::new()).unwrap();
        let written = used(&root, &name, &BTreeMap::new()).into_iter().map(|one| one.written);
        let further = written.filter(|one| is_file(one)).map(|one| beside(&name, &one));
        let further: Vec<String> = further.filter(|one| !names.contains(one)).collect();
        names.extend(further);
        files.push((name, text));
    }
    files
}

fn shipped(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

fn stem(file: &str) -> String {
    Path::new(file).file_stem().unwrap().to_string_lossy().into_owned()
}

/// The names of the mappings that are checked with a set.
pub(super) fn mappings(set: &'static str) -> Vec<String> {
    files(set).iter().map(|(file, _)| stem(file)).collect()
}

/// The mappings of a set with what is edited in them.
pub(super) fn sources(set: &'static str, edits: &[(&str, Vec<&Edit>)]) -> (SourceMap, Vec<FileId>) {
    let mut sources = SourceMap::new();
    let add = |(name, text): &(String, String)| {
        let of = |(mapping, _): &&(&str, Vec<&Edit>)| *mapping == stem(name);
        let edits = edits.iter().filter(of).flat_map(|(_, edits)| edits);
        let text = edits.fold(text.clone(), |text, edit| edit.made(&text));
        sources.add(name.clone(), text)
    };
    let files = files(set).iter().map(add).collect();
    (sources, files)
}

/// The text of the embedded environment of a set, edited.
pub(super) fn environment(set: &str, edits: &[&Edit]) -> String {
    let file = if set == "orders-to-invoices" { "local" } else { "embedded" };
    let text = text(set, &format!("environments/{file}.yaml"));
    edits.iter().fold(text, |text, edit| edit.made(&text))
}

/// What an environment says, as far as mappings depend on it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Environment {
    params: BTreeMap<String, serde_yaml::Value>,
    org: Org,
    tenant: Tenanted,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Org {
    fields: BTreeMap<String, BTreeMap<String, OrgField>>,
}

#[derive(Deserialize)]
struct OrgField {
    #[serde(rename = "type")]
    kind: String,
    length: Option<u32>,
    #[serde(default)]
    values: Vec<String>,
}

/// The schemas and the facts of a set in its environment.
pub(super) fn world(set: &'static str, edits: &[&Edit]) -> (Catalog, Facts) {
    if edits.is_empty() {
        return unedited(set);
    }
    of_environment(set, &environment(set, edits))
}

/// The same for the environment as it is, with schemas that are read once for all cases.
fn unedited(set: &'static str) -> (Catalog, Facts) {
    static READ: OnceLock<BTreeMap<&str, (Catalog, Facts)>> = OnceLock::new();
    let read = || {
        let read = |set: &&'static str| {
            let (mut catalog, facts) = of_environment(set, &environment(set, &[]));
            let (sources, files) = sources(set, &[]);
            compile(&sources, &files, &mut catalog, &facts, &mut Findings::new());
            (*set, (catalog, facts))
        };
        SETS.iter().map(read).collect()
    };
    READ.get_or_init(read)[set].clone()
}

fn of_environment(set: &str, text: &str) -> (Catalog, Facts) {
    let environment: Environment = serde_yaml::from_str(text).unwrap();
    let mut catalog = environment.tenant.catalog(false);
    for (object, fields) in &environment.org.fields {
        for (name, field) in fields {
            catalog.add_field("salesforce", object, field.field(name));
        }
    }
    for file in files_of(&folder(set)) {
        if let Some(stem) = name_of(&file).strip_suffix(".schema.json") {
            catalog.add("file", stem, fs::read_to_string(&file).unwrap());
        }
    }
    let params = environment.params.iter().map(|(name, value)| (name.clone(), param(value)));
    (catalog, environment.tenant.facts(None, params.collect()))
}

fn param(value: &serde_yaml::Value) -> Param {
    match value {
        serde_yaml::Value::Bool(truth) => Param::Bool(*truth),
        serde_yaml::Value::Number(number) => Param::Number(number.to_string()),
        other => Param::Text(other.as_str().unwrap().to_owned()),
    }
}

impl OrgField {
    fn field(&self, name: &str) -> Field {
        let kind = match self.kind.as_str() {
            "number" => FieldType::Number,
            "date" => FieldType::Date,
            "boolean" => FieldType::Bool,
            _ => FieldType::Text,
        };
        let values = (!self.values.is_empty()).then(|| Values::closed(self.values.clone()));
        Field { length: self.length, values, ..Field::of(name, kind) }
    }
}
