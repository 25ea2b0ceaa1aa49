//! The built-in sales hold together: what CPQ's rules make of catalogue, dates and quantities is
//! what the records say, orders and contracts tell the same story, and no reference leads nowhere.

mod links;
mod prices;

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

use super::builtin_records;

/// All records: object, then Id.
struct Org(BTreeMap<String, BTreeMap<String, Value>>);

impl Org {
    fn load() -> Self {
        let by_id = |text: &str| {
            let records = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            records.map(|record| (text_of(&record, "Id").unwrap(), record)).collect()
        };
        Self(builtin_records().into_iter().map(|(name, text)| (name, by_id(&text))).collect())
    }

    fn all(&self, object: &str) -> impl Iterator<Item = &Value> {
        self.0[object].values()
    }

    fn get(&self, object: &str, id: &str) -> &Value {
        &self.0[object][id]
    }

    /// The record that a reference leads to.
    fn follow<'a>(&'a self, record: &Value, field: &str, object: &str) -> Option<&'a Value> {
        Some(self.get(object, &text_of(record, field)?))
    }

    /// The contract of a subscription line, and its product.
    fn home<'a>(&'a self, line: &Value) -> (&'a Value, &'a Value) {
        let contract = self.follow(line, "SBQQ__Contract__c", "Contract").unwrap();
        (contract, self.follow(line, "SBQQ__Product__c", "Product2").unwrap())
    }

    /// The lines of a contract, oldest first.
    fn lines<'a>(&'a self, contract: &'a Value) -> impl Iterator<Item = &'a Value> {
        self.all("SBQQ__Subscription__c").filter(|line| line["SBQQ__Contract__c"] == contract["Id"])
    }
}

fn text_of(record: &Value, field: &str) -> Option<String> {
    record[field].as_str().map(str::to_owned)
}

fn number(record: &Value, field: &str) -> Option<Decimal> {
    match &record[field] {
        Value::Null => None,
        value => Some(value.to_string().parse().unwrap_or_else(|_| panic!("{field}: {value}"))),
    }
}

fn date(record: &Value, field: &str) -> Option<Date> {
    record[field].as_str().map(|text| text.parse().unwrap())
}

fn flag(record: &Value, field: &str) -> bool {
    record[field] == Value::Bool(true)
}

/// Rounded to what the currency has, half away from zero as CPQ does.
fn money(amount: Decimal, currency: &str) -> Decimal {
    let decimals = if currency == "JPY" { 0 } else { 2 };
    amount.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

/// Months of a span whose last day is covered: whole months, then days as twelfths of a year of
/// 365 days. This is CPQ's proration "Monthly + Daily".
fn months(first: Date, last: Date) -> Decimal {
    let end = last.checked_add(1.day()).unwrap();
    let after = |months: i64| first.checked_add(months.months()).unwrap();
    let whole = (0_i64..).take_while(|count| after(*count) <= end).last().unwrap();
    let days = (end - after(whole)).get_days();
    Decimal::from(whole) + Decimal::from(days) * Decimal::from(12) / Decimal::from(365)
}
