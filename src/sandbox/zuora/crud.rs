//! CRUD: `/v1/object/{object}` and `/v1/object/{object}/{id}`.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::answer::Answer;
use super::call::Call;
use super::catalog::object_fields;
use super::refusal::{Code, Refusal};
use super::schema::Purpose;
use super::store::Kind;
use super::work::Work;
use super::write::{self, Manner};

/// How a kind is spelled in a path.
#[must_use]
pub fn segment(kind: Kind) -> &'static str {
    match kind {
        Kind::Product => "product",
        Kind::ProductRatePlan => "product-rate-plan",
        Kind::ProductRatePlanCharge => "product-rate-plan-charge",
        Kind::ProductRatePlanChargeTier => "product-rate-plan-charge-tier",
        Kind::Account => "account",
        Kind::Contact => "contact",
    }
}

/// The kind of the catalog that a path is about: its last segment, or the one before an id.
fn kind_of(call: &Call) -> Option<Kind> {
    let position = usize::from(call.method != axum::http::Method::POST);
    let name = call.segment_from_end(position);
    Kind::CATALOG.into_iter().find(|kind| segment(*kind) == name)
}

/// `POST /v1/object/{object}`.
pub fn post(work: &mut Work<'_>, call: &Call) -> Answer {
    let Some(kind) = kind_of(call) else { return unknown_object() };
    let manner = Manner { purpose: Purpose::Create, wsdl: call.wsdl };
    let checked = write::check_body(work, kind, call.body.clone(), manner);
    if call.rejects_unknown_fields() && !checked.unknown.is_empty() {
        return unrecognised(&checked.unknown);
    }
    if !checked.refusals.is_empty() {
        return Answer::refused(&checked.refusals);
    }
    let passed_over = checked.passed_over();
    match write::create(work, kind, checked.fields) {
        Ok(id) => noting(Answer::ok(json!({"Success": true, "Id": id})), &passed_over),
        Err(refusals) => Answer::refused(&refusals),
    }
}

/// `PUT /v1/object/{object}/{id}`.
pub fn put(work: &mut Work<'_>, call: &Call) -> Answer {
    let Some(kind) = kind_of(call) else { return unknown_object() };
    let id = call.key();
    if work.store().get(kind, &id).is_none() {
        return Answer::refused(&[Refusal::id(&id)]);
    }
    let manner = Manner { purpose: Purpose::Replace, wsdl: call.wsdl };
    let checked = write::check_body(work, kind, call.body.clone(), manner);
    if call.rejects_unknown_fields() && !checked.unknown.is_empty() {
        return unrecognised(&checked.unknown);
    }
    if !checked.refusals.is_empty() {
        return Answer::refused(&checked.refusals);
    }
    let passed_over = checked.passed_over();
    match write::update(work, kind, &id, checked.fields, &[]) {
        Ok(()) => noting(Answer::ok(json!({"Success": true, "Id": id})), &passed_over),
        Err(refusals) => Answer::refused(&refusals),
    }
}

/// `GET /v1/object/{object}/{id}`; fields without a value are left out.
pub fn get(work: &mut Work<'_>, call: &Call) -> Answer {
    let Some(kind) = kind_of(call) else { return unknown_object() };
    let Some(record) = work.store().get(kind, &call.key()) else {
        let body = json!({"records": [], "size": 0, "done": true});
        return Answer::json(StatusCode::NOT_FOUND, body);
    };
    let mut fields = object_fields(work, kind, record, call.wsdl);
    if let Some(wished) = call.parameter("fields") {
        let wished: Vec<&str> = wished.split(',').map(str::trim).collect();
        fields.retain(|name, _| name == "Id" || wished.contains(&name.as_str()));
    }
    Answer::ok(Value::Object(fields))
}

/// `DELETE /v1/object/{object}/{id}`.
pub fn delete(work: &mut Work<'_>, call: &Call) -> Answer {
    let Some(kind) = kind_of(call) else { return unknown_object() };
    let id = call.key();
    match write::delete(work, kind, &id) {
        Ok(()) => Answer::ok(json!({"success": true, "id": id})),
        Err(refusal) => {
            let body = json!({"success": false, "id": id, "errors": [refusal.json()]});
            let answer = Answer::json(StatusCode::BAD_REQUEST, body);
            answer.noting(super::answer::described(&refusal))
        }
    }
}

/// The answer to unknown fields when the call does not want them ignored.
#[must_use]
pub fn unrecognised(unknown: &[String]) -> Answer {
    let answer = Answer::message(StatusCode::BAD_REQUEST, "Error - unrecognised fields");
    noting(answer, unknown)
}

/// The answer with the fields that were ignored.
#[must_use]
pub fn noting(answer: Answer, unknown: &[String]) -> Answer {
    unknown.iter().fold(answer, |answer, field| answer.noting(format!("unknown field {field}")))
}

fn unknown_object() -> Answer {
    Answer::refused(&[Refusal::new(Code::InvalidType, "invalid type")])
}
