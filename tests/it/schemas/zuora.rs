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
        assert_eq!(file["additionalProperties"], json!(false), "{stem}");
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
    const TYPES: &[&str] = &["string", "number", "integer", "boolean", "array", "object"];
    let files = zuora_files();
    let mut faults = Vec::new();
    for (name, file) in &files {
        each_schema(name, file, &mut |place, schema| {
            let kind = text(resolve(file, schema), "type");
            let values = texts(&schema["enum"]);
            let different: BTreeSet<_> = values.iter().collect();
            let read = schema["x-read"].as_object();
            let target = schema["x-references"].as_str();
            let fault = if !TYPES.contains(&kind) {
                "unknown type"
            } else if schema["enum"].is_array()
                && (values.is_empty() || different.len() != list(schema, "enum").len())
            {
                "an enum has values, and each once"
            } else if read.is_some_and(|map| map.keys().any(|it| !values.contains(&it.as_str()))) {
                "x-read names a value that the enum has not"
            } else if schema["default"].as_str().is_some_and(|it| !values.contains(&it)) {
                "the default is no value of the enum"
            } else if target
                .is_some_and(|it| !files.contains_key(it) && !EXTERNAL_ZUORA.contains(&it))
            {
                "x-references leads nowhere"
            } else if kind == "array" && !schema["items"].is_object() && schema["$ref"].is_null() {
                "an array has items"
            } else {
                return;
            };
            faults.push(format!("{place}: {fault}"));
        });
        for (property, schema) in object(&file["properties"]) {
            if !schema["description"].as_str().is_some_and(|it| it.ends_with('.')) {
                faults.push(format!("{name}.{property} has no sentence"));
            }
        }
    }
    no_faults(faults);
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

fn rule_faults(file: &Value, schema: &Value) -> Vec<String> {
    let properties = schema["properties"].as_object();
    let has = |name: &str| properties.is_some_and(|it| it.contains_key(name));
    let mut named: Vec<&str> = texts(&schema["required"]);
    named.extend(texts(&schema["x-update-required"]));
    let mut faults = Vec::new();
    for rule in ["x-required-when", "x-forbidden-when", "x-unique", "x-exactly-one"] {
        for item in list(schema, rule) {
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
    if let Some(field) = schema["x-parent"]["field"].as_str() {
        if !has(field) && schema["x-read-properties"][field].is_null() {
            faults.push(format!("there is no {field}, so it has no parent"));
        }
    }
    faults
}

/// A body that a create of each object takes, and changes that make it a body that none takes.
fn bodies() -> Vec<(&'static str, Value, Vec<(&'static str, Value)>)> {
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
    ]
}

#[test]
fn files_are_json_schemas_that_take_and_refuse() {
    let files = zuora_files();
    for (name, body, changes) in bodies() {
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
