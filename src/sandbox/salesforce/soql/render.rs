//! Turns found records into the JSON of the service, page by page.
//!
//! Values are written with the digits they are stored with. A page ends where its records and
//! their children fill the batch; children beyond [`INLINE_CHILDREN_MAX`] get a locator of their own.

use std::sync::Arc;

use serde_json::Value;

use super::execute::{Deleted, Search, parent, run_children};
use super::plan::{Member, Plan, Shape};
use crate::sandbox::salesforce::cursor::{Cursor, Cursors};
use crate::sandbox::salesforce::org::field::FieldType;
use crate::sandbox::salesforce::org::object::Object;
use crate::sandbox::salesforce::store::Store;
use crate::sandbox::salesforce::store::table::Row;

/// Children of one parent that its record shows; the service was seen to stop at 199 or 499.
pub const INLINE_CHILDREN_MAX: usize = 199;

/// What a page is written with.
#[derive(Debug)]
pub struct Renderer<'a> {
    /// The records.
    pub store: &'a Store,
    /// Where cursors of long child lists are kept.
    pub cursors: &'a Cursors,
    /// API version as in the URL, `67.0`.
    pub version: &'a str,
    /// Whether records in the recycle bin take part.
    pub deleted: Deleted,
}

impl Renderer<'_> {
    /// The page of a cursor from `start` on, of about `batch_size` rows, children counted.
    #[must_use]
    pub fn page(&self, cursor: &Cursor, start: usize, batch_size: usize) -> String {
        let plan = &cursor.plan;
        let searches = self.searches(&plan.select);
        let mut records = Vec::new();
        let (mut place, mut rows) = (start, 0_usize);
        let table = self.store.table(&plan.object.name);
        while let Some(id) = cursor.ids.get(place).filter(|_| rows < batch_size) {
            place = place.saturating_add(1);
            // A record that is gone since the query ran leaves a gap, as in the service.
            let Some(row) = table.and_then(|table| table.row(id)) else { continue };
            let mut text = String::new();
            let children = self.record(&mut text, &plan.object, &plan.select, row, &searches);
            rows = rows.saturating_add(1).saturating_add(children);
            records.push(text);
        }
        let next = (place < cursor.ids.len()).then(|| self.cursors.locator(cursor, place));
        self.list(cursor.ids.len(), next, &records)
    }

    /// One record on its own.
    #[must_use]
    pub fn one(&self, object: &Object, shape: &Shape, row: &Row) -> String {
        let mut text = String::new();
        self.record(&mut text, object, shape, row, &self.searches(shape));
        text
    }

    fn list(&self, total: usize, next: Option<String>, records: &[String]) -> String {
        let next_page = next.as_ref().map_or_else(String::new, |locator| {
            format!("\"nextRecordsUrl\":\"/services/data/v{}/query/{locator}\",", self.version)
        });
        format!(
            "{{\"totalSize\":{total},\"done\":{},{next_page}\"records\":[{}]}}",
            next.is_none(),
            records.join(",")
        )
    }

    /// The searches of a shape's sub-queries, made once a page: their semi-joins cost once.
    fn searches<'s>(&'s self, shape: &'s Shape) -> Vec<Search<'s>> {
        let children = shape.members.iter().filter_map(|member| match member {
            Member::Children { plan, .. } => Some(Search::new(self.store, plan, self.deleted)),
            _ => None,
        });
        children.collect()
    }

    /// Writes a record and returns how many child rows it shows.
    fn record(
        &self,
        out: &mut String,
        object: &Object,
        shape: &Shape,
        row: &Row,
        searches: &[Search<'_>],
    ) -> usize {
        let id = row.get("Id").and_then(Value::as_str).unwrap_or_default();
        let mut searches = searches.iter();
        let mut children = 0_usize;
        out.push_str(&format!(
            "{{\"attributes\":{{\"type\":\"{name}\",\"url\":\"/services/data/v{}/sobjects/{name}/{id}\"}}",
            self.version,
            name = object.name,
        ));
        for member in &shape.members {
            match member {
                Member::Field(field) => {
                    push_name(out, &field.name);
                    out.push_str(&value_text(field.kind(), row.get(&field.name)));
                }
                Member::Parent { name, step, shape } => {
                    push_name(out, name);
                    match parent(self.store, step, row) {
                        Some(parent) => {
                            self.record(out, &step.target, shape, parent, &[]);
                        }
                        None => out.push_str("null"),
                    }
                }
                Member::Children { name, field, plan } => {
                    push_name(out, name);
                    let Some(search) = searches.next() else { continue };
                    let shown = self.children(out, plan, search, field, id);
                    children = children.saturating_add(shown);
                }
            }
        }
        out.push('}');
        children
    }

    fn children(
        &self,
        out: &mut String,
        plan: &Arc<Plan>,
        search: &Search<'_>,
        field: &str,
        parent_id: &str,
    ) -> usize {
        let ids = run_children(self.store, search, field, parent_id);
        if ids.is_empty() {
            out.push_str("null");
            return 0;
        }
        let Some(table) = self.store.table(&plan.object.name) else { return 0 };
        let searches = self.searches(&plan.select);
        let mut records = Vec::new();
        let mut rows = 0_usize;
        for id in ids.iter().take(INLINE_CHILDREN_MAX) {
            let Some(row) = table.row(id) else { continue };
            let mut text = String::new();
            let below = self.record(&mut text, &plan.object, &plan.select, row, &searches);
            rows = rows.saturating_add(1).saturating_add(below);
            records.push(text);
        }
        let next = (ids.len() > INLINE_CHILDREN_MAX).then(|| {
            let all = ids.iter().map(|id| (*id).to_owned()).collect();
            let cursor = self.cursors.open(plan.clone(), all, self.deleted);
            self.cursors.locator(&cursor, INLINE_CHILDREN_MAX)
        });
        out.push_str(&self.list(ids.len(), next, &records));
        rows
    }
}

fn push_name(out: &mut String, name: &str) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":");
}

/// A stored value as JSON: a boolean is never null, an empty text is.
#[must_use]
pub fn value_text(kind: FieldType, value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) if kind == FieldType::Boolean => "false".to_owned(),
        None => "null".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "null".to_owned(),
        Some(value) => value.to_string(),
    }
}
