//! Checks the value of a tenant's own field.

use serde_json::Value;

use super::ViolationKind;
use super::check::{parse_date, unsupported_character};
use crate::sandbox::zuora::number;
use crate::sandbox::zuora::tenant::{CustomField, CustomFieldKind};

/// Whether a name is one of a custom field: `Region__c`, or `Class__NS` of the NetSuite connector.
#[must_use]
pub fn is_custom_name(name: &str) -> bool {
    ["__c", "__NS", "__QT"].iter().any(|suffix| name.len() > suffix.len() && name.ends_with(suffix))
}

/// What is wrong with a value, if something is; null clears any custom field.
pub fn fault(field: &CustomField, name: &str, value: &Value) -> Option<(ViolationKind, String)> {
    let mistyped =
        || Some((ViolationKind::Type, format!("Invalid value for field {name}: {value}")));
    match (&field.kind, value) {
        (_, Value::Null) | (CustomFieldKind::Boolean, Value::Bool(_)) => None,
        (CustomFieldKind::Text { length }, Value::String(text)) => {
            if text.chars().count() > *length {
                let message = format!("The length of field {name} is too big: more than {length}");
                return Some((ViolationKind::Length, message));
            }
            unsupported_character(text).map(|message| (ViolationKind::Format, message))
        }
        (CustomFieldKind::Number, Value::Number(_)) => {
            let fits = number::decimal(value).is_some_and(number::fits);
            (!fits).then(|| (ViolationKind::Format, format!("Too many digits in field {name}")))
        }
        (CustomFieldKind::Date, Value::String(text)) => parse_date(text)
            .is_none()
            .then(|| (ViolationKind::Format, format!("Invalid date for field {name}: {text}"))),
        (CustomFieldKind::Picklist(values), Value::String(text)) => (!values.contains(text))
            .then(|| (ViolationKind::Enum, format!("Invalid value for field {name}: {text}"))),
        _ => mistyped(),
    }
}
