//! The Salesforce files: types say what they need, and every lookup meets its other side.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{field, flag, list, no_faults, object, salesforce_files, text, texts};

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

/// Lookups that the platform offers from the child's side only.
const ONE_SIDED: &[&str] = &["Account.MasterRecordId", "Contact.MasterRecordId"];

/// Picklists that are empty in a fresh organisation.
const EMPTY_PICKLISTS: &[&str] = &["Order.Type"];

#[test]
fn files_are_named_after_their_object_and_name_their_source() {
    let objects = salesforce_files();
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
fn fields_say_what_their_type_needs() {
    let mut faults = Vec::new();
    for (name, object) in &salesforce_files() {
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
        "defaultValue",
        "compoundFieldName",
    ];
    object(field).keys().any(|key| !KEYS.contains(&key.as_str()))
}

#[test]
fn lookups_meet_their_child_relationships() {
    let objects = salesforce_files();
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
fn paths_that_the_shipped_mappings_walk_exist() {
    let objects = salesforce_files();
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
