//! Rows and what they mean: entries, intents, runs.

use std::collections::BTreeMap;

use rusqlite::Row;
use serde::de::DeserializeOwned;

use super::{action, fault::Fault};
use crate::{
    ledger::{Entry, Intent, IntentVerb, PastRun, Run, RunId, Wish},
    value::Fingerprint,
};

/// The columns that [`entry`] reads, in its order.
pub(super) const ENTRY: &str = "mapping, resource, key, record, object, target_id, parent, \
                                version, digests, retired, result, sequence, action, owed";

/// The columns that [`intent`] reads, in its order.
pub(super) const INTENT: &str = "mapping, resource, key, record, object, verb, parent, \
                                 from_version, target_id, lookup, digests, run, \
                                 sequence, action, owed";

/// The columns that [`past_run`] reads, in its order.
pub(super) const RUN: &str = "run, command, program, as_of, summary";

pub(super) fn entry(row: &Row<'_>) -> Result<Entry, Fault> {
    let wish = wish(row)?;
    Ok(Entry {
        record: row.get(3)?,
        object: row.get(4)?,
        target_id: row.get(5)?,
        parent: row.get(6)?,
        version: counted(row.get(7)?)?,
        digests: read_digests(&wish, &row.get::<_, String>(8)?)?,
        retired: row.get(9)?,
        result: row.get(10)?,
        action: action::read(&wish, row, 11)?,
        wish,
    })
}

pub(super) fn intent(row: &Row<'_>) -> Result<Intent, Fault> {
    let wish = wish(row)?;
    Ok(Intent {
        record: row.get(3)?,
        object: row.get(4)?,
        verb: read_verb(&wish, &row.get::<_, String>(5)?)?,
        parent: row.get(6)?,
        from_version: row.get::<_, Option<i64>>(7)?.map(counted).transpose()?,
        target_id: row.get(8)?,
        lookup: read_json(&wish, &row.get::<_, String>(9)?)?,
        digests: read_digests(&wish, &row.get::<_, String>(10)?)?,
        run: RunId(counted(row.get(11)?)?),
        action: action::read(&wish, row, 12)?,
        wish,
    })
}

pub(super) fn past_run(row: &Row<'_>) -> Result<PastRun, Fault> {
    Ok(PastRun {
        id: RunId(counted(row.get(0)?)?),
        run: Run { command: row.get(1)?, program: row.get(2)?, as_of: row.get(3)? },
        summary: row.get(4)?,
    })
}

fn wish(row: &Row<'_>) -> Result<Wish, Fault> {
    Ok(Wish { mapping: row.get(0)?, resource: row.get(1)?, key: row.get(2)? })
}

/// A count as SQLite keeps it, which knows no unsigned numbers.
pub(super) fn kept(count: u64) -> Result<i64, Fault> {
    i64::try_from(count).map_err(damaged)
}

/// A count that SQLite kept.
pub(super) fn counted(kept: i64) -> Result<u64, Fault> {
    u64::try_from(kept).map_err(damaged)
}

pub(super) fn verb(verb: IntentVerb) -> &'static str {
    match verb {
        IntentVerb::Create => "create",
        IntentVerb::Update => "update",
        IntentVerb::Retire => "retire",
    }
}

fn read_verb(of: &Wish, text: &str) -> Result<IntentVerb, Fault> {
    match text {
        "create" => Ok(IntentVerb::Create),
        "update" => Ok(IntentVerb::Update),
        "retire" => Ok(IntentVerb::Retire),
        _ => Err(damaged(format_args!("the row of `{of}`: `{text}` is no verb"))),
    }
}

/// Field names and fingerprints as a JSON object.
pub(super) fn digests(digests: &BTreeMap<String, Fingerprint>) -> Result<String, Fault> {
    let texts: BTreeMap<&str, String> =
        digests.iter().map(|(field, digest)| (field.as_str(), digest.to_string())).collect();
    serde_json::to_string(&texts).map_err(damaged)
}

fn read_digests(of: &Wish, text: &str) -> Result<BTreeMap<String, Fingerprint>, Fault> {
    digests_of(of, read_json(of, text)?)
}

/// Fingerprints from their digits.
pub(super) fn digests_of(
    of: &Wish,
    texts: BTreeMap<String, String>,
) -> Result<BTreeMap<String, Fingerprint>, Fault> {
    let read = |(field, digest): (String, String)| match Fingerprint::parse(&digest) {
        Some(digest) => Ok((field, digest)),
        None => Err(damaged(format_args!("the row of `{of}`: `{digest}` is no fingerprint"))),
    };
    texts.into_iter().map(read).collect()
}

/// The key fields of an intent as a JSON array of pairs: their order is kept.
pub(super) fn lookup(fields: &[(String, String)]) -> Result<String, Fault> {
    serde_json::to_string(fields).map_err(damaged)
}

pub(super) fn read_json<T: DeserializeOwned>(of: &Wish, text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|why| damaged(format_args!("the row of `{of}`: {why}")))
}

pub(super) fn damaged(why: impl ToString) -> Fault {
    Fault::Damaged(why.to_string())
}
