//! What the schemas call things, read as plain JSON: what a field of a name holds in the target,
//! and which names there are at all.

use std::collections::{BTreeMap, BTreeSet};

use crosswalk::schema::embedded_texts;
use serde_json::Value;

/// Every name that a schema of either system knows.
pub fn names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for system in ["salesforce", "zuora"] {
        for (object, text) in embedded_texts(system) {
            names.insert(object);
            collect(&serde_json::from_str(&text).expect("a schema"), &mut names);
        }
    }
    names
}

fn collect(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| {
            names.insert(key.clone());
            collect(value, names);
        }),
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        Value::String(text) => {
            names.insert(text.clone());
        }
        _ => {}
    }
}

/// What the fields of one name hold, wherever a schema has one.
#[derive(Clone, Debug, Default)]
pub struct Held {
    pub types: BTreeSet<String>,
    pub formats: BTreeSet<String>,
    /// Whether each of them has a list of values.
    pub enumerated: bool,
    /// The longest text that one of them takes; none where one takes any.
    pub length: Option<u64>,
    /// Whether each block that has one requires it.
    pub required: bool,
}

/// What the fields of Zuora hold, by their names.
pub fn held() -> BTreeMap<String, Held> {
    let mut held: BTreeMap<String, Held> = BTreeMap::new();
    for (_, text) in embedded_texts("zuora") {
        let schema: Value = serde_json::from_str(&text).expect("a schema");
        if schema.get("x-read-only").is_none() {
            blocks(&schema, &schema, &mut held);
        }
    }
    held
}

fn blocks(value: &Value, root: &Value, held: &mut BTreeMap<String, Held>) {
    if let Some(properties) = value.get("properties").and_then(Value::as_object) {
        let required = value.get("required").and_then(Value::as_array);
        for (name, property) in properties {
            let property = property
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|way| root.pointer(way.trim_start_matches('#')))
                .unwrap_or(property);
            let is_required = required.is_some_and(|names| names.iter().any(|known| known == name));
            add(held, name, property, is_required);
        }
    }
    match value {
        Value::Object(members) => members.values().for_each(|one| blocks(one, root, held)),
        Value::Array(items) => items.iter().for_each(|one| blocks(one, root, held)),
        _ => {}
    }
}

fn add(held: &mut BTreeMap<String, Held>, name: &str, property: &Value, required: bool) {
    let text = |key: &str| property.get(key).and_then(Value::as_str).map(str::to_owned);
    let enumerated = property.get("enum").is_some();
    let length = property.get("maxLength").and_then(Value::as_u64);
    let known = held.entry(name.to_owned()).or_insert_with(|| Held {
        enumerated: true,
        required: true,
        length: Some(0),
        ..Held::default()
    });
    known.types.insert(text("type").unwrap_or_default());
    known.formats.insert(text("format").unwrap_or_default());
    known.enumerated &= enumerated;
    known.required &= required;
    known.length = known.length.zip(length).map(|(one, other)| one.max(other));
}
