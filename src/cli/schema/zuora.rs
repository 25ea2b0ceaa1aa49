//! Objects of Zuora as they are pinned: a schema of what the tenant said of each field, one field
//! per line, to lay over the schemas of this program.

use serde_json::{Map, Value, json};

use crate::schema::{FieldType, TenantField, is_custom};

/// What the source says of writing a field, as a pin tells it.
const REQUIRED: &str = "required";
const NOT_CREATEABLE: &str = "not createable";
const NOT_UPDATEABLE: &str = "not updateable";
/// The member of a property that tells it.
const SAID: &str = "x-said";

/// The text of a pin. `before` is the one that it replaces.
///
/// What a source says of writing the service's own fields is legacy information (API reference,
/// Describe an object): what it said at first is only noted. What it says anew since then counts,
/// and for the tenant's own fields it always does.
pub(super) fn text(
    object: &str,
    source: &str,
    fields: &[TenantField],
    before: Option<&str>,
) -> String {
    let before = before.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
    let mut required = Vec::new();
    let mut lines = Vec::new();
    for field in fields {
        let said = said(field);
        let counts: Vec<&str> =
            said.iter().copied().filter(|claim| counts(&field.name, claim, &before)).collect();
        if counts.contains(&REQUIRED) {
            required.push(field.name.as_str());
        }
        lines.push(format!(
            "    {}: {}",
            Value::from(field.name.as_str()),
            property(field, &said, &counts)
        ));
    }
    format!(
        "{{\n  \"title\": {},\n  \"x-system\": \"zuora\",\n  \"x-source\": {},\n  \
         \"required\": {},\n  \"properties\": {{\n{}\n  }}\n}}\n",
        Value::from(object),
        Value::from(source),
        json!(required),
        lines.join(",\n")
    )
}

fn said(field: &TenantField) -> Vec<&'static str> {
    let claims = &field.claims;
    let all = [
        (claims.required, REQUIRED),
        (claims.not_createable, NOT_CREATEABLE),
        (claims.not_updateable, NOT_UPDATEABLE),
    ];
    all.into_iter().filter(|(is_said, _)| *is_said).map(|(_, claim)| claim).collect()
}

/// Whether a claim counts: it counted before, or was not made before.
fn counts(name: &str, claim: &str, before: &Value) -> bool {
    if is_custom(name) {
        return true;
    }
    let Some(property) = before.get("properties").and_then(|all| all.get(name)) else {
        return false;
    };
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let was_said = list(property.get(SAID)).iter().any(|one| one == claim);
    let counted = match claim {
        REQUIRED => list(before.get("required")).iter().any(|one| one == name),
        NOT_CREATEABLE => property.get("x-create") == Some(&Value::Bool(false)),
        _ => property.get("x-update") == Some(&Value::Bool(false)),
    };
    counted || !was_said
}

fn property(field: &TenantField, said: &[&str], counts: &[&str]) -> Value {
    let (kind, format) = match field.kind {
        FieldType::Bool => ("boolean", None),
        FieldType::Integer => ("integer", None),
        FieldType::Number => ("number", None),
        FieldType::Date => ("string", Some("date")),
        FieldType::Instant => ("string", Some("date-time")),
        _ => ("string", None),
    };
    let mut members = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        members.extend(value.map(|value| (key.to_owned(), value)));
    };
    put("type", Some(kind.into()));
    put("format", format.map(Value::from));
    put("maxLength", field.length.map(Value::from));
    put("enum", (!field.values.is_empty()).then(|| field.values.clone().into()));
    put("x-create", counts.contains(&NOT_CREATEABLE).then_some(false.into()));
    put("x-update", counts.contains(&NOT_UPDATEABLE).then_some(false.into()));
    put(SAID, (!said.is_empty()).then(|| said.into()));
    put("description", field.label.clone().map(Value::from));
    Value::Object(members)
}
