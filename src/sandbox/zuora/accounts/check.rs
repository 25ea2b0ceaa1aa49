//! Holds a body of the v1 API against its schema; what it refuses becomes reasons. Unknown fields
//! are refused here, other than by CRUD.

use serde_json::{Map, Value};

use crate::sandbox::zuora::answer::{Category, Reason};
use crate::sandbox::zuora::schema::{Purpose, Violation, ViolationKind, check};
use crate::sandbox::zuora::store::Kind;
use crate::sandbox::zuora::work::Work;

/// The contacts that the body of an account may carry.
pub const CONTACTS: [&str; 3] = ["billToContact", "soldToContact", "shipToContact"];

/// Everything that the schema has against a body.
#[must_use]
pub fn body(
    work: &Work<'_>,
    kind: Kind,
    fields: &Map<String, Value>,
    purpose: Purpose,
) -> Vec<Reason> {
    let mut found = violations(work, kind, fields, purpose);
    if kind == Kind::Account {
        found.retain(|violation| !is_left_to_contact(violation, purpose));
        for name in CONTACTS {
            if let Some(contact) = fields.get(name).and_then(Value::as_object) {
                add_of_contact(&mut found, work, name, contact, purpose);
            }
        }
    }
    reasons(&found)
}

fn violations(
    work: &Work<'_>,
    kind: Kind,
    fields: &Map<String, Value>,
    purpose: Purpose,
) -> Vec<Violation> {
    let schema = work.schemas.get(kind.name());
    schema.map(|schema| check(schema, fields, purpose, work.tenant)).unwrap_or_default()
}

/// A contact within an account has the tenant's fields of contacts, and when the account is
/// changed it need not be whole: both are known to the schema of contacts alone.
fn is_left_to_contact(violation: &Violation, purpose: Purpose) -> bool {
    let mut steps = violation.pointer.split('/').skip(1);
    let within = steps.next().is_some_and(|first| CONTACTS.contains(&first));
    let Some(field) = steps.next().filter(|_| within) else { return false };
    match violation.kind {
        ViolationKind::Unknown => is_custom(field),
        ViolationKind::Missing => purpose != Purpose::Create,
        _ => false,
    }
}

fn add_of_contact(
    found: &mut Vec<Violation>,
    work: &Work<'_>,
    name: &str,
    contact: &Map<String, Value>,
    purpose: Purpose,
) {
    for mut violation in violations(work, Kind::Contact, contact, purpose) {
        let is_custom = is_custom(violation.pointer.trim_start_matches('/'));
        violation.pointer = format!("/{name}{}", violation.pointer);
        let said_already = found.iter().any(|other| other.pointer == violation.pointer);
        let of_account = violation.kind == ViolationKind::Unknown && !is_custom;
        if !said_already && !of_account {
            found.push(violation);
        }
    }
}

fn is_custom(field: &str) -> bool {
    field.ends_with("__c")
}

/// The unknown fields are one reason, everything else one each.
fn reasons(found: &[Violation]) -> Vec<Reason> {
    let unknown: Vec<String> = found
        .iter()
        .filter(|violation| violation.kind == ViolationKind::Unknown)
        .map(|violation| violation.pointer.trim_start_matches('/').replace('/', "."))
        .collect();
    let mut reasons = Vec::new();
    if !unknown.is_empty() {
        let message = format!("Invalid parameter(s): '{}'.", unknown.join(","));
        reasons.push(Reason::new(Category::UnknownField, message));
    }
    for violation in found {
        match violation.kind {
            ViolationKind::Unknown => {}
            ViolationKind::Missing => {
                reasons.push(Reason::new(Category::MissingField, violation.message.clone()));
            }
            ViolationKind::Type
            | ViolationKind::Enum
            | ViolationKind::Length
            | ViolationKind::Format
            | ViolationKind::Range => reasons.push(Reason::value(violation.message.clone())),
        }
    }
    reasons
}
