//! Two threads that own a connection each, and the calls that wait in front of them.
//!
//! Calls come from any task and are answered on a channel of their own. A thread ends when nobody
//! can call any more. No call is ever interrupted: one whose caller has gone is done all the same,
//! as an answer that was lost would be.

use std::{
    sync::mpsc::{self, Receiver, Sender},
    thread::{self, JoinHandle},
};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::fault::Fault;
use crate::ledger::LedgerError;

/// How many calls are committed together at most. More would not make the sync of the disk any
/// cheaper per call, and lets the first one wait for the last.
const GROUP_MAX: usize = 256;

/// A thread with a connection.
#[derive(Debug)]
pub(super) struct Queue {
    place: String,
    calls: Option<Sender<Box<dyn Call>>>,
    thread: Option<JoinHandle<()>>,
}

/// A call that waits. Its work may be done more than once, each time from the same start: when the
/// transaction that it shared with others was undone.
trait Call: Send {
    fn work(&mut self, store: &Connection) -> Result<(), Fault>;
    fn answer(self: Box<Self>, fate: Result<(), LedgerError>);
}

struct Waiting<F, T> {
    work: F,
    given: Option<T>,
    caller: oneshot::Sender<Result<Option<T>, LedgerError>>,
}

impl<F, T> Call for Waiting<F, T>
where
    F: FnMut(&Connection) -> Result<T, Fault> + Send,
    T: Send,
{
    fn work(&mut self, store: &Connection) -> Result<(), Fault> {
        self.given = Some((self.work)(store)?);
        Ok(())
    }

    fn answer(self: Box<Self>, fate: Result<(), LedgerError>) {
        let Self { given, caller, .. } = *self;
        // A caller that has gone needs no answer.
        let _ = caller.send(fate.map(|()| given));
    }
}

impl Queue {
    /// Starts the thread that changes: calls that have piled up are committed together.
    pub(super) fn writer(store: Connection, place: &str) -> Result<Self, LedgerError> {
        Self::start("ledger-writer", store, place, |store, calls, place| {
            while let Ok(first) = calls.recv() {
                let mut group = vec![first];
                group.extend(calls.try_iter().take(GROUP_MAX - 1));
                commit(store, group, place);
            }
        })
    }

    /// Starts the thread that reads: each call sees one snapshot.
    pub(super) fn reader(store: Connection, place: &str) -> Result<Self, LedgerError> {
        Self::start("ledger-reader", store, place, |store, calls, place| {
            while let Ok(mut call) = calls.recv() {
                let fate = store
                    .transaction()
                    .map_err(Fault::from)
                    .and_then(|snapshot| call.work(&snapshot))
                    .map_err(|fault| fault.at(place));
                call.answer(fate);
            }
        })
    }

    fn start(
        name: &str,
        mut store: Connection,
        place: &str,
        serve: fn(&mut Connection, &Receiver<Box<dyn Call>>, &str),
    ) -> Result<Self, LedgerError> {
        let (calls, waiting) = mpsc::channel();
        let here = place.to_owned();
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || serve(&mut store, &waiting, &here))
            .map_err(|error| broken(place, error.to_string()))?;
        Ok(Self { place: place.to_owned(), calls: Some(calls), thread: Some(thread) })
    }

    /// Has a call done by the thread, and waits for its answer.
    pub(super) async fn call<T, F>(&self, work: F) -> Result<T, LedgerError>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let gone = || broken(&self.place, "its thread has ended".to_owned());
        let calls = self.calls.as_ref().ok_or_else(gone)?;
        calls.send(Box::new(Waiting { work, given: None, caller })).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())??.ok_or_else(gone)
    }
}

/// Waits until the calls that were made are done and the file is closed.
impl Drop for Queue {
    fn drop(&mut self) {
        self.calls = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has told its callers by hanging up.
            let _ = thread.join();
        }
    }
}

fn broken(place: &str, said: String) -> LedgerError {
    LedgerError::Broken { place: place.to_owned(), said }
}

/// Why a group was not committed.
enum Undone {
    /// The transaction could not begin: nobody's would.
    NotBegun(Fault),
    /// The store failed under one of the calls, or under the commit.
    Failed(Fault),
}

/// Commits calls together and answers them. When the store fails, each is tried alone, so that a
/// call that does not fit on the disk fails by itself.
fn commit(store: &mut Connection, mut group: Vec<Box<dyn Call>>, place: &str) {
    match together(store, &mut group, place) {
        Ok(fates) => {
            for (call, fate) in group.into_iter().zip(fates) {
                call.answer(fate);
            }
        }
        Err(Undone::Failed(_)) if group.len() > 1 => {
            for call in group {
                commit(store, vec![call], place);
            }
        }
        Err(Undone::NotBegun(fault) | Undone::Failed(fault)) => {
            for call in group {
                call.answer(Err(fault.at(place)));
            }
        }
    }
}

/// One transaction around all calls, and the fate of each once it is durable.
fn together(
    store: &mut Connection,
    group: &mut [Box<dyn Call>],
    place: &str,
) -> Result<Vec<Result<(), LedgerError>>, Undone> {
    let change = store
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(|error| Undone::NotBegun(error.into()))?;
    let mut fates = Vec::with_capacity(group.len());
    for call in group {
        fates.push(alone(&change, call.as_mut(), place).map_err(Undone::Failed)?);
    }
    change.commit().map_err(|error| Undone::Failed(error.into()))?;
    Ok(fates)
}

/// One call in a savepoint: what it did is taken back when it is refused. The outer error is a
/// failure of the store, after which SQLite may have taken back the whole transaction.
fn alone(
    change: &Connection,
    call: &mut dyn Call,
    place: &str,
) -> Result<Result<(), LedgerError>, Fault> {
    change.execute_batch("savepoint call")?;
    let fate = match call.work(change) {
        Ok(()) => Ok(()),
        Err(fault @ Fault::Store(_)) => return Err(fault),
        Err(fault @ (Fault::Refused(_) | Fault::Damaged(_))) => {
            change.execute_batch("rollback to call")?;
            Err(fault.at(place))
        }
    };
    change.execute_batch("release call")?;
    Ok(fate)
}
