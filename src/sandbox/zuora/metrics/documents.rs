//! What a subscription would be billed: its charges cut into billing periods, up to a day.

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

use super::curve::{self, Worth};
use super::months::{Proration, between};
use super::mrr::amount;
use crate::sandbox::zuora::subscriptions::Subscription;
use crate::sandbox::zuora::subscriptions::charge::Charge;
use crate::sandbox::zuora::subscriptions::state::RatePlan;

/// Digits of a billed amount after the point.
const CENTS: u32 = 2;
/// Most billing periods of one charge in one preview: a hundred years of months.
const PERIODS_MAX: u32 = 1_200;

/// Up to where a subscription is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// What falls due on this day or before.
    Day(Date),
    /// So many billing periods of each charge.
    Periods(u32),
}

/// One line of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// First day that it is for.
    pub start: Date,
    /// Last day that it is for.
    pub end: Date,
    /// What it costs, in cents' precision.
    pub amount: Worth,
    /// Units billed.
    pub quantity: Option<Decimal>,
    /// Price of one unit.
    pub unit_price: Option<Decimal>,
}

/// The lines of one charge. Usage is not known in advance and has none; nothing has been billed
/// before, so they begin with the charge.
#[must_use]
pub fn items(
    subscription: &Subscription,
    plan: &RatePlan,
    charge: &Charge,
    account_day: u32,
    through: Through,
) -> Vec<Item> {
    let curve = curve::of(subscription, plan, charge);
    if let Some((day, worth)) = curve.once {
        return once(charge, day, worth, through).into_iter().collect();
    }
    let Some(start) = charge.start() else { return Vec::new() };
    let anchor = anchor(subscription, charge, account_day, start);
    let in_arrears = charge.billing.timing == "IN_ARREARS";
    let mut items = Vec::new();
    for (number, (from, to)) in (0_u32..).zip(periods(charge, anchor, start, subscription.end())) {
        let is_due = match through {
            Through::Periods(count) => number < count,
            Through::Day(day) if in_arrears => to <= day.tomorrow().unwrap_or(day),
            Through::Day(day) => from <= day,
        };
        if !is_due {
            break;
        }
        for piece in &curve.pieces {
            let (first, last) = (piece.start.max(from), piece.end.map_or(to, |end| end.min(to)));
            if first < last {
                let months = between(anchor, first, last, Proration::ThirtyDays);
                items.push(item(charge, first, last, piece.mrr.by(months)));
            }
        }
    }
    items
}

fn once(charge: &Charge, day: Date, worth: Worth, through: Through) -> Option<Item> {
    let is_due = match through {
        Through::Periods(count) => count > 0,
        Through::Day(last) => day <= last,
    };
    is_due.then(|| item(charge, day, day.tomorrow().unwrap_or(day), worth))
}

fn item(charge: &Charge, start: Date, next: Date, worth: Worth) -> Item {
    let price = charge.segment_on(start).map(|segment| segment.price.clone()).unwrap_or_default();
    let cents = |value: Decimal| {
        value.round_dp_with_strategy(CENTS, RoundingStrategy::MidpointAwayFromZero)
    };
    let is_per_unit = charge.model == "Per Unit Pricing";
    let unit_price =
        if is_per_unit { price.list_price } else { Some(amount(&charge.model, &price)) };
    Item {
        start,
        end: next.yesterday().unwrap_or(start),
        amount: Worth { gross: cents(worth.gross), net: cents(worth.net) },
        quantity: price.quantity,
        unit_price,
    }
}

/// The day from which billing periods are counted: the last bill cycle day on or before the
/// charge's first day.
fn anchor(subscription: &Subscription, charge: &Charge, account_day: u32, start: Date) -> Date {
    let day = match charge.billing.cycle_type.as_str() {
        "DefaultFromCustomer" => account_day,
        "SpecificDayofMonth" => charge.billing.cycle_day.unwrap_or(0),
        "SubscriptionStartDay" => u32::try_from(subscription.start.day()).unwrap_or(0),
        _ => 0,
    };
    // Without a day of the account's own, the first charge decides.
    if day == 0 || has_days(charge) {
        return start;
    }
    let in_month = |first: Date| {
        let last = u32::try_from(first.days_in_month()).unwrap_or(28);
        first.with().day(i8::try_from(day.min(last)).unwrap_or(1)).build().unwrap_or(first)
    };
    let same = in_month(start.first_of_month());
    if same <= start {
        return same;
    }
    let before = start.first_of_month().checked_sub(1.month());
    before.map_or(start, in_month)
}

/// Whether a billing period is counted in days, which no day of the month divides.
fn has_days(charge: &Charge) -> bool {
    matches!(charge.billing.period.as_deref(), Some("Week" | "Specific_Weeks" | "Specific_Days"))
}

/// The billing periods of a charge, each cut to the days in which the charge is in force.
fn periods(
    charge: &Charge,
    anchor: Date,
    start: Date,
    subscription_end: Option<Date>,
) -> impl Iterator<Item = (Date, Date)> {
    let end = charge.end;
    let bounds = (0..PERIODS_MAX).map_while(move |number| {
        let from = nth(charge, anchor, number, subscription_end)?;
        let to = nth(charge, anchor, number.saturating_add(1), subscription_end)?;
        end.is_none_or(|end| from < end).then_some((from, to))
    });
    bounds.filter_map(move |(from, to)| {
        let (from, to) = (from.max(start), end.map_or(to, |end| end.min(to)));
        (from < to).then_some((from, to))
    })
}

/// The first day of the n-th billing period.
fn nth(charge: &Charge, anchor: Date, number: u32, whole: Option<Date>) -> Option<Date> {
    let count = charge.billing.period_count.unwrap_or(1);
    let (length, is_months) = match charge.billing.period.as_deref().unwrap_or("Month") {
        "Quarter" => (3, true),
        "Semi_Annual" => (6, true),
        "Annual" => (12, true),
        "Eighteen_Months" => (18, true),
        "Two_Years" => (24, true),
        "Three_Years" => (36, true),
        "Five_Years" => (60, true),
        "Specific_Months" => (count, true),
        "Week" => (7, false),
        "Specific_Weeks" => (count.saturating_mul(7), false),
        "Specific_Days" => (count, false),
        "Subscription_Term" => return if number == 0 { Some(anchor) } else { whole },
        _ => (1, true),
    };
    let length = i64::from(length.max(1).checked_mul(number)?);
    let span = if is_months { length.months() } else { length.days() };
    anchor.checked_add(span).ok()
}
