//! The schema files agree with themselves, and with what is published where that is at hand.
//!
//! In goes `schemas/`; every test lists all faults it finds, so that one run shows all of them.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets a file of another shape fails, and says where"
)]

mod answers;
mod published;
mod salesforce;
mod zuora;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read_json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The JSON files of a folder by file stem.
fn folder(path: &Path) -> BTreeMap<String, Value> {
    std::fs::read_dir(path)
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|file| file.extension().is_some_and(|ext| ext == "json"))
        .map(|file| (file.file_stem().unwrap().to_string_lossy().into_owned(), read_json(&file)))
        .collect()
}

fn salesforce_files() -> BTreeMap<String, Value> {
    folder(&root().join("schemas/salesforce"))
}

fn zuora_files() -> BTreeMap<String, Value> {
    folder(&root().join("schemas/zuora"))
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} is no text in {value}"))
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().map_or(Vec::new(), |items| items.iter().filter_map(Value::as_str).collect())
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap_or_else(|| panic!("no object: {value}"))
}

fn flag(value: &Value, key: &str) -> bool {
    value[key].as_bool().unwrap_or(false)
}

fn no_faults(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

fn field<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    list(object, "fields").iter().find(|field| field["name"] == name)
}

/// The schema that a local `$ref` leads to, or the schema itself.
fn resolve<'a>(file: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            let inner = file.pointer(reference.trim_start_matches('#'));
            resolve(file, inner.unwrap_or_else(|| panic!("{reference} leads nowhere")))
        }
        None => schema,
    }
}
