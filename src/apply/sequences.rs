//! Sequences of actions while they go: what is settled, what failed, and what a plan did not know.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    ApplyError,
    report::{Fate, Fault, STALE},
};
use crate::{
    ledger::{Entry, Intent},
    plan::{Change, PlannedAction, WishId, World},
    value::Fingerprint,
};

/// Sequences or records in one question to the ledger; a store may have a limit on parameters.
const ASKED_PER_QUESTION: usize = 500;

/// What is known of sequences during a run.
pub(super) struct SequencesNow {
    /// Sequences with an action whose fate is not known.
    in_doubt: HashSet<String>,
    /// Rows that such actions would consume.
    rows_in_doubt: HashSet<String>,
    /// How many actions this run has settled, by sequence.
    settled: HashMap<String, u64>,
    /// What was not done, as messages name it, and what became of it.
    failed: HashMap<Fingerprint, (String, Fate)>,
}

/// Actions that may not go, and why.
pub(super) type Stale = HashMap<Fingerprint, (Fate, Fault)>;

impl SequencesNow {
    /// What earlier runs have left open.
    pub fn new(unsettled: &[Intent]) -> Self {
        let actions = || unsettled.iter().filter_map(|one| one.action.as_ref());
        Self {
            in_doubt: actions().map(|action| action.sequence.clone()).collect(),
            rows_in_doubt: actions().flat_map(|action| action.rows.keys().cloned()).collect(),
            settled: HashMap::new(),
            failed: HashMap::new(),
        }
    }

    /// Notes an action that took effect.
    pub fn settle(&mut self, change: &Change) {
        if let Some(action) = &change.action {
            *self.settled.entry(action.sequence.clone()).or_default() += 1;
        }
    }

    /// Notes an action that was not done.
    pub fn fail(&mut self, change: &Change, fate: Fate) {
        if let Some(action) = &change.action {
            self.failed.insert(change.wish.fingerprint(), (action.named(), fate));
        }
    }

    /// An action that was not done, as messages name it, and what became of it.
    pub fn named(&self, wish: &WishId) -> Option<(&str, Fate)> {
        let (named, fate) = self.failed.get(&wish.fingerprint())?;
        Some((named, *fate))
    }

    /// Which of these changes the ledger no longer fits.
    pub async fn stale(&self, world: &World<'_>, changes: &[Change]) -> Result<Stale, ApplyError> {
        let actions = || changes.iter().filter_map(|one| Some((one, one.action.as_deref()?)));
        let Some((first, _)) = actions().next() else { return Ok(Stale::new()) };
        let known = Known::load(world, &first.wish.mapping, &actions().collect::<Vec<_>>()).await?;
        let judge = |(change, action): (&Change, &PlannedAction)| {
            let why = self.why_stale(action, &known)?;
            Some((change.wish.fingerprint(), why))
        };
        Ok(actions().filter_map(judge).collect())
    }

    fn why_stale(&self, action: &PlannedAction, known: &Known) -> Option<(Fate, Fault)> {
        let in_doubt = self.in_doubt.contains(&action.sequence)
            || action.rows.keys().any(|row| self.rows_in_doubt.contains(row));
        if in_doubt {
            return Some((Fate::Blocked, fault_in_doubt(action)));
        }
        if let Some((row, number)) = known.consumed(action) {
            let said = format!("the row {row} was consumed by `{number}` since the plan was made");
            return Some((Fate::Failed, fault_stale(said)));
        }
        let own = self.settled.get(&action.sequence).copied().unwrap_or(0);
        let (now, then) = (known.settled(&action.sequence), action.settled_before);
        (now != then.saturating_add(own)).then(|| {
            let sequence = &action.sequence;
            let said = format!(
                "`{sequence}` is not as the plan knew it: {then} actions of it had taken effect \
                 then and {own} since by this plan, and there are {now}"
            );
            (Fate::Failed, fault_stale(said))
        })
    }
}

/// What the ledger holds of sequences and records.
#[derive(Default)]
struct Known {
    settled: BTreeMap<String, u64>,
    /// Who consumed a row: the number of the action.
    rows: HashMap<String, String>,
}

impl Known {
    async fn load(
        world: &World<'_>,
        mapping: &str,
        actions: &[(&Change, &PlannedAction)],
    ) -> Result<Self, ApplyError> {
        let mut known = Self::default();
        let sequences: BTreeSet<String> =
            actions.iter().map(|(_, action)| action.sequence.clone()).collect();
        let sequences: Vec<String> = sequences.into_iter().collect();
        for chunk in sequences.chunks(ASKED_PER_QUESTION) {
            for entry in world.ledger.of_sequences(mapping, chunk).await? {
                if let Some(action) = &entry.action {
                    *known.settled.entry(action.sequence.clone()).or_default() += 1;
                }
                known.add_rows(entry);
            }
        }
        let records: BTreeSet<String> =
            actions.iter().map(|(change, _)| change.record.clone()).collect();
        let records: Vec<String> = records.into_iter().collect();
        for chunk in records.chunks(ASKED_PER_QUESTION) {
            let entries = world.ledger.of_records(mapping, chunk).await?;
            entries.into_iter().for_each(|entry| known.add_rows(entry));
        }
        Ok(known)
    }

    fn add_rows(&mut self, entry: Entry) {
        let rows = entry.action.map(|action| action.rows).unwrap_or_default();
        self.rows.extend(rows.into_keys().map(|row| (row, entry.target_id.clone())));
    }

    fn settled(&self, sequence: &str) -> u64 {
        self.settled.get(sequence).copied().unwrap_or(0)
    }

    /// A row of an action that another one has consumed, and the number of that one.
    fn consumed(&self, action: &PlannedAction) -> Option<(String, String)> {
        let mut rows = action.rows.keys();
        rows.find_map(|row| Some((row.clone(), self.rows.get(row)?.clone())))
    }
}

/// What is said of an action that waits for one that was not done.
pub(super) fn held_back(action: &PlannedAction, need: &WishId, by: Option<(&str, Fate)>) -> Fault {
    let (by, became) = match by {
        Some((named, Fate::Failed)) => (named.to_owned(), "failed"),
        Some((named, Fate::InDoubt)) => (named.to_owned(), "is in doubt"),
        Some((named, _)) => (named.to_owned(), "is held back itself"),
        None => (need.to_string(), "was not made"),
    };
    Fault {
        code: "held-back".into(),
        said: format!("{by} comes before it in `{}` and {became}", action.sequence),
        next_step: format!("see why {by} {became}; this one goes after it"),
    }
}

fn fault_stale(said: String) -> Fault {
    Fault { code: STALE.into(), said, next_step: "plan again".into() }
}

fn fault_in_doubt(action: &PlannedAction) -> Fault {
    Fault {
        code: "in-doubt".into(),
        said: format!("an earlier action of `{}` has no known fate", action.sequence),
        next_step: "run again when the target answers; it is looked up there first".into(),
    }
}
