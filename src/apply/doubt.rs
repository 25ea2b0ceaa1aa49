//! Writes of a batch whose fate is not known: the target is asked until it can be told.

use std::{collections::HashMap, time::Duration};

use super::{
    ApplyError,
    fate::{Doubt, Truth, look_up},
    ready::{Ready, entry},
    report::Fault,
    results::results,
    send::{Ended, Sending},
};
use crate::{
    ledger::{Intent, RunId},
    plan::{Look, World},
};

/// How long to wait before a lost write is looked up: the target may still be at it. Each further
/// wait is twice as long.
const LOOK_UP_AFTER: Duration = Duration::from_secs(5);

impl Sending {
    /// Looks up what became of lost writes, again and again until they can no longer take effect,
    /// and gives back those that are sent once more.
    pub(super) async fn look_up(
        &mut self,
        world: &World<'_>,
        run: RunId,
        mut open: Vec<Ready>,
        fault: &Fault,
    ) -> Result<Vec<Ready>, ApplyError> {
        let object = open.first().map(|ready| ready.change.object.clone()).unwrap_or_default();
        let settles_within = world.target.limits(&object).settles_within;
        let (mut waited, mut wait) = (Duration::ZERO, LOOK_UP_AFTER);
        loop {
            world.clock.sleep(wait).await;
            waited += wait;
            let truths = truths(world, run, &open).await?;
            let is_last = waited >= settles_within;
            let (mut left, mut again) = (Vec::new(), Vec::new());
            for (ready, truth) in open.into_iter().zip(truths) {
                match truth {
                    Truth::Absent | Truth::Unclear(_) if !is_last => left.push(ready),
                    Truth::Absent if !self.lost => again.push(ready),
                    truth => self.take_truth(ready, truth, fault),
                }
            }
            if is_last || left.is_empty() {
                self.lost = true;
                return Ok(again);
            }
            open = left;
            wait = wait.saturating_mul(2).min(settles_within.saturating_sub(waited));
        }
    }

    /// Takes what the target says of a write that is not sent again.
    fn take_truth(&mut self, ready: Ready, truth: Truth, fault: &Fault) {
        let ended = match truth {
            Truth::Took { id, digests, answer } => {
                Ended::found(entry(&ready.change, &id, digests, Some(&answer)))
            }
            Truth::Absent => Ended::InDoubt(fault.clone()),
            Truth::Foreign(said) => Ended::Dropped(number_taken(said)),
            Truth::Unclear(said) => {
                let said = format!("{}; looked up: {said}", fault.said);
                Ended::InDoubt(Fault { said, ..fault.clone() })
            }
        };
        self.done.push((ready, ended));
    }

    /// An action that is refused may have taken effect before, under the number that we gave it:
    /// an answer was lost on the way, or the number was just what it was refused for.
    pub(super) async fn doubt_refused(
        &mut self,
        world: &World<'_>,
        run: RunId,
    ) -> Result<(), ApplyError> {
        let (refused, faults): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.refused).into_iter().unzip();
        if refused.is_empty() {
            return Ok(());
        }
        let truths = truths(world, run, &refused).await?;
        for ((ready, fault), truth) in refused.into_iter().zip(faults).zip(truths) {
            match truth {
                // It did not take effect, or never was ours: what the service said stands.
                Truth::Absent => self.done.push((ready, Ended::Dropped(fault))),
                // One that cannot be looked up at all can only be taken at the service's word.
                Truth::Unclear(_) if ready.lookup.is_empty() => {
                    self.done.push((ready, Ended::Dropped(fault)));
                }
                truth => self.take_truth(ready, truth, &fault),
            }
        }
        Ok(())
    }

    /// Asks what came of actions that were found, once for all of them. One that the target tells
    /// nothing of keeps what was found of it; what is written back asks again.
    pub(super) async fn learn(&mut self, world: &World<'_>) {
        let found = |(_, ended): &(Ready, Ended)| match ended {
            Ended::Found(entry) => Some((entry.object.clone(), entry.target_id.clone())),
            _ => None,
        };
        let (objects, numbers): (Vec<_>, Vec<_>) = self.done.iter().filter_map(found).unzip();
        let told = match objects.first() {
            Some(object) => results(world, object, &numbers).await.unwrap_or_default(),
            None => return,
        };
        let mut told = told.into_iter();
        for (_, ended) in &mut self.done {
            if let Ended::Found(entry) = ended {
                let mut entry = entry.clone();
                if let Some(result) = told.next().flatten() {
                    entry.result = result;
                }
                *ended = Ended::Holds(entry);
            }
        }
    }
}

/// What the target says of writes, one truth each, in order. Where it cannot be asked, nothing is
/// clear.
async fn truths(world: &World<'_>, run: RunId, open: &[Ready]) -> Result<Vec<Truth>, ApplyError> {
    let intents: Vec<Intent> = open.iter().map(|ready| ready.intent(run)).collect();
    let wishes: Vec<_> = intents.iter().map(|intent| intent.wish.clone()).collect();
    let entries = world.ledger.of_wishes(&wishes).await?;
    let entries: HashMap<_, _> = entries.into_iter().map(|e| (e.wish.clone(), e)).collect();
    let doubts = intents.iter().zip(open);
    let doubts: Vec<_> = doubts.map(|(intent, r)| Doubt { intent, sent: Some(&r.body) }).collect();
    let look = Look { target: world.target, clock: world.clock };
    Ok(match look_up(look, &doubts, &entries).await {
        Ok(truths) => truths,
        Err(failure) => doubts.iter().map(|_| Truth::Unclear(failure.to_string())).collect(),
    })
}

fn number_taken(said: String) -> Fault {
    Fault {
        code: "number-taken".into(),
        said,
        next_step: "give the action another `number`, or take that one out of the target".into(),
    }
}
