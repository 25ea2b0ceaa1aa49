//! Orders of Salesforce under their mapping: the same sales, one order for each day on which
//! something was sold or changed.

use std::collections::{BTreeMap, BTreeSet};

use crosswalk::{compile::Param, value::Date};
use serde_json::{Value, json};

use super::{
    Fates,
    examined::Examined,
    products, random,
    records::{Org, number, set},
    sales::{self, Line, Part, Sale},
};
use crate::cases::{
    Setting, cpq_to_zuora, orders_to_zuora, org_of_cases, program, tenant_of_cases,
};

/// How many orders are made.
const RECORDS: usize = 3_000;
const SALES_OF_AN_ORG: usize = 40;

/// A sale as the org has it.
pub struct Ordered {
    pub sale: Sale,
    /// The ids of its orders, by their days.
    orders: BTreeMap<Date, String>,
    /// What each order is about.
    kinds: BTreeMap<Date, BTreeSet<String>>,
    /// The subscription that each line ended with.
    subscriptions: Vec<Option<String>>,
}

/// The set as it is shipped, and with every parameter the other way.
pub fn settings() -> [Setting; 2] {
    let usual = Setting {
        tenant: tenant_of_cases(&cpq_to_zuora()),
        org: org_of_cases(&orders_to_zuora()),
        currency: None,
        params: BTreeMap::new(),
    };
    let turned = [
        ("trigger_dates_on_orders", true),
        ("own_prices", true),
        ("auto_renew", true),
        ("multiple_currencies", true),
        ("send_free_bundles", false),
        ("ignore_price_without_quantity", true),
        ("overage", false),
    ];
    let params = turned.map(|(name, truth)| (name.to_owned(), Param::Bool(truth)));
    [usual.clone(), Setting { params: params.into(), ..usual }]
}

/// A sale and what renewed it, as orders.
pub fn ordered(org: &mut Org, products: &[products::Product]) -> Vec<Ordered> {
    let sale = sales::sale(org, products);
    let mut all = vec![Ordered::of(org, &sale, None)];
    while all.len() < 3 && org.random.percent(35) {
        let old = all.last().expect("a sale");
        let Some(sale) = sales::renewal(org, products, &old.sale) else { break };
        let renewing = Ordered::of(org, &sale, all.last());
        all.push(renewing);
    }
    all
}

impl Ordered {
    fn of(org: &mut Org, sale: &Sale, old: Option<&Self>) -> Self {
        let mut contract = org.row("Contract", "800");
        set(&mut contract, "ContractNumber", format!("{:08}", org.made()));
        let contract = org.keep("Contract", contract);
        let (orders, kinds, subscriptions) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let mut ordered = Self { sale: sale.clone(), orders, kinds, subscriptions };
        // The first order is made first: what it sells is what later ones change.
        let mut days: Vec<Date> =
            sale.lines.iter().flat_map(|line| &line.parts).map(|part| part.day).collect();
        days.sort_unstable();
        days.iter().for_each(|day| ordered.order(org, *day));
        for line in &sale.lines {
            let renewed = line.renews.zip(old).and_then(|(at, old)| old.subscriptions[at].clone());
            ordered.line(org, &contract, line, renewed);
        }
        ordered
    }

    fn order(&mut self, org: &mut Org, day: Date) {
        if self.orders.contains_key(&day) {
            return;
        }
        let mut row = org.row("Order", "801");
        set(&mut row, "OrderNumber", format!("{:08}", org.made()));
        set(&mut row, "Status", "Activated");
        set(&mut row, "AccountId", self.sale.account.as_str());
        set(&mut row, "CurrencyIsoCode", self.sale.currency);
        set(&mut row, "EffectiveDate", day.to_string());
        set(&mut row, "Pricebook2Id", self.sale.book);
        let renewal = if org.random.percent(80) { json!(self.sale.months) } else { Value::Null };
        set(&mut row, "SBQQ__RenewalTerm__c", renewal);
        let term = *org.random.one(&["Net 15", "Net 30", "Net 60"]);
        set(&mut row, "SBQQ__PaymentTerm__c", term);
        let company = org.random.percent(20).then(|| day.to_string());
        set(&mut row, "CompanyAuthorizedDate", json!(company));
        let later = day.add_days(3).expect("a date");
        let customer = org.random.percent(20).then(|| later.to_string());
        set(&mut row, "CustomerAuthorizedDate", json!(customer));
        self.orders.insert(day, org.keep("Order", row));
    }

    /// The items of a line, each in the order of its day; segments stand in the first one.
    fn line(&mut self, org: &mut Org, contract: &str, line: &Line, renewed: Option<String>) {
        let is_one_time = line.product.charge_type == "One-Time";
        let has_one_price = ["flat", "per unit"].contains(&line.product.pricing);
        let share = if has_one_price { 50 } else { 5 };
        let is_sold_once = is_one_time && renewed.is_none() && org.random.percent(share);
        let mut items: Vec<(String, Option<String>)> = Vec::new();
        for part in &line.parts {
            let is_change = part.revises.is_some();
            if is_change && (line.is_segmented || is_sold_once) {
                continue;
            }
            let day = if line.is_segmented { self.sale.start } else { part.day };
            let revises = part.revises.map(|at| items[at].clone());
            let kind = match (is_sold_once, &revises, &renewed) {
                (true, ..) => "Sale",
                (_, Some(_), _) if part.quantity < 0 && line.left(part) == 0 => "Cancel",
                (_, Some(_), _) => "Amend",
                (_, None, Some(_)) if !is_one_time => "Renew",
                _ => "New",
            };
            let kinds = self.kinds.entry(day).or_default();
            kinds.extend([line.kind(), kind.to_owned()]);
            let order = self.orders[&day].clone();
            let of = Of { order: &order, contract, line, part, kind };
            items.push(of.item(org, &self.sale, revises, renewed.as_deref()));
        }
        let last = match line.is_segmented {
            true => items.last(),
            false => items.first(),
        };
        self.subscriptions.push(last.and_then(|(_, subscription)| subscription.clone()));
    }
}

impl Line {
    /// What is left of it after one of its parts.
    fn left(&self, part: &Part) -> i64 {
        self.parts.iter().filter(|one| one.day <= part.day).map(|one| one.quantity).sum()
    }
}

/// Where an item belongs.
struct Of<'s> {
    order: &'s str,
    contract: &'s str,
    line: &'s Line,
    part: &'s Part,
    kind: &'s str,
}

impl Of<'_> {
    /// The ids of an item and of its subscription, which it has unless it is sold once.
    fn item(
        &self,
        org: &mut Org,
        sale: &Sale,
        revises: Option<(String, Option<String>)>,
        renewed: Option<&str>,
    ) -> (String, Option<String>) {
        let (line, part) = (self.line, self.part);
        let (revised_item, revised_subscription) = match revises {
            Some((item, subscription)) => (Some(item), subscription),
            None => (None, None),
        };
        let quantity = part.segment.map_or(part.quantity, |(_, holds)| holds);
        let mut row = org.row("OrderItem", "802");
        let id = row["Id"].as_str().expect("an id").to_owned();
        set(&mut row, "OrderId", self.order);
        set(&mut row, "OrderItemNumber", format!("{:010}", org.made()));
        set(&mut row, "CurrencyIsoCode", sale.currency);
        set(&mut row, "Product2Id", line.product.id.as_str());
        let entry = org.find("PricebookEntry", |entry| {
            // What no mapping reads of a price is not there.
            let is = |name: &str, of: &str| entry.get(name).is_none_or(|value| value == of);
            is("Product2Id", &line.product.id)
                && is("Pricebook2Id", sale.book)
                && is("CurrencyIsoCode", sale.currency)
        });
        set(&mut row, "PricebookEntryId", json!(entry));
        let net = number(&part.net.to_string());
        set(&mut row, "Quantity", if line.is_total() { 1 } else { quantity });
        set(&mut row, "SBQQ__OrderedQuantity__c", quantity);
        set(&mut row, "UnitPrice", net.clone());
        set(&mut row, "ListPrice", number(&line.list.to_string()));
        set(&mut row, "SBQQ__QuotedListPrice__c", number(&line.list.to_string()));
        set(&mut row, "ServiceDate", part.day.to_string());
        let end = match (part.segment, sale.end) {
            (Some((year, _)), Some(end)) => {
                let next = sale.start.add_months(12 * year).expect("a date");
                Some(sales::before(next).min(end))
            }
            _ => part.end,
        };
        set(&mut row, "EndDate", json!(end.map(|end| end.to_string())));
        set(&mut row, "SBQQ__SubscriptionTerm__c", sale.months);
        let multiplier = number(&part.multiplier.to_string());
        set(&mut row, "SBQQ__ProrateMultiplier__c", multiplier.clone());
        let is_sold_once = self.kind == "Sale";
        let pricing = if is_sold_once { Value::Null } else { json!("Fixed Price") };
        set(&mut row, "SBQQ__SubscriptionPricing__c", pricing);
        let evergreen = sale.end.is_none() && line.product.charge_type != "One-Time";
        set(
            &mut row,
            "SBQQ__SubscriptionType__c",
            if evergreen { "Evergreen" } else { "Renewable" },
        );
        set(&mut row, "SBQQ__BillingFrequency__c", json!(line.frequency));
        let is_block = line.product.pricing == "block";
        set(&mut row, "SBQQ__PricingMethod__c", if is_block { "Block" } else { "List" });
        set(&mut row, "SBQQ__DiscountSchedule__c", json!(line.product.schedule));
        let action = match (self.kind, part.quantity) {
            ("Renew", _) => *org.random.one(&["Renew", "Renew", ""]),
            ("Cancel", _) => *org.random.one(&["Cancel", "Quantity Decrease"]),
            ("Amend", 0..) => "Quantity Increase",
            ("Amend", _) => "Quantity Decrease",
            _ => "New",
        };
        let action = if action.is_empty() { Value::Null } else { json!(action) };
        set(&mut row, "SBQQ__ContractAction__c", action);
        set(&mut row, "SBQQ__RevisedOrderProduct__c", json!(revised_item));
        set(&mut row, "SBQQ__Contract__c", self.contract);
        for written in ["ZuoraPrice__c", "ZuoraSubscriptionNumber__c", "ZuoraChargeNumber__c"] {
            set(&mut row, written, Value::Null);
        }
        if let Some(renewed) = renewed.filter(|_| part.revises.is_none()) {
            let mut quoted = org.row("SBQQ__QuoteLine__c", "a0L");
            set(&mut quoted, "SBQQ__RenewedSubscription__c", renewed);
            let quoted = org.keep("SBQQ__QuoteLine__c", quoted);
            set(&mut row, "SBQQ__QuoteLine__c", quoted);
        }
        let quoted = row.get("SBQQ__QuoteLine__c").cloned().unwrap_or(Value::Null);
        let subscription = (!is_sold_once).then(|| {
            let mut row = org.row("SBQQ__Subscription__c", "a0S");
            set(&mut row, "Name", format!("SUB-{:07}", org.made()));
            set(&mut row, "SBQQ__Product__c", line.product.id.as_str());
            set(&mut row, "SBQQ__Contract__c", self.contract);
            set(&mut row, "SBQQ__OrderProduct__c", id.as_str());
            set(&mut row, "SBQQ__RevisedSubscription__c", json!(revised_subscription));
            set(&mut row, "SBQQ__NetPrice__c", net.clone());
            set(&mut row, "SBQQ__RegularPrice__c", net.clone());
            set(&mut row, "SBQQ__SpecialPrice__c", number(&line.special.to_string()));
            set(&mut row, "SBQQ__ProrateMultiplier__c", multiplier.clone());
            set(&mut row, "SBQQ__BillingFrequency__c", json!(line.frequency));
            set(&mut row, "SBQQ__QuoteLine__c", quoted);
            let is_bundle = org.random.percent(10);
            set(&mut row, "SBQQ__Bundle__c", is_bundle);
            org.keep("SBQQ__Subscription__c", row)
        });
        set(&mut row, "SBQQ__Subscription__c", json!(subscription));
        org.keep("OrderItem", row);
        for (schedule, _) in &line.product.meters {
            meter(org, &id, schedule);
        }
        (id, subscription)
    }
}

fn meter(org: &mut Org, item: &str, schedule: &str) {
    let mut row = org.row("SBQQ__OrderItemConsumptionSchedule__c", "a0M");
    set(&mut row, "Name", format!("Meter {}", org.made()));
    set(&mut row, "SBQQ__OrderItem__c", item);
    set(&mut row, "SBQQ__ConsumptionSchedule__c", schedule);
    let id = org.keep("SBQQ__OrderItemConsumptionSchedule__c", row);
    for (lower, upper) in products::bounds(org) {
        let mut rate = org.row("SBQQ__OrderItemConsumptionRate__c", "a0R");
        set(&mut rate, "SBQQ__OrderItemConsumptionSchedule__c", id.as_str());
        set(&mut rate, "SBQQ__LowerBound__c", lower);
        set(&mut rate, "SBQQ__UpperBound__c", upper);
        let price = org.price();
        set(&mut rate, "SBQQ__Price__c", price);
        if org.random.percent(90) {
            set(&mut rate, "SBQQ__PricingMethod__c", *org.random.one(&["PerUnit", "FlatFee"]));
        }
        org.keep("SBQQ__OrderItemConsumptionRate__c", rate);
    }
}

#[test]
fn orders_give_valid_orders_and_declared_rejections() {
    for (name, setting) in ["orders", "orders, turned"].into_iter().zip(settings()) {
        println!("-- {name}");
        let program = program(&orders_to_zuora(), "order-subscription", &setting);
        let query = &program.head.query;
        let mut org = Org::of(&[query], setting.catalog(), random(name));
        let mut fates = Fates::of(&program);
        let (mut made, mut examined) = (0, Examined::open());
        while made < super::records(RECORDS) / 2 {
            org.clear();
            let products = sales::products(&mut org);
            for _ in 0..SALES_OF_AN_ORG {
                for ordered in ordered(&mut org, &products) {
                    for (day, order) in &ordered.orders {
                        made += 1;
                        let kinds: Vec<String> =
                            ordered.kinds.get(day).into_iter().flatten().cloned().collect();
                        examined.record(&mut fates, &mut org, order, &kinds);
                    }
                }
            }
        }
        let sent = examined.sent;
        println!("{made} orders; actions: {sent:?}");
        assert_eq!(sent.len(), 5, "{sent:?}");
        fates.end(50, 50);
        assert_eq!(fates.counts.len(), products::KINDS + 5, "{:?}", fates.counts.keys());
    }
}
