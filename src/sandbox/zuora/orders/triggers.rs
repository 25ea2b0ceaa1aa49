//! The trigger dates of an order action.

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::fields::{date, objects, text};
use crate::sandbox::zuora::answer::Reason;
use crate::sandbox::zuora::subscriptions::state::{Status, Triggers};
use crate::sandbox::zuora::tenant::{OrderSettings, TriggerDateRule};

/// Trigger dates as an action says them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stated {
    /// Contract effective; the day of the order where it is not said.
    pub contract: Date,
    /// Service activation.
    pub service: Option<Date>,
    /// Customer acceptance.
    pub acceptance: Option<Date>,
}

/// Reads the trigger dates of an action.
///
/// # Errors
/// When one is said twice or has no date, or they are out of order.
pub fn stated(action: &Map<String, Value>, order_date: Date) -> Result<Stated, Reason> {
    let (mut contract, mut service, mut acceptance) = (None, None, None);
    for trigger in objects(action, "triggerDates") {
        let name = text(trigger, "name").unwrap_or_default();
        let place = match name {
            "ContractEffective" => &mut contract,
            "ServiceActivation" => &mut service,
            "CustomerAcceptance" => &mut acceptance,
            _ => return Err(Reason::value("Missing required value: name of a trigger date")),
        };
        if place.is_some() {
            return Err(Reason::value(format!("The trigger date {name} is said twice.")));
        }
        *place = date(trigger, "triggerDate");
    }
    let contract = contract.unwrap_or(order_date);
    let stated = Stated { contract, service, acceptance };
    stated.check_order()?;
    Ok(stated)
}

impl Stated {
    /// Whether the dates follow each other.
    ///
    /// # Errors
    /// When one is before the one that it follows.
    pub fn check_order(self) -> Result<(), Reason> {
        let chain = [Some(self.contract), self.service, self.acceptance];
        let said: Vec<Date> = chain.into_iter().flatten().collect();
        if said.is_sorted() {
            return Ok(());
        }
        let message = "The contract effective date must not be later than the service activation \
                       date, nor that later than the customer acceptance date.";
        Err(Reason::rule(message))
    }

    /// The dates that hold, and the state of a subscription that has them: what is not said
    /// follows the date before it, unless the tenant requires it.
    #[must_use]
    pub fn settled(self, settings: OrderSettings) -> (Triggers, Status) {
        let service = match settings.service_activation {
            TriggerDateRule::Follows => self.service.or(Some(self.contract)),
            TriggerDateRule::Required => self.service,
        };
        let acceptance = match settings.customer_acceptance {
            TriggerDateRule::Follows => self.acceptance.or(service),
            TriggerDateRule::Required => self.acceptance,
        };
        let status = match (service, acceptance) {
            (None, _) => Status::PendingActivation,
            (Some(_), None) => Status::PendingAcceptance,
            (Some(_), Some(_)) => Status::Active,
        };
        (Triggers { contract: self.contract, service, acceptance }, status)
    }

    /// The dates of an action on a subscription that exists.
    #[must_use]
    pub fn of_change(self) -> Triggers {
        let service = self.service.or(Some(self.contract));
        Triggers { contract: self.contract, service, acceptance: self.acceptance.or(service) }
    }
}
