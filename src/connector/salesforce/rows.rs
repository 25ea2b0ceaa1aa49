//! Queries sent, and their pages followed: `totalSize`, `done`, `nextRecordsUrl`, `records`.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Salesforce, service::broken};
use crate::{
    connector::{
        CallError,
        http::{Call, clip, encode},
    },
    json::Checked,
};

/// Which rows a query sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// Those that are there.
    Present,
    /// Deleted ones too, for as long as the recycle bin keeps them.
    Deleted,
}

/// A list of rows as Salesforce writes it: a page of a query, or the children of a record.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rows<'a> {
    total_size: u64,
    done: bool,
    next_records_url: Option<String>,
    #[serde(borrow)]
    records: Vec<&'a RawValue>,
}

impl<'a> Rows<'a> {
    /// Reads a page or a list of children.
    pub(super) fn parse(call: &str, text: &'a str) -> Result<Self, CallError> {
        serde_json::from_str(text)
            .map_err(|fault| broken(call, format!("the answer is no list of records: {fault}")))
    }

    /// Where the rest is; an unfinished list without a place to go on is an error.
    pub(super) fn next(&self, call: &str) -> Result<Option<String>, CallError> {
        match (self.done, &self.next_records_url) {
            (true, _) => Ok(None),
            (false, Some(url)) => locator(call, url).map(Some),
            (false, None) => {
                Err(broken(call, "the list is not done, and does not say where its rest is"))
            }
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    pub(super) fn total_size(&self) -> u64 {
        self.total_size
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// The records, where they lie.
    pub(super) fn records(&self) -> impl Iterator<Item = Checked<'a>> {
        self.records.iter().map(|record| Checked::of_raw(record))
    }

    /// The records, taken out.
    pub(super) fn texts(&self) -> impl Iterator<Item = String> {
        self.records.iter().map(|record| record.get().to_owned())
    }
}

/// Checks a locator: a path on the same host. A token is not sent anywhere else because an
/// answer says so.
fn locator(call: &str, url: &str) -> Result<String, CallError> {
    if url.starts_with("/services/") {
        Ok(url.to_owned())
    } else {
        Err(broken(call, "the rest of the list lies outside of /services/"))
    }
}

/// Says that a list came with fewer rows than it has: never a page, always an error.
pub(super) fn check_complete(call: &str, total: u64, came: usize) -> Result<(), CallError> {
    if u64::try_from(came).unwrap_or(u64::MAX) < total {
        return Err(broken(call, format!("the list has {total} records, but only {came} came")));
    }
    Ok(())
}

impl Salesforce {
    /// The first page of a query, as text.
    pub(super) async fn first_page(&self, soql: &str, which: Which) -> Result<String, CallError> {
        let resource = match which {
            Which::Present => "query",
            Which::Deleted => "queryAll",
        };
        let path = format!("{}/{resource}?q={}", self.root, encode(soql));
        Ok(self.client.send(&Call::get(path)).await?.body)
    }

    /// A further page.
    pub(super) async fn next_page(&self, locator: &str) -> Result<String, CallError> {
        Ok(self.client.send(&Call::get(locator)).await?.body)
    }

    /// All rows of a query.
    pub(super) async fn rows_to_the_end(
        &self,
        soql: &str,
        which: Which,
    ) -> Result<Vec<String>, CallError> {
        let text = self.first_page(soql, which).await?;
        // A query may hold hundreds of ids; an error needs its beginning.
        let call = clip(soql);
        self.rest_of(&call, &Rows::parse(&call, &text)?).await
    }

    /// All rows of a list that has begun: those that came, and those behind its locator.
    pub(super) async fn rest_of(
        &self,
        call: &str,
        begun: &Rows<'_>,
    ) -> Result<Vec<String>, CallError> {
        let mut texts: Vec<String> = begun.texts().collect();
        let mut next = begun.next(call)?;
        while let Some(url) = next {
            let text = self.next_page(&url).await?;
            let page = Rows::parse(call, &text)?;
            if page.records.is_empty() && !page.is_done() {
                return Err(broken(call, "a page of the list is empty, but not the last one"));
            }
            texts.extend(page.texts());
            next = page.next(call)?;
        }
        check_complete(call, begun.total_size(), texts.len())?;
        Ok(texts)
    }
}
