//! Numbers of orders, subscriptions, rate plans and charges: chosen by the client or given.

use crate::sandbox::zuora::answer::Reason;
use crate::sandbox::zuora::store::{Entry, Mutation};
use crate::sandbox::zuora::subscriptions::versions;
use crate::sandbox::zuora::work::Work;

/// Characters that the number of an order cannot have.
const NOT_IN_ORDER_NUMBERS: [char; 3] = ['#', '?', '/'];
/// Longest number of a rate plan on a subscription.
const RATE_PLAN_NUMBER_LENGTH_MAX: usize = 50;

/// What a number is of, within which it is unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sequence {
    /// Rate plans of subscriptions.
    RatePlan,
    /// Charges of subscriptions.
    Charge,
}

impl Sequence {
    fn name(self) -> &'static str {
        match self {
            Self::RatePlan => "rate plan",
            Self::Charge => "charge",
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::RatePlan => "SRP",
            Self::Charge => "C",
        }
    }
}

/// The number of a new order.
///
/// # Errors
/// When it is taken or has a character that it cannot have. The code of a duplicate is published
/// nowhere; this emulation says that a rule is broken.
pub fn of_order(work: &mut Work<'_>, chosen: Option<&str>) -> Result<String, Reason> {
    let Some(number) = chosen else {
        loop {
            let number = format!("O-{:08}", work.next("order"));
            if work.store().orders.get(&number).is_none() {
                return Ok(number);
            }
        }
    };
    if number.contains(NOT_IN_ORDER_NUMBERS) {
        return Err(Reason::value(format!("Invalid value for field orderNumber: {number}")));
    }
    if work.store().orders.get(number).is_some() {
        return Err(Reason::rule(format!("The order number {number} already exists.")));
    }
    Ok(number.to_owned())
}

/// The number of a new subscription.
///
/// # Errors
/// When it is taken.
pub fn of_subscription(work: &mut Work<'_>, chosen: Option<&str>) -> Result<String, Reason> {
    let Some(number) = chosen else {
        loop {
            let number = format!("A-S{:08}", work.next("subscription"));
            if versions::latest(work, &number).is_none() {
                return Ok(number);
            }
        }
    };
    if versions::latest(work, number).is_some() {
        return Err(Reason::rule(format!("The subscription number {number} already exists.")));
    }
    Ok(number.to_owned())
}

/// Takes a number for a rate plan or a charge of a subscription.
///
/// # Errors
/// When it is taken or too long.
pub fn take(
    work: &mut Work<'_>,
    sequence: Sequence,
    chosen: Option<&str>,
    owner: &str,
) -> Result<String, Reason> {
    let key = |number: &str| format!("{} {number}", sequence.name());
    let number = match chosen {
        Some(number) if work.store().numbers.get(&key(number)).is_some() => {
            let message = format!("The {} number {number} already exists.", sequence.name());
            return Err(Reason::rule(message));
        }
        Some(number) if number.chars().count() > RATE_PLAN_NUMBER_LENGTH_MAX => {
            let message = format!("The {} number {number} is too long.", sequence.name());
            return Err(Reason::value(message));
        }
        Some(number) => number.to_owned(),
        None => loop {
            let number = format!("{}-{:08}", sequence.prefix(), work.next(sequence.name()));
            if work.store().numbers.get(&key(&number)).is_none() {
                break number;
            }
        },
    };
    work.apply(Mutation::Number(Entry::new(key(&number), owner.to_owned())));
    Ok(number)
}
