//! From a record to its actions: one per item, in order, each over the rows that it consumes.

use std::{borrow::Cow, collections::BTreeSet};

use super::{
    ActionDraft, Expected, Holed, Known, Left, Mapped, Reference, RowDraft, Verdict,
    WriteBackDraft, WriteBackValue,
    code::{List, Rule},
    compiled::{ActionMaking, Code, WriteBackNode, WriteBackRule},
    draft::Draft,
    eval::{Evaluation, Halt, Local},
    nodes::Written,
    scalar::Scalar,
};
use crate::{
    json::{self, Checked},
    value::{Decimal, FingerprintOf},
};

/// How many digits of a digest go into a number that people read.
const SHORT_DIGITS: usize = 12;

/// What an evaluation knows and learns besides the record, where it makes actions.
#[derive(Debug, Default)]
pub(super) struct Acting<'r> {
    /// The actions of the record's sequences that took effect.
    pub known: Option<&'r Known>,
    /// The id of the record.
    pub record: String,
    /// The sequence of the action that is made.
    pub sequence: String,
    /// The actions that this draft has made so far.
    pub made: Vec<Made>,
    /// What the action that is made does.
    pub kind: String,
    /// Where ids of other objects go in the text that is written.
    pub holes: Vec<(usize, Reference)>,
    /// What is sent and other kinds may not send: path, and place in the text.
    pub withholdable: Vec<(String, std::ops::Range<usize>)>,
    /// What is not sent because the kind may not: path and JSON text.
    pub withheld: Vec<(String, Vec<u8>)>,
}

/// An action that a draft has made.
#[derive(Debug)]
pub(super) struct Made {
    pub sequence: String,
    pub kind: String,
    pub day: String,
}

/// The sequences of a record's actions, as if nothing had taken effect yet. An item that does not
/// say its sequence has none; its record is rejected for that when its turn comes.
pub(super) fn sequences<'r>(
    making: &'r ActionMaking,
    evaluation: &mut Evaluation<'r>,
) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut one = |evaluation: &mut Evaluation<'r>| {
        all.extend(text_of(evaluation, &making.sequence).ok());
        Ok(())
    };
    // A list that cannot be made rejects the record in its turn, too.
    let _ = match &making.each {
        None => one(evaluation),
        Some(list) => evaluation.each(list, one),
    };
    all
}

/// The actions of a record.
pub(super) fn draft<'r>(
    code: &'r Code,
    making: &'r ActionMaking,
    evaluation: &mut Evaluation<'r>,
) -> Mapped {
    let (record, label) = evaluation.identity();
    evaluation.acting.record.clone_from(&record);
    let draft = Draft { record: record.clone(), label: label.clone(), ..Draft::default() };
    let mut maker = Maker { making, draft, text: Vec::new(), unwished: None };
    let made = evaluation.guard(&code.guards).and_then(|()| maker.make(evaluation));
    evaluation.begin_object(usize::MAX);
    let on_failure = write_backs(evaluation, &making.on_failure).unwrap_or_default();
    let left = |verdict| Left { record, label, verdict, on_failure: on_failure.clone() };
    match made {
        Err(halt) if halt.reject => Mapped::Rejected(left(halt.verdict)),
        Err(halt) => Mapped::Skipped(left(halt.verdict)),
        Ok(()) => {
            maker.draft.text = String::from_utf8(maker.text).unwrap_or_default();
            match maker.unwished {
                Some(verdict) if maker.draft.actions.is_empty() && maker.draft.rows.is_empty() => {
                    Mapped::Skipped(left(verdict))
                }
                _ => {
                    maker.draft.on_failure = on_failure;
                    Mapped::Draft(maker.draft)
                }
            }
        }
    }
}

struct Maker<'r> {
    making: &'r ActionMaking,
    draft: Draft,
    text: Vec<u8>,
    /// The first condition that kept an action from being taken.
    unwished: Option<Verdict>,
}

impl<'r> Maker<'r> {
    fn make(&mut self, evaluation: &mut Evaluation<'r>) -> Result<(), Box<Halt>> {
        self.rows(evaluation)?;
        let making = self.making;
        match &making.each {
            None => self.one(evaluation),
            Some(list) => evaluation.each(list, |evaluation| self.one(evaluation)),
        }
    }

    /// Notes all rows of the record, with what is in them now.
    fn rows(&mut self, evaluation: &mut Evaluation<'r>) -> Result<(), Box<Halt>> {
        let making = self.making;
        for item in evaluation.list(&making.rows)?.iter() {
            evaluation.hold(making.rows.item, item.clone());
            let id = evaluation.expr(&making.row_id)?;
            if id.is_absent() {
                return Err(evaluation.reject("row-without-id", "a row has no id"));
            }
            let mut fields = Vec::with_capacity(making.row_fields.len());
            for (name, slot) in &making.row_fields {
                let mut text = Vec::new();
                evaluation.slot_value(*slot).write(&mut text);
                let text = String::from_utf8(text).unwrap_or_default();
                if let Ok(checked) = Checked::check(&text) {
                    fields.push((name.clone(), json::fingerprint(checked)));
                }
            }
            self.draft.rows.push(RowDraft { id: id.shown().into_owned(), fields });
        }
        Ok(())
    }

    /// One action; an item that the mapping skips leaves the record whole.
    fn one(&mut self, evaluation: &mut Evaluation<'r>) -> Result<(), Box<Halt>> {
        let making = self.making;
        evaluation.acting.sequence = text_of(evaluation, &making.sequence)?;
        let rows = self.consumed(evaluation, &making.consumes)?;
        let key = self.digest(&rows);
        let short = key.chars().take(SHORT_DIGITS).collect::<String>();
        evaluation.set(making.digest_local, Local::Value(Scalar::Text(Cow::Owned(short))));
        if let Some(when) = &making.when
            && !evaluation.truth(&when.holds)?
        {
            let origin = evaluation.code.origin(when.origin);
            let reason = format!("`{}` does not hold", when.text);
            let verdict = Verdict { rule: "not-wished-for", reason, origin, path: None };
            self.unwished.get_or_insert(verdict);
            return Ok(());
        }
        let (before, mark) = (self.text.len(), evaluation.mark());
        evaluation.begin_object(self.draft.actions.len());
        let made =
            evaluation.guard(&making.guards).and_then(|()| self.action(evaluation, rows, key));
        match made {
            Err(halt) if !halt.reject => {
                self.text.truncate(before);
                self.draft.skipped.push(halt.verdict);
                evaluation.undo(mark);
                Ok(())
            }
            other => other,
        }
    }

    /// The rows that an action consumes, by their places among all rows.
    fn consumed(
        &self,
        evaluation: &mut Evaluation<'r>,
        list: &'r List,
    ) -> Result<Vec<usize>, Box<Halt>> {
        let mut rows = Vec::new();
        for item in evaluation.list(list)?.iter() {
            evaluation.hold(list.item, item.clone());
            let id = evaluation.expr(&self.making.consumed_id)?.shown().into_owned();
            match self.draft.rows.iter().position(|row| row.id == id) {
                Some(at) => rows.push(at),
                None => {
                    let reason = format!("the row {id} is consumed and not among the `rows`");
                    return Err(evaluation.reject("row-not-listed", reason));
                }
            }
        }
        Ok(rows)
    }

    /// What tells the action from the others of its record: the ids of its rows, whatever their
    /// order.
    fn digest(&self, rows: &[usize]) -> String {
        let mut ids: Vec<&str> = rows
            .iter()
            .filter_map(|at| self.draft.rows.get(*at))
            .map(|row| row.id.as_str())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let digest = FingerprintOf::kind("rows").text(&self.draft.record);
        ids.into_iter().fold(digest, FingerprintOf::text).end().to_string()
    }

    fn action(
        &mut self,
        evaluation: &mut Evaluation<'r>,
        rows: Vec<usize>,
        key: String,
    ) -> Result<(), Box<Halt>> {
        let making = self.making;
        let sequence = evaluation.acting.sequence.clone();
        let kind = text_of(evaluation, &making.kind)?;
        evaluation.acting.kind.clone_from(&kind);
        let of_kind = Local::Value(Scalar::Text(Cow::Owned(kind.clone())));
        evaluation.set(making.kind_local, of_kind);
        let day = text_of(evaluation, &making.day)?;
        let number = text_of(evaluation, &making.number)?;
        evaluation.acting.withholdable.clear();
        evaluation.acting.withheld.clear();
        let mut body = Vec::with_capacity(making.body.len());
        for (name, node) in &making.body {
            let start = self.text.len();
            evaluation.acting.holes.clear();
            evaluation.begin_field("", name);
            match evaluation.node(node, &mut self.text)? {
                Written::Absent => continue,
                Written::Reference(reference) => {
                    evaluation.acting.holes.push((start, reference));
                }
                Written::Value | Written::Clear => {}
            }
            let holes = std::mem::take(&mut evaluation.acting.holes);
            let holes = holes.into_iter().map(|(at, to)| (at.saturating_sub(start), to)).collect();
            body.push((name.clone(), Holed { range: start..self.text.len(), holes }));
        }
        let withholdable = std::mem::take(&mut evaluation.acting.withholdable);
        let withheld = std::mem::take(&mut evaluation.acting.withheld);
        let withheld = withheld.into_iter().map(|(path, json)| (path, self.put(&json))).collect();
        let expected = expected(evaluation, making)?;
        let write_back = write_backs(evaluation, &making.write_back)?;
        let made = Made { sequence: sequence.clone(), kind: kind.clone(), day: day.clone() };
        evaluation.acting.made.push(made);
        self.draft.actions.push(ActionDraft {
            key,
            sequence,
            kind,
            day,
            number,
            rows,
            body,
            withholdable,
            withheld,
            expected,
            write_back,
        });
        Ok(())
    }

    fn put(&mut self, json: &[u8]) -> std::ops::Range<usize> {
        let start = self.text.len();
        self.text.extend_from_slice(json);
        start..self.text.len()
    }
}

/// The text that a rule gives, which is there.
pub(super) fn text_of<'r>(
    evaluation: &mut Evaluation<'r>,
    rule: &'r Rule,
) -> Result<String, Box<Halt>> {
    let mut out = Vec::new();
    evaluation.begin_field("", &rule.field);
    if evaluation.rule(rule, &mut out)? == Written::Value
        && let Ok(text) = serde_json::from_slice::<String>(&out)
        && !text.is_empty()
    {
        return Ok(text);
    }
    let reason = format!("`{}` of the action has no value", rule.field);
    Err(evaluation.reject("absent-value", reason))
}

fn expected<'r>(
    evaluation: &mut Evaluation<'r>,
    making: &'r ActionMaking,
) -> Result<Option<Expected>, Box<Halt>> {
    let Some(rule) = &making.expected else { return Ok(None) };
    let mut number = |rule: &'r Option<Rule>| -> Result<Option<Decimal>, Box<Halt>> {
        let Some(rule) = rule else { return Ok(None) };
        let value = evaluation.expr(&rule.from)?;
        if value.is_absent() { Ok(None) } else { evaluation.number(&value).map(Some) }
    };
    let (mrr, tcv) = (number(&rule.mrr)?, number(&rule.tcv)?);
    Ok(Some(Expected { mrr, tcv, tolerance: rule.tolerance }))
}

/// The writes to the source that rules say.
fn write_backs<'r>(
    evaluation: &mut Evaluation<'r>,
    rules: &'r [WriteBackRule],
) -> Result<Vec<WriteBackDraft>, Box<Halt>> {
    let mut all = Vec::new();
    for rule in rules {
        let mut one = |evaluation: &mut Evaluation<'r>| {
            if let Some(when) = &rule.when
                && !evaluation.truth(when)?
            {
                return Ok(());
            }
            all.push(write_back(evaluation, rule)?);
            Ok(())
        };
        match &rule.each {
            None => one(evaluation)?,
            Some(list) => evaluation.each(list, one)?,
        }
    }
    Ok(all)
}

fn write_back<'r>(
    evaluation: &mut Evaluation<'r>,
    rule: &'r WriteBackRule,
) -> Result<WriteBackDraft, Box<Halt>> {
    let id = text_of(evaluation, &rule.id)?;
    let mut fields = Vec::with_capacity(rule.fields.len());
    for (name, node) in &rule.fields {
        evaluation.begin_field("write_back ", name);
        let value = match node {
            WriteBackNode::Result { path, .. } => WriteBackValue::Result(path.clone()),
            WriteBackNode::Failure { most, .. } => WriteBackValue::Failure(*most),
            WriteBackNode::Value(node) => {
                let mut text = Vec::new();
                match evaluation.node(node, &mut text)? {
                    Written::Absent | Written::Reference(_) => continue,
                    Written::Value | Written::Clear => {}
                }
                WriteBackValue::Json(String::from_utf8(text).unwrap_or_default())
            }
        };
        fields.push((name.clone(), value));
    }
    Ok(WriteBackDraft { object: rule.object.clone(), id, fields })
}
