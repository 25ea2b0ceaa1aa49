//! Carrying out segments: waves of what is ready, and what has to wait for a later segment.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    ApplyError,
    notes::Note,
    previewing,
    ready::{NotReady, Ready, fill},
    report::{Fate, Fault, Report, STALE},
    send::{Batch, Gate, send},
    sequences::{SequencesNow, held_back},
};
use crate::{
    ledger::{Entry, Intent, RunId, Settlement, Wish},
    plan::{Change, Decision, Phase, Segment, WishId, World, in_flight, order},
    value::Fingerprint,
};

/// Changes that only the ledger learns of, in one transaction.
const SILENT_PER_BATCH: usize = 200;
/// Wishes in one question to the ledger.
const WISHES_PER_QUESTION: usize = 500;

/// A run that is under way.
pub(super) struct Waves<'a> {
    pub world: &'a World<'a>,
    pub run: RunId,
    pub report: Report,
    /// What was not made or changed, for what needs it.
    failed: HashSet<Fingerprint>,
    /// Objects that were changed, and those that should have been, for what comes after them.
    moved: HashMap<Fingerprint, bool>,
    /// What needs something of a later segment.
    parked: Vec<Change>,
    /// Closed as soon as nothing more may be begun.
    gate: Gate,
    /// Why nothing more is done.
    pub stop: Option<ApplyError>,
    /// How many writes had their turn.
    turns: u64,
    /// What is known of sequences of actions while they go.
    sequences: SequencesNow,
    /// What is written to the source because of what was not done or only previewed.
    pub notes: Vec<Note>,
}

impl<'a> Waves<'a> {
    /// A run that has done nothing yet.
    ///
    /// `unsettled` are writes of earlier runs whose fate is still not known.
    pub fn new(world: &'a World<'a>, run: RunId, report: Report, unsettled: &[Intent]) -> Self {
        let (failed, moved, parked) = (HashSet::new(), HashMap::new(), Vec::new());
        Self {
            world,
            run,
            report,
            failed,
            moved,
            parked,
            gate: Gate::default(),
            stop: None,
            turns: 0,
            sequences: SequencesNow::new(unsettled),
            notes: Vec::new(),
        }
    }

    /// Carries out a segment; after a stop it is only counted.
    pub async fn segment(&mut self, segment: Segment) {
        let acts = |change: &Change| {
            change.decision.writes() || change.decision.makes() || change.decision.settles()
        };
        let (acting, resting): (Vec<_>, Vec<_>) = segment.changes.into_iter().partition(acts);
        let (previewed, resting): (Vec<_>, Vec<_>) =
            resting.into_iter().partition(|change| change.decision == Decision::Preview);
        self.rest(&resting).await;
        self.notes.extend(segment.records.iter().flat_map(Note::of_record));
        self.report.reject(segment.records);
        self.preview(previewed).await;
        let acting = self.unlearn(acting).await;
        self.changes(acting).await;
    }

    /// Counts what is not carried out. What stands in the way of an action is told to the source,
    /// unless the ledger knows better than the plan by now.
    async fn rest(&mut self, resting: &[Change]) {
        let told: Vec<Change> = resting.iter().filter(|c| is_troubled(c)).cloned().collect();
        let stale = match self.sequences.stale(self.world, &told).await {
            Ok(stale) => stale,
            Err(stop) => {
                self.stop.get_or_insert(stop);
                return resting.iter().for_each(|change| self.report.unreached(change));
            }
        };
        for change in resting {
            self.report.as_planned(change);
            if let Decision::Conflict(trouble) | Decision::Blocked(trouble) = &change.decision
                && !stale.contains_key(&change.wish.fingerprint())
            {
                self.notes.extend(Note::of_failure(change, &trouble.what));
            }
        }
    }

    /// Asks what actions would come to that are only previewed.
    async fn preview(&mut self, changes: Vec<Change>) {
        for change in changes {
            if self.stop.is_some() {
                self.report.unreached(&change);
                continue;
            }
            match previewing::preview(self.world, &change).await {
                Ok(notes) => {
                    self.notes.extend(notes);
                    self.report.as_planned(&change);
                }
                Err(fault) => self.end_otherwise(&change, Fate::Failed, fault),
            }
        }
    }

    /// Forgets what was applied to objects that are made again because what they lay within is
    /// gone. Otherwise a run that is killed between the parent and its children would leave the
    /// ledger saying that the children are as they should be.
    async fn unlearn(&mut self, mut changes: Vec<Change>) -> Vec<Change> {
        let remade =
            |change: &Change| change.from_version.is_some() && change.decision == Decision::Create;
        let inner = |change: &Change| remade(change) && change.parent.is_some();
        if self.stop.is_some() || !changes.iter().any(inner) {
            return changes;
        }
        let wishes = changes.iter().filter(|change| inner(change)).map(|change| change.wish.wish());
        let wishes: Vec<Wish> = wishes.collect();
        match unlearn(self.world, &wishes).await {
            Ok(versions) => {
                for change in changes.iter_mut().filter(|change| inner(change)) {
                    let now = versions.get(&change.wish.wish());
                    // One that changed since the plan was made stays stale, and fails alone.
                    if now.copied() == change.from_version {
                        change.from_version = now.map(|version| version + 1);
                    }
                }
            }
            Err(stop) => self.stop = Some(stop),
        }
        changes
    }

    /// Carries out what waited for later segments, until nothing more gets ready.
    pub async fn parked(&mut self) {
        loop {
            let parked = std::mem::take(&mut self.parked);
            let before = parked.len();
            self.changes(parked).await;
            if self.parked.is_empty() {
                return;
            }
            if self.parked.len() == before {
                break;
            }
        }
        for change in std::mem::take(&mut self.parked) {
            match needed(&change).next().cloned() {
                Some(need) => self.hold_back(&change, &need),
                None => self.end_otherwise(&change, Fate::Blocked, not_freed()),
            }
        }
    }

    async fn changes(&mut self, changes: Vec<Change>) {
        let waves = order(&changes);
        let mut left: Vec<Option<Change>> = changes.into_iter().map(Some).collect();
        for wave in waves {
            let wave: Vec<Change> =
                wave.into_iter().filter_map(|at| left.get_mut(at)?.take()).collect();
            self.wave(wave).await;
        }
        for change in left.into_iter().flatten() {
            let fault = Fault {
                code: "circle".into(),
                said: format!("{} needs itself by way of what it refers to", change.wish),
                next_step: "take one of the references out of the mapping".into(),
            };
            self.end_otherwise(&change, Fate::Blocked, fault);
        }
    }

    async fn wave(&mut self, wave: Vec<Change>) {
        if self.stop.is_some() {
            wave.iter().for_each(|change| self.report.unreached(change));
            return;
        }
        let entries = match self.entries(&wave).await {
            Ok(entries) => entries,
            Err(stop) => {
                wave.iter().for_each(|change| self.report.unreached(change));
                self.stop = Some(stop);
                return;
            }
        };
        let wave = self.current(wave).await;
        let ready = self.ready(wave, &entries);
        for (call, group) in by_call(ready) {
            self.send_group(&call, group).await;
        }
    }

    /// Those changes that still fit what is settled. A plan may be older than what another one did
    /// to a sequence, and the rows that it would send may have been sent with others.
    async fn current(&mut self, wave: Vec<Change>) -> Vec<Change> {
        match self.sequences.stale(self.world, &wave).await {
            Ok(stale) => {
                let mut current = Vec::with_capacity(wave.len());
                for change in wave {
                    match stale.get(&change.wish.fingerprint()).cloned() {
                        Some((fate, fault)) => self.end_otherwise(&change, fate, fault),
                        None => current.push(change),
                    }
                }
                current
            }
            Err(stop) => {
                wave.iter().for_each(|change| self.report.unreached(change));
                self.stop = Some(stop);
                Vec::new()
            }
        }
    }

    /// The entries of what these changes need.
    async fn entries(&self, changes: &[Change]) -> Result<HashMap<Wish, Entry>, ApplyError> {
        let needed = changes.iter().flat_map(needed).map(WishId::wish);
        let needed: Vec<Wish> = needed.collect::<HashSet<_>>().into_iter().collect();
        let mut entries = HashMap::new();
        for chunk in needed.chunks(WISHES_PER_QUESTION) {
            let found = self.world.ledger.of_wishes(chunk).await?;
            entries.extend(found.into_iter().map(|entry| (entry.wish.clone(), entry)));
        }
        Ok(entries)
    }

    /// Those that can be sent now; the others are parked or held back.
    fn ready(&mut self, wave: Vec<Change>, entries: &HashMap<Wish, Entry>) -> Vec<Ready> {
        let mut all = Vec::with_capacity(wave.len());
        for change in wave {
            let failed = needed(&change).find(|need| self.failed.contains(&need.fingerprint()));
            if let Some(need) = failed.cloned() {
                self.hold_back(&change, &need);
                continue;
            }
            match self.freed(&change) {
                Some(true) => {}
                Some(false) => {
                    self.end_otherwise(&change, Fate::Blocked, not_freed());
                    continue;
                }
                None => {
                    self.parked.push(change);
                    continue;
                }
            }
            match fill(&change, entries) {
                Ok((body, lookup)) => all.push(Ready { change, body, lookup }),
                Err(NotReady::Waits(_)) => self.parked.push(change),
                Err(NotReady::Lacks(need, field)) => {
                    let fault = Fault {
                        code: "answer-lacks-field".into(),
                        said: format!("what the target answered for {need} has no `{field}`"),
                        next_step: "refer to another field".into(),
                    };
                    self.end_otherwise(&change, Fate::Blocked, fault);
                }
            }
        }
        all
    }

    /// Whether what a change takes has been given free; `None` where that has not been tried yet.
    fn freed(&self, change: &Change) -> Option<bool> {
        let after = change.after.iter().filter_map(|text| Fingerprint::parse(text));
        let states: Vec<_> = after.map(|wish| self.moved.get(&wish).copied()).collect();
        if states.contains(&Some(false)) {
            return Some(false);
        }
        states.iter().all(Option::is_some).then_some(true)
    }

    fn hold_back(&mut self, change: &Change, need: &WishId) {
        let fault = if let Some(action) = &change.action {
            held_back(action, need, self.sequences.named(need))
        } else {
            Fault {
                code: "needs".into(),
                said: format!("it needs {need}, which was not made"),
                next_step: format!("see why {need} was not made"),
            }
        };
        self.end_otherwise(change, Fate::Blocked, fault);
    }

    fn end_otherwise(&mut self, change: &Change, fate: Fate, fault: Fault) {
        if change.decision.moves() {
            self.moved.insert(change.wish.fingerprint(), false);
        }
        self.sequences.fail(change, fate);
        if change.target_id.is_none() || change.from_version.is_none() {
            self.failed.insert(change.wish.fingerprint());
        }
        // That a plan is old is no failure of the record, and is not told to its owner.
        if fault.code != STALE {
            self.notes.extend(Note::of_failure(change, &fault.said));
        }
        self.report.otherwise(change, fate, fault);
    }

    /// Sends changes of one object and one verb, several batches at the same time.
    async fn send_group(&mut self, call: &Call, group: Vec<Ready>) {
        let (size, most) = match call {
            Call::Silent => (SILENT_PER_BATCH, 1),
            Call::Create(object) | Call::Update(object) => {
                let limits = self.world.target.limits(object);
                (limits.batch_size_max.max(1), limits.calls_in_flight_max.max(1))
            }
        };
        let mut waiting = group.into_iter().peekable();
        let mut sends = Vec::new();
        while waiting.peek().is_some() {
            let batch: Vec<Ready> = waiting.by_ref().take(size).collect();
            sends.push(send(self.world, self.run, batch, &self.gate));
        }
        let batches = in_flight(most, sends).await;
        batches.into_iter().for_each(|batch| self.take_batch(batch));
    }

    fn take_batch(&mut self, batch: Batch) {
        for sent in batch.sent {
            self.turns += u64::from(sent.ready.change.decision.writes());
            match sent.result {
                Ok(()) => {
                    if sent.ready.change.decision.moves() {
                        self.moved.insert(sent.ready.change.wish.fingerprint(), true);
                    }
                    self.sequences.settle(&sent.ready.change);
                    self.report.as_planned(&sent.ready.change);
                }
                Err((fate, fault)) => self.end_otherwise(&sent.ready.change, fate, fault),
            }
        }
        batch.unreached.iter().for_each(|ready| self.report.unreached(&ready.change));
        self.world.progress.advance(Phase::Apply, self.turns);
        if let Some(stop) = batch.stop {
            self.stop.get_or_insert(stop);
        }
    }
}

/// Whether something stands in the way of an action.
fn is_troubled(change: &Change) -> bool {
    let stopped = matches!(change.decision, Decision::Conflict(_) | Decision::Blocked(_));
    stopped && change.action.is_some()
}

fn not_freed() -> Fault {
    Fault {
        code: "value-not-free".into(),
        said: "another object has kept a value that it should have given free".into(),
        next_step: "see why the other object was not changed, and run again".into(),
    }
}

/// Empties the digests of entries, and gives the versions that they had before.
async fn unlearn(world: &World<'_>, wishes: &[Wish]) -> Result<HashMap<Wish, u64>, ApplyError> {
    let mut versions = HashMap::new();
    for chunk in wishes.chunks(WISHES_PER_QUESTION) {
        let entries = world.ledger.of_wishes(chunk).await?;
        versions.extend(entries.iter().map(|entry| (entry.wish.clone(), entry.version)));
        let emptied = entries.into_iter().map(|entry| Entry { digests: BTreeMap::new(), ..entry });
        let settlements: Vec<_> = emptied.map(Settlement::Holds).collect();
        world.ledger.settle(&settlements).await?;
    }
    Ok(versions)
}

/// What a change needs: its needs, and whatever else it waits for the id of.
fn needed(change: &Change) -> impl Iterator<Item = &WishId> {
    let sent = change.body.iter().chain(&change.lookup);
    change.needs.iter().chain(sent.flat_map(|(_, sent)| sent.waits_for()))
}

/// What goes into one call. Silent ones come first, then creates, for an update may refer to what
/// is made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Call {
    /// None is needed: only the ledger learns.
    Silent,
    /// Objects of this kind are made.
    Create(String),
    /// Objects of this kind change.
    Update(String),
}

fn by_call(ready: Vec<Ready>) -> BTreeMap<Call, Vec<Ready>> {
    let mut groups: BTreeMap<Call, Vec<Ready>> = BTreeMap::new();
    for one in ready {
        let object = one.change.object.clone();
        let call = match (one.change.decision.writes(), &one.change.target_id) {
            (false, _) => Call::Silent,
            (true, None) => Call::Create(object),
            (true, Some(_)) => Call::Update(object),
        };
        groups.entry(call).or_default().push(one);
    }
    groups
}
