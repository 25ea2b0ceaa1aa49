//! The calls that read. Each runs within one snapshot.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Params, Row, params};

use super::{
    fault::Fault,
    row::{self, ENTRY, INTENT, RUN},
};
use crate::{
    connector::Marks,
    ledger::{Entry, Intent, PastRun, Wish},
};

/// One statement per record, prepared once: a list of unknown length would need a new statement
/// for each length, and a JSON array as parameter loses texts with a zero byte.
pub(super) fn of_records(
    store: &Connection,
    mapping: &str,
    records: &[String],
) -> Result<Vec<Entry>, Fault> {
    let sql = format!("select {ENTRY} from entries where mapping = ?1 and record = ?2");
    let records: BTreeSet<&String> = records.iter().collect();
    let mut entries = BTreeMap::new();
    for record in records {
        for entry in all(store, &sql, params![mapping, record], row::entry)? {
            entries.insert(entry.wish.clone(), entry);
        }
    }
    Ok(entries.into_values().collect())
}

pub(super) fn of_wishes(store: &Connection, wishes: &[Wish]) -> Result<Vec<Entry>, Fault> {
    let sql =
        format!("select {ENTRY} from entries where mapping = ?1 and resource = ?2 and key = ?3");
    let wishes: BTreeSet<&Wish> = wishes.iter().collect();
    let mut entries = Vec::new();
    for wish in wishes {
        let key = params![wish.mapping, wish.resource, wish.key];
        entries.extend(all(store, &sql, key, row::entry)?);
    }
    Ok(entries)
}

/// As for records, one statement per sequence. An entry keeps its rowid when it changes, so the
/// rowids tell which took effect first.
pub(super) fn of_sequences(
    store: &Connection,
    mapping: &str,
    sequences: &[String],
) -> Result<Vec<Entry>, Fault> {
    let sql = format!("select {ENTRY}, rowid from entries where mapping = ?1 and sequence = ?2");
    let sequences: BTreeSet<&String> = sequences.iter().collect();
    let mut entries = BTreeMap::new();
    for sequence in sequences {
        let numbered = |row: &Row<'_>| Ok((row.get::<_, i64>("rowid")?, row::entry(row)?));
        entries.extend(all(store, &sql, params![mapping, sequence], numbered)?);
    }
    Ok(entries.into_values().collect())
}

/// Which entries a page is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// Every entry.
    All,
    /// Actions that owe something to the source.
    Owing,
}

pub(super) fn page(
    store: &Connection,
    which: Which,
    mapping: &str,
    after: Option<&Wish>,
    limit: usize,
) -> Result<Vec<Entry>, Fault> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let owing = if which == Which::Owing { "and owed is not null" } else { "" };
    // A wish of another mapping lies before or after all of this one's.
    match after.map(|after| (after, after.mapping.as_str().cmp(mapping))) {
        Some((_, std::cmp::Ordering::Greater)) => Ok(Vec::new()),
        Some((after, std::cmp::Ordering::Equal)) => {
            let sql = format!(
                "select {ENTRY} from entries where mapping = ?1 {owing} \
                 and (resource, key) > (?2, ?3) order by resource, key limit ?4"
            );
            all(store, &sql, params![mapping, after.resource, after.key, limit], row::entry)
        }
        Some((_, std::cmp::Ordering::Less)) | None => {
            let sql = format!(
                "select {ENTRY} from entries where mapping = ?1 {owing} \
                 order by resource, key limit ?2"
            );
            all(store, &sql, params![mapping, limit], row::entry)
        }
    }
}

pub(super) fn unsettled(store: &Connection, mapping: &str) -> Result<Vec<Intent>, Fault> {
    let sql = format!("select {INTENT} from intents where mapping = ?1 order by number");
    all(store, &sql, params![mapping], row::intent)
}

pub(super) fn marks(store: &Connection, mapping: &str) -> Result<Marks, Fault> {
    let sql = "select relation, mark from marks where mapping = ?1";
    let pairs = all(store, sql, params![mapping], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(pairs.into_iter().collect())
}

pub(super) fn runs(store: &Connection, limit: usize) -> Result<Vec<PastRun>, Fault> {
    let sql = format!("select {RUN} from runs order by run desc limit ?1");
    all(store, &sql, params![i64::try_from(limit).unwrap_or(i64::MAX)], row::past_run)
}

fn all<T>(
    store: &Connection,
    sql: &str,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let mut statement = store.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}
