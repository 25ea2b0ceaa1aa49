//! A field of an object as the org has it: type, limits, rights, picklist, reference.

use serde::Deserialize;
use serde_json::Value;

/// The type of a field, with the distinctions that queries and writes need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// The record's own Id.
    Id,
    /// An Id of another record.
    Reference,
    /// One line of text, and types that behave as such (phone, URL, e-mail, encrypted).
    Text,
    /// Text of several lines.
    TextArea,
    /// One value of a list.
    Picklist,
    /// Several values of a list, separated by `;`.
    MultiPicklist,
    /// `true` or `false`, never null.
    Boolean,
    /// A whole number.
    Int,
    /// A number: double, currency or percent.
    Number,
    /// A day.
    Date,
    /// A moment, in UTC on the wire.
    DateTime,
    /// Compound types (address, location), which can only be read.
    Compound,
}

/// A value of a picklist.
#[derive(Debug, Clone, Deserialize)]
pub struct PicklistValue {
    /// The API name.
    pub value: String,
    /// The label; the value where none is given.
    pub label: Option<String>,
    /// Whether new records may have it.
    pub active: Option<bool>,
    /// Whether it is what a record gets that says nothing.
    #[serde(rename = "defaultValue")]
    pub is_default: Option<bool>,
}

/// A field as its description has it; keys that are absent say nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Field {
    /// API name.
    pub name: String,
    /// Label.
    pub label: String,
    /// The type as describe spells it.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Whether it may be null.
    pub nillable: bool,
    /// Whether an insert may set it.
    pub createable: bool,
    /// Whether an update may set it.
    pub updateable: bool,
    /// Whether it is a formula or roll-up.
    pub calculated: bool,
    /// Whether it is a custom field.
    pub custom: bool,
    /// Whether the org numbers it.
    pub auto_number: bool,
    /// Whether it can be named in an upsert.
    pub external_id: bool,
    /// Whether no two records may have the same value.
    pub unique: bool,
    /// Whether the service fills it on insert when the client does not.
    pub defaulted_on_create: Option<bool>,
    /// Most characters.
    pub length: Option<u32>,
    /// Most digits.
    pub precision: Option<u32>,
    /// Digits after the point.
    pub scale: Option<u32>,
    /// Objects that a reference may point to.
    pub reference_to: Vec<String>,
    /// Name of the way to the parent.
    pub relationship_name: Option<String>,
    /// Values of a picklist.
    pub picklist_values: Vec<PicklistValue>,
    /// Whether only the listed values are taken.
    pub restricted_picklist: bool,
    /// Compound field that this one is a part of.
    pub compound_field_name: Option<String>,
    /// Formula of a calculated field.
    pub calculated_formula: Option<String>,
    /// Formula of a default.
    pub default_value_formula: Option<String>,
    /// A constant default.
    pub default_value: Option<Value>,
    /// Help text.
    pub inline_help_text: Option<String>,
}

impl Field {
    /// The type, told apart as queries and writes need it.
    #[must_use]
    pub fn kind(&self) -> FieldType {
        match self.type_name.as_str() {
            "id" => FieldType::Id,
            "reference" => FieldType::Reference,
            "textarea" => FieldType::TextArea,
            "picklist" | "combobox" => FieldType::Picklist,
            "multipicklist" => FieldType::MultiPicklist,
            "boolean" => FieldType::Boolean,
            "int" | "long" => FieldType::Int,
            "double" | "currency" | "percent" => FieldType::Number,
            "date" => FieldType::Date,
            "datetime" => FieldType::DateTime,
            "address" | "location" => FieldType::Compound,
            _ => FieldType::Text,
        }
    }

    /// Whether a WHERE may name it: long text areas and compound fields cannot be filtered.
    #[must_use]
    pub fn is_filterable(&self) -> bool {
        match self.kind() {
            FieldType::Compound => false,
            FieldType::TextArea => !self.is_long_text(),
            _ => true,
        }
    }

    /// Whether an ORDER BY may name it.
    #[must_use]
    pub fn is_sortable(&self) -> bool {
        self.is_filterable() && self.kind() != FieldType::MultiPicklist
    }

    /// A text area above 255 characters. Without a length, only streets are known to be short.
    fn is_long_text(&self) -> bool {
        self.length.map_or(!self.name.ends_with("Street"), |length| length > 255)
    }

    /// Most characters that a text may have, with the platform's defaults per type.
    #[must_use]
    pub fn length_max(&self) -> Option<u32> {
        let default = match self.type_name.as_str() {
            "string" | "picklist" | "url" | "combobox" => 255,
            "email" => 80,
            "phone" => 40,
            "multipicklist" => 4099,
            "id" | "reference" => 18,
            "textarea" if self.is_long_text() => 32_768,
            "textarea" => 255,
            _ => return None,
        };
        Some(self.length.filter(|length| *length > 0).unwrap_or(default))
    }

    /// Whether an insert must bring a value.
    #[must_use]
    pub fn is_required(&self) -> bool {
        !self.nillable
            && self.createable
            && self.kind() != FieldType::Boolean
            && self.insert_default().is_none()
            && self.defaulted_on_create != Some(true)
    }

    /// What an insert gets that says nothing about the field.
    #[must_use]
    pub fn insert_default(&self) -> Option<Value> {
        if let Some(value) = self.default_value.as_ref().filter(|value| !value.is_null()) {
            return Some(value.clone());
        }
        let default = self.picklist_values.iter().find(|value| value.is_default == Some(true));
        default.map(|value| Value::String(value.value.clone()))
    }

    /// The name by which a query reaches the parent: stated, or the platform's rule for it.
    pub(super) fn complete(&mut self) {
        if self.label.is_empty() {
            self.label.clone_from(&self.name);
        }
        if self.kind() == FieldType::Reference && self.relationship_name.is_none() {
            self.relationship_name = if let Some(stem) = self.name.strip_suffix("__c") {
                Some(format!("{stem}__r"))
            } else {
                self.name.strip_suffix("Id").map(str::to_owned)
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(text: &str) -> Field {
        let mut field: Field = serde_json::from_str(text).unwrap();
        field.complete();
        field
    }

    #[test]
    fn long_text_areas_are_not_filterable() {
        let cases = [
            (r#"{"name":"Description","type":"textarea"}"#, false),
            (r#"{"name":"BillingStreet","type":"textarea"}"#, true),
            (r#"{"name":"Short__c","type":"textarea","length":255}"#, true),
            (r#"{"name":"Long__c","type":"textarea","length":1000}"#, false),
            (r#"{"name":"Name","type":"string"}"#, true),
        ];
        for (text, expected) in cases {
            assert_eq!(field(text).is_filterable(), expected, "{text}");
        }
    }

    #[test]
    fn references_have_the_relationship_name_of_the_platform() {
        let custom = field(r#"{"name":"SBQQ__Schedule__c","type":"reference"}"#);
        assert_eq!(custom.relationship_name.as_deref(), Some("SBQQ__Schedule__r"));
        let standard = field(r#"{"name":"Product2Id","type":"reference"}"#);
        assert_eq!(standard.relationship_name.as_deref(), Some("Product2"));
    }
}
