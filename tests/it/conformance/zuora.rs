//! Zuora, against the emulated tenant.

mod accounts;
mod orders;

use std::{collections::BTreeMap, sync::Arc};

use crosswalk::{
    connector::{
        Class, Find, FindBy, Outcome, Query, Relation, RelationKind, Source, Target,
        zuora::{Settings, Zuora, connect},
    },
    sandbox::{
        wire::faults::Fault,
        zuora::{CustomField, CustomFieldKind, Service, Tenant, router},
    },
    secret::Secret,
};
use serde_json::Value;

use super::{
    claims::{self, Tried, created, found_by_id, member, update},
    faults,
    servers::{self, CLIENT_ID, CLIENT_SECRET, Log, Server},
};

struct Emulated {
    service: Arc<Service>,
    server: Server,
    log: Log,
}

fn tenant() -> Tenant {
    let text = |length| CustomField { kind: CustomFieldKind::Text { length }, indexed: true };
    let fields = |name: &str| BTreeMap::from([(name.to_owned(), text(64))]);
    Tenant {
        units: [("Each".to_owned(), 0)].into(),
        payment_terms: ["Net 30"].map(String::from).into(),
        currencies: ["USD", "EUR", "GBP", "JPY", "CHF", "CAD"].map(String::from).into(),
        default_currency: "USD".into(),
        custom_fields: [
            ("Product".to_owned(), fields("sfdcId__c")),
            ("ProductRatePlan".to_owned(), fields("sfdcPricebookID__c")),
            ("Account".to_owned(), fields("Region__c")),
            ("Contact".to_owned(), fields("crmId__c")),
        ]
        .into(),
        ..Tenant::default()
    }
}

impl Emulated {
    async fn start() -> Self {
        Self::of(tenant()).await
    }

    async fn of(tenant: Tenant) -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/zuora");
        let mut schemas = Vec::new();
        for entry in std::fs::read_dir(folder).expect("schemas") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                continue;
            }
            let name = path.file_stem().expect("stem").to_string_lossy().into_owned();
            schemas.push((name, std::fs::read_to_string(&path).expect("schema").into()));
        }
        schemas.sort();
        let service =
            Service::open(&schemas, tenant, servers::credentials(), None).expect("tenant");
        let log = Log::default();
        let server = servers::serve(servers::logged(router(service.clone()), log.clone())).await;
        Self { service, server, log }
    }

    fn connect(&self, secret: &str) -> Zuora {
        connect(Settings {
            patience: servers::patience(),
            ..Settings::new(&self.server.url, CLIENT_ID, Secret::new(secret))
        })
        .expect("settings")
    }
}

const PRODUCT: &str = r#"{"Name":"Widget","EffectiveStartDate":"2000-01-01","EffectiveEndDate":"2099-12-31","sfdcId__c":"01t1","Description":"It's \\ small"}"#;

#[tokio::test]
async fn zuora_keeps_the_promises_of_a_target() {
    let emulated = Emulated::start().await;
    let zuora = emulated.connect(CLIENT_SECRET);
    let id = claims::says_who_it_is(&zuora, "zuora").await;
    assert_eq!(id, emulated.service.identity().tenant_id.to_string());
    let tried = Tried {
        object: "Product",
        key: "sfdcId__c",
        bodies: [
            PRODUCT,
            r#"{"Name":"Gadget","EffectiveStartDate":"2000-01-01","EffectiveEndDate":"2099-12-31","sfdcId__c":"01t'2","SKU":"G-1"}"#,
        ],
        bad: Some(
            r#"{"Name":"Nameless","EffectiveStartDate":"not a day","EffectiveEndDate":"2099-12-31"}"#,
        ),
        change: r#"{"Description":null,"Name":"Widget 2"}"#,
    };
    claims::writes_and_finds(&zuora, &tried).await;
    let described = zuora.describe("Product").await.expect("describe");
    assert!(String::from_utf8(described).expect("text").contains("EffectiveStartDate"));
}

#[tokio::test]
async fn zuora_fails_as_every_service() {
    let emulated = Emulated::start().await;
    let zuora = emulated.connect(CLIENT_SECRET);
    created(&zuora, "Product", PRODUCT).await;
    let find = Find {
        object: "Product".into(),
        by: FindBy::Keys(vec![vec![("sfdcId__c".into(), "\"01t1\"".into())]]),
        fields: vec!["Name".into()],
    };
    let tried = faults::Tried {
        target: &zuora,
        faults: emulated.service.faults(),
        write: claims::create("Product", r#"{"Name":"x"}"#),
        write_path: "/v1/action/create",
        read: Box::new(|| Box::pin(async { zuora.find(&find).await.map(|found| found.len()) })),
        read_path: "/v1/action/query",
        expire: Box::new(|| emulated.service.expire_tokens()),
    };
    faults::fails_as_promised(&tried, &|| zuora.traffic()).await;
    faults::knows_a_wrong_secret(&emulated.connect("wrong"), "wrong").await;
}

/// A product, a plan and a charge with tiers; gives the ids of the plan and of the charge.
async fn charge(zuora: &Zuora, body: &str) -> (String, String) {
    let product = created(zuora, "Product", PRODUCT).await;
    let plan = format!(
        r#"{{"ProductId":"{product}","Name":"Plan","EffectiveStartDate":"2000-01-01","EffectiveEndDate":"2099-12-31","ActiveCurrencies":["USD","EUR"]}}"#
    );
    let plan = created(zuora, "ProductRatePlan", &plan).await;
    let body = body.replace("{plan}", &plan);
    let charge = created(zuora, "ProductRatePlanCharge", &body).await;
    (plan, charge)
}

const VOLUME: &str = r#"{"ProductRatePlanId":"{plan}","Name":"Seats","ChargeType":"Recurring","ChargeModel":"Volume Pricing",
    "BillCycleType":"DefaultFromCustomer","BillingPeriod":"Semi-Annual","BillingTiming":"In Advance","TriggerEvent":"ContractEffective","UOM":"Each",
    "ListPriceBase":"Per Billing Period",
    "ProductRatePlanChargeTierData":{"ProductRatePlanChargeTier":[
      {"Currency":"EUR","StartingUnit":1,"EndingUnit":10,"Price":5.25,"PriceFormat":"Flat Fee"},
      {"Currency":"EUR","StartingUnit":11,"Price":0,"PriceFormat":"Per Unit"},
      {"Currency":"USD","StartingUnit":1,"EndingUnit":10,"Price":6.10,"PriceFormat":"Flat Fee"},
      {"Currency":"USD","StartingUnit":11,"Price":4.123456789,"PriceFormat":"Per Unit"}]}}"#;

const TIERS: &str = "ProductRatePlanChargeTierData";

/// The tiers that were written, with the members that were written.
fn assert_tiers(found: &str, written: &str) {
    let tiers = |text: &str| {
        let data: Value = serde_json::from_str(text).expect(text);
        data["ProductRatePlanChargeTier"].as_array().expect("tiers").clone()
    };
    let (found, written) = (tiers(found), tiers(written));
    assert_eq!(found.len(), written.len());
    for (found, written) in found.iter().zip(&written) {
        for (name, value) in written.as_object().expect("tier") {
            let decimal = |value: &Value| crosswalk::value::parse_decimal(&value.to_string());
            let same = decimal(&found[name]).is_some() && decimal(&found[name]) == decimal(value);
            assert!(same || found[name] == *value, "{name}: {found} {written}");
        }
    }
}

#[tokio::test]
async fn a_charge_reads_back_as_it_was_written() {
    let emulated = Emulated::start().await;
    let zuora = emulated.connect(CLIENT_SECRET);
    let (plan, charge) = charge(&zuora, VOLUME).await;
    let fields =
        ["ChargeModel", "BillingPeriod", "BillingTiming", TIERS, "ListPriceBase", "TriggerEvent"];
    let found = found_by_id(&zuora, "ProductRatePlanCharge", &charge, &fields).await;
    let names: Vec<&str> = found.fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, fields);
    for (name, text) in &found.fields {
        match name.as_str() {
            TIERS => assert_tiers(text, &member(VOLUME, TIERS)),
            name => assert_eq!(*text, member(VOLUME, name)),
        }
    }
    let found = found_by_id(&zuora, "ProductRatePlan", &plan, &["Name", "ActiveCurrencies"]).await;
    assert_eq!(found.fields[1].1, r#"["EUR","USD"]"#);
}

#[tokio::test]
async fn currencies_are_switched_four_at_a_time() {
    let emulated = Emulated::start().await;
    let zuora = emulated.connect(CLIENT_SECRET);
    let product = created(&zuora, "Product", PRODUCT).await;
    let body = format!(
        r#"{{"ProductId":"{product}","Name":"Plan","EffectiveStartDate":"2000-01-01","EffectiveEndDate":"2099-12-31","ActiveCurrencies":["USD","EUR","GBP","JPY","CHF","CAD"]}}"#
    );
    let sent = zuora.traffic().writes;
    let plan = created(&zuora, "ProductRatePlan", &body).await;
    assert_eq!(zuora.traffic().writes, sent + 2);
    let found = found_by_id(&zuora, "ProductRatePlan", &plan, &["ActiveCurrencies"]).await;
    assert_eq!(found.fields[0].1, r#"["CAD","CHF","EUR","GBP","JPY","USD"]"#);
    let before = r#"{"ActiveCurrencies":["CAD","CHF","EUR","GBP","JPY","USD"]}"#;
    let fewer = [update("ProductRatePlan", &plan, before, r#"{"ActiveCurrencies":["USD","EUR"]}"#)];
    let sent = zuora.traffic().writes;
    let outcomes = zuora.write(&fewer).await.expect("update");
    assert!(matches!(&outcomes[..], [Outcome::Done { .. }]), "{outcomes:?}");
    assert_eq!(zuora.traffic().writes, sent + 1);
    let found = found_by_id(&zuora, "ProductRatePlan", &plan, &["ActiveCurrencies"]).await;
    assert_eq!(found.fields[0].1, r#"["EUR","USD"]"#);
}

#[tokio::test]
async fn one_new_price_is_the_tiers_own_call() {
    let emulated = Emulated::start().await;
    let zuora = emulated.connect(CLIENT_SECRET);
    let (_, charge) = charge(&zuora, VOLUME).await;
    let found = found_by_id(&zuora, "ProductRatePlanCharge", &charge, &[TIERS]).await;
    let before = format!(r#"{{"{TIERS}":{}}}"#, found.fields[0].1);
    let wished = format!(r#"{{"{TIERS}":{}}}"#, member(VOLUME, TIERS).replace("6.10", "7.77"));
    // Were the batch call used, this fault would strike.
    let fault = Fault::Answer { status: 500, retry_after_s: None };
    emulated.service.faults().next(1, None, "/v1/action/update", fault);
    let batch = [update("ProductRatePlanCharge", &charge, &before, &wished)];
    let outcomes = zuora.write(&batch).await.expect("update");
    assert!(matches!(&outcomes[..], [Outcome::Done { id, .. }] if *id == charge), "{outcomes:?}");
    let found = found_by_id(&zuora, "ProductRatePlanCharge", &charge, &[TIERS]).await;
    assert_tiers(&found.fields[0].1, &member(&wished, TIERS));
    // Two prices at once go the long way, and meet the fault.
    let two = wished.replace("7.77", "8").replace("5.25", "9");
    let batch = [update("ProductRatePlanCharge", &charge, &before, &two)];
    let error = zuora.write(&batch).await.expect_err("the fault");
    assert_eq!(error.class, Class::UnknownFate);
    let outcomes = zuora.write(&batch).await.expect("update");
    assert!(matches!(&outcomes[..], [Outcome::Done { .. }]), "{outcomes:?}");
    let found = found_by_id(&zuora, "ProductRatePlanCharge", &charge, &[TIERS]).await;
    assert_tiers(&found.fields[0].1, &member(&two, TIERS));
}

#[tokio::test]
async fn a_plan_that_was_cut_short_shows_the_difference() {
    let emulated = Emulated::start().await;
    let zuora = emulated.connect(CLIENT_SECRET);
    let product = created(&zuora, "Product", PRODUCT).await;
    let body = format!(
        r#"{{"ProductId":"{product}","Name":"Plan","EffectiveStartDate":"2000-01-01","EffectiveEndDate":"2099-12-31","ActiveCurrencies":["USD","EUR","GBP","JPY","CHF","CAD"]}}"#
    );
    emulated.service.faults().next(1, None, "/v1/action/update", Fault::CutBefore);
    let error = zuora.write(&[claims::create("ProductRatePlan", &body)]).await.expect_err("cut");
    assert_eq!(error.class, Class::UnknownFate, "{error}");
    let find = Find {
        object: "ProductRatePlan".into(),
        by: FindBy::Keys(vec![vec![
            ("Name".into(), "\"Plan\"".into()),
            ("ProductId".into(), format!("\"{product}\"")),
        ]]),
        fields: vec!["ActiveCurrencies".into()],
    };
    let found = zuora.find(&find).await.expect("find");
    assert_eq!(found[0].fields[0].1, r#"["EUR","GBP","JPY","USD"]"#);
}

#[tokio::test]
async fn a_batch_of_prices_and_other_changes_keeps_its_order() {
    let emulated = Emulated::start().await;
    let zuora = emulated.connect(CLIENT_SECRET);
    let (plan, first) = charge(&zuora, VOLUME).await;
    let body = VOLUME.replace("{plan}", &plan).replace("Seats", "More seats");
    let second = created(&zuora, "ProductRatePlanCharge", &body).await;
    let before = format!(r#"{{"{TIERS}":{},"Name":"x"}}"#, member(VOLUME, TIERS));
    let price = format!(r#"{{"{TIERS}":{}}}"#, member(VOLUME, TIERS).replace("5.25", "5.75"));
    let object = "ProductRatePlanCharge";
    let batch = [
        update(object, &first, &before, &price),
        update(object, &second, &before, r#"{"Name":"Fewer seats"}"#),
        update(object, "2c92c0f8000000000000000000000000", &before, r#"{"Name":"Nobody"}"#),
        update(object, &second, &before, &price),
        update(object, "2c92c0f8000000000000000000000000", &before, &price),
    ];
    let sent = zuora.traffic().writes;
    let outcomes = zuora.write(&batch).await.expect("update");
    assert_eq!(zuora.traffic().writes, sent + 3, "one batch, and two tiers");
    let done = outcomes.iter().map(|outcome| match outcome {
        Outcome::Done { id, .. } => id.as_str(),
        Outcome::Refused { .. } => "refused",
    });
    assert_eq!(done.collect::<Vec<_>>(), [&first, &second, "refused", &second, "refused"]);
    for charge in [&first, &second] {
        let found = found_by_id(&zuora, object, charge, &[TIERS]).await;
        assert_tiers(&found.fields[0].1, &member(&price, TIERS));
    }
}

#[tokio::test]
async fn a_one_time_charge_needs_no_billing_period() {
    let emulated = Emulated::start().await;
    let zuora = emulated.connect(CLIENT_SECRET);
    let one_time = r#"{"ProductRatePlanId":"{plan}","Name":"Setup","ChargeType":"OneTime","ChargeModel":"Flat Fee Pricing",
        "BillCycleType":"DefaultFromCustomer","TriggerEvent":"ContractEffective",
        "ProductRatePlanChargeTierData":{"ProductRatePlanChargeTier":[{"Currency":"EUR","Price":89.50},{"Currency":"USD","Price":99.00}]}}"#;
    let (_, charge) = charge(&zuora, one_time).await;
    let found = found_by_id(&zuora, "ProductRatePlanCharge", &charge, &[TIERS]).await;
    assert_tiers(&found.fields[0].1, &member(one_time, TIERS));
}

#[tokio::test]
async fn a_discount_reads_back_as_it_was_written() {
    let emulated = Emulated::start().await;
    let zuora = emulated.connect(CLIENT_SECRET);
    let discount = r#"{"ProductRatePlanId":"{plan}","Name":"Tenth off","ChargeType":"Recurring","ChargeModel":"Discount-Percentage",
        "BillCycleType":"DefaultFromCustomer","BillingPeriod":"Month","TriggerEvent":"ContractEffective",
        "ApplyDiscountTo":"ONETIMERECURRINGUSAGE (7)","DiscountLevel":"rateplan",
        "ProductRatePlanChargeTierData":{"ProductRatePlanChargeTier":[{"Currency":"EUR","DiscountPercentage":10},{"Currency":"USD","DiscountPercentage":10.5}]}}"#;
    let (_, charge) = charge(&zuora, discount).await;
    let fields = ["ApplyDiscountTo", TIERS];
    let found = found_by_id(&zuora, "ProductRatePlanCharge", &charge, &fields).await;
    assert_eq!(found.fields[0].1, member(discount, "ApplyDiscountTo"));
    assert_tiers(&found.fields[1].1, &member(discount, TIERS));
}

#[tokio::test]
async fn the_catalog_is_a_source_too() {
    let emulated = Emulated::start().await;
    let zuora = emulated.connect(CLIENT_SECRET);
    let (plan, charge) = charge(&zuora, VOLUME).await;
    let of = |object: &str, fields: &[&str]| {
        let mut query = Query::of(object);
        fields.iter().for_each(|field| query.add_field(field));
        query
    };
    let relation = |name: &str, kind, query| Relation { name: name.into(), kind, query };
    let children = |field: &str| RelationKind::Children { field: field.into() };
    let mut plans = of("ProductRatePlan", &["Name", "ActiveCurrencies"]);
    let charges = of("ProductRatePlanCharge", &["Name", "ChargeModel", "BillingPeriod"]);
    plans.relations.push(relation("Charges", children("ProductRatePlanId"), charges));
    let mut query = of("Product", &["Name", "SKU", "EffectiveStartDate", "Category"]);
    query.relations.push(relation("Plans", children("ProductId"), plans));
    query.changed_by = Some("UpdatedDate".into());
    let (read, _, marks) = claims::read_all(&zuora, &query).await;
    assert_eq!(read.len(), 1);
    assert_eq!(read[0]["EffectiveStartDate"], "2000-01-01");
    assert_eq!(read[0]["Category"], Value::Null);
    let found = &read[0]["Plans"]["records"][0];
    assert_eq!((&found["Id"], &found["Name"]), (&Value::from(plan), &Value::from("Plan")));
    assert_eq!(found["ActiveCurrencies"], serde_json::json!(["EUR", "USD"]));
    let found = &found["Charges"]["records"][0];
    assert_eq!(
        (&found["Id"], &found["BillingPeriod"]),
        (&Value::from(charge), &Value::from("Semi-Annual"))
    );
    assert_eq!(marks.keys().collect::<Vec<_>>(), ["", "Plans", "Plans.Charges"]);
    let later = marks.keys().map(|path| (path.clone(), "9999".to_owned())).collect();
    let nothing = Query { since: Some(later), ..query };
    assert_eq!(claims::read_all(&zuora, &nothing).await.0.len(), 0);
}

#[tokio::test]
async fn finds_more_keys_than_one_question_takes() {
    let emulated = Emulated::start().await;
    let zuora = emulated.connect(CLIENT_SECRET);
    let body = |n: usize| {
        format!(
            r#"{{"Name":"P{n}","EffectiveStartDate":"2000-01-01","EffectiveEndDate":"2099-12-31","sfdcId__c":"k{n}"}}"#
        )
    };
    let writes: Vec<_> = (0..120).map(|n| claims::create("Product", &body(n))).collect();
    for batch in writes.chunks(zuora.limits("Product").batch_size_max) {
        zuora.write(batch).await.expect("write");
    }
    let key = |n: usize| vec![("sfdcId__c".to_owned(), format!("\"k{n}\""))];
    let by = FindBy::Keys((0..450).rev().map(key).collect());
    let find = Find { object: "Product".into(), by, fields: vec!["Name".into()] };
    let found = zuora.find(&find).await.expect("find");
    assert_eq!(found.len(), 120);
    for hit in &found {
        assert_eq!(hit.fields[0].1, format!("\"P{}\"", 449 - hit.asked));
    }
}
