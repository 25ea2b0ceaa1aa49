//! What outlives a process.

use std::path::PathBuf;

use reqwest::Method;
use serde_json::json;

use super::Bench;
use super::bodies::{charge, product};

fn fresh_folder(name: &str) -> PathBuf {
    let folder =
        std::env::temp_dir().join(format!("crosswalk-zuora-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

#[tokio::test]
async fn a_tenant_comes_back_as_it_was() {
    let folder = fresh_folder("whole");
    let bench = Bench::open_at(Some(&folder)).await;
    let (id, plan) = bench.plan().await;
    let price =
        serde_json::from_str(r#"[{"Currency":"USD","Price":1.10},{"Currency":"EUR","Price":2}]"#);
    let body =
        super::bodies::with_tiers(charge(&plan, "OneTime", "Flat Fee Pricing"), price.unwrap());
    bench.create("product-rate-plan-charge", &body).await;
    let gone = bench.create("product", &product("Gone")).await;
    bench.delete(&format!("/v1/object/product/{gone}")).await;
    bench.service.mark_used(&plan).unwrap();
    let key = [("Idempotency-Key", "k")];
    let first =
        bench.send_with(Method::POST, "/v1/object/product", Some(&product("Keyed")), &key).await;
    let path = format!("/v1/catalog/products/{id}");
    let before = bench.get(&path).await.body;

    let again = Bench::open_at(Some(&folder)).await;
    assert_eq!(again.service.identity(), bench.service.identity());
    assert_eq!(again.get(&path).await.body, before);
    let tier =
        again.query("select Price from ProductRatePlanChargeTier where Currency = 'USD'").await;
    assert!(tier.text.contains("1.10"), "{}", tier.text);
    assert_eq!(again.query("select Id from Product").await.body["size"], 2);
    let deleted = again.delete(&format!("/v1/object/product/{id}")).await;
    assert_eq!(deleted.body["errors"][0]["Code"], "CANNOT_DELETE");
    let repeated =
        again.send_with(Method::POST, "/v1/object/product", Some(&product("Keyed")), &key).await;
    assert_eq!(repeated.text, first.text);
    // New ids and numbers go on where the old ones ended.
    let fresh = again.create("product", &product("Fresh")).await;
    let shown = again.get(&format!("/v1/catalog/products/{fresh}")).await;
    assert_eq!(shown.body["productNumber"], "PC-00000004");
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_request_is_one_line_of_the_journal() {
    let folder = fresh_folder("lines");
    let bench = Bench::open_at(Some(&folder)).await;
    let count = || std::fs::read_to_string(folder.join("zuora.ndjson")).unwrap().lines().count();
    let start = count();
    let objects = json!([product("A"), product("B"), {"Name": "refused"}]);
    bench.post("/v1/action/create", &json!({"type": "Product", "objects": objects})).await;
    assert_eq!(count(), start + 1);
    bench.get("/v1/catalog/products").await;
    bench.post("/v1/object/product", &json!({"Name": "refused"})).await;
    assert_eq!(count(), start + 1);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_a_time_one_gets_the_name() {
    let bench = std::sync::Arc::new(Bench::open().await);
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let bench = bench.clone();
            tokio::spawn(
                async move { bench.post("/v1/object/product", &product("A")).await.status },
            )
        })
        .collect();
    let mut statuses = Vec::new();
    for call in calls {
        statuses.push(call.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!((statuses[0], statuses[1], statuses[19]), (200, 400, 400));
}

#[tokio::test]
async fn a_fresh_tenant_has_its_own_number() {
    let (one, other) = (Bench::open().await, Bench::open().await);
    assert_ne!(one.service.identity().tenant_id, other.service.identity().tenant_id);
}
