//! Totals over a charge's curve, and what an order action changes in them.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::curve::{self, Curve, Piece, Worth};
use super::months::{Proration, between};
use crate::sandbox::zuora::subscriptions::Subscription;

/// A change of one charge's worth over a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Number of the charge.
    pub charge: String,
    /// Id of the charge on the subscription.
    pub charge_id: String,
    /// Id of the charge in the catalog.
    pub product_charge: String,
    /// First day.
    pub start: Date,
    /// The first day after it; none when it goes on for good.
    pub end: Option<Date>,
    /// Change of MRR; nothing for what is charged once.
    pub mrr: Worth,
    /// Change of TCV; none without an end.
    pub tcv: Option<Worth>,
    /// Change of TCB; none without an end.
    pub tcb: Option<Worth>,
}

/// Total contracted value of a charge: what has an end, and what is charged once.
#[must_use]
pub fn tcv(curve: &Curve, anchor: Option<Date>) -> Worth {
    let once = curve.once.map(|(_, worth)| worth).unwrap_or_default();
    let Some(anchor) = anchor else { return once };
    let pieces = curve.pieces.iter().filter_map(|piece| {
        Some(piece.mrr.by(between(anchor, piece.start, piece.end?, Proration::ActualDays)))
    });
    pieces.fold(once, Worth::plus)
}

/// What differs between two versions of a subscription, charge by charge.
#[must_use]
pub fn changes(before: Option<&Subscription>, after: &Subscription) -> Vec<Change> {
    let mut found = Vec::new();
    for plan in &after.plans {
        for charge in &plan.charges {
            let new = curve::of(after, plan, charge);
            let old = before.and_then(|before| old_curve(before, &charge.id)).unwrap_or_default();
            let Some(anchor) = charge.start() else { continue };
            let known = Change {
                charge: charge.number.clone(),
                charge_id: charge.id.clone(),
                product_charge: charge.product_charge.clone(),
                start: anchor,
                end: None,
                mrr: Worth::default(),
                tcv: None,
                tcb: None,
            };
            found.extend(pieces(&old, &new).into_iter().map(|piece| over(&known, anchor, piece)));
            found.extend(once(&known, &old, &new));
        }
    }
    found
}

fn old_curve(before: &Subscription, charge_id: &str) -> Option<Curve> {
    before.plans.iter().find_map(|plan| {
        let charge = plan.charges.iter().find(|charge| charge.id == charge_id)?;
        Some(curve::of(before, plan, charge))
    })
}

/// The times in which two curves differ, each with the difference.
fn pieces(old: &Curve, new: &Curve) -> Vec<Piece> {
    let days: BTreeSet<Date> = old.days().chain(new.days()).collect();
    let ends = days.iter().skip(1).copied().map(Some).chain(std::iter::once(None));
    let mut found: Vec<Piece> = Vec::new();
    for (start, end) in days.iter().copied().zip(ends) {
        let mrr = new.on(Some(start)).minus(old.on(Some(start)));
        match found.last_mut() {
            Some(last) if last.end == Some(start) && last.mrr == mrr => last.end = end,
            _ if mrr.is_zero() => {}
            _ => found.push(Piece { start, end, mrr }),
        }
    }
    found
}

fn over(known: &Change, anchor: Date, piece: Piece) -> Change {
    let Piece { start, end, mrr } = piece;
    let worth = |proration| Some(mrr.by(between(anchor, start, end?, proration)));
    let (tcv, tcb) = (worth(Proration::ActualDays), worth(Proration::ThirtyDays));
    Change { start, end, mrr, tcv, tcb, ..known.clone() }
}

fn once(known: &Change, old: &Curve, new: &Curve) -> Option<Change> {
    let worth = |curve: &Curve| curve.once.map(|(_, worth)| worth).unwrap_or_default();
    let difference = worth(new).minus(worth(old));
    let (start, _) = new.once.or(old.once)?;
    let (tcv, tcb) = (Some(difference), Some(difference));
    let change = Change { start, end: start.tomorrow().ok(), tcv, tcb, ..known.clone() };
    (!difference.is_zero()).then_some(change)
}
