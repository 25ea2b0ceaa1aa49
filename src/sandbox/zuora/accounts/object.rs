//! CRUD: `/v1/object/account` and `/v1/object/contact`, with their own names of fields and their
//! own shape of errors. An account that is made here is a draft until it has its contacts.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::fields::{object_fields, spellings};
use super::{contacts, write};
use crate::sandbox::zuora::answer::{Answer, Category, Reason};
use crate::sandbox::zuora::call::Call;
use crate::sandbox::zuora::crud::{noting, unrecognised};
use crate::sandbox::zuora::refusal::{Code, Refusal};
use crate::sandbox::zuora::schema::{Purpose, ViolationKind, check};
use crate::sandbox::zuora::store::Kind;
use crate::sandbox::zuora::work::Work;
use crate::sandbox::zuora::write::delete as delete_record;
use crate::sandbox::zuora::zoql::FilterKind;

/// What an account is before it has contacts.
const DRAFT: &str = "Draft";
/// Fields that a new account cannot do without here.
const REQUIRED: [&str; 3] = ["Name", "Currency", "BillCycleDay"];
/// Fields that stay as they were made.
const IMMUTABLE: [&str; 2] = ["currency", "accountId"];

/// The kind that a path is about: the third segment.
fn kind_of(call: &Call) -> Kind {
    let name = call.path.split('/').nth(3).unwrap_or_default();
    if name == "contact" { Kind::Contact } else { Kind::Account }
}

/// `GET /v1/object/account/{id}` and `…/contact/{id}`; fields without a value are left out.
pub fn get(work: &mut Work<'_>, call: &Call) -> Answer {
    let kind = kind_of(call);
    let Some(record) = work.store().get(kind, &call.key()) else {
        let body = json!({"records": [], "size": 0, "done": true});
        return Answer::json(StatusCode::NOT_FOUND, body);
    };
    let mut fields = object_fields(work, kind, record);
    if let Some(wished) = call.parameter("fields") {
        let wished: Vec<&str> = wished.split(',').map(str::trim).collect();
        fields.retain(|name, _| name == "Id" || wished.contains(&name.as_str()));
    }
    Answer::ok(Value::Object(fields))
}

/// `POST /v1/object/account`.
pub fn post(work: &mut Work<'_>, call: &Call) -> Answer {
    let body = Translated::of(work, Kind::Account, &call.body);
    if let Some(answer) = body.refused(call) {
        return answer;
    }
    let missing = |name: &&&str| call.body.get(**name).is_none_or(Value::is_null);
    let missing: Vec<_> =
        REQUIRED.iter().filter(missing).map(|one| Refusal::missing(one)).collect();
    if !missing.is_empty() {
        return Answer::refused(&missing);
    }
    let mut fields = body.fields;
    fields.insert("status".to_owned(), Value::from(DRAFT));
    match write::create(work, &fields) {
        Ok(id) => noting(Answer::ok(json!({"Success": true, "Id": id})), &body.unknown),
        Err(reasons) => Answer::refused(&refusals(&reasons)),
    }
}

/// `PUT /v1/object/account/{id}` and `…/contact/{id}`.
pub fn put(work: &mut Work<'_>, call: &Call) -> Answer {
    let (kind, id) = (kind_of(call), call.key());
    let Some(before) = work.store().get(kind, &id).cloned() else {
        return Answer::refused(&[Refusal::id(&id)]);
    };
    let body = Translated::of(work, kind, &call.body);
    if let Some(answer) = body.refused(call) {
        return answer;
    }
    let changed = |name: &str| body.fields.get(name).is_some_and(|new| new != before.value(name));
    if let Some(name) = IMMUTABLE.into_iter().find(|name| changed(name)) {
        return Answer::refused(&[Refusal::value(format!("{name} cannot be changed"))]);
    }
    let done = match kind {
        Kind::Contact => {
            if let Some(name) = contacts::emptied_name(&body.fields) {
                return Answer::refused(&[Refusal::missing(name)]);
            }
            write::change_contact(work, &id, &body.fields);
            Ok(())
        }
        _ => write::update(work, &before, &body.fields),
    };
    match done {
        Ok(()) => noting(Answer::ok(json!({"Success": true, "Id": id})), &body.unknown),
        Err(reasons) => Answer::refused(&refusals(&reasons)),
    }
}

/// `DELETE /v1/object/account/{id}`; an account with subscriptions stays.
pub fn delete(work: &mut Work<'_>, call: &Call) -> Answer {
    let id = call.key();
    match delete_record(work, Kind::Account, &id) {
        Ok(()) => Answer::ok(json!({"success": true, "id": id})),
        Err(refusal) => {
            let body = json!({"success": false, "id": id, "errors": [refusal.json()]});
            Answer::json(StatusCode::BAD_REQUEST, body).noting(refusal.message)
        }
    }
}

/// A body under the names by which the fields are stored.
struct Translated {
    fields: Map<String, Value>,
    unknown: Vec<String>,
    mistyped: Vec<Refusal>,
}

impl Translated {
    fn of(work: &Work<'_>, kind: Kind, body: &Map<String, Value>) -> Self {
        let mut told = Self { fields: Map::new(), unknown: Vec::new(), mistyped: Vec::new() };
        for (name, value) in body {
            let known = spellings(kind).iter().find(|(field, _, _)| field == name);
            match known {
                Some((_, stored, holds)) => {
                    if !fits(*holds, value) {
                        let message = format!("Invalid value for field {name}: {value}");
                        told.mistyped.push(Refusal::value(message));
                    }
                    told.fields.insert((*stored).to_owned(), value.clone());
                }
                None if work.tenant.custom_field(kind.name(), name).is_some() => {
                    told.fields.insert(name.clone(), value.clone());
                }
                None => told.unknown.push(name.clone()),
            }
        }
        if told.mistyped.is_empty() {
            told.mistyped = faults(work, kind, &told.fields);
        }
        told
    }

    /// Unknown fields are ignored unless the call does not want that.
    fn refused(&self, call: &Call) -> Option<Answer> {
        if call.rejects_unknown_fields() && !self.unknown.is_empty() {
            return Some(unrecognised(&self.unknown));
        }
        (!self.mistyped.is_empty()).then(|| Answer::refused(&self.mistyped))
    }
}

/// What the schema has against the fields. Which of them may be written is another matter here.
fn faults(work: &Work<'_>, kind: Kind, fields: &Map<String, Value>) -> Vec<Refusal> {
    let said: Map<_, _> = fields
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let schema = work.schemas.get(kind.name());
    let found = schema.map(|schema| check(schema, &said, Purpose::Change, work.tenant));
    let found = found.unwrap_or_default().into_iter();
    found
        .filter(|violation| violation.kind != ViolationKind::Unknown)
        .map(|violation| Refusal::value(violation.message))
        .collect()
}

fn fits(holds: FilterKind, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(_) => !matches!(holds, FilterKind::Number | FilterKind::Boolean),
        Value::Number(_) => holds == FilterKind::Number,
        Value::Bool(_) => holds == FilterKind::Boolean,
        Value::Array(_) | Value::Object(_) => false,
    }
}

/// The reasons in the vocabulary of CRUD.
fn refusals(reasons: &[Reason]) -> Vec<Refusal> {
    let refusal = |reason: &Reason| {
        let code = match reason.category {
            Category::MissingField => Code::MissingRequiredValue,
            Category::UnknownField => Code::InvalidField,
            Category::NotFound => Code::InvalidId,
            _ if reason.message.contains("already exists") => Code::DuplicateValue,
            _ => Code::InvalidValue,
        };
        Refusal::new(code, reason.message.clone())
    };
    reasons.iter().map(refusal).collect()
}
