//! The same law for usage: rates of consumption schedules, with prices per unit and flat fees.

use crosswalk::{program::Program, value::Decimal};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    catalog,
    half_open::{Kind, Step, cost},
    ladder::{children, hundredths},
    sent::{Model, sent},
};

/// A consumption schedule.
#[derive(Clone, Debug)]
struct Meter {
    kind: Kind,
    decimals: u32,
    /// Lower bound in whole units, hundredths of a price, and whether it is for the whole tier.
    rates: Vec<(i64, i64, bool)>,
}

impl Meter {
    fn upper(&self, rate: usize) -> Option<i64> {
        self.rates.get(rate + 1).map(|(lower, ..)| *lower)
    }

    fn meaning(&self) -> Vec<Step> {
        let step = 10_i64.pow(self.decimals);
        let rates = self.rates.iter().enumerate().map(|(at, (lower, price, flat))| Step {
            lower: lower * step,
            upper: self.upper(at).map(|upper| upper * step),
            price: Decimal::new(*price, 2),
            flat: *flat,
        });
        rates.collect()
    }

    /// Whether the first units are free and all others have one price: included units.
    fn includes(&self) -> bool {
        let [(_, free, _), (_, price, false)] = self.rates[..] else { return false };
        self.kind == Kind::Slab && free == 0 && price != 0
    }

    fn quantities(&self) -> impl Iterator<Item = i64> {
        let step = 10_i64.pow(self.decimals);
        let near = self.rates.iter().flat_map(move |(lower, ..)| {
            let at = lower * step;
            at - 2..=at + 2
        });
        near.filter(|steps| *steps > 0)
    }

    /// The product with its schedule, as a source reads it; the highest rate comes first.
    fn record(&self) -> String {
        let rate = |(at, (lower, price, flat)): (usize, &(i64, i64, bool))| {
            json!({ "Id": format!("0Mo{at}"), "LowerBound": lower, "UpperBound": self.upper(at),
                "Price": hundredths(*price), "PricingMethod": if *flat { "FlatFee" } else { "PerUnit" } })
        };
        let rates: Vec<Value> = self.rates.iter().enumerate().rev().map(rate).collect();
        let entry = json!({ "Id": "01u1", "Pricebook2Id": "01s1", "CurrencyIsoCode": "USD",
            "UnitPrice": 0, "IsActive": true, "Pricebook2": { "Id": "01s1", "Name": "Standard" } });
        let schedule = json!({ "Id": "0Mh1", "Name": "Meter", "IsActive": true, "BillingTerm": 1,
            "BillingTermUnit": "Month", "Type": if self.kind == Kind::Slab { "Slab" } else { "Range" },
            "UnitOfMeasure": if self.decimals == 0 { "Each" } else { "GB" },
            "CurrencyIsoCode": "USD", "ConsumptionRates": children(rates) });
        let link = json!({ "Id": "0Mq1", "ConsumptionScheduleId": "0Mh1",
            "ConsumptionSchedule": schedule });
        let product = json!({
            "Id": "01t1", "Name": "Meter", "ProductCode": null, "Description": null, "IsActive": true,
            "QuantityUnitOfMeasure": null, "SBQQ__ChargeType__c": "Usage",
            "SBQQ__BillingFrequency__c": null, "SBQQ__BillingType__c": null,
            "SBQQ__SubscriptionPricing__c": "Fixed Price", "SBQQ__PricingMethod__c": "List",
            "SBQQ__DefaultQuantity__c": 1, "SBQQ__QuantityEditable__c": true,
            "SBQQ__Taxable__c": false, "SBQQ__TaxCode__c": null, "SBQQ__DiscountSchedule__c": null,
            "SBQQ__DiscountSchedule__r": null, "SBQQ__BlockPrices__r": null,
            "PricebookEntries": children(vec![entry]),
            "ProductConsumptionSchedules": children(vec![link]),
        });
        product.to_string()
    }
}

/// Holds the law for one schedule.
fn hold(program: &Program, meter: &Meter) -> Result<(), String> {
    let charges = sent(program, &mut program.reader(), &meter.record())?;
    let [charge] = &charges[..] else { return Err("one charge was expected".into()) };
    let fits = match charge.model {
        Model::Overage(_) => meter.includes(),
        Model::Tiered => meter.kind == Kind::Slab && !meter.includes(),
        Model::Volume => meter.kind == Kind::Range,
    };
    if !fits {
        return Err(format!("{:?} was sent", charge.model));
    }
    let meaning = meter.meaning();
    for steps in meter.quantities() {
        let quantity = Decimal::new(steps, meter.decimals);
        let expected = cost(meter.kind, &meaning, steps, meter.decimals);
        let got = charge.cost("USD", quantity);
        if expected != got {
            let tiers = charge.tiers("USD");
            return Err(format!("{quantity} costs {expected:?}, {got:?} as sent: {tiers:?}"));
        }
    }
    Ok(())
}

#[test]
fn included_units_and_flat_fees_cost_what_cpq_asks() {
    let program = catalog();
    let ladders: [&[(i64, i64, bool)]; 6] = [
        &[(1, 0, false), (1_001, 2, false)],
        &[(0, 0, false), (1_000, 2, false)],
        &[(1, 0, true), (101, 500, false)],
        &[(1, 2_500, true), (51, 40, false), (501, 25, false)],
        &[(1, 6_000, true), (5_001, 11_000, true)],
        &[(1, 5, false)],
    ];
    for kind in [Kind::Slab, Kind::Range] {
        for decimals in [0, 2] {
            for rates in ladders {
                let meter = Meter { kind, decimals, rates: rates.to_vec() };
                hold(&program, &meter).unwrap_or_else(|e| panic!("{meter:?}\n{e}"));
            }
        }
    }
}

#[test]
fn any_schedule_costs_what_cpq_asks() {
    let program = catalog();
    let rates = prop::collection::vec((1_i64..500, 0_i64..1_000, any::<bool>()), 1..6);
    let kinds = prop::sample::select(vec![Kind::Slab, Kind::Range]);
    let decimals = prop::sample::select(vec![0, 2]);
    let config = ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() };
    proptest!(config, |(kind in kinds, decimals in decimals, first in 0_i64..=1, widths in rates)| {
        let mut rates = Vec::new();
        let mut lower = first;
        for (width, price, flat) in widths {
            rates.push((lower, price, flat));
            lower += width;
        }
        let held = hold(&program, &Meter { kind, decimals, rates });
        prop_assert!(held.is_ok(), "{}", held.unwrap_err());
    });
}
