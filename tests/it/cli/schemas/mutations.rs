//! Many changes of an org and a tenant at once: each is judged by what the mapping does with the
//! field, and what the mapping does not use is not told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{super::place::Place, PRODUCT, PRODUCT2, edited, field};

const MAPPING: &str = "\
crosswalk: 1
name: products
source: { system: salesforce, object: Product2 }
target: { system: zuora }
tables:
  kind: { One-Time: A, Recurring: B, Usage: C }
  bill: { Advance: X, $other: Y }
  method: { List: L, Cost: C, Percent Of Total: P, Block: B, $other: O }
resources:
  product:
    object: Product
    key: { sfdcId__c: $.Id }
    fields:
      Name: { $from: $.Name, $truncate: 100 }
      EffectiveStartDate: 2000-01-01
      EffectiveEndDate: 2099-12-31
      Code__c: $.ProductCode
      Sku__c: $.StockKeepingUnit
      Doc__c: { $from: $.Description, $truncate: 255 }
      Flag__c: $.SBQQ__Hidden__c
      Kind__c: { $from: $.SBQQ__ChargeType__c, $map: kind, $absent: A }
      Bill__c: { $from: $.SBQQ__BillingType__c, $map: bill, $absent: Y }
      Method__c: { $from: $.SBQQ__PricingMethod__c, $map: method, $absent: O }
      Term__c: $.SBQQ__SubscriptionTerm__c
      Percent__c: $.SBQQ__SubscriptionPercent__c
      Renewal__c: $.SBQQ__RenewalProduct__r.Name
      Cost__c: $.SBQQ__CostSchedule__r.SBQQ__Type__c
      Url__c: { $from: $.DisplayUrl, $truncate: 255 }
      Family__c: { $from: $.Family, $absent: none }
      Prices__c: { $calc: record.PricebookEntries.records | length }
      Status__c: On
      Tax__c: $.SBQQ__TaxCode__c
";
const ENVIRONMENT: &str = "\
salesforce: embedded
zuora: embedded
schemas: pinned
currency: USD
tenant:
  custom_fields:
    Product:
      sfdcId__c: { type: text }
      Code__c: { type: text, length: 255 }
      Sku__c: { type: text, length: 255 }
      Doc__c: { type: text, length: 255 }
      Flag__c: { type: boolean }
      Kind__c: { type: picklist, values: [A, B, C] }
      Bill__c: { type: text }
      Method__c: { type: text }
      Term__c: { type: number }
      Percent__c: { type: number }
      Renewal__c: { type: text }
      Cost__c: { type: text }
      Url__c: { type: text, length: 255 }
      Family__c: { type: text }
      Prices__c: { type: number }
      Status__c: { type: picklist, values: [On, Off] }
      Tax__c: { type: text }
";

/// What becomes of fields of Salesforce: members that are another one, and whether that breaks.
fn of_salesforce() -> Vec<(&'static str, Value, bool)> {
    let values = |all: &[&str]| json!({"picklistValues": all.iter().map(|one| json!({"value": one})).collect::<Vec<_>>()});
    vec![
        // The text is not cut, or it is, or it fits all the same.
        ("ProductCode", json!({"length": 300}), true),
        ("Description", json!({"length": 131_072}), false),
        ("StockKeepingUnit", json!({"length": 200}), false),
        ("SBQQ__Hidden__c", json!({"type": "string", "length": 20}), true),
        ("SBQQ__SubscriptionTerm__c", json!({"type": "string", "length": 20}), true),
        ("SBQQ__SubscriptionPercent__c", json!({"precision": 9, "scale": 4}), false),
        // A value that no row takes; one that `$other` takes; a row that nothing needs any more.
        ("SBQQ__ChargeType__c", values(&["One-Time", "Recurring", "Usage", "Milestone"]), true),
        ("SBQQ__BillingType__c", values(&["Advance", "Arrears", "Never"]), false),
        ("SBQQ__PricingMethod__c", values(&["List", "Cost", "Percent Of Total"]), false),
        // What is asked of the related record is there in the other object, too, or is not.
        ("SBQQ__RenewalProduct__c", json!({"referenceTo": ["Account"]}), false),
        ("SBQQ__CostSchedule__c", json!({"referenceTo": ["Account"]}), true),
        ("Name", json!({"nillable": true}), true),
        // What stands in for a null can never be used.
        ("Family", json!({"nillable": false}), true),
        ("SBQQ__TaxCode__c", json!({"label": "Code of the tax", "unique": true}), false),
    ]
}

/// The same for the tenant; `required` is told of a field, and goes to the object.
fn of_zuora() -> Vec<(&'static str, Value, bool)> {
    vec![
        ("Code__c", json!({"maxLength": 1000}), false),
        ("Doc__c", json!({"maxLength": 200}), true),
        ("Flag__c", json!({"type": "string"}), true),
        ("Kind__c", json!({"enum": ["A", "B"]}), true),
        ("Status__c", json!({"enum": ["Off", "On", "Wait"], "required": true}), false),
        ("Percent__c", json!({"x-update": false}), true),
        ("Tax__c", json!({"x-create": false}), true),
        ("Term__c", json!({"required": true}), true),
        ("Category", json!({"required": true}), true),
        ("New__c", json!({"type": "string", "required": true}), true),
        ("Other__c", json!({"type": "string"}), false),
        ("Bill__c", json!({"description": "How it is billed"}), false),
    ]
}

/// What is a change of nothing that a mapping can tell, or of a field that nothing uses.
const UNTOLD: [&str; 4] = ["SBQQ__TaxCode__c", "SBQQ__RenewalProduct__c", "Other__c", "Bill__c"];

fn merge(into: &mut Value, members: &Value) {
    for (key, value) in members.as_object().unwrap() {
        into[key] = value.clone();
    }
}

#[test]
fn each_of_many_changes_is_judged_and_the_others_are_not_told() {
    let place = Place::empty("schema-mutations");
    place.write("set/products.yaml", MAPPING);
    place.write("set/environments/embedded.yaml", ENVIRONMENT);
    let pull = place.run(&["schema", "pull", "set"]);
    assert_eq!(pull.code, 0, "{}{}", pull.out, pull.err);
    let check = place.run(&["check", "set"]);
    assert_eq!(check.code, 0, "{}", check.out);
    for path in [PRODUCT2, PRODUCT, "set/pinned/salesforce/SBQQ__DiscountSchedule__c.json"] {
        place.write(&path.replace("set/pinned", "other"), &place.read(path));
    }
    let changed: BTreeSet<&str> = of_salesforce().iter().map(|(name, ..)| *name).collect();
    let mut noise = 0;
    edited(&place, "other/salesforce/Product2.json", |pinned| {
        let used = ["Id", "SystemModstamp", "DisplayUrl"];
        for field in pinned["fields"].as_array_mut().unwrap() {
            let name = field["name"].as_str().unwrap();
            if !changed.contains(name) && !used.contains(&name) {
                merge(field, &json!({"length": 7, "nillable": true, "picklistValues": []}));
                noise += 1;
            }
        }
        for (name, members, _) in of_salesforce() {
            merge(field(pinned, name), &members);
        }
        let children = pinned["childRelationships"].as_array_mut().unwrap();
        children.retain(|child| child["relationshipName"] != "PricebookEntries");
        let fields = pinned["fields"].as_array_mut().unwrap();
        fields.retain(|field| field["name"] != "DisplayUrl");
    });
    assert!(noise > 60, "{noise} fields that the mapping does not use");
    edited(&place, "other/zuora/Product.json", |pinned| {
        for (name, members, _) in of_zuora() {
            let mut members = members.clone();
            if members.as_object_mut().unwrap().remove("required").is_some() {
                pinned["required"].as_array_mut().unwrap().push(name.into());
            }
            merge(&mut pinned["properties"][name], &members);
        }
        merge(&mut pinned["properties"]["SKU"], &json!({"maxLength": 5}));
    });
    let run = place.run(&["schema", "diff", "set", "--against", "other", "--output", "json"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let told = run.all("crosswalk-schema-difference/1").into_iter().map(|found| {
        assert!(!found["uses"].as_array().unwrap().is_empty(), "{found}");
        (found["field"].as_str().unwrap().to_owned(), found["breaking"].as_bool().unwrap())
    });
    let told: BTreeMap<String, bool> = told.collect();
    let wanted = of_salesforce().into_iter().chain(of_zuora());
    let wanted = wanted.filter(|(name, ..)| !UNTOLD.contains(name));
    let mut wanted: BTreeMap<String, bool> =
        wanted.map(|(name, _, breaks)| (name.to_owned(), breaks)).collect();
    // A relation goes by its own name.
    let relations = [
        ("DisplayUrl", true),
        ("PricebookEntries", true),
        ("SBQQ__CostSchedule__r", true),
        ("SBQQ__RenewalProduct__r", false),
    ];
    wanted.remove("SBQQ__CostSchedule__c");
    wanted.extend(relations.map(|(name, breaks)| (name.to_owned(), breaks)));
    assert_eq!(told, wanted, "{}", run.out);
}
