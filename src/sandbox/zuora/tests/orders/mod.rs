//! Orders and subscriptions over HTTP.

mod change;
mod create;
mod jobs;
mod line_items;
mod metrics;
mod preview;

use serde_json::{Value, json};

use super::bodies::charge;
use super::{Bench, Reply};

/// The version in which errors have their own status.
pub const VERSION: (&str, &str) = ("Zuora-Version", "2025-08-12");

/// A tenant with an account and a plan that has one charge.
pub struct Shop {
    pub bench: Bench,
    pub account: String,
    pub plan: String,
    pub charge: String,
}

impl Shop {
    /// One recurring per-unit charge of 100 a month, in USD and EUR.
    pub async fn open() -> Self {
        Self::selling("Recurring", "Per Unit Pricing").await
    }

    pub async fn selling(charge_type: &str, model: &str) -> Self {
        Self::of(Bench::open().await, charge_type, model).await
    }

    pub async fn of(bench: Bench, charge_type: &str, model: &str) -> Self {
        let (_, plan) = bench.plan().await;
        let body = charge(&plan, charge_type, model);
        let charge = bench.create("product-rate-plan-charge", &body).await;
        let account = account(&bench).await;
        Self { bench, account, plan, charge }
    }

    pub async fn send(&self, path: &str, body: &Value) -> Reply {
        self.bench.send_with(reqwest::Method::POST, path, Some(body), &[VERSION]).await
    }

    pub async fn order(&self, body: &Value) -> Reply {
        self.send("/v1/orders", body).await
    }

    /// An order that must be accepted.
    pub async fn place(&self, body: &Value) -> Value {
        let reply = self.order(body).await;
        assert_eq!(reply.status, 200, "{body} {}", reply.text);
        assert_eq!(reply.body["success"], true, "{}", reply.text);
        reply.body
    }

    /// An order that must be refused; its category and message.
    pub async fn refuse(&self, body: &Value) -> (u64, String) {
        let reply = self.order(body).await;
        assert_ne!(reply.status, 200, "{body} {}", reply.text);
        let reason = &reply.body["reasons"][0];
        (reason["code"].as_u64().unwrap() % 100, reason["message"].as_str().unwrap().to_owned())
    }

    pub async fn subscription(&self, number: &str) -> Value {
        self.bench.get(&format!("/v1/subscriptions/{number}?charge-detail=all-segments")).await.body
    }

    /// The body of an order with one action on a subscription.
    pub fn action(&self, subscription: &str, date: &str, action: Value) -> Value {
        self.actions(subscription, date, vec![action])
    }

    pub fn actions(&self, subscription: &str, date: &str, actions: Vec<Value>) -> Value {
        json!({
            "orderDate": date,
            "existingAccountNumber": self.account,
            "subscriptions": [{"subscriptionNumber": subscription, "orderActions": actions}],
        })
    }

    /// The body of an order that creates the subscription `S-1` for the year 2018.
    pub fn create(&self) -> Value {
        self.creating(json!({}))
    }

    /// The same with what is said of the charge.
    pub fn creating(&self, said: Value) -> Value {
        let mut said = said;
        said["productRatePlanChargeId"] = json!(self.charge);
        json!({
            "orderDate": "2020-01-01",
            "existingAccountNumber": self.account,
            "subscriptions": [{"orderActions": [{
                "type": "CreateSubscription",
                "createSubscription": {
                    "subscriptionNumber": "S-1",
                    "terms": {
                        "initialTerm": {"termType": "TERMED", "period": 12, "periodType": "Month"},
                        "renewalSetting": "RENEW_WITH_SPECIFIC_TERM",
                        "renewalTerms": [{"period": 12, "periodType": "Month"}],
                    },
                    "subscribeToRatePlans": [{
                        "productRatePlanId": self.plan,
                        "subscriptionRatePlanNumber": "P-1",
                        "chargeOverrides": [said],
                    }],
                },
            }]}],
        })
    }
}

pub async fn account(bench: &Bench) -> String {
    let contact = json!({"firstName": "Ada", "lastName": "Lovelace", "country": "United Kingdom"});
    let body = json!({
        "name": "Buyer",
        "currency": "USD",
        "billCycleDay": 1,
        "billToContact": contact,
    });
    let reply =
        bench.send_with(reqwest::Method::POST, "/v1/accounts", Some(&body), &[VERSION]).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.body["accountNumber"].as_str().unwrap().to_owned()
}

/// Where the details of the creation are in the body of an order.
pub const CREATION: &str = "/subscriptions/0/orderActions/0/createSubscription";

/// The body with another value at a place; null takes it away.
pub fn at(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap();
    match value {
        Value::Null => drop(parent.as_object_mut().unwrap().remove(name)),
        value => parent[name] = value,
    }
    body
}

/// The body with another value in the details of the creation.
pub fn created_with(body: Value, pointer: &str, value: Value) -> Value {
    at(body, &format!("{CREATION}{pointer}"), value)
}

/// A number of an answer, as its text.
pub fn number(value: &Value) -> String {
    value.to_string()
}
