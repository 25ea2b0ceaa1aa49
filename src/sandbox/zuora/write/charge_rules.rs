//! Rules among the fields of one charge. What a field makes mandatory stands in the schema.

use serde_json::{Map, Value};

use super::text;
use crate::sandbox::zuora::number;
use crate::sandbox::zuora::refusal::Refusal;

/// Which charge types a model may have; a model that is not listed may have all
/// (Zuora product documentation, "Charge models").
const TYPES_OF_MODELS: [(&str, &[&str]); 9] = [
    ("Overage Pricing", &["Usage"]),
    ("Tiered with Overage Pricing", &["Usage"]),
    ("Delivery Pricing", &["Recurring"]),
    ("Discount-Fixed Amount", &["OneTime", "Recurring"]),
    ("Discount-Percentage", &["OneTime", "Recurring"]),
    ("HighWatermarkVolumePricing", &["Usage"]),
    ("HighWatermarkTieredPricing", &["Usage"]),
    ("PreratedPerUnit", &["Usage"]),
    ("PreratedPricing", &["Usage"]),
];

/// Fields that mean something only beside a value of another field.
const ONLY_BESIDE: [(&str, &str, &[&str]); 6] = [
    ("UpToPeriods", "EndDateCondition", &["FixedPeriod"]),
    ("BillCycleDay", "BillCycleType", &["SpecificDayofMonth"]),
    ("WeeklyBillCycleDay", "BillCycleType", &["SpecificDayofWeek"]),
    (
        "SpecificBillingPeriod",
        "BillingPeriod",
        &["Specific Months", "Specific Weeks", "Specific Days"],
    ),
    ("SpecificListPriceBase", "ListPriceBase", &["Per Specific Months"]),
    ("IncludedUnits", "ChargeModel", &["Overage Pricing"]),
];

/// What the fields of a charge break among themselves.
#[must_use]
pub fn rules(fields: &Map<String, Value>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    refusals.extend(model_fault(fields));
    refusals.extend(ONLY_BESIDE.iter().filter_map(|(field, other, values)| {
        let is_there = fields.get(*field).is_some_and(|value| !value.is_null());
        let fits = text(fields, other).is_some_and(|value| values.contains(&value));
        (is_there && !fits).then(|| {
            Refusal::value(format!(
                "{field} is allowed only when {other} is {}",
                values.join(" or ")
            ))
        })
    }));
    refusals.extend(quantity_fault(fields));
    refusals
}

/// Drops what an update has made meaningless: stored fields that stood beside a value which is no
/// longer there. What the update itself sends stays, and is refused by [`rules`].
pub fn forget_stale(fields: &mut Map<String, Value>, is_sent: impl Fn(&str) -> bool) {
    for (field, other, values) in ONLY_BESIDE {
        let fits = text(fields, other).is_some_and(|value| values.contains(&value));
        if !fits && !is_sent(field) {
            fields.remove(field);
        }
    }
}

fn model_fault(fields: &Map<String, Value>) -> Option<Refusal> {
    let (model, charge_type) = (text(fields, "ChargeModel")?, text(fields, "ChargeType")?);
    let (_, types) = TYPES_OF_MODELS.iter().find(|(name, _)| *name == model)?;
    (!types.contains(&charge_type)).then(|| {
        Refusal::value(format!(
            "The charge model '{model}' is not allowed for a {charge_type} charge"
        ))
    })
}

/// A least quantity above the greatest, or a default quantity outside both.
fn quantity_fault(fields: &Map<String, Value>) -> Option<Refusal> {
    let quantity = |name: &str| fields.get(name).and_then(number::decimal);
    let (least, most) = (quantity("MinQuantity"), quantity("MaxQuantity"));
    let default = quantity("DefaultQuantity");
    if least.zip(most).is_some_and(|(least, most)| least > most) {
        return Some(Refusal::value("MinQuantity is greater than MaxQuantity"));
    }
    let below = default.zip(least).is_some_and(|(default, least)| default < least);
    let above = default.zip(most).is_some_and(|(default, most)| default > most);
    (below || above)
        .then(|| Refusal::value("DefaultQuantity is not between MinQuantity and MaxQuantity"))
}
