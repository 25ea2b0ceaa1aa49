//! Claims: what the whole source wishes for, kept as fingerprints and record ids.
//!
//! Two records may wish for the same object, or give two objects a value that no two may share.
//! Neither is decided by who comes first, so claims are gathered over all pages before the first
//! change is final. Per wish this takes some hundred bytes; values are not kept.

use std::collections::{HashMap, HashSet};

use super::{change::Change, text::WishId};
use crate::value::{Fingerprint, FingerprintOf};

/// A record as claims remember it: its id.
type RecordId = Box<str>;

/// What was claimed so far.
#[derive(Default)]
pub(super) struct Claims {
    wishes: HashMap<Fingerprint, WishClaim>,
    unique: HashMap<Fingerprint, Vec<Claimant>>,
    targets: HashMap<Fingerprint, Vec<Claimant>>,
    seen: HashSet<Fingerprint>,
    /// Wishes that the ledger will know after the plan, with what each needs before.
    made: HashMap<Fingerprint, Vec<Fingerprint>>,
}

/// Who claims a value.
#[derive(Clone)]
struct Claimant {
    wish: Fingerprint,
    record: RecordId,
}

/// Who wishes for one object.
struct WishClaim {
    values: Fingerprint,
    record: RecordId,
    others: Vec<RecordId>,
    differs: bool,
}

/// Whether a wish is the first of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nobody wished for it before.
    First,
    /// The same was wished for with the same values.
    Repeated,
    /// The same was wished for with other values.
    Differs,
}

impl Claims {
    /// Remembers that a record was read.
    pub(super) fn see(&mut self, record: &str) {
        self.seen.insert(record_fingerprint(record));
    }

    /// Whether a record was read.
    pub(super) fn has_seen(&self, record: &str) -> bool {
        self.seen.contains(&record_fingerprint(record))
    }

    /// Claims an object for a record.
    pub(super) fn wish(&mut self, wish: &WishId, values: Fingerprint, record: &str) -> Standing {
        let Some(claim) = self.wishes.get_mut(&wish.fingerprint()) else {
            let claim =
                WishClaim { values, record: record.into(), others: Vec::new(), differs: false };
            self.wishes.insert(wish.fingerprint(), claim);
            return Standing::First;
        };
        claim.others.push(record.into());
        if claim.values == values {
            return Standing::Repeated;
        }
        claim.differs = true;
        Standing::Differs
    }

    /// Claims a value for an object.
    pub(super) fn unique(&mut self, value: Fingerprint, wish: &WishId, record: &str) {
        claim(&mut self.unique, value, wish, record);
    }

    /// Claims an object of the target for a wish.
    pub(super) fn target(&mut self, object: &str, id: &str, wish: &WishId, record: &str) {
        claim(&mut self.targets, target_fingerprint(object, id), wish, record);
    }

    /// Notes whether a change gives the ledger an entry, and what it needs before.
    pub(super) fn note(&mut self, change: &Change) {
        if change.decision.makes() {
            let needs = change.needs.iter().map(WishId::fingerprint).collect();
            self.made.insert(change.wish.fingerprint(), needs);
        }
    }

    /// Ends the gathering: what is in conflict is not made, nor what needs it, and so on.
    pub(super) fn close(&mut self) {
        let mut gone: HashSet<Fingerprint> =
            self.wishes.iter().filter(|(_, claim)| claim.differs).map(|(wish, _)| *wish).collect();
        for claimants in self.unique.values().chain(self.targets.values()) {
            if shared(claimants) {
                gone.extend(claimants.iter().map(|claimant| claimant.wish));
            }
        }
        self.made.retain(|wish, _| !gone.contains(wish));
        loop {
            let unmet = self.unmet();
            if unmet.is_empty() {
                return;
            }
            self.made.retain(|wish, _| !unmet.contains(wish));
        }
    }

    fn unmet(&self) -> HashSet<Fingerprint> {
        let lacks = |needs: &[Fingerprint]| needs.iter().any(|n| !self.made.contains_key(n));
        self.made.iter().filter(|(_, needs)| lacks(needs)).map(|(wish, _)| *wish).collect()
    }

    /// Whether the ledger will know a wish after the plan. Right only after [`Claims::close`].
    pub(super) fn is_made(&self, wish: &WishId) -> bool {
        self.made.contains_key(&wish.fingerprint())
    }

    /// Whether any record wishes for it.
    pub(super) fn is_wished(&self, wish: &WishId) -> bool {
        self.wishes.contains_key(&wish.fingerprint())
    }

    /// The other records that wish for the same object with other values.
    pub(super) fn rivals(&self, wish: &WishId, record: &str) -> Option<Vec<String>> {
        let claim = self.wishes.get(&wish.fingerprint()).filter(|claim| claim.differs)?;
        let all = std::iter::once(&claim.record).chain(&claim.others);
        Some(others(all, record))
    }

    /// The other records whose objects claim the same value.
    pub(super) fn sharers(&self, value: Fingerprint, record: &str) -> Option<Vec<String>> {
        let claimants = self.unique.get(&value).filter(|claimants| shared(claimants))?;
        Some(others(claimants.iter().map(|claimant| &claimant.record), record))
    }

    /// The other records whose wishes take the same object of the target.
    pub(super) fn takers(&self, object: &str, id: &str, record: &str) -> Option<Vec<String>> {
        let claimants = self.targets.get(&target_fingerprint(object, id))?;
        shared(claimants).then(|| others(claimants.iter().map(|one| &one.record), record))
    }
}

fn claim(
    claims: &mut HashMap<Fingerprint, Vec<Claimant>>,
    value: Fingerprint,
    wish: &WishId,
    record: &str,
) {
    let wish = wish.fingerprint();
    let claimants = claims.entry(value).or_default();
    if !claimants.iter().any(|known| known.wish == wish) {
        claimants.push(Claimant { wish, record: record.into() });
    }
}

/// Whether more than one object claims it: claimants are remembered once per object.
fn shared(claimants: &[Claimant]) -> bool {
    claimants.len() > 1
}

/// The ids of other records, sorted; the record itself where both claims come from it.
fn others<'a>(all: impl Iterator<Item = &'a RecordId>, record: &str) -> Vec<String> {
    let mut ids: Vec<String> = all.map(|id| id.to_string()).collect();
    if let Some(own) = ids.iter().position(|id| id == record) {
        ids.remove(own);
    }
    ids.sort();
    ids.dedup();
    ids
}

fn record_fingerprint(record: &str) -> Fingerprint {
    FingerprintOf::kind("record").text(record).end()
}

fn target_fingerprint(object: &str, id: &str) -> Fingerprint {
    FingerprintOf::kind("target").text(object).text(id).end()
}
