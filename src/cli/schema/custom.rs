//! The custom fields of a tenant: out of its describe XML, and as they are pinned.
//!
//! The answer of `GET /v1/describe/{object}` is a flat list of `<field>` elements (Zuora API
//! reference, Describe object); of each only a handful of members is read.

use serde::{Deserialize, Serialize};

use crate::schema::{Field, FieldType, Values};

/// A custom field, as it is pinned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Custom {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) length: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) values: Vec<String>,
}

/// The file of an object.
#[derive(Serialize, Deserialize)]
pub(super) struct Pinned {
    pub(super) object: String,
    pub(super) source: String,
    pub(super) fields: Vec<Custom>,
}

impl Custom {
    /// The field as schemas have it. A tenant does not demand its own fields.
    pub(super) fn field(&self) -> Field {
        let kind = match self.kind.as_str() {
            "boolean" => FieldType::Bool,
            "decimal" | "number" | "integer" => FieldType::Number,
            "date" => FieldType::Date,
            "datetime" => FieldType::Instant,
            _ => FieldType::Text,
        };
        let is_text = kind == FieldType::Text;
        let values = Values { all: self.values.clone(), closed: true };
        Field {
            optional: true,
            nullable: true,
            length: self.length.filter(|length| is_text && *length > 0),
            values: (!self.values.is_empty()).then_some(values),
            ..Field::of(self.name.clone(), kind)
        }
    }
}

/// The custom fields that a describe names, by name.
pub(super) fn of_xml(xml: &str) -> Vec<Custom> {
    let mut fields: Vec<Custom> = parts(xml, "field").filter_map(one).collect();
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    fields
}

fn one(field: &str) -> Option<Custom> {
    let text = |name: &str| parts(field, name).next().map(unescaped);
    let name = text("name")?;
    let is_custom = text("custom").as_deref() == Some("true");
    let options = parts(field, "options").next().unwrap_or_default();
    is_custom.then(|| Custom {
        name,
        kind: text("type").unwrap_or_else(|| "text".to_owned()),
        length: text("maxlength").and_then(|length| length.parse().ok()),
        values: parts(options, "option").map(unescaped).collect(),
    })
}

/// What stands between `<name>` and `</name>`, each time; elements of one name do not nest here.
fn parts<'x>(xml: &'x str, name: &'x str) -> impl Iterator<Item = &'x str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let mut rest = xml;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(open.as_str())?;
        let (part, further) = after.split_once(close.as_str())?;
        rest = further;
        Some(part)
    })
}

fn unescaped(text: &str) -> String {
    let text = text.trim().replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&apos;", "'").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_custom_fields_of_a_describe() {
        let xml = "<?xml version=\"1.0\"?>\n<object><name>Product</name><fields>\n\
            <field><name>Name</name><custom>false</custom><type>text</type></field>\n\
            <field><name>Tier__c</name><label>Tier</label><custom>true</custom>\
            <maxlength>255</maxlength><type>picklist</type><options><option>A &amp; B</option>\
            <option>C</option></options></field>\n\
            <field><name>Since__c</name><custom>true</custom><maxlength></maxlength>\
            <type>date</type></field></fields></object>";
        let fields = of_xml(xml);
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["Since__c", "Tier__c"]);
        assert_eq!(fields[1].values, ["A & B", "C"]);
        assert_eq!((fields[1].length, fields[0].length), (Some(255), None));
        assert_eq!(fields[0].field().kind, FieldType::Date);
    }
}
