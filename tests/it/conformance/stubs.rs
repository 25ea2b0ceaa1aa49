//! Small stubs for what the emulated services never answer.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, http::StatusCode, response::IntoResponse, routing::any};
use crosswalk::{
    connector::{
        Class, Query, Relation, RelationKind, Source, Target,
        salesforce::{self, API_VERSION},
        zuora::{self, WSDL_VERSION, ZUORA_VERSION},
    },
    secret::Secret,
};

use super::{
    claims,
    servers::{self, CLIENT_ID, CLIENT_SECRET, Server},
};

const TOKEN: &str = r#"{"access_token":"token-of-the-test","token_type":"Bearer","id":"https://x/id/00D000000000001AAA/005","expires_in":3600,"scope":"tenant.7"}"#;

/// A service that gives a token and answers everything else alike; counts the calls.
async fn stub(
    answer: impl Fn(&str) -> (u16, String) + Clone + Send + Sync + 'static,
) -> (Server, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let token = || async { ([("content-type", "application/json")], TOKEN) };
    let router = Router::new()
        .route("/services/oauth2/token", any(token))
        .route("/oauth/token", any(token))
        .fallback(move |request: axum::extract::Request| {
            counted.fetch_add(1, Ordering::SeqCst);
            let (status, body) = answer(&request.uri().to_string());
            let status = StatusCode::from_u16(status).expect("status");
            async move { (status, [("content-type", "application/json")], body).into_response() }
        });
    (servers::serve(router).await, calls)
}

fn salesforce(server: &Server) -> salesforce::Salesforce {
    salesforce::connect(salesforce::Settings {
        login_url: server.url.clone(),
        base_url: Some(server.url.clone()),
        api_version: API_VERSION.into(),
        client_id: CLIENT_ID.into(),
        client_secret: Secret::new(CLIENT_SECRET),
        patience: servers::patience(),
    })
    .expect("settings")
}

fn zuora(url: &str) -> zuora::Zuora {
    zuora::connect(zuora::Settings {
        base_url: url.into(),
        client_id: CLIENT_ID.into(),
        client_secret: Secret::new(CLIENT_SECRET),
        zuora_version: ZUORA_VERSION.into(),
        wsdl_version: WSDL_VERSION.into(),
        entity_id: None,
        org_ids: None,
        patience: servers::patience(),
    })
    .expect("settings")
}

fn children() -> Query {
    let mut child = Query::of("PricebookEntry");
    child.add_field("UnitPrice");
    let kind = RelationKind::Children { field: "Product2Id".into() };
    let mut query = Query::of("Product2");
    query.relations.push(Relation { name: "PricebookEntries".into(), kind, query: child });
    query
}

#[tokio::test]
async fn an_incomplete_list_of_children_is_an_error() {
    let row = r#"{"Id":"01u1","UnitPrice":1.0}"#;
    let lists = [
        format!(r#"{{"totalSize":2,"done":false,"records":[{row}]}}"#),
        format!(r#"{{"totalSize":2,"done":true,"records":[{row}]}}"#),
        format!(
            r#"{{"totalSize":2,"done":false,"nextRecordsUrl":"https://elsewhere/services/x","records":[{row}]}}"#
        ),
        format!(
            r#"{{"totalSize":2,"done":false,"nextRecordsUrl":"/services/data/rest","records":[{row}]}}"#
        ),
    ];
    for list in lists {
        let page = format!(
            r#"{{"totalSize":1,"done":true,"records":[{{"Id":"01t1","PricebookEntries":{list}}}]}}"#
        );
        let (server, _) = stub(move |uri| match uri {
            "/services/data/rest" => (200, r#"{"totalSize":2,"done":true,"records":[]}"#.into()),
            _ => (200, page.clone()),
        })
        .await;
        let error = salesforce(&server).read(&children(), None).await.expect_err("incomplete");
        assert_eq!(error.class, Class::Broken, "{error}");
    }
}

#[tokio::test]
async fn a_record_that_needs_nothing_stays_the_bytes_that_arrived() {
    let record = r#"{"attributes":{"type":"Product2"},"Id":"01t1", "Price__c":1.10e0,"PricebookEntries":{"totalSize":1,"done":true,"records":[{"UnitPrice":10.0}]}}"#;
    let page = format!(r#"{{"totalSize":1,"done":true,"records":[{record}]}}"#);
    let (server, _) = stub(move |_| (200, page.clone())).await;
    let page = salesforce(&server).read(&children(), None).await.expect("page");
    let texts: Vec<&str> = page.records.iter().map(|record| record.text()).collect();
    assert_eq!(texts, [record]);
}

#[tokio::test]
async fn a_401_that_no_token_cures_does_not_loop() {
    for said in [
        "Session expired or invalid",
        "Connected app is not attached to Agent",
        "This session is not valid for use with the REST API",
    ] {
        let body = format!(r#"[{{"message":"{said}","errorCode":"INVALID_SESSION_ID"}}]"#);
        let (server, calls) = stub(move |_| (401, body.clone())).await;
        let salesforce = salesforce(&server);
        let error = salesforce.read(&children(), None).await.expect_err("401");
        assert_eq!(error.class, Class::SignIn, "{error}");
        assert!(calls.load(Ordering::SeqCst) <= 2 && salesforce.traffic().sign_ins <= 2, "{said}");
        assert!(!format!("{error:?}").contains("token-of-the-test"));
    }
}

#[tokio::test]
async fn a_failure_with_a_good_status_is_a_failure() {
    let body = r#"{"success":false,"processId":"7F","reasons":[{"code":53100020,"message":"no"}]}"#;
    let (server, calls) = stub(move |_| (200, body.into())).await;
    let zuora = zuora(&server.url);
    let error = zuora.write(&[claims::create("Product", "{}")]).await.expect_err("success:false");
    assert_eq!((error.class, error.code.as_deref()), (Class::Refused, Some("53100020")));
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_lock_is_waited_for_and_a_garbled_answer_to_a_write_is_an_unknown_fate() {
    let lock = r#"{"success":false,"reasons":[{"code":53100050,"message":"locked"}]}"#;
    let (server, calls) = stub(move |_| (409, lock.into())).await;
    let write = [claims::create("Product", "{}")];
    let error = zuora(&server.url).write(&write).await.expect_err("locked for good");
    assert_eq!(error.class, Class::Wait, "{error}");
    assert_eq!(calls.load(Ordering::SeqCst), 5);
    let (server, calls) = stub(|_| (200, "<html>a proxy</html>".into())).await;
    let error = zuora(&server.url).write(&write).await.expect_err("garbled");
    assert_eq!(error.class, Class::UnknownFate, "{error}");
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn nobody_there_is_nothing_sent() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("address"));
    drop(listener);
    let error = zuora(&url).identity().await.expect_err("nobody there");
    assert_eq!(error.class, Class::Broken, "{error}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (server, calls) = stub(|_| (302, String::new())).await;
    let error = salesforce(&server).read(&children(), None).await.expect_err("302");
    assert_eq!(error.class, Class::Refused, "{error}");
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_host_stands_for_a_tenant_that_the_token_does_not_name() {
    let router = Router::new()
        .route("/oauth/token", any(|| async { r#"{"access_token":"t","expires_in":3599}"# }));
    let server = servers::serve(router).await;
    assert_eq!(claims::says_who_it_is(&zuora(&server.url), "zuora").await, "127.0.0.1");
}
