//! The proof that a decision table is complete, and that each of its rows can match.

use std::collections::BTreeSet;

use super::{
    context::Context,
    types::{Kind, Type},
};
use crate::{
    diag::{Code, Diagnostic, Possible, Span},
    program::code::{Cell, Constant, Expr, TableRow},
    syntax::{Key, Node},
};

/// How many pairs of a combination of inputs and a row are tried when a table is proved complete: a
/// check must end while its author waits.
const TRIES_MAX: usize = 4_000_000;

/// How many of the rows that take the cases of another one are shown.
const TAKERS_MAX: usize = 3;

/// How many uncovered combinations are printed.
const SHOWN_MAX: usize = 3;

/// An input of a table.
pub(super) struct Input {
    pub name: String,
    pub expr: Expr,
    pub ty: Type,
    /// The values that it can have; `None` when that cannot be known.
    pub domain: Option<Vec<Sample>>,
}

/// One of the values that an input can have.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sample {
    Null,
    Value(Constant),
    /// Any value that the pick-list does not name.
    Unnamed,
}

/// The values that an input can have; what is no input is reported.
pub(super) fn domain(
    cx: &mut Context<'_>,
    ty: &Type,
    key: &Key,
    value: &Node,
) -> Option<Vec<Sample>> {
    let mut samples = Vec::new();
    if ty.may_be_absent() {
        samples.push(Sample::Null);
    }
    match (ty.kind, &ty.values) {
        (Kind::Poison, _) => return None,
        (Kind::Bool, _) => {
            samples.extend([true, false].map(|truth| Sample::Value(Constant::Bool(truth))));
        }
        (_, Some(values)) => {
            samples.extend(
                values.all.iter().map(|value| Sample::Value(Constant::Text(value.clone()))),
            );
            if !values.closed {
                samples.push(Sample::Unnamed);
            }
        }
        _ => {
            let message = format!(
                "the input `{}` is {}, and an input is a pick-list or true or false",
                key.text,
                ty.name()
            );
            let hint = "turn it into a condition: `{ $calc: \"record.X is not none\" }`";
            cx.push(Diagnostic::error(Code::TABLE_INPUT, value.head_of_long(), message).hint(hint));
            return None;
        }
    }
    Some(samples)
}

impl Sample {
    /// Whether it is a value of a cell.
    pub fn is(&self, value: &Constant) -> bool {
        match self {
            Self::Null => *value == Constant::Null,
            Self::Value(sample) => sample == value,
            Self::Unnamed => false,
        }
    }
}

fn holds(cell: &Cell, sample: &Sample) -> bool {
    match (cell, sample) {
        (Cell::Any, _) => true,
        (Cell::Null, sample) => *sample == Sample::Null,
        (Cell::OneOf(values), sample) => values.iter().any(|value| sample.is(value)),
        (Cell::NoneOf(values), Sample::Value(value)) => !values.contains(value),
        (Cell::NoneOf(_), Sample::Unnamed) => true,
        _ => false,
    }
}

/// A decision table that is to be proved.
pub(super) struct Claim<'a> {
    pub name: &'a str,
    pub span: Span,
    pub inputs: &'a [Input],
    pub rows: &'a [TableRow],
    /// Where the rows stand.
    pub spans: &'a [Span],
    /// Whether no two rows may match one case.
    pub unique: bool,
}

/// Tries every combination of inputs: each has a row, and each row has a combination. Whether each
/// has a row.
pub(super) fn prove(cx: &mut Context<'_>, claim: &Claim<'_>) -> bool {
    let domains: Vec<&[Sample]> =
        claim.inputs.iter().filter_map(|input| input.domain.as_deref()).collect();
    let count = domains.iter().try_fold(1_usize, |count, domain| count.checked_mul(domain.len()));
    let tries = |count: usize| count.saturating_mul(claim.rows.len().max(1)) <= TRIES_MAX;
    let Some(count) = count.filter(|count| tries(*count)) else {
        let message = format!("the table `{}` has too many combinations; split it", claim.name);
        cx.error(Code::TABLE_INCOMPLETE, claim.span, message);
        return false;
    };
    let mut used = vec![false; claim.rows.len()];
    let mut uncovered = Vec::new();
    let mut overlaps = BTreeSet::new();
    let mut takers = vec![BTreeSet::new(); claim.rows.len()];
    for nth in 0..count {
        let samples = combination(&domains, nth);
        let mut matching = claim.rows.iter().enumerate().filter(|(_, row)| {
            row.cells.iter().zip(&samples).all(|(cell, sample)| holds(cell, sample))
        });
        match matching.next() {
            None => uncovered.push(samples),
            Some((first, _)) => {
                if let Some(used) = used.get_mut(first) {
                    *used = true;
                }
                let later: Vec<usize> = matching.map(|(row, _)| row).collect();
                if let Some(second) = later.first().filter(|_| claim.unique) {
                    overlaps.insert((first, *second));
                }
                for row in later {
                    if let Some(takers) = takers.get_mut(row) {
                        takers.insert(first);
                    }
                }
            }
        }
    }
    report_uncovered(cx, claim, &uncovered);
    let dead = (0..claim.rows.len()).filter(|row| used.get(*row) == Some(&false)).collect();
    report_rows(cx, claim, dead, &takers, &overlaps);
    uncovered.is_empty()
}

/// Rows that never match, and pairs of rows that match together.
fn report_rows(
    cx: &mut Context<'_>,
    claim: &Claim<'_>,
    dead: Vec<usize>,
    takers: &[BTreeSet<usize>],
    overlaps: &BTreeSet<(usize, usize)>,
) {
    let name = claim.name;
    // A row that only comes second is reported as what it is: one of two that match.
    let in_overlap = |row: usize| overlaps.iter().any(|(_, second)| *second == row);
    let mut dead: Vec<usize> = dead.into_iter().filter(|row| !in_overlap(*row)).collect();
    let of = |row: usize| takers.get(row).cloned().unwrap_or_default();
    while let Some(first) = dead.first().copied() {
        // Rows from which the same one takes every case have one fault: that one.
        let alone = |row: &usize| of(first).len() == 1 && of(*row).is_superset(&of(first));
        let (same, rest): (Vec<usize>, Vec<usize>) =
            dead.iter().partition(|row| **row == first || alone(row));
        dead = rest;
        let span = |row: &usize| claim.spans.get(*row).copied();
        let Some(at) = span(&first) else { continue };
        let above =
            if of(first).len() == 1 { "a row above it takes" } else { "the rows above it take" };
        let message = format!("this row of `{name}` can never match: {above} every case");
        let mut finding = Diagnostic::error(Code::TABLE_DEAD_ROW, at, message);
        for taker in of(first).iter().filter_map(span).take(TAKERS_MAX) {
            finding = finding.label(taker, "takes its cases");
        }
        for also in same.iter().skip(1).filter_map(span) {
            finding = finding.label(also, "so with this row");
        }
        cx.push(finding.hint("put it above them, or take one of them out"));
    }
    for (first, second) in overlaps {
        let (Some(first), Some(second)) = (claim.spans.get(*first), claim.spans.get(*second))
        else {
            continue;
        };
        let message = format!("two rows of `{name}` match one case, and `hit` is `unique`");
        cx.push(
            Diagnostic::error(Code::TABLE_OVERLAP, *second, message).label(*first, "the other row"),
        );
    }
}

fn combination<'d>(domains: &[&'d [Sample]], nth: usize) -> Vec<&'d Sample> {
    let mut rest = nth;
    domains
        .iter()
        .filter_map(|domain| {
            let sample = domain.get(rest % domain.len().max(1));
            rest /= domain.len().max(1);
            sample
        })
        .collect()
}

fn report_uncovered(cx: &mut Context<'_>, claim: &Claim<'_>, uncovered: &[Vec<&Sample>]) {
    if uncovered.is_empty() {
        return;
    }
    let shown = |samples: &Vec<&Sample>| {
        let cells = claim.inputs.iter().zip(samples).map(|(input, sample)| {
            let value = match sample {
                Sample::Null => "null".to_owned(),
                Sample::Unnamed => "(a value that the pick-list does not name)".to_owned(),
                Sample::Value(Constant::Text(text)) => text.clone(),
                Sample::Value(Constant::Bool(truth)) => truth.to_string(),
                Sample::Value(_) => String::new(),
            };
            format!("{} = {value}", input.name)
        });
        cells.collect::<Vec<_>>().join(", ")
    };
    let cases: Vec<String> = uncovered.iter().take(SHOWN_MAX).map(shown).collect();
    let more = uncovered.len().saturating_sub(SHOWN_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let cases = cases.join("; for ");
    let message = format!("the table `{}` has no row for {cases}{more}", claim.name);
    let hint = "add a row; `$any` matches everything, `$other` what no row names, `$null` null";
    let finding = Diagnostic::error(Code::TABLE_INCOMPLETE, claim.span, message).hint(hint);
    cx.push(finding.possible(uncovered.iter().take(SHOWN_MAX).map(|row| Possible::of(cells(row)))));
}

/// The cells of a row for a case that none covers, as they would be written.
fn cells(samples: &[&Sample]) -> String {
    let cells = samples.iter().map(|sample| match sample {
        Sample::Null => "$null".to_owned(),
        Sample::Unnamed => "$other".to_owned(),
        Sample::Value(Constant::Text(text)) => serde_json::Value::from(text.as_str()).to_string(),
        Sample::Value(Constant::Bool(truth)) => truth.to_string(),
        Sample::Value(_) => "$any".to_owned(),
    });
    cells.collect::<Vec<_>>().join(", ")
}
