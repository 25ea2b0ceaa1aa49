//! What earlier runs left open is looked up before anything new is begun.

use std::collections::HashMap;

use super::{
    ApplyError,
    fate::{Doubt, Truth, look_up},
    report::Recovered,
};
use crate::{
    connector::Class,
    ledger::{Entry, Intent, IntentVerb, Settlement, Wish},
    plan::{Look, Phase, World},
};

/// Intents in one look-up; their settlements are one transaction.
const INTENTS_PER_LOOK: usize = 200;

/// Finds out what became of writes that an earlier run intended and did not settle.
///
/// One whose fate cannot be told stays as it is, and its wish is held back by the next plan.
///
/// # Errors
/// [`ApplyError`] when the ledger fails, or a system does not know us.
pub async fn recover(world: &World<'_>, mapping: &str) -> Result<Recovered, ApplyError> {
    let intents = world.ledger.unsettled(mapping).await?;
    let mut recovered = Recovered::default();
    if intents.is_empty() {
        return Ok(recovered);
    }
    world.progress.begin(Phase::Recover, u64::try_from(intents.len()).ok());
    for chunk in intents.chunks(INTENTS_PER_LOOK) {
        settle(world, chunk, &mut recovered).await?;
        let Recovered { took_effect, dropped, in_doubt } = recovered;
        world.progress.advance(Phase::Recover, took_effect + dropped + in_doubt);
    }
    world.progress.end(Phase::Recover);
    Ok(recovered)
}

async fn settle(
    world: &World<'_>,
    intents: &[Intent],
    recovered: &mut Recovered,
) -> Result<(), ApplyError> {
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
            return Ok(());
        }
    };
    let mut settlements = Vec::new();
    for (intent, truth) in intents.iter().zip(truths) {
        match truth {
            Truth::Unclear(_) => recovered.in_doubt += 1,
            Truth::Absent => {
                recovered.dropped += 1;
                settlements.push(Settlement::Dropped(intent.wish.clone()));
            }
            Truth::Took { id, digests, answer } => {
                recovered.took_effect += 1;
                settlements.push(Settlement::Holds(Entry {
                    wish: intent.wish.clone(),
                    record: intent.record.clone(),
                    object: intent.object.clone(),
                    target_id: id,
                    parent: intent.parent.clone(),
                    version: 0,
                    digests,
                    retired: intent.verb == IntentVerb::Retire,
                    result: kept_result(entries.get(&intent.wish), intent.verb, answer),
                    action: intent.action.clone(),
                }));
            }
        }
    }
    if settlements.is_empty() {
        return Ok(());
    }
    Ok(world.ledger.settle(&settlements).await?)
}

/// A change keeps what was answered when the object was made.
fn kept_result(before: Option<&Entry>, verb: IntentVerb, answer: String) -> String {
    match (before, verb) {
        (Some(entry), IntentVerb::Update | IntentVerb::Retire) => entry.result.clone(),
        _ => answer,
    }
}
