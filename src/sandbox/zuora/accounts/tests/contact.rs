//! `/v1/contacts`: contacts and their roles.

use reqwest::Method;
use serde_json::json;

use super::{NEW, create, id, reason, send, with};
use crate::sandbox::zuora::tests::Bench;

#[tokio::test]
async fn each_rule_of_a_contact_takes_one_body_and_refuses_another() {
    let bench = Bench::open().await;
    let made = create(&bench, &json!({"accountNumber": "NL-1"})).await;
    let account = id(&made, "accountId");
    let body = json!({"firstName": "Con", "lastName": "Tact", "accountId": account});
    let cases = [
        (json!({}), json!({"firstName": null}), 22, "firstName"),
        (
            json!({"accountId": null, "accountNumber": "NL-1"}),
            json!({"accountId": null}),
            22,
            "accountId",
        ),
        (json!({}), json!({"accountNumber": "NL-1"}), 30, "Only one"),
        (json!({}), json!({"accountId": "nobody"}), 40, "nobody"),
        (
            json!({"otherPhoneType": "Work"}),
            json!({"otherPhoneType": "work"}),
            20,
            "otherPhoneType",
        ),
        (json!({"sfdcId__c": "7"}), json!({"sfdcId__c": "7".repeat(19)}), 20, "sfdcId__c"),
        (json!({"country": "x".repeat(64)}), json!({"country": "x".repeat(65)}), 20, "country"),
        (json!({"city": "Bern"}), json!({"postalCode": "1"}), 21, "'postalCode'"),
    ];
    for (taken, refused, category, part) in cases {
        let reply = send(&bench, Method::POST, "/v1/contacts", &with(body.clone(), &taken)).await;
        assert_eq!((reply.status, &reply.body["success"]), (200, &json!(true)), "{}", reply.text);
        assert_eq!(reply.body["accountNumber"], "NL-1");
        let reply = send(&bench, Method::POST, "/v1/contacts", &with(body.clone(), &refused)).await;
        let (found, message) = reason(&reply);
        assert_eq!(found, category, "{refused} {message}");
        assert!(message.contains(part), "{refused}: {message}");
    }
}

#[tokio::test]
async fn a_contact_takes_a_role_changes_and_goes_when_nobody_needs_it() {
    let bench = Bench::open().await;
    let made = create(&bench, &json!({})).await;
    let (account, first) = (id(&made, "accountId"), id(&made, "billToContactId"));
    let body =
        json!({"firstName": "Con", "lastName": "Tact", "accountId": account, "asBillTo": true});
    let second = id(&send(&bench, Method::POST, "/v1/contacts", &body).await.body, "id");
    let shown = bench.get(&format!("/v1/accounts/{account}")).await.body;
    assert_eq!(
        (&shown["billToContact"]["id"], &shown["soldToContact"]["id"]),
        (&json!(second), &json!(first))
    );
    let path = format!("/v1/contacts/{second}");
    let reply = send(&bench, Method::PUT, &path, &json!({"city": "Kyoto", "nickname": ""})).await;
    assert_eq!((reply.status, &reply.body["city"]), (200, &json!("Kyoto")), "{}", reply.text);
    for (change, category) in [
        (json!({"lastName": ""}), 22),
        (json!({"accountId": account}), 21),
        (json!({"zipCode": "1".repeat(21)}), 20),
    ] {
        assert_eq!(
            reason(&send(&bench, Method::PUT, &path, &change).await).0,
            category,
            "{change}"
        );
    }
    let reply = bench.send_with(Method::DELETE, &path, None, &NEW).await;
    assert_eq!(reason(&reply).0, 30, "{}", reply.text);
    let back = json!({"billToContactId": first});
    assert_eq!(
        send(&bench, Method::PUT, &format!("/v1/accounts/{account}"), &back).await.status,
        200
    );
    assert_eq!(bench.delete(&path).await.body["success"], true);
    let query = format!("select Id from Contact where AccountId = '{account}'");
    assert_eq!(bench.query(&query).await.body["records"], json!([{"Id": first}]));
}
