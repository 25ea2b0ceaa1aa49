//! The records of the fictitious Northlight Telemetry: a multi-currency org with a CPQ catalogue
//! that shows one product for each way of pricing, and what was sold of it: accounts, contracts
//! with their subscription lines, and the same sales once more as orders.
//!
//! Each way of selling, changing, renewing and cancelling has a contract of its own; a contract
//! that cannot be sent says why in its description, and has no order.
//!
//! Ids are running numbers behind the object's key prefix and `NL`, so that later records can
//! refer to them: the Operator Seat is the second product, `01tNL0000000002YAA`.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

/// Object names and their records as JSON lines.
const RECORDS: [(&str, &str); 23] = [
    ("Account", include_str!("Account.ndjson")),
    ("ConsumptionRate", include_str!("ConsumptionRate.ndjson")),
    ("ConsumptionSchedule", include_str!("ConsumptionSchedule.ndjson")),
    ("Contact", include_str!("Contact.ndjson")),
    ("Contract", include_str!("Contract.ndjson")),
    ("Opportunity", include_str!("Opportunity.ndjson")),
    ("Order", include_str!("Order.ndjson")),
    ("OrderItem", include_str!("OrderItem.ndjson")),
    ("Pricebook2", include_str!("Pricebook2.ndjson")),
    ("PricebookEntry", include_str!("PricebookEntry.ndjson")),
    ("Product2", include_str!("Product2.ndjson")),
    ("ProductConsumptionSchedule", include_str!("ProductConsumptionSchedule.ndjson")),
    ("SBQQ__BlockPrice__c", include_str!("SBQQ__BlockPrice__c.ndjson")),
    ("SBQQ__Dimension__c", include_str!("SBQQ__Dimension__c.ndjson")),
    ("SBQQ__DiscountSchedule__c", include_str!("SBQQ__DiscountSchedule__c.ndjson")),
    ("SBQQ__DiscountTier__c", include_str!("SBQQ__DiscountTier__c.ndjson")),
    ("SBQQ__OrderItemConsumptionRate__c", include_str!("SBQQ__OrderItemConsumptionRate__c.ndjson")),
    (
        "SBQQ__OrderItemConsumptionSchedule__c",
        include_str!("SBQQ__OrderItemConsumptionSchedule__c.ndjson"),
    ),
    ("SBQQ__QuoteLine__c", include_str!("SBQQ__QuoteLine__c.ndjson")),
    ("SBQQ__Quote__c", include_str!("SBQQ__Quote__c.ndjson")),
    (
        "SBQQ__SubscriptionConsumptionRate__c",
        include_str!("SBQQ__SubscriptionConsumptionRate__c.ndjson"),
    ),
    (
        "SBQQ__SubscriptionConsumptionSchedule__c",
        include_str!("SBQQ__SubscriptionConsumptionSchedule__c.ndjson"),
    ),
    ("SBQQ__Subscription__c", include_str!("SBQQ__Subscription__c.ndjson")),
];

/// The built-in records: object name and JSON lines.
#[must_use]
pub fn builtin_records() -> Vec<(String, Cow<'static, str>)> {
    RECORDS.iter().map(|(name, text)| ((*name).to_owned(), Cow::Borrowed(*text))).collect()
}

/// The built-in records' `_fields.json`.
#[must_use]
pub const fn builtin_fields() -> Cow<'static, str> {
    Cow::Borrowed(include_str!("_fields.json"))
}
