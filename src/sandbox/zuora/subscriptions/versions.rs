//! Finding subscriptions, and their versions.

use super::state::Subscription;
use crate::sandbox::zuora::store::{Entry, Mutation};
use crate::sandbox::zuora::work::Work;

/// All versions of a subscription, oldest first.
pub fn all<'a>(
    work: &'a Work<'_>,
    number: &str,
) -> impl DoubleEndedIterator<Item = &'a Subscription> {
    let first = (number.to_owned(), 0);
    let last = (number.to_owned(), u32::MAX);
    work.store().subscriptions.between(first, last)
}

/// The latest version of a subscription, by its number.
pub fn latest<'a>(work: &'a Work<'_>, number: &str) -> Option<&'a Subscription> {
    all(work, number).next_back()
}

/// The version that a key means: the latest for a number, its own for an id.
pub fn by_key<'a>(work: &'a Work<'_>, key: &str) -> Option<&'a Subscription> {
    latest(work, key).or_else(|| work.store().subscriptions.all().find(|one| one.id == key))
}

/// The latest versions of the subscriptions that an account owns, in order of their numbers.
pub fn of_account<'a>(work: &'a Work<'_>, account: &str) -> Vec<&'a Subscription> {
    let mut found: Vec<&Subscription> = Vec::new();
    for one in work.store().subscriptions.all() {
        match found.last_mut() {
            Some(last) if last.number == one.number => *last = one,
            _ => found.push(one),
        }
    }
    found.retain(|one| one.account == account);
    found
}

/// Stores a version.
pub fn keep(work: &mut Work<'_>, subscription: Subscription) {
    work.apply(Mutation::Subscription(Entry::new(subscription.key(), subscription)));
}
