//! The Zuora files: keywords are known, and rules name fields and values that exist.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{list, no_faults, object, resolve, root, text, texts, zuora_files};

/// Objects that Zuora fields refer to and that have no file.
const EXTERNAL_ZUORA: &[&str] = &["User"];

/// Keywords of JSON Schema that the files use; `x-` keywords are those that the README explains.
const KEYWORDS: &[&str] = &[
    "$schema",
    "$defs",
    "$ref",
    "title",
    "description",
    "type",
    "enum",
    "default",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "format",
    "items",
    "minItems",
    "maxItems",
    "properties",
    "required",
    "additionalProperties",
];

/// Calls `visit` with every schema of a file: the file, its definitions, properties and items.
fn each_schema<'a>(place: &str, schema: &'a Value, visit: &mut dyn FnMut(&str, &'a Value)) {
    visit(place, schema);
    for key in ["$defs", "properties", "x-read-properties"] {
        for (name, inner) in schema[key].as_object().into_iter().flatten() {
            each_schema(&format!("{place}/{name}"), inner, visit);
        }
    }
    if schema["items"].is_object() {
        each_schema(&format!("{place}/[]"), &schema["items"], visit);
    }
}

#[test]
fn files_say_whose_they_are() {
    for (stem, file) in &zuora_files() {
        assert_eq!(text(file, "title"), stem);
        assert_eq!(text(file, "x-system"), "zuora");
        assert_eq!(text(file, "x-api-version"), "2025-08-12");
        assert!(text(file, "x-source").contains("OpenAPI 2026-05-01"), "{stem}");
        assert!(text(file, "x-path").starts_with("/v1/"), "{stem}");
        // What is sent is closed; an answer may hold more than we know.
        let answer = file["x-read-only"] == json!(true);
        assert_eq!(file["additionalProperties"], json!(answer), "{stem}");
    }
}

#[test]
fn keywords_are_known_and_explained() {
    let readme = std::fs::read_to_string(root().join("schemas/README.md")).unwrap();
    let mut faults = Vec::new();
    for (name, file) in &zuora_files() {
        each_schema(name, file, &mut |place, schema| {
            for key in object(schema).keys() {
                let known = match key.strip_prefix("x-") {
                    Some(_) => readme.contains(&format!("`{key}`")),
                    None => KEYWORDS.contains(&key.as_str()),
                };
                if !known {
                    faults.push(format!("{place}: unknown keyword {key}"));
                }
            }
        });
    }
    no_faults(faults);
}

#[test]
fn properties_are_typed_and_described() {
    let files = zuora_files();
    let mut faults = Vec::new();
    for (name, file) in &files {
        let has_file = |it: &str| files.contains_key(it) || EXTERNAL_ZUORA.contains(&it);
        each_schema(name, file, &mut |place, schema| {
            faults.extend(type_fault(file, schema).map(|fault| format!("{place}: {fault}")));
            for target in ["x-references", "x-result"].map(|key| schema[key].as_str()) {
                if target.is_some_and(|it| !has_file(it)) {
                    faults.push(format!("{place}: there is no file {target:?}"));
                }
            }
            for (property, inner) in schema["properties"].as_object().into_iter().flatten() {
                if !inner["description"].as_str().is_some_and(|it| it.ends_with('.')) {
                    faults.push(format!("{place}/{property} has no sentence"));
                }
            }
        });
        let parent = file["x-parent"]["object"].as_str();
        assert!(parent.is_none_or(has_file), "{name} belongs to {parent:?}");
    }
    no_faults(faults);
}

fn type_fault(file: &Value, schema: &Value) -> Option<&'static str> {
    const TYPES: &[&str] = &["string", "number", "integer", "boolean", "array", "object"];
    let kind = text(resolve(file, schema), "type");
    let values = texts(&schema["enum"]);
    let different: BTreeSet<_> = values.iter().collect();
    let has = |value: &str| values.contains(&value);
    let read = schema["x-read"].as_object();
    if !TYPES.contains(&kind) {
        Some("unknown type")
    } else if schema["enum"].is_array()
        && (values.is_empty() || different.len() != list(schema, "enum").len())
    {
        Some("an enum has values, and each once")
    } else if read.is_some_and(|map| map.keys().any(|it| !has(it))) {
        Some("x-read names a value that the enum has not")
    } else if schema["default"].as_str().is_some_and(|it| !has(it)) {
        Some("the default is no value of the enum")
    } else if kind == "array" && !resolve(file, schema)["items"].is_object() {
        Some("an array has items")
    } else if kind == "object" && resolve(file, schema)["additionalProperties"].as_bool().is_none()
    {
        Some("an object says whether it is closed")
    } else {
        None
    }
}

#[test]
fn rules_name_fields_and_values_that_exist() {
    let mut faults = Vec::new();
    for (name, file) in &zuora_files() {
        each_schema(name, file, &mut |place, schema| {
            for fault in rule_faults(file, schema) {
                faults.push(format!("{place}: {fault}"));
            }
        });
    }
    no_faults(faults);
}

/// Keywords whose rules name fields.
const RULES: [&str; 4] = ["x-required-when", "x-forbidden-when", "x-exactly-one", "x-at-least-one"];

fn rule_faults(file: &Value, schema: &Value) -> Vec<String> {
    let properties = schema["properties"].as_object();
    let has = |name: &str| properties.is_some_and(|it| it.contains_key(name));
    let mut named: Vec<&str> = texts(&schema["required"]);
    named.extend(texts(&schema["x-update-required"]));
    named.extend(list(schema, "x-unique").iter().flat_map(texts));
    named.extend(schema["x-expire"].as_str());
    let mut faults = Vec::new();
    for rule in RULES {
        for item in list(schema, rule) {
            if ["require", "forbid", "fields"].iter().all(|key| texts(&item[*key]).is_empty()) {
                faults.push(format!("{rule} has a rule about no field"));
            }
            named.extend(["require", "forbid", "fields"].iter().flat_map(|key| texts(&item[*key])));
            for (condition, values) in item["when"].as_object().into_iter().flatten() {
                named.push(condition);
                let field = schema["properties"].get(condition).unwrap_or(&Value::Null);
                for value in values.as_array().into_iter().flatten() {
                    if !value.is_boolean() && !list(resolve(file, field), "enum").contains(value) {
                        faults.push(format!("{condition} is never {value}"));
                    }
                }
            }
        }
    }
    let variants = &schema["x-variants"];
    if let Some(members) = variants["members"].as_object() {
        let by = variants["by"].as_str().unwrap_or_default();
        named.push(by);
        named.extend(members.values().filter_map(Value::as_str));
        let values = texts(&schema["properties"][by]["enum"]);
        if values.iter().copied().collect::<BTreeSet<_>>()
            != members.keys().map(String::as_str).collect()
        {
            faults.push(format!("each value of {by} has its member"));
        }
    }
    faults.extend(named.iter().filter(|it| !has(it)).map(|it| format!("there is no {it}")));
    for name in texts(&schema["x-update-required"]) {
        if schema["properties"][name]["x-update"] == json!(false) {
            faults.push(format!("an update needs {name} and has no such field"));
        }
    }
    for key in texts(&schema["x-key"]) {
        if !object(&resolve(file, &schema["items"])["properties"]).contains_key(key) {
            faults.push(format!("items have no {key}"));
        }
    }
    let parent = schema["x-parent"]["field"].as_str();
    if parent.is_some_and(|it| !has(it) && schema["x-read-properties"][it].is_null()) {
        faults.push(format!("there is no {parent:?}, so it has no parent"));
    }
    faults
}

/// An object, a body that its create takes, and changes each of which makes the body a wrong one.
type Sample = (&'static str, Value, Vec<(&'static str, Value)>);

fn samples() -> Vec<Sample> {
    let id = "8ad08c8475a9b2c40175ad61dd9f0a5b";
    vec![
        (
            "Product",
            json!({"Name": "Platform", "EffectiveStartDate": "2000-01-01",
                "EffectiveEndDate": "2099-12-31"}),
            vec![
                ("/Name", json!("x".repeat(101))),
                ("/Name", Value::Null),
                ("/name", json!("Platform")),
                ("/EffectiveStartDate", json!(20_000_101)),
            ],
        ),
        (
            "ProductRatePlan",
            json!({"Name": "Monthly", "ProductId": id, "ActiveCurrencies": ["USD", "EUR"]}),
            vec![
                ("/ActiveCurrencies", json!("USD")),
                ("/ProductId", json!(1)),
                ("/Grade", json!("1")),
            ],
        ),
        (
            "ProductRatePlanCharge",
            json!({"Name": "Seats", "ProductRatePlanId": id, "ChargeType": "Recurring",
                "ChargeModel": "Tiered Pricing", "BillCycleType": "DefaultFromCustomer",
                "TriggerEvent": "ContractEffective", "UOM": "Each",
                "ProductRatePlanChargeTierData": {"ProductRatePlanChargeTier": [
                    {"Currency": "USD", "StartingUnit": 0, "EndingUnit": 9, "Price": 10},
                    {"Currency": "USD", "StartingUnit": 10, "Price": 9.5}]}}),
            vec![
                ("/ChargeType", json!("One-Time")),
                ("/ChargeModel", json!("FlatFee")),
                ("/BillCycleDay", json!(32)),
                ("/DefaultQuantity", json!("1")),
                ("/ProductRatePlanChargeTierData", json!({"ProductRatePlanChargeTier": []})),
                ("/ProductRatePlanChargeTierData/ProductRatePlanChargeTier/0/Tier", json!(1)),
                ("/ProductRatePlanChargeTierData/ProductRatePlanChargeTier/0/Price", json!("10")),
            ],
        ),
        (
            "Order",
            json!({"orderDate": "2026-01-15", "orderNumber": "O-1", "existingAccountNumber": "A-1",
                "subscriptions": [{"subscriptionNumber": "S-1", "orderActions": [
                    {"type": "CreateSubscription", "createSubscription": {
                        "terms": {"initialTerm": {"termType": "TERMED", "period": 12,
                            "periodType": "Month"}},
                        "subscribeToRatePlans": [{"productRatePlanId": id, "chargeOverrides": [
                            {"productRatePlanChargeId": id, "pricing": {"recurringPerUnit":
                                {"quantity": 5, "listPrice": 10.25, "uom": "Each"}}}]}]}}]}]}),
            vec![
                ("/orderDate", Value::Null),
                ("/orderNumber", json!("x".repeat(101))),
                ("/subscriptions/0/orderActions/0/type", json!("Create")),
                ("/subscriptions/0/orderActions/0/createSubscription", json!({})),
                ("/subscriptions/0/orderActions/0/triggerDates", json!([{"name": "Start"}])),
                ("/newAccount", json!({"name": "Acme", "currency": "USD"})),
            ],
        ),
        (
            "Account",
            json!({"name": "Acme", "currency": "USD", "billCycleDay": 1,
                "billToContact": {"firstName": "Ann", "lastName": "Lee"}}),
            vec![
                ("/billToContact/firstName", Value::Null),
                ("/autoPay", json!("false")),
                ("/creditCard", json!({})),
            ],
        ),
    ]
}

#[test]
fn files_are_json_schemas_that_take_and_refuse() {
    let files = zuora_files();
    for (name, body, changes) in samples() {
        let schema = jsonschema::draft202012::new(&files[name]).unwrap();
        assert!(schema.is_valid(&body), "{name}: {:?}", schema.validate(&body));
        for (place, value) in changes {
            let mut wrong = body.clone();
            let (parent, key) = place.rsplit_once('/').unwrap();
            wrong.pointer_mut(parent).unwrap()[key] = value;
            assert!(!schema.is_valid(&wrong), "{name} takes {place} of {wrong}");
        }
    }
}
