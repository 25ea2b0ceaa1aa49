//! What took effect before a case is run, as its `known` says it.

use std::collections::BTreeSet;

use crosswalk::program::{Known, KnownAction};
use serde::Deserialize;

/// An action that took effect.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    /// The record that it was for.
    record: String,
    /// Its sequence; where none is given it belongs to the first sequence of its record.
    sequence: Option<String>,
    /// What it did.
    kind: String,
    /// The day on which it took effect.
    day: String,
    /// The ids of the rows that it consumed.
    rows: Vec<String>,
    /// What the target answered.
    #[serde(default)]
    result: serde_json::Map<String, serde_json::Value>,
}

/// What is known of the sequences of a record.
pub fn known_of(settled: &[Settled], record: &str, sequences: &BTreeSet<String>) -> Known {
    let of_it = |action: &&Settled| match &action.sequence {
        Some(named) => sequences.contains(named),
        None => action.record == record,
    };
    let first = sequences.first();
    let action = |action: &Settled| KnownAction {
        record: action.record.clone(),
        sequence: action.sequence.as_ref().or(first).cloned().unwrap_or_default(),
        kind: action.kind.clone(),
        day: action.day.clone(),
        rows: action.rows.clone(),
        result: serde_json::Value::Object(action.result.clone()).to_string(),
    };
    Known { actions: settled.iter().filter(of_it).map(action).collect() }
}
