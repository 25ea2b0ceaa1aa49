//! New subscriptions.

use serde_json::{Value, json};

use super::super::{Bench, bodies, tenant};
use super::{Shop, at, created_with, number};
use crate::sandbox::zuora::{SubscriptionCurrencies, TriggerDateRule};

#[tokio::test]
async fn a_subscription_has_its_terms_its_prices_and_its_worth() {
    let shop = Shop::open().await;
    let pricing = json!({"pricing": {"recurringPerUnit": {"listPrice": 5, "quantity": 10}}});
    let answer = shop.place(&shop.creating(pricing)).await;
    assert_eq!(answer["orderNumber"], "O-00000001");
    assert_eq!(answer["status"], "Completed");
    assert_eq!(answer["subscriptions"][0]["subscriptionNumber"], "S-1");
    assert_eq!(answer["subscriptions"][0]["status"], "Active");
    assert_eq!(answer.get("orderId"), None);

    let shown = shop.subscription("S-1").await;
    assert_eq!(shown["version"], 1);
    assert_eq!(shown["termStartDate"], "2020-01-01");
    assert_eq!(shown["termEndDate"], "2021-01-01");
    assert_eq!(shown["currency"], "USD");
    assert_eq!(number(&shown["contractedMrr"]), "50");
    assert_eq!(number(&shown["totalContractedValue"]), "600");
    let charge = &shown["ratePlans"][0]["ratePlanCharges"][0];
    assert_eq!(charge["effectiveEndDate"], "2021-01-01");
    assert_eq!(number(&charge["quantity"]), "10");
    assert_eq!(shown["ratePlans"][0]["subscriptionRatePlanNumber"], "P-1");

    let order = shop.bench.get("/v1/orders/O-00000001").await.body;
    assert_eq!(order["order"]["orderDate"], "2020-01-01");
    assert_eq!(order["order"]["subscriptions"][0]["orderActions"][0]["sequence"], 0);
    assert_eq!(shop.bench.get("/v1/orders").await.body["orders"][0], order["order"]);
    // What a subscription uses stays in the catalog.
    let deleted = shop.bench.delete(&format!("/v1/object/product-rate-plan/{}", shop.plan)).await;
    assert_eq!(deleted.body["errors"][0]["Code"], "CANNOT_DELETE");
}

#[tokio::test]
async fn an_answer_has_ids_where_they_are_wished_and_numbers_below_223() {
    let shop = Shop::open().await;
    let reply = shop.send("/v1/orders?returnIds=true", &shop.create()).await;
    let id = reply.body["subscriptionIds"][0].as_str().unwrap().to_owned();
    assert_eq!(shop.subscription(&id).await["subscriptionNumber"], "S-1");
    let other = created_with(shop.create(), "/subscriptionNumber", json!("S-2"));
    let other =
        created_with(other, "/subscribeToRatePlans/0/subscriptionRatePlanNumber", Value::Null);
    let old = shop.bench.post("/v1/orders", &other).await;
    assert_eq!(old.body["subscriptionNumbers"], json!(["S-2"]), "{}", old.text);
    let metrics = "/v1/subscriptions/subscription-metrics?subscriptionNumbers[]=S-1";
    let metrics = shop.bench.get(&format!("{metrics}&subscriptionNumbers[]=S-2")).await;
    assert_eq!(number(&metrics.body["subscriptionMetrics"][1]["contractedMrr"]), "100");
    let all =
        shop.bench.get(&format!("/v1/subscriptions/accounts/{}?pageSize=1", shop.account)).await;
    assert_eq!(all.body["subscriptions"][0]["subscriptionNumber"], "S-1");
    assert!(all.body["nextPage"].as_str().unwrap().ends_with("?page=2&pageSize=1"));
}

/// Each rule: how the body is spoiled, and the category of the refusal.
#[tokio::test]
async fn a_body_that_breaks_one_rule_is_refused_and_changes_nothing() {
    let shop = Shop::open().await;
    let good = shop.create();
    let charge = "/subscribeToRatePlans/0/chargeOverrides/0";
    let action = "/subscriptions/0/orderActions/0";
    let dates = |pairs: &[(&str, &str)]| -> Value {
        pairs.iter().map(|(name, date)| json!({"name": name, "triggerDate": date})).collect()
    };
    let with = |pointer: &str, value: Value| created_with(good.clone(), pointer, value);
    let tiers = json!([
        {"tier": 1, "startingUnit": 0, "endingUnit": 10, "price": 1, "priceFormat": "PerUnit"},
    ]);
    let cases = [
        ("unknown field", at(good.clone(), "/surprise", json!(1)), 21),
        ("unknown nested field", with("/terms/surprise", json!(1)), 21),
        ("no order date", at(good.clone(), "/orderDate", Value::Null), 22),
        ("no account", at(good.clone(), "/existingAccountNumber", Value::Null), 22),
        ("two accounts", at(good.clone(), "/existingAccountId", json!("x")), 20),
        ("unknown account", at(good.clone(), "/existingAccountNumber", json!("x")), 40),
        ("no terms", with("/terms", Value::Null), 22),
        ("no length of the term", with("/terms/initialTerm/period", Value::Null), 22),
        ("a term of nothing", with("/terms/initialTerm/period", json!(0)), 30),
        ("a term that ends otherwise", with("/terms/initialTerm/endDate", json!("2020-05-01")), 30),
        ("another unit of terms", with("/terms/initialTerm/periodType", json!("Fortnight")), 20),
        (
            "an action of another type",
            at(
                good.clone(),
                &format!("{action}/addProduct"),
                json!({"productRatePlanNumber": "PRP-1"}),
            ),
            20,
        ),
        (
            "no member for the type",
            at(good.clone(), &format!("{action}/type"), json!("AddProduct")),
            22,
        ),
        ("an unknown plan", with("/subscribeToRatePlans/0/productRatePlanId", json!("x")), 20),
        (
            "a charge of another plan",
            with(&format!("{charge}/productRatePlanChargeId"), json!("x")),
            30,
        ),
        ("no charge", with(&format!("{charge}/productRatePlanChargeId"), Value::Null), 22),
        (
            "a price of another model",
            with(&format!("{charge}/pricing"), json!({"recurringFlatFee": {"listPrice": 1}})),
            30,
        ),
        (
            "a price of another type",
            with(&format!("{charge}/pricing"), json!({"oneTimePerUnit": {"listPrice": 1}})),
            30,
        ),
        (
            "two prices",
            with(&format!("{charge}/pricing"), json!({"recurringPerUnit": {}, "discount": {}})),
            20,
        ),
        (
            "tiers of another model",
            with(&format!("{charge}/pricing"), json!({"recurringVolume": {"tiers": tiers}})),
            30,
        ),
        (
            "a quantity finer than the unit",
            with(&format!("{charge}/pricing"), json!({"recurringPerUnit": {"quantity": 1.5}})),
            20,
        ),
        (
            "a negative quantity",
            with(&format!("{charge}/pricing"), json!({"recurringPerUnit": {"quantity": -1}})),
            20,
        ),
        (
            "too many digits",
            with(
                &format!("{charge}/pricing"),
                json!({"recurringPerUnit": {"listPrice": serde_json::from_str::<Value>("0.1234567891").unwrap()}}),
            ),
            20,
        ),
        ("another currency", with("/currency", json!("EUR")), 30),
        ("an unknown currency", with("/currency", json!("XXX")), 20),
        ("an unknown payment term", with("/paymentTerm", json!("Never")), 20),
        ("a plan not yet sold", at(good.clone(), "/orderDate", json!("2019-12-31")), 30),
        (
            "dates out of order",
            at(
                good.clone(),
                &format!("{action}/triggerDates"),
                dates(&[("ContractEffective", "2020-02-01"), ("ServiceActivation", "2020-01-01")]),
            ),
            30,
        ),
        (
            "a date said twice",
            at(
                good.clone(),
                &format!("{action}/triggerDates"),
                dates(&[("ContractEffective", "2020-02-01"), ("ContractEffective", "2020-02-01")]),
            ),
            20,
        ),
        (
            "a start outside the term",
            with(
                &format!("{charge}/startDate"),
                json!({"triggerEvent": "SpecificDate", "specificTriggerDate": "2021-01-01"}),
            ),
            30,
        ),
        (
            "a specific start without date",
            with(&format!("{charge}/startDate"), json!({"triggerEvent": "SpecificDate"})),
            22,
        ),
        (
            "an end before the start",
            with(
                &format!("{charge}/endDate"),
                json!({"endDateCondition": "Specific_End_Date", "specificEndDate": "2020-01-01"}),
            ),
            30,
        ),
        ("a slash in the order number", at(good.clone(), "/orderNumber", json!("a/b")), 20),
        ("an order number too long", at(good.clone(), "/orderNumber", json!("x".repeat(101))), 20),
        (
            "a rate plan number too long",
            with("/subscribeToRatePlans/0/subscriptionRatePlanNumber", json!("x".repeat(51))),
            20,
        ),
        ("billing", at(good.clone(), "/processingOptions", json!({"runBilling": true})), 30),
        (
            "a custom field that the tenant lacks",
            at(good.clone(), "/subscriptions/0/customFields", json!({"Own__c": 1})),
            21,
        ),
    ];
    for (what, body, category) in cases {
        let (found, message) = shop.refuse(&body).await;
        assert_eq!(found, category, "{what}: {message}");
    }
    assert_eq!(shop.bench.get("/v1/subscriptions/S-1").await.body["success"], false);
    assert_eq!(shop.bench.get("/v1/orders").await.body["orders"], json!([]));
    // Not even a number was spent.
    assert_eq!(shop.place(&good).await["orderNumber"], "O-00000001");
}

#[tokio::test]
async fn numbers_serve_once() {
    let shop = Shop::open().await;
    shop.place(&at(shop.create(), "/orderNumber", json!("O"))).await;
    let plan = "/subscribeToRatePlans/0/subscriptionRatePlanNumber";
    let other = created_with(shop.create(), "/subscriptionNumber", json!("S-2"));
    for (what, body) in [
        ("order", at(created_with(other.clone(), plan, Value::Null), "/orderNumber", json!("O"))),
        ("subscription", created_with(shop.create(), plan, Value::Null)),
        ("rate plan", other.clone()),
    ] {
        let (category, message) = shop.refuse(&body).await;
        assert_eq!(category, 30, "{message}");
        assert!(message.contains(&format!("The {what} number")), "{message}");
    }
    let pair = json!([
        other["subscriptions"][0],
        created_with(other.clone(), "/subscriptionNumber", json!("S-3"))["subscriptions"][0],
    ]);
    let (_, message) = shop.refuse(&at(other, "/subscriptions", pair)).await;
    assert!(message.contains("rate plan number"), "{message}");
    assert_eq!(shop.bench.get("/v1/subscriptions/S-2").await.body["success"], false);
}

#[tokio::test]
async fn the_order_of_51_actions_is_too_large() {
    let shop = Shop::open().await;
    let one = shop.create()["subscriptions"][0].clone();
    let (category, message) =
        shop.refuse(&at(shop.create(), "/subscriptions", json!(vec![one; 51]))).await;
    assert_eq!(category, 30);
    assert!(message.contains("51 subscriptions"), "{message}");
}

#[tokio::test]
async fn an_account_can_come_with_the_order() {
    let shop = Shop::open().await;
    let account = json!({
        "name": "New", "currency": "EUR", "billCycleDay": 1,
        "billToContact": {"firstName": "A", "lastName": "B", "country": "France"},
    });
    let body = at(at(shop.create(), "/existingAccountNumber", Value::Null), "/newAccount", account);
    let spoilt = created_with(body.clone(), "/currency", json!("USD"));
    assert_eq!(shop.refuse(&spoilt).await.0, 30);
    let answer = shop.place(&body).await;
    assert_eq!(shop.subscription("S-1").await["currency"], "EUR");
    assert_eq!(answer["accountNumber"], shop.subscription("S-1").await["accountNumber"]);
}

#[tokio::test]
async fn with_multiple_currencies_a_subscription_has_its_own() {
    let mut tenant = tenant();
    tenant.orders.currencies = SubscriptionCurrencies::Any;
    let shop =
        Shop::of(Bench::serve(tenant, None, |app| app).await, "Recurring", "Per Unit Pricing")
            .await;
    shop.place(&created_with(shop.create(), "/currency", json!("EUR"))).await;
    assert_eq!(shop.subscription("S-1").await["currency"], "EUR");
    let other = created_with(shop.create(), "/currency", json!("GBP"));
    assert!(
        shop.refuse(&created_with(other, "/subscriptionNumber", json!("S-2")))
            .await
            .1
            .contains("not active")
    );
}

#[tokio::test]
async fn a_required_date_makes_the_order_wait() {
    let mut tenant = tenant();
    tenant.orders.service_activation = TriggerDateRule::Required;
    tenant.orders.customer_acceptance = TriggerDateRule::Required;
    let shop =
        Shop::of(Bench::serve(tenant, None, |app| app).await, "Recurring", "Per Unit Pricing")
            .await;
    let place = "/subscriptions/0/orderActions/0/triggerDates";
    let service = json!([{"name": "ServiceActivation", "triggerDate": "2020-01-02"}]);
    for (number, dates, status) in
        [("S-1", json!([]), "Pending Activation"), ("S-2", service, "Pending Acceptance")]
    {
        let body =
            created_with(at(shop.create(), place, dates), "/subscriptionNumber", json!(number));
        let plan = "/subscribeToRatePlans/0/subscriptionRatePlanNumber";
        let answer = shop.place(&created_with(body, plan, Value::Null)).await;
        assert_eq!(answer["status"], "Pending");
        assert_eq!(shop.subscription(number).await["status"], status);
    }
}

#[tokio::test]
async fn a_pending_order_is_completed_by_its_dates() {
    let mut tenant = tenant();
    tenant.orders.service_activation = TriggerDateRule::Required;
    let bench = Bench::serve(tenant, None, |app| app).await;
    let shop = Shop::of(bench, "Recurring", "Per Unit Pricing").await;
    let said = json!({
        "startDate": {"triggerEvent": "ServiceActivation"},
        "endDate": {"endDateCondition": "Fixed_Period", "upToPeriods": 2, "upToPeriodsType": "Months"},
    });
    shop.place(&at(shop.creating(said), "/orderNumber", json!("O"))).await;
    let shown = shop.subscription("S-1").await;
    assert_eq!(number(&shown["contractedMrr"]), "0");
    assert_eq!(shown["ratePlans"][0]["ratePlanCharges"][0]["effectiveStartDate"], Value::Null);

    let dates = |date: &str| {
        let date = json!([{"name": "ServiceActivation", "triggerDate": date}]);
        let actions = json!([{"sequence": 0, "triggerDates": date}]);
        json!({"subscriptions": [{"subscriptionNumber": "S-1", "orderActions": actions}]})
    };
    let put = async |body: &Value| {
        let path = "/v1/orders/O/triggerDates";
        shop.bench.send_with(reqwest::Method::PUT, path, Some(body), &[super::VERSION]).await
    };
    for (body, code) in [
        (dates("2019-12-31"), 53_100_330),
        (dates("2021-01-01"), 53_100_330),
        (json!({"subscriptions": [], "surprise": 1}), 53_100_320),
        (at(dates("2020-02-01"), "/subscriptions/0/subscriptionNumber", json!("S-2")), 53_100_340),
    ] {
        let reply = put(&body).await;
        let codes = reply.body["reasons"].as_array().unwrap();
        assert!(codes.iter().any(|reason| reason["code"] == code), "{body} {}", reply.text);
    }
    let done = put(&dates("2020-02-01")).await;
    assert_eq!((&done.body["status"], done.status), (&json!("Completed"), 200), "{}", done.text);
    assert_eq!(done.body["subscriptions"][0]["status"], "Active");
    let shown = shop.subscription("S-1").await;
    assert_eq!(
        (&shown["version"], &shown["serviceActivationDate"]),
        (&json!(1), &json!("2020-02-01"))
    );
    assert_eq!(number(&shown["totalContractedValue"]), "200");
    assert_eq!(put(&dates("2020-02-01")).await.status, 400);
    let metrics =
        "/v1/subscriptions/subscription-metrics?subscriptionNumbers[]=S-1&asOfDay=2020-03-31";
    let metrics = shop.bench.get(metrics).await.body;
    assert_eq!(number(&metrics["subscriptionMetrics"][0]["asOfDayGrossMrr"]), "100");
}

/// The worth of a charge of each type and model, with its own price and quantity.
#[tokio::test]
async fn every_model_has_its_key_and_its_worth() {
    let tiers = json!([
        {"tier": 1, "startingUnit": 1, "endingUnit": 10, "price": 2, "priceFormat": "PerUnit"},
        {"tier": 2, "startingUnit": 11, "price": 1, "priceFormat": "PerUnit"},
    ]);
    for (charge_type, model, key, said, mrr, tcv) in [
        (
            "Recurring",
            "Flat Fee Pricing",
            "recurringFlatFee",
            json!({"listPrice": 30}),
            "30",
            "360",
        ),
        (
            "Recurring",
            "Flat Fee Pricing",
            "recurringFlatFee",
            json!({"listPrice": 36, "listPriceBase": "Per_Year"}),
            "3",
            "36",
        ),
        (
            "Recurring",
            "Volume Pricing",
            "recurringVolume",
            json!({"quantity": 12, "tiers": tiers}),
            "12",
            "144",
        ),
        (
            "Recurring",
            "Tiered Pricing",
            "recurringTiered",
            json!({"quantity": 12, "tiers": tiers}),
            "22",
            "264",
        ),
        ("OneTime", "Flat Fee Pricing", "oneTimeFlatFee", json!({"listPrice": 30}), "0", "30"),
        ("OneTime", "Per Unit Pricing", "oneTimePerUnit", json!({"quantity": 4}), "0", "400"),
        (
            "OneTime",
            "Volume Pricing",
            "oneTimeVolume",
            json!({"quantity": 12, "tiers": tiers}),
            "0",
            "12",
        ),
        ("Usage", "Per Unit Pricing", "usagePerUnit", json!({"listPrice": 3}), "0", "0"),
        ("Usage", "Overage Pricing", "usageOverage", json!({"includedUnits": 3}), "0", "0"),
        ("Usage", "Tiered Pricing", "usageTiered", json!({"tiers": tiers}), "0", "0"),
    ] {
        let shop = Shop::selling(charge_type, model).await;
        let body = shop.creating(json!({"pricing": {key: said}}));
        shop.place(&body).await;
        let shown = shop.subscription("S-1").await;
        assert_eq!(number(&shown["contractedMrr"]), mrr, "{charge_type} {model}");
        assert_eq!(number(&shown["totalContractedValue"]), tcv, "{charge_type} {model}");
    }
}

#[tokio::test]
async fn tiers_of_an_order_have_no_hole() {
    let shop = Shop::selling("Recurring", "Volume Pricing").await;
    for (second, third) in [(12, 1), (10, 1), (11, 2)] {
        let tiers = json!([
            {"tier": 1, "startingUnit": 0, "endingUnit": 10, "price": 2, "priceFormat": "PerUnit"},
            {"tier": third + 1, "startingUnit": second, "price": 1, "priceFormat": "PerUnit"},
        ]);
        let pricing = json!({"pricing": {"recurringVolume": {"quantity": 1, "tiers": tiers}}});
        let reply = shop.order(&shop.creating(pricing)).await;
        assert_eq!(reply.status == 200, (second, third) == (11, 1), "{}", reply.text);
    }
}

#[tokio::test]
async fn a_charge_ends_by_itself_where_the_order_says_so() {
    let shop = Shop::open().await;
    for (number, said, end, tcv) in [
        (
            "S-1",
            json!({"endDateCondition": "Specific_End_Date", "specificEndDate": "2020-03-01"}),
            "2020-03-01",
            "200",
        ),
        (
            "S-2",
            json!({"endDateCondition": "Fixed_Period", "upToPeriods": 2, "upToPeriodsType": "Billing_Periods"}),
            "2020-03-01",
            "200",
        ),
        (
            "S-3",
            json!({"endDateCondition": "Fixed_Period", "upToPeriods": 5, "upToPeriodsType": "Years"}),
            "2021-01-01",
            "1200",
        ),
    ] {
        let body = shop.creating(json!({"endDate": said}));
        let body = created_with(body, "/subscriptionNumber", json!(number));
        let plan = "/subscribeToRatePlans/0/subscriptionRatePlanNumber";
        shop.place(&created_with(body, plan, Value::Null)).await;
        let shown = shop.subscription(number).await;
        assert_eq!(shown["ratePlans"][0]["ratePlanCharges"][0]["effectiveEndDate"], end);
        assert_eq!(super::number(&shown["totalContractedValue"]), tcv);
    }
}

#[tokio::test]
async fn a_tenant_with_orders_comes_back_as_it_was() {
    let folder =
        std::env::temp_dir().join(format!("crosswalk-zuora-{}-orders", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let bench = Bench::open_at(Some(&folder)).await;
    let shop = Shop::of(bench, "Recurring", "Per Unit Pricing").await;
    let price = serde_json::from_str::<Value>("5.123456789").unwrap();
    shop.place(&shop.creating(json!({"pricing": {"recurringPerUnit": {"listPrice": price}}})))
        .await;
    let before = shop.subscription("S-1").await;
    let again = Bench::open_at(Some(&folder)).await;
    let path = "/v1/subscriptions/S-1?charge-detail=all-segments";
    assert_eq!(again.get(path).await.body, before);
    assert!(before.to_string().contains("5.123456789"));
    let product = again.create("product", &bodies::product("Next")).await;
    assert!(!product.is_empty());
    std::fs::remove_dir_all(folder).unwrap();
}
