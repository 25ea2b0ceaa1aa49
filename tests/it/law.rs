//! Laws of planning and applying, over a shop, a till and a ledger that keep real state.

mod bench;
mod book;
mod shop;
mod till;

use bench::Bench;
use crosswalk::{
    apply::Fate,
    plan::{Change, Decision, Kind},
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
