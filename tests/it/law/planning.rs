//! What a plan decides, case by case.

use crosswalk::{
    apply::Fate,
    plan::{Change, Decision, Detail, Kind, PlanView, Retirement, Trouble},
    program::Retire,
};

use super::{
    bench::{Bench, Scrap},
    shop::{self, plan, product},
    till, two_products,
};

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

pub(super) fn trouble<'a>(changes: &'a [Change], key: &str) -> &'a Trouble {
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
async fn a_name_that_the_plan_gives_free_may_be_taken_and_a_swap_may_not() {
    let mut bench = Bench::new(vec![
        product("p1", "A"),
        product("p2", "X"),
        product("p3", "Y"),
        product("p4", "B"),
    ]);
    bench.run().await.unwrap();
    bench.shop.products[0].name = "B".into();
    bench.shop.products[3].name = "C".into();
    bench.shop.products[1].name = "Y".into();
    bench.shop.products[2].name = "X".into();
    let report = bench.run().await.unwrap();
    let counts = [Fate::Updated, Fate::Conflict, Fate::Failed].map(|fate| report.count(fate));
    assert_eq!(counts, [2, 2, 0], "{report:?}");
}

#[tokio::test]
async fn a_view_is_flat_and_says_what_is_pending() {
    let bench = Bench::new(two_products());
    bench.plan().await;
    let view = PlanView::read(&bench.file, Detail::All).unwrap();
    let view = serde_json::to_value(&view).unwrap();
    assert_eq!(view["crosswalk-plan-view"], 1);
    assert_eq!(view["header"]["target"]["id"], "tenant-1");
    let plan = &view["changes"][1];
    assert_eq!(
        (plan["kind"].as_str(), plan["object"].as_str()),
        (Some("create"), Some("ProductRatePlan"))
    );
    assert_eq!(plan["fields"][0]["path"], "ProductId");
    assert_eq!(plan["fields"][0]["pending"], r#"product ["p1"]"#);
    assert_eq!(view["totals"]["drafts"]["kinds"]["created"], 7);
    bench.run().await.unwrap();
    bench.plan().await;
    let view = PlanView::read(&bench.file, Detail::Differences).unwrap();
    assert!(view.changes.is_empty());
}

#[tokio::test]
async fn what_may_not_be_retired_is_a_conflict() {
    let mut bench = Bench::new(two_products());
    bench.resources[0].retire = Retire::Reject;
    bench.run().await.unwrap();
    bench.shop.products.pop();
    let writes = bench.till.writes();
    let report = bench.run().await.unwrap();
    assert_eq!((report.count(Fate::Conflict), report.is_clean()), (1, false));
    assert_eq!(report.failures[0].code, "retire-rejected");
    assert_eq!(bench.till.writes(), writes);
}

#[tokio::test]
async fn what_a_resource_that_left_the_mapping_made_is_kept() {
    let mut bench = Bench::new(two_products());
    bench.run().await.unwrap();
    bench.resources.pop();
    for product in &mut bench.shop.products {
        product.plans[0].charges.clear();
    }
    let (footer, changes) = bench.plan().await;
    let kept = changes.iter().filter(|change| change.wish.resource == "charge");
    let reasons: Vec<_> = kept.map(|change| change.reason.as_str()).collect();
    assert_eq!(reasons, ["its resource is no longer in the mapping"; 3]);
    assert_eq!((footer.totals.count(Kind::Retired), footer.totals.writes), (3, 0));
}

#[tokio::test]
async fn a_resource_renamed_without_saying_so_is_a_conflict_of_both_names() {
    let mut bench = Bench::new(two_products());
    bench.run().await.unwrap();
    bench.resources[2].name = "fee".into();
    let (footer, changes) = bench.plan().await;
    assert_eq!((footer.totals.count(Kind::Conflict), footer.totals.writes), (6, 0), "{changes:?}");
    let found = trouble(&changes, r#"["p2"]/["b"]/["Fee"]"#);
    assert!(found.rule == "taken-twice" && found.way_out.contains("`was:`"), "{found:?}");
}

#[tokio::test]
async fn where_many_share_a_name_each_names_some_of_the_others() {
    let products = (0..50).map(|n| product(&format!("p{n:02}"), "Same")).collect();
    let bench = Bench::new(products);
    let (footer, changes) = bench.plan().await;
    assert_eq!(footer.totals.count(Kind::Conflict), 50);
    let found = trouble(&changes, r#"["p01"]"#);
    assert_eq!((found.records.len(), found.more_records), (20, 29));
    assert_eq!(found.records[..2], ["p00", "p02"]);
}

#[tokio::test]
async fn the_order_of_an_unordered_list_is_no_difference() {
    let mut bench = Bench::new(two_products());
    let list = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
    bench.shop.products[0].plans[0].currencies = list(&["USD", "EUR"]);
    bench.run().await.unwrap();
    bench.shop.products[0].plans[0].currencies = list(&["EUR", "USD"]);
    let (footer, changes) = bench.plan().await;
    assert_eq!(footer.totals.count(Kind::Unchanged), 7, "{changes:?}");
    bench.shop.products[0].plans[0].currencies = list(&["EUR", "GBP", "USD"]);
    let (_, changes) = bench.plan().await;
    let updated = shown(&changes).into_iter().find(|line| line.starts_with("Updated")).unwrap();
    assert!(updated.ends_with(r#"Currencies ["USD","EUR"] → ["EUR","GBP","USD"]"#), "{updated}");
    bench.book = crosswalk::ledger::memory::Memory::new();
    bench.shop.products[0].plans[0].currencies = list(&["EUR", "USD"]);
    let (footer, _) = bench.plan().await;
    assert_eq!((footer.totals.count(Kind::Adopted), footer.totals.writes), (7, 0));
}

#[tokio::test]
async fn a_plan_leaves_one_file_and_an_unfinished_one_none() {
    let bench = Bench::new(two_products());
    let folder = bench.file.with_extension("folder");
    std::fs::create_dir_all(&folder).unwrap();
    let mut bench = Bench { file: Scrap(folder.join("a.plan")), ..bench };
    let files = || {
        let files = std::fs::read_dir(&folder).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    bench.plan().await;
    assert_eq!(files(), ["a.plan"]);
    std::fs::remove_file(&bench.file).unwrap();
    bench.resources.pop();
    let result = bench
        .with(&bench.till, &bench.book, async |world, asked| {
            crosswalk::plan::plan(world, asked).await
        })
        .await;
    let fault = result.unwrap_err().to_string();
    assert!(fault.contains("a resource that does not exist"), "{fault}");
    assert!(files().is_empty());
    std::fs::remove_dir(&folder).unwrap();
}

#[tokio::test]
async fn what_belongs_to_another_key_is_not_taken_over() {
    let mut products = vec![product("p1", "Server")];
    products[0].sku = Some("S-1".into());
    let bench = Bench::new(products);
    let fields = serde_json::json!({ "Name": "Old", "SKU": "S-1", "sfdcId": "p9" });
    let object =
        till::Object { kind: "Product".into(), fields: fields.as_object().unwrap().clone() };
    bench.till.objects.lock().unwrap().insert("T1".into(), object);
    let (_, changes) = bench.plan().await;
    let found = trouble(&changes, r#"["p1"]"#);
    assert_eq!((found.rule.as_str(), found.field.as_deref()), ("other-key", Some("sfdcId")));
    assert_eq!(found.what, r#"`T1` fits `adopt_by`, but belongs to sfdcId = "p9" already"#);
}

#[tokio::test]
async fn what_another_wish_is_known_to_own_does_not_stand_in_the_way() {
    let keyed = |id: &str, name: &str, key: &str, sku: &str| shop::Product {
        key: Some(key.into()),
        sku: Some(sku.into()),
        ..product(id, name)
    };
    let mut bench = Bench::new(vec![keyed("p3", "A", "k", "S-3")]);
    bench.run().await.unwrap();
    bench.shop.products = vec![keyed("p3", "A 2", "p3", "S-3"), keyed("p0", "B", "k", "S-0")];
    let report = bench.run().await.unwrap();
    assert_eq!((report.count(Fate::Created), report.count(Fate::Updated)), (1, 1), "{report:?}");
    let (footer, changes) = bench.plan().await;
    assert_eq!(footer.totals.count(Kind::Unchanged), 2, "{changes:?}");
}
