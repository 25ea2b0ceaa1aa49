//! Schemas as they are pinned: one file per object, readable and small in a difference.
//!
//! Of Salesforce it is the describe with what matters to mappings, one field per line, in the shape
//! of `schemas/salesforce`, and stands for the shipped one; of Zuora it is what the tenant said of
//! each field ([`super::zuora`]), and is laid over the shipped one.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{
    super::{fault::Fault, set},
    described::described_as,
    zuora,
};
use crate::schema::{Catalog, Layer, SchemaFault, fields_of_xml};

/// What is kept of an object, of a field and of a relationship of Salesforce.
const OF_FIELD: &[&str] = &[
    "name",
    "label",
    "type",
    "nillable",
    "createable",
    "updateable",
    "calculated",
    "custom",
    "defaultedOnCreate",
    "length",
    "precision",
    "scale",
    "picklistValues",
    "restrictedPicklist",
    "referenceTo",
    "relationshipName",
    "externalId",
    "unique",
    "compoundFieldName",
];
const OF_CHILD: &[&str] = &["childSObject", "field", "relationshipName"];
const OF_PICKLIST: &[&str] = &["value", "active", "defaultValue"];

/// How the name of a file ends that an OpenAPI document gave.
const OPENAPI: &str = ".openapi";

/// The file of an object in a folder of pins.
pub(super) fn path(folder: &Path, system: &str, object: &str, layer: Layer) -> PathBuf {
    let end = if layer == Layer::OpenApi { OPENAPI } else { "" };
    folder.join(system).join(format!("{object}{end}.json"))
}

/// The text of the file that a describe becomes. `before` is the one that it replaces.
///
/// # Errors
/// [`Fault`] when the answer cannot be read.
pub(super) fn text(
    system: &str,
    object: &str,
    described: &str,
    before: Option<&str>,
) -> Result<String, Fault> {
    let unreadable = |said: String| Fault::File {
        path: object.into(),
        said: format!("the describe of {object} cannot be read: {said}"),
    };
    if system == "zuora" {
        let fields = fields_of_xml(described).map_err(|fault| unreadable(fault.to_string()))?;
        let source = format!("GET /v1/describe/{}", described_as(system, object));
        return Ok(zuora::text(object, &source, &fields, before));
    }
    let said: Value =
        serde_json::from_str(described).map_err(|fault| unreadable(fault.to_string()))?;
    if !said.get("fields").is_some_and(Value::is_array) {
        return Err(unreadable("it lists no `fields`".to_owned()));
    }
    let lines = |key: &str, kept: &[&str]| {
        let items = said.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut lines: Vec<String> =
            items.iter().map(|item| format!("    {}", reduced(item, kept))).collect();
        lines.sort();
        lines.join(",\n")
    };
    Ok(format!(
        "{{\n  \"name\": {},\n  \"source\": \"sObject Describe\",\n  \"fields\": [\n{}\n  ],\n  \
         \"childRelationships\": [\n{}\n  ]\n}}\n",
        Value::from(said.get("name").and_then(Value::as_str).unwrap_or(object)),
        lines("fields", OF_FIELD),
        lines("childRelationships", OF_CHILD),
    ))
}

/// An item with what is kept of it, and of that only what says something.
fn reduced(item: &Value, kept: &[&str]) -> Value {
    let mut small = Map::new();
    let has_digits = item.get("precision").and_then(Value::as_u64).is_some_and(|digits| digits > 0);
    for key in kept {
        let value = match (*key, item.get(*key).unwrap_or(&Value::Null)) {
            ("picklistValues", Value::Array(values)) => {
                values.iter().map(|value| reduced(value, OF_PICKLIST)).collect()
            }
            (_, value) => value.clone(),
        };
        let says_nothing = match &value {
            Value::Null => true,
            Value::Bool(false) => !matches!(*key, "nillable" | "active"),
            Value::Bool(true) => *key == "active",
            Value::Array(items) => items.is_empty(),
            // A whole number has a scale of 0; of what has no digits it says nothing.
            Value::Number(number) => number.as_u64() == Some(0) && (*key != "scale" || !has_digits),
            Value::String(_) | Value::Object(_) => false,
        };
        if !says_nothing {
            small.insert((*key).to_owned(), value);
        }
    }
    small.into()
}

/// Lays the pinned schemas of a folder over those of the program.
///
/// # Errors
/// [`Fault`] when a file cannot be read.
pub(in crate::cli) fn lay(folder: &Path, catalog: &mut Catalog) -> Result<(), Fault> {
    for system in ["salesforce", "zuora"] {
        let folder = folder.join(system);
        if !folder.is_dir() {
            continue;
        }
        for path in set::listed(&folder, ".json")? {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let (object, layer) = match stem.strip_suffix(OPENAPI) {
                Some(object) => (object, Layer::OpenApi),
                None => (stem.as_str(), Layer::Describe),
            };
            let text = set::read_text(&path)?;
            put(catalog, system, object, layer, text)
                .map_err(|said| Fault::File { path: path.clone(), said })?;
        }
    }
    Ok(())
}

/// Makes a pin count; the error says why it cannot.
pub(super) fn put(
    catalog: &mut Catalog,
    system: &str,
    object: &str,
    layer: Layer,
    text: String,
) -> Result<(), String> {
    if system == "salesforce" {
        catalog.add(system, object, text);
        return Ok(());
    }
    if serde_json::from_str(&text).is_ok_and(|pin: Value| pin.get("properties").is_none()) {
        return Err("it lists no `properties`; pull it again".to_owned());
    }
    catalog.pin(system, object, layer, &text).map_err(|fault: SchemaFault| fault.to_string())
}
