//! `TermsAndConditions` and `RenewSubscription`.

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::Scene;
use super::create::{NOTED, renewal_terms, term};
use crate::sandbox::zuora::answer::Reason;
use crate::sandbox::zuora::orders::fields::{date, is_true, object, text};
use crate::sandbox::zuora::orders::price::renewed;
use crate::sandbox::zuora::subscriptions::Subscription;
use crate::sandbox::zuora::subscriptions::charge::ChargeType;
use crate::sandbox::zuora::subscriptions::term::{Renewal, Term};

/// The clearing fields, each with the field that it clears.
const CLEARED: [(&str, &str); 7] = [
    ("clearingExistingBillToContact", "billToContactId"),
    ("clearingExistingInvoiceGroupNumber", "invoiceGroupNumber"),
    ("clearingExistingInvoiceTemplate", "invoiceTemplateId"),
    ("clearingExistingPaymentTerm", "paymentTerm"),
    ("clearingExistingSequenceSet", "sequenceSetId"),
    ("clearingExistingShipToContact", "shipToContactId"),
    ("clearingExistingSoldToContact", "soldToContactId"),
];

/// Changes terms and conditions.
///
/// # Errors
/// When the last term has no length, or would end before the subscription begins.
pub fn change(
    mut subscription: Subscription,
    details: &Map<String, Value>,
) -> Result<Subscription, Reason> {
    if let Some(said) = object(details, "lastTerm") {
        let is_first = subscription.term == subscription.initial;
        subscription.term = term(said, subscription.term.start)?;
        if date(said, "startDate").is_some() && is_first {
            subscription.start = subscription.start.min(subscription.term.start);
        }
        subscription.fit_charges();
    }
    if details.contains_key("autoRenew") {
        subscription.auto_renew = is_true(details, "autoRenew");
    }
    if let Some(renewal) = text(details, "renewalSetting").and_then(Renewal::parse) {
        subscription.renewal = renewal;
    }
    if details.contains_key("renewalTerms") {
        subscription.renewal_terms = renewal_terms(details)?;
    }
    note(&mut subscription, details);
    Ok(subscription)
}

/// Keeps what has no meaning here as it was sent, and forgets what is cleared.
pub fn note(subscription: &mut Subscription, details: &Map<String, Value>) {
    for (clearing, field) in CLEARED {
        if is_true(details, clearing) {
            subscription.notes.remove(field);
        }
    }
    for name in NOTED {
        if let Some(value) = details.get(name) {
            subscription.notes.insert(name.to_owned(), value.clone());
        }
    }
}

/// Renews: another term follows the current one, or none with an end.
///
/// # Errors
/// When the subscription is evergreen, or its renewal term is zero.
pub fn renew(
    scene: &mut Scene<'_, '_>,
    mut subscription: Subscription,
    details: &Map<String, Value>,
) -> Result<Subscription, Reason> {
    let number = &subscription.number;
    let Some(start) = subscription.term.end else {
        let message = format!("The subscription {number} is evergreen: it cannot be renewed.");
        return Err(Reason::rule(message));
    };
    if scene.dates.contract < subscription.start {
        let message = format!("The subscription {number} cannot be renewed before it begins.");
        return Err(Reason::rule(message));
    }
    subscription.term = match subscription.renewal {
        Renewal::ToEvergreen => Term { start, end: None, length: None },
        Renewal::WithTerm => {
            let length = subscription.renewal_terms.first().copied();
            let length = length.filter(|length| length.count > 0);
            let Some(end) = length.and_then(|length| length.after(start)) else {
                let message = format!("The renewal term of the subscription {number} is 0.");
                return Err(Reason::rule(message));
            };
            Term { start, end: Some(end), length }
        }
    };
    // The last length serves all renewals that follow.
    if subscription.renewal_terms.len() > 1 {
        subscription.renewal_terms.remove(0);
    }
    subscription.fit_charges();
    change_prices(scene, &mut subscription, start);
    note(&mut subscription, details);
    Ok(subscription)
}

/// Gives the charges that go on the prices that they have from a renewal on.
fn change_prices(scene: &mut Scene<'_, '_>, subscription: &mut Subscription, start: Date) {
    let currency = subscription.currency.clone();
    for charge in subscription.plans.iter_mut().flat_map(|plan| &mut plan.charges) {
        let Some(segment) = charge.segment_on(start) else { continue };
        let (before, rests) = (segment.price.clone(), segment.rests);
        if charge.charge_type == ChargeType::OneTime {
            continue;
        }
        if let Some(price) = renewed(scene.work, charge, &currency, &before) {
            charge.put_segment(scene.work.next_id(), start, price, rests);
        }
    }
}
