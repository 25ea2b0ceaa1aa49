//! Holds a body against the schema of its object, before any rule is looked at.

use serde_json::{Map, Value};

use crate::sandbox::zuora::refusal::{Code, Refusal};
use crate::sandbox::zuora::schema::{Purpose, Violation, ViolationKind, check, remove_unknown};
use crate::sandbox::zuora::store::Kind;
use crate::sandbox::zuora::version::WsdlVersion;
use crate::sandbox::zuora::work::Work;

/// How a write is to be understood.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// For what the body is meant.
    pub purpose: Purpose,
    /// The objects' version.
    pub wsdl: WsdlVersion,
}

/// A body that has been held against its schema.
#[derive(Debug)]
pub struct Checked {
    /// The body without the fields that the object does not have.
    pub fields: Map<String, Value>,
    /// Fields that the object does not have.
    pub unknown: Vec<String>,
    /// Fields of a later version that were passed over.
    pub ignored: Vec<String>,
    /// What the schema refuses.
    pub refusals: Vec<Refusal>,
}

impl Checked {
    /// The fields that the service takes and forgets.
    #[must_use]
    pub fn passed_over(&self) -> Vec<String> {
        self.unknown.iter().chain(&self.ignored).cloned().collect()
    }
}

/// Holds a body against the schema of its object.
#[must_use]
pub fn check_body(
    work: &Work<'_>,
    kind: Kind,
    mut fields: Map<String, Value>,
    manner: Manner,
) -> Checked {
    let Some(schema) = work.schemas.get(kind.name()) else {
        let refusals =
            vec![Refusal::new(Code::InvalidType, format!("invalid type: {}", kind.name()))];
        let (unknown, ignored) = (Vec::new(), Vec::new());
        return Checked { fields, unknown, ignored, refusals };
    };
    let violations = check(schema, &fields, manner.purpose, work.tenant);
    let unknown = violations
        .iter()
        .filter(|found| found.kind == ViolationKind::Unknown)
        .map(|found| found.pointer.clone())
        .collect();
    let mut refusals: Vec<Refusal> = violations.iter().filter_map(refusal_of).collect();
    let too_new = fields.iter().filter(|(field, _)| !schema.is_in(field, manner.wsdl));
    // The official Python client sends such fields with their default and no version: a value that
    // says nothing new is passed over.
    let (ignored, refused): (Vec<_>, Vec<_>) =
        too_new.partition(|(field, value)| schema.default_of(field) == Some(value));
    let ignored: Vec<String> = ignored.into_iter().map(|(field, _)| field.clone()).collect();
    refusals.extend(refused.into_iter().map(|(field, _)| {
        let message = format!("{field} is not a field of this X-Zuora-WSDL-Version");
        Refusal::new(Code::InvalidField, message)
    }));
    remove_unknown(&mut fields, &violations);
    fields.retain(|field, _| !ignored.contains(field));
    Checked { fields, unknown, ignored, refusals }
}

fn refusal_of(violation: &Violation) -> Option<Refusal> {
    let code = match violation.kind {
        ViolationKind::Unknown => return None,
        ViolationKind::Missing => Code::MissingRequiredValue,
        ViolationKind::Type
        | ViolationKind::Enum
        | ViolationKind::Length
        | ViolationKind::Format
        | ViolationKind::Range => Code::InvalidValue,
    };
    Some(Refusal::new(code, violation.message.clone()))
}
