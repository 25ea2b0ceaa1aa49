//! What was ordered, by the requests alone: each charge with its prices from day to day.

use std::collections::BTreeMap;

use crosswalk::value::{Date, Decimal};
use serde_json::Value;

use super::{date, decimal};

/// A charge that was ordered.
#[derive(Debug, Default)]
struct Charge {
    /// The months that its price is for; one for what is charged once.
    period: Option<Decimal>,
    /// Its prices: from which day on, the key under which they were sent, and what was sent.
    prices: Vec<(Date, String, Value)>,
    removed: Option<Date>,
}

/// All charges of all orders, by their numbers.
#[derive(Debug, Default)]
pub struct Ordered {
    charges: BTreeMap<String, Charge>,
    /// The billing period of each charge of the catalog, by its id.
    periods: BTreeMap<String, Decimal>,
}

impl Ordered {
    /// Reads the log of requests.
    pub fn read(log: &str) -> Self {
        let mut ordered = Self::default();
        for line in log.lines() {
            let entry: Value = serde_json::from_str(line).unwrap();
            if entry["system"] != "zuora" || entry["method"] != "POST" {
                continue;
            }
            match entry["path"].as_str() {
                Some("/v1/orders") => ordered.order(&entry["request_body"]),
                Some("/v1/action/create") => ordered.catalog(&entry),
                _ => {}
            }
        }
        ordered
    }

    /// What was created in the catalog: how its charges are billed.
    fn catalog(&mut self, entry: &Value) {
        let made = entry["response_body"].as_array().into_iter().flatten();
        let wished = entry["request_body"]["objects"].as_array().into_iter().flatten();
        for (wished, made) in wished.zip(made) {
            let (Some(period), Some(id)) = (wished["BillingPeriod"].as_str(), made["Id"].as_str())
            else {
                continue;
            };
            self.periods.insert(id.to_owned(), months(period));
        }
    }

    fn order(&mut self, body: &Value) {
        for action in list(&body["subscriptions"]).iter().flat_map(|one| list(&one["orderActions"]))
        {
            let day = list(&action["triggerDates"]).first().and_then(|it| date(&it["triggerDate"]));
            let day = day.or(date(&body["orderDate"])).unwrap();
            for plan in list(&action["createSubscription"]["subscribeToRatePlans"]) {
                self.plan(plan, day);
            }
            self.plan(&action["addProduct"], day);
            for change in list(&action["updateProduct"]["chargeUpdates"]) {
                self.price(change, day);
            }
            if let Some(plan) = action["removeProduct"]["subscriptionRatePlanNumber"].as_str() {
                self.charges.entry(plan.to_owned()).or_default().removed = Some(day);
            }
        }
    }

    fn plan(&mut self, plan: &Value, day: Date) {
        for charge in list(&plan["chargeOverrides"]) {
            let own = charge["billing"]["billingPeriod"].as_str().map(months);
            let of_catalog = charge["productRatePlanChargeId"].as_str();
            let of_catalog = of_catalog.and_then(|id| self.periods.get(id)).copied();
            let number = charge["chargeNumber"].as_str().unwrap().to_owned();
            self.charges.entry(number).or_default().period = own.or(of_catalog);
            let start = date(&charge["startDate"]["specificTriggerDate"]).unwrap_or(day);
            self.price(charge, start);
        }
    }

    fn price(&mut self, charge: &Value, day: Date) {
        let number = charge["chargeNumber"].as_str().unwrap();
        for (key, price) in charge["pricing"].as_object().into_iter().flatten() {
            let known = self.charges.entry(number.to_owned()).or_default();
            known.prices.retain(|(from, ..)| *from != day);
            known.prices.push((day, key.clone(), price.clone()));
            known.prices.sort_by_key(|(from, ..)| *from);
        }
    }

    fn on(&self, number: &str, day: Date) -> Option<(&Charge, &str, &Value)> {
        let charge = self.charges.get(number)?;
        if charge.removed.is_some_and(|removed| removed <= day) {
            return None;
        }
        let (_, key, price) = charge.prices.iter().rfind(|(from, ..)| *from <= day)?;
        Some((charge, key, price))
    }

    /// What a charge costs a month on a day; what is charged once, all of it.
    pub fn per_month(&self, number: &str, day: Date) -> Decimal {
        let Some((charge, key, price)) = self.on(number, day) else { return Decimal::ZERO };
        let months = match key.starts_with("oneTime") {
            true => Decimal::ONE,
            false => charge.period.unwrap(),
        };
        amount(key, price) / months
    }

    /// What a unit of a charge costs a month on a day.
    pub fn unit_price(&self, number: &str, day: Date) -> Option<Decimal> {
        let (charge, _, price) = self.on(number, day)?;
        Some(decimal(&price["listPrice"])? / charge.period?)
    }
}

/// What a price asks for its quantity.
fn amount(key: &str, price: &Value) -> Decimal {
    let list_price = || decimal(&price["listPrice"]).unwrap();
    let quantity = || decimal(&price["quantity"]).unwrap();
    if key.ends_with("FlatFee") {
        list_price()
    } else if key.ends_with("PerUnit") {
        list_price() * quantity()
    } else if key.ends_with("Tiered") {
        graduated(list(&price["tiers"]), quantity())
    } else {
        of_one_tier(list(&price["tiers"]), quantity())
    }
}

/// Each unit at the price of its own tier; bounds are inclusive.
fn graduated(tiers: &[Value], quantity: Decimal) -> Decimal {
    let (mut cost, mut below) = (Decimal::ZERO, Decimal::ZERO);
    for tier in tiers {
        let top = decimal(&tier["endingUnit"]).unwrap_or(quantity).min(quantity);
        cost += (top - below).max(Decimal::ZERO) * decimal(&tier["price"]).unwrap();
        below = top.max(below);
    }
    cost
}

/// All units at the price of the tier that holds the quantity, or the price of that tier.
fn of_one_tier(tiers: &[Value], quantity: Decimal) -> Decimal {
    let holds = |tier: &&Value| decimal(&tier["endingUnit"]).is_none_or(|last| quantity <= last);
    let tier = tiers.iter().find(holds).unwrap();
    let price = decimal(&tier["price"]).unwrap();
    if tier["priceFormat"] == "FlatFee" { price } else { price * quantity }
}

fn months(period: &str) -> Decimal {
    Decimal::from(match period {
        "Month" => 1,
        "Quarter" => 3,
        "Semi_Annual" | "Semi-Annual" => 6,
        "Annual" => 12,
        other => panic!("{other} is no billing period of these orders"),
    })
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
