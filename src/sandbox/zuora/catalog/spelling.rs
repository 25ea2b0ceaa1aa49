//! The same value has several spellings: as CRUD takes it, and as the catalog shows it.

use serde_json::Value;

/// A tier's price format as every read shows it.
#[must_use]
pub fn price_format(written: &str) -> &str {
    match written {
        "Flat Fee" => "FlatFee",
        "Per Unit" => "PerUnit",
        other => other,
    }
}

/// A charge model as the catalog shows it.
#[must_use]
pub fn charge_model(written: &str) -> String {
    let shown = match written {
        "Flat Fee Pricing" => "FlatFee",
        "Per Unit Pricing" => "PerUnit",
        "Tiered Pricing" => "Tiered",
        "Volume Pricing" => "Volume",
        "Overage Pricing" => "Overage",
        "Tiered with Overage Pricing" => "TieredWithOverage",
        "Discount-Fixed Amount" => "DiscountFixedAmount",
        "Discount-Percentage" => "DiscountPercentage",
        "Delivery Pricing" => "Delivery",
        "MultiAttributePricing" => "MultiAttributePricing",
        "HighWatermarkVolumePricing" => "HighWatermarkVolume",
        "HighWatermarkTieredPricing" => "HighWatermarkTiered",
        other => other,
    };
    shown.to_owned()
}

/// `In Advance` → `IN_ADVANCE`.
#[must_use]
pub fn billing_timing(written: &str) -> String {
    written.replace(' ', "_").to_uppercase()
}

/// `Semi-Annual` → `Semi_Annual`, `Per Billing Period` → `Per_Billing_Period`.
#[must_use]
pub fn with_underscores(written: &str) -> String {
    written.replace([' ', '-'], "_")
}

/// `SubscriptionEnd` → `Subscription_End`.
#[must_use]
pub fn end_date_condition(written: &str) -> String {
    let shown = match written {
        "SubscriptionEnd" => "Subscription_End",
        "FixedPeriod" => "Fixed_Period",
        other => other,
    };
    shown.to_owned()
}

/// `ONETIMERECURRINGUSAGE (7)` → `ONETIMERECURRINGUSAGE`.
#[must_use]
pub fn apply_discount_to(written: &str) -> String {
    written.split(' ').next().unwrap_or(written).to_owned()
}

/// A text respelled, anything else as it is.
#[must_use]
pub fn respelled(value: &Value, respell: impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(respell(text)),
        other => other.clone(),
    }
}
