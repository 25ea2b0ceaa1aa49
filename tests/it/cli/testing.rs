//! `crosswalk test`: what is shown of cases, what is written, and how it ends.

use insta::assert_snapshot;
use serde_json::Value;

use super::{
    place::Place,
    sets::{ORDERS, orders},
};

const CASE: &str = "doc: a price is multiplied\nmapping: orders\nas_of: 2026-01-15\n";
const RECORDS: &str =
    "{\"id\":\"A1\",\"price\":2.50,\"quantity\":3}\n{\"id\":\"A2\",\"price\":1,\"quantity\":0}\n";

/// A set with one case, `expected.json` as given.
fn place(name: &str, expected: Option<&str>) -> Place {
    let place = orders(name, ORDERS);
    place.write("orders/cases/totals/case.yaml", CASE);
    place.write("orders/cases/totals/source/orders.ndjson", RECORDS);
    if let Some(expected) = expected {
        place.write("orders/cases/totals/expected.json", expected);
    }
    place
}

const RIGHT: &str = r#"{"records":[{"record":"A1","document":{"number":"A1","total":7.5}},
 {"record":"A2","document":{"number":"A2","total":0}}]}"#;

#[test]
fn a_case_that_comes_out_as_expected_is_counted() {
    let run = place("test-right", Some(RIGHT)).run(&["test", "orders"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_snapshot!("test_right", run.out);
}

#[test]
fn a_difference_is_shown_by_field() {
    let wrong = RIGHT.replace("7.5", "7.50").replace("\"number\":\"A2\",", "");
    let place = place("test-differs", Some(&wrong));
    let run = place.run(&["test", "orders"]);
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    assert_snapshot!("test_differs", run.out);
    let coloured = place.run(&["test", "orders", "--color", "always"]);
    assert!(coloured.out.contains("\u{1b}[31m7.50\u{1b}[0m → \u{1b}[32m7.5\u{1b}[0m"));
}

#[test]
fn a_case_may_name_only_what_matters() {
    let part = r#"{"records":[{"record":"A1","document":{"total":7.5}},{"record":"A2"}]}"#;
    let place = place("test-contains", Some(part));
    assert_eq!(place.run(&["test", "orders"]).code, 1);
    place.write("orders/cases/totals/case.yaml", &format!("{CASE}match: contains\n"));
    assert_eq!(place.run(&["test", "orders"]).code, 0);
    let wrong = part.replace("7.5", "8");
    place.write("orders/cases/totals/expected.json", &wrong);
    // Written anew it would name everything.
    assert_eq!(place.run(&["test", "orders", "--bless"]).code, 1);
    assert_eq!(place.read("orders/cases/totals/expected.json"), wrong);
}

#[test]
fn what_comes_out_is_written_when_it_is_blessed() {
    let place = place("test-bless", None);
    let run = place.run(&["test", "orders/cases/totals"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("nothing is expected yet"), "{}", run.out);
    assert_eq!(place.run(&["test", "orders/cases/totals", "--bless"]).code, 0);
    assert_snapshot!("test_blessed", place.read("orders/cases/totals/expected.json"));
    assert_eq!(place.run(&["test", "orders"]).code, 0);
}

#[test]
fn a_wrong_case_and_a_wrong_mapping_are_drawn() {
    let place = place("test-wrong", Some(RIGHT));
    place.write("orders/cases/totals/case.yaml", &CASE.replace("as_of", "as_off"));
    let run = place.run(&["test", "orders"]);
    assert_eq!(run.code, 2);
    assert!(run.out.contains("a case has no key `as_off`"), "{}", run.out);
    place.write("orders/cases/totals/case.yaml", &CASE.replace("2026-01-15", "tomorrow"));
    assert_eq!(place.run(&["test", "orders"]).code, 2);
    place.write("orders/cases/totals/case.yaml", CASE);
    place.write("orders/orders.yaml", &ORDERS.replace("record.price", "record.prise"));
    let run = place.run(&["test", "orders"]);
    assert_eq!(run.code, 2);
    assert!(run.out.contains("orders.yaml:7"), "{}", run.out);
    place.write("orders/orders.yaml", ORDERS);
    place
        .write("orders/cases/totals/case.yaml", &CASE.replace("mapping: orders", "mapping: order"));
    let run = place.run(&["test", "orders"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("there is no mapping `order`"), "{}", run.err);
}

#[test]
fn what_is_named_is_found_or_said_to_be_missing() {
    let place = place("test-find", Some(RIGHT));
    for what in ["orders", "orders/orders.yaml", "orders/cases", "orders/cases/totals"] {
        assert_eq!(place.run(&["test", what]).code, 0, "{what}");
    }
    let run = place.run(&["test"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("there is no case"), "{}", run.err);
    let shipped = Place::shipped("test-named");
    assert_eq!(shipped.run(&["test", "block-prices"]).code, 0);
    let run = shipped.run(&["test", "block-price"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("`block-prices` is near to it"), "{}", run.err);
}

/// A mapping of which a part is used by no case.
const SWITCHED: &str = "\
crosswalk: 1
name: orders
source: { system: file, object: orders, schema: orders.schema.json, key: id }
target: { system: file, object: invoices }
tables:
  size: { few: small, many: large, $other: { $reject: 'no such size' } }
skip:
  - { when: record.quantity == 0, reason: nothing is ordered }
emit:
  number: $.id
  size: { $calc: size('few' if record.quantity < 10 else 'many') }
  note:
    $switch: record.quantity == 1
    $cases: { true: single, false: several }
";

#[test]
fn what_no_case_uses_is_named() {
    let place = orders("test-coverage", SWITCHED);
    place.write("orders/cases/one/case.yaml", CASE);
    place.write("orders/cases/one/source/orders.ndjson", RECORDS);
    assert_eq!(place.run(&["test", "orders", "--bless"]).code, 0);
    let run = place.run(&["test", "orders"]);
    assert_eq!(run.code, 0);
    assert_snapshot!("test_coverage", run.out);
    assert_eq!(place.run(&["test", "orders", "--complete"]).code, 1);
    let run = place.run(&["test", "orders", "--format", "json"]);
    let lines: Vec<Value> =
        run.out.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect();
    let [case, coverage, all] = lines.as_slice() else { panic!("{}", run.out) };
    assert_eq!(
        (&case["format"], &case["result"]),
        (&"crosswalk-test/1".into(), &"as expected".into())
    );
    let unused = coverage["unused"].as_array().expect("a list");
    let named: Vec<&str> = unused.iter().filter_map(|part| part["name"].as_str()).collect();
    assert_eq!(named, ["size: many", "size: $other", "true"]);
    assert_eq!((&unused[0]["line"], &unused[0]["column"]), (&6.into(), &23.into()));
    assert_eq!(all["results"]["as expected"], 1);
    // One case of several says nothing of what the others use.
    assert!(!place.run(&["test", "orders/cases/one"]).out.contains("no case uses"));
}

#[test]
fn junit_places_what_differs() {
    let wrong = RIGHT.replace("7.5", "7.50");
    let run = place("test-junit", Some(&wrong)).run(&["test", "orders", "--format", "junit"]);
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    assert_snapshot!("test_junit", run.out);
}
