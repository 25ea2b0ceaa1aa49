//! What subscriptions are worth, held against the documented vectors and against a count of days.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::{Bench, bodies};
use super::change::{day, quantity, remove, sold};
use super::preview::{options, previewed, sum};
use super::{Shop, account, created_with};

/// Sums of the three delta metrics of an order's preview, in cents: MRR, TCB, TCV; gross and net.
async fn deltas(shop: &Shop, body: &Value) -> [[String; 2]; 3] {
    let shown = previewed(shop, body, options("TermEnd")).await;
    let rows = &shown["orderDeltaMetrics"];
    ["orderDeltaMrr", "orderDeltaTcb", "orderDeltaTcv"].map(|name| {
        ["grossAmount", "netAmount"].map(|field| {
            let sum = sum(rows[name].as_array().unwrap().iter().map(|row| &row[field]));
            format!(
                "{:.2}",
                sum.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
            )
        })
    })
}

/// A shop whose plan is sold since 2018, with one monthly charge.
async fn since_2018(model: &str) -> Shop {
    let bench = Bench::open().await;
    let from = json!({"EffectiveStartDate": "2018-01-01"});
    let product =
        bench.create("product", &bodies::but(bodies::product("Widget"), from.clone())).await;
    let plan = bodies::but(bodies::plan(&product, "Plan"), from);
    let plan = bench.create("product-rate-plan", &plan).await;
    let charge = bodies::charge(&plan, "Recurring", model);
    let charge = bench.create("product-rate-plan-charge", &charge).await;
    let account = account(&bench).await;
    Shop { bench, account, plan, charge }
}

fn signed(mut body: Value, date: &str) -> Value {
    body["orderDate"] = json!(date);
    body
}

#[tokio::test]
async fn the_documented_order_metrics_come_out() {
    let shop = since_2018("Per Unit Pricing").await;
    let pricing = json!({"recurringPerUnit": {"listPrice": 5, "quantity": 10}});
    let create =
        signed(shop.creating(json!({"chargeNumber": "C-1", "pricing": pricing})), "2018-01-01");
    let april = shop.action("S-1", "2018-04-01", quantity("2018-04-01", 13));
    let august = shop.action("S-1", "2018-08-18", quantity("2018-08-18", 20));
    for (body, mrr, tcb, tcv) in [
        (create, "50.00", "600.00", "600.00"),
        (april, "15.00", "135.00", "135.00"),
        (august, "35.00", "156.33", "155.81"),
    ] {
        let expected = [mrr, tcb, tcv].map(|gross| [gross.to_owned(), gross.to_owned()]);
        assert_eq!(deltas(&shop, &body).await, expected);
        shop.place(&body).await;
    }
}

#[tokio::test]
async fn the_documented_discount_comes_out() {
    let shop = since_2018("Flat Fee Pricing").await;
    let tiers = json!([{"Currency": "USD", "DiscountPercentage": 10}, {"Currency": "EUR", "DiscountPercentage": 10}]);
    let discount = bodies::but(
        bodies::with_tiers(bodies::charge(&shop.plan, "Recurring", "Discount-Percentage"), tiers),
        json!({"ApplyDiscountTo": "RECURRING (2)", "DiscountLevel": "rateplan"}),
    );
    shop.bench.create("product-rate-plan-charge", &discount).await;
    let pricing = json!({"recurringFlatFee": {"listPrice": 50}});
    let create = signed(shop.creating(json!({"pricing": pricing})), "2021-01-01");
    let pair = |gross: &str, net: &str| [gross.to_owned(), net.to_owned()];
    let all = [pair("50.00", "45.00"), pair("600.00", "540.00"), pair("600.00", "540.00")];
    assert_eq!(deltas(&shop, &create).await, all);
    shop.place(&create).await;
    let shown = shop.subscription("S-1").await;
    assert_eq!((&shown["contractedMrr"], &shown["contractedNetMrr"]), (&json!(50), &json!(45)));
    assert_eq!(
        (&shown["totalContractedValue"], &shown["netTotalContractedValue"]),
        (&json!(600), &json!(540))
    );
    let gone = shop.action("S-1", "2021-04-01", remove("2021-04-01"));
    let all = [pair("-50.00", "-45.00"), pair("-450.00", "-405.00"), pair("-450.00", "-405.00")];
    assert_eq!(deltas(&shop, &gone).await, all);
}

/// The worth of all days of a year, each by the days of its month; a day has the quantity that
/// was agreed last for the segment it lies in.
fn by_days(segments: &BTreeMap<Date, u32>, price: Decimal) -> Decimal {
    let (mut sum, mut day) = (Decimal::ZERO, Date::constant(2020, 1, 1));
    while day < Date::constant(2021, 1, 1) {
        let (_, quantity) = segments.range(..=day).next_back().unwrap();
        sum += price * Decimal::from(*quantity) / Decimal::from(day.days_in_month());
        day = day.tomorrow().unwrap();
    }
    sum
}

#[tokio::test]
async fn the_value_is_the_sum_of_its_days_whatever_is_changed() {
    for seed in [1_u32, 7, 42, 1234, 99_991] {
        let shop = sold().await;
        let mut segments = BTreeMap::from([(Date::constant(2020, 1, 1), 10)]);
        let (mut draw, mut before) = (seed, Decimal::from(600));
        for _ in 0..6 {
            draw = draw.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let offset = i64::from(draw >> 16) % 366;
            let day = Date::constant(2020, 1, 1).checked_add(offset.days()).unwrap();
            let units = (draw >> 8) % 40;
            segments.insert(day, units);
            let body = shop.action("S-1", "2020-01-01", quantity(&day.to_string(), units));
            let shown = previewed(&shop, &body, options("TermEnd")).await;
            shop.place(&body).await;
            let value = shop.subscription("S-1").await["totalContractedValue"].clone();
            let value = crate::sandbox::zuora::number::decimal(&value).unwrap();
            let expected = by_days(&segments, 5.into());
            assert_eq!(value.round_dp(7), expected.round_dp(7), "seed {seed}, {segments:?}");
            let rows = shown["orderDeltaMetrics"]["orderDeltaTcv"].as_array().unwrap();
            let delta = sum(rows.iter().map(|row| &row["grossAmount"]));
            assert_eq!(delta.round_dp(7), (value - before).round_dp(7), "seed {seed}");
            before = value;
        }
    }
}

#[tokio::test]
async fn an_evergreen_subscription_has_mrr_and_no_contracted_value() {
    let shop = Shop::open().await;
    let terms = json!({"initialTerm": {"termType": "EVERGREEN"}});
    let body = created_with(shop.create(), "/terms", terms);
    let shown = previewed(&shop, &body, options("NumberOfPeriods")).await;
    let deltas = &shown["orderDeltaMetrics"];
    assert_eq!(deltas["orderDeltaMrr"][0]["grossAmount"], json!(100));
    assert_eq!(deltas["orderDeltaMrr"][0]["endDate"], Value::Null);
    assert_eq!((&deltas["orderDeltaTcb"], &deltas["orderDeltaTcv"]), (&json!([]), &json!([])));
    shop.place(&body).await;
    let shown = shop.subscription("S-1").await;
    assert_eq!(
        (&shown["contractedMrr"], &shown["totalContractedValue"]),
        (&json!(100), &Value::Null)
    );
    let removed = json!({"type": "RemoveProduct", "triggerDates": day("2020-02-01"), "removeProduct": {"subscriptionRatePlanNumber": "P-1"}});
    shop.place(&shop.action("S-1", "2020-02-01", removed)).await;
    assert_eq!(shop.subscription("S-1").await["contractedMrr"], json!(0));
}
