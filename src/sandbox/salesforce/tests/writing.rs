//! Writes: what is refused, what is kept, and what a batch answers.

use reqwest::Method;
use serde_json::{Value, json};

use super::Org;

const BASE: &str = "/services/data/v67.0";

fn path(tail: &str) -> String {
    format!("{BASE}/{tail}")
}

#[tokio::test]
async fn creates_changes_and_deletes() {
    let org = Org::builtin().await;
    let values = json!({"Name": "New", "SBQQ__SubscriptionTerm__c": 1.50, "ProductCode": ""});
    let (status, body) = org.send(Method::POST, &path("sobjects/Product2/"), &values).await;
    assert_eq!(status, 201, "{body}");
    assert_eq!((&body["success"], &body["errors"]), (&json!(true), &json!([])));
    let id = body["id"].as_str().unwrap();
    let stored = org.get(&path(&format!("sobjects/Product2/{id}"))).await.1;
    assert_eq!(stored["SBQQ__SubscriptionTerm__c"].to_string(), "1.5");
    assert_eq!((&stored["ProductCode"], &stored["IsActive"]), (&Value::Null, &json!(false)));
    assert_eq!(stored["CurrencyIsoCode"], json!("USD"), "the corporate currency");
    let change = json!({"Name": "Newer", "SBQQ__SubscriptionTerm__c": null});
    let (status, body) =
        org.send(Method::PATCH, &path(&format!("sobjects/Product2/{id}")), &change).await;
    assert_eq!((status, body), (204, Value::Null));
    let changed = org.get(&path(&format!("sobjects/Product2/{id}"))).await.1;
    assert_eq!(changed["SBQQ__SubscriptionTerm__c"], Value::Null);
    let stamp = |record: &Value| record["SystemModstamp"].as_str().unwrap().to_owned();
    assert!(stamp(&changed) > stamp(&stored));
    assert_eq!(changed["CreatedDate"], stored["CreatedDate"]);
    assert_eq!(org.delete(&path(&format!("sobjects/Product2/{id}"))).await.0, 204);
    let soql = format!("SELECT Id FROM Product2 WHERE Id = '{id}'");
    assert_eq!(org.query(&soql).await.1["totalSize"], json!(0));
    let request = org.request(Method::GET, &path("queryAll"));
    let (_, body) = super::reply(request.query(&[("q", &soql)])).await;
    assert_eq!(body["totalSize"], json!(1), "the recycle bin is seen by queryAll only");
    let (status, body) = org.delete(&path(&format!("sobjects/Product2/{id}"))).await;
    assert_eq!((status, &body[0]["errorCode"]), (404, &json!("ENTITY_IS_DELETED")));
}

#[tokio::test]
async fn refuses_values_that_do_not_fit() {
    let org = Org::builtin().await;
    let long = "x".repeat(256);
    let cases = [
        ("Product2", json!({}), "REQUIRED_FIELD_MISSING"),
        ("Product2", json!({"Name": null}), "REQUIRED_FIELD_MISSING"),
        ("Product2", json!({"Name": "x", "Nope": 1}), "INVALID_FIELD"),
        (
            "Product2",
            json!({"Name": "x", "CreatedDate": "2024-01-01T00:00:00Z"}),
            "INVALID_FIELD_FOR_INSERT_UPDATE",
        ),
        ("Product2", json!({"Name": long}), "STRING_TOO_LONG"),
        ("Product2", json!({"Name": 5}), "JSON_PARSER_ERROR"),
        ("Product2", json!({"Name": "x", "IsActive": "yes"}), "JSON_PARSER_ERROR"),
        ("Product2", json!({"Name": "x", "IsActive": null}), "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("Product2", json!({"Name": "x", "SBQQ__SubscriptionTerm__c": "12"}), "JSON_PARSER_ERROR"),
        (
            "Product2",
            json!({"Name": "x", "SBQQ__SubscriptionTerm__c": 99999999999999999999_u128 as f64}),
            "NUMBER_OUTSIDE_VALID_RANGE",
        ),
        ("Product2", json!({"Name": "x", "SBQQ__DiscountSchedule__c": "x"}), "MALFORMED_ID"),
        (
            "Product2",
            json!({"Name": "x", "SBQQ__DiscountSchedule__c": "01tNL0000000001YAA"}),
            "MALFORMED_ID",
        ),
        (
            "Product2",
            json!({"Name": "x", "SBQQ__DiscountSchedule__c": "a1BNL00000009992AA"}),
            "INVALID_CROSS_REFERENCE_KEY",
        ),
        (
            "Product2",
            json!({"Name": "x", "CurrencyIsoCode": "CHF"}),
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        ),
        ("Product2", json!({"Name": "x", "ERP_Key__c": "NL-1000"}), "DUPLICATE_VALUE"),
        (
            "Product2",
            json!({"Name": "x", "Id": "01tNL0000000001YAA"}),
            "INVALID_FIELD_FOR_INSERT_UPDATE",
        ),
        ("Organization", json!({"Name": "x"}), "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
        (
            "Contract",
            json!({"AccountId": "001000000000001AAA", "StartDate": "2024-02-30"}),
            "JSON_PARSER_ERROR",
        ),
        (
            "PricebookEntry",
            json!({"Product2Id": "01tNL0000000021YAA", "Pricebook2Id": "01sNL0000000002YAA", "UnitPrice": 5}),
            "STANDARD_PRICE_NOT_DEFINED",
        ),
        (
            "PricebookEntry",
            json!({"Product2Id": "01tNL0000000001YAA", "Pricebook2Id": "01sNL0000000001YAA", "UnitPrice": 5}),
            "DUPLICATE_VALUE",
        ),
    ];
    for (object, values, expected) in cases {
        let (status, body) =
            org.send(Method::POST, &path(&format!("sobjects/{object}")), &values).await;
        assert_eq!((status, &body[0]["errorCode"]), (400, &json!(expected)), "{values}: {body}");
    }
    assert_eq!(org.query("SELECT COUNT() FROM Product2").await.1["totalSize"], json!(25));
}

#[tokio::test]
async fn an_update_sets_only_what_an_update_may_set() {
    let org = Org::builtin().await;
    let entry = org.query("SELECT Id FROM PricebookEntry LIMIT 1").await.1;
    let id = entry["records"][0]["Id"].as_str().unwrap();
    let values = json!({"Product2Id": "01tNL0000000003YAA"});
    let target = path(&format!("sobjects/PricebookEntry/{id}"));
    let (status, body) = org.send(Method::PATCH, &target, &values).await;
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("INVALID_FIELD_FOR_INSERT_UPDATE")));
    assert_eq!(org.send(Method::PATCH, &target, &json!({"UnitPrice": 7.25})).await.0, 204);
    let stored = org.get(&target).await.1;
    assert_eq!(stored["UnitPrice"].to_string(), "7.25");
    assert_eq!(stored["ProductCode"], json!("NL-PLAT"), "a price is called as its product is");
    let missing = path("sobjects/PricebookEntry/01uNL0000000999YAA");
    let (status, body) = org.send(Method::PATCH, &missing, &json!({"UnitPrice": 1})).await;
    assert_eq!((status, &body[0]["errorCode"]), (404, &json!("NOT_FOUND")));
}

#[tokio::test]
async fn contracts_start_as_drafts() {
    let org = Org::builtin().await;
    let (_, account) =
        org.send(Method::POST, &path("sobjects/Account"), &json!({"Name": "Harbour Mills"})).await;
    let account = account["id"].as_str().unwrap();
    let mut values = json!({
        "AccountId": account, "StartDate": "2024-01-31", "ContractTerm": 13, "Status": "Activated",
    });
    let (status, body) = org.send(Method::POST, &path("sobjects/Contract"), &values).await;
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("FAILED_ACTIVATION")));
    values.as_object_mut().unwrap().remove("Status");
    let (status, body) = org.send(Method::POST, &path("sobjects/Contract"), &values).await;
    assert_eq!(status, 201, "{body}");
    let id = body["id"].as_str().unwrap();
    let target = path(&format!("sobjects/Contract/{id}"));
    let stored = org.get(&target).await.1;
    assert_eq!((&stored["Status"], &stored["EndDate"]), (&json!("Draft"), &json!("2025-02-27")));
    assert_eq!(org.send(Method::PATCH, &target, &json!({"Status": "Activated"})).await.0, 204);
    let soql = format!("SELECT (SELECT Status FROM Contracts) FROM Account WHERE Id = '{account}'");
    let (_, body) = org.query(&soql).await;
    assert_eq!(body["records"][0]["Contracts"]["records"][0]["Status"], json!("Activated"));
}

#[tokio::test]
async fn upserts_by_external_id() {
    let org = Org::builtin().await;
    let target = path("sobjects/Product2/ERP_Key__c/NL%2F9");
    let (status, body) = org.send(Method::PATCH, &target, &json!({"Name": "Upserted"})).await;
    assert_eq!((status, &body["created"]), (201, &json!(true)), "{body}");
    let (status, again) = org.send(Method::PATCH, &target, &json!({"Name": "Again"})).await;
    assert_eq!((status, &again["created"], &again["id"]), (200, &json!(false), &body["id"]));
    let name = org.one("SELECT Name FROM Product2 WHERE ERP_Key__c = 'NL/9'", "Name").await;
    assert_eq!(name, json!("Again"));
    let old = "/services/data/v45.0/sobjects/Product2/ERP_Key__c/NL%2F9";
    assert_eq!(org.send(Method::PATCH, old, &json!({"Name": "Old"})).await.0, 204);
    let no_key = path("sobjects/Product2/Name/x");
    assert_eq!(org.send(Method::PATCH, &no_key, &json!({})).await.0, 404);
}

#[tokio::test]
async fn a_collection_answers_for_each_record() {
    let org = Org::builtin().await;
    let records = json!([
        {"attributes": {"type": "Product2"}, "Name": "C1"},
        {"attributes": {"type": "Product2"}, "Nope": 1},
        {"attributes": {"type": "Pricebook2"}, "Name": "C2"},
    ]);
    let body = json!({"allOrNone": false, "records": records});
    let (status, rows) = org.send(Method::POST, &path("composite/sobjects"), &body).await;
    assert_eq!(status, 200);
    let success: Vec<&Value> = rows.as_array().unwrap().iter().map(|row| &row["success"]).collect();
    assert_eq!(success, [&json!(true), &json!(false), &json!(true)]);
    assert_eq!(rows[1]["errors"][0]["statusCode"], json!("INVALID_FIELD"));
    let body = json!({"allOrNone": true, "records": records});
    let (status, all) = org.send(Method::POST, &path("composite/sobjects"), &body).await;
    assert_eq!(status, 200);
    let code = |row: usize| all[row]["errors"][0]["statusCode"].as_str().unwrap().to_owned();
    assert_eq!(code(0), "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    assert_eq!((code(1), code(2)), ("INVALID_FIELD".to_owned(), code(0)));
    assert_eq!(
        org.query("SELECT COUNT() FROM Product2 WHERE Name = 'C1'").await.1["totalSize"],
        json!(1)
    );
    let (one, two) = (rows[0]["id"].as_str().unwrap(), rows[2]["id"].as_str().unwrap());
    let update = json!({"records": [
        {"attributes": {"type": "Product2"}, "id": one, "Name": "C1b"},
        {"attributes": {"type": "Product2"}, "Name": "no id"},
    ]});
    let (_, rows) = org.send(Method::PATCH, &path("composite/sobjects"), &update).await;
    assert_eq!((&rows[0]["success"], &rows[1]["success"]), (&json!(true), &json!(false)));
    let (_, rows) = org.delete(&path(&format!("composite/sobjects?ids={one},{two}"))).await;
    assert_eq!((&rows[0]["success"], &rows[1]["success"]), (&json!(true), &json!(true)));
}

#[tokio::test]
async fn collections_upsert_and_have_a_limit() {
    let org = Org::builtin().await;
    let body = json!({"records": [
        {"attributes": {"type": "Product2"}, "ERP_Key__c": "NL-1000", "Name": "Renamed"},
        {"attributes": {"type": "Product2"}, "ERP_Key__c": "K", "Name": "Fresh"},
        {"attributes": {"type": "Product2"}, "Name": "Keyless"},
    ]});
    let target = path("composite/sobjects/Product2/ERP_Key__c");
    let (_, rows) = org.send(Method::PATCH, &target, &body).await;
    assert_eq!((&rows[0]["created"], &rows[1]["created"]), (&json!(false), &json!(true)), "{rows}");
    assert_eq!(rows[2]["success"], json!(false));
    let many: Vec<Value> =
        (0..201).map(|_| json!({"attributes": {"type": "Product2"}, "Name": "x"})).collect();
    let (status, body) =
        org.send(Method::POST, &path("composite/sobjects"), &json!({"records": many})).await;
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("EXCEEDED_ID_LIMIT")));
}

#[tokio::test]
async fn composite_requests_use_what_earlier_ones_answered() {
    let org = Org::builtin().await;
    let body = json!({"compositeRequest": [
        {"method": "POST", "url": path("sobjects/Account"), "referenceId": "account",
         "body": {"Name": "Composite"}},
        {"method": "POST", "url": path("sobjects/Contract"), "referenceId": "contract",
         "body": {"AccountId": "@{account.id}", "StartDate": "2024-01-01"}},
        {"method": "GET", "url": path("sobjects/Contract/@{contract.id}?fields=AccountId"),
         "referenceId": "read"},
        {"method": "GET", "url": path("sobjects/Contract/@{nothing.id}"), "referenceId": "halted"},
    ]});
    let (status, answer) = org.send(Method::POST, &path("composite"), &body).await;
    assert_eq!(status, 200, "{answer}");
    let parts = &answer["compositeResponse"];
    let statuses: Vec<&Value> =
        parts.as_array().unwrap().iter().map(|part| &part["httpStatusCode"]).collect();
    assert_eq!(statuses, [&json!(201), &json!(201), &json!(200), &json!(400)], "{parts}");
    assert_eq!(parts[2]["body"]["AccountId"], parts[0]["body"]["id"]);
    assert_eq!(parts[3]["body"][0]["errorCode"], json!("PROCESSING_HALTED"));
}

#[tokio::test]
async fn a_body_must_be_json_of_the_right_shape() {
    let org = Org::builtin().await;
    let request = || org.request(Method::POST, &path("sobjects/Product2"));
    let form = super::reply(request().body("Name=x")).await;
    assert_eq!((form.0, &form.1[0]["errorCode"]), (415, &json!("UNSUPPORTED_MEDIA_TYPE")));
    let json_type =
        |request: reqwest::RequestBuilder| request.header("content-type", "application/json");
    for body in ["", "[]", "{\"Name\":", "\"x\""] {
        let (status, answer) = super::reply(json_type(request()).body(body)).await;
        assert_eq!((status, &answer[0]["errorCode"]), (400, &json!("JSON_PARSER_ERROR")), "{body}");
    }
}

#[tokio::test]
async fn a_delete_takes_master_detail_children_along_and_empties_lookups() {
    let org = Org::builtin().await;
    let schedule = "a1BNL00000000012AA";
    let of_schedule = |object: &str, field: &str| {
        format!("SELECT COUNT() FROM {object} WHERE {field} = '{schedule}'")
    };
    let tiers = of_schedule("SBQQ__DiscountTier__c", "SBQQ__Schedule__c");
    let products = of_schedule("Product2", "SBQQ__DiscountSchedule__c");
    assert_eq!(org.query(&tiers).await.1["totalSize"], json!(4));
    assert_eq!(org.query(&products).await.1["totalSize"], json!(1));
    let target = path(&format!("sobjects/SBQQ__DiscountSchedule__c/{schedule}"));
    assert_eq!(org.delete(&target).await.0, 204);
    assert_eq!(org.query(&tiers).await.1["totalSize"], json!(0));
    assert_eq!(org.query(&products).await.1["totalSize"], json!(0));
    assert_eq!(org.query("SELECT COUNT() FROM Product2").await.1["totalSize"], json!(25));
}

#[tokio::test]
async fn an_all_or_none_composite_leaves_nothing_when_one_part_fails() {
    let folder = super::fresh_folder("salesforce-composite");
    let fields = crate::sandbox::data::builtin_fields();
    let records = crate::sandbox::data::builtin_records();
    let org = Org::open(&records, Some(&fields), Some(&folder)).await;
    let part = |reference: &str, body: Value| {
        json!({"method": "POST", "url": path("sobjects/Account"), "referenceId": reference,
               "body": body})
    };
    let (good, bad) = (part("good", json!({"Name": "Whole"})), part("bad", json!({})));
    let later = part("later", json!({"Name": "Later"}));
    let body = json!({"allOrNone": true, "compositeRequest": [good, bad, later]});
    let (status, answer) = org.send(Method::POST, &path("composite"), &body).await;
    assert_eq!(status, 200, "{answer}");
    let code = |place: usize| {
        let result = &answer["compositeResponse"][place]["body"][0]["errorCode"];
        result.as_str().unwrap().to_owned()
    };
    assert_eq!(
        [code(0), code(1), code(2)],
        ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]
    );
    let made = "SELECT COUNT() FROM Account WHERE Name IN ('Whole', 'Later')";
    assert_eq!(org.query(made).await.1["totalSize"], json!(0));
    let journal = folder.join("salesforce.ndjson");
    let lines = || std::fs::read_to_string(&journal).unwrap().lines().count();
    assert_eq!(lines(), 1, "only the head");
    let body = json!({"allOrNone": true, "compositeRequest": [good, later]});
    assert_eq!(org.send(Method::POST, &path("composite"), &body).await.0, 200);
    assert_eq!(org.query(made).await.1["totalSize"], json!(2));
    assert_eq!(lines(), 2, "one line for the whole request");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn edits_of_a_file_show_beside_what_was_written_to_its_records() {
    let folder = super::fresh_folder("salesforce-edited");
    let fields = crate::sandbox::data::builtin_fields();
    let (id, other) = ("001000000000001AAA", "001000000000002AAA");
    let account = |name: &str, site: &str, stamp: &str| {
        let record = |id: &str| {
            json!({"Id": id, "Name": name, "Site": site, "SystemModstamp": stamp}).to_string()
        };
        let lines = format!("{}\n{}\n", record(id), record(other));
        vec![("Account".to_owned(), std::borrow::Cow::Owned(lines))]
    };
    let select = |field: &str| format!("SELECT {field} FROM Account WHERE Id = '{id}'");
    let records = account("Before", "Hull", "2026-01-01T00:00:00.000+0000");
    let org = Org::open(&records, Some(&fields), Some(&folder)).await;
    let account_path = path(&format!("sobjects/Account/{id}"));
    let other_path = path(&format!("sobjects/Account/{other}"));
    assert_eq!(org.send(Method::PATCH, &account_path, &json!({"Site": "York"})).await.0, 204);
    assert_eq!(org.send(Method::PATCH, &other_path, &json!({"Site": "York"})).await.0, 204);
    let new = org.send(Method::POST, &path("sobjects/Account"), &json!({"Name": "New"})).await.1;
    assert_eq!(new["success"], json!(true), "{new}");
    drop(org);

    let stamp = "2027-05-05T00:00:00.000+0000";
    let mut records = account("After", "Hull", stamp);
    let first = records[0].1.lines().next().unwrap().to_owned();
    records[0].1 = std::borrow::Cow::Owned(first);
    let org = Org::open(&records, Some(&fields), Some(&folder)).await;
    assert_eq!(org.one(&select("Name"), "Name").await, "After", "nobody wrote it: the file counts");
    assert_eq!(org.one(&select("Site"), "Site").await, "York", "it was written, and stays");
    assert_eq!(org.one(&select("SystemModstamp"), "SystemModstamp").await, stamp, "the newer one");
    let all = org.query("SELECT Name FROM Account ORDER BY Name").await.1;
    let names = all["records"].as_array().unwrap().iter().map(|one| one["Name"].clone());
    assert_eq!(names.collect::<Vec<_>>(), ["After", "New"], "a record that left its file is gone");
    assert_eq!(org.send(Method::PATCH, &account_path, &json!({"Site": "Bath"})).await.0, 204);
    let later = org.one(&select("SystemModstamp"), "SystemModstamp").await;
    assert_eq!(later, "2027-05-05T00:00:01.000+0000", "the clock does not go back");
    std::fs::remove_dir_all(&folder).unwrap();
}
