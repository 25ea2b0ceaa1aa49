//! One stored object.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An object with what the service knows about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// 32 hexadecimal characters.
    pub id: String,
    /// The written fields; never null, never the id.
    pub fields: Map<String, Value>,
    /// When it was made, ISO 8601 with offset.
    pub created: String,
    /// When it last changed.
    pub updated: String,
    /// Place in the sequence of creations: children are listed by it.
    pub made_as: u64,
    /// Place in the sequence of all changes: the catalog is listed by it.
    pub touched_as: u64,
}

impl Record {
    /// A field's text; `None` when it is not there or not a text.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field)?.as_str()
    }

    /// A field's value; null when it is not there.
    #[must_use]
    pub fn value(&self, field: &str) -> &Value {
        self.fields.get(field).unwrap_or(&Value::Null)
    }
}
