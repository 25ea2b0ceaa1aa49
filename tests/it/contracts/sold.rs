//! What was sold: subscription rows of an org, read as CPQ documents them.

use std::{collections::BTreeMap, path::PathBuf};

use crosswalk::value::{Date, Decimal};
use serde_json::Value;

use super::{date, decimal};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargeType {
    OneTime,
    Recurring,
    Usage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    Flat,
    Unit,
    Tiers,
}

/// A subscription row.
#[derive(Clone, Debug)]
pub struct Row {
    pub name: String,
    pub starts: Date,
    pub quantity: Decimal,
    pub net: Decimal,
    /// The months that the net price is for; one for what is charged once.
    pub months: Decimal,
    pub renewal_price: Option<Decimal>,
    pub is_segment: bool,
    is_slab: bool,
    revises: bool,
}

impl Row {
    /// Slab rows hold the price of the whole line.
    pub fn effective(&self) -> Decimal {
        if self.is_slab { Decimal::ONE } else { self.quantity }
    }
}

/// All rows about one thing that was sold.
#[derive(Debug)]
pub struct Line {
    pub contract: String,
    pub rows: Vec<Row>,
    pub charge_type: ChargeType,
    pub model: Model,
    pub term: Decimal,
    pub is_percent_of_total: bool,
}

impl Line {
    /// The days on which it changes.
    pub fn days(&self) -> Vec<Date> {
        let mut days: Vec<Date> = self.rows.iter().map(|row| row.starts).collect();
        days.dedup();
        days
    }

    /// The rows that are in force on a day.
    pub fn until(&self, day: Date) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.starts <= day)
    }

    /// The numbers that its charges may have: that of each row.
    pub fn numbers(&self) -> impl Iterator<Item = String> {
        self.rows.iter().map(|row| format!("{}-{}", self.contract, row.name))
    }

    pub fn name(&self) -> String {
        let names: Vec<&str> = self.rows.iter().map(|row| row.name.as_str()).collect();
        format!("{} {}", self.contract, names.join(" "))
    }

    /// Whether the price of a row is that of its line but for the cents that CPQ rounded it to.
    pub fn is_rounded_delta(&self, row: &Row) -> bool {
        let first = &self.rows[0];
        let exact = first.net * row.months / first.months;
        row.revises && (exact - row.net).abs() <= Decimal::new(5, 3)
    }
}

/// The records of an org.
pub struct Org {
    pub folder: PathBuf,
    products: BTreeMap<String, Value>,
    schedules: Vec<String>,
    contracts: BTreeMap<String, Value>,
    rows: Vec<Value>,
}

impl Org {
    pub fn read(folder: PathBuf) -> Self {
        let records = |object: &str| -> Vec<Value> {
            let text = std::fs::read_to_string(folder.join(format!("{object}.ndjson"))).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let by_id = |object: &str| {
            let records = records(object).into_iter();
            records.map(|record| (text(&record, "Id"), record)).collect()
        };
        let tiers = records("SBQQ__DiscountTier__c");
        Self {
            products: by_id("Product2"),
            schedules: tiers.iter().map(|tier| text(tier, "SBQQ__Schedule__c")).collect(),
            contracts: by_id("Contract"),
            rows: records("SBQQ__Subscription__c"),
            folder,
        }
    }

    /// What was sold, by contract and line.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines: BTreeMap<(String, String), Vec<&Value>> = BTreeMap::new();
        for row in &self.rows {
            let contract = &self.contracts[&text(row, "SBQQ__Contract__c")];
            let key = match (
                row["SBQQ__SegmentKey__c"].as_str(),
                row["SBQQ__RevisedSubscription__c"].as_str(),
            ) {
                (Some(segment), _) => format!("{segment} {}", text(row, "SBQQ__Product__c")),
                (None, Some(revised)) => revised.to_owned(),
                (None, None) => text(row, "Id"),
            };
            lines.entry((text(contract, "ContractNumber"), key)).or_default().push(row);
        }
        lines.into_iter().map(|((contract, _), rows)| self.line(contract, rows)).collect()
    }

    fn line(&self, contract: String, mut rows: Vec<&Value>) -> Line {
        rows.sort_by_key(|row| {
            let revises = !row["SBQQ__RevisedSubscription__c"].is_null();
            (text(row, "SBQQ__SubscriptionStartDate__c"), revises, text(row, "Id"))
        });
        let product = &self.products[&text(rows[0], "SBQQ__Product__c")];
        let charge_type = match product["SBQQ__ChargeType__c"].as_str() {
            Some("One-Time") => ChargeType::OneTime,
            Some("Usage") => ChargeType::Usage,
            _ => ChargeType::Recurring,
        };
        let term = decimal(&product["SBQQ__SubscriptionTerm__c"]).unwrap_or(Decimal::from(12));
        let row = |row: &&Value| Row {
            name: text(row, "Name"),
            starts: date(&row["SBQQ__SubscriptionStartDate__c"]).unwrap(),
            quantity: decimal(&row["SBQQ__Quantity__c"]).unwrap(),
            net: decimal(&row["SBQQ__NetPrice__c"]).unwrap(),
            months: match charge_type {
                ChargeType::OneTime => Decimal::ONE,
                _ => (decimal(&row["SBQQ__ProrateMultiplier__c"]).unwrap() * term).round_dp(9),
            },
            renewal_price: decimal(&row["SBQQ__RenewalPrice__c"]),
            is_segment: !row["SBQQ__SegmentKey__c"].is_null(),
            is_slab: row["SBQQ__DiscountScheduleType__c"] == "Slab",
            revises: !row["SBQQ__RevisedSubscription__c"].is_null(),
        };
        let is_percent_of_total = product["SBQQ__SubscriptionPricing__c"] == "Percent Of Total";
        Line {
            contract,
            rows: rows.iter().map(row).collect(),
            charge_type,
            model: self.model(product, is_percent_of_total),
            term,
            is_percent_of_total,
        }
    }

    /// A product with tiers has tiers; one of which CPQ always sells exactly one is a flat fee.
    fn model(&self, product: &Value, is_percent_of_total: bool) -> Model {
        let schedule = product["SBQQ__DiscountSchedule__c"].as_str();
        if schedule.is_some_and(|id| self.schedules.iter().any(|known| known == id)) {
            return Model::Tiers;
        }
        let one = decimal(&product["SBQQ__DefaultQuantity__c"]).is_none_or(|it| it == Decimal::ONE);
        let is_single = product["SBQQ__QuantityEditable__c"] != true && one;
        if is_single && !is_percent_of_total { Model::Flat } else { Model::Unit }
    }
}

fn text(record: &Value, field: &str) -> String {
    record[field].as_str().unwrap_or_default().to_owned()
}
