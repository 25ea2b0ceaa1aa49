//! Faults that a test orders.

use serde_json::json;

use super::Bench;
use super::bodies::product;
use crate::sandbox::wire::faults::Fault;

#[tokio::test]
async fn an_ordered_failure_strikes_and_is_over() {
    let bench = Bench::open().await;
    for (status, retry_after_s) in
        [(401, None), (429, Some(7)), (500, None), (502, None), (503, Some(1))]
    {
        let fault = Fault::Answer { status, retry_after_s };
        bench.service.faults().next(1, Some("POST"), "/v1/object/", fault);
        let struck = bench.post("/v1/object/product", &product("A")).await;
        assert_eq!(struck.status, status);
        let retry_after =
            struck.headers.get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(retry_after, retry_after_s.map(|seconds| seconds.to_string()));
        if status == 429 {
            assert_eq!(struck.body["reasons"][0]["code"], 70);
        }
    }
    assert_eq!(bench.query("select Id from Product").await.body["size"], 0);
    assert_eq!(bench.post("/v1/object/product", &product("A")).await.status, 200);
}

#[tokio::test]
async fn a_cut_connection_hides_whether_the_work_was_done() {
    let bench = Bench::open().await;
    for (fault, expected) in [(Fault::CutBefore, 0), (Fault::CutAfter, 1)] {
        bench.service.faults().next(1, None, "/v1/object/product", fault);
        let request = bench.request(reqwest::Method::POST, "/v1/object/product");
        let request = request.header("content-type", "application/json");
        let failure = request.body(product("A").to_string()).send().await.unwrap_err();
        assert!(failure.is_request(), "{failure:?}");
        let found = bench.query("select Id from Product where Name = 'A'").await;
        assert_eq!(found.body["size"], expected, "{fault:?}");
    }
    // With a key the lost answer is given again.
    bench.service.faults().next(1, None, "/v1/object/product", Fault::CutAfter);
    let request = || {
        let request = bench.request(reqwest::Method::POST, "/v1/object/product");
        let request = request.header("content-type", "application/json");
        request.header("Idempotency-Key", "k").body(product("B").to_string())
    };
    assert!(request().send().await.is_err());
    let again = super::reply(request().send().await.unwrap()).await;
    assert_eq!(again.body["Success"], true, "{}", again.text);
    assert_eq!(bench.query("select Id from Product where Name = 'B'").await.body["size"], 1);
    // A retry under the same name finds that it is taken.
    let again = bench.post("/v1/object/product", &product("A")).await;
    assert_eq!(again.body["Errors"][0]["Code"], json!("DUPLICATE_VALUE"));
}
