//! The fields of an object as CRUD and queries know them.

use serde_json::{Map, Value, json};

use super::spelling;
use crate::sandbox::zuora::accounts;
use crate::sandbox::zuora::number;
use crate::sandbox::zuora::store::{Kind, Record};
use crate::sandbox::zuora::tenant::CustomFieldKind;
use crate::sandbox::zuora::version::WsdlVersion;
use crate::sandbox::zuora::work::Work;
use crate::sandbox::zuora::zoql::FilterKind;

/// What the service knows about every object.
const COMMON: [(&str, FilterKind); 5] = [
    ("Id", FilterKind::Text),
    ("CreatedById", FilterKind::Text),
    ("CreatedDate", FilterKind::Instant),
    ("UpdatedById", FilterKind::Text),
    ("UpdatedDate", FilterKind::Instant),
];

/// What a tier has that no client writes.
const TIER: [(&str, FilterKind); 2] =
    [("ProductRatePlanChargeId", FilterKind::Text), ("Tier", FilterKind::Number)];

/// The fields of CRUD's GET: everything that has a value, as written except for the spellings that
/// differ.
#[must_use]
pub fn object_fields(
    work: &Work<'_>,
    kind: Kind,
    record: &Record,
    wsdl: WsdlVersion,
) -> Map<String, Value> {
    if matches!(kind, Kind::Account | Kind::Contact) {
        return accounts::object_fields(work, kind, record);
    }
    let mut fields = stored_fields(work, record);
    let schema = work.schemas.get(kind.name());
    fields.retain(|name, _| schema.is_none_or(|schema| schema.is_in(name, wsdl)));
    fields
}

/// The fields of a record of a query. Here a list of currencies is one text, and a zero is written
/// as the database writes it.
#[must_use]
pub fn query_fields(work: &Work<'_>, kind: Kind, record: &Record) -> Map<String, Value> {
    if matches!(kind, Kind::Account | Kind::Contact) {
        return accounts::object_fields(work, kind, record);
    }
    let mut fields = stored_fields(work, record);
    for value in fields.values_mut() {
        match value {
            Value::Array(items) => {
                let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                *value = Value::String(texts.join(","));
            }
            Value::Number(_) if kind == Kind::ProductRatePlanChargeTier && is_zero(value) => {
                *value = database_zero();
            }
            _ => {}
        }
    }
    fields
}

fn is_zero(value: &Value) -> bool {
    number::decimal(value).is_some_and(|number| number.is_zero())
}

/// `0E-9`: a zero with nine decimals, as the service's Java writes it.
fn database_zero() -> Value {
    Value::Number(serde_json::Number::from_string_unchecked("0E-9".to_owned()))
}

fn stored_fields(work: &Work<'_>, record: &Record) -> Map<String, Value> {
    let mut fields = record.fields.clone();
    if let Some(Value::String(format)) = fields.get_mut("PriceFormat") {
        *format = spelling::price_format(format).to_owned();
    }
    let user = work.store().identity().user_id();
    fields.insert("Id".to_owned(), json!(record.id));
    fields.insert("CreatedById".to_owned(), json!(user));
    fields.insert("CreatedDate".to_owned(), json!(record.created));
    fields.insert("UpdatedById".to_owned(), json!(user));
    fields.insert("UpdatedDate".to_owned(), json!(record.updated));
    fields
}

/// A field of a query by its name in any case: as the object spells it, and what it holds.
#[must_use]
pub fn query_field_kind(
    work: &Work<'_>,
    kind: Kind,
    name: &str,
    wsdl: WsdlVersion,
) -> Option<(String, FilterKind)> {
    if matches!(kind, Kind::Account | Kind::Contact) {
        return accounts::query_field_kind(work, kind, name);
    }
    let own: &[(&str, FilterKind)] =
        if kind == Kind::ProductRatePlanChargeTier { &TIER } else { &[] };
    let mut fixed = COMMON.iter().chain(own);
    if let Some((field, field_kind)) = fixed.find(|(field, _)| field.eq_ignore_ascii_case(name)) {
        return Some(((*field).to_owned(), *field_kind));
    }
    let schema = work.schemas.get(kind.name())?;
    let mut declared = schema.fields();
    if let Some((field, part)) = declared.find(|(field, _)| field.eq_ignore_ascii_case(name)) {
        let field_kind = kind_of_schema(part)?;
        return schema.is_in(field, wsdl).then(|| (field.to_owned(), field_kind));
    }
    let mut custom = work.tenant.custom_fields_of(kind.name());
    let (field, custom) = custom.find(|(field, _)| field.eq_ignore_ascii_case(name))?;
    let field_kind = match custom.kind {
        CustomFieldKind::Text { .. } | CustomFieldKind::Picklist(_) => FilterKind::Text,
        CustomFieldKind::Number => FilterKind::Number,
        CustomFieldKind::Date => FilterKind::Date,
        CustomFieldKind::Boolean => FilterKind::Boolean,
    };
    Some((field.to_owned(), field_kind))
}

/// Structures cannot be queried, but for the list of a plan's currencies.
fn kind_of_schema(part: &Value) -> Option<FilterKind> {
    let type_name = part.get("type").and_then(Value::as_str)?;
    match (type_name, part.get("format").and_then(Value::as_str)) {
        ("string", Some("date")) => Some(FilterKind::Date),
        ("string" | "array", _) => Some(FilterKind::Text),
        ("number" | "integer", _) => Some(FilterKind::Number),
        ("boolean", _) => Some(FilterKind::Boolean),
        _ => None,
    }
}

/// Whether a query may filter by a field; of the tenant's own fields only by indexed ones.
#[must_use]
pub fn is_filterable(work: &Work<'_>, kind: Kind, field: &str) -> bool {
    let custom = work.tenant.custom_field(kind.name(), field);
    field != "ActiveCurrencies" && custom.is_none_or(|custom| custom.indexed)
}
