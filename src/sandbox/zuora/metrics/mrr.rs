//! What a price amounts to, and what that is in a month.

use rust_decimal::Decimal;

use crate::sandbox::zuora::subscriptions::charge::{
    Billing, Charge, ChargeType, Price, PriceFormat, Tier,
};

/// What a charge costs per price base at a price, before discounts.
#[must_use]
pub fn amount(model: &str, price: &Price) -> Decimal {
    let quantity = price.quantity.unwrap_or(Decimal::ONE);
    match model {
        "Flat Fee Pricing" | "Delivery Pricing" => price.list_price.unwrap_or_default(),
        "Per Unit Pricing" => times(price.list_price.unwrap_or_default(), quantity),
        "Volume Pricing" => volume(&price.tiers, quantity),
        "Tiered Pricing" => tiered(&price.tiers, quantity),
        _ => Decimal::ZERO,
    }
}

/// What a charge costs in a month at a price; zero for what does not recur.
#[must_use]
pub fn monthly(charge: &Charge, price: &Price) -> Decimal {
    if charge.charge_type != ChargeType::Recurring {
        return Decimal::ZERO;
    }
    per_month(&charge.billing, charge.term_months, amount(&charge.model, price))
}

/// An amount per price base as an amount per month.
#[must_use]
pub fn per_month(billing: &Billing, term_months: Option<Decimal>, amount: Decimal) -> Decimal {
    let months = match billing.price_base.as_str() {
        "Per_Month" => Months::whole(1),
        "Per_Week" => Months::weeks(1),
        "Per_Year" => Months::whole(12),
        "Per_Specific_Months" => Months::whole(billing.price_base_count.unwrap_or(1)),
        _ => period(billing, term_months),
    };
    times(amount, months.below).checked_div(months.above).unwrap_or_default()
}

/// The months of a billing period.
fn period(billing: &Billing, term_months: Option<Decimal>) -> Months {
    let count = billing.period_count.unwrap_or(1);
    match billing.period.as_deref().unwrap_or("Month") {
        "Quarter" => Months::whole(3),
        "Semi_Annual" => Months::whole(6),
        "Annual" => Months::whole(12),
        "Eighteen_Months" => Months::whole(18),
        "Two_Years" => Months::whole(24),
        "Three_Years" => Months::whole(36),
        "Five_Years" => Months::whole(60),
        "Specific_Months" => Months::whole(count),
        "Week" => Months::weeks(1),
        "Specific_Weeks" => Months::weeks(count),
        "Specific_Days" => Months { above: times(count.into(), 12.into()), below: 365.into() },
        "Subscription_Term" => {
            Months { above: term_months.unwrap_or(Decimal::ONE), below: Decimal::ONE }
        }
        _ => Months::whole(1),
    }
}

/// A number of months as a fraction, so that weeks stay exact.
struct Months {
    above: Decimal,
    below: Decimal,
}

impl Months {
    fn whole(count: u32) -> Self {
        Self { above: count.into(), below: Decimal::ONE }
    }

    /// A year has 52 weeks and 12 months.
    fn weeks(count: u32) -> Self {
        Self { above: times(count.into(), 12.into()), below: 52.into() }
    }
}

/// The price of the one tier that a quantity falls into.
fn volume(tiers: &[Tier], quantity: Decimal) -> Decimal {
    let tier = tiers.iter().find(|tier| tier.end.is_none_or(|end| quantity <= end));
    tier.or(tiers.last()).map_or(Decimal::ZERO, |tier| match tier.format {
        PriceFormat::FlatFee => tier.price,
        PriceFormat::PerUnit => times(tier.price, quantity),
    })
}

/// The price of all tiers that a quantity reaches, each for the units in it.
fn tiered(tiers: &[Tier], quantity: Decimal) -> Decimal {
    let (mut sum, mut below) = (Decimal::ZERO, Decimal::ZERO);
    for tier in tiers {
        let is_first = below == Decimal::ZERO;
        if quantity <= below && !(is_first && tier.start <= quantity) {
            break;
        }
        let top = tier.end.map_or(quantity, |end| end.min(quantity));
        sum = sum.saturating_add(match tier.format {
            PriceFormat::FlatFee => tier.price,
            PriceFormat::PerUnit => times(tier.price, top.saturating_sub(below)),
        });
        below = tier.end.unwrap_or(quantity);
    }
    sum
}

/// The product; where it has no room, the largest number.
pub fn times(one: Decimal, other: Decimal) -> Decimal {
    one.checked_mul(other).unwrap_or(Decimal::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tier(start: i64, end: Option<i64>, price: i64, format: PriceFormat) -> Tier {
        Tier { start: start.into(), end: end.map(Decimal::from), price: price.into(), format }
    }

    #[test]
    fn a_quantity_has_its_price_under_every_model() {
        use PriceFormat::{FlatFee, PerUnit};
        let per_unit = vec![tier(0, Some(10), 5, PerUnit), tier(11, None, 3, PerUnit)];
        let flat = vec![tier(1, Some(10), 50, FlatFee), tier(11, None, 80, FlatFee)];
        for (model, tiers, quantity, expected) in [
            ("Volume Pricing", &per_unit, 10, 50),
            ("Volume Pricing", &per_unit, 11, 33),
            ("Volume Pricing", &flat, 11, 80),
            ("Tiered Pricing", &per_unit, 10, 50),
            ("Tiered Pricing", &per_unit, 12, 56),
            ("Tiered Pricing", &flat, 12, 130),
            ("Tiered Pricing", &flat, 0, 0),
            ("Per Unit Pricing", &flat, 4, 28),
            ("Flat Fee Pricing", &flat, 4, 7),
        ] {
            let list_price = Some(Decimal::from(7));
            let quantity = Some(Decimal::from(quantity));
            let price = Price { list_price, quantity, tiers: tiers.clone(), ..Price::default() };
            assert_eq!(amount(model, &price), Decimal::from(expected), "{model} {quantity:?}");
        }
    }

    #[test]
    fn a_base_has_its_months() {
        for (base, base_count, period, count, term, expected) in [
            ("Per_Billing_Period", None, "Annual", None, None, "10"),
            ("Per_Billing_Period", None, "Quarter", None, None, "40"),
            ("Per_Billing_Period", None, "Semi_Annual", None, None, "20"),
            ("Per_Billing_Period", None, "Specific_Months", Some(8), None, "15"),
            ("Per_Billing_Period", None, "Subscription_Term", None, Some(24), "5"),
            ("Per_Billing_Period", None, "Week", None, None, "520"),
            ("Per_Month", None, "Annual", None, None, "120"),
            ("Per_Year", None, "Month", None, None, "10"),
            ("Per_Specific_Months", Some(5), "Month", None, None, "24"),
        ] {
            let billing = Billing {
                period: Some(period.to_owned()),
                period_count: count,
                price_base: base.to_owned(),
                price_base_count: base_count,
                timing: "IN_ADVANCE".to_owned(),
                cycle_type: "DefaultFromCustomer".to_owned(),
                cycle_day: None,
                alignment: None,
            };
            let amount = per_month(&billing, term.map(Decimal::from), 120.into());
            assert_eq!(amount.normalize().to_string(), expected, "{base} {period}");
        }
    }
}
