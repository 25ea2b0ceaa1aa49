//! Our files beside the published specifications and recorded data they were written from.
//!
//! Those are no part of the repository. They are looked for in `CROSSWALK_SHARED` and in `shared/`
//! beside the repository; where they are absent there is nothing to compare, and the tests pass.
//! What differs on purpose stands in a table with its reason, and a reason that no longer holds
//! is a fault too. Errata are numbered as in that folder's account of the Zuora API.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::{
    field, flag, folder, list, no_faults, object, read_json, resolve, root, salesforce_files, text,
    texts, zuora_files,
};

/// The folder of published data, where it is at hand.
pub(super) fn published() -> Option<PathBuf> {
    let named = std::env::var_os("CROSSWALK_SHARED").map(PathBuf::from);
    named
        .into_iter()
        .chain([root().join("../shared"), root().join("../../shared")])
        .map(|folder| folder.join("data"))
        .find(|folder| folder.is_dir())
}

/// Differences found and differences expected must be the same ones.
fn only_expected(found: &BTreeSet<String>, expected: &[(&str, &str)]) {
    let reasons: BTreeSet<String> = expected.iter().map(|(fault, _)| (*fault).into()).collect();
    let mut faults: Vec<String> = found.difference(&reasons).cloned().collect();
    faults.extend(reasons.difference(found).map(|it| format!("no longer true: {it}")));
    no_faults(faults);
}

// --- Zuora --------------------------------------------------------------------------------

/// Why an update of the sold-to contact differs: we give one length where two are published.
const SHORTER: &str = "its create, and the update of its siblings, have these lengths";

/// What our request bodies say otherwise, and why.
const ZUORA_DIFFERENCES: &[(&str, &str)] = &[
    ("ProductRatePlan/EffectiveStartDate: maxLength", "a date has ten characters"),
    ("ProductRatePlan/EffectiveEndDate: maxLength", "a date has ten characters"),
    ("ProductRatePlanCharge/ChargeModel: enum", "erratum 6: a stray back-tick"),
    ("ProductRatePlanCharge/DeliverySchedule/wednesday: not published", "erratum 6: a typo"),
    ("ProductRatePlanCharge/DeliverySchedule/wendesday: missing", "erratum 6: a typo"),
    (
        "ProductRatePlanCharge/ProductRatePlanChargeTierData: required with ProductRatePlanChargeTier",
        "a charge without a price is refused",
    ),
    ("ProductRatePlanCharge: required without BillingPeriod", "erratum 8"),
    ("ProductRatePlanCharge: required without UseDiscountSpecificAccountingCode", "erratum 8"),
    ("Account/billCycleDay: maxLength", "an integer has no length"),
    ("Account/soldToContact/city: maxLength", SHORTER),
    ("Account/soldToContact/county: maxLength", SHORTER),
    ("Account/soldToContact/state: maxLength", SHORTER),
    ("Account/soldToContact/taxRegion: maxLength", SHORTER),
    ("Contact/personalEmail: format", "its create has this format"),
    ("Order/orderLineItems/[]/soldTo: type", "published without a type; its siblings are ids"),
    ("OrderPreview/orderLineItems/[]/soldTo: type", "as in the order"),
    (
        "Order/subscriptions/[]/orderActions/[]/createSubscription: required with terms",
        "the service refuses a subscription without terms",
    ),
    (
        "OrderPreview/subscriptions/[]/orderActions/[]/createSubscription: required with terms",
        "as in the order",
    ),
    (
        "Order/subscriptions/[]/orderActions/[]/updateProduct/chargeUpdates/[]/pricingAttributes: type",
        "published without a type; the preview has it",
    ),
    (
        "OrderPreview/subscriptions/[]/orderActions/[]/changePlan/newProductRatePlan/chargeOverrides/[]/pricing/recurringCalculated: type",
        "erratum 2: the published reference leads nowhere",
    ),
    (
        "OrderPreview/subscriptions/[]/orderActions/[]/updateProduct/chargeUpdates/[]/pricing/recurringCalcualated: missing",
        "a typo; the order has it right",
    ),
    (
        "OrderPreview/subscriptions/[]/orderActions/[]/updateProduct/chargeUpdates/[]/pricing/recurringCalculated: not published",
        "a typo; the order has it right",
    ),
];

/// Which of the two request bodies of an object is compared.
#[derive(Clone, Copy, PartialEq)]
enum Body {
    Create,
    Update,
}

impl Body {
    /// The keyword that says that an object or a property has no such operation.
    fn operation(self) -> &'static str {
        match self {
            Body::Create => "x-create",
            Body::Update => "x-update",
        }
    }
}

struct Comparison<'a> {
    ours: &'a Value,
    theirs: &'a Value,
    body: Body,
    found: BTreeSet<String>,
}

impl Comparison<'_> {
    fn differ(&mut self, place: &str, what: &str) {
        self.found.insert(format!("{place}: {what}"));
    }

    fn published_schema(&self, schema: &Value) -> Value {
        match schema["$ref"].as_str() {
            Some(reference) => {
                let name = reference.rsplit('/').next().unwrap_or_default();
                self.published_schema(&self.theirs["definitions"][name])
            }
            None => schema.clone(),
        }
    }

    fn objects(&mut self, place: &str, ours: &Value, theirs: &Value) {
        let none = Map::new();
        let our_properties = ours["properties"].as_object().unwrap_or(&none);
        let their_properties = theirs["properties"].as_object().unwrap_or(&none);
        // Erratum 1: the published files lost every `description`, the repaired ones allow it anywhere.
        for (name, inner) in our_properties.iter().filter(|(name, _)| *name != "description") {
            let written = inner[self.body.operation()] != json!(false);
            match (written, their_properties.get(name)) {
                (true, Some(published)) => {
                    let published = self.published_schema(published);
                    self.schemas(&format!("{place}/{name}"), inner, &published);
                }
                (true, None) => self.differ(&format!("{place}/{name}"), "not published"),
                (false, Some(_)) => self.differ(&format!("{place}/{name}"), "published"),
                (false, None) => {}
            }
        }
        for name in their_properties.keys() {
            let left_out = !ours["x-left-out"][name].is_null();
            if !our_properties.contains_key(name) && !left_out && name != "description" {
                self.differ(&format!("{place}/{name}"), "missing");
            }
        }
        let key = if self.body == Body::Update && ours["x-update-required"].is_array() {
            "x-update-required"
        } else {
            "required"
        };
        let (ours, theirs) = (texts(&ours[key]), texts(&theirs["required"]));
        for name in theirs.iter().filter(|name| !ours.contains(name)) {
            self.differ(place, &format!("required without {name}"));
        }
        for name in ours.iter().filter(|name| !theirs.contains(name)) {
            self.differ(place, &format!("required with {name}"));
        }
    }

    fn schemas(&mut self, place: &str, ours: &Value, theirs: &Value) {
        let kind = resolve(self.ours, ours);
        let nullable = match ours["x-nullable"].as_str() {
            Some("always") => true,
            Some("update") => self.body == Body::Update,
            _ => false,
        };
        let expected = if nullable { json!([kind["type"], "null"]) } else { kind["type"].clone() };
        if expected != theirs["type"] {
            // Nothing inside a value of another type can be compared.
            return self.differ(place, "type");
        }
        let values = |schema: &Value| -> BTreeSet<String> {
            texts(&schema["enum"]).into_iter().map(String::from).collect()
        };
        if values(kind) != values(theirs) {
            self.differ(place, "enum");
        }
        for keyword in ["maxLength", "format"] {
            let published = &theirs[keyword];
            // Zuora's formats of numbers (double, int32) say nothing about the JSON text.
            if (keyword == "maxLength" || theirs["type"] == "string") && &kind[keyword] != published
            {
                self.differ(place, keyword);
            }
        }
        match kind["type"].as_str() {
            Some("object") => self.objects(place, kind, theirs),
            Some("array") => {
                let items = self.published_schema(&theirs["items"]);
                let inner = resolve(self.ours, &kind["items"]);
                if inner["type"] == "object" {
                    self.objects(&format!("{place}/[]"), inner, &items);
                } else {
                    self.schemas(&format!("{place}/[]"), inner, &items);
                }
            }
            _ => {}
        }
    }
}

#[test]
fn zuora_bodies_are_the_published_ones() {
    let Some(data) = published() else { return };
    let theirs = read_json(&data.join("zuora/request-schemas.draft4.json"));
    let mut found = BTreeSet::new();
    for (name, ours) in &zuora_files() {
        let path = text(ours, "x-path");
        for (body, request) in
            [(Body::Create, format!("POST {path}")), (Body::Update, format!("PUT {path}/{{"))]
        {
            if flag(ours, "x-read-only") || ours[body.operation()] == json!(false) {
                continue;
            }
            let published = object(&theirs["requests"]).iter().find(|(key, _)| {
                **key == request || key.starts_with(&request) && key.ends_with('}')
            });
            let (_, published) = published.unwrap_or_else(|| panic!("{name}: no {request}"));
            let mut comparison = Comparison { ours, theirs: &theirs, body, found };
            let published = comparison.published_schema(published);
            comparison.objects(name, ours, &published);
            found = comparison.found;
        }
    }
    only_expected(&found, ZUORA_DIFFERENCES);
}

// --- Salesforce ---------------------------------------------------------------------------

/// Fields that are ours only, and why.
const ADDED_FIELDS: &[(&str, &str)] = &[
    ("Contact.CurrencyIsoCode", "recorded in an organisation with one currency"),
    ("Contract.Name", "in the type definitions of a recent organisation"),
    ("Contract.Pricebook2Id", "in the type definitions of a recent organisation"),
    ("Order.BillToContactId", "in the type definitions of a recent organisation"),
    ("Order.CompanyAuthorizedDate", "in the type definitions of a recent organisation"),
    ("Order.CustomerAuthorizedDate", "in the type definitions of a recent organisation"),
    ("Order.Name", "in the type definitions of a recent organisation"),
    ("Order.OrderReferenceNumber", "in the type definitions of a recent organisation"),
    ("Order.PoDate", "in the type definitions of a recent organisation"),
    ("Order.PoNumber", "in the type definitions of a recent organisation"),
    ("Order.ShipToContactId", "in the type definitions of a recent organisation"),
    ("PricebookEntry.IsArchived", "in the type definitions of a recent organisation"),
];

#[test]
fn salesforce_fields_are_the_described_ones() {
    let Some(data) = published() else { return };
    let ours = salesforce_files();
    let mut faults = Vec::new();
    let mut added = BTreeSet::new();
    for (name, described) in folder(&data.join("salesforce/describe")) {
        if name.starts_with('_') {
            continue;
        }
        let object = &ours[&name];
        for theirs in list(&described, "fields") {
            let place = format!("{name}.{}", text(theirs, "name"));
            match field(object, text(theirs, "name")) {
                Some(mine) => faults.extend(described_otherwise(&place, mine, theirs)),
                None => faults.push(format!("{place} is missing")),
            }
        }
        for mine in list(object, "fields") {
            if field(&described, text(mine, "name")).is_none() {
                added.insert(format!("{name}.{}", text(mine, "name")));
            }
        }
    }
    no_faults(faults);
    only_expected(&added, ADDED_FIELDS);
}

#[test]
fn salesforce_objects_are_as_an_organisation_described_them() {
    const KEYS: &[&str] = &["type", "label", "referenceTo", "relationshipName", "length", "scale"];
    let Some(data) = published() else { return };
    let objects = salesforce_files();
    let mut faults = Vec::new();
    for name in ["Account", "Contact", "Opportunity"] {
        let file = format!("salesforce/describe/real/GET_sobjects_{name}_describe.json");
        let (ours, recorded) = (&objects[name], read_json(&data.join(file)));
        for mine in list(ours, "fields") {
            let Some(theirs) = field(&recorded, text(mine, "name")) else { continue };
            for key in KEYS.iter().filter(|key| !mine[**key].is_null()) {
                if mine[*key] != theirs[*key] {
                    faults.push(format!("{name}.{}: {key}", text(mine, "name")));
                }
            }
        }
        for mine in list(ours, "childRelationships") {
            let same = |it: &&Value| {
                it["childSObject"] == mine["childSObject"] && it["field"] == mine["field"]
            };
            let Some(theirs) = list(&recorded, "childRelationships").iter().find(same) else {
                continue;
            };
            let deletes = ["cascadeDelete", "restrictedDelete"];
            if mine["relationshipName"] != theirs["relationshipName"]
                || deletes.iter().any(|key| flag(mine, key) != flag(theirs, key))
            {
                faults.push(format!("{name}: {mine}"));
            }
        }
    }
    no_faults(faults);
}

fn described_otherwise(place: &str, ours: &Value, theirs: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for key in ["type", "nillable", "createable", "updateable", "calculated", "custom"] {
        if ours[key] != theirs[key] {
            faults.push(format!("{place}: {key}"));
        }
    }
    for key in ["length", "precision"] {
        if ["string", "textarea", "currency", "double", "percent"].contains(&text(theirs, "type"))
            && theirs[key].as_u64().is_some_and(|it| it > 0)
            && ours[key] != theirs[key]
        {
            faults.push(format!("{place}: {key}"));
        }
    }
    let values = |field: &Value| -> Vec<(Value, bool)> {
        let active = |it: &Value| it["active"].as_bool().unwrap_or(true);
        list(field, "picklistValues").iter().map(|it| (it["value"].clone(), active(it))).collect()
    };
    let (mine, published) = (values(ours), values(theirs));
    // A picklist that the description leaves empty was filled from the object reference.
    if !published.is_empty() && mine != published {
        faults.push(format!("{place}: picklistValues"));
    }
    faults
}

#[test]
fn salesforce_fields_of_real_records_exist() {
    let Some(data) = published() else { return };
    let objects = salesforce_files();
    let mut faults = Vec::new();
    let mut compared = 0;
    for set in std::fs::read_dir(data.join("cpq")).unwrap() {
        let index = set.unwrap().path().join("_fields.json");
        if !index.is_file() {
            continue;
        }
        for (name, described) in object(&read_json(&index)) {
            for (key, origin) in object(&described["fields"]) {
                if origin["origin"] != "describe" {
                    continue;
                }
                compared += 1;
                let ours = objects.get(name).and_then(|it| field(it, key));
                if ours.is_none_or(|it| it["type"] != origin["type"]) {
                    faults.push(format!("{name}.{key} in {}", index.display()));
                }
            }
        }
    }
    no_faults(faults);
    assert!(compared > 0, "no data set lists its fields");
}

#[test]
fn salesforce_restricted_picklists_hold_every_value_of_real_records() {
    let Some(data) = published() else { return };
    let objects = salesforce_files();
    let mut faults = BTreeSet::new();
    for set in std::fs::read_dir(data.join("cpq")).unwrap() {
        let set = set.unwrap().path();
        for (name, schema) in &objects {
            let Ok(records) = std::fs::read_to_string(set.join(format!("{name}.ndjson"))) else {
                continue;
            };
            let restricted: Vec<&Value> =
                list(schema, "fields").iter().filter(|it| flag(it, "restrictedPicklist")).collect();
            for line in records.lines().filter(|_| !restricted.is_empty()) {
                let record: Value = serde_json::from_str(line).unwrap();
                for field in &restricted {
                    let value = &record[text(field, "name")];
                    let known =
                        list(field, "picklistValues").iter().any(|it| &it["value"] == value);
                    if !value.is_null() && !known {
                        faults.insert(format!("{name}.{}: {value}", text(field, "name")));
                    }
                }
            }
        }
    }
    no_faults(faults.into_iter().collect());
}
