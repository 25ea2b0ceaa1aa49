//! The tables, and how an older file comes to have them.

use rusqlite::{Connection, TransactionBehavior};

use super::fault::Fault;
use crate::ledger::LedgerError;

/// One script per format, each from the one before; a file's `user_version` is the number of
/// scripts that it has seen. A script that was released is never edited.
///
/// `entries` and `intents` keep their rowid, for their rows (digests of forty fields are 2 kB) are
/// too long to live in the nodes of an index; `intents` are numbered by it in the order in which
/// they came. The rowids of entries grow too, so that they tell which action took effect first.
const SCRIPTS: [&str; 2] = [
    "
create table binding (
    side text not null check (side in ('source', 'target')),
    system text not null,
    id text not null,
    primary key (side, system)
) strict, without rowid;

create table runs (
    run integer primary key,
    command text not null,
    program text not null,
    as_of text not null,
    summary text
) strict;

create table entries (
    mapping text not null,
    resource text not null,
    key text not null,
    record text not null,
    object text not null,
    target_id text not null,
    parent text,
    version integer not null check (version > 0),
    digests text not null,
    retired integer not null check (retired in (0, 1)),
    result text not null,
    primary key (mapping, resource, key)
) strict;

create index entries_of_record on entries (mapping, record);

create table intents (
    number integer primary key,
    mapping text not null,
    resource text not null,
    key text not null,
    record text not null,
    object text not null,
    verb text not null check (verb in ('create', 'update', 'retire')),
    parent text,
    from_version integer,
    target_id text,
    lookup text not null,
    digests text not null,
    run integer not null,
    unique (mapping, resource, key)
) strict;

create table marks (
    mapping text not null,
    relation text not null,
    mark text not null,
    primary key (mapping, relation)
) strict, without rowid;
",
    "
alter table entries add column sequence text;
alter table entries add column action text;
alter table entries add column owed text;
alter table intents add column sequence text;
alter table intents add column action text;
alter table intents add column owed text;

create index entries_of_sequence on entries (mapping, sequence) where sequence is not null;
create index entries_owing on entries (mapping, resource, key) where owed is not null;
",
];

/// Says that a SQLite file is a ledger of this program: the letters `CWLK`.
const APPLICATION_ID: i32 = 0x4357_4c4b;

/// What a file is, before anything in it is touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// There is nothing in it yet.
    Empty,
    /// A ledger that lacks scripts.
    Older,
    /// A ledger of the newest format.
    Newest,
}

/// Looks what a file is.
///
/// # Errors
/// [`LedgerError::Newer`], and a fault for what is no ledger.
pub(super) fn standing(store: &Connection, place: &str) -> Result<Standing, Fault> {
    let id: i32 = store.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let found: i32 = store.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let things: i64 =
        store.query_row("select count(*) from sqlite_schema", [], |row| row.get(0))?;
    if (id, found, things) == (0, 0, 0) {
        return Ok(Standing::Empty);
    }
    if id != APPLICATION_ID {
        return Err(Fault::Damaged("it is a database of another program".to_owned()));
    }
    let found = u32::try_from(found).map_err(|error| Fault::Damaged(error.to_string()))?;
    match found.cmp(&newest()) {
        std::cmp::Ordering::Less => Ok(Standing::Older),
        std::cmp::Ordering::Equal => Ok(Standing::Newest),
        std::cmp::Ordering::Greater => {
            let place = place.to_owned();
            Err(LedgerError::Newer { place, found, known: newest() }.into())
        }
    }
}

/// Brings a file to the newest format, whole or not at all.
pub(super) fn migrate(store: &mut Connection) -> Result<(), Fault> {
    let change = store.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i32 = change.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let seen = usize::try_from(found).map_err(|error| Fault::Damaged(error.to_string()))?;
    for script in SCRIPTS.iter().skip(seen) {
        change.execute_batch(script)?;
    }
    change.pragma_update(None, "application_id", APPLICATION_ID)?;
    change.pragma_update(None, "user_version", newest())?;
    Ok(change.commit()?)
}

fn newest() -> u32 {
    u32::try_from(SCRIPTS.len()).unwrap_or(u32::MAX)
}
