//! Describe, queries, pages and locators.

use std::borrow::Cow;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Org, reply};
use crate::sandbox::data::{builtin_fields, builtin_records};
use crate::sandbox::salesforce::org::id;

/// `count` products, the first with `prices` price book entries.
fn many(count: u64, prices: u64) -> Vec<(String, Cow<'static, str>)> {
    let product = |number| id::make("01t", "MM", number);
    let book = id::make("01s", "MM", 1);
    let products: Vec<String> = (1..=count)
        .map(|number| {
            json!({"Id": product(number), "Name": format!("P{number}"), "IsActive": true})
                .to_string()
        })
        .collect();
    let entries: Vec<String> = (1..=prices)
        .map(|number| {
            let id = id::make("01u", "MM", number);
            json!({"Id": id, "Product2Id": product(1), "Pricebook2Id": book, "UnitPrice": number})
                .to_string()
        })
        .collect();
    let books = json!({"Id": book, "Name": "Standard Price Book", "IsStandard": true}).to_string();
    vec![
        ("Product2".to_owned(), Cow::Owned(products.join("\n"))),
        ("PricebookEntry".to_owned(), Cow::Owned(entries.join("\n"))),
        ("Pricebook2".to_owned(), Cow::Owned(books)),
    ]
}

#[tokio::test]
async fn describes_the_whole_object() {
    let org = Org::builtin().await;
    let (status, body) = org.get("/services/data/v67.0/sobjects/Product2/describe").await;
    assert_eq!(status, 200);
    assert_eq!(body["keyPrefix"], json!("01t"));
    let fields = body["fields"].as_array().unwrap();
    let field = |name: &str| fields.iter().find(|field| field["name"] == json!(name)).unwrap();
    let code = field("ProductCode");
    assert_eq!((&code["type"], &code["length"]), (&json!("string"), &json!(255)));
    assert_eq!(field("ERP_Key__c")["externalId"], json!(true));
    assert_eq!(field("Description")["filterable"], json!(false));
    let schedule = field("SBQQ__DiscountSchedule__c");
    assert_eq!(schedule["relationshipName"], json!("SBQQ__DiscountSchedule__r"));
    assert_eq!(schedule["referenceTo"], json!(["SBQQ__DiscountSchedule__c"]));
    let frequencies = field("SBQQ__BillingFrequency__c")["picklistValues"].as_array().unwrap();
    assert!(frequencies.iter().any(|value| value["value"] == json!("Semiannual")));
    let children = body["childRelationships"].as_array().unwrap();
    let prices =
        children.iter().find(|child| child["relationshipName"] == json!("PricebookEntries"));
    assert_eq!(prices.unwrap()["field"], json!("Product2Id"));
    // Clients of the kind of tap-salesforce read these from every field.
    for name in ["name", "type", "nillable", "calculated", "compoundFieldName", "picklistValues"] {
        assert!(fields.iter().all(|field| field.get(name).is_some()), "{name}");
    }
}

#[tokio::test]
async fn records_have_the_shape_of_the_service() {
    let org = Org::builtin().await;
    let soql = "SELECT ProductCode, SBQQ__DefaultQuantity__c, SBQQ__DiscountSchedule__r.Name, \
                SBQQ__DiscountSchedule__r.SBQQ__Type__c, SBQQ__Hidden__c, CreatedDate, \
                (SELECT UnitPrice FROM PricebookEntries WHERE CurrencyIsoCode = 'JPY'), \
                (SELECT Id FROM SBQQ__BlockPrices__r) FROM Product2 WHERE ProductCode = 'NL-NODE'";
    let request = org.request(Method::GET, "/services/data/v67.0/query").query(&[("q", soql)]);
    let response = request.send().await.unwrap();
    let usage = response.headers()["sforce-limit-info"].to_str().unwrap().to_owned();
    assert_eq!(usage, "api-usage=1/5000000");
    let text = response.text().await.unwrap();
    let expected = concat!(
        r#"{"totalSize":1,"done":true,"records":[{"attributes":{"type":"Product2","#,
        r#""url":"/services/data/v67.0/sobjects/Product2/01tNL0000000009YAA"},"#,
        r#""ProductCode":"NL-NODE","SBQQ__DefaultQuantity__c":1.0,"#,
        r#""SBQQ__DiscountSchedule__r":{"attributes":{"type":"SBQQ__DiscountSchedule__c","#,
        r#""url":"/services/data/v67.0/sobjects/SBQQ__DiscountSchedule__c/a1BNL00000000012AA"},"#,
        r#""Name":"Sensor Node volume","SBQQ__Type__c":"Slab"},"#,
        r#""SBQQ__Hidden__c":false,"CreatedDate":"CREATED","#,
        r#""PricebookEntries":{"totalSize":1,"done":true,"records":[{"attributes":{"#,
        r#""type":"PricebookEntry","url":"/services/data/v67.0/sobjects/PricebookEntry/ENTRY"},"#,
        r#""UnitPrice":470.0}]},"SBQQ__BlockPrices__r":null}]}"#,
    );
    let body: Value = serde_json::from_str(&text).unwrap();
    let record = &body["records"][0];
    let url = record["PricebookEntries"]["records"][0]["attributes"]["url"].as_str().unwrap();
    let expected = expected
        .replace("CREATED", record["CreatedDate"].as_str().unwrap())
        .replace("ENTRY", url.rsplit('/').next().unwrap());
    assert_eq!(text, expected);
}

#[tokio::test]
async fn a_missing_parent_is_null_and_counts_have_no_records() {
    let org = Org::builtin().await;
    let soql = "SELECT SBQQ__DiscountSchedule__r.Name FROM Product2 WHERE ProductCode = 'NL-PLAT'";
    assert_eq!(org.one(soql, "SBQQ__DiscountSchedule__r").await, Value::Null);
    let (_, body) = org.query("SELECT COUNT() FROM PricebookEntry").await;
    assert_eq!(body, json!({"totalSize": 89, "done": true, "records": []}));
}

#[tokio::test]
async fn pages_of_a_query_hold_every_record_once() {
    let org = Org::open(&many(5_001, 0), None, None).await;
    let (_, mut body) = org.query("SELECT Id FROM Product2 ORDER BY Name").await;
    let mut ids = std::collections::BTreeSet::new();
    let mut sizes = Vec::new();
    loop {
        let records = body["records"].as_array().unwrap();
        sizes.push(records.len());
        ids.extend(records.iter().map(|record| record["Id"].to_string()));
        assert_eq!(body["totalSize"], json!(5_001));
        let Some(next) = body["nextRecordsUrl"].as_str().map(str::to_owned) else { break };
        assert_eq!(body["done"], json!(false));
        // Some clients send their query along again.
        body = org.get(&format!("{next}?q=nonsense")).await.1;
    }
    assert_eq!((ids.len(), sizes), (5_001, vec![2_000, 2_000, 1_001]));
    assert_eq!(body["done"], json!(true));
}

#[tokio::test]
async fn the_batch_size_is_a_hint_within_bounds() {
    let org = Org::open(&many(2_500, 0), None, None).await;
    let cases =
        [("batchSize=200", 200), ("batchSize=1", 200), ("batchSize=9999", 2_000), ("x", 2_000)];
    for (options, expected) in cases {
        let request = org.request(Method::GET, "/services/data/v67.0/query");
        let request = request.query(&[("q", "SELECT Id FROM Product2")]);
        let (_, body) = reply(request.header("Sforce-Query-Options", options)).await;
        assert_eq!(body["records"].as_array().unwrap().len(), expected, "{options}");
    }
}

#[tokio::test]
async fn long_child_lists_have_pages_of_their_own() {
    let org = Org::open(&many(3, 450), None, None).await;
    let soql =
        "SELECT Id, (SELECT UnitPrice FROM PricebookEntries ORDER BY UnitPrice) FROM Product2";
    let (_, body) = org.query(soql).await;
    let children = &body["records"][0]["PricebookEntries"];
    assert_eq!(children["totalSize"], json!(450));
    assert_eq!(
        (&children["done"], children["records"].as_array().unwrap().len()),
        (&json!(false), 199)
    );
    assert_eq!(body["records"][1]["PricebookEntries"], Value::Null);
    let next = children["nextRecordsUrl"].as_str().unwrap();
    assert!(next.ends_with("-199"), "{next}");
    let (status, rest) = org.get(next).await;
    let rows = rest["records"].as_array().unwrap();
    assert_eq!((status, rows.len(), &rest["done"]), (200, 251, &json!(true)));
    assert_eq!((&rows[0]["UnitPrice"], &rows[250]["UnitPrice"]), (&json!(200), &json!(450)));
    assert_eq!(rows[0]["attributes"]["type"], json!("PricebookEntry"));
}

#[tokio::test]
async fn child_rows_count_towards_the_batch() {
    let org = Org::open(&many(300, 199), None, None).await;
    let request = org.request(Method::GET, "/services/data/v67.0/query");
    let soql = "SELECT Id, (SELECT Id FROM PricebookEntries) FROM Product2";
    let request = request.query(&[("q", soql)]).header("Sforce-Query-Options", "batchSize=250");
    let (_, body) = reply(request).await;
    // The first record brings 199 children, so that 50 more records fill the batch.
    assert_eq!(body["records"].as_array().unwrap().len(), 51);
    assert_eq!(body["totalSize"], json!(300));
}

#[tokio::test]
async fn unknown_and_expired_locators_are_refused() {
    let org = Org::open(&many(2_001, 0), None, None).await;
    let (_, body) = org.query("SELECT Id FROM Product2").await;
    let next = body["nextRecordsUrl"].as_str().unwrap();
    assert_eq!(org.get(next).await.0, 200);
    assert_eq!(org.get(next).await.0, 200, "a page can be asked for again");
    org.service.expire_cursors();
    for path in [next, "/services/data/v67.0/query/01gNope-2000", "/services/data/v67.0/query/x"] {
        let (status, body) = org.get(path).await;
        assert_eq!(
            (status, &body[0]["errorCode"]),
            (400, &json!("INVALID_QUERY_LOCATOR")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_single_currency_org_knows_no_currency() {
    let org = Org::open(&many(1, 1), None, None).await;
    let (status, body) = org.query("SELECT CurrencyIsoCode FROM Product2").await;
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("INVALID_FIELD")));
    let (_, body) = org.query("SELECT Id FROM CurrencyType").await;
    assert_eq!(body[0]["errorCode"], json!("INVALID_TYPE"));
    let (_, body) = org.query("SELECT Id FROM Contract").await;
    assert_eq!(body["totalSize"], json!(0), "described, but without records");
}

#[tokio::test]
async fn the_org_id_belongs_to_the_records() {
    let one = Org::builtin().await;
    let two = Org::builtin().await;
    let other = Org::open(&many(1, 0), None, None).await;
    assert_eq!(one.service.org_id(), two.service.org_id());
    assert_ne!(one.service.org_id(), other.service.org_id());
    let id = one.one("SELECT Id, Name FROM Organization", "Id").await;
    assert_eq!(id, json!(one.service.org_id()));
    assert_eq!(id::to_18(one.service.org_id()).as_deref(), Some(one.service.org_id()));
}

#[tokio::test]
async fn records_are_read_by_id_by_key_and_in_lists() {
    let org = Org::builtin().await;
    let base = "/services/data/v67.0";
    let (_, body) =
        org.get(&format!("{base}/sobjects/Product2/01tNL0000000002?fields=Name,ERP_Key__c")).await;
    assert_eq!((&body["Name"], &body["ERP_Key__c"]), (&json!("Operator Seat"), &json!("NL-1010")));
    let (_, body) = org.get(&format!("{base}/sobjects/Product2/ERP_Key__c/NL-1010")).await;
    assert_eq!(body["Id"], json!("01tNL0000000002YAA"));
    let path = format!("{base}/sobjects/Product2/01tNL0000000099YAA");
    assert_eq!(org.get(&path).await.0, 404);
    let ids = "01tNL0000000002YAA,01tNL0000000099YAA";
    let (_, body) =
        org.get(&format!("{base}/composite/sobjects/Product2?ids={ids}&fields=ProductCode")).await;
    assert_eq!((&body[0]["ProductCode"], &body[1]), (&json!("NL-SEAT-OP"), &Value::Null));
}

#[tokio::test]
async fn ten_thousand_products_with_children_answer_quickly() {
    let org = Org::open(&many(10_000, 150), None, None).await;
    let started = std::time::Instant::now();
    let soql = "SELECT Id, (SELECT Id FROM PricebookEntries), (SELECT Id FROM SBQQ__BlockPrices__r) \
                FROM Product2";
    assert_eq!(org.query(soql).await.0, 200);
    // Quadratic work would take minutes; the bound leaves room for a busy machine.
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

#[tokio::test]
async fn every_stored_value_is_answered_with_its_digits() {
    let org = Org::builtin().await;
    for (object, text) in builtin_records() {
        let described =
            org.get(&format!("/services/data/v67.0/sobjects/{object}/describe")).await.1;
        let fields = described["fields"].as_array().unwrap();
        let names: Vec<&str> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
        let (_, body) = org.query(&format!("SELECT {} FROM {object}", names.join(", "))).await;
        let answered = body["records"].as_array().unwrap();
        assert_eq!(answered.len(), text.lines().count(), "{object}");
        for (line, found) in text.lines().zip(answered) {
            let stored: Value = serde_json::from_str(line).unwrap();
            for (name, value) in stored.as_object().unwrap() {
                assert_eq!(found[name].to_string(), value.to_string(), "{object}.{name}");
            }
        }
    }
}

#[test]
fn built_in_records_agree_with_their_field_list() {
    let fields: Value = serde_json::from_str(&builtin_fields()).unwrap();
    for (name, text) in builtin_records() {
        assert_eq!(fields[&name]["records"], json!(text.lines().count()), "{name}");
        for line in text.lines() {
            let record: Value = serde_json::from_str(line).unwrap();
            let id = record["Id"].as_str().unwrap();
            assert_eq!(id::to_18(id).as_deref(), Some(id), "{name}");
            for field in record.as_object().unwrap().keys() {
                assert!(fields[&name]["fields"].get(field).is_some(), "{name}.{field}");
            }
        }
    }
}

#[tokio::test]
async fn groups_and_functions_answer_as_aggregate_results() {
    let org = Org::builtin().await;
    let cases = [
        ("SELECT COUNT(Id) FROM Product2 WHERE IsActive = false", r#"{"expr0":1}"#),
        (
            "SELECT COUNT(SBQQ__TaxCode__c) coded, COUNT(Id) FROM Product2",
            r#"{"coded":4,"expr0":25}"#,
        ),
        (
            "SELECT COUNT_DISTINCT(Family), MIN(Name), MAX(ProductCode) FROM Product2",
            r#"{"expr0":6,"expr1":"Alert Messages","expr2":"NL-TRN-RE"}"#,
        ),
        (
            "SELECT SUM(UnitPrice), MIN(UnitPrice) FROM PricebookEntry WHERE Product2.Name = 'Beacon'",
            r#"{"expr0":2139.7,"expr1":11.8}"#,
        ),
        (
            "SELECT MAX(UnitPrice) FROM PricebookEntry WHERE CurrencyIsoCode = 'XXX'",
            r#"{"expr0":null}"#,
        ),
        (
            "SELECT Family, COUNT(Id) n FROM Product2 GROUP BY Family ORDER BY Family DESC LIMIT 2",
            r#"{"Family":"Usage","n":5},{"Family":"Services","n":4}"#,
        ),
        (
            "SELECT Pricebook2.Name, SUM(UnitPrice) FROM PricebookEntry WHERE CurrencyIsoCode = 'EUR' AND Product2.Family = 'Hardware' GROUP BY Pricebook2.Name ORDER BY Pricebook2.Name",
            r#"{"Name":"Partner Price Book","expr0":722.5},{"Name":"Standard Price Book","expr0":1148.99}"#,
        ),
        ("SELECT Name FROM Product2 WHERE Name = 'none' GROUP BY Name", ""),
    ];
    for (soql, expected) in cases {
        let request = org.request(Method::GET, "/services/data/v67.0/query").query(&[("q", soql)]);
        let text = request.send().await.unwrap().text().await.unwrap();
        let expected = expected.replace('{', r#"{"attributes":{"type":"AggregateResult"},"#);
        assert!(text.ends_with(&format!("\"records\":[{expected}]}}")), "{soql}\n{text}");
    }
}
