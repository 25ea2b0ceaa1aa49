//! A charge as the catalog shows it: every field, null when it is unset.

use serde_json::{Map, Value, json};

use super::pricing;
use super::product::custom_fields;
use super::spelling::{
    apply_discount_to, billing_timing, charge_model, end_date_condition, respelled,
    with_underscores,
};
use crate::sandbox::zuora::store::{Kind, Record};
use crate::sandbox::zuora::work::Work;

/// Fields that the catalog shows as they were written, by both names.
const PLAIN: [(&str, &str); 28] = [
    ("name", "Name"),
    ("type", "ChargeType"),
    ("uom", "UOM"),
    ("defaultQuantity", "DefaultQuantity"),
    ("discountLevel", "DiscountLevel"),
    ("applyToBillingPeriodPartially", "ApplyToBillingPeriodPartially"),
    ("upToPeriods", "UpToPeriods"),
    ("specificListPriceBase", "SpecificListPriceBase"),
    ("ratingGroup", "RatingGroup"),
    ("billingPeriodAlignment", "BillingPeriodAlignment"),
    ("specificBillingPeriod", "SpecificBillingPeriod"),
    ("smoothingModel", "SmoothingModel"),
    ("numberOfPeriods", "NumberOfPeriod"),
    ("overageCalculationOption", "OverageCalculationOption"),
    ("overageUnusedUnitsCreditOption", "OverageUnusedUnitsCreditOption"),
    ("usageRecordRatingOption", "UsageRecordRatingOption"),
    ("priceChangeOption", "PriceChangeOption"),
    ("priceIncreasePercentage", "PriceIncreasePercentage"),
    ("useTenantDefaultForPriceChange", "UseTenantDefaultForPriceChange"),
    ("taxable", "Taxable"),
    ("taxMode", "TaxMode"),
    ("prorationOption", "ProrationOption"),
    ("triggerEvent", "TriggerEvent"),
    ("revRecCode", "RevRecCode"),
    ("revRecTriggerCondition", "RevRecTriggerCondition"),
    ("revenueRecognitionRuleName", "RevenueRecognitionRuleName"),
    ("useDiscountSpecificAccountingCode", "UseDiscountSpecificAccountingCode"),
    ("deliverySchedule", "DeliverySchedule"),
];

/// The charge.
#[must_use]
pub fn shown(work: &Work<'_>, charge: &Record) -> Map<String, Value> {
    let mut shown: Map<String, Value> = PLAIN
        .iter()
        .map(|(name, field)| ((*name).to_owned(), charge.value(field).clone()))
        .collect();
    let is_one_time = charge.text("ChargeType") == Some("OneTime");
    let mut show = |name: &str, value: Value| {
        shown.insert(name.to_owned(), value);
    };
    show("id", json!(charge.id));
    show("model", respelled(charge.value("ChargeModel"), charge_model));
    show("description", charge.value("Description").clone());
    show("taxCode", charge.value("TaxCode").clone());
    show("applyDiscountTo", respelled(charge.value("ApplyDiscountTo"), apply_discount_to));
    show("discountClass", Value::Null);
    show("productDiscountApplyDetails", json!([]));
    show("unusedIncludedUnitPrice", Value::Null);
    show("billingTiming", respelled(charge.value("BillingTiming"), billing_timing));
    show("billingPeriod", respelled(charge.value("BillingPeriod"), with_underscores));
    show("listPriceBase", respelled(charge.value("ListPriceBase"), with_underscores));
    show("upToPeriodsType", respelled(charge.value("UpToPeriodsType"), with_underscores));
    // A one-time charge has no billing day, and an end of its own.
    show("billingDay", if is_one_time { Value::Null } else { billing_day(charge) });
    let end = respelled(charge.value("EndDateCondition"), end_date_condition);
    show("endDateCondition", if is_one_time { json!("One_Time") } else { end });
    show("reflectDiscountInNetAmount", or_false(charge, "ReflectDiscountInNetAmount"));
    show("isStackedDiscount", or_false(charge, "IsStackedDiscount"));
    let number = charge.value("ProductRatePlanChargeNumber").clone();
    show("productRatePlanChargeNumber", number);
    show("financeInformation", finance(charge));
    let pricing = pricing::of(work, charge);
    show("pricingSummary", pricing.summary);
    show("pricing", pricing.rows);
    shown.extend(custom_fields(work, Kind::ProductRatePlanCharge, charge));
    shown
}

/// The day on which a charge is billed: its type, with the day where the type names one.
fn billing_day(charge: &Record) -> Value {
    let day = match charge.text("BillCycleType") {
        Some("SpecificDayofMonth") => charge.value("BillCycleDay"),
        Some("SpecificDayofWeek") => charge.value("WeeklyBillCycleDay"),
        _ => return charge.value("BillCycleType").clone(),
    };
    let kind = charge.text("BillCycleType").unwrap_or_default();
    let day = day.as_str().map_or_else(|| day.to_string(), str::to_owned);
    Value::String(format!("{kind}/{day}"))
}

fn or_false(charge: &Record, field: &str) -> Value {
    charge.fields.get(field).cloned().unwrap_or(Value::Bool(false))
}

fn finance(charge: &Record) -> Value {
    let deferred = charge.text("DeferredRevenueAccount").unwrap_or_default();
    let recognized = charge.text("RecognizedRevenueAccount").unwrap_or_default();
    let kind = |code: &str, kind: &str| if code.is_empty() { Value::Null } else { json!(kind) };
    json!({
        "deferredRevenueAccountingCode": deferred,
        "deferredRevenueAccountingCodeType": kind(deferred, "DeferredRevenue"),
        "recognizedRevenueAccountingCode": recognized,
        "recognizedRevenueAccountingCodeType": kind(recognized, "SalesRevenue"),
        "accountsReceivableAccountingCode": "Accounts Receivable",
        "accountsReceivableAccountingCodeType": "AccountsReceivable",
    })
}
