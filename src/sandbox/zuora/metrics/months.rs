//! How many months a time has.

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// How a part of a month is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proration {
    /// By the days that the month has.
    ActualDays,
    /// By thirty days, whatever the month has.
    ThirtyDays,
}

/// Most months that are walked through: a thousand years.
const MONTHS_MAX: i32 = 12_000;

/// The months from one day to another, in months that begin on the day of the month of `anchor`.
#[must_use]
pub fn between(anchor: Date, start: Date, end: Date, proration: Proration) -> Decimal {
    let mut months = Decimal::ZERO;
    if start >= end {
        return months;
    }
    let mut number = months_before(anchor, start);
    while number < MONTHS_MAX {
        let (Some(first), Some(next)) =
            (nth(anchor, number), nth(anchor, number.saturating_add(1)))
        else {
            break;
        };
        if first >= end {
            break;
        }
        months =
            months.saturating_add(part(first, next, start.max(first), end.min(next), proration));
        number = number.saturating_add(1);
    }
    months
}

/// The part of a month that lies between two of its days.
fn part(first: Date, next: Date, start: Date, end: Date, proration: Proration) -> Decimal {
    if start == first && end == next {
        return Decimal::ONE;
    }
    let all = match proration {
        Proration::ActualDays => days(first, next),
        Proration::ThirtyDays => Decimal::from(30),
    };
    days(start, end).max(Decimal::ZERO).checked_div(all).unwrap_or_default().min(Decimal::ONE)
}

fn days(start: Date, end: Date) -> Decimal {
    let days = start.until(end).map(|span| span.get_days()).unwrap_or(0);
    Decimal::from(days)
}

/// The first day of the n-th month.
fn nth(anchor: Date, number: i32) -> Option<Date> {
    anchor.checked_add(number.months()).ok()
}

/// The number of the last month that begins on or before a day.
fn months_before(anchor: Date, day: Date) -> i32 {
    let years = i32::from(day.year()) - i32::from(anchor.year());
    let months = i32::from(day.month()) - i32::from(anchor.month());
    let guess = years.saturating_mul(12).saturating_add(months);
    match nth(anchor, guess) {
        Some(first) if first <= day => guess,
        _ => guess.saturating_sub(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_part_of_a_month_is_counted_by_the_rule() {
        for (anchor, start, end, proration, expected) in [
            ("2018-01-01", "2018-01-01", "2019-01-01", Proration::ActualDays, "12"),
            ("2018-01-01", "2018-12-18", "2019-01-01", Proration::ThirtyDays, "0.4666666667"),
            ("2018-01-01", "2018-12-18", "2019-01-01", Proration::ActualDays, "0.4516129032"),
            ("2024-01-31", "2024-01-31", "2024-04-30", Proration::ActualDays, "3"),
            ("2024-02-15", "2024-02-15", "2025-02-15", Proration::ActualDays, "12"),
            ("2024-02-15", "2024-02-10", "2024-02-15", Proration::ActualDays, "0.1612903226"),
            ("2024-02-15", "2024-02-15", "2024-02-15", Proration::ActualDays, "0"),
        ] {
            let months = between(day(anchor), day(start), day(end), proration).round_dp(10);
            assert_eq!(months.normalize().to_string(), expected, "{anchor} {start} {end}");
        }
    }

    proptest! {
        /// Counts day by day, each by the days of the month that it lies in.
        #[test]
        fn months_are_the_sum_of_their_days(offset in 0_i32..800, length in 0_i32..1200, shift in 0_i32..60) {
            let anchor = day("2023-01-31").checked_add(shift.days()).unwrap();
            let start = anchor.checked_add(offset.days()).unwrap();
            let end = start.checked_add(length.days()).unwrap();
            let mut sum = Decimal::ZERO;
            let mut one = start;
            while one < end {
                let mut number = 0;
                while anchor.checked_add((number + 1).months()).unwrap() <= one {
                    number += 1;
                }
                let first = anchor.checked_add(number.months()).unwrap();
                let next = anchor.checked_add((number + 1).months()).unwrap();
                let all = first.until(next).unwrap().get_days();
                sum += Decimal::ONE / Decimal::from(all);
                one = one.tomorrow().unwrap();
            }
            let months = between(anchor, start, end, Proration::ActualDays);
            prop_assert_eq!(months.round_dp(15), sum.round_dp(15));
        }
    }
}
