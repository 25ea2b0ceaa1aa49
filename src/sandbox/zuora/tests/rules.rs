//! Each rule about new objects: a body that is accepted, and one that is refused.

use serde_json::{Value, json};

use super::bodies::{but, charge, plan, product, with_tiers};
use super::{Bench, Reply};

/// Sends a body that must be refused with this code, for the reason that contains this text.
async fn refuse(bench: &Bench, object: &str, body: &Value, code: &str, part: &str) {
    let reply = bench.post(&format!("/v1/object/{object}"), body).await;
    assert_refused(&reply, body, code, part);
}

fn assert_refused(reply: &Reply, body: &Value, code: &str, part: &str) {
    assert_eq!(reply.status, 400, "accepted: {body} {}", reply.text);
    assert_eq!(reply.body["Success"], false, "{}", reply.text);
    let errors = reply.body["Errors"].as_array().unwrap();
    let found = errors
        .iter()
        .any(|error| error["Code"] == code && error["Message"].as_str().unwrap().contains(part));
    assert!(found, "{code} with '{part}' expected for {body}, found {}", reply.text);
}

#[tokio::test]
async fn products() {
    let bench = Bench::open().await;
    let whole = json!({
        "SKU": "SKU-1", "Description": "d", "Category": "Base Products", "sfdcId__c": "01t000000000001AAA",
        "Weight__c": 1.5, "Since__c": "2024-02-29", "Bundled__c": true, "Region__c": "EMEA",
    });
    bench.create("product", &but(product("Taken"), whole)).await;
    for (changes, code, part) in [
        (json!({"Name": null}), "MISSING_REQUIRED_VALUE", "Name"),
        (json!({"EffectiveEndDate": null}), "MISSING_REQUIRED_VALUE", "EffectiveEndDate"),
        (json!({"Name": "Taken"}), "DUPLICATE_VALUE", "Name"),
        (json!({"Name": "x".repeat(101)}), "INVALID_VALUE", "too big"),
        (json!({"Name": 7}), "INVALID_VALUE", "Name"),
        (json!({"Name": "Party 🎉"}), "INVALID_VALUE", "U+1F389"),
        (json!({"EffectiveStartDate": "2024-02-30"}), "INVALID_VALUE", "date"),
        (json!({"EffectiveStartDate": "2024-01-01T00:00:00Z"}), "INVALID_VALUE", "date"),
        (json!({"EffectiveStartDate": "2100-01-01"}), "INVALID_VALUE", "before"),
        (json!({"ProductNumber": "PC-1"}), "INVALID_FIELD", "ProductNumber"),
        (json!({"sfdcId__c": "x".repeat(19)}), "INVALID_VALUE", "too big"),
        (json!({"Weight__c": "1.5"}), "INVALID_VALUE", "Weight__c"),
        (json!({"Since__c": "29.2.2024"}), "INVALID_VALUE", "Since__c"),
        (json!({"Bundled__c": "true"}), "INVALID_VALUE", "Bundled__c"),
        (json!({"Region__c": "Mars"}), "INVALID_VALUE", "Region__c"),
    ] {
        refuse(&bench, "product", &but(product("Other"), changes), code, part).await;
    }
    bench.create("product", &product("Other")).await;
}

#[tokio::test]
async fn rate_plans() {
    let bench = Bench::open().await;
    let (id, _) = bench.plan().await;
    for (changes, code, part) in [
        (json!({"Name": "Plan"}), "DUPLICATE_VALUE", "Plan"),
        (json!({"ProductId": "0".repeat(32)}), "INVALID_VALUE", "ProductId"),
        (json!({"ProductId": null}), "MISSING_REQUIRED_VALUE", "ProductId"),
        (json!({"EffectiveStartDate": "2019-12-31"}), "INVALID_VALUE", "within"),
        (json!({"EffectiveEndDate": "2100-01-01"}), "INVALID_VALUE", "within"),
        (
            json!({"EffectiveStartDate": "2030-01-01", "EffectiveEndDate": "2029-01-01"}),
            "INVALID_VALUE",
            "before",
        ),
        (json!({"ActiveCurrencies": "USD"}), "INVALID_VALUE", "ActiveCurrencies"),
        (json!({"ActiveCurrencies": []}), "INVALID_VALUE", "empty"),
        (json!({"ActiveCurrencies": ["USD", "XXX"]}), "INVALID_VALUE", "XXX"),
        (
            json!({"ActiveCurrencies": ["USD", "EUR", "GBP", "JPY", "CAD"]}),
            "INVALID_VALUE",
            "at most 4",
        ),
        (json!({"Grade": 1}), "INVALID_FIELD", "Grade"),
    ] {
        let body = but(plan(&id, "Other"), changes);
        refuse(&bench, "product-rate-plan", &body, code, part).await;
    }
    let four = json!({"ActiveCurrencies": ["USD", "EUR", "GBP", "JPY"], "Grade": 1});
    bench.create("product-rate-plan", &but(plan(&id, "Other"), four)).await;
    let second = bench.create("product", &product("Second")).await;
    bench.create("product-rate-plan", &plan(&second, "Plan")).await;
    // What a client leaves out comes from the product and from the tenant.
    let bare = json!({"Name": "Bare", "ProductId": id});
    let bare = bench.create("product-rate-plan", &bare).await;
    let stored = bench.get(&format!("/v1/object/product-rate-plan/{bare}")).await;
    assert_eq!(stored.body["ActiveCurrencies"], json!(["USD"]));
    assert_eq!(stored.body["EffectiveStartDate"], "2020-01-01");
}

#[tokio::test]
async fn models_and_types_of_charges() {
    let bench = Bench::open().await;
    let (_, plan) = bench.plan().await;
    let (all, usage) = (["OneTime", "Recurring", "Usage"].as_slice(), ["Usage"].as_slice());
    let not_usage = ["OneTime", "Recurring"].as_slice();
    for (model, allowed) in [
        ("Flat Fee Pricing", all),
        ("Per Unit Pricing", all),
        ("Volume Pricing", all),
        ("Tiered Pricing", all),
        ("Overage Pricing", usage),
        ("Tiered with Overage Pricing", usage),
        ("Discount-Fixed Amount", not_usage),
        ("Discount-Percentage", not_usage),
        ("Delivery Pricing", &["Recurring"]),
    ] {
        for charge_type in all {
            let body = charge(&plan, charge_type, model);
            if allowed.contains(charge_type) {
                bench.create("product-rate-plan-charge", &body).await;
            } else {
                let part = "is not allowed for a";
                refuse(&bench, "product-rate-plan-charge", &body, "INVALID_VALUE", part).await;
            }
        }
    }
}

#[tokio::test]
async fn fields_of_charges() {
    let bench = Bench::open().await;
    let (_, plan) = bench.plan().await;
    let (missing, invalid) = ("MISSING_REQUIRED_VALUE", "INVALID_VALUE");
    let accepted = [
        json!({"BillingPeriod": null}),
        json!({"BillCycleType": "SpecificDayofMonth", "BillCycleDay": 31}),
        json!({"BillCycleType": "SpecificDayofWeek", "WeeklyBillCycleDay": "Monday"}),
        json!({"BillingPeriod": "Specific Months", "SpecificBillingPeriod": 5}),
        json!({"ListPriceBase": "Per Specific Months", "SpecificListPriceBase": 24}),
        json!({"EndDateCondition": "FixedPeriod", "UpToPeriods": 3, "UpToPeriodsType": "Months"}),
        json!({"Taxable": true, "TaxMode": "TaxExclusive", "TaxCode": "Standard"}),
        json!({"AccountingCode": "Revenue", "DeferredRevenueAccount": "Deferred Revenue"}),
        json!({"UOM": "GB"}),
        json!({"MinQuantity": 1, "MaxQuantity": 5, "DefaultQuantity": 2}),
        json!({"UseDiscountSpecificAccountingCode": null}),
        json!({"PriceIncreasePercentage": -100}),
    ];
    for changes in accepted {
        let body = but(charge(&plan, "Recurring", "Per Unit Pricing"), changes);
        bench.create("product-rate-plan-charge", &body).await;
    }
    for (changes, code, part) in [
        (json!({"Name": null}), missing, "Name"),
        (json!({"ChargeType": null}), missing, "ChargeType"),
        (json!({"ChargeModel": "Flat fee Pricing"}), invalid, "ChargeModel"),
        (json!({"TriggerEvent": null}), missing, "TriggerEvent"),
        (json!({"ProductRatePlanChargeTierData": null}), missing, "TierData"),
        (json!({"ProductRatePlanId": "x"}), invalid, "ProductRatePlanId"),
        (json!({"UOM": null}), missing, "UOM"),
        (json!({"UOM": "Furlong"}), invalid, "UOM"),
        (json!({"DefaultQuantity": null}), missing, "DefaultQuantity"),
        (json!({"DefaultQuantity": "1"}), invalid, "DefaultQuantity"),
        (json!({"BillCycleType": "SpecificDayofMonth"}), missing, "BillCycleDay"),
        (
            json!({"BillCycleType": "SpecificDayofMonth", "BillCycleDay": 32}),
            invalid,
            "BillCycleDay",
        ),
        (json!({"BillCycleDay": 5}), invalid, "BillCycleDay"),
        (json!({"BillCycleType": "SpecificDayofWeek"}), missing, "WeeklyBillCycleDay"),
        (json!({"BillingPeriod": "Monthly"}), invalid, "BillingPeriod"),
        (json!({"BillingPeriod": "Specific Months"}), missing, "SpecificBillingPeriod"),
        (json!({"ListPriceBase": "Per Specific Months"}), missing, "SpecificListPriceBase"),
        (json!({"EndDateCondition": "FixedPeriod"}), missing, "UpToPeriods"),
        (json!({"EndDateCondition": "FixedPeriod", "UpToPeriods": 0}), invalid, "UpToPeriods"),
        (json!({"UpToPeriods": 3}), invalid, "UpToPeriods"),
        (json!({"Taxable": true, "TaxMode": "TaxExclusive"}), missing, "TaxCode"),
        (json!({"Taxable": true, "TaxCode": "Standard"}), missing, "TaxMode"),
        (
            json!({"Taxable": true, "TaxMode": "TaxExclusive", "TaxCode": "None"}),
            invalid,
            "TaxCode",
        ),
        (json!({"AccountingCode": "Unknown"}), invalid, "AccountingCode"),
        (json!({"MinQuantity": 5, "MaxQuantity": 1}), invalid, "MinQuantity"),
        (json!({"DefaultQuantity": 9, "MaxQuantity": 5}), invalid, "DefaultQuantity"),
        (json!({"PriceIncreasePercentage": 101}), invalid, "range"),
        (json!({"IncludedUnits": 5}), invalid, "IncludedUnits"),
        (json!({"IsStackedDiscount": true}), "INVALID_FIELD", "IsStackedDiscount"),
    ] {
        let body = but(charge(&plan, "Recurring", "Per Unit Pricing"), changes);
        refuse(&bench, "product-rate-plan-charge", &body, code, part).await;
    }
    let overage = but(charge(&plan, "Usage", "Overage Pricing"), json!({"IncludedUnits": null}));
    refuse(&bench, "product-rate-plan-charge", &overage, missing, "IncludedUnits").await;
}

#[tokio::test]
async fn tiers_of_charges() {
    let bench = Bench::open().await;
    let product = bench.create("product", &product("Widget")).await;
    let dollars = but(plan(&product, "Dollars"), json!({"ActiveCurrencies": ["USD"]}));
    let plan = bench.create("product-rate-plan", &dollars).await;
    let (flat, volume) = ("Flat Fee Pricing", "Volume Pricing");
    let overage = "Tiered with Overage Pricing";
    for (model, tiers) in [
        (flat, r#"[{"Price": 1}]"#),
        (flat, r#"[{"Price": -5.5, "Currency": "USD"}]"#),
        (flat, r#"[{"Price": 9999999999999.999999999}]"#),
        (flat, r#"[{"Price": 1.5E3}]"#),
        (
            volume,
            r#"[{"StartingUnit": 0, "EndingUnit": 10, "Price": 1, "PriceFormat": "Flat Fee"}, {"StartingUnit": 11, "Price": 2}]"#,
        ),
        (volume, r#"[{"StartingUnit": 1, "EndingUnit": 10, "Price": 1}]"#),
        (
            overage,
            r#"[{"StartingUnit": 0, "EndingUnit": 10, "Price": 1}, {"IsOveragePrice": true, "Price": 2}]"#,
        ),
    ] {
        let charge_type = if model == overage { "Usage" } else { "Recurring" };
        let tiers = serde_json::from_str(tiers).unwrap();
        let body = with_tiers(charge(&plan, charge_type, model), tiers);
        bench.create("product-rate-plan-charge", &body).await;
    }
    for (model, tiers, part) in [
        (flat, "[]", "number of items"),
        (flat, r#"[{"Price": 1, "Currency": "EUR"}]"#, "not active"),
        (flat, r#"[{"Price": 1, "Currency": "XXX"}]"#, "Currency"),
        (flat, r#"[{"Price": 1}, {"Price": 2}]"#, "one tier per currency"),
        (flat, r#"[{"Price": 1, "StartingUnit": 0}]"#, "no bounds"),
        (flat, r#"[{"Currency": "USD"}]"#, "Price is missing"),
        (flat, r#"[{"Price": "1"}]"#, "Price"),
        (flat, r#"[{"Price": 10000000000000}]"#, "digits"),
        (flat, r#"[{"Price": 0.0000000001}]"#, "digits"),
        (flat, r#"[{"Price": 1e400}]"#, "digits"),
        (flat, r#"[{"DiscountAmount": 1}]"#, "not allowed"),
        (flat, r#"[{"Price": 1, "PriceFormat": "FlatFee"}]"#, "PriceFormat"),
        (volume, r#"[{"Price": 1}]"#, "StartingUnit"),
        (
            volume,
            r#"[{"StartingUnit": 0, "EndingUnit": 10, "Price": 1}, {"StartingUnit": 10, "Price": 2}]"#,
            "overlaps",
        ),
        (
            volume,
            r#"[{"StartingUnit": 0, "EndingUnit": 10, "Price": 1}, {"StartingUnit": 12, "Price": 2}]"#,
            "hole",
        ),
        (
            volume,
            r#"[{"StartingUnit": 0, "Price": 1}, {"StartingUnit": 11, "Price": 2}]"#,
            "EndingUnit",
        ),
        (volume, r#"[{"StartingUnit": 5, "Price": 1}]"#, "not at 0 or 1"),
        (volume, r#"[{"StartingUnit": 0, "EndingUnit": 1.5, "Price": 1}]"#, "decimals"),
        (volume, r#"[{"StartingUnit": 0, "EndingUnit": 10}]"#, "Price is missing"),
        (
            volume,
            r#"[{"StartingUnit": 0, "EndingUnit": 9, "Price": 1}, {"IsOveragePrice": true, "Price": 2}]"#,
            "overage",
        ),
        (overage, r#"[{"StartingUnit": 0, "EndingUnit": 10, "Price": 1}]"#, "IsOveragePrice"),
        (
            overage,
            r#"[{"StartingUnit": 0, "Price": 1}, {"IsOveragePrice": true, "Price": 2}]"#,
            "EndingUnit",
        ),
    ] {
        let charge_type = if model == overage { "Usage" } else { "Recurring" };
        let tiers = serde_json::from_str(tiers).unwrap();
        let body = with_tiers(charge(&plan, charge_type, model), tiers);
        refuse(&bench, "product-rate-plan-charge", &body, "INVALID_VALUE", part).await;
    }
}

#[tokio::test]
async fn every_active_currency_has_its_tiers() {
    let bench = Bench::open().await;
    let (_, plan) = bench.plan().await;
    let dollars = json!([{"Currency": "USD", "Price": 1}]);
    let body = with_tiers(charge(&plan, "Recurring", "Flat Fee Pricing"), dollars);
    refuse(&bench, "product-rate-plan-charge", &body, "INVALID_VALUE", "EUR has no tier").await;
    // A percentage is the same in every currency.
    let percent = json!([{"Currency": "USD", "DiscountPercentage": 100}]);
    let body = with_tiers(charge(&plan, "Recurring", "Discount-Percentage"), percent);
    bench.create("product-rate-plan-charge", &body).await;
}

#[tokio::test]
async fn a_refused_charge_leaves_nothing_behind() {
    let bench = Bench::open().await;
    let (_, plan) = bench.plan().await;
    let body = but(charge(&plan, "Usage", "Tiered Pricing"), json!({"UOM": "Furlong"}));
    refuse(&bench, "product-rate-plan-charge", &body, "INVALID_VALUE", "UOM").await;
    for object in ["ProductRatePlanCharge", "ProductRatePlanChargeTier"] {
        let reply = bench.query(&format!("select Id from {object}")).await;
        assert_eq!(reply.body["size"], 0, "{object}");
    }
}
