//! Accounts and contacts over real HTTP: each rule with a body that keeps it and one that does not.

mod account;
mod contact;
mod object;

use reqwest::Method;
use serde_json::{Value, json};

use crate::sandbox::zuora::tests::{Bench, Reply};

/// The version from which on errors have their own HTTP status.
const NEW: [(&str, &str); 1] = [("Zuora-Version", "2025-08-12")];

fn account() -> Value {
    json!({
        "name": "Northlight",
        "currency": "USD",
        "billToContact": {"firstName": "Ada", "lastName": "Byron", "country": "United States"},
    })
}

/// A body with some fields put in; null takes a field out.
fn with(mut body: Value, change: &Value) -> Value {
    let fields = body.as_object_mut().unwrap();
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => fields.remove(name),
            value => fields.insert(name.clone(), value.clone()),
        };
    }
    body
}

async fn send(bench: &Bench, method: Method, path: &str, body: &Value) -> Reply {
    bench.send_with(method, path, Some(body), &NEW).await
}

/// Creates an account that must be taken; gives its answer.
async fn create(bench: &Bench, change: &Value) -> Value {
    let reply = send(bench, Method::POST, "/v1/accounts", &with(account(), change)).await;
    assert_eq!(reply.status, 200, "{change} {}", reply.text);
    reply.body
}

fn id(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap_or_else(|| panic!("{name} in {body}")).to_owned()
}

/// The first reason's category and its message.
fn reason(reply: &Reply) -> (u64, String) {
    assert_eq!(reply.body["success"], false, "{}", reply.text);
    let reason = &reply.body["reasons"][0];
    (reason["code"].as_u64().unwrap() % 100, id(reason, "message"))
}
