//! Notes to the source: what is written there because something was not done, or only previewed.

use super::results::find;
use crate::plan::{Change, Json, RecordFate, RecordLine, SourceValue, SourceWrite};

/// One write to the source that no settled action owes. What was written is remembered by its
/// fingerprints, so that the same is written once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    /// The source record that it is about, for the ledger.
    pub record: String,
    /// The object.
    pub object: String,
    /// The id.
    pub id: String,
    /// The fields.
    pub fields: Vec<(String, Json)>,
}

impl Note {
    /// What is said of a record that is rejected.
    pub fn of_record(line: &RecordLine) -> Vec<Self> {
        match &line.fate {
            RecordFate::Rejected(why) => of_writes(&line.record, &line.on_failure, &why.reason),
            RecordFate::Mapped { .. } | RecordFate::Skipped(_) => Vec::new(),
        }
    }

    /// What is said of an action that was not done.
    pub fn of_failure(change: &Change, said: &str) -> Vec<Self> {
        let action = change.action.as_ref();
        action.map_or(Vec::new(), |action| of_writes(&change.record, &action.on_failure, said))
    }

    /// What a preview came to, a JSON object.
    pub fn of_preview(change: &Change, result: &str) -> Vec<Self> {
        let owed = change.action.as_ref().map_or(&[][..], |action| &action.owed);
        let value = |(name, value): &(String, SourceValue)| match value {
            SourceValue::Json(json) => Some((name.clone(), json.clone())),
            SourceValue::Result(path) => Some((name.clone(), find(result, path))),
            SourceValue::Failure(_) => None,
        };
        let note = |write: &SourceWrite| Self {
            record: change.record.clone(),
            object: write.object.clone(),
            id: write.id.clone(),
            fields: write.fields.iter().filter_map(value).collect(),
        };
        owed.iter().map(note).collect()
    }
}

fn of_writes(record: &str, writes: &[SourceWrite], said: &str) -> Vec<Note> {
    let value = |(name, value): &(String, SourceValue)| match value {
        SourceValue::Json(json) => Some((name.clone(), json.clone())),
        SourceValue::Failure(length) => Some((name.clone(), cut(said, *length))),
        // What failed has no result.
        SourceValue::Result(_) => None,
    };
    let note = |write: &SourceWrite| Note {
        record: record.to_owned(),
        object: write.object.clone(),
        id: write.id.clone(),
        fields: write.fields.iter().filter_map(value).collect(),
    };
    writes.iter().map(note).collect()
}

/// A text of at most so many characters.
fn cut(said: &str, length: usize) -> Json {
    if said.chars().count() <= length {
        return Json::of_text(said);
    }
    let kept: String = said.chars().take(length.saturating_sub(1)).collect();
    Json::of_text(&format!("{kept}…"))
}
