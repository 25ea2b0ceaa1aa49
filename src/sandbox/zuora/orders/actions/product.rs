//! `AddProduct`, `UpdateProduct` and `RemoveProduct`.

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::Scene;
use super::change::{charge_index, check_day, plan_index};
use crate::sandbox::zuora::answer::Reason;
use crate::sandbox::zuora::orders::fields::{date, object, objects, text};
use crate::sandbox::zuora::orders::price::{Priced, key, overridden, renewal_price};
use crate::sandbox::zuora::orders::sale::sell;
use crate::sandbox::zuora::subscriptions::Subscription;
use crate::sandbox::zuora::subscriptions::charge::{Charge, ChargeType};
use crate::sandbox::zuora::subscriptions::state::{Change, RatePlan};

/// Adds a rate plan.
///
/// # Errors
/// When the plan cannot be sold, or not on that day.
pub fn add(
    scene: &mut Scene<'_, '_>,
    mut subscription: Subscription,
    details: &Map<String, Value>,
) -> Result<Subscription, Reason> {
    let triggers = scene.dates.of_change();
    check_day(&subscription, triggers.contract)?;
    let plan = sell(scene, &subscription, &triggers, details)?;
    subscription.plans.push(plan);
    Ok(subscription)
}

/// Changes quantities and prices of a rate plan from a day on. A later segment that exists keeps
/// what was agreed for it.
///
/// # Errors
/// When no such plan or charge is there, the day is not within the charge, or a one-time charge is
/// meant: no update of its price exists.
pub fn update(
    scene: &mut Scene<'_, '_>,
    mut subscription: Subscription,
    details: &Map<String, Value>,
) -> Result<Subscription, Reason> {
    let day = date(details, "specificUpdateDate").unwrap_or(scene.dates.contract);
    check_day(&subscription, day)?;
    let index = plan_index(scene, &subscription, details)?;
    let Some(mut plan) = subscription.plans.get(index).cloned() else { return Ok(subscription) };
    for said in objects(details, "chargeUpdates") {
        let index = charge_index(scene, &plan, said)?;
        if let Some(charge) = plan.charges.get(index) {
            let day = effective_day(scene, said, day);
            check_day(&subscription, day)?;
            let changed = updated(scene, charge.clone(), said, day)?;
            replace(&mut plan, index, changed);
        }
    }
    if let Some(fields) = object(details, "customFields") {
        plan.custom_fields.extend(fields.clone());
    }
    plan.change = Change::Update;
    if let Some(place) = subscription.plans.get_mut(index) {
        *place = plan;
    }
    Ok(subscription)
}

fn replace(plan: &mut RatePlan, index: usize, charge: Charge) {
    if let Some(place) = plan.charges.get_mut(index) {
        *place = charge;
    }
}

/// The day from which one charge changes.
fn effective_day(scene: &Scene<'_, '_>, said: &Map<String, Value>, otherwise: Date) -> Date {
    let Some(effective) = object(said, "effectiveDate") else { return otherwise };
    let triggers = scene.dates.of_change();
    let day = match text(effective, "triggerEvent") {
        Some("SpecificDate") => date(effective, "specificTriggerDate"),
        Some("ServiceActivation") => triggers.service,
        Some("CustomerAcceptance") => triggers.acceptance,
        _ => Some(triggers.contract),
    };
    day.unwrap_or(otherwise)
}

fn updated(
    scene: &mut Scene<'_, '_>,
    mut charge: Charge,
    said: &Map<String, Value>,
    day: Date,
) -> Result<Charge, Reason> {
    if let Some(fields) = object(said, "customFields") {
        charge.custom_fields.extend(fields.clone());
    }
    let Some(pricing) = object(said, "pricing") else { return Ok(charge) };
    if charge.charge_type == ChargeType::OneTime {
        let message =
            format!("The charge {} is one-time: its price cannot be updated.", charge.number);
        return Err(Reason::rule(message));
    }
    if charge.model == "Discount-Fixed Amount" {
        let message = format!(
            "The charge {} is a discount of a fixed amount, which cannot be updated.",
            charge.number
        );
        return Err(Reason::rule(message));
    }
    let key = key(charge.charge_type, &charge.model);
    charge.renewal_price = renewal_price(Some(pricing), key, charge.renewal_price)?;
    let Some(segment) = charge.segment_on(day) else {
        let message = format!("The charge {} is not in force on {day}.", charge.number);
        return Err(Reason::rule(message));
    };
    let units = &scene.work.tenant.units;
    let decimals = charge.uom.as_deref().and_then(|unit| units.get(unit)).copied();
    let priced = Priced {
        charge_type: charge.charge_type,
        model: &charge.model,
        name: &charge.name,
        unit_decimals: decimals.unwrap_or(9),
    };
    let price = overridden(priced, segment.price.clone(), Some(pricing))?;
    let id = scene.work.next_id();
    charge.put_segment(id, day, price, false);
    Ok(charge)
}

/// Removes a rate plan from a day on, or just some of its charges.
///
/// # Errors
/// When no such plan or charge is there.
pub fn remove(
    scene: &mut Scene<'_, '_>,
    mut subscription: Subscription,
    details: &Map<String, Value>,
) -> Result<Subscription, Reason> {
    let day = scene.dates.contract;
    check_day(&subscription, day)?;
    let index = plan_index(scene, &subscription, details)?;
    let Some(mut plan) = subscription.plans.get(index).cloned() else { return Ok(subscription) };
    let mut named = Vec::new();
    for said in objects(details, "chargeUpdates") {
        named.push(charge_index(scene, &plan, said)?);
    }
    let is_whole = named.is_empty();
    for (index, charge) in plan.charges.iter_mut().enumerate() {
        if is_whole || named.contains(&index) {
            charge.removed_on = Some(charge.removed_on.map_or(day, |before| before.min(day)));
        }
    }
    if plan.charges.iter().all(|charge| charge.removed_on.is_some()) {
        plan.change = Change::Remove;
    }
    if let Some(fields) = object(details, "customFields") {
        plan.custom_fields.extend(fields.clone());
    }
    if let Some(place) = subscription.plans.get_mut(index) {
        *place = plan;
    }
    subscription.fit_charges();
    Ok(subscription)
}
