//! Asynchronous orders, and orders that meet each other.

use reqwest::Method;
use serde_json::{Value, json};

use super::change::{quantity, sold};
use super::preview::options;
use super::{Shop, VERSION, at};
use crate::sandbox::wire::faults::Fault;

async fn poll(shop: &Shop, job: &Value) -> Value {
    let path = format!("/v1/async-jobs/{}", job.as_str().unwrap());
    shop.bench.get(&path).await.body
}

/// An order of 51 actions, which is too large for a call that waits.
fn large(shop: &Shop) -> Value {
    let actions = (0..51).map(|units| quantity("2020-04-01", units)).collect();
    shop.actions("S-1", "2020-04-01", actions)
}

#[tokio::test]
async fn a_job_places_its_order_once_it_is_done() {
    let shop = sold().await;
    let (category, message) = shop.refuse(&large(&shop)).await;
    assert_eq!((category, message.contains("51")), (30, true));
    shop.bench.service.jobs_last(2);
    let body = at(large(&shop), "/orderNumber", json!("LARGE"));
    let reply = shop.send("/v1/async/orders", &body).await;
    assert_eq!(reply.body["success"], true, "{}", reply.text);
    let job = &reply.body["jobId"];
    assert!(reply.headers["location"].to_str().unwrap().ends_with(job.as_str().unwrap()));
    let processing =
        json!({"status": "Processing", "errors": null, "result": null, "success": true});
    assert_eq!(poll(&shop, job).await, processing);
    assert_eq!(shop.bench.get("/v1/orders/LARGE").await.body["success"], false);
    let done = poll(&shop, job).await;
    assert_eq!(done["status"], "Completed", "{done}");
    assert_eq!(done["result"]["orderNumber"], "LARGE");
    assert_eq!(done["result"]["status"], "Completed");
    assert_eq!(done["result"]["jobType"], "AsyncCreateOrder");
    assert_eq!(shop.subscription("S-1").await["contractedMrr"], json!(250));
    assert_eq!(poll(&shop, job).await, done);
    assert_eq!(shop.subscription("S-1").await["version"], 2);
}

#[tokio::test]
async fn a_job_is_done_though_nobody_asks_for_it() {
    let shop = sold().await;
    shop.send("/v1/async/orders", &at(large(&shop), "/orderNumber", json!("LARGE"))).await;
    assert_eq!(shop.bench.get("/v1/orders/LARGE").await.body["success"], false);
    assert_eq!(shop.bench.get("/v1/orders/LARGE").await.body["success"], true);
}

#[tokio::test]
async fn a_job_that_fails_says_why_and_changes_nothing() {
    let shop = sold().await;
    shop.bench.service.jobs_last(0);
    let late = shop.action("S-1", "2020-04-01", quantity("2021-04-01", 1));
    let job = shop.send("/v1/async/orders", &late).await.body["jobId"].clone();
    let failed = poll(&shop, &job).await;
    assert_eq!((&failed["status"], &failed["result"]), (&json!("Failed"), &Value::Null));
    assert!(failed["errors"].as_str().unwrap().starts_with("[53100330] 2021-04-01"), "{failed}");
    assert_eq!(shop.subscription("S-1").await["version"], 1);
    let too_many = (0..301).map(|units| quantity("2020-04-01", units)).collect();
    let body = shop.actions("S-1", "2020-04-01", too_many);
    let job = shop.send("/v1/async/orders", &body).await.body["jobId"].clone();
    let failed = poll(&shop, &job).await;
    assert!(failed["errors"].as_str().unwrap().contains("it can have 300"), "{failed}");
    let unknown = shop.send("/v1/async/orders", &at(late, "/surprise", json!(1))).await;
    assert_eq!(unknown.body["reasons"][0]["code"], 53_100_321);
    assert_eq!(poll(&shop, &json!("none")).await["success"], false);
}

#[tokio::test]
async fn a_preview_can_be_a_job() {
    let shop = sold().await;
    shop.bench.service.jobs_last(0);
    let body = at(large(&shop), "/previewOptions", options("TermEnd"));
    let job = shop.send("/v1/async/orders/preview", &body).await.body["jobId"].clone();
    let done = poll(&shop, &job).await;
    assert_eq!(done["result"]["jobType"], "AsyncPreviewOrder", "{done}");
    assert!(done["result"]["invoices"][0]["amount"].is_number(), "{done}");
    assert_eq!(shop.subscription("S-1").await["version"], 1);
}

#[tokio::test]
async fn two_orders_on_one_subscription_contend() {
    let shop = sold().await;
    let body = shop.action("S-1", "2020-04-01", quantity("2020-04-01", 1));
    // One that is at work.
    let held = shop.bench.service.lock_subscription("S-1").unwrap();
    let reply = shop.order(&body).await;
    assert_eq!((reply.status, &reply.body["reasons"][0]["code"]), (409, &json!(53_100_350)));
    let old = shop.bench.post("/v1/orders", &body).await;
    assert_eq!((old.status, &old.body["success"]), (200, &json!(false)));
    // A job meets it too.
    shop.bench.service.jobs_last(0);
    let job = shop.send("/v1/async/orders", &body).await.body["jobId"].clone();
    let failed = poll(&shop, &job).await;
    assert!(failed["errors"].as_str().unwrap().contains("[40000050]"), "{failed}");
    drop(held);
    // A job that is processing keeps an order away.
    shop.bench.service.jobs_last(1);
    let job = shop.send("/v1/async/orders", &body).await.body["jobId"].clone();
    assert_eq!(shop.order(&body).await.status, 409);
    assert_eq!(poll(&shop, &job).await["status"], "Completed");
    shop.place(&body).await;
    assert_eq!(shop.subscription("S-1").await["version"], 3);
}

#[tokio::test]
async fn an_order_whose_answer_is_lost_can_be_looked_up() {
    let shop = sold().await;
    let body = at(
        shop.action("S-1", "2020-04-01", quantity("2020-04-01", 1)),
        "/orderNumber",
        json!("LOST"),
    );
    shop.bench.service.faults().next(1, Some("POST"), "/v1/orders", Fault::CutAfter);
    let text = body.to_string();
    let request = shop.bench.request(Method::POST, "/v1/orders").header(VERSION.0, VERSION.1);
    let lost = request.header("content-type", "application/json").body(text).send().await;
    assert!(lost.is_err());
    assert_eq!(shop.bench.get("/v1/orders/LOST").await.body["order"]["status"], "Completed");
    let (category, message) = shop.refuse(&body).await;
    assert_eq!((category, message.contains("LOST")), (30, true));
    assert_eq!(shop.subscription("S-1").await["version"], 2);
}

#[tokio::test]
async fn a_key_gives_the_first_answer_again() {
    let shop = sold().await;
    let body = shop.action("S-1", "2020-04-01", quantity("2020-04-01", 1));
    let headers = [VERSION, ("Idempotency-Key", "k")];
    let first = shop.bench.send_with(Method::POST, "/v1/orders", Some(&body), &headers).await;
    let again = shop.bench.send_with(Method::POST, "/v1/orders", Some(&body), &headers).await;
    assert_eq!((first.status, &first.text), (200, &again.text));
    assert_eq!(shop.subscription("S-1").await["version"], 2);
}

#[tokio::test]
async fn an_order_may_be_done_after_its_connection_is_gone() {
    let shop = sold().await;
    let body = at(
        shop.action("S-1", "2020-04-01", quantity("2020-04-01", 1)),
        "/orderNumber",
        json!("LATE"),
    );
    let late = Fault::CutBeforeDone { requests: 2 };
    shop.bench.service.faults().next(1, Some("POST"), "/v1/orders", late);
    let send = || {
        let request = shop.bench.request(Method::POST, "/v1/orders").header(VERSION.0, VERSION.1);
        let request = request.header("content-type", "application/json");
        request.header("Idempotency-Key", "k").body(body.to_string()).send()
    };
    assert!(send().await.is_err());
    assert_eq!(shop.bench.get("/v1/orders/LATE").await.body["success"], false);
    // While it is at work, its key is in use.
    assert_eq!(send().await.unwrap().status().as_u16(), 409);
    assert_eq!(shop.bench.get("/v1/orders/LATE").await.body["order"]["status"], "Completed");
    assert_eq!(send().await.unwrap().status().as_u16(), 200);
    assert_eq!(shop.subscription("S-1").await["version"], 2);
}

#[tokio::test]
async fn a_key_keeps_the_refusal_of_a_lock() {
    let shop = sold().await;
    let body = shop.action("S-1", "2020-04-01", quantity("2020-04-01", 1));
    let send = async |key: &str| {
        let headers = [VERSION, ("Idempotency-Key", key)];
        shop.bench.send_with(Method::POST, "/v1/orders", Some(&body), &headers).await.status
    };
    let held = shop.bench.service.lock_subscription("S-1").unwrap();
    assert_eq!(send("k").await, 409);
    drop(held);
    assert_eq!((send("k").await, send("l").await), (409, 200));
}
