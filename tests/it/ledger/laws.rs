//! What every ledger does, whatever it keeps its entries in.

use std::{collections::BTreeMap, sync::Arc};

use crosswalk::{
    connector::{Identity, Marks},
    ledger::{
        Action, Entry, Intent, IntentVerb, Ledger, LedgerError, PastRun, RunId, Settlement, Wish,
        memory::Memory, sqlite::Sqlite,
    },
};
use tokio::task::JoinSet;

use super::{Folder, action, at_version, digest, entries, entry, intent, product, run, wish};

/// Holds each law against each store.
macro_rules! laws {
    ($($law:ident),* $(,)?) => {
        mod in_memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $law() {
                super::$law(super::Arc::new(super::Memory::new())).await;
            })*
        }

        mod in_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $law() {
                let folder = super::Folder::new();
                let ledger = super::Sqlite::open(folder.ledger()).unwrap();
                super::$law(super::Arc::new(ledger)).await;
            })*
        }
    };
}

laws![
    a_settled_intent_becomes_an_entry,
    a_settlement_counts_the_version_up,
    everything_reads_back_as_it_was_written,
    refuses_an_intent_from_a_stale_version,
    refuses_a_second_intent_for_a_wish,
    a_refused_batch_leaves_nothing_behind,
    a_dropped_intent_leaves_the_entry_as_it_was,
    a_wish_without_an_intent_can_be_settled,
    settlements_of_one_wish_take_effect_in_their_order,
    unsettled_intents_come_in_the_order_of_recording,
    finds_entries_by_record_and_by_wish,
    finds_actions_by_sequence_in_the_order_of_their_effect,
    finds_what_is_owed_until_it_is_written,
    pages_follow_the_order_of_wishes,
    another_org_or_tenant_is_refused,
    a_refused_binding_binds_nothing,
    marks_are_replaced_as_a_whole,
    runs_are_numbered_and_remembered,
    renaming_moves_entries_intents_and_marks,
    renaming_keeps_actions_in_their_order,
    renaming_onto_a_known_name_is_refused,
    of_many_callers_one_gets_the_wish,
    a_refusal_does_not_touch_its_neighbours,
    nothing_asked_is_nothing_done,
    a_call_happens_though_nobody_waits_for_it,
];

fn holds(wish: Wish, said: &str) -> Settlement {
    Settlement::Holds(entry(wish, said))
}

async fn a_settled_intent_becomes_an_entry(ledger: Arc<dyn Ledger>) {
    let wished = [intent(product("a"), None)];
    ledger.intend(&wished).await.unwrap();
    assert_eq!(ledger.unsettled("catalog").await.unwrap(), wished);
    assert_eq!(entries(&*ledger, "catalog").await, []);

    ledger.settle(&[holds(product("a"), "one")]).await.unwrap();
    assert_eq!(ledger.unsettled("catalog").await.unwrap(), []);
    assert_eq!(entries(&*ledger, "catalog").await, [at_version(1, entry(product("a"), "one"))]);
}

async fn a_settlement_counts_the_version_up(ledger: Arc<dyn Ledger>) {
    for (from, said) in [(None, "one"), (Some(1), "two"), (Some(2), "three")] {
        ledger.intend(&[intent(product("a"), from)]).await.unwrap();
        let given = at_version(99, entry(product("a"), said));
        ledger.settle(&[Settlement::Holds(given)]).await.unwrap();
    }
    assert_eq!(entries(&*ledger, "catalog").await, [at_version(3, entry(product("a"), "three"))]);
}

async fn everything_reads_back_as_it_was_written(ledger: Arc<dyn Ledger>) {
    let odd = "é\0'\"\\ \u{1f4b6}";
    let full = Entry {
        wish: wish(odd, odd, odd),
        record: odd.into(),
        object: odd.into(),
        target_id: odd.into(),
        parent: Some(odd.into()),
        version: 1,
        digests: BTreeMap::from([(odd.into(), digest("x")), (String::new(), digest("y"))]),
        retired: true,
        result: r#"{"TCV":1.10}"#.into(),
        action: Some(Action { kind: odd.into(), ..*action(odd, &[odd, ""]) }.into()),
    };
    ledger.settle(&[Settlement::Holds(full.clone())]).await.unwrap();
    assert_eq!(entries(&*ledger, odd).await, [full]);

    for (verb, key) in [(IntentVerb::Create, "c"), (IntentVerb::Retire, "r")] {
        let kept = Intent {
            verb,
            parent: None,
            target_id: Some(odd.into()),
            lookup: vec![(odd.into(), odd.into()), ("A".into(), String::new())],
            action: Some(action(odd, &[odd])),
            ..intent(wish(key, odd, odd), None)
        };
        ledger.intend(std::slice::from_ref(&kept)).await.unwrap();
        assert_eq!(ledger.unsettled(key).await.unwrap(), [kept]);
    }
}

async fn refuses_an_intent_from_a_stale_version(ledger: Arc<dyn Ledger>) {
    ledger.settle(&[holds(product("a"), "one"), holds(product("a"), "two")]).await.unwrap();
    for (key, from) in [("a", None), ("a", Some(1)), ("a", Some(3)), ("b", Some(1))] {
        let refusal = ledger.intend(&[intent(product(key), from)]).await.unwrap_err();
        let LedgerError::Stale { wish, said } = refusal else { panic!("{refusal}") };
        assert_eq!(wish, format!("catalog.product {key}"));
        assert!(said.contains("then"), "{said}");
    }
    ledger.intend(&[intent(product("a"), Some(2))]).await.unwrap();
}

async fn refuses_a_second_intent_for_a_wish(ledger: Arc<dyn Ledger>) {
    ledger.intend(&[intent(product("a"), None)]).await.unwrap();
    for again in [vec!["a"], vec!["b", "b"]] {
        let again: Vec<Intent> = again.into_iter().map(|key| intent(product(key), None)).collect();
        let refusal = ledger.intend(&again).await.unwrap_err();
        assert!(matches!(refusal, LedgerError::Stale { .. }), "{refusal}");
    }
    assert_eq!(ledger.unsettled("catalog").await.unwrap(), [intent(product("a"), None)]);
}

async fn a_refused_batch_leaves_nothing_behind(ledger: Arc<dyn Ledger>) {
    let batch = [intent(product("a"), None), intent(product("b"), Some(4))];
    ledger.intend(&batch).await.unwrap_err();
    assert_eq!(ledger.unsettled("catalog").await.unwrap(), []);
}

async fn a_dropped_intent_leaves_the_entry_as_it_was(ledger: Arc<dyn Ledger>) {
    ledger.settle(&[holds(product("a"), "one")]).await.unwrap();
    let batch = [intent(product("a"), Some(1)), intent(product("b"), None)];
    ledger.intend(&batch).await.unwrap();
    let dropped = ["a", "b", "never"].map(|key| Settlement::Dropped(product(key)));
    ledger.settle(&dropped).await.unwrap();
    assert_eq!(entries(&*ledger, "catalog").await, [at_version(1, entry(product("a"), "one"))]);
    assert_eq!(ledger.unsettled("catalog").await.unwrap(), []);
    ledger.intend(&batch).await.unwrap();
}

async fn a_wish_without_an_intent_can_be_settled(ledger: Arc<dyn Ledger>) {
    ledger.settle(&[holds(product("a"), "adopted")]).await.unwrap();
    assert_eq!(entries(&*ledger, "catalog").await, [at_version(1, entry(product("a"), "adopted"))]);
}

async fn settlements_of_one_wish_take_effect_in_their_order(ledger: Arc<dyn Ledger>) {
    ledger.settle(&[holds(product("a"), "one"), holds(product("a"), "two")]).await.unwrap();
    assert_eq!(entries(&*ledger, "catalog").await, [at_version(2, entry(product("a"), "two"))]);
}

async fn unsettled_intents_come_in_the_order_of_recording(ledger: Arc<dyn Ledger>) {
    let recorded = ["m", "a", "z", "b"].map(|key| intent(product(key), None));
    ledger.intend(&recorded[..2]).await.unwrap();
    ledger.intend(&recorded[2..]).await.unwrap();
    ledger.settle(&[Settlement::Dropped(product("a"))]).await.unwrap();
    ledger.intend(&[intent(product("a"), None)]).await.unwrap();
    ledger.intend(&[intent(wish("other", "product", "a"), None)]).await.unwrap();
    let unsettled = ledger.unsettled("catalog").await.unwrap();
    let order: Vec<&str> = unsettled.iter().map(|intent| intent.wish.key.as_str()).collect();
    assert_eq!(order, ["m", "z", "b", "a"]);
}

async fn finds_entries_by_record_and_by_wish(ledger: Arc<dyn Ledger>) {
    let of = |record: &str, resource: &str, key: &str, retired: bool| Entry {
        record: record.into(),
        retired,
        version: 1,
        ..entry(wish("catalog", resource, key), key)
    };
    let kept = [
        of("r1", "charge", "c", true),
        of("r2", "charge", "d", false),
        of("r1", "plan", "p", true),
    ];
    let other = Entry { record: "r1".into(), ..entry(wish("other", "plan", "p"), "other") };
    let all = kept.iter().rev().cloned().chain([other]);
    ledger.settle(&all.map(Settlement::Holds).collect::<Vec<_>>()).await.unwrap();

    let records = ["r1", "none", "r1"].map(str::to_owned);
    let found = ledger.of_records("catalog", &records).await.unwrap();
    assert_eq!(found, [kept[0].clone(), kept[2].clone()]);

    let wishes = [&kept[2], &kept[1], &kept[2]].map(|entry| entry.wish.clone());
    let missing = wish("catalog", "charge", "none");
    let wishes: Vec<Wish> = wishes.into_iter().chain([missing]).collect();
    let found = ledger.of_wishes(&wishes).await.unwrap();
    assert_eq!(found, [kept[1].clone(), kept[2].clone()]);
}

async fn pages_follow_the_order_of_wishes(ledger: Arc<dyn Ledger>) {
    let mut wishes = Vec::new();
    for resource in ["b", "a", "é", "B"] {
        for key in ["2", "10", "", "é", "\0", "Z"] {
            wishes.push(wish("catalog", resource, key));
        }
    }
    for wish in &wishes {
        ledger.settle(&[holds(wish.clone(), "x")]).await.unwrap();
    }
    let strangers = ["catalof", "cataloh"].map(|mapping| wish(mapping, "b", "2"));
    for stranger in &strangers {
        ledger.settle(&[holds(stranger.clone(), "x")]).await.unwrap();
    }
    wishes.sort();

    for limit in [1, 5, 24, 25] {
        let mut seen: Vec<Wish> = Vec::new();
        loop {
            let page = ledger.page("catalog", seen.last(), limit).await.unwrap();
            assert!(page.len() <= limit && seen.len() <= wishes.len());
            if page.is_empty() {
                break;
            }
            seen.extend(page.into_iter().map(|entry| entry.wish));
        }
        assert_eq!(seen, wishes, "by {limit}");
    }
    assert_eq!(ledger.page("catalog", None, 0).await.unwrap(), []);
    assert_eq!(ledger.page("catalog", Some(&strangers[1]), 99).await.unwrap(), []);
    assert_eq!(ledger.page("catalog", Some(&strangers[0]), 99).await.unwrap().len(), 24);
}

fn system(system: &str, id: &str) -> Identity {
    Identity { system: system.into(), id: id.into() }
}

async fn another_org_or_tenant_is_refused(ledger: Arc<dyn Ledger>) {
    let (org, tenant) = (system("salesforce", "00D1"), system("zuora", "t1"));
    ledger.bind(&org, &tenant).await.unwrap();
    ledger.bind(&org, &tenant).await.unwrap();
    // Files beside the org, and the same system on both sides, are ledgers of one house.
    ledger.bind(&system("file", "/in"), &tenant).await.unwrap();
    ledger.bind(&system("file", "/in"), &system("file", "/out")).await.unwrap();

    let elsewhere = |system: &str, bound: &str, asked: &str| LedgerError::Elsewhere {
        system: system.into(),
        bound: bound.into(),
        asked: asked.into(),
    };
    let refusal = ledger.bind(&system("salesforce", "00D2"), &tenant).await.unwrap_err();
    assert_eq!(refusal, elsewhere("salesforce", "00D1", "00D2"));
    let refusal = ledger.bind(&org, &system("zuora", "t2")).await.unwrap_err();
    assert_eq!(refusal, elsewhere("zuora", "t1", "t2"));
}

async fn a_refused_binding_binds_nothing(ledger: Arc<dyn Ledger>) {
    let tenant = system("zuora", "t1");
    ledger.bind(&system("file", "/in"), &tenant).await.unwrap();
    ledger.bind(&system("salesforce", "00D1"), &system("zuora", "t2")).await.unwrap_err();
    ledger.bind(&system("salesforce", "00D2"), &tenant).await.unwrap();
}

async fn marks_are_replaced_as_a_whole(ledger: Arc<dyn Ledger>) {
    let marks = |pairs: &[(&str, &str)]| -> Marks {
        pairs.iter().map(|(relation, mark)| ((*relation).into(), (*mark).into())).collect()
    };
    assert_eq!(ledger.marks("catalog").await.unwrap(), marks(&[]));
    let first = marks(&[("Product2", "1"), ("Tier", "2")]);
    ledger.set_marks("catalog", &first).await.unwrap();
    ledger.set_marks("other", &marks(&[("Contract", "9")])).await.unwrap();
    assert_eq!(ledger.marks("catalog").await.unwrap(), first);
    let second = marks(&[("Product2", "3")]);
    ledger.set_marks("catalog", &second).await.unwrap();
    assert_eq!(ledger.marks("catalog").await.unwrap(), second);
    ledger.set_marks("catalog", &marks(&[])).await.unwrap();
    assert_eq!(ledger.marks("catalog").await.unwrap(), marks(&[]));
    assert_eq!(ledger.marks("other").await.unwrap(), marks(&[("Contract", "9")]));
}

async fn runs_are_numbered_and_remembered(ledger: Arc<dyn Ledger>) {
    assert_eq!(ledger.begin_run(&run("run")).await.unwrap(), RunId(1));
    assert_eq!(ledger.begin_run(&run("apply")).await.unwrap(), RunId(2));
    ledger.end_run(RunId(1), r#"{"read":3}"#).await.unwrap();
    ledger.end_run(RunId(9), "{}").await.unwrap();
    let ended = Some(r#"{"read":3}"#.to_owned());
    let first = PastRun { id: RunId(1), run: run("run"), summary: ended };
    let second = PastRun { id: RunId(2), run: run("apply"), summary: None };
    assert_eq!(ledger.runs(9).await.unwrap(), [second.clone(), first]);
    assert_eq!(ledger.runs(1).await.unwrap(), [second]);
}

async fn renaming_moves_entries_intents_and_marks(ledger: Arc<dyn Ledger>) {
    let marks = Marks::from([("Product2".into(), "1".into())]);
    ledger.settle(&[holds(product("a"), "one")]).await.unwrap();
    ledger.intend(&[intent(product("b"), None), intent(product("a"), Some(1))]).await.unwrap();
    ledger.settle(&[holds(wish("catalog", "plan", "p"), "plan")]).await.unwrap();
    ledger.set_marks("catalog", &marks).await.unwrap();

    // The second round is the line that was left in the file.
    for _ in 0..2 {
        ledger.rename_resource("catalog", "product", "item").await.unwrap();
        ledger.rename_mapping("catalog", "goods").await.unwrap();
    }
    ledger.rename_mapping("goods", "goods").await.unwrap();
    ledger.rename_resource("goods", "item", "item").await.unwrap();

    assert_eq!(entries(&*ledger, "catalog").await, []);
    assert_eq!(ledger.unsettled("catalog").await.unwrap(), []);
    assert_eq!(ledger.marks("catalog").await.unwrap(), Marks::new());
    assert_eq!(ledger.marks("goods").await.unwrap(), marks);
    assert_eq!(
        entries(&*ledger, "goods").await,
        [
            at_version(1, entry(wish("goods", "item", "a"), "one")),
            at_version(1, entry(wish("goods", "plan", "p"), "plan")),
        ]
    );
    assert_eq!(
        ledger.unsettled("goods").await.unwrap(),
        [intent(wish("goods", "item", "b"), None), intent(wish("goods", "item", "a"), Some(1)),]
    );
    let refusal = ledger.intend(&[intent(wish("goods", "item", "b"), None)]).await.unwrap_err();
    assert!(matches!(refusal, LedgerError::Stale { .. }), "{refusal}");
}

async fn renaming_onto_a_known_name_is_refused(ledger: Arc<dyn Ledger>) {
    let taken = |was: &str, is: &str| LedgerError::Taken { was: was.into(), is: is.into() };
    ledger.settle(&[holds(product("a"), "one")]).await.unwrap();
    ledger.intend(&[intent(wish("catalog", "plan", "p"), None)]).await.unwrap();
    ledger.set_marks("other", &Marks::from([("R".into(), "1".into())])).await.unwrap();
    let refusal = ledger.rename_resource("catalog", "product", "plan").await.unwrap_err();
    assert_eq!(refusal, taken("product", "plan"));
    let refusal = ledger.rename_mapping("catalog", "other").await.unwrap_err();
    assert_eq!(refusal, taken("catalog", "other"));
    assert_eq!(entries(&*ledger, "catalog").await.len(), 1);
}

/// Runs a call once per number, all at the same time.
async fn at_once<F, C>(ledger: &Arc<dyn Ledger>, callers: usize, call: F) -> Vec<bool>
where
    F: Fn(Arc<dyn Ledger>, usize) -> C,
    C: Future<Output = Result<(), LedgerError>> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for number in 0..callers {
        tasks.spawn(call(Arc::clone(ledger), number));
    }
    tasks.join_all().await.into_iter().map(|answer| answer.is_ok()).collect()
}

async fn of_many_callers_one_gets_the_wish(ledger: Arc<dyn Ledger>) {
    let answers = at_once(&ledger, 40, |ledger, _| async move {
        ledger.intend(&[intent(product("a"), None)]).await
    });
    assert_eq!(answers.await.into_iter().filter(|won| *won).count(), 1);
    assert_eq!(ledger.unsettled("catalog").await.unwrap().len(), 1);
}

async fn a_refusal_does_not_touch_its_neighbours(ledger: Arc<dyn Ledger>) {
    // Every third call asks for two wishes and is refused at the second.
    let answers = at_once(&ledger, 60, |ledger, number| async move {
        let from = (number % 3 == 0).then_some(1);
        let keys = [format!("{number} first"), format!("{number} second")];
        ledger.intend(&[intent(product(&keys[0]), None), intent(product(&keys[1]), from)]).await
    });
    assert_eq!(answers.await.into_iter().filter(|kept| *kept).count(), 40);
    let unsettled = ledger.unsettled("catalog").await.unwrap();
    assert_eq!(unsettled.len(), 80);
    for intent in unsettled {
        let (number, _) = intent.wish.key.split_once(' ').unwrap();
        assert_ne!(number.parse::<u32>().unwrap() % 3, 0);
    }
}

async fn nothing_asked_is_nothing_done(ledger: Arc<dyn Ledger>) {
    ledger.intend(&[]).await.unwrap();
    ledger.settle(&[]).await.unwrap();
    assert_eq!(ledger.of_records("catalog", &[]).await.unwrap(), []);
    assert_eq!(ledger.of_wishes(&[]).await.unwrap(), []);
    assert_eq!(ledger.runs(9).await.unwrap(), []);
}

async fn a_call_happens_though_nobody_waits_for_it(ledger: Arc<dyn Ledger>) {
    let wished = [intent(product("a"), None)];
    tokio::select! {
        biased;
        _ = ledger.intend(&wished) => {}
        () = std::future::ready(()) => {}
    }
    // Changes happen in the order in which they were asked for.
    ledger.settle(&[]).await.unwrap();
    assert_eq!(ledger.unsettled("catalog").await.unwrap(), wished);
}

/// An action that took effect.
fn acted(key: &str, sequence: &str, owed: &[&str]) -> Entry {
    let wish = wish("contracts", "action", key);
    Entry { action: Some(action(sequence, owed)), ..entry(wish, key) }
}

async fn keys_of_sequences(ledger: &dyn Ledger, mapping: &str, sequences: &[&str]) -> Vec<String> {
    let sequences: Vec<String> = sequences.iter().map(ToString::to_string).collect();
    let entries = ledger.of_sequences(mapping, &sequences).await.unwrap();
    entries.into_iter().map(|entry| entry.wish.key).collect()
}

async fn keys_of_owing(ledger: &dyn Ledger, after: Option<&Wish>, limit: usize) -> Vec<String> {
    let entries = ledger.owing("contracts", after, limit).await.unwrap();
    entries.into_iter().map(|entry| entry.wish.key).collect()
}

async fn finds_actions_by_sequence_in_the_order_of_their_effect(ledger: Arc<dyn Ledger>) {
    ledger.settle(&[holds(wish("contracts", "write_back", "x"), "no action")]).await.unwrap();
    for (key, sequence) in [("z", "S1"), ("m", "S2"), ("a", "S1"), ("b", "S2"), ("c", "S1")] {
        ledger.settle(&[Settlement::Holds(acted(key, sequence, &["F"]))]).await.unwrap();
    }
    assert_eq!(keys_of_sequences(&*ledger, "contracts", &["S1"]).await, ["z", "a", "c"]);
    // What is settled again keeps its place.
    ledger.settle(&[Settlement::Holds(acted("z", "S1", &[]))]).await.unwrap();
    let both = keys_of_sequences(&*ledger, "contracts", &["S2", "S1", "S1", "S3"]).await;
    assert_eq!(both, ["z", "m", "a", "b", "c"]);
    assert_eq!(keys_of_sequences(&*ledger, "other", &["S1"]).await, [""; 0]);
    // One that moves to another sequence is found there.
    ledger.settle(&[Settlement::Holds(acted("a", "S2", &[]))]).await.unwrap();
    assert_eq!(keys_of_sequences(&*ledger, "contracts", &["S2"]).await, ["m", "a", "b"]);
}

async fn finds_what_is_owed_until_it_is_written(ledger: Arc<dyn Ledger>) {
    for key in ["c", "a", "b"] {
        ledger.settle(&[Settlement::Holds(acted(key, "S", &["F", "G"]))]).await.unwrap();
    }
    assert_eq!(keys_of_owing(&*ledger, None, 9).await, ["a", "b", "c"]);
    assert_eq!(keys_of_owing(&*ledger, None, 2).await, ["a", "b"]);
    let after = wish("contracts", "action", "a");
    assert_eq!(keys_of_owing(&*ledger, Some(&after), 9).await, ["b", "c"]);
    ledger.settle(&[Settlement::Holds(acted("b", "S", &[]))]).await.unwrap();
    ledger.settle(&[Settlement::Holds(acted("c", "S", &["G"]))]).await.unwrap();
    assert_eq!(keys_of_owing(&*ledger, None, 9).await, ["a", "c"]);
    assert_eq!(keys_of_owing(&*ledger, Some(&product("z")), 9).await, ["a", "c"]);
    assert_eq!(ledger.owing("other", None, 9).await.unwrap(), []);
}

async fn renaming_keeps_actions_in_their_order(ledger: Arc<dyn Ledger>) {
    for key in ["z", "a"] {
        ledger.settle(&[Settlement::Holds(acted(key, "S", &["F"]))]).await.unwrap();
    }
    ledger.rename_mapping("contracts", "subscriptions").await.unwrap();
    assert_eq!(keys_of_sequences(&*ledger, "subscriptions", &["S"]).await, ["z", "a"]);
    assert_eq!(keys_of_owing(&*ledger, None, 9).await, [""; 0]);
    assert_eq!(ledger.owing("subscriptions", None, 9).await.unwrap().len(), 2);
}
