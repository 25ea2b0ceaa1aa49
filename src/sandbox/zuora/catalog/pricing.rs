//! The prices of a charge as the catalog shows them: one row per active currency.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::spelling::price_format;
use crate::sandbox::zuora::number;
use crate::sandbox::zuora::store::{Kind, Record};
use crate::sandbox::zuora::work::Work;
use crate::sandbox::zuora::write::active_currencies;

/// The prices of a charge.
#[derive(Debug)]
pub struct Pricing {
    /// One sentence per currency.
    pub summary: Value,
    /// One row per currency.
    pub rows: Value,
}

/// The prices of a charge in the currencies that are active on its plan.
#[must_use]
pub fn of(work: &Work<'_>, charge: &Record) -> Pricing {
    let plan_id = charge.text("ProductRatePlanId").unwrap_or_default();
    let plan = work.store().get(Kind::ProductRatePlan, plan_id);
    let active = plan.map(|plan| active_currencies(&plan.fields)).unwrap_or_default();
    let mut tiers: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for tier in work.store().children(Kind::ProductRatePlanChargeTier, &charge.id) {
        let currency = tier.text("Currency").unwrap_or_default();
        if active.contains(currency) {
            tiers.entry(currency).or_default().push(tier);
        }
    }
    for tiers in tiers.values_mut() {
        tiers.sort_by_key(|tier| tier.value("Tier").as_u64());
    }
    Pricing {
        summary: tiers.iter().map(|(currency, tiers)| summary(charge, currency, tiers)).collect(),
        rows: tiers.iter().map(|(currency, tiers)| row(charge, currency, tiers)).collect(),
    }
}

fn row(charge: &Record, currency: &str, tiers: &[&Record]) -> Value {
    let mut row = json!({
        "currency": currency,
        "price": null,
        "tiers": null,
        "includedUnits": null,
        "overagePrice": null,
        "discountPercentage": null,
        "discountAmount": null,
    });
    let first = |field: &str| tiers.first().map_or(Value::Null, |tier| plain(tier.value(field)));
    let zero = json!(0);
    let filled: Vec<(&str, Value)> = match charge.text("ChargeModel").unwrap_or_default() {
        "Flat Fee Pricing" | "Per Unit Pricing" => {
            vec![("price", first("Price")), ("includedUnits", zero)]
        }
        "Overage Pricing" => vec![
            ("includedUnits", plain(charge.value("IncludedUnits"))),
            ("overagePrice", first("Price")),
        ],
        "Discount-Fixed Amount" => {
            vec![("discountAmount", first("DiscountAmount")), ("includedUnits", zero)]
        }
        "Discount-Percentage" => {
            vec![("discountPercentage", first("DiscountPercentage")), ("includedUnits", zero)]
        }
        _ => {
            let overage = tiers.iter().find(|tier| is_overage(tier));
            let overage = overage.map_or(Value::Null, |tier| plain(tier.value("Price")));
            vec![("tiers", tier_rows(tiers)), ("overagePrice", overage)]
        }
    };
    if let Some(row) = row.as_object_mut() {
        row.extend(filled.into_iter().map(|(name, value)| (name.to_owned(), value)));
    }
    row
}

fn is_overage(tier: &Record) -> bool {
    tier.value("IsOveragePrice") == &Value::Bool(true)
}

fn tier_rows(tiers: &[&Record]) -> Value {
    let shown = |tier: &&&Record| {
        json!({
            "tier": tier.value("Tier"),
            "startingUnit": plain(tier.value("StartingUnit")),
            "endingUnit": plain(tier.value("EndingUnit")),
            "price": plain(tier.value("Price")),
            "priceFormat": tier.text("PriceFormat").map(price_format),
            "originalListPrice": null,
        })
    };
    tiers.iter().filter(|tier| !is_overage(tier)).map(|tier| shown(&tier)).collect()
}

/// A number without superfluous zeros, anything else as it is.
fn plain(value: &Value) -> Value {
    number::decimal(value).map_or_else(|| value.clone(), number::json)
}

fn summary(charge: &Record, currency: &str, tiers: &[&Record]) -> Value {
    let unit = charge.text("UOM").unwrap_or_default();
    let first =
        |field: &str| tiers.first().map(|tier| plain(tier.value(field))).unwrap_or_default();
    Value::String(match charge.text("ChargeModel").unwrap_or_default() {
        "Flat Fee Pricing" => format!("{currency}{}", first("Price")),
        "Per Unit Pricing" => format!("{currency}{}/{unit}", first("Price")),
        "Overage Pricing" => {
            let included = plain(charge.value("IncludedUnits"));
            let price = first("Price");
            format!("Free for first {included} {unit}, thereafter {currency}{price}/{unit}")
        }
        "Discount-Fixed Amount" => {
            format!("{currency}{} fixed amount discount", first("DiscountAmount"))
        }
        "Discount-Percentage" => format!("{}%  discount", first("DiscountPercentage")),
        _ => tiers
            .iter()
            .map(|tier| tier_summary(currency, unit, tier))
            .collect::<Vec<_>>()
            .join(", "),
    })
}

fn tier_summary(currency: &str, unit: &str, tier: &Record) -> String {
    let price = plain(tier.value("Price"));
    if is_overage(tier) {
        return format!("thereafter {currency}{price} per exceeding unit");
    }
    let start = plain(tier.value("StartingUnit"));
    let per = if tier.text("PriceFormat") == Some("Flat Fee") { "" } else { "/" };
    let per_unit = if per.is_empty() { "" } else { unit };
    match plain(tier.value("EndingUnit")) {
        Value::Null => format!("{start} {unit} and over: {currency}{price}{per}{per_unit}"),
        end => format!("{start} to {end} {unit}: {currency}{price}{per}{per_unit}"),
    }
}
