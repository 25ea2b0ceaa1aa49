//! Changing and deleting objects.

use serde_json::{Value, json};

use super::Bench;
use super::bodies::{but, charge, plan, product, tiers, with_tiers};

/// What a PUT of a charge must send.
fn put_of(charge: Value) -> Value {
    but(charge, json!({"ChargeType": null, "Name": null}))
}

#[tokio::test]
async fn a_put_changes_the_sent_fields_only() {
    let bench = Bench::open().await;
    let whole = but(product("Widget"), json!({"Description": "old", "Region__c": "EMEA"}));
    let id = bench.create("product", &whole).await;
    let path = format!("/v1/object/product/{id}");
    let reply = bench.put(&path, &json!({"Description": "new", "Region__c": null})).await;
    assert_eq!(reply.body, json!({"Success": true, "Id": id}));
    let stored = bench.get(&path).await;
    assert_eq!(stored.body["Description"], "new");
    assert_eq!(stored.body["Name"], "Widget");
    assert!(stored.body.get("Region__c").is_none());

    bench.create("product", &product("Other")).await;
    for (change, part) in [
        (json!({"Name": "Other"}), "already exists"),
        (json!({"EffectiveEndDate": "2019-01-01"}), "before"),
        (json!({"Name": null}), "Name"),
    ] {
        let reply = bench.put(&path, &change).await;
        assert_eq!(reply.status, 400, "{change}");
        assert!(reply.text.contains(part), "{change}: {}", reply.text);
    }
    let reply = bench.put(&format!("/v1/object/product/{}", "0".repeat(32)), &json!({})).await;
    assert_eq!(reply.body["Errors"][0]["Code"], "INVALID_ID");
}

#[tokio::test]
async fn a_product_expires_with_its_plans() {
    let bench = Bench::open().await;
    let (product, plan) = bench.plan().await;
    let shorter = json!({"EffectiveEndDate": "2030-12-31"});
    let longer = json!({"EffectiveEndDate": "2031-12-31"});
    assert_eq!(bench.put(&format!("/v1/object/product/{product}"), &shorter).await.status, 200);
    let plan = format!("/v1/object/product-rate-plan/{plan}");
    assert_eq!(bench.put(&plan, &longer).await.status, 400, "a plan lies within its product");
    assert_eq!(bench.put(&plan, &shorter).await.status, 200);
}

#[tokio::test]
async fn at_most_four_currencies_change_per_call() {
    let bench = Bench::open().await;
    let (_, plan) = bench.plan().await;
    let path = format!("/v1/object/product-rate-plan/{plan}");
    for (currencies, status) in [
        (json!(["USD", "EUR", "GBP", "JPY", "CAD", "AUD", "CHF"]), 400),
        (json!(["GBP", "JPY", "CAD"]), 400),
        (json!(["GBP", "JPY"]), 200),
        (json!(["GBP", "JPY", "CAD", "AUD", "CHF"]), 200),
    ] {
        let reply = bench.put(&path, &json!({"ActiveCurrencies": currencies})).await;
        assert_eq!(reply.status, status, "{currencies} {}", reply.text);
    }
}

#[tokio::test]
async fn the_nature_of_a_charge_stays() {
    let bench = Bench::open().await;
    let (product, plan_id) = bench.plan().await;
    let other = bench.create("product-rate-plan", &plan(&product, "Other")).await;
    let body = charge(&plan_id, "Recurring", "Volume Pricing");
    let id = bench.create("product-rate-plan-charge", &body).await;
    let path = format!("/v1/object/product-rate-plan-charge/{id}?rejectUnknownFields=true");
    let whole = put_of(body.clone());
    assert_eq!(bench.put(&path, &whole).await.status, 200);
    for (change, part) in [
        (json!({"ChargeType": "Usage"}), "unrecognised"),
        (json!({"ChargeModel": "Tiered Pricing"}), "ChargeModel"),
        (json!({"ProductRatePlanId": other}), "ProductRatePlanId"),
        (json!({"ChargeModel": null}), "ChargeModel"),
        (json!({"ProductRatePlanChargeTierData": null}), "TierData"),
    ] {
        let reply = bench.put(&path, &but(whole.clone(), change.clone())).await;
        assert_eq!(reply.status, 400, "{change}");
        assert!(reply.text.contains(part), "{change}: {}", reply.text);
    }
    bench.service.mark_used(&plan_id).unwrap();
    let timing = but(whole, json!({"BillingTiming": "In Arrears"}));
    let reply = bench.put(&path, &timing).await;
    assert!(reply.text.contains("BillingTiming"), "{}", reply.text);
}

#[tokio::test]
async fn a_field_goes_with_the_value_that_it_stood_beside() {
    let bench = Bench::open().await;
    let (_, plan) = bench.plan().await;
    let on_a_day = json!({"BillCycleType": "SpecificDayofMonth", "BillCycleDay": 7});
    let body = but(charge(&plan, "Recurring", "Flat Fee Pricing"), on_a_day);
    let id = bench.create("product-rate-plan-charge", &body).await;
    let path = format!("/v1/object/product-rate-plan-charge/{id}");
    let default = json!({"BillCycleType": "DefaultFromCustomer"});
    let both = put_of(but(body.clone(), default.clone()));
    assert_eq!(bench.put(&path, &both).await.status, 400);
    let change = but(both, json!({"BillCycleDay": null}));
    let reply = bench.put(&path, &change).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(bench.get(&path).await.body.get("BillCycleDay").is_none());
}

#[tokio::test]
async fn the_service_chooses_the_numbers_that_a_client_leaves_out() {
    let bench = Bench::open().await;
    let id = bench.create("product", &but(product("Empty"), json!({"SKU": ""}))).await;
    let path = format!("/v1/object/product/{id}");
    assert_eq!(bench.get(&path).await.body["SKU"], "SKU-00000001");
    let reply = bench.put(&path, &json!({"SKU": ""})).await;
    assert_eq!(reply.body["Errors"][0]["Code"], "MISSING_REQUIRED_VALUE", "{}", reply.text);
}

#[tokio::test]
async fn new_tier_data_replaces_the_tiers_and_keeps_their_ids() {
    let bench = Bench::open().await;
    let (_, plan) = bench.plan().await;
    let body = charge(&plan, "Recurring", "Volume Pricing");
    let id = bench.create("product-rate-plan-charge", &body).await;
    let read = format!(
        "select Tier, Currency, Price from ProductRatePlanChargeTier where ProductRatePlanChargeId = '{id}'"
    );
    let before = bench.query(&read).await;
    assert_eq!(before.body["size"], 4);
    let cheaper: Vec<Value> = ["USD", "EUR"]
        .iter()
        .map(|currency| json!({"Currency": currency, "StartingUnit": 0, "Price": 5}))
        .collect();
    let path = format!("/v1/object/product-rate-plan-charge/{id}");
    let whole = put_of(with_tiers(body, json!(cheaper)));
    assert_eq!(bench.put(&path, &whole).await.status, 200);
    let after = bench.query(&read).await;
    assert_eq!(after.body["size"], 2);
    let ids_of_first = |reply: &super::Reply| {
        let records = reply.body["records"].as_array().unwrap();
        let first = records.iter().filter(|tier| tier["Tier"] == 1);
        first.map(|tier| tier["Id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids_of_first(&before), ids_of_first(&after));
}

#[tokio::test]
async fn one_tier_changes_its_price_alone() {
    let bench = Bench::open().await;
    let (_, plan) = bench.plan().await;
    bench.create("product-rate-plan-charge", &charge(&plan, "Recurring", "Flat Fee Pricing")).await;
    let reply =
        bench.query("select Id from ProductRatePlanChargeTier where Currency = 'USD'").await;
    let id = reply.body["records"][0]["Id"].as_str().unwrap();
    let path = format!("/v1/object/product-rate-plan-charge-tier/{id}");
    let price = serde_json::from_str(r#"{"Price": 120.50}"#).unwrap();
    assert_eq!(bench.put(&path, &price).await.status, 200);
    let stored = bench.get(&path).await;
    assert!(stored.text.contains(r#""Price":120.50"#), "{}", stored.text);
    assert_eq!(stored.body["PriceFormat"], "FlatFee");
    let strict = format!("{path}?rejectUnknownFields=true");
    for change in
        [json!({"StartingUnit": 5}), json!({"Currency": "GBP"}), json!({"DiscountAmount": 1})]
    {
        assert_eq!(bench.put(&strict, &change).await.status, 400, "{change}");
    }
    assert_eq!(bench.delete(&path).await.status, 405);
    let create = bench.post("/v1/object/product-rate-plan-charge-tier", &json!({})).await;
    assert_eq!(create.status, 404);
}

#[tokio::test]
async fn what_a_subscription_used_cannot_be_deleted() {
    let bench = Bench::open().await;
    let (product, plan_id) = bench.plan().await;
    let used = bench
        .create("product-rate-plan-charge", &charge(&plan_id, "OneTime", "Flat Fee Pricing"))
        .await;
    bench.service.mark_used(&plan_id).unwrap();
    for path in [
        format!("product/{product}"),
        format!("product-rate-plan/{plan_id}"),
        format!("product-rate-plan-charge/{used}"),
    ] {
        let reply = bench.delete(&format!("/v1/object/{path}")).await;
        assert_eq!(reply.status, 400, "{path}");
        assert_eq!(reply.body["errors"][0]["Code"], "CANNOT_DELETE", "{}", reply.text);
    }
}

#[tokio::test]
async fn what_is_below_a_deleted_object_goes_with_it() {
    let bench = Bench::open().await;
    let (product, plan_id) = bench.plan().await;
    bench
        .create("product-rate-plan-charge", &charge(&plan_id, "OneTime", "Flat Fee Pricing"))
        .await;
    let reply = bench.delete(&format!("/v1/object/product/{product}")).await;
    assert_eq!(reply.body, json!({"success": true, "id": product}));
    for object in
        ["Product", "ProductRatePlan", "ProductRatePlanCharge", "ProductRatePlanChargeTier"]
    {
        let reply = bench.query(&format!("select Id from {object}")).await;
        assert_eq!(reply.body["size"], 0, "{object}");
    }
    let again = bench.delete(&format!("/v1/object/product/{product}")).await;
    assert_eq!(again.body["errors"][0]["Code"], "INVALID_ID");
    // The name is free again.
    bench.create("product", &super::bodies::product("Widget")).await;
}

#[tokio::test]
async fn a_one_time_charge_forgets_its_billing_period() {
    let bench = Bench::open().await;
    let (_, plan) = bench.plan().await;
    let body = charge(&plan, "OneTime", "Flat Fee Pricing");
    let id = bench.create("product-rate-plan-charge", &body).await;
    let stored = bench.get(&format!("/v1/object/product-rate-plan-charge/{id}")).await;
    assert!(stored.body.get("BillingPeriod").is_none(), "{}", stored.text);
    assert_eq!(tiers("Flat Fee Pricing").as_array().unwrap().len(), 2);
}
