//! The last word on a segment, once the whole source has been read.

use super::{
    change::{Change, Decision, Sent, Trouble},
    claims::{Claims, Others},
    segment::{RecordFate, Segment},
    sequences::Sequences,
    text::{Json, WishId},
    totals::{Totals, count_reason},
};
use crate::value::Fingerprint;

/// Makes a segment final.
pub(super) fn judge(segment: &mut Segment, claims: &Claims, sequences: &Sequences) {
    segment.changes.retain(|change| !change.unwished || leaves(change, claims));
    for change in &mut segment.changes {
        match change.action {
            None => judge_change(change, claims),
            Some(_) => sequences.judge(change),
        }
        change.unique.clear();
        change.held.clear();
        change.estranged = None;
        if change.decision == Decision::Preview {
            continue;
        }
        if !change.decision.writes() && !change.decision.makes() && !change.unwished {
            change.digests.clear();
            change.lookup.clear();
            change.needs.clear();
            change.result = None;
        }
    }
}

/// Whether an object is really left: no other record wishes for it, and what it lies within is
/// still wished for. What lies within a retired object is left alone.
fn leaves(change: &Change, claims: &Claims) -> bool {
    let parent_stays = change.parent.as_ref().is_none_or(|parent| claims.is_wished(parent));
    parent_stays && !claims.is_wished(&change.wish)
}

fn judge_change(change: &mut Change, claims: &Claims) {
    resolve_adopted(change, claims);
    let in_conflict = conflict_of(change, claims);
    if let Some(trouble) = in_conflict {
        change.conflict(trouble);
        return;
    }
    let acts = change.decision.writes() || change.decision.makes();
    let unmet = change.needs.iter().find(|need| acts && !claims.is_made(need));
    if let Some(need) = unmet.cloned() {
        change.block(unmet_trouble(change, need));
        return;
    }
    change.after = claims.freed_before(change);
}

/// What is taken over by this plan has its id already; a reference to it need not wait.
fn resolve_adopted(change: &mut Change, claims: &Claims) {
    let before = change.before.as_ref().map(|before| before.tree());
    let mut settled = Vec::new();
    for (name, sent) in &mut change.body {
        let Sent::Pending { of, take: None } = sent else { continue };
        let Some(id) = claims.adopted_id(of) else { continue };
        if before.as_ref().and_then(|before| before.get(&*name)?.as_str()) == Some(id) {
            settled.push(name.clone());
        }
        *sent = Sent::Json(Json::of_text(id));
    }
    if settled.is_empty() {
        return;
    }
    change.body.retain(|(name, _)| !settled.contains(name));
    if let Decision::Update(fields) | Decision::AdoptAndUpdate(fields) = &mut change.decision {
        fields.retain(|field| !settled.contains(&field.path));
        if fields.is_empty() {
            change.decision = Decision::Adopt;
            change.before = None;
        }
    }
}

fn conflict_of(change: &Change, claims: &Claims) -> Option<Trouble> {
    if change.unwished {
        return taken_twice(change, claims);
    }
    if let Some(others) = claims.rivals(&change.wish, &change.record) {
        return Some(rivals_trouble(change, others));
    }
    let twice = unique_twice(change, claims).or_else(|| taken_twice(change, claims));
    let estranged = || estranged(change, claims);
    twice.or_else(estranged).or_else(|| held_by_another(change, claims))
}

/// What fits `adopt_by` and has a key that nobody here knows may be what is meant: a person decides.
fn estranged(change: &Change, claims: &Claims) -> Option<Trouble> {
    let trouble = change.estranged.as_ref()?;
    let owned = trouble.targets.iter().all(|id| claims.is_owned(&change.object, id));
    (!owned).then(|| trouble.clone())
}

/// A value that another object of the target has and that this plan does not give free before.
fn held_by_another(change: &Change, claims: &Claims) -> Option<Trouble> {
    let held = change.held.first()?;
    (!claims.gets_its_turn(change)).then(|| held.trouble.clone())
}

fn unique_twice(change: &Change, claims: &Claims) -> Option<Trouble> {
    change.unique.iter().find_map(|claim| {
        let value = Fingerprint::parse(&claim.value)?;
        let others = claims.sharers(value, &change.record)?;
        let fields = claim.fields.join(", ");
        Some(Trouble {
            rule: "unique-value".into(),
            what: format!(
                "{} of other records would be {} too, and the target allows it once",
                fields, claim.shown
            ),
            way_out: format!(
                "give them different names in the source, or tell them apart in the template at {}",
                claim.place
            ),
            field: claim.fields.first().cloned(),
            place: Some(claim.place.clone()),
            records: others.records,
            more_records: others.more,
            ..Trouble::default()
        })
    })
}

fn taken_twice(change: &Change, claims: &Claims) -> Option<Trouble> {
    if !change.decision.makes() && !matches!(change.decision, Decision::Retire(_)) {
        return None;
    }
    let id = change.target_id.as_ref()?;
    let others = claims.takers(&change.object, id, &change.record)?;
    Some(Trouble {
        rule: "taken-twice".into(),
        what: format!("`{id}` in the target belongs to more than one key of this mapping"),
        way_out:
            "give it one key, say `was:` where a resource was renamed, or let `adopt_by` tell the \
                  objects apart"
                .into(),
        place: Some(change.place.clone()),
        records: others.records,
        more_records: others.more,
        targets: vec![id.clone()],
        ..Trouble::default()
    })
}

fn rivals_trouble(change: &Change, others: Others) -> Trouble {
    Trouble {
        rule: "same-key".into(),
        what: format!("other records wish for {} with other values", change.wish),
        way_out: format!("give them different keys, or one value, at {}", change.place),
        place: Some(change.place.clone()),
        records: others.records,
        more_records: others.more,
        ..Trouble::default()
    }
}

fn unmet_trouble(change: &Change, need: WishId) -> Trouble {
    let is_parent = change.parent.as_ref() == Some(&need);
    let (rule, what, way_out) = if is_parent {
        let what = format!("it lies within {need}, which is not made");
        ("parent-blocked", what, "see why its parent is held back".to_owned())
    } else {
        let what = format!(
            "it refers to {need}, which is not known and which this plan cannot make before it"
        );
        ("reference-unknown", what, way_to(change, &need))
    };
    Trouble {
        rule: rule.into(),
        what,
        way_out,
        place: Some(change.place.clone()),
        by: Some(need),
        ..Trouble::default()
    }
}

fn way_to(change: &Change, need: &WishId) -> String {
    if change.wish.mapping == need.mapping {
        return format!("see why no record makes {need}, or why it is held back");
    }
    format!("run the mapping `{}` for it first", need.mapping)
}

/// Counts a segment that is final.
pub(super) fn count(segment: &Segment, totals: &mut Totals) {
    for record in &segment.records {
        totals.rows_changed += u64::try_from(record.changed.len()).unwrap_or(u64::MAX);
        let records = &mut totals.records;
        match &record.fate {
            RecordFate::Mapped { drafts, items_skipped } => {
                records.mapped += 1;
                totals.drafts.drafts += drafts;
                for left in items_skipped {
                    count_reason(&mut records.items_skipped, &left.rule, &left.place, &left.reason);
                }
            }
            RecordFate::Skipped(left) => {
                count_reason(&mut records.skipped, &left.rule, &left.place, &left.reason);
            }
            RecordFate::Rejected(left) => {
                count_reason(&mut records.rejected, &left.rule, &left.place, &left.reason);
            }
        }
    }
    for change in &segment.changes {
        totals.drafts.drafts += u64::from(change.unwished);
        totals.add(&change.wish.resource, change.decision.kind(), change.decision.writes());
        if let Some(action) = &change.action {
            totals.add_action(action, change.decision.kind());
        }
    }
}
