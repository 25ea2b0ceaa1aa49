//! SOQL: text → tokens → tree → plan (bound to the org) → rows → JSON.
//!
//! What the service would refuse is refused here with its code and words; what is not emulated
//! (AVG, HAVING, date functions, date literals, `TYPEOF`, scopes) is refused as an unexpected token,
//! never ignored.

pub mod aggregate;
pub mod ast;
pub mod bind;
pub mod conditions;
pub mod execute;
pub mod lexer;
pub mod parser;
pub mod plan;
pub mod render;

/// Why a query is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoqlError {
    /// The error code of the service.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// Byte offset of the fault, for messages that point at it.
    pub offset: Option<usize>,
}

impl SoqlError {
    /// An error that points at a place of the query.
    #[must_use]
    pub fn at(offset: usize, code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), offset: Some(offset) }
    }

    /// An error about the query as a whole.
    #[must_use]
    pub fn whole(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), offset: None }
    }

    /// An unexpected token, in the words of the service.
    #[must_use]
    pub fn unexpected(offset: usize, token: &str) -> Self {
        Self::at(offset, MALFORMED_QUERY, format!("unexpected token: '{token}'"))
    }

    /// The message as the service words it: the line of the query, a caret under the fault, its
    /// row and column, and what is wrong.
    #[must_use]
    pub fn render(&self, query: &str) -> String {
        let Some(offset) = self.offset else { return self.message.clone() };
        let before = query.get(..offset).unwrap_or(query);
        let row = before.matches('\n').count().saturating_add(1);
        let line_start = before.rfind('\n').map_or(0, |place| place.saturating_add(1));
        let column = before.get(line_start..).unwrap_or("").chars().count().saturating_add(1);
        let line = query.get(line_start..).unwrap_or("").lines().next().unwrap_or("");
        let caret = " ".repeat(column.saturating_sub(1));
        format!("\n{line}\n{caret}^\nERROR at Row:{row}:Column:{column}\n{}", self.message)
    }
}

/// The query is not SOQL.
pub const MALFORMED_QUERY: &str = "MALFORMED_QUERY";
/// A field or relationship is not there, or not usable so.
pub const INVALID_FIELD: &str = "INVALID_FIELD";
/// An object is not there.
pub const INVALID_TYPE: &str = "INVALID_TYPE";
/// An operator does not fit its field, or an Id is none.
pub const INVALID_QUERY_FILTER_OPERATOR: &str = "INVALID_QUERY_FILTER_OPERATOR";

#[cfg(test)]
mod tests;
