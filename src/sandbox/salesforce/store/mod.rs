//! The records of the org, its clock, and changes that can be taken back.
//!
//! The clock is not the machine's: it starts at the newest stamp of the records and moves by one
//! second with every request that changes something, so that two runs give the same stamps.

pub mod load;
pub mod table;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use self::table::{Row, Table};
use super::org::{Org, id};
use super::value;

/// Tables by object name, and what new records need.
#[derive(Debug, Default)]
pub struct Store {
    tables: BTreeMap<String, Table>,
    clock: Timestamp,
    last_number: u64,
}

/// A record as it was before a change; `None` where there was none.
#[derive(Debug)]
struct Before {
    object: String,
    id: String,
    row: Option<Row>,
}

/// The changes of one request, in order, with what is needed to take them back.
#[derive(Debug, Default)]
pub struct Changes {
    undo: Vec<Before>,
}

impl Changes {
    /// A point that [`Store::undo_to`] can go back to.
    #[must_use]
    pub fn mark(&self) -> usize {
        self.undo.len()
    }

    /// Takes up what another set changed after this one.
    pub fn append(&mut self, mut later: Self) {
        self.undo.append(&mut later.undo);
    }

    /// Whether nothing was changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.undo.is_empty()
    }
}

impl Store {
    /// An empty store with a table for each object.
    #[must_use]
    pub fn new(org: &Org) -> Self {
        let tables =
            org.objects().map(|object| (object.name.clone(), Table::new(object.clone()))).collect();
        Self { tables, clock: Timestamp::UNIX_EPOCH, last_number: 0 }
    }

    /// The table of an object, by its exact name.
    #[must_use]
    pub fn table(&self, object: &str) -> Option<&Table> {
        self.tables.get(object)
    }

    fn table_mut(&mut self, object: &str) -> Option<&mut Table> {
        self.tables.get_mut(object)
    }

    /// Sets the clock to the newest stamp of all records.
    pub fn start_clock(&mut self) {
        let stamps = self.tables.values().flat_map(|table| {
            table.rows().filter_map(|(_, row)| row.get("SystemModstamp").and_then(Value::as_str))
        });
        self.clock = stamps.max().and_then(value::parse_moment).unwrap_or(Timestamp::UNIX_EPOCH);
    }

    /// Moves the clock by a second and returns the stamp that the request's changes carry.
    pub fn tick(&mut self) -> String {
        self.clock = self.clock.checked_add(SignedDuration::from_secs(1)).unwrap_or(Timestamp::MAX);
        self.now()
    }

    /// The stamp of the latest change.
    #[must_use]
    pub fn now(&self) -> String {
        value::spell_moment(self.clock)
    }

    /// An Id that no record has.
    pub fn new_id(&mut self, org: &Org, key_prefix: &str) -> String {
        self.last_number = self.last_number.saturating_add(1);
        id::make(key_prefix, org.instance(), self.last_number)
    }

    /// A running number for auto-numbered names.
    #[must_use]
    pub fn last_number(&self) -> u64 {
        self.last_number
    }

    /// Puts a record in place, and remembers what was there.
    pub fn put(&mut self, changes: &mut Changes, object: &str, id: &str, row: Row) {
        if let Some(table) = self.tables.get_mut(object) {
            let before = table.replace(id, Some(row));
            changes.undo.push(Before { object: object.to_owned(), id: id.to_owned(), row: before });
        }
    }

    /// Takes back every change since `mark`.
    pub fn undo_to(&mut self, changes: &mut Changes, mark: usize) {
        while changes.undo.len() > mark {
            let Some(before) = changes.undo.pop() else { return };
            if let Some(table) = self.tables.get_mut(&before.object) {
                table.replace(&before.id, before.row);
            }
        }
    }

    /// The line of the journal for these changes: a new record whole, of one that was there the
    /// fields that are different now. So what nobody wrote is read from the record's file anew.
    #[must_use]
    pub fn journal_line(&self, changes: &Changes) -> Value {
        let mut firsts: BTreeMap<(&String, &String), Option<&Row>> = BTreeMap::new();
        for before in &changes.undo {
            firsts.entry((&before.object, &before.id)).or_insert(before.row.as_ref());
        }
        let rows = firsts.into_iter().map(|((object, id), before)| {
            let row = self.table(object).and_then(|table| table.row(id));
            match (before, row) {
                (Some(before), Some(row)) => {
                    json!({"object": object, "id": id, "fields": written(before, row)})
                }
                _ => json!({"object": object, "id": id, "row": row}),
            }
        });
        let rows: Vec<Value> = rows.collect();
        json!({"clock": self.now(), "last_number": self.last_number, "rows": rows})
    }

    /// Makes the changes of a journal line again; `None` when the line is not of this store.
    pub fn replay(&mut self, line: &Value) -> Option<()> {
        // The files may have been edited since, and say so with a newer stamp.
        self.clock = self.clock.max(value::parse_moment(line.get("clock")?.as_str()?)?);
        self.last_number = line.get("last_number")?.as_u64()?;
        for change in line.get("rows")?.as_array()? {
            let table = self.tables.get_mut(change.get("object")?.as_str()?)?;
            let id = change.get("id")?.as_str()?;
            match change.get("fields") {
                Some(fields) => {
                    let fields = fields.as_object()?;
                    // A record that its file no longer has is gone, whatever was written to it.
                    if let Some(mut row) = table.row(id).cloned() {
                        lay_over(&mut row, fields);
                        table.replace(id, Some(row));
                    }
                }
                None => {
                    table.replace(id, change.get("row")?.as_object().cloned());
                }
            }
        }
        Some(())
    }
}

/// The fields of a record that a change has written.
fn written(before: &Row, after: &Row) -> Row {
    let fresh = after.iter().filter(|(name, value)| before.get(*name) != Some(*value));
    fresh.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Stamps of a record that never go back.
const STAMPS: [&str; 2] = ["SystemModstamp", "LastModifiedDate"];

/// Lays what was written over a record of a file. Its stamp is the newer of both, so that an edit
/// of the file still counts as a change.
fn lay_over(row: &mut Row, fields: &Row) {
    for (name, value) in fields {
        let is_older = STAMPS.contains(&name.as_str())
            && row.get(name).and_then(Value::as_str) > value.as_str();
        if !is_older {
            row.insert(name.clone(), value.clone());
        }
    }
}
