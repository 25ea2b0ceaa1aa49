//! Bytes of JSON: checked once, split into records, compared in canonical form.
//!
//! Nothing here builds a tree of a whole record. Whoever holds a [`Checked`] knows that its text
//! is one complete JSON value in UTF-8; every reader further down relies on that.

mod canonical;
mod members;
mod records;

pub use canonical::fingerprint;
pub use members::{Members, ObjectText, list_text, text_literal};
pub use records::{Checked, JsonError, Records};
