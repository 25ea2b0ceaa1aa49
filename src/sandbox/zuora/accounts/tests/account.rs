//! `/v1/accounts`: what is taken, what is refused, what is kept.

use reqwest::Method;
use serde_json::{Value, json};

use super::{NEW, account, create, id, reason, send, with};
use crate::sandbox::zuora::tests::Bench;

#[tokio::test]
async fn each_rule_of_a_new_account_takes_one_body_and_refuses_another() {
    let bench = Bench::open().await;
    let parent = id(&create(&bench, &json!({"accountNumber": "TAKEN"})).await, "accountId");
    let contact = |change: Value| with(json!({"firstName": "A", "lastName": "B"}), &change);
    let cases = [
        (json!({"name": "x".repeat(255)}), json!({"name": "x".repeat(256)}), 20, "name"),
        (json!({"name": "x"}), json!({"name": null}), 22, "name"),
        (json!({"name": "x"}), json!({"name": ""}), 22, "name"),
        (json!({"currency": "EUR"}), json!({"currency": "SEK"}), 20, "currency"),
        (json!({"currency": "JPY"}), json!({"currency": null}), 22, "currency"),
        (json!({}), json!({"billToContact": null}), 22, "billToContact"),
        (
            json!({"accountNumber": "1".repeat(70)}),
            json!({"accountNumber": "2".repeat(71)}),
            20,
            "accountNumber",
        ),
        (json!({"accountNumber": "FREE"}), json!({"accountNumber": "TAKEN"}), 30, "already exists"),
        (json!({"crmId": "c".repeat(100)}), json!({"crmId": "c".repeat(101)}), 20, "crmId"),
        (json!({"paymentTerm": "Net 30"}), json!({"paymentTerm": "Net 31"}), 20, "paymentTerm"),
        (json!({"billCycleDay": 0}), json!({"billCycleDay": -1}), 20, "billCycleDay"),
        (json!({"billCycleDay": 31}), json!({"billCycleDay": 32}), 20, "billCycleDay"),
        (json!({"billCycleDay": 15}), json!({"billCycleDay": "15"}), 20, "billCycleDay"),
        (json!({"batch": "Batch50"}), json!({"batch": "Batch51"}), 20, "batch"),
        (json!({"batch": "Batch7"}), json!({"batch": "Batch07"}), 20, "batch"),
        (json!({"parentId": parent}), json!({"parentId": "0".repeat(32)}), 40, "Cannot find"),
        (json!({"autoPay": false}), json!({"autoPay": true}), 30, "autoPay"),
        (json!({"Region__c": "EMEA"}), json!({"Region__c": "MOON"}), 20, "Region__c"),
        (json!({"sfdcId__c": "1"}), json!({"Sfdcid__c": "1"}), 21, "'Sfdcid__c'"),
        (json!({"notes": "n"}), json!({"Notes": "n", "note": "n"}), 21, "'Notes,note'"),
        (
            json!({"soldToContact": contact(json!({}))}),
            json!({"soldToContact": contact(json!({})), "soldToSameAsBillTo": true}),
            30,
            "soldToSameAsBillTo",
        ),
        (
            json!({"billToContact": contact(json!({"sfdcId__c": "1", "state": "Ohio"}))}),
            json!({"billToContact": contact(json!({"Other__c": "1"}))}),
            21,
            "'billToContact.Other__c'",
        ),
        (
            json!({"soldToContact": contact(json!({"zipCode": "1".repeat(20)}))}),
            json!({"soldToContact": contact(json!({"zipCode": "1".repeat(21)}))}),
            20,
            "zipCode",
        ),
        (
            json!({"billToContact": contact(json!({"personalEmail": "a@b.example"}))}),
            json!({"billToContact": contact(json!({"personalEmail": "nobody"}))}),
            20,
            "personalEmail",
        ),
        (
            json!({"billToContact": contact(json!({}))}),
            json!({"billToContact": contact(json!({"lastName": null}))}),
            22,
            "lastName",
        ),
        (
            json!({"billToContact": contact(json!({"city": "Ohio"}))}),
            json!({"billToContact": contact(json!({"town": "Ohio"}))}),
            21,
            "'billToContact.town'",
        ),
    ];
    for (taken, refused, category, part) in cases {
        create(&bench, &taken).await;
        let body = with(account(), &refused);
        let reply = send(&bench, Method::POST, "/v1/accounts", &body).await;
        let (found, message) = reason(&reply);
        assert_eq!(
            (found, reply.status),
            (category, if category == 40 { 404 } else { 400 }),
            "{body} {message}"
        );
        assert!(message.contains(part), "{body}: {message}");
    }
}

#[tokio::test]
async fn a_refused_account_leaves_nothing_and_names_every_fault() {
    let bench = Bench::open().await;
    let body = with(account(), &json!({"currency": "SEK", "paymentTerm": "Net 1", "batch": "b"}));
    let reply = send(&bench, Method::POST, "/v1/accounts", &body).await;
    assert_eq!(reply.body["reasons"].as_array().unwrap().len(), 3, "{}", reply.text);
    assert_eq!(bench.query("select Id from Account").await.body["size"], 0);
    assert_eq!(bench.query("select Id from Contact").await.body["size"], 0);
    // Below 2024-05-20 the same refusal comes with 200.
    let reply = bench.post("/v1/accounts", &body).await;
    assert_eq!((reply.status, &reply.body["success"]), (200, &json!(false)));
}

#[tokio::test]
async fn an_account_is_read_by_its_id_and_by_its_number() {
    let bench = Bench::open().await;
    let change = json!({
        "accountNumber": "NL/1", "crmId": "001NL0000000001YAA", "paymentTerm": "Net 30",
        "billCycleDay": 3, "sfdcId__c": "x", "soldToContact": {"firstName": "So", "lastName": "Ld"},
    });
    let made = create(&bench, &change).await;
    assert_ne!(made["billToContactId"], made["soldToContactId"]);
    assert_eq!(made["shipToContactId"], made["billToContactId"]);
    for key in [id(&made, "accountId"), "NL%2F1".to_owned()] {
        let body = bench.get(&format!("/v1/accounts/{key}")).await.body;
        assert_eq!(body["success"], true, "{body}");
        let basic = &body["basicInfo"];
        assert_eq!(basic["id"], made["accountId"]);
        assert_eq!(basic["crmId"], "001NL0000000001YAA");
        assert_eq!((&basic["status"], &basic["batch"]), (&json!("Active"), &json!("Batch1")));
        assert_eq!((&basic["sfdcId__c"], &basic["notes"]), (&json!("x"), &Value::Null));
        let payment = &body["billingAndPayment"];
        assert_eq!((&payment["currency"], &payment["billCycleDay"]), (&json!("USD"), &json!(3)));
        assert_eq!(payment["paymentTerm"], "Net 30");
        assert_eq!(body["billToContact"]["id"], made["billToContactId"]);
        assert_eq!(body["billToContact"]["asBillTo"], true);
        assert_eq!(body["soldToContact"]["lastName"], "Ld");
        let body = bench.get(&format!("/v1/accounts/{key}/summary")).await.body;
        assert_eq!(body["basicInfo"]["billCycleDay"], "3");
        assert_eq!(body["soldToContact"]["id"], made["soldToContactId"]);
    }
    let alone = create(&bench, &json!({})).await;
    assert_eq!(alone["soldToContactId"], alone["billToContactId"]);
    assert_eq!(alone["accountNumber"], "A00000001");
    for path in ["/v1/accounts/nobody", "/v1/accounts/nobody/summary", "/v1/contacts/nobody"] {
        let reply = bench.send_with(Method::GET, path, None, &NEW).await;
        assert_eq!((reply.status, reason(&reply).0), (404, 40), "{path}");
    }
}

#[tokio::test]
async fn each_rule_of_a_change_takes_one_body_and_refuses_another() {
    let bench = Bench::open().await;
    let made = create(&bench, &json!({})).await;
    let other = create(&bench, &json!({"accountNumber": "OTHER"})).await;
    let (own_id, other_id) = (id(&made, "accountId"), id(&other, "accountId"));
    let below = id(&create(&bench, &json!({"parentId": own_id})).await, "accountId");
    let (own, strange) = (id(&made, "billToContactId"), id(&other, "billToContactId"));
    let cases = [
        (json!({"name": "New"}), json!({"name": ""}), 22, "name"),
        (json!({"crmId": "c1"}), json!({"accountNumber": "N-2"}), 21, "'accountNumber'"),
        (json!({"notes": ""}), json!({"currency": "EUR"}), 21, "'currency'"),
        (json!({"paymentTerm": "Net 30"}), json!({"paymentTerm": "Net 31"}), 20, "paymentTerm"),
        (json!({"billCycleDay": 31}), json!({"billCycleDay": 32}), 20, "billCycleDay"),
        (json!({"parentId": other_id}), json!({"parentId": below}), 30, "below this one"),
        (json!({"parentId": ""}), json!({"parentId": own_id}), 30, "below this one"),
        (
            json!({"soldToContactId": own}),
            json!({"soldToContactId": strange}),
            30,
            "another account",
        ),
        (
            json!({"billToContact": {"city": "Kyoto"}}),
            json!({"billToContact": {"city": 7}}),
            20,
            "city",
        ),
        (json!({"Since__c": "2025-01-01"}), json!({"Since__c": "2025-02-30"}), 20, "Since__c"),
    ];
    let path = format!("/v1/accounts/{own_id}");
    for (taken, refused, category, part) in cases {
        let reply = send(&bench, Method::PUT, &path, &taken).await;
        assert_eq!(
            (reply.status, &reply.body["success"]),
            (200, &json!(true)),
            "{taken} {}",
            reply.text
        );
        let reply = send(&bench, Method::PUT, &path, &refused).await;
        let (found, message) = reason(&reply);
        assert_eq!(found, category, "{refused} {message}");
        assert!(message.contains(part), "{refused}: {message}");
    }
    let body = bench.get(&path).await.body;
    assert_eq!(
        (&body["basicInfo"]["name"], &body["basicInfo"]["parentId"]),
        (&json!("New"), &Value::Null)
    );
    assert_eq!(body["billToContact"]["city"], "Kyoto");
    assert_eq!(body["billToContact"]["id"], own);
    assert_eq!(send(&bench, Method::PUT, "/v1/accounts/nobody", &json!({})).await.status, 404);
}

#[tokio::test]
async fn a_shared_contact_is_left_to_the_bill_to_role() {
    let bench = Bench::open().await;
    let made = create(&bench, &json!({})).await;
    let path = format!("/v1/accounts/{}", id(&made, "accountId"));
    let change = json!({"soldToContact": {"firstName": "So", "lastName": "Ld"}});
    assert_eq!(send(&bench, Method::PUT, &path, &change).await.status, 200);
    let body = bench.get(&path).await.body;
    assert_eq!(body["billToContact"]["lastName"], "Byron");
    assert_eq!(body["soldToContact"]["lastName"], "Ld");
    assert_ne!(body["soldToContact"]["id"], body["billToContact"]["id"]);
}

#[tokio::test]
async fn accounts_outlive_the_process() {
    let folder = std::env::temp_dir().join(format!("crosswalk-accounts-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let bench = Bench::open_at(Some(&folder)).await;
    let made = create(&bench, &json!({"accountNumber": "KEPT"})).await;
    drop(bench);
    let bench = Bench::open_at(Some(&folder)).await;
    let body = bench.get("/v1/accounts/KEPT").await.body;
    assert_eq!(body["basicInfo"]["id"], made["accountId"]);
    assert_eq!(body["billToContact"]["id"], made["billToContactId"]);
    let again = send(
        &bench,
        Method::POST,
        "/v1/accounts",
        &with(account(), &json!({"accountNumber": "KEPT"})),
    )
    .await;
    assert_eq!(reason(&again).0, 30);
    std::fs::remove_dir_all(&folder).unwrap();
}
