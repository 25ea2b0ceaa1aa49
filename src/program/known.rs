//! What is known of a sequence, as expressions see it.

use std::borrow::Cow;

use serde_json::Value;

use super::{
    KnownAction,
    code::{KnownPart, ResultStep},
    eval::Evaluation,
    scalar::Scalar,
};
use crate::value::{Decimal, parse_decimal};

impl<'r> Evaluation<'r> {
    fn actions(&self) -> &'r [KnownAction] {
        self.acting.known.map_or(&[], |known| known.actions.as_slice())
    }

    /// Whether an action that took effect has consumed a row.
    pub(super) fn is_settled(&self, id: &str) -> bool {
        self.actions().iter().any(|action| action.rows.iter().any(|row| row == id))
    }

    /// A part of what is known; the actions that the record makes before this one count as if they
    /// had taken effect, for by then they have.
    pub(super) fn known(&self, part: &KnownPart) -> Scalar<'r> {
        let made = &self.acting.made;
        let text = |text: &str| Scalar::Text(Cow::Owned(text.to_owned()));
        let last = self.actions().last();
        match part {
            KnownPart::Actions => number(self.actions().len() + made.len()),
            KnownPart::Own => {
                let record = &self.acting.record;
                let own = self.actions().iter().filter(|action| action.record == *record).count();
                number(own + made.len())
            }
            KnownPart::Kind => {
                let last = made.last().map(|(kind, _)| kind).or(last.map(|action| &action.kind));
                last.map_or(Scalar::Null, |kind| text(kind))
            }
            KnownPart::Day => {
                let last = made.last().map(|(_, day)| day).or(last.map(|action| &action.day));
                last.map_or(Scalar::Null, |day| text(day))
            }
            KnownPart::Result(way) => {
                last.and_then(|action| in_answer(&action.result, way)).unwrap_or(Scalar::Missing)
            }
        }
    }
}

fn number<'r>(count: usize) -> Scalar<'r> {
    Scalar::Number(Decimal::from(count))
}

fn in_answer<'r>(answer: &str, way: &[ResultStep]) -> Option<Scalar<'r>> {
    let tree: Value = serde_json::from_str(answer).ok()?;
    let found = way.iter().try_fold(&tree, |at, step| match step {
        ResultStep::Member(name) => at.get(name),
        ResultStep::Item(index) => at.get(index),
    })?;
    Some(match found {
        Value::Null => Scalar::Null,
        Value::Bool(truth) => Scalar::Bool(*truth),
        Value::Number(number) => Scalar::Number(parse_decimal(&number.to_string())?),
        Value::String(text) => Scalar::Text(Cow::Owned(text.clone())),
        other => Scalar::Text(Cow::Owned(other.to_string())),
    })
}
