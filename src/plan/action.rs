//! What a plan holds of an action beside its change: the forms in which it is saved and shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    preview::Previewed,
    text::{Json, Place},
};
use crate::{
    ledger::{self, OwedValue},
    program::{Expected, WriteBackDraft, WriteBackValue},
    value::Fingerprint,
};

/// An action as it is planned.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlannedAction {
    /// What its followers are held back by.
    pub sequence: String,
    /// What it does, in the words of the mapping.
    pub kind: String,
    /// The day on which it takes effect.
    pub day: String,
    /// The number under which the target will know it.
    pub number: String,
    /// The field that holds the number.
    pub number_field: String,
    /// The rows that it consumes, by id, with what is in them now.
    pub rows: BTreeMap<String, RowDigests>,
    /// What it sends that other kinds may not send, by the path in the body.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub withholdable: BTreeMap<String, Json>,
    /// What it does not send, by rule, and what differs from what was sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_sent: Vec<NotSent>,
    /// What is written to the source once it took effect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owed: Vec<SourceWrite>,
    /// What is written to the source where it is not done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_failure: Vec<SourceWrite>,
    /// What the source says that it should come to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<ExpectedFigures>,
    /// What the target says that it would come to, where it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Previewed>,
    /// The action of its sequence that comes before it in the plan, as messages name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// How many actions of its sequence had taken effect when the plan was made.
    pub settled_before: u64,
}

/// One fingerprint per field of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowDigests(#[serde(with = "super::text::digests")] pub BTreeMap<String, Fingerprint>);

/// A value that is not sent because its kind of action may not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotSent {
    /// The path in the body.
    pub path: String,
    /// What was sent before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Json>,
    /// What it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<Json>,
}

/// A row that has changed since an action consumed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowChange {
    /// The id of the row.
    pub row: String,
    /// The fields that differ.
    pub fields: Vec<String>,
    /// The number of the action.
    pub number: String,
}

/// One write to the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceWrite {
    /// The source's object.
    pub object: String,
    /// The id of the record.
    pub id: String,
    /// The fields, in order.
    pub fields: Vec<(String, SourceValue)>,
}

/// A value that is written to the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceValue {
    /// A value; null empties the field.
    Json(Json),
    /// What a path finds in the target's result.
    Result(String),
    /// Why the action was not done, cut to so many characters.
    Failure(usize),
}

/// What the source says that an action should come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedFigures {
    /// By how much it should change the monthly recurring revenue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mrr: Option<Json>,
    /// By how much it should change the total contract value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcv: Option<Json>,
    /// By how much the target may differ.
    pub tolerance: Json,
}

impl From<&Expected> for ExpectedFigures {
    fn from(expected: &Expected) -> Self {
        Self {
            mrr: expected.mrr.map(Json::of_decimal),
            tcv: expected.tcv.map(Json::of_decimal),
            tolerance: Json::of_decimal(expected.tolerance),
        }
    }
}

impl From<&WriteBackDraft> for SourceWrite {
    fn from(draft: &WriteBackDraft) -> Self {
        let value = |value: &WriteBackValue| match value {
            WriteBackValue::Json(text) => {
                SourceValue::Json(Json::new(text).unwrap_or_else(Json::null))
            }
            WriteBackValue::Result(path) => SourceValue::Result(path.clone()),
            WriteBackValue::Failure(length) => SourceValue::Failure(*length),
        };
        Self {
            object: draft.object.clone(),
            id: draft.id.clone(),
            fields: draft.fields.iter().map(|(name, kept)| (name.clone(), value(kept))).collect(),
        }
    }
}

impl SourceWrite {
    /// The forms of drafts.
    pub(super) fn of(drafts: &[WriteBackDraft]) -> Vec<Self> {
        drafts.iter().map(Self::from).collect()
    }

    /// What the ledger keeps of it until it is written. The text of a failure is nothing that an
    /// action owes which took effect.
    fn owed(&self) -> ledger::Owed {
        let value = |(name, value): &(String, SourceValue)| match value {
            SourceValue::Json(json) => Some((name.clone(), OwedValue::Json(json.text().into()))),
            SourceValue::Result(path) => Some((name.clone(), OwedValue::Result(path.clone()))),
            SourceValue::Failure(_) => None,
        };
        ledger::Owed {
            object: self.object.clone(),
            id: self.id.clone(),
            fields: self.fields.iter().filter_map(value).collect(),
        }
    }
}

impl PlannedAction {
    /// What the ledger keeps of it.
    pub fn kept(&self) -> ledger::Action {
        ledger::Action {
            sequence: self.sequence.clone(),
            kind: self.kind.clone(),
            day: self.day.clone(),
            rows: self.rows.iter().map(|(id, row)| (id.clone(), row.0.clone())).collect(),
            withholdable: self
                .withholdable
                .iter()
                .map(|(path, json)| (path.clone(), json.text().to_owned()))
                .collect(),
            owed: self.owed.iter().map(SourceWrite::owed).collect(),
        }
    }

    /// As messages name it: `New C-00012-ab12cd34ef56`.
    pub fn named(&self) -> String {
        format!("{} {}", self.kind, self.number)
    }
}

/// What is said of a place where the mapping makes actions.
pub(super) fn place_of(action: &crate::program::Action) -> Place {
    Place::from(&action.origin)
}
