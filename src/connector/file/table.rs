//! Related files, read once and indexed by the field that joins them.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use super::{
    Format,
    fault::in_file,
    rows::{Place, Rows},
};
use crate::{connector::CallError, json::Members};

/// The records of a file by the value of one field.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: HashMap<String, Vec<String>>,
}

impl Table {
    /// The records with a value, in the order of the file.
    pub(super) fn with(&self, value: &str) -> &[String] {
        self.rows.get(join_key(value)).map(Vec::as_slice).unwrap_or_default()
    }
}

/// An id of Salesforce has a form of 15 characters and one of 18 that mean the same; exports mix
/// them.
fn join_key(value: &str) -> &str {
    let is_long_id = value.len() == 18 && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_long_id { value.get(..15).unwrap_or(value) } else { value }
}

/// When a file was written last, and how long it is: another file has another state.
type State = (Option<SystemTime>, u64);

/// An object and the field that its records are joined by.
type Joined = (String, String);

/// The tables that were read, each with the state of its file.
#[derive(Debug, Default)]
pub(super) struct Tables(Mutex<BTreeMap<Joined, (State, Arc<Table>)>>);

impl Tables {
    /// The table of an object by a field; read again when the file has changed.
    pub(super) fn of(
        &self,
        object: &str,
        field: &str,
        file: (&Path, Format),
    ) -> Result<Arc<Table>, CallError> {
        let (path, format) = file;
        let state = std::fs::metadata(path).map_err(|fault| in_file(path, fault))?;
        let state = (state.modified().ok(), state.len());
        let key = (object.to_owned(), field.to_owned());
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, table)) = tables.get(&key).filter(|(known, _)| *known == state) {
            return Ok(table.clone());
        }
        let table = Arc::new(load(path, format, field)?);
        tables.insert(key, (state, table.clone()));
        Ok(table)
    }
}

fn load(path: &Path, format: Format, field: &str) -> Result<Table, CallError> {
    let mut rows = Rows::open(path, format, Place::default())?;
    let mut table = Table::default();
    while let Some(row) = rows.next()? {
        let value = Members::of(&row).ok().and_then(|row| row.get_text(field).map(String::from));
        if let Some(value) = value {
            table.rows.entry(join_key(&value).to_owned()).or_default().push(row);
        }
    }
    Ok(table)
}
