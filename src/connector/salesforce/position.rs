//! Where a reading goes on, as the text of a cursor.

use serde::{Deserialize, Serialize};

use super::service::broken;
use crate::connector::{CallError, Cursor, Marks};

/// A place in a reading. It holds all that the next page needs, so that a reading can go on in
/// another process for as long as Salesforce keeps the locator (two days).
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Position {
    /// The locator of the next page.
    pub(super) next: Option<String>,
    /// Ids that are still to be read, when the records are named one by one.
    pub(super) ids: Vec<String>,
    /// The highest stamps so far.
    pub(super) marks: Marks,
}

impl Position {
    pub(super) fn parse(cursor: &Cursor) -> Result<Self, CallError> {
        serde_json::from_str(&cursor.0)
            .map_err(|_| broken("read", "the cursor was not given by this connector"))
    }

    /// The cursor, unless the reading is at its end.
    pub(super) fn cursor(&self) -> Result<Option<Cursor>, CallError> {
        if self.next.is_none() && self.ids.is_empty() {
            return Ok(None);
        }
        let text =
            serde_json::to_string(self).map_err(|fault| broken("read", fault.to_string()))?;
        Ok(Some(Cursor(text)))
    }
}
