//! Related files, read once and indexed by the field that joins them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use super::{
    Format,
    fault::in_file,
    rows::{Place, Rows},
};
use crate::{
    connector::{CallError, Sort, shape::sort},
    json::{Members, ObjectText},
};

/// The records of a file by the value of one field, with the members that are read of them.
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

/// A file, the field that its records are joined by, and the members that are kept.
type Joined = (PathBuf, String, BTreeSet<String>);

/// The tables that were read, each with the state of its file.
#[derive(Debug, Default)]
pub(super) struct Tables(Mutex<BTreeMap<Joined, (State, Arc<Table>)>>);

/// A file, the order of its records, and the state that it was sorted in.
type Order = (PathBuf, Vec<Sort>, State);

/// The file that was sorted last: a reading asks for it page after page.
#[derive(Debug, Default)]
pub(super) struct Sorted(Mutex<Option<(Order, Arc<Vec<String>>)>>);

impl Sorted {
    /// The records of a file in an order; the whole file is held for that.
    pub(super) fn of(
        &self,
        (path, format): (&Path, Format),
        keys: &[Sort],
    ) -> Result<Arc<Vec<String>>, CallError> {
        let order = (path.to_owned(), keys.to_vec(), state_of(path)?);
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, all)) = last.as_ref().filter(|(known, _)| *known == order) {
            return Ok(all.clone());
        }
        let mut rows = Rows::open(path, format, Place::default())?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(row);
        }
        sort(keys, &mut all);
        let all = Arc::new(all);
        *last = Some((order, all.clone()));
        Ok(all)
    }
}

fn state_of(path: &Path) -> Result<State, CallError> {
    let file = std::fs::metadata(path).map_err(|fault| in_file(path, fault))?;
    Ok((file.modified().ok(), file.len()))
}

impl Tables {
    /// The table of a file by a field; read again when the file has changed.
    pub(super) fn of(
        &self,
        (path, format): (&Path, Format),
        field: &str,
        kept: BTreeSet<String>,
    ) -> Result<Arc<Table>, CallError> {
        let state = state_of(path)?;
        let key = (path.to_owned(), field.to_owned(), kept);
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, table)) = tables.get(&key).filter(|(known, _)| *known == state) {
            return Ok(table.clone());
        }
        let table = Arc::new(load(path, format, field, &key.2)?);
        tables.insert(key, (state, table.clone()));
        Ok(table)
    }
}

fn load(
    path: &Path,
    format: Format,
    field: &str,
    kept: &BTreeSet<String>,
) -> Result<Table, CallError> {
    let mut rows = Rows::open(path, format, Place::default())?;
    let mut table = Table::default();
    while let Some(row) = rows.next()? {
        let members = Members::of(&row).unwrap_or_default();
        if let Some(value) = members.get_text(field) {
            let mut out = ObjectText::new();
            let of_use = members.iter().filter(|(name, _)| kept.contains(*name));
            of_use.for_each(|(name, value)| out.push(name, value.text()));
            table.rows.entry(join_key(&value).to_owned()).or_default().push(out.end());
        }
    }
    Ok(table)
}
