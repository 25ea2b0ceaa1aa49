//! The accounts of a plan or a run for people: what went in, what came out, and why.

use std::collections::BTreeMap;

use super::{
    actions,
    findings::counted,
    screen::style::{BOLD, DIM, paint},
};
use crate::plan::{Kind, ReasonCount, Totals};

/// The two accounts of a plan.
pub(super) fn lines(totals: &Totals) -> Vec<String> {
    let records = &totals.records;
    let sum = |counts: &[ReasonCount]| counts.iter().map(|reason| reason.count).sum::<u64>();
    let mut lines = vec![format!(
        "{} {} read = {} mapped + {} skipped + {} rejected",
        paint(BOLD, "records:"),
        records.read,
        records.mapped,
        sum(&records.skipped),
        sum(&records.rejected),
    )];
    lines.extend(reasons("skipped", &records.skipped));
    lines.extend(reasons("rejected", &records.rejected));
    lines.extend(reasons("parts of mapped records skipped", &records.items_skipped));
    let kinds = totals.drafts.kinds.iter().map(|(kind, count)| (word(*kind), *count));
    lines.push(objects(totals.drafts.drafts, kinds));
    lines.extend(actions::by_kind(&totals.actions, word));
    lines.extend(actions::findings(totals));
    lines
}

/// One account as a sum: `objects: 3 = 2 created + 1 unchanged`.
pub(super) fn objects<'a>(all: u64, parts: impl IntoIterator<Item = (&'a str, u64)>) -> String {
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    let sum = if parts.is_empty() { "0".to_owned() } else { parts.join(" + ") };
    format!("{} {all} = {sum}", paint(BOLD, "objects:"))
}

fn reasons(what: &str, counts: &[ReasonCount]) -> Vec<String> {
    // One reason may stand at several places of the mapping; a reader wants it once.
    let mut merged: BTreeMap<&str, (u64, &ReasonCount)> = BTreeMap::new();
    for count in counts {
        merged.entry(&count.reason).or_insert((0, count)).0 += count.count;
    }
    let line = |(number, reason): &(u64, &ReasonCount)| {
        let place = paint(DIM, &format!("({})", reason.place));
        format!("  {number:>6} {what}: {} {place}", reason.reason)
    };
    merged.values().map(line).collect()
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Created => "to create",
        Kind::Updated => "to change",
        Kind::Unchanged => "unchanged",
        Kind::Adopted => "to adopt",
        Kind::Retired => "to retire",
        Kind::Merged => "merged",
        Kind::Sent => "to send",
        Kind::Settled => "already settled",
        Kind::Previewed => "to preview",
        Kind::Conflict => "in conflict",
        Kind::Blocked => "blocked",
    }
}

/// What a plan would send, in one sentence.
pub(super) fn writes(totals: &Totals) -> String {
    if totals.writes == 0 {
        return "nothing to send".to_owned();
    }
    let number = usize::try_from(totals.writes).unwrap_or(usize::MAX);
    format!("{} to send", counted(number, "write"))
}
