//! What is known of a sequence, as expressions see it.

use std::borrow::Cow;

use serde_json::Value;

use super::{
    KnownAction,
    actions::Made,
    code::{KnownPart, ResultStep},
    eval::Evaluation,
    scalar::Scalar,
};
use crate::value::{Decimal, parse_decimal};

impl<'r> Evaluation<'r> {
    fn settled(&self) -> &'r [KnownAction] {
        self.acting.known.map_or(&[], |known| known.actions.as_slice())
    }

    /// The actions of the sequence in question.
    fn actions(&self) -> impl DoubleEndedIterator<Item = &'r KnownAction> {
        self.settled().iter().filter(|action| action.sequence == self.acting.sequence)
    }

    /// Those of them that this draft has made so far.
    fn made(&self) -> impl DoubleEndedIterator<Item = &Made> {
        self.acting.made.iter().filter(|made| made.sequence == self.acting.sequence)
    }

    /// Whether an action that took effect has consumed a row.
    pub(super) fn is_settled(&self, id: &str) -> bool {
        self.settled().iter().any(|action| action.rows.iter().any(|row| row == id))
    }

    /// A part of what is known of the sequence; the actions that the record makes before this one
    /// count as if they had taken effect, for by then they have.
    pub(super) fn known(&self, part: &KnownPart) -> Scalar<'r> {
        let text = |text: &str| Scalar::Text(Cow::Owned(text.to_owned()));
        let (last, last_made) = (self.actions().next_back(), self.made().next_back());
        match part {
            KnownPart::Actions => number(self.actions().count() + self.made().count()),
            KnownPart::Own => {
                let record = &self.acting.record;
                let own = self.actions().filter(|action| action.record == *record).count();
                number(own + self.made().count())
            }
            KnownPart::Kind => {
                let last = last_made.map(|made| &made.kind).or(last.map(|action| &action.kind));
                last.map_or(Scalar::Null, |kind| text(kind))
            }
            KnownPart::Day => {
                let last = last_made.map(|made| &made.day).or(last.map(|action| &action.day));
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
