//! Why the service refuses a write or a query: a code of its vocabulary and a sentence.

use serde_json::{Value, json};

/// The codes of CRUD, Actions and queries (`ErrorCode` of the service's WSDL).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The item is in use.
    CannotDelete,
    /// A value that must be unique is taken.
    DuplicateValue,
    /// A field that the object or call does not have.
    InvalidField,
    /// An id that names nothing.
    InvalidId,
    /// A query locator that names nothing, or has expired.
    InvalidQueryLocator,
    /// An object that the call does not know.
    InvalidType,
    /// A value that breaks a rule.
    InvalidValue,
    /// A query that cannot be read.
    MalformedQuery,
    /// More objects than one call takes.
    MaxRecordsExceeded,
    /// A field without which nothing can be made.
    MissingRequiredValue,
}

impl Code {
    /// The code as it is written in an answer.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CannotDelete => "CANNOT_DELETE",
            Self::DuplicateValue => "DUPLICATE_VALUE",
            Self::InvalidField => "INVALID_FIELD",
            Self::InvalidId => "INVALID_ID",
            Self::InvalidQueryLocator => "INVALID_QUERY_LOCATOR",
            Self::InvalidType => "INVALID_TYPE",
            Self::InvalidValue => "INVALID_VALUE",
            Self::MalformedQuery => "MALFORMED_QUERY",
            Self::MaxRecordsExceeded => "MAX_RECORDS_EXCEEDED",
            Self::MissingRequiredValue => "MISSING_REQUIRED_VALUE",
        }
    }
}

/// One reason for which something is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of fault it is.
    pub code: Code,
    /// What is wrong, for a reader.
    pub message: String,
}

impl Refusal {
    /// A refusal with this code and message.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// A value that breaks a rule.
    #[must_use]
    pub fn value(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidValue, message)
    }

    /// A field that must be there.
    #[must_use]
    pub fn missing(field: &str) -> Self {
        Self::new(Code::MissingRequiredValue, format!("Missing required value: {field}"))
    }

    /// The id of a record that does not exist.
    #[must_use]
    pub fn id(id: &str) -> Self {
        Self::new(Code::InvalidId, format!("invalid id: {id}"))
    }

    /// The refusal as an item of `Errors`.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({"Code": self.code.as_str(), "Message": self.message})
    }
}
