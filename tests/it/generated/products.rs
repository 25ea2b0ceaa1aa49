//! Products as an org might have them: every field by its schema, and most of them so that they can
//! be sold.

use crosswalk::connector::Query;
use serde_json::{Value, json};

use super::records::{Org, Row, set};

/// Charge types times pricing.
pub const KINDS: usize = CHARGE_TYPES.len() * PRICINGS.len();

pub const CHARGE_TYPES: [&str; 3] = ["One-Time", "Recurring", "Usage"];
pub const PRICINGS: [&str; 5] = ["flat", "per unit", "block", "slab", "range"];
pub const CURRENCIES: [&str; 4] = ["USD", "EUR", "GBP", "JPY"];
const UNITS: [&str; 5] = ["Each", "User", "API Call", "GB", "Hour"];
const FREQUENCIES: [&str; 4] = ["Monthly", "Quarterly", "Semiannual", "Annual"];
/// How many products in a hundred are left as their schema alone made them.
const WILD: usize = 12;
/// The price books that all products are in.
pub const BOOKS: [&str; 2] = ["01s000000000000AAA", "01s000000000001AAA"];

/// A product that can be sold, as far as a sale of it depends on that.
#[derive(Clone, Debug)]
pub struct Product {
    pub id: String,
    pub name: String,
    pub charge_type: &'static str,
    pub pricing: &'static str,
    pub currencies: Vec<&'static str>,
    /// The price books that it is in.
    pub books: &'static [&'static str],
    pub frequency: &'static str,
    /// The months that its price is for.
    pub term: i64,
    pub schedule: Option<String>,
    /// The consumption schedules that are active, with the type of each.
    pub meters: Vec<(String, &'static str)>,
    /// Whether the catalog takes it: usage by schedules of which none is active has no price.
    pub is_sold: bool,
}

/// A product for a mapping that reads so, and the kind that it is meant to be; none for a wild one.
pub fn next(org: &mut Org, query: &Query) -> (Option<String>, Value) {
    if org.random.percent(WILD) {
        return (None, Value::Object(org.record(query)));
    }
    org.clear();
    let charge_type = *org.random.one(&CHARGE_TYPES);
    let pricing = *org.random.one(&PRICINGS);
    let product = product(org, charge_type, pricing);
    let mut record = org.joined(query, &product.id);
    if org.random.percent(15) {
        spoil(org, &mut record);
    }
    (Some(format!("{charge_type}, {pricing}")), Value::Object(record))
}

/// Makes a product that can be sold so, with its prices.
pub fn product(org: &mut Org, charge_type: &'static str, pricing: &'static str) -> Product {
    let mut row = org.row("Product2", "01t");
    let id = row["Id"].as_str().expect("an id").to_owned();
    let name = format!("Product {} é", org.made());
    set(&mut row, "Name", name.as_str());
    set(&mut row, "IsActive", true);
    set(&mut row, "SBQQ__ChargeType__c", charge_type);
    let unit = if org.random.percent(20) { Value::Null } else { json!(org.random.one(&UNITS)) };
    set(&mut row, "QuantityUnitOfMeasure", unit);
    let frequency = *org.random.one(&FREQUENCIES);
    set(&mut row, "SBQQ__BillingFrequency__c", frequency);
    set(&mut row, "SBQQ__BillingType__c", *org.random.one(&["Advance", "Arrears"]));
    set(&mut row, "SBQQ__DefaultQuantity__c", 1 + org.random.below(9));
    if !row.get("ProductCode").is_none_or(Value::is_null) {
        set(&mut row, "ProductCode", format!("P-{}", org.made()));
    }
    if !row.get("SBQQ__TaxCode__c").is_none_or(Value::is_null) {
        set(&mut row, "SBQQ__TaxCode__c", "SERVICES");
    }
    let term = *org.random.one(&[1, 1, 3, 6, 12, 12, 12, 24]);
    set(&mut row, "SBQQ__SubscriptionTerm__c", term);
    set(&mut row, "SBQQ__PricingMethod__c", if pricing == "block" { "Block" } else { "List" });
    set(&mut row, "SBQQ__SubscriptionPricing__c", "Fixed Price");
    if pricing == "per unit" && org.random.percent(15) {
        set(&mut row, "SBQQ__SubscriptionPricing__c", "Percent Of Total");
    }
    set(&mut row, "SBQQ__QuantityEditable__c", pricing != "flat");
    if pricing == "flat" {
        set(&mut row, "SBQQ__DefaultQuantity__c", 1);
    }
    let by_meter = charge_type == "Usage" && org.random.percent(60);
    let currencies: Vec<&str> = match by_meter {
        true => vec![*org.random.one(&CURRENCIES)],
        false => CURRENCIES[..1 + org.random.below(CURRENCIES.len())].to_vec(),
    };
    let books = &BOOKS[..1 + org.random.below(2)];
    prices(org, &id, books, &currencies);
    let schedule = discount(org, pricing, &currencies);
    set(&mut row, "SBQQ__DiscountSchedule__c", json!(schedule));
    if pricing == "block" {
        blocks(org, &id, &currencies);
    }
    let meters = if by_meter { meters(org, &id, currencies[0], pricing) } else { Vec::new() };
    let is_sold = !by_meter || !meters.is_empty();
    org.keep("Product2", row);
    Product {
        id,
        name,
        charge_type,
        pricing,
        currencies,
        books,
        frequency,
        term,
        schedule,
        meters,
        is_sold,
    }
}

fn prices(org: &mut Org, product: &str, books: &[&str], currencies: &[&str]) {
    for book in books {
        let mut row = org.row("Pricebook2", "01s");
        set(&mut row, "Id", *book);
        if org.random.percent(80) {
            set(&mut row, "Name", format!("Book {book}"));
        }
        org.keep("Pricebook2", row);
        for currency in currencies {
            let mut entry = org.row("PricebookEntry", "01u");
            set(&mut entry, "Product2Id", product);
            set(&mut entry, "Pricebook2Id", *book);
            set(&mut entry, "CurrencyIsoCode", *currency);
            set(&mut entry, "IsActive", true);
            let price = org.price();
            set(&mut entry, "UnitPrice", price);
            org.keep("PricebookEntry", entry);
        }
    }
}

fn discount(org: &mut Org, pricing: &str, currencies: &[&str]) -> Option<String> {
    let kind = match pricing {
        "slab" => "Slab",
        "range" => "Range",
        _ => return None,
    };
    let mut schedule = org.row("SBQQ__DiscountSchedule__c", "a0D");
    set(&mut schedule, "SBQQ__Type__c", kind);
    set(&mut schedule, "SBQQ__DiscountUnit__c", *org.random.one(&["Percent", "Amount"]));
    set(&mut schedule, "CurrencyIsoCode", currencies[0]);
    let id = org.keep("SBQQ__DiscountSchedule__c", schedule);
    for currency in currencies {
        for (lower, upper) in bounds(org) {
            let mut tier = org.row("SBQQ__DiscountTier__c", "a0T");
            set(&mut tier, "SBQQ__Schedule__c", id.as_str());
            set(&mut tier, "SBQQ__LowerBound__c", lower);
            set(&mut tier, "SBQQ__UpperBound__c", upper);
            set(&mut tier, "CurrencyIsoCode", *currency);
            set(&mut tier, "SBQQ__Discount__c", org.random.below(60));
            set(&mut tier, "SBQQ__DiscountAmount__c", 0);
            org.keep("SBQQ__DiscountTier__c", tier);
        }
    }
    Some(id)
}

fn blocks(org: &mut Org, product: &str, currencies: &[&str]) {
    for currency in currencies {
        for (lower, upper) in bounds(org) {
            let mut block = org.row("SBQQ__BlockPrice__c", "a0B");
            set(&mut block, "SBQQ__Product__c", product);
            set(&mut block, "SBQQ__LowerBound__c", lower);
            set(&mut block, "SBQQ__UpperBound__c", upper);
            set(&mut block, "SBQQ__PriceBook2__c", Value::Null);
            set(&mut block, "CurrencyIsoCode", *currency);
            let price = org.price();
            set(&mut block, "SBQQ__Price__c", price);
            org.keep("SBQQ__BlockPrice__c", block);
        }
    }
}

/// Half-open ranges that touch, the last one open.
pub fn bounds(org: &mut Org) -> Vec<(Value, Value)> {
    let mut lower = org.random.below(2);
    let count = 1 + org.random.below(4);
    let mut all = Vec::new();
    for at in 0..count {
        let upper = lower + 2 + org.random.below(100);
        let is_open = at + 1 == count;
        let sentinel = if org.random.percent(30) { json!(999_999) } else { Value::Null };
        all.push((json!(lower), if is_open { sentinel } else { json!(upper) }));
        lower = upper;
    }
    all
}

/// The consumption schedules of a product; those that are active, with the type of each.
fn meters(
    org: &mut Org,
    product: &str,
    currency: &str,
    pricing: &str,
) -> Vec<(String, &'static str)> {
    let mut active = Vec::new();
    for _ in 0..1 + org.random.below(2) {
        let mut schedule = org.row("ConsumptionSchedule", "0Mh");
        set(&mut schedule, "Name", format!("Meter {}", org.made()));
        let is_active = org.random.percent(90);
        set(&mut schedule, "IsActive", is_active);
        set(&mut schedule, "CurrencyIsoCode", currency);
        let slab = pricing == "slab" || org.random.percent(50);
        let kind = if slab { "Slab" } else { "Range" };
        set(&mut schedule, "Type", kind);
        let terms =
            [(1, "Month"), (3, "Month"), (6, "Month"), (12, "Month"), (1, "Quarter"), (1, "Year")];
        let (term, unit) = *org.random.one(&terms);
        set(&mut schedule, "BillingTerm", term);
        set(&mut schedule, "BillingTermUnit", unit);
        let unit = if org.random.percent(20) { Value::Null } else { json!(org.random.one(&UNITS)) };
        set(&mut schedule, "UnitOfMeasure", unit);
        let id = org.keep("ConsumptionSchedule", schedule);
        let mut link = org.row("ProductConsumptionSchedule", "0Mq");
        set(&mut link, "ProductId", product);
        set(&mut link, "ConsumptionScheduleId", id.as_str());
        org.keep("ProductConsumptionSchedule", link);
        for (at, (lower, upper)) in bounds(org).into_iter().enumerate() {
            let mut rate = org.row("ConsumptionRate", "0Mo");
            set(&mut rate, "ConsumptionScheduleId", id.as_str());
            set(&mut rate, "LowerBound", lower);
            set(&mut rate, "UpperBound", upper);
            let is_free = at == 0 && org.random.percent(40);
            let price = if is_free { json!(0) } else { org.price() };
            set(&mut rate, "Price", price);
            org.keep("ConsumptionRate", rate);
        }
        if is_active {
            active.push((id, kind));
        }
    }
    active
}

/// One thing that is wrong with a product.
fn spoil(org: &mut Org, product: &mut Row) {
    match org.random.below(9) {
        0 => set(product, "SBQQ__BillingFrequency__c", "Invoice Plan"),
        1 => set(product, "QuantityUnitOfMeasure", "Furlong"),
        2 => set(product, "PricebookEntries", Value::Null),
        3 => set(product, "Name", "x".repeat(101)),
        4 => set(product, "ProductCode", "x".repeat(51)),
        5 => set(product, "SBQQ__TaxCode__c", "NO SUCH CODE"),
        6 => set(product, "SBQQ__BlockPrices__r", Value::Null),
        7 => sell_twice(org, product),
        _ => spoil_tiers(org, product),
    }
}

/// Another active price for the same book and currency.
fn sell_twice(org: &mut Org, product: &mut Row) {
    let list = product.get_mut("PricebookEntries").and_then(|list| list.get_mut("records"));
    if let Some(Value::Array(entries)) = list
        && let Some(Value::Object(mut entry)) = entries.first().cloned()
    {
        set(&mut entry, "Id", org.id("01u"));
        entries.push(Value::Object(entry));
    }
}

/// Takes a tier out, so that there is a hole or nothing at all.
fn spoil_tiers(org: &mut Org, product: &mut Row) {
    let lists = [
        "/SBQQ__BlockPrices__r/records",
        "/SBQQ__DiscountSchedule__r/SBQQ__DiscountTiers__r/records",
        "/ProductConsumptionSchedules/records/0/ConsumptionSchedule/ConsumptionRates/records",
    ];
    let mut value = Value::Object(std::mem::take(product));
    for list in lists {
        if let Some(Value::Array(rows)) = value.pointer_mut(list)
            && !rows.is_empty()
        {
            rows.remove(org.random.below(rows.len()));
        }
    }
    if let Value::Object(members) = value {
        *product = members;
    }
}
