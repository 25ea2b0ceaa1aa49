//! A charge's worth over time: pieces of constant MRR, and what is charged once.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::mrr::{amount, monthly, times};
use crate::sandbox::zuora::subscriptions::Subscription;
use crate::sandbox::zuora::subscriptions::charge::{Charge, ChargeType};
use crate::sandbox::zuora::subscriptions::state::RatePlan;

/// An amount before and after discounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Worth {
    /// Before discounts.
    pub gross: Decimal,
    /// After discounts.
    pub net: Decimal,
}

impl Worth {
    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let gross = self.gross.saturating_add(other.gross);
        Self { gross, net: self.net.saturating_add(other.net) }
    }

    /// The difference.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        let gross = self.gross.saturating_sub(other.gross);
        Self { gross, net: self.net.saturating_sub(other.net) }
    }

    /// Both amounts so many times.
    #[must_use]
    pub fn by(self, factor: Decimal) -> Self {
        Self { gross: times(self.gross, factor), net: times(self.net, factor) }
    }

    /// Whether both amounts are nothing.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.gross.is_zero() && self.net.is_zero()
    }
}

/// A time of constant MRR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// First day.
    pub start: Date,
    /// The first day after it; none when it goes on for good.
    pub end: Option<Date>,
    /// MRR.
    pub mrr: Worth,
}

/// The worth of one charge over time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Curve {
    /// Pieces in order, without overlap; a gap is worth nothing.
    pub pieces: Vec<Piece>,
    /// What is charged once, and when.
    pub once: Option<(Date, Worth)>,
}

impl Curve {
    /// MRR on a day; on no day, the one that goes on for good.
    #[must_use]
    pub fn on(&self, day: Option<Date>) -> Worth {
        let holds = |piece: &&Piece| match day {
            Some(day) => piece.start <= day && piece.end.is_none_or(|end| day < end),
            None => piece.end.is_none(),
        };
        self.pieces.iter().find(holds).map(|piece| piece.mrr).unwrap_or_default()
    }

    /// The days on which something changes.
    pub fn days(&self) -> impl Iterator<Item = Date> {
        self.pieces.iter().flat_map(|piece| [Some(piece.start), piece.end]).flatten()
    }
}

/// The curve of a charge of a plan of a subscription.
#[must_use]
pub fn of(subscription: &Subscription, plan: &RatePlan, charge: &Charge) -> Curve {
    if charge.discount.is_some() || charge.charge_type == ChargeType::Usage {
        return Curve::default();
    }
    let discounts: Vec<&Charge> = discounts_of(subscription, plan, charge).collect();
    if charge.charge_type == ChargeType::OneTime {
        let first = charge.spans().next();
        let once = first.map(|(segment, _)| {
            let gross = amount(&charge.model, &segment.price);
            (segment.start, discounted(gross, &discounts, segment.start))
        });
        return Curve { pieces: Vec::new(), once };
    }
    let mut days: BTreeSet<Date> = charge.spans().map(|(segment, _)| segment.start).collect();
    for (segment, end) in discounts.iter().flat_map(|discount| discount.spans()) {
        days.insert(segment.start);
        days.extend(end);
    }
    let mut pieces = Vec::new();
    for (segment, end) in charge.spans().filter(|(segment, _)| !segment.rests) {
        let inside = |day: &&Date| **day > segment.start && end.is_none_or(|end| **day < end);
        let cuts = days.iter().filter(inside).copied();
        let starts: Vec<Date> = std::iter::once(segment.start).chain(cuts).collect();
        let ends = starts.iter().skip(1).copied().map(Some).chain(std::iter::once(end));
        let gross = monthly(charge, &segment.price);
        let made = starts.iter().zip(ends).map(|(start, end)| Piece {
            start: *start,
            end,
            mrr: discounted(gross, &discounts, *start),
        });
        pieces.extend(made);
    }
    Curve { pieces, once: None }
}

/// The percentage discounts that work on a charge. Those of a fixed amount reduce no charge's
/// metrics: the documents have no rule for their share.
fn discounts_of<'a>(
    subscription: &'a Subscription,
    plan: &'a RatePlan,
    charge: &'a Charge,
) -> impl Iterator<Item = &'a Charge> {
    let works = move |owner: &RatePlan, discount: &Charge| {
        let Some(scope) = &discount.discount else { return false };
        let name = charge.charge_type.name().to_uppercase();
        scope.applies_to.contains(&name) && (scope.level != "rateplan" || owner.id == plan.id)
    };
    let all = subscription.plans.iter();
    all.flat_map(move |owner| owner.charges.iter().filter(move |discount| works(owner, discount)))
}

/// An amount less all percentages that hold on a day; they are added up.
fn discounted(gross: Decimal, discounts: &[&Charge], day: Date) -> Worth {
    let percentages = discounts.iter().filter_map(|discount| {
        discount.segment_on(day).and_then(|segment| segment.price.discount_percentage)
    });
    let hundred = Decimal::ONE_HUNDRED;
    let sum = percentages.fold(Decimal::ZERO, Decimal::saturating_add).min(hundred);
    let rest = hundred.saturating_sub(sum);
    let net = times(gross, rest).checked_div(hundred).unwrap_or_default();
    Worth { gross, net }
}
