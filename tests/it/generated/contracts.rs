//! Contracts under the shipped mapping: sales as CPQ keeps them, and what became of them.

use std::collections::BTreeMap;

use crosswalk::compile::Param;
use serde_json::{Value, json};

use super::{
    Fates,
    examined::Examined,
    products, random,
    records::{Org, number, set},
    sales::{self, Line, Part, Sale},
};
use crate::cases::{Setting, cpq_to_zuora, org_of_cases, program, tenant_of_cases};

/// How many contracts are made.
const RECORDS: usize = 3_000;
/// How many sales share their products.
const SALES_OF_AN_ORG: usize = 60;

/// A contract in the org.
pub struct Contract {
    pub id: String,
    pub sale: Sale,
    /// The ids of its rows, by line and part.
    rows: Vec<Vec<String>>,
}

/// The set as it is shipped, and with every parameter the other way.
pub fn settings() -> [Setting; 2] {
    let usual = Setting {
        tenant: tenant_of_cases(&cpq_to_zuora()),
        org: org_of_cases(&cpq_to_zuora()),
        currency: None,
        params: BTreeMap::new(),
    };
    let turned = [
        ("auto_renew", true),
        ("multiple_currencies", true),
        ("transfer_on_renewal", true),
        ("send_free_bundles", false),
        ("rebook_is_update", true),
        ("skip_unpriced_usage", true),
        ("ignore_price_without_quantity", true),
        ("overage", false),
    ];
    let params = turned.map(|(name, truth)| (name.to_owned(), Param::Bool(truth)));
    [usual.clone(), Setting { params: params.into(), ..usual }]
}

/// Keeps a sale as a contract with its rows.
pub fn contract(org: &mut Org, sale: &Sale, old: Option<&Contract>) -> Contract {
    let mut row = org.row("Contract", "800");
    let id = row["Id"].as_str().expect("an id").to_owned();
    let number = format!("{:08}", org.made());
    set(&mut row, "ContractNumber", number.as_str());
    set(&mut row, "Status", "Activated");
    set(&mut row, "AccountId", sale.account.as_str());
    set(&mut row, "CurrencyIsoCode", sale.currency);
    set(&mut row, "StartDate", sale.start.to_string());
    let by_term = org.random.percent(10) && sale.end.is_some();
    let end = sale.end.filter(|_| !by_term).map(|end| end.to_string());
    set(&mut row, "EndDate", json!(end));
    let term = if by_term || org.random.percent(70) { json!(sale.months) } else { Value::Null };
    set(&mut row, "ContractTerm", term);
    set(&mut row, "SBQQ__Evergreen__c", sale.end.is_none());
    let renewal = if org.random.percent(80) { json!(sale.months) } else { Value::Null };
    set(&mut row, "SBQQ__RenewalTerm__c", renewal);
    let has_book = org.random.percent(75);
    set(&mut row, "Pricebook2Id", if has_book { json!(sale.book) } else { Value::Null });
    let (start, later) = (sale.start, sale.start.add_days(5).expect("a date"));
    let activation = org.random.percent(20).then(|| start.to_string());
    set(&mut row, "ServiceActivationDate__c", json!(activation));
    let acceptance = org.random.percent(20).then(|| later.to_string());
    set(&mut row, "CustomerAcceptanceDate__c", json!(acceptance));
    for written in ["ZuoraSubscriptionNumber__c", "ZuoraTermEnd__c"] {
        set(&mut row, written, Value::Null);
    }
    if org.random.percent(60) {
        let mut quote = org.row("SBQQ__Quote__c", "a0Q");
        set(&mut quote, "SBQQ__PriceBook__c", sale.book);
        sales::quoted(org, &mut quote, if old.is_some() { "Renewal" } else { "Quote" });
        let id = org.keep("SBQQ__Quote__c", quote);
        set(&mut row, "SBQQ__Quote__c", id);
    } else if !has_book {
        set(&mut row, "Pricebook2Id", sale.book);
    }
    if let Some(old) = old {
        let mut opportunity = org.row("Opportunity", "006");
        set(&mut opportunity, "SBQQ__RenewedContract__c", old.id.as_str());
        let id = org.keep("Opportunity", opportunity);
        set(&mut row, "SBQQ__Opportunity__c", id);
    }
    org.keep("Contract", row);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for line in &sale.lines {
        let renewed = line.renews.zip(old).map(|(at, old)| old.rows[at][0].clone());
        let mut ids: Vec<String> = Vec::new();
        let key = org.made().to_string();
        for part in &line.parts {
            let revised = part.revises.map(|at| ids[at].clone());
            ids.push(subscription(org, (&id, &number), sale, (line, part), revised));
            let of = ids.last().expect("an id").clone();
            if line.is_segmented {
                org.change("SBQQ__Subscription__c", &of, "SBQQ__SegmentKey__c", json!(key));
            }
            if let Some(renewed) = renewed.as_deref().filter(|_| part.revises.is_none()) {
                let mut quoted = org.row("SBQQ__QuoteLine__c", "a0L");
                set(&mut quoted, "SBQQ__RenewedSubscription__c", renewed);
                let quoted = org.keep("SBQQ__QuoteLine__c", quoted);
                org.change("SBQQ__Subscription__c", &of, "SBQQ__QuoteLine__c", json!(quoted));
            }
        }
        rows.push(ids);
    }
    Contract { id, sale: sale.clone(), rows }
}

fn subscription(
    org: &mut Org,
    (contract, contract_number): (&str, &str),
    sale: &Sale,
    (line, part): (&Line, &Part),
    revised: Option<String>,
) -> String {
    let mut row = org.row("SBQQ__Subscription__c", "a0S");
    set(&mut row, "Name", format!("SUB-{:06}", org.made()));
    set(&mut row, "SBQQ__Number__c", org.made());
    set(&mut row, "SBQQ__Contract__c", contract);
    set(&mut row, "SBQQ__ContractNumber__c", contract_number);
    set(&mut row, "CurrencyIsoCode", sale.currency);
    set(&mut row, "SBQQ__Product__c", line.product.id.as_str());
    set(&mut row, "SBQQ__ProductName__c", line.product.name.as_str());
    set(&mut row, "SBQQ__Quantity__c", part.quantity);
    set(&mut row, "SBQQ__NetPrice__c", number(&part.net.to_string()));
    set(&mut row, "SBQQ__RegularPrice__c", number(&part.net.to_string()));
    set(&mut row, "SBQQ__ListPrice__c", number(&line.list.to_string()));
    set(&mut row, "SBQQ__SpecialPrice__c", number(&line.special.to_string()));
    set(&mut row, "SBQQ__ProrateMultiplier__c", number(&part.multiplier.to_string()));
    set(&mut row, "SBQQ__BillingFrequency__c", json!(line.frequency));
    let is_block = line.product.pricing == "block";
    set(&mut row, "SBQQ__PricingMethod__c", if is_block { "Block" } else { "List" });
    let kind = match (sale.end, line.product.charge_type) {
        (None, kind) if kind != "One-Time" => "Evergreen",
        _ => "Renewable",
    };
    set(&mut row, "SBQQ__SubscriptionType__c", kind);
    set(&mut row, "SBQQ__DiscountSchedule__c", json!(line.product.schedule));
    let schedule = match line.product.pricing {
        "slab" => json!("Slab"),
        "range" => json!("Range"),
        _ => Value::Null,
    };
    set(&mut row, "SBQQ__DiscountScheduleType__c", schedule);
    let is_said = part.day != sale.start || line.is_segmented || org.random.percent(90);
    let starts = is_said.then(|| part.day.to_string());
    set(&mut row, "SBQQ__SubscriptionStartDate__c", json!(starts));
    let is_said = part.end != sale.end || org.random.percent(50);
    let ends = part.end.filter(|_| is_said).map(|end| end.to_string());
    set(&mut row, "SBQQ__SubscriptionEndDate__c", json!(ends));
    let terminated = part.terminated.map(|day| day.to_string());
    set(&mut row, "SBQQ__TerminatedDate__c", json!(terminated));
    set(&mut row, "SBQQ__RevisedSubscription__c", json!(revised));
    let (index, quantity) = part.segment.unzip();
    set(&mut row, "SBQQ__SegmentIndex__c", json!(index));
    let quantity = quantity.filter(|_| part.revises.is_none());
    set(&mut row, "SBQQ__SegmentQuantity__c", json!(quantity));
    let is_bundle = org.random.percent(10);
    set(&mut row, "SBQQ__Bundle__c", is_bundle);
    for written in ["SBQQ__SegmentKey__c", "ZuoraRatePlanNumber__c", "ZuoraChargeNumber__c"] {
        set(&mut row, written, Value::Null);
    }
    let id = org.keep("SBQQ__Subscription__c", row);
    for (schedule, kind) in &line.product.meters {
        meter(org, &id, schedule, kind);
    }
    id
}

fn meter(org: &mut Org, subscription: &str, schedule: &str, kind: &str) {
    let mut row = org.row("SBQQ__SubscriptionConsumptionSchedule__c", "a0M");
    set(&mut row, "Name", format!("Meter {}", org.made()));
    set(&mut row, "SBQQ__Subscription__c", subscription);
    set(&mut row, "SBQQ__ConsumptionSchedule__c", schedule);
    set(&mut row, "SBQQ__Type__c", kind);
    let id = org.keep("SBQQ__SubscriptionConsumptionSchedule__c", row);
    for (lower, upper) in products::bounds(org) {
        let mut rate = org.row("SBQQ__SubscriptionConsumptionRate__c", "a0R");
        set(&mut rate, "SBQQ__SubscriptionConsumptionSchedule__c", id.as_str());
        set(&mut rate, "SBQQ__LowerBound__c", lower);
        set(&mut rate, "SBQQ__UpperBound__c", upper);
        let price = org.price();
        set(&mut rate, "SBQQ__Price__c", price);
        if org.random.percent(90) {
            set(&mut rate, "SBQQ__PricingMethod__c", *org.random.one(&["PerUnit", "FlatFee"]));
        }
        org.keep("SBQQ__SubscriptionConsumptionRate__c", rate);
    }
}

/// A sale and what renewed it, as contracts.
pub fn contracts(org: &mut Org, products: &[products::Product]) -> Vec<Contract> {
    let sale = sales::sale(org, products);
    let mut all = vec![contract(org, &sale, None)];
    while all.len() < 3 && org.random.percent(35) {
        let old = all.last().expect("a contract");
        let Some(sale) = sales::renewal(org, products, &old.sale) else { break };
        let renewing = contract(org, &sale, all.last());
        all.push(renewing);
    }
    all
}

/// What is sold by a contract, and what is to become of it.
fn kinds(contract: &Contract, renews: bool) -> Vec<String> {
    let mut kinds = contract.sale.kinds();
    kinds.push(if renews { "Renew".into() } else { "New".into() });
    if contract.sale.changes() {
        kinds.push("Amend".into());
    }
    if contract.sale.is_ended {
        kinds.push("Cancel".into());
    }
    kinds
}

#[test]
fn contracts_give_valid_orders_and_declared_rejections() {
    for (name, setting) in ["as shipped", "turned"].into_iter().zip(settings()) {
        println!("-- {name}");
        let program = program(&cpq_to_zuora(), "contract-subscription", &setting);
        let query = &program.head.query;
        let mut org = Org::of(&[query], setting.catalog(), random(name));
        let mut fates = Fates::of(&program);
        let (mut made, mut examined) = (0, Examined::open());
        while made < super::records(RECORDS) / 2 {
            org.clear();
            let products = sales::products(&mut org);
            for _ in 0..SALES_OF_AN_ORG {
                for (nth, contract) in contracts(&mut org, &products).iter().enumerate() {
                    made += 1;
                    let kinds = kinds(contract, nth > 0);
                    examined.record(&mut fates, &mut org, &contract.id, &kinds);
                }
            }
        }
        let sent = examined.sent;
        println!("{made} contracts; orders: {sent:?}");
        assert_eq!(sent.len(), 4, "{sent:?}");
        fates.end(50, 50);
        assert_eq!(fates.counts.len(), products::KINDS + 4, "{:?}", fates.counts.keys());
    }
}
