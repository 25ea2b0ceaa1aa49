//! Rules of products.

use serde_json::{Map, Value};

use super::dates::Period;
use crate::sandbox::zuora::refusal::Refusal;

/// What the fields of a product break.
///
/// An end before that of its plans is no fault: a product is expired by that one date, and its
/// plans end with it. A plan is held to its product's dates when it is written itself.
pub fn rules(fields: &Map<String, Value>) -> Vec<Refusal> {
    Vec::from_iter(Period::of(fields).order_fault())
}
