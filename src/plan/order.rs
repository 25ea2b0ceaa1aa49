//! The order of changes: what is needed comes before what needs it.

use std::collections::HashSet;

use super::{change::Change, text::WishId};

/// Sorts changes into waves, each by its places in `changes`: a change stands in a later wave than
/// those that it needs. What needs only things outside of `changes` stands in the first wave;
/// changes that need one another in a circle stand in no wave.
pub fn order(changes: &[Change]) -> Vec<Vec<usize>> {
    let mut open: HashSet<&WishId> = changes.iter().map(|change| &change.wish).collect();
    let mut waiting: Vec<(usize, &Change)> = changes.iter().enumerate().collect();
    let mut waves = Vec::new();
    loop {
        let held = |change: &Change| change.needs.iter().any(|need| open.contains(need));
        let (later, now): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|(_, change)| held(change));
        if now.is_empty() {
            return waves;
        }
        let done: HashSet<&WishId> = now.iter().map(|(_, change)| &change.wish).collect();
        open.retain(|wish| !done.contains(wish));
        waves.push(now.into_iter().map(|(at, _)| at).collect());
        waiting = later;
    }
}
