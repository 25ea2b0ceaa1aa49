//! Writing the catalog: what CRUD and Actions have in common. Rules first, then changes: a refused
//! write has changed nothing.

mod charge;
mod charge_rules;
mod dates;
mod product;
mod rate_plan;
mod references;
mod tier;
mod tier_bounds;

use serde_json::{Map, Value};

use super::refusal::{Code, Refusal};
use super::schema::{Purpose, Violation, ViolationKind, check, remove_unknown};
use super::store::{Kind, Mutation, Record};
use super::tenant::Tenant;
use super::version::WsdlVersion;
use super::work::Work;

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

/// Makes an object of checked fields.
///
/// # Errors
/// Every rule that the fields break.
pub fn create(
    work: &mut Work<'_>,
    kind: Kind,
    fields: Map<String, Value>,
) -> Result<String, Vec<Refusal>> {
    let mut fields = without_nulls(fields);
    // An empty number is none: the service chooses one.
    fields.retain(|name, value| !is_numbered(kind, name) || value.as_str() != Some(""));
    let mut refusals = missing(work, kind, &fields);
    refusals.extend(unique(work, kind, None, &fields));
    match kind {
        Kind::Product => refusals.extend(product::rules(work, None, &fields)),
        Kind::ProductRatePlan => {
            rate_plan::complete(work, &mut fields);
            refusals.extend(rate_plan::rules(work, None, &fields));
        }
        Kind::ProductRatePlanCharge => {
            refusals.extend(charge::rules(work, None, &fields));
        }
        Kind::ProductRatePlanChargeTier => {
            let message = format!("invalid type for create: {}", kind.name());
            refusals.push(Refusal::new(Code::InvalidType, message));
        }
    }
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

/// Changes an object by checked fields; those of `cleared` lose their value.
///
/// # Errors
/// Every rule that the changed object would break.
pub fn update(
    work: &mut Work<'_>,
    kind: Kind,
    id: &str,
    change: Map<String, Value>,
    cleared: &[String],
) -> Result<(), Vec<Refusal>> {
    let Some(before) = work.store().get(kind, id).cloned() else {
        return Err(vec![Refusal::id(id)]);
    };
    let mut fields = before.fields.clone();
    let tiers = change.get(charge::TIER_DATA).cloned();
    let sent: Vec<String> = change.keys().cloned().collect();
    for (name, value) in change {
        if name == charge::TIER_DATA {
            continue;
        }
        match value {
            Value::Null => fields.remove(&name),
            value => fields.insert(name, value),
        };
    }
    for name in cleared {
        fields.remove(name);
    }
    if kind == Kind::ProductRatePlanCharge {
        charge_rules::forget_stale(&mut fields, |name| sent.iter().any(|sent| sent == name));
    }
    let mut refusals = must_stay(work, kind, cleared, &fields);
    refusals.extend(missing(work, kind, &fields));
    refusals.extend(unique(work, kind, Some(id), &fields));
    refusals.extend(match kind {
        Kind::Product => product::rules(work, Some(&before), &fields),
        Kind::ProductRatePlan => rate_plan::rules(work, Some(&before), &fields),
        Kind::ProductRatePlanCharge => {
            let mut whole = fields.clone();
            if let Some(tiers) = &tiers {
                whole.insert(charge::TIER_DATA.to_owned(), tiers.clone());
            }
            charge::rules(work, Some(&before), &whole)
        }
        Kind::ProductRatePlanChargeTier => tier::rules_of_one(work, &before, &fields),
    });
    if !refusals.is_empty() {
        return Err(refusals);
    }
    charge::complete(kind, &mut fields);
    work.replace(kind, &before, fields);
    if let Some(tiers) = tiers {
        tier::replace_all(work, id, &tiers);
    }
    work.count_write();
    Ok(())
}

/// Deletes an object and everything below it.
///
/// # Errors
/// When it does not exist, or a subscription has used it.
pub fn delete(work: &mut Work<'_>, kind: Kind, id: &str) -> Result<(), Refusal> {
    if work.store().get(kind, id).is_none() {
        return Err(Refusal::id(id));
    }
    if kind == Kind::ProductRatePlanChargeTier {
        let message = format!("invalid type for delete: {}", kind.name());
        return Err(Refusal::new(Code::InvalidType, message));
    }
    if work.store().is_used(id) {
        let message = format!(
            "{} cannot be deleted: a subscription has used it; let it expire instead",
            kind.name()
        );
        return Err(Refusal::new(Code::CannotDelete, message));
    }
    remove_whole(work, kind, id);
    work.count_write();
    Ok(())
}

fn remove_whole(work: &mut Work<'_>, kind: Kind, id: &str) {
    for (kind, id) in descendants(work, kind, id) {
        work.apply(Mutation::Remove { kind, id });
    }
    work.apply(Mutation::Remove { kind, id: id.to_owned() });
}

/// Everything below a record, children before their parents.
fn descendants(work: &Work<'_>, kind: Kind, id: &str) -> Vec<(Kind, String)> {
    let Some(child_kind) = kind.child() else { return Vec::new() };
    let mut found = Vec::new();
    for child in work.store().children(child_kind, id) {
        found.extend(descendants(work, child_kind, &child.id));
        found.push((child_kind, child.id.clone()));
    }
    found
}

/// Marks a plan, its product and its charges as used by a subscription.
pub fn mark_used(work: &mut Work<'_>, plan_id: &str) {
    let Some(plan) = work.store().get(Kind::ProductRatePlan, plan_id) else { return };
    let mut used = vec![plan_id.to_owned()];
    used.extend(plan.text("ProductId").map(str::to_owned));
    let charges = work.store().children(Kind::ProductRatePlanCharge, plan_id);
    used.extend(charges.map(|charge| charge.id.clone()));
    for id in used {
        work.apply(Mutation::Use { id });
    }
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

fn is_numbered(kind: Kind, name: &str) -> bool {
    kind.numbered_fields().iter().any(|(field, _)| *field == name)
}

fn without_nulls(mut fields: Map<String, Value>) -> Map<String, Value> {
    fields.retain(|_, value| !value.is_null());
    fields
}

/// The currencies that are active on a plan.
pub use rate_plan::currencies as active_currencies;

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
