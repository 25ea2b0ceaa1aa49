//! Orders of each kind: what the preview tells before is what the results tell after.

use crosswalk::{
    connector::Preview,
    value::{Decimal, parse_decimal},
};
use serde_json::{Value, json};

use super::{Shop, on, quantity};

fn decimal(value: &Value) -> Option<Decimal> {
    parse_decimal(&value.to_string())
}

/// MRR and TCV of the subscription of an outcome, to the cent.
fn worth(outcome: &Value) -> (Decimal, Option<Decimal>) {
    let one = &outcome["subscriptions"][0];
    let mrr = decimal(&one["mrr"]).expect("an MRR");
    (mrr.round_dp(2), decimal(&one["tcv"]).map(|tcv| tcv.round_dp(2)))
}

#[tokio::test]
async fn a_preview_tells_what_the_results_tell_after() {
    let shop = Shop::open().await;
    let new = shop.sale("N-1", "S-1");
    let figures = shop.figures(&new).await;
    assert_eq!(shop.outcome("N-1").await, None, "nothing has changed");
    let change = &figures.changes[0];
    assert_eq!((change.subscription.as_str(), change.currency.as_str()), ("S-1", "USD"));
    assert_eq!(figures.first_bill, [("USD".to_owned(), Decimal::from(51))]);
    shop.done(&new).await;
    let mut before = worth(&shop.outcome("N-1").await.expect("an outcome"));
    assert_eq!((change.mrr, change.tcv), before);

    let add = json!({"type": "AddProduct", "triggerDates": on("2026-02-10"), "addProduct": {"productRatePlanId": shop.plan}});
    let terms = json!({"type": "TermsAndConditions", "triggerDates": on("2026-03-01"), "termsAndConditions": {"lastTerm": {"termType": "TERMED", "endDate": "2027-03-16"}}});
    let renew = json!({"type": "RenewSubscription", "triggerDates": on("2027-03-16"), "renewSubscription": {}});
    let remove = json!({"type": "RemoveProduct", "triggerDates": on("2027-05-09"), "removeProduct": {"subscriptionRatePlanNumber": "S-1-P"}});
    let cancel = json!({"type": "CancelSubscription", "triggerDates": on("2027-07-01"), "cancelSubscription": {"cancellationPolicy": "SpecificDate", "cancellationEffectiveDate": "2027-07-01"}});
    for (number, actions) in [
        ("A-1", vec![quantity("S-1", "2026-03-17", 13), quantity("S-1", "2026-08-18", 7)]),
        ("A-2", vec![add]),
        ("A-3", vec![terms]),
        ("R-1", vec![renew, quantity("S-1", "2027-03-16", 20)]),
        ("A-4", vec![remove]),
        ("C-1", vec![cancel]),
    ] {
        let body = shop.change(number, "S-1", &actions);
        let figures = shop.figures(&body).await;
        assert_eq!(figures.changes.len(), 1, "{number}");
        shop.done(&body).await;
        let outcome = shop.outcome(number).await.expect("an outcome");
        let after = worth(&outcome);
        let change = &figures.changes[0];
        assert_eq!(change.mrr.round_dp(2), after.0 - before.0, "{number}");
        let tcv = after.1.zip(before.1).map(|(after, before)| after - before);
        assert_eq!(change.tcv.map(|tcv| tcv.round_dp(2)), tcv, "{number}");
        before = after;
    }
    let outcome = shop.outcome("C-1").await.expect("an outcome");
    assert_eq!(outcome["subscriptions"][0]["status"], "Cancelled");
    let early = shop.outcome("N-1").await.expect("an outcome");
    assert_eq!(early["subscriptions"], outcome["subscriptions"], "as they are now");
    let previews = shop.sent("/preview");
    assert_eq!(previews.len(), 7);
    let thru = previews.iter().map(|one| &one.body["previewOptions"]["specificPreviewThruDate"]);
    assert_eq!(thru.collect::<Vec<_>>()[..2], ["2026-01-01", "2026-08-18"]);
}

#[tokio::test]
async fn an_evergreen_subscription_has_no_total() {
    let shop = Shop::open().await;
    let mut new = shop.sale("N-1", "S-1");
    let creation = &mut new["subscriptions"][0]["orderActions"][0]["createSubscription"];
    creation["terms"] = json!({"initialTerm": {"termType": "EVERGREEN"}});
    let figures = shop.figures(&new).await;
    assert_eq!((figures.changes[0].mrr, figures.changes[0].tcv), (Decimal::from(51), None));
    shop.done(&new).await;
    let outcome = shop.outcome("N-1").await.expect("an outcome");
    assert_eq!((&outcome["mrr"], &outcome["tcv"]), (&json!(51), &Value::Null));
}

#[tokio::test]
async fn a_preview_that_is_refused_says_why() {
    let shop = Shop::open().await;
    let mut body = shop.sale("N-1", "S-1");
    body["existingAccountNumber"] = json!("nobody");
    let Preview::Refused { code, said } = shop.preview(&body).await else { panic!("told") };
    assert!(code.ends_with("40") && said.contains("nobody"), "{code} {said}");
}

#[tokio::test]
async fn the_account_of_a_preview_may_be_a_new_one() {
    let shop = Shop::open().await;
    let mut body = shop.sale("N-1", "S-1");
    body.as_object_mut().expect("an order").remove("existingAccountNumber");
    body["newAccount"] = json!({
        "name": "New", "currency": "EUR", "billCycleDay": 1,
        "billToContact": {"firstName": "A", "lastName": "B", "country": "Canada"},
    });
    let figures = shop.figures(&body).await;
    assert_eq!(figures.changes[0].currency, "EUR");
    shop.done(&body).await;
    let outcome = shop.outcome("N-1").await.expect("an outcome");
    assert_eq!(worth(&outcome), (figures.changes[0].mrr, figures.changes[0].tcv));
}
