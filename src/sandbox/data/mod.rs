//! The records of the fictitious Northlight Telemetry: a multi-currency org with a CPQ catalogue
//! that shows one product for each way of pricing.
//!
//! Ids are running numbers behind the object's key prefix and `NL`, so that later records can
//! refer to them: the Operator Seat is the second product, `01tNL0000000002YAA`.

use std::borrow::Cow;

/// Object names and their records as JSON lines.
const RECORDS: [(&str, &str); 9] = [
    ("ConsumptionRate", include_str!("ConsumptionRate.ndjson")),
    ("ConsumptionSchedule", include_str!("ConsumptionSchedule.ndjson")),
    ("Pricebook2", include_str!("Pricebook2.ndjson")),
    ("PricebookEntry", include_str!("PricebookEntry.ndjson")),
    ("Product2", include_str!("Product2.ndjson")),
    ("ProductConsumptionSchedule", include_str!("ProductConsumptionSchedule.ndjson")),
    ("SBQQ__BlockPrice__c", include_str!("SBQQ__BlockPrice__c.ndjson")),
    ("SBQQ__DiscountSchedule__c", include_str!("SBQQ__DiscountSchedule__c.ndjson")),
    ("SBQQ__DiscountTier__c", include_str!("SBQQ__DiscountTier__c.ndjson")),
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
