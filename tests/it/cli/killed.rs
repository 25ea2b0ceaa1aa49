//! A run that is really killed while it writes, and started again.

use std::{fs, process::Stdio, time::Duration};

use super::place::Place;

const RUN: [&str; 6] =
    ["run", "mappings/salesforce-cpq-to-zuora", "--state", "state", "--ledger", "ledger.db"];

/// How many requests have changed the emulated tenant.
fn changes(place: &Place) -> usize {
    let journal = place.folder.join("state/services/zuora.ndjson");
    fs::read_to_string(journal).map_or(0, |text| text.lines().count())
}

#[test]
fn neither_repeats_nor_forgets() {
    let whole = Place::shipped("killed-never");
    let undisturbed = whole.run(&RUN);
    assert!(undisturbed.code < 2, "{}", undisturbed.err);
    let all = changes(&whole);
    assert!(undisturbed.out.contains(" sent"), "orders are among it: {}", undisturbed.out);
    let again = whole.run(&RUN);
    let (left, mappings) = (objects(&again.out), silent(&again.out));
    assert!(mappings > 2, "{}", again.out);
    // Accounts and orders are written one a call, the catalog in batches: the moments are spread
    // over all of them.
    for stop_at in (2..all).rev().step_by(19) {
        let place = Place::shipped(&format!("killed-{stop_at}"));
        let mut command = place.command(&RUN);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // The bound is far above what a run takes; a run that ends by itself is no kill.
        for _ in 0..60_000 {
            if changes(&place) >= stop_at || child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let again = place.run(&RUN);
        assert_eq!(again.code, undisturbed.code, "{} {}", again.out, again.err);
        let third = place.run(&RUN);
        assert_eq!(silent(&third.out), mappings, "{}", third.out);
        assert_eq!(objects(&third.out), left, "killed after {stop_at} changes");
        // Each request that changes the tenant is one line; a write that was sent twice is one more.
        assert_eq!(changes(&place), all, "killed after {stop_at} changes");
    }
}

/// How many mappings had nothing to write.
fn silent(out: &str) -> usize {
    out.matches("writes sent: 0 ").count()
}

/// How many objects each mapping wishes for, from the account of a run.
fn objects(out: &str) -> Vec<&str> {
    let lines = out.lines().filter(|line| line.starts_with("objects:"));
    lines.filter_map(|line| line.split(" = ").next()).collect()
}
