//! The months of a time by its dates, as total contracted values count them: months begin on the
//! day of the month of the charge, and a part of one counts by the days that it has.

use crosswalk::value::{Date, Decimal};

/// The months from one day to another.
pub fn between(anchor: Date, start: Date, end: Date) -> Decimal {
    let nth = |number: i64| anchor.add_months(number).unwrap();
    let mut number = anchor.months_until(start) - 1;
    let mut months = Decimal::ZERO;
    while nth(number) < end {
        let (first, next) = (nth(number), nth(number + 1));
        let (from, to) = (first.max(start), next.min(end));
        if from < to {
            months += Decimal::from(from.days_until(to)) / Decimal::from(first.days_until(next));
        }
        number += 1;
    }
    months
}

#[test]
fn a_broken_month_counts_by_its_days() {
    let day = |text: &str| Date::parse(text).unwrap();
    for (anchor, start, end, months) in [
        ("2021-12-18", "2021-12-18", "2022-12-18", "12"),
        ("2021-12-18", "2022-03-18", "2022-12-18", "9"),
        ("2024-01-31", "2024-01-31", "2024-04-30", "3"),
        ("2018-01-01", "2018-12-18", "2019-01-01", "0.4516129032"),
    ] {
        let got = between(day(anchor), day(start), day(end)).round_dp(10).normalize();
        assert_eq!(got.to_string(), months, "{anchor} {start} {end}");
    }
}
