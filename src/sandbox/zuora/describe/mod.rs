//! `GET /v1/describe/{object}`: the fields of an object, in XML.
//!
//! Objects that are kept as records say what queries know of them; those of orders, which are read
//! as parts of a subscription, have a list ([`orders`]). All of them have the tenant's own fields.

mod orders;
mod xml;

use axum::http::StatusCode;
use serde_json::Value;

use super::accounts;
use super::answer::{Answer, AnswerBody};
use super::call::Call;
use super::catalog::{is_filterable, query_field_kind};
use super::store::Kind;
use super::tenant::{CustomField, CustomFieldKind};
use super::version::WsdlVersion;
use super::work::Work;
use super::zoql::FilterKind;

/// The fields that every object has and no client writes.
const COMMON: [&str; 5] = ["CreatedById", "CreatedDate", "Id", "UpdatedById", "UpdatedDate"];
/// The object model whose fields are told: the newest.
const NEWEST: &str = "140";

/// What is told of a field.
struct Told {
    name: String,
    kind: FilterKind,
    length: Option<u64>,
    options: Vec<String>,
    required: bool,
    createable: bool,
    updateable: bool,
    filterable: bool,
    custom: bool,
}

impl Told {
    /// A field that any client may write, and none has to.
    fn new(name: &str, kind: FilterKind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            length: None,
            options: Vec::new(),
            required: false,
            createable: true,
            updateable: true,
            filterable: true,
            custom: false,
        }
    }

    fn custom(name: &str, field: &CustomField) -> Self {
        let (kind, length, options) = match &field.kind {
            CustomFieldKind::Text { length } => {
                (FilterKind::Text, u64::try_from(*length).ok(), Vec::new())
            }
            CustomFieldKind::Picklist(options) => (FilterKind::Text, None, options.clone()),
            CustomFieldKind::Number => (FilterKind::Number, None, Vec::new()),
            CustomFieldKind::Date => (FilterKind::Date, None, Vec::new()),
            CustomFieldKind::Boolean => (FilterKind::Boolean, None, Vec::new()),
        };
        let (custom, filterable) = (true, field.indexed);
        Self { length, options, custom, filterable, ..Self::new(name, kind) }
    }
}

/// `GET /v1/describe/{object}`. An object that the tenant has not is a 404 with XML for a body.
pub fn describe(work: &mut Work<'_>, call: &Call) -> Answer {
    let name = call.key();
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    let told = match kind {
        Some(kind) => Some(of_kind(work, kind)),
        None => orders::fields(work, &name),
    };
    match told {
        Some(mut told) => {
            told.sort_by(|a, b| a.name.cmp(&b.name));
            told.dedup_by(|a, b| a.name == b.name);
            let text = xml::object(&call.host, &name, &told);
            Answer { body: AnswerBody::Xml(text), ..Answer::json(StatusCode::OK, Value::Null) }
        }
        None => {
            let message = format!("Cannot find object: {name}");
            let body = AnswerBody::Xml(xml::error(&message));
            let answer = Answer::json(StatusCode::NOT_FOUND, Value::Null).noting(message);
            Answer { body, ..answer }
        }
    }
}

/// The tenant's own fields of an object.
fn customs(work: &Work<'_>, object: &str) -> Vec<Told> {
    let fields = work.tenant.custom_fields_of(object);
    fields.map(|(name, field)| Told::custom(name, field)).collect()
}

fn of_kind(work: &Work<'_>, kind: Kind) -> Vec<Told> {
    let Some(newest) = WsdlVersion::parse(Some(NEWEST)) else { return Vec::new() };
    let schema = work.schemas.get(kind.name());
    let mut names: Vec<String> = COMMON.into_iter().map(str::to_owned).collect();
    names.extend(accounts::field_names(kind).map(str::to_owned));
    if let Some(schema) = schema.filter(|_| Kind::CATALOG.contains(&kind)) {
        names.extend(schema.fields().map(|(name, _)| name.to_owned()));
    }
    let known = names.into_iter().filter_map(|name| query_field_kind(work, kind, &name, newest));
    let mut told: Vec<Told> =
        known.map(|(name, holds)| of_field(work, kind, &name, holds)).collect();
    told.extend(customs(work, kind.name()));
    told
}

/// A field of the service's own, by what its schema says of it.
fn of_field(work: &Work<'_>, kind: Kind, name: &str, holds: FilterKind) -> Told {
    let written = accounts::written_name(kind, name).unwrap_or(name);
    let schema = work.schemas.get(kind.name());
    let part = schema.and_then(|schema| schema.fields().find(|(known, _)| *known == written));
    let part = part.map(|(_, part)| part);
    let flag = |key: &str| part.and_then(|part| part.get(key)) != Some(&Value::Bool(false));
    let is_common = COMMON.contains(&name);
    Told {
        length: part.and_then(|part| part.get("maxLength")).and_then(Value::as_u64),
        options: part.map(|part| options(work, part)).unwrap_or_default(),
        required: schema.is_some_and(|schema| schema.names("required").contains(&written)),
        createable: !is_common && flag("x-create"),
        updateable: !is_common && flag("x-update"),
        filterable: is_filterable(work, kind, name),
        ..Told::new(name, holds)
    }
}

/// The values of a pick-list: those of the API, or those of the tenant's settings.
fn options(work: &Work<'_>, part: &Value) -> Vec<String> {
    let tenant = work.tenant;
    match part.get("x-tenant").and_then(Value::as_str) {
        Some("currencies") => tenant.currencies.iter().cloned().collect(),
        Some("payment_terms") => tenant.payment_terms.iter().cloned().collect(),
        _ => {
            let listed = part.get("enum").and_then(Value::as_array).into_iter().flatten();
            listed.filter_map(Value::as_str).map(str::to_owned).collect()
        }
    }
}
