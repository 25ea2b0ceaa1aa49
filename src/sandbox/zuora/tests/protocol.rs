//! Signing in, headers, versions and idempotency.

use axum::middleware::from_fn_with_state;
use reqwest::Method;
use serde_json::{Value, json};

use super::bodies::{but, charge, product};
use super::{Bench, CLIENT_ID, CLIENT_SECRET, reply};
use crate::sandbox::wire::request_log::{LoggedService, RequestLog, record};

#[tokio::test]
async fn a_token_names_its_tenant() {
    let bench = Bench::open().await;
    let form = [
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
        ("grant_type", "client_credentials"),
    ];
    let token = bench.sign_in_with(&form).await;
    assert_eq!(token.body["token_type"], "bearer");
    assert_eq!(token.body["expires_in"], 3600);
    let scope = token.body["scope"].as_str().unwrap();
    let tenant = scope.split(' ').find_map(|part| part.strip_prefix("tenant.")).unwrap();
    assert_eq!(tenant.parse(), Ok(bench.service.identity().tenant_id));
    assert!(scope.starts_with("entity.") && scope.contains(" user."), "{scope}");

    for (form, status, error) in [
        (
            vec![
                ("client_id", CLIENT_ID),
                ("client_secret", "x"),
                ("grant_type", "client_credentials"),
            ],
            401,
            "invalid_client",
        ),
        (vec![("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)], 400, "invalid_request"),
        (vec![("grant_type", "password")], 400, "unsupported_grant_type"),
    ] {
        let refused = bench.sign_in_with(&form).await;
        assert_eq!((refused.status, &refused.body["error"]), (status, &json!(error)));
    }
    let with_bearer = bench.request(Method::POST, "/oauth/token").form(&form).send().await.unwrap();
    assert_eq!(reply(with_bearer).await.status, 401);
}

#[tokio::test]
async fn every_other_call_needs_a_token_that_lives() {
    let mut bench = Bench::open().await;
    bench.service.expire_tokens();
    let v1 = bench.get("/v1/catalog/products").await;
    assert_eq!((v1.status, &v1.body["reasons"][0]["code"]), (401, &json!(90000011)));
    assert!(v1.headers.contains_key("www-authenticate"));
    let crud = bench.post("/v1/object/product", &product("A")).await;
    assert_eq!(crud.status, 401);
    assert!(crud.body["message"].is_string(), "{}", crud.text);
    // The gateway knows its paths without a token.
    let nowhere = bench.get("/v1/nowhere").await;
    assert_eq!(nowhere.body, json!({"message": "no Route matched with those values"}));
    assert_eq!(nowhere.status, 404);
    bench.sign_in().await;
    assert_eq!(bench.get("/v1/catalog/products").await.status, 200);
}

#[tokio::test]
async fn the_version_decides_the_status_of_errors() {
    let bench = Bench::open().await;
    for (version, status) in [
        (None, 200),
        (Some("341.0"), 200),
        (Some("2024-05-20"), 404),
        (Some("2025-08-12"), 404),
        (Some("1.0"), 400),
        (Some("2030-01-01"), 400),
    ] {
        let headers: Vec<(&str, &str)> =
            version.map(|v| ("Zuora-Version", v)).into_iter().collect();
        let path = "/v1/catalog/products/unknown";
        let found = bench.send_with(Method::GET, path, None, &headers).await;
        assert_eq!((found.status, &found.body["success"]), (status, &json!(false)), "{version:?}");
        let request_id = found.headers["zuora-request-id"].to_str().unwrap();
        assert_eq!(found.body["requestId"], request_id);
        assert_eq!(found.body["processId"].as_str().unwrap().len(), 16);
        if status != 400 {
            assert_eq!(found.body["reasons"][0]["code"], 50000040);
        }
    }
    // CRUD has its own statuses in every version.
    let found = bench.get("/v1/object/product/unknown").await;
    assert_eq!((found.status, found.body), (404, json!({"records": [], "size": 0, "done": true})));
}

#[tokio::test]
async fn answers_carry_the_headers_of_the_service() {
    let bench = Bench::open().await;
    let headers = [("Zuora-Track-Id", "run-7")];
    let found = bench.send_with(Method::GET, "/v1/catalog/products", None, &headers).await;
    for (name, expected) in [
        ("zuora-track-id", "run-7"),
        ("concurrency-limit-type", "Default"),
        ("concurrency-limit-limit", "40"),
        ("concurrency-limit-remaining", "39"),
        ("ratelimit-limit", "2250000, 50000;w=60, 2250000;w=3600, 27000000;w=86400"),
    ] {
        assert_eq!(found.headers[name], expected, "{name}");
    }
    let long = "x".repeat(65);
    for track_id in [long.as_str(), "a:b", "a;b", "a'b"] {
        let headers = [("Zuora-Track-Id", track_id)];
        let found = bench.send_with(Method::GET, "/v1/catalog/products", None, &headers).await;
        assert_eq!(found.status, 400, "{track_id}");
    }
}

#[tokio::test]
async fn at_most_forty_calls_run_at_a_time() {
    let bench = Bench::open().await;
    let running: Vec<_> = (0..40).map(|_| bench.service.enter()).collect();
    let refused = bench.get("/v1/catalog/products").await;
    assert_eq!((refused.status, &refused.headers["retry-after"]), (429, &"120".parse().unwrap()));
    assert_eq!(refused.body["reasons"][0]["code"], 50000070);
    drop(running);
    assert_eq!(bench.get("/v1/catalog/products").await.status, 200);
}

#[tokio::test]
async fn the_request_log_shows_what_was_refused_or_passed_over() {
    let path = std::env::temp_dir().join(format!("crosswalk-zuora-log-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let log = RequestLog::open(&path).unwrap();
    let logged = LoggedService { log, system: "zuora" };
    let bench = Bench::open_inside(|app| app.layer(from_fn_with_state(logged, record))).await;
    bench.post("/v1/object/product", &json!({"Name": "A", "Nonsense": 1})).await;
    bench.post("/v1/object/product", &but(product("A"), json!({"Nonsense": 1}))).await;
    bench.post("/v1/object/product", &product("B")).await;
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let violations: Vec<&Value> = lines[1..].iter().map(|line| &line["violations"]).collect();
    assert!(violations[0].to_string().contains("MISSING_REQUIRED_VALUE"), "{text}");
    assert_eq!(violations[1], &json!(["unknown field /Nonsense"]));
    assert_eq!(violations[2], &Value::Null);
    assert!(!text.contains(CLIENT_SECRET));
    std::fs::remove_file(&path).unwrap();
}

#[tokio::test]
async fn bodies_are_json_objects_and_say_so() {
    let bench = Bench::open().await;
    for (media_type, text, status) in [
        ("application/json", r#"{"Name": "#, 400),
        ("application/json", "[]", 400),
        ("text/plain", "{}", 415),
        ("application/json; charset=utf-8", "{}", 400),
    ] {
        let request = bench.request(Method::POST, "/v1/object/product");
        let request = request.header("content-type", media_type).body(text);
        let found = reply(request.send().await.unwrap()).await;
        assert_eq!(found.status, status, "{media_type} {text} {}", found.text);
    }
    let (id, _) = bench.plan().await;
    let bodiless = bench.send(Method::PUT, &format!("/v1/object/product/{id}"), None).await;
    assert_eq!(bodiless.status, 415);
    let wrong = bench.send(Method::PATCH, "/v1/object/product", Some(&json!({}))).await;
    assert_eq!(wrong.status, 405);
}

#[tokio::test]
async fn a_field_of_a_later_version_is_passed_over_when_it_has_its_default() {
    let bench = Bench::open().await;
    let (_, plan) = bench.plan().await;
    let flag = "ExcludeItemBillingFromRevenueAccounting";
    for (value, version, status) in [(false, "79", 200), (true, "79", 400), (true, "115", 200)] {
        let body = but(charge(&plan, "OneTime", "Flat Fee Pricing"), json!({(flag): value}));
        let path = "/v1/object/product-rate-plan-charge?rejectUnknownFields=true";
        let headers = [("X-Zuora-WSDL-Version", version)];
        let found = bench.send_with(Method::POST, path, Some(&body), &headers).await;
        assert_eq!(found.status, status, "{value} {version} {}", found.text);
    }
}

#[tokio::test]
async fn a_key_is_answered_once_and_then_repeated() {
    let bench = Bench::open().await;
    let key = [("Idempotency-Key", "k1")];
    let path = "/v1/object/product";
    let first = bench.send_with(Method::POST, path, Some(&product("A")), &key).await;
    let again = bench.send_with(Method::POST, path, Some(&product("A")), &key).await;
    assert_eq!((first.status, &first.text), (200, &again.text));
    assert_eq!(bench.query("select Id from Product").await.body["size"], 1);
    // A failure is repeated too, even when the body has been mended.
    let key = [("Idempotency-Key", "k2")];
    let bad = bench.send_with(Method::POST, path, Some(&json!({"Name": "B"})), &key).await;
    let mended = bench.send_with(Method::POST, path, Some(&product("B")), &key).await;
    assert_eq!((bad.status, &bad.text), (400, &mended.text));
    let elsewhere = bench
        .send_with(Method::POST, "/v1/action/query", Some(&json!({"queryString": "x"})), &key)
        .await;
    assert_eq!(elsewhere.status, 422);
    for method in [Method::PUT, Method::GET, Method::DELETE] {
        let id = first.body["Id"].as_str().unwrap();
        let path = format!("/v1/object/product/{id}");
        let refused = bench.send_with(method.clone(), &path, Some(&json!({})), &key).await;
        assert_eq!(refused.status, 400);
        let expected =
            format!("Request method '{method}' not supported with Idempotency-Key header");
        assert_eq!(refused.body["message"], expected);
    }
    let long = "k".repeat(256);
    let key = [("Idempotency-Key", long.as_str())];
    let refused = bench.send_with(Method::POST, path, Some(&product("C")), &key).await;
    assert_eq!((refused.status, refused.body["message"].is_string()), (400, true));
    let wsdl = [("X-Zuora-WSDL-Version", "nonsense")];
    let refused: Value = bench.send_with(Method::POST, path, Some(&product("C")), &wsdl).await.body;
    assert!(refused["message"].as_str().unwrap().contains("WSDL"), "{refused}");
}
