//! Charges: what may be written, and what the service fills in.

use serde_json::{Map, Value, json};

use super::{charge_rules, differs, rate_plan, references, text, tier};
use crate::sandbox::zuora::refusal::Refusal;
use crate::sandbox::zuora::store::{Kind, Record};
use crate::sandbox::zuora::work::Work;

/// The field of a charge that holds its tiers; they are stored as records of their own.
pub const TIER_DATA: &str = "ProductRatePlanChargeTierData";

/// What the fields of a charge break. `fields` hold the tiers where they are written.
pub fn rules(
    work: &Work<'_>,
    before: Option<&Record>,
    fields: &Map<String, Value>,
) -> Vec<Refusal> {
    let plan_id = text(fields, "ProductRatePlanId").unwrap_or_default();
    let Some(plan) = work.store().get(Kind::ProductRatePlan, plan_id) else {
        let message = format!("Invalid value for field ProductRatePlanId: {plan_id}");
        return vec![Refusal::value(message)];
    };
    let mut refusals = changes(work, before, fields);
    refusals.extend(charge_rules::rules(fields));
    refusals.extend(references::rules(work.tenant, fields));
    if let Some(tiers) = fields.get(TIER_DATA) {
        let charge = tier::Priced {
            model: text(fields, "ChargeModel").unwrap_or_default(),
            unit_decimals: text(fields, "UOM")
                .and_then(|unit| work.tenant.units.get(unit).copied())
                .unwrap_or_default(),
            currencies: rate_plan::currencies(&plan.fields),
        };
        refusals.extend(tier::rules(work.tenant, &charge, tiers));
    }
    refusals
}

/// What an update may not change.
fn changes(work: &Work<'_>, before: Option<&Record>, fields: &Map<String, Value>) -> Vec<Refusal> {
    let fixed = ["ProductRatePlanId", "ChargeType", "ChargeModel"];
    let mut refusals: Vec<Refusal> = fixed
        .into_iter()
        .filter(|field| differs(before, fields, field))
        .map(|field| Refusal::value(format!("{field} of a charge cannot be changed")))
        .collect();
    let is_used = before.is_some_and(|charge| work.store().is_used(&charge.id));
    if is_used && differs(before, fields, "BillingTiming") {
        let message = "BillingTiming cannot be changed: a subscription has used the charge";
        refusals.push(Refusal::value(message));
    }
    refusals
}

/// Fills in what the service decides when the client does not, and forgets what a one-time charge
/// has no use for.
pub fn complete(kind: Kind, fields: &mut Map<String, Value>) {
    if kind != Kind::ProductRatePlanCharge {
        return;
    }
    let mut default = |name: &str, value: Value| {
        fields.entry(name.to_owned()).or_insert(value);
    };
    default("Taxable", json!(false));
    default("ApplyToBillingPeriodPartially", json!(false));
    default("ReflectDiscountInNetAmount", json!(false));
    default("IsStackedDiscount", json!(false));
    let is_discount =
        text(fields, "ChargeModel").is_some_and(|model| model.starts_with("Discount"));
    match text(fields, "ChargeType") {
        Some("OneTime") => complete_one_time(fields),
        Some("Recurring") => complete_recurring(fields, is_discount),
        _ => complete_usage(fields),
    }
}

fn complete_one_time(fields: &mut Map<String, Value>) {
    for name in ["BillingPeriod", "BillingPeriodAlignment", "BillingTiming", "EndDateCondition"] {
        fields.remove(name);
    }
}

fn complete_recurring(fields: &mut Map<String, Value>, is_discount: bool) {
    complete_repeated(fields);
    if !is_discount {
        fields.entry("ListPriceBase").or_insert(json!("Per Billing Period"));
        fields.entry("BillingTiming").or_insert(json!("In Advance"));
    }
}

fn complete_usage(fields: &mut Map<String, Value>) {
    complete_repeated(fields);
    fields.entry("RatingGroup").or_insert(json!("ByBillingPeriod"));
}

fn complete_repeated(fields: &mut Map<String, Value>) {
    fields.entry("EndDateCondition").or_insert(json!("SubscriptionEnd"));
    fields.entry("BillingPeriodAlignment").or_insert(json!("AlignToCharge"));
    if text(fields, "EndDateCondition") == Some("FixedPeriod") {
        fields.entry("UpToPeriodsType").or_insert(json!("Billing Periods"));
    }
}
