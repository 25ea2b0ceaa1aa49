//! A rate plan as the catalog shows it.

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::charge;
use super::product::custom_fields;
use crate::sandbox::zuora::store::{Kind, Record};
use crate::sandbox::zuora::work::Work;

/// The plan with its charges, of which there is a limit for all plans of an answer.
#[must_use]
pub fn shown(work: &Work<'_>, plan: &Record, charges_left: &mut usize) -> Map<String, Value> {
    let mut shown = own_fields(work, plan);
    let charges: Vec<Value> = work
        .store()
        .children(Kind::ProductRatePlanCharge, &plan.id)
        .take(*charges_left)
        .map(|one| Value::Object(charge::shown(work, one)))
        .collect();
    *charges_left = charges_left.saturating_sub(charges.len());
    shown.insert("productRatePlanCharges".to_owned(), Value::Array(charges));
    shown
}

/// The plan without its charges.
#[must_use]
pub fn shown_alone(work: &Work<'_>, plan: &Record) -> Map<String, Value> {
    own_fields(work, plan)
}

fn own_fields(work: &Work<'_>, plan: &Record) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut show = |name: &str, value: Value| {
        shown.insert(name.to_owned(), value);
    };
    show("id", json!(plan.id));
    show("status", json!(status(work, plan)));
    show("name", plan.value("Name").clone());
    show("description", plan.value("Description").clone());
    show("effectiveStartDate", plan.value("EffectiveStartDate").clone());
    show("effectiveEndDate", plan.value("EffectiveEndDate").clone());
    show("externalIdSourceSystem", plan.value("ExternalIdSourceSystem").clone());
    show("externallyManagedPlanIds", external_ids(plan).collect());
    show("productRatePlanNumber", plan.value("ProductRatePlanNumber").clone());
    if let Some(grade) = plan.fields.get("Grade") {
        show("grade", grade.clone());
    }
    shown.extend(custom_fields(work, Kind::ProductRatePlan, plan));
    shown
}

/// Whether the plan can be sold today.
fn status(work: &Work<'_>, plan: &Record) -> &'static str {
    let today = work.now.to_zoned(TimeZone::UTC).date().to_string();
    // Dates of one form compare as texts.
    if plan.text("EffectiveEndDate").is_some_and(|end| end < today.as_str()) {
        "Expired"
    } else if plan.text("EffectiveStartDate").is_some_and(|start| start > today.as_str()) {
        "NotStarted"
    } else {
        "Active"
    }
}

/// The ids that a plan has in a store outside, written as a list with commas.
pub fn external_ids(plan: &Record) -> impl Iterator<Item = &str> {
    let list = plan.text("ExternalRatePlanIds").unwrap_or_default();
    list.split(',').map(str::trim).filter(|id| !id.is_empty())
}
