//! Sending one batch: intents first, then the call, then what became of it.
//!
//! A change that only the ledger learns of goes the same way without the call, so that it too fails
//! where its entry has changed since the plan was made.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    time::Duration,
};

use super::{
    ApplyError,
    ready::{Ready, entry},
    report::{Fate, Fault, STALE},
};
use crate::{
    connector::{CallError, Class, Outcome},
    ledger::{Entry, Intent, LedgerError, RunId, Settlement},
    plan::{World, wait_before_next},
};

/// What became of one ready change.
pub(super) struct Sent {
    pub ready: Ready,
    pub result: Result<(), (Fate, Fault)>,
}

/// What a batch came to. A failure that ends the run comes with what was done before.
pub(super) struct Batch {
    pub sent: Vec<Sent>,
    pub unreached: Vec<Ready>,
    pub stop: Option<ApplyError>,
}

/// How many batches in a row a service may make wait until they are given up. Each has waited for
/// about two minutes: a service that is away that long would keep a long plan waiting for hours.
const WAITED_OUT_MAX: usize = 3;

/// Whether anything more may be begun.
#[derive(Default)]
pub(super) struct Gate {
    closed: AtomicBool,
    /// How many batches in a row were given up because the service asked to wait.
    waited_out: AtomicUsize,
}

impl Gate {
    fn is_closed(&self) -> bool {
        self.closed.load(SeqCst)
    }

    /// The service has taken a batch, whatever it says of what is in it.
    fn taken(&self) {
        self.waited_out.store(0, SeqCst);
    }

    /// A batch is given up because the service asks to wait; whether it is the last one.
    fn waited_out(&self) -> bool {
        self.waited_out.fetch_add(1, SeqCst) + 1 >= WAITED_OUT_MAX
    }
}

/// Sends a batch of one object and one verb, unless nothing more may be begun.
pub(super) async fn send(world: &World<'_>, run: RunId, batch: Vec<Ready>, gate: &Gate) -> Batch {
    if gate.is_closed() {
        return Batch { sent: Vec::new(), unreached: batch, stop: None };
    }
    let mut sending = Sending::default();
    sending.intend(world, run, batch).await;
    if sending.stop.is_none()
        && let Err(stop) = sending.write(world, run, gate).await
    {
        sending.stop = Some(stop);
    }
    let batch = sending.settle(world).await;
    if batch.stop.is_some() {
        gate.closed.store(true, SeqCst);
    }
    batch
}

#[derive(Default)]
pub(super) struct Sending {
    open: Vec<Ready>,
    pub(super) done: Vec<(Ready, Ended)>,
    unreached: Vec<Ready>,
    /// Actions that were refused: perhaps because they took effect before.
    pub(super) refused: Vec<(Ready, Fault)>,
    /// Whether a call of this batch has been lost before.
    pub(super) lost: bool,
    stop: Option<ApplyError>,
}

/// How a write ended.
pub(super) enum Ended {
    /// It holds; this is its entry.
    Holds(Entry),
    /// It is an action that was found in the target; what came of it has to be asked for.
    Found(Entry),
    /// It did not take effect.
    Dropped(Fault),
    /// It never got an intent.
    Stale(Fault),
    /// Nobody knows.
    InDoubt(Fault),
}

impl Ended {
    /// How something ended that was found in the target.
    pub(super) fn found(entry: Entry) -> Self {
        if entry.action.is_some() { Self::Found(entry) } else { Self::Holds(entry) }
    }
}

impl Sending {
    /// Records the intents. An entry that changed since the plan fails alone.
    async fn intend(&mut self, world: &World<'_>, run: RunId, batch: Vec<Ready>) {
        let intents: Vec<Intent> = batch.iter().map(|ready| ready.intent(run)).collect();
        match world.ledger.intend(&intents).await {
            Ok(()) => self.open = batch,
            Err(LedgerError::Stale { .. }) => self.intend_each(world, batch, &intents).await,
            Err(failure) => {
                self.unreached = batch;
                self.stop = Some(failure.into());
            }
        }
    }

    /// All or nothing was nothing: one by one, so that only the stale ones are left out.
    async fn intend_each(&mut self, world: &World<'_>, batch: Vec<Ready>, intents: &[Intent]) {
        for (ready, intent) in batch.into_iter().zip(intents) {
            if self.stop.is_some() {
                self.unreached.push(ready);
                continue;
            }
            match world.ledger.intend(std::slice::from_ref(intent)).await {
                Ok(()) => self.open.push(ready),
                Err(failure @ LedgerError::Stale { .. }) => self.stale(ready, &failure),
                Err(failure) => {
                    // What was intended before is not sent; the next run finds that out.
                    self.stop = Some(failure.into());
                    self.unreached.push(ready);
                }
            }
        }
    }

    fn stale(&mut self, ready: Ready, failure: &LedgerError) {
        let fault =
            Fault { code: STALE.into(), said: failure.to_string(), next_step: "plan again".into() };
        self.done.push((ready, Ended::Stale(fault)));
    }

    /// Sends what is open until nothing is, waiting where that helps.
    async fn write(
        &mut self,
        world: &World<'_>,
        run: RunId,
        gate: &Gate,
    ) -> Result<(), ApplyError> {
        self.take_silent();
        let mut tried = 0;
        while !self.open.is_empty() && self.stop.is_none() {
            tried += 1;
            let open = std::mem::take(&mut self.open);
            let writes: Vec<_> = open.iter().map(Ready::write).collect();
            let (again, last) = match world.target.write(&writes).await {
                Ok(outcomes) if outcomes.len() == open.len() => {
                    gate.taken();
                    self.take_outcomes(open, outcomes)
                }
                Ok(outcomes) => {
                    let said = format!("{} answers to {} writes", outcomes.len(), open.len());
                    let fault = Fault { code: "answers".into(), said, next_step: RUN_AGAIN.into() };
                    (self.look_up(world, run, open, &fault).await?, Asked::of(fault))
                }
                Err(failure) => self.take_failure(world, run, open, failure).await?,
            };
            self.doubt_refused(world, run).await?;
            if again.is_empty() {
                continue;
            }
            // What others found out holds for this one too.
            let wait = wait_before_next(tried, last.wait).filter(|_| !gate.is_closed());
            match wait {
                Some(wait) => world.clock.sleep(wait).await,
                None => {
                    self.give_up(again, &last.fault);
                    self.doubt_refused(world, run).await?;
                    match last.waits {
                        Some(failure) if gate.waited_out() => return Err(failure.into()),
                        _ => continue,
                    }
                }
            }
            self.open = again;
        }
        Ok(())
    }

    /// What needs no write holds as it is.
    fn take_silent(&mut self) {
        let (open, silent): (Vec<_>, Vec<_>) = std::mem::take(&mut self.open)
            .into_iter()
            .partition(|ready| ready.change.decision.writes());
        self.open = open;
        for ready in silent {
            let id = ready.change.target_id.clone().unwrap_or_default();
            let answer = ready.change.before.as_ref().map(|before| before.text().to_owned());
            let digests = ready.change.digests.clone();
            let entry = entry(&ready.change, &id, digests, answer.as_deref());
            self.done.push((ready, Ended::found(entry)));
        }
    }

    fn take_outcomes(&mut self, open: Vec<Ready>, outcomes: Vec<Outcome>) -> (Vec<Ready>, Asked) {
        let mut again = Vec::new();
        let mut last = Asked::default();
        for (ready, outcome) in open.into_iter().zip(outcomes) {
            match outcome {
                Outcome::Done { id, answer } => {
                    let entry =
                        entry(&ready.change, &id, ready.change.digests.clone(), Some(&answer));
                    self.done.push((ready, Ended::Holds(entry)));
                }
                Outcome::Refused { code, said, passing } => {
                    let fault = Fault { code, said, next_step: next_step(passing).into() };
                    if passing {
                        last.fault = fault;
                        again.push(ready);
                    } else if ready.change.action.is_some() {
                        self.refused.push((ready, fault));
                    } else {
                        self.done.push((ready, Ended::Dropped(fault)));
                    }
                }
            }
        }
        (again, last)
    }

    async fn take_failure(
        &mut self,
        world: &World<'_>,
        run: RunId,
        open: Vec<Ready>,
        failure: CallError,
    ) -> Result<(Vec<Ready>, Asked), ApplyError> {
        let (code, said) = failure.told();
        let next_step = next_step(failure.class == Class::Wait).into();
        let fault = Fault { code, said, next_step };
        let waits = Some(&failure).filter(|failure| failure.class == Class::Wait).cloned();
        let last = Asked { fault: fault.clone(), wait: failure.retry_after, waits };
        match failure.class {
            Class::Wait => Ok((open, last)),
            Class::UnknownFate => Ok((self.look_up(world, run, open, &fault).await?, last)),
            Class::Refused | Class::Broken => {
                self.give_up(open, &fault);
                Ok((Vec::new(), last))
            }
            Class::SignIn => {
                // Nobody can be asked for actions now; the next run does.
                let (actions, others) = actions_and_others(open);
                self.done.extend(actions.into_iter().map(|r| (r, Ended::InDoubt(fault.clone()))));
                self.drop_all(others, &fault);
                Err(failure.into())
            }
        }
    }

    /// Ends what is not tried again. Of an action no answer but a good one is proof: one that
    /// cannot be understood, or that asks to wait, may come from something between the service and
    /// us. So the target is asked for its number, see [`Sending::doubt_refused`].
    fn give_up(&mut self, open: Vec<Ready>, fault: &Fault) {
        let (actions, others) = actions_and_others(open);
        self.drop_all(others, fault);
        self.refused.extend(actions.into_iter().map(|ready| (ready, fault.clone())));
    }

    fn drop_all(&mut self, open: Vec<Ready>, fault: &Fault) {
        let dropped = open.into_iter().map(|ready| (ready, Ended::Dropped(fault.clone())));
        self.done.extend(dropped);
    }

    /// Records what became of the batch.
    async fn settle(mut self, world: &World<'_>) -> Batch {
        self.learn(world).await;
        let settlements: Vec<Settlement> = self.done.iter().filter_map(settlement).collect();
        if !settlements.is_empty()
            && let Err(failure) = world.ledger.settle(&settlements).await
        {
            self.stop = Some(failure.into());
        }
        let unreached = self.unreached.into_iter().chain(self.open).collect();
        Batch { sent: self.done.into_iter().map(sent).collect(), unreached, stop: self.stop }
    }
}

fn actions_and_others(open: Vec<Ready>) -> (Vec<Ready>, Vec<Ready>) {
    open.into_iter().partition(|ready| ready.change.action.is_some())
}

/// What to say if no further try is made, and how long the service asks to wait.
#[derive(Default)]
struct Asked {
    fault: Fault,
    wait: Option<Duration>,
    /// The failure, where the service asks to wait with all that it is sent.
    waits: Option<CallError>,
}

impl Asked {
    fn of(fault: Fault) -> Self {
        Self { fault, ..Self::default() }
    }
}

const RUN_AGAIN: &str = "run again: the write is looked up first";

fn next_step(passing: bool) -> &'static str {
    if passing { "run again later" } else { "mend the record or the mapping, and run again" }
}

fn settlement((ready, ended): &(Ready, Ended)) -> Option<Settlement> {
    match ended {
        Ended::Holds(entry) | Ended::Found(entry) => Some(Settlement::Holds(entry.clone())),
        Ended::Dropped(_) => Some(Settlement::Dropped(ready.change.wish.wish())),
        Ended::Stale(_) | Ended::InDoubt(_) => None,
    }
}

fn sent((ready, ended): (Ready, Ended)) -> Sent {
    let result = match ended {
        Ended::Holds(_) | Ended::Found(_) => Ok(()),
        Ended::Dropped(fault) | Ended::Stale(fault) => Err((Fate::Failed, fault)),
        Ended::InDoubt(fault) => {
            Err((Fate::InDoubt, Fault { next_step: RUN_AGAIN.into(), ..fault }))
        }
    };
    Sent { ready, result }
}
