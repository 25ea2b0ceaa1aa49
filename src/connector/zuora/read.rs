//! Zuora as a source: a page of objects by ZOQL, with parents and children by questions of their
//! own, in the shape that every source gives them.
//!
//! ZOQL neither sorts nor follows relations. What has changed is therefore found by reading all
//! and comparing stamps; a catalog is small enough for that.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    Zuora, broken, currencies,
    related::{Joined, joined},
    rows::Rows,
    spelling,
    zoql::{self, Recognised, questions},
};
use crate::{
    connector::{
        CallError, Cursor, Marks, Page, Query, Relation, RelationKind,
        shape::{children_text, sort_children},
        stamps,
    },
    json::{Checked, Members, ObjectText, Records},
};

/// Where a reading goes on.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Position {
    /// The locator of the next page; Zuora keeps it for 15 minutes without use.
    next: Option<String>,
    /// Questions that are still to be asked, when records are named one by one.
    questions: Vec<String>,
    marks: Marks,
}

impl Zuora {
    pub(super) async fn page(
        &self,
        query: &Query,
        cursor: Option<&Cursor>,
    ) -> Result<Page, CallError> {
        let fault = |said: String| broken(format!("read {}", query.object), said);
        if !query.sort.is_empty() {
            return Err(fault("Zuora gives objects in no order; leave the sort out".to_owned()));
        }
        let query = &with_stamps(query.clone(), query.changed_by.as_deref());
        let mut position = match cursor {
            None => start(query)?,
            Some(cursor) => serde_json::from_str(&cursor.0)
                .map_err(|_| fault("the cursor was not given by this connector".to_owned()))?,
        };
        let Some(rows) = self.next_rows(&mut position).await? else {
            return Ok(Page { marks: position.marks, ..Page::default() });
        };
        position.next = rows.next;
        let mut records = Records::new();
        for record in self.complete(query, &rows.texts).await? {
            let since = query.since.as_ref();
            if since.is_some_and(|since| !stamps::changed_since(query, &record, since)) {
                continue;
            }
            if query.only.is_none() {
                stamps::raise(query, &record, &mut position.marks);
            }
            records.push(Checked::check(&record).map_err(|error| fault(error.to_string()))?);
        }
        let is_last = position.next.is_none() && position.questions.is_empty();
        let next = if is_last { None } else { Some(cursor_of(&position)?) };
        Ok(Page { records, next, marks: position.marks })
    }

    async fn next_rows(&self, position: &mut Position) -> Result<Option<Rows>, CallError> {
        if let Some(locator) = position.next.take() {
            return self.ask_more(&locator).await.map(Some);
        }
        match position.questions.pop() {
            Some(question) => self.ask(&question).await.map(Some),
            None => Ok(None),
        }
    }

    /// Gives records all that the query asks for: null where Zuora left a field out, related
    /// records where the query has relations.
    async fn complete(&self, query: &Query, rows: &[String]) -> Result<Vec<String>, CallError> {
        let fault = |said: &str| broken(format!("read {}", query.object), said);
        let mut relations = Vec::new();
        for relation in &query.relations {
            relations.push((relation, self.related(relation, rows).await?));
        }
        let mut complete = Vec::new();
        for row in rows {
            let members = Members::of(row).map_err(|_| fault("a row is no object"))?;
            let mut out = ObjectText::new();
            for name in fields_of(query) {
                let value = members.get_set(name).map(|value| spelling::written(name, value));
                out.push(name, value.as_deref().unwrap_or("null"));
            }
            if query.fields.iter().any(|field| field.name == currencies::FIELD) {
                let id = members.get_text("Id").ok_or_else(|| fault("a row without its Id"))?;
                let codes = self.currencies_of(&id).await?;
                let text =
                    codes.map_or_else(|| "null".to_owned(), |codes| currencies::text(&codes));
                out.push(currencies::FIELD, &text);
            }
            for (relation, lists) in &relations {
                let own = joined(relation).own_field;
                let value = members.get_text(own).and_then(|own| lists.get(own.as_ref()));
                out.push(&relation.name, value.map_or("null", String::as_str));
            }
            complete.push(out.end());
        }
        Ok(complete)
    }

    /// The value of a relation, by the value of the record's own field.
    async fn related(
        &self,
        relation: &Relation,
        rows: &[String],
    ) -> Result<BTreeMap<String, String>, CallError> {
        let Joined { own_field, other_field } = joined(relation);
        let wanted: BTreeSet<String> = rows
            .iter()
            .filter_map(|row| Some(Members::of(row).ok()?.get_text(own_field)?.into_owned()))
            .collect();
        let any: Vec<_> = wanted.iter().map(|value| Recognised::by(other_field, value)).collect();
        let mut fields = fields_to_ask(&relation.query)?;
        if !fields.contains(&other_field) {
            fields.push(other_field);
        }
        let found = self.ask_all(&questions(&relation.query.object, &fields, &any)).await?;
        let complete = Box::pin(self.complete(&relation.query, &found)).await?;
        let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (row, record) in found.iter().zip(complete) {
            let value =
                Members::of(row).ok().and_then(|row| row.get_text(other_field).map(String::from));
            lists.entry(value.unwrap_or_default()).or_default().push(record);
        }
        let text = |(value, mut rows): (String, Vec<String>)| {
            sort_children(&relation.query.sort, &mut rows);
            let text = match relation.kind {
                RelationKind::Lookup { .. } => rows.into_iter().next().unwrap_or_default(),
                RelationKind::Children { .. } | RelationKind::Inside => children_text(&rows),
            };
            (value, text)
        };
        Ok(lists.into_iter().map(text).collect())
    }
}

/// The query with the root's stamp asked of everything that hangs on it.
fn with_stamps(mut query: Query, stamp: Option<&str>) -> Query {
    query.changed_by = stamp.map(str::to_owned);
    let stamped = |mut relation: Relation| {
        relation.query = with_stamps(relation.query, stamp);
        relation
    };
    query.relations = query.relations.into_iter().map(stamped).collect();
    query
}

fn start(query: &Query) -> Result<Position, CallError> {
    zoql::check_name(&query.object, &query.object)?;
    let fields = fields_to_ask(query)?;
    let questions = match &query.only {
        None => vec![zoql::all(&query.object, &fields)],
        Some(ids) => {
            let any: Vec<_> = ids.iter().map(|id| Recognised::by("Id", id)).collect();
            questions(&query.object, &fields, &any)
        }
    };
    Ok(Position { next: None, questions, marks: query.since.clone().unwrap_or_default() })
}

/// The fields that a record has in the end, without those that ZOQL does not answer.
fn fields_of(query: &Query) -> Vec<&str> {
    let mut fields = vec!["Id"];
    let asked =
        query.fields.iter().map(|field| field.name.as_str()).chain(query.changed_by.as_deref());
    for field in asked.filter(|field| *field != currencies::FIELD) {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields
}

/// The fields that ZOQL is asked for: those, and the ones that join relations.
fn fields_to_ask(query: &Query) -> Result<Vec<&str>, CallError> {
    let mut fields = fields_of(query);
    for relation in &query.relations {
        if relation.kind == RelationKind::Inside {
            let said = format!("`{}` is no relation: its objects hold no lists", relation.name);
            return Err(broken(format!("read {}", query.object), said));
        }
        let own = joined(relation).own_field;
        if !fields.contains(&own) {
            fields.push(own);
        }
    }
    fields.iter().try_for_each(|field| zoql::check_name(&query.object, field))?;
    Ok(fields)
}

fn cursor_of(position: &Position) -> Result<Cursor, CallError> {
    let text =
        serde_json::to_string(position).map_err(|fault| broken("read", fault.to_string()))?;
    Ok(Cursor(text))
}
