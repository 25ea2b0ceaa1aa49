//! Changes that are ready to be sent: every pending id filled in.

use std::collections::{BTreeMap, HashMap};

use crate::{
    connector::{Verb, Write},
    ledger::{Entry, Intent, IntentVerb, RunId, Wish},
    plan::{Change, Hole, Json, Sent, WishId, taken},
    value::Fingerprint,
};

/// A change with all its values.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    pub change: Change,
    /// What is sent, field by field.
    pub body: Vec<(String, Json)>,
    /// The key by which it is found again.
    pub lookup: Vec<(String, String)>,
}

/// Why a change is not ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NotReady {
    /// An object that it needs is not known yet.
    Waits(WishId),
    /// The answer for an object that it refers to lacks the field that it takes.
    Lacks(WishId, String),
}

/// The values of a change: what is sent, and the key by which it is found again.
pub(super) type Values = (Vec<(String, Json)>, Vec<(String, String)>);

/// Fills in what is pending.
pub(super) fn fill(change: &Change, entries: &HashMap<Wish, Entry>) -> Result<Values, NotReady> {
    if let Some(need) = change.needs.iter().find(|need| !entries.contains_key(&need.wish())) {
        return Err(NotReady::Waits(need.clone()));
    }
    let filled = |(name, sent): &(String, Sent)| Ok((name.clone(), value(sent, entries)?));
    let body = change.body.iter().map(filled).collect::<Result<Vec<_>, NotReady>>()?;
    let lookup = change.lookup.iter().map(filled).collect::<Result<Vec<_>, NotReady>>()?;
    let lookup = lookup.into_iter().map(|(name, json)| (name, json.text().to_owned())).collect();
    Ok((body, lookup))
}

fn value(sent: &Sent, entries: &HashMap<Wish, Entry>) -> Result<Json, NotReady> {
    match sent {
        Sent::Json(json) => Ok(json.clone()),
        Sent::Pending { of, take } => id_of(of, take.as_deref(), entries),
        Sent::Holed(holes) => {
            let id = |hole: &Hole| id_of(&hole.of, hole.take.as_deref(), entries).map(Some);
            match holes.fill(id)? {
                Sent::Json(json) => Ok(json),
                // Nothing is left open by what fills every hole or fails.
                Sent::Pending { of, .. } => Err(NotReady::Waits(of)),
                Sent::Holed(_) => Ok(Json::null()),
            }
        }
    }
}

fn id_of(
    of: &WishId,
    take: Option<&str>,
    entries: &HashMap<Wish, Entry>,
) -> Result<Json, NotReady> {
    let entry = entries.get(&of.wish()).ok_or_else(|| NotReady::Waits(of.clone()))?;
    taken(&entry.target_id, &entry.result, take)
        .ok_or_else(|| NotReady::Lacks(of.clone(), take.unwrap_or("Id").to_owned()))
}

impl Ready {
    /// The write that is sent.
    pub fn write(&self) -> Write {
        let members = self.body.iter().map(|(name, json)| (name.as_str(), json.text()));
        let verb = match &self.change.target_id {
            None => Verb::Create,
            Some(id) => Verb::Update {
                id: id.clone(),
                before: self.change.before.as_ref().map_or("{}", Json::text).to_owned(),
            },
        };
        Write {
            object: self.change.object.clone(),
            verb,
            body: Json::of_members(members).text().to_owned(),
        }
    }

    /// What the ledger learns before it is sent.
    pub fn intent(&self, run: RunId) -> Intent {
        let change = &self.change;
        let verb = match (&change.target_id, change.unwished) {
            (None, _) => IntentVerb::Create,
            (Some(_), false) => IntentVerb::Update,
            (Some(_), true) => IntentVerb::Retire,
        };
        Intent {
            wish: change.wish.wish(),
            record: change.record.clone(),
            object: change.object.clone(),
            verb,
            parent: change.parent.as_ref().map(|parent| parent.key.clone()),
            from_version: change.from_version,
            target_id: change.target_id.clone(),
            lookup: self.lookup.clone(),
            digests: change.digests.clone(),
            run,
            action: kept(change),
        }
    }
}

/// The entry of a change that holds.
pub(super) fn entry(
    change: &Change,
    target_id: &str,
    digests: BTreeMap<String, Fingerprint>,
    answer: Option<&str>,
) -> Entry {
    let known = change.result.as_ref().filter(|_| change.target_id.is_some());
    Entry {
        wish: change.wish.wish(),
        record: change.record.clone(),
        object: change.object.clone(),
        // An action is known by the number that we gave it.
        target_id: match &change.action {
            Some(action) => action.number.clone(),
            None => target_id.to_owned(),
        },
        parent: change.parent.as_ref().map(|parent| parent.key.clone()),
        version: 0,
        digests,
        retired: change.unwished,
        result: merged(known, answer),
        action: kept(change),
    }
}

fn kept(change: &Change) -> Option<Box<crate::ledger::Action>> {
    change.action.as_ref().map(|action| Box::new(action.kept()))
}

/// What was answered before, with what is answered now over it.
pub(super) fn merged(known: Option<&Json>, answer: Option<&str>) -> String {
    let members = |json: Option<Json>| match json.map(|json| json.tree()) {
        Some(serde_json::Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    let mut all = members(known.cloned());
    all.extend(members(answer.and_then(Json::new)));
    serde_json::Value::Object(all).to_string()
}
