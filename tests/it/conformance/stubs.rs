//! Small stubs for what the emulated services never answer.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, http::StatusCode, response::IntoResponse, routing::any};
use crosswalk::{
    connector::{
        Class, Find, FindBy, Query, Relation, RelationKind, Source, Target, salesforce, zuora,
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
        base_url: Some(server.url.clone()),
        patience: servers::patience(),
        ..salesforce::Settings::new(&server.url, CLIENT_ID, Secret::new(CLIENT_SECRET))
    })
    .expect("settings")
}

fn zuora(url: &str) -> zuora::Zuora {
    zuora::connect(zuora::Settings {
        patience: servers::patience(),
        ..zuora::Settings::new(url, CLIENT_ID, Secret::new(CLIENT_SECRET))
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
async fn many_callers_sign_in_once_and_few_calls_are_under_way() {
    let under_way = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (now, seen) = (under_way.clone(), most.clone());
    let token = || async { ([("content-type", "application/json")], TOKEN) };
    let router = Router::new().route("/oauth/token", any(token)).fallback(move || {
        let (now, seen) = (now.clone(), seen.clone());
        async move {
            seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            now.fetch_sub(1, Ordering::SeqCst);
            "<describe/>"
        }
    });
    let server = servers::serve(router).await;
    let zuora = Arc::new(zuora(&server.url));
    let callers = (0..60).map(|_| {
        let zuora = zuora.clone();
        tokio::spawn(async move { zuora.describe("Product").await.map(|_| ()) })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("a caller").expect("describe");
    }
    assert_eq!((zuora.traffic().sign_ins, zuora.traffic().reads), (1, 60));
    let most = most.load(Ordering::SeqCst);
    assert!((2..=servers::patience().calls_in_flight_max).contains(&most), "{most}");
}

#[tokio::test]
async fn a_query_too_long_for_a_uri_leaves_its_children_to_their_own() {
    let longest = Arc::new(AtomicUsize::new(0));
    let seen = longest.clone();
    let (server, calls) = stub(move |uri| {
        seen.fetch_max(uri.len(), Ordering::SeqCst);
        let rows = match uri.contains("PricebookEntry") {
            true => r#"{"Id":"01u1","Product2Id":"01t1"}"#,
            false => r#"{"Id":"01t1"}"#,
        };
        (200, format!(r#"{{"totalSize":1,"done":true,"records":[{rows}]}}"#))
    })
    .await;
    let mut query = children();
    (0..200).for_each(|n| query.add_field(&format!("Long_Name_Of_A_Custom_Field_{n}__c")));
    (0..100).for_each(|n| query.relations[0].query.add_field(&format!("Long_Name_Too_{n}__c")));
    query.relations[0].query.add_field("Id");
    let (mut wide, mut deep) = (query.clone(), query);
    wide.relations[0].query.fields.truncate(2);
    (0..100)
        .for_each(|n| deep.relations[0].query.add_field(&format!("Long_Name_Of_A_Child_{n}__c")));
    salesforce(&server).read(&wide, None).await.expect("one query");
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    let page = salesforce(&server).read(&deep, None).await.expect("two queries");
    assert_eq!(calls.load(Ordering::SeqCst), 3);
    let record = page.records.iter().next().expect("a record").text().to_owned();
    assert!(
        record.contains(r#""PricebookEntries":{"totalSize":1,"done":true,"records":[{"Id":"01u1""#)
    );
    assert!(longest.load(Ordering::SeqCst) < 16_000);
}

#[tokio::test]
async fn further_pages_of_a_question_are_followed() {
    let (server, calls) = stub(|uri| match uri {
        "/v1/action/queryMore" => {
            (200, r#"{"size":2,"done":true,"records":[{"Id":"2","Name":"b"}]}"#.into())
        }
        _ => (
            200,
            r#"{"size":2,"done":false,"queryLocator":"2-1","records":[{"Id":"1","Name":"a"}]}"#
                .into(),
        ),
    })
    .await;
    let find = Find {
        object: "Product".into(),
        by: FindBy::Ids(vec!["2".into(), "1".into()]),
        fields: vec!["Name".into(), "SKU".into()],
    };
    let found = zuora(&server.url).find(&find).await.expect("find");
    let texts: Vec<_> = found.iter().map(|hit| (hit.asked, hit.fields.as_slice())).collect();
    let name = |text: &str| [("Name".to_owned(), text.to_owned())];
    assert_eq!(texts, [(0, &name("\"b\"")[..]), (1, &name("\"a\"")[..])]);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
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
