//! Changes: what a plan decides for one wished object, with everything that carrying it out needs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    action::PlannedAction,
    text::{Json, Place, WishId},
};
use crate::value::Fingerprint;

/// What is decided for one wished, or no longer wished, object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What identifies it.
    pub wish: WishId,
    /// The id of the source record.
    pub record: String,
    /// How a person knows the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The target's object: `ProductRatePlan`.
    pub object: String,
    /// What it lies within.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<WishId>,
    /// Where the mapping wishes for it.
    pub place: Place,
    /// What is done.
    pub decision: Decision,
    /// Why, in a sentence.
    pub reason: String,
    /// The version of the ledger's entry that this was decided from; `None` without an entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_version: Option<u64>,
    /// The id in the target, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_id: Option<String>,
    /// What is sent, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub body: Vec<(String, Sent)>,
    /// The object as it was read, for what the target needs to know of it when it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Json>,
    /// The key by which the object is found again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lookup: Vec<(String, Sent)>,
    /// One digest per field, once this took effect.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "super::text::digests")]
    pub digests: BTreeMap<String, Fingerprint>,
    /// Wishes that must hold before: a parent that is made by this plan, objects referred to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<WishId>,
    /// Fingerprints of wishes whose change comes first, because it gives a value free.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
    /// What the target answered so far that other mappings may refer to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Json>,
    /// What it is beside, where it is an action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Box<PlannedAction>>,
    /// Whether it is known and no record wishes for it any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unwished: bool,
    /// Values of it that no two objects may share. Gone from a finished plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unique: Vec<UniqueClaim>,
    /// Such values that other objects of the target have now. Gone from a finished plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<Held>,
    /// What to say of an object that fits `adopt_by` and has another key, unless it is known whose
    /// it is. Gone from a finished plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estranged: Option<Trouble>,
}

/// A value that no two objects may share, and that another object of the target has now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The fingerprint of the value, as in [`UniqueClaim`].
    pub value: String,
    /// What to say unless the plan gives the value free before; it names the objects.
    pub trouble: Trouble,
}

/// A value that no two objects may share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UniqueClaim {
    /// The fingerprint of the value with its object, fields and scope, as text.
    pub value: String,
    /// The fields.
    pub fields: Vec<String>,
    /// The value, for people.
    pub shown: String,
    /// Where the mapping says so.
    pub place: Place,
}

/// What is done with a wished object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is made.
    Create,
    /// It is known, and fields of it change.
    Update(Vec<FieldChange>),
    /// It is as it is wished for.
    Unchanged,
    /// It is in the target as it is wished for, and the ledger learns so. Nothing is sent.
    Adopt,
    /// It is in the target, the ledger learns so, and fields of it change.
    AdoptAndUpdate(Vec<FieldChange>),
    /// It is no longer wished for.
    Retire(Retirement),
    /// Another record wishes for the same, with the same values.
    Merged,
    /// It is an action, and is sent.
    Send,
    /// It is an action that took effect already. Nothing is sent.
    Settled,
    /// It is an action that is only previewed. Nothing is sent.
    Preview,
    /// It cannot be decided who is meant or who is right. Nothing is sent.
    Conflict(Trouble),
    /// A rule of the target or something that is missing stands in the way. Nothing is sent.
    Blocked(Trouble),
}

/// What is done with an object that is no longer wished for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retirement {
    /// One field is set.
    Expire(FieldChange),
    /// It stays as it is, and the ledger learns that it is retired.
    Keep,
}

/// A value that changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The path from the object: `Tiers[Currency=USD].Price`.
    pub path: String,
    /// The value in the target; `None` where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Json>,
    /// The wished value; `None` where an item goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<Json>,
    /// Where the mapping says so.
    pub place: Place,
}

/// Records that one trouble names. Where thousands share a name, each names some of the others.
pub const RECORDS_NAMED_MAX: usize = 20;

pub(super) fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Why something is not done, and the way out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// The rule in a word that stays the same over releases, such as `unique-value`.
    pub rule: String,
    /// What is the matter, in a sentence.
    pub what: String,
    /// What to do about it.
    pub way_out: String,
    /// The field, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Where the mapping says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The ids of the other source records in it, at most [`RECORDS_NAMED_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<String>,
    /// How many further records there are.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_records: u64,
    /// The ids of the target's objects in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
    /// What holds it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<WishId>,
}

/// A value that is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    /// A value.
    Json(Json),
    /// The id, or a field of the answer, of an object that is not in the ledger yet.
    Pending {
        /// The object.
        of: WishId,
        /// The field of its answer; the id where none is named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        take: Option<String>,
    },
    /// A value that holds such ids somewhere inside.
    Holed(Holes),
}

/// A value with holes where ids of other objects go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holes {
    /// The value; each hole holds `null`.
    pub text: Json,
    /// The holes, in the order of the text.
    pub holes: Vec<Hole>,
}

/// A hole in a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hole {
    /// Where its `null` begins in the text.
    pub at: usize,
    /// The object.
    pub of: WishId,
    /// The field of its answer; the id where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub take: Option<String>,
}

/// The kinds of decisions, as they are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Made.
    Created,
    /// Changed.
    Updated,
    /// Already as wished for.
    Unchanged,
    /// Found in the target and taken over, with or without a change.
    Adopted,
    /// No longer wished for.
    Retired,
    /// Wished for by two records alike.
    Merged,
    /// Actions that are sent.
    Sent,
    /// Actions that took effect already.
    Settled,
    /// Actions that are only previewed.
    Previewed,
    /// In conflict.
    Conflict,
    /// Held back.
    Blocked,
}

impl Decision {
    /// How it is counted.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Create => Kind::Created,
            Self::Update(_) => Kind::Updated,
            Self::Unchanged => Kind::Unchanged,
            Self::Adopt | Self::AdoptAndUpdate(_) => Kind::Adopted,
            Self::Retire(_) => Kind::Retired,
            Self::Merged => Kind::Merged,
            Self::Send => Kind::Sent,
            Self::Settled => Kind::Settled,
            Self::Preview => Kind::Previewed,
            Self::Conflict(_) => Kind::Conflict,
            Self::Blocked(_) => Kind::Blocked,
        }
    }

    /// Whether something is sent to the target.
    pub fn writes(&self) -> bool {
        match self {
            Self::Create | Self::Update(_) | Self::AdoptAndUpdate(_) | Self::Send => true,
            Self::Retire(Retirement::Expire(_)) => true,
            Self::Retire(Retirement::Keep) | Self::Unchanged | Self::Adopt => false,
            Self::Merged | Self::Conflict(_) | Self::Blocked(_) => false,
            Self::Settled | Self::Preview => false,
        }
    }

    /// Whether an object that is there changes.
    pub fn moves(&self) -> bool {
        matches!(self, Self::Update(_) | Self::AdoptAndUpdate(_))
    }

    /// Whether the ledger learns something without a write.
    pub fn settles(&self) -> bool {
        matches!(self, Self::Adopt | Self::Retire(Retirement::Keep))
    }

    /// Whether the ledger has an entry afterwards that it did not have before.
    pub fn makes(&self) -> bool {
        matches!(self, Self::Create | Self::Adopt | Self::AdoptAndUpdate(_) | Self::Send)
    }
}
