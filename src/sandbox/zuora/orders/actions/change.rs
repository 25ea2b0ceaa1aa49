//! What the actions on a subscription that exists have in common: the dates that they may take
//! effect on, and how a rate plan or charge of it is named.

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::Scene;
use crate::sandbox::zuora::answer::Reason;
use crate::sandbox::zuora::orders::fields::filled;
use crate::sandbox::zuora::store::Kind;
use crate::sandbox::zuora::subscriptions::Subscription;
use crate::sandbox::zuora::subscriptions::charge::Charge;
use crate::sandbox::zuora::subscriptions::state::{Change, RatePlan, Status};

/// Whether a subscription can be changed at all.
///
/// # Errors
/// When it is cancelled, rests or waits for a date.
pub fn check_open(subscription: &Subscription, kind: &str) -> Result<(), Reason> {
    let number = &subscription.number;
    let may_change = match subscription.status {
        Status::Active => kind != "Resume",
        Status::Suspended => kind == "Resume",
        Status::Cancelled | Status::PendingActivation | Status::PendingAcceptance => false,
    };
    if may_change {
        return Ok(());
    }
    let status = subscription.status.name();
    Err(Reason::rule(format!("The subscription {number} is {status}: it does not take {kind}.")))
}

/// Whether a change may take effect on a day.
///
/// # Errors
/// When the subscription has not begun on that day, or is over.
pub fn check_day(subscription: &Subscription, day: Date) -> Result<(), Reason> {
    let is_late = subscription.end().is_some_and(|end| day > end);
    if day < subscription.start || is_late {
        let number = &subscription.number;
        let message = format!("{day} is not within the term of the subscription {number}.");
        return Err(Reason::rule(message));
    }
    Ok(())
}

/// The place of the rate plan that an action names.
///
/// # Errors
/// When no plan of the subscription has all the names, or several have them.
pub fn plan_index(
    scene: &Scene<'_, '_>,
    subscription: &Subscription,
    said: &Map<String, Value>,
) -> Result<usize, Reason> {
    let names = |plan: &RatePlan| {
        [
            ("ratePlanId", Some(plan.id.clone())),
            ("subscriptionRatePlanNumber", Some(plan.number.clone())),
            ("productRatePlanNumber", product_plan_number(scene, plan)),
            ("externalCatalogPlanId", plan.external_id.clone()),
        ]
    };
    let is_meant = |plan: &RatePlan| {
        let by_token = filled(said, "uniqueToken")
            .is_none_or(|token| scene.tokens.get(token) == Some(&plan.id));
        by_token
            && plan.change != Change::Remove
            && names(plan).iter().all(|(field, own)| {
                filled(said, field).is_none_or(|wished| own.as_deref() == Some(wished))
            })
    };
    let plans = subscription.plans.iter().enumerate();
    let found: Vec<usize> =
        plans.filter(|(_, plan)| is_meant(plan)).map(|(index, _)| index).collect();
    match found.as_slice() {
        [index] => Ok(*index),
        [] => Err(Reason::rule(format!(
            "The subscription {} has no such rate plan: {}.",
            subscription.number,
            named(said)
        ))),
        _ => Err(Reason::rule(format!("Several rate plans are meant by {}.", named(said)))),
    }
}

fn product_plan_number(scene: &Scene<'_, '_>, plan: &RatePlan) -> Option<String> {
    let catalog = scene.work.store().get(Kind::ProductRatePlan, &plan.product_plan)?;
    catalog.text("ProductRatePlanNumber").map(str::to_owned)
}

/// The place of the charge that an update names.
///
/// # Errors
/// When no charge of the plan has all the names, or several have them.
pub fn charge_index(
    scene: &Scene<'_, '_>,
    plan: &RatePlan,
    said: &Map<String, Value>,
) -> Result<usize, Reason> {
    let is_meant = |charge: &Charge| {
        let catalog = scene.work.store().get(Kind::ProductRatePlanCharge, &charge.product_charge);
        let catalog_number = catalog.and_then(|one| one.text("ProductRatePlanChargeNumber"));
        let token = filled(said, "uniqueToken").and_then(|token| scene.tokens.get(token));
        [
            ("chargeNumber", Some(charge.number.as_str())),
            ("productRatePlanChargeId", Some(charge.product_charge.as_str())),
            ("productRatePlanChargeNumber", catalog_number),
        ]
        .iter()
        .all(|(field, own)| filled(said, field).is_none_or(|wished| *own == Some(wished)))
            && (filled(said, "uniqueToken").is_none() || token == Some(&charge.id))
    };
    let charges = plan.charges.iter().enumerate();
    let found: Vec<usize> =
        charges.filter(|(_, charge)| is_meant(charge)).map(|(index, _)| index).collect();
    match found.as_slice() {
        [index] => Ok(*index),
        [] => Err(Reason::rule(format!(
            "The rate plan {} has no such charge: {}.",
            plan.number,
            named(said)
        ))),
        _ => Err(Reason::rule(format!("Several charges are meant by {}.", named(said)))),
    }
}

/// The names in a body, for messages.
fn named(said: &Map<String, Value>) -> String {
    let texts = said.iter().filter_map(|(name, value)| Some(format!("{name} {}", value.as_str()?)));
    texts.collect::<Vec<_>>().join(", ")
}
