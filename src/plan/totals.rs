//! The two accounts that must close: of records and of drafts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    action::PlannedAction,
    change::{Kind, is_zero},
    preview::Previewed,
    text::Place,
};

/// What became of all records and of all drafts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// The account of records.
    pub records: RecordTotals,
    /// The account of drafts: wished objects, and known ones that are no longer wished for.
    pub drafts: DraftTotals,
    /// How many of the drafts are written to the target.
    pub writes: u64,
    /// The drafts by resource.
    pub resources: BTreeMap<String, BTreeMap<Kind, u64>>,
    /// The actions by what they do.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub actions: BTreeMap<String, BTreeMap<Kind, u64>>,
    /// Rows that have changed since an action consumed them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rows_changed: u64,
    /// Values that are not sent because their kind of action may not, and that differ from what
    /// was sent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub not_sent: u64,
    /// Previews, where they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previews: Option<PreviewTotals>,
}

/// What came of asking for previews.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewTotals {
    /// The target told its figures.
    pub told: u64,
    /// Of those, the figures differ from what the source says by more than the tolerance.
    pub drift: u64,
    /// The target would refuse the action.
    pub refused: u64,
    /// They cannot be previewed yet.
    pub not_yet: u64,
}

/// The account of records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordTotals {
    /// Records that the source gave.
    pub read: u64,
    /// Those that wish for objects.
    pub mapped: u64,
    /// Those that the mapping leaves out, by reason.
    pub skipped: Vec<ReasonCount>,
    /// Those that break a rule, by reason.
    pub rejected: Vec<ReasonCount>,
    /// Items within mapped records that the mapping leaves out. Not part of the sum.
    pub items_skipped: Vec<ReasonCount>,
}

/// How often a rule left something out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonCount {
    /// The rule.
    pub rule: String,
    /// Its place in the mapping.
    pub place: Place,
    /// The reason as it was given the first time.
    pub reason: String,
    /// How often.
    pub count: u64,
}

/// The account of drafts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftTotals {
    /// All of them.
    pub drafts: u64,
    /// Their sum by what was decided.
    pub kinds: BTreeMap<Kind, u64>,
}

/// An account that does not close: a fault of this program, never to be passed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the account of {account} does not close: {all} in all, but {sum} are accounted for")]
pub struct Unbalanced {
    /// Which account.
    pub account: &'static str,
    /// How many went in.
    pub all: u64,
    /// How many came out.
    pub sum: u64,
}

impl Totals {
    /// How many drafts were decided so.
    pub fn count(&self, kind: Kind) -> u64 {
        self.drafts.kinds.get(&kind).copied().unwrap_or(0)
    }

    /// Counts one decided draft.
    pub(super) fn add(&mut self, resource: &str, kind: Kind, writes: bool) {
        *self.drafts.kinds.entry(kind).or_default() += 1;
        let of_resource = self.resources.entry(resource.to_owned()).or_default();
        *of_resource.entry(kind).or_default() += 1;
        self.writes += u64::from(writes);
    }

    /// Counts what an action is beside a draft.
    pub(super) fn add_action(&mut self, action: &PlannedAction, kind: Kind) {
        let of_kind = self.actions.entry(action.kind.clone()).or_default();
        *of_kind.entry(kind).or_default() += 1;
        if matches!(kind, Kind::Sent | Kind::Adopted | Kind::Previewed) {
            self.not_sent += u64::try_from(action.not_sent.len()).unwrap_or(u64::MAX);
        }
        let Some(preview) = &action.preview else { return };
        let previews = self.previews.get_or_insert_default();
        match preview {
            Previewed::Told(told) => {
                previews.told += 1;
                previews.drift += u64::from(!told.drift.is_empty());
            }
            Previewed::Refused { .. } => previews.refused += 1,
            Previewed::NotYet(_) => previews.not_yet += 1,
        }
    }

    /// Checks that both accounts close.
    ///
    /// # Errors
    /// [`Unbalanced`] for the first that does not.
    pub fn check(&self) -> Result<(), Unbalanced> {
        let sum = |counts: &[ReasonCount]| counts.iter().map(|reason| reason.count).sum::<u64>();
        let records = &self.records;
        let of_records = records.mapped + sum(&records.skipped) + sum(&records.rejected);
        close("records", records.read, of_records)?;
        close("drafts", self.drafts.drafts, self.drafts.kinds.values().sum())
    }
}

/// Compares both sides of an account.
///
/// # Errors
/// [`Unbalanced`] when they differ.
pub fn close(account: &'static str, all: u64, sum: u64) -> Result<(), Unbalanced> {
    if all == sum { Ok(()) } else { Err(Unbalanced { account, all, sum }) }
}

/// Counts a reason among those of the same rule and place.
pub(super) fn count_reason(counts: &mut Vec<ReasonCount>, rule: &str, place: &Place, reason: &str) {
    match counts.iter_mut().find(|known| known.rule == rule && known.place == *place) {
        Some(known) => known.count += 1,
        None => counts.push(ReasonCount {
            rule: rule.to_owned(),
            place: place.clone(),
            reason: reason.to_owned(),
            count: 1,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_with_one_draft_too_many_does_not_close() {
        let records = RecordTotals { read: 2, mapped: 1, ..RecordTotals::default() };
        let mut totals = Totals { records, ..Totals::default() };
        count_reason(&mut totals.records.skipped, "when", &Place::default(), "not sold");
        assert_eq!(totals.check(), Ok(()));
        totals.drafts.drafts = 1;
        totals.add("product", Kind::Created, true);
        assert_eq!(totals.check(), Ok(()));
        totals.add("product", Kind::Created, true);
        assert_eq!(totals.check(), Err(Unbalanced { account: "drafts", all: 1, sum: 2 }));
        totals.records.read = 3;
        assert_eq!(totals.check(), Err(Unbalanced { account: "records", all: 3, sum: 2 }));
    }
}
