//! The claims themselves.

use std::collections::BTreeSet;

use crosswalk::connector::{
    Cursor, Find, FindBy, Found, Marks, Outcome, Query, Source, Target, Verb, Write,
};
use serde_json::Value;

use super::records::{self, ENTRIES, PRODUCTS, SHARING, id};

/// Reads to the end; gives records, the number of pages and the last marks.
pub async fn read_all(source: &dyn Source, query: &Query) -> (Vec<Value>, usize, Marks) {
    let mut records = Vec::new();
    let mut cursor: Option<Cursor> = None;
    for pages in 1.. {
        let page = source.read(query, cursor.as_ref()).await.expect("page");
        records.extend(
            page.records.iter().map(|record| {
                serde_json::from_str::<Value>(record.text()).expect("a checked record")
            }),
        );
        match page.next {
            None => return (records, pages, page.marks),
            Some(next) => cursor = Some(next),
        }
    }
    unreachable!("a reading ends")
}

/// All pages arrive, in order, each record once.
pub async fn reads_all_pages(source: &dyn Source) {
    let query = {
        let mut query = records::products();
        query.relations.clear();
        query
    };
    let (read, pages, _) = read_all(source, &query).await;
    let ids: Vec<&str> = read.iter().filter_map(|record| record["Id"].as_str()).collect();
    let expected: Vec<String> = (0..PRODUCTS).map(|n| id("01t", n)).collect();
    assert_eq!(ids, expected);
    assert!(pages > 1, "the records do not fit into one page");
}

/// Children beyond the limit of one answer, children of lookups, and lookups that are null.
pub async fn completes_records(source: &dyn Source) {
    let (read, _, _) = read_all(source, &records::products()).await;
    assert_eq!(read.len(), PRODUCTS);
    let entries = &read[0]["PricebookEntries"];
    assert_eq!(entries["totalSize"], ENTRIES);
    assert_eq!(entries["done"], true);
    let rows = entries["records"].as_array().expect("rows");
    assert_eq!(rows.len(), ENTRIES);
    assert_eq!(rows[0]["UnitPrice"].to_string().trim_end_matches('0'), "1.1", "sorted by price");
    assert!(rows.iter().all(|row| row["Pricebook2"]["Name"] == "Standard"));
    for record in &read[..SHARING] {
        let tiers = &record["SBQQ__DiscountSchedule__r"]["SBQQ__DiscountTiers__r"];
        assert_eq!(tiers["totalSize"], 2);
        assert_eq!(tiers["done"], true);
        let numbers = tiers["records"].as_array().expect("rows").iter();
        let numbers: Vec<String> =
            numbers.map(|row| row["SBQQ__Discount__c"].to_string()).collect();
        assert_eq!(numbers, ["1.5", "2.5"]);
    }
    let last = read.last().expect("records");
    assert_eq!(last["PricebookEntries"], Value::Null);
    assert_eq!(last["SBQQ__DiscountSchedule__r"], Value::Null);
    assert_eq!(last["SBQQ__DiscountSchedule__c"], Value::Null);
}

/// Children of a parent of a child, and children of children, beyond the limit of one answer.
pub async fn completes_deep_records(source: &dyn Source) {
    let (read, _, _) = read_all(source, &records::deep_products()).await;
    assert_eq!(read.len(), 1);
    let schedules = read[0]["ProductConsumptionSchedules"]["records"].as_array().expect("rows");
    let rates = schedules[0]["ConsumptionSchedule"]["ConsumptionRates"]["records"].as_array();
    let prices: Vec<String> =
        rates.expect("rows").iter().map(|rate| rate["Price"].to_string()).collect();
    assert_eq!(prices, ["3.25", "2.25", "1.25"]);

    let (read, _, _) = read_all(source, &records::schedules()).await;
    assert_eq!(read.len(), 1);
    let products = read[0]["SBQQ__Products__r"]["records"].as_array().expect("rows");
    assert_eq!(products.len(), SHARING);
    let counts: Vec<usize> = products
        .iter()
        .map(|product| product["PricebookEntries"]["records"].as_array().map_or(0, Vec::len))
        .collect();
    assert_eq!(counts, [ENTRIES, 0, 0]);
    // Where no order is asked for, children come in the order of their ids, from every source.
    let entries = products[0]["PricebookEntries"]["records"].as_array().expect("rows");
    let ids: Vec<&str> = entries.iter().filter_map(|entry| entry["Id"].as_str()).collect();
    assert!(ids.is_sorted() && ids.len() == ENTRIES);
}

/// Only the records that are named.
pub async fn reads_only_what_is_named(source: &dyn Source) {
    let named = [7, 2_050, 3].map(|n| id("01t", n));
    let query = Query { only: Some(named.to_vec()), ..records::products() };
    let (read, _, _) = read_all(source, &query).await;
    let ids: BTreeSet<&str> = read.iter().filter_map(|record| record["Id"].as_str()).collect();
    assert_eq!(ids, named.iter().map(String::as_str).collect());
    let all: Vec<String> = (0..PRODUCTS).map(|n| id("01t", n)).collect();
    let mut query = Query { only: Some(all.clone()), ..records::products() };
    query.relations.clear();
    let (read, _, marks) = read_all(source, &query).await;
    let ids: BTreeSet<&str> = read.iter().filter_map(|record| record["Id"].as_str()).collect();
    assert_eq!((read.len(), ids), (PRODUCTS, all.iter().map(String::as_str).collect()));
    assert!(marks.is_empty(), "who reads some records has not seen all changes");
    let none = Query { only: Some(Vec::new()), ..records::products() };
    assert_eq!(read_all(source, &none).await.0.len(), 0);
}

/// A record comes again when it or something that hangs on it has changed since the marks.
pub async fn reads_what_has_changed(source: &dyn Source) {
    let (_, _, marks) = read_all(source, &records::stamped_products()).await;
    let stamp = |day: &str| format!("2024-{day}T00:00:00.000+0000");
    let expected: Marks = [
        ("", "02-01"),
        ("PricebookEntries", "03-01"),
        ("PricebookEntries.Pricebook2", "01-01"),
        ("SBQQ__DiscountSchedule__r", "02-15"),
        ("SBQQ__DiscountSchedule__r.SBQQ__DiscountTiers__r", "04-01"),
    ]
    .map(|(path, day)| (path.to_owned(), stamp(day)))
    .into();
    assert_eq!(marks, expected);

    let later = stamp("12-31");
    let all_later: Marks = expected.keys().map(|path| (path.clone(), later.clone())).collect();
    let changed_since = |path: &str| {
        let mut since = all_later.clone();
        since.insert(path.to_owned(), expected[path].clone());
        Query { since: Some(since), ..records::stamped_products() }
    };
    let table = [
        ("", PRODUCTS),
        ("PricebookEntries", 1),
        ("PricebookEntries.Pricebook2", 1),
        ("SBQQ__DiscountSchedule__r", SHARING),
        ("SBQQ__DiscountSchedule__r.SBQQ__DiscountTiers__r", SHARING),
    ];
    for (path, count) in table {
        let (read, _, _) = read_all(source, &changed_since(path)).await;
        assert_eq!(read.len(), count, "changed through `{path}`");
    }
    let nothing = Query { since: Some(all_later.clone()), ..records::stamped_products() };
    let (read, _, marks) = read_all(source, &nothing).await;
    assert_eq!((read.len(), marks), (0, all_later));
}

/// Who answers is known and stays the same.
pub async fn says_who_it_is(source: &dyn Source, system: &str) -> String {
    let identity = source.identity().await.expect("identity");
    assert_eq!(identity.system, system);
    assert!(!identity.id.is_empty());
    assert_eq!(source.identity().await.expect("again"), identity);
    identity.id
}

/// What a target is tried with: an object, good bodies and a bad one.
pub struct Tried {
    pub object: &'static str,
    pub key: &'static str,
    pub bodies: [&'static str; 2],
    pub bad: Option<&'static str>,
    pub change: &'static str,
}

impl Tried {
    fn creates(&self, bodies: &[&str]) -> Vec<Write> {
        bodies.iter().map(|body| create(self.object, body)).collect()
    }

    fn key_of(&self, body: &str) -> Vec<(String, String)> {
        vec![(self.key.to_owned(), member(body, self.key))]
    }
}

pub fn create(object: &str, body: &str) -> Write {
    Write { object: object.into(), verb: Verb::Create, body: body.into() }
}

pub fn update(object: &str, id: &str, before: &str, body: &str) -> Write {
    let verb = Verb::Update { id: id.into(), before: before.into() };
    Write { object: object.into(), verb, body: body.into() }
}

pub fn member(body: &str, name: &str) -> String {
    let body: Value = serde_json::from_str(body).expect(body);
    body[name].to_string()
}

pub async fn created(target: &dyn Target, object: &str, body: &str) -> String {
    let outcomes = target.write(&[create(object, body)]).await.expect("a call that works");
    match outcomes.into_iter().next() {
        Some(Outcome::Done { id, .. }) => id,
        other => panic!("{object} was not created: {other:?}"),
    }
}

pub async fn found_by_id(target: &dyn Target, object: &str, id: &str, fields: &[&str]) -> Found {
    let find = Find {
        object: object.into(),
        by: FindBy::Ids(vec![id.into()]),
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
    };
    let mut found = target.find(&find).await.expect("find");
    assert_eq!(found.len(), 1, "{object} {id}");
    found.remove(0)
}

/// What is written is found by id and by key, equal to what was sent; a key without a hit gives
/// nothing, and one bad record does not take the others with it.
pub async fn writes_and_finds(target: &dyn Target, tried: &Tried) {
    let [first, second] = tried.bodies;
    let mut bodies = vec![first];
    bodies.extend(tried.bad);
    bodies.push(second);
    let outcomes = target.write(&tried.creates(&bodies)).await.expect("a call that works");
    assert_eq!(outcomes.len(), bodies.len());
    let id_at = |at: usize| match &outcomes[at] {
        Outcome::Done { id, .. } => id.clone(),
        other => panic!("{other:?}"),
    };
    let (first_id, second_id) = (id_at(0), id_at(bodies.len() - 1));
    if tried.bad.is_some() {
        let Outcome::Refused { code, said, passing: false } = &outcomes[1] else {
            panic!("{:?}", outcomes[1]);
        };
        assert!(!code.is_empty() && !said.is_empty());
    }
    let body: Value = serde_json::from_str(second).expect("body");
    let fields: Vec<String> = body.as_object().expect("object").keys().cloned().collect();
    let absent = vec![(tried.key.to_owned(), "\"never written\"".to_owned())];
    let by_keys = FindBy::Keys(vec![tried.key_of(second), absent, tried.key_of(first)]);
    let find = |by| Find { object: tried.object.into(), by, fields: fields.clone() };
    let found = target.find(&find(by_keys)).await.expect("find");
    let hits: Vec<(usize, &str)> = found.iter().map(|hit| (hit.asked, hit.id.as_str())).collect();
    assert_eq!(hits, [(0, second_id.as_str()), (2, first_id.as_str())]);
    for (name, value) in &found[0].fields {
        let (came, sent): (Value, Value) =
            (serde_json::from_str(value).expect(value), body[name].clone());
        assert_eq!(came, sent, "{name}");
    }
    assert_eq!(found[0].fields.len(), fields.len());
    let by_ids = FindBy::Ids(vec![second_id.clone(), first_id.clone()]);
    let found = target.find(&find(by_ids)).await.expect("find");
    assert_eq!(found.iter().map(|hit| hit.asked).collect::<Vec<_>>(), [0, 1]);

    let before = tried.bodies[0];
    let change = [update(tried.object, &first_id, before, tried.change)];
    let outcomes = target.write(&change).await.expect("update");
    assert!(matches!(&outcomes[..], [Outcome::Done { id, .. }] if *id == first_id), "{outcomes:?}");
    let changed: Value = serde_json::from_str(tried.change).expect("change");
    for (name, value) in changed.as_object().expect("object") {
        let found = found_by_id(target, tried.object, &first_id, &[name]).await;
        let came = found.fields.first().map(|(_, text)| text.clone()).unwrap_or("null".into());
        assert_eq!(came, value.to_string(), "{name}");
    }
}
