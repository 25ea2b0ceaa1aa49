//! Wished objects as the bodies of their creates, and the schemas that hold for them.

use std::{collections::BTreeMap, path::PathBuf};

use crosswalk::program::{Draft, Program, WishDraft};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::cases::{Tenanted, fields};

/// The id that the service would have given a parent.
const PARENT_ID: &str = "8ad09b2d93f1d8d50193f2a0c9d80a1b";

/// The body that creates a wished object: its fields, the id of its parent, and the two fields of
/// a charge that are published as required and that the connector adds (erratum 8).
pub fn body(program: &Program, draft: &Draft, wish: &WishDraft) -> Value {
    let resource = &program.resources()[wish.resource];
    let mut body: Map<String, Value> =
        serde_json::from_str(&fields(program, draft, wish)).expect("fields are JSON");
    if let Some(parent) = &resource.parent_field {
        body.insert(parent.clone(), json!(PARENT_ID));
    }
    if resource.object == "ProductRatePlanCharge" {
        body.entry("BillingPeriod").or_insert(json!("Month"));
        body.entry("UseDiscountSpecificAccountingCode").or_insert(json!(false));
    }
    let mut body = Value::Object(body);
    leave_nulls_out(&mut body);
    body
}

/// What is new has nothing that could be emptied: the connector leaves out what is null.
fn leave_nulls_out(value: &mut Value) {
    let Value::Object(members) = value else { return };
    members.retain(|_, member| !member.is_null());
    members.values_mut().for_each(leave_nulls_out);
}

/// The checks of one object.
pub struct Checks {
    validators: Vec<(&'static str, Validator)>,
    own: Value,
}

impl Checks {
    /// What is wrong with a body; empty when nothing is.
    pub fn faults(&self, body: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        for (whose, validator) in &self.validators {
            let found = validator.iter_errors(body);
            faults.extend(found.map(|it| format!("{whose}: {}: {it}", it.instance_path())));
        }
        for rule in rules(&self.own, "x-required-when").filter(|rule| holds(rule, body)) {
            for name in names(rule, "require").filter(|name| body.get(*name).is_none()) {
                faults.push(format!("`{name}` is not there: {}", rule["reason"]));
            }
        }
        let forbidden = rules(&self.own, "x-forbidden-when");
        for rule in forbidden.filter(|rule| rule["tolerated"] != true && holds(rule, body)) {
            for name in names(rule, "forbid").filter(|name| body.get(*name).is_some()) {
                faults.push(format!("`{name}` is there: {}", rule["reason"]));
            }
        }
        faults
    }
}

/// The project's own schemas of what is created, and the published ones where they are at hand.
/// Custom fields are those of the tenant.
pub fn checks(tenant: &Tenanted, published: Option<PathBuf>) -> BTreeMap<&'static str, Checks> {
    let published = published.map(|path| read(&path));
    [
        ("Product", "POST /v1/object/product"),
        ("ProductRatePlan", "POST /v1/object/product-rate-plan"),
        ("ProductRatePlanCharge", "POST /v1/object/product-rate-plan-charge"),
        ("Account", "POST /v1/accounts"),
    ]
    .into_iter()
    .map(|(object, request)| {
        let own = own_schema(object, tenant);
        let mut validators = vec![("our schema", compiled(&own))];
        if let Some(published) = &published {
            let schema = json!({
                "$schema": "http://json-schema.org/draft-04/schema#",
                "allOf": [published["requests"][request]],
                "definitions": published["definitions"],
            });
            assert!(published["requests"][request].is_object(), "{request} is not published");
            validators.push(("the published schema", compiled(&schema)));
        }
        (object, Checks { validators, own })
    })
    .collect()
}

fn own_schema(object: &str, tenant: &Tenanted) -> Value {
    let path = format!("{}/schemas/zuora/{object}.json", env!("CARGO_MANIFEST_DIR"));
    let mut schema = read(&PathBuf::from(path));
    add_custom(&mut schema, tenant, object);
    let within = schema.get_mut("$defs").and_then(Value::as_object_mut);
    for (_, inner) in within.into_iter().flatten() {
        if let Some(of) = inner["x-custom-fields-of"].as_str().map(str::to_owned) {
            add_custom(inner, tenant, &of);
        }
    }
    schema
}

fn add_custom(schema: &mut Value, tenant: &Tenanted, object: &str) {
    for (name, _) in tenant.custom_fields.get(object).into_iter().flatten() {
        schema["properties"][name] = json!({ "type": "string", "maxLength": 18 });
    }
}

fn read(path: &std::path::Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).expect("a schema")).expect("JSON")
}

fn compiled(schema: &Value) -> Validator {
    jsonschema::validator_for(schema).expect("a schema")
}

fn rules<'s>(schema: &'s Value, keyword: &str) -> impl Iterator<Item = &'s Value> {
    schema[keyword].as_array().into_iter().flatten()
}

fn names<'s>(rule: &'s Value, key: &str) -> impl Iterator<Item = &'s str> {
    rule[key].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Whether every named field has one of its values.
fn holds(rule: &Value, body: &Value) -> bool {
    let when = rule["when"].as_object().into_iter().flatten();
    when.into_iter().all(|(name, values)| {
        values.as_array().is_some_and(|values| body.get(name).is_some_and(|it| values.contains(it)))
    })
}
