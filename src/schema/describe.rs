//! Describe-shaped JSON: what Salesforce says of an object.
//!
//! Source of the shape: REST API, sObject Describe, v62.0 and later.

use serde::Deserialize;

use super::object::{Field, FieldType, Object, Values};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Describe {
    name: String,
    fields: Vec<DescribedField>,
    #[serde(default)]
    child_relationships: Vec<ChildRelationship>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribedField {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default = "yes")]
    nillable: bool,
    #[serde(default)]
    createable: bool,
    #[serde(default)]
    updateable: bool,
    label: Option<String>,
    length: Option<u32>,
    precision: Option<u32>,
    scale: Option<u32>,
    #[serde(default)]
    picklist_values: Vec<PicklistValue>,
    #[serde(default)]
    restricted_picklist: bool,
    #[serde(default)]
    reference_to: Vec<String>,
    relationship_name: Option<String>,
}

#[derive(Deserialize)]
struct PicklistValue {
    value: String,
    #[serde(default = "yes")]
    active: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChildRelationship {
    #[serde(rename = "childSObject")]
    child: String,
    field: Option<String>,
    relationship_name: Option<String>,
}

fn yes() -> bool {
    true
}

/// Reads a describe.
pub(super) fn read(text: &str) -> Result<Object, serde_json::Error> {
    let describe: Describe = serde_json::from_str(text)?;
    let mut object = Object { name: describe.name, ..Object::default() };
    for field in describe.fields {
        if let (Some(name), Some(to)) = (&field.relationship_name, field.reference_to.first()) {
            let kind = FieldType::Lookup { to: to.clone(), by: field.name.clone() };
            let lookup = Field { nullable: field.nillable, ..Field::of(name.clone(), kind) };
            object.add(lookup);
        }
        let field = read_field(field);
        object.add(field);
    }
    for child in describe.child_relationships {
        if let (Some(name), Some(by)) = (child.relationship_name, child.field) {
            let kind = FieldType::Children { of: child.child, by };
            object.add(Field::of(name, kind));
        }
    }
    Ok(object)
}

fn read_field(described: DescribedField) -> Field {
    let kind = match described.kind.as_str() {
        "boolean" => FieldType::Bool,
        "int" | "long" => FieldType::Integer,
        "double" | "currency" | "percent" => FieldType::Number,
        "date" => FieldType::Date,
        "datetime" => FieldType::Instant,
        "id" | "reference" => FieldType::Id,
        _ => FieldType::Text,
    };
    // How long a value of a pick-list is, its values say; Salesforce tells 255 of all of them.
    let texts = kind == FieldType::Text && !described.kind.ends_with("picklist");
    let values =
        (described.kind == "picklist" && !described.picklist_values.is_empty()).then(|| Values {
            all: described
                .picklist_values
                .into_iter()
                .filter(|v| v.active)
                .map(|v| v.value)
                .collect::<Vec<String>>()
                .into(),
            closed: described.restricted_picklist,
        });
    Field {
        nullable: described.nillable,
        createable: described.createable,
        updateable: described.updateable,
        length: described.length.filter(|length| texts && *length > 0),
        digits: described.precision.zip(described.scale).filter(|(precision, _)| *precision > 0),
        values,
        // A lookup to several objects says nothing of which one it holds.
        references: match described.reference_to.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        },
        doc: described.label,
        ..Field::of(described.name, kind)
    }
}
