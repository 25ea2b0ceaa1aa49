//! Claims: what the whole source wishes for, kept as fingerprints and record ids.
//!
//! Two records may wish for the same object, or give two objects a value that no two may share.
//! Neither is decided by who comes first, so claims are gathered over all pages before the first
//! change is final. Per wish this takes some hundred bytes; values are not kept.

use std::collections::{HashMap, HashSet};

use super::{
    change::{Change, Held, RECORDS_NAMED_MAX},
    text::WishId,
};
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
    /// Changes that give the ledger an entry (under the fingerprint of the wish) or an object
    /// another value that no two may share (under that of the move), and what each needs before.
    acts: HashMap<Fingerprint, Act>,
    /// Wishes that are made only if an object is known to be another's.
    estranged: Vec<(Fingerprint, Fingerprint)>,
    /// The ids of objects that are taken over.
    adopted: HashMap<Fingerprint, Box<str>>,
}

/// The other records in a conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Others {
    /// Their ids, at most [`RECORDS_NAMED_MAX`].
    pub records: Vec<String>,
    /// How many more there are.
    pub more: u64,
}

/// Who claims a value.
#[derive(Clone)]
struct Claimant {
    wish: Fingerprint,
    record: RecordId,
}

/// What an act needs before.
#[derive(Default)]
struct Act {
    needs: Vec<Fingerprint>,
    /// Values that it takes, and the objects that have them now.
    held: Vec<(Fingerprint, Vec<Fingerprint>)>,
}

/// Who wishes for one object.
struct WishClaim {
    values: Fingerprint,
    records: Vec<RecordId>,
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
            let claim = WishClaim { values, records: vec![record.into()], differs: false };
            self.wishes.insert(wish.fingerprint(), claim);
            return Standing::First;
        };
        claim.records.push(record.into());
        if claim.values == values {
            return Standing::Repeated;
        }
        claim.differs = true;
        Standing::Differs
    }

    /// Claims a value for an object.
    pub(super) fn unique(&mut self, value: Fingerprint, wish: &WishId, record: &str) {
        // A wish claims once, however many records share it: only the first of them comes here.
        let claimant = Claimant { wish: wish.fingerprint(), record: record.into() };
        self.unique.entry(value).or_default().push(claimant);
    }

    /// Claims an object of the target for a wish.
    pub(super) fn target(&mut self, object: &str, id: &str, wish: &WishId, record: &str) {
        let claimants = self.targets.entry(target_fingerprint(object, id)).or_default();
        let wish = wish.fingerprint();
        if !claimants.iter().any(|known| known.wish == wish) {
            claimants.push(Claimant { wish, record: record.into() });
        }
    }

    /// Notes what a change does and what it needs before.
    pub(super) fn note(&mut self, change: &Change) {
        let wish = change.wish.fingerprint();
        if change.decision.makes() {
            self.acts.insert(wish, act(change));
        }
        if gives_free(change) {
            self.acts.insert(move_of(wish), act(change));
        }
        for id in change.estranged.iter().flat_map(|trouble| &trouble.targets) {
            self.estranged.push((wish, target_fingerprint(&change.object, id)));
        }
        if let (true, Some(id)) = (change.decision.makes(), &change.target_id) {
            self.adopted.insert(wish, id.as_str().into());
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
        let strangers = self.estranged.iter().filter(|(_, id)| !self.targets.contains_key(id));
        gone.extend(strangers.map(|(wish, _)| *wish));
        let acts = std::mem::take(&mut self.acts);
        let gone_moves: HashSet<_> = gone.iter().map(|wish| move_of(*wish)).collect();
        let acts =
            acts.into_iter().filter(|(at, _)| !gone.contains(at) && !gone_moves.contains(at));
        let resolved: Vec<_> = acts
            .map(|(at, act)| {
                let freed = act.held.iter().flat_map(|(value, targets)| {
                    targets
                        .iter()
                        .map(|target| self.freed_by(*value, *target).map_or(nobody(), move_of))
                });
                let freed: Vec<_> = freed.collect();
                (at, act.needs.into_iter().chain(freed).collect())
            })
            .collect();
        let met = reachable(resolved.into_iter());
        self.acts =
            met.into_iter().map(|(at, needs)| (at, Act { needs, held: Vec::new() })).collect();
    }

    /// The wish that has a value now and gives it up; `None` where a stranger has it, or somebody
    /// who keeps it.
    fn freed_by(&self, value: Fingerprint, target: Fingerprint) -> Option<Fingerprint> {
        let owners = self.targets.get(&target)?;
        let owner = owners.first().filter(|_| owners.len() == 1)?.wish;
        let keeps = self.unique.get(&value).is_some_and(|all| all.iter().any(|c| c.wish == owner));
        (!keeps).then_some(owner)
    }

    /// Whether a change gets its turn: everything that it needs is made or given free before.
    /// Right only after [`Claims::close`].
    pub(super) fn gets_its_turn(&self, change: &Change) -> bool {
        let wish = change.wish.fingerprint();
        let at = if change.decision.makes() { wish } else { move_of(wish) };
        self.acts.contains_key(&at)
    }

    /// The fingerprints of wishes whose change gives free what this one takes.
    pub(super) fn freed_before(&self, change: &Change) -> Vec<String> {
        let held = held(change);
        let owners = held.iter().flat_map(|(value, targets)| {
            targets.iter().filter_map(|target| self.freed_by(*value, *target))
        });
        let mut owners: Vec<_> = owners.map(|owner| owner.to_string()).collect();
        owners.sort();
        owners.dedup();
        owners
    }

    /// Whether it is known whose object it is.
    pub(super) fn is_owned(&self, object: &str, id: &str) -> bool {
        self.targets.contains_key(&target_fingerprint(object, id))
    }

    /// The id of an object that this plan takes over for a wish.
    pub(super) fn adopted_id(&self, wish: &WishId) -> Option<&str> {
        self.adopted.get(&wish.fingerprint()).map(AsRef::as_ref)
    }

    /// Whether the ledger will know a wish after the plan. Right only after [`Claims::close`].
    pub(super) fn is_made(&self, wish: &WishId) -> bool {
        self.acts.contains_key(&wish.fingerprint())
    }

    /// Whether any record wishes for it.
    pub(super) fn is_wished(&self, wish: &WishId) -> bool {
        self.wishes.contains_key(&wish.fingerprint())
    }

    /// The other records that wish for the same object with other values.
    pub(super) fn rivals(&self, wish: &WishId, record: &str) -> Option<Others> {
        let claim = self.wishes.get(&wish.fingerprint()).filter(|claim| claim.differs)?;
        Some(others(claim.records.iter(), record))
    }

    /// The other records whose objects claim the same value.
    pub(super) fn sharers(&self, value: Fingerprint, record: &str) -> Option<Others> {
        let claimants = self.unique.get(&value).filter(|claimants| shared(claimants))?;
        Some(others(claimants.iter().map(|claimant| &claimant.record), record))
    }

    /// The other records whose wishes take the same object of the target.
    pub(super) fn takers(&self, object: &str, id: &str, record: &str) -> Option<Others> {
        let claimants = self.targets.get(&target_fingerprint(object, id))?;
        shared(claimants).then(|| others(claimants.iter().map(|one| &one.record), record))
    }
}

fn act(change: &Change) -> Act {
    let needs = change.needs.iter().map(WishId::fingerprint).collect();
    Act { needs, held: held(change) }
}

fn held(change: &Change) -> Vec<(Fingerprint, Vec<Fingerprint>)> {
    let targets = |ids: &[String]| {
        ids.iter().map(|id| target_fingerprint(&change.object, id)).collect::<Vec<_>>()
    };
    let one =
        |held: &Held| Some((Fingerprint::parse(&held.value)?, targets(&held.trouble.targets)));
    change.held.iter().filter_map(one).collect()
}

/// Whether an object that is there gets another value that no two may share.
fn gives_free(change: &Change) -> bool {
    let sends = |field: &String| change.body.iter().any(|(name, _)| name == field);
    change.decision.moves() && change.unique.iter().any(|claim| claim.fields.iter().any(sends))
}

/// The fingerprint of a move, as something that others may need.
fn move_of(wish: Fingerprint) -> Fingerprint {
    FingerprintOf::kind("move").text(&wish.to_string()).end()
}

/// Nothing that could ever be met.
fn nobody() -> Fingerprint {
    FingerprintOf::kind("nobody").end()
}

/// Those wishes whose needs can all be met, one after the other; a circle can not.
fn reachable(
    wanted: impl Iterator<Item = (Fingerprint, Vec<Fingerprint>)>,
) -> HashMap<Fingerprint, Vec<Fingerprint>> {
    let mut waiting: HashMap<Fingerprint, (usize, Vec<Fingerprint>)> = HashMap::new();
    let mut needed_by: HashMap<Fingerprint, Vec<Fingerprint>> = HashMap::new();
    let mut ready = Vec::new();
    for (wish, needs) in wanted {
        needs.iter().for_each(|need| needed_by.entry(*need).or_default().push(wish));
        if needs.is_empty() {
            ready.push(wish);
        }
        waiting.insert(wish, (needs.len(), needs));
    }
    let mut met = HashMap::new();
    while let Some(wish) = ready.pop() {
        let Some((_, needs)) = waiting.remove(&wish) else { continue };
        met.insert(wish, needs);
        for next in needed_by.get(&wish).into_iter().flatten() {
            if let Some((open, _)) = waiting.get_mut(next) {
                *open = open.saturating_sub(1);
                if *open == 0 {
                    ready.push(*next);
                }
            }
        }
    }
    met
}

/// Whether more than one object claims it: claimants are remembered once per object.
fn shared(claimants: &[Claimant]) -> bool {
    claimants.len() > 1
}

/// The ids of other records, in the order in which they were read; the record itself where both
/// claims come from it.
fn others<'a>(all: impl ExactSizeIterator<Item = &'a RecordId>, record: &str) -> Others {
    let (mut more, mut own) = (all.len().saturating_sub(1), false);
    let mut records: Vec<String> = Vec::new();
    for id in all {
        if !own && **id == *record {
            own = true;
            continue;
        }
        if records.len() == RECORDS_NAMED_MAX {
            break;
        }
        more = more.saturating_sub(1);
        if !records.iter().any(|known| **known == **id) {
            records.push(id.to_string());
        }
    }
    Others { records, more: u64::try_from(more).unwrap_or(u64::MAX) }
}

fn record_fingerprint(record: &str) -> Fingerprint {
    FingerprintOf::kind("record").text(record).end()
}

fn target_fingerprint(object: &str, id: &str) -> Fingerprint {
    FingerprintOf::kind("target").text(object).text(id).end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_met_one_after_the_other_is_reachable() {
        let at = |name: &str| FingerprintOf::kind("test").text(name).end();
        let of = |name: &str, needs: &[&str]| (at(name), needs.iter().map(|n| at(n)).collect());
        let wanted = [
            of("c", &["b", "a", "a"]),
            of("b", &["a"]),
            of("a", &[]),
            of("circle 1", &["circle 2"]),
            of("circle 2", &["circle 1"]),
            of("itself", &["itself"]),
            of("lost", &["nowhere", "a"]),
            of("after lost", &["lost"]),
        ];
        let met = reachable(wanted.into_iter());
        let mut met: Vec<_> = met.into_keys().collect();
        let mut expected = vec![at("a"), at("b"), at("c")];
        met.sort();
        expected.sort();
        assert_eq!(met, expected);
    }
}
