//! Order line items.

use serde_json::{Value, json};

use super::{Shop, at, number};

fn order(shop: &Shop, item: Value) -> Value {
    json!({
        "orderNumber": "O",
        "orderDate": "2020-01-01",
        "existingAccountNumber": shop.account,
        "orderLineItems": [item],
    })
}

#[tokio::test]
async fn an_item_has_the_price_of_the_catalog_or_its_own() {
    let shop = Shop::selling("OneTime", "Per Unit Pricing").await;
    let price: Value = serde_json::from_str("12.50").unwrap();
    for (item, name, amount) in [
        (
            json!({"productRatePlanChargeId": shop.charge, "quantity": 3}),
            "OneTime Per Unit Pricing",
            "300",
        ),
        (
            json!({"productRatePlanChargeId": shop.charge, "quantity": 3, "amountPerUnit": price, "itemName": "Router"}),
            "Router",
            "37.5",
        ),
        (json!({"itemName": "Visit", "amountPerUnit": 80, "quantity": 2}), "Visit", "160"),
    ] {
        let body = at(order(&shop, item), "/orderNumber", Value::Null);
        let placed = shop.place(&body).await;
        assert_eq!(placed["orderLineItems"][0]["itemNumber"], "1");
        let path = format!("/v1/orders/{}", placed["orderNumber"].as_str().unwrap());
        let shown = shop.bench.get(&path).await.body["order"]["orderLineItems"][0].clone();
        assert_eq!((&shown["itemName"], number(&shown["amount"])), (&json!(name), amount.into()));
        assert_eq!((&shown["currency"], &shown["id"].is_string()), (&json!("USD"), &true));
    }
}

#[tokio::test]
async fn an_item_that_breaks_a_rule_is_refused() {
    let shop = Shop::open().await;
    let own = |more: Value| {
        let mut item = json!({"itemName": "Visit", "amountPerUnit": 80, "quantity": 1});
        item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        item
    };
    for (item, category) in [
        (json!({"itemName": "Visit", "quantity": 1}), 22),
        (json!({"amountPerUnit": 80, "quantity": 1}), 22),
        (own(json!({"surprise": 1})), 21),
        (own(json!({"quantity": -1})), 20),
        (own(json!({"productRatePlanChargeId": "x"})), 20),
        // It recurs.
        (own(json!({"productRatePlanChargeId": shop.charge})), 30),
        (own(json!({"currency": "EUR"})), 30),
        (own(json!({"ownerAccountNumber": "x"})), 20),
        (own(json!({"relatedSubscriptionNumber": "x"})), 20),
        (
            own(json!({"transactionStartDate": "2020-02-02", "transactionEndDate": "2020-02-01"})),
            30,
        ),
    ] {
        let body = order(&shop, item);
        let (found, message) = shop.refuse(&body).await;
        assert_eq!(found, category, "{body}: {message}");
    }
    let many: Vec<Value> = (0..101).map(|_| own(json!({}))).collect();
    let body = at(order(&shop, json!({})), "/orderLineItems", json!(many));
    assert_eq!(shop.refuse(&body).await.0, 30);
    let twice = [own(json!({"itemNumber": "7"})), own(json!({"itemNumber": "7"}))];
    let body = at(order(&shop, json!({})), "/orderLineItems", json!(twice));
    assert_eq!(shop.refuse(&body).await.0, 30);
    assert_eq!(shop.bench.get("/v1/orders").await.body["orders"], json!([]));
}
