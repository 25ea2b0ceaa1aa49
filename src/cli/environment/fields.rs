//! Fields that an org or a tenant has of its own, with their types.

use std::{collections::BTreeMap, sync::Arc};

use serde::Deserialize;

use super::form::Form;
use crate::{
    sandbox::zuora,
    schema::{Field, FieldType, Values},
    syntax::Node,
};

/// A field that somebody added.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::cli) struct OwnField {
    pub(in crate::cli) name: String,
    pub(in crate::cli) kind: OwnKind,
    pub(in crate::cli) length: Option<u32>,
    pub(in crate::cli) values: Vec<String>,
    pub(in crate::cli) references: Option<String>,
    pub(in crate::cli) indexed: bool,
}

/// What such a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::cli) enum OwnKind {
    Text,
    Number,
    Integer,
    Date,
    Instant,
    Boolean,
    Picklist,
    Reference,
}

const KINDS: [(&str, OwnKind); 8] = [
    ("text", OwnKind::Text),
    ("number", OwnKind::Number),
    ("integer", OwnKind::Integer),
    ("date", OwnKind::Date),
    ("instant", OwnKind::Instant),
    ("boolean", OwnKind::Boolean),
    ("picklist", OwnKind::Picklist),
    ("reference", OwnKind::Reference),
];
/// The longest text that a custom field of Zuora holds, and what a field without a length gets.
const TEXT_LENGTH_MAX: u32 = 255;
const KEYS: &[&str] = &["type", "length", "values", "references", "indexed"];

/// Reads a block of objects, each with a block of fields.
pub(super) fn own_fields(form: &mut Form<'_>, node: &Node, what: &str) -> Vec<(String, OwnField)> {
    let mut fields = Vec::new();
    for (object, block) in form.block(node, what) {
        for (name, field) in form.block(block, &format!("`{}`", object.text)) {
            if let Some(field) = own_field(form, &name.text, field) {
                fields.push((object.text.clone(), field));
            }
        }
    }
    fields
}

fn own_field(form: &mut Form<'_>, name: &str, node: &Node) -> Option<OwnField> {
    form.known(node, KEYS, &format!("`{name}`"));
    let Some(kind) = node.get("type") else {
        form.fault(node.span, format!("`type` of the field `{name}` is missing"));
        return None;
    };
    let words = KINDS.map(|(word, _)| word);
    let word = form.word(kind, &words, "`type`")?;
    let kind = KINDS.iter().find(|(known, _)| *known == word)?.1;
    let length = node.get("length").and_then(|length| form.number(length, 131_072, "`length`"));
    let values = node.get("values").map(|values| form.texts(values, "`values`"));
    let references = node.get("references").and_then(|to| form.text(to, "`references`"));
    let indexed = node.get("indexed").is_some_and(|indexed| form.truth(indexed, "`indexed`"));
    let values = values.unwrap_or_default().into_iter().collect();
    Some(OwnField { name: name.to_owned(), kind, length, values, references, indexed })
}

impl OwnField {
    /// The field as mappings see it; a field of an org may be read, one of a tenant written.
    pub(in crate::cli) fn field(&self) -> Field {
        let kind = match self.kind {
            OwnKind::Text | OwnKind::Picklist => FieldType::Text,
            OwnKind::Number => FieldType::Number,
            OwnKind::Integer => FieldType::Integer,
            OwnKind::Date => FieldType::Date,
            OwnKind::Instant => FieldType::Instant,
            OwnKind::Boolean => FieldType::Bool,
            OwnKind::Reference => FieldType::Id,
        };
        let values = (!self.values.is_empty()).then(|| Values::closed(self.values.clone()));
        let length = self.length.filter(|_| kind == FieldType::Text);
        let references = self.references.clone();
        Field { length, values, references, ..Field::of(self.name.clone(), kind) }
    }

    /// It as an environment writes it.
    pub(in crate::cli) fn written(&self) -> serde_json::Value {
        let word = KINDS.iter().find(|(_, kind)| *kind == self.kind).map(|(word, _)| *word);
        let mut members = serde_json::Map::new();
        members.insert("type".to_owned(), word.into());
        if let Some(length) = self.length {
            members.insert("length".to_owned(), length.into());
        }
        if !self.values.is_empty() {
            members.insert("values".to_owned(), self.values.clone().into());
        }
        if let Some(references) = &self.references {
            members.insert("references".to_owned(), references.as_str().into());
        }
        if self.indexed {
            members.insert("indexed".to_owned(), true.into());
        }
        serde_json::Value::Object(members)
    }

    /// The field as the emulated tenant has it.
    pub(super) fn emulated(&self) -> zuora::CustomField {
        let kind = match self.kind {
            OwnKind::Number | OwnKind::Integer => zuora::CustomFieldKind::Number,
            OwnKind::Date | OwnKind::Instant => zuora::CustomFieldKind::Date,
            OwnKind::Boolean => zuora::CustomFieldKind::Boolean,
            OwnKind::Picklist => zuora::CustomFieldKind::Picklist(self.values.clone()),
            OwnKind::Text | OwnKind::Reference => {
                let length = self.length.unwrap_or(TEXT_LENGTH_MAX);
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                zuora::CustomFieldKind::Text { length }
            }
        };
        zuora::CustomField { kind, indexed: self.indexed }
    }
}

/// What the `_fields.json` of a folder says of one object.
#[derive(Deserialize)]
struct ListedObject {
    #[serde(default)]
    fields: BTreeMap<String, ListedField>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedField {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    reference_to: Vec<String>,
    length: Option<u32>,
}

/// Fields with their objects, and whether one of them is a currency.
pub(in crate::cli) type Listed = (Arc<[(String, Arc<Field>)]>, bool);

/// The fields that the `_fields.json` of a folder lists.
///
/// # Errors
/// What is wrong with it.
pub(in crate::cli) fn fields_of_folder(text: &str) -> Result<Listed, serde_json::Error> {
    let listed: BTreeMap<String, ListedObject> = serde_json::from_str(text)?;
    let many = listed.values().any(|object| object.fields.contains_key("CurrencyIsoCode"));
    let mut fields = Vec::new();
    for (object, listed) in listed {
        for (name, field) in listed.fields {
            for field in described(&name, &field) {
                fields.push((object.clone(), Arc::new(field)));
            }
        }
    }
    Ok((fields.into(), many))
}

/// A field, and for a reference the relation that follows from it.
fn described(name: &str, listed: &ListedField) -> Vec<Field> {
    let kind = match listed.kind.as_str() {
        "boolean" => FieldType::Bool,
        "int" | "long" => FieldType::Integer,
        "double" | "currency" | "percent" => FieldType::Number,
        "date" => FieldType::Date,
        "datetime" => FieldType::Instant,
        "id" | "reference" => FieldType::Id,
        _ => FieldType::Text,
    };
    let length = listed.length.filter(|_| kind == FieldType::Text);
    let references = listed.reference_to.first().cloned();
    let relation = name
        .strip_suffix("__c")
        .map(|stem| format!("{stem}__r"))
        .or_else(|| name.strip_suffix("Id").map(str::to_owned));
    let lookup = references
        .clone()
        .zip(relation)
        .map(|(to, relation)| Field::of(relation, FieldType::Lookup { to, by: name.to_owned() }));
    let field = Field { length, references, ..Field::of(name, kind) };
    std::iter::once(field).chain(lookup).collect()
}
