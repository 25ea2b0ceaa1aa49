//! Ordered faults, and state that outlives the process.

use reqwest::Method;
use serde_json::json;

use super::{Org, client, credentials, descriptions, fresh_folder};
use crate::sandbox::data::{builtin_fields, builtin_records};
use crate::sandbox::salesforce::Service;
use crate::sandbox::salesforce::service::Contents;
use crate::sandbox::wire::SandboxError;
use crate::sandbox::wire::faults::Fault;
use crate::sandbox::wire::request_log::{LoggedService, RequestLog};
use crate::sandbox::wire::server::Server;

const PRODUCTS: &str = "/services/data/v67.0/sobjects/Product2";

#[tokio::test]
async fn ordered_answers_come_and_pass() {
    let org = Org::builtin().await;
    let cases = [
        (401, None, "INVALID_SESSION_ID"),
        (429, Some(7), "SERVER_UNAVAILABLE"),
        (503, None, "SERVER_UNAVAILABLE"),
        (500, None, "UNKNOWN_EXCEPTION"),
    ];
    for (status, retry_after_s, code) in cases {
        let fault = Fault::Answer { status, retry_after_s };
        org.service.faults().next(1, Some("GET"), "/services/data/v67.0/limits", fault);
        let path = "/services/data/v67.0/limits";
        let response = org.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status().as_u16(), status);
        let retry_after = response.headers().get("retry-after").map(|v| v.to_str().unwrap());
        assert_eq!(retry_after.map(str::to_owned), retry_after_s.map(|s: u32| s.to_string()));
        let body: serde_json::Value =
            serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(body[0]["errorCode"], json!(code));
        assert_eq!(org.get("/services/data/v67.0/limits").await.0, 200);
    }
}

#[tokio::test]
async fn a_cut_before_does_nothing_and_a_cut_after_has_done_it() {
    let org = Org::builtin().await;
    for (fault, name, expected) in
        [(Fault::CutBefore, "Never made", 0), (Fault::CutAfter, "Made unseen", 1)]
    {
        org.service.faults().next(1, Some("POST"), PRODUCTS, fault);
        let request =
            org.request(Method::POST, PRODUCTS).header("content-type", "application/json");
        let sent = request.body(json!({"Name": name}).to_string()).send().await;
        assert!(sent.is_err(), "{fault:?}");
        let soql = format!("SELECT Id FROM Product2 WHERE Name = '{name}'");
        assert_eq!(org.query(&soql).await.1["totalSize"], json!(expected), "{fault:?}");
    }
}

#[tokio::test]
async fn writes_outlive_the_process_and_belong_to_their_records() {
    let folder = fresh_folder("salesforce-state");
    let fields = builtin_fields();
    let org = Org::open(&builtin_records(), Some(&fields), Some(&folder)).await;
    let (status, body) =
        org.send(Method::POST, PRODUCTS, &json!({"Name": "Kept", "SBQQ__SortOrder__c": 12})).await;
    assert_eq!(status, 201, "{body}");
    let id = body["id"].as_str().unwrap().to_owned();
    let (before, name) =
        (org.service.record("Product2", &id).unwrap(), org.service.org_id().to_owned());
    org.server.stop().await;
    let again = Org::open(&builtin_records(), Some(&fields), Some(&folder)).await;
    assert_eq!(again.service.record("Product2", &id).unwrap(), before);
    assert_eq!(again.service.org_id(), name);
    let (_, body) = again.send(Method::POST, PRODUCTS, &json!({"Name": "Next"})).await;
    assert_ne!(body["id"], json!(id), "numbering goes on");
    let objects = descriptions();
    let contents = Contents { objects: &objects, records: &[], fields: None, own_fields: &[] };
    let error = Service::open(&contents, credentials(), Some(&folder)).unwrap_err();
    assert!(matches!(error, SandboxError::OtherState { .. }), "{error}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn the_request_log_has_what_went_over_the_wire_but_no_secret() {
    let folder = fresh_folder("salesforce-log");
    let path = folder.join("requests.ndjson");
    let org = Org::builtin().await;
    let log = LoggedService { log: RequestLog::open(&path).unwrap(), system: "salesforce" };
    let router = super::router(org.service.clone());
    let server = Server::start(router, 0, Some(log)).await.unwrap();
    let form = "grant_type=client_credentials&client_id=consumer-key&client_secret=s3cret";
    let url = format!("{}/services/oauth2/token", server.url());
    let token = client().post(url).body(form).send().await.unwrap().text().await.unwrap();
    let url = format!("{}/services/data/v67.0/query?q=SELECT+Id+FROM+Nope", server.url());
    client().get(url).bearer_auth(&org.token).send().await.unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["query"]["q"], json!("SELECT Id FROM Nope"));
    assert_eq!((&lines[1]["status"], &lines[1]["system"]), (&json!(400), &json!("salesforce")));
    assert_eq!(lines[1]["response_body"][0]["errorCode"], json!("INVALID_TYPE"));
    let token: serde_json::Value = serde_json::from_str(&token).unwrap();
    for secret in ["s3cret", token["access_token"].as_str().unwrap(), &org.token] {
        assert!(!text.contains(secret), "{text}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
