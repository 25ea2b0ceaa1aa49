//! `crosswalk explain RECORD`: the chain of a value, of a case, of what was sent, and of a plan.

use insta::assert_snapshot;
use serde_json::Value;

use super::place::Place;

const CASE: &str = "mappings/salesforce-cpq-to-zuora/cases/block-prices";
const RECORD: &str = "01t000000000001AAA";
const MAPPING: &str = "mappings/salesforce-cpq-to-zuora/product-catalog.yaml";

#[test]
fn a_value_of_a_case_is_told_from_its_source_to_what_is_sent() {
    let place = Place::shipped("explain-case");
    let run = place.run(&["explain", RECORD, "BillingPeriod", "--case", CASE]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_snapshot!("explain_billing_period", without_lines(&run.out));
    // By its name, in the case by its name; a tier is made of its row.
    let run = place.run(&["explain", "Site Licence", "EndingUnit", "--case", "block-prices"]);
    assert_eq!(run.code, 0);
    assert_snapshot!("explain_ending_unit", without_lines(&run.out));
}

#[test]
fn the_whole_of_a_record_is_a_line_per_value() {
    let place = Place::shipped("explain-all");
    let run = place.run(&["explain", RECORD, "--case", CASE]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let line = |of: &str| run.out.lines().filter(|line| line.contains(of)).count();
    assert_eq!(line("UOM: \"Each\" ← Product2.QuantityUnitOfMeasure"), 1, "{}", run.out);
    assert_eq!(line("ActiveCurrencies[1]: \"EUR\" ← PricebookEntry.CurrencyIsoCode"), 1);
    assert_eq!(line("sfdcPricebookID__c: \"01s000000000001AAA\" ← PricebookEntry.Pricebook2Id"), 2);
}

#[test]
fn a_program_reads_the_same() {
    let place = Place::shipped("explain-json");
    let run = place.run(&[
        "explain",
        RECORD,
        "ProductRatePlanCharge.UOM",
        "--case",
        CASE,
        "--output",
        "json",
    ]);
    let line: Value = serde_json::from_str(run.out.trim()).expect("one JSON line");
    let value = &line["values"][0];
    assert_eq!(line["format"], "crosswalk-explain/1");
    assert_eq!((&value["path"], &value["sent"]), (&"UOM".into(), &"\"Each\"".into()));
    assert_eq!(value["reads"][0]["field"], "QuantityUnitOfMeasure");
    assert_eq!(value["reads"][0]["value"], "null");
    assert_eq!(value["place"]["file"], MAPPING);
}

#[test]
fn a_block_and_a_figure_are_named_as_a_field_is() {
    let place = Place::shipped("explain-blocks");
    let explain = |field: &str| {
        let case = ["--case", "contract-amend-mixed"];
        place.run(&[&["explain", "800GC0000000001YAA", field], &case[..]].concat())
    };
    for block in ["pricing", "orderActions", "subscriptions[].orderActions[0].updateProduct"] {
        let run = explain(block);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{block}");
        assert!(run.out.contains("recurringPerUnit.quantity"), "{block}: {}", run.out);
    }
    assert!(!explain("pricing").out.contains("triggerDate"), "only what lies in it");
    // What a preview is held against is no field, and has its chain too.
    let run = explain("mrr");
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("expect mrr") && run.out.contains("of a preview"), "{}", run.out);
    assert!(run.out.contains("read    SBQQ__Subscription__c."), "{}", run.out);
    // A value that is written back is named by its field.
    assert_eq!(explain("ZuoraOrderNumber__c").code, 2, "it is known only after the order");
    let run = explain("orderActions[0].updateProdukt");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("is near to it"), "{}", run.err);
    let run = explain("prcing");
    assert!(run.err.contains("`pricing` is near to it"), "{}", run.err);
}

#[test]
fn what_is_not_there_is_said() {
    let place = Place::shipped("explain-missing");
    let run = place.run(&["explain", RECORD, "BilingPeriod", "--case", CASE]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("`BillingPeriod` is near to it"), "{}", run.err);
    let run = place.run(&["explain", "01tX", "--case", CASE]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("there is no record `01tX`"), "{}", run.err);
    assert_eq!(place.run(&["explain", "CW0401"]).code, 0);
}

#[test]
fn what_became_of_it_is_told_of_a_plan_and_of_a_run() {
    let place = Place::shipped("explain-run");
    let data = format!("{CASE}/source");
    let explain = |more: &[&str]| {
        let common = ["explain", RECORD, "BillingPeriod", "--set", MAPPING, "--data", &data];
        let run = place.run(&[&common, more].concat());
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
        let said = run.out.lines().find_map(|line| line.trim_start().strip_prefix("answer "));
        said.expect(&run.out).to_owned()
    };
    assert_eq!(explain(&[]), "not sent yet");
    let plan = place.run(&["plan", MAPPING, "--data", &data, "--out", "the.plan"]);
    assert_eq!(plan.code, 0, "{}", plan.err);
    let said = explain(&["--plan", "the.plan"]);
    assert!(said.starts_with("planned: create, "), "{said}");
    assert_eq!(place.run(&["apply", "the.plan", "--data", &data]).code, 0);
    let said = explain(&[]);
    assert!(said.starts_with("in the target, as of settlement 1, id "), "{said}");
}

/// Lines of the shipped mapping move when it is edited, and are no concern here.
fn without_lines(out: &str) -> String {
    let mut text = String::new();
    let mut rest = out;
    while let Some(at) = rest.find(".yaml:") {
        let (before, after) = rest.split_at(at + ".yaml".len());
        text.push_str(before);
        rest = after.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit());
    }
    text + rest
}
