//! Laws of planning and applying, over a shop, a till and a ledger that keep real state.

mod bench;
mod book;
mod crash;
mod histories;
mod shop;
mod till;

use std::{collections::BTreeSet, sync::Mutex};

use bench::Bench;
use crash::Kill;
use crosswalk::{
    apply::{ApplyError, Fate, Fits, Stopped},
    connector::Class,
    plan::{Change, Decision, Kind, PlanError, Retirement, Trouble},
    value::FingerprintOf,
};
use shop::{charge, plan, product};

fn shown(changes: &[Change]) -> Vec<String> {
    let show = |change: &Change| {
        let fields = match &change.decision {
            Decision::Update(fields) | Decision::AdoptAndUpdate(fields) => fields.clone(),
            _ => Vec::new(),
        };
        let field = |field: &crosswalk::plan::FieldChange| {
            let text = |json: &Option<crosswalk::plan::Json>| {
                json.as_ref().map_or("-".to_owned(), |json| json.text().to_owned())
            };
            format!(" {} {} → {}", field.path, text(&field.old), text(&field.new))
        };
        let fields: String = fields.iter().map(field).collect();
        format!("{:?} {}{fields}", change.decision.kind(), change.wish)
    };
    changes.iter().map(show).collect()
}

fn two_products() -> Vec<shop::Product> {
    let mut first = product("p1", "Server");
    first.plans = vec![plan("a", "Monthly", vec![charge("Fee", 100), charge("Usage", 5)])];
    let mut second = product("p2", "Support");
    second.plans = vec![plan("b", "Monthly", vec![charge("Fee", 10)])];
    vec![first, second]
}

#[tokio::test]
async fn creates_then_nothing_then_updates() {
    let mut bench = Bench::new(two_products());
    let report = bench.run().await.unwrap();
    assert_eq!(report.count(Fate::Created), 7, "{report:?}");
    assert_eq!(bench.till.state().len(), 7);

    let (footer, changes) = bench.plan().await;
    assert_eq!((footer.totals.writes, footer.totals.count(Kind::Unchanged)), (0, 7), "{changes:?}");

    bench.shop.products[0].plans[0].charges[0].tiers[0].2 = 110;
    let (_, changes) = bench.plan().await;
    let changed: Vec<_> =
        shown(&changes).into_iter().filter(|line| !line.starts_with("Unchanged")).collect();
    assert_eq!(
        changed,
        [r#"Updated charge ["p1"]/["a"]/["Fee"] Tiers.Tier[Currency=USD,Start=0].Price 100 → 110"#]
    );
    let writes = bench.till.writes();
    let report = bench.run().await.unwrap();
    assert_eq!((report.count(Fate::Updated), report.count(Fate::Unchanged)), (1, 6));
    assert_eq!(bench.till.writes(), writes + 1);
    assert!(bench.till.shape().iter().any(|line| line.contains("\"Price\":110")));
}

fn trouble<'a>(changes: &'a [Change], key: &str) -> &'a Trouble {
    let change = changes.iter().find(|change| change.wish.key == key).unwrap();
    match &change.decision {
        Decision::Conflict(trouble) | Decision::Blocked(trouble) => trouble,
        other => panic!("{other:?}"),
    }
}

fn kind(changes: &[Change], key: &str) -> Kind {
    changes.iter().find(|change| change.wish.key == key).unwrap().decision.kind()
}

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
    assert!(bench.book.intents.lock().unwrap().is_empty());
    assert!(bench.book.marks.lock().unwrap().is_empty(), "marks stay behind what failed");
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
    assert!(bench.book.intents.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_shared_name_is_a_conflict_of_both_whatever_page_they_are_on() {
    let mut products = two_products();
    products.push(product("p3", "Other"));
    products.push(product("p4", "Server"));
    let bench = Bench::new(products);
    let (footer, changes) = bench.plan().await;
    let found = trouble(&changes, r#"["p1"]"#);
    assert_eq!((found.rule.as_str(), &found.records[..]), ("unique-value", &["p4".to_owned()][..]));
    assert!(found.way_out.contains("catalog.yaml:12:3"), "{}", found.way_out);
    assert_eq!(trouble(&changes, r#"["p4"]"#).records, ["p1"]);
    assert_eq!(trouble(&changes, r#"["p1"]/["a"]"#).rule, "parent-blocked");
    assert_eq!(footer.totals.count(Kind::Created), 4);
    assert_eq!(footer.totals.count(Kind::Conflict), 2);
    let report = bench.run().await.unwrap();
    assert_eq!((report.count(Fate::Failed), bench.till.state().len()), (0, 4));
}

#[tokio::test]
async fn one_key_of_two_records_merges_or_is_a_conflict() {
    let with_key =
        |id: &str, name: &str| shop::Product { key: Some("k".into()), ..product(id, name) };
    let mut bench = Bench::new(vec![with_key("p1", "A"), product("p2", "B"), with_key("p3", "A")]);
    let report = bench.run().await.unwrap();
    assert_eq!((report.count(Fate::Created), report.count(Fate::Merged)), (2, 1));
    bench.shop.products[2].name = "C".into();
    let (_, changes) = bench.plan().await;
    let conflicts = changes.iter().filter(|change| change.decision.kind() == Kind::Conflict);
    assert_eq!(conflicts.count(), 2);
    assert_eq!(trouble(&changes, r#"["k"]"#).records, ["p3"]);
}

#[tokio::test]
async fn what_is_no_longer_wished_for_is_retired_and_comes_back() {
    let mut bench = Bench::new(two_products());
    bench.run().await.unwrap();
    bench.shop.products[0].state = shop::State::NotSold;
    let gone = bench.shop.products.pop().unwrap();
    let (footer, changes) = bench.plan().await;
    let retired: Vec<_> = changes.iter().map(|change| change.wish.to_string()).collect();
    assert_eq!(retired, [r#"product ["p1"]"#, r#"product ["p2"]"#]);
    assert_eq!(footer.totals.drafts.drafts, 2);
    assert_eq!(changes[1].reason, "its record is no longer in the source");
    bench.run().await.unwrap();
    assert_eq!(bench.till.shape().join("\n").matches("\"EndDate\":\"2026-01-31\"").count(), 2);

    bench.shop.products[0].state = shop::State::Sold;
    bench.shop.products.push(gone);
    let report = bench.run().await.unwrap();
    assert_eq!((report.count(Fate::Updated), report.count(Fate::Unchanged)), (2, 5));
    assert!(!bench.till.shape().join("\n").contains("2026-01-31"));
}

#[tokio::test]
async fn a_plan_that_goes_is_expired_a_charge_that_goes_is_kept() {
    let mut bench = Bench::new(two_products());
    bench.run().await.unwrap();
    bench.shop.products[0].plans[0].charges.pop();
    bench.shop.products[1].plans.clear();
    let (_, changes) = bench.plan().await;
    let retire = |key: &str| {
        let change = changes.iter().find(|change| change.wish.key == key).unwrap();
        matches!(change.decision, Decision::Retire(Retirement::Keep))
    };
    assert!(retire(r#"["p1"]/["a"]/["Usage"]"#));
    assert!(!retire(r#"["p2"]/["b"]"#));
    assert!(!changes.iter().any(|change| change.wish.key == r#"["p2"]/["b"]/["Fee"]"#));
}

#[tokio::test]
async fn a_rejected_record_or_a_reading_of_a_part_retires_nothing() {
    let mut bench = Bench::new(two_products());
    bench.run().await.unwrap();
    bench.shop.products[0].state = shop::State::Broken;
    let (footer, changes) = bench.plan().await;
    assert_eq!(footer.totals.count(Kind::Retired), 0, "{changes:?}");
    assert_eq!(footer.totals.records.rejected[0].count, 1);

    bench.shop.products.remove(0);
    bench.query.only = Some(vec!["p2".into()]);
    let (footer, _) = bench.plan().await;
    assert_eq!(footer.totals.count(Kind::Retired), 0);
    assert!(footer.marks.is_empty());
}

#[tokio::test]
async fn a_field_that_never_changes_blocks_its_whole_wish() {
    let mut bench = Bench::new(two_products());
    bench.run().await.unwrap();
    let charge = &mut bench.shop.products[0].plans[0].charges[0];
    charge.model = "Tiered".into();
    charge.tiers[0].2 = 1;
    let writes = bench.till.writes();
    let report = bench.run().await.unwrap();
    assert_eq!((report.count(Fate::Blocked), bench.till.writes()), (1, writes));
    let failure = &report.failures[0];
    assert_eq!((failure.field.as_deref(), failure.place.line), (Some("Model"), 32));
    assert_eq!(failure.next_step, "make a new charge and retire this one");
}

#[tokio::test]
async fn references_wait_for_later_pages_and_block_where_nothing_makes_them() {
    let mut products: Vec<_> =
        (0..5).map(|n| product(&format!("p{n}"), &format!("P{n}"))).collect();
    products[0].replaces = Some("p4".into());
    products[0].plans = vec![plan("a", "Monthly", Vec::new())];
    products[1].replaces = Some("nowhere".into());
    let bench = Bench::new(products);
    let report = bench.run().await.unwrap();
    assert_eq!((report.count(Fate::Created), report.count(Fate::Blocked)), (5, 1), "{report:?}");
    assert_eq!(report.failures[0].code, "reference-unknown");
    let (footer, _) = bench.plan().await;
    assert_eq!(footer.totals.count(Kind::Unchanged), 5);
}

#[tokio::test]
async fn a_circle_of_references_is_blocked_with_its_reason() {
    let mut products = vec![product("p1", "A"), product("p2", "B"), product("p3", "C")];
    products[0].replaces = Some("p3".into());
    products[2].replaces = Some("p1".into());
    let bench = Bench::new(products);
    let report = bench.run().await.unwrap();
    assert_eq!((report.count(Fate::Created), report.count(Fate::Blocked)), (1, 2), "{report:?}");
}

#[tokio::test]
async fn an_object_that_is_gone_is_made_again_with_what_lies_within() {
    let mut bench = Bench::new(two_products());
    bench.run().await.unwrap();
    {
        let mut objects = bench.till.objects.lock().unwrap();
        objects.retain(|_, object| {
            object.fields["Name"] != "Server" && !object.fields.contains_key("ProductRatePlanId")
        });
        let gone: Vec<String> = objects.keys().cloned().collect();
        objects.retain(|id, object| {
            object.kind == "Product" || gone.contains(id) && object.fields["sfdcId"] != "a"
        });
    }
    bench.shop.products[0].name = "Server 2".into();
    let undisturbed = bench.till.state();
    for at in 0.. {
        *bench.till.objects.lock().unwrap() = undisturbed.clone();
        let entries = bench.book.entries.lock().unwrap().clone();
        let died = histories::killed_run(&bench, Kill { at, after: true }).await;
        let report = bench.run().await.unwrap();
        assert_eq!(report.count(Fate::Failed), 0, "{report:?}");
        let names = bench.till.shape().join("\n");
        assert_eq!(names.matches("\"p1\"/\"a\"/").count(), 2, "{at} {names}");
        *bench.book.entries.lock().unwrap() = entries;
        if !died {
            break;
        }
    }
}

#[tokio::test]
async fn hand_made_data_is_adopted_and_brought_up_to_date() {
    let mut products = vec![product("p1", "Server")];
    products[0].sku = Some("S-1".into());
    let bench = Bench::new(products);
    let made = serde_json::json!({ "Name": "Old", "SKU": "S-1" });
    let object = |fields: &serde_json::Value| till::Object {
        kind: "Product".into(),
        fields: fields.as_object().unwrap().clone(),
    };
    bench.till.objects.lock().unwrap().insert("T1".into(), object(&made));
    let (_, changes) = bench.plan().await;
    assert_eq!(
        shown(&changes),
        [
            r#"Adopted product ["p1"] sfdcId - → "p1" Name "Old" → "Server" EndDate - → "2099-12-31""#
        ]
    );
    bench.till.objects.lock().unwrap().insert("T2".into(), object(&made));
    let (_, changes) = bench.plan().await;
    assert_eq!(trouble(&changes, r#"["p1"]"#).targets, ["T1", "T2"]);
    bench.till.objects.lock().unwrap().remove("T2");
    let report = bench.run().await.unwrap();
    assert_eq!((report.count(Fate::Adopted), bench.till.state().len()), (1, 1));
    let (footer, _) = bench.plan().await;
    assert_eq!(footer.totals.count(Kind::Unchanged), 1);
}

#[tokio::test]
async fn a_name_that_somebody_else_has_in_the_target_is_a_conflict() {
    let bench = Bench::new(vec![product("p1", "Server")]);
    let fields = serde_json::json!({ "Name": "Server", "sfdcId": "other" });
    let object =
        till::Object { kind: "Product".into(), fields: fields.as_object().unwrap().clone() };
    bench.till.objects.lock().unwrap().insert("T1".into(), object);
    let (_, changes) = bench.plan().await;
    let found = trouble(&changes, r#"["p1"]"#);
    assert_eq!((found.rule.as_str(), &found.targets[..]), ("unique-value", &["T1".to_owned()][..]));
    assert_eq!(kind(&changes, r#"["p1"]"#), Kind::Conflict);
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
