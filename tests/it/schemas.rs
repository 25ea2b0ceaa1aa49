//! The schema files agree with themselves, and with the published descriptions where those are at hand.
//!
//! The first half reads `schemas/` only. The second compares with a folder of published
//! specifications that is no part of the repository (`CROSSWALK_SHARED`, or `shared/` beside it);
//! where that folder is absent, those tests have nothing to compare and pass.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

/// Objects that fields refer to and that no mapping reads, so they have no file.
const EXTERNAL_SALESFORCE: &[&str] = &[
    "Campaign",
    "DandBCompany",
    "ExternalDataSource",
    "Group",
    "Individual",
    "OperatingHours",
    "OpportunityHistory",
    "RecordType",
    "SBQQ__Favorite__c",
    "SBQQ__PricingGuidance__c",
    "SBQQ__QuoteProcess__c",
    "SBQQ__QuoteTemplate__c",
    "SBQQ__SolutionGroup__c",
    "User",
];

/// Objects that Zuora fields refer to and that have no file.
const EXTERNAL_ZUORA: &[&str] = &["User"];

/// Lookups that the platform offers from the child's side only.
const ONE_SIDED: &[&str] = &["Account.MasterRecordId", "Contact.MasterRecordId"];

/// Picklists that are empty in a fresh organisation.
const EMPTY_PICKLISTS: &[&str] = &["Order.Type"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read_json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The JSON files of a folder by file stem.
fn folder(path: &Path) -> BTreeMap<String, Value> {
    std::fs::read_dir(path)
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|file| file.extension().is_some_and(|ext| ext == "json"))
        .map(|file| (file.file_stem().unwrap().to_string_lossy().into_owned(), read_json(&file)))
        .collect()
}

fn salesforce() -> BTreeMap<String, Value> {
    folder(&root().join("schemas/salesforce"))
}

fn zuora() -> BTreeMap<String, Value> {
    folder(&root().join("schemas/zuora"))
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} is no text in {value}"))
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().map_or(Vec::new(), |items| items.iter().filter_map(Value::as_str).collect())
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap_or_else(|| panic!("no object: {value}"))
}

fn flag(value: &Value, key: &str) -> bool {
    value[key].as_bool().unwrap_or(false)
}

fn no_faults(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

fn field<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    list(object, "fields").iter().find(|field| field["name"] == name)
}

// --- Salesforce ---------------------------------------------------------------------------

#[test]
fn salesforce_files_are_named_after_their_object_and_name_their_source() {
    let objects = salesforce();
    assert_eq!(objects.len(), 37);
    for (stem, object) in &objects {
        assert_eq!(text(object, "name"), stem);
        assert_eq!(flag(object, "custom"), stem.ends_with("__c"), "{stem}");
        assert!(text(object, "source").ends_with('.'), "{stem}: the source is a sentence");
        for name in ["Id", "IsDeleted", "CreatedDate", "LastModifiedDate", "SystemModstamp"] {
            let system = field(object, name).unwrap_or_else(|| panic!("{stem}.{name}"));
            assert!(!flag(system, "createable") && !flag(system, "updateable"), "{stem}.{name}");
        }
    }
}

#[test]
fn salesforce_fields_say_what_their_type_needs() {
    let mut faults = Vec::new();
    for (name, object) in &salesforce() {
        let mut seen = BTreeSet::new();
        for field in list(object, "fields") {
            let place = format!("{name}.{}", text(field, "name"));
            if !seen.insert(text(field, "name")) {
                faults.push(format!("{place} is there twice"));
            }
            if let Some(fault) = field_fault(&place, field) {
                faults.push(format!("{place}: {fault}"));
            }
        }
    }
    no_faults(faults);
}

fn field_fault(place: &str, field: &Value) -> Option<&'static str> {
    let name = text(field, "name");
    let fault = match text(field, "type") {
        "id" | "boolean" | "date" | "datetime" | "int" | "address" => None,
        "string" | "textarea" | "phone" | "url" | "email" => {
            field["length"].is_null().then_some("a text has a length")
        }
        "double" | "currency" | "percent" => {
            let (digits, scale) = (field["precision"].as_u64(), field["scale"].as_u64());
            (digits.is_none() || digits < scale).then_some("a number has digits and a scale")
        }
        "reference" => list(field, "referenceTo").is_empty().then_some("a lookup has a target"),
        "picklist" => (list(field, "picklistValues").is_empty()
            && !EMPTY_PICKLISTS.contains(&place))
        .then_some("a picklist has values"),
        _ => Some("unknown type"),
    };
    let calculated = flag(field, "calculated");
    let written = flag(field, "createable") || flag(field, "updateable");
    fault
        .or((calculated && written).then_some("a formula is never written"))
        .or((flag(field, "custom") != name.ends_with("__c")).then_some("custom fields end in __c"))
        .or(unknown_key(field).then_some("unknown key"))
}

fn unknown_key(field: &Value) -> bool {
    const KEYS: &[&str] = &[
        "name",
        "label",
        "type",
        "nillable",
        "createable",
        "updateable",
        "calculated",
        "custom",
        "length",
        "precision",
        "scale",
        "referenceTo",
        "relationshipName",
        "picklistValues",
        "restrictedPicklist",
        "defaultedOnCreate",
        "autoNumber",
        "externalId",
        "unique",
        "inlineHelpText",
    ];
    object(field).keys().any(|key| !KEYS.contains(&key.as_str()))
}

#[test]
fn salesforce_lookups_meet_their_child_relationships() {
    let objects = salesforce();
    let mut faults = Vec::new();
    for (parent, object) in &objects {
        let mut names = BTreeSet::new();
        for relation in list(object, "childRelationships") {
            let (child, key) = (text(relation, "childSObject"), text(relation, "field"));
            let lookup = objects.get(child).and_then(|child| field(child, key));
            if !lookup.is_some_and(|it| texts(&it["referenceTo"]).contains(&parent.as_str())) {
                faults.push(format!("{parent}: {child}.{key} does not refer to it"));
            }
            let name = relation["relationshipName"].as_str();
            if name.is_some_and(|name| !names.insert(name)) {
                faults.push(format!("{parent}: two child relationships are called {name:?}"));
            }
        }
    }
    for (child, object) in &objects {
        for lookup in list(object, "fields").iter().filter(|it| it["type"] == "reference") {
            let key = text(lookup, "name");
            for parent in texts(&lookup["referenceTo"]) {
                let Some(target) = objects.get(parent) else {
                    if !EXTERNAL_SALESFORCE.contains(&parent) {
                        faults.push(format!("{child}.{key} refers to {parent}, which has no file"));
                    }
                    continue;
                };
                let met = list(target, "childRelationships")
                    .iter()
                    .any(|it| it["childSObject"] == child.as_str() && it["field"] == key);
                if !met && !ONE_SIDED.contains(&format!("{child}.{key}").as_str()) {
                    faults.push(format!("{parent} does not list {child}.{key}"));
                }
            }
        }
    }
    no_faults(faults);
}

#[test]
fn salesforce_paths_that_the_shipped_mappings_walk_exist() {
    let objects = salesforce();
    let child = |parent: &str, name: &str| {
        list(&objects[parent], "childRelationships")
            .iter()
            .find(|relation| relation["relationshipName"] == name)
            .map(|it| format!("{}.{}", text(it, "childSObject"), text(it, "field")))
    };
    for (parent, name, expected) in [
        ("Product2", "PricebookEntries", "PricebookEntry.Product2Id"),
        ("Product2", "ProductConsumptionSchedules", "ProductConsumptionSchedule.ProductId"),
        ("Product2", "SBQQ__BlockPrices__r", "SBQQ__BlockPrice__c.SBQQ__Product__c"),
        ("ConsumptionSchedule", "ConsumptionRates", "ConsumptionRate.ConsumptionScheduleId"),
        (
            "SBQQ__DiscountSchedule__c",
            "SBQQ__DiscountTiers__r",
            "SBQQ__DiscountTier__c.SBQQ__Schedule__c",
        ),
        ("Contract", "SBQQ__Subscriptions__r", "SBQQ__Subscription__c.SBQQ__Contract__c"),
        ("Account", "Contacts", "Contact.AccountId"),
        ("Account", "Contracts", "Contract.AccountId"),
        ("Account", "Orders", "Order.AccountId"),
        ("Order", "OrderItems", "OrderItem.OrderId"),
        ("SBQQ__Quote__c", "SBQQ__LineItems__r", "SBQQ__QuoteLine__c.SBQQ__Quote__c"),
    ] {
        assert_eq!(child(parent, name).as_deref(), Some(expected), "{parent}.{name}");
    }
}

// --- Zuora --------------------------------------------------------------------------------

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

fn resolve<'a>(file: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            let inner = file.pointer(reference.trim_start_matches('#'));
            resolve(file, inner.unwrap_or_else(|| panic!("{reference} leads nowhere")))
        }
        None => schema,
    }
}

#[test]
fn zuora_files_say_whose_they_are() {
    for (stem, file) in &zuora() {
        assert_eq!(text(file, "title"), stem);
        assert_eq!(text(file, "x-system"), "zuora");
        assert_eq!(text(file, "x-api-version"), "2025-08-12");
        assert!(text(file, "x-source").contains("OpenAPI 2026-05-01"), "{stem}");
        assert!(text(file, "x-path").starts_with("/v1/"), "{stem}");
        assert_eq!(file["additionalProperties"], json!(false), "{stem}");
    }
}

#[test]
fn zuora_keywords_are_known_and_explained() {
    let readme = std::fs::read_to_string(root().join("schemas/README.md")).unwrap();
    let mut faults = Vec::new();
    for (name, file) in &zuora() {
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
fn zuora_properties_are_typed_and_described() {
    const TYPES: &[&str] = &["string", "number", "integer", "boolean", "array", "object"];
    let files = zuora();
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
fn zuora_rules_name_fields_and_values_that_exist() {
    let mut faults = Vec::new();
    for (name, file) in &zuora() {
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
