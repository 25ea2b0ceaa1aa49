//! Actions for people: what each does, waits for, holds back and would come to.

use std::collections::BTreeMap;

use super::{
    findings::counted,
    screen::style::{DIM, RED, YELLOW, paint},
};
use crate::{
    apply::WrittenBack,
    plan::{
        Drift, ExpectedFigures, Json, NotSent, PlannedAction, PreviewTotals, Previewed, RowChange,
        Told, Totals,
    },
};

/// Records of the source that are shown each when they were not written.
const REFUSALS_SHOWN_MAX: usize = 10;

/// What an action is, on one line: `New 2026-01-01 A-S00012, order 00012-ab12cd34ef56: 3 rows`.
pub(super) fn head(object: &str, action: &PlannedAction) -> String {
    let PlannedAction { kind, day, sequence, number, rows, .. } = action;
    let rows = counted(rows.len(), "row");
    format!("{kind} {day} {sequence}, {object} {number}: {rows}")
}

/// What else is to be said of an action that goes.
pub(super) fn notes(action: &PlannedAction) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(before) = &action.after {
        lines.push(paint(DIM, &format!("      after {before}")));
    }
    lines.extend(action.not_sent.iter().map(not_sent));
    if let Some(preview) = &action.preview {
        lines.extend(preview_lines(preview, action));
    }
    lines
}

fn not_sent(kept: &NotSent) -> String {
    let shown = |json: &Option<Json>| json.as_ref().map_or("nothing", Json::text).to_owned();
    let what = format!("{}: {} → {}", kept.path, shown(&kept.old), shown(&kept.new));
    format!("      {} {what}", paint(YELLOW, "not sent, by rule:"))
}

fn preview_lines(preview: &Previewed, action: &PlannedAction) -> Vec<String> {
    match preview {
        Previewed::Told(told) => told_lines(told),
        Previewed::Refused { code, said } => {
            vec![format!("      {} {said} ({code})", paint(RED, "would be refused:"))]
        }
        Previewed::NotYet(why) => {
            let mut lines = vec![paint(DIM, &format!("      cannot be previewed yet: {why}"))];
            lines.extend(action.expected.as_ref().map(estimate));
            lines
        }
    }
}

fn told_lines(told: &Told) -> Vec<String> {
    let change = |change: &crate::plan::ToldChange| {
        // What has no end has no total.
        let tcv = change.tcv.as_ref().map(|tcv| format!(", TCV {}", signed(tcv)));
        let figures = format!("MRR {}{}", signed(&change.mrr), tcv.unwrap_or_default());
        format!("      would change {}: {figures} {}", change.subscription, change.currency)
    };
    let bill =
        |(currency, due): &(String, Json)| format!("      first bill: {} {currency}", due.text());
    let drift = |drift: &Drift| {
        let Drift { figure, expected, told } = drift;
        let (figure, told) = (figure.to_uppercase(), told.text());
        let said = format!("{figure} {told}, and the source says {}", expected.text());
        format!("      {} {said}", paint(RED, "drift:"))
    };
    let changes = told.changes.iter().map(change);
    let rest = told.first_bill.iter().map(bill).chain(told.drift.iter().map(drift));
    changes.chain(rest).collect()
}

fn estimate(expected: &ExpectedFigures) -> String {
    let shown = |name: &str, json: &Option<Json>| {
        json.as_ref().map(|json| format!("{name} {}", signed(json)))
    };
    let figures = [shown("MRR", &expected.mrr), shown("TCV", &expected.tcv)];
    let figures: Vec<String> = figures.into_iter().flatten().collect();
    paint(DIM, &format!("      estimate from the source: {}", figures.join(", ")))
}

fn signed(json: &Json) -> String {
    let text = json.text();
    if text.starts_with('-') || text == "0" { text.to_owned() } else { format!("+{text}") }
}

/// What is said of rows that have changed since an action consumed them.
pub(super) fn row_changed(change: &RowChange) -> String {
    let RowChange { row, fields, number } = change;
    let said = format!("{row} {} ({number})", fields.join(", "));
    format!("  {} {said}", paint(YELLOW, "changed after it was sent:"))
}

/// The actions of a plan or a run by kind: `actions: New 40 to send, Amend 10 to send`.
pub(super) fn by_kind<K: Ord + Copy>(
    actions: &BTreeMap<String, BTreeMap<K, u64>>,
    word: impl Fn(K) -> &'static str,
) -> Option<String> {
    let kinds = actions.iter().map(|(kind, counts)| {
        let counts = counts.iter().filter(|(_, count)| **count > 0);
        let counts: Vec<String> =
            counts.map(|(what, count)| format!("{count} {}", word(*what))).collect();
        format!("{kind} {}", counts.join(" + "))
    });
    let kinds: Vec<String> = kinds.collect();
    (!kinds.is_empty()).then(|| format!("actions: {}", kinds.join(", ")))
}

/// What a plan of actions has to say beside its accounts.
pub(super) fn findings(totals: &Totals) -> Vec<String> {
    let mut lines = Vec::new();
    if totals.rows_changed > 0 {
        let rows = count(totals.rows_changed, "row");
        lines.push(format!("  {rows} changed after an action had consumed them: nothing is sent"));
    }
    if totals.not_sent > 0 {
        let values = count(totals.not_sent, "value");
        lines.push(format!("  {values} not sent, by rule of the profile: a plan shows each"));
    }
    if let Some(previews) = &totals.previews {
        let PreviewTotals { told, drift, refused, not_yet } = previews;
        lines.push(format!(
            "previews: {told} told, {drift} of them with drift; {refused} would be refused; \
             {not_yet} cannot be previewed yet"
        ));
    }
    lines
}

/// What became of the writes to the source.
pub(super) fn written_back(back: &WrittenBack, system: &str) -> Vec<String> {
    let WrittenBack { written, unchanged, refused, refusals } = back;
    let mut line = format!("written back to {system}: {}", count(*written, "record"));
    if *unchanged > 0 {
        line += &format!("; {unchanged} hold it already");
    }
    if *refused > 0 {
        line += &format!("; {refused} not written, tried again by the next run");
    }
    let shown = refusals.iter().take(REFUSALS_SHOWN_MAX);
    let shown = shown.map(|refusal| {
        let crate::apply::RefusedBack { object, id, code, said } = refusal;
        format!("{} {object} {id} was not written: {said} ({code})", paint(RED, "!"))
    });
    shown.chain([line]).collect()
}

fn count(number: u64, what: &str) -> String {
    counted(usize::try_from(number).unwrap_or(usize::MAX), what)
}
