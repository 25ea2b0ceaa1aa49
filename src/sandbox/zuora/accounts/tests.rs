//! Accounts and contacts over real HTTP: each rule with a body that keeps it and one that does not.

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::sandbox::zuora::tests::{Bench, Reply};

/// The version from which on errors have their own HTTP status.
const NEW: [(&str, &str); 1] = [("Zuora-Version", "2025-08-12")];

fn account() -> Value {
    json!({
        "name": "Northlight",
        "currency": "USD",
        "billToContact": {"firstName": "Ada", "lastName": "Byron", "country": "United States"},
    })
}

/// A body with some fields put in; null takes a field out.
fn with(mut body: Value, change: &Value) -> Value {
    let fields = body.as_object_mut().unwrap();
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => fields.remove(name),
            value => fields.insert(name.clone(), value.clone()),
        };
    }
    body
}

async fn send(bench: &Bench, method: Method, path: &str, body: &Value) -> Reply {
    bench.send_with(method, path, Some(body), &NEW).await
}

/// Creates an account that must be taken; gives its answer.
async fn create(bench: &Bench, change: &Value) -> Value {
    let reply = send(bench, Method::POST, "/v1/accounts", &with(account(), change)).await;
    assert_eq!(reply.status, 200, "{change} {}", reply.text);
    reply.body
}

fn id(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap_or_else(|| panic!("{name} in {body}")).to_owned()
}

/// The first reason's category and its message.
fn reason(reply: &Reply) -> (u64, String) {
    assert_eq!(reply.body["success"], false, "{}", reply.text);
    let reason = &reply.body["reasons"][0];
    (reason["code"].as_u64().unwrap() % 100, id(reason, "message"))
}

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

#[tokio::test]
async fn queries_find_accounts_by_what_they_are_known_by() {
    let bench = Bench::open().await;
    for (number, crm) in [("A-1", "001A"), ("A-2", "001B"), ("A-3", "001A")] {
        create(&bench, &json!({"accountNumber": number, "crmId": crm, "sfdcId__c": number})).await;
    }
    let cases = [
        ("AccountNumber", "Account where CrmId = '001A'", vec!["A-1", "A-3"]),
        ("AccountNumber", "account where crmid = '001B'", vec!["A-2"]),
        ("AccountNumber", "Account where sfdcId__c = 'A-3' and Currency = 'USD'", vec!["A-3"]),
        ("AccountNumber", "Account where BillCycleDay > 0", vec![]),
        ("AccountNumber", "Account where Status = 'Active' and CrmId != '001A'", vec!["A-2"]),
        ("LastName", "Contact where Country = 'United States'", vec!["Byron", "Byron", "Byron"]),
    ];
    for (field, rest, expected) in cases {
        let body = bench.query(&format!("select {field} from {rest}")).await.body;
        let records = body["records"].as_array().unwrap_or_else(|| panic!("{rest} {body}"));
        let mut found: Vec<_> = records.iter().map(|one| one[field].as_str().unwrap()).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{rest}");
    }
    for (query, part) in [
        ("select crmNumber from Account", "crmNumber"),
        ("select Id from Account where Note__c = 'x'", "Note__c"),
        ("select Id from Accounts", "Accounts"),
    ] {
        let reply = bench.query(query).await;
        assert_eq!(reply.status, 400, "{query}");
        assert!(id(&reply.body, "FaultMessage").contains(part), "{}", reply.text);
    }
}

#[tokio::test]
async fn crud_spells_accounts_in_its_own_way() {
    let bench = Bench::open().await;
    let made = create(&bench, &json!({"crmId": "001A", "salesRep": "Sam"})).await;
    let path = format!("/v1/object/account/{}", id(&made, "accountId"));
    let shown = bench.get(&path).await.body;
    assert_eq!((&shown["CrmId"], &shown["SalesRepName"]), (&json!("001A"), &json!("Sam")));
    assert_eq!(shown["BillToId"], made["billToContactId"]);
    assert!(shown.get("ParentId").is_none(), "{shown}");
    let contact = format!("/v1/object/contact/{}", id(&made, "billToContactId"));
    assert_eq!(bench.get(&contact).await.body["LastName"], "Byron");
    let cases: [(&str, Value, Value, &str); 8] = [
        (&path, json!({"Name": "New"}), json!({"Name": null}), "MISSING_REQUIRED_VALUE"),
        (&path, json!({"BillCycleDay": 5}), json!({"BillCycleDay": "5"}), "INVALID_VALUE"),
        (&path, json!({"Currency": "USD"}), json!({"Currency": "EUR"}), "INVALID_VALUE"),
        (&path, json!({"Status": "Canceled"}), json!({"Status": "Gone"}), "INVALID_VALUE"),
        (&path, json!({"Region__c": "APAC"}), json!({"Region__c": "MOON"}), "INVALID_VALUE"),
        (&path, json!({"ParentId": null}), json!({"ParentId": "nobody"}), "INVALID_ID"),
        (&contact, json!({"City": "Bern"}), json!({"PostalCode": "1".repeat(21)}), "INVALID_VALUE"),
        (&contact, json!({"FirstName": "Al"}), json!({"FirstName": ""}), "MISSING_REQUIRED_VALUE"),
    ];
    for (path, taken, refused, code) in cases {
        let reply = bench.put(path, &taken).await;
        assert_eq!(
            (reply.status, &reply.body["Success"]),
            (200, &json!(true)),
            "{taken} {}",
            reply.text
        );
        let reply = bench.put(path, &refused).await;
        assert_eq!(
            (reply.status, &reply.body["Errors"][0]["Code"]),
            (400, &json!(code)),
            "{refused} {}",
            reply.text
        );
    }
    let unknown = json!({"crmId": "x"});
    assert_eq!(bench.put(&path, &unknown).await.status, 200);
    assert_eq!(bench.put(&format!("{path}?rejectUnknownFields=true"), &unknown).await.status, 400);
    assert_eq!(bench.get(&path).await.body["CrmId"], "001A");
    assert_eq!(bench.delete(&path).await.body["success"], true);
    assert_eq!(bench.get(&path).await.status, 404);
    assert_eq!(bench.query("select Id from Contact").await.body["size"], 0);
}

#[tokio::test]
async fn an_account_of_crud_is_a_draft_until_it_has_contacts() {
    let bench = Bench::open().await;
    let body = json!({"Name": "Draft", "Currency": "USD", "BillCycleDay": 1});
    for name in ["Name", "Currency", "BillCycleDay"] {
        let mut less = body.as_object().cloned().unwrap_or_else(Map::new);
        less.remove(name);
        let reply = bench.post("/v1/object/account", &Value::Object(less)).await;
        assert_eq!(reply.body["Errors"][0]["Code"], "MISSING_REQUIRED_VALUE", "{}", reply.text);
    }
    let made = bench.post("/v1/object/account", &body).await.body;
    let path = format!("/v1/object/account/{}", id(&made, "Id"));
    assert_eq!(bench.get(&path).await.body["Status"], "Draft");
    let reply = bench.put(&path, &json!({"Status": "Active"})).await;
    assert_eq!(reply.status, 400, "{}", reply.text);
    let contact = json!({"firstName": "A", "lastName": "B", "accountId": made["Id"], "asBillTo": true, "asSoldTo": true});
    assert_eq!(bench.post("/v1/contacts", &contact).await.body["success"], true);
    assert_eq!(bench.put(&path, &json!({"Status": "Active"})).await.status, 200);
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
