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
fn differences_stand_below_the_action_that_they_are_of() {
    let place = Place::shipped("test-grouped");
    let cases = "mappings/salesforce-cpq-to-zuora/cases";
    let path = format!("{cases}/contract-amend-mixed/expected.json");
    let expected = place.read(&path);
    let one = expected.replacen("\"quantity\": ", "\"quantity\": 1", 1).replacen("USD", "EUR", 1);
    place.write(&path, &one);
    let run = place.run(&["test", "contract-amend-mixed"]);
    assert_eq!(run.code, 1);
    assert_snapshot!("test_grouped", run.out);
    let mut none: Value = serde_json::from_str(&expected).unwrap();
    let record = none["records"][0].as_object_mut().unwrap();
    record.remove("actions").unwrap();
    record.insert("rejected".into(), serde_json::json!({"rule": "reject", "reason": "none"}));
    place.write(&path, &none.to_string());
    let run = place.run(&["test", "contract-amend-mixed"]);
    assert_snapshot!("test_whole_actions", run.out);
}

#[test]
fn what_is_wrong_with_a_mapping_is_told_once() {
    let place = place("test-once", Some(RIGHT));
    place.write("orders/cases/other/case.yaml", &format!("{CASE}currency: EUR\n"));
    place.write("orders/cases/third/case.yaml", &format!("{CASE}params: {{ a: 1 }}\n"));
    place.write("orders/orders.yaml", &ORDERS.replace("record.price", "record.prise"));
    let run = place.run(&["test", "orders"]);
    assert_eq!(run.code, 2);
    assert_eq!(run.out.matches("error[").count(), 1, "{}", run.out);
    assert!(run.out.contains("it stops 2 further cases: third, totals"), "{}", run.out);
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
    assert!(run.out.contains("there is no mapping `order`"), "{}", run.out);
    assert!(run.out.contains("`orders` is near to it"), "{}", run.out);
}

#[test]
fn a_name_that_the_org_does_not_have_makes_a_case_wrong() {
    let place = Place::shipped("test-names");
    let case = "mappings/salesforce-cpq-to-zuora/cases/block-prices";
    let products = place.read(&format!("{case}/source/Product2.ndjson"));
    let prices = place.read(&format!("{case}/source/SBQQ__BlockPrice__c.ndjson"));
    let misspelt = prices.replace("\"SBQQ__Price__c\"", "\"SBQQ__Prize__c\"");
    place.write(&format!("{case}/source/SBQQ__BlockPrice__c.ndjson"), &misspelt);
    place.write(&format!("{case}/source/Products.ndjson"), &products);
    place.write(
        &format!("{case}/source/Product2.ndjson"),
        &products.replacen('{', "{\"Own__c\": 1, \"attributes\": {}, ", 1),
    );
    let run = place.run(&["test", "block-prices"]);
    assert_eq!((run.code, run.err.as_str()), (2, ""));
    assert_snapshot!("test_names", run.out);
    place.write(&format!("{case}/source/SBQQ__BlockPrice__c.ndjson"), &prices);
    std::fs::remove_file(place.folder.join(format!("{case}/source/Products.ndjson"))).unwrap();
    let text = place.read(&format!("{case}/case.yaml"));
    let declared = "org: { fields: { Product2: { Own__c: { type: number } } } }\n";
    place.write(&format!("{case}/case.yaml"), &format!("{text}\n{declared}"));
    let run = place.run(&["test", "block-prices"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

#[test]
fn a_file_that_is_no_json_stops_its_case_alone() {
    let place = place("test-no-json", Some(RIGHT));
    for case in ["cut", "word", "expected", "none"] {
        place.write(&format!("orders/cases/{case}/case.yaml"), CASE);
        place.write(&format!("orders/cases/{case}/source/orders.ndjson"), RECORDS);
    }
    place.write("orders/cases/cut/source/orders.ndjson", "{\"id\":\"A1\"}\n{\"id\":\n");
    place.write("orders/cases/word/source/orders.ndjson", "\n  {\"id\": nothing}\n");
    place.write("orders/cases/expected/expected.json", "{\"records\": [\n  é]}\n");
    std::fs::remove_file(place.folder.join("orders/cases/none/source/orders.ndjson")).unwrap();
    let run = place.run(&["test", "orders"]);
    assert_eq!((run.code, run.err.as_str()), (2, ""));
    assert_snapshot!("test_no_json", run.out);
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
    let run = shipped.run(&["test", "quote"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("'quote*' names "), "{}", run.err);
    let of_prices = shipped.run(&["test", "block-pric*", "--format", "json"]);
    assert_eq!(of_prices.code, 0);
    assert!(of_prices.out.contains("\"case\":\"block-prices\""), "{}", of_prices.out);
}

/// A mapping of which a part is used by no case.
const SWITCHED: &str = "\
crosswalk: 1
name: orders
source: { system: file, object: orders, schema: orders.schema.json, key: id }
target: { system: file, object: invoices }
tables:
  size: { few: small, many: large }
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
    assert_eq!(named, ["size: many", "true", "invoices.note"]);
    assert_eq!((&unused[0]["line"], &unused[0]["column"]), (&6.into(), &23.into()));
    assert_eq!(all["results"]["as expected"], 1);
    // One case of several says nothing of what the others use.
    assert!(!place.run(&["test", "orders/cases/one"]).out.contains("no case uses"));
    let run = place.run(&["test", "orders/cases/one", "--complete"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("--complete needs all cases of a mapping"), "{}", run.err);
}

#[test]
fn junit_places_what_differs() {
    let wrong = RIGHT.replace("7.5", "7.50");
    let run = place("test-junit", Some(&wrong)).run(&["test", "orders", "--format", "junit"]);
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    assert_snapshot!("test_junit", run.out);
}

/// A reason that names a field which a record does not have, and a text that needs it.
const NAMING: &str = "\
crosswalk: 1
name: orders
source: { system: file, object: orders, schema: orders.schema.json, key: id }
target: { system: file, object: invoices }
reject:
  - { when: record.quantity == 0, reason: 'nothing of {{ record.price }} is ordered by {{ record.id }}' }
emit:
  number: $.id
  note: 'at {{ record.price }}'
";

#[test]
fn an_absent_value_fails_no_reason_and_is_named_by_a_text() {
    let place = orders("test-reasons", NAMING);
    place.write("orders/cases/one/case.yaml", CASE);
    let records = "{\"id\":\"A1\",\"quantity\":0}\n{\"id\":\"A2\",\"quantity\":1}\n";
    place.write("orders/cases/one/source/orders.ndjson", records);
    place.run(&["test", "orders", "--bless"]);
    let expected = place.read("orders/cases/one/expected.json");
    assert!(expected.contains("nothing of null is ordered by A1"), "{expected}");
    assert!(expected.contains("`price` is missing or null, and a text needs it"), "{expected}");
}
