//! `Suspend` and `Resume`.

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::Scene;
use super::change::check_day;
use crate::sandbox::zuora::answer::Reason;
use crate::sandbox::zuora::orders::fields::{date, is_true, text, whole};
use crate::sandbox::zuora::subscriptions::Subscription;
use crate::sandbox::zuora::subscriptions::charge::{Charge, ChargeType};
use crate::sandbox::zuora::subscriptions::state::Status;
use crate::sandbox::zuora::subscriptions::term::{Length, Unit};

/// Lets the subscription rest from a day on: nothing recurs until it is resumed.
///
/// # Errors
/// When the day is not within the subscription.
pub fn suspend(
    scene: &mut Scene<'_, '_>,
    mut subscription: Subscription,
    details: &Map<String, Value>,
) -> Result<Subscription, Reason> {
    let day = match text(details, "suspendPolicy") {
        Some("Today") => Some(scene.work.today()),
        // Nothing has been invoiced in this tenant.
        Some("EndOfLastInvoicePeriod") => Some(subscription.start),
        Some("FixedPeriodsFromToday") => {
            let length = length(details, "suspendPeriods", "suspendPeriodsType");
            length.and_then(|length| length.after(scene.work.today()))
        }
        _ => date(details, "suspendSpecificDate"),
    };
    let day = day.ok_or_else(|| Reason::rule("The day of the suspension is not known."))?;
    check_day(&subscription, day)?;
    subscription.status = Status::Suspended;
    subscription.suspended_on = Some(day);
    rest_from(scene, &mut subscription, day);
    Ok(subscription)
}

/// Lets the subscription go on from a day on, as it was before it was suspended.
///
/// # Errors
/// When the day is before the suspension or after the end.
pub fn resume(
    scene: &mut Scene<'_, '_>,
    mut subscription: Subscription,
    details: &Map<String, Value>,
) -> Result<Subscription, Reason> {
    let suspended = subscription.suspended_on.unwrap_or(subscription.start);
    let length = length(details, "resumePeriods", "resumePeriodsType");
    let day = match text(details, "resumePolicy") {
        Some("Today") => Some(scene.work.today()),
        Some("SuspendDate") => Some(suspended),
        Some("FixedPeriodsFromSuspendDate") => length.and_then(|length| length.after(suspended)),
        Some("FixedPeriodsFromToday") => length.and_then(|length| length.after(scene.work.today())),
        _ => date(details, "resumeSpecificDate"),
    };
    let day = day.filter(|day| *day >= suspended);
    let day =
        day.ok_or_else(|| Reason::rule("A subscription resumes on or after its suspension."))?;
    check_day(&subscription, day)?;
    subscription.status = Status::Active;
    subscription.suspended_on = None;
    if is_true(details, "extendsTerm") {
        extend_term(&mut subscription, suspended, day)?;
    }
    subscription.fit_charges();
    go_on_from(scene, &mut subscription, day);
    Ok(subscription)
}

/// The term grows by the days of rest.
fn extend_term(subscription: &mut Subscription, from: Date, to: Date) -> Result<(), Reason> {
    let Some(end) = subscription.term.end else { return Ok(()) };
    let longer = from.until(to).ok().and_then(|rest| end.checked_add(rest).ok());
    let longer = longer.ok_or_else(|| Reason::rule("The term cannot be extended."))?;
    (subscription.term.end, subscription.term.length) = (Some(longer), None);
    Ok(())
}

/// Lets every charge that recurs rest from a day on; the prices agreed for later stay.
fn rest_from(scene: &mut Scene<'_, '_>, subscription: &mut Subscription, day: Date) {
    for charge in recurring(subscription) {
        if let Some(price) = charge.segment_on(day).map(|segment| segment.price.clone()) {
            let id = scene.work.next_id();
            charge.put_segment(id, day, price, true);
        }
        for later in charge.segments.iter_mut().filter(|segment| segment.start >= day) {
            later.rests = true;
        }
    }
}

/// Lets every charge go on from a day on, at the price that is agreed for that day.
fn go_on_from(scene: &mut Scene<'_, '_>, subscription: &mut Subscription, day: Date) {
    for charge in recurring(subscription) {
        let known = charge.segments.iter().rfind(|segment| segment.start <= day);
        let resting = known.filter(|segment| segment.rests).map(|segment| segment.price.clone());
        if let Some(price) = resting {
            let id = scene.work.next_id();
            charge.put_segment(id, day, price, false);
        }
        for later in charge.segments.iter_mut().filter(|segment| segment.start >= day) {
            later.rests = false;
        }
    }
}

fn recurring(subscription: &mut Subscription) -> impl Iterator<Item = &mut Charge> {
    let charges = subscription.plans.iter_mut().flat_map(|plan| &mut plan.charges);
    charges.filter(|charge| charge.charge_type != ChargeType::OneTime)
}

fn length(details: &Map<String, Value>, count: &str, unit: &str) -> Option<Length> {
    let unit = text(details, unit).and_then(Unit::parse)?;
    Some(Length { count: whole(details, count)?, unit })
}
