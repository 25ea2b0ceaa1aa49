//! The bounds of tiers: both inclusive, each tier beginning one step of the unit after the last.

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::sandbox::zuora::number;

/// Whether the last tier may go on for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Last {
    /// It may have no end.
    MayBeOpen,
    /// It has an end: what goes beyond has a price of its own.
    IsClosed,
}

/// The first thing that is wrong with the bounds of one currency's tiers.
///
/// A list begins at 0 or at 1: the service's pages show 0, its recorded catalogs 1.
#[must_use]
pub fn fault(rows: &[&Map<String, Value>], unit_decimals: u32, last: Last) -> Option<String> {
    let step = number::step(unit_decimals);
    let mut expected: Option<Decimal> = None;
    for (position, row) in rows.iter().enumerate() {
        let tier = position.saturating_add(1);
        let bound = |name: &str| row.get(name).and_then(number::decimal);
        let Some(start) = bound("StartingUnit") else {
            return Some(format!("StartingUnit of tier {tier} is missing"));
        };
        if let Some(message) = start_fault(tier, start, expected) {
            return Some(message);
        }
        let is_last = tier == rows.len();
        let Some(end) = bound("EndingUnit") else {
            let may_be_open = is_last && last == Last::MayBeOpen;
            return (!may_be_open).then(|| format!("EndingUnit of tier {tier} is missing"));
        };
        if end < start {
            return Some(format!("tier {tier} ends at {end}, before it starts at {start}"));
        }
        if [start, end].iter().any(|bound| bound.normalize().scale() > unit_decimals) {
            return Some(format!("tier {tier} has more decimals than its unit ({unit_decimals})"));
        }
        expected = end.checked_add(step);
    }
    rows.is_empty().then(|| "there is no tier".to_owned())
}

fn start_fault(tier: usize, start: Decimal, expected: Option<Decimal>) -> Option<String> {
    match expected {
        None if start != Decimal::ZERO && start != Decimal::ONE => {
            Some(format!("the first tier starts at {start}, not at 0 or 1"))
        }
        Some(expected) if start < expected => {
            Some(format!("tier {tier} starts at {start} and overlaps: {expected} was expected"))
        }
        Some(expected) if start > expected => Some(format!(
            "tier {tier} starts at {start} and leaves a hole: {expected} was expected"
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tiers as `start-end` texts; an absent end is an open tier.
    fn fault_of(tiers: &str, decimals: u32, last: Last) -> Option<String> {
        let rows: Vec<Map<String, Value>> = tiers
            .split(' ')
            .map(|tier| {
                let (start, end) = tier.split_once('-').unwrap();
                let bounds = [("StartingUnit", start), ("EndingUnit", end)];
                bounds
                    .into_iter()
                    .filter(|(_, text)| !text.is_empty())
                    .map(|(name, text)| (name.to_owned(), serde_json::from_str(text).unwrap()))
                    .collect()
            })
            .collect();
        fault(&rows.iter().collect::<Vec<_>>(), decimals, last)
    }

    #[test]
    fn tiers_follow_one_another_by_one_step_of_the_unit() {
        for (tiers, decimals, expected) in [
            ("0-10 11-20 21-", 0, None),
            ("1-10 11-", 0, None),
            ("0-10 11-20", 0, None),
            ("0-5.00 5.01-", 2, None),
            ("0-10 10-", 0, Some("overlaps")),
            ("0-10 12-", 0, Some("hole")),
            ("0-5 6-", 2, Some("hole")),
            ("0-5.5 6.5-", 0, Some("decimals")),
            ("2-", 0, Some("not at 0 or 1")),
            ("0- 11-", 0, Some("EndingUnit of tier 1 is missing")),
            ("-5", 0, Some("StartingUnit of tier 1 is missing")),
            ("0-10 11-9", 0, Some("before it starts")),
        ] {
            let found = fault_of(tiers, decimals, Last::MayBeOpen);
            match expected {
                None => assert_eq!(found, None, "{tiers}"),
                Some(part) => {
                    assert!(found.as_ref().is_some_and(|f| f.contains(part)), "{tiers}: {found:?}")
                }
            }
        }
        assert_eq!(fault_of("0-10", 0, Last::IsClosed), None);
        assert!(fault_of("0-", 0, Last::IsClosed).is_some());
    }
}
