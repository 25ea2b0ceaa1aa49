//! `CreateSubscription`.

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::Scene;
use crate::sandbox::zuora::accounts::{self, Account};
use crate::sandbox::zuora::answer::Reason;
use crate::sandbox::zuora::orders::fields::{date, filled, is_true, object, objects, text, whole};
use crate::sandbox::zuora::orders::numbers;
use crate::sandbox::zuora::orders::sale::sell;
use crate::sandbox::zuora::subscriptions::Subscription;
use crate::sandbox::zuora::subscriptions::term::{Length, Renewal, Term, Unit};
use crate::sandbox::zuora::tenant::SubscriptionCurrencies;

/// Fields that a subscription keeps as they were sent.
pub const NOTED: [&str; 9] = [
    "billToContactId",
    "invoiceGroupNumber",
    "invoiceSeparately",
    "invoiceTemplateId",
    "notes",
    "paymentTerm",
    "sequenceSetId",
    "shipToContactId",
    "soldToContactId",
];

/// Makes the first version of a subscription.
///
/// # Errors
/// When its number is taken, its terms or its currency are not possible, or a plan cannot be sold.
pub fn create(
    scene: &mut Scene<'_, '_>,
    details: &Map<String, Value>,
) -> Result<Subscription, Reason> {
    if details.contains_key("newSubscriptionOwnerAccount") {
        let message = "newSubscriptionOwnerAccount is not provisioned: create the account first.";
        return Err(Reason::rule(message));
    }
    let owner = owner(scene, details, "subscriptionOwnerAccountNumber")?;
    let invoiced = owner_or(scene, details, "invoiceOwnerAccountNumber", &owner)?;
    let currency = currency(scene, details, &owner)?;
    let (triggers, status) = scene.dates.settled(scene.work.tenant.orders);
    let nothing = Map::new();
    let terms = object(details, "terms").unwrap_or(&nothing);
    let first = object(terms, "initialTerm").unwrap_or(&nothing);
    let term = term(first, triggers.contract)?;
    let renewal = text(terms, "renewalSetting").and_then(Renewal::parse);
    let number = numbers::of_subscription(scene.work, filled(details, "subscriptionNumber"))?;
    let id = scene.work.next_id();
    let noted =
        NOTED.iter().filter_map(|name| Some(((*name).to_owned(), details.get(*name)?.clone())));
    let mut subscription = Subscription {
        original_id: id.clone(),
        id,
        number,
        version: 1,
        status,
        account: owner.id,
        invoice_account: invoiced.id,
        currency,
        start: triggers.contract.min(term.start),
        cancelled_on: None,
        suspended_on: None,
        triggers,
        term,
        initial: term,
        auto_renew: is_true(terms, "autoRenew"),
        renewal: renewal.unwrap_or(Renewal::WithTerm),
        renewal_terms: renewal_terms(terms)?,
        notes: noted.collect(),
        custom_fields: Map::new(),
        plans: Vec::new(),
        order: scene.order.to_owned(),
        booked_on: scene.order_date,
        made: scene.work.stamp(),
    };
    for plan in objects(details, "subscribeToRatePlans") {
        let sold = sell(scene, &subscription, &triggers, plan)?;
        subscription.plans.push(sold);
    }
    Ok(subscription)
}

fn owner(
    scene: &Scene<'_, '_>,
    details: &Map<String, Value>,
    field: &str,
) -> Result<Account, Reason> {
    owner_or(scene, details, field, scene.account)
}

fn owner_or(
    scene: &Scene<'_, '_>,
    details: &Map<String, Value>,
    field: &str,
    otherwise: &Account,
) -> Result<Account, Reason> {
    match filled(details, field) {
        None => Ok(otherwise.clone()),
        Some(number) => accounts::find(scene.work, number)
            .ok_or_else(|| Reason::value(format!("Invalid value for field {field}: {number}"))),
    }
}

/// The currency: the account's, unless the tenant lets each subscription have its own.
fn currency(
    scene: &Scene<'_, '_>,
    details: &Map<String, Value>,
    owner: &Account,
) -> Result<String, Reason> {
    let own = filled(details, "currency").unwrap_or(&owner.currency);
    let settings = scene.work.tenant.orders;
    if own != owner.currency && settings.currencies == SubscriptionCurrencies::OfAccount {
        let message = format!(
            "The currency {own} of the subscription is not that of the account {}: {}.",
            owner.number, owner.currency
        );
        return Err(Reason::rule(message));
    }
    Ok(own.to_owned())
}

/// A term as an order says it, from its start date or from another day.
///
/// # Errors
/// When it has no length, or its period and its end do not agree.
pub fn term(said: &Map<String, Value>, otherwise: Date) -> Result<Term, Reason> {
    let start = date(said, "startDate").unwrap_or(otherwise);
    if text(said, "termType") == Some("EVERGREEN") {
        return Ok(Term { start, end: None, length: None });
    }
    let length = match whole(said, "period") {
        Some(count) => Some(Length { count, unit: unit(said) }),
        None if said.contains_key("period") => {
            return Err(Reason::value("Invalid value for field period: it is negative"));
        }
        None => None,
    };
    let by_length = match length {
        Some(length) => {
            Some(length.after(start).ok_or_else(|| Reason::value("The term is too long"))?)
        }
        None => None,
    };
    let by_date = date(said, "endDate");
    if by_length.zip(by_date).is_some_and(|(length, day)| length != day) {
        return Err(Reason::rule("The period and the endDate of the term do not agree."));
    }
    match by_date.or(by_length) {
        Some(end) if end > start => Ok(Term { start, end: Some(end), length }),
        _ => Err(Reason::rule(format!("The term that starts on {start} has no length."))),
    }
}

/// The lengths of the renewals to come.
///
/// # Errors
/// When one is negative.
pub fn renewal_terms(terms: &Map<String, Value>) -> Result<Vec<Length>, Reason> {
    let lengths = objects(terms, "renewalTerms").map(|said| {
        let count = whole(said, "period").unwrap_or(0);
        let is_negative = said.contains_key("period") && whole(said, "period").is_none();
        let length = Length { count, unit: unit(said) };
        if is_negative { Err(Reason::value("Invalid value for field period")) } else { Ok(length) }
    });
    lengths.collect()
}

fn unit(said: &Map<String, Value>) -> Unit {
    text(said, "periodType").and_then(Unit::parse).unwrap_or(Unit::Month)
}
