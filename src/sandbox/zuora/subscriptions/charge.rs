//! A charge of a subscription: its price over time, as segments that follow each other.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::term::Length;

use crate::sandbox::zuora::number::{as_text, as_text_or_none};

/// When a charge is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChargeType {
    /// Once.
    OneTime,
    /// In every billing period.
    Recurring,
    /// By what was used.
    Usage,
}

impl ChargeType {
    /// Reads the catalog's spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "OneTime" => Some(Self::OneTime),
            "Recurring" => Some(Self::Recurring),
            "Usage" => Some(Self::Usage),
            _ => None,
        }
    }

    /// As the service writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OneTime => "OneTime",
            Self::Recurring => "Recurring",
            Self::Usage => "Usage",
        }
    }
}

/// Whether the price of a tier is for the whole of it or for each unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PriceFormat {
    /// One price for the tier.
    FlatFee,
    /// A price for each unit.
    PerUnit,
}

/// One tier of a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// First quantity, inclusive.
    #[serde(with = "as_text")]
    pub start: Decimal,
    /// Last quantity, inclusive; none for the last tier.
    #[serde(with = "as_text_or_none", default)]
    pub end: Option<Decimal>,
    /// Its price.
    #[serde(with = "as_text")]
    pub price: Decimal,
    /// What the price is for.
    pub format: PriceFormat,
}

/// A price as it was agreed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Price of one unit, or of the charge.
    #[serde(with = "as_text_or_none", default)]
    pub list_price: Option<Decimal>,
    /// Units sold.
    #[serde(with = "as_text_or_none", default)]
    pub quantity: Option<Decimal>,
    /// Tiers, lowest first.
    pub tiers: Vec<Tier>,
    /// Units that are free before overage begins.
    #[serde(with = "as_text_or_none", default)]
    pub included_units: Option<Decimal>,
    /// Price of a unit beyond those included, or beyond the last tier.
    #[serde(with = "as_text_or_none", default)]
    pub overage_price: Option<Decimal>,
    /// What a fixed discount takes off.
    #[serde(with = "as_text_or_none", default)]
    pub discount_amount: Option<Decimal>,
    /// What a discount takes off, per cent.
    #[serde(with = "as_text_or_none", default)]
    pub discount_percentage: Option<Decimal>,
}

/// A time during which a charge has one price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Id of the segment.
    pub id: String,
    /// Counted from one; a later order does not count it anew.
    pub number: u32,
    /// First day; it lasts until the next segment begins or the charge ends.
    #[serde(with = "as_text")]
    pub start: Date,
    /// Its price.
    pub price: Price,
    /// Whether the subscription rests: nothing is charged then.
    pub rests: bool,
}

/// What happens to the price of a charge when its subscription renews.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PriceChange {
    /// It stays.
    #[default]
    NoChange,
    /// It changes by a percentage.
    Percentage(#[serde(with = "as_text")] Decimal),
    /// It becomes the price of the catalog.
    LatestCatalog,
}

/// When a charge ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// Together with its subscription.
    WithSubscription,
    /// On a day of its own: the first without it.
    On(#[serde(with = "as_text")] Date),
}

/// How a charge is billed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Billing {
    /// Billing period as answers spell it, `Semi_Annual`; none for one-time charges.
    pub period: Option<String>,
    /// How many months, weeks or days a specific period has.
    pub period_count: Option<u32>,
    /// What the price is for, `Per_Billing_Period`, `Per_Month`, ….
    pub price_base: String,
    /// How many months a specific base has.
    pub price_base_count: Option<u32>,
    /// `IN_ADVANCE` or `IN_ARREARS`.
    pub timing: String,
    /// What decides the bill cycle day.
    pub cycle_type: String,
    /// The day, where the type says that it is a specific one.
    pub cycle_day: Option<u32>,
    /// What billing periods are counted from.
    pub alignment: Option<String>,
}

/// What of a discount is known: on which types of charges it works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscountScope {
    /// `RECURRING`, `ONETIMERECURRING`, ….
    pub applies_to: String,
    /// `rateplan`, `subscription` or `account`.
    pub level: String,
}

/// What a charge waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaited {
    /// `ServiceActivation` or `CustomerAcceptance`.
    pub event: String,
    /// The price from then on.
    pub price: Price,
    /// How long it lasts from then on, where that is fixed.
    pub length: Option<Length>,
}

/// A charge of a subscription.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Charge {
    /// Id, the same through all versions.
    pub id: String,
    /// Its number, which is a key too.
    pub number: String,
    /// Its name.
    pub name: String,
    /// Id of the charge in the catalog.
    pub product_charge: String,
    /// When it is billed.
    pub charge_type: ChargeType,
    /// How its price is found, as the catalog writes it: `Per Unit Pricing`.
    pub model: String,
    /// Unit of measure.
    pub uom: Option<String>,
    /// How it is billed.
    pub billing: Billing,
    /// How many months a billing period of the whole term has.
    #[serde(with = "as_text_or_none", default)]
    pub term_months: Option<Decimal>,
    /// The scope of a discount.
    pub discount: Option<DiscountScope>,
    /// What a renewal does to the price.
    #[serde(default)]
    pub renewal_price: PriceChange,
    /// Where it was agreed to end.
    pub ends: End,
    /// The day of its removal.
    #[serde(with = "as_text_or_none", default)]
    pub removed_on: Option<Date>,
    /// The trigger that it waits for, with what holds once it has a date.
    pub awaits: Option<Awaited>,
    /// The first day without it; none when it is evergreen. Follows from the fields above.
    #[serde(with = "as_text_or_none", default)]
    pub end: Option<Date>,
    /// Its price over time, oldest first; empty while it waits for a trigger.
    pub segments: Vec<Segment>,
    /// Total contracted billing, as the orders so far have changed it.
    #[serde(with = "as_text", default)]
    pub billed: Decimal,
    /// The same after discounts.
    #[serde(with = "as_text", default)]
    pub billed_net: Decimal,
    /// The tenant's own fields.
    pub custom_fields: Map<String, Value>,
}

impl Charge {
    /// The first day of the charge.
    #[must_use]
    pub fn start(&self) -> Option<Date> {
        self.segments.first().map(|segment| segment.start)
    }

    /// Works out where the charge ends in a subscription that ends on a day.
    pub fn fit(&mut self, subscription_end: Option<Date>) {
        let own = match self.ends {
            End::WithSubscription => None,
            End::On(day) => Some(day),
        };
        self.end = [own, self.removed_on, subscription_end].into_iter().flatten().min();
    }

    /// The segments with the first day after each; those that have no day are left out.
    pub fn spans(&self) -> impl Iterator<Item = (&Segment, Option<Date>)> {
        let starts = self.segments.iter().skip(1).map(|next| Some(next.start));
        let ends = starts.chain(std::iter::once(None));
        self.segments.iter().zip(ends).filter_map(move |(segment, next)| {
            let end = [next, self.end].into_iter().flatten().min();
            end.is_none_or(|end| segment.start < end).then_some((segment, end))
        })
    }

    /// The segment that is in force on a day.
    #[must_use]
    pub fn segment_on(&self, day: Date) -> Option<&Segment> {
        self.spans()
            .find(|(segment, end)| segment.start <= day && end.is_none_or(|end| day < end))
            .map(|(segment, _)| segment)
    }

    /// Begins a segment on a day, or changes the one that begins on it.
    pub fn put_segment(&mut self, id: String, start: Date, price: Price, rests: bool) {
        if let Some(same) = self.segments.iter_mut().find(|segment| segment.start == start) {
            (same.price, same.rests) = (price, rests);
            return;
        }
        let last = self.segments.iter().map(|segment| segment.number).max().unwrap_or(0);
        let number = last.saturating_add(1);
        self.segments.push(Segment { id, number, start, price, rests });
        self.segments.sort_by_key(|segment| segment.start);
    }
}
