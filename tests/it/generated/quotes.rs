//! Quotes under the mapping that previews them: what a sale was before it was one.

use serde_json::{Value, json};

use super::{
    Fates, contracts,
    examined::Examined,
    products::{self, Product},
    random,
    records::{Org, number, set},
    sales::{self, Line, Part, Sale},
};
use crate::cases::{cpq_to_zuora, program};

/// How many quotes are made.
const RECORDS: usize = 2_000;
const QUOTES_OF_AN_ORG: usize = 60;

/// Keeps the first day of a sale as a quote that is not decided yet, and gives its id.
pub fn quote(org: &mut Org, sale: &Sale) -> String {
    let mut row = org.row("SBQQ__Quote__c", "a0Q");
    let id = row["Id"].as_str().expect("an id").to_owned();
    set(&mut row, "Name", format!("Q-{:05}", org.made()));
    sales::quoted(org, &mut row, "Quote");
    set(&mut row, "SBQQ__Status__c", *org.random.one(&["Draft", "Presented", "In Review"]));
    set(&mut row, "SBQQ__Primary__c", true);
    set(&mut row, "SBQQ__Account__c", sale.account.as_str());
    set(&mut row, "SBQQ__PriceBook__c", sale.book);
    set(&mut row, "CurrencyIsoCode", sale.currency);
    set(&mut row, "SBQQ__StartDate__c", sale.start.to_string());
    let end = sale.end.filter(|_| org.random.percent(50)).map(|end| end.to_string());
    set(&mut row, "SBQQ__EndDate__c", json!(end));
    set(&mut row, "SBQQ__SubscriptionTerm__c", sale.months);
    org.keep("SBQQ__Quote__c", row);
    let over = sale.start.add_months(sale.months).expect("a date");
    for line in &sale.lines {
        let sold = |part: &&Part| part.revises.is_none() && part.day < over;
        for part in line.parts.iter().filter(sold) {
            quoted(org, &id, sale, line, part);
        }
    }
    id
}

fn quoted(org: &mut Org, quote: &str, sale: &Sale, line: &Line, part: &Part) {
    let mut row = org.row("SBQQ__QuoteLine__c", "a0L");
    set(&mut row, "SBQQ__Quote__c", quote);
    set(&mut row, "SBQQ__Number__c", org.made());
    set(&mut row, "CurrencyIsoCode", sale.currency);
    set(&mut row, "SBQQ__Product__c", line.product.id.as_str());
    set(&mut row, "SBQQ__ProductName__c", line.product.name.as_str());
    set(&mut row, "SBQQ__Optional__c", false);
    let quantity = part.segment.map_or(part.quantity, |(_, holds)| holds);
    set(&mut row, "SBQQ__Quantity__c", quantity);
    set(&mut row, "SBQQ__NetPrice__c", number(&part.net.to_string()));
    set(&mut row, "SBQQ__ProrateMultiplier__c", number(&part.multiplier.to_string()));
    set(&mut row, "SBQQ__BillingFrequency__c", json!(line.frequency));
    let is_block = line.product.pricing == "block";
    set(&mut row, "SBQQ__PricingMethod__c", if is_block { "Block" } else { "List" });
    let schedule = if line.is_slab() { json!("Slab") } else { Value::Null };
    set(&mut row, "SBQQ__DiscountScheduleType__c", schedule);
    let evergreen = sale.end.is_none() && line.product.charge_type != "One-Time";
    set(&mut row, "SBQQ__SubscriptionType__c", if evergreen { "Evergreen" } else { "Renewable" });
    // A line says times of its own, or has those of its quote.
    for start in ["SBQQ__StartDate__c", "SBQQ__EffectiveStartDate__c"] {
        set(&mut row, start, part.day.to_string());
    }
    for end in ["SBQQ__EndDate__c", "SBQQ__EffectiveEndDate__c", "SBQQ__SubscriptionTerm__c"] {
        set(&mut row, end, Value::Null);
    }
    org.keep("SBQQ__QuoteLine__c", row);
}

/// A quote for a sale that nobody made yet.
pub fn quotes(org: &mut Org, products: &[Product]) -> (String, Vec<String>) {
    let sale = sales::sale(org, products);
    (quote(org, &sale), sale.kinds())
}

#[test]
fn quotes_give_valid_orders_and_declared_rejections() {
    let [setting, _] = contracts::settings();
    let program = program(&cpq_to_zuora(), "quote-preview", &setting);
    let query = &program.head.query;
    let mut org = Org::of(&[query], setting.catalog(), random("quote-preview"));
    let mut fates = Fates::of(&program);
    let mut examined = Examined::open();
    for _ in 0..super::records(RECORDS) / QUOTES_OF_AN_ORG {
        org.clear();
        let products = sales::products(&mut org);
        for _ in 0..QUOTES_OF_AN_ORG {
            let (id, kinds) = quotes(&mut org, &products);
            examined.record(&mut fates, &mut org, &id, &kinds);
        }
    }
    println!("previews: {:?}", examined.sent);
    fates.end(50, 15);
    assert_eq!(fates.counts.len(), products::KINDS, "{:?}", fates.counts.keys());
}
