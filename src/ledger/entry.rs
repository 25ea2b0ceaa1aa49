//! What a ledger keeps.

use std::{collections::BTreeMap, fmt};

use crate::value::Fingerprint;

/// What identifies a wished object for good: mapping, resource and the values of its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wish {
    /// The name of the mapping.
    pub mapping: String,
    /// The name of the resource in it.
    pub resource: String,
    /// The key as canonical text, the keys of its parents before it.
    pub key: String,
}

/// As messages name it: `product-catalog.product 01t5e000003`.
impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} {}", self.mapping, self.resource, self.key)
    }
}

/// A wished object that is known to be in the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What identifies it.
    pub wish: Wish,
    /// The id of the source record that wished for it.
    pub record: String,
    /// The target's object: `ProductRatePlan`.
    pub object: String,
    /// Its id in the target.
    pub target_id: String,
    /// The key of the parent's wish, where it lies within another resource.
    pub parent: Option<String>,
    /// Counts the settlements of this entry, from 1.
    pub version: u64,
    /// One fingerprint per field of what was applied.
    pub digests: BTreeMap<String, Fingerprint>,
    /// Whether it was retired: no longer wished for, expired or kept as the mapping says.
    pub retired: bool,
    /// What the target answered that other mappings may refer to, a JSON object as text.
    pub result: String,
    /// What is kept of it where it is an action that took effect; `None` for an object.
    pub action: Option<Box<Action>>,
}

/// What is kept of an action: what it consumed, and what is still owed to the source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Action {
    /// What its followers are held back by: the number of the subscription.
    pub sequence: String,
    /// What it did, in the words of the mapping: `New`, `Amend`.
    pub kind: String,
    /// The day on which it takes effect, as `2026-01-31`.
    pub day: String,
    /// The source rows that it consumed, by id, with a fingerprint per field as it was then.
    pub rows: BTreeMap<String, BTreeMap<String, Fingerprint>>,
    /// What it sent of that which only some kinds may send: JSON texts by their path in the body.
    pub withholdable: BTreeMap<String, String>,
    /// What is to be written to the source because of it, and has not been yet.
    pub owed: Vec<Owed>,
}

/// One write to the source that an action owes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The source's object: `Contract`.
    pub object: String,
    /// The id of the record.
    pub id: String,
    /// The fields, in order.
    pub fields: Vec<(String, OwedValue)>,
}

/// A value that is owed to the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwedValue {
    /// A JSON text; null empties the field.
    Json(String),
    /// What a path finds in the target's result: `$.subscriptions[0].subscriptionNumber`.
    Result(String),
}

/// What an intended write does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntentVerb {
    /// Makes an object.
    Create,
    /// Changes an object.
    Update,
    /// Changes an object that is no longer wished for, as `retire` says.
    Retire,
}

/// A write that is about to be sent, or whose fate is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// What it is for.
    pub wish: Wish,
    /// The id of the source record.
    pub record: String,
    /// The target's object.
    pub object: String,
    /// What it does.
    pub verb: IntentVerb,
    /// The key of the parent's wish.
    pub parent: Option<String>,
    /// The version of the entry that it was made from; `None` where there was no entry.
    pub from_version: Option<u64>,
    /// The id in the target, where it is known before the write.
    pub target_id: Option<String>,
    /// The key fields and their JSON texts, by which the object can be looked up in the target.
    pub lookup: Vec<(String, String)>,
    /// The fingerprints that the entry has once the write took effect.
    pub digests: BTreeMap<String, Fingerprint>,
    /// The run that made it.
    pub run: RunId,
    /// What the entry will keep, where it is for an action.
    pub action: Option<Box<Action>>,
}

/// What became of an intent, or of a wish that needed no write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The entry is now so; its version counts up. Any intent for its wish is done. The `version`
    /// inside is ignored.
    Holds(Entry),
    /// The write did not take effect; the entry is as it was.
    Dropped(Wish),
}

/// The number of a run in its ledger, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunId(pub u64);

/// What is known of a run when it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The command: `run`, `apply`.
    pub command: String,
    /// The digest of the program, as text.
    pub program: String,
    /// The instant that the mapping sees as now, as text.
    pub as_of: String,
}

/// A run that has begun, as the ledger remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRun {
    /// Its number.
    pub id: RunId,
    /// What was known when it began.
    pub run: Run,
    /// How it ended, a JSON text; `None` while it goes on, and for good when it was killed.
    pub summary: Option<String>,
}
