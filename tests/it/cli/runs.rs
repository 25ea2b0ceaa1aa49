//! Runs on the embedded services, again and again.

use std::fs;

use serde_json::Value;

use super::{
    place::{Place, Run},
    sets::{ORDERS, orders},
};
use crate::requests::orders::Published;

/// Where the embedded services of the shipped set and their ledger are kept.
const KEPT: &str = ".crosswalk/salesforce-cpq-to-zuora/embedded/built-in";
/// One mapping of the set.
const CATALOG: &str = "mappings/salesforce-cpq-to-zuora/product-catalog.yaml";
/// A product of the built-in records without anything special.
const PRODUCT: &str = "01tNL0000000001YAA";

/// What a run says of each mapping.
const REPORT: &str = "crosswalk-run/1";

fn report(run: &Run) -> Value {
    run.only(REPORT)
}

fn sum(object: &Value) -> u64 {
    object.as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum()
}

#[test]
fn a_second_run_has_nothing_to_do() {
    let place = Place::shipped("twice");
    let first = place.run(&["run", "--output", "json"]).all(REPORT);
    let tiers =
        |one: &Value| one["inside"]["ProductRatePlanCharge"]["ProductRatePlanChargeTier"].as_u64();
    assert!(first.len() == 4 && first.iter().any(|one| tiers(one) > Some(50)));
    let again = place.run(&["run"]);
    for one in &first {
        let fates = &one["report"]["fates"];
        assert_eq!(sum(fates), one["report"]["planned"]["drafts"]["drafts"]);
        let Some(created) = fates["created"].as_u64() else {
            assert!(fates["sent"].as_u64() > Some(50) || fates["previewed"] == 2, "{one}");
            continue;
        };
        assert!(created > 15 && one["report"]["written"] == created, "{one}");
        assert!(again.out.contains(&format!("nothing to do: {created} objects")), "{}", again.out);
    }
    let silent = again.out.matches("writes sent: 0 (0 objects written)").count();
    assert_eq!(silent, first.len(), "{}", again.out);

    fs::remove_file(place.folder.join(KEPT).join("ledger.db")).unwrap();
    let adopted = place.run(&["run", "--output", "json"]).all(REPORT);
    for (adopted, first) in adopted.iter().zip(&first) {
        let (now, then) = (&adopted["report"]["fates"], &first["report"]["fates"]);
        assert_eq!(now["sent"], Value::Null, "{adopted}");
        let made = [&then["created"], &then["sent"]].into_iter().find(|made| made.is_u64());
        assert_eq!(now["adopted"], *made.unwrap_or(&Value::Null), "{adopted}");
    }

    fs::remove_dir_all(place.folder.join(KEPT).join("services")).unwrap();
    let elsewhere = place.run(&["run"]);
    assert_eq!(elsewhere.code, 3);
    assert!(elsewhere.err.contains("error: the ledger belongs to zuora"), "{}", elsewhere.err);
    assert!(
        elsewhere.err.contains("ledger.db, or name another with --ledger"),
        "{}",
        elsewhere.err
    );
}

#[test]
fn rejected_records_are_counted_and_named_and_strict_minds_them() {
    let place = Place::shipped("strict");
    let plan = place.run(&["plan", "--output", "json"]);
    let rejected: Vec<Value> =
        plan.json().into_iter().filter(|line| line["record"]["kind"] == "rejected").collect();
    assert!(!rejected.is_empty());
    let record = rejected[0]["record"]["record"].as_str().unwrap();
    let only = ["--only", record];
    let run = |more: &[&str]| place.run(&[&["run"], &only[..], more].concat());
    assert_eq!(run(&[]).code, 0);
    let strict = run(&["--strict"]);
    assert_eq!(strict.code, 1);
    assert!(
        strict.out.contains("is rejected: ") && strict.out.contains("next: "),
        "{}",
        strict.out
    );
}

#[test]
fn a_saved_plan_is_carried_out_once_and_only_where_it_was_made() {
    let place = Place::shipped("saved");
    let plan = place.run(&["plan", CATALOG, "--only", PRODUCT, "--out", "one.plan"]);
    assert_eq!(plan.code, 0, "{}", plan.err);
    assert!(plan.out.contains("+ Product Northlight Platform"), "{}", plan.out);
    let elsewhere = place.run(&["apply", "one.plan", "--state", "elsewhere"]);
    assert_eq!(elsewhere.code, 2);
    assert!(elsewhere.err.contains("the plan was made for target"), "{}", elsewhere.err);
    let first = report(&place.run(&["apply", "one.plan", "--output", "json"]));
    assert_eq!(first["report"]["fates"]["created"], first["report"]["planned"]["drafts"]["drafts"]);
    let again = place.run(&["apply", "one.plan", "--output", "json"]);
    assert_eq!((again.code, &report(&again)["report"]["written"]), (1, &0.into()));
    let text = fs::read_to_string(place.folder.join(CATALOG)).unwrap();
    place.write(CATALOG, &text.replace("2099-12-31", "2098-12-31"));
    let stale = place.run(&["apply", "one.plan"]);
    assert_eq!(stale.code, 2);
    assert!(stale.err.contains("the plan was made for program"), "{}", stale.err);
    place.write("no.plan", "hello");
    assert_eq!(place.run(&["apply", "no.plan"]).code, 2);
}

#[test]
fn a_changed_value_is_planned_as_that_value() {
    let place = Place::shipped("changed");
    assert_eq!(place.run(&["run", CATALOG, "--only", PRODUCT]).code, 0);
    let text = fs::read_to_string(place.folder.join(CATALOG)).unwrap();
    place.write(CATALOG, &text.replace("record.Name | trim", "record.Name | upper"));
    let plan = place.run(&["plan", CATALOG, "--only", PRODUCT]);
    let change = "Name: \"Northlight Platform\" → \"NORTHLIGHT PLATFORM\" (mappings/";
    assert!(plan.out.contains(change), "{}", plan.out);
    let run = report(&place.run(&["run", CATALOG, "--only", PRODUCT, "--output", "json"]));
    assert_eq!((&run["report"]["written"], &run["requests"]["writes"]), (&1.into(), &1.into()));
}

#[test]
fn documents_go_from_file_to_file() {
    let place = orders("documents", ORDERS);
    let records =
        "{\"id\":\"a\",\"price\":1.10,\"quantity\":3}\n{\"id\":\"b\",\"price\":2,\"quantity\":1}\n";
    place.write("in.ndjson", records);
    let run = |target: &str| {
        place.run(&["run", "orders/orders.yaml", "--source", "in.ndjson", "--target", target])
    };
    let expected = "{\"number\":\"a\",\"total\":3.3}\n{\"number\":\"b\",\"total\":2}\n";
    let stream = run("-");
    assert_eq!((stream.code, stream.out.as_str()), (0, expected));
    assert!(stream.err.contains("records: 2 read = 2 written + 0 skipped + 0 rejected"));
    assert_eq!(run("out.ndjson").code, 0);
    assert_eq!(fs::read_to_string(place.folder.join("out.ndjson")).unwrap(), expected);
    place.write("in.ndjson", &format!("{records}{{broken\n"));
    let broken = run("out.ndjson");
    assert!(broken.err.contains("line 3 is rejected: the record is not JSON"), "{}", broken.err);
    assert!(broken.out.contains("3 read = 2 written"), "{}", broken.out);
}

#[test]
fn documents_go_where_an_environment_says() {
    let place = orders("folders", ORDERS);
    place.write("orders/environments/files.yaml", "file: { source: in, target: out }\n");
    place.write("orders/in/orders.json", r#"[{"id": "a", "price": 0.5, "quantity": 4}]"#);
    let run = place.run(&["run", "orders", "--env", "files"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let written = fs::read_to_string(place.folder.join("orders/out/invoices.ndjson")).unwrap();
    assert_eq!(written, "{\"number\":\"a\",\"total\":2}\n");
}

#[cfg(unix)]
#[test]
fn a_device_stays_a_device_and_a_link_stays_a_link() {
    let place = orders("devices", ORDERS);
    place.write("in.ndjson", "{\"id\":\"a\",\"price\":1,\"quantity\":3}\n");
    let path = |name: &str| place.folder.join(name);
    place.write("far/out.ndjson", "old");
    for (link, target) in [("null", "/dev/null"), ("out.ndjson", "far/out.ndjson")] {
        std::os::unix::fs::symlink(target, path(link)).unwrap();
        let run = ["run", "orders/orders.yaml", "--source", "in.ndjson", "--target", link];
        let run = place.run(&run);
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        assert_eq!(fs::read_link(path(link)).unwrap().to_str(), Some(target));
    }
    let written = fs::read_to_string(path("far/out.ndjson")).unwrap();
    assert_eq!(written, "{\"number\":\"a\",\"total\":3}\n");
    assert!(!path("null.part").exists() && !path("far/out.ndjson.part").exists());

    let place = Place::shipped("plan-device");
    let link = place.folder.join("null");
    std::os::unix::fs::symlink("/dev/null", &link).unwrap();
    let plan = place.run(&["plan", CATALOG, "--only", PRODUCT, "--out", "null"]);
    assert_eq!(plan.code, 0, "{}", plan.err);
    assert!(plan.out.contains("+ Product Northlight Platform"), "{}", plan.out);
    assert!(!plan.out.contains("crosswalk apply"), "{}", plan.out);
    assert_eq!(fs::read_link(&link).unwrap().to_str(), Some("/dev/null"));
}

#[test]
fn the_orders_of_a_run_are_published_requests_and_are_taken_at_once() {
    let place = Place::shipped("requests");
    let run = place.run(&["run", "--request-log", "requests.ndjson"]);
    assert!(run.out.contains("actions: "), "{}{}", run.out, run.err);
    let (orders, faults) = Published::open().faults_of_log(&place.read("requests.ndjson"));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(orders > 50, "only {orders} orders were sent");
}
