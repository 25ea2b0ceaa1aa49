//! Orders of Zuora, against the emulated tenant.

mod changes;
mod fates;

use crosswalk::{
    connector::{Class, Figures, Find, FindBy, Outcome, Preview, Target, zuora::Zuora},
    sandbox::zuora::{Tenant, TriggerDateRule},
};
use serde_json::{Value, json};

use super::{
    super::{
        claims::{self, created, found_by_id, update},
        servers::{CLIENT_SECRET, Sent},
    },
    Emulated, tenant,
};
use crate::requests::orders::Published;

/// A tenant that sells one plan to one account.
struct Shop {
    emulated: Emulated,
    zuora: Zuora,
    account: String,
    plan: String,
    charge: String,
}

const PER_UNIT: &str = r#"{"ProductRatePlanId":"{plan}","Name":"Seats","ChargeType":"Recurring","ChargeModel":"Per Unit Pricing",
    "BillCycleType":"DefaultFromCustomer","BillingPeriod":"Month","BillingTiming":"In Advance","TriggerEvent":"ContractEffective","UOM":"Each","DefaultQuantity":1,
    "ProductRatePlanChargeTierData":{"ProductRatePlanChargeTier":[{"Currency":"EUR","Price":90},{"Currency":"USD","Price":100}]}}"#;
const ACCOUNT: &str = r#"{"name":"Mill Ltd","currency":"USD","crmId":"001A","billCycleDay":1,
    "billToContact":{"firstName":"Ada","lastName":"Byron","country":"Canada"}}"#;

impl Shop {
    async fn open() -> Self {
        Self::of(tenant()).await
    }

    async fn of(tenant: Tenant) -> Self {
        let emulated = Emulated::of(tenant).await;
        let zuora = emulated.connect(CLIENT_SECRET);
        let (plan, charge) = super::charge(&zuora, PER_UNIT).await;
        let id = created(&zuora, "Account", ACCOUNT).await;
        let found = found_by_id(&zuora, "Account", &id, &["accountNumber"]).await;
        let account = serde_json::from_str(&found.fields[0].1).expect("a number");
        emulated.log.lock().expect("a log").clear();
        Self { emulated, zuora, account, plan, charge }
    }

    fn order(&self, number: &str, subscription: Value) -> Value {
        json!({
            "orderNumber": number,
            "orderDate": "2026-01-01",
            "existingAccountNumber": self.account,
            "subscriptions": [subscription],
        })
    }

    /// Ten seats at 5.10 for the year 2026.
    fn sale(&self, number: &str, subscription: &str) -> Value {
        let price: Value = serde_json::from_str("5.10").expect("a number");
        let pricing = json!({"recurringPerUnit": {"listPrice": price, "quantity": 10}});
        let terms = json!({
            "initialTerm": {"termType": "TERMED", "period": 12, "periodType": "Month"},
            "renewalSetting": "RENEW_WITH_SPECIFIC_TERM",
            "renewalTerms": [{"period": 12, "periodType": "Month"}],
            "autoRenew": false,
        });
        let plan = json!({
            "productRatePlanId": self.plan,
            "subscriptionRatePlanNumber": format!("{subscription}-P"),
            "chargeOverrides": [{
                "productRatePlanChargeId": self.charge,
                "chargeNumber": format!("{subscription}-C"),
                "pricing": pricing,
            }],
        });
        let creation = json!({
            "subscriptionNumber": subscription,
            "terms": terms,
            "subscribeToRatePlans": [plan],
        });
        let action = json!({"type": "CreateSubscription", "createSubscription": creation});
        self.order(number, json!({"orderActions": [action]}))
    }

    fn change(&self, number: &str, subscription: &str, actions: &[Value]) -> Value {
        self.order(number, json!({"subscriptionNumber": subscription, "orderActions": actions}))
    }

    async fn write(&self, body: &Value) -> Outcome {
        self.try_write(body).await.expect("a call that works")
    }

    async fn try_write(&self, body: &Value) -> Result<Outcome, crosswalk::connector::CallError> {
        let batch = [claims::create("Order", &body.to_string())];
        let mut outcomes = self.zuora.write(&batch).await?;
        assert_eq!(outcomes.len(), 1);
        Ok(outcomes.remove(0))
    }

    /// The answer to an order that must be done.
    async fn done(&self, body: &Value) -> Value {
        match self.write(body).await {
            Outcome::Done { id, answer } => {
                assert_eq!(id, body["orderNumber"].as_str().expect("a number"));
                serde_json::from_str(&answer).expect("an answer")
            }
            refused => panic!("{body}: {refused:?}"),
        }
    }

    async fn outcome(&self, number: &str) -> Option<Value> {
        let numbers = [number.to_owned()];
        let mut results = self.zuora.results("Order", &numbers).await.expect("results");
        assert_eq!(results.len(), 1);
        results.remove(0).map(|text| serde_json::from_str(&text).expect("an outcome"))
    }

    async fn preview(&self, body: &Value) -> Preview {
        let write = claims::create("Order", &body.to_string());
        self.zuora.preview(&write).await.expect("a preview").expect("orders have previews")
    }

    async fn figures(&self, body: &Value) -> Figures {
        match self.preview(body).await {
            Preview::Told(figures) => figures,
            refused => panic!("{body}: {refused:?}"),
        }
    }

    /// What was sent to a path since this was last asked.
    fn sent(&self, path: &str) -> Vec<Sent> {
        let sent: Vec<Sent> = std::mem::take(&mut *self.emulated.log.lock().expect("a log"));
        let published = Published::open();
        for one in sent.iter().filter(|one| one.request.contains("orders")) {
            let request = one.request.split('?').next().expect("a path");
            assert_eq!(published.faults(request, &one.body), Vec::<String>::new(), "{one:?}");
        }
        sent.into_iter().filter(|one| one.request.contains(path)).collect()
    }
}

fn quantity(subscription: &str, date: &str, quantity: u32) -> Value {
    json!({
        "type": "UpdateProduct",
        "triggerDates": on(date),
        "updateProduct": {
            "subscriptionRatePlanNumber": format!("{subscription}-P"),
            "chargeUpdates": [{
                "chargeNumber": format!("{subscription}-C"),
                "pricing": {"recurringPerUnit": {"quantity": quantity}},
            }],
        },
    })
}

fn on(date: &str) -> Value {
    let names = ["ContractEffective", "ServiceActivation", "CustomerAcceptance"];
    names.iter().map(|name| json!({"name": name, "triggerDate": date})).collect()
}

fn found(number: &str, fields: &[&str]) -> Find {
    let by = FindBy::Keys(vec![vec![("orderNumber".into(), format!("\"{number}\""))]]);
    let fields = fields.iter().map(|field| (*field).to_owned()).collect();
    Find { object: "Order".into(), by, fields }
}

#[tokio::test]
async fn an_order_is_placed_found_and_told() {
    let shop = Shop::open().await;
    assert_eq!(shop.outcome("N 1").await, None);
    let fields = [
        "orderNumber",
        "orderDate",
        "existingAccountNumber",
        "status",
        "description",
        "subscriptions",
    ];
    let find = found("N 1", &fields);
    assert_eq!(shop.zuora.find(&find).await.expect("find"), []);

    let answer = shop.done(&shop.sale("N 1", "S-1")).await;
    assert_eq!(
        (&answer["status"], &answer["accountNumber"]),
        (&json!("Completed"), &json!(shop.account))
    );
    assert_eq!(answer["subscriptions"][0]["subscriptionNumber"], "S-1");
    assert!(answer["subscriptionIds"][0].is_string(), "{answer}");
    let sent = shop.sent("/orders");
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (sent[0].request.as_str(), sent[0].key.as_deref()),
        ("POST /v1/orders?returnIds=true", Some("N%201"))
    );
    let nothing = json!({"runBilling": false, "collectPayment": false});
    assert_eq!(sent[0].body["processingOptions"], nothing);

    let hits = shop.zuora.find(&find).await.expect("find");
    assert_eq!((hits.len(), hits[0].id.as_str(), hits[0].asked), (1, "N 1", 0));
    let value = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    let told: Vec<(&str, Value)> =
        hits[0].fields.iter().map(|(name, text)| (name.as_str(), value(text))).collect();
    let subscription =
        json!([{"subscriptionNumber": "S-1", "orderActions": [{"type": "CreateSubscription"}]}]);
    let expected = [
        ("orderNumber", json!("N 1")),
        ("orderDate", json!("2026-01-01")),
        ("existingAccountNumber", json!(shop.account)),
        ("status", json!("Completed")),
        ("subscriptions", subscription),
    ];
    assert_eq!(told, expected);
    let by_id = Find { by: FindBy::Ids(vec!["none".into(), "N 1".into()]), ..find };
    let hits = shop.zuora.find(&by_id).await.expect("find");
    assert_eq!((hits.len(), hits[0].asked), (1, 1));

    let outcome = shop.outcome("N 1").await.expect("an outcome");
    for (name, expected) in [
        ("orderNumber", json!("N 1")),
        ("accountNumber", json!(shop.account)),
        ("status", json!("Completed")),
        ("subscriptionNumber", json!("S-1")),
        ("currency", json!("USD")),
        ("mrr", json!(51)),
        ("tcv", json!(612)),
    ] {
        assert_eq!(outcome[name], expected, "{name}");
    }
    let one = &outcome["subscriptions"][0];
    for (name, expected) in [
        ("status", json!("Active")),
        ("version", json!(1)),
        ("termStartDate", json!("2026-01-01")),
        ("termEndDate", json!("2027-01-01")),
        ("mrr", json!(51)),
        ("tcv", json!(612)),
    ] {
        assert_eq!(one[name], expected, "{name}");
    }
}

#[tokio::test]
async fn only_orders_are_found_previewed_and_told_as_orders() {
    let shop = Shop::open().await;
    let limits = shop.zuora.limits("Order");
    assert_eq!((limits.batch_size_max, limits.settles_within.as_secs()), (1, 120));
    let product = claims::create("Product", "{}");
    assert_eq!(shop.zuora.preview(&product).await.expect("no preview"), None);
    let ids = ["x".to_owned()];
    assert_eq!(shop.zuora.results("Product", &ids).await.expect("none"), [None]);
    let change = [update("Order", "N-1", "{}", "{}")];
    let error = shop.zuora.write(&change).await.expect_err("no change");
    assert_eq!(error.class, Class::Broken);
    let by_date = FindBy::Keys(vec![vec![("orderDate".into(), "\"2026-01-01\"".into())]]);
    let find = Find { by: by_date, ..found("x", &[]) };
    assert_eq!(shop.zuora.find(&find).await.expect_err("no key").class, Class::Broken);
    let nameless = json!({"orderDate": "2026-01-01"});
    assert_eq!(shop.try_write(&nameless).await.expect_err("no number").class, Class::Broken);
    assert_eq!(shop.sent("/orders").len(), 0);
}

#[tokio::test]
async fn an_order_that_waits_for_a_date_is_done_and_says_so() {
    let mut tenant = tenant();
    tenant.orders.service_activation = TriggerDateRule::Required;
    let shop = Shop::of(tenant).await;
    let answer = shop.done(&shop.sale("N-1", "S-1")).await;
    assert_eq!(answer["status"], "Pending");
    let outcome = shop.outcome("N-1").await.expect("an outcome");
    assert_eq!(outcome["status"], "Pending");
    assert_eq!(outcome["subscriptions"][0]["status"], "Pending Activation");
    // Sent again it is the same order, not a second one.
    assert_eq!(shop.done(&shop.sale("N-1", "S-1")).await, answer);
}

#[tokio::test]
async fn what_an_order_sells_once_is_told_too() {
    let shop = Shop::open().await;
    let mut body = shop.sale("N-1", "S-1");
    let price: Value = serde_json::from_str("80.50").expect("a number");
    let item = json!({"itemName": "Visit", "amountPerUnit": price, "quantity": 2.0});
    body["orderLineItems"] = json!([item]);
    let answer = shop.done(&body).await;
    assert_eq!(answer["orderLineItems"][0]["itemNumber"], "1");
    let outcome = shop.outcome("N-1").await.expect("an outcome");
    let item = &outcome["orderLineItems"][0];
    assert_eq!((&item["itemNumber"], &item["amount"]), (&json!("1"), &json!(161)));
    assert_eq!(outcome["mrr"], json!(51), "what is sold once does not recur");
    let sent = shop.sent("/v1/orders");
    assert_eq!(sent[0].body["orderLineItems"][0]["quantity"].to_string(), "2");
    // Alone it is an order as well.
    body["orderNumber"] = json!("N-2");
    body.as_object_mut().expect("an order").remove("subscriptions");
    shop.done(&body).await;
    let outcome = shop.outcome("N-2").await.expect("an outcome");
    assert_eq!((&outcome["subscriptions"], &outcome["mrr"]), (&json!([]), &Value::Null));
}
