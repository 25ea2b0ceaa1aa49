//! Values of fields: how they are compared, and how dates and moments are spelt.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, fmt::strtime};
use rust_decimal::Decimal;
use serde_json::Value;

use super::org::field::{Field, FieldType};
use super::org::id;

/// A value made comparable: equal keys are equal values, and keys of one field are ordered as a
/// query orders them. Null is the absence of a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// `false` before `true`.
    Boolean(bool),
    /// Exact.
    Number(Decimal),
    /// Text in lower case, Ids of 18 characters, dates and moments in their one spelling.
    Text(String),
}

/// The key of a stored value of `field`; `None` for null.
#[must_use]
pub fn key_of(field: &Field, value: Option<&Value>) -> Option<Key> {
    let kind = field.kind();
    match value {
        None | Some(Value::Null) if kind == FieldType::Boolean => Some(Key::Boolean(false)),
        None | Some(Value::Null) => None,
        Some(Value::Bool(truth)) => Some(Key::Boolean(*truth)),
        Some(Value::Number(number)) => parse_number(&number.to_string()).map(Key::Number),
        Some(Value::String(text)) if text.is_empty() => None,
        Some(Value::String(text)) => Some(Key::Text(match kind {
            FieldType::Id | FieldType::Reference | FieldType::Date | FieldType::DateTime => {
                text.clone()
            }
            _ => text.to_lowercase(),
        })),
        Some(Value::Array(_) | Value::Object(_)) => None,
    }
}

/// A number of JSON or of a query, exactly; exponents are allowed as JSON allows them.
#[must_use]
pub fn parse_number(text: &str) -> Option<Decimal> {
    Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

/// Whether the text is a day as Salesforce takes it.
#[must_use]
pub fn is_date(text: &str) -> bool {
    text.len() == 10 && Date::strptime("%Y-%m-%d", text).is_ok()
}

/// The one spelling of a moment, `2024-01-31T00:00:00.000+0000`, of any spelling that the service
/// takes: `Z`, `+01:00` and `+0100` zones, with or without fractions.
#[must_use]
pub fn normalize_moment(text: &str) -> Option<String> {
    let (day, time) = text.split_once('T')?;
    if !is_date(day) {
        return None;
    }
    let zone_place = time.find(['Z', '+', '-'])?;
    let (clock, zone) = time.split_at_checked(zone_place)?;
    let zone = match (zone, zone.len()) {
        ("Z", _) => "+00:00".to_owned(),
        (_, 6) => zone.to_owned(),
        (_, 5) => format!("{}:{}", zone.get(..3)?, zone.get(3..)?),
        _ => return None,
    };
    Timestamp::from_str(&format!("{day}T{clock}{zone}")).ok().map(spell_moment)
}

/// The spelling of a moment on the wire.
#[must_use]
pub fn spell_moment(moment: Timestamp) -> String {
    let utc = moment.to_zoned(TimeZone::UTC);
    strtime::format("%Y-%m-%dT%H:%M:%S.%3f+0000", &utc).unwrap_or_default()
}

/// The moment of a text in the spelling of the wire.
#[must_use]
pub fn parse_moment(text: &str) -> Option<Timestamp> {
    Timestamp::from_str(&text.replace("+0000", "Z")).ok()
}

/// The key of an Id in a query or a write, of 15 or 18 characters.
#[must_use]
pub fn id_key(text: &str) -> Option<Key> {
    id::to_18(text).map(Key::Text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_one_spelling() {
        let cases = [
            ("2024-01-31T00:00:00Z", Some("2024-01-31T00:00:00.000+0000")),
            ("2024-01-31T00:30:00+01:00", Some("2024-01-30T23:30:00.000+0000")),
            ("2024-01-31T00:00:00.250-0800", Some("2024-01-31T08:00:00.250+0000")),
            ("2024-01-31T00:00:00.000+0000", Some("2024-01-31T00:00:00.000+0000")),
            ("2024-01-31T00:00:00", None),
            ("2024-02-30T00:00:00Z", None),
            ("2024-01-31", None),
        ];
        for (text, expected) in cases {
            assert_eq!(normalize_moment(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn equal_numbers_have_equal_keys() {
        let field = Field { type_name: "double".to_owned(), ..Field::default() };
        let key = |text: &str| key_of(&field, Some(&serde_json::from_str(text).unwrap()));
        assert_eq!(key("12.0"), key("12"));
        assert_eq!(key("1.2E1"), key("12"));
        assert!(key("-3") < key("2.5"));
    }
}
