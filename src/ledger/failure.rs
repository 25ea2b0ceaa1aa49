//! Failures of ledgers, by what has to be done about them.

use super::Wish;
use crate::connector::Identity;

/// A ledger that could not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// It belongs to another org or tenant.
    #[error("the ledger belongs to {system} `{bound}`, and this run talks to {system} `{asked}`")]
    Elsewhere {
        /// Which of the two systems differs.
        system: String,
        /// The org or tenant that the ledger is bound to.
        bound: String,
        /// The org or tenant that was found.
        asked: String,
    },
    /// Another process is writing to it.
    #[error("another process holds the ledger {place}: wait until it has ended, then run again")]
    Locked {
        /// The file or the database.
        place: String,
    },
    /// There is no room left.
    #[error("there is no room left for the ledger {place}: make room, then run again")]
    Full {
        /// The file or the database.
        place: String,
    },
    /// An entry changed after the plan was made, or has a write under way.
    #[error("`{wish}` is not as the plan knew it: {said}; plan again")]
    Stale {
        /// The wish, as messages name it.
        wish: String,
        /// What differs.
        said: String,
    },
    /// A name was to be given to what another name still has.
    #[error("`{was}` cannot be renamed to `{is}`, the ledger knows both: take out `was: {was}`")]
    Taken {
        /// The name before.
        was: String,
        /// The name that it should get.
        is: String,
    },
    /// It was written by a newer version of this program.
    #[error("the ledger {place} has format {found}, newer than {known}, the newest known here")]
    Newer {
        /// The file or the database.
        place: String,
        /// The format that was found.
        found: u32,
        /// The newest format that this program knows.
        known: u32,
    },
    /// It is no ledger, is damaged, or cannot be opened.
    #[error("the ledger {place} cannot be used: {said}")]
    Broken {
        /// The file or the database.
        place: String,
        /// What the store said.
        said: String,
    },
}

/// The sentences that every store says alike.
impl LedgerError {
    pub(super) fn elsewhere(bound: &str, asked: &Identity) -> Self {
        let (system, asked) = (asked.system.clone(), asked.id.clone());
        Self::Elsewhere { system, bound: bound.to_owned(), asked }
    }

    pub(super) fn version_differs(wish: &Wish, from: Option<u64>, now: Option<u64>) -> Self {
        let said = match (from, now) {
            (None, Some(now)) => format!("it has version {now} now and had no entry then"),
            (Some(from), None) => format!("it has no entry now and had version {from} then"),
            (Some(from), Some(now)) => format!("it has version {now} now and had {from} then"),
            (None, None) => "it has no entry".to_owned(),
        };
        Self::Stale { wish: wish.to_string(), said }
    }

    pub(super) fn under_way(wish: &Wish) -> Self {
        let said = "another write for it is not settled".to_owned();
        Self::Stale { wish: wish.to_string(), said }
    }

    pub(super) fn taken(was: &str, is: &str) -> Self {
        Self::Taken { was: was.to_owned(), is: is.to_owned() }
    }
}
