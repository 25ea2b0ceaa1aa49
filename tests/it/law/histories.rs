//! Laws over random sources and histories.

use crosswalk::{
    connector::{Class, Target},
    ledger::{Ledger, memory::Memory},
    plan::Kind,
};
use proptest::{collection::vec, option, prelude::*};

use super::{
    bench::Bench,
    crash::{Crash, Kill, Mortal},
    shop::{Charge, Plan, Product, State},
    till::Tricked,
};

fn charges() -> impl Strategy<Value = Vec<Charge>> {
    let one = (0..3_u8, prop_oneof![Just("Flat"), Just("Tiered")], 1..4_u32);
    vec(one, 0..3).prop_map(|charges| {
        let charge = |(name, model, price): (u8, &str, u32)| Charge {
            name: format!("Fee {name}"),
            model: model.into(),
            tiers: vec![("USD".into(), 0, price), ("EUR".into(), 0, price)],
        };
        let mut charges: Vec<_> = charges.into_iter().map(charge).collect();
        charges.sort_by(|a, b| a.name.cmp(&b.name));
        charges.dedup_by(|a, b| a.name == b.name);
        charges
    })
}

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let currencies = Just(vec!["USD", "EUR", "GBP"]).prop_shuffle();
    let currencies = (currencies, 0..4_usize).prop_map(|(all, count)| all[..count.min(3)].to_vec());
    vec((0..3_u8, 0..3_u8, charges(), currencies), 0..3).prop_map(|plans| {
        let plan = |(id, name, charges, currencies): (u8, u8, Vec<Charge>, Vec<&str>)| Plan {
            id: format!("plan-{id}"),
            name: format!("Plan {name}"),
            charges,
            currencies: currencies.into_iter().map(ToOwned::to_owned).collect(),
        };
        let mut plans: Vec<_> = plans.into_iter().map(plan).collect();
        plans.sort_by(|a, b| a.id.cmp(&b.id));
        plans.dedup_by(|a, b| a.id == b.id);
        plans
    })
}

/// Products with ids that are their own; names that sometimes collide, references that sometimes
/// lead nowhere or in circles.
fn products() -> impl Strategy<Value = Vec<Product>> {
    let state = prop_oneof![6 => Just(State::Sold), 1 => Just(State::NotSold),
        1 => Just(State::Broken)];
    let named = (0..6_u8, 0..9_u8, option::of(0..3_u8), option::weighted(0.15, 0..2_u8));
    let one = (named, state, option::weighted(0.3, 0..6_u8), plans());
    let one = one.prop_map(|((id, name, sku, key), state, replaces, plans)| Product {
        id: format!("p{id}"),
        name: format!("Product {name}"),
        sku: sku.map(|sku| format!("SKU-{id}-{sku}")),
        state,
        replaces: replaces.map(|other| format!("p{other}")),
        plans,
        key: key.map(|key| format!("shared-{key}")),
    });
    vec(one, 0..6).prop_map(|products| {
        let mut seen = std::collections::BTreeSet::new();
        products.into_iter().filter(|product| seen.insert(product.id.clone())).collect()
    })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn planning_again_gives_only_no_ops(history in vec(products(), 1..4)) {
        block_on(async {
            let mut bench = Bench::new(Vec::new());
            for products in history {
                bench.shop.products = products;
                let report = bench.run().await.unwrap();
                report.check().unwrap();
                prop_assert_eq!(report.count(crosswalk::apply::Fate::Failed), 0, "{:?}", report);
                let (footer, changes) = bench.plan().await;
                let totals = footer.totals;
                totals.check().unwrap();
                prop_assert_eq!(totals.writes, 0, "{:?}", changes);
                for kind in [Kind::Created, Kind::Updated, Kind::Adopted, Kind::Retired] {
                    prop_assert_eq!(totals.count(kind), 0, "{:?} {:?}", kind, changes);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_lost_ledger_is_found_again_without_a_write(products in products()) {
        block_on(async {
            let mut bench = Bench::new(products);
            bench.run().await.unwrap();
            let (before, writes) = (bench.till.state(), bench.till.writes());
            let known = bench.entries().await.len();
            bench.book = Memory::new();
            bench.run().await.unwrap();
            prop_assert_eq!(bench.till.writes(), writes);
            prop_assert_eq!(bench.till.state(), before);
            prop_assert_eq!(bench.entries().await.len(), known);
            Ok(())
        })?;
    }

    #[test]
    fn a_killed_run_is_finished_by_the_next(
        first in products(), second in products(), at in 0..120_usize, after in any::<bool>(),
    ) {
        block_on(async {
            let mut undisturbed = Bench::new(first.clone());
            undisturbed.run().await.unwrap();
            undisturbed.shop.products = second.clone();
            undisturbed.run().await.unwrap();

            let mut bench = Bench::new(first);
            bench.run().await.unwrap();
            bench.shop.products = second;
            killed_run(&bench, Kill { at, after }).await;
            bench.run().await.unwrap();
            prop_assert_eq!(bench.till.shape(), undisturbed.till.shape());
            prop_assert!(bench.intents().await.is_empty());
            let (footer, changes) = bench.plan().await;
            prop_assert_eq!(footer.totals.writes, 0, "{:?}", changes);
            Ok(())
        })?;
    }

    #[test]
    fn what_goes_wrong_in_one_run_is_made_good_by_the_next(
        products in products(), faults in vec(0..8_u8, 40),
    ) {
        block_on(async {
            let undisturbed = Bench::new(products.clone());
            undisturbed.run().await.unwrap();
            let mut bench = Bench::new(products);
            bench.till.trick = Some(Box::new(move |call, _| match faults.get(call % 40) {
                Some(0) => Some(Tricked::Before(Class::UnknownFate)),
                Some(1) => Some(Tricked::After(Class::UnknownFate)),
                Some(2) => Some(Tricked::Before(Class::Wait)),
                Some(3) => Some(Tricked::Refused { passing: true }),
                Some(4) => Some(Tricked::Refused { passing: false }),
                Some(5) => Some(Tricked::Before(Class::Broken)),
                _ => None,
            }));
            bench.run().await.unwrap().check().unwrap();
            bench.till.trick = None;
            bench.run().await.unwrap();
            prop_assert_eq!(bench.till.shape(), undisturbed.till.shape());
            let (footer, changes) = bench.plan().await;
            prop_assert_eq!(footer.totals.writes, 0, "{:?}", changes);
            Ok(())
        })?;
    }
}

/// Runs until the process dies, or to the end where it has fewer calls.
pub(super) async fn killed_run(bench: &Bench, kill: Kill) -> bool {
    killed_run_on(bench, &bench.book, kill).await
}

/// The same over any ledger.
pub(super) async fn killed_run_on(bench: &Bench, ledger: &dyn Ledger, kill: Kill) -> bool {
    let crash = Crash::new(kill);
    let target: Mortal<'_, dyn Target> = Mortal { inner: &bench.till, crash: &crash };
    let ledger: Mortal<'_, dyn Ledger + '_> = Mortal { inner: ledger, crash: &crash };
    tokio::select! {
        biased;
        () = crash.died.notified() => true,
        ended = bench.run_on(&target, &ledger) => { ended.unwrap(); false }
    }
}
