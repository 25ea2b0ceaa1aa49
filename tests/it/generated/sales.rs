//! Sales as they happen: what was agreed, what changed of it on which day, what was renewed. How
//! Salesforce stores that is said elsewhere, once for contracts and once for orders.

use crosswalk::value::{Date, Decimal};
use serde_json::json;

use super::{
    products::{self, CHARGE_TYPES, PRICINGS, Product},
    random::Random,
    records::{Org, Row, set},
};

/// A sale of some products for a term, with all that changed within it.
#[derive(Clone, Debug)]
pub struct Sale {
    pub account: String,
    pub currency: &'static str,
    pub book: &'static str,
    pub start: Date,
    /// The last day that is covered; none where it goes on.
    pub end: Option<Date>,
    pub months: i64,
    pub lines: Vec<Line>,
    /// Whether all of it was taken back in the end.
    pub is_ended: bool,
}

/// Something that was sold.
#[derive(Clone, Debug)]
pub struct Line {
    pub product: Product,
    /// The price of a unit for the product's term, before any discount.
    pub list: Decimal,
    /// The price of a unit for the product's term.
    pub special: Decimal,
    pub frequency: Option<&'static str>,
    pub parts: Vec<Part>,
    /// The line of the renewed sale that it goes on.
    pub renews: Option<usize>,
    pub is_segmented: bool,
}

/// What was sold of a line, or changed, on a day.
#[derive(Clone, Debug)]
pub struct Part {
    pub day: Date,
    /// By how much the quantity changes.
    pub quantity: i64,
    /// What a unit of it costs for its time; all of it, where its price is a total.
    pub net: Decimal,
    /// The months that it is for, in terms of the product.
    pub multiplier: Decimal,
    /// The part that it revises.
    pub revises: Option<usize>,
    /// Which segment it is, and the quantity that holds in it.
    pub segment: Option<(i64, i64)>,
    /// The last day before it was taken back.
    pub terminated: Option<Date>,
    pub end: Option<Date>,
}

impl Line {
    /// Blocks and slabs are priced as a whole.
    pub fn is_total(&self) -> bool {
        self.product.pricing == "block" || self.is_slab()
    }

    pub fn is_slab(&self) -> bool {
        self.product.pricing == "slab"
    }

    pub fn kind(&self) -> String {
        format!("{}, {}", self.product.charge_type, self.product.pricing)
    }

    pub fn quantity(&self) -> i64 {
        self.parts.iter().map(|part| part.quantity).sum()
    }

    fn is_alive(&self, day: Date) -> bool {
        self.quantity() > 0 && self.parts.iter().all(|part| part.day < day)
    }
}

impl Sale {
    /// The kinds of what is sold, each once.
    pub fn kinds(&self) -> Vec<String> {
        let mut kinds: Vec<String> = self.lines.iter().map(Line::kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    pub fn changes(&self) -> bool {
        let parts = self.lines.iter().flat_map(|line| &line.parts);
        parts.filter(|part| part.segment.is_none()).any(|part| part.day != self.start)
    }
}

/// A product of each kind for each currency: what all sales are of.
pub fn products(org: &mut Org) -> Vec<Product> {
    let mut all = Vec::new();
    for charge_type in CHARGE_TYPES {
        for pricing in PRICINGS {
            let mut product = products::product(org, charge_type, pricing);
            while !product.is_sold {
                product = products::product(org, charge_type, pricing);
            }
            all.push(product);
        }
    }
    all
}

/// An account that can be billed.
pub fn account(org: &mut Org, currency: &str) -> String {
    let mut account = org.row("Account", "001");
    set(&mut account, "Name", format!("Account {}", org.made()));
    set(&mut account, "CurrencyIsoCode", currency);
    set(&mut account, "BillingStreet", "1 Main Street");
    set(&mut account, "BillingCity", "Berlin");
    set(&mut account, "BillingCountry", "Germany");
    set(&mut account, "ShippingCountry", serde_json::Value::Null);
    set(&mut account, "ParentId", serde_json::Value::Null);
    org.keep("Account", account)
}

/// What a quote says of billing, and what kind of quote it is.
pub fn quoted(org: &mut Org, quote: &mut Row, kind: &str) {
    set(quote, "SBQQ__Type__c", kind);
    let day = org.random.percent(50).then(|| org.random.below(32));
    set(quote, "BillCycleDay__c", json!(day));
    let batch = org.random.percent(50).then(|| format!("Batch{}", 1 + org.random.below(50)));
    set(quote, "BillingBatch__c", json!(batch));
    set(quote, "SBQQ__PaymentTerms__c", *org.random.one(&["Net 15", "Net 30", "Net 60"]));
}

/// A day of some years, often one near the end of a month.
pub fn day(random: &mut Random) -> Date {
    let first = Date::parse("2016-01-01").expect("a date");
    let first = first.add_months(random.below(140) as i64).expect("a date");
    let days = match random.below(10) {
        0..3 => 0,
        3..7 => 27 + random.below(4),
        _ => random.below(28),
    };
    first.add_days(days as i64).expect("a date")
}

fn after(day: Date, months: i64) -> Date {
    day.add_months(months).expect("a date")
}

fn next(day: Date) -> Date {
    day.add_days(1).expect("a date")
}

pub fn before(day: Date) -> Date {
    day.add_days(-1).expect("a date")
}

/// A first sale to an account.
pub fn sale(org: &mut Org, products: &[Product]) -> Sale {
    // Something has a price in this book and currency.
    let priced = org.random.one(products);
    let (currency, book) = (*org.random.one(&priced.currencies), *org.random.one(priced.books));
    let account = account(org, currency);
    let start = day(&mut org.random);
    let months = *org.random.one(&[1, 3, 6, 7, 12, 12, 12, 12, 24, 36]);
    let is_evergreen = org.random.percent(8);
    let odd = if org.random.percent(10) { org.random.below(20) as i64 } else { 0 };
    let end = before(after(start, months)).add_days(odd).expect("a date");
    let (end, lines) = ((!is_evergreen).then_some(end), Vec::new());
    let mut sale = Sale { account, currency, book, start, end, months, lines, is_ended: false };
    for _ in 0..1 + org.random.below(3) {
        sell(&mut org.random, products, &mut sale, start);
    }
    change(&mut org.random, products, &mut sale);
    sale
}

/// The sale that renews another one; none where that has no end.
pub fn renewal(org: &mut Org, products: &[Product], old: &Sale) -> Option<Sale> {
    let start = next(old.end.filter(|_| !old.is_ended)?);
    let months = *org.random.one(&[old.months, old.months, 12, 6]);
    let end = Some(before(after(start, months)));
    let (lines, is_ended) = (Vec::new(), false);
    let mut sale = Sale { start, months, end, lines, is_ended, ..old.clone() };
    for (at, line) in old.lines.iter().enumerate() {
        if line.quantity() <= 0 || org.random.percent(15) {
            continue;
        }
        let quantity = match org.random.below(3) {
            0 if line.product.pricing != "flat" => 1 + org.random.below(100) as i64,
            _ => line.quantity(),
        };
        let special = if org.random.percent(60) { line.special } else { price(&mut org.random) };
        let frequency = match org.random.percent(80) {
            true => line.frequency,
            false => frequency(&mut org.random, &line.product),
        };
        let (parts, is_segmented) = (Vec::new(), false);
        let renewed =
            Line { special, frequency, parts, renews: Some(at), is_segmented, ..line.clone() };
        let first = first(&renewed, start, sale.end, quantity);
        sale.lines.push(Line { parts: vec![first], ..renewed });
    }
    if sale.lines.is_empty() || org.random.percent(30) {
        sell(&mut org.random, products, &mut sale, start);
    }
    if org.random.percent(40) {
        change(&mut org.random, products, &mut sale);
    }
    Some(sale)
}

fn price(random: &mut Random) -> Decimal {
    Decimal::new(1 + random.below(90_000) as i64, 2)
}

fn frequency(random: &mut Random, product: &Product) -> Option<&'static str> {
    match random.below(10) {
        0 => None,
        1..8 => Some(product.frequency),
        _ => Some(*random.one(&["Monthly", "Quarterly", "Semiannual", "Annual"])),
    }
}

/// Adds a line that begins on a day.
fn sell(random: &mut Random, products: &[Product], sale: &mut Sale, day: Date) {
    let has_price =
        |one: &&Product| one.currencies.contains(&sale.currency) && one.books.contains(&sale.book);
    let priced: Vec<&Product> = products.iter().filter(has_price).collect();
    let product = (*random.one(&priced)).clone();
    let list = price(random);
    let special = if random.percent(70) { list } else { price(random) };
    let frequency = frequency(random, &product);
    let (parts, renews) = (Vec::new(), None);
    let mut line = Line { product, list, special, frequency, parts, renews, is_segmented: false };
    let quantity = if line.product.pricing == "flat" { 1 } else { 1 + random.below(200) as i64 };
    let can_be_segmented =
        day == sale.start && sale.end.is_some() && sale.months >= 24 && !line.is_total();
    if can_be_segmented && line.product.charge_type == "Recurring" && random.percent(60) {
        segments(random, &mut line, sale, quantity);
    } else {
        let begins_later = day == sale.start && sale.months > 3 && random.percent(12);
        let begins = if begins_later { within(random, sale, day) } else { day };
        let ends_early = line.product.charge_type == "Recurring" && random.percent(6);
        let end = match sale.end {
            Some(end) if ends_early && begins < end => {
                let days = random.below(begins.days_until(end) as usize) as i64;
                Some(end.add_days(-days).expect("a date"))
            }
            end => end,
        };
        line.parts.push(first(&line, begins, end, quantity));
    }
    sale.lines.push(line);
}

/// A day within the term, after another one.
fn within(random: &mut Random, sale: &Sale, day: Date) -> Date {
    let end = sale.end.unwrap_or_else(|| after(sale.start, 24));
    let months = day.months_until(next(end));
    if months > 1 && random.percent(60) {
        return after(day, 1 + random.below(months as usize - 1) as i64);
    }
    let days = day.days_until(end).max(1);
    day.add_days(1 + random.below(days as usize) as i64).expect("a date")
}

/// How many terms of a product a time has, months by the calendar and days by the year.
fn multiplier(line: &Line, day: Date, end: Option<Date>) -> Decimal {
    let Some(end) = end.filter(|_| line.product.charge_type != "One-Time") else {
        return Decimal::ONE;
    };
    let months = day.months_until(next(end));
    let days = after(day, months).days_until(next(end));
    let months = Decimal::from(months) + Decimal::from(days * 12) / Decimal::from(365);
    (months / Decimal::from(line.product.term)).round_dp(16)
}

fn net(line: &Line, price: Decimal, multiplier: Decimal, quantity: i64) -> Decimal {
    let times = if line.is_total() { Decimal::from(quantity) } else { Decimal::ONE };
    (price * multiplier * times).round_dp(2)
}

fn first(line: &Line, day: Date, end: Option<Date>, quantity: i64) -> Part {
    let multiplier = multiplier(line, day, end);
    let net = net(line, line.special, multiplier, quantity);
    Part { day, quantity, net, multiplier, revises: None, segment: None, terminated: None, end }
}

/// A year after the other, each with a quantity and a price of its own.
fn segments(random: &mut Random, line: &mut Line, sale: &Sale, quantity: i64) {
    line.is_segmented = true;
    let (mut had, mut holds) = (0, quantity);
    for year in 0..sale.months / 12 {
        let day = after(sale.start, 12 * year);
        let Some(end) = sale.end else { return };
        let is_last = year + 1 == sale.months / 12;
        let segment_end = if is_last { end } else { before(after(day, 12)) };
        let part = first(line, day, Some(segment_end), holds - had);
        let part = Part { segment: Some((year + 1, holds)), end: Some(end), ..part };
        line.parts.push(part);
        had = holds;
        holds = match line.product.pricing {
            "flat" => 1,
            _ => (holds + random.below(40) as i64 - 10).max(1),
        };
        line.special = if random.percent(30) { price(random) } else { line.special };
    }
}

/// Changes of lines on some days of the term, the last of which may end it all.
fn change(random: &mut Random, products: &[Product], sale: &mut Sale) {
    let mut days: Vec<Date> =
        (0..random.below(4)).map(|_| within(random, sale, sale.start)).collect();
    if random.percent(10) {
        days.push(sale.start);
    }
    days.sort_unstable();
    days.dedup();
    for day in &days {
        for at in 0..sale.lines.len() {
            if sale.lines[at].is_alive(*day) && random.percent(60) {
                change_line(random, products, sale, at, *day);
            }
        }
        if random.percent(20) {
            sell(random, products, sale, *day);
        }
    }
    let last = sale.lines.iter().flat_map(|line| &line.parts).map(|part| part.day).max();
    let Some(last) = last.filter(|last| random.percent(25) && sale.end.is_none_or(|e| *last < e))
    else {
        return;
    };
    let day = match sale.end {
        Some(end) => last.add_days(1 + random.below(last.days_until(end) as usize) as i64),
        None => last.add_days(1 + random.below(90) as i64),
    };
    let day = day.expect("a date");
    for line in &mut sale.lines {
        let runs = line.parts[0].end.is_none_or(|end| end >= day);
        if line.product.charge_type != "One-Time" && line.quantity() > 0 && runs {
            take_back(line, sale.end, day);
        }
    }
    sale.is_ended = true;
}

/// All of a line is taken back on a day.
fn take_back(line: &mut Line, end: Option<Date>, day: Date) {
    if line.is_segmented {
        return take_segments_back(line, day);
    }
    let (quantity, special) = (-line.quantity(), line.special);
    revise(line, end, day, quantity, special);
    line.parts[0].terminated = Some(before(day));
    if let Some(part) = line.parts.last_mut() {
        part.terminated = Some(before(day));
    }
}

fn take_segments_back(line: &mut Line, day: Date) {
    for at in 0..line.parts.len() {
        let segment = line.parts[at].clone();
        if segment.revises.is_some() || segment.quantity == 0 {
            continue;
        }
        line.parts[at].terminated = Some(before(day));
        let revised = line.parts.iter().filter(|part| part.revises == Some(at));
        let quantity = -(segment.quantity + revised.map(|part| part.quantity).sum::<i64>());
        line.parts.push(Part {
            day: segment.day.max(day),
            quantity,
            revises: Some(at),
            segment: segment.segment.map(|(index, _)| (index, 0)),
            terminated: Some(before(day)),
            ..segment
        });
    }
}

/// A delta of a line, at a price of a unit for the product's term.
fn revise(line: &mut Line, end: Option<Date>, day: Date, quantity: i64, special: Decimal) {
    let end = line.parts[0].end.or(end);
    let multiplier = multiplier(line, day, end);
    let net = net(line, special, multiplier, quantity);
    let (segment, terminated) = (None, None);
    let revises = Some(0);
    line.parts.push(Part { day, quantity, net, multiplier, revises, segment, terminated, end });
}

fn change_line(random: &mut Random, products: &[Product], sale: &mut Sale, at: usize, day: Date) {
    let end = sale.end;
    let line = &mut sale.lines[at];
    let (charge_type, is_flat) = (line.product.charge_type, line.product.pricing == "flat");
    let special = line.special;
    if line.parts[0].end.is_some_and(|end| end < day) {
        return;
    }
    let more = 1 + random.below(60) as i64;
    match random.below(100) {
        _ if line.is_segmented => change_segment(random, line, day),
        0..35 if !is_flat => revise(line, end, day, more, special),
        35..50 if !is_flat && !line.is_total() => {
            let other = price(random);
            revise(line, end, day, more, other);
        }
        50..72 if !is_flat && charge_type != "One-Time" && line.quantity() > 1 => {
            let less = 1 + random.below(line.quantity() as usize - 1) as i64;
            revise(line, end, day, -less, special);
        }
        72..86 => take_back(line, end, day),
        86..88 if !line.is_total() => {
            let other = price(random);
            revise(line, end, day, 0, other);
        }
        88..95 => {
            take_back(line, end, day);
            let product = line.product.clone();
            sell(random, &[product], sale, day);
        }
        _ => sell(random, products, sale, day),
    }
}

/// More from the middle of a segment on, in it and in the later ones.
fn change_segment(random: &mut Random, line: &mut Line, day: Date) {
    let current = line.parts.iter().rposition(|part| part.revises.is_none() && part.day <= day);
    let Some(at) = current.filter(|_| line.product.pricing != "flat") else { return };
    let more = 1 + random.below(30) as i64;
    let segment = line.parts[at].clone();
    line.parts.push(Part { day, quantity: more, revises: Some(at), ..segment });
}
