//! What earlier runs left open is looked up before anything new is begun.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use super::{
    ApplyError,
    fate::{Doubt, Truth, look_up},
    report::Recovered,
    results::results,
};
use crate::{
    connector::Class,
    ledger::{Entry, Intent, IntentVerb, Settlement, Wish},
    plan::{Json, Look, Phase, World},
    value::Fingerprint,
};

/// Intents in one look-up; their settlements are one transaction.
const INTENTS_PER_LOOK: usize = 200;
/// The first wait before what is not there is looked up again; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(5);

/// Finds out what became of writes that an earlier run intended and did not settle.
///
/// When they were sent is not known. That one is not there counts only after the time has passed
/// in which the target may still be at it; it is waited for once, for all of them together. One
/// whose fate cannot be told stays as it is, and its wish is held back by the next plan.
///
/// # Errors
/// [`ApplyError`] when the ledger fails, or a system does not know us.
pub async fn recover(world: &World<'_>, mapping: &str) -> Result<Recovered, ApplyError> {
    let mut open = world.ledger.unsettled(mapping).await?;
    let mut recovered = Recovered::default();
    if open.is_empty() {
        return Ok(recovered);
    }
    world.progress.begin(Phase::Recover, u64::try_from(open.len()).ok());
    let settles_within = |intent: &Intent| world.target.limits(&intent.object).settles_within;
    let longest = open.iter().map(settles_within).max().unwrap_or_default();
    let (mut waited, mut wait) = (Duration::ZERO, FIRST_WAIT);
    loop {
        let mut left = Vec::new();
        for chunk in open.chunks(INTENTS_PER_LOOK) {
            left.extend(settle(world, chunk, waited, &mut recovered).await?);
            let Recovered { took_effect, dropped, in_doubt } = recovered;
            world.progress.advance(Phase::Recover, took_effect + dropped + in_doubt);
        }
        if left.is_empty() {
            break;
        }
        wait = wait.min(longest.saturating_sub(waited));
        world.clock.sleep(wait).await;
        waited += wait;
        wait = wait.saturating_mul(2);
        open = left;
    }
    world.progress.end(Phase::Recover);
    Ok(recovered)
}

/// Settles those whose fate is known, and gives back those that may still take effect.
async fn settle(
    world: &World<'_>,
    intents: &[Intent],
    waited: Duration,
    recovered: &mut Recovered,
) -> Result<Vec<Intent>, ApplyError> {
    let wishes: Vec<Wish> = intents.iter().map(|intent| intent.wish.clone()).collect();
    let entries = world.ledger.of_wishes(&wishes).await?;
    let entries: HashMap<_, _> = entries.into_iter().map(|e| (e.wish.clone(), e)).collect();
    let doubts: Vec<_> = intents.iter().map(|intent| Doubt { intent, sent: None }).collect();
    let look = Look { target: world.target, clock: world.clock };
    let truths = match look_up(look, &doubts, &entries).await {
        Ok(truths) => truths,
        Err(failure) if failure.class == Class::SignIn => return Err(failure.into()),
        Err(_) => {
            recovered.in_doubt += u64::try_from(intents.len()).unwrap_or(u64::MAX);
            return Ok(Vec::new());
        }
    };
    let (mut settlements, mut left) = (Vec::new(), Vec::new());
    for (intent, truth) in intents.iter().zip(truths) {
        match truth {
            Truth::Unclear(_) => recovered.in_doubt += 1,
            Truth::Absent if waited < world.target.limits(&intent.object).settles_within => {
                left.push(intent.clone());
            }
            Truth::Absent | Truth::Foreign(_) => {
                recovered.dropped += 1;
                settlements.push(Settlement::Dropped(intent.wish.clone()));
            }
            Truth::Took { id, digests, answer } => {
                recovered.took_effect += 1;
                let before = entries.get(&intent.wish);
                settlements.push(Settlement::Holds(holds(intent, before, id, digests, answer)));
            }
        }
    }
    learn(world, &mut settlements).await;
    if !settlements.is_empty() {
        world.ledger.settle(&settlements).await?;
    }
    Ok(left)
}

/// The entry of a write that took effect.
fn holds(
    intent: &Intent,
    before: Option<&Entry>,
    id: String,
    digests: BTreeMap<String, Fingerprint>,
    answer: String,
) -> Entry {
    // An action is known by the number that we gave it, and that is what it was looked up by.
    let number = || {
        let (_, json) = intent.action.as_ref().and_then(|_| intent.lookup.first())?;
        Json::new(json)?.tree().as_str().map(str::to_owned)
    };
    Entry {
        wish: intent.wish.clone(),
        record: intent.record.clone(),
        object: intent.object.clone(),
        target_id: number().unwrap_or(id),
        parent: intent.parent.clone(),
        version: 0,
        digests,
        retired: intent.verb == IntentVerb::Retire,
        result: kept_result(before, intent.verb, answer),
        action: intent.action.clone(),
    }
}

/// Asks what came of actions that took effect: what they answered is lost. Where the target cannot
/// tell now, what is written back asks again.
async fn learn(world: &World<'_>, settlements: &mut [Settlement]) {
    for settlement in settlements {
        let Settlement::Holds(entry) = settlement else { continue };
        if entry.action.is_none() {
            continue;
        }
        let number = std::slice::from_ref(&entry.target_id);
        let told = results(world, &entry.object, number).await.ok();
        if let Some(result) = told.and_then(|told| told.into_iter().next().flatten()) {
            entry.result = result;
        }
    }
}

/// A change keeps what was answered when the object was made.
fn kept_result(before: Option<&Entry>, verb: IntentVerb, answer: String) -> String {
    match (before, verb) {
        (Some(entry), IntentVerb::Update | IntentVerb::Retire) => entry.result.clone(),
        _ => answer,
    }
}
