//! The prices of every subscription line, calculated anew from the catalogue.

use rust_decimal::Decimal;
use serde_json::Value;

use super::{Org, date, flag, money, months, number, text_of};

/// What decides how a line is priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pricing {
    List,
    Block,
    Slab,
    Range,
    PercentOfTotal,
    /// Usage, and what a bundle includes: the line itself costs nothing.
    Nothing,
}

fn pricing(line: &Value) -> Pricing {
    if flag(line, "SBQQ__Bundled__c") || line["SBQQ__ChargeType__c"] == "Usage" {
        return Pricing::Nothing;
    }
    match (line["SBQQ__PricingMethod__c"].as_str(), line["SBQQ__DiscountScheduleType__c"].as_str())
    {
        (Some("Block"), _) => Pricing::Block,
        (Some("Percent Of Total"), _) => Pricing::PercentOfTotal,
        (_, Some("Slab")) => Pricing::Slab,
        (_, Some("Range")) => Pricing::Range,
        _ => Pricing::List,
    }
}

/// Slab and block lines hold the price of the whole line.
pub(super) fn effective_quantity(line: &Value) -> Decimal {
    match pricing(line) {
        Pricing::Slab | Pricing::Block => Decimal::ONE,
        _ => number(line, "SBQQ__Quantity__c").unwrap(),
    }
}

fn is_evergreen(contract: &Value) -> bool {
    flag(contract, "SBQQ__Evergreen__c")
}

/// How many months the prices of a line are for.
fn months_priced(line: &Value, contract: &Value) -> Decimal {
    if is_evergreen(contract) {
        return Decimal::ONE;
    }
    let start = date(line, "SBQQ__SegmentStartDate__c")
        .or_else(|| date(line, "SBQQ__SubscriptionStartDate__c"));
    let end = date(line, "SBQQ__SegmentEndDate__c")
        .or_else(|| date(line, "SBQQ__SubscriptionEndDate__c"))
        .or_else(|| date(contract, "EndDate"));
    match (start, end) {
        (Some(start), Some(end)) => months(start, end),
        _ => number(contract, "ContractTerm").unwrap(),
    }
}

/// The tiers of a product's schedule in a currency: lower bound, upper bound (not included), and
/// what a price becomes there.
fn tiers(
    org: &Org,
    product: &Value,
    currency: &str,
) -> Vec<(Decimal, Option<Decimal>, impl Fn(Decimal) -> Decimal)> {
    let schedule =
        org.follow(product, "SBQQ__DiscountSchedule__c", "SBQQ__DiscountSchedule__c").unwrap();
    let by_amount = schedule["SBQQ__DiscountUnit__c"] == "Amount";
    org.all("SBQQ__DiscountTier__c")
        .filter(|tier| tier["SBQQ__Schedule__c"] == schedule["Id"])
        .filter(|tier| !by_amount || tier["CurrencyIsoCode"] == currency)
        .map(|tier| {
            let off = if by_amount { "SBQQ__DiscountAmount__c" } else { "SBQQ__Discount__c" };
            let off = number(tier, off).unwrap();
            let after = move |price: Decimal| match by_amount {
                true => price - off,
                false => price * (Decimal::ONE_HUNDRED - off) / Decimal::ONE_HUNDRED,
            };
            let bounds = (number(tier, "SBQQ__LowerBound__c"), number(tier, "SBQQ__UpperBound__c"));
            (bounds.0.unwrap(), bounds.1, after)
        })
        .collect()
}

/// Unit by unit: unit `u` costs what the tier says in which `u` lies.
fn slab(org: &Org, product: &Value, currency: &str, price: Decimal, quantity: Decimal) -> Decimal {
    let tiers = tiers(org, product, currency);
    let units: u32 = quantity.to_string().trim_end_matches(".0").parse().unwrap();
    (1..=units).map(|unit| in_tier(&tiers, Decimal::from(unit), price)).sum()
}

fn in_tier(
    tiers: &[(Decimal, Option<Decimal>, impl Fn(Decimal) -> Decimal)],
    quantity: Decimal,
    price: Decimal,
) -> Decimal {
    let holds = |lower: Decimal, upper: Option<Decimal>| {
        lower <= quantity && upper.is_none_or(|upper| quantity < upper)
    };
    let (_, _, after) = tiers.iter().find(|(lower, upper, _)| holds(*lower, *upper)).unwrap();
    after(price)
}

fn block(org: &Org, product: &Value, currency: &str, quantity: Decimal) -> Decimal {
    if quantity.is_zero() {
        return Decimal::ZERO;
    }
    let holds = |price: &&Value| {
        price["SBQQ__Product__c"] == product["Id"]
            && price["CurrencyIsoCode"] == currency
            && number(price, "SBQQ__LowerBound__c").unwrap() <= quantity
            && number(price, "SBQQ__UpperBound__c").is_none_or(|upper| quantity < upper)
    };
    number(org.all("SBQQ__BlockPrice__c").find(holds).unwrap(), "SBQQ__Price__c").unwrap()
}

/// A line with what its price depends on.
struct Line<'a> {
    org: &'a Org,
    record: &'a Value,
    contract: &'a Value,
    product: &'a Value,
    original: Option<&'a Value>,
    currency: &'a str,
    quantity: Decimal,
}

impl<'a> Line<'a> {
    fn of(org: &'a Org, record: &'a Value) -> Self {
        let (contract, product) = org.home(record);
        let original = org.follow(record, "SBQQ__RevisedSubscription__c", "SBQQ__Subscription__c");
        let currency = contract["CurrencyIsoCode"].as_str().unwrap();
        let quantity = number(record, "SBQQ__Quantity__c").unwrap();
        Self { org, record, contract, product, original, currency, quantity }
    }

    /// What there was of the original line before this delta.
    fn before(&self) -> Decimal {
        let Some(original) = self.original else { return Decimal::ZERO };
        let earlier = self.org.lines(self.contract).filter(|line| {
            line["SBQQ__RevisedSubscription__c"] == original["Id"]
                && text_of(line, "Name") < text_of(self.record, "Name")
        });
        let of = |line: &Value| number(line, "SBQQ__Quantity__c").unwrap();
        of(original) + earlier.map(of).sum::<Decimal>()
    }

    fn price_book_entry(&self) -> Option<Decimal> {
        let entry = self.org.all("PricebookEntry").find(|entry| {
            entry["Product2Id"] == self.product["Id"]
                && entry["Pricebook2Id"] == self.contract["Pricebook2Id"]
                && entry["CurrencyIsoCode"] == self.currency
        });
        entry.and_then(|entry| number(entry, "UnitPrice"))
    }

    /// The price for one term of the product, before discounts; `None` where it was set by hand.
    fn special(&self) -> Option<Decimal> {
        match pricing(self.record) {
            Pricing::Nothing => Some(Decimal::ZERO),
            Pricing::Block => {
                let of = |quantity| block(self.org, self.product, self.currency, quantity);
                Some(of(self.before() + self.quantity) - of(self.before()))
            }
            Pricing::PercentOfTotal => Some(match self.original {
                Some(original) => number(original, "SBQQ__SpecialPrice__c").unwrap(),
                None => money(self.share_of_total(), self.currency),
            }),
            Pricing::List | Pricing::Slab | Pricing::Range => {
                self.uplifted().or_else(|| self.price_book_entry())
            }
        }
    }

    /// A renewal may raise the price of the line that it renews.
    fn uplifted(&self) -> Option<Decimal> {
        let quoted = self.org.follow(self.record, "SBQQ__QuoteLine__c", "SBQQ__QuoteLine__c")?;
        (quoted["SBQQ__SpecialPriceType__c"] == "Renewal").then_some(())?;
        let renewed =
            self.org.follow(quoted, "SBQQ__RenewedSubscription__c", "SBQQ__Subscription__c")?;
        let rate = number(renewed, "SBQQ__RenewalUpliftRate__c")?;
        let price = number(renewed, "SBQQ__SpecialPrice__c")?;
        Some(price * (Decimal::ONE_HUNDRED + rate) / Decimal::ONE_HUNDRED)
    }

    /// The percentage of what the other lines of the contract cost that start with it.
    fn share_of_total(&self) -> Decimal {
        let others = self.org.lines(self.contract).filter(|line| {
            line["SBQQ__SubscriptionStartDate__c"] == self.record["SBQQ__SubscriptionStartDate__c"]
                && pricing(line) != Pricing::PercentOfTotal
        });
        let total: Decimal = others
            .map(|line| number(line, "SBQQ__NetPrice__c").unwrap() * effective_quantity(line))
            .sum();
        total * number(self.product, "SBQQ__SubscriptionPercent__c").unwrap() / Decimal::ONE_HUNDRED
    }

    /// The price after the volume's discount, for one term: what it may be, since a delta of a
    /// range line keeps the price of the line or has that of the new quantity.
    fn regular(&self, special: Decimal) -> Vec<Decimal> {
        let (org, product, currency) = (self.org, self.product, self.currency);
        let (before, after) = (self.before(), self.before() + self.quantity);
        match pricing(self.record) {
            Pricing::Slab => {
                let of = |quantity| slab(org, product, currency, special, quantity);
                vec![of(after) - of(before)]
            }
            Pricing::Range => {
                let tiers = tiers(org, product, currency);
                let first = self.original.map(|line| number(line, "SBQQ__Quantity__c").unwrap());
                let of = |quantity| in_tier(&tiers, quantity, special);
                let kept = first.map(of);
                kept.into_iter().chain((after > Decimal::ZERO).then(|| of(after))).collect()
            }
            _ => vec![special],
        }
    }
}

#[test]
fn a_line_costs_what_the_rules_of_cpq_make_of_the_catalogue() {
    let org = Org::load();
    let mut checked = 0;
    for record in org.all("SBQQ__Subscription__c") {
        check(&Line::of(&org, record));
        checked += 1;
    }
    assert!(checked > 100, "{checked}");
}

fn check(line: &Line<'_>) {
    let (record, currency) = (line.record, line.currency);
    let name = format!("{} {}", record["SBQQ__ContractNumber__c"], record["Name"]);
    let of = |field: &str| number(record, field);
    let stored = of("SBQQ__ProrateMultiplier__c").unwrap();
    let term = number(line.product, "SBQQ__SubscriptionTerm__c").unwrap_or(Decimal::from(12));
    let multiplier = months_priced(record, line.contract) / term;
    let off = (multiplier - stored).abs();
    assert!(off < Decimal::new(1, 12), "{name}: multiplier {stored}, not {multiplier}");

    let special = of("SBQQ__SpecialPrice__c").unwrap();
    if let Some(expected) = line.special() {
        assert_eq!(special, expected, "{name}: special price");
    }
    let round = |amount| money(amount, currency);
    assert_eq!(of("SBQQ__ListPrice__c"), Some(round(special * multiplier)), "{name}: list price");
    let keep = Decimal::ONE_HUNDRED - of("SBQQ__Discount__c").unwrap_or_default();
    let stored = (of("SBQQ__RegularPrice__c").unwrap(), of("SBQQ__NetPrice__c").unwrap());
    let allowed: Vec<_> = line
        .regular(special)
        .into_iter()
        .map(|price| price * multiplier)
        .map(|price| (round(price), round(price * keep / Decimal::ONE_HUNDRED)))
        .collect();
    assert!(allowed.contains(&stored), "{name}: regular and net {stored:?}, not {allowed:?}");
    assert_eq!(of("SBQQ__CustomerPrice__c"), Some(stored.1), "{name}: customer price");
    let recurs = record["SBQQ__ChargeType__c"] == "Recurring"
        && pricing(record) != Pricing::PercentOfTotal
        && !stored.1.is_zero();
    let renewal = recurs.then(|| round(stored.1 / multiplier));
    assert_eq!(of("SBQQ__RenewalPrice__c"), renewal, "{name}: renewal price");
}

#[test]
fn a_quote_line_costs_its_net_price_times_its_effective_quantity() {
    let org = Org::load();
    for line in org.all("SBQQ__QuoteLine__c") {
        let of = |field: &str| number(line, field).unwrap();
        let total = of("SBQQ__NetPrice__c") * of("SBQQ__EffectiveQuantity__c");
        assert_eq!(of("SBQQ__NetTotal__c"), total, "{}", line["Name"]);
        let (special, multiplier) = (of("SBQQ__SpecialPrice__c"), of("SBQQ__ProrateMultiplier__c"));
        let prorated = money(special * multiplier, line["CurrencyIsoCode"].as_str().unwrap());
        assert_eq!(of("SBQQ__ProratedListPrice__c"), prorated, "{}", line["Name"]);
    }
}
