//! Reads the fields of a body that fits its schema.

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value};

use crate::sandbox::zuora::number;

/// A text.
#[must_use]
pub fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name)?.as_str()
}

/// A text that says something.
#[must_use]
pub fn filled<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    text(fields, name).filter(|text| !text.is_empty())
}

/// A date.
#[must_use]
pub fn date(fields: &Map<String, Value>, name: &str) -> Option<Date> {
    text(fields, name)?.parse().ok()
}

/// A number.
#[must_use]
pub fn decimal(fields: &Map<String, Value>, name: &str) -> Option<Decimal> {
    number::decimal(fields.get(name)?)
}

/// A whole number that is not negative.
#[must_use]
pub fn whole(fields: &Map<String, Value>, name: &str) -> Option<u32> {
    decimal(fields, name)?.to_u32()
}

/// A truth value; false when it is not there.
#[must_use]
pub fn is_true(fields: &Map<String, Value>, name: &str) -> bool {
    fields.get(name) == Some(&Value::Bool(true))
}

/// An object.
#[must_use]
pub fn object<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    fields.get(name)?.as_object()
}

/// The objects of a list; none when it is not there.
pub fn objects<'a>(
    fields: &'a Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> {
    let list = fields.get(name).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_object)
}
