//! Orders on the embedded services: planned, previewed, sent once, and written back.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

use super::place::Place;

const SET: &str = "mappings/salesforce-cpq-to-zuora";
const CONTRACTS: &str = "mappings/salesforce-cpq-to-zuora/contract-subscription.yaml";
const KEPT: &str = ".crosswalk/salesforce-cpq-to-zuora/embedded/built-in";

/// A folder where everything that contracts refer to is in the tenant.
fn place(name: &str) -> Place {
    let place = Place::shipped(name);
    for mapping in ["account", "product-catalog"] {
        let run = place.run(&["run", &format!("{SET}/{mapping}.yaml")]);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    }
    place
}

/// What a run of the contracts says.
fn run(place: &Place) -> Value {
    place.run(&["run", CONTRACTS, "--output", "json"]).only("crosswalk-run/1")
}

/// How many requests have changed the emulated tenant.
fn changes(place: &Place) -> usize {
    place.read(&format!("{KEPT}/services/zuora.ndjson")).lines().count()
}

#[test]
fn orders_are_sent_once_and_a_lost_ledger_sends_none() {
    let place = place("orders");
    let before = changes(&place);
    let first = run(&place);
    let sent = first["report"]["fates"]["sent"].as_u64().unwrap();
    let kinds = first["report"]["actions"].as_object().unwrap();
    assert!(["New", "Amend", "Renew", "Cancel"].iter().all(|kind| kinds.contains_key(*kind)));
    assert!(first["report"]["write_back"]["written"].as_u64() > Some(sent), "{first}");
    assert_eq!(first["report"]["profile"], "zuora-connector-a");
    assert_eq!(changes(&place), before + usize::try_from(sent).unwrap());

    // The write-back has moved every contract's stamp, and yet there is nothing to do.
    let again = run(&place);
    assert_eq!((&again["requests"]["writes"], &again["report"]["written"]), (&0.into(), &0.into()));

    fs::remove_file(place.folder.join(KEPT).join("ledger.db")).unwrap();
    let lost = place.run(&["run", "--output", "json"]).all("crosswalk-run/1");
    let contracts = lost.iter().find(|one| one["report"]["actions"]["New"].is_object()).unwrap();
    assert_eq!(contracts["report"]["fates"]["adopted"], sent);
    assert_eq!(changes(&place), before + usize::try_from(sent).unwrap());
}

#[test]
fn a_preview_says_what_an_order_would_come_to_and_sends_nothing() {
    let place = place("previews");
    let before = changes(&place);
    let plan = place.run(&["plan", CONTRACTS, "--preview", "--output", "json"]).json();
    let previews =
        &plan.iter().find(|line| line["totals"].is_object()).unwrap()["totals"]["previews"];
    assert!(previews["told"].as_u64() > Some(20), "{previews}");
    assert_eq!(previews["refused"], 0, "{previews}");
    let changes_planned: Vec<&Value> =
        plan.iter().map(|line| &line["change"]).filter(|change| change.is_object()).collect();
    let told = |change: &&&Value| change["action"]["preview"]["told"].is_object();
    let alone = changes_planned.iter().find(told).unwrap();
    let figure = &alone["action"]["preview"]["told"]["changes"][0];
    assert!(figure["mrr"].is_number() && figure["currency"].is_string(), "{alone}");

    let record = alone["record"].as_str().unwrap();
    let one = place.run(&["preview", record]);
    assert!(one.out.contains("would change") && one.out.contains("first bill"), "{}", one.out);
    assert!(one.out.contains(", profile zuora-connector-a"), "{}", one.out);
    let titles: BTreeSet<&str> = one.out.lines().filter(|line| line.contains("→ New")).collect();
    assert_eq!(titles.len(), 1, "{}", one.out);
    assert_eq!(changes(&place), before);

    let nobody = place.run(&["preview", "800NL0000009999YAA"]);
    assert_eq!(nobody.code, 2, "{}{}", nobody.out, nobody.err);
    assert!(nobody.err.contains("reads a record with the id"), "{}", nobody.err);
}
