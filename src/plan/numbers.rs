//! Numbers of new actions that the target has already: ours, or somebody else's.

use serde_json::Value;

use super::{
    PlanError,
    change::{Change, Decision, Sent, Trouble},
    decide::before,
    diff::same,
    look::Look,
    page::Pages,
    text::Json,
};
use crate::{
    connector::{Found, KeyValues},
    program::Action,
};

/// Looks for the numbers of new actions: one that is there already took effect before the ledger
/// was lost, or somebody else has used it.
pub(super) async fn look_for_numbers(
    pages: &Pages<'_>,
    action: &Action,
    changes: &mut [Change],
) -> Result<(), PlanError> {
    let look = Look { target: pages.world.target, clock: pages.world.clock };
    let new = changes.iter_mut().filter(|change| change.decision == Decision::Send);
    let mut new: Vec<&mut Change> = new.collect();
    let key = |change: &&mut Change| -> KeyValues {
        let json = |(name, sent): &(String, Sent)| match sent {
            Sent::Json(json) => Some((name.clone(), json.text().to_owned())),
            Sent::Pending { .. } | Sent::Holed(_) => None,
        };
        change.lookup.iter().filter_map(json).collect()
    };
    let keys: Vec<KeyValues> = new.iter().map(key).collect();
    let mut fields: Vec<String> = Vec::new();
    for (name, _) in new.iter().flat_map(|change| &change.body) {
        if !fields.contains(name) {
            fields.push(name.clone());
        }
    }
    let hits = look.by_keys(&action.object, &fields, &keys).await?;
    for (change, hits) in new.iter_mut().zip(hits) {
        take_hits(change, hits);
    }
    Ok(())
}

fn take_hits(change: &mut Change, hits: Vec<Found>) {
    let Some(found) = hits.into_iter().next() else { return };
    let number = change.action.as_ref().map(|action| action.number.clone()).unwrap_or_default();
    let known = |(name, sent): &(String, Sent)| match sent {
        Sent::Json(json) => Some((name.clone(), json.clone())),
        Sent::Pending { .. } | Sent::Holed(_) => None,
    };
    let body: Vec<(String, Json)> = change.body.iter().filter_map(known).collect();
    match stranger(&body, &found) {
        None => {
            change.decision = Decision::Adopt;
            change.reason = "the target has it already, and the ledger does not".into();
            change.before = Some(before(&found));
            change.target_id = Some(number);
        }
        Some(differs) => change.conflict(Trouble {
            rule: "number-taken".into(),
            what: format!("`{number}` is already used by something else: {differs}"),
            way_out: "give the action another `number`, or take that one out of the target".into(),
            targets: vec![found.id],
            ..Trouble::default()
        }),
    }
}

/// Says where what was found is not what we would send. Compared is what both have, down to the
/// items of lists: what the target makes of the insides of an action is its own affair.
pub fn stranger(body: &[(String, Json)], found: &Found) -> Option<String> {
    found.fields.iter().find_map(|(name, there)| {
        let (_, sent) = body.iter().find(|(known, _)| known == name)?;
        let (sent, there) = (sent.tree(), Json::new(there)?.tree());
        let unlike = match (&sent, &there) {
            (Value::Array(sent), Value::Array(there)) => {
                sent.len() != there.len()
                    || sent.iter().zip(there).any(|(sent, there)| unlike_item(sent, there))
            }
            _ => unlike(&sent, &there),
        };
        unlike
            .then(|| format!("its {name} is {}, and ours would be {}", short(&there), short(&sent)))
    })
}

fn unlike(sent: &Value, there: &Value) -> bool {
    let nested = |value: &Value| value.is_object() || value.is_array();
    !nested(sent) && !nested(there) && !there.is_null() && !same(sent, there)
}

fn unlike_item(sent: &Value, there: &Value) -> bool {
    match (sent.as_object(), there.as_object()) {
        (Some(sent), Some(there)) => {
            sent.iter().any(|(name, sent)| there.get(name).is_some_and(|there| unlike(sent, there)))
        }
        _ => unlike(sent, there),
    }
}

/// The longest value that is shown whole.
const SHOWN_MAX: usize = 80;

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN_MAX) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}
