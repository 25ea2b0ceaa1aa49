//! Checks the values that a client sends, field by field, and gives them their stored form.

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::sandbox::salesforce::answer::ApiError;
use crate::sandbox::salesforce::org::Org;
use crate::sandbox::salesforce::org::field::{Field, FieldType};
use crate::sandbox::salesforce::org::id;
use crate::sandbox::salesforce::org::object::Object;
use crate::sandbox::salesforce::store::Store;
use crate::sandbox::salesforce::store::table::Row;
use crate::sandbox::salesforce::value::{self, Key, key_of};

/// What is done with the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write<'a> {
    /// A new record.
    Insert,
    /// The record of that Id.
    Update(&'a str),
}

/// Digits before the point that a number may have when its field does not say.
const WHOLE_DIGITS_DEFAULT: u32 = 15;

/// The values in their stored form, or everything that is wrong with them.
///
/// # Errors
/// One error for each field that the service would refuse; an unknown field alone, as the service
/// stops there.
pub fn check(
    org: &Org,
    store: &Store,
    object: &Object,
    values: &Map<String, Value>,
    write: Write<'_>,
) -> Result<Row, Vec<ApiError>> {
    let mut row = Row::new();
    let mut errors = Vec::new();
    for (name, sent) in values.iter().filter(|(name, _)| *name != "attributes") {
        if let Some(field) = object.field(name) {
            match check_field(org, store, object, field, sent, write) {
                Ok(stored) => {
                    row.insert(field.name.clone(), stored);
                }
                Err(error) => errors.push(error),
            }
        } else if let (Some(reference), Value::Object(keys)) = (object.parent_reference(name), sent)
        {
            match find_by_key(org, store, reference, keys) {
                Ok(id) => {
                    row.insert(reference.name.clone(), Value::String(id));
                }
                Err(error) => errors.push(error),
            }
        } else {
            let message = format!("No such column '{name}' on sobject of type {}", object.name);
            return Err(vec![ApiError::new(400, "INVALID_FIELD", message)]);
        }
    }
    // A body that cannot be read is refused before its values are looked at, and what is required
    // is asked for last.
    if let Some(unreadable) = errors.iter().find(|error| error.code == "JSON_PARSER_ERROR") {
        return Err(vec![unreadable.clone()]);
    }
    if errors.is_empty() {
        errors.extend(missing(object, &row, write));
    }
    if errors.is_empty() { Ok(row) } else { Err(errors) }
}

fn check_field(
    org: &Org,
    store: &Store,
    object: &Object,
    field: &Field,
    sent: &Value,
    write: Write<'_>,
) -> Result<Value, ApiError> {
    let is_open = match write {
        Write::Insert => field.createable,
        Write::Update(_) => field.updateable,
    };
    if !is_open {
        let message = format!(
            "Unable to create/update fields: {}. Please check the security settings of this field \
             and verify that it is read/write for your profile or permission set.",
            field.name
        );
        return Err(ApiError::field("INVALID_FIELD_FOR_INSERT_UPDATE", message, &[&field.name]));
    }
    let stored = stored_form(field, sent)?;
    check_limits(field, &stored)?;
    if field.kind() == FieldType::Reference && !stored.is_null() {
        check_reference(org, store, field, &stored)?;
    }
    if field.unique || field.external_id {
        check_unique(store, object, field, &stored, write)?;
    }
    Ok(stored)
}

/// The stored form of a value of the right JSON type; numbers keep their digits.
fn stored_form(field: &Field, sent: &Value) -> Result<Value, ApiError> {
    let kind = field.kind();
    match (kind, sent) {
        (FieldType::Boolean, Value::Null) => {
            let message = format!("{}: value not of required type: null", field.name);
            Err(ApiError::field("INVALID_TYPE_ON_FIELD_IN_RECORD", message, &[&field.name]))
        }
        (_, Value::Null) => Ok(Value::Null),
        (_, Value::String(text)) if text.is_empty() && kind != FieldType::Boolean => {
            Ok(Value::Null)
        }
        (
            FieldType::Text | FieldType::TextArea | FieldType::Picklist | FieldType::MultiPicklist,
            Value::String(_),
        )
        | (FieldType::Boolean, Value::Bool(_)) => Ok(sent.clone()),
        (FieldType::Boolean, Value::String(text)) if text == "true" || text == "false" => {
            Ok(Value::Bool(text == "true"))
        }
        (FieldType::Id | FieldType::Reference, Value::String(text)) => {
            id::to_18(text).map(Value::String).ok_or_else(|| malformed_id(field, text))
        }
        (FieldType::Date, Value::String(text)) if value::is_date(text) => Ok(sent.clone()),
        (FieldType::DateTime, Value::String(text)) => {
            value::normalize_moment(text).map(Value::String).ok_or_else(|| wrong_type(field, sent))
        }
        (FieldType::Int | FieldType::Number, Value::Number(number)) => {
            let number = value::parse_number(&number.to_string());
            let is_whole = number.is_some_and(|number| number.fract().is_zero());
            match number {
                Some(_) if kind == FieldType::Number || is_whole => Ok(sent.clone()),
                _ => Err(wrong_type(field, sent)),
            }
        }
        _ => Err(wrong_type(field, sent)),
    }
}

fn wrong_type(field: &Field, sent: &Value) -> ApiError {
    let type_name = match field.kind() {
        FieldType::Int => "int",
        FieldType::Number => "double",
        FieldType::Boolean => "boolean",
        FieldType::Date => "date",
        FieldType::DateTime => "datetime",
        FieldType::Id | FieldType::Reference => "reference",
        FieldType::Compound => "address",
        _ => "string",
    };
    let (token, shown) = match sent {
        Value::String(text) => ("VALUE_STRING", text.clone()),
        Value::Bool(true) => ("VALUE_TRUE", "true".to_owned()),
        Value::Bool(false) => ("VALUE_FALSE", "false".to_owned()),
        Value::Number(number) if number.is_i64() => ("VALUE_NUMBER_INT", number.to_string()),
        Value::Number(number) => ("VALUE_NUMBER_FLOAT", number.to_string()),
        Value::Array(_) => ("START_ARRAY", "[".to_owned()),
        Value::Object(_) => ("START_OBJECT", "{".to_owned()),
        Value::Null => ("VALUE_NULL", "null".to_owned()),
    };
    ApiError::field(
        "JSON_PARSER_ERROR",
        format!(
            "Cannot deserialize instance of {type_name} from {token} value {shown} or request may \
             be missing a required field"
        ),
        &[&field.name],
    )
}

fn malformed_id(field: &Field, text: &str) -> ApiError {
    let message = format!("{}: id value of incorrect type: {text}", field.label);
    ApiError::field("MALFORMED_ID", message, &[&field.name])
}

fn check_limits(field: &Field, stored: &Value) -> Result<(), ApiError> {
    match stored {
        Value::String(text) => {
            check_length(field, text)?;
            check_picklist(field, text)
        }
        Value::Number(number) => check_range(field, &number.to_string()),
        _ => Ok(()),
    }
}

fn check_length(field: &Field, text: &str) -> Result<(), ApiError> {
    let Some(length_max) = field.length_max() else { return Ok(()) };
    let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    if length <= length_max {
        return Ok(());
    }
    let message =
        format!("{}: data value too large: {text} (max length={length_max})", field.label);
    Err(ApiError::field("STRING_TOO_LONG", message, &[&field.name]))
}

fn check_picklist(field: &Field, text: &str) -> Result<(), ApiError> {
    let kind = field.kind();
    let is_list = matches!(kind, FieldType::Picklist | FieldType::MultiPicklist);
    if !is_list || !field.restricted_picklist || field.picklist_values.is_empty() {
        return Ok(());
    }
    let is_listed = |chosen: &str| {
        field
            .picklist_values
            .iter()
            .any(|value| value.value == chosen && value.active != Some(false))
    };
    let mut chosen: Box<dyn Iterator<Item = &str>> = match kind {
        FieldType::MultiPicklist => Box::new(text.split(';')),
        _ => Box::new(std::iter::once(text)),
    };
    match chosen.find(|value| !is_listed(value)) {
        None => Ok(()),
        Some(bad) => {
            let message =
                format!("{}: bad value for restricted picklist field: {bad}", field.label);
            Err(ApiError::field("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, &[&field.name]))
        }
    }
}

fn check_range(field: &Field, text: &str) -> Result<(), ApiError> {
    let whole_digits = match (field.kind(), field.precision) {
        (FieldType::Int, _) => 10,
        (_, Some(precision)) if precision > 0 => precision.saturating_sub(field.scale.unwrap_or(0)),
        _ => WHOLE_DIGITS_DEFAULT,
    };
    let is_within = value::parse_number(text).is_some_and(|number| {
        let whole = number.trunc().abs();
        let digits = whole.mantissa().unsigned_abs().to_string().len();
        whole == Decimal::ZERO || u32::try_from(digits).is_ok_and(|digits| digits <= whole_digits)
    });
    if is_within {
        return Ok(());
    }
    let message = format!("{}: value outside of valid range on numeric field: {text}", field.label);
    Err(ApiError::field("NUMBER_OUTSIDE_VALID_RANGE", message, &[&field.name]))
}

fn check_reference(
    org: &Org,
    store: &Store,
    field: &Field,
    stored: &Value,
) -> Result<(), ApiError> {
    let text = stored.as_str().unwrap_or_default();
    let target = org.object_of_id(text);
    if target.is_some_and(|target| !field.reference_to.contains(&target.name)) {
        return Err(malformed_id(field, text));
    }
    let table = target.and_then(|target| store.table(&target.name));
    if table.and_then(|table| table.live_row(text)).is_some() {
        return Ok(());
    }
    let message = format!("invalid cross reference id: {text}");
    Err(ApiError::field("INVALID_CROSS_REFERENCE_KEY", message, &[&field.name]))
}

fn check_unique(
    store: &Store,
    object: &Object,
    field: &Field,
    stored: &Value,
    write: Write<'_>,
) -> Result<(), ApiError> {
    if !field.unique {
        return Ok(());
    }
    let (Some(key), Some(table)) = (key_of(field, Some(stored)), store.table(&object.name)) else {
        return Ok(());
    };
    let holders = table.find(&field.name, &key).unwrap_or_default();
    let other = holders.into_iter().find(|id| write != Write::Update(id.as_str()));
    match other {
        None => Ok(()),
        Some(id) => {
            let message = format!(
                "duplicate value found: {} duplicates value on record with id: {id}",
                field.name
            );
            Err(ApiError::field("DUPLICATE_VALUE", message, &[&field.name]))
        }
    }
}

/// The record that `"Parent__r": {"Ext__c": "value"}` names.
fn find_by_key(
    org: &Org,
    store: &Store,
    reference: &Field,
    keys: &Map<String, Value>,
) -> Result<String, ApiError> {
    let mut keys = keys.iter().filter(|(name, _)| *name != "attributes");
    let (Some((name, sent)), None, Some(target)) =
        (keys.next(), keys.next(), org.target(reference))
    else {
        let message = format!("{} must name its record by one external ID", reference.name);
        return Err(ApiError::new(400, "INVALID_FIELD", message));
    };
    let field = target.field(name).filter(|field| field.external_id);
    let Some(field) = field else {
        let message = format!("{name} is not an External ID or indexed field for {}", target.name);
        return Err(ApiError::new(400, "INVALID_FIELD", message));
    };
    let found = store.table(&target.name).zip(key_of(field, Some(sent))).map(|(table, key)| {
        let ids = table.find(&field.name, &key).unwrap_or_default();
        ids.into_iter().filter(|id| table.live_row(id).is_some()).cloned().collect::<Vec<_>>()
    });
    match found.unwrap_or_default().as_slice() {
        [id] => Ok(id.clone()),
        _ => {
            let message = format!(
                "Foreign key external ID: {} not found for field {name} in entity {}",
                sent.as_str().map_or_else(|| sent.to_string(), str::to_owned),
                target.name
            );
            Err(ApiError::new(400, "INVALID_FIELD", message))
        }
    }
}

/// Required fields that an insert leaves out, or that an update empties.
fn missing(object: &Object, row: &Row, write: Write<'_>) -> Option<ApiError> {
    let is_lacking = |field: &Field| match (row.get(&field.name), write) {
        (Some(stored), _) => stored.is_null() && !field.nillable,
        (None, Write::Insert) => field.is_required(),
        (None, Write::Update(_)) => false,
    };
    let lacking: Vec<&str> = object
        .fields
        .iter()
        .filter(|field| is_lacking(field))
        .map(|field| field.name.as_str())
        .collect();
    if lacking.is_empty() {
        return None;
    }
    let message = format!("Required fields are missing: [{}]", lacking.join(", "));
    Some(ApiError::field("REQUIRED_FIELD_MISSING", message, &lacking))
}

/// The Ids of live records whose `field` has that value.
#[must_use]
pub fn holders(store: &Store, object: &Object, field: &Field, key: &Key) -> Vec<String> {
    let Some(table) = store.table(&object.name) else { return Vec::new() };
    let ids = table.find(&field.name, key).unwrap_or_default();
    ids.into_iter().filter(|id| table.live_row(id).is_some()).cloned().collect()
}
