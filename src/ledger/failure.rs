//! Failures of ledgers, by what has to be done about them.

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
    #[error("another process holds the ledger {place}")]
    Locked {
        /// The file or the database.
        place: String,
    },
    /// There is no room left.
    #[error("there is no room left for the ledger {place}")]
    Full {
        /// The file or the database.
        place: String,
    },
    /// An entry changed after the plan was made, or has a write under way.
    #[error("`{wish}` has changed since the plan was made: {said}")]
    Stale {
        /// The key of the wish.
        wish: String,
        /// What differs.
        said: String,
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
