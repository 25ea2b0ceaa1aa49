//! Reading the catalog as a source: one page of objects by ZOQL, with lookups and children by
//! questions of their own.

use super::{Zuora, broken};
use crate::connector::{CallError, Cursor, Page, Query};

impl Zuora {
    pub(super) async fn page(
        &self,
        query: &Query,
        _cursor: Option<&Cursor>,
    ) -> Result<Page, CallError> {
        Err(broken(format!("read {}", query.object), "reading Zuora as a source is not there yet"))
    }
}
