//! What is drafted is taken: generated sales run on the embedded services, which are written from
//! the documentation of the real ones. An order that is refused there should have been rejected.

use std::collections::BTreeMap;

use crosswalk::compile::Param;
use serde_json::Value;

use super::{contracts, orders, products::Product, quotes, random, records::Org, sales};
use crate::{
    cases::{Setting, cpq_to_zuora, program},
    cli::place::Place,
    requests::orders::Published,
};

/// How many sales are run, each with what changed of it and what renewed it.
const SALES: usize = 100;

/// Writes the rows of an org as the folder that `--data` names.
fn write(org: &Org, place: &Place) {
    for (object, rows) in org.rows() {
        let lines: Vec<String> = rows.map(|row| Value::Object(row.clone()).to_string()).collect();
        place.write(&format!("org/{object}.ndjson"), &(lines.join("\n") + "\n"));
    }
}

/// What a run says of one mapping.
fn report(reports: &[Value], mapping: &str) -> Value {
    let mut found = reports.iter().map(|run| &run["report"]).filter(|it| it["mapping"] == mapping);
    found.next().unwrap_or_else(|| panic!("no report of {mapping}")).clone()
}

/// What was held back or refused, by what is said of it but for numbers, with one of the records.
fn left(report: &Value) -> BTreeMap<String, (usize, String)> {
    let mut all = BTreeMap::new();
    for one in report["failures"].as_array().unwrap() {
        let (fate, code, said) = (&one["fate"], &one["code"], one["said"].as_str().unwrap());
        let words = said.split(' ').filter(|word| !word.contains(|it: char| it.is_ascii_digit()));
        let said = format!("{fate} {code} {}", words.collect::<Vec<_>>().join(" "));
        let entry = all.entry(said).or_insert((0, one["record"].to_string()));
        entry.0 += 1;
    }
    all
}

/// Runs a set of mappings on an org of its own; `make` sells something once.
fn taken(set: &str, mapping: &str, setting: &Setting, make: impl Fn(&mut Org, &[Product])) {
    let tax = ("default_tax_code".to_owned(), Param::Text("SERVICES".into()));
    let catalog = Setting { params: BTreeMap::from([tax]), ..setting.clone() };
    let own = cpq_to_zuora().with_file_name(set);
    let programs = [
        program(&cpq_to_zuora(), "product-catalog", &catalog),
        program(&cpq_to_zuora(), "account", &contracts::settings()[0]),
        program(&own, mapping, setting),
    ];
    let queries: Vec<_> = programs.iter().map(|program| &program.head.query).collect();
    let mut schemas = contracts::settings()[0].catalog();
    setting.org.lay_over(&mut schemas);
    let mut org = Org::of(&queries, schemas, random(mapping));
    let products = sales::products(&mut org);
    (0..super::records(SALES)).for_each(|_| make(&mut org, &products));
    let place = Place::shipped(mapping);
    place.also_shipped(set);
    write(&org, &place);
    let set = format!("mappings/{set}");
    let run = place.run(&[
        "run",
        &set,
        "--data",
        "org",
        "--state",
        "state",
        "--request-log",
        "log.ndjson",
        "--output",
        "json",
    ]);
    let reports = run.all("crosswalk-run/1");
    assert!(!reports.is_empty(), "{}{}", run.out, run.err);
    for mapping in ["product-catalog", "account", mapping] {
        let report = report(&reports, mapping);
        println!("{mapping}: {} {}", report["fates"], report["actions"]);
        for one in report["rejected"].as_array().unwrap() {
            println!("  rejected: {one}");
        }
        for (said, (count, record)) in left(&report) {
            println!("  {count} {said} ({record})");
        }
    }
    let (orders, faults) = Published::open().faults_of_log(&place.read("log.ndjson"));
    println!("{orders} orders, {} faults", faults.len());
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    assert!(2 * orders > super::records(SALES), "only {orders} orders were sent or previewed");
}

#[test]
fn orders_of_contracts_are_taken() {
    let [setting, _] = contracts::settings();
    let make = |org: &mut Org, products: &[Product]| drop(contracts::contracts(org, products));
    taken("salesforce-cpq-to-zuora", "contract-subscription", &setting, make);
}

#[test]
fn orders_of_orders_are_taken() {
    let [setting, _] = orders::settings();
    let make = |org: &mut Org, products: &[Product]| drop(orders::ordered(org, products));
    taken("salesforce-orders-to-zuora", "order-subscription", &setting, make);
}

#[test]
fn previews_of_quotes_are_taken() {
    let [setting, _] = contracts::settings();
    let make = |org: &mut Org, products: &[Product]| drop(quotes::quotes(org, products));
    taken("salesforce-cpq-to-zuora", "quote-preview", &setting, make);
}
