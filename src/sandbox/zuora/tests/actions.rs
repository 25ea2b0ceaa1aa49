//! Actions: many objects in one call.

use reqwest::Method;
use serde_json::{Value, json};

use super::Bench;
use super::bodies::{charge, plan, product};

#[tokio::test]
async fn results_are_in_the_order_of_the_input_and_stand_alone() {
    let bench = Bench::open().await;
    let objects = json!([product("A"), {"Name": "no dates"}, product("A"), product("B")]);
    let reply =
        bench.post("/v1/action/create", &json!({"type": "Product", "objects": objects})).await;
    assert_eq!(reply.status, 200);
    let results = reply.body.as_array().unwrap();
    let successes: Vec<&Value> = results.iter().map(|result| &result["Success"]).collect();
    assert_eq!(successes, [true, false, false, true]);
    assert_eq!(results[1]["Errors"][0]["Code"], "MISSING_REQUIRED_VALUE");
    assert_eq!(results[2]["Errors"][0]["Code"], "DUPLICATE_VALUE");
    let names = bench.query("select Name from Product").await;
    assert_eq!(names.body["size"], 2);
}

#[tokio::test]
async fn an_update_needs_nothing_but_the_id() {
    let bench = Bench::open().await;
    let (product, plan) = bench.plan().await;
    let id = bench
        .create("product-rate-plan-charge", &charge(&plan, "Recurring", "Flat Fee Pricing"))
        .await;
    let update = async |kind: &str, objects: Value| {
        bench.post("/v1/action/update", &json!({"type": kind, "objects": objects})).await
    };
    let reply = update("ProductRatePlanCharge", json!([{"Id": id, "Description": "x"}])).await;
    assert_eq!(reply.body, json!([{"Success": true, "Id": id}]));
    let reply = update(
        "Product",
        json!([
            {"Id": product, "Description": "d", "fieldsToNull": ["Category"]},
            {"Id": product, "fieldsToNull": ["Name"]},
            {"Id": product, "fieldsToNull": ["Nonsense"]},
            {"Description": "without id"},
            {"Id": "0", "Description": "unknown id"},
        ]),
    )
    .await;
    let codes: Vec<&Value> =
        reply.body.as_array().unwrap().iter().map(|one| &one["Errors"][0]["Code"]).collect();
    let expected = [
        &Value::Null,
        &json!("MISSING_REQUIRED_VALUE"),
        &json!("INVALID_FIELD"),
        &json!("MISSING_REQUIRED_VALUE"),
        &json!("INVALID_ID"),
    ];
    assert_eq!(codes, expected, "{}", reply.text);
}

#[tokio::test]
async fn a_charge_of_an_action_keeps_the_rules_of_its_object() {
    let bench = Bench::open().await;
    let (_, plan) = bench.plan().await;
    let objects = json!([
        charge(&plan, "Usage", "Tiered with Overage Pricing"),
        charge(&plan, "Recurring", "Overage Pricing"),
    ]);
    let body = json!({"type": "ProductRatePlanCharge", "objects": objects});
    let reply = bench.post("/v1/action/create", &body).await;
    assert_eq!(reply.body[0]["Success"], true, "{}", reply.text);
    assert_eq!(reply.body[1]["Success"], false, "{}", reply.text);
}

#[tokio::test]
async fn deletes_answer_in_lower_case() {
    let bench = Bench::open().await;
    let (id, _) = bench.plan().await;
    let body = json!({"type": "Product", "ids": [id, "unknown"]});
    let reply = bench.post("/v1/action/delete", &body).await;
    assert_eq!(reply.body[0], json!({"success": true, "id": id}));
    assert_eq!(reply.body[1]["success"], false);
    assert_eq!(reply.body[1]["errors"][0]["Code"], "INVALID_ID");
}

#[tokio::test]
async fn a_call_takes_fifty_objects_of_one_known_type() {
    let bench = Bench::open().await;
    let many = |count: usize| (0..count).map(|n| product(&format!("P{n}"))).collect::<Vec<_>>();
    for (path, body, code) in [
        ("create", json!({"type": "Product", "objects": many(51)}), "MAX_RECORDS_EXCEEDED"),
        ("create", json!({"type": "Nonsense", "objects": []}), "INVALID_TYPE"),
        ("create", json!({"type": "ProductRatePlanChargeTier", "objects": []}), "INVALID_TYPE"),
        ("create", json!({"objects": []}), "MISSING_REQUIRED_VALUE"),
        ("create", json!({"type": "Product"}), "MISSING_REQUIRED_VALUE"),
        ("delete", json!({"type": "Product", "ids": [1]}), "INVALID_VALUE"),
    ] {
        let reply = bench.post(&format!("/v1/action/{path}"), &body).await;
        assert_eq!((reply.status, &reply.body["FaultCode"]), (400, &json!(code)), "{}", reply.text);
    }
    let body = json!({"type": "Product", "objects": many(50)});
    let reply = bench.post("/v1/action/create", &body).await;
    assert_eq!(reply.body.as_array().unwrap().len(), 50);
    let reply = bench.post("/v1/action/query1", &json!({})).await;
    let expected = json!({"code": "ClientError", "message": "Invalid action 'query1'"});
    assert_eq!((reply.status, reply.body), (400, expected));
}

#[tokio::test]
async fn unknown_fields_are_ignored_unless_the_call_says_otherwise() {
    let bench = Bench::open().await;
    let mut object = product("A");
    object["Nonsense"] = json!(1);
    let body = json!({"type": "Product", "objects": [object]});
    let strict = bench.post("/v1/action/create?rejectUnknownFields=true", &body).await;
    assert_eq!(strict.status, 400);
    assert_eq!(strict.body, json!({"message": "Error - unrecognised fields"}));
    let lenient = bench.post("/v1/action/create", &body).await;
    assert_eq!(lenient.body[0]["Success"], true);
    let id = lenient.body[0]["Id"].as_str().unwrap();
    let stored = bench.get(&format!("/v1/object/product/{id}")).await;
    assert!(stored.body.get("Nonsense").is_none());
    // A nested field, and a field of the service that no client writes.
    let (_, plan_id) = bench.plan().await;
    let mut nested = charge(&plan_id, "OneTime", "Flat Fee Pricing");
    nested["ProductRatePlanChargeTierData"]["ProductRatePlanChargeTier"][0]["Tier"] = json!(1);
    let path = "/v1/object/product-rate-plan-charge?rejectUnknownFields=true";
    assert_eq!(bench.post(path, &nested).await.status, 400);
    let path = "/v1/object/product-rate-plan-charge";
    assert_eq!(bench.send(Method::POST, path, Some(&nested)).await.status, 200);
    let with_id = plan(&"0".repeat(32), "x");
    assert_eq!(bench.post("/v1/object/product-rate-plan", &with_id).await.status, 400);
}
