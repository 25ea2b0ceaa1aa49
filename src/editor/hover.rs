//! What a name at a cursor is.

use std::ops::Range;

use super::{
    Look, PROBE, complete,
    cursor::{Spot, spot},
};
use crate::diag::Possible;

/// What is to be said of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The name.
    pub range: Range<usize>,
    /// What it is.
    pub is: Possible,
}

/// What the name at a place is; `None` where nothing is known of it.
pub fn hover(text: &str, at: usize, look: &mut Look<'_>) -> Option<Hover> {
    let (range, possible) = match spot(text, at)? {
        Spot::Key { word, colon } => {
            let possible = complete::keys(text, &word, colon, look);
            (word, possible)
        }
        Spot::Part { word } | Spot::Value { whole: word } => {
            let possible = complete::probe(text, &word, PROBE, look);
            (word, possible)
        }
    };
    let written = text.get(range.clone())?;
    let is = possible.into_iter().find(|possible| possible.name == written)?;
    (!is.detail.is_empty() || !is.doc.is_empty()).then_some(Hover { range, is })
}
