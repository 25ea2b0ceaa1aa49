//! The actions of an order, each on one subscription.

mod change;
mod create;
mod end;
mod product;
mod rest;
mod terms;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Map, Value};

pub use create::create;

use super::fields::{filled, object, text};
use super::triggers::Stated;
use crate::sandbox::zuora::accounts::Account;
use crate::sandbox::zuora::answer::Reason;
use crate::sandbox::zuora::subscriptions::Subscription;
use crate::sandbox::zuora::work::Work;

/// Where an action takes place.
#[derive(Debug)]
pub struct Scene<'a, 'w> {
    /// The state.
    pub work: &'a mut Work<'w>,
    /// The account that the order is for.
    pub account: &'a Account,
    /// Day of the order.
    pub order_date: Date,
    /// Number of the order.
    pub order: &'a str,
    /// The trigger dates of the action.
    pub dates: Stated,
    /// Names that the order has given to rate plans and charges, and their ids.
    pub tokens: &'a mut BTreeMap<String, String>,
}

impl Scene<'_, '_> {
    /// Remembers the name that an order gives to a rate plan or charge.
    ///
    /// # Errors
    /// When the order has given it before.
    pub fn name(&mut self, said: &Map<String, Value>, id: &str) -> Result<(), Reason> {
        let Some(token) = filled(said, "uniqueToken") else { return Ok(()) };
        match self.tokens.insert(token.to_owned(), id.to_owned()) {
            None => Ok(()),
            Some(_) => Err(Reason::value(format!("The uniqueToken {token} is given twice."))),
        }
    }
}

/// Carries out one action; `before` is the subscription as the actions so far have left it.
///
/// # Errors
/// The rule that it breaks.
pub fn apply(
    scene: &mut Scene<'_, '_>,
    before: Option<&Subscription>,
    action: &Map<String, Value>,
) -> Result<Subscription, Reason> {
    let kind = text(action, "type").unwrap_or_default();
    let nothing = Map::new();
    let details = |name: &str| object(action, name).unwrap_or(&nothing);
    let before = match (kind, before) {
        ("CreateSubscription", None) => return create(scene, details("createSubscription")),
        ("CreateSubscription", Some(_)) => {
            let message = "CreateSubscription must be the first action of a new subscription.";
            return Err(Reason::rule(message));
        }
        (_, None) => {
            let message = "Without a subscriptionNumber the first action creates the subscription.";
            return Err(Reason::rule(message));
        }
        (_, Some(before)) => before.clone(),
    };
    change::check_open(&before, kind)?;
    match kind {
        "AddProduct" => product::add(scene, before, details("addProduct")),
        "UpdateProduct" => product::update(scene, before, details("updateProduct")),
        "RemoveProduct" => product::remove(scene, before, details("removeProduct")),
        "TermsAndConditions" => terms::change(before, details("termsAndConditions")),
        "RenewSubscription" => terms::renew(scene, before, details("renewSubscription")),
        "CancelSubscription" => end::cancel(before, details("cancelSubscription")),
        "OwnerTransfer" => end::transfer(scene, before, details("ownerTransfer")),
        "Suspend" => rest::suspend(scene, before, details("suspend")),
        "Resume" => rest::resume(scene, before, details("resume")),
        other => Err(Reason::rule(format!("{other} is not provisioned in this tenant."))),
    }
}
