//! What becomes of a plan, whatever the target and the ledger do.

use std::{collections::BTreeSet, sync::Mutex};

use crosswalk::{
    apply::{ApplyError, Fate, Fits, Stopped},
    connector::Class,
    ledger::{Ledger as _, LedgerError, sqlite::Sqlite},
    plan::{Kind, PlanError},
    value::FingerprintOf,
};

use super::{
    bench::Bench,
    crash::{Filling, Kill},
    histories,
    planning::trouble,
    shop::{self, product},
    till, two_products,
};

#[tokio::test]
async fn a_run_killed_at_any_call_is_finished_by_the_next() {
    let undisturbed = Bench::new(two_products());
    undisturbed.run().await.unwrap();
    for after in [false, true] {
        for at in 0.. {
            let bench = Bench::new(two_products());
            let died = histories::killed_run(&bench, Kill { at, after }).await;
            bench.run().await.unwrap();
            assert_eq!(bench.till.shape(), undisturbed.till.shape(), "{at} {after}");
            let (footer, changes) = bench.plan().await;
            assert_eq!(footer.totals.count(Kind::Unchanged), 7, "{at} {after} {changes:?}");
            if !died {
                assert!(at > 20, "only {at} calls");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_killed_run_is_finished_over_a_ledger_on_disk() {
    let undisturbed = Bench::new(two_products());
    undisturbed.run().await.unwrap();
    // Steps of seven: every sync takes its time, and each call is killed over memory above.
    for at in (0..).step_by(7) {
        let bench = Bench::new(two_products());
        let place = bench.file.with_extension("folder");
        let ledger = Sqlite::open(place.join("ledger")).unwrap();
        let died = histories::killed_run_on(&bench, &ledger, Kill { at, after: false }).await;
        drop(ledger);
        let ledger = Sqlite::open(place.join("ledger")).unwrap();
        bench.run_on(&bench.till, &ledger).await.unwrap();
        assert_eq!(bench.till.shape(), undisturbed.till.shape(), "{at}");
        let report = bench.run_on(&bench.till, &ledger).await.unwrap();
        assert_eq!((report.count(Fate::Unchanged), report.planned.writes), (7, 0), "{at}");
        drop(ledger);
        std::fs::remove_dir_all(place).unwrap();
        if !died {
            break;
        }
    }
}

#[tokio::test]
async fn lost_answers_are_looked_up_before_anything_is_sent_again() {
    for took_effect in [false, true] {
        let mut bench = Bench::new(two_products());
        let lost = Mutex::new(BTreeSet::new());
        bench.till.trick = Some(Box::new(move |_, batch| {
            let first = lost.lock().unwrap().insert(batch[0].body.clone());
            let class = Class::UnknownFate;
            let tricked = if took_effect {
                till::Tricked::After(class)
            } else {
                till::Tricked::Before(class)
            };
            first.then_some(tricked)
        }));
        let report = bench.run().await.unwrap();
        assert_eq!(report.count(Fate::Created), 7, "{report:?}");
        assert_eq!(bench.till.state().len(), 7);
        bench.till.trick = None;
        let (footer, changes) = bench.plan().await;
        assert_eq!(footer.totals.count(Kind::Unchanged), 7, "{changes:?}");
    }
}

#[tokio::test]
async fn a_write_that_is_lost_twice_stays_in_doubt_and_is_never_sent_blindly() {
    let mut bench = Bench::new(vec![product("p1", "Server")]);
    bench.till.trick = Some(Box::new(|_, _| Some(till::Tricked::Before(Class::UnknownFate))));
    let report = bench.run().await.unwrap();
    assert_eq!(report.count(Fate::InDoubt), 1);
    assert_eq!(bench.till.writes(), 2);
    let (_, changes) = bench.plan().await;
    assert_eq!(trouble(&changes, r#"["p1"]"#).rule, "in-doubt");
    bench.till.trick = None;
    let report = bench.run().await.unwrap();
    assert_eq!((report.recovered.dropped, report.count(Fate::Created)), (1, 1));
}

#[tokio::test]
async fn passing_refusals_are_tried_again_and_lasting_ones_block_what_needs_them() {
    let mut bench = Bench::new(two_products());
    bench.till.trick =
        Some(Box::new(|call, _| (call <= 2).then_some(till::Tricked::Refused { passing: true })));
    let report = bench.run().await.unwrap();
    assert_eq!(report.count(Fate::Created), 7);
    assert!(!bench.clock.0.lock().unwrap().is_empty());

    let mut bench = Bench::new(two_products());
    bench.till.trick = Some(Box::new(|_, batch| {
        let is_plan = batch.iter().any(|write| write.object == "ProductRatePlan");
        is_plan.then_some(till::Tricked::Refused { passing: false })
    }));
    let report = bench.run().await.unwrap();
    let counts = [Fate::Created, Fate::Failed, Fate::Blocked].map(|fate| report.count(fate));
    assert_eq!(counts, [2, 2, 3]);
    let failed = report.failures.iter().find(|failure| failure.fate == Fate::Failed).unwrap();
    assert_eq!((failed.code.as_str(), failed.said.as_str()), ("E1", "no"));
    assert!(bench.intents().await.is_empty());
    assert!(bench.book.marks("catalog").await.unwrap().is_empty(), "marks stay behind what failed");
}

#[tokio::test]
async fn a_call_that_waits_for_ever_fails_and_a_wrong_sign_in_ends_the_run() {
    let mut bench = Bench::new(two_products());
    bench.till.trick = Some(Box::new(|_, _| Some(till::Tricked::Before(Class::Wait))));
    let report = bench.run().await.unwrap();
    assert_eq!((report.count(Fate::Failed), report.count(Fate::Blocked)), (2, 5));

    let mut bench = Bench::new(two_products());
    bench.till.trick = Some(Box::new(|_, _| Some(till::Tricked::Before(Class::SignIn))));
    let Err(Stopped { cause: ApplyError::Call(cause), report }) = bench.run().await else {
        panic!("it went on")
    };
    assert_eq!(cause.class, Class::SignIn);
    let report = report.unwrap();
    report.check().unwrap();
    assert_eq!(report.count(Fate::Unreached), 5);
    assert!(bench.intents().await.is_empty());
}

#[tokio::test]
async fn an_object_that_is_gone_is_made_again_with_what_lies_within() {
    for at in 0.. {
        let mut bench = Bench::new(two_products());
        bench.run().await.unwrap();
        // The first product is deleted with its plan and its charges.
        let kept = |object: &till::Object| object.fields["sfdcId"] == "p2";
        let second = |object: &till::Object| object.fields["sfdcId"] == "b";
        bench.till.objects.lock().unwrap().retain(|_, object| {
            let fields = &object.fields;
            fields.contains_key("sfdcId") && (kept(object) || second(object))
        });
        bench.shop.products[0].name = "Server 2".into();
        let died = histories::killed_run(&bench, Kill { at, after: true }).await;
        let report = bench.run().await.unwrap();
        assert_eq!(report.count(Fate::Failed), 0, "{report:?}");
        let names = bench.till.shape().join("\n");
        assert_eq!(names.matches("\"p1\"/\"a\"/").count(), 2, "{at} {names}");
        if !died {
            break;
        }
    }
}

#[tokio::test]
async fn a_saved_plan_is_refused_where_it_does_not_fit_and_where_it_is_cut() {
    let bench = Bench::new(two_products());
    bench.plan().await;
    let program = shop::head().digest;
    let other = FingerprintOf::kind("program").text("2").end();
    let apply = async |program| {
        bench
            .with(&bench.till, &bench.book, async |world, asked| {
                let fits = Fits { mapping: "catalog", program };
                crosswalk::apply::apply(world, asked.file, &fits).await
            })
            .await
    };
    let refused = |result: Result<_, Stopped>| match result {
        Err(Stopped { cause: ApplyError::Plan(fault), .. }) => fault,
        _ => panic!("it was applied"),
    };
    let fault = refused(apply(other).await);
    assert!(matches!(fault, PlanError::Elsewhere { what: "program", .. }), "{fault}");

    let whole = std::fs::read_to_string(&bench.file).unwrap();
    let lines: Vec<_> = whole.lines().collect();
    std::fs::write(&bench.file, lines[..lines.len() - 1].join("\n")).unwrap();
    assert!(matches!(refused(apply(program).await), PlanError::Cut { .. }));
    std::fs::write(&bench.file, &whole[..whole.len() - 20]).unwrap();
    assert!(matches!(refused(apply(program).await), PlanError::Format { .. }));
    assert_eq!(bench.till.writes(), 0);

    std::fs::write(&bench.file, &whole).unwrap();
    let report = apply(program).await.unwrap();
    assert_eq!(report.count(Fate::Created), 7);
    let again = apply(program).await.unwrap();
    assert_eq!((again.count(Fate::Failed), again.count(Fate::Blocked)), (2, 5), "{again:?}");
    assert_eq!(again.failures[0].code, "stale");
    assert_eq!(bench.till.state().len(), 7);
}

#[tokio::test]
async fn a_ledger_that_is_full_stops_the_run_and_the_next_one_finishes_it() {
    let undisturbed = Bench::new(two_products());
    undisturbed.run().await.unwrap();
    for room in 0.. {
        let bench = Bench::new(two_products());
        let ledger = Filling { inner: &bench.book, room: room.into() };
        let result = bench.run_on(&bench.till, &ledger).await;
        let finished = result.is_ok();
        if let Err(Stopped { cause, report }) = result {
            let full = matches!(cause, ApplyError::Ledger(LedgerError::Full { .. }));
            assert!(full, "{room} {cause}");
            report.unwrap().check().unwrap();
        }
        bench.run().await.unwrap();
        assert_eq!(bench.till.shape(), undisturbed.till.shape(), "{room}");
        assert_eq!(bench.till.state().len(), 7);
        if finished {
            assert!(room > 6, "{room}");
            break;
        }
    }
}

#[tokio::test]
async fn a_saved_plan_does_not_overwrite_what_the_ledger_learned_since() {
    let mut bench = Bench::new(vec![product("p1", "A")]);
    bench.run().await.unwrap();
    bench.shop.products[0].state = shop::State::NotSold;
    bench.plan().await;
    let saved = std::fs::read_to_string(&bench.file).unwrap();
    bench.shop.products[0].state = shop::State::Sold;
    bench.shop.products[0].name = "B".into();
    bench.run().await.unwrap();
    std::fs::write(&bench.file, saved).unwrap();
    let fits = Fits { mapping: "catalog", program: shop::head().digest };
    let report = bench
        .with(&bench.till, &bench.book, async |world, asked| {
            crosswalk::apply::apply(world, asked.file, &fits).await.unwrap()
        })
        .await;
    assert_eq!((report.count(Fate::Failed), report.failures[0].code.as_str()), (1, "stale"));
    let (footer, _) = bench.plan().await;
    assert_eq!(footer.totals.count(Kind::Unchanged), 1);
}
