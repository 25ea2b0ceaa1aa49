//! `GET /v1/describe/{object}`: the fields of an object, in XML.

use std::fmt::Write as _;

use axum::http::StatusCode;
use serde_json::Value;

use super::accounts;
use super::answer::{Answer, AnswerBody, Category};
use super::call::Call;
use super::catalog::{is_filterable, query_field_kind};
use super::store::Kind;
use super::tenant::CustomFieldKind;
use super::version::WsdlVersion;
use super::work::Work;
use super::zoql::FilterKind;

/// The fields that every object has and no client writes.
const COMMON: [&str; 5] = ["CreatedById", "CreatedDate", "Id", "UpdatedById", "UpdatedDate"];

/// `GET /v1/describe/{object}`.
pub fn describe(work: &mut Work<'_>, call: &Call) -> Answer {
    let name = call.key();
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    let (Some(kind), Some(newest)) = (kind, WsdlVersion::parse(Some("140"))) else {
        let message = format!("Cannot find object: {name}");
        return Answer::v1_error(call.version, Category::NotFound, &message);
    };
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "<object href=\"http://{}/v1/describe/{name}\">\n<name>{name}</name>\n<label>{name}</label>\n<fields>",
        escaped(&call.host)
    );
    for field in field_names(work, kind) {
        if let Some((field, field_kind)) = query_field_kind(work, kind, &field, newest) {
            describe_field(&mut text, work, kind, &field, field_kind);
        }
    }
    text.push_str("</fields>\n</object>\n");
    Answer { body: AnswerBody::Xml(text), ..Answer::json(StatusCode::OK, Value::Null) }
}

fn field_names(work: &Work<'_>, kind: Kind) -> Vec<String> {
    let mut names: Vec<String> = COMMON.into_iter().map(str::to_owned).collect();
    names.extend(accounts::field_names(kind).map(str::to_owned));
    let schema = work.schemas.get(kind.name());
    if let Some(schema) = schema.filter(|_| Kind::CATALOG.contains(&kind)) {
        names.extend(schema.fields().map(|(name, _)| name.to_owned()));
    }
    names.extend(work.tenant.custom_fields_of(kind.name()).map(|(name, _)| name.to_owned()));
    names.sort_unstable();
    names.dedup();
    names
}

fn describe_field(
    text: &mut String,
    work: &Work<'_>,
    kind: Kind,
    field: &str,
    field_kind: FilterKind,
) {
    let schema = work.schemas.get(kind.name());
    let part = schema.and_then(|schema| schema.fields().find(|(name, _)| *name == field));
    let custom = work.tenant.custom_field(kind.name(), field);
    let is_common = COMMON.contains(&field);
    let updateable = part.is_none_or(|(_, part)| part.get("x-update") != Some(&Value::Bool(false)));
    let required = schema.is_some_and(|schema| schema.names("required").contains(&field));
    let length = part.and_then(|(_, part)| part.get("maxLength")).and_then(Value::as_u64);
    let options = options(part.map(|(_, part)| part), custom.map(|custom| &custom.kind));
    let type_name = match field_kind {
        _ if !options.is_empty() => "picklist",
        FilterKind::Text => "text",
        FilterKind::Number => "decimal",
        FilterKind::Boolean => "boolean",
        FilterKind::Date => "date",
        FilterKind::Instant => "datetime",
    };
    let _ = writeln!(
        text,
        "<field><name>{field}</name><label>{field}</label><selectable>true</selectable>\
         <createable>{}</createable><updateable>{}</updateable><filterable>{}</filterable>\
         <custom>{}</custom><maxlength>{}</maxlength><required>{required}</required>\
         <type>{type_name}</type>{options}<contexts><context>export</context>\
         <context>soap</context></contexts></field>",
        !is_common,
        !is_common && updateable,
        is_filterable(work, kind, field),
        custom.is_some(),
        length.map(|length| length.to_string()).unwrap_or_default(),
    );
}

fn options(part: Option<&Value>, custom: Option<&CustomFieldKind>) -> String {
    let listed = part.and_then(|part| part.get("enum")).and_then(Value::as_array);
    let mut values: Vec<&str> = listed.into_iter().flatten().filter_map(Value::as_str).collect();
    if let Some(CustomFieldKind::Picklist(listed)) = custom {
        values.extend(listed.iter().map(String::as_str));
    }
    if values.is_empty() {
        return String::new();
    }
    let options: String =
        values.iter().map(|value| format!("<option>{}</option>", escaped(value))).collect();
    format!("<options>{options}</options>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
