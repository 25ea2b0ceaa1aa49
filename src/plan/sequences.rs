//! The rules of sequences, once the whole source is read: what begins one, what comes before what,
//! and what holds its followers back.
//!
//! Two records of different pages may share a sequence, so nothing of this can be told by a page.
//! Kept are names and days, and the few values that only some kinds of action may send.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    action::{NotSent, PlannedAction},
    change::{Change, Decision, Trouble},
    diff::diff,
    settled::Settled,
    text::{Json, WishId},
};
use crate::value::{Fingerprint, FingerprintOf};

/// What was planned and what took effect, by sequence.
#[derive(Default)]
pub(super) struct Sequences {
    /// The kinds that a sequence begins with.
    begins: Vec<String>,
    of: BTreeMap<String, Sequence>,
    /// Who wishes to consume a row.
    rows: HashMap<Fingerprint, Vec<Fingerprint>>,
    turns: HashMap<Fingerprint, Turn>,
    noted: u64,
}

#[derive(Default)]
struct Sequence {
    /// What begun it, of that which took effect.
    begun_by: Option<String>,
    /// What took effect of that which only some kinds may send, by path.
    sent: BTreeMap<String, Json>,
    planned: Vec<Planned>,
    /// Records of it that break a rule.
    rejected: Vec<String>,
    /// Records of which an action took effect.
    acted: BTreeSet<String>,
}

/// An action that was planned.
struct Planned {
    wish: WishId,
    day: String,
    /// Its place in the order of the source.
    place: u64,
    kind: String,
    named: String,
    record: String,
    rows: Vec<Fingerprint>,
    withholdable: BTreeMap<String, Json>,
    /// Whether it goes, as far as its own page could tell.
    goes: bool,
}

/// What becomes of an action.
enum Turn {
    /// It goes, after another one.
    Goes { after: Option<(WishId, String)>, sent: BTreeMap<String, Json> },
    /// It is against a rule.
    Conflict(Trouble),
    /// Something is missing.
    Blocked(Trouble),
}

impl Sequences {
    /// Nothing yet, for a program whose sequences begin so.
    pub(super) fn new(begins: &[String]) -> Self {
        Self { begins: begins.to_vec(), ..Self::default() }
    }

    /// Notes a record that is rejected.
    pub(super) fn reject(&mut self, sequence: &str, record: &str) {
        self.of.entry(sequence.to_owned()).or_default().rejected.push(record.to_owned());
    }

    /// Notes an action that its page has decided on.
    pub(super) fn note(&mut self, change: &Change, settled: &Settled) {
        let Some(action) = &change.action else { return };
        self.noted += 1;
        let sequence = self.of.entry(action.sequence.clone()).or_default();
        sequence.learn(&action.sequence, settled);
        if matches!(change.decision, Decision::Settled | Decision::Merged) {
            return;
        }
        let row = |id: &String| FingerprintOf::kind("row").text(id).end();
        let rows: Vec<Fingerprint> = action.rows.keys().map(row).collect();
        for row in &rows {
            self.rows.entry(*row).or_default().push(change.wish.fingerprint());
        }
        sequence.planned.push(Planned {
            wish: change.wish.clone(),
            day: action.day.clone(),
            place: self.noted,
            kind: action.kind.clone(),
            named: action.named(),
            record: change.record.clone(),
            rows,
            withholdable: action.withholdable.clone(),
            goes: change.decision.makes(),
        });
    }

    /// Ends the gathering: who comes after whom, and who goes at all.
    pub(super) fn close(&mut self) {
        for (name, sequence) in std::mem::take(&mut self.of) {
            self.turns.extend(sequence.turns(&name, &self.begins, &self.rows));
        }
    }

    /// Says the last word on an action. Right only after [`Sequences::close`].
    pub(super) fn judge(&self, change: &mut Change) {
        let Some(turn) = self.turns.get(&change.wish.fingerprint()) else { return };
        match turn {
            Turn::Conflict(trouble) => change.conflict(trouble.clone()),
            Turn::Blocked(trouble) => change.block(trouble.clone()),
            Turn::Goes { after, sent } => {
                change.needs.extend(after.as_ref().map(|(wish, _)| wish.clone()));
                if let Some(action) = &mut change.action {
                    action.after = after.as_ref().map(|(_, named)| named.clone());
                    action.keep_differing(sent);
                }
            }
        }
    }
}

impl Sequence {
    /// What took effect of it, learned once.
    fn learn(&mut self, name: &str, settled: &Settled) {
        if self.begun_by.is_some() {
            return;
        }
        for (entry, action) in settled.of_sequence(name) {
            let begun_by = || format!("{} {}", action.kind, entry.target_id);
            self.begun_by.get_or_insert_with(begun_by);
            self.acted.insert(entry.record.clone());
            let texts = action.withholdable.iter();
            let sent = texts.filter_map(|(path, text)| Some((path.clone(), Json::new(text)?)));
            self.sent.extend(sent);
        }
    }

    fn turns(
        mut self,
        name: &str,
        begins: &[String],
        rows: &HashMap<Fingerprint, Vec<Fingerprint>>,
    ) -> Vec<(Fingerprint, Turn)> {
        self.planned.sort_by(|a, b| (&a.day, a.place).cmp(&(&b.day, b.place)));
        // What one that takes part already would do is no part of what comes next.
        self.rejected.retain(|record| !self.acted.contains(record));
        let mut turns = Vec::with_capacity(self.planned.len());
        let mut before: Option<(&Planned, bool)> = None;
        for planned in &self.planned {
            let begun_by = self.begun_by.as_deref().or(before.map(|(one, _)| one.named.as_str()));
            let turn = match before {
                _ if !planned.goes => None,
                _ if planned.shares_a_row(rows) => Some(Turn::Conflict(row_twice(planned))),
                Some((one, false)) => Some(Turn::Blocked(held_back(one))),
                _ => {
                    let joins = !self.acted.contains(&planned.record);
                    Some(planned.turn(name, begins, begun_by, joins, &self.rejected))
                }
            };
            let after = before
                .filter(|(_, goes)| *goes)
                .map(|(one, _)| (one.wish.clone(), one.named.clone()));
            let turn = turn.map(|turn| match turn {
                Turn::Goes { .. } => Turn::Goes { after, sent: self.sent.clone() },
                other => other,
            });
            let goes = matches!(turn, Some(Turn::Goes { .. }));
            if goes {
                self.sent.extend(planned.withholdable.clone());
                self.acted.insert(planned.record.clone());
            }
            before = Some((planned, goes));
            turns.extend(turn.map(|turn| (planned.wish.fingerprint(), turn)));
        }
        turns
    }
}

impl Planned {
    fn shares_a_row(&self, rows: &HashMap<Fingerprint, Vec<Fingerprint>>) -> bool {
        self.rows.iter().any(|row| rows.get(row).is_some_and(|wishes| wishes.len() > 1))
    }

    fn turn(
        &self,
        sequence: &str,
        begins: &[String],
        begun_by: Option<&str>,
        joins: bool,
        rejected: &[String],
    ) -> Turn {
        let goes = Turn::Goes { after: None, sent: BTreeMap::new() };
        match begun_by {
            _ if begins.is_empty() => goes,
            Some(by) if begins.contains(&self.kind) => {
                Turn::Conflict(already_begun(self, sequence, by))
            }
            None if !begins.contains(&self.kind) => {
                Turn::Blocked(not_begun(self, sequence, begins, rejected))
            }
            Some(_) if joins && !rejected.is_empty() => {
                Turn::Blocked(after_rejected(self, sequence, rejected))
            }
            _ => goes,
        }
    }
}

impl PlannedAction {
    /// Keeps of what is not sent by rule that which differs from what was sent.
    fn keep_differing(&mut self, sent: &BTreeMap<String, Json>) {
        let differs = |kept: &mut NotSent| {
            kept.old = sent.get(&kept.path).cloned();
            let tree = |json: &Option<Json>| json.as_ref().map(Json::tree);
            let (new, old) = (tree(&kept.new).unwrap_or_default(), tree(&kept.old));
            !diff(&kept.path, &new, old.as_ref(), &[]).is_empty()
        };
        self.not_sent.retain_mut(differs);
    }
}

fn row_twice(planned: &Planned) -> Trouble {
    Trouble {
        rule: "row-twice".into(),
        what: format!("another action consumes a row of {} too", planned.named),
        way_out: "let each row stand in one item of `each`, and in one record".into(),
        records: vec![planned.record.clone()],
        ..Trouble::default()
    }
}

fn held_back(by: &Planned) -> Trouble {
    Trouble {
        rule: "held-back".into(),
        what: format!("{} comes before it and is held back itself", by.named),
        way_out: format!("see why {} is held back; record {}", by.named, by.record),
        by: Some(by.wish.clone()),
        ..Trouble::default()
    }
}

fn already_begun(planned: &Planned, sequence: &str, by: &str) -> Trouble {
    Trouble {
        rule: "already-begun".into(),
        what: format!("`{sequence}` is already begun by {by}, and {} would begin it", planned.kind),
        way_out: "give it a sequence of its own, or let its kind be another one".into(),
        ..Trouble::default()
    }
}

/// A record that is rejected tells no day, so it may be what comes before.
fn after_rejected(planned: &Planned, sequence: &str, rejected: &[String]) -> Trouble {
    let records = rejected.join(", ");
    Trouble {
        rule: "after-rejected".into(),
        what: format!(
            "{records} of `{sequence}` is rejected, and may come before {}",
            planned.named
        ),
        way_out: format!("see why {records} is rejected"),
        records: rejected.to_vec(),
        ..Trouble::default()
    }
}

fn not_begun(planned: &Planned, sequence: &str, begins: &[String], rejected: &[String]) -> Trouble {
    let begin = begins.join(" or ");
    let (what, way_out) = if rejected.is_empty() {
        let what = format!("nothing begins `{sequence}`: its {begin} was never sent");
        (what, format!("send its {begin} first: read the record that it comes from, too"))
    } else {
        let what = format!(
            "nothing begins `{sequence}`: its {begin} was never sent, and {} is rejected",
            rejected.join(", ")
        );
        (what, format!("see why {} is rejected", rejected.join(", ")))
    };
    let (rule, what) = ("not-begun".into(), format!("{what}, and this is {}", planned.kind));
    Trouble { rule, what, way_out, records: rejected.to_vec(), ..Trouble::default() }
}
