//! Previews.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::change::{cancel, day, quantity, remove, sold};
use super::{Shop, at, created_with};
use crate::sandbox::zuora::number;

pub fn options(through: &str) -> Value {
    let mut options = json!({
        "previewThruType": through,
        "previewTypes": ["ChargeMetrics", "BillingDocs", "OrderDeltaMetrics"],
    });
    if through == "NumberOfPeriods" {
        options["previewNumberOfPeriods"] = json!(1);
    }
    options
}

/// The result of a preview that must be given.
pub async fn previewed(shop: &Shop, body: &Value, options: Value) -> Value {
    let reply =
        shop.send("/v1/orders/preview", &at(body.clone(), "/previewOptions", options)).await;
    assert_eq!(reply.status, 200, "{body} {}", reply.text);
    reply.body["previewResult"].clone()
}

/// The sum of JSON numbers.
pub fn sum<'a>(values: impl Iterator<Item = &'a Value>) -> Decimal {
    values.map(|value| number::decimal(value).unwrap_or_default()).sum()
}

/// The sum of one metric over the charges of the first subscription.
fn total(shown: &Value, metric: &str, part: &str) -> Decimal {
    let charges = shown["chargeMetrics"][0]["charges"].as_array().unwrap();
    sum(charges.iter().map(|charge| &charge[metric][part]))
}

fn decimal(value: &Value) -> Decimal {
    number::decimal(value).unwrap_or_default()
}

/// For each kind of action: the preview has changed nothing, and says what the order then does.
#[tokio::test]
async fn a_preview_says_what_the_order_then_does() {
    let shop = sold().await;
    let renew = json!({"type": "RenewSubscription"});
    let add = json!({"type": "AddProduct", "triggerDates": day("2020-02-10"), "addProduct": {"productRatePlanId": shop.plan}});
    let suspend = json!({"type": "Suspend", "suspend": {"suspendPolicy": "SpecificDate", "suspendSpecificDate": "2020-03-05"}});
    let resume = json!({"type": "Resume", "resume": {"resumePolicy": "SpecificDate", "resumeSpecificDate": "2020-04-20"}});
    let last = json!({"termType": "TERMED", "endDate": "2022-03-15"});
    let terms = json!({"type": "TermsAndConditions", "termsAndConditions": {"lastTerm": last}});
    for actions in [
        vec![quantity("2020-03-17", 13)],
        vec![add],
        vec![suspend, resume],
        vec![renew, quantity("2021-01-01", 20)],
        vec![terms],
        vec![remove("2021-05-09")],
        vec![cancel("2021-07-01")],
    ] {
        let body = shop.actions("S-1", "2020-02-01", actions);
        let before = shop.subscription("S-1").await;
        let shown = previewed(&shop, &body, options("TermEnd")).await;
        assert_eq!(shop.subscription("S-1").await, before);
        shop.place(&body).await;
        let after = shop.subscription("S-1").await;
        for (metric, field) in [("cmrr", "contractedMrr"), ("tcv", "totalContractedValue")] {
            let (old, new) = (decimal(&before[field]), decimal(&after[field]));
            assert_eq!(total(&shown, metric, "regular").round_dp(7), new.round_dp(7), "{body}");
            let delta = total(&shown, metric, "regularDelta");
            assert_eq!(delta.round_dp(7), (new - old).round_dp(7), "{metric} {body}");
        }
        let rows = shown["orderDeltaMetrics"]["orderDeltaTcv"].as_array().unwrap();
        let delta = sum(rows.iter().map(|row| &row["grossAmount"]));
        assert_eq!(delta.round_dp(7), total(&shown, "tcv", "regularDelta").round_dp(7), "{body}");
        let rows = shown["orderDeltaMetrics"]["orderDeltaTcb"].as_array().unwrap();
        let delta = sum(rows.iter().map(|row| &row["grossAmount"]));
        assert_eq!(delta.round_dp(7), total(&shown, "tcb", "regularDelta").round_dp(7), "{body}");
    }
}

#[tokio::test]
async fn numbers_of_a_preview_are_those_that_the_order_gets() {
    let shop = Shop::open().await;
    let body = created_with(shop.create(), "/subscriptionNumber", Value::Null);
    let first = previewed(&shop, &body, options("TermEnd")).await;
    assert_eq!(previewed(&shop, &body, options("TermEnd")).await, first);
    let placed = shop.place(&body).await;
    let number = &placed["subscriptions"][0]["subscriptionNumber"];
    assert_eq!(&first["chargeMetrics"][0]["subscriptionNumber"], number);
    let shown = shop.subscription(number.as_str().unwrap()).await;
    let charge = &shown["ratePlans"][0]["ratePlanCharges"][0];
    assert_eq!(first["chargeMetrics"][0]["charges"][0]["chargeNumber"], charge["number"]);
}

/// First day, last day and amount of each line.
fn lines(shown: &Value) -> Vec<String> {
    let rows = shown["invoices"][0]["invoiceItems"].as_array().cloned().unwrap_or_default();
    let text = |row: &Value| {
        let (start, end) = (&row["serviceStartDate"], &row["serviceEndDate"]);
        format!(
            "{}..{} {}",
            start.as_str().unwrap(),
            end.as_str().unwrap(),
            row["amountWithoutTax"]
        )
    };
    rows.iter().map(text).collect()
}

#[tokio::test]
async fn the_documented_first_invoice_comes_out() {
    let shop = Shop::open().await;
    let price: Value = serde_json::from_str("49.99").unwrap();
    let said = json!({"pricing": {"recurringPerUnit": {"listPrice": price, "quantity": 1}}});
    let body = at(shop.creating(said), "/orderDate", json!("2025-01-01"));
    let body = created_with(body, "/terms", json!({"initialTerm": {"termType": "EVERGREEN"}}));
    let shown = previewed(&shop, &body, options("NumberOfPeriods")).await;
    assert_eq!(shown["invoices"].as_array().unwrap().len(), 1);
    assert_eq!(shown["invoices"][0]["amount"].to_string(), "49.99");
    assert_eq!(lines(&shown), ["2025-01-01..2025-01-31 49.99"]);
    let (_, message) = refused(&shop, &body, options("TermEnd")).await;
    assert!(message.contains("evergreen"), "{message}");
}

#[tokio::test]
async fn billing_periods_are_cut_by_the_cycle_day_the_term_and_the_segments() {
    let shop = Shop::open().await;
    let day_15 = json!({"billCycleType": "SpecificDayofMonth", "billCycleDay": 15});
    let quarter = json!({"billingPeriod": "Quarter"});
    let arrears = json!({"billingTiming": "IN_ARREARS"});
    let until = |date: &str| json!({"previewThruType": "SpecificDate", "specificPreviewThruDate": date, "previewTypes": ["BillingDocs"]});
    for (billing, options, expected) in [
        (
            json!({}),
            until("2020-02-01"),
            vec!["2020-01-01..2020-01-31 100", "2020-02-01..2020-02-29 100"],
        ),
        (arrears, until("2020-02-01"), vec!["2020-01-01..2020-01-31 100"]),
        (
            day_15,
            until("2020-01-31"),
            vec!["2020-01-01..2020-01-14 46.67", "2020-01-15..2020-02-14 100"],
        ),
        (
            quarter,
            until("2020-04-01"),
            vec!["2020-01-01..2020-03-31 100", "2020-04-01..2020-06-30 100"],
        ),
    ] {
        let body = shop.creating(json!({"billing": billing}));
        assert_eq!(lines(&previewed(&shop, &body, options).await), expected, "{body}");
    }
    shop.place(&shop.creating(json!({"chargeNumber": "C-1"}))).await;
    let body = shop.action("S-1", "2020-01-01", quantity("2020-01-16", 2));
    let shown = previewed(&shop, &body, until("2020-01-01")).await;
    assert_eq!(lines(&shown), ["2020-01-01..2020-01-15 50", "2020-01-16..2020-01-31 106.67"]);
}

async fn refused(shop: &Shop, body: &Value, options: Value) -> (u64, String) {
    let reply =
        shop.send("/v1/orders/preview", &at(body.clone(), "/previewOptions", options)).await;
    assert_ne!(reply.status, 200, "{}", reply.text);
    let reason = &reply.body["reasons"][0];
    (reason["code"].as_u64().unwrap(), reason["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_preview_is_refused_as_its_order_is() {
    let shop = Shop::open().await;
    let body = shop.create();
    for (body, options, code) in [
        (body.clone(), json!({"previewThroughType": "TermEnd"}), 58_740_021),
        (body.clone(), json!({"previewTypes": ["BillingDocs"]}), 58_740_022),
        (
            body.clone(),
            json!({"previewThruType": "SpecificDate", "previewTypes": ["BillingDocs"]}),
            58_740_022,
        ),
        (body.clone(), json!({"previewThruType": "TermEnd"}), 58_740_022),
        (
            body.clone(),
            json!({"previewThruType": "TermEnd", "previewTypes": ["OrderMetrics"]}),
            58_740_030,
        ),
        (created_with(body.clone(), "/currency", json!("EUR")), options("TermEnd"), 58_740_030),
        (at(body.clone(), "/existingAccountNumber", json!("x")), options("TermEnd"), 58_740_040),
    ] {
        assert_eq!(refused(&shop, &body, options).await.0, code, "{body}");
    }
    let info = json!({"billCycleDay": 1, "currency": "EUR"});
    let described =
        at(at(body, "/existingAccountNumber", Value::Null), "/previewAccountInfo", info);
    let shown = previewed(&shop, &described, options("TermEnd")).await;
    assert_eq!(shown["orderDeltaMetrics"]["orderDeltaMrr"][0]["currency"], "EUR");
    assert_eq!(shop.bench.get("/v1/orders").await.body["orders"], json!([]));
}
