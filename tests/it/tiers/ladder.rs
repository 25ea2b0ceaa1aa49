//! Ladders of tiers as CPQ records, and beside them as what they mean.

use crosswalk::value::Decimal;
use serde_json::{Value, json};

use super::half_open::{Kind, Step};

/// The currencies that every product is sold in, with a price in each.
pub const CURRENCIES: [(&str, i64); 4] =
    [("USD", 10_000), ("EUR", 9_135), ("GBP", 7_777), ("JPY", 1_450_000)];

/// What a tier says of the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// A percentage, in tiers of the schedule's own currency that hold for all.
    Percent,
    /// A percentage, in tiers of each currency.
    PercentEach,
    /// An amount that is taken off, in tiers of each currency.
    Amount,
    /// A price that stands instead, in tiers of each currency.
    Price,
}

/// Where the last tier ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Open,
    /// A number that stands for infinity.
    Sentinel(i64),
    /// So many units after the last lower bound.
    Closed(i64),
}

/// A ladder of tiers.
#[derive(Clone, Debug)]
pub struct Ladder {
    pub kind: Kind,
    pub says: Says,
    /// Decimals of the unit of measure: 0 or 2.
    pub decimals: u32,
    /// The lower bounds in whole units, as CPQ keeps them.
    pub lower: Vec<i64>,
    pub end: End,
    /// Per tier: hundredths of a percent, or hundredths of an amount or price in the first
    /// currency; the others differ from it by their place.
    pub values: Vec<i64>,
}

impl Ladder {
    fn step(&self) -> i64 {
        10_i64.pow(self.decimals)
    }

    /// The upper bound of a tier in whole units, as the record has it.
    fn upper(&self, tier: usize) -> Option<i64> {
        match (self.lower.get(tier + 1), self.end) {
            (Some(next), _) => Some(*next),
            (None, End::Open) => None,
            (None, End::Sentinel(end)) => Some(end),
            (None, End::Closed(units)) => Some(self.lower[tier] + units),
        }
    }

    /// The value of a tier in a currency. Block prices and tiers per currency differ in each.
    fn value(&self, tier: usize, currency: usize) -> i64 {
        let shift = i64::try_from(currency).expect("four");
        match self.says {
            Says::Percent => self.values[tier],
            _ => self.values[tier] + shift,
        }
    }

    /// What the tiers mean in a currency: prices by hundredths, bounds in steps.
    pub fn meaning(&self, currency: usize) -> Vec<Step> {
        let list = Decimal::new(CURRENCIES[currency].1, 2);
        let tiers = (0..self.lower.len()).map(|tier| {
            let value = Decimal::new(self.value(tier, currency), 2);
            let price = match (self.kind, self.says) {
                (Kind::Block, _) | (_, Says::Price) => value,
                (_, Says::Amount) => list - value,
                (_, Says::Percent | Says::PercentEach) => list - list * value / Decimal::from(100),
            };
            let ends = tier + 1 < self.lower.len() || matches!(self.end, End::Closed(_));
            let upper = self.upper(tier).filter(|_| ends).map(|upper| upper * self.step());
            Step { lower: self.lower[tier] * self.step(), upper, price, flat: false }
        });
        tiers.collect()
    }

    /// Every quantity within two steps of each bound that the records name, in steps.
    pub fn quantities(&self) -> Vec<i64> {
        let bounds = self.lower.iter().copied();
        let uppers = (0..self.lower.len()).filter_map(|tier| self.upper(tier));
        let near = bounds.chain(uppers).flat_map(|bound| {
            let at = bound * self.step();
            (at - 2..=at + 2).filter(|steps| *steps > 0)
        });
        let mut all: Vec<i64> = near.collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The product with all that hangs on it, as a source reads it.
    pub fn record(&self) -> String {
        let block = self.kind == Kind::Block;
        let entries = CURRENCIES.iter().enumerate().map(|(at, (currency, price))| {
            json!({ "Id": format!("01u{at}"), "Pricebook2Id": "01s1", "CurrencyIsoCode": currency,
                "UnitPrice": hundredths(if block { 0 } else { *price }), "IsActive": true,
                "Pricebook2": { "Id": "01s1", "Name": "Standard" } })
        });
        let product = json!({
            "Id": "01t1", "Name": "Ladder", "ProductCode": "LADDER", "Description": null, "IsActive": true,
            "QuantityUnitOfMeasure": if self.decimals == 0 { "Each" } else { "GB" },
            "SBQQ__ChargeType__c": "Recurring", "SBQQ__BillingFrequency__c": "Monthly",
            "SBQQ__BillingType__c": "Advance", "SBQQ__SubscriptionPricing__c": "Fixed Price",
            "SBQQ__PricingMethod__c": if block { "Block" } else { "List" },
            "SBQQ__DefaultQuantity__c": 1, "SBQQ__QuantityEditable__c": true,
            "SBQQ__Taxable__c": false, "SBQQ__TaxCode__c": null,
            "SBQQ__DiscountSchedule__c": if block { Value::Null } else { json!("a1s1") },
            "SBQQ__DiscountSchedule__r": if block { Value::Null } else { self.schedule() },
            "SBQQ__BlockPrices__r": if block { children(self.tiers("SBQQ__Price__c")) } else { Value::Null },
            "PricebookEntries": children(entries.collect()),
            "ProductConsumptionSchedules": null,
        });
        product.to_string()
    }

    fn schedule(&self) -> Value {
        let percent = matches!(self.says, Says::Percent | Says::PercentEach);
        let value = match self.says {
            Says::Percent | Says::PercentEach => "SBQQ__Discount__c",
            Says::Amount => "SBQQ__DiscountAmount__c",
            Says::Price => "SBQQ__Price__c",
        };
        json!({ "Id": "a1s1", "Name": "Ladder", "CurrencyIsoCode": "USD",
            "SBQQ__Type__c": if self.kind == Kind::Slab { "Slab" } else { "Range" },
            "SBQQ__DiscountUnit__c": if percent { "Percent" } else { "Amount" },
            "SBQQ__UsePriceForAmount__c": self.says == Says::Price,
            "SBQQ__DiscountTiers__r": children(self.tiers(value)) })
    }

    /// The tiers as records, highest first: their order says nothing.
    fn tiers(&self, value: &str) -> Vec<Value> {
        let one = self.kind != Kind::Block && self.says == Says::Percent;
        let currencies = CURRENCIES.iter().enumerate().take(if one { 1 } else { CURRENCIES.len() });
        let mut tiers = Vec::new();
        for (at, (currency, _)) in currencies {
            for tier in (0..self.lower.len()).rev() {
                let mut record = json!({ "Id": format!("a1d{at}{tier}"), "CurrencyIsoCode": currency,
                    "SBQQ__LowerBound__c": self.lower[tier], "SBQQ__UpperBound__c": self.upper(tier),
                    "SBQQ__Price__c": null, "SBQQ__Discount__c": null, "SBQQ__DiscountAmount__c": null,
                    "SBQQ__PriceBook2__c": null });
                record[value] = hundredths(self.value(tier, at));
                tiers.push(record);
            }
        }
        tiers
    }
}

pub fn children(records: Vec<Value>) -> Value {
    json!({ "totalSize": records.len(), "done": true, "records": records })
}

pub fn hundredths(value: i64) -> Value {
    serde_json::from_str(&Decimal::new(value, 2).to_string()).expect("a number")
}
