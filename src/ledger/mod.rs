//! The contract of ledgers: what was applied, what is under way, and to whom all of it belongs.
//!
//! One [`Entry`] per wished object that is known to be in the target, one [`Intent`] per write
//! that was begun and is not settled. The intent comes before the call, the settlement after the
//! answer; a run that dies in between finds its intent again and asks the target what became of
//! it. Values are not kept, only a fingerprint per field of what was applied.

mod entry;
mod failure;

use std::{future::Future, pin::Pin};

pub use entry::{Entry, Intent, IntentVerb, Run, RunId, Settlement, Wish};
pub use failure::LedgerError;

use crate::connector::{Identity, Marks};

/// What a ledger gives, once it has been waited for.
pub type Kept<'a, T> = Pin<Box<dyn Future<Output = Result<T, LedgerError>> + Send + 'a>>;

/// A store of entries and intents. Each call is one transaction: it happens whole or not at all,
/// and it is durable when it returns.
pub trait Ledger: Send + Sync {
    /// Binds the ledger to an org and a tenant, or checks that it is bound to them.
    ///
    /// # Errors
    /// [`LedgerError::Elsewhere`] when it belongs to another org or tenant.
    fn bind<'a>(&'a self, source: &'a Identity, target: &'a Identity) -> Kept<'a, ()>;

    /// The entries that came from these source records of a mapping, retired ones included.
    fn of_records<'a>(&'a self, mapping: &'a str, records: &'a [String]) -> Kept<'a, Vec<Entry>>;

    /// The entries of these wishes; a wish without an entry gives none.
    fn of_wishes<'a>(&'a self, wishes: &'a [Wish]) -> Kept<'a, Vec<Entry>>;

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
    fn settle<'a>(&'a self, settlements: &'a [Settlement]) -> Kept<'a, ()>;

    /// The intents of a mapping that are not settled, oldest first.
    fn unsettled<'a>(&'a self, mapping: &'a str) -> Kept<'a, Vec<Intent>>;

    /// The high-water marks of a mapping, per relation.
    fn marks<'a>(&'a self, mapping: &'a str) -> Kept<'a, Marks>;

    /// Keeps the high-water marks of a mapping.
    fn set_marks<'a>(&'a self, mapping: &'a str, marks: &'a Marks) -> Kept<'a, ()>;

    /// Begins a run.
    fn begin_run<'a>(&'a self, run: &'a Run) -> Kept<'a, RunId>;

    /// Ends a run with its summary, a JSON text.
    fn end_run<'a>(&'a self, run: RunId, summary: &'a str) -> Kept<'a, ()>;

    /// Renames a mapping (`was:` in the mapping file); a name without entries is no fault.
    fn rename_mapping<'a>(&'a self, was: &'a str, is: &'a str) -> Kept<'a, ()>;

    /// Renames a resource of a mapping.
    fn rename_resource<'a>(&'a self, mapping: &'a str, was: &'a str, is: &'a str) -> Kept<'a, ()>;
}
