//! A ledger that lives as long as its value: for tests, and for trying a mapping without a file.
//!
//! It obeys the same laws as the stores that last (`tests/it/ledger.rs` holds them against each
//! other). What it never does is outlive the process.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Entry, Intent, Kept, Ledger, LedgerError, PastRun, Run, RunId, Settlement, Wish};
use crate::connector::{Identity, Marks};

/// A ledger in memory.
#[derive(Debug, Default)]
pub struct Memory(Mutex<State>);

/// All that it holds; changed only by calls that can no longer be refused.
#[derive(Debug, Default)]
struct State {
    bindings: BTreeMap<(&'static str, String), String>,
    entries: BTreeMap<Wish, Entry>,
    /// Wishes by when they took effect first: a number that never comes again.
    firsts: BTreeMap<Wish, u64>,
    intents: BTreeMap<Wish, (u64, Intent)>,
    intents_made: u64,
    marks: BTreeMap<String, Marks>,
    runs: Vec<PastRun>,
}

impl Memory {
    /// An empty ledger, bound to nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A change checks everything before it touches anything, so a poisoned lock guards a whole
    /// state all the same.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn bind(&mut self, sides: [(&'static str, &Identity); 2]) -> Result<(), LedgerError> {
        for (side, asked) in sides {
            match self.bindings.get(&(side, asked.system.clone())) {
                Some(bound) if *bound != asked.id => {
                    return Err(LedgerError::elsewhere(bound, asked));
                }
                _ => {}
            }
        }
        for (side, asked) in sides {
            self.bindings.insert((side, asked.system.clone()), asked.id.clone());
        }
        Ok(())
    }

    fn intend(&mut self, intents: &[Intent]) -> Result<(), LedgerError> {
        let mut seen = BTreeSet::new();
        for intent in intents {
            let now = self.entries.get(&intent.wish).map(|entry| entry.version);
            if now != intent.from_version {
                return Err(LedgerError::version_differs(&intent.wish, intent.from_version, now));
            }
            if self.intents.contains_key(&intent.wish) || !seen.insert(&intent.wish) {
                return Err(LedgerError::under_way(&intent.wish));
            }
        }
        for intent in intents {
            self.intents_made = self.intents_made.saturating_add(1);
            self.intents.insert(intent.wish.clone(), (self.intents_made, intent.clone()));
        }
        Ok(())
    }

    fn settle(&mut self, settlements: &[Settlement]) {
        for settlement in settlements {
            match settlement {
                Settlement::Holds(entry) => {
                    let before = self.entries.get(&entry.wish).map_or(0, |entry| entry.version);
                    let version = before.saturating_add(1);
                    let entry = Entry { version, ..entry.clone() };
                    self.intents.remove(&entry.wish);
                    let next = u64::try_from(self.firsts.len()).unwrap_or(u64::MAX);
                    self.firsts.entry(entry.wish.clone()).or_insert(next);
                    self.entries.insert(entry.wish.clone(), entry);
                }
                Settlement::Dropped(wish) => {
                    self.intents.remove(wish);
                }
            }
        }
    }

    fn unsettled(&self, mapping: &str) -> Vec<Intent> {
        let of_mapping = self.intents.values().filter(|(_, intent)| intent.wish.mapping == mapping);
        let by_number: BTreeMap<u64, &Intent> =
            of_mapping.map(|(n, intent)| (*n, intent)).collect();
        by_number.into_values().cloned().collect()
    }

    /// The entries of a mapping after a wish.
    fn after<'a>(&'a self, mapping: &str, after: Option<&Wish>) -> impl Iterator<Item = &'a Entry> {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let later = self.entries.range::<Wish, _>((after, Bound::Unbounded));
        later.map(|(_, entry)| entry).filter(move |entry| entry.wish.mapping == mapping)
    }

    fn of_sequences(&self, mapping: &str, sequences: &[String]) -> Vec<Entry> {
        let of_sequence = |entry: &&Entry| {
            entry.action.as_ref().is_some_and(|action| sequences.contains(&action.sequence))
        };
        let of_mapping = self.entries.values().filter(|entry| entry.wish.mapping == mapping);
        let mut entries: Vec<Entry> = of_mapping.filter(of_sequence).cloned().collect();
        entries.sort_by_key(|entry| self.firsts.get(&entry.wish));
        entries
    }

    fn knows(&self, named: impl Fn(&Wish) -> bool) -> bool {
        self.entries.keys().chain(self.intents.keys()).any(named)
    }

    /// Moves entries and intents to the wishes that they are given.
    fn rename(&mut self, renamed: impl Fn(Wish) -> Wish) {
        let entries = std::mem::take(&mut self.entries);
        for mut entry in entries.into_values() {
            entry.wish = renamed(entry.wish);
            self.entries.insert(entry.wish.clone(), entry);
        }
        let firsts = std::mem::take(&mut self.firsts);
        self.firsts.extend(firsts.into_iter().map(|(wish, number)| (renamed(wish), number)));
        let intents = std::mem::take(&mut self.intents);
        for (number, mut intent) in intents.into_values() {
            intent.wish = renamed(intent.wish);
            self.intents.insert(intent.wish.clone(), (number, intent));
        }
    }

    fn rename_mapping(&mut self, was: &str, is: &str) -> Result<(), LedgerError> {
        let known = |state: &Self, name: &str| {
            state.marks.contains_key(name) || state.knows(|wish| wish.mapping == name)
        };
        if was == is || !known(self, was) {
            return Ok(());
        }
        if known(self, is) {
            return Err(LedgerError::taken(was, is));
        }
        self.rename(|wish| {
            if wish.mapping == was { Wish { mapping: is.to_owned(), ..wish } } else { wish }
        });
        if let Some(marks) = self.marks.remove(was) {
            self.marks.insert(is.to_owned(), marks);
        }
        Ok(())
    }

    fn rename_resource(&mut self, mapping: &str, was: &str, is: &str) -> Result<(), LedgerError> {
        let named = |wish: &Wish, name: &str| wish.mapping == mapping && wish.resource == name;
        if was == is || !self.knows(|wish| named(wish, was)) {
            return Ok(());
        }
        if self.knows(|wish| named(wish, is)) {
            return Err(LedgerError::taken(was, is));
        }
        self.rename(|wish| {
            if named(&wish, was) { Wish { resource: is.to_owned(), ..wish } } else { wish }
        });
        Ok(())
    }
}

impl Ledger for Memory {
    fn bind<'a>(&'a self, source: &'a Identity, target: &'a Identity) -> Kept<'a, ()> {
        Box::pin(async move { self.state().bind([("source", source), ("target", target)]) })
    }

    fn of_records<'a>(&'a self, mapping: &'a str, records: &'a [String]) -> Kept<'a, Vec<Entry>> {
        Box::pin(async move {
            let records: BTreeSet<&String> = records.iter().collect();
            let state = self.state();
            let hits = state
                .entries
                .values()
                .filter(|entry| entry.wish.mapping == mapping && records.contains(&entry.record));
            Ok(hits.cloned().collect())
        })
    }

    fn of_wishes<'a>(&'a self, wishes: &'a [Wish]) -> Kept<'a, Vec<Entry>> {
        Box::pin(async move {
            let wishes: BTreeSet<&Wish> = wishes.iter().collect();
            let state = self.state();
            Ok(wishes.into_iter().filter_map(|wish| state.entries.get(wish)).cloned().collect())
        })
    }

    fn page<'a>(
        &'a self,
        mapping: &'a str,
        after: Option<&'a Wish>,
        limit: usize,
    ) -> Kept<'a, Vec<Entry>> {
        Box::pin(
            async move { Ok(self.state().after(mapping, after).take(limit).cloned().collect()) },
        )
    }

    fn of_sequences<'a>(
        &'a self,
        mapping: &'a str,
        sequences: &'a [String],
    ) -> Kept<'a, Vec<Entry>> {
        Box::pin(async move { Ok(self.state().of_sequences(mapping, sequences)) })
    }

    fn owing<'a>(
        &'a self,
        mapping: &'a str,
        after: Option<&'a Wish>,
        limit: usize,
    ) -> Kept<'a, Vec<Entry>> {
        let owes =
            |entry: &&Entry| entry.action.as_ref().is_some_and(|action| !action.owed.is_empty());
        Box::pin(async move {
            let state = self.state();
            Ok(state.after(mapping, after).filter(owes).take(limit).cloned().collect())
        })
    }

    fn intend<'a>(&'a self, intents: &'a [Intent]) -> Kept<'a, ()> {
        Box::pin(async move { self.state().intend(intents) })
    }

    fn settle<'a>(&'a self, settlements: &'a [Settlement]) -> Kept<'a, ()> {
        Box::pin(async move {
            self.state().settle(settlements);
            Ok(())
        })
    }

    fn unsettled<'a>(&'a self, mapping: &'a str) -> Kept<'a, Vec<Intent>> {
        Box::pin(async move { Ok(self.state().unsettled(mapping)) })
    }

    fn marks<'a>(&'a self, mapping: &'a str) -> Kept<'a, Marks> {
        Box::pin(async move { Ok(self.state().marks.get(mapping).cloned().unwrap_or_default()) })
    }

    fn set_marks<'a>(&'a self, mapping: &'a str, marks: &'a Marks) -> Kept<'a, ()> {
        Box::pin(async move {
            // No marks and no line are the same thing, also to `rename_mapping`.
            if marks.is_empty() {
                self.state().marks.remove(mapping);
            } else {
                self.state().marks.insert(mapping.to_owned(), marks.clone());
            }
            Ok(())
        })
    }

    fn begin_run<'a>(&'a self, run: &'a Run) -> Kept<'a, RunId> {
        Box::pin(async move {
            let mut state = self.state();
            let latest = state.runs.last().map_or(0, |past| past.id.0);
            let id = RunId(latest.saturating_add(1));
            state.runs.push(PastRun { id, run: run.clone(), summary: None });
            Ok(id)
        })
    }

    fn end_run<'a>(&'a self, run: RunId, summary: &'a str) -> Kept<'a, ()> {
        Box::pin(async move {
            if let Some(past) = self.state().runs.iter_mut().find(|past| past.id == run) {
                past.summary = Some(summary.to_owned());
            }
            Ok(())
        })
    }

    fn runs(&self, limit: usize) -> Kept<'_, Vec<PastRun>> {
        Box::pin(async move { Ok(self.state().runs.iter().rev().take(limit).cloned().collect()) })
    }

    fn rename_mapping<'a>(&'a self, was: &'a str, is: &'a str) -> Kept<'a, ()> {
        Box::pin(async move { self.state().rename_mapping(was, is) })
    }

    fn rename_resource<'a>(&'a self, mapping: &'a str, was: &'a str, is: &'a str) -> Kept<'a, ()> {
        Box::pin(async move { self.state().rename_resource(mapping, was, is) })
    }
}
