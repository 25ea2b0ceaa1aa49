//! Tokens, sessions and versions.

use std::fmt::Write as _;

use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Org, reply};

#[tokio::test]
async fn gives_tokens_for_credentials_in_the_body_and_in_a_basic_header() {
    let org = Org::builtin().await;
    let (status, body) =
        org.token("grant_type=client_credentials", Some(("consumer-key", "s3cret"))).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["instance_url"], json!(org.server.url()));
    assert_eq!(body["token_type"], json!("Bearer"));
    let id = body["id"].as_str().unwrap();
    assert!(id.contains(&format!("/id/{}/005", org.service.org_id())), "{id}");
    let path = id.strip_prefix(org.server.url()).unwrap().to_owned();
    let (status, identity) = org.get(&path).await;
    assert_eq!((status, &identity["organization_id"]), (200, &json!(org.service.org_id())));
}

#[tokio::test]
async fn a_shown_service_hides_secret_and_tokens() {
    let org = Org::builtin().await;
    let shown = format!("{:?}", org.service);
    assert!(shown.contains("consumer-key"), "{shown:.200}");
    assert!(!shown.contains("s3cret") && !shown.contains(&org.token));
}

#[tokio::test]
async fn refuses_other_credentials_and_grants_as_documented() {
    let org = Org::builtin().await;
    let cases = [
        ("grant_type=client_credentials&client_id=consumer-key&client_secret=x", "invalid_client"),
        ("grant_type=client_credentials&client_id=consumer-key", "invalid_client"),
        ("grant_type=client_credentials&client_id=x&client_secret=s3cret", "invalid_client_id"),
        ("grant_type=client_credentials", "invalid_client_id"),
        ("grant_type=password&username=u&password=p", "invalid_grant"),
        ("grant_type=refresh_token&refresh_token=r", "invalid_grant"),
        ("grant_type=nonsense", "unsupported_grant_type"),
        ("", "unsupported_grant_type"),
    ];
    for (form, expected) in cases {
        let (status, body) = org.token(form, None).await;
        assert_eq!((status, &body["error"]), (400, &json!(expected)), "{form}");
        assert!(body["error_description"].is_string(), "{form}");
    }
}

#[tokio::test]
async fn an_expired_session_is_answered_401_until_the_client_signs_in_again() {
    let mut org = Org::builtin().await;
    assert_eq!(org.get("/services/data/v67.0/limits").await.0, 200);
    org.service.expire_sessions();
    let (status, body) = org.get("/services/data/v67.0/limits").await;
    assert_eq!(status, 401);
    assert_eq!(body[0]["errorCode"], json!("INVALID_SESSION_ID"));
    org.sign_in().await;
    assert_eq!(org.get("/services/data/v67.0/limits").await.0, 200);
}

#[tokio::test]
async fn paths_versions_and_methods_are_checked() {
    let org = Org::builtin().await;
    let cases = [
        ("/services/data", 200, ""),
        ("/services/data/", 200, ""),
        ("/services/data/v67.0", 200, ""),
        ("/services/data/v31.0/limits/", 200, ""),
        ("/services/data/v67.0/sobjects/", 200, ""),
        ("/services/data/v67.0/sobjects/product2/", 200, ""),
        ("/services/data/v30.0/limits", 410, "UNSUPPORTED_API_VERSION"),
        ("/services/data/v69.0/limits", 404, "NOT_FOUND"),
        ("/services/data/v67/limits", 404, "NOT_FOUND"),
        ("/services/data/67.0/limits", 404, "NOT_FOUND"),
        ("/services/data/v67.0/sobjects/Nope/describe", 404, "NOT_FOUND"),
        ("/services/data/v67.0/nope", 404, "NOT_FOUND"),
        ("/services/apexrest/x", 404, "NOT_FOUND"),
        ("/services/data/v67.0/query", 400, "MALFORMED_QUERY"),
    ];
    for (path, status, code) in cases {
        let (found, body) = org.get(path).await;
        assert_eq!(found, status, "{path}: {body}");
        if !code.is_empty() {
            assert_eq!(body[0]["errorCode"], json!(code), "{path}");
        }
    }
    let (status, body) = org.send(Method::PUT, "/services/data/v67.0/limits", &json!({})).await;
    assert_eq!((status, &body[0]["errorCode"]), (405, &json!("METHOD_NOT_ALLOWED")));
}

#[tokio::test]
async fn a_target_above_16_kb_is_too_long() {
    let org = Org::builtin().await;
    let ids = vec!["'01tNL0000000001YAA'"; 800].join(",");
    let soql = format!("SELECT Id FROM Product2 WHERE Id IN ({ids})");
    let request = org.request(Method::GET, "/services/data/v67.0/query").query(&[("q", soql)]);
    let (status, body) = reply(request).await;
    assert_eq!((status, &body[0]["errorCode"]), (414, &json!("URI_TOO_LONG")));
}

#[tokio::test]
async fn takes_chunked_bodies_and_keeps_the_connection() {
    let org = Org::builtin().await;
    let address = org.server.url().strip_prefix("http://").unwrap();
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    for name in ["One", "Two"] {
        let mut request = format!(
            "POST /services/data/v67.0/sobjects/Product2 HTTP/1.1\r\nHost: {address}\r\n\
             Authorization: OAuth {}\r\nContent-Type: application/json\r\n\
             Transfer-Encoding: chunked\r\n\r\n",
            org.token
        );
        let body = json!({"Name": name}).to_string();
        let (first, second) = body.split_at(4);
        for chunk in [first, second, ""] {
            write!(request, "{:x}\r\n{chunk}\r\n", chunk.len()).unwrap();
        }
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = vec![0; 4096];
        let length = connection.read(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer[..length]);
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
        assert!(answer.to_ascii_lowercase().contains("\r\ncontent-length: "), "{answer}");
    }
    let (_, body) = org.query("SELECT COUNT() FROM Product2 WHERE Name IN ('One', 'Two')").await;
    assert_eq!(body["totalSize"], json!(2));
}
