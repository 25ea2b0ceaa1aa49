//! One page of a reading: everything, what is named, or what has changed.

use super::{
    Salesforce,
    position::Position,
    rows::{Rows, Which},
    service::{broken, is_id},
    soql::{Extras, Select, place_of, quoted},
};
use crate::{
    connector::{CallError, Cursor, Page, Query, stamps},
    json::{Checked, Records},
};

/// Records that are named in one query at most: a page of the usual size.
const NAMED_PER_PAGE_MAX: usize = 2_000;

impl Salesforce {
    /// Reads a page. Records that are named, or found changed, come in the order of their ids
    /// where they need more than one query; otherwise the order asked for holds.
    pub(super) async fn page(
        &self,
        query: &Query,
        cursor: Option<&Cursor>,
    ) -> Result<Page, CallError> {
        let extras = Extras { stamp: query.changed_by.as_deref() };
        let (mut position, text) = match cursor {
            Some(cursor) => {
                let mut position = Position::parse(cursor)?;
                let text = self.go_on(query, extras, &mut position).await?;
                (position, Some(text))
            }
            None => self.start(query, extras).await?,
        };
        let Some(text) = text else {
            return Ok(Page { marks: position.marks, ..Page::default() });
        };
        let call = format!("read {}", query.object);
        let rows = Rows::parse(&call, &text)?;
        position.next = rows.next(&call)?;
        let arrived: Vec<Checked<'_>> = rows.records().collect();
        let texts: Vec<&str> = arrived.iter().map(|record| record.text()).collect();
        let completed = self.complete(query, place_of(query, extras)?, extras, &texts).await?;
        let mut records = Records::new();
        for (arrived, completed) in arrived.into_iter().zip(&completed) {
            let record = match completed {
                None => arrived,
                Some(text) => {
                    Checked::check(text).map_err(|fault| broken(&call, fault.to_string()))?
                }
            };
            if query.only.is_none() {
                stamps::raise(query, record.text(), &mut position.marks);
            }
            records.push(record);
        }
        Ok(Page { records, next: position.cursor()?, marks: position.marks })
    }

    /// The first page; none, when nothing is named or has changed.
    async fn start(
        &self,
        query: &Query,
        extras: Extras<'_>,
    ) -> Result<(Position, Option<String>), CallError> {
        let mut position = Position::default();
        let named = match &query.since {
            Some(marks) => {
                position.marks.clone_from(marks);
                Some(self.changed_roots(query, marks).await?)
            }
            // A text that is no id names no record, and a query with it would be refused whole.
            None => query
                .only
                .as_ref()
                .map(|only| only.iter().filter(|id| is_id(id)).cloned().collect::<Vec<String>>()),
        };
        let Some(ids) = named else {
            let soql = Select::of(query, place_of(query, extras)?, extras, None)?.all();
            return Ok((position, Some(self.first_page(&soql, Which::Present).await?)));
        };
        if ids.is_empty() {
            return Ok((position, None));
        }
        position.ids = ids;
        let text = self.go_on(query, extras, &mut position).await?;
        Ok((position, Some(text)))
    }

    async fn go_on(
        &self,
        query: &Query,
        extras: Extras<'_>,
        position: &mut Position,
    ) -> Result<String, CallError> {
        if let Some(locator) = position.next.take() {
            return self.next_page(&locator).await;
        }
        let select = Select::of(query, place_of(query, extras)?, extras, None)?;
        let named = position.ids.iter().take(NAMED_PER_PAGE_MAX);
        let literals: Vec<String> = named.map(|id| quoted(id)).collect();
        let (soql, taken) = select.within("Id", &literals);
        position.ids.drain(..taken.min(position.ids.len()));
        self.first_page(&soql, Which::Present).await
    }
}
