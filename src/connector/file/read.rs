//! One page of a file: streamed from a place on, joined, and left out where it is not asked for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    Inner,
    fault::broken,
    find::own_id,
    join::Joins,
    rows::{Place, Rows},
};
use crate::{
    connector::{CallError, Cursor, Marks, Page, Query, http::Effect, stamps},
    json::{Checked, Members, Records, list_text, text_literal},
};

/// Records in one page: what Salesforce gives in one.
const PAGE_RECORDS_MAX: usize = 2_000;

/// Where a reading goes on: a place in the file, or, in a sorted reading, records passed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Position {
    place: Place,
    passed: usize,
    marks: Marks,
}

/// What is asked of each record before it enters a page.
struct Wanted<'q> {
    query: &'q Query,
    only: Option<BTreeSet<&'q str>>,
    joins: Joins<'q>,
}

impl Wanted<'_> {
    /// Takes a record into a page, when it is named and has changed.
    fn take(&self, row: &str, records: &mut Records, marks: &mut Marks) -> Result<(), CallError> {
        let query = self.query;
        if let Some(only) = &self.only {
            let members = Members::of(row).unwrap_or_default();
            if !own_id(&members).is_some_and(|id| only.contains(id.as_ref())) {
                return Ok(());
            }
        }
        let record = self.joins.complete(row);
        let since = query.since.as_ref();
        if since.is_some_and(|since| !stamps::changed_since(query, &record, since)) {
            return Ok(());
        }
        if self.only.is_none() {
            stamps::raise(query, &record, marks);
        }
        let checked = Checked::check(&record)
            .map_err(|fault| broken(format!("read {}", query.object), fault.to_string()))?;
        records.push(checked);
        Ok(())
    }
}

impl Inner {
    pub(super) fn page(&self, query: &Query, cursor: Option<&Cursor>) -> Result<Page, CallError> {
        let (path, format) =
            self.present(&query.object)?.ok_or_else(|| self.absent(&query.object))?;
        let position = position(query, cursor)?;
        let only = query.only.as_ref().map(|ids| ids.iter().map(String::as_str).collect());
        let joins = self.joins(query, query.changed_by.as_deref())?;
        let wanted = Wanted { query, only, joins };
        self.counters.count(Effect::Read);
        if query.sort.is_empty() {
            let mut rows = Rows::open(&path, format, position.place)?;
            fill(&wanted, position, |position| {
                let row = rows.next()?;
                position.place = rows.place();
                Ok(row)
            })
        } else {
            let all = self.sorted.of((&path, format), &query.sort)?;
            fill(&wanted, position, |position| {
                let row = all.get(position.passed).cloned();
                position.passed += 1;
                Ok(row)
            })
        }
    }

    /// The names of the fields of the first records, as a JSON object.
    pub(super) fn described(&self, object: &str) -> Result<Vec<u8>, CallError> {
        let (path, format) = self.present(object)?.ok_or_else(|| self.absent(object))?;
        self.counters.count(Effect::Read);
        let mut rows = Rows::open(&path, format, Place::default())?;
        let mut names: Vec<String> = Vec::new();
        for _ in 0..PAGE_RECORDS_MAX {
            let Some(row) = rows.next()? else { break };
            let members = Members::of(&row).unwrap_or_default();
            for (name, _) in members.iter() {
                if !names.iter().any(|known| known == name) {
                    names.push(name.to_owned());
                }
            }
        }
        let fields =
            list_text(names.iter().map(|name| format!("{{\"name\":{}}}", text_literal(name))));
        Ok(format!("{{\"name\":{},\"fields\":{fields}}}", text_literal(object)).into_bytes())
    }

    fn absent(&self, object: &str) -> CallError {
        let folder = self.file.as_ref().unwrap_or(&self.folder).display();
        let said = format!("{folder} has no file {object}.ndjson, .jsonl, .json or .csv");
        broken(format!("read {object}"), said)
    }
}

/// Fills a page with the records that come next.
fn fill(
    wanted: &Wanted<'_>,
    mut position: Position,
    mut next: impl FnMut(&mut Position) -> Result<Option<String>, CallError>,
) -> Result<Page, CallError> {
    let mut records = Records::new();
    while records.len() < PAGE_RECORDS_MAX {
        let Some(row) = next(&mut position)? else {
            return Ok(Page { records, next: None, marks: position.marks });
        };
        wanted.take(&row, &mut records, &mut position.marks)?;
    }
    Ok(Page { records, next: Some(cursor_of(&position)?), marks: position.marks })
}

fn position(query: &Query, cursor: Option<&Cursor>) -> Result<Position, CallError> {
    match cursor {
        None => {
            Ok(Position { marks: query.since.clone().unwrap_or_default(), ..Position::default() })
        }
        Some(cursor) => serde_json::from_str(&cursor.0)
            .map_err(|_| broken("read", "the cursor was not given by this connector")),
    }
}

fn cursor_of(position: &Position) -> Result<Cursor, CallError> {
    let text =
        serde_json::to_string(position).map_err(|fault| broken("read", fault.to_string()))?;
    Ok(Cursor(text))
}
