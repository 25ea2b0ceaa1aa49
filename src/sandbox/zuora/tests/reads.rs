//! The catalog of the v1 API, and Describe.

use reqwest::Method;
use serde_json::{Value, json};

use super::Bench;
use super::bodies::{but, charge, plan, product};

#[tokio::test]
async fn a_product_is_shown_with_its_plans_charges_and_prices() {
    let bench = Bench::open().await;
    let (id, plan) = bench.plan().await;
    let extra = json!({"BillingPeriod": "Semi-Annual", "BillCycleType": "ChargeTriggerDay"});
    let body = but(charge(&plan, "Recurring", "Volume Pricing"), extra);
    bench.create("product-rate-plan-charge", &body).await;
    let reply = bench.get(&format!("/v1/catalog/products/{id}")).await;
    let shown = &reply.body;
    assert_eq!(shown["success"], true);
    assert_eq!(shown["category"], Value::Null);
    assert_eq!(shown["Region__c"], Value::Null);
    let plan = &shown["productRatePlans"][0];
    assert_eq!(plan["status"], "Active");
    assert_eq!(plan["externallyManagedPlanIds"], json!([]));
    let charge = &plan["productRatePlanCharges"][0];
    for (name, expected) in [
        ("model", json!("Volume")),
        ("type", json!("Recurring")),
        ("billingPeriod", json!("Semi_Annual")),
        ("billingTiming", json!("IN_ADVANCE")),
        ("billingDay", json!("ChargeTriggerDay")),
        ("endDateCondition", json!("Subscription_End")),
        ("listPriceBase", json!("Per_Billing_Period")),
        ("upToPeriods", Value::Null),
        ("taxable", json!(false)),
    ] {
        assert_eq!(charge.get(name), Some(&expected), "{name}");
    }
    let dollars = &charge["pricing"][1];
    assert_eq!(dollars["currency"], "USD");
    assert_eq!(dollars["price"], Value::Null);
    assert_eq!(dollars["tiers"][0]["endingUnit"], 10);
    assert_eq!(dollars["tiers"][0]["priceFormat"], "PerUnit");
    assert_eq!(dollars["tiers"][1]["endingUnit"], Value::Null);
    assert_eq!(charge["pricingSummary"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn every_key_of_a_recorded_catalog_is_there() {
    // The keys that a recorded answer of the service has, without custom fields.
    let keys = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let of_product = keys(
        "id sku name description category effectiveStartDate effectiveEndDate productNumber
         allowFeatureChanges productRatePlans productFeatures",
    );
    let of_plan = keys(
        "id status name description effectiveStartDate effectiveEndDate externalIdSourceSystem
         externallyManagedPlanIds productRatePlanCharges productRatePlanNumber",
    );
    let of_charge = keys(
        "id name type model uom pricingSummary pricing defaultQuantity applyDiscountTo
         discountLevel discountClass applyToBillingPeriodPartially productDiscountApplyDetails
         endDateCondition upToPeriods upToPeriodsType billingDay listPriceBase
         specificListPriceBase billingTiming ratingGroup billingPeriod billingPeriodAlignment
         specificBillingPeriod smoothingModel numberOfPeriods overageCalculationOption
         overageUnusedUnitsCreditOption unusedIncludedUnitPrice usageRecordRatingOption
         priceChangeOption priceIncreasePercentage useTenantDefaultForPriceChange taxable taxCode
         taxMode prorationOption triggerEvent description revRecCode revRecTriggerCondition
         revenueRecognitionRuleName useDiscountSpecificAccountingCode financeInformation
         deliverySchedule reflectDiscountInNetAmount isStackedDiscount
         productRatePlanChargeNumber",
    );
    let of_price =
        keys("currency price tiers includedUnits overagePrice discountPercentage discountAmount");
    let bench = Bench::open().await;
    let (_, plan) = bench.plan().await;
    bench.create("product-rate-plan-charge", &charge(&plan, "OneTime", "Per Unit Pricing")).await;
    let reply = bench.get("/v1/catalog/products").await;
    let product = &reply.body["products"][0];
    let plan = &product["productRatePlans"][0];
    let charge = &plan["productRatePlanCharges"][0];
    let price = &charge["pricing"][0];
    for (shown, mut expected) in
        [(product, of_product), (plan, of_plan), (charge, of_charge), (price, of_price)]
    {
        expected.sort();
        let found: Vec<String> = shown
            .as_object()
            .unwrap()
            .keys()
            .filter(|name| !name.ends_with("__c"))
            .cloned()
            .collect();
        assert_eq!(found, expected);
    }
    // A one-time charge has no billing day, and an end of its own.
    assert_eq!(charge["billingDay"], Value::Null);
    assert_eq!(charge["endDateCondition"], "One_Time");
    assert_eq!((&price["price"], &price["includedUnits"]), (&json!(100), &json!(0)));
}

#[tokio::test]
async fn products_come_in_pages_the_last_changed_first() {
    let bench = Bench::open().await;
    let mut ids = Vec::new();
    for number in 0..12 {
        ids.push(bench.create("product", &product(&format!("P{number}"))).await);
    }
    bench.put(&format!("/v1/object/product/{}", ids[0]), &json!({"Description": "x"})).await;
    let first = bench.get("/v1/catalog/products").await;
    assert_eq!(first.body["products"].as_array().unwrap().len(), 10);
    assert_eq!(first.body["products"][0]["name"], "P0");
    assert_eq!(first.body["products"][1]["name"], "P11");
    let next = first.body["nextPage"].as_str().unwrap();
    assert_eq!(next, "/v1/catalog/products?page=2&pageSize=10");
    let second = bench.get(next).await;
    assert_eq!(second.body["products"].as_array().unwrap().len(), 2);
    assert!(second.body.get("nextPage").is_none());
    let all = bench.get("/v1/catalog/products?pageSize=100").await;
    assert_eq!(all.body["products"].as_array().unwrap().len(), 12);
    let bad = bench.get("/v1/catalog/products?pageSize=x").await;
    assert_eq!((bad.status, &bad.body["success"]), (200, &json!(false)));
}

#[tokio::test]
async fn from_230_on_the_plans_are_behind_a_url() {
    let bench = Bench::open().await;
    let (id, _) = bench.plan().await;
    let headers = [("Zuora-Version", "230.0")];
    let reply = bench.send_with(Method::GET, "/v1/catalog/products", None, &headers).await;
    let url = reply.body["products"][0]["productRatePlans"].as_str().unwrap();
    let path = url.strip_prefix(&bench.url).unwrap();
    assert_eq!(path, format!("/v1/products/{id}/product-rate-plans"));
    let plans = bench.get(path).await;
    assert_eq!(plans.body["productRatePlans"][0]["name"], "Plan");
}

#[tokio::test]
async fn objects_are_found_by_id_number_and_external_id() {
    let bench = Bench::open().await;
    let sku = but(product("Widget"), json!({"SKU": "W-1"}));
    let id = bench.create("product", &sku).await;
    let external = but(plan(&id, "Plan"), json!({"ExternalRatePlanIds": "app-1,app-2"}));
    let plan = bench.create("product-rate-plan", &external).await;
    bench.create("product-rate-plan-charge", &charge(&plan, "OneTime", "Flat Fee Pricing")).await;
    for path in [
        "/v1/catalog/products/W-1",
        "/v1/catalog/products/PC-00000001",
        "/v1/products/W-1/product-rate-plans",
        "/v1/product-rate-plans/PRP-00000001",
        "/v1/product-rate-plans/external-id/app-2",
        "/v1/product-rate-plan-charges/PRPC-00000001",
    ] {
        let reply = bench.get(path).await;
        assert_eq!((reply.status, &reply.body["success"]), (200, &json!(true)), "{path}");
        let missing = bench.get(&format!("{path}x")).await;
        assert_ne!(missing.body["success"], true, "{path}x");
    }
}

#[tokio::test]
async fn a_plan_that_is_over_is_expired() {
    let bench = Bench::open().await;
    let id = bench.create("product", &product("Widget")).await;
    let over = but(plan(&id, "Over"), json!({"EffectiveEndDate": "2020-12-31"}));
    let over = bench.create("product-rate-plan", &over).await;
    let reply = bench.get(&format!("/v1/product-rate-plans/{over}")).await;
    assert_eq!(reply.body["status"], "Expired");
}

#[tokio::test]
async fn describe_lists_the_fields_of_an_object() {
    let bench = Bench::open().await;
    let reply = bench.get("/v1/describe/Product").await;
    assert!(reply.headers["content-type"].to_str().unwrap().starts_with("text/xml"));
    for part in [
        "<name>Product</name>",
        "<name>SKU</name>",
        "<name>Region__c</name>",
        "<option>EMEA</option>",
    ] {
        assert!(reply.text.contains(part), "{part}");
    }
    for absent in ["Nonsense", "product", "Invoice"] {
        let reply = bench.get(&format!("/v1/describe/{absent}")).await;
        let is_xml = reply.headers["content-type"].to_str().unwrap().starts_with("text/xml");
        assert!(reply.status == 404 && is_xml && reply.text.contains(absent), "{}", reply.text);
    }
}

#[tokio::test]
async fn objects_of_orders_are_described_by_their_names_in_exports() {
    let bench = Bench::open().await;
    for (object, field) in [
        ("Subscription", "TermEndDate"),
        ("RatePlan", "ProductRatePlanId"),
        ("RatePlanCharge", "ChargeNumber"),
        ("Order", "OrderNumber"),
        ("OrderLineItems", "ItemNumber"),
    ] {
        let reply = bench.get(&format!("/v1/describe/{object}")).await;
        assert_eq!(reply.status, 200, "{object}");
        assert!(reply.text.contains(&format!("<name>{field}</name>")), "{object} {}", reply.text);
    }
}
