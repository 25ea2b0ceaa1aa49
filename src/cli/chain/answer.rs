//! What became of an object: what the ledger holds of it, or what a plan says.

use std::path::Path;

use super::Object;
use crate::{
    cli::fault::Fault,
    ledger::{Entry, Intent},
    plan::{Detail, PlanView},
};

/// What became of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// In one sentence.
    pub(super) said: String,
    /// The id in the target, where it has one.
    pub(super) target_id: Option<String>,
    /// What the target answered, as JSON.
    pub(super) result: Option<String>,
}

/// Reads a plan, to be asked for objects.
///
/// # Errors
/// [`Fault::Plan`] when it cannot be read.
pub(super) fn plan(path: &Path) -> Result<PlanView, Fault> {
    PlanView::read(path, Detail::All).map_err(Fault::Plan)
}

/// What became of an object of a record: what a plan says of it, or the ledger.
pub(super) fn of(
    object: &Object,
    entries: &[Entry],
    waiting: &[Intent],
    plan: Option<&PlanView>,
) -> Answer {
    match plan {
        Some(plan) => planned(object, plan),
        None => known(object, entries, waiting),
    }
}

fn planned(object: &Object, plan: &PlanView) -> Answer {
    let (resource, key) = &object.known_as;
    let is_it = |resource_of: &str, key_of: &str| resource_of == resource && key_of == key;
    let change = plan.changes.iter().find(|change| is_it(&change.resource, &change.key));
    match change {
        None => {
            Answer { said: "the plan has nothing of it".to_owned(), target_id: None, result: None }
        }
        Some(change) => {
            let trouble = change.trouble.as_ref().map(|trouble| format!(": {}", trouble.what));
            Answer {
                said: format!(
                    "planned: {}, {}{}",
                    change.kind,
                    change.reason,
                    trouble.unwrap_or_default()
                ),
                target_id: change.target_id.clone(),
                result: None,
            }
        }
    }
}

fn known(object: &Object, entries: &[Entry], waiting: &[Intent]) -> Answer {
    let (resource, key) = &object.known_as;
    let is_it = |resource_of: &str, key_of: &str| resource_of == resource && key_of == key;
    let answer = |said: &str| Answer { said: said.to_owned(), target_id: None, result: None };
    if waiting.iter().any(|intent| is_it(&intent.wish.resource, &intent.wish.key)) {
        return answer("under way: it was about to be sent, and its fate is not known yet");
    }
    let entry = entries.iter().find(|entry| is_it(&entry.wish.resource, &entry.wish.key));
    let Some(entry) = entry else { return answer("not sent yet") };
    let owed = entry.action.as_ref().map_or(0, |action| action.owed.len());
    let said = match (entry.retired, owed) {
        (true, _) => "retired in the target".to_owned(),
        (false, 0) => format!("in the target, as of settlement {}", entry.version),
        (false, owed) => {
            format!("in the target; {owed} of its writes to the source are still to come")
        }
    };
    let result = Some(entry.result.clone()).filter(|result| result != "{}" && !result.is_empty());
    Answer { said, target_id: Some(entry.target_id.clone()), result }
}
