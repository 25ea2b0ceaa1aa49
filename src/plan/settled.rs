//! What took effect before: the settled actions of the sequences and records of a page.

use std::collections::{BTreeSet, HashMap, HashSet, hash_map::Entry as Slot};

use super::{PlanError, action::RowChange, world::Sequenced};
use crate::{
    ledger::{Action, Entry, Intent, Ledger, Wish},
    program::{Draft, Known, KnownAction},
};

/// Sequences or records in one question to the ledger; a store may have a limit on parameters.
const ASKED_PER_QUESTION: usize = 500;

/// The settled actions that matter for a page, in the order of their effect within a sequence.
#[derive(Default)]
pub(super) struct Settled {
    entries: Vec<Entry>,
    by_wish: HashMap<Wish, usize>,
    by_sequence: HashMap<String, Vec<usize>>,
    by_record: HashMap<String, Vec<usize>>,
    asked: HashSet<String>,
}

/// Writes of earlier runs whose fate is not known.
#[derive(Debug, Default)]
pub(super) struct InDoubt {
    /// What they are for.
    pub wishes: HashSet<Wish>,
    /// The sequences of those that are actions.
    pub sequences: HashSet<String>,
    /// The source rows that those would consume that are actions.
    pub rows: HashSet<String>,
}

impl InDoubt {
    /// What is in doubt among intents that are not settled.
    pub(super) fn of(intents: &[Intent]) -> Self {
        let mut all = Self::default();
        for intent in intents {
            all.wishes.insert(intent.wish.clone());
            if let Some(action) = &intent.action {
                all.sequences.insert(action.sequence.clone());
                all.rows.extend(action.rows.keys().cloned());
            }
        }
        all
    }
}

impl Settled {
    /// Those of the records of a page, and of their sequences.
    pub(super) async fn load(
        ledger: &dyn Ledger,
        mapping: &str,
        page: &[Sequenced],
    ) -> Result<Self, PlanError> {
        let mut settled = Self::default();
        let sequences = page.iter().flat_map(|one| one.sequences.iter().cloned());
        settled.load_sequences(ledger, mapping, sequences).await?;
        let records: Vec<String> = page.iter().map(|one| one.record.clone()).collect();
        for chunk in records.chunks(ASKED_PER_QUESTION) {
            let entries = ledger.of_records(mapping, chunk).await?;
            entries.into_iter().for_each(|entry| settled.add(entry));
        }
        Ok(settled)
    }

    /// Adds those of sequences that were not asked for before.
    pub(super) async fn load_sequences(
        &mut self,
        ledger: &dyn Ledger,
        mapping: &str,
        sequences: impl Iterator<Item = String>,
    ) -> Result<(), PlanError> {
        let new: BTreeSet<String> =
            sequences.filter(|sequence| !self.asked.contains(sequence)).collect();
        let new: Vec<String> = new.into_iter().collect();
        for chunk in new.chunks(ASKED_PER_QUESTION) {
            let entries = ledger.of_sequences(mapping, chunk).await?;
            entries.into_iter().for_each(|entry| self.add(entry));
        }
        self.asked.extend(new);
        Ok(())
    }

    fn add(&mut self, entry: Entry) {
        let Some(action) = &entry.action else { return };
        let at = self.entries.len();
        match self.by_wish.entry(entry.wish.clone()) {
            Slot::Occupied(_) => return,
            Slot::Vacant(slot) => slot.insert(at),
        };
        self.by_sequence.entry(action.sequence.clone()).or_default().push(at);
        self.by_record.entry(entry.record.clone()).or_default().push(at);
        self.entries.push(entry);
    }

    fn at(&self, places: &[usize]) -> impl Iterator<Item = (&Entry, &Action)> {
        let entries = places.iter().filter_map(|at| self.entries.get(*at));
        entries.filter_map(|entry| Some((entry, entry.action.as_deref()?)))
    }

    /// Those of a sequence, in the order of their effect.
    pub(super) fn of_sequence(&self, sequence: &str) -> impl Iterator<Item = (&Entry, &Action)> {
        self.at(self.by_sequence.get(sequence).map_or(&[][..], Vec::as_slice))
    }

    /// Those of a record, whatever their sequence, and those of some sequences.
    fn of<'a>(
        &self,
        record: &str,
        sequences: impl IntoIterator<Item = &'a str>,
    ) -> impl Iterator<Item = (&Entry, &Action)> {
        let of_record = self.by_record.get(record).into_iter().flatten();
        let of_sequences = sequences.into_iter().filter_map(|one| self.by_sequence.get(one));
        // The places grow in the order of the effect.
        let places: BTreeSet<usize> = of_record.chain(of_sequences.flatten()).copied().collect();
        let places: Vec<usize> = places.into_iter().collect();
        places.into_iter().flat_map(|at| self.at(&[at]).collect::<Vec<_>>())
    }

    fn of_all(&self, of: &Sequenced) -> impl Iterator<Item = (&Entry, &Action)> {
        self.of(&of.record, of.sequences.iter().map(String::as_str))
    }

    /// What an evaluation is told. Where the record has one sequence, all that it did counts for
    /// that, also what it did under another name.
    pub(super) fn known(&self, of: &Sequenced) -> Known {
        let mut names = of.sequences.iter();
        let only = names.next().filter(|_| names.next().is_none());
        let known = |(entry, action): (&Entry, &Action)| KnownAction {
            record: entry.record.clone(),
            sequence: only.unwrap_or(&action.sequence).clone(),
            kind: action.kind.clone(),
            day: action.day.clone(),
            rows: action.rows.keys().cloned().collect(),
            result: entry.result.clone(),
        };
        Known { actions: self.of_all(of).map(known).collect() }
    }

    /// The entry of an action.
    pub(super) fn entry(&self, wish: &Wish) -> Option<&Entry> {
        self.entries.get(*self.by_wish.get(wish)?)
    }

    /// The number of the action that consumed a row of a record or a sequence.
    pub(super) fn consumer(&self, record: &str, sequence: &str, row: &str) -> Option<String> {
        let mut all = self.of(record, [sequence]);
        let consumer = all.find(|(_, action)| action.rows.contains_key(row));
        consumer.map(|(entry, _)| entry.target_id.clone())
    }

    /// Rows of a record that are not as they were when an action consumed them. A field that was
    /// not read then says nothing.
    pub(super) fn changed(&self, draft: &Draft, of: &Sequenced) -> Vec<RowChange> {
        let mut changed = Vec::new();
        for (entry, action) in self.of_all(of) {
            for row in &draft.rows {
                let Some(then) = action.rows.get(&row.id) else { continue };
                let differs =
                    |(name, now): &&(String, _)| then.get(name).is_some_and(|then| then != now);
                let fields: Vec<String> =
                    row.fields.iter().filter(differs).map(|(name, _)| name.clone()).collect();
                if !fields.is_empty() {
                    let number = entry.target_id.clone();
                    changed.push(RowChange { row: row.id.clone(), fields, number });
                }
            }
        }
        changed
    }
}
