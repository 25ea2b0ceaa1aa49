//! A process that is killed: at the n-th call of the target or the ledger nothing goes on. And a
//! ledger that has no room left from its n-th write on.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use crosswalk::{
    connector::{
        Answer, Cursor, Find, Found, Identity, Limits, Marks, Outcome, Page, Preview, Query,
        Source, Target, Write,
    },
    ledger::{Entry, Intent, Kept, Ledger, LedgerError, PastRun, Run, RunId, Settlement, Wish},
};
use tokio::sync::Notify;

/// When the process is killed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kill {
    /// At which call, from 0.
    pub at: usize,
    /// Whether the call took effect.
    pub after: bool,
}

/// The end of a process.
pub(crate) struct Crash {
    kill: Kill,
    calls: AtomicUsize,
    pub died: Notify,
}

impl Crash {
    pub(crate) fn new(kill: Kill) -> Self {
        Self { kill, calls: AtomicUsize::new(0), died: Notify::new() }
    }

    async fn call<T>(&self, call: impl Future<Output = T>) -> T {
        let is_last = self.calls.fetch_add(1, SeqCst) == self.kill.at;
        if is_last && !self.kill.after {
            self.die().await;
        }
        let result = call.await;
        if is_last {
            self.die().await;
        }
        result
    }

    async fn die(&self) {
        self.died.notify_one();
        std::future::pending::<()>().await;
    }
}

/// A target or a ledger that dies with the process.
pub(crate) struct Mortal<'a, T: ?Sized> {
    pub inner: &'a T,
    pub crash: &'a Crash,
}

impl Source for Mortal<'_, dyn Target> {
    fn identity(&self) -> Answer<'_, Identity> {
        self.inner.identity()
    }

    fn read<'a>(&'a self, query: &'a Query, cursor: Option<&'a Cursor>) -> Answer<'a, Page> {
        self.inner.read(query, cursor)
    }

    fn describe<'a>(&'a self, object: &'a str) -> Answer<'a, Vec<u8>> {
        self.inner.describe(object)
    }
}

impl Target for Mortal<'_, dyn Target> {
    fn limits(&self, object: &str) -> Limits {
        self.inner.limits(object)
    }

    fn find<'a>(&'a self, find: &'a Find) -> Answer<'a, Vec<Found>> {
        Box::pin(self.crash.call(self.inner.find(find)))
    }

    fn write<'a>(&'a self, batch: &'a [Write]) -> Answer<'a, Vec<Outcome>> {
        Box::pin(self.crash.call(self.inner.write(batch)))
    }

    fn preview<'a>(&'a self, write: &'a Write) -> Answer<'a, Option<Preview>> {
        Box::pin(self.crash.call(self.inner.preview(write)))
    }

    fn results<'a>(
        &'a self,
        object: &'a str,
        ids: &'a [String],
    ) -> Answer<'a, Vec<Option<String>>> {
        Box::pin(self.crash.call(self.inner.results(object, ids)))
    }
}

impl Ledger for Mortal<'_, dyn Ledger + '_> {
    fn bind<'a>(&'a self, source: &'a Identity, target: &'a Identity) -> Kept<'a, ()> {
        Box::pin(self.crash.call(self.inner.bind(source, target)))
    }

    fn of_records<'a>(&'a self, mapping: &'a str, records: &'a [String]) -> Kept<'a, Vec<Entry>> {
        Box::pin(self.crash.call(self.inner.of_records(mapping, records)))
    }

    fn of_wishes<'a>(&'a self, wishes: &'a [Wish]) -> Kept<'a, Vec<Entry>> {
        Box::pin(self.crash.call(self.inner.of_wishes(wishes)))
    }

    fn of_sequences<'a>(
        &'a self,
        mapping: &'a str,
        sequences: &'a [String],
    ) -> Kept<'a, Vec<Entry>> {
        Box::pin(self.crash.call(self.inner.of_sequences(mapping, sequences)))
    }

    fn owing<'a>(
        &'a self,
        mapping: &'a str,
        after: Option<&'a Wish>,
        limit: usize,
    ) -> Kept<'a, Vec<Entry>> {
        Box::pin(self.crash.call(self.inner.owing(mapping, after, limit)))
    }

    fn page<'a>(
        &'a self,
        mapping: &'a str,
        after: Option<&'a Wish>,
        limit: usize,
    ) -> Kept<'a, Vec<Entry>> {
        Box::pin(self.crash.call(self.inner.page(mapping, after, limit)))
    }

    fn intend<'a>(&'a self, intents: &'a [Intent]) -> Kept<'a, ()> {
        Box::pin(self.crash.call(self.inner.intend(intents)))
    }

    fn settle<'a>(&'a self, settlements: &'a [Settlement]) -> Kept<'a, ()> {
        Box::pin(self.crash.call(self.inner.settle(settlements)))
    }

    fn unsettled<'a>(&'a self, mapping: &'a str) -> Kept<'a, Vec<Intent>> {
        Box::pin(self.crash.call(self.inner.unsettled(mapping)))
    }

    fn marks<'a>(&'a self, mapping: &'a str) -> Kept<'a, Marks> {
        self.inner.marks(mapping)
    }

    fn set_marks<'a>(&'a self, mapping: &'a str, marks: &'a Marks) -> Kept<'a, ()> {
        Box::pin(self.crash.call(self.inner.set_marks(mapping, marks)))
    }

    fn begin_run<'a>(&'a self, run: &'a Run) -> Kept<'a, RunId> {
        Box::pin(self.crash.call(self.inner.begin_run(run)))
    }

    fn end_run<'a>(&'a self, run: RunId, summary: &'a str) -> Kept<'a, ()> {
        Box::pin(self.crash.call(self.inner.end_run(run, summary)))
    }

    fn runs(&self, limit: usize) -> Kept<'_, Vec<PastRun>> {
        self.inner.runs(limit)
    }

    fn rename_mapping<'a>(&'a self, was: &'a str, is: &'a str) -> Kept<'a, ()> {
        self.inner.rename_mapping(was, is)
    }

    fn rename_resource<'a>(&'a self, mapping: &'a str, was: &'a str, is: &'a str) -> Kept<'a, ()> {
        self.inner.rename_resource(mapping, was, is)
    }
}

/// A ledger that has room for so many writes.
pub(crate) struct Filling<'a> {
    pub inner: &'a dyn Ledger,
    pub room: AtomicUsize,
}

impl Filling<'_> {
    fn take(&self) -> Result<(), LedgerError> {
        let full = LedgerError::Full { place: "book".into() };
        let left = self.room.fetch_update(SeqCst, SeqCst, |room| room.checked_sub(1));
        left.map(|_| ()).map_err(|_| full)
    }
}

impl Ledger for Filling<'_> {
    fn bind<'a>(&'a self, source: &'a Identity, target: &'a Identity) -> Kept<'a, ()> {
        self.inner.bind(source, target)
    }

    fn of_records<'a>(&'a self, mapping: &'a str, records: &'a [String]) -> Kept<'a, Vec<Entry>> {
        self.inner.of_records(mapping, records)
    }

    fn of_wishes<'a>(&'a self, wishes: &'a [Wish]) -> Kept<'a, Vec<Entry>> {
        self.inner.of_wishes(wishes)
    }

    fn of_sequences<'a>(
        &'a self,
        mapping: &'a str,
        sequences: &'a [String],
    ) -> Kept<'a, Vec<Entry>> {
        self.inner.of_sequences(mapping, sequences)
    }

    fn owing<'a>(
        &'a self,
        mapping: &'a str,
        after: Option<&'a Wish>,
        limit: usize,
    ) -> Kept<'a, Vec<Entry>> {
        self.inner.owing(mapping, after, limit)
    }

    fn page<'a>(
        &'a self,
        mapping: &'a str,
        after: Option<&'a Wish>,
        limit: usize,
    ) -> Kept<'a, Vec<Entry>> {
        self.inner.page(mapping, after, limit)
    }

    fn intend<'a>(&'a self, intents: &'a [Intent]) -> Kept<'a, ()> {
        Box::pin(async move {
            self.take()?;
            self.inner.intend(intents).await
        })
    }

    fn settle<'a>(&'a self, settlements: &'a [Settlement]) -> Kept<'a, ()> {
        Box::pin(async move {
            self.take()?;
            self.inner.settle(settlements).await
        })
    }

    fn unsettled<'a>(&'a self, mapping: &'a str) -> Kept<'a, Vec<Intent>> {
        self.inner.unsettled(mapping)
    }

    fn marks<'a>(&'a self, mapping: &'a str) -> Kept<'a, Marks> {
        self.inner.marks(mapping)
    }

    fn set_marks<'a>(&'a self, mapping: &'a str, marks: &'a Marks) -> Kept<'a, ()> {
        self.inner.set_marks(mapping, marks)
    }

    fn begin_run<'a>(&'a self, run: &'a Run) -> Kept<'a, RunId> {
        self.inner.begin_run(run)
    }

    fn end_run<'a>(&'a self, run: RunId, summary: &'a str) -> Kept<'a, ()> {
        self.inner.end_run(run, summary)
    }

    fn runs(&self, limit: usize) -> Kept<'_, Vec<PastRun>> {
        self.inner.runs(limit)
    }

    fn rename_mapping<'a>(&'a self, was: &'a str, is: &'a str) -> Kept<'a, ()> {
        self.inner.rename_mapping(was, is)
    }

    fn rename_resource<'a>(&'a self, mapping: &'a str, was: &'a str, is: &'a str) -> Kept<'a, ()> {
        self.inner.rename_resource(mapping, was, is)
    }
}
