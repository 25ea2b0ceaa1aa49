//! What becomes of actions, whatever the target, the source and the ledger do.

use std::{collections::BTreeMap, time::Duration};

use crosswalk::{
    apply::{Fate, Report},
    connector::Class,
    ledger::{Entry, Ledger as _, Settlement, Wish, memory::Memory, sqlite::Sqlite},
    plan::{Change, Decision, Kind, Previewed, Previews, Trouble},
    value::Decimal,
};
use serde_json::{Value, json};

use super::{
    contracts::{Contract, contract, renewal, row},
    crash::Kill,
    desk::Desk,
    office::{Odd, SETTLES_WITHIN, When},
    till::Tricked,
};

/// Three contracts: one with two amendments, one alone, and a renewal of the first one, which the
/// source gives before it and on another page.
fn contracts() -> Vec<Contract> {
    vec![
        renewal("r", "a", vec![row("r1", "2027-01-01", 4), row("r2", "2027-06-01", 1)]),
        contract("b", vec![row("b1", "2026-01-01", 7)]),
        contract(
            "a",
            vec![
                row("a1", "2026-01-01", 3),
                row("a2", "2026-01-01", 2),
                row("a3", "2026-03-01", -1),
                row("a4", "2026-06-01", 5),
            ],
        ),
    ]
}

/// How many orders the contracts above come to.
const ORDERS: u64 = 6;

fn of_kind(report: &Report, kind: &str, fate: Fate) -> u64 {
    report.actions.get(kind).and_then(|fates| fates.get(&fate)).copied().unwrap_or(0)
}

fn trouble(change: &Change) -> &Trouble {
    match &change.decision {
        Decision::Conflict(trouble) | Decision::Blocked(trouble) => trouble,
        other => panic!("{other:?}"),
    }
}

fn rule(changes: &[Change], kind: &str) -> String {
    let is_it = |change: &&Change| change.action.as_ref().unwrap().kind == kind;
    trouble(changes.iter().find(is_it).unwrap()).rule.clone()
}

#[tokio::test]
async fn planning_right_after_applying_gives_nothing_to_send() {
    let desk = Desk::new(contracts()).await;
    let report = desk.run().await;
    report.check().unwrap();
    assert_eq!(report.count(Fate::Sent), ORDERS, "{report:?}");
    let kinds = ["New", "Amend", "Renew"].map(|kind| of_kind(&report, kind, Fate::Sent));
    assert_eq!(kinds, [2, 3, 1]);
    assert_eq!(report.profile.as_deref(), Some("strict"));
    let (footer, changes) = desk.plan().await;
    assert_eq!((footer.totals.drafts.drafts, footer.totals.writes), (0, 0), "{changes:?}");
    // Rows that are grouped again say that they are settled, and nothing more.
    let mut desk = desk;
    desk.evaluator.evaluating = super::contracts::Evaluating::AllRows;
    let (footer, _) = desk.plan().await;
    assert_eq!((footer.totals.count(Kind::Settled), footer.totals.writes), (ORDERS, 0));
}

#[tokio::test]
async fn actions_of_one_sequence_go_by_day_over_all_pages() {
    let desk = Desk::new(contracts()).await;
    desk.run().await;
    let created = desk.orders.created.lock().unwrap().clone();
    let days: Vec<Value> = {
        let state = desk.orders.state();
        let of_a = created.iter().filter(|number| !number.starts_with('b'));
        of_a.map(|number| state[number]["orderDate"].clone()).collect()
    };
    let expected = ["2026-01-01", "2026-03-01", "2026-06-01", "2027-01-01", "2027-06-01"];
    assert_eq!(days, expected.map(Value::from));
}

#[tokio::test]
async fn a_run_killed_at_any_call_sends_every_order_once_and_owes_nothing_in_the_end() {
    let undisturbed = Desk::new(contracts()).await;
    undisturbed.run().await;
    for after in [false, true] {
        for at in 0.. {
            let desk = Desk::new(contracts()).await;
            let died = desk.killed_run(Kill { at, after }).await;
            desk.run().await;
            assert_eq!(desk.orders.state(), undisturbed.orders.state(), "{at} {after}");
            let created = desk.orders.created.lock().unwrap().len();
            assert_eq!(created, desk.orders.state().len(), "{at} {after}");
            let fields = |desk: &Desk| desk.office.fields.lock().unwrap().clone();
            assert_eq!(fields(&desk), fields(&undisturbed), "{at} {after}");
            assert_eq!(desk.book.owing("contracts", None, 9).await.unwrap(), [], "{at} {after}");
            let (footer, changes) = desk.plan().await;
            assert_eq!(footer.totals.drafts.drafts, 0, "{at} {after} {changes:?}");
            if !died {
                assert!(at > 30, "only {at} calls");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_killed_run_is_finished_over_a_ledger_on_disk() {
    let undisturbed = Desk::new(contracts()).await;
    undisturbed.run().await;
    // Steps of nine: every sync takes its time, and each call is killed over memory above.
    for at in (0..).step_by(9) {
        let desk = Desk::new(contracts()).await;
        let place = desk.file.with_extension("folder");
        let ledger = Sqlite::open(place.join("ledger")).unwrap();
        desk.sync(&ledger).await;
        let died = desk.killed_run_on(&ledger, Kill { at, after: true }).await;
        drop(ledger);
        let ledger = Sqlite::open(place.join("ledger")).unwrap();
        desk.run_on(&desk.orders, &desk.office, &ledger).await.unwrap();
        assert_eq!(desk.orders.state(), undisturbed.orders.state(), "{at}");
        assert_eq!(desk.orders.created.lock().unwrap().len(), desk.orders.state().len(), "{at}");
        let again = desk.run_on(&desk.orders, &desk.office, &ledger).await.unwrap();
        assert_eq!((again.planned.drafts.drafts, again.write_back), (0, None), "{at}");
        drop(ledger);
        std::fs::remove_dir_all(place).unwrap();
        if !died {
            break;
        }
    }
}

#[tokio::test]
async fn a_lost_ledger_gives_adoptions_and_no_second_order() {
    let desk = Desk::new(contracts()).await;
    desk.run().await;
    let before = desk.orders.state();
    let desk = Desk { book: Memory::new(), ..desk };
    desk.sync(&desk.book).await;
    desk.office.written();
    let report = desk.run().await;
    assert_eq!((report.count(Fate::Adopted), report.count(Fate::Sent)), (ORDERS, 0), "{report:?}");
    assert_eq!(desk.orders.state(), before);
    assert_eq!(desk.office.written().len(), 10, "what is owed is written again");
    let entries = desk.book.of_sequences("contracts", &["S-b".into()]).await.unwrap();
    assert!(entries[0].result.contains("\"mrr\":70.00"), "{entries:?}");
    assert_eq!(desk.plan().await.0.totals.drafts.drafts, 0);
}

#[tokio::test]
async fn a_number_that_something_else_uses_is_a_conflict() {
    let desk = Desk::new(vec![contract("b", vec![row("b1", "2026-01-01", 7)])]).await;
    desk.run().await;
    let desk = Desk { book: Memory::new(), ..desk };
    desk.sync(&desk.book).await;
    let change = |order: &mut Value| order["subscriptions"][0]["subscriptionNumber"] = json!("X");
    desk.orders.taken.lock().unwrap().values_mut().for_each(change);
    let (_, changes) = desk.plan().await;
    let trouble = trouble(&changes[0]);
    assert_eq!(trouble.rule, "number-taken");
    assert!(trouble.what.contains("already used by something else"), "{}", trouble.what);
    let report = desk.run().await;
    assert_eq!(report.count(Fate::Conflict), 1);
    assert!(desk.office.field("Contract b", "Error").as_str().unwrap().contains("already used"));
}

#[tokio::test]
async fn lost_answers_are_looked_up_by_number_and_sent_again_only_when_they_cannot_arrive() {
    let late = Odd::Late(SETTLES_WITHIN - Duration::from_secs(1));
    let lost = |when| Odd::Usual(Class::UnknownFate, when);
    for odd in [lost(When::Before), lost(When::After), late, Odd::Late(Duration::from_secs(1))] {
        let mut desk = Desk::new(contracts()).await;
        desk.orders.trick = Some(Box::new(move |call, _| call.is_multiple_of(2).then_some(odd)));
        let report = desk.run().await;
        assert_eq!(report.count(Fate::Sent), ORDERS, "{odd:?} {report:?}");
        let created = desk.orders.created.lock().unwrap().len();
        assert_eq!(created, desk.orders.state().len(), "{odd:?}");
        assert_eq!(desk.plan().await.0.totals.drafts.drafts, 0, "{odd:?}");
    }
}

#[tokio::test]
async fn an_order_that_arrives_after_the_run_was_killed_is_waited_for() {
    // The run dies while it waits for the fate of its first order, which arrives much later.
    for at in 0..40 {
        let mut desk = Desk::new(contracts()).await;
        let late = Odd::Late(SETTLES_WITHIN - Duration::from_secs(1));
        desk.orders.trick = Some(Box::new(move |call, _| (call == 1).then_some(late)));
        desk.killed_run(Kill { at, after: true }).await;
        desk.orders.trick = None;
        desk.run().await;
        let created = desk.orders.created.lock().unwrap().len();
        assert_eq!((created, desk.orders.state().len()), (6, 6), "{at}");
    }
}

#[tokio::test]
async fn an_order_in_doubt_holds_back_its_sequence_alone_until_its_fate_is_known() {
    let mut desk = Desk::new(contracts()).await;
    let of_a = |body: &str| body.contains("\"S-a\"");
    desk.orders.trick = Some(Box::new(move |_, write| {
        of_a(&write.body).then_some(Odd::Usual(Class::UnknownFate, When::Before))
    }));
    let report = desk.run().await;
    let counts = [Fate::Sent, Fate::InDoubt, Fate::Blocked].map(|fate| report.count(fate));
    assert_eq!(counts, [1, 1, 4], "{report:?}");
    // Under another sequence the same rows would be sent twice.
    desk.office.contracts[2].subscription = "S-moved".into();
    let (_, changes) = desk.plan().await;
    assert_eq!(rule(&changes, "New"), "in-doubt");
    desk.office.contracts[2].subscription = "S-a".into();
    // A row is added to what is in doubt: under a new number it would be sent twice.
    desk.office.contracts[2].rows.push(row("a9", "2026-01-01", 1));
    let (footer, changes) = desk.plan().await;
    assert_eq!(footer.totals.count(Kind::Blocked), 5);
    assert_eq!(rule(&changes, "New"), "in-doubt");
    desk.orders.trick = None;
    let report = desk.run().await;
    assert_eq!((report.recovered.dropped, report.count(Fate::Sent)), (1, 5), "{report:?}");
}

#[tokio::test]
async fn a_rejected_record_holds_back_those_that_join_its_sequence() {
    let mut all = contracts();
    all.push(renewal("s", "a", vec![row("s1", "2028-01-01", 1)]));
    let mut desk = Desk::new(all).await;
    desk.office.contracts[0].broken = true;
    let (_, changes) = desk.plan().await;
    assert_eq!(rule(&changes, "Renew"), "after-rejected");
    // Those of the record that begins it may come before, and go.
    let report = desk.run().await;
    assert_eq!((report.count(Fate::Sent), report.count(Fate::Blocked)), (4, 1), "{report:?}");
    desk.office.contracts[0].broken = false;
    assert_eq!(desk.run().await.count(Fate::Sent), 3);
    // One that takes part already and breaks later is no reason to wait.
    desk.office.contracts[0].broken = true;
    desk.office.contracts.push(renewal("t", "a", vec![row("t1", "2029-01-01", 1)]));
    assert_eq!(desk.run().await.count(Fate::Sent), 1);
}

#[tokio::test]
async fn a_refused_order_holds_back_exactly_its_followers() {
    let mut desk = Desk::new(contracts()).await;
    let amend = |body: &str| body.contains("2026-03-01");
    desk.orders.trick = Some(Box::new(move |_, write| amend(&write.body).then_some(Odd::Refused)));
    let report = desk.run().await;
    let counts = [Fate::Sent, Fate::Failed, Fate::Blocked].map(|fate| report.count(fate));
    assert_eq!(counts, [2, 1, 3], "{report:?}");
    let held = report.failures.iter().filter(|failure| failure.fate == Fate::Blocked);
    for failure in held {
        assert!(failure.said.contains("Amend a-") || failure.said.contains("held back itself"));
        assert_eq!(failure.code, "held-back");
    }
    let failed = report.failures.iter().find(|failure| failure.fate == Fate::Failed).unwrap();
    assert_eq!((failed.code.as_str(), failed.said.as_str()), ("E7", "the order date is closed"));
    assert!(desk.book.unsettled("contracts").await.unwrap().is_empty());
    desk.orders.trick = None;
    let report = desk.run().await;
    assert_eq!(report.count(Fate::Sent), 4, "{report:?}");
    assert_eq!(desk.office.field("Contract a", "Error"), Value::Null);
    assert_eq!(desk.office.field("Contract r", "Status"), "Active");
}

#[tokio::test]
async fn what_is_refused_because_its_number_exists_took_effect() {
    // The first call takes effect and its answer says that nothing happened.
    let mut desk = Desk::new(contracts()).await;
    let wrong = Odd::Usual(Class::Wait, When::After);
    desk.orders.trick = Some(Box::new(move |call, _| (call == 1).then_some(wrong)));
    let report = desk.run().await;
    assert_eq!(report.count(Fate::Sent), ORDERS, "{report:?}");
    assert_eq!(desk.orders.created.lock().unwrap().len(), 6);
}

#[tokio::test]
async fn an_action_whose_tries_end_in_waiting_is_looked_up_before_it_is_given_up() {
    for (when, kept) in [(When::After, Fate::Sent), (When::Before, Fate::Failed)] {
        let mut desk = Desk::new(vec![contract("a", vec![row("a0", "2026-01-01", 1)])]).await;
        desk.orders.trick = Some(Box::new(move |_, _| Some(Odd::Usual(Class::Wait, when))));
        let report = desk.run().await;
        assert_eq!(report.count(kept), 1, "{when:?} {report:?}");
        // Another row makes another order of it: only what did not take effect may go with it.
        desk.orders.trick = None;
        desk.office.contracts[0].rows.push(row("a1", "2026-01-01", 1));
        desk.run().await.check().unwrap();
        let orders = desk.orders.state();
        let rows = orders.values().map(|order| &order["subscriptions"][0]["rows"]);
        let mut rows: Vec<&str> = rows
            .flat_map(|rows| rows.as_array().unwrap())
            .map(|row| row.as_str().unwrap())
            .collect();
        rows.sort_unstable();
        assert_eq!(rows, ["a0", "a1"], "{when:?}");
    }
}

#[tokio::test]
async fn an_action_whose_sign_in_fails_stays_in_doubt() {
    let mut desk = Desk::new(vec![contract("a", vec![row("a0", "2026-01-01", 1)])]).await;
    desk.orders.trick = Some(Box::new(|call, _| {
        let class = if call == 1 { Class::Wait } else { Class::SignIn };
        Some(Odd::Usual(class, if call == 1 { When::After } else { When::Before }))
    }));
    let (book, orders, office) = (&desk.book, &desk.orders, &desk.office);
    desk.run_on(orders, office, book).await.unwrap_err();
    assert_eq!(desk.book.unsettled("contracts").await.unwrap().len(), 1);
    desk.orders.trick = None;
    desk.office.contracts[0].rows.push(row("a1", "2026-01-01", 1));
    let report = desk.run().await;
    assert_eq!((report.recovered.took_effect, report.count(Fate::Sent)), (1, 1), "{report:?}");
}

#[tokio::test]
async fn a_service_that_keeps_asking_to_wait_ends_the_run_and_a_stubborn_order_does_not() {
    let one = |n| contract(&format!("c{n}"), vec![row(&format!("r{n}"), "2026-01-01", 1)]);
    let mut desk = Desk::new((0..20).map(one).collect()).await;
    desk.orders.trick = Some(Box::new(|_, _| Some(Odd::Usual(Class::Wait, When::Before))));
    let (book, orders, office) = (&desk.book, &desk.orders, &desk.office);
    let stopped = desk.run_on(orders, office, book).await.unwrap_err();
    assert!(stopped.to_string().contains("has to wait"), "{stopped}");
    let report = stopped.report.unwrap();
    report.check().unwrap();
    // Three in a row, and what was under way beside them.
    let [failed, unreached] = [Fate::Failed, Fate::Unreached].map(|fate| report.count(fate));
    assert!((3..=5).contains(&failed) && failed + unreached == 20, "{report:?}");
    // One that alone is kept waiting is given up alone.
    desk.orders.trick = Some(Box::new(|_, write| {
        write.body.contains("\"S-c7\"").then_some(Odd::Usual(Class::Wait, When::Before))
    }));
    let report = desk.run().await;
    assert_eq!((report.count(Fate::Sent), report.count(Fate::Failed)), (19, 1), "{report:?}");
    desk.orders.trick = None;
    assert_eq!(desk.run().await.count(Fate::Sent), 1);
}

#[tokio::test]
async fn what_nothing_begins_is_held_back_and_says_which_record_is_rejected() {
    let mut desk = Desk::new(contracts()).await;
    desk.office.contracts[2].broken = true;
    let (_, changes) = desk.plan().await;
    let first = changes.iter().find(|c| c.action.as_ref().unwrap().kind == "Renew").unwrap();
    assert_eq!(trouble(first).rule, "not-begun");
    assert!(trouble(first).what.contains("a is rejected"), "{}", trouble(first).what);
    assert_eq!(rule(&changes, "Amend"), "held-back");
    let report = desk.run().await;
    assert_eq!((report.count(Fate::Sent), report.count(Fate::Blocked)), (1, 2));
    // The renewal alone, without the record that begins its subscription.
    desk.office.contracts[2].broken = false;
    desk.query.only = Some(vec!["r".into()]);
    let (_, changes) = desk.plan().await;
    assert_eq!(rule(&changes, "Renew"), "not-begun");
    desk.query.only = None;
    assert_eq!(desk.run().await.count(Fate::Sent), 5);
    // A second contract that would begin the same subscription.
    let twin =
        Contract { subscription: "S-a".into(), ..contract("z", vec![row("z1", "2028-01-01", 1)]) };
    desk.office.contracts.push(twin);
    let (_, changes) = desk.plan().await;
    assert_eq!(rule(&changes, "New"), "already-begun");
}

#[tokio::test]
async fn what_was_never_synced_holds_an_action_back_and_is_named() {
    let mut desk = Desk::new(contracts()).await;
    desk.office.contracts[1].account = "other".into();
    let (footer, changes) = desk.plan().await;
    assert_eq!(footer.totals.count(Kind::Blocked), 1);
    let blocked = changes.iter().find(|change| change.record == "b").unwrap();
    let trouble = trouble(blocked);
    assert_eq!(trouble.rule, "never-synced");
    assert_eq!(
        trouble.what,
        "it refers to the account other of `accounts`, which was never synced"
    );
    assert!(trouble.way_out.contains("`accounts`"), "{}", trouble.way_out);
}

#[tokio::test]
async fn an_amendment_after_the_first_run_consumes_the_new_rows_alone() {
    let mut desk = Desk::new(contracts()).await;
    desk.run().await;
    desk.office.contracts[1].rows.push(row("b2", "2026-02-01", 1));
    let report = desk.run().await;
    assert_eq!((report.count(Fate::Sent), of_kind(&report, "Amend", Fate::Sent)), (1, 1));
    assert_eq!(desk.office.field("Contract b", "Mrr").to_string(), "80.00");
    // What changes on a row that was sent is reported, and sends nothing.
    desk.office.contracts[1].rows[0].quantity = 9;
    let (footer, segments) = desk.segments().await;
    assert_eq!((footer.totals.rows_changed, footer.totals.writes), (1, 0));
    let changed: Vec<_> =
        segments.iter().flat_map(|s| &s.records).flat_map(|r| &r.changed).collect();
    assert_eq!(
        (changed[0].row.as_str(), changed[0].fields.as_slice()),
        ("b1", &["quantity".to_owned()][..])
    );
    assert!(changed[0].number.starts_with("b-"));
}

#[tokio::test]
async fn a_stale_plan_sends_no_row_twice() {
    let mut desk = Desk::new(contracts()).await;
    desk.plan().await;
    let saved = std::fs::read_to_string(&desk.file).unwrap();
    // A row joins the first step of `a`, so that its order has another number than the plan says.
    desk.office.contracts[2].rows.push(row("a9", "2026-01-01", 1));
    desk.run().await;
    let before = desk.orders.state();
    desk.office.written();
    std::fs::write(&desk.file, &saved).unwrap();
    let report = desk.apply().await.unwrap();
    report.check().unwrap();
    assert_eq!(report.count(Fate::Sent), 0, "{report:?}");
    assert!(report.failures.iter().any(|failure| failure.code == "stale"), "{report:?}");
    assert_eq!(desk.orders.state(), before);
    assert!(desk.office.written().is_empty(), "that a plan is old is no failure of a contract");
}

#[tokio::test]
async fn what_held_an_action_back_when_an_old_plan_was_made_is_not_told_any_more() {
    let mut desk = Desk::new(contracts()).await;
    desk.office.contracts[1].account = "other".into();
    desk.plan().await;
    let saved = std::fs::read_to_string(&desk.file).unwrap();
    desk.office.contracts[1].account = "acme".into();
    desk.run().await;
    assert_eq!(desk.office.field("Contract b", "Status"), "Active");
    std::fs::write(&desk.file, &saved).unwrap();
    desk.apply().await.unwrap().check().unwrap();
    assert_eq!(desk.office.field("Contract b", "Status"), "Active");
}

#[tokio::test]
async fn a_value_that_only_some_kinds_send_is_reported_where_it_differs() {
    let mut desk = Desk::new(contracts()).await;
    desk.office.contracts[0].region = Some("US".into());
    let (footer, changes) = desk.plan().await;
    // Both orders of the renewal have another region than the New of its subscription.
    assert_eq!(footer.totals.not_sent, 2, "{changes:?}");
    desk.run().await;
    desk.office.contracts[2].region = Some("UK".into());
    desk.office.contracts[2].rows.push(row("a9", "2026-09-01", 1));
    let (_, changes) = desk.plan().await;
    let not_sent = &changes[0].action.as_ref().unwrap().not_sent;
    let shown = |json: &Option<crosswalk::plan::Json>| json.as_ref().unwrap().text().to_owned();
    assert_eq!(not_sent[0].path, "subscriptions[0].custom.Region");
    assert_eq!(
        (shown(&not_sent[0].old), shown(&not_sent[0].new)),
        ("\"EU\"".into(), "\"UK\"".into())
    );
}

#[tokio::test]
async fn what_the_source_refuses_stays_owed_and_no_order_is_repeated_for_it() {
    let mut desk = Desk::new(contracts()).await;
    let locked = |write: &crosswalk::connector::Write| {
        let is_it = write.object == "Row" && write.body.contains("\"b-");
        is_it.then_some(Tricked::Refused { passing: false })
    };
    desk.office.trick = Some(Box::new(locked));
    let report = desk.run().await;
    let back = report.write_back.clone().unwrap();
    assert_eq!((back.written, back.refused), (9, 1), "{report:?}");
    assert_eq!((back.refusals[0].id.as_str(), back.refusals[0].code.as_str()), ("b1", "LOCKED"));
    assert!(!report.is_clean() && report.leaves_nothing_open());
    desk.office.written();
    desk.office.trick = None;
    let report = desk.run().await;
    assert_eq!(desk.office.written(), ["Row b1"]);
    assert_eq!(report.planned.drafts.drafts, 0);
    assert_eq!(desk.orders.created.lock().unwrap().len(), 6);
    desk.run().await;
    assert!(desk.office.written().is_empty());
}

#[tokio::test]
async fn the_latest_action_says_what_is_written_and_a_missing_value_empties_the_field() {
    let desk = Desk::new(contracts()).await;
    desk.run().await;
    let state = desk.orders.state();
    let latest = state.iter().find(|(_, order)| order["orderDate"] == "2026-06-01").unwrap().0;
    assert_eq!(desk.office.field("Contract a", "Order"), json!(latest));
    assert_eq!(desk.office.field("Contract b", "Mrr").to_string(), "70.00");
    let fields = desk.office.fields.lock().unwrap();
    assert_eq!(fields["Contract a"].get("Gone"), Some(&Value::Null));
}

#[tokio::test]
async fn a_failure_is_written_once_until_it_changes() {
    let mut desk = Desk::new(vec![contract("b", vec![row("b1", "2026-01-01", 7)])]).await;
    desk.orders.trick = Some(Box::new(|_, _| Some(Odd::Refused)));
    desk.run().await;
    assert_eq!(desk.office.field("Contract b", "Status"), "Failed");
    assert_eq!(desk.office.field("Contract b", "Error"), "the order date is closed");
    desk.office.written();
    let report = desk.run().await;
    assert_eq!((report.write_back.unwrap().unchanged, desk.office.written().len()), (1, 0));
    desk.office.contracts[0].broken = true;
    desk.run().await;
    assert_eq!(desk.office.field("Contract b", "Error"), "it has no billing address");
    desk.office.contracts[0].broken = false;
    desk.orders.trick = None;
    desk.run().await;
    assert_eq!(desk.office.field("Contract b", "Status"), "Active");
    assert_eq!(desk.office.field("Contract b", "Error"), Value::Null);
    // The same failure as before is a new one now.
    desk.office.contracts[0].broken = true;
    desk.run().await;
    assert_eq!(desk.office.field("Contract b", "Error"), "it has no billing address");
    assert_eq!(desk.orders.created.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn orders_of_other_sequences_go_beside_a_long_one() {
    let many: Vec<Contract> = (0..20)
        .map(|at| {
            let rows = (1..=3)
                .map(|month| row(&format!("c{at}-{month}"), &format!("2026-0{month}-01"), 1));
            contract(&format!("c{at}"), rows.collect())
        })
        .collect();
    let desk = Desk::new(many).await;
    let report = desk.run().await;
    assert_eq!(report.count(Fate::Sent), 60);
    let of: BTreeMap<_, _> = report.actions;
    assert_eq!((of["New"][&Fate::Sent], of["Amend"][&Fate::Sent]), (20, 40));
}

/// What the plan says of the preview of a kind.
fn previewed(changes: &[Change], kind: &str) -> Previewed {
    let actions = changes.iter().filter_map(|change| change.action.as_ref());
    let mut previews =
        actions.filter(|action| action.kind == kind).filter_map(|a| a.preview.clone());
    previews.next().unwrap()
}

#[tokio::test]
async fn a_preview_is_asked_once_and_kept_and_what_has_to_wait_is_said() {
    let mut desk = Desk::new(contracts()).await;
    desk.previews = Previews::Asked;
    let (footer, changes) = desk.plan().await;
    let totals = footer.totals.previews.unwrap();
    assert_eq!((totals.told, totals.drift, totals.not_yet), (2, 0, 4), "{changes:?}");
    let Previewed::Told(told) = previewed(&changes, "New") else { panic!() };
    assert_eq!(told.first_bill[0].0, "USD");
    let Previewed::NotYet(why) = previewed(&changes, "Amend") else { panic!() };
    assert!(why.contains("has to take effect before"), "{why}");
    assert_eq!(desk.orders.previews.lock().unwrap().len(), 2);
    desk.plan().await;
    assert_eq!(desk.orders.previews.lock().unwrap().len(), 2, "the plan keeps the answers");
    assert_eq!(desk.orders.state().len(), 0, "a preview sends nothing");
    // What is previewed has changed, so it is asked again.
    desk.office.contracts[1].rows[0].quantity = 8;
    desk.plan().await;
    assert_eq!(desk.orders.previews.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_cent_beyond_the_tolerance_is_drift() {
    for (unit, drift) in [(Decimal::new(10_001, 3), 0), (Decimal::new(10_002, 3), 1)] {
        let mut desk = Desk::new(vec![contract("b", vec![row("b1", "2026-01-01", 7)])]).await;
        desk.previews = Previews::Asked;
        // 7 units at 10.001 are 0.007 more than the target says; at 10.002 they are 0.014 more.
        desk.evaluator.unit = unit;
        let (footer, changes) = desk.plan().await;
        assert_eq!(footer.totals.previews.unwrap().drift, drift, "{changes:?}");
        let Previewed::Told(told) = previewed(&changes, "New") else { panic!() };
        assert_eq!(u64::try_from(told.drift.len()), Ok(drift));
    }
}

#[tokio::test]
async fn a_preview_that_the_target_refuses_is_a_finding_of_the_plan() {
    let mut desk = Desk::new(vec![contract("b", vec![row("b1", "2026-01-01", 0)])]).await;
    desk.previews = Previews::Asked;
    let (footer, changes) = desk.plan().await;
    assert_eq!(footer.totals.previews.unwrap().refused, 1);
    let refused = Previewed::Refused { code: "E9".into(), said: "nothing is ordered".into() };
    assert_eq!(previewed(&changes, "New"), refused);
}

#[tokio::test]
async fn what_is_only_previewed_is_written_back_once_and_never_sent() {
    let mut desk = Desk::new(contracts()).await;
    desk.action.preview_only = true;
    desk.action.begins = Vec::new();
    let (footer, _) = desk.plan().await;
    assert_eq!((footer.totals.count(Kind::Previewed), footer.totals.writes), (ORDERS, 0));
    let report = desk.run().await;
    report.check().unwrap();
    assert_eq!(report.count(Fate::Previewed), ORDERS, "{report:?}");
    assert_eq!(desk.orders.state().len(), 0);
    assert_eq!(desk.office.field("Contract b", "Mrr").to_string(), "70");
    desk.office.written();
    desk.run().await;
    assert!(desk.office.written().is_empty(), "the same figures are not written twice");
    desk.office.contracts[1].rows[0].quantity = 8;
    desk.run().await;
    assert_eq!(desk.office.written(), ["Contract b"]);
    assert_eq!(desk.office.field("Contract b", "Mrr").to_string(), "80");
    assert_eq!(desk.orders.created.lock().unwrap().len(), 0);
}

/// Makes the ledger know the account as one that was taken over.
async fn unlearn_account(desk: &Desk) {
    let wish = Wish { mapping: "accounts".into(), resource: "account".into(), key: "acme".into() };
    let entry = desk.book.of_wishes(&[wish]).await.unwrap().remove(0);
    let taken_over = Entry { result: r#"{"Name":"Acme"}"#.into(), ..entry };
    desk.book.settle(&[Settlement::Holds(taken_over)]).await.unwrap();
}

#[tokio::test]
async fn a_field_that_was_never_answered_is_asked_for_when_an_order_needs_it() {
    // The account was taken over: nobody ever answered its number to us.
    let desk = Desk::new(contracts()).await;
    unlearn_account(&desk).await;
    let report = desk.run().await;
    assert_eq!(report.count(Fate::Sent), ORDERS, "{report:?}");
    // A target that cannot tell it holds the orders back, each with the field that is missing.
    let desk = Desk::new(contracts()).await;
    desk.orders.accounts.lock().unwrap().clear();
    unlearn_account(&desk).await;
    let (footer, changes) = desk.plan().await;
    assert_eq!(footer.totals.count(Kind::Blocked), ORDERS);
    assert_eq!(trouble(&changes[0]).rule, "answer-lacks-field");
}
