//! Checks a body against a schema and yields every violation, in the order of the body.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::subset::resolve;
use super::{Purpose, Schema, Violation, ViolationKind, conditions, custom};
use crate::sandbox::zuora::number;
use crate::sandbox::zuora::tenant::Tenant;

/// Checks a body.
#[must_use]
pub fn check(
    schema: &Schema,
    body: &Map<String, Value>,
    purpose: Purpose,
    tenant: &Tenant,
) -> Vec<Violation> {
    let form = Form::Object;
    let mut checker = Checker { schema, purpose, tenant, form, found: Vec::new() };
    checker.root(body);
    checker.found
}

/// Checks the body of a plain v1 call: all of its rules hold at once, and names of the tenant's
/// settings must exist.
#[must_use]
pub fn check_request(
    schema: &Schema,
    body: &Map<String, Value>,
    tenant: &Tenant,
) -> Vec<Violation> {
    let (purpose, form) = (Purpose::Create, Form::Request);
    let mut checker = Checker { schema, purpose, tenant, form, found: Vec::new() };
    checker.object(&schema.root, body, "");
    checker.found
}

/// What kind of body is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// An object of the catalog; its writers hold the rules that need what is stored.
    Object,
    /// A command that says everything by itself.
    Request,
}

struct Checker<'a> {
    schema: &'a Schema,
    purpose: Purpose,
    tenant: &'a Tenant,
    form: Form,
    found: Vec<Violation>,
}

impl Checker<'_> {
    fn report(&mut self, pointer: &str, kind: ViolationKind, message: String) {
        self.found.push(Violation { pointer: pointer.to_owned(), kind, message });
    }

    fn root(&mut self, body: &Map<String, Value>) {
        let schema = self.schema;
        for (name, value) in body {
            let pointer = join("", name);
            let known = schema.root.get("properties").and_then(|fields| fields.get(name));
            match known {
                Some(field) if self.may_write(field) => self.value(field, value, &pointer),
                _ => self.custom_field(&schema.root, name, value, &pointer),
            }
        }
        let required = match self.purpose {
            Purpose::Create => schema.names("required"),
            Purpose::Replace => schema.names("x-update-required"),
            Purpose::Change => Vec::new(),
        };
        for name in required {
            self.require(body, name);
        }
    }

    /// A field with `x-update: false` does not exist when an object is updated, one with
    /// `x-create: false` not when it is created.
    fn may_write(&self, field: &Value) -> bool {
        let flag = match self.purpose {
            Purpose::Create => "x-create",
            Purpose::Replace | Purpose::Change => "x-update",
        };
        field.get(flag) != Some(&Value::Bool(false))
    }

    /// A name that the schema does not have: the tenant's own field, or none at all.
    fn custom_field(&mut self, schema: &Value, name: &str, value: &Value, pointer: &str) {
        let takes_custom = schema.get("x-custom-fields") == Some(&Value::Bool(true));
        let of = schema.get("x-custom-fields-of").and_then(Value::as_str);
        let object = of.unwrap_or_else(|| self.schema.object()).to_owned();
        let declared = self.tenant.custom_field(&object, name);
        match declared.filter(|_| takes_custom && custom::is_custom_name(name)) {
            Some(field) => {
                if let Some((kind, message)) = custom::fault(field, name, value) {
                    self.report(pointer, kind, message);
                }
            }
            None => {
                let message = format!("{object} has no field {name}");
                self.report(pointer, ViolationKind::Unknown, message);
            }
        }
    }

    fn require(&mut self, body: &Map<String, Value>, name: &str) {
        if body.get(name).is_none_or(Value::is_null) {
            let message = format!("Missing required value: {name}");
            self.report(&join("", name), ViolationKind::Missing, message);
        }
    }

    fn value(&mut self, schema: &Value, value: &Value, pointer: &str) {
        if let Some(reference) = schema.get("$ref") {
            if let Some(target) = resolve(&self.schema.root, reference) {
                self.value(target, value, pointer);
            }
            return;
        }
        if value.is_null() && self.may_be_null(schema) {
            return;
        }
        if !has_type(schema, value) {
            let message = format!("Invalid value for field {}: {value}", last(pointer));
            return self.report(pointer, ViolationKind::Type, message);
        }
        self.listed(schema, value, pointer);
        match value {
            Value::String(text) => self.text(schema, text, pointer),
            Value::Number(_) => self.number(schema, value, pointer),
            Value::Array(items) => self.items(schema, items, pointer),
            Value::Object(fields) => self.object(schema, fields, pointer),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// `x-nullable`: `always`, or `update` alone.
    fn may_be_null(&self, schema: &Value) -> bool {
        match schema.get("x-nullable").and_then(Value::as_str) {
            Some("always") => true,
            Some("update") => self.purpose != Purpose::Create,
            _ => false,
        }
    }

    fn listed(&mut self, schema: &Value, value: &Value, pointer: &str) {
        let listed = schema.get("enum").and_then(Value::as_array);
        let differs = schema.get("const").is_some_and(|constant| constant != value);
        if differs || listed.is_some_and(|values| !values.contains(value)) {
            let message = format!("Invalid value for field {}: {value}", last(pointer));
            self.report(pointer, ViolationKind::Enum, message);
        }
    }

    fn text(&mut self, schema: &Value, text: &str, pointer: &str) {
        let length = text.chars().count();
        if let Some(longest) = size(schema, "maxLength").filter(|longest| length > *longest) {
            let message =
                format!("The length of field {} is too big: {length} > {longest}", last(pointer));
            self.report(pointer, ViolationKind::Length, message);
        }
        if let Some(shortest) = size(schema, "minLength").filter(|shortest| length < *shortest) {
            let message = format!(
                "The length of field {} is too small: {length} < {shortest}",
                last(pointer)
            );
            self.report(pointer, ViolationKind::Length, message);
        }
        if let Some(message) = unsupported_character(text) {
            self.report(pointer, ViolationKind::Format, format!("{}: {message}", last(pointer)));
        }
        if let Some(format) = schema.get("format").and_then(Value::as_str)
            && !is_formatted(format, text)
        {
            let message = format!("Invalid {format} for field {}: {text}", last(pointer));
            self.report(pointer, ViolationKind::Format, message);
        }
        if self.form == Form::Request && !self.is_of_tenant(schema, text) {
            let message = format!("Invalid value for field {}: {text}", last(pointer));
            self.report(pointer, ViolationKind::Enum, message);
        }
    }

    /// Whether a text that must name something of the tenant's settings does; an empty one names
    /// nothing.
    fn is_of_tenant(&self, schema: &Value, text: &str) -> bool {
        let tenant = self.tenant;
        let known = match schema.get("x-tenant").and_then(Value::as_str) {
            Some("units") => tenant.units.contains_key(text),
            Some("currencies") => tenant.currencies.contains(text),
            Some("accounting_codes") => tenant.accounting_codes.contains(text),
            Some("tax_codes") => tenant.tax_codes.contains(text),
            Some("payment_terms") => tenant.payment_terms.contains(text),
            _ => true,
        };
        known || text.is_empty()
    }

    fn number(&mut self, schema: &Value, value: &Value, pointer: &str) {
        let Some(number) = number::decimal(value).filter(|number| number::fits(*number)) else {
            let message = format!("Too many digits in field {}: {value}", last(pointer));
            return self.report(pointer, ViolationKind::Format, message);
        };
        let bound = |key: &str| schema.get(key).and_then(number::decimal);
        let below = bound("minimum").is_some_and(|least| number < least)
            || bound("exclusiveMinimum").is_some_and(|least| number <= least);
        let maximum = match self.purpose {
            Purpose::Create => bound("maximum"),
            Purpose::Replace | Purpose::Change => bound("x-update-maximum").or(bound("maximum")),
        };
        let above = maximum.is_some_and(|most| number > most)
            || bound("exclusiveMaximum").is_some_and(|most| number >= most);
        if below || above {
            let message = format!("Field {} is out of range: {value}", last(pointer));
            self.report(pointer, ViolationKind::Range, message);
        }
    }

    fn items(&mut self, schema: &Value, items: &[Value], pointer: &str) {
        let too_many = size(schema, "maxItems").is_some_and(|most| items.len() > most);
        let too_few = size(schema, "minItems").is_some_and(|least| items.len() < least);
        if too_many || too_few {
            let message = format!("Wrong number of items in {}: {}", last(pointer), items.len());
            self.report(pointer, ViolationKind::Length, message);
        }
        if let Some(item_schema) = schema.get("items") {
            for (index, item) in items.iter().enumerate() {
                self.value(item_schema, item, &join(pointer, &index.to_string()));
            }
        }
    }

    fn object(&mut self, schema: &Value, fields: &Map<String, Value>, pointer: &str) {
        let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
        for (name, value) in fields {
            let place = join(pointer, name);
            match schema.get("properties").and_then(|known| known.get(name)) {
                Some(field) => self.value(field, value, &place),
                None if closed => self.custom_field(schema, name, value, &place),
                None => {}
            }
        }
        let required = schema.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if fields.get(name).is_none_or(Value::is_null) {
                let message = format!("Missing required value: {name} at {pointer}");
                self.report(&join(pointer, name), ViolationKind::Missing, message);
            }
        }
        for broken in conditions::broken(schema, fields) {
            let message = format!("{} at {pointer}: {}", broken.message, broken.reason);
            self.report(&join(pointer, &broken.field), broken.kind, message);
        }
    }
}

/// Reads a date in the one form that the service takes.
#[must_use]
pub fn parse_date(text: &str) -> Option<Date> {
    let well_formed = text.len() == 10 && text.is_ascii();
    text.parse::<Date>().ok().filter(|date| well_formed && date.to_string() == text)
}

/// Whether a text has one of the formats that [`super::subset`] lets pass.
fn is_formatted(format: &str, text: &str) -> bool {
    match format {
        "date" => parse_date(text).is_some(),
        "date-time" => text.parse::<Timestamp>().is_ok(),
        "email" => text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !host.contains('@') && !text.contains(' ')
        }),
        _ => true,
    }
}

/// The service stores the basic multilingual plane only: four-byte UTF-8 is refused.
#[must_use]
pub fn unsupported_character(text: &str) -> Option<String> {
    let character = text.chars().find(|character| character.len_utf8() > 3)?;
    Some(format!("the character U+{:X} is not supported", u32::from(character)))
}

fn has_type(schema: &Value, value: &Value) -> bool {
    match schema.get("type") {
        None => true,
        Some(Value::String(name)) => is_of(name, value),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).any(|name| is_of(name, value))
        }
        Some(_) => false,
    }
}

fn is_of(name: &str, value: &Value) -> bool {
    match (name, value) {
        ("string", Value::String(_))
        | ("boolean", Value::Bool(_))
        | ("null", Value::Null)
        | ("array", Value::Array(_))
        | ("object", Value::Object(_))
        | ("number", Value::Number(_)) => true,
        // A number that no decimal holds is left to the check of its digits.
        ("integer", Value::Number(_)) => {
            number::decimal(value).is_none_or(|number| number.fract() == Decimal::ZERO)
        }
        _ => false,
    }
}

fn size(schema: &Value, key: &str) -> Option<usize> {
    schema.get(key)?.as_u64()?.try_into().ok()
}

fn join(pointer: &str, step: &str) -> String {
    format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"))
}

/// The field that a pointer ends in.
fn last(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or(pointer)
}
