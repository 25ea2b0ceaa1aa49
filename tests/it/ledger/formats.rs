//! Ledgers of every format that was released can still be read. A new format brings its file.

use std::collections::BTreeMap;

use crosswalk::{
    connector::{Identity, Marks},
    ledger::{
        Action, Entry, Intent, IntentVerb, Ledger, LedgerError, Owed, OwedValue, PastRun, RunId,
        Wish, sqlite::Sqlite,
    },
    value::Fingerprint,
};
use rusqlite::Connection;

use super::{Folder, entries, run, wish};

fn charge() -> Wish {
    wish("catalog", "charge", "k")
}

fn name(digest: &str) -> BTreeMap<String, Fingerprint> {
    BTreeMap::from([("Name".into(), Fingerprint::parse(digest).unwrap())])
}

/// The entry that each of the files holds.
fn released_entry() -> Entry {
    Entry {
        wish: charge(),
        record: "r".into(),
        object: "ProductRatePlanCharge".into(),
        target_id: "8a1".into(),
        parent: Some("parent".into()),
        version: 4,
        digests: name("000102030405060708090a0b0c0d0e0f"),
        retired: true,
        result: r#"{"Id":"8a1"}"#.into(),
        action: None,
    }
}

/// The intent that each of the files holds.
fn released_intent() -> Intent {
    Intent {
        wish: charge(),
        record: "r".into(),
        object: "ProductRatePlanCharge".into(),
        verb: IntentVerb::Retire,
        parent: Some("parent".into()),
        from_version: Some(4),
        target_id: Some("8a1".into()),
        lookup: vec![("sfdcId__c".into(), r#""01t""#.into()), ("Alpha".into(), "1.10".into())],
        digests: name("0f0e0d0c0b0a09080706050403020100"),
        run: RunId(1),
        action: None,
    }
}

/// What each of the files from format 2 on keeps of an action.
fn released_action() -> Box<Action> {
    let price = Fingerprint::parse("000102030405060708090a0b0c0d0e0f").unwrap();
    Box::new(Action {
        sequence: "A-1".into(),
        kind: "New".into(),
        day: "2026-01-31".into(),
        rows: BTreeMap::from([("a0x".into(), BTreeMap::from([("Price".into(), price)]))]),
        withholdable: BTreeMap::from([("Region__c".into(), "\"EU\"".into())]),
        owed: vec![Owed {
            object: "Contract".into(),
            id: "800".into(),
            fields: vec![
                ("Note__c".into(), OwedValue::Json("null".into())),
                ("MRR__c".into(), OwedValue::Result("$.mrr".into())),
            ],
        }],
    })
}

/// The entry and the intent of actions that each of the files from format 2 on holds.
async fn reads_actions(ledger: &Sqlite) {
    let entry = Entry {
        wish: wish("contracts", "action", "800/0f"),
        record: "800".into(),
        object: "Order".into(),
        target_id: "C-1".into(),
        parent: None,
        version: 1,
        digests: BTreeMap::new(),
        retired: false,
        result: r#"{"mrr":1.10}"#.into(),
        action: Some(released_action()),
    };
    let intent = Intent {
        wish: wish("contracts", "action", "800/1f"),
        record: "800".into(),
        object: "Order".into(),
        verb: IntentVerb::Create,
        parent: None,
        from_version: None,
        target_id: None,
        lookup: vec![("orderNumber".into(), r#""C-2""#.into())],
        digests: BTreeMap::new(),
        run: RunId(1),
        action: Some(released_action()),
    };
    let of_sequence = ledger.of_sequences("contracts", &["A-1".into()]).await.unwrap();
    assert_eq!(of_sequence, std::slice::from_ref(&entry));
    assert_eq!(ledger.owing("contracts", None, 9).await.unwrap(), [entry]);
    assert_eq!(ledger.unsettled("contracts").await.unwrap(), [intent]);
}

async fn reads(script: &str) -> (Folder, Sqlite) {
    let folder = Folder::new();
    Connection::open(folder.ledger()).unwrap().execute_batch(script).unwrap();
    let ledger = Sqlite::open(folder.ledger()).unwrap();
    assert_eq!(entries(&ledger, "catalog").await, [released_entry()]);
    assert_eq!(ledger.unsettled("catalog").await.unwrap(), [released_intent()]);
    let marks = Marks::from([("Product2".into(), "2026-01-01T00:00:00Z".into())]);
    assert_eq!(ledger.marks("catalog").await.unwrap(), marks);
    let past = PastRun { id: RunId(1), run: run("run"), summary: Some(r#"{"read":3}"#.to_owned()) };
    assert_eq!(ledger.runs(9).await.unwrap(), [past]);

    let identity = |system: &str, id: &str| Identity { system: system.into(), id: id.into() };
    let (org, tenant) = (identity("salesforce", "00D1"), identity("zuora", "t1"));
    ledger.bind(&org, &tenant).await.unwrap();
    let refusal = ledger.bind(&identity("salesforce", "00D2"), &tenant).await.unwrap_err();
    assert!(matches!(refusal, LedgerError::Elsewhere { .. }), "{refusal}");
    (folder, ledger)
}

/// Tables and indexes as the file states them.
fn schema(store: &Connection) -> Vec<String> {
    let sql = "select sql from sqlite_schema where sql is not null order by name";
    let mut find = store.prepare(sql).unwrap();
    let texts = find.query_map([], |row| row.get(0)).unwrap();
    texts.collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn reads_format_1() {
    let (_folder, ledger) = reads(include_str!("format-1.sql")).await;
    assert_eq!(ledger.owing("catalog", None, 9).await.unwrap(), []);
}

#[tokio::test]
async fn reads_format_2() {
    let (_folder, ledger) = reads(include_str!("format-2.sql")).await;
    reads_actions(&ledger).await;
}

#[test]
fn a_new_ledger_has_the_tables_of_the_newest_format() {
    let folder = Folder::new();
    drop(Sqlite::open(folder.ledger()).unwrap());
    let made = Connection::open(folder.ledger()).unwrap();
    let released = Connection::open_in_memory().unwrap();
    released.execute_batch(include_str!("format-2.sql")).unwrap();
    assert_eq!(schema(&made), schema(&released));
    let stamps = |store: &Connection| {
        ["application_id", "user_version"]
            .map(|name| store.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap())
    };
    assert_eq!(stamps(&made), stamps(&released));
}
