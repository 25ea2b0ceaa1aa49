//! Products as an org might have them: every field by its schema, and most of them so that they can
//! be sold.

use std::collections::BTreeMap;

use crosswalk::{
    connector::{Query, Relation, RelationKind},
    schema::{Catalog, Field, FieldType, Object},
};
use serde_json::{Map, Value, json};

use super::random::Random;

/// Charge types times pricing.
pub const KINDS: usize = 15;

const CHARGE_TYPES: [&str; 3] = ["One-Time", "Recurring", "Usage"];
const PRICINGS: [&str; 5] = ["flat", "per unit", "block", "slab", "range"];
const CURRENCIES: [&str; 4] = ["USD", "EUR", "GBP", "JPY"];
const UNITS: [&str; 5] = ["Each", "User", "API Call", "GB", "Hour"];
/// How many products in a hundred are left as their schema alone made them.
const WILD: usize = 12;

/// Makes products.
pub struct Products<'q> {
    query: &'q Query,
    random: Random,
    catalog: Catalog,
    made: usize,
}

impl<'q> Products<'q> {
    pub fn of(query: &'q Query, random: Random) -> Self {
        Self { query, random, catalog: Catalog::embedded(), made: 0 }
    }

    /// A product as a source gives it, and the kind that it is meant to be; none for a wild one.
    pub fn next(&mut self) -> (Option<String>, Value) {
        let mut product = self.record(self.query);
        if self.random.percent(WILD) {
            return (None, Value::Object(product));
        }
        let charge_type = *self.random.one(&CHARGE_TYPES);
        let pricing = *self.random.one(&PRICINGS);
        self.sell(&mut product, charge_type, pricing);
        if self.random.percent(15) {
            self.spoil(&mut product);
        }
        (Some(format!("{charge_type}, {pricing}")), Value::Object(product))
    }

    fn id(&mut self, prefix: &str) -> String {
        self.made += 1;
        format!("{prefix}{:012}AAA", self.made)
    }

    /// A record with everything that a query reads, by the schema alone.
    fn record(&mut self, query: &Query) -> Map<String, Value> {
        let object = self.catalog.object("salesforce", &query.object).expect("a schema");
        let object = object.expect("the object");
        let mut members = Map::new();
        for field in &query.fields {
            let known = object.fields.get(&field.name).expect("a field");
            members.insert(field.name.clone(), self.value(known));
        }
        for relation in &query.relations {
            let value = self.related(relation, &object, &mut members);
            members.insert(relation.name.clone(), value);
        }
        members
    }

    /// A lookup is null where its field may be, and only with it.
    fn related(
        &mut self,
        relation: &Relation,
        object: &Object,
        members: &mut Map<String, Value>,
    ) -> Value {
        match &relation.kind {
            RelationKind::Lookup { field } => {
                let may_be_null = object.fields.get(field).is_none_or(|field| field.nullable);
                let is_null = match members.get(field) {
                    Some(value) => value.is_null(),
                    None => may_be_null && self.random.percent(25),
                };
                if is_null {
                    return Value::Null;
                }
                Value::Object(self.record(&relation.query))
            }
            RelationKind::Children { .. } | RelationKind::Inside => {
                if self.random.percent(15) {
                    return Value::Null;
                }
                let count = self.random.below(4);
                let records: Vec<Map<String, Value>> =
                    (0..count).map(|_| self.record(&relation.query)).collect();
                children(records)
            }
        }
    }

    fn value(&mut self, field: &Field) -> Value {
        if field.nullable && field.name != "Id" && self.random.percent(15) {
            return Value::Null;
        }
        if let Some(values) = &field.values {
            // A pick-list that is not restricted may hold anything.
            if !values.closed && self.random.percent(4) {
                return json!("Something Else");
            }
            if !values.all.is_empty() {
                return json!(self.random.one(&values.all));
            }
        }
        match &field.kind {
            FieldType::Bool => json!(self.random.percent(50)),
            FieldType::Integer => json!(self.random.below(14)),
            FieldType::Number => self.number(field.digits.unwrap_or((18, 2))),
            FieldType::Date => json!(format!(
                "20{:02}-0{}-1{}",
                self.random.below(40),
                1 + self.random.below(9),
                self.random.below(10)
            )),
            FieldType::Instant => json!("2026-01-15T10:00:00.000+0000"),
            FieldType::Id => json!(self.id("xxx")),
            _ => json!(self.text(field.length.unwrap_or(255) as usize)),
        }
    }

    /// A number with as many digits as a field holds, mostly a small one.
    fn number(&mut self, (precision, scale): (u32, u32)) -> Value {
        let whole = precision.saturating_sub(scale).clamp(1, 15);
        let digits = if self.random.percent(10) { whole } else { whole.min(4) };
        let mut text: String =
            (0..digits).map(|_| char::from(b'0' + self.random.below(10) as u8)).collect();
        let trimmed = text.trim_start_matches('0').to_owned();
        text = if trimmed.is_empty() { "0".to_owned() } else { trimmed };
        if scale > 0 && self.random.percent(60) {
            let decimals: String =
                (0..scale.min(6)).map(|_| char::from(b'0' + self.random.below(10) as u8)).collect();
            text = format!("{text}.{decimals}");
        }
        if self.random.percent(3) {
            text = format!("-{text}");
        }
        serde_json::from_str(&text).expect("a number")
    }

    fn text(&mut self, length: usize) -> String {
        let most = if self.random.percent(5) { length.min(600) } else { length.min(30) };
        let letters = ['a', 'B', '7', ' ', 'é', '"', '\\', '/', '漢', '\n', '{'];
        (0..1 + self.random.below(most.max(1))).map(|_| *self.random.one(&letters)).collect()
    }

    /// Makes a product one that can be sold so.
    fn sell(&mut self, product: &mut Map<String, Value>, charge_type: &str, pricing: &str) {
        let name = format!("Product {} é", self.made);
        set(product, "Name", json!(name));
        set(product, "IsActive", json!(true));
        set(product, "SBQQ__ChargeType__c", json!(charge_type));
        let unit =
            if self.random.percent(20) { Value::Null } else { json!(self.random.one(&UNITS)) };
        set(product, "QuantityUnitOfMeasure", unit);
        let frequency = ["Monthly", "Quarterly", "Semiannual", "Annual"];
        set(product, "SBQQ__BillingFrequency__c", json!(self.random.one(&frequency)));
        set(product, "SBQQ__BillingType__c", json!(self.random.one(&["Advance", "Arrears"])));
        set(product, "SBQQ__DefaultQuantity__c", json!(1 + self.random.below(9)));
        if !product["ProductCode"].is_null() {
            set(product, "ProductCode", json!(format!("P-{}", self.made)));
        }
        if !product["SBQQ__TaxCode__c"].is_null() {
            set(product, "SBQQ__TaxCode__c", json!(self.random.one(&["SERVICES", "HARDWARE"])));
        }
        let method = if pricing == "block" { "Block" } else { "List" };
        set(product, "SBQQ__PricingMethod__c", json!(method));
        match pricing {
            "flat" => {
                set(product, "SBQQ__SubscriptionPricing__c", json!("Fixed Price"));
                set(product, "SBQQ__QuantityEditable__c", json!(false));
                set(product, "SBQQ__DefaultQuantity__c", json!(1));
            }
            _ => set(product, "SBQQ__QuantityEditable__c", json!(true)),
        }
        let by_meter = charge_type == "Usage" && self.random.percent(60);
        let currencies: Vec<&str> = match by_meter {
            true => vec![*self.random.one(&CURRENCIES)],
            false => CURRENCIES[..1 + self.random.below(CURRENCIES.len())].to_vec(),
        };
        self.prices(product, &currencies);
        self.discount(product, pricing, &currencies);
        self.blocks(product, pricing, &currencies);
        self.meters(product, by_meter.then(|| currencies[0]), pricing);
    }

    fn prices(&mut self, product: &mut Map<String, Value>, currencies: &[&str]) {
        let relation = relation(self.query, "PricebookEntries");
        let mut entries = Vec::new();
        for book in 0..1 + self.random.below(2) {
            let book = json!(format!("01s00000000000{book}AAA"));
            for currency in currencies {
                let mut entry = self.record(&relation.query);
                set(&mut entry, "Id", json!(self.id("01u")));
                set(&mut entry, "Pricebook2Id", book.clone());
                set(&mut entry, "CurrencyIsoCode", json!(currency));
                set(&mut entry, "IsActive", json!(true));
                set(&mut entry, "UnitPrice", self.price());
                entries.push(entry);
            }
        }
        product.insert(relation.name.clone(), children(entries));
    }

    fn price(&mut self) -> Value {
        let text = format!("{}.{:02}", self.random.below(9_000), self.random.below(100));
        serde_json::from_str(&text).expect("a number")
    }

    fn discount(&mut self, product: &mut Map<String, Value>, pricing: &str, currencies: &[&str]) {
        let relation = relation(self.query, "SBQQ__DiscountSchedule__r");
        if !["slab", "range"].contains(&pricing) {
            product.insert(relation.name.clone(), Value::Null);
            set(product, "SBQQ__DiscountSchedule__c", Value::Null);
            return;
        }
        let mut schedule = self.record(&relation.query);
        set(
            &mut schedule,
            "SBQQ__Type__c",
            json!(if pricing == "slab" { "Slab" } else { "Range" }),
        );
        set(&mut schedule, "SBQQ__DiscountUnit__c", json!(self.random.one(&["Percent", "Amount"])));
        set(&mut schedule, "CurrencyIsoCode", json!(currencies[0]));
        let tiers =
            relation.query.relations.iter().find(|one| one.name == "SBQQ__DiscountTiers__r");
        let tiers = tiers.expect("tiers");
        let mut rows = Vec::new();
        for currency in currencies {
            for (lower, upper) in self.bounds() {
                let mut tier = self.record(&tiers.query);
                set(&mut tier, "Id", json!(self.id("a0T")));
                set(&mut tier, "SBQQ__LowerBound__c", lower);
                set(&mut tier, "SBQQ__UpperBound__c", upper);
                set(&mut tier, "CurrencyIsoCode", json!(currency));
                set(&mut tier, "SBQQ__Discount__c", json!(self.random.below(60)));
                set(&mut tier, "SBQQ__DiscountAmount__c", json!(0));
                rows.push(tier);
            }
        }
        schedule.insert(tiers.name.clone(), children(rows));
        set(product, "SBQQ__DiscountSchedule__c", json!(self.id("a0D")));
        product.insert(relation.name.clone(), Value::Object(schedule));
    }

    fn blocks(&mut self, product: &mut Map<String, Value>, pricing: &str, currencies: &[&str]) {
        let relation = relation(self.query, "SBQQ__BlockPrices__r");
        let mut rows = Vec::new();
        for currency in currencies.iter().filter(|_| pricing == "block") {
            for (lower, upper) in self.bounds() {
                let mut block = self.record(&relation.query);
                set(&mut block, "Id", json!(self.id("a0B")));
                set(&mut block, "SBQQ__LowerBound__c", lower);
                set(&mut block, "SBQQ__UpperBound__c", upper);
                set(&mut block, "SBQQ__PriceBook2__c", Value::Null);
                set(&mut block, "CurrencyIsoCode", json!(currency));
                set(&mut block, "SBQQ__Price__c", self.price());
                rows.push(block);
            }
        }
        product.insert(relation.name.clone(), children(rows));
    }

    /// Half-open ranges that touch, the last one open.
    fn bounds(&mut self) -> Vec<(Value, Value)> {
        let mut lower = self.random.below(2);
        let count = 1 + self.random.below(4);
        let mut all = Vec::new();
        for at in 0..count {
            let upper = lower + 2 + self.random.below(100);
            let is_open = at + 1 == count;
            let sentinel = if self.random.percent(30) { json!(999_999) } else { Value::Null };
            all.push((json!(lower), if is_open { sentinel } else { json!(upper) }));
            lower = upper;
        }
        all
    }

    fn meters(&mut self, product: &mut Map<String, Value>, currency: Option<&str>, pricing: &str) {
        let relation = relation(self.query, "ProductConsumptionSchedules");
        let mut links = Vec::new();
        for _ in 0..currency.map_or(0, |_| 1 + self.random.below(2)) {
            let mut link = self.record(&relation.query);
            let lookup =
                relation.query.relations.iter().find(|one| one.name == "ConsumptionSchedule");
            let lookup = lookup.expect("the schedule");
            let mut schedule = self.record(&lookup.query);
            set(&mut link, "Id", json!(self.id("1PC")));
            set(&mut link, "ConsumptionScheduleId", json!(self.id("1CS")));
            set(&mut schedule, "Name", json!(format!("Meter {}", self.made)));
            set(&mut schedule, "IsActive", json!(self.random.percent(90)));
            set(&mut schedule, "CurrencyIsoCode", json!(currency));
            let slab = pricing == "slab" || self.random.percent(50);
            set(&mut schedule, "Type", json!(if slab { "Slab" } else { "Range" }));
            let terms = [
                (1, "Month"),
                (3, "Month"),
                (6, "Month"),
                (12, "Month"),
                (1, "Quarter"),
                (1, "Year"),
            ];
            let (term, unit) = *self.random.one(&terms);
            set(&mut schedule, "BillingTerm", json!(term));
            set(&mut schedule, "BillingTermUnit", json!(unit));
            let unit =
                if self.random.percent(20) { Value::Null } else { json!(self.random.one(&UNITS)) };
            set(&mut schedule, "UnitOfMeasure", unit);
            let rates = lookup.query.relations.iter().find(|one| one.name == "ConsumptionRates");
            let rates = rates.expect("rates");
            let mut rows = Vec::new();
            for (at, (lower, upper)) in self.bounds().into_iter().enumerate() {
                let mut rate = self.record(&rates.query);
                set(&mut rate, "Id", json!(self.id("1CR")));
                set(&mut rate, "LowerBound", lower);
                set(&mut rate, "UpperBound", upper);
                let price =
                    if at == 0 && self.random.percent(40) { json!(0) } else { self.price() };
                set(&mut rate, "Price", price);
                rows.push(rate);
            }
            schedule.insert(rates.name.clone(), children(rows));
            link.insert(lookup.name.clone(), Value::Object(schedule));
            links.push(link);
        }
        product.insert(relation.name.clone(), children(links));
    }

    /// One thing that is wrong with a product.
    fn spoil(&mut self, product: &mut Map<String, Value>) {
        match self.random.below(9) {
            0 => set(product, "SBQQ__BillingFrequency__c", json!("Invoice Plan")),
            1 => set(product, "QuantityUnitOfMeasure", json!("Furlong")),
            2 => drop(product.insert("PricebookEntries".into(), Value::Null)),
            3 => set(product, "Name", json!("x".repeat(101))),
            4 => set(product, "ProductCode", json!("x".repeat(51))),
            5 => set(product, "SBQQ__TaxCode__c", json!("NO SUCH CODE")),
            6 => drop(product.insert("SBQQ__BlockPrices__r".into(), Value::Null)),
            7 => self.sell_twice(product),
            _ => self.spoil_tiers(product),
        }
    }

    /// Another active price for the same book and currency.
    fn sell_twice(&mut self, product: &mut Map<String, Value>) {
        let list = product.get_mut("PricebookEntries").and_then(|list| list.get_mut("records"));
        if let Some(Value::Array(entries)) = list
            && let Some(Value::Object(mut entry)) = entries.first().cloned()
        {
            self.made += 1;
            set(&mut entry, "Id", json!(format!("01u{:012}AAA", self.made)));
            entries.push(Value::Object(entry));
        }
    }

    /// Takes a tier out, so that there is a hole or nothing at all.
    fn spoil_tiers(&mut self, product: &mut Map<String, Value>) {
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
                rows.remove(self.random.below(rows.len()));
            }
        }
        if let Value::Object(members) = value {
            *product = members;
        }
    }
}

/// Sets a member that is read; what is not read is not in the record.
fn set(members: &mut Map<String, Value>, name: &str, value: Value) {
    if let Some(member) = members.get_mut(name) {
        *member = value;
    }
}

fn children(records: Vec<Map<String, Value>>) -> Value {
    json!({ "totalSize": records.len(), "done": true, "records": records })
}

fn relation<'q>(query: &'q Query, name: &str) -> &'q Relation {
    let found = query.relations.iter().find(|relation| relation.name == name);
    found.unwrap_or_else(|| {
        let names: BTreeMap<&str, &str> = query
            .relations
            .iter()
            .map(|one| (one.name.as_str(), one.query.object.as_str()))
            .collect();
        panic!("no relation {name} among {names:?}")
    })
}
