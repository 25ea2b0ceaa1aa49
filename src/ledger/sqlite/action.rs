//! What rows keep of actions: the sequence in a column of its own, the rest as JSON texts.

use std::collections::BTreeMap;

use rusqlite::Row;
use serde::{Deserialize, Serialize};

use super::{fault::Fault, row};
use crate::{
    ledger::{Action, Owed, OwedValue, Wish},
    value::Fingerprint,
};

/// The column `action`. Fingerprints are 32 hexadecimal digits each.
#[derive(Serialize, Deserialize)]
struct Kept {
    kind: String,
    day: String,
    rows: BTreeMap<String, BTreeMap<String, String>>,
    withholdable: BTreeMap<String, String>,
}

/// An item of the column `owed`.
#[derive(Serialize, Deserialize)]
struct KeptOwed {
    object: String,
    id: String,
    fields: Vec<(String, KeptValue)>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeptValue {
    Json(String),
    Result(String),
}

/// The column `action` of an entry or an intent.
pub(super) fn write(action: Option<&Action>) -> Result<Option<String>, Fault> {
    let Some(action) = action else { return Ok(None) };
    let digits = |fields: &BTreeMap<String, Fingerprint>| {
        fields.iter().map(|(name, digest)| (name.clone(), digest.to_string())).collect()
    };
    let kept = Kept {
        kind: action.kind.clone(),
        day: action.day.clone(),
        rows: action.rows.iter().map(|(id, fields)| (id.clone(), digits(fields))).collect(),
        withholdable: action.withholdable.clone(),
    };
    serde_json::to_string(&kept).map(Some).map_err(row::damaged)
}

/// The column `owed`; null where nothing is owed, so that an index finds what is.
pub(super) fn write_owed(action: Option<&Action>) -> Result<Option<String>, Fault> {
    let Some(action) = action.filter(|action| !action.owed.is_empty()) else { return Ok(None) };
    let value = |value: &OwedValue| match value {
        OwedValue::Json(text) => KeptValue::Json(text.clone()),
        OwedValue::Result(path) => KeptValue::Result(path.clone()),
    };
    let kept = |owed: &Owed| KeptOwed {
        object: owed.object.clone(),
        id: owed.id.clone(),
        fields: owed.fields.iter().map(|(name, text)| (name.clone(), value(text))).collect(),
    };
    let kept: Vec<KeptOwed> = action.owed.iter().map(kept).collect();
    serde_json::to_string(&kept).map(Some).map_err(row::damaged)
}

/// What the columns `sequence`, `action` and `owed` hold; the first of them stands at `at`.
pub(super) fn read(of: &Wish, row: &Row<'_>, at: usize) -> Result<Option<Box<Action>>, Fault> {
    let Some(text) = row.get::<_, Option<String>>(at + 1)? else { return Ok(None) };
    let Kept { kind, day, rows, withholdable } = row::read_json(of, &text)?;
    let rows = rows.into_iter().map(|(id, fields)| Ok((id, row::digests_of(of, fields)?)));
    let owed: Option<String> = row.get(at + 2)?;
    Ok(Some(Box::new(Action {
        sequence: row.get::<_, Option<String>>(at)?.unwrap_or_default(),
        kind,
        day,
        rows: rows.collect::<Result<_, Fault>>()?,
        withholdable,
        owed: owed.map(|text| read_owed(of, &text)).transpose()?.unwrap_or_default(),
    })))
}

fn read_owed(of: &Wish, text: &str) -> Result<Vec<Owed>, Fault> {
    let value = |value| match value {
        KeptValue::Json(text) => OwedValue::Json(text),
        KeptValue::Result(path) => OwedValue::Result(path),
    };
    let owed = |kept: KeptOwed| Owed {
        object: kept.object,
        id: kept.id,
        fields: kept.fields.into_iter().map(|(name, text)| (name, value(text))).collect(),
    };
    let kept: Vec<KeptOwed> = row::read_json(of, text)?;
    Ok(kept.into_iter().map(owed).collect())
}
