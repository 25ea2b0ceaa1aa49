//! The contract of ledgers: what was applied, what is under way, and to whom all of it belongs.
//!
//! One [`Entry`] per wished object that is known to be in the target, one [`Intent`] per write
//! that was begun and is not settled. The intent comes before the call, the settlement after the
//! answer; a run that dies in between finds its intent again and asks the target what became of
//! it. Values are not kept, only a fingerprint per field of what was applied.
//!
//! # The life of a write
//! ```text
//! (no entry) ── intend ──▶ intent ── settle Holds ───▶ entry, version 1
//!                            └────── settle Dropped ─▶ (no entry)
//! entry, n ──── intend from n ▶ intent ── settle Holds ▶ entry, n + 1
//!                                 └────── settle Dropped ▶ entry, n
//! ```
//! A wish has at most one intent at a time, made from the version that the plan saw. So two plans
//! of one ledger cannot both be applied, and what is not settled stands in the way of its own
//! wish only.
//!
//! An action is an entry too, and never changes but for what it still owes to the source: it keeps
//! the rows that it consumed, so that they are never consumed again ([`Action`]).
//!
//! # The stores
//! [`sqlite::Sqlite`] is a file for the runs of one machine; [`memory::Memory`] ends with the
//! process. What holds for both is in `tests/it/ledger/laws.rs`: a new store is a file or folder
//! here and a line there.

mod entry;
mod failure;
pub mod memory;
pub mod sqlite;

use std::{future::Future, pin::Pin};

pub use entry::{
    Action, Entry, Intent, IntentVerb, Owed, OwedValue, PastRun, Run, RunId, Settlement, Wish,
};
pub use failure::LedgerError;

use crate::connector::{Identity, Marks};

/// What a ledger gives, once it has been waited for.
pub type Kept<'a, T> = Pin<Box<dyn Future<Output = Result<T, LedgerError>> + Send + 'a>>;

/// A store of entries and intents. Each call is one transaction: it happens whole or not at all,
/// it is durable when it returns, and every later call sees it. A call that is no longer waited
/// for may still happen.
pub trait Ledger: Send + Sync {
    /// Binds the ledger to an org and a tenant, or checks that it is bound to them.
    ///
    /// There is one binding per side and system: a ledger may serve mappings that read from an org
    /// and mappings that read files, but never two orgs.
    ///
    /// # Errors
    /// [`LedgerError::Elsewhere`] when it belongs to another org or tenant.
    fn bind<'a>(&'a self, source: &'a Identity, target: &'a Identity) -> Kept<'a, ()>;

    /// The entries that came from these source records of a mapping, retired ones included, each
    /// once and in the order of their wishes.
    fn of_records<'a>(&'a self, mapping: &'a str, records: &'a [String]) -> Kept<'a, Vec<Entry>>;

    /// The entries of these wishes, each once and in the order of the wishes; a wish without an
    /// entry gives none.
    fn of_wishes<'a>(&'a self, wishes: &'a [Wish]) -> Kept<'a, Vec<Entry>>;

    /// The entries of a mapping's actions in these sequences, in the order in which they took
    /// effect first.
    fn of_sequences<'a>(
        &'a self,
        mapping: &'a str,
        sequences: &'a [String],
    ) -> Kept<'a, Vec<Entry>>;

    /// A mapping's entries of actions that still owe something to the source, in the order of
    /// their wishes, after a wish, at most `limit`.
    fn owing<'a>(
        &'a self,
        mapping: &'a str,
        after: Option<&'a Wish>,
        limit: usize,
    ) -> Kept<'a, Vec<Entry>>;

    /// A mapping's entries in the order of their wishes, after a wish, at most `limit`.
    fn page<'a>(
        &'a self,
        mapping: &'a str,
        after: Option<&'a Wish>,
        limit: usize,
    ) -> Kept<'a, Vec<Entry>>;

    /// Records that writes are about to be sent. All or nothing.
    ///
    /// # Errors
    /// [`LedgerError::Stale`] when an entry no longer has the version that the intent was made
    /// from, or when another intent for the same wish is not settled.
    fn intend<'a>(&'a self, intents: &'a [Intent]) -> Kept<'a, ()>;

    /// Records what became of intents, and removes them. All or nothing.
    ///
    /// A wish without an intent may be settled too: what was adopted needed no write. Settlements
    /// of one wish take effect in their order.
    fn settle<'a>(&'a self, settlements: &'a [Settlement]) -> Kept<'a, ()>;

    /// The intents of a mapping that are not settled, in the order in which they were recorded.
    fn unsettled<'a>(&'a self, mapping: &'a str) -> Kept<'a, Vec<Intent>>;

    /// The high-water marks of a mapping, per relation.
    fn marks<'a>(&'a self, mapping: &'a str) -> Kept<'a, Marks>;

    /// Keeps the high-water marks of a mapping in place of those that it had: a relation that is
    /// not among them is read from the start next time.
    fn set_marks<'a>(&'a self, mapping: &'a str, marks: &'a Marks) -> Kept<'a, ()>;

    /// Begins a run.
    fn begin_run<'a>(&'a self, run: &'a Run) -> Kept<'a, RunId>;

    /// Ends a run with its summary, a JSON text. A run that is ended again keeps the later one; a
    /// number that was never given is no fault.
    fn end_run<'a>(&'a self, run: RunId, summary: &'a str) -> Kept<'a, ()>;

    /// The latest runs, newest first, at most `limit`; one without a summary was killed or is
    /// still going on.
    fn runs(&self, limit: usize) -> Kept<'_, Vec<PastRun>>;

    /// Renames a mapping (`was:` in the mapping file): its entries, intents and marks. A name that
    /// the ledger does not know is no fault, for the line may stay in the file.
    ///
    /// # Errors
    /// [`LedgerError::Taken`] when the ledger knows both names: a new mapping was given the old
    /// name, and its entries must not be swallowed.
    fn rename_mapping<'a>(&'a self, was: &'a str, is: &'a str) -> Kept<'a, ()>;

    /// Renames a resource of a mapping: its entries and intents.
    ///
    /// # Errors
    /// [`LedgerError::Taken`] as above.
    fn rename_resource<'a>(&'a self, mapping: &'a str, was: &'a str, is: &'a str) -> Kept<'a, ()>;
}
