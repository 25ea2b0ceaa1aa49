//! The contract of connectors: what a source answers and what a target does.
//!
//! A connector is one folder below this one, one line in `cli/connect.rs`, and the shared
//! conformance suite green. It reads what a [`Query`] asks, in the shape of the system's schema,
//! and writes what a [`Write`] says, in the vocabulary of the system's API. How often to try,
//! how to batch and what to do next is decided above it, from the [`Class`] of a failure.

mod failure;
pub mod file;
pub mod http;
mod query;
pub mod salesforce;
mod shape;
mod stamps;
mod write;
pub mod zuora;

use std::{future::Future, pin::Pin};

pub use failure::{CallError, Class};
pub use query::{Cursor, Field, Marks, Page, Query, Relation, RelationKind, Sort};
pub use write::{
    FigureChange, Figures, Find, FindBy, Found, KeyValues, Limits, Outcome, Preview, Verb, Write,
};

/// What a call of a connector gives, once it has been waited for.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, CallError>> + Send + 'a>>;

/// Which org or tenant a connector talks to. Plans and ledgers are bound to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name of the system: `salesforce`, `zuora`, `file`.
    pub system: String,
    /// The id that the system gives its org or tenant; for files the path of the folder.
    pub id: String,
}

/// A system that can be read.
pub trait Source: Send + Sync {
    /// Who answers. The first call that signs in.
    fn identity(&self) -> Answer<'_, Identity>;

    /// One page of records, each complete with its lookups and children.
    ///
    /// An incomplete list of children is an error, never a page. The cursor of a page is given
    /// back to read the next one; without a cursor the reading starts anew.
    fn read<'a>(&'a self, query: &'a Query, cursor: Option<&'a Cursor>) -> Answer<'a, Page>;

    /// What the system says of an object, in its own format (describe, OpenAPI, describe XML).
    fn describe<'a>(&'a self, object: &'a str) -> Answer<'a, Vec<u8>>;
}

/// A system that can also be written to.
pub trait Target: Source {
    /// How much fits in one call, and how many calls may be under way.
    fn limits(&self, object: &str) -> Limits;

    /// What is there, in the vocabulary in which we write: a value that was written reads back as
    /// the same value, whatever spelling the system answers with.
    ///
    /// One [`Found`] per hit; a key without a hit gives none, a key with two hits gives two.
    fn find<'a>(&'a self, find: &'a Find) -> Answer<'a, Vec<Found>>;

    /// Writes a batch of one object and one verb, and gives one outcome per write, in order.
    ///
    /// `Err` means that the call as a whole failed and its [`Class`] says whether it may have
    /// taken effect; an [`Outcome`] is the fate of one record in a call that worked.
    fn write<'a>(&'a self, batch: &'a [Write]) -> Answer<'a, Vec<Outcome>>;

    /// What a write would do; nothing is changed. `None` where the target has no preview for the
    /// object.
    fn preview<'a>(&'a self, write: &'a Write) -> Answer<'a, Option<Preview>> {
        let _ = write;
        Box::pin(async { Ok(None) })
    }

    /// What came of actions, one JSON object each by their ids (`Order` by its number): what the
    /// action answered, with what it made as it is now. `None` where the target has no such thing.
    fn results<'a>(
        &'a self,
        object: &'a str,
        ids: &'a [String],
    ) -> Answer<'a, Vec<Option<String>>> {
        let _ = object;
        Box::pin(async { Ok(ids.iter().map(|_| None).collect()) })
    }
}
