//! One spelling per value: the one in which the CRUD and Action calls take it.
//!
//! Zuora writes the same value differently on each of its surfaces: `Flat Fee` is written and
//! `FlatFee` is read, `IN_ADVANCE` stands for `In Advance`, zero comes as `0E-9`, a date with a
//! time. Compared as they come, they would be differences in every plan.

use crate::{
    json::{Checked, text_literal},
    value::{parse_decimal, write_decimal},
};

/// What a field holds, for those whose spelling is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Boolean,
    Date,
    OneOf(&'static [&'static str]),
}

const CHARGE_MODEL: &[&str] = &[
    "Discount-Fixed Amount",
    "Discount-Percentage",
    "Flat Fee Pricing",
    "Per Unit Pricing",
    "Overage Pricing",
    "Tiered Pricing",
    "Tiered with Overage Pricing",
    "Volume Pricing",
    "Delivery Pricing",
    "MultiAttributePricing",
    "PreratedPerUnit",
    "PreratedPricing",
    "HighWatermarkVolumePricing",
    "HighWatermarkTieredPricing",
];
const CHARGE_TYPE: &[&str] = &["OneTime", "Recurring", "Usage"];
const BILLING_PERIOD: &[&str] = &[
    "Month",
    "Quarter",
    "Annual",
    "Semi-Annual",
    "Specific Months",
    "Subscription Term",
    "Week",
    "Specific Weeks",
    "Specific Days",
];
const BILL_CYCLE_TYPE: &[&str] = &[
    "DefaultFromCustomer",
    "SpecificDayofMonth",
    "SubscriptionStartDay",
    "ChargeTriggerDay",
    "SpecificDayofWeek",
    "TermStartDay",
    "TermEndDay",
];
const BILLING_TIMING: &[&str] = &["In Advance", "In Arrears"];
const ALIGNMENT: &[&str] =
    &["AlignToCharge", "AlignToSubscriptionStart", "AlignToTermStart", "AlignToTermEnd"];
const LIST_PRICE_BASE: &[&str] =
    &["Per Billing Period", "Per Month", "Per Week", "Per Year", "Per Specific Months"];
const END_DATE_CONDITION: &[&str] = &["SubscriptionEnd", "FixedPeriod"];
const UP_TO_PERIODS_TYPE: &[&str] = &["Billing Periods", "Days", "Weeks", "Months", "Years"];
const TRIGGER_EVENT: &[&str] = &["ContractEffective", "ServiceActivation", "CustomerAcceptance"];
const PRICE_CHANGE_OPTION: &[&str] =
    &["NoChange", "SpecificPercentageValue", "UseLatestProductCatalogPricing"];
const PRICE_FORMAT: &[&str] = &["Flat Fee", "Per Unit"];
const TAX_MODE: &[&str] = &["TaxExclusive", "TaxInclusive"];
const DISCOUNT_LEVEL: &[&str] = &["rateplan", "subscription", "account"];
const APPLY_DISCOUNT_TO: &[&str] = &[
    "ONETIME (1)",
    "RECURRING (2)",
    "USAGE (4)",
    "ONETIMERECURRING (3)",
    "ONETIMEUSAGE (5)",
    "RECURRINGUSAGE (6)",
    "ONETIMERECURRINGUSAGE (7)",
];

fn kind(field: &str) -> Option<Kind> {
    Some(match field {
        "EffectiveStartDate" | "EffectiveEndDate" => Kind::Date,
        "AllowFeatureChanges"
        | "AutoPay"
        | "InvoiceDeliveryPrefsEmail"
        | "InvoiceDeliveryPrefsPrint"
        | "Taxable"
        | "UseDiscountSpecificAccountingCode"
        | "UseTenantDefaultForPriceChange"
        | "IsOveragePrice"
        | "IsStackedDiscount"
        | "IsPrepaid"
        | "IsRollover"
        | "IsUnbilled"
        | "IsAllocationEligible"
        | "LegacyRevenueReporting"
        | "ReflectDiscountInNetAmount"
        | "ApplyToBillingPeriodPartially"
        | "ExcludeItemBillingFromRevenueAccounting"
        | "ExcludeItemBookingFromRevenueAccounting" => Kind::Boolean,
        "Price"
        | "StartingUnit"
        | "EndingUnit"
        | "DiscountAmount"
        | "DiscountPercentage"
        | "Tier"
        | "DefaultQuantity"
        | "IncludedUnits"
        | "MinQuantity"
        | "MaxQuantity"
        | "BillCycleDay"
        | "NumberOfPeriod"
        | "PriceIncreasePercentage"
        | "SpecificBillingPeriod"
        | "SpecificListPriceBase"
        | "UpToPeriods"
        | "Grade"
        | "PrepaidQuantity"
        | "PrepaidTotalQuantity"
        | "DrawdownRate"
        | "RolloverPeriods"
        | "RolloverPeriodLength" => Kind::Number,
        "ChargeModel" => Kind::OneOf(CHARGE_MODEL),
        "ChargeType" => Kind::OneOf(CHARGE_TYPE),
        "BillingPeriod" => Kind::OneOf(BILLING_PERIOD),
        "BillCycleType" => Kind::OneOf(BILL_CYCLE_TYPE),
        "BillingTiming" => Kind::OneOf(BILLING_TIMING),
        "BillingPeriodAlignment" => Kind::OneOf(ALIGNMENT),
        "ListPriceBase" => Kind::OneOf(LIST_PRICE_BASE),
        "EndDateCondition" => Kind::OneOf(END_DATE_CONDITION),
        "UpToPeriodsType" => Kind::OneOf(UP_TO_PERIODS_TYPE),
        "TriggerEvent" => Kind::OneOf(TRIGGER_EVENT),
        "PriceChangeOption" => Kind::OneOf(PRICE_CHANGE_OPTION),
        "PriceFormat" => Kind::OneOf(PRICE_FORMAT),
        "TaxMode" => Kind::OneOf(TAX_MODE),
        "DiscountLevel" => Kind::OneOf(DISCOUNT_LEVEL),
        "ApplyDiscountTo" => Kind::OneOf(APPLY_DISCOUNT_TO),
        _ => return None,
    })
}

/// A value as it would be written, as a JSON text. What is not known stays as it came, but a
/// number loses its exponent and its trailing zeros.
pub(super) fn written(field: &str, value: Checked<'_>) -> String {
    let as_came = || number(value.text()).unwrap_or_else(|| value.text().to_owned());
    let Some(text) = value.as_text() else { return as_came() };
    match kind(field) {
        Some(Kind::Number) => number(&text).unwrap_or_else(as_came),
        Some(Kind::Boolean) if text.eq_ignore_ascii_case("true") => "true".to_owned(),
        Some(Kind::Boolean) if text.eq_ignore_ascii_case("false") => "false".to_owned(),
        Some(Kind::Date) => {
            let day = text.split('T').next().unwrap_or_default();
            text_literal(day)
        }
        Some(Kind::OneOf(values)) => {
            let same = values.iter().find(|value| bare(value) == bare(&text));
            same.map_or_else(as_came, |value| text_literal(value))
        }
        _ => value.text().to_owned(),
    }
}

fn number(text: &str) -> Option<String> {
    let mut out = Vec::new();
    write_decimal(parse_decimal(text)?, &mut out);
    String::from_utf8(out).ok()
}

/// What the spellings of one value have in common: its letters, without what `Pricing` and the
/// number in brackets add.
fn bare(text: &str) -> String {
    let text = text.split(" (").next().unwrap_or_default();
    let letters = text.chars().filter(|character| character.is_alphanumeric());
    let letters: String = letters.flat_map(char::to_lowercase).collect();
    letters.strip_suffix("pricing").map_or(letters.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_was_written() {
        let table = [
            ("PriceFormat", "\"FlatFee\"", "\"Flat Fee\""),
            ("PriceFormat", "\"Per Unit\"", "\"Per Unit\""),
            ("BillingTiming", "\"IN_ADVANCE\"", "\"In Advance\""),
            ("BillingPeriod", "\"Semi_Annual\"", "\"Semi-Annual\""),
            ("BillingPeriod", "\"Eighteen_Months\"", "\"Eighteen_Months\""),
            ("ChargeModel", "\"FlatFee\"", "\"Flat Fee Pricing\""),
            ("ChargeModel", "\"TieredWithOverage\"", "\"Tiered with Overage Pricing\""),
            ("ChargeModel", "\"Discount-Percentage\"", "\"Discount-Percentage\""),
            ("ApplyDiscountTo", "\"ONETIMERECURRINGUSAGE\"", "\"ONETIMERECURRINGUSAGE (7)\""),
            ("EndDateCondition", "\"Subscription_End\"", "\"SubscriptionEnd\""),
            ("Price", "0E-9", "0"),
            ("Price", "19.990000000", "19.99"),
            ("Price", "\"19.99\"", "19.99"),
            ("Taxable", "\"false\"", "false"),
            ("Taxable", "true", "true"),
            ("EffectiveStartDate", "\"2000-01-01T00:00:00.000-08:00\"", "\"2000-01-01\""),
            ("Name", "\"FlatFee\"", "\"FlatFee\""),
            ("Name", "\"007\"", "\"007\""),
            ("Depth__c", "1.50", "1.5"),
        ];
        for (field, came, expected) in table {
            assert_eq!(written(field, Checked::check(came).expect(came)), expected, "{field}");
        }
    }

    #[test]
    fn tells_every_value_of_a_list_from_every_other() {
        for values in [CHARGE_MODEL, BILLING_PERIOD, APPLY_DISCOUNT_TO, UP_TO_PERIODS_TYPE] {
            let bare: std::collections::BTreeSet<_> =
                values.iter().map(|value| bare(value)).collect();
            assert_eq!(bare.len(), values.len());
        }
    }
}
