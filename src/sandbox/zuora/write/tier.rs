//! Tiers: the prices of a charge, one list per currency.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::tier_bounds;
use super::{knows_currency, text};
use crate::sandbox::zuora::number;
use crate::sandbox::zuora::refusal::Refusal;
use crate::sandbox::zuora::store::{Kind, Mutation, Record};
use crate::sandbox::zuora::tenant::Tenant;
use crate::sandbox::zuora::work::Work;

/// What the tiers of a charge are held against.
#[derive(Debug)]
pub struct Priced<'a> {
    /// The charge's model.
    pub model: &'a str,
    /// Decimals of the charge's unit.
    pub unit_decimals: u32,
    /// The currencies that are active on the plan.
    pub currencies: BTreeSet<&'a str>,
}

/// How many rows a currency has, and what they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// One row without bounds, with a value in this field.
    Single(&'static str),
    /// Rows that follow one another, the last one open or not.
    Ranges,
    /// Closed rows that follow one another, and one row with the price of what goes beyond.
    RangesAndOverage,
    /// Prices that the model's own configuration holds.
    Elsewhere,
}

fn shape_of(model: &str) -> Shape {
    match model {
        "Flat Fee Pricing" | "Per Unit Pricing" | "Overage Pricing" => Shape::Single("Price"),
        "Discount-Fixed Amount" => Shape::Single("DiscountAmount"),
        "Discount-Percentage" => Shape::Single("DiscountPercentage"),
        "Volume Pricing"
        | "Tiered Pricing"
        | "HighWatermarkVolumePricing"
        | "HighWatermarkTieredPricing" => Shape::Ranges,
        "Tiered with Overage Pricing" => Shape::RangesAndOverage,
        _ => Shape::Elsewhere,
    }
}

/// The rows of `ProductRatePlanChargeTierData`.
fn rows(data: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    let rows = data.get("ProductRatePlanChargeTier").and_then(Value::as_array);
    rows.into_iter().flatten().filter_map(Value::as_object)
}

/// The rows of each currency, in the order in which they were sent.
fn by_currency<'a>(
    tenant: &'a Tenant,
    data: &'a Value,
) -> BTreeMap<&'a str, Vec<&'a Map<String, Value>>> {
    let mut found: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for row in rows(data) {
        let currency = text(row, "Currency").unwrap_or(&tenant.default_currency);
        found.entry(currency).or_default().push(row);
    }
    found
}

/// What the tiers of a charge break.
#[must_use]
pub fn rules(tenant: &Tenant, charge: &Priced<'_>, data: &Value) -> Vec<Refusal> {
    let found = by_currency(tenant, data);
    let shape = shape_of(charge.model);
    let mut refusals = Vec::new();
    if found.is_empty() {
        refusals.push(Refusal::missing("ProductRatePlanChargeTier"));
    }
    for (currency, rows) in &found {
        if !knows_currency(tenant, currency) {
            refusals.push(Refusal::value(format!("Invalid value for field Currency: {currency}")));
        } else if !charge.currencies.contains(currency) {
            let message = format!("The currency {currency} is not active on the rate plan");
            refusals.push(Refusal::value(message));
        }
        refusals.extend(
            rows_fault(charge, shape, rows)
                .map(|message| Refusal::value(format!("Tiers in {currency}: {message}"))),
        );
    }
    // A percentage is the same in every currency.
    if shape != Shape::Single("DiscountPercentage") && !found.is_empty() {
        refusals.extend(
            charge.currencies.iter().filter(|c| !found.contains_key(*c)).map(|missing| {
                Refusal::value(format!("The active currency {missing} has no tier"))
            }),
        );
    }
    refusals
}

fn rows_fault(charge: &Priced<'_>, shape: Shape, rows: &[&Map<String, Value>]) -> Option<String> {
    let overage: Vec<_> = rows.iter().filter(|row| is_overage(row)).collect();
    let plain: Vec<_> = rows.iter().filter(|row| !is_overage(row)).copied().collect();
    match shape {
        Shape::Single(field) => single_fault(rows, field),
        Shape::Ranges => {
            if !overage.is_empty() {
                return Some("only Tiered with Overage Pricing has an overage price".to_owned());
            }
            priced_fault(rows).or_else(|| {
                tier_bounds::fault(&plain, charge.unit_decimals, tier_bounds::Last::MayBeOpen)
            })
        }
        Shape::RangesAndOverage => {
            if overage.len() != 1 {
                return Some("exactly one tier has IsOveragePrice".to_owned());
            }
            priced_fault(rows).or_else(|| {
                tier_bounds::fault(&plain, charge.unit_decimals, tier_bounds::Last::IsClosed)
            })
        }
        Shape::Elsewhere => None,
    }
}

fn is_overage(row: &Map<String, Value>) -> bool {
    row.get("IsOveragePrice") == Some(&Value::Bool(true))
}

fn single_fault(rows: &[&Map<String, Value>], field: &str) -> Option<String> {
    let [row] = rows else {
        return Some(format!("this charge model has one tier per currency, not {}", rows.len()));
    };
    if ["StartingUnit", "EndingUnit"].iter().any(|bound| row.contains_key(*bound)) {
        return Some("a tier of this charge model has no bounds".to_owned());
    }
    let values = ["Price", "DiscountAmount", "DiscountPercentage"];
    if let Some(other) = values.iter().find(|other| **other != field && row.contains_key(**other)) {
        return Some(format!("{other} is not allowed for this charge model"));
    }
    match row.get(field).and_then(number::decimal) {
        None => Some(format!("{field} is missing")),
        Some(value) if field != "Price" && value < Decimal::ZERO => {
            Some(format!("{field} is negative"))
        }
        Some(_) => None,
    }
}

fn priced_fault(rows: &[&Map<String, Value>]) -> Option<String> {
    let discount = ["DiscountAmount", "DiscountPercentage"];
    if rows.iter().any(|row| discount.iter().any(|field| row.contains_key(*field))) {
        return Some("only a discount has DiscountAmount or DiscountPercentage".to_owned());
    }
    let unpriced = rows.iter().any(|row| row.get("Price").is_none_or(Value::is_null));
    unpriced.then(|| "Price is missing".to_owned())
}

/// What a change of one stored tier breaks: it may change its price, not its nature.
pub fn rules_of_one(work: &Work<'_>, before: &Record, fields: &Map<String, Value>) -> Vec<Refusal> {
    let charge = before
        .text("ProductRatePlanChargeId")
        .and_then(|id| work.store().get(Kind::ProductRatePlanCharge, id));
    let model = charge.and_then(|charge| charge.text("ChargeModel")).unwrap_or_default();
    let priced = match shape_of(model) {
        Shape::Single(field) => field,
        Shape::Ranges | Shape::RangesAndOverage | Shape::Elsewhere => "Price",
    };
    ["Price", "DiscountAmount", "DiscountPercentage"]
        .into_iter()
        .filter(|field| *field != priced && fields.contains_key(*field))
        .map(|field| {
            Refusal::value(format!("{field} is not allowed for the charge model '{model}'"))
        })
        .collect()
}

/// Stores the tiers of a charge. A tier keeps its id as long as its currency has one of its number.
pub fn replace_all(work: &mut Work<'_>, charge_id: &str, data: &Value) {
    let kind = Kind::ProductRatePlanChargeTier;
    let mut stored: BTreeMap<(String, u64), Record> = work
        .store()
        .children(kind, charge_id)
        .map(|tier| {
            let currency = tier.text("Currency").unwrap_or_default().to_owned();
            ((currency, tier.value("Tier").as_u64().unwrap_or(0)), tier.clone())
        })
        .collect();
    let charge = work.store().get(Kind::ProductRatePlanCharge, charge_id);
    let model = charge.and_then(|charge| charge.text("ChargeModel")).unwrap_or_default();
    let format = if model == "Flat Fee Pricing" { "Flat Fee" } else { "Per Unit" };
    let wished: Vec<_> = by_currency(work.tenant, data)
        .into_iter()
        .flat_map(|(currency, rows)| {
            (1_u64..).zip(rows).map(move |(number, row)| {
                (
                    (currency.to_owned(), number),
                    tier_fields(charge_id, currency, number, row, format),
                )
            })
        })
        .collect();
    for (place, fields) in wished {
        match stored.remove(&place) {
            Some(before) if before.fields == fields => {}
            Some(before) => work.replace(kind, &before, fields),
            None => {
                work.insert(kind, fields);
            }
        }
    }
    for tier in stored.into_values() {
        work.apply(Mutation::Remove { kind, id: tier.id });
    }
}

fn tier_fields(
    charge_id: &str,
    currency: &str,
    number: u64,
    row: &Map<String, Value>,
    format: &str,
) -> Map<String, Value> {
    let mut fields = row.clone();
    fields.retain(|_, value| !value.is_null());
    fields.insert("ProductRatePlanChargeId".to_owned(), json!(charge_id));
    fields.insert("Currency".to_owned(), json!(currency));
    fields.insert("Tier".to_owned(), json!(number));
    fields.entry("PriceFormat").or_insert_with(|| json!(format));
    fields.entry("IsOveragePrice").or_insert_with(|| json!(false));
    fields
}
