//! Write-back: what actions owe to the source, and what the source is told of those that failed.
//!
//! A step of its own, with its own place in the ledger: what is owed stays there until it is
//! written, so that a refusal here is tried again by the next run and never repeats an action.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    ApplyError,
    notes::Note,
    report::{RefusedBack, WrittenBack},
    results::{find, results},
};
use crate::{
    connector::{CallError, Class, Outcome, Target, Verb, Write},
    ledger::{Action, Entry, Owed, OwedValue, Settlement, Wish},
    plan::{Json, World, digest, in_flight, wait_before_next},
};

/// Entries in one look over what is owed.
const ENTRIES_PER_PAGE: usize = 200;
/// The name that stands in the wishes of what was written to the source.
const WRITE_BACK: &str = "write_back";

/// A record of the source: its object and its id.
type Record = (String, String);

/// Writes what the actions of a mapping owe to the source, and then notes.
///
/// # Errors
/// [`ApplyError::Ledger`] when the ledger fails. A write that does not work is part of the report.
pub(super) async fn write_back(
    world: &World<'_>,
    mapping: &str,
    notes: Vec<Note>,
) -> Result<WrittenBack, ApplyError> {
    let mut step = Step { world, mapping, report: WrittenBack::default() };
    step.owing().await?;
    step.notes(notes).await?;
    Ok(step.report)
}

struct Step<'a> {
    world: &'a World<'a>,
    mapping: &'a str,
    report: WrittenBack,
}

/// One record that is to be written.
struct Pending {
    record: Record,
    fields: Vec<(String, Json)>,
}

impl Step<'_> {
    /// Writes what is owed, whole sequences at a time: where two actions owe a value to one field,
    /// that of the later one is right.
    async fn owing(&mut self) -> Result<(), ApplyError> {
        let (ledger, mut after) = (self.world.ledger, None::<Wish>);
        let mut seen: HashSet<String> = HashSet::new();
        loop {
            let page = ledger.owing(self.mapping, after.as_ref(), ENTRIES_PER_PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.wish.clone());
            let sequences = page.iter().filter_map(|entry| entry.action.as_ref());
            let sequences: BTreeSet<String> =
                sequences.map(|action| action.sequence.clone()).collect();
            let sequences: Vec<String> =
                sequences.into_iter().filter(|name| seen.insert(name.clone())).collect();
            let mut entries = ledger.of_sequences(self.mapping, &sequences).await?;
            entries.retain(|entry| owed(entry).next().is_some());
            self.learn(&mut entries).await?;
            self.entries(entries).await?;
        }
    }

    /// Puts what the target tells of the actions now into their entries.
    async fn learn(&mut self, entries: &mut [Entry]) -> Result<(), ApplyError> {
        let mut objects: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| takes_result(entry)) {
            objects.entry(entry.object.clone()).or_default().push(at);
        }
        for (object, places) in objects {
            let of = |at: &usize| entries.get(*at).map(|entry| entry.target_id.clone());
            let numbers: Vec<String> = places.iter().filter_map(of).collect();
            // What cannot be told now is taken from what was answered when the action was sent.
            let told = results(self.world, &object, &numbers).await.unwrap_or_default();
            for (at, told) in places.into_iter().zip(told) {
                if let (Some(entry), Some(told)) = (entries.get_mut(at), told) {
                    entry.result = told;
                }
            }
        }
        Ok(())
    }

    /// Writes what entries owe, in the order of their effect, and settles what was written.
    async fn entries(&mut self, entries: Vec<Entry>) -> Result<(), ApplyError> {
        let mut pending = Merging::default();
        for entry in &entries {
            for owed in owed(entry) {
                let value = |(name, value): &(String, OwedValue)| match value {
                    OwedValue::Json(text) => {
                        (name.clone(), Json::new(text).unwrap_or_else(Json::null))
                    }
                    OwedValue::Result(path) => (name.clone(), find(&entry.result, path)),
                };
                let record = (owed.object.clone(), owed.id.clone());
                pending.add(record, owed.fields.iter().map(value).collect());
            }
        }
        let written = self.write(&pending.0).await;
        let settlements: Vec<Settlement> = entries
            .into_iter()
            .filter(|entry| owed(entry).any(|owed| written.contains(&of(owed))))
            .map(|entry| Settlement::Holds(cleared(entry, &written)))
            .chain(self.told(&pending.0, &written).await?)
            .collect();
        if settlements.is_empty() {
            return Ok(());
        }
        Ok(self.world.ledger.settle(&settlements).await?)
    }

    /// What earlier notes have left in records that are written now: the ledger learns what is
    /// there instead, so that the same note is written again when it is true again.
    async fn told(
        &self,
        pending: &[Pending],
        written: &HashSet<Record>,
    ) -> Result<Vec<Settlement>, ApplyError> {
        let pending: Vec<&Pending> =
            pending.iter().filter(|one| written.contains(&one.record)).collect();
        let wishes: Vec<Wish> = pending.iter().map(|one| self.wish(&one.record)).collect();
        let mut known = self.known(&wishes).await?;
        let mut settlements = Vec::new();
        for (wish, one) in wishes.iter().zip(pending) {
            let Some(mut entry) = known.remove(wish) else { continue };
            let mut digests = entry.digests.clone();
            for (name, json) in &one.fields {
                if let (Some(slot), Some(now)) = (digests.get_mut(name), digest(json.text())) {
                    *slot = now;
                }
            }
            if digests != entry.digests {
                entry.digests = digests;
                settlements.push(Settlement::Holds(entry));
            }
        }
        Ok(settlements)
    }

    /// Writes notes, each once: what an earlier run wrote is not written again.
    async fn notes(&mut self, notes: Vec<Note>) -> Result<(), ApplyError> {
        let mut pending = Merging::default();
        let mut records: HashMap<Record, String> = HashMap::new();
        for note in notes {
            let record = (note.object, note.id);
            records.entry(record.clone()).or_insert(note.record);
            pending.add(record, note.fields);
        }
        for chunk in pending.0.chunks(ENTRIES_PER_PAGE) {
            self.note(chunk, &records).await?;
        }
        Ok(())
    }

    async fn note(
        &mut self,
        pending: &[Pending],
        records: &HashMap<Record, String>,
    ) -> Result<(), ApplyError> {
        let wishes: Vec<Wish> = pending.iter().map(|one| self.wish(&one.record)).collect();
        let known = self.known(&wishes).await?;
        let mut new = Vec::new();
        for (wish, one) in wishes.into_iter().zip(pending) {
            let fields = one.fields.iter();
            let digests: BTreeMap<String, _> = fields
                .filter_map(|(name, json)| Some((name.clone(), digest(json.text())?)))
                .collect();
            let entry = known.get(&wish);
            let same = |(name, digest): (&String, _)| {
                entry.is_some_and(|entry| entry.digests.get(name) == Some(digest))
            };
            if digests.iter().all(same) {
                self.report.unchanged += 1;
                continue;
            }
            let (record, fields) = (one.record.clone(), one.fields.clone());
            let entry = Entry {
                wish,
                record: records.get(&record).cloned().unwrap_or_default(),
                object: record.0.clone(),
                target_id: record.1.clone(),
                parent: None,
                version: 0,
                digests,
                retired: false,
                result: "{}".into(),
                action: None,
            };
            new.push((Pending { record, fields }, entry));
        }
        let (pending, entries): (Vec<_>, Vec<_>) = new.into_iter().unzip();
        let written = self.write(&pending).await;
        let is_written =
            |entry: &Entry| written.contains(&(entry.object.clone(), entry.target_id.clone()));
        let settlements: Vec<Settlement> =
            entries.into_iter().filter(is_written).map(Settlement::Holds).collect();
        if settlements.is_empty() {
            return Ok(());
        }
        Ok(self.world.ledger.settle(&settlements).await?)
    }

    fn wish(&self, (object, id): &Record) -> Wish {
        Wish {
            mapping: self.mapping.to_owned(),
            resource: WRITE_BACK.to_owned(),
            key: format!("{object} {id}"),
        }
    }

    async fn known(&self, wishes: &[Wish]) -> Result<HashMap<Wish, Entry>, ApplyError> {
        let mut known = HashMap::new();
        for chunk in wishes.chunks(ENTRIES_PER_PAGE) {
            let entries = self.world.ledger.of_wishes(chunk).await?;
            known.extend(entries.into_iter().map(|entry| (entry.wish.clone(), entry)));
        }
        Ok(known)
    }

    /// Writes records, and gives those that were written.
    async fn write(&mut self, pending: &[Pending]) -> HashSet<Record> {
        let mut objects: BTreeMap<&str, Vec<&Pending>> = BTreeMap::new();
        for one in pending {
            objects.entry(&one.record.0).or_default().push(one);
        }
        let Some(back) = self.world.back else {
            pending.iter().for_each(|one| {
                let said = "the source of the mapping cannot be written".to_owned();
                self.refuse(&one.record, "no-way-back", said);
            });
            return HashSet::new();
        };
        let mut written = HashSet::new();
        for (object, pending) in objects {
            let limits = back.limits(object);
            let batches = pending.chunks(limits.batch_size_max.max(1));
            let sends = batches.map(|batch| send(self.world, back, batch)).collect();
            for sent in in_flight(limits.calls_in_flight_max, sends).await {
                for (record, refusal) in sent {
                    match refusal {
                        None => {
                            self.report.written += 1;
                            written.insert(record);
                        }
                        Some((code, said)) => self.refuse(&record, &code, said),
                    }
                }
            }
        }
        written
    }

    fn refuse(&mut self, (object, id): &Record, code: &str, said: String) {
        let (object, id, code) = (object.clone(), id.clone(), code.to_owned());
        self.report.refuse(RefusedBack { object, id, code, said });
    }
}

/// Writes to records, each once; fields that are written twice take the later value.
#[derive(Default)]
struct Merging(Vec<Pending>, HashMap<Record, usize>);

impl Merging {
    fn add(&mut self, record: Record, fields: Vec<(String, Json)>) {
        let at = *self.1.entry(record.clone()).or_insert(self.0.len());
        match self.0.get_mut(at) {
            None => self.0.push(Pending { record, fields }),
            Some(pending) => {
                for (name, json) in fields {
                    pending.fields.retain(|(known, _)| *known != name);
                    pending.fields.push((name, json));
                }
            }
        }
    }
}

/// What an entry owes.
fn owed(entry: &Entry) -> impl Iterator<Item = &Owed> {
    entry.action.iter().flat_map(|action| &action.owed)
}

/// Whether something that it owes stands in what the target tells of it.
fn takes_result(entry: &Entry) -> bool {
    let of_result = |(_, value): &(String, OwedValue)| matches!(value, OwedValue::Result(_));
    owed(entry).any(|owed| owed.fields.iter().any(of_result))
}

fn of(owed: &Owed) -> Record {
    (owed.object.clone(), owed.id.clone())
}

/// An entry that no longer owes what was written.
fn cleared(entry: Entry, written: &HashSet<Record>) -> Entry {
    let clear = |mut action: Box<Action>| {
        action.owed.retain(|owed| !written.contains(&of(owed)));
        action
    };
    Entry { action: entry.action.map(clear), ..entry }
}

/// A record, and why it was not written.
type Sent = (Record, Option<(String, String)>);

/// Writes one batch. To write the same values once more does no harm, so a call whose answer was
/// lost is simply made again.
async fn send(world: &World<'_>, back: &dyn Target, batch: &[&Pending]) -> Vec<Sent> {
    let (mut open, mut done): (Vec<&Pending>, Vec<Sent>) = (batch.to_vec(), Vec::new());
    let mut tried = 0;
    while !open.is_empty() {
        tried += 1;
        let writes: Vec<Write> = open.iter().map(|one| write(one)).collect();
        let answer = back.write(&writes).await;
        let retry_after = answer.as_ref().err().and_then(|failure| failure.retry_after);
        let wait = wait_before_next(tried, retry_after);
        let outcomes = match answer {
            Ok(outcomes) if outcomes.len() == open.len() => outcomes,
            Ok(outcomes) => {
                let said = format!("{} answers to {} writes", outcomes.len(), open.len());
                vec![refused("answers", said, true); open.len()]
            }
            Err(failure) => vec![of_failure(&failure); open.len()],
        };
        let mut again = Vec::new();
        for (one, outcome) in open.into_iter().zip(outcomes) {
            match outcome {
                Outcome::Done { .. } => done.push((one.record.clone(), None)),
                Outcome::Refused { passing: true, .. } if wait.is_some() => again.push(one),
                Outcome::Refused { code, said, .. } => {
                    done.push((one.record.clone(), Some((code, said))));
                }
            }
        }
        if let (Some(wait), false) = (wait, again.is_empty()) {
            world.clock.sleep(wait).await;
        }
        open = again;
    }
    done
}

fn of_failure(failure: &CallError) -> Outcome {
    let passing = matches!(failure.class, Class::Wait | Class::UnknownFate);
    let (code, said) = failure.told();
    refused(&code, said, passing)
}

fn refused(code: &str, said: String, passing: bool) -> Outcome {
    Outcome::Refused { code: code.to_owned(), said, passing }
}

fn write(pending: &Pending) -> Write {
    let (object, id) = pending.record.clone();
    let members = pending.fields.iter().map(|(name, json)| (name.as_str(), json.text()));
    let body = Json::of_members(members).text().to_owned();
    Write { object, verb: Verb::Update { id, before: "{}".into() }, body }
}
