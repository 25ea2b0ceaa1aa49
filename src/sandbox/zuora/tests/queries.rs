//! Queries over HTTP.

use reqwest::Method;
use serde_json::{Value, json};

use super::Bench;
use super::bodies::{but, charge, product, with_tiers};

#[tokio::test]
async fn finds_what_the_conditions_say() {
    let bench = Bench::open().await;
    for (name, extra) in [
        ("Alpha", json!({"SKU": "A-1", "Weight__c": 10, "Region__c": "EMEA"})),
        ("Beta", json!({"SKU": "B-1", "Weight__c": 2.50, "Bundled__c": true})),
        (
            "Gamma",
            json!({"SKU": "C-1", "EffectiveStartDate": "2024-06-30", "Since__c": "2024-06-30"}),
        ),
    ] {
        bench.create("product", &but(product(name), extra)).await;
    }
    for (condition, expected) in [
        ("", 3),
        ("where Name = 'Alpha'", 1),
        ("where name = 'Alpha'", 1),
        ("where Name = 'alpha'", 0),
        ("where Name != 'Alpha'", 2),
        ("where SKU = 'A-1' or SKU = 'B-1'", 2),
        ("where SKU = 'A-1' or SKU = 'B-1' and Name = 'Alpha'", 1),
        ("where Name like '%eta'", 1),
        ("where Name like 'Gam%'", 1),
        ("where Weight__c > 2", 2),
        ("where Weight__c = 2.5", 1),
        ("where Weight__c != 10", 1),
        ("where Region__c = null", 2),
        ("where Region__c != null", 1),
        ("where Bundled__c = true", 1),
        ("where EffectiveStartDate >= '2024-01-01'", 1),
        ("where Since__c = '2024-06-30'", 1),
        ("where CreatedDate > '2020-01-01T00:00:00Z'", 3),
        ("where CreatedDate < '2020-01-01'", 0),
    ] {
        let reply = bench.query(&format!("select Id from Product {condition}")).await;
        assert_eq!(reply.body["size"], expected, "{condition} {}", reply.text);
        assert_eq!(reply.body["done"], true);
    }
}

#[tokio::test]
async fn refuses_with_a_fault() {
    let bench = Bench::open().await;
    for (query, code, part) in [
        (
            "select Nonsense from Product",
            "INVALID_FIELD",
            "invalid field for query: product.Nonsense",
        ),
        ("select Id from Nonsense", "INVALID_TYPE", "Nonsense"),
        ("select * from Product", "MALFORMED_QUERY", "ZOQL syntax"),
        (
            "select Id from Product where Nonsense = 1",
            "MALFORMED_QUERY",
            "invalid field for filter",
        ),
        ("select Id from Product where Note__c = 'x'", "MALFORMED_QUERY", "Note__c"),
        ("select Id from Product where Weight__c = 'x'", "INVALID_VALUE", "invalid value"),
        ("select Id from Product where Name like '%a%'", "INVALID_VALUE", "trailing or leading"),
        ("select ProductNumber from Product", "INVALID_FIELD", "ProductNumber"),
        (
            "select Price, DiscountAmount from ProductRatePlanChargeTier",
            "INVALID_VALUE",
            "can only use",
        ),
        (
            "select Name, ActiveCurrencies from ProductRatePlan",
            "INVALID_VALUE",
            "active currencies",
        ),
        ("select ActiveCurrencies from ProductRatePlan", "INVALID_VALUE", "active currencies"),
        (
            "select ProductRatePlanChargeTierData from ProductRatePlanCharge",
            "INVALID_FIELD",
            "TierData",
        ),
    ] {
        let reply = bench.query(query).await;
        assert_eq!(reply.status, 400, "{query}");
        assert_eq!(reply.body["FaultCode"], code, "{query} {}", reply.text);
        let message = reply.body["FaultMessage"].as_str().unwrap();
        assert!(message.contains(part), "{query}: {message}");
    }
    let reply = bench.post("/v1/action/query", &json!({})).await;
    assert_eq!(reply.body["FaultCode"], "MALFORMED_QUERY");
}

#[tokio::test]
async fn a_field_exists_from_its_wsdl_version_on() {
    let bench = Bench::open().await;
    bench.create("product", &product("Widget")).await;
    let body = json!({"queryString": "select ProductNumber from Product"});
    let headers = [("X-Zuora-WSDL-Version", "133")];
    let reply = bench.send_with(Method::POST, "/v1/action/query", Some(&body), &headers).await;
    assert_eq!(reply.body["records"][0]["ProductNumber"], "PC-00000001");
}

#[tokio::test]
async fn tiers_read_as_the_service_writes_them() {
    let bench = Bench::open().await;
    let (_, plan) = bench.plan().await;
    let tiers = json!([{"Currency": "USD", "Price": 0}, {"Currency": "EUR", "Price": 7}]);
    let body = with_tiers(charge(&plan, "Recurring", "Flat Fee Pricing"), tiers);
    let id = bench.create("product-rate-plan-charge", &body).await;
    let query = format!(
        "select Tier, Currency, Price, PriceFormat, StartingUnit from ProductRatePlanChargeTier where ProductRatePlanChargeId = '{id}'"
    );
    let reply = bench.query(&query).await;
    assert_eq!(reply.body["size"], 2);
    assert!(
        reply.text.contains(r#""Price":0E-9"#) || reply.text.contains(r#""Price":0e-9"#),
        "{}",
        reply.text
    );
    for tier in reply.body["records"].as_array().unwrap() {
        assert_eq!(tier["PriceFormat"], "FlatFee");
        assert!(tier.get("StartingUnit").is_none());
        assert!(tier["Id"].as_str().unwrap().len() == 32);
    }
    // Tiers of a currency that is switched off are not seen.
    let off = json!({"ActiveCurrencies": ["USD"]});
    assert_eq!(bench.put(&format!("/v1/object/product-rate-plan/{plan}"), &off).await.status, 200);
    assert_eq!(bench.query(&query).await.body["size"], 1);
    let query = format!("select ActiveCurrencies from ProductRatePlan where Id = '{plan}'");
    assert_eq!(bench.query(&query).await.body["records"][0]["ActiveCurrencies"], "USD");
}

#[tokio::test]
async fn more_records_come_by_the_locator() {
    let bench = Bench::open().await;
    for call in 0..2 {
        let objects: Vec<Value> = (0..50).map(|n| product(&format!("P{call}-{n}"))).collect();
        let body = json!({"type": "Product", "objects": objects});
        assert_eq!(bench.post("/v1/action/create", &body).await.status, 200);
    }
    let body = json!({"queryString": "select Name from Product", "conf": {"batchSize": 40}});
    let mut reply = bench.post("/v1/action/query", &body).await;
    let mut sizes = Vec::new();
    loop {
        sizes.push(reply.body["records"].as_array().unwrap().len());
        assert_eq!(reply.body["size"], 100);
        let Some(locator) = reply.body.get("queryLocator").cloned() else { break };
        assert_eq!(reply.body["done"], false);
        let body = json!({"queryLocator": locator, "conf": {"batchSize": 40}});
        reply = bench.post("/v1/action/queryMore", &body).await;
    }
    assert_eq!((sizes, &reply.body["done"]), (vec![40, 40, 20], &json!(true)));
    let body = json!({"queryLocator": "nonsense-40"});
    let reply = bench.post("/v1/action/queryMore", &body).await;
    assert_eq!((reply.status, &reply.body["FaultCode"]), (400, &json!("INVALID_QUERY_LOCATOR")));
}
