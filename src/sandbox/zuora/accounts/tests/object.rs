//! Accounts and contacts as CRUD, queries and descriptions spell them.

use serde_json::{Map, Value, json};

use super::{create, id};
use crate::sandbox::zuora::tests::Bench;

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
async fn accounts_are_described_as_queries_spell_them() {
    let bench = Bench::open().await;
    for (object, field) in
        [("Account", "CrmId"), ("Account", "SalesRepName"), ("Contact", "PostalCode")]
    {
        let text = bench.get(&format!("/v1/describe/{object}")).await.text;
        assert_eq!(text.matches(&format!("<name>{field}</name>")).count(), 1, "{object} {text}");
        assert!(text.contains("<name>Region__c</name>"), "{object}");
        assert!(!text.contains("<name>zipCode</name>") && !text.contains("<name>crmId</name>"));
    }
    let account = bench.get("/v1/describe/Account").await.text;
    let currency = account.lines().find(|line| line.contains("<name>Currency</name>")).unwrap();
    for part in ["<required>true</required>", "<type>picklist</type>", "<option>EUR</option>"] {
        assert!(currency.contains(part), "{part} in {currency}");
    }
}
