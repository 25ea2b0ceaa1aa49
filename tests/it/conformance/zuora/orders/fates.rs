//! What becomes of orders that are large, refused, locked or lost.

use crosswalk::{
    connector::{
        Class, Outcome, Target,
        http::Patience,
        zuora::{Settings, connect},
    },
    sandbox::wire::faults::Fault,
    secret::Secret,
};
use serde_json::{Value, json};

use super::{
    super::super::{
        claims, faults,
        servers::{self, CLIENT_ID, CLIENT_SECRET},
    },
    Shop, found, quantity,
};

/// An order of 51 actions on `S-1`.
fn large(shop: &Shop, number: &str) -> Value {
    let actions: Vec<Value> = (0..51).map(|seats| quantity("S-1", "2026-04-01", seats)).collect();
    shop.change(number, "S-1", &actions)
}

async fn version(shop: &Shop) -> Value {
    let outcome = shop.outcome("N-1").await.expect("an outcome");
    outcome["subscriptions"][0]["version"].clone()
}

#[tokio::test]
async fn orders_fail_as_every_write() {
    let shop = Shop::open().await;
    let body = shop.sale("N-1", "S-1");
    shop.done(&body).await;
    let find = found("N-1", &["status"]);
    let tried = faults::Tried {
        target: &shop.zuora,
        faults: shop.emulated.service.faults(),
        write: claims::create("Order", &body.to_string()),
        write_path: "/v1/orders",
        read: Box::new(|| Box::pin(async { shop.zuora.find(&find).await.map(|hits| hits.len()) })),
        read_path: "/v1/orders",
        expire: Box::new(|| shop.emulated.service.expire_tokens()),
    };
    faults::fails_as_promised(&tried, &|| shop.zuora.traffic()).await;
    assert_eq!(version(&shop).await, 1);
}

#[tokio::test]
async fn a_large_order_becomes_a_job() {
    let shop = Shop::open().await;
    shop.done(&shop.sale("N-1", "S-1")).await;
    shop.emulated.service.jobs_last(3);
    let figures = shop.figures(&large(&shop, "A-1")).await;
    let change = &figures.changes[0];
    assert_eq!((change.mrr, change.subscription.as_str()), (204.into(), "S-1"));
    let answer = shop.done(&large(&shop, "A-1")).await;
    assert_eq!((&answer["orderNumber"], &answer["status"]), (&json!("A-1"), &json!("Completed")));
    assert_eq!(answer["subscriptions"][0]["subscriptionNumber"], "S-1");
    let sent = shop.sent("/async/");
    let keys: Vec<Option<&str>> = sent.iter().map(|one| one.key.as_deref()).collect();
    assert_eq!(keys, [None, Some("A-1/job")], "a preview and an order");
    let outcome = shop.outcome("A-1").await.expect("an outcome");
    assert_eq!(
        (&outcome["mrr"], &outcome["subscriptions"][0]["version"]),
        (&json!(255), &json!(2))
    );
}

#[tokio::test]
async fn a_job_that_does_not_end_has_no_known_fate_and_is_found_again() {
    let shop = Shop::open().await;
    shop.done(&shop.sale("N-1", "S-1")).await;
    shop.emulated.service.jobs_last(1_000_000);
    let patience =
        Patience { wait_max: std::time::Duration::from_millis(1), ..servers::patience() };
    let settings = Settings::new(&shop.emulated.server.url, CLIENT_ID, Secret::new(CLIENT_SECRET));
    let hasty = connect(Settings { patience, ..settings }).expect("settings");
    let batch = [claims::create("Order", &large(&shop, "A-1").to_string())];
    let error = hasty.write(&batch).await.expect_err("no end");
    assert_eq!(error.class, Class::UnknownFate, "{error}");
    assert!(error.said.contains("has not ended"), "{error}");
    assert_eq!(shop.zuora.find(&found("A-1", &[])).await.expect("find"), []);
    // Sent again under its number it is the same job.
    shop.emulated.service.jobs_last(0);
    let answer = shop.done(&large(&shop, "A-1")).await;
    assert_eq!(answer["orderNumber"], "A-1");
    assert_eq!(version(&shop).await, 2);
    assert_eq!(shop.sent("/async/").len(), 2);
}

#[tokio::test]
async fn a_job_that_met_another_order_may_go_later() {
    let shop = Shop::open().await;
    shop.done(&shop.sale("N-1", "S-1")).await;
    shop.emulated.service.jobs_last(0);
    let held = shop.emulated.service.lock_subscription("S-1").expect("free");
    let outcome = shop.write(&large(&shop, "A-1")).await;
    let Outcome::Refused { code, passing, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!((code.as_str(), passing), ("40000050", true));
    drop(held);
    // The failed job is kept under the first key; a key of its own gives the order another one.
    shop.done(&large(&shop, "A-1")).await;
    assert_eq!(version(&shop).await, 2);
    let late: Vec<Value> = (0..51).map(|seats| quantity("S-1", "2031-04-01", seats)).collect();
    let outcome = shop.write(&shop.change("A-2", "S-1", &late)).await;
    assert!(matches!(outcome, Outcome::Refused { passing: false, .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_lock_is_the_fate_of_its_order_alone() {
    let shop = Shop::open().await;
    shop.done(&shop.sale("N-1", "S-1")).await;
    let held = shop.emulated.service.lock_subscription("S-1").expect("free");
    let change = shop.change("A-1", "S-1", &[quantity("S-1", "2026-04-01", 5)]);
    let outcome = shop.write(&change).await;
    let Outcome::Refused { code, passing, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!((code.as_str(), passing), ("53100350", true));
    shop.done(&shop.sale("N-2", "S-2")).await;
    drop(held);
    shop.done(&change).await;
    assert_eq!(version(&shop).await, 2);
}

#[tokio::test]
async fn an_order_that_was_refused_is_taken_once_its_cause_is_mended() {
    let shop = Shop::open().await;
    let mut body = shop.sale("N-1", "S-1");
    body["existingAccountNumber"] = json!("A-LATE");
    let outcome = shop.write(&body).await;
    let Outcome::Refused { code, said, passing: false } = outcome else { panic!("{outcome:?}") };
    assert!(code.ends_with("40") && said.contains("A-LATE"), "{code} {said}");
    let sent = shop.sent("/orders");
    assert_eq!(sent[0].key.as_deref(), Some("N-1"));
    assert_ne!(sent[0].key, sent[1].key, "the refusal counts under a key never used");
    let account = super::ACCOUNT.replace(r#""name""#, r#""accountNumber":"A-LATE","name""#);
    claims::created(&shop.zuora, "Account", &account).await;
    shop.done(&body).await;
    let again = shop.sale("N-1", "S-2");
    let answer = shop.write(&again).await;
    assert!(matches!(answer, Outcome::Refused { passing: false, .. }), "a number serves once");
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_placed_once() {
    let shop = Shop::open().await;
    let faults = shop.emulated.service.faults();
    let body = shop.sale("N-1", "S-1");
    for (fault, there) in [(Fault::CutBefore, 0), (Fault::CutAfter, 1)] {
        faults.next(1, Some("POST"), "/v1/orders", fault);
        let error = shop.try_write(&body).await.expect_err("cut");
        assert_eq!(error.class, Class::UnknownFate, "{error}");
        let hits = shop.zuora.find(&found("N-1", &["status"])).await.expect("find");
        assert_eq!(hits.len(), there, "{fault:?}");
    }
    let answer = shop.done(&body).await;
    assert_eq!(answer["orderNumber"], "N-1");
    assert_eq!(version(&shop).await, 1);
}

#[tokio::test]
async fn an_order_that_is_done_late_is_placed_once() {
    let shop = Shop::open().await;
    let body = shop.sale("N-1", "S-1");
    let late = Fault::CutBeforeDone { requests: 2 };
    shop.emulated.service.faults().next(1, Some("POST"), "/v1/orders", late);
    let error = shop.try_write(&body).await.expect_err("cut");
    assert_eq!(error.class, Class::UnknownFate, "{error}");
    assert_eq!(shop.zuora.find(&found("N-1", &[])).await.expect("find"), [], "not yet");
    // Whoever sends it again while it is at work learns no more than before.
    let error = shop.try_write(&body).await.expect_err("at work");
    assert_eq!(error.class, Class::UnknownFate, "{error}");
    assert_eq!(shop.zuora.find(&found("N-1", &[])).await.expect("find").len(), 1);
    shop.done(&body).await;
    assert_eq!(version(&shop).await, 1);
}
