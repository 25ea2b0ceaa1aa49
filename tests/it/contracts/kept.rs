//! What the emulated tenant keeps of the orders: charges with their segments.

use std::collections::BTreeMap;

use crosswalk::value::{Date, Decimal};
use serde_json::Value;

use super::{date, decimal};

/// The price of a charge on a day, as far as it is compared.
#[derive(Debug)]
pub struct Price {
    pub quantity: Option<Decimal>,
}

/// The latest versions of all subscriptions.
#[derive(Debug, Default)]
pub struct Kept {
    subscriptions: BTreeMap<String, Value>,
    charges: BTreeMap<String, Value>,
}

impl Kept {
    /// Reads the journal of the tenant: each line one request, later versions after earlier ones.
    pub fn read(journal: &str) -> Self {
        let mut kept = Self::default();
        for line in journal.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let changes = line["changes"].as_array().into_iter().flatten();
            for one in changes.filter_map(|change| change.get("subscription")) {
                let one = &one["value"];
                kept.subscriptions.insert(one["number"].as_str().unwrap().to_owned(), one.clone());
            }
        }
        for plan in kept.subscriptions.values().flat_map(|one| list(&one["plans"])) {
            for charge in list(&plan["charges"]) {
                kept.charges.insert(charge["number"].as_str().unwrap().to_owned(), charge.clone());
            }
        }
        kept
    }

    pub fn subscriptions(&self) -> usize {
        self.subscriptions.len()
    }

    pub fn has(&self, subscription: &str) -> bool {
        self.subscriptions.contains_key(subscription)
    }

    /// The price of a charge that is in force on a day.
    pub fn on(&self, number: &str, day: Date) -> Option<Price> {
        let charge = self.charges.get(number)?;
        if date(&charge["end"]).is_some_and(|end| end <= day) {
            return None;
        }
        let begun = |segment: &&Value| date(&segment["start"]).is_some_and(|start| start <= day);
        let segment = list(&charge["segments"]).iter().rfind(begun)?;
        Some(Price { quantity: decimal(&segment["price"]["quantity"]) })
    }

    /// The first day of a charge.
    pub fn start(&self, number: &str) -> Option<Date> {
        let charge = self.charges.get(number)?;
        list(&charge["segments"]).first().and_then(|first| date(&first["start"]))
    }

    /// The first day after the term of a subscription.
    pub fn end(&self, subscription: &str) -> Option<Date> {
        date(&self.subscriptions.get(subscription)?["term"]["end"])
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
