//! Describe XML: what a Zuora tenant says of an object.
//!
//! The answer of `GET /v1/describe/{object}` is an `<object>` with one `<field>` element per field.
//! Zuora documents `name`, `label`, `type`, `options` and `contexts`, and calls the others (`custom`,
//! `maxlength`, `required`, `createable`, `updateable`) legacy information (API reference, Describe
//! an object). Elements that are not known are passed over.

use quick_xml::{Reader, events::Event};

use super::{
    object::FieldType,
    tenant_field::{Claims, TenantField},
};

/// A describe that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlFault {
    /// It is no well-formed XML.
    #[error("at byte {at}: {said}")]
    Malformed {
        /// Where.
        at: u64,
        /// What the parser said.
        said: String,
    },
    /// It ends in the middle.
    #[error("it ends inside of `<{0}>`: the answer was cut short")]
    Cut(String),
    /// It is XML, but no describe.
    #[error("it is no describe: `<object>` with `<fields>` was expected")]
    Other,
}

/// The fields that a describe names, by name.
///
/// # Errors
/// [`XmlFault`] when it is no describe, or not a whole one.
pub fn fields_of_xml(text: &str) -> Result<Vec<TenantField>, XmlFault> {
    let mut found = Found::default();
    let mut reader = Reader::from_str(text);
    loop {
        let event = reader.read_event().map_err(|fault| XmlFault::Malformed {
            at: reader.error_position(),
            said: fault.to_string(),
        })?;
        match event {
            Event::Start(tag) => found.open(tag.local_name().as_ref()),
            Event::End(_) => found.close(),
            Event::Empty(tag) => {
                found.open(tag.local_name().as_ref());
                found.close();
            }
            Event::Text(text) => found.text.push_str(&text),
            Event::CData(text) => found.text.push_str(&text),
            Event::GeneralRef(name) => found.text.push_str(&referred(&name)),
            Event::Eof => break,
            // A document type is refused with what it could expand to.
            Event::DocType(_) => return Err(XmlFault::Other),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
        }
    }
    match found.path.pop() {
        Some(open) => Err(XmlFault::Cut(open)),
        None if !found.is_describe => Err(XmlFault::Other),
        None => {
            found.fields.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(found.fields)
        }
    }
}

/// The text of a reference such as `&amp;` or `&#228;`; one that is not known stays as written.
fn referred(name: &str) -> String {
    let number = name.strip_prefix("#x").map(|digits| u32::from_str_radix(digits, 16));
    let number = number.or_else(|| name.strip_prefix('#').map(str::parse));
    if let Some(letter) = number.and_then(Result::ok).and_then(char::from_u32) {
        return letter.to_string();
    }
    quick_xml::escape::resolve_predefined_entity(name)
        .map_or_else(|| format!("&{name};"), str::to_owned)
}

/// What was read so far.
#[derive(Default)]
struct Found {
    path: Vec<String>,
    text: String,
    raw: Raw,
    fields: Vec<TenantField>,
    is_describe: bool,
}

/// A field whose element is not closed yet.
#[derive(Default)]
struct Raw {
    name: String,
    label: String,
    kind: String,
    length: String,
    required: String,
    createable: String,
    updateable: String,
    options: Vec<String>,
}

/// Where the fields stand in a describe.
const FIELDS: &str = "object/fields";
const FIELD: &str = "object/fields/field";
const OPTION: &str = "object/fields/field/options/option";

impl Found {
    fn open(&mut self, name: &str) {
        self.path.push(name.to_owned());
        self.text.clear();
        match self.path.join("/").as_str() {
            FIELDS => self.is_describe = true,
            FIELD => self.raw = Raw::default(),
            _ => {}
        }
    }

    fn close(&mut self) {
        let said = self.text.trim().to_owned();
        self.text.clear();
        let place = self.path.join("/");
        self.path.pop();
        if place == OPTION {
            self.raw.options.extend((!said.is_empty()).then_some(said));
        } else if place == FIELD {
            let raw = std::mem::take(&mut self.raw);
            self.fields.extend((!raw.name.is_empty()).then(|| raw.field()));
        } else if let Some(member) = place.strip_prefix("object/fields/field/") {
            self.raw.take(member, said);
        }
    }
}

impl Raw {
    fn take(&mut self, member: &str, said: String) {
        match member {
            "name" => self.name = said,
            "label" => self.label = said,
            "type" => self.kind = said,
            "maxlength" => self.length = said,
            "required" => self.required = said,
            "createable" => self.createable = said,
            "updateable" => self.updateable = said,
            _ => {}
        }
    }

    fn field(self) -> TenantField {
        let kind = match self.kind.to_ascii_lowercase().as_str() {
            "boolean" => FieldType::Bool,
            "integer" | "int" | "long" => FieldType::Integer,
            "decimal" | "number" | "double" => FieldType::Number,
            "date" => FieldType::Date,
            "datetime" | "timestamp" => FieldType::Instant,
            _ => FieldType::Text,
        };
        let length = self.length.parse().ok().filter(|length| *length > 0);
        TenantField {
            length: length.filter(|_| kind == FieldType::Text),
            claims: Claims {
                required: self.required == "true",
                not_createable: self.createable == "false",
                not_updateable: self.updateable == "false",
            },
            label: (!self.label.is_empty() && self.label != self.name).then_some(self.label),
            name: self.name,
            kind,
            values: self.options,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRODUCT: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<object href=\"x\">\
        <name>Product</name><label>Product</label><fields>\n\
        <field><name>Name</name><label>Name</label><createable>true</createable>\
        <updateable>true</updateable><custom>false</custom><maxlength>100</maxlength>\
        <required>true</required><type>text</type><contexts><context>soap</context></contexts></field>\n\
        <field><name>Tier__c</name><label>Tier &amp; level</label><custom>true</custom>\
        <maxlength>255</maxlength><updateable>false</updateable><type>picklist</type>\
        <options><option>A &amp; B</option><option><![CDATA[<C>]]></option><option>&#252;</option>\
        <option/></options></field>\n<field><name>Since__c</name><maxlength></maxlength>\
        <type>date</type></field></fields><related-objects><object><name>ProductRatePlan</name>\
        </object></related-objects></object>\n";

    #[test]
    fn reads_what_a_describe_says_of_each_field() {
        let fields = fields_of_xml(PRODUCT).expect("a describe");
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["Name", "Since__c", "Tier__c"]);
        let [name, since, tier] = fields.as_slice() else { panic!("three fields") };
        assert_eq!((name.length, name.claims.required, &name.label), (Some(100), true, &None));
        assert_eq!(
            (&since.kind, since.length, since.claims),
            (&FieldType::Date, None, Claims::default())
        );
        assert_eq!(tier.values, ["A & B", "<C>", "ü"]);
        assert_eq!(tier.label.as_deref(), Some("Tier & level"));
        assert!(tier.claims.not_updateable && !tier.claims.not_createable);
    }

    #[test]
    fn refuses_what_is_no_whole_describe() {
        for end in [PRODUCT.len() / 4, PRODUCT.len() / 2, PRODUCT.len() - 2] {
            let fault = fields_of_xml(PRODUCT.get(..end).expect("ASCII")).expect_err("cut");
            assert!(matches!(fault, XmlFault::Cut(_) | XmlFault::Malformed { .. }), "{fault}");
        }
        for other in ["", "<html><body>Sign in</body></html>", "{\"success\": false}"] {
            assert_eq!(fields_of_xml(other), Err(XmlFault::Other), "{other}");
        }
        let bomb = "<!DOCTYPE object [<!ENTITY a \"b\">]><object><fields/></object>";
        assert_eq!(fields_of_xml(bomb), Err(XmlFault::Other));
        assert!(fields_of_xml("<object><fields></object>").is_err(), "tags that do not match");
    }
}
