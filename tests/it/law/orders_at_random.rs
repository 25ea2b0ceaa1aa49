//! Laws of actions over random contracts, histories and misfortunes.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crosswalk::{apply::Fate, connector::Class};
use proptest::{collection::vec, option, prelude::*};

use super::{
    contracts::{Contract, contract, renewal, row},
    crash::Kill,
    desk::Desk,
    office::{Odd, When},
};

/// What happens in one run.
#[derive(Clone, Debug)]
struct Chapter {
    /// Rows that come to contracts: contract, day, quantity.
    rows: Vec<(usize, u8, i64)>,
    /// Contracts that are rejected during this run.
    broken: Vec<usize>,
    kill: Option<(usize, bool)>,
    /// How calls go wrong, one after the other and from the start again; `None` goes right.
    odds: Vec<Option<Odd>>,
    /// How questions fail, in the same way.
    blind: Vec<Option<Class>>,
}

fn odd() -> impl Strategy<Value = Odd> {
    let when = prop_oneof![Just(When::Before), Just(When::After)];
    prop_oneof![
        when.clone().prop_map(|when| Odd::Usual(Class::UnknownFate, when)),
        when.clone().prop_map(|when| Odd::Usual(Class::Broken, when)),
        when.clone().prop_map(|when| Odd::Usual(Class::Wait, when)),
        when.prop_map(|when| Odd::Usual(Class::SignIn, when)),
        (1..119_u64).prop_map(|seconds| Odd::Late(Duration::from_secs(seconds))),
        Just(Odd::Refused),
    ]
}

fn chapter() -> impl Strategy<Value = Chapter> {
    let rows = vec((0..5_usize, 1..5_u8, 1..9_i64), 0..5);
    let broken = vec(0..5_usize, 0..2);
    let kill = option::of((0..90_usize, any::<bool>()));
    let odds = vec(option::of(odd()), 0..6);
    let class = prop_oneof![
        Just(Class::Wait),
        Just(Class::UnknownFate),
        Just(Class::Broken),
        Just(Class::Refused),
        Just(Class::SignIn),
    ];
    let blind = prop_oneof![Just(Vec::new()), vec(option::weighted(0.3, class), 1..30)];
    (rows, broken, kill, odds, blind).prop_map(|(rows, broken, kill, odds, blind)| Chapter {
        rows,
        broken,
        kill,
        odds,
        blind,
    })
}

/// Three contracts, and renewals of two of them.
fn contracts() -> Vec<Contract> {
    let first = |id: &str, month: u8| vec![row(&format!("{id}-0"), &day(month), 1)];
    vec![
        renewal("r0", "a", first("r0", 8)),
        contract("a", first("a", 1)),
        contract("b", first("b", 1)),
        renewal("r1", "b", first("r1", 8)),
        contract("c", first("c", 2)),
    ]
}

fn day(month: u8) -> String {
    format!("2026-{month:02}-01")
}

async fn happen(desk: &mut Desk, number: usize, chapter: &Chapter) {
    for (at, (contract, month, quantity)) in chapter.rows.iter().enumerate() {
        let contract = &mut desk.office.contracts[*contract];
        // What a renewal is amended by comes after it.
        let month = if contract.renews { month + 8 } else { month + 2 };
        let id = format!("{}-{number}-{at}", contract.id);
        contract.rows.push(row(&id, &day(month), *quantity));
    }
    for (at, contract) in desk.office.contracts.iter_mut().enumerate() {
        contract.broken = chapter.broken.contains(&at);
    }
    let odds = chapter.odds.clone();
    desk.orders.trick = Some(Box::new(move |call, _| *odds.get(call % odds.len().max(1))?));
    desk.orders.blind.clone_from(&chapter.blind);
    let (at, after) = chapter.kill.unwrap_or((usize::MAX, false));
    match desk.run_until(&desk.book, Kill { at, after }).await {
        Some(Ok(report)) => report.check().unwrap(),
        // The service does not know us any more, or the plan could not be made; what was begun is
        // found out by the next run.
        Some(Err(stopped)) => assert!(stopped.to_string().starts_with("till: "), "{stopped}"),
        None => {}
    }
}

/// How often each row was ordered.
fn ordered(desk: &Desk) -> BTreeMap<String, usize> {
    let mut rows = BTreeMap::new();
    for order in desk.orders.state().values() {
        for row in order["subscriptions"][0]["rows"].as_array().unwrap() {
            *rows.entry(row.as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    rows
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_row_is_ordered_once_whatever_happens(history in vec(chapter(), 1..5)) {
        block_on(async {
            let mut desk = Desk::new(contracts()).await;
            for (number, chapter) in history.iter().enumerate() {
                happen(&mut desk, number, chapter).await;
                let twice: Vec<_> = ordered(&desk).into_iter().filter(|(_, n)| *n > 1).collect();
                prop_assert!(twice.is_empty(), "{:?} after {:?}", twice, chapter);
            }
            let quiet = Chapter { rows: Vec::new(), broken: Vec::new(), kill: None, odds: Vec::new(), blind: Vec::new() };
            happen(&mut desk, history.len(), &quiet).await;
            let all: BTreeSet<String> = desk
                .office
                .contracts
                .iter()
                .flat_map(|contract| contract.rows.iter().map(|row| row.id.clone()))
                .collect();
            let ordered = ordered(&desk);
            prop_assert_eq!(ordered.keys().cloned().collect::<BTreeSet<_>>(), all);
            prop_assert!(ordered.values().all(|count| *count == 1), "{:?}", ordered);
            let created = desk.orders.created.lock().unwrap().clone();
            prop_assert_eq!(created.len(), desk.orders.state().len(), "an order came about twice");
            let report = desk.run().await;
            prop_assert_eq!(report.planned.drafts.drafts, 0, "{:?}", report);
            prop_assert_eq!(report.count(Fate::Sent), 0);
            Ok(())
        })?;
    }
}
