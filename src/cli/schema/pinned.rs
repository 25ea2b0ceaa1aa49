//! Schemas as they are pinned: one file per object, readable and small in a difference.
//!
//! Of Salesforce it is the describe with what matters to mappings, one field per line, in the shape
//! of `schemas/salesforce`; of Zuora it is the custom fields.

use std::path::Path;

use serde_json::{Map, Value};

use super::{
    super::{fault::Fault, set},
    custom::{Pinned, of_xml},
};
use crate::schema::Catalog;

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
const TEXT_LENGTH_UNKNOWN: u64 = 0;

/// The text of a file.
///
/// # Errors
/// [`Fault`] when the answer cannot be read.
pub(super) fn text(system: &str, object: &str, described: &str) -> Result<String, Fault> {
    if system == "zuora" {
        let source = "GET /v1/describe".to_owned();
        let fields = of_xml(described);
        return Ok(zuora_text(&Pinned { object: object.to_owned(), source, fields }));
    }
    let said: Value = serde_json::from_str(described).map_err(|fault| Fault::File {
        path: object.into(),
        said: format!("the describe of {object} cannot be read: {fault}"),
    })?;
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

fn zuora_text(pinned: &Pinned) -> String {
    let fields = pinned.fields.iter().filter_map(|field| serde_json::to_string(field).ok());
    let fields: Vec<String> = fields.map(|field| format!("    {field}")).collect();
    format!(
        "{{\n  \"object\": {},\n  \"source\": {},\n  \"fields\": [\n{}\n  ]\n}}\n",
        Value::from(pinned.object.as_str()),
        Value::from(pinned.source.as_str()),
        fields.join(",\n")
    )
}

/// An item with what is kept of it, and of that only what says something.
fn reduced(item: &Value, kept: &[&str]) -> Value {
    let mut small = Map::new();
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
            Value::Number(number) => number.as_u64() == Some(TEXT_LENGTH_UNKNOWN),
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
            let object = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let text = set::read_text(&path)?;
            if system == "salesforce" {
                catalog.add(system, &object, text);
                continue;
            }
            let pinned: Pinned = serde_json::from_str(&text)
                .map_err(|fault| Fault::File { path: path.clone(), said: fault.to_string() })?;
            for custom in &pinned.fields {
                catalog.add_field(system, &object, custom.field());
            }
        }
    }
    Ok(())
}
