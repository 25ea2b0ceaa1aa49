//! One page of records becomes a segment of actions, as far as a page can tell.
//!
//! Nothing of an action is compared or retired: it took effect, or it did not. What comes before
//! what is decided afterwards, by [`super::sequences`].

use std::collections::HashMap;

use super::{
    PlanError,
    action::{NotSent, PlannedAction, RowDigests, SourceWrite, place_of},
    change::{Change, Decision, Holes, Sent, Trouble},
    claims::{Claims, Standing},
    decide::taken,
    known::entries_of_references,
    numbers::look_for_numbers,
    page::{Pages, record_line},
    segment::Segment,
    sequences::Sequences,
    settled::Settled,
    text::{Json, WishId},
    world::Sequenced,
};
use crate::{
    json::Records,
    ledger::{Entry, Wish},
    program::{Action, ActionDraft, Draft, Left, Mapped, RowDraft},
    value::FingerprintOf,
};

impl Pages<'_> {
    /// Decides for the actions of the records of a page.
    pub(super) async fn action_segment(
        &self,
        number: u64,
        records: &Records,
        action: &Action,
        claims: &mut Claims,
        sequences: &mut Sequences,
    ) -> Result<Segment, PlanError> {
        let (ledger, mapping) = (self.world.ledger, &self.asked.head.mapping);
        let sequenced = self.asked.evaluate.sequences(records);
        let mut settled = Settled::load(ledger, mapping, &sequenced).await?;
        let known: Vec<_> = sequenced.iter().map(|one| settled.known(one)).collect();
        let mapped = self.asked.evaluate.eval_known(records, &known);
        let drafts: Vec<&Draft> = mapped.iter().filter_map(draft_of).collect();
        let actions = drafts.iter().flat_map(|draft| &draft.actions);
        let named = actions.map(|draft| draft.sequence.clone());
        settled.load_sequences(ledger, mapping, named).await?;
        let mut changes = self.changes(&drafts, action, &settled).await?;
        look_for_numbers(self, action, &mut changes).await?;
        for change in &mut changes {
            claim(claims, change);
            if !action.preview_only {
                sequences.note(change, &settled);
            }
        }
        note_rejected(&mapped, &sequenced, sequences);
        let lines = mapped.iter().zip(&sequenced).map(|(mapped, of)| {
            let mut line = record_line(mapped);
            if let Mapped::Draft(draft) = mapped {
                line.changed = settled.changed(draft, of);
            }
            line
        });
        Ok(Segment { number, records: lines.collect(), changes })
    }

    async fn changes(
        &self,
        drafts: &[&Draft],
        action: &Action,
        settled: &Settled,
    ) -> Result<Vec<Change>, PlanError> {
        let all = drafts.iter().flat_map(|draft| draft.actions.iter().map(|one| (*draft, one)));
        let bodies = all.clone().flat_map(|(_, one)| &one.body);
        let references = bodies.flat_map(|(_, holed)| holed.holes.iter().map(|(_, to)| to));
        let entries = entries_of_references(self.world, references).await?;
        let decide =
            |(draft, one)| Case { pages: self, action, settled, draft, one }.change(&entries);
        Ok(all.map(decide).collect())
    }
}

fn draft_of(mapped: &Mapped) -> Option<&Draft> {
    match mapped {
        Mapped::Draft(draft) => Some(draft),
        Mapped::Skipped(_) | Mapped::Rejected(_) => None,
    }
}

/// A record that the source gives twice wishes for the same twice.
fn claim(claims: &mut Claims, change: &mut Change) {
    claims.see(&change.record);
    let body = change.body.iter().map(|(name, sent)| format!("{name} {sent:?}"));
    let values = body.fold(FingerprintOf::kind("action"), |all, one| all.text(&one)).end();
    if claims.wish(&change.wish, values, &change.record) == Standing::First {
        return;
    }
    change.decision = Decision::Merged;
    change.reason = "the source gave its record before".into();
}

fn note_rejected(mapped: &[Mapped], sequenced: &[Sequenced], sequences: &mut Sequences) {
    for (mapped, of) in mapped.iter().zip(sequenced) {
        if let Mapped::Rejected(Left { record, .. }) = mapped {
            of.sequences.iter().for_each(|sequence| sequences.reject(sequence, record));
        }
    }
}

struct Case<'c> {
    pages: &'c Pages<'c>,
    action: &'c Action,
    settled: &'c Settled,
    draft: &'c Draft,
    one: &'c ActionDraft,
}

impl Case<'_> {
    fn change(&self, entries: &HashMap<Wish, Entry>) -> Change {
        let mut change = self.start();
        let wish = change.wish.wish();
        if let Some(entry) = self.settled.entry(&wish) {
            change.decision = Decision::Settled;
            change.reason = format!("it took effect as `{}`", entry.target_id);
            change.from_version = Some(entry.version);
            change.target_id = Some(entry.target_id.clone());
            return change;
        }
        if let Some(trouble) = self.in_doubt(&wish).or_else(|| self.consumed_before()) {
            change.stop_action(trouble);
            return change;
        }
        match self.body(entries, &mut change) {
            Ok(body) => change.body = body,
            Err(trouble) => {
                change.block(*trouble);
                return change;
            }
        }
        change.decision = if self.action.preview_only { Decision::Preview } else { Decision::Send };
        change
    }

    /// An action that goes nowhere yet.
    fn start(&self) -> Change {
        let wish = self.pages.asked.action_wish(&self.draft.record, &self.one.key);
        Change {
            wish: WishId::from(&wish),
            record: self.draft.record.clone(),
            label: self.draft.label.clone(),
            object: self.action.object.clone(),
            parent: None,
            place: place_of(self.action),
            decision: Decision::Settled,
            reason: "rows of the record are not consumed yet".into(),
            from_version: None,
            target_id: None,
            body: Vec::new(),
            before: None,
            lookup: self.lookup(),
            digests: std::collections::BTreeMap::new(),
            needs: Vec::new(),
            after: Vec::new(),
            result: None,
            unwished: false,
            unique: Vec::new(),
            held: Vec::new(),
            estranged: None,
            action: Some(Box::new(self.planned())),
        }
    }

    fn lookup(&self) -> Vec<(String, Sent)> {
        vec![(self.action.number_field.clone(), Sent::Json(Json::of_text(&self.one.number)))]
    }

    fn planned(&self) -> PlannedAction {
        let Case { draft, one, .. } = self;
        let value = |range| Json::new(draft.json(range));
        let withholdable = one.withholdable.iter();
        let not_sent = one.withheld.iter().map(|(path, range)| NotSent {
            path: path.clone(),
            old: None,
            new: value(range).filter(|json| *json != Json::null()),
        });
        let settled = self.settled.of_sequence(&one.sequence).count();
        PlannedAction {
            sequence: one.sequence.clone(),
            kind: one.kind.clone(),
            day: one.day.clone(),
            number: one.number.clone(),
            number_field: self.action.number_field.clone(),
            rows: self
                .rows()
                .map(|row| (row.id.clone(), RowDigests(row.fields.iter().cloned().collect())))
                .collect(),
            withholdable: withholdable
                .filter_map(|(path, range)| Some((path.clone(), value(range)?)))
                .collect(),
            not_sent: not_sent.collect(),
            owed: SourceWrite::of(&one.write_back),
            on_failure: SourceWrite::of(&draft.on_failure),
            expected: one.expected.as_ref().map(Into::into),
            preview: None,
            after: None,
            settled_before: u64::try_from(settled).unwrap_or(u64::MAX),
        }
    }

    /// While nobody knows what became of an action, nothing of its sequence is sent, nor anything
    /// that consumes a row of it: those might be consumed a second time under another number.
    fn in_doubt(&self, wish: &Wish) -> Option<Stopped> {
        let in_doubt = &self.pages.in_doubt;
        let of_it = in_doubt.wishes.contains(wish)
            || in_doubt.sequences.contains(&self.one.sequence)
            || self.rows().any(|row| in_doubt.rows.contains(&row.id));
        of_it.then(|| {
            Stopped::Blocked(Trouble {
                rule: "in-doubt".into(),
                what: format!("an earlier action of `{}` has no known fate", self.one.sequence),
                way_out: "run again when the target answers; it is looked up there first".into(),
                ..Trouble::default()
            })
        })
    }

    /// The rows that it consumes.
    fn rows(&self) -> impl Iterator<Item = &RowDraft> {
        self.one.rows.iter().filter_map(|at| self.draft.rows.get(*at))
    }

    fn consumed_before(&self) -> Option<Stopped> {
        let (row, number) = self.rows().find_map(|row| {
            let (record, sequence) = (&self.draft.record, &self.one.sequence);
            Some((row.id.clone(), self.settled.consumer(record, sequence, &row.id)?))
        })?;
        Some(Stopped::Conflict(Trouble {
            rule: "row-consumed".into(),
            what: format!("the row {row} was consumed by `{number}` before, and for good"),
            way_out: "take only rows of which `settled(row.Id)` is not true".into(),
            place: Some(place_of(self.action)),
            ..Trouble::default()
        }))
    }

    /// What is sent, with the ids that are known put in. An id that another mapping should have
    /// made is known, or the action is held back.
    fn body(
        &self,
        entries: &HashMap<Wish, Entry>,
        change: &mut Change,
    ) -> Result<Vec<(String, Sent)>, Box<Trouble>> {
        let mut body = Vec::with_capacity(self.one.body.len());
        for (name, holed) in &self.one.body {
            let holes = Holes::of(self.draft.json(&holed.range), &holed.holes);
            let sent = holes.fill(|hole| match entries.get(&hole.of.wish()) {
                Some(entry) => taken(&entry.target_id, &entry.result, hole.take.as_deref())
                    .map(Some)
                    .ok_or_else(|| Box::new(lacks(&hole.of, hole.take.as_deref(), name))),
                None if hole.of.mapping == self.pages.asked.head.mapping => {
                    change.needs.push(hole.of.clone());
                    Ok(None)
                }
                None => Err(Box::new(never_synced(&hole.of, name))),
            })?;
            body.push((name.clone(), sent));
        }
        Ok(body)
    }
}

/// Why an action goes nowhere.
enum Stopped {
    Blocked(Trouble),
    Conflict(Trouble),
}

impl Change {
    fn stop_action(&mut self, why: Stopped) {
        match why {
            Stopped::Blocked(trouble) => self.block(trouble),
            Stopped::Conflict(trouble) => self.conflict(trouble),
        }
    }
}

fn never_synced(of: &WishId, field: &str) -> Trouble {
    let WishId { mapping, resource, key } = of;
    Trouble {
        rule: "never-synced".into(),
        what: format!("it refers to the {resource} {key} of `{mapping}`, which was never synced"),
        way_out: format!(
            "run the mapping `{mapping}` first, and see what it rejects or holds back"
        ),
        field: Some(field.to_owned()),
        by: Some(of.clone()),
        ..Trouble::default()
    }
}

fn lacks(of: &WishId, take: Option<&str>, field: &str) -> Trouble {
    let taken = take.unwrap_or("Id");
    Trouble {
        rule: "answer-lacks-field".into(),
        what: format!("what the target answered for {of} has no field `{taken}`"),
        way_out: format!("run the mapping `{}` again, or refer to another field", of.mapping),
        field: Some(field.to_owned()),
        by: Some(of.clone()),
        ..Trouble::default()
    }
}
