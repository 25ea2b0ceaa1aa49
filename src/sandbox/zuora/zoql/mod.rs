//! ZOQL: `select <fields> from <object> where <conditions>`, read and evaluated.
//!
//! Keywords are in lower case; there are no parentheses, no `in`, no joins, no order and no `*`.
//! `and` binds tighter than `or`. Names of fields and objects are found in any case.

mod condition;
mod parse;
mod token;

pub use condition::{Filter, FilterKind, matches};
pub use parse::{Comparison, Query, parse};
