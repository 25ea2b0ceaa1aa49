//! The report of a run: both accounts closed, and every failure with its next step.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::plan::{
    Change, Decision, Footer, Kind, Place, RecordFate, RecordLine, Totals, Trouble, Unbalanced,
    close,
};

/// The format of a report.
pub const REPORT_FORMAT: u32 = 1;
/// Failures that a report lists; further ones are counted. A plan names them all.
pub const FAILURES_MAX: usize = 1_000;

/// What a run did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The format, [`REPORT_FORMAT`].
    #[serde(rename = "crosswalk-report")]
    pub format: u32,
    /// The mapping.
    pub mapping: String,
    /// The accounts of the plan.
    pub planned: Totals,
    /// What became of writes of earlier runs whose fate was not known.
    pub recovered: Recovered,
    /// What became of all drafts; the sum is the number of drafts.
    pub fates: BTreeMap<Fate, u64>,
    /// The same by resource.
    pub resources: BTreeMap<String, BTreeMap<Fate, u64>>,
    /// The actions by what they do.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub actions: BTreeMap<String, BTreeMap<Fate, u64>>,
    /// How many writes took effect.
    pub written: u64,
    /// What was written to the source, where the mapping writes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_back: Option<WrittenBack>,
    /// The profile of target rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// What was not done, and why.
    pub failures: Vec<Failure>,
    /// Failures beyond [`FAILURES_MAX`].
    pub failures_not_listed: u64,
    /// Records that break a rule of the mapping; at most [`FAILURES_MAX`], and counted in full by
    /// the plan.
    pub rejected: Vec<RecordLine>,
}

/// What became of a draft in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Made.
    Created,
    /// Changed.
    Updated,
    /// Already as wished for.
    Unchanged,
    /// Found in the target and taken over.
    Adopted,
    /// Retired.
    Retired,
    /// Wished for by two records alike.
    Merged,
    /// Actions that were sent and took effect.
    Sent,
    /// Actions that had taken effect before.
    Settled,
    /// Actions that are only previewed, and were.
    Previewed,
    /// In conflict; nothing was sent.
    Conflict,
    /// Held back; nothing was sent.
    Blocked,
    /// The target or the ledger refused it.
    Failed,
    /// It was sent, and nobody knows whether it took effect. The next run looks it up.
    InDoubt,
    /// The run ended before its turn came.
    Unreached,
}

/// Something that was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// What became of it.
    pub fate: Fate,
    /// The source record.
    pub record: String,
    /// How a person knows the record.
    pub label: Option<String>,
    /// The resource.
    pub resource: String,
    /// The key.
    pub key: String,
    /// The field, where it is about one.
    pub field: Option<String>,
    /// The code of the service, or the rule of ours.
    pub code: String,
    /// What is the matter.
    pub said: String,
    /// Where the mapping says so.
    pub place: Place,
    /// What to do next.
    pub next_step: String,
    /// Other source records in it.
    pub records: Vec<String>,
    /// How many further ones there are.
    pub more_records: u64,
    /// Objects of the target in it.
    pub targets: Vec<String>,
}

/// What became of writes of earlier runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Recovered {
    /// They had taken effect.
    pub took_effect: u64,
    /// They had not.
    pub dropped: u64,
    /// It is still not known.
    pub in_doubt: u64,
}

/// What became of writes to the source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WrittenBack {
    /// Records that were written.
    pub written: u64,
    /// Records that hold what is to be written already, as an earlier run wrote it.
    pub unchanged: u64,
    /// Records that were not written; the next run tries them again, and repeats no action.
    pub refused: u64,
    /// Why, record by record; at most [`FAILURES_MAX`].
    pub refusals: Vec<RefusedBack>,
}

/// A record of the source that was not written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedBack {
    /// The object.
    pub object: String,
    /// The id.
    pub id: String,
    /// The code of the service, or the rule of ours.
    pub code: String,
    /// What is the matter.
    pub said: String,
}

impl WrittenBack {
    /// Whether anything was to be written.
    pub(super) fn is_something(&self) -> bool {
        self.written + self.unchanged + self.refused > 0
    }

    /// Notes a record that was not written.
    pub(super) fn refuse(&mut self, refusal: RefusedBack) {
        self.refused += 1;
        if self.refusals.len() < FAILURES_MAX {
            self.refusals.push(refusal);
        }
    }
}

/// The code of what does not fit the ledger any more: the plan is old, and nothing has failed.
pub(super) const STALE: &str = "stale";

/// A fault with a code, what was said, and what to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fault {
    pub code: String,
    pub said: String,
    pub next_step: String,
}

impl From<Kind> for Fate {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Created => Self::Created,
            Kind::Updated => Self::Updated,
            Kind::Unchanged => Self::Unchanged,
            Kind::Adopted => Self::Adopted,
            Kind::Retired => Self::Retired,
            Kind::Merged => Self::Merged,
            Kind::Sent => Self::Sent,
            Kind::Settled => Self::Settled,
            Kind::Previewed => Self::Previewed,
            Kind::Conflict => Self::Conflict,
            Kind::Blocked => Self::Blocked,
        }
    }
}

impl Report {
    /// A report of a run that has done nothing yet.
    pub(super) fn new(mapping: &str, footer: &Footer, recovered: Recovered) -> Self {
        Self {
            format: REPORT_FORMAT,
            mapping: mapping.to_owned(),
            planned: footer.totals.clone(),
            recovered,
            fates: BTreeMap::new(),
            resources: BTreeMap::new(),
            actions: BTreeMap::new(),
            written: 0,
            write_back: None,
            profile: None,
            failures: Vec::new(),
            failures_not_listed: 0,
            rejected: Vec::new(),
        }
    }

    /// How many drafts ended so.
    pub fn count(&self, fate: Fate) -> u64 {
        self.fates.get(&fate).copied().unwrap_or(0)
    }

    /// Whether everything that was wished for is so now.
    pub fn is_clean(&self) -> bool {
        let unwritten = self.write_back.as_ref().is_some_and(|back| back.refused > 0);
        self.leaves_nothing_open() && self.planned.records.rejected.is_empty() && !unwritten
    }

    /// Whether no record has to be looked at again before it changes.
    pub fn leaves_nothing_open(&self) -> bool {
        let open = [Fate::Conflict, Fate::Blocked, Fate::Failed, Fate::InDoubt, Fate::Unreached];
        open.iter().all(|fate| self.count(*fate) == 0)
    }

    /// Checks that both accounts close.
    ///
    /// # Errors
    /// [`Unbalanced`] for the first that does not: a fault of this program.
    pub fn check(&self) -> Result<(), Unbalanced> {
        self.planned.check()?;
        close("drafts after the run", self.planned.drafts.drafts, self.fates.values().sum())
    }

    /// Counts a draft that ended as it was planned.
    pub(super) fn as_planned(&mut self, change: &Change) {
        let fate = Fate::from(change.decision.kind());
        self.add(change, fate);
        self.written += u64::from(change.decision.writes());
        if let Decision::Conflict(trouble) | Decision::Blocked(trouble) = &change.decision {
            self.list(of_trouble(change, fate, trouble));
        }
    }

    /// Counts a draft that ended otherwise.
    pub(super) fn otherwise(&mut self, change: &Change, fate: Fate, fault: Fault) {
        self.add(change, fate);
        let Fault { code, said, next_step } = fault;
        let trouble = Trouble { rule: code, what: said, way_out: next_step, ..Trouble::default() };
        self.list(of_trouble(change, fate, &trouble));
    }

    /// Lists the rejected ones among records.
    pub(super) fn reject(&mut self, records: Vec<RecordLine>) {
        let rejected = records.into_iter().filter(|r| matches!(r.fate, RecordFate::Rejected(_)));
        let room = FAILURES_MAX.saturating_sub(self.rejected.len());
        self.rejected.extend(rejected.take(room));
    }

    /// Counts a draft whose turn never came.
    pub(super) fn unreached(&mut self, change: &Change) {
        let acts = change.decision.writes() || change.decision.makes();
        let settles = matches!(change.decision, Decision::Retire(_) | Decision::Preview);
        if acts || settles { self.add(change, Fate::Unreached) } else { self.as_planned(change) }
    }

    fn add(&mut self, change: &Change, fate: Fate) {
        *self.fates.entry(fate).or_default() += 1;
        let resource = self.resources.entry(change.wish.resource.clone()).or_default();
        *resource.entry(fate).or_default() += 1;
        if let Some(action) = &change.action {
            let of_kind = self.actions.entry(action.kind.clone()).or_default();
            *of_kind.entry(fate).or_default() += 1;
        }
    }

    fn list(&mut self, failure: Failure) {
        if self.failures.len() < FAILURES_MAX {
            self.failures.push(failure);
        } else {
            self.failures_not_listed += 1;
        }
    }
}

fn of_trouble(change: &Change, fate: Fate, trouble: &Trouble) -> Failure {
    Failure {
        fate,
        record: change.record.clone(),
        label: change.label.clone(),
        resource: change.wish.resource.clone(),
        key: change.wish.key.clone(),
        field: trouble.field.clone(),
        code: trouble.rule.clone(),
        said: trouble.what.clone(),
        place: trouble.place.clone().unwrap_or_else(|| change.place.clone()),
        next_step: trouble.way_out.clone(),
        records: trouble.records.clone(),
        more_records: trouble.more_records,
        targets: trouble.targets.clone(),
    }
}
