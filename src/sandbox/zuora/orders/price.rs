//! The price of a charge: the catalog's, and what an order says instead.

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::fields::{decimal, object, objects, text, whole};
use crate::sandbox::zuora::answer::{Category, Reason};
use crate::sandbox::zuora::metrics::mrr::times;
use crate::sandbox::zuora::number;
use crate::sandbox::zuora::store::{Kind, Record};
use crate::sandbox::zuora::subscriptions::charge::{
    Charge, ChargeType, Price, PriceChange, PriceFormat, Tier,
};
use crate::sandbox::zuora::work::Work;
use crate::sandbox::zuora::write::{Last, tier_bounds_fault};

/// The key under which an order says the price of a charge of this type and model.
#[must_use]
pub fn key(charge_type: ChargeType, model: &str) -> &'static str {
    use ChargeType::{OneTime, Recurring, Usage};
    match (charge_type, model) {
        (OneTime, "Flat Fee Pricing") => "oneTimeFlatFee",
        (OneTime, "Per Unit Pricing") => "oneTimePerUnit",
        (OneTime, "Volume Pricing") => "oneTimeVolume",
        (OneTime, "Tiered Pricing") => "oneTimeTiered",
        (Recurring, "Flat Fee Pricing") => "recurringFlatFee",
        (Recurring, "Per Unit Pricing") => "recurringPerUnit",
        (Recurring, "Volume Pricing") => "recurringVolume",
        (Recurring, "Tiered Pricing") => "recurringTiered",
        (Recurring, "Delivery Pricing") => "recurringDeliveryBased",
        (Usage, "Flat Fee Pricing") => "usageFlatFee",
        (Usage, "Per Unit Pricing") => "usagePerUnit",
        (Usage, "Volume Pricing") => "usageVolume",
        (Usage, "Tiered Pricing") => "usageTiered",
        (Usage, "Overage Pricing") => "usageOverage",
        (Usage, "Tiered with Overage Pricing") => "usageTieredWithOverage",
        (_, "Discount-Fixed Amount" | "Discount-Percentage") => "discount",
        _ => "chargeModelData",
    }
}

/// The price that a charge of the catalog has in a currency.
#[must_use]
pub fn of_catalog(work: &Work<'_>, charge: &Record, currency: &str) -> Price {
    let tiers = work.store().children(Kind::ProductRatePlanChargeTier, &charge.id);
    let mut rows: Vec<&Record> =
        tiers.filter(|tier| tier.text("Currency") == Some(currency)).collect();
    rows.sort_by_key(|tier| tier.value("Tier").as_u64());
    let is_overage = |tier: &&&Record| tier.value("IsOveragePrice") == &Value::Bool(true);
    let amount = |field: &str| rows.first().and_then(|tier| decimal(&tier.fields, field));
    let overage = rows.iter().find(is_overage).and_then(|tier| decimal(&tier.fields, "Price"));
    let model = charge.text("ChargeModel").unwrap_or_default();
    let mut price = Price {
        quantity: decimal(&charge.fields, "DefaultQuantity"),
        included_units: decimal(&charge.fields, "IncludedUnits"),
        discount_amount: amount("DiscountAmount"),
        discount_percentage: amount("DiscountPercentage"),
        overage_price: overage,
        ..Price::default()
    };
    match model {
        "Volume Pricing" | "Tiered Pricing" | "Tiered with Overage Pricing" => {
            let rows = rows.iter().filter(|tier| !is_overage(tier));
            price.tiers = rows.filter_map(|tier| catalog_tier(&tier.fields)).collect();
        }
        "Overage Pricing" => price.overage_price = amount("Price"),
        _ => price.list_price = amount("Price"),
    }
    price
}

fn catalog_tier(fields: &Map<String, Value>) -> Option<Tier> {
    Some(Tier {
        start: decimal(fields, "StartingUnit")?,
        end: decimal(fields, "EndingUnit"),
        price: decimal(fields, "Price")?,
        format: match text(fields, "PriceFormat") {
            Some("Flat Fee") => PriceFormat::FlatFee,
            _ => PriceFormat::PerUnit,
        },
    })
}

/// What a renewal does to the price of a charge: what an order says of it, or else what is known.
///
/// # Errors
/// When a percentage is meant and not said.
pub fn renewal_price(
    pricing: Option<&Map<String, Value>>,
    key: &str,
    otherwise: PriceChange,
) -> Result<PriceChange, Reason> {
    let said = pricing.and_then(|pricing| object(pricing, key));
    match said.and_then(|said| text(said, "priceChangeOption").map(|option| (said, option))) {
        None => Ok(otherwise),
        Some((_, "NoChange")) => Ok(PriceChange::NoChange),
        Some((_, "UseLatestProductCatalogPricing")) => Ok(PriceChange::LatestCatalog),
        Some((said, _)) => match decimal(said, "priceIncreasePercentage") {
            Some(percentage) => Ok(PriceChange::Percentage(percentage)),
            None => {
                let message = "Missing required value: priceIncreasePercentage";
                Err(Reason::new(Category::MissingField, message))
            }
        },
    }
}

/// What a renewal does to the price of a charge of the catalog.
#[must_use]
pub fn renewal_price_of_catalog(charge: &Record) -> PriceChange {
    match charge.text("PriceChangeOption") {
        Some("SpecificPercentageValue") => decimal(&charge.fields, "PriceIncreasePercentage")
            .map_or(PriceChange::NoChange, PriceChange::Percentage),
        Some("UseLatestProductCatalogPricing") => PriceChange::LatestCatalog,
        _ => PriceChange::NoChange,
    }
}

/// The price of a charge in the term that a renewal adds; none where it stays.
#[must_use]
pub fn renewed(work: &Work<'_>, charge: &Charge, currency: &str, before: &Price) -> Option<Price> {
    match charge.renewal_price {
        PriceChange::NoChange => None,
        PriceChange::Percentage(percentage) => {
            let factor = percentage.saturating_add(Decimal::ONE_HUNDRED);
            let factor = factor.checked_div(Decimal::ONE_HUNDRED).unwrap_or(Decimal::ONE);
            let raised = |price: Decimal| times(price, factor);
            let mut price = before.clone();
            price.list_price = price.list_price.map(raised);
            price.tiers.iter_mut().for_each(|tier| tier.price = raised(tier.price));
            Some(price)
        }
        PriceChange::LatestCatalog => {
            let catalog = work.store().get(Kind::ProductRatePlanCharge, &charge.product_charge)?;
            let latest = of_catalog(work, catalog, currency);
            Some(Price { list_price: latest.list_price, tiers: latest.tiers, ..before.clone() })
        }
    }
}

/// What is priced: the charge as far as its price depends on it.
#[derive(Debug, Clone, Copy)]
pub struct Priced<'a> {
    /// When it is billed.
    pub charge_type: ChargeType,
    /// Its model.
    pub model: &'a str,
    /// Its name, for messages.
    pub name: &'a str,
    /// Decimals that a quantity may have.
    pub unit_decimals: u32,
}

/// The price after what an order says of it.
///
/// # Errors
/// When the price is under another key than that of the charge's type and model, tiers have a
/// hole, or a quantity is missing or too fine.
pub fn overridden(
    priced: Priced<'_>,
    before: Price,
    pricing: Option<&Map<String, Value>>,
) -> Result<Price, Reason> {
    let mut price = before;
    if let Some(pricing) = pricing {
        let key = key(priced.charge_type, priced.model);
        let Some(said) = object(pricing, key) else {
            let sent = pricing.keys().next().map_or("", String::as_str);
            let message = format!(
                "The charge '{}' is {} with {}: its pricing is under {key}, not {sent}.",
                priced.name,
                priced.charge_type.name(),
                priced.model,
            );
            return Err(Reason::rule(message));
        };
        apply(priced, &mut price, said)?;
    }
    check(priced, &price)?;
    Ok(price)
}

fn apply(priced: Priced<'_>, price: &mut Price, said: &Map<String, Value>) -> Result<(), Reason> {
    let set = |place: &mut Option<Decimal>, name: &str| *place = decimal(said, name).or(*place);
    set(&mut price.list_price, "listPrice");
    set(&mut price.quantity, "quantity");
    set(&mut price.included_units, "includedUnits");
    set(&mut price.overage_price, "overagePrice");
    set(&mut price.discount_amount, "discountAmount");
    set(&mut price.discount_percentage, "discountPercentage");
    if said.contains_key("tiers") {
        price.tiers = tiers(priced, said)?;
    }
    Ok(())
}

/// The tiers of an order, in order of their numbers.
fn tiers(priced: Priced<'_>, said: &Map<String, Value>) -> Result<Vec<Tier>, Reason> {
    let mut rows: Vec<&Map<String, Value>> = objects(said, "tiers").collect();
    rows.sort_by_key(|row| whole(row, "tier"));
    let numbered = (1_u32..).zip(&rows).all(|(number, row)| whole(row, "tier") == Some(number));
    if !numbered {
        let message = format!("The tiers of '{}' are not numbered from 1 on.", priced.name);
        return Err(Reason::rule(message));
    }
    let last = match priced.model {
        "Tiered with Overage Pricing" => Last::IsClosed,
        _ => Last::MayBeOpen,
    };
    let bounds: Vec<Map<String, Value>> = rows.iter().map(|row| bounds(row)).collect();
    let bounds: Vec<&Map<String, Value>> = bounds.iter().collect();
    if let Some(fault) = tier_bounds_fault(&bounds, priced.unit_decimals, last) {
        return Err(Reason::rule(format!("The tiers of '{}': {fault}.", priced.name)));
    }
    Ok(rows.into_iter().filter_map(order_tier).collect())
}

/// The bounds of a tier as the catalog spells them.
fn bounds(row: &Map<String, Value>) -> Map<String, Value> {
    let names = [("StartingUnit", "startingUnit"), ("EndingUnit", "endingUnit")];
    let there = names.into_iter().filter_map(|(name, sent)| Some((name, row.get(sent)?)));
    there.map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

fn order_tier(row: &Map<String, Value>) -> Option<Tier> {
    Some(Tier {
        start: decimal(row, "startingUnit")?,
        end: decimal(row, "endingUnit"),
        price: decimal(row, "price")?,
        format: match text(row, "priceFormat") {
            Some("FlatFee") => PriceFormat::FlatFee,
            _ => PriceFormat::PerUnit,
        },
    })
}

/// Whether a charge of this model is sold by quantity.
fn has_quantity(priced: Priced<'_>) -> bool {
    priced.charge_type != ChargeType::Usage
        && matches!(priced.model, "Per Unit Pricing" | "Volume Pricing" | "Tiered Pricing")
}

fn check(priced: Priced<'_>, price: &Price) -> Result<(), Reason> {
    if !has_quantity(priced) {
        return Ok(());
    }
    let name = priced.name;
    match price.quantity {
        None => Err(Reason::rule(format!("The charge '{name}' has no quantity."))),
        Some(quantity) if quantity.is_sign_negative() && !quantity.is_zero() => {
            Err(Reason::value(format!("The quantity of '{name}' is negative: {quantity}")))
        }
        Some(quantity) if quantity.normalize().scale() > priced.unit_decimals => {
            let most = number::step(priced.unit_decimals);
            let message = format!(
                "The quantity of '{name}' is finer than its unit allows: {quantity}, {most}"
            );
            Err(Reason::value(message))
        }
        Some(_) => Ok(()),
    }
}
