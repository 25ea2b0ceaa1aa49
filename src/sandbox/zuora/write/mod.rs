//! Writing the catalog: what CRUD and Actions have in common. Rules first, then changes: a refused
//! write has changed nothing.

mod body;
mod charge;
mod charge_rules;
mod create;
mod dates;
mod delete;
mod product;
mod rate_plan;
mod references;
mod tier;
mod tier_bounds;
mod update;

use serde_json::{Map, Value};

pub use body::{Checked, Manner, check_body};
pub use create::create;
pub use delete::{delete, mark_used};
pub use rate_plan::currencies as active_currencies;
pub use tier_bounds::{Last, fault as tier_bounds_fault};
pub use update::update;

use super::refusal::{Code, Refusal};
use super::store::{Kind, Record};
use super::tenant::Tenant;
use super::work::Work;

/// Every rule that an object with these fields would break; `before` is what is stored of it.
fn rules(
    work: &Work<'_>,
    kind: Kind,
    before: Option<&Record>,
    fields: &Map<String, Value>,
) -> Vec<Refusal> {
    let mut refusals = missing(work, kind, fields);
    refusals.extend(unique(work, kind, before.map(|record| record.id.as_str()), fields));
    refusals.extend(match (kind, before) {
        (Kind::Product, _) => product::rules(fields),
        (Kind::ProductRatePlan, _) => rate_plan::rules(work, before, fields),
        (Kind::ProductRatePlanCharge, _) => charge::rules(work, before, fields),
        (Kind::ProductRatePlanChargeTier, Some(before)) => tier::rules_of_one(work, before, fields),
        (Kind::ProductRatePlanChargeTier, None) | (Kind::Account | Kind::Contact, _) => Vec::new(),
    });
    refusals
}

/// Fields that other fields make mandatory.
fn missing(work: &Work<'_>, kind: Kind, fields: &Map<String, Value>) -> Vec<Refusal> {
    let schema = work.schemas.get(kind.name());
    let names = schema.map(|schema| schema.missing_when(fields)).unwrap_or_default();
    names.into_iter().map(Refusal::missing).collect()
}

/// Values that another record of the tenant already has.
fn unique(
    work: &Work<'_>,
    kind: Kind,
    id: Option<&str>,
    fields: &Map<String, Value>,
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for field in kind.unique_fields() {
        let Some(value) = fields.get(*field).and_then(Value::as_str) else { continue };
        let holder = work.store().find(kind, field, value);
        if holder.is_some_and(|holder| Some(holder.id.as_str()) != id) {
            let message = format!("The {} {field} '{value}' already exists", kind.name());
            refusals.push(Refusal::new(Code::DuplicateValue, message));
        }
    }
    refusals
}

/// A text of fields that are not stored yet.
fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name)?.as_str()
}

/// Whether a field of an update differs from what is stored.
fn differs(before: Option<&Record>, fields: &Map<String, Value>, name: &str) -> bool {
    before.is_some_and(|before| before.fields.get(name) != fields.get(name))
}

/// Whether the tenant's currency is switched on.
fn knows_currency(tenant: &Tenant, currency: &str) -> bool {
    tenant.currencies.contains(currency)
}
