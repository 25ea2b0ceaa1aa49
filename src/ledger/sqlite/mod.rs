//! The ledger in a SQLite file: what one machine needs, durable at every answer.
//!
//! # What it promises
//! A call that has answered is on the disk: the file is in write-ahead mode with
//! `synchronous = FULL`, so it outlives `kill -9` and the loss of power. A call is one transaction,
//! so no half of it is ever there.
//!
//! # How it works
//! Two threads of its own, each with a connection. The writer takes the calls that have piled up
//! while it was committing and commits them together, each in a savepoint of its own: one sync of
//! the disk serves many callers, and the refusal of one does not touch the others ([`queue`]). The
//! reader answers each call from one snapshot. Both end with the value, and the file is closed then.
//!
//! # Who may open it
//! One process at a time for writing ([`Sqlite::open`]), kept by an advisory lock on
//! `<ledger>.lock` that the operating system takes back when the process ends in whatever way. The
//! file stays; it means nothing. Any number of readers beside it ([`Sqlite::open_readonly`]). It
//! must not lie on a network file system: neither locks nor the write-ahead log work there.
//!
//! # When it fails
//! [`LedgerError::Locked`] after a bounded wait for a foreign transaction, [`LedgerError::Full`]
//! with nothing of the call kept and everything before it safe, [`LedgerError::Newer`] before
//! anything is touched, [`LedgerError::Broken`] for all the rest, with the words of SQLite.

mod action;
mod change;
mod fault;
mod lookup;
mod opening;
mod queue;
mod row;
mod schema;

use std::{fs::File, path::Path};

use lookup::Which;
pub use opening::Opening;
use queue::Queue;

use super::{Entry, Intent, Kept, Ledger, LedgerError, PastRun, Run, RunId, Settlement, Wish};
use crate::connector::{Identity, Marks};

/// A ledger in a SQLite file.
#[derive(Debug)]
pub struct Sqlite {
    place: String,
    writer: Option<Queue>,
    reader: Queue,
    /// Held until the queues above have ended: fields are dropped in their order.
    _lock: Option<File>,
}

impl Sqlite {
    /// Opens a ledger for a run, and makes it and its folder where there is none. Blocks, at most
    /// for the [busy wait](Opening::busy_wait).
    ///
    /// # Errors
    /// [`LedgerError::Locked`] when another run holds it, [`LedgerError::Newer`] when a newer
    /// version of this program wrote it, [`LedgerError::Broken`] when it is no ledger or cannot
    /// be written.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, LedgerError> {
        Opening::of(path).open()
    }

    /// Opens a ledger to look at, also while a run goes on. Every call that would change it is
    /// refused.
    ///
    /// # Errors
    /// As [`Sqlite::open`], but never because of a run, and [`LedgerError::Broken`] when there is
    /// no file.
    pub fn open_readonly(path: impl AsRef<Path>) -> Result<Self, LedgerError> {
        Opening::of(path).open_readonly()
    }

    fn writer(&self) -> Result<&Queue, LedgerError> {
        self.writer.as_ref().ok_or_else(|| LedgerError::Broken {
            place: self.place.clone(),
            said: "it was opened to be looked at, not to be changed".to_owned(),
        })
    }
}

/// What a call needs is copied into it: it may outlive a caller that no longer waits.
impl Ledger for Sqlite {
    fn bind<'a>(&'a self, source: &'a Identity, target: &'a Identity) -> Kept<'a, ()> {
        let (source, target) = (source.clone(), target.clone());
        Box::pin(async move {
            self.writer()?.call(move |store| change::bind(store, &source, &target)).await
        })
    }

    fn of_records<'a>(&'a self, mapping: &'a str, records: &'a [String]) -> Kept<'a, Vec<Entry>> {
        let (mapping, records) = (mapping.to_owned(), records.to_vec());
        Box::pin(self.reader.call(move |store| lookup::of_records(store, &mapping, &records)))
    }

    fn of_wishes<'a>(&'a self, wishes: &'a [Wish]) -> Kept<'a, Vec<Entry>> {
        let wishes = wishes.to_vec();
        Box::pin(self.reader.call(move |store| lookup::of_wishes(store, &wishes)))
    }

    fn of_sequences<'a>(
        &'a self,
        mapping: &'a str,
        sequences: &'a [String],
    ) -> Kept<'a, Vec<Entry>> {
        let (mapping, sequences) = (mapping.to_owned(), sequences.to_vec());
        Box::pin(self.reader.call(move |store| lookup::of_sequences(store, &mapping, &sequences)))
    }

    fn owing<'a>(
        &'a self,
        mapping: &'a str,
        after: Option<&'a Wish>,
        limit: usize,
    ) -> Kept<'a, Vec<Entry>> {
        let (mapping, after) = (mapping.to_owned(), after.cloned());
        Box::pin(
            self.reader.call(move |store| {
                lookup::page(store, Which::Owing, &mapping, after.as_ref(), limit)
            }),
        )
    }

    fn page<'a>(
        &'a self,
        mapping: &'a str,
        after: Option<&'a Wish>,
        limit: usize,
    ) -> Kept<'a, Vec<Entry>> {
        let (mapping, after) = (mapping.to_owned(), after.cloned());
        Box::pin(
            self.reader.call(move |store| {
                lookup::page(store, Which::All, &mapping, after.as_ref(), limit)
            }),
        )
    }

    fn intend<'a>(&'a self, intents: &'a [Intent]) -> Kept<'a, ()> {
        let intents = intents.to_vec();
        Box::pin(
            async move { self.writer()?.call(move |store| change::intend(store, &intents)).await },
        )
    }

    fn settle<'a>(&'a self, settlements: &'a [Settlement]) -> Kept<'a, ()> {
        let settlements = settlements.to_vec();
        Box::pin(async move {
            self.writer()?.call(move |store| change::settle(store, &settlements)).await
        })
    }

    fn unsettled<'a>(&'a self, mapping: &'a str) -> Kept<'a, Vec<Intent>> {
        let mapping = mapping.to_owned();
        Box::pin(self.reader.call(move |store| lookup::unsettled(store, &mapping)))
    }

    fn marks<'a>(&'a self, mapping: &'a str) -> Kept<'a, Marks> {
        let mapping = mapping.to_owned();
        Box::pin(self.reader.call(move |store| lookup::marks(store, &mapping)))
    }

    fn set_marks<'a>(&'a self, mapping: &'a str, marks: &'a Marks) -> Kept<'a, ()> {
        let (mapping, marks) = (mapping.to_owned(), marks.clone());
        Box::pin(async move {
            self.writer()?.call(move |store| change::set_marks(store, &mapping, &marks)).await
        })
    }

    fn begin_run<'a>(&'a self, run: &'a Run) -> Kept<'a, RunId> {
        let run = run.clone();
        Box::pin(
            async move { self.writer()?.call(move |store| change::begin_run(store, &run)).await },
        )
    }

    fn end_run<'a>(&'a self, run: RunId, summary: &'a str) -> Kept<'a, ()> {
        let summary = summary.to_owned();
        Box::pin(async move {
            self.writer()?.call(move |store| change::end_run(store, run, &summary)).await
        })
    }

    fn runs(&self, limit: usize) -> Kept<'_, Vec<PastRun>> {
        Box::pin(self.reader.call(move |store| lookup::runs(store, limit)))
    }

    fn rename_mapping<'a>(&'a self, was: &'a str, is: &'a str) -> Kept<'a, ()> {
        let (was, is) = (was.to_owned(), is.to_owned());
        Box::pin(async move {
            self.writer()?.call(move |store| change::rename_mapping(store, &was, &is)).await
        })
    }

    fn rename_resource<'a>(&'a self, mapping: &'a str, was: &'a str, is: &'a str) -> Kept<'a, ()> {
        let (mapping, was, is) = (mapping.to_owned(), was.to_owned(), is.to_owned());
        Box::pin(async move {
            let rename = move |store: &_| change::rename_resource(store, &mapping, &was, &is);
            self.writer()?.call(rename).await
        })
    }
}
