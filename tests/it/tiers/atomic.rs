//! Prices that CPQ itself has calculated: subscriptions of a real org with a discount schedule.

use std::{collections::BTreeMap, path::Path};

use crosswalk::{
    connector::{
        Source,
        file::{Folder, Format},
    },
    program::Program,
    value::{Decimal, parse_decimal},
};
use serde_json::Value;

use super::{
    catalog,
    sent::{Sent, sent},
};
use crate::cases::shared;

/// The rows that match CPQ's own stored price and whose schedule is the product's.
const ROWS: usize = 190;

/// A subscription: its product and its currency.
struct Sold {
    product: String,
    currency: String,
}

/// The records of a file by their Id.
fn by_id(folder: &Path, object: &str) -> BTreeMap<String, Value> {
    let text = std::fs::read_to_string(folder.join(format!("{object}.ndjson"))).expect("a file");
    let records = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    records.map(|record| (text_of(&record, "Id"), record)).collect()
}

fn text_of(record: &Value, field: &str) -> String {
    record[field].as_str().unwrap_or_default().to_owned()
}

/// What is sent for the products that the rows are about.
fn sent_by_product(program: &Program, folder: &Path, only: Vec<String>) -> BTreeMap<String, Sent> {
    let source = Folder::open(folder, Format::Ndjson).expect("a folder");
    let mut query = program.head.query.clone();
    query.only = Some(only);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let page = runtime.block_on(source.read(&query, None)).expect("a page");
    assert!(page.next.is_none(), "all products fit on one page");
    let mut reader = program.reader();
    page.records
        .iter()
        .map(|record| {
            let id = program.identify(&mut reader, record).0;
            let mut charges = sent(program, &mut reader, record.text()).expect("it is mapped");
            assert_eq!(charges.len(), 1, "{id} has one price book");
            (id, charges.remove(0))
        })
        .collect()
}

/// The unit price of a product in a currency.
fn unit_price(entries: &BTreeMap<String, Value>, sold: &Sold) -> Decimal {
    let of_product = entries.values().filter(|entry| {
        text_of(entry, "Product2Id") == sold.product
            && text_of(entry, "CurrencyIsoCode") == sold.currency
    });
    let prices: Vec<_> = of_product.map(|entry| entry["UnitPrice"].to_string()).collect();
    assert_eq!(prices.len(), 1, "{} has one price in {}", sold.product, sold.currency);
    parse_decimal(&prices[0]).expect("a price")
}

/// What the quantity adds to what was there before, in the price list of the subscription.
fn expected_price(
    sent: &Sent,
    row: &csv::StringRecord,
    sold: &Sold,
    unit_price: Decimal,
) -> Decimal {
    let number = |column: usize| parse_decimal(&row[column]).expect("a number");
    let (prior, quantity, list_price) = (number(4), number(5), number(6));
    let cumulative = |quantity: Decimal| match quantity.is_zero() {
        true => Decimal::ZERO,
        false => sent.cost(&sold.currency, quantity).expect("a tier holds it"),
    };
    (cumulative(prior + quantity) - cumulative(prior)) * list_price / unit_price
}

#[test]
fn tiers_of_a_real_org_give_the_prices_that_cpq_has_stored() {
    let Some(folder) = shared("cpq/atomic") else { return };
    let program = catalog();
    let products = by_id(&folder, "Product2");
    let entries = by_id(&folder, "PricebookEntry");
    let subscriptions = by_id(&folder, "SBQQ__Subscription__c");
    let mut csv = csv::Reader::from_path(folder.join("tier-pricing-cases.csv")).expect("the cases");
    let titles = csv.headers().expect("titles").clone();
    assert_eq!(
        titles.iter().collect::<Vec<_>>()[3..10],
        [
            "type",
            "prior_quantity",
            "quantity",
            "unit_list_price",
            "observed_regular_price",
            "half_open_prediction",
            "match"
        ]
    );
    let rows = csv.records().map(|row| row.expect("a row")).filter(|row| &row[9] == "True");
    let rows: Vec<_> = rows
        .map(|row| {
            let subscription = &subscriptions[&row[11]];
            let product = text_of(subscription, "SBQQ__Product__c");
            (row, Sold { product, currency: text_of(subscription, "CurrencyIsoCode") })
        })
        .filter(|(row, sold)| {
            text_of(&products[&sold.product], "SBQQ__DiscountSchedule__c") == row[12]
        })
        .collect();
    let only = rows.iter().map(|(_, sold)| sold.product.clone()).collect();
    let sent = sent_by_product(&program, &folder, only);
    let mut faults = Vec::new();
    for (row, sold) in &rows {
        let sent = &sent[&sold.product];
        let got = expected_price(sent, row, sold, unit_price(&entries, sold)).round_dp(2);
        let observed = parse_decimal(&row[7]).expect("a price").round_dp(2);
        if got != observed {
            faults.push(format!("{}: {} of CPQ, {got} as sent", &row[0], observed));
        }
    }
    println!("{} rows, {} of them as CPQ has priced them", rows.len(), rows.len() - faults.len());
    assert_eq!(rows.len(), ROWS);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
