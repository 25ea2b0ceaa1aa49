//! Segments: what one page of the source becomes in a plan.

use serde::{Deserialize, Serialize};

use super::{
    action::{RowChange, SourceWrite},
    change::Change,
    text::Place,
};
use crate::program::{Left, Verdict};

/// The records of a page and what is decided for their objects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Its number, from 1.
    pub number: u64,
    /// Its records, in the order of the source.
    pub records: Vec<RecordLine>,
    /// Its changes; a parent stands before what lies within it.
    pub changes: Vec<Change>,
}

/// A record that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordLine {
    /// Its id.
    pub record: String,
    /// How a person knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What became of it.
    pub fate: RecordFate,
    /// Rows of it that have changed since an action consumed them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<RowChange>,
    /// What is written to the source where it is rejected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_failure: Vec<SourceWrite>,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordFate {
    /// It wishes for so many objects; these items of it are left out.
    Mapped {
        /// How many objects.
        drafts: u64,
        /// Items that the mapping leaves out.
        items_skipped: Vec<LeftOut>,
    },
    /// The mapping leaves it out.
    Skipped(LeftOut),
    /// It breaks a rule.
    Rejected(LeftOut),
}

/// Why a record or an item is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The rule.
    pub rule: String,
    /// The reason.
    pub reason: String,
    /// The place in the mapping.
    pub place: Place,
    /// The source path that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl From<&Verdict> for LeftOut {
    fn from(verdict: &Verdict) -> Self {
        Self {
            rule: verdict.rule.to_owned(),
            reason: verdict.reason.clone(),
            place: Place::from(&verdict.origin),
            path: verdict.path.clone(),
        }
    }
}

impl RecordLine {
    /// A record that is left out.
    pub(super) fn left(left: &Left, fate: impl FnOnce(LeftOut) -> RecordFate) -> Self {
        let fate = fate(LeftOut::from(&left.verdict));
        Self {
            record: left.record.clone(),
            label: left.label.clone(),
            on_failure: match fate {
                RecordFate::Rejected(_) => SourceWrite::of(&left.on_failure),
                RecordFate::Mapped { .. } | RecordFate::Skipped(_) => Vec::new(),
            },
            fate,
            changed: Vec::new(),
        }
    }
}
