//! One version of a subscription.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::charge::Charge;
use super::term::{Length, Renewal, Term};
use crate::sandbox::zuora::number::{as_text, as_text_or_none};

/// The state of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It runs, or will.
    Active,
    /// It waits for the date of service activation.
    PendingActivation,
    /// It waits for the date of customer acceptance.
    PendingAcceptance,
    /// It has been cancelled, be it for a day to come.
    Cancelled,
    /// It rests.
    Suspended,
}

impl Status {
    /// As the service writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::PendingActivation => "Pending Activation",
            Self::PendingAcceptance => "Pending Acceptance",
            Self::Cancelled => "Cancelled",
            Self::Suspended => "Suspended",
        }
    }

    /// Whether it waits for a date.
    #[must_use]
    pub fn is_pending(self) -> bool {
        matches!(self, Self::PendingActivation | Self::PendingAcceptance)
    }
}

/// The three days from which something can take effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Triggers {
    /// Day on which the contract takes effect.
    #[serde(with = "as_text")]
    pub contract: Date,
    /// Day on which the service is activated.
    #[serde(with = "as_text_or_none", default)]
    pub service: Option<Date>,
    /// Day on which the customer accepts.
    #[serde(with = "as_text_or_none", default)]
    pub acceptance: Option<Date>,
}

/// One version of a subscription.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    /// Id of this version.
    pub id: String,
    /// Id of the first version.
    pub original_id: String,
    /// The number that all versions share.
    pub number: String,
    /// Counted from one.
    pub version: u32,
    /// Its state.
    pub status: Status,
    /// Id of the account that owns it.
    pub account: String,
    /// Id of the account that is invoiced.
    pub invoice_account: String,
    /// Currency of its prices.
    pub currency: String,
    /// First day.
    #[serde(with = "as_text")]
    pub start: Date,
    /// The day on which it was cancelled: the first without it.
    #[serde(with = "as_text_or_none", default)]
    pub cancelled_on: Option<Date>,
    /// The day from which it rests.
    #[serde(with = "as_text_or_none", default)]
    pub suspended_on: Option<Date>,
    /// The trigger dates that it was created with.
    pub triggers: Triggers,
    /// The current term.
    pub term: Term,
    /// The first term as it was ordered.
    pub initial: Term,
    /// Whether the service renews it by itself.
    pub auto_renew: bool,
    /// What a renewal does.
    pub renewal: Renewal,
    /// Lengths of the renewals to come; the last one serves all that follow.
    pub renewal_terms: Vec<Length>,
    /// Fields that orders carry and that mean nothing here, as answers spell them.
    pub notes: Map<String, Value>,
    /// The tenant's own fields.
    pub custom_fields: Map<String, Value>,
    /// What was sold.
    pub plans: Vec<RatePlan>,
    /// Number of the order that made this version.
    pub order: String,
    /// Day of that order.
    #[serde(with = "as_text")]
    pub booked_on: Date,
    /// When this version was made.
    pub made: String,
}

impl Subscription {
    /// The first day without it: of its cancellation or after its term; none when it is evergreen.
    #[must_use]
    pub fn end(&self) -> Option<Date> {
        self.cancelled_on.or(self.term.end)
    }

    /// Its key in the store.
    #[must_use]
    pub fn key(&self) -> (String, u32) {
        (self.number.clone(), self.version)
    }

    /// Brings the ends of all charges in line with the subscription's.
    pub fn fit_charges(&mut self) {
        let end = self.end();
        for charge in self.plans.iter_mut().flat_map(|plan| &mut plan.charges) {
            charge.fit(end);
        }
    }
}

/// What the last order did to a rate plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// It was added.
    Add,
    /// It was changed.
    Update,
    /// It was removed.
    Remove,
}

impl Change {
    /// As the service writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "Add",
            Self::Update => "Update",
            Self::Remove => "Remove",
        }
    }
}

/// A rate plan of a subscription.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RatePlan {
    /// Id, the same through all versions.
    pub id: String,
    /// Its number, which is a key too.
    pub number: String,
    /// Its name.
    pub name: String,
    /// Id of the plan in the catalog.
    pub product_plan: String,
    /// Id of the plan in a store outside.
    pub external_id: Option<String>,
    /// What was last done to it.
    pub change: Change,
    /// The tenant's own fields.
    pub custom_fields: Map<String, Value>,
    /// Its charges.
    pub charges: Vec<Charge>,
}
