//! One page of records becomes one segment, as far as a page can tell.
//!
//! What only the whole source can tell (two records with one key, a value that two objects share,
//! a parent that is not made after all) is decided afterwards, by [`super::judge`].

use super::{
    PlanError,
    change::{Change, Decision},
    claims::{Claims, Standing},
    decide::decide,
    known::{Known, know},
    leaving::leave,
    segment::{LeftOut, RecordFate, RecordLine, Segment},
    settled::InDoubt,
    text::WishId,
    unique::check_target,
    wished::{Wished, add_wishes},
    world::{Asked, World},
};
use crate::{ledger::Entry, program::Mapped};

/// Records in one question to the ledger; a store may have a limit on parameters.
const RECORDS_PER_QUESTION: usize = 500;
/// Why a known object of a record that was read is no longer wished for.
const NOT_WISHED: &str = "its record no longer wishes for it";

/// What all pages share.
pub(super) struct Pages<'a> {
    /// The systems.
    pub world: &'a World<'a>,
    /// The program.
    pub asked: &'a Asked<'a>,
    /// Writes of earlier runs whose fate is not known.
    pub in_doubt: InDoubt,
}

impl Pages<'_> {
    /// Decides for the records of a page.
    pub async fn segment(
        &self,
        number: u64,
        mapped: &[Mapped],
        claims: &mut Claims,
    ) -> Result<Segment, PlanError> {
        let records: Vec<RecordLine> = mapped.iter().map(record_line).collect();
        let mut page = Vec::new();
        for draft in mapped.iter().filter_map(draft_of) {
            add_wishes(self.asked, draft, &mut page)?;
        }
        let known = know(self.world, &page).await?;
        let places = 0..page.len();
        let decide = |at| decide(&page, at, &known, &self.in_doubt.wishes);
        let mut changes: Vec<Change> = places.filter_map(decide).collect();
        check_target(self.world, &page, &known, &mut changes).await?;
        records.iter().for_each(|record| claims.see(&record.record));
        for (wished, change) in page.iter().zip(&mut changes) {
            claim(claims, wished, &known, change);
        }
        changes.extend(self.leaving(mapped, claims).await?);
        Ok(Segment { number, records, changes })
    }

    /// Known objects of these records that they no longer wish for. A rejected record says nothing
    /// of what it wishes for, so what is known of it stays.
    async fn leaving(
        &self,
        mapped: &[Mapped],
        claims: &mut Claims,
    ) -> Result<Vec<Change>, PlanError> {
        let records: Vec<String> = mapped.iter().filter_map(readable).collect();
        let mapping = &self.asked.head.mapping;
        let mut entries = Vec::new();
        for chunk in records.chunks(RECORDS_PER_QUESTION) {
            entries.extend(self.world.ledger.of_records(mapping, chunk).await?);
        }
        entries.retain(|entry| !claims.is_wished(&WishId::from(&entry.wish)));
        claim_targets(claims, &entries);
        leave(self.world, self.asked, entries, &self.in_doubt.wishes, NOT_WISHED).await
    }
}

/// Entries hold their objects: nobody else may take them over.
pub(super) fn claim_targets(claims: &mut Claims, entries: &[Entry]) {
    for entry in entries {
        let wish = WishId::from(&entry.wish);
        claims.target(&entry.object, &entry.target_id, &wish, &entry.record);
    }
}

fn claim(claims: &mut Claims, wished: &Wished<'_>, known: &Known, change: &mut Change) {
    let (wish, record) = (change.wish.clone(), change.record.clone());
    let standing = claims.wish(&wish, wished.values_fingerprint(), &record);
    let known_id = known.entry(wished).map(|entry| entry.target_id.clone());
    for id in known_id.iter().chain(&change.target_id) {
        claims.target(&change.object, id, &wish, &record);
    }
    if standing == Standing::First {
        for unique in &change.unique {
            if let Some(value) = crate::value::Fingerprint::parse(&unique.value) {
                claims.unique(value, &wish, &record);
            }
        }
        claims.note(change);
    } else {
        change.decision = Decision::Merged;
        change.reason = "another record wishes for the same".into();
    }
}

fn draft_of(mapped: &Mapped) -> Option<&crate::program::Draft> {
    match mapped {
        Mapped::Draft(draft) => Some(draft),
        Mapped::Skipped(_) | Mapped::Rejected(_) => None,
    }
}

/// The id of a record whose wishes are known.
fn readable(mapped: &Mapped) -> Option<String> {
    match mapped {
        Mapped::Draft(draft) => Some(draft.record.clone()),
        Mapped::Skipped(left) => Some(left.record.clone()),
        Mapped::Rejected(_) => None,
    }
}

pub(super) fn record_line(mapped: &Mapped) -> RecordLine {
    match mapped {
        Mapped::Skipped(left) => RecordLine::left(left, RecordFate::Skipped),
        Mapped::Rejected(left) => RecordLine::left(left, RecordFate::Rejected),
        Mapped::Draft(draft) => RecordLine {
            record: draft.record.clone(),
            label: draft.label.clone(),
            fate: RecordFate::Mapped {
                drafts: u64::try_from(draft.wishes.len() + draft.actions.len()).unwrap_or(u64::MAX),
                items_skipped: draft.skipped.iter().map(LeftOut::from).collect(),
            },
            changed: Vec::new(),
            on_failure: Vec::new(),
        },
    }
}
