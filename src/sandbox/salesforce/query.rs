//! The query resources: first pages, and next pages by locator.

use std::sync::Arc;

use super::answer::{Answer, ApiError};
use super::service::Service;
use super::soql::execute::{self, Deleted};
use super::soql::render::Renderer;
use super::soql::{SoqlError, aggregate, bind, parser};

/// Rows of a page when the client does not say.
const BATCH_SIZE_DEFAULT: usize = 2_000;
/// Fewest rows that a client may ask for.
const BATCH_SIZE_MIN: usize = 200;

/// How a client wants its pages, and the version that it speaks.
#[derive(Debug, Clone, Copy)]
pub struct Paging<'a> {
    /// API version as in the URL, `67.0`.
    pub version: &'a str,
    /// Its whole number.
    pub version_number: u32,
    /// The `Sforce-Query-Options` header.
    pub options: Option<&'a str>,
}

impl Service {
    /// `GET …/query?q=` and `…/queryAll?q=`
    pub(super) fn query(&self, soql: &str, paging: Paging<'_>, deleted: Deleted) -> Answer {
        self.first_page(soql, paging, deleted)
            .unwrap_or_else(|error| ApiError::new(400, error.code, error.render(soql)).into())
    }

    fn first_page(
        &self,
        soql: &str,
        paging: Paging<'_>,
        deleted: Deleted,
    ) -> Result<Answer, SoqlError> {
        let parsed = parser::parse(soql)?;
        let plan = Arc::new(bind::bind(&self.org, paging.version_number, &parsed)?);
        let store = self.read();
        let ids = execute::run(&store, &plan, deleted);
        if plan.is_count {
            let body = format!("{{\"totalSize\":{},\"done\":true,\"records\":[]}}", ids.len());
            return Ok(Answer::text(200, body));
        }
        if let Some(aggregate) = &plan.aggregate {
            let body = aggregate::answer(&store, &plan, aggregate, &ids)?;
            return Ok(Answer::text(200, body));
        }
        let cursor = self.cursors.open(plan, ids, deleted);
        let renderer =
            Renderer { store: &store, cursors: &self.cursors, version: paging.version, deleted };
        Ok(Answer::text(200, renderer.page(&cursor, 0, batch_size(paging.options))))
    }

    /// `GET …/query/01g…-2000`
    pub(super) fn next_page(&self, locator: &str, paging: Paging<'_>) -> Answer {
        let Some((cursor, place)) = self.cursors.find(locator) else {
            return ApiError::new(400, "INVALID_QUERY_LOCATOR", "invalid query locator").into();
        };
        let store = self.read();
        let deleted = cursor.deleted;
        let renderer =
            Renderer { store: &store, cursors: &self.cursors, version: paging.version, deleted };
        Answer::text(200, renderer.page(&cursor, place, batch_size(paging.options)))
    }
}

/// The batch size of a `Sforce-Query-Options` header, within the service's bounds; the header is a
/// hint, so a malformed one is no error.
fn batch_size(options: Option<&str>) -> usize {
    let asked = options.and_then(|options| {
        options.split(',').find_map(|option| {
            let (name, value) = option.split_once('=')?;
            let is_size = name.trim().eq_ignore_ascii_case("batchSize");
            is_size.then(|| value.trim().parse().ok()).flatten()
        })
    });
    asked.unwrap_or(BATCH_SIZE_DEFAULT).clamp(BATCH_SIZE_MIN, BATCH_SIZE_DEFAULT)
}
