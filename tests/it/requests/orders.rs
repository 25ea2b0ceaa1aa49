//! The bodies of orders, held against the published schemas and two rules that those lack.

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::cases::shared;

/// The published schemas of the requests that hold an order; none where they are not at hand.
pub struct Published {
    validators: Vec<(&'static str, Validator)>,
}

impl Published {
    pub fn open() -> Self {
        let bundle = shared("zuora/request-schemas.draft4.json").map(|path| {
            let text = std::fs::read_to_string(path).expect("the published schemas");
            serde_json::from_str::<Value>(&text).expect("JSON")
        });
        let requests = ["POST /v1/orders", "POST /v1/async/orders", "POST /v1/orders/preview"];
        let validator = |bundle: &Value, request: &'static str| {
            assert!(bundle["requests"][request].is_object(), "{request} is not published");
            let schema = json!({
                "$schema": "http://json-schema.org/draft-04/schema#",
                "allOf": [bundle["requests"][request]],
                "definitions": bundle["definitions"],
            });
            let options = jsonschema::options().should_validate_formats(true);
            (request, options.build(&schema).expect("a schema"))
        };
        let validators =
            bundle.iter().flat_map(|bundle| requests.map(|one| validator(bundle, one)));
        Self { validators: validators.collect() }
    }

    /// What is wrong with the orders of a request log that were sent or previewed, by the schemas
    /// and by the answers; and how many there were.
    pub fn faults_of_log(&self, log: &str) -> (usize, Vec<String>) {
        let (mut orders, mut faults) = (0, Vec::new());
        let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        for line in lines.filter(|line| line["system"] == "zuora" && line["method"] == "POST") {
            let path = line["path"].as_str().unwrap();
            if !path.starts_with("/v1/orders") && !path.starts_with("/v1/async/orders") {
                continue;
            }
            orders += 1;
            let body = &line["request_body"];
            let found = self.faults(&format!("POST {path}"), body);
            faults.extend(found.iter().map(|fault| format!("{path}: {fault}\n{body}")));
            if line["status"] != 200 {
                faults.push(format!("{path}: {}\n{body}", line["response_body"]));
            }
        }
        (orders, faults)
    }

    /// What is wrong with the body of a request; empty when nothing is.
    pub fn faults(&self, request: &str, body: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        for (_, validator) in self.validators.iter().filter(|(name, _)| *name == request) {
            let found = validator.iter_errors(body);
            faults.extend(found.map(|it| format!("{}: {it}", it.instance_path())));
        }
        faults.extend(unpublished(body));
        faults
    }
}

/// The two rules: a new subscription has terms, and what is removed is named.
fn unpublished(body: &Value) -> Vec<String> {
    let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let subscriptions = items(&body["subscriptions"]);
    let actions = subscriptions.iter().flat_map(|one| items(&one["orderActions"]));
    let fault = |action: Value| match action["type"].as_str() {
        Some("CreateSubscription") if !action["createSubscription"]["terms"].is_object() => {
            Some(format!("a new subscription has no terms: {action}"))
        }
        Some("RemoveProduct") if !names_plan(&action["removeProduct"]) => {
            Some(format!("what is to be removed is not named: {action}"))
        }
        _ => None,
    };
    actions.filter_map(fault).collect()
}

fn names_plan(removed: &Value) -> bool {
    let names = [
        "ratePlanId",
        "subscriptionRatePlanNumber",
        "productRatePlanNumber",
        "externalCatalogPlanId",
        "uniqueToken",
    ];
    names.iter().any(|name| removed[*name].as_str().is_some_and(|text| !text.is_empty()))
}

#[test]
fn a_wrong_order_is_noticed() {
    let action = |action: Value| {
        json!({
            "orderDate": "2026-01-01",
            "existingAccountNumber": "A-1",
            "subscriptions": [{"orderActions": [action]}],
        })
    };
    let published = Published::open();
    let request = "POST /v1/orders";
    let terms = json!({"initialTerm": {"termType": "EVERGREEN"}});
    let create =
        |inner: Value| action(json!({"type": "CreateSubscription", "createSubscription": inner}));
    let remove = |inner: Value| action(json!({"type": "RemoveProduct", "removeProduct": inner}));
    for good in [create(json!({"terms": terms})), remove(json!({"uniqueToken": "t"}))] {
        assert_eq!(published.faults(request, &good), Vec::<String>::new());
    }
    for bad in [create(json!({})), remove(json!({}))] {
        assert_eq!(published.faults(request, &bad).len(), 1, "{bad}");
    }
    if !published.validators.is_empty() {
        let unknown = create(json!({"terms": terms, "surprise": 1}));
        assert!(!published.faults(request, &unknown).is_empty());
    }
}
