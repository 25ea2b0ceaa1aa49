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

/// Tries every combination of inputs: each has a row, and each row has a combination.
pub(super) fn prove(cx: &mut Context<'_>, claim: &Claim<'_>) {
    let domains: Vec<&[Sample]> =
        claim.inputs.iter().filter_map(|input| input.domain.as_deref()).collect();
    let count = domains.iter().try_fold(1_usize, |count, domain| count.checked_mul(domain.len()));
    let tries = |count: usize| count.saturating_mul(claim.rows.len().max(1)) <= TRIES_MAX;
    let Some(count) = count.filter(|count| tries(*count)) else {
        let message = format!("the table `{}` has too many combinations; split it", claim.name);
        cx.error(Code::TABLE_INCOMPLETE, claim.span, message);
        return;
    };
    let mut used = vec![false; claim.rows.len()];
    let mut uncovered = Vec::new();
    let mut overlaps = BTreeSet::new();
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
                if let Some((second, _)) = matching.next().filter(|_| claim.unique) {
                    overlaps.insert((first, second));
                }
            }
        }
    }
    report_uncovered(cx, claim, &uncovered);
    report_rows(cx, claim, &used, &overlaps);
}

/// Rows that never match, and pairs of rows that match together.
fn report_rows(
    cx: &mut Context<'_>,
    claim: &Claim<'_>,
    used: &[bool],
    overlaps: &BTreeSet<(usize, usize)>,
) {
    let name = claim.name;
    let in_overlap = |row: usize| overlaps.iter().any(|(_, second)| *second == row);
    for (row, (used, span)) in used.iter().zip(claim.spans).enumerate() {
        // A row that only comes second is reported as what it is: one of two that match.
        if !used && !in_overlap(row) {
            let message =
                format!("this row of `{name}` can never match: the rows above it take every case");
            cx.error(Code::TABLE_DEAD_ROW, *span, message);
        }
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
