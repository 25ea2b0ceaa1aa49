//! The fate of a write whose answer did not come: the target is asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    connector::{CallError, Found},
    ledger::{Entry, Intent, IntentVerb, Wish},
    plan::{Json, Look, diff, digest, digest_unordered, stranger},
    value::Fingerprint,
};

/// What the target says of a write.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Truth {
    /// It took effect; the digests are those of the fields that are as they were sent.
    Took { id: String, digests: BTreeMap<String, Fingerprint>, answer: String },
    /// It did not.
    Absent,
    /// It did not, and never will: its number is used by something else.
    Foreign(String),
    /// It cannot be told.
    Unclear(String),
}

/// A write whose fate is asked for.
pub(super) struct Doubt<'a> {
    pub intent: &'a Intent,
    /// What was sent, where that is still known.
    pub sent: Option<&'a [(String, Json)]>,
}

impl Doubt<'_> {
    /// The fields that tell what became of it.
    fn names(&self) -> Vec<String> {
        match (&self.intent.action, self.sent) {
            (Some(_), Some(sent)) => sent.iter().map(|(name, _)| name.clone()).collect(),
            _ => self.intent.digests.keys().cloned().collect(),
        }
    }
}

/// Asks the target for the fate of writes, one answer each, in order.
///
/// `entries` are what the ledger held before the writes.
pub(super) async fn look_up(
    look: Look<'_>,
    doubts: &[Doubt<'_>],
    entries: &HashMap<Wish, Entry>,
) -> Result<Vec<Truth>, CallError> {
    let mut truths: Vec<Truth> =
        doubts.iter().map(|_| Truth::Unclear("it has no key to look it up by".into())).collect();
    for (object, places) in by_shape(doubts) {
        let asked: Vec<(usize, &Doubt<'_>)> =
            places.iter().filter_map(|at| Some((*at, doubts.get(*at)?))).collect();
        let names: BTreeSet<String> = asked.iter().flat_map(|(_, doubt)| doubt.names()).collect();
        let names: Vec<String> = names.into_iter().collect();
        let hits = if object.1 {
            let ids: Vec<_> =
                asked.iter().filter_map(|(_, doubt)| doubt.intent.target_id.clone()).collect();
            look.by_ids(object.0, &names, &ids).await?
        } else {
            let keys: Vec<_> = asked.iter().map(|(_, doubt)| doubt.intent.lookup.clone()).collect();
            look.by_keys(object.0, &names, &keys).await?
        };
        for ((at, doubt), hits) in asked.into_iter().zip(hits) {
            if let Some(slot) = truths.get_mut(at) {
                *slot = truth(doubt, hits, entries.get(&doubt.intent.wish));
            }
        }
    }
    Ok(truths)
}

/// Doubts by object, whether their id is known, and the names of their key.
type Shape<'a> = (&'a str, bool, Vec<&'a str>);

fn by_shape<'a>(doubts: &'a [Doubt<'_>]) -> BTreeMap<Shape<'a>, Vec<usize>> {
    let mut shapes: BTreeMap<Shape<'a>, Vec<usize>> = BTreeMap::new();
    for (at, doubt) in doubts.iter().enumerate() {
        let intent = doubt.intent;
        // An action is known by the number that we gave it, one that was adopted too.
        let by_id = intent.target_id.is_some() && intent.action.is_none();
        let names = intent.lookup.iter().map(|(name, _)| name.as_str());
        let names: Vec<_> = names.filter(|_| !by_id).collect();
        if by_id || !names.is_empty() {
            shapes.entry((&intent.object, by_id, names)).or_default().push(at);
        }
    }
    shapes
}

fn truth(doubt: &Doubt<'_>, mut hits: Vec<Found>, before: Option<&Entry>) -> Truth {
    let found = match (hits.len(), hits.pop()) {
        (1, Some(found)) => found,
        (0, _) | (_, None) => return Truth::Absent,
        (count, _) => {
            return Truth::Unclear(format!("the target has {count} objects with its key"));
        }
    };
    if let (Some(_), Some(sent)) = (&doubt.intent.action, doubt.sent)
        && let Some(differs) = stranger(sent, &found)
    {
        return Truth::Foreign(format!("its number is used by something else: {differs}"));
    }
    let as_sent = as_sent(doubt, &found);
    match doubt.intent.verb {
        IntentVerb::Create => took(&found, as_sent),
        IntentVerb::Update | IntentVerb::Retire => {
            let changed = |name: &String, digest: &Fingerprint| {
                before.is_none_or(|entry| entry.digests.get(name) != Some(digest))
            };
            let digests = &doubt.intent.digests;
            let all = digests.iter().filter(|(name, digest)| changed(name, digest));
            let mut all = all.map(|(name, _)| name);
            if all.all(|name| as_sent.contains_key(name)) {
                took(&found, digests.clone())
            } else {
                Truth::Absent
            }
        }
    }
}

fn took(found: &Found, digests: BTreeMap<String, Fingerprint>) -> Truth {
    let fields = found.fields.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let answer = Json::of_members(fields).text().to_owned();
    Truth::Took { id: found.id.clone(), digests, answer }
}

/// The digests of fields that are as they were sent. A field that cannot be told is left out, so
/// that the next plan compares it anew.
fn as_sent(doubt: &Doubt<'_>, found: &Found) -> BTreeMap<String, Fingerprint> {
    let there = |name: &str| {
        let field = found.fields.iter().find(|(known, _)| known == name);
        field.map_or("null", |(_, text)| text.as_str())
    };
    let is_so = |name: &str, wished: Fingerprint| {
        let sent = doubt.sent.and_then(|sent| sent.iter().find(|(known, _)| known == name));
        let same = |(_, sent): &(String, Json)| {
            let there = Json::new(there(name)).map(|json| json.tree());
            diff(name, &sent.tree(), there.as_ref(), &[]).is_empty()
        };
        let there_is = [digest(there(name)), digest_unordered(there(name))];
        there_is.contains(&Some(wished)) || sent.is_some_and(same)
    };
    let digests = doubt.intent.digests.iter().filter(|(name, digest)| is_so(name, **digest));
    digests.map(|(name, digest)| (name.clone(), *digest)).collect()
}
