//! What a tenant of Zuora says of its objects: pinned, checked against, and compared.

use serde_json::{Value, json};

use super::{
    super::place::{Place, Run},
    ENVIRONMENT, PRODUCT, diff, difference, edited, field, pulled, without_table,
};

#[test]
fn a_pin_says_what_the_tenant_has_and_no_environment_has_to() {
    let place = pulled("schema-tenant");
    let environment = ENVIRONMENT
        .replace("type: text } }", "type: text }, Tier__c: { type: picklist, values: [A, B] } }");
    place.write("set/environments/embedded.yaml", &environment);
    assert_eq!(place.run(&["schema", "pull", "set"]).code, 0);
    let pinned: Value = serde_json::from_str(&place.read(PRODUCT)).unwrap();
    assert_eq!(pinned["properties"]["Tier__c"]["enum"], json!(["A", "B"]));
    assert_eq!(pinned["properties"]["Name"]["maxLength"], 100);
    // The same set without the tenant's fields in its environment, and no service to ask.
    place.write("set/environments/embedded.yaml", "schemas: pinned\n");
    for (value, code) in [("A", 0), ("C", 2)] {
        let tier = format!("    fields:\n      Tier__c: {value}\n");
        place.write("set/products.yaml", &without_table().replace("    fields:\n", &tier));
        let check = place.run(&["check", "set"]);
        assert_eq!(check.code, code, "{value}: {}", check.out);
    }
}

#[test]
fn a_value_that_is_gone_breaks_what_writes_it() {
    let place = pulled("schema-values");
    let with = |values: &str| {
        let tier = format!("type: text }}, Tier__c: {{ type: picklist, values: [{values}] }} }}");
        place
            .write("set/environments/embedded.yaml", &ENVIRONMENT.replace("type: text } }", &tier));
    };
    with("A, B");
    assert_eq!(place.run(&["schema", "pull", "set"]).code, 0);
    let mapping = without_table().replace("    fields:\n", "    fields:\n      Tier__c: B\n");
    place.write("set/products.yaml", &mapping);
    // Of the environment only what the emulated tenant has changes; the pin still counts.
    with("A, B, C");
    let run = diff(&place);
    assert_eq!((run.code, difference(&run)), (0, ("Product.Tier__c".into(), false, vec![])));
    with("A");
    let run = diff(&place);
    let (field, is_breaking, codes) = difference(&run);
    assert_eq!((run.code, field.as_str(), is_breaking), (1, "Product.Tier__c", true));
    assert_eq!(codes.len(), 1, "{}", run.out);
    let found = run.only("crosswalk-schema-difference/1");
    assert_eq!(found["what"], json!(["values that are gone: `B`"]));
    let used =
        json!([{"mapping": "products", "file": "set/products.yaml", "line": 10, "column": 7}]);
    assert_eq!(found["uses"], used);
}

/// Two folders of pins: `set/pinned`, and a copy of it that is changed.
fn with_other(name: &str, path: &str, edit: impl FnOnce(&mut Value)) -> (Place, Run) {
    let place = pulled(name);
    for system in ["salesforce", "zuora"] {
        let folder = place.folder.join("set/pinned").join(system);
        for entry in std::fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().file_name().into_string().unwrap();
            let text = place.read(&format!("set/pinned/{system}/{file}"));
            place.write(&format!("other/{system}/{file}"), &text);
        }
    }
    edited(&place, path, edit);
    let run = place.run(&["schema", "diff", "set", "--against", "other", "--output", "json"]);
    (place, run)
}

#[test]
fn a_field_that_must_be_filled_breaks_who_does_not_fill_it() {
    let required = |fields: &[&str]| {
        let mut all = vec!["Name", "EffectiveStartDate", "EffectiveEndDate"];
        all.extend(fields);
        json!(all)
    };
    let (_place, run) = with_other("schema-required", "other/zuora/Product.json", |pinned| {
        pinned["required"] = required(&["SKU"]);
    });
    assert_eq!(
        (run.code, difference(&run)),
        (1, ("Product.SKU".into(), true, vec!["CW0501".into()]))
    );
    let found = run.only("crosswalk-schema-difference/1");
    assert_eq!(found["what"], json!(["it must be filled now"]));
    assert_eq!(found["uses"][0]["mapping"], "products");
    assert!(found["uses"][0]["line"].as_u64().unwrap() >= 7, "{found}");
    // The description of a record may be null, and so may not fill a field that must be filled.
    let (_place, run) = with_other("schema-null", "other/zuora/Product.json", |pinned| {
        pinned["required"] = required(&["Description"]);
    });
    let (field, is_breaking, _) = difference(&run);
    assert_eq!((run.code, field.as_str(), is_breaking), (1, "Product.Description", true));
}

#[test]
fn what_may_not_be_written_any_more_breaks() {
    let frozen = |key: &'static str| {
        move |pinned: &mut Value| pinned["properties"]["Description"][key] = json!(false)
    };
    let (_place, run) = with_other("schema-create", "other/zuora/Product.json", frozen("x-create"));
    let (field, is_breaking, codes) = difference(&run);
    assert_eq!((field.as_str(), is_breaking, codes.len()), ("Product.Description", true, 1));
    let (_place, run) = with_other("schema-update", "other/zuora/Product.json", frozen("x-update"));
    assert_eq!((run.code, difference(&run)), (1, ("Product.Description".into(), true, vec![])));
    let found = run.only("crosswalk-schema-difference/1");
    assert_eq!(found["what"], json!(["an update may not write it any more"]));
}

#[test]
fn types_and_relations_are_compared_too() {
    let (_place, run) = with_other("schema-type", "other/salesforce/Product2.json", |pinned| {
        field(pinned, "Description")["type"] = "double".into();
        field(pinned, "Family")["type"] = "double".into();
    });
    let (name, ..) = difference(&run);
    assert_eq!(name, "Product2.Description", "nobody uses the family: {}", run.out);
    let found = run.only("crosswalk-schema-difference/1");
    assert!(
        found["what"][0].as_str().unwrap().contains("it was a text and is a number"),
        "{found}"
    );
    let place = pulled("schema-against");
    for folder in ["nowhere", "set"] {
        let run = place.run(&["schema", "diff", "set", "--against", folder]);
        assert_eq!(run.code, 2, "{folder}: {}{}", run.out, run.err);
        assert!(run.err.contains("schema pull"), "{}", run.err);
    }
}

#[test]
fn an_openapi_document_is_another_source_and_keeps_the_first() {
    let place = pulled("schema-openapi");
    let document = json!({
        "openapi": "3.0.0",
        "info": {"version": "2027-01-01"},
        "paths": {"/v1/object/product": {"post": {"requestBody": {"content": {"application/json":
            {"schema": {"$ref": "#/components/schemas/New"}}}}}}},
        "components": {"schemas": {
            "New": {"allOf": [{"$ref": "#/components/schemas/Named"}, {"properties": {
                "Category": {"type": "string", "enum": ["Base Products"]},
                "ProductRatePlans": {"type": "array", "items": {"type": "object"}}}}]},
            "Named": {"required": ["Name", "Category"], "properties": {
                "Name": {"type": "string", "maxLength": 60}}},
        }},
    });
    place.write("zuora.json", &document.to_string());
    let arguments = ["schema", "diff", "set", "--openapi", "zuora.json", "--output", "json"];
    let run = place.run(&arguments);
    let wanted = (1, ("Product.Name".into(), true, vec!["CW0306".into()]));
    assert_eq!((run.code, difference(&run)), wanted, "it is cut at 100");
    let pull = place.run(&["schema", "pull", "set", "--openapi", "zuora.json"]);
    assert_eq!(pull.code, 0, "{}{}", pull.out, pull.err);
    assert!(place.read("set/pinned/zuora/Product.openapi.json").contains("OpenAPI 2027-01-01"));
    assert!(place.read(PRODUCT).contains("sfdcId__c"), "the tenant's own describe stays");
    let check = place.run(&["check", "set"]);
    assert_eq!(check.code, 2, "{}", check.out);
    assert!(check.out.contains("takes 60"), "{}", check.out);
    // What it called required when it was pinned first is not held against the mapping; what it
    // calls so since then is.
    assert!(!check.out.contains("CW0501"), "{}", check.out);
    let named =
        document.to_string().replace(r#"["Name","Category"]"#, r#"["Name","Category","SKU"]"#);
    let named = named.replace(r#""Name":{"#, r#""SKU":{"type":"string"},"Name":{"#);
    place.write("zuora.json", &named);
    let run = place.run(&arguments);
    let found = run.all("crosswalk-schema-difference/1");
    assert!(found.is_empty(), "a field that was not there before is not known: {}", run.out);
    assert_eq!(place.run(&["schema", "pull", "set", "--openapi", "set/products.yaml"]).code, 2);
}

#[test]
fn what_cannot_be_pulled_says_why() {
    let place = pulled("schema-wrong");
    for (arguments, said) in [
        (&["schema", "pull", "set", "--object", "Produkt2"][..], "did you mean `Product2`?"),
        (&["schema", "pull", "set", "--env", "nowhere"][..], "nowhere"),
        (&["schema", "diff", "set", "--openapi", "a.json", "--against", "b"][..], "cannot be used"),
    ] {
        let run = place.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?} {}", run.out);
        assert!(run.err.contains(said), "{said} is not in {}", run.err);
    }
    // A pin of an older kind, and one that somebody cut.
    for (text, said) in
        [("{\"object\": \"Product\", \"fields\": []}", "pull it again"), ("{", "EOF")]
    {
        place.write(PRODUCT, text);
        let run = place.run(&["check", "set"]);
        assert_eq!(run.code, 3, "{}", run.out);
        assert!(run.err.contains("zuora/Product.json") && run.err.contains(said), "{}", run.err);
    }
}
