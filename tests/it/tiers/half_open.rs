//! What CPQ asks for a quantity, calculated from its documented reading of bounds and from
//! nothing of ours: `[lower, upper)`, units counted from the first step, Slab graduated, Range
//! all units at the tier of the total, Block the price of the whole line.

use crosswalk::value::Decimal;

/// How CPQ prices over tiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Slab,
    Range,
    Block,
}

/// A tier of CPQ: bounds in steps of the unit of measure, and the price of one unit (or of the
/// block).
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub lower: i64,
    pub upper: Option<i64>,
    pub price: Decimal,
    /// Whether the price is for the tier as a whole: it is asked once, however much falls into it.
    pub flat: bool,
}

/// What so many steps cost; `None` where the last tier has ended before.
///
/// What lies below the first bound is priced as the first tier: a first bound of 1 is where
/// counting begins, and half an hour costs half of the first hour.
pub fn cost(kind: Kind, tiers: &[Step], steps: i64, decimals: u32) -> Option<Decimal> {
    let own = tier_of(tiers, steps)?;
    match kind {
        Kind::Block => Some(own.price),
        Kind::Range if own.flat => Some(own.price),
        Kind::Range => Some(own.price * Decimal::new(steps, decimals)),
        Kind::Slab => {
            let first = tiers.first().map_or(0, |tier| tier.lower);
            let of_tier = |tier: &Step| {
                let lower = if tier.lower == first { 1 } else { tier.lower };
                match count(lower, tier.upper, steps) {
                    0 => Decimal::ZERO,
                    _ if tier.flat => tier.price,
                    units => tier.price * Decimal::new(units, decimals),
                }
            };
            Some(tiers.iter().map(of_tier).sum())
        }
    }
}

/// The tier that a step belongs to.
fn tier_of(tiers: &[Step], step: i64) -> Option<&Step> {
    let first = tiers.first()?;
    if step < first.lower {
        return Some(first);
    }
    tiers.iter().find(|tier| tier.lower <= step && tier.upper.is_none_or(|upper| step < upper))
}

/// How many of the steps 1, 2, … `up_to` lie in `[lower, upper)`.
fn count(lower: i64, upper: Option<i64>, up_to: i64) -> i64 {
    let last = upper.map_or(up_to, |upper| up_to.min(upper - 1));
    (last - lower.max(1) + 1).max(0)
}

#[test]
fn counts_as_one_who_counts_on_their_fingers() {
    for lower in 0..8 {
        for upper in (lower + 1..10).map(Some).chain([None]) {
            for up_to in 0..12 {
                let within = |step: &i64| lower <= *step && upper.is_none_or(|upper| *step < upper);
                let counted = (1..=up_to).filter(within).count();
                assert_eq!(usize::try_from(count(lower, upper, up_to)), Ok(counted));
            }
        }
    }
}

/// The worked example of a real org: 500 units at 190.80, tiers [0, 250) and [250, 501) at 10 %.
#[test]
fn gives_the_price_that_an_org_has_stored() {
    let tiers = [
        Step { lower: 0, upper: Some(250), price: Decimal::new(19_080, 2), flat: false },
        Step { lower: 250, upper: Some(501), price: Decimal::new(17_172, 2), flat: false },
    ];
    assert_eq!(cost(Kind::Slab, &tiers, 500, 0), Some(Decimal::new(9_061_092, 2)));
    assert_eq!(cost(Kind::Slab, &tiers, 501, 0), None);
}
