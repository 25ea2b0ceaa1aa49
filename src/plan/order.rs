//! The order of changes: what is needed comes before what needs it.

use std::collections::HashSet;

use super::{change::Change, text::WishId};
use crate::value::Fingerprint;

/// Sorts changes into waves, each by its places in `changes`: a change stands in a later wave than
/// those that it needs. What needs only things outside of `changes` stands in the first wave;
/// changes that need one another in a circle stand in no wave.
pub fn order(changes: &[Change]) -> Vec<Vec<usize>> {
    let mut open: HashSet<Fingerprint> = changes.iter().map(|c| c.wish.fingerprint()).collect();
    let mut waiting: Vec<(usize, &Change)> = changes.iter().enumerate().collect();
    let mut waves = Vec::new();
    loop {
        let held = |change: &Change| before(change).any(|need| open.contains(&need));
        let (later, now): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|(_, change)| held(change));
        if now.is_empty() {
            return waves;
        }
        now.iter().for_each(|(_, change)| {
            open.remove(&change.wish.fingerprint());
        });
        waves.push(now.into_iter().map(|(at, _)| at).collect());
        waiting = later;
    }
}

/// What comes before a change.
fn before(change: &Change) -> impl Iterator<Item = Fingerprint> {
    let after = change.after.iter().filter_map(|text| Fingerprint::parse(text));
    change.needs.iter().map(WishId::fingerprint).chain(after)
}
