//! Changing objects.

use serde_json::{Map, Value};

use super::{charge, charge_rules, rules, text, tier};
use crate::sandbox::zuora::refusal::Refusal;
use crate::sandbox::zuora::store::{Kind, Record};
use crate::sandbox::zuora::work::Work;

/// Changes an object by checked fields; those of `cleared` lose their value.
///
/// # Errors
/// Every rule that the changed object would break.
pub fn update(
    work: &mut Work<'_>,
    kind: Kind,
    id: &str,
    mut change: Map<String, Value>,
    cleared: &[String],
) -> Result<(), Vec<Refusal>> {
    let Some(before) = work.store().get(kind, id).cloned() else {
        return Err(vec![Refusal::id(id)]);
    };
    let tiers = change.remove(charge::TIER_DATA);
    let mut fields = changed(kind, &before, change, cleared);
    let mut refusals = must_stay(work, kind, cleared, &fields);
    if let Some(tiers) = &tiers {
        fields.insert(charge::TIER_DATA.to_owned(), tiers.clone());
    }
    refusals.extend(rules(work, kind, Some(&before), &fields));
    if !refusals.is_empty() {
        return Err(refusals);
    }
    fields.remove(charge::TIER_DATA);
    charge::complete(kind, &mut fields);
    work.replace(kind, &before, fields);
    if let Some(tiers) = tiers {
        tier::replace_all(work, id, &tiers);
    }
    work.count_write();
    Ok(())
}

/// The fields after the change.
fn changed(
    kind: Kind,
    before: &Record,
    change: Map<String, Value>,
    cleared: &[String],
) -> Map<String, Value> {
    let mut fields = before.fields.clone();
    let sent: Vec<String> = change.keys().cloned().collect();
    fields.extend(change);
    fields.retain(|name, value| !value.is_null() && !cleared.contains(name));
    if kind == Kind::ProductRatePlanCharge {
        charge_rules::forget_stale(&mut fields, |name| sent.iter().any(|sent| sent == name));
    }
    fields
}

/// A field that a new object cannot be without, or by which it is found, cannot be cleared either.
fn must_stay(
    work: &Work<'_>,
    kind: Kind,
    cleared: &[String],
    fields: &Map<String, Value>,
) -> Vec<Refusal> {
    let required = work.schemas.get(kind.name()).map(|schema| schema.names("required"));
    let required = required.unwrap_or_default();
    let emptied = kind.numbered_fields().iter().map(|(field, _)| *field);
    let emptied = emptied.filter(|field| text(fields, field).is_none_or(str::is_empty));
    cleared
        .iter()
        .map(String::as_str)
        .filter(|name| required.contains(name))
        .chain(emptied)
        .map(Refusal::missing)
        .collect()
}
