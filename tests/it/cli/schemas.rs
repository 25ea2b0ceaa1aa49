//! `crosswalk schema`: what is pinned, and what has changed since, as far as the mappings use it.

mod refused;
mod tenant;

use serde_json::{Value, json};

use super::place::{Place, Run};

const MAPPING: &str = "\
crosswalk: 1
name: products
source: { system: salesforce, object: Product2 }
target: { system: zuora }
tables:
  type: { One-Time: OneTime, Recurring: Recurring, Usage: Usage }
resources:
  product:
    object: Product
    key: { sfdcId__c: $.Id }
    fields:
      Name: { $from: $.Name, $truncate: 100 }
      Description: { $from: $.Description, $truncate: 500 }
      Category: { $from: $.SBQQ__ChargeType__c, $map: type, $when: record.IsActive }
      EffectiveStartDate: 2000-01-01
      EffectiveEndDate: 2099-12-31
";
const ENVIRONMENT: &str = "\
salesforce: embedded
zuora: embedded
schemas: pinned
currency: USD
tenant:
  custom_fields:
    Product: { sfdcId__c: { type: text } }
";
const PRODUCT2: &str = "set/pinned/salesforce/Product2.json";
const PRODUCT: &str = "set/pinned/zuora/Product.json";

/// The mapping without its map, and without the field that takes it.
fn without_table() -> String {
    let of_table = |line: &&str| {
        !["tables:", "  type:", "      Category:"].iter().any(|start| line.starts_with(start))
    };
    MAPPING.lines().filter(of_table).map(|line| format!("{line}\n")).collect()
}

/// A set whose environment names the schemas that were just pulled.
fn pulled(name: &str) -> Place {
    let place = Place::empty(name);
    place.write("set/products.yaml", &without_table());
    place.write("set/environments/embedded.yaml", ENVIRONMENT);
    let run = place.run(&["schema", "pull", "set"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert!(run.out.contains("objects written to set/pinned"), "{}", run.out);
    place
}

/// Changes a pinned file.
fn edited(place: &Place, path: &str, edit: impl FnOnce(&mut Value)) {
    let text = std::fs::read_to_string(place.folder.join(path)).unwrap();
    let mut pinned: Value = serde_json::from_str(&text).unwrap();
    edit(&mut pinned);
    place.write(path, &pinned.to_string());
}

fn field<'v>(pinned: &'v mut Value, name: &str) -> &'v mut Value {
    let fields = pinned["fields"].as_array_mut().unwrap();
    fields.iter_mut().find(|field| field["name"] == name).unwrap()
}

fn diff(place: &Place) -> Run {
    place.run(&["schema", "diff", "set", "--output", "json"])
}

/// The only difference: field, whether it breaks, and the codes of what `check` would find.
fn difference(run: &Run) -> (String, bool, Vec<String>) {
    let found = run.only("crosswalk-schema-difference/1");
    let codes = found["findings"].as_array().unwrap().iter();
    let codes = codes.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect();
    let field =
        format!("{}.{}", found["object"].as_str().unwrap(), found["field"].as_str().unwrap());
    (field, found["breaking"].as_bool().unwrap(), codes)
}

#[test]
fn what_was_just_pulled_is_what_is_there() {
    let place = pulled("schema-same");
    let check = place.run(&["check", "set"]);
    assert_eq!(check.code, 0, "{}", check.out);
    let run = diff(&place);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let sum = run.only("crosswalk-schema-diff/1");
    assert_eq!((&sum["breaking"], &sum["harmless"]), (&0.into(), &0.into()), "{}", run.out);
    assert!(sum["objects"].as_u64().unwrap() >= 2, "{sum}");
    // Pulling again changes nothing: a difference in version control is a difference of the org.
    let before = std::fs::read_to_string(place.folder.join(PRODUCT2)).unwrap();
    assert_eq!(place.run(&["schema", "pull", "set"]).code, 0);
    assert_eq!(std::fs::read_to_string(place.folder.join(PRODUCT2)).unwrap(), before);
}

#[test]
fn a_field_that_has_grown_breaks_what_does_not_cut_it_and_nothing_else() {
    let place = pulled("schema-length");
    edited(&place, PRODUCT2, |pinned| field(pinned, "Name")["length"] = 80.into());
    let run = diff(&place);
    assert_eq!((run.code, difference(&run)), (0, ("Product2.Name".into(), false, vec![])));
    let mapping = std::fs::read_to_string(place.folder.join("set/products.yaml")).unwrap();
    place.write(
        "set/products.yaml",
        &mapping.replace("{ $from: $.Name, $truncate: 100 }", "$.Name"),
    );
    assert_eq!(place.run(&["check", "set"]).code, 0, "80 characters fit");
    let run = diff(&place);
    let wanted = ("Product2.Name".to_owned(), true, vec!["CW0306".to_owned()]);
    assert_eq!((run.code, difference(&run)), (1, wanted));
    let human = place.run(&["schema", "diff", "set"]);
    for part in [
        "breaking: salesforce Product2.Name: it had 80 characters and has 255 characters",
        "error[CW0306]",
        "set/products.yaml:10:13",
        "1 breaking, 0 harmless",
    ] {
        assert!(human.out.contains(part), "{part} is not in\n{}", human.out);
    }
}

#[test]
fn a_value_that_nobody_mapped_breaks() {
    let place = pulled("schema-value");
    edited(&place, PRODUCT2, |pinned| {
        let values = json!([{"value": "One-Time"}, {"value": "Recurring"}]);
        field(pinned, "SBQQ__ChargeType__c")["picklistValues"] = values;
    });
    let mapping = MAPPING.replace(", Usage: Usage }", " }").replace("Category:", "sfdcType__c:");
    place.write("set/products.yaml", &mapping);
    let environment = ENVIRONMENT.replace("Product: {", "Product: { sfdcType__c: { type: text },");
    place.write("set/environments/embedded.yaml", &environment);
    let check = place.run(&["check", "set"]);
    assert_eq!(check.code, 0, "{}", check.out);
    let run = diff(&place);
    let found = run.all("crosswalk-schema-difference/1");
    let wanted = found.iter().find(|found| found["field"] == "SBQQ__ChargeType__c");
    let wanted = wanted.unwrap_or_else(|| panic!("{}{}", run.out, run.err));
    assert_eq!((run.code, &wanted["breaking"]), (1, &true.into()));
    assert_eq!(wanted["findings"][0]["code"], "CW0401");
    assert_eq!(wanted["what"], json!(["new values: `Usage`"]));
}

#[test]
fn a_field_that_is_gone_breaks_where_it_is_used() {
    let place = pulled("schema-gone");
    let gone = json!({"name": "Gone__c", "type": "string", "length": 40, "nillable": true});
    edited(&place, PRODUCT2, |pinned| {
        pinned["fields"].as_array_mut().unwrap().push(gone);
    });
    edited(&place, PRODUCT, |pinned| {
        pinned["properties"]["Old__c"] = json!({"type": "string", "maxLength": 255});
    });
    let run = diff(&place);
    assert_eq!(run.code, 0, "nobody uses them: {}", run.out);
    assert!(run.all("crosswalk-schema-difference/1").is_empty(), "{}", run.out);
    let mapping = std::fs::read_to_string(place.folder.join("set/products.yaml")).unwrap();
    place.write(
        "set/products.yaml",
        &mapping.replace("    fields:\n", "    fields:\n      Old__c: $.Gone__c\n"),
    );
    assert_eq!(place.run(&["check", "set"]).code, 0);
    let run = diff(&place);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let found = run.all("crosswalk-schema-difference/1");
    let mut codes: Vec<&str> =
        found.iter().map(|found| found["findings"][0]["code"].as_str().unwrap()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["CW0201", "CW0601"], "{}", run.out);
}

#[test]
fn what_the_mappings_do_not_use_is_not_reported() {
    let place = pulled("schema-noise");
    edited(&place, PRODUCT2, |pinned| {
        for field in pinned["fields"].as_array_mut().unwrap() {
            let used = ["Id", "Name", "Description", "SystemModstamp"];
            if !used.contains(&field["name"].as_str().unwrap()) {
                field["label"] = "Another".into();
                field["length"] = 7.into();
                field["nillable"] = true.into();
            }
        }
    });
    let run = diff(&place);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.all("crosswalk-schema-difference/1").is_empty(), "{}", run.out);
}

#[test]
fn the_schema_of_mappings_is_printed_as_it_is_shipped() {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/mapping.schema.json");
    let run = Place::empty("schema-mapping").run(&["schema", "mapping"]);
    assert_eq!((run.code, run.out), (0, std::fs::read_to_string(shipped).unwrap()));
}
