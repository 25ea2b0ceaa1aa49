//! Mapping sets and environments: what is found, and what is said of what is wrong.

use insta::assert_snapshot;

use super::place::Place;

/// The parts of a mapping between files, so that a test shows only what it is about.
pub const ORDERS: &str = "\
crosswalk: 1
name: orders
source: { system: file, object: orders, schema: orders.schema.json, key: id }
target: { system: file, object: invoices }
emit:
  number: $.id
  total: { $calc: record.price * record.quantity }
";
pub const ORDERS_SCHEMA: &str = r#"{"type": "object", "additionalProperties": false,
  "required": ["id", "price", "quantity"],
  "properties": {"id": {"type": "string"}, "price": {"type": "number"}, "quantity": {"type": "integer"}}}"#;

pub fn orders(name: &str, mapping: &str) -> Place {
    let place = Place::empty(name);
    place.write("orders/orders.yaml", mapping);
    place.write("orders/orders.schema.json", ORDERS_SCHEMA);
    place
}

#[test]
fn the_shipped_set_has_no_finding() {
    let place = Place::shipped("clean");
    let run = place.run(&["check"]);
    assert_eq!((run.code, run.out.as_str()), (0, "checked 4 mappings in embedded: no error\n"));
    let example = "mappings/salesforce-cpq-to-zuora/environments/sandbox-org";
    let text = std::fs::read_to_string(place.folder.join(format!("{example}.example.yaml")));
    place.write(&format!("{example}.yaml"), &text.unwrap());
    let run = place.run(&["check", "--env", "sandbox-org"]);
    assert_eq!((run.code, run.out.as_str()), (0, "checked 4 mappings in sandbox-org: no error\n"));
}

#[test]
fn every_fault_of_a_mapping_is_drawn_at_its_place() {
    let mapping = ORDERS.replace("$.id", "$.idd").replace("record.quantity", "record.quantty");
    let place = orders("faults", &mapping);
    let run = place.run(&["check", "orders"]);
    assert_eq!((run.code, run.err.as_str()), (2, ""));
    assert_snapshot!("check_faults", run.out);
}

#[test]
fn findings_as_json_say_the_same() {
    let place = orders("json", &ORDERS.replace("$.id", "$.idd"));
    let run = place.run(&["check", "orders/orders.yaml", "--output", "json"]);
    let finding = run.only("crosswalk-finding/1");
    assert_eq!(run.code, 2);
    assert_eq!(finding["code"], "CW0201");
    assert_eq!((&finding["line"], &finding["column"]), (&6.into(), &13.into()));
    assert_eq!((&finding["end_line"], &finding["end_column"]), (&6.into(), &16.into()));
    assert_eq!(finding["file"], "orders/orders.yaml");
    assert_eq!(finding["fix"]["replacement"], "id");
    assert_eq!(run.only("crosswalk-check/1")["errors"], 1);
}

#[test]
fn every_fault_of_an_environment_is_drawn_at_its_place() {
    let place = orders("environment", ORDERS);
    let environment = "\
zuora:
  base_ur: https://rest.zuora.com
  client_id: abc
  client_secret: hunter2
salesforce:
  login_url: http://example.com
  client_id: { env: SF_ID }
  client_secret: { var: SF_SECRET }
currency: usd
tenant:
  units: [Each]
  default_currency: EUR
  currencies: [USD]
  custom_fields: { Product: { a__c: { type: txt } } }
file: { source: in, target: out, format: xml }
";
    place.write("orders/environments/wrong.yaml", environment);
    let run = place.run(&["check", "orders", "--env", "wrong"]);
    assert_eq!(run.code, 2);
    assert!(!run.out.contains("hunter2"), "a secret that stands in the file is not shown");
    assert_snapshot!("environment_faults", run.out);
}

#[test]
fn an_unknown_environment_is_answered_with_those_there_are() {
    let run = Place::shipped("unknown").run(&["check", "--env", "embeded"]);
    assert_eq!(run.code, 2);
    assert_eq!(
        run.err,
        "error: no mapping set below ./mappings has an environment `embeded`\n\
         help: `embedded` is near to it; there are embedded\n"
    );
}

#[test]
fn a_missing_variable_is_named_and_nothing_is_written() {
    let place = Place::shipped("variable");
    let environment = "\
salesforce: embedded
zuora:
  base_url: https://rest.zuora.invalid
  client_id: abc
  client_secret: { env: ZUORA_SECRET }
";
    place.write("mappings/salesforce-cpq-to-zuora/environments/real.yaml", environment);
    let run = place.run(&["run", "--env", "real"]);
    assert_eq!(run.code, 2);
    // Without tenant facts the custom fields are unknown too; that is said as well.
    assert!(run.err.contains("nothing was done"), "{}", run.err);
    let embedded = place.folder.join("mappings/salesforce-cpq-to-zuora/environments/embedded.yaml");
    let tenant = std::fs::read_to_string(embedded).unwrap();
    let tenant = &tenant[tenant.find("\norg:").unwrap()..];
    let environment = format!("{environment}{tenant}");
    place.write("mappings/salesforce-cpq-to-zuora/environments/real.yaml", &environment);
    let run = place.run(&["run", "--env", "real", "--output", "json"]);
    let finding = run.only("crosswalk-finding/1");
    assert_eq!(run.code, 2);
    assert_eq!(finding["message"], "the environment variable ZUORA_SECRET is not set");
    assert_eq!((&finding["line"], &finding["code"]), (&5.into(), &"CW0602".into()));
    assert!(!place.folder.join(".crosswalk").exists());
}

#[test]
fn of_several_sets_one_has_to_be_named() {
    let place = Place::empty("several");
    assert!(place.run(&["check"]).err.contains("there is no mapping set below ./mappings"));
    place.write("mappings/a/a.yaml", ORDERS);
    place.write("mappings/b/b.yaml", ORDERS);
    let run = place.run(&["plan"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("name one of mappings/a, mappings/b"), "{}", run.err);
}
