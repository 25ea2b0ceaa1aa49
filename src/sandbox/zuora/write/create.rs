//! Making objects.

use serde_json::{Map, Value};

use super::{charge, rate_plan, rules, tier};
use crate::sandbox::zuora::refusal::{Code, Refusal};
use crate::sandbox::zuora::store::Kind;
use crate::sandbox::zuora::work::Work;

/// Makes an object of checked fields.
///
/// # Errors
/// Every rule that the fields break.
pub fn create(
    work: &mut Work<'_>,
    kind: Kind,
    fields: Map<String, Value>,
) -> Result<String, Vec<Refusal>> {
    if kind == Kind::ProductRatePlanChargeTier {
        let message = format!("invalid type for create: {}", kind.name());
        return Err(vec![Refusal::new(Code::InvalidType, message)]);
    }
    let mut fields = said(kind, fields);
    if kind == Kind::ProductRatePlan {
        rate_plan::complete(work, &mut fields);
    }
    let refusals = rules(work, kind, None, &fields);
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let tiers = fields.remove(charge::TIER_DATA);
    number_fields(work, kind, &mut fields);
    charge::complete(kind, &mut fields);
    let id = work.insert(kind, fields);
    if let Some(tiers) = tiers {
        tier::replace_all(work, &id, &tiers);
    }
    work.count_write();
    Ok(id)
}

/// The fields that say something: a null does not, nor does an empty number, for which the service
/// chooses one.
fn said(kind: Kind, mut fields: Map<String, Value>) -> Map<String, Value> {
    let is_numbered = |name: &str| kind.numbered_fields().iter().any(|(field, _)| *field == name);
    fields.retain(|name, value| {
        !value.is_null() && (!is_numbered(name) || value.as_str() != Some(""))
    });
    fields
}

/// Fills the numbers that the client has left to the service.
fn number_fields(work: &mut Work<'_>, kind: Kind, fields: &mut Map<String, Value>) {
    for (field, prefix) in kind.numbered_fields() {
        while !fields.contains_key(*field) {
            let number = format!("{prefix}-{:08}", work.next(prefix));
            // A client may have chosen the number that would come next.
            if work.store().find(kind, field, &number).is_none() {
                fields.insert((*field).to_owned(), Value::String(number));
            }
        }
    }
}
