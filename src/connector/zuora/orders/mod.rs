//! Orders: commands that take effect exactly once, found again by the number that we chose.
//!
//! A small order is a call that answers when it is done; a large one becomes a job that is asked
//! after. What an order made is read from its subscriptions, what it would make is asked of the
//! preview.

mod body;
mod figures;
mod find;
mod job;
mod preview;
mod results;
mod write;

use std::time::Duration;

use crate::json::{Checked, Members};

/// The object, and the action.
const ORDER: &str = "Order";

/// Orders in one call.
pub(super) const OBJECTS_PER_CALL_MAX: usize = 1;
/// Orders that are looked up in one question: each is a call of its own.
pub(super) const KEYS_PER_FIND_MAX: usize = 40;
/// How long an order whose answer was lost may still come about: Zuora gives up on the connection
/// after 120 s, and completes the order all the same ("Create an order", notes on time-outs).
pub(super) const SETTLES_WITHIN: Duration = Duration::from_secs(120);

/// Whether an object is spoken of here.
pub(super) fn has(object: &str) -> bool {
    object == ORDER
}

/// The objects of a list; none where there is no list.
fn items<'a>(members: &Members<'a>, name: &str) -> Vec<Members<'a>> {
    let list = members.get_set(name).and_then(Checked::as_list).unwrap_or_default();
    list.into_iter().filter_map(Checked::as_members).collect()
}
