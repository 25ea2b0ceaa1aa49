//! What could stand at a cursor.

use std::ops::Range;

use super::{
    Look, PROBE,
    cursor::{Spot, spot},
    possible_at, replaced,
};
use crate::{compile::grammar, diag::Possible};

/// What could stand at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// What a name that is taken replaces.
    pub range: Range<usize>,
    /// What is written behind a name that is taken.
    pub then: &'static str,
    /// The names, each as it would be written there.
    pub items: Vec<Possible>,
}

/// What could stand at a place of a text.
pub fn complete(text: &str, at: usize, look: &mut Look<'_>) -> Completion {
    match spot(text, at) {
        Some(Spot::Key { word, colon }) => {
            let items = keys(text, &word, colon, look);
            let then = if colon { "" } else { ": " };
            Completion { range: word, then, items }
        }
        Some(Spot::Part { word }) => {
            let items = probe(text, &word, PROBE, look);
            Completion { range: word, then: "", items }
        }
        Some(Spot::Value { whole }) => {
            let items = values(text, &whole, look);
            Completion { range: whole, then: "", items }
        }
        None => Completion { range: at..at, ..Completion::default() },
    }
}

/// What could stand in a range, where something is put around the probe.
pub(super) fn probe(
    text: &str,
    range: &Range<usize>,
    with: &str,
    look: &mut Look<'_>,
) -> Vec<Possible> {
    let at = range.start + with.find(PROBE).unwrap_or_default();
    let findings = look(&replaced(text, range.clone(), with));
    possible_at(&findings, at..at + PROBE.len())
}

/// The keys that the block takes; the instructions where it is about fields of the target, or
/// where nothing is known of it yet.
pub(super) fn keys(
    text: &str,
    word: &Range<usize>,
    colon: bool,
    look: &mut Look<'_>,
) -> Vec<Possible> {
    let with = if colon { PROBE.to_owned() } else { format!("{PROBE}: x") };
    let mut items = probe(text, word, &with, look);
    let of_language = items.iter().any(|item| item.detail == "key");
    if !of_language {
        let keys = match items.is_empty() {
            true => grammar::instructions(),
            false => grammar::FIELDS.keys.iter().collect(),
        };
        items.extend(keys.into_iter().map(grammar::Key::possible));
    }
    items
}

/// The values of the field, and the ways to the record and to names.
fn values(text: &str, whole: &Range<usize>, look: &mut Look<'_>) -> Vec<Possible> {
    let mut items = probe(text, whole, PROBE, look);
    let of_language = text.get(..whole.start).is_some_and(is_name_of_mapping);
    if !whole.is_empty() || of_language {
        return items;
    }
    let names = probe(text, whole, &format!("${PROBE}"), look);
    // Where a sign changes nothing, a name of the language is wanted.
    if names == items {
        return items;
    }
    for name in names {
        // The record has its own sign.
        let written = if name.name == "record" { "$.".into() } else { format!("${}", name.name) };
        if !items.iter().any(|item| item.name == written) {
            items.push(Possible { name: written, ..name });
        }
    }
    items
}

/// Whether the key before a place takes the name of something, and never a select.
fn is_name_of_mapping(before: &str) -> bool {
    let key = before.trim_end().trim_end_matches(':');
    let key = key.rsplit([' ', '{', ',', '\n']).next().unwrap_or_default();
    let keys = ["$map", "$table", "$shape", "$ref", "object", "within", "system", "retire", "hit"];
    keys.contains(&key)
}
