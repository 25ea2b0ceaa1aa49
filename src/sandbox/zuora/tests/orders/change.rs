//! Orders on a subscription that exists.

use serde_json::{Value, json};

use super::super::bodies;
use super::{Shop, account, at, number};

pub fn day(date: &str) -> Value {
    json!([{"name": "ContractEffective", "triggerDate": date}])
}

pub fn update(date: &str, pricing: Value) -> Value {
    json!({
        "type": "UpdateProduct",
        "triggerDates": day(date),
        "updateProduct": {
            "subscriptionRatePlanNumber": "P-1",
            "chargeUpdates": [{"chargeNumber": "C-1", "pricing": pricing}],
        },
    })
}

pub fn quantity(date: &str, quantity: u32) -> Value {
    update(date, json!({"recurringPerUnit": {"quantity": quantity}}))
}

pub fn remove(date: &str) -> Value {
    let details = json!({"subscriptionRatePlanNumber": "P-1"});
    json!({"type": "RemoveProduct", "triggerDates": day(date), "removeProduct": details})
}

pub fn cancel(date: &str) -> Value {
    let policy = json!({"cancellationPolicy": "SpecificDate", "cancellationEffectiveDate": date});
    json!({"type": "CancelSubscription", "cancelSubscription": policy})
}

/// The subscription `S-1` of 2020: ten units at five.
pub async fn sold() -> Shop {
    let shop = Shop::open().await;
    let pricing = json!({"recurringPerUnit": {"listPrice": 5, "quantity": 10}});
    shop.place(&shop.creating(json!({"chargeNumber": "C-1", "pricing": pricing}))).await;
    shop
}

/// First day, first day after, quantity and MRR of each segment of the first charge.
fn segments(shown: &Value) -> Vec<String> {
    let rows = shown["ratePlans"][0]["ratePlanCharges"].as_array().unwrap();
    let text = |row: &Value| {
        let (start, end) = (&row["effectiveStartDate"], &row["effectiveEndDate"]);
        let dates = format!("{}..{}", start.as_str().unwrap(), end.as_str().unwrap_or(""));
        format!("{dates} {} {}", row["quantity"], row["mrr"])
    };
    rows.iter().map(text).collect()
}

fn worth(shown: &Value) -> (String, String) {
    (number(&shown["contractedMrr"]), number(&shown["totalContractedValue"]))
}

#[tokio::test]
async fn an_update_makes_a_segment_and_a_version() {
    let shop = sold().await;
    shop.place(&shop.action("S-1", "2020-04-01", quantity("2020-04-01", 13))).await;
    let shown = shop.subscription("S-1").await;
    assert_eq!(segments(&shown), ["2020-01-01..2020-04-01 10 50", "2020-04-01..2021-01-01 13 65"]);
    assert_eq!(worth(&shown), ("65".to_owned(), "735".to_owned()));
    assert_eq!(shown["version"], 2);
    assert_eq!(shown["ratePlans"][0]["lastChangeType"], "Update");
    // The version before stays as it was.
    for path in ["/v1/subscriptions/S-1?version=1", "/v1/subscriptions/S-1/versions/1"] {
        let first = shop.bench.get(path).await.body;
        assert_eq!(worth(&first), ("50".to_owned(), "600".to_owned()));
        assert_eq!(first["isLatestVersion"], false);
    }
    // One of an earlier day lasts until the segment that was agreed before.
    shop.place(&shop.action("S-1", "2020-05-01", quantity("2020-02-01", 1))).await;
    let shown = shop.subscription("S-1").await;
    let expected = [
        "2020-01-01..2020-02-01 10 50",
        "2020-02-01..2020-04-01 1 5",
        "2020-04-01..2021-01-01 13 65",
    ];
    assert_eq!(segments(&shown), expected);
    // One of the same day replaces what was agreed.
    shop.place(&shop.action("S-1", "2020-05-01", quantity("2020-04-01", 2))).await;
    assert_eq!(segments(&shop.subscription("S-1").await)[2], "2020-04-01..2021-01-01 2 10");
    let last = shop.bench.get("/v1/subscriptions/S-1").await.body;
    assert_eq!(segments(&last).len(), 1);
    let on = "/v1/subscriptions/S-1?charge-detail=specific-segment&as-of-day=2020-03-31";
    assert_eq!(segments(&shop.bench.get(on).await.body), ["2020-02-01..2020-04-01 1 5"]);
}

#[tokio::test]
async fn what_is_added_and_removed_counts_from_its_day() {
    let shop = sold().await;
    let add = json!({
        "type": "AddProduct",
        "triggerDates": day("2020-07-01"),
        "addProduct": {"productRatePlanId": shop.plan, "uniqueToken": "new", "chargeOverrides": [{
            "productRatePlanChargeId": shop.charge, "uniqueToken": "charge",
            "pricing": {"recurringPerUnit": {"listPrice": 1, "quantity": 3}},
        }]},
    });
    let by_token = json!({
        "type": "UpdateProduct",
        "triggerDates": day("2020-10-01"),
        "updateProduct": {"uniqueToken": "new", "chargeUpdates": [
            {"uniqueToken": "charge", "pricing": {"recurringPerUnit": {"quantity": 4}}},
        ]},
    });
    let actions = vec![add, by_token, remove("2020-07-01")];
    shop.place(&shop.actions("S-1", "2020-07-01", actions)).await;
    let shown = shop.subscription("S-1").await;
    assert_eq!(shown["version"], 2);
    // Six months at fifty, three at three, three at four.
    assert_eq!(worth(&shown), ("4".to_owned(), "321".to_owned()));
    assert_eq!(shown["ratePlans"][0]["lastChangeType"], "Remove");
    assert_eq!(shown["ratePlans"][1]["lastChangeType"], "Update");
    // What was removed cannot be named again.
    let (_, message) = shop.refuse(&shop.action("S-1", "2020-08-01", remove("2020-08-01"))).await;
    assert!(message.contains("no such rate plan"), "{message}");
}

#[tokio::test]
async fn a_removed_one_time_charge_was_charged_unless_it_goes_with_its_first_day() {
    for (date, tcv) in [("2020-01-01", "0"), ("2020-01-02", "400")] {
        let shop = Shop::selling("OneTime", "Per Unit Pricing").await;
        shop.place(&shop.creating(json!({"pricing": {"oneTimePerUnit": {"quantity": 4}}}))).await;
        shop.place(&shop.action("S-1", date, remove(date))).await;
        let shown = shop.subscription("S-1").await;
        assert_eq!(number(&shown["totalContractedValue"]), tcv);
    }
}

#[tokio::test]
async fn a_renewal_follows_the_term() {
    let shop = sold().await;
    let renew = json!({"type": "RenewSubscription", "triggerDates": day("2021-01-01")});
    let more = quantity("2021-01-01", 20);
    shop.place(&shop.actions("S-1", "2020-12-01", vec![renew.clone(), more])).await;
    let shown = shop.subscription("S-1").await;
    assert_eq!(
        (&shown["termStartDate"], &shown["termEndDate"]),
        (&json!("2021-01-01"), &json!("2022-01-01"))
    );
    assert_eq!(shown["subscriptionStartDate"], "2020-01-01");
    assert_eq!(segments(&shown), ["2020-01-01..2021-01-01 10 50", "2021-01-01..2022-01-01 20 100"]);
    assert_eq!(worth(&shown), ("100".to_owned(), "1800".to_owned()));

    let terms = |said: Value| json!({"type": "TermsAndConditions", "termsAndConditions": said});
    let none = terms(json!({"renewalTerms": [{"period": 0, "periodType": "Month"}]}));
    let (category, message) =
        shop.refuse(&shop.actions("S-1", "2021-06-01", vec![none, renew.clone()])).await;
    assert_eq!((category, message.contains("renewal term")), (30, true), "{message}");
    let forever = terms(json!({"renewalSetting": "RENEW_TO_EVERGREEN"}));
    shop.place(&shop.actions("S-1", "2021-06-01", vec![forever, renew.clone()])).await;
    let shown = shop.subscription("S-1").await;
    assert_eq!((&shown["termType"], &shown["termEndDate"]), (&json!("EVERGREEN"), &Value::Null));
    assert_eq!(number(&shown["contractedMrr"]), "100");
    assert_eq!(shown["totalContractedValue"], Value::Null);
    let (_, message) = shop.refuse(&shop.action("S-1", "2021-06-01", renew)).await;
    assert!(message.contains("evergreen"), "{message}");
}

#[tokio::test]
async fn terms_and_conditions_move_the_end() {
    let shop = sold().await;
    let last = json!({"termType": "TERMED", "startDate": "2020-01-01", "endDate": "2020-07-01"});
    let terms = json!({"lastTerm": last, "autoRenew": true, "paymentTerm": "Net 30"});
    let action = json!({"type": "TermsAndConditions", "termsAndConditions": terms});
    shop.place(&shop.action("S-1", "2020-02-01", action)).await;
    let shown = shop.subscription("S-1").await;
    assert_eq!(segments(&shown), ["2020-01-01..2020-07-01 10 50"]);
    assert_eq!((&shown["autoRenew"], &shown["paymentTerm"]), (&json!(true), &json!("Net 30")));
    assert_eq!(shown["initialTerm"], 12);
}

#[tokio::test]
async fn a_cancellation_has_its_policy() {
    let policy = |policy: &str| json!({"type": "CancelSubscription", "cancelSubscription": {"cancellationPolicy": policy}});
    for (action, end, tcv) in [
        (cancel("2020-05-01"), "2020-05-01", "200"),
        (policy("EndOfCurrentTerm"), "2021-01-01", "600"),
        (policy("EndOfLastInvoicePeriod"), "2020-01-01", "0"),
    ] {
        let shop = sold().await;
        let answer = shop.place(&shop.action("S-1", "2020-05-01", action)).await;
        assert_eq!(answer["subscriptions"][0]["status"], "Cancelled");
        let shown = shop.subscription("S-1").await;
        assert_eq!(
            (&shown["status"], &shown["subscriptionEndDate"]),
            (&json!("Cancelled"), &json!(end))
        );
        assert_eq!(worth(&shown), ("0".to_owned(), tcv.to_owned()));
        let (_, message) =
            shop.refuse(&shop.action("S-1", "2020-03-01", quantity("2020-03-01", 1))).await;
        assert!(message.contains("Cancelled"), "{message}");
    }
}

#[tokio::test]
async fn a_rest_costs_nothing_and_can_lengthen_the_term() {
    let shop = sold().await;
    shop.place(&shop.action("S-1", "2020-02-01", quantity("2020-06-01", 20))).await;
    let suspend = json!({"type": "Suspend", "suspend": {"suspendPolicy": "SpecificDate", "suspendSpecificDate": "2020-03-01"}});
    let resume = |extends: bool| {
        json!({"type": "Resume", "resume": {
            "resumePolicy": "FixedPeriodsFromSuspendDate", "resumePeriods": 2, "resumePeriodsType": "Month", "extendsTerm": extends,
        }})
    };
    let (category, _) = shop.refuse(&shop.action("S-1", "2020-02-01", resume(false))).await;
    assert_eq!(category, 30);
    let answer = shop.place(&shop.action("S-1", "2020-02-01", suspend)).await;
    assert_eq!(answer["subscriptions"][0]["status"], "Suspended");
    assert_eq!(worth(&shop.subscription("S-1").await), ("0".to_owned(), "100".to_owned()));
    let (_, message) =
        shop.refuse(&shop.action("S-1", "2020-02-01", quantity("2020-02-01", 1))).await;
    assert!(message.contains("Suspended"), "{message}");
    let actions = vec![resume(true), quantity("2020-05-15", 10)];
    shop.place(&shop.actions("S-1", "2020-05-01", actions)).await;
    let shown = shop.subscription("S-1").await;
    assert_eq!(shown["status"], "Active");
    let expected = [
        "2020-01-01..2020-03-01 10 50",
        "2020-05-01..2020-05-15 10 50",
        "2020-05-15..2020-06-01 10 50",
        "2020-06-01..2021-03-03 20 100",
    ];
    assert_eq!(segments(&shown), expected);
}

#[tokio::test]
async fn an_owner_may_change_within_one_currency() {
    let shop = sold().await;
    let other = account(&shop.bench).await;
    let transfer = |number: &str| json!({"type": "OwnerTransfer", "ownerTransfer": {"destinationAccountNumber": number}});
    assert_eq!(shop.refuse(&shop.action("S-1", "2020-02-01", transfer("x"))).await.0, 20);
    shop.place(&shop.action("S-1", "2020-02-01", transfer(&other))).await;
    let shown = shop.subscription("S-1").await;
    assert_eq!(
        (&shown["accountNumber"], &shown["invoiceOwnerAccountNumber"]),
        (&json!(other), &json!(other))
    );
    let (_, message) = shop.refuse(&shop.action("S-1", "2020-03-01", cancel("2020-03-01"))).await;
    assert!(message.contains("does not belong"), "{message}");
}

/// Each rule: the action that breaks it, and the category of the refusal.
#[tokio::test]
async fn an_action_that_breaks_a_rule_is_refused_and_makes_no_version() {
    let shop = sold().await;
    let once = bodies::charge(&shop.plan, "OneTime", "Per Unit Pricing");
    shop.bench.create("product-rate-plan-charge", &once).await;
    let update_of = |details: Value| json!({"type": "UpdateProduct", "updateProduct": details});
    let add = json!({"type": "AddProduct", "triggerDates": day("2020-02-01"), "addProduct": {
        "productRatePlanId": shop.plan, "subscriptionRatePlanNumber": "P-2",
    }});
    let added =
        |shop: &Shop, action: Value| shop.actions("S-1", "2020-02-01", vec![add.clone(), action]);
    let by_plan = json!({"subscriptionRatePlanNumber": "P-2", "chargeUpdates": [
        {"productRatePlanChargeId": shop.charge, "pricing": {"oneTimePerUnit": {"quantity": 2}}},
    ]});
    let one = |action: Value| shop.action("S-1", "2020-02-01", action);
    let create = shop.create()["subscriptions"][0]["orderActions"][0].clone();
    let cases = [
        ("a one-time price in an update", added(&shop, update_of(by_plan)), 21),
        ("an update before the start", one(quantity("2019-12-31", 1)), 30),
        ("an update after the end", one(quantity("2021-01-02", 1)), 30),
        ("an update on the day of the end", one(quantity("2021-01-01", 1)), 30),
        (
            "a price of another model",
            one(update("2020-02-01", json!({"recurringFlatFee": {"listPrice": 1}}))),
            30,
        ),
        ("a plan without name", one(update_of(json!({"chargeUpdates": []}))), 22),
        ("a plan that is not there", one(update_of(json!({"ratePlanId": "x"}))), 30),
        (
            "a charge without name",
            one(update_of(json!({"ratePlanId": "x", "chargeUpdates": [{}]}))),
            22,
        ),
        (
            "a charge that is not there",
            one(update_of(
                json!({"subscriptionRatePlanNumber": "P-1", "chargeUpdates": [{"chargeNumber": "x"}]}),
            )),
            30,
        ),
        ("a removal without name", one(json!({"type": "RemoveProduct", "removeProduct": {}})), 22),
        ("a removal before the start", one(remove("2019-12-31")), 30),
        (
            "a cancellation without policy",
            one(json!({"type": "CancelSubscription", "cancelSubscription": {}})),
            22,
        ),
        (
            "a cancellation without date",
            one(
                json!({"type": "CancelSubscription", "cancelSubscription": {"cancellationPolicy": "SpecificDate"}}),
            ),
            22,
        ),
        ("a cancellation after the end", one(cancel("2021-01-02")), 30),
        (
            "a plan change",
            one(json!({"type": "ChangePlan", "changePlan": {"newProductRatePlan": {}}})),
            30,
        ),
        ("a second creation", one(create), 30),
        ("a transfer to nobody", one(json!({"type": "OwnerTransfer", "ownerTransfer": {}})), 30),
        (
            "a suspension without date",
            one(json!({"type": "Suspend", "suspend": {"suspendPolicy": "SpecificDate"}})),
            22,
        ),
        ("no action", shop.actions("S-1", "2020-02-01", vec![]), 30),
        ("no subscription", shop.action("S-9", "2020-02-01", remove("2020-02-01")), 40),
        (
            "two plans of that number",
            shop.actions("S-1", "2020-02-01", vec![add.clone(), add.clone()]),
            30,
        ),
        ("no subscription at all", at(one(remove("2020-02-01")), "/subscriptions", json!([])), 30),
    ];
    for (what, body, category) in cases {
        let (found, message) = shop.refuse(&body).await;
        assert_eq!(found, category, "{what}: {message}");
    }
    assert_eq!(shop.subscription("S-1").await["version"], 1);
    shop.place(&shop.actions("S-1", "2020-02-01", vec![add])).await;
}

#[tokio::test]
async fn a_renewal_changes_the_price_as_was_agreed() {
    let renew = json!({"type": "RenewSubscription", "triggerDates": day("2021-01-01")});
    for (said, price, tcv) in [
        (json!({}), "5", "1200"),
        (json!({"priceChangeOption": "NoChange"}), "5", "1200"),
        (
            json!({"priceChangeOption": "SpecificPercentageValue", "priceIncreasePercentage": 10}),
            "5.5",
            "1260",
        ),
        (json!({"priceChangeOption": "UseLatestProductCatalogPricing"}), "100", "12600"),
    ] {
        let shop = Shop::open().await;
        let mut pricing = json!({"listPrice": 5, "quantity": 10});
        pricing.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
        let said = json!({"chargeNumber": "C-1", "pricing": {"recurringPerUnit": pricing}});
        shop.place(&shop.creating(said)).await;
        let more = update("2021-07-01", json!({"recurringPerUnit": {"quantity": 10}}));
        shop.place(&shop.actions("S-1", "2020-12-01", vec![renew.clone(), more])).await;
        let shown = shop.subscription("S-1").await;
        let charges = shown["ratePlans"][0]["ratePlanCharges"].as_array().unwrap();
        assert_eq!(number(&charges.last().unwrap()["price"]), price, "{shown}");
        assert_eq!(number(&charges[0]["price"]), "5");
        assert_eq!(number(&shown["totalContractedValue"]), tcv);
    }
    let shop = Shop::open().await;
    let said = json!({"priceChangeOption": "SpecificPercentageValue"});
    let body = shop.creating(json!({"pricing": {"recurringPerUnit": said}}));
    assert_eq!(shop.refuse(&body).await.0, 22);
}

#[tokio::test]
async fn a_plan_that_has_expired_is_sold_no_more() {
    let shop = sold().await;
    let path = format!("/v1/object/product-rate-plan/{}", shop.plan);
    let gone = json!({"EffectiveEndDate": "2020-03-31"});
    let reply =
        shop.bench.send_with(reqwest::Method::PUT, &path, Some(&gone), &[super::VERSION]).await;
    assert_eq!(reply.body["Success"], true, "{}", reply.text);
    let add = |date: &str| {
        let details = json!({"productRatePlanId": shop.plan});
        let action =
            json!({"type": "AddProduct", "triggerDates": day(date), "addProduct": details});
        shop.action("S-1", date, action)
    };
    let (category, message) = shop.refuse(&add("2020-04-01")).await;
    assert_eq!((category, message.contains("expired")), (30, true), "{message}");
    shop.place(&add("2020-03-31")).await;
    // What was sold stays, and may change.
    shop.place(&shop.action("S-1", "2020-05-01", quantity("2020-05-01", 4))).await;
}
