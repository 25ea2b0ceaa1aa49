//! The calls that change. Each runs within a savepoint, so it may give up in the middle.

use rusqlite::{Connection, OptionalExtension, params};

use super::{action, fault::Fault, row};
use crate::{
    connector::{Identity, Marks},
    ledger::{Entry, Intent, LedgerError, Run, RunId, Settlement, Wish},
};

pub(super) fn bind(store: &Connection, source: &Identity, target: &Identity) -> Result<(), Fault> {
    let mut find =
        store.prepare_cached("select id from binding where side = ?1 and system = ?2")?;
    for (side, asked) in [("source", source), ("target", target)] {
        let bound: Option<String> =
            find.query_row(params![side, asked.system], |row| row.get(0)).optional()?;
        match bound {
            Some(bound) if bound == asked.id => {}
            Some(bound) => return Err(LedgerError::elsewhere(&bound, asked).into()),
            None => {
                let sql = "insert into binding (side, system, id) values (?1, ?2, ?3)";
                store.execute(sql, params![side, asked.system, asked.id])?;
            }
        }
    }
    Ok(())
}

pub(super) fn intend(store: &Connection, intents: &[Intent]) -> Result<(), Fault> {
    for intent in intents {
        let now = version(store, &intent.wish)?;
        if now != intent.from_version {
            let (wish, from) = (&intent.wish, intent.from_version);
            return Err(LedgerError::version_differs(wish, from, now).into());
        }
        if !insert_intent(store, intent)? {
            return Err(LedgerError::under_way(&intent.wish).into());
        }
    }
    Ok(())
}

fn version(store: &Connection, wish: &Wish) -> Result<Option<u64>, Fault> {
    let mut find = store.prepare_cached(
        "select version from entries where mapping = ?1 and resource = ?2 and key = ?3",
    )?;
    let key = params![wish.mapping, wish.resource, wish.key];
    let found: Option<i64> = find.query_row(key, |row| row.get(0)).optional()?;
    found.map(row::counted).transpose()
}

/// Whether there was room for it: an intent for the same wish keeps its place.
fn insert_intent(store: &Connection, intent: &Intent) -> Result<bool, Fault> {
    let mut insert = store.prepare_cached(
        "insert into intents (mapping, resource, key, record, object, verb, parent, \
         from_version, target_id, lookup, digests, run, sequence, action, owed) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) \
         on conflict (mapping, resource, key) do nothing",
    )?;
    let inserted = insert.execute(params![
        intent.wish.mapping,
        intent.wish.resource,
        intent.wish.key,
        intent.record,
        intent.object,
        row::verb(intent.verb),
        intent.parent,
        intent.from_version.map(row::kept).transpose()?,
        intent.target_id,
        row::lookup(&intent.lookup)?,
        row::digests(&intent.digests)?,
        row::kept(intent.run.0)?,
        intent.action.as_ref().map(|action| &action.sequence),
        action::write(intent.action.as_deref())?,
        action::write_owed(intent.action.as_deref())?,
    ])?;
    Ok(inserted == 1)
}

pub(super) fn settle(store: &Connection, settlements: &[Settlement]) -> Result<(), Fault> {
    for settlement in settlements {
        match settlement {
            Settlement::Holds(entry) => {
                put_entry(store, entry)?;
                remove_intent(store, &entry.wish)?;
            }
            Settlement::Dropped(wish) => remove_intent(store, wish)?,
        }
    }
    Ok(())
}

fn put_entry(store: &Connection, entry: &Entry) -> Result<(), Fault> {
    let mut put = store.prepare_cached(
        "insert into entries (mapping, resource, key, record, object, target_id, parent, \
         version, digests, retired, result, sequence, action, owed) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9, ?10, ?11, ?12, ?13) \
         on conflict (mapping, resource, key) do update set \
         record = excluded.record, object = excluded.object, target_id = excluded.target_id, \
         parent = excluded.parent, version = version + 1, digests = excluded.digests, \
         retired = excluded.retired, result = excluded.result, \
         sequence = excluded.sequence, action = excluded.action, owed = excluded.owed",
    )?;
    put.execute(params![
        entry.wish.mapping,
        entry.wish.resource,
        entry.wish.key,
        entry.record,
        entry.object,
        entry.target_id,
        entry.parent,
        row::digests(&entry.digests)?,
        entry.retired,
        entry.result,
        entry.action.as_ref().map(|action| &action.sequence),
        action::write(entry.action.as_deref())?,
        action::write_owed(entry.action.as_deref())?,
    ])?;
    Ok(())
}

fn remove_intent(store: &Connection, wish: &Wish) -> Result<(), Fault> {
    let mut remove = store
        .prepare_cached("delete from intents where mapping = ?1 and resource = ?2 and key = ?3")?;
    remove.execute(params![wish.mapping, wish.resource, wish.key])?;
    Ok(())
}

pub(super) fn set_marks(store: &Connection, mapping: &str, marks: &Marks) -> Result<(), Fault> {
    store.execute("delete from marks where mapping = ?1", params![mapping])?;
    let mut insert =
        store.prepare_cached("insert into marks (mapping, relation, mark) values (?1, ?2, ?3)")?;
    for (relation, mark) in marks {
        insert.execute(params![mapping, relation, mark])?;
    }
    Ok(())
}

pub(super) fn begin_run(store: &Connection, run: &Run) -> Result<RunId, Fault> {
    let sql = "insert into runs (command, program, as_of) values (?1, ?2, ?3)";
    store.execute(sql, params![run.command, run.program, run.as_of])?;
    Ok(RunId(row::counted(store.last_insert_rowid())?))
}

pub(super) fn end_run(store: &Connection, run: RunId, summary: &str) -> Result<(), Fault> {
    let sql = "update runs set summary = ?2 where run = ?1";
    store.execute(sql, params![row::kept(run.0)?, summary])?;
    Ok(())
}

pub(super) fn rename_mapping(store: &Connection, was: &str, is: &str) -> Result<(), Fault> {
    const KNOWN: &str = "select exists (select 1 from entries where mapping = ?1) \
                         or exists (select 1 from intents where mapping = ?1) \
                         or exists (select 1 from marks where mapping = ?1)";
    let known = |name| store.query_row(KNOWN, params![name], |row| row.get::<_, bool>(0));
    if was == is || !known(was)? {
        return Ok(());
    }
    if known(is)? {
        return Err(LedgerError::taken(was, is).into());
    }
    for table in ["entries", "intents", "marks"] {
        let sql = format!("update {table} set mapping = ?2 where mapping = ?1");
        store.execute(&sql, params![was, is])?;
    }
    Ok(())
}

pub(super) fn rename_resource(
    store: &Connection,
    mapping: &str,
    was: &str,
    is: &str,
) -> Result<(), Fault> {
    const KNOWN: &str = "select exists (select 1 from entries where mapping = ?1 and resource = ?2) \
         or exists (select 1 from intents where mapping = ?1 and resource = ?2)";
    let known = |name| store.query_row(KNOWN, params![mapping, name], |row| row.get::<_, bool>(0));
    if was == is || !known(was)? {
        return Ok(());
    }
    if known(is)? {
        return Err(LedgerError::taken(was, is).into());
    }
    for table in ["entries", "intents"] {
        let sql = format!("update {table} set resource = ?3 where mapping = ?1 and resource = ?2");
        store.execute(&sql, params![mapping, was, is])?;
    }
    Ok(())
}
