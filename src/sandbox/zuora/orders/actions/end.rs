//! `CancelSubscription` and `OwnerTransfer`.

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::Scene;
use super::terms::note;
use crate::sandbox::zuora::accounts::{self, Account};
use crate::sandbox::zuora::answer::Reason;
use crate::sandbox::zuora::orders::fields::{date, filled, text};
use crate::sandbox::zuora::subscriptions::Subscription;
use crate::sandbox::zuora::subscriptions::state::Status;

/// Cancels. The subscription is cancelled at once, be the day past or to come.
///
/// # Errors
/// When the day is not within the subscription, or the policy has no day.
pub fn cancel(
    mut subscription: Subscription,
    details: &Map<String, Value>,
) -> Result<Subscription, Reason> {
    let day = cancellation_day(&subscription, details)?;
    let is_late = subscription.end().is_some_and(|end| day > end);
    if day < subscription.start || is_late {
        let number = &subscription.number;
        let message = format!("The subscription {number} cannot be cancelled on {day}.");
        return Err(Reason::rule(message));
    }
    subscription.cancelled_on = Some(day);
    subscription.status = Status::Cancelled;
    subscription.fit_charges();
    Ok(subscription)
}

fn cancellation_day(
    subscription: &Subscription,
    details: &Map<String, Value>,
) -> Result<Date, Reason> {
    let day = match text(details, "cancellationPolicy") {
        Some("EndOfCurrentTerm") => subscription.term.end,
        // Nothing has been invoiced in this tenant: the last invoiced period ends where the
        // subscription begins.
        Some("EndOfLastInvoicePeriod") => Some(subscription.start),
        _ => date(details, "cancellationEffectiveDate"),
    };
    day.ok_or_else(|| {
        let number = &subscription.number;
        Reason::rule(format!("The subscription {number} is evergreen: its term does not end."))
    })
}

/// Gives the subscription to another account, or its invoices.
///
/// # Errors
/// When there is no such account, or it has another currency.
pub fn transfer(
    scene: &Scene<'_, '_>,
    mut subscription: Subscription,
    details: &Map<String, Value>,
) -> Result<Subscription, Reason> {
    let owner = destination(scene, &subscription, details, "destinationAccountNumber")?;
    let invoiced = destination(scene, &subscription, details, "destinationInvoiceAccountNumber")?;
    if owner.is_none() && invoiced.is_none() {
        let message = "An owner transfer needs destinationAccountNumber or \
                       destinationInvoiceAccountNumber.";
        return Err(Reason::rule(message));
    }
    if let Some(owner) = owner {
        // Who owned and was invoiced stays one: the new owner.
        if subscription.invoice_account == subscription.account {
            subscription.invoice_account.clone_from(&owner.id);
        }
        subscription.account = owner.id;
    }
    if let Some(invoiced) = invoiced {
        subscription.invoice_account = invoiced.id;
    }
    note(&mut subscription, details);
    Ok(subscription)
}

fn destination(
    scene: &Scene<'_, '_>,
    subscription: &Subscription,
    details: &Map<String, Value>,
    field: &str,
) -> Result<Option<Account>, Reason> {
    let Some(number) = filled(details, field) else { return Ok(None) };
    let Some(account) = accounts::find(scene.work, number) else {
        return Err(Reason::value(format!("Invalid value for field {field}: {number}")));
    };
    if account.currency != subscription.currency {
        let message = format!(
            "The account {number} has the currency {}, the subscription {}.",
            account.currency, subscription.currency
        );
        return Err(Reason::rule(message));
    }
    Ok(Some(account))
}
