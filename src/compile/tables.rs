//! Value maps and decision tables: complete over their inputs, without a dead row.

use super::{
    context::Context,
    forms, literals,
    scope::{At, Scope},
    types::{Kind, Type},
};
use crate::{
    diag::{Code, Diagnostic, Span},
    program::code::{Arm, Cell, Constant, Expr, Stop, TableRow, TableUse, ValueMap},
    schema::Values,
    syntax::{Key, Kind as NodeKind, Node},
};

/// How many combinations of inputs are tried when a table is proved complete.
const COMBINATIONS_MAX: usize = 200_000;
/// How many uncovered combinations are printed.
const SHOWN_MAX: usize = 3;

/// A value map by its name, compiled at its first use.
pub(super) fn map(
    cx: &mut Context<'_>,
    scope: &Scope,
    name: &str,
    span: Span,
    input: &Type,
) -> Option<(usize, Type)> {
    let Some(node) = cx.tables.get(name).copied() else {
        unknown_table(cx, name, span);
        return None;
    };
    let Some(entries) = node.block().filter(|_| node.get("rows").is_none()) else {
        let message = format!("`{name}` is a decision table; a map is needed here");
        let hint = format!("use an output of it: `{{ $table: {name}.output }}`");
        cx.push(Diagnostic::error(Code::UNKNOWN_TABLE, span, message).hint(hint));
        return None;
    };
    let at = match cx.maps.get(name) {
        Some(at) => *at,
        None => {
            let compiled = compile_map(cx, scope, name, node, entries);
            cx.code.maps.push(compiled);
            let at = cx.code.maps.len() - 1;
            cx.maps.insert(name.to_owned(), at);
            at
        }
    };
    let compiled = cx.code.maps.get(at)?.clone();
    check_map(cx, &compiled, entries, node.span, span, input);
    let mut ty = output_type(compiled.arms.iter().map(|(_, arm)| arm).chain(&compiled.other));
    ty.null = input.null && compiled.null.is_none();
    ty.missing = input.missing && compiled.null.is_none();
    Some((at, ty))
}

fn unknown_table(cx: &mut Context<'_>, name: &str, span: Span) {
    let message = format!("there is no table `{name}`");
    let known: Vec<String> = cx.tables.keys().cloned().collect();
    let finding = Diagnostic::error(Code::UNKNOWN_TABLE, span, message);
    cx.push(finding.suggest(name, known.iter().map(String::as_str)));
}

fn compile_map(
    cx: &mut Context<'_>,
    scope: &Scope,
    name: &str,
    node: &Node,
    entries: &[(Key, Node)],
) -> ValueMap {
    let origin = cx.origin(node.span);
    let mut map = ValueMap {
        name: name.to_owned(),
        arms: Vec::new(),
        other: None,
        null: None,
        origin,
        origins: Vec::new(),
    };
    for (key, value) in entries {
        let Some(arm) = arm(cx, scope, value) else { continue };
        match key.text.as_str() {
            "$other" => map.other = Some(arm),
            "$null" => map.null = Some(arm),
            text if text.starts_with('$') => {
                let message = format!("`{text}` is no row of a map");
                let hint = "there is `$other` for any other value and `$null` for null";
                cx.push(Diagnostic::error(Code::UNKNOWN_KEY, key.span, message).hint(hint));
            }
            text => {
                map.arms.push((text.to_owned(), arm));
                let origin = cx.origin(key.span);
                map.origins.push(origin);
            }
        }
    }
    map
}

/// What a row gives: a literal, or the end of the record.
fn arm(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<Arm> {
    match &node.kind {
        NodeKind::Scalar(scalar) if !scalar.text.starts_with('$') || !scalar.plain => {
            match literals::untyped(scalar) {
                At::Value { expr: Expr::Constant(constant), .. } => Some(Arm::Value(constant)),
                _ => None,
            }
        }
        NodeKind::Empty => Some(Arm::Value(Constant::Null)),
        NodeKind::Block(_) => forms::stop(cx, scope, node).map(Arm::Stop),
        _ => {
            let message = "a row gives a literal, `{ $reject: reason }` or `{ $skip: reason }`";
            cx.error(Code::WRONG_SHAPE, node.span, message);
            None
        }
    }
}

/// A literal in a cell of an input: a value of a pick-list, or true or false without quotes.
fn constant(plain: bool, text: &str) -> Constant {
    match text {
        "true" if plain => Constant::Bool(true),
        "false" if plain => Constant::Bool(false),
        _ => Constant::Text(text.to_owned()),
    }
}

/// The map has a row for each value of the pick-list, and none for what is no value of it.
fn check_map(
    cx: &mut Context<'_>,
    map: &ValueMap,
    entries: &[(Key, Node)],
    table: Span,
    used: Span,
    input: &Type,
) {
    if !input.fits(Kind::Text) {
        let message = format!("a map takes a text, and this is {}", input.name());
        cx.error(Code::TYPE_MISMATCH, used, message);
        return;
    }
    let Some(values) = &input.values else {
        if map.other.is_none() && input.kind != Kind::Poison {
            let message = format!(
                "the map `{}` has no row for other values, and the source is a free text",
                map.name
            );
            let finding = Diagnostic::error(Code::TABLE_INCOMPLETE, used, message);
            cx.push(finding.label(table, "the map").hint("add `$other: { $reject: \"…\" }`"));
        }
        return;
    };
    let has = |value: &String| map.arms.iter().any(|(known, _)| known == value);
    let missing: Vec<&str> = values.all.iter().filter(|v| !has(v)).map(String::as_str).collect();
    let open = !values.closed;
    if map.other.is_none() && (open || !missing.is_empty()) {
        let what = if missing.is_empty() {
            "any value that is added to the pick-list, which is not restricted".to_owned()
        } else {
            missing.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
        };
        let message = format!("the map `{}` has no row for {what}", map.name);
        let finding =
            Diagnostic::error(Code::TABLE_INCOMPLETE, table, message).label(used, "used here");
        let hint = "add the rows, or `$other: { $reject: \"…\" }`";
        cx.push(finding.hint(hint));
    }
    if values.closed {
        for (key, _) in entries.iter().filter(|(key, _)| !key.text.starts_with('$')) {
            if !values.all.contains(&key.text) {
                let message = format!(
                    "`{}` is no value of the pick-list, so this row can never match",
                    key.text
                );
                let finding = Diagnostic::error(Code::TABLE_DEAD_ROW, key.span, message);
                let finding = finding.label(used, "the pick-list is that of this value");
                cx.push(finding.suggest(&key.text, values.all.iter().map(String::as_str)));
            }
        }
    }
}

/// The type of what some arms give.
fn output_type<'x>(arms: impl Iterator<Item = &'x Arm>) -> Type {
    let mut ty: Option<Type> = None;
    let mut all = Vec::new();
    for arm in arms {
        let Arm::Value(constant) = arm else { continue };
        let kind = match constant {
            Constant::Bool(_) => Kind::Bool,
            Constant::Number(_) => Kind::Number,
            Constant::Text(text) => {
                all.push(text.clone());
                Kind::Text
            }
            Constant::Null => {
                let known = ty.get_or_insert_with(|| Type::of(Kind::Any));
                known.null = true;
                continue;
            }
        };
        match &mut ty {
            Some(known) if known.kind == kind => {}
            Some(known) if known.kind == Kind::Any => known.kind = kind,
            Some(known) => known.kind = Kind::Any,
            None => ty = Some(Type::of(kind)),
        }
    }
    let mut ty = ty.unwrap_or_else(|| Type::of(Kind::Any));
    if ty.kind == Kind::Text {
        ty.values = Some(Values { all, closed: true });
    }
    ty
}

/// An output of a decision table, at a place of use.
pub(super) fn output(
    cx: &mut Context<'_>,
    scope: &Scope,
    table: &str,
    output: &str,
    span: Span,
) -> (Expr, Type) {
    let poison = (Expr::Constant(Constant::Null), Type::poison());
    let Some(node) = cx.tables.get(table).copied() else {
        unknown_table(cx, table, span);
        return poison;
    };
    if node.get("rows").is_none() {
        let message = format!("`{table}` is a map and has no outputs");
        let hint = format!("use it as `{{ $from: …, $map: {table} }}`");
        cx.push(Diagnostic::error(Code::UNKNOWN_TABLE, span, message).hint(hint));
        return poison;
    }
    let Some(compiled) = compile_table(cx, scope, table, node) else { return poison };
    let Some(at) = compiled.outputs.iter().position(|known| known == output) else {
        let message = format!("the table `{table}` has no output `{output}`");
        let finding = Diagnostic::error(Code::UNKNOWN_TABLE, span, message);
        cx.push(finding.suggest(output, compiled.outputs.iter().map(String::as_str)));
        return poison;
    };
    // A row of one stop stands for every output.
    let arms = compiled.table.rows.iter().map(|row| row.outputs.get(at).or(row.outputs.first()));
    let ty = output_type(arms.flatten());
    let table = match cx.code.tables.iter().position(|known| *known == compiled.table) {
        Some(known) => known,
        None => {
            cx.code.tables.push(compiled.table);
            cx.code.tables.len() - 1
        }
    };
    (Expr::Table { table, output: at }, ty)
}

struct Compiled {
    table: TableUse,
    outputs: Vec<String>,
}

fn compile_table(cx: &mut Context<'_>, scope: &Scope, name: &str, node: &Node) -> Option<Compiled> {
    forms::known_keys(cx, node, &["hit", "inputs", "outputs", "rows", "doc"], "a decision table");
    let unique = match node.get("hit").and_then(Node::text) {
        None | Some("first") => false,
        Some("unique") => true,
        Some(other) => {
            let span = node.get("hit").map_or(node.span, |hit| hit.span);
            cx.error(
                Code::BAD_WORD,
                span,
                format!("`hit` is `first` or `unique`, and not `{other}`"),
            );
            false
        }
    };
    let inputs_node = forms::needed(cx, node, "inputs")?;
    let outputs_node = forms::needed(cx, node, "outputs")?;
    let rows_node = forms::needed(cx, node, "rows")?;
    let outputs: Vec<String> =
        outputs_node.list()?.iter().filter_map(Node::text).map(str::to_owned).collect();
    let mut inputs = Vec::new();
    for (key, value) in inputs_node.block()? {
        let (expr, ty) = forms::scalar(cx, scope, value);
        let domain = domain(cx, &ty, key, value.span);
        inputs.push(Input { name: key.text.clone(), expr, ty, domain });
    }
    let mut rows = Vec::new();
    let mut spans = Vec::new();
    for row in rows_node.list()? {
        if let Some(compiled) = table_row(cx, scope, row, &inputs, outputs.len()) {
            rows.push(compiled);
            spans.push(row.span);
        }
    }
    let complete_rows = rows.len() == rows_node.list().map_or(0, <[Node]>::len);
    fill_others(&mut rows, inputs.len());
    if complete_rows && inputs.iter().all(|input| input.domain.is_some()) {
        prove(cx, name, node.span, &inputs, &rows, &spans, unique);
    }
    let origin = cx.origin(node.span);
    let of_record = scope.items.is_empty();
    let exprs = inputs.into_iter().map(|input| input.expr).collect();
    Some(Compiled {
        table: TableUse { name: name.to_owned(), inputs: exprs, rows, of_record, origin },
        outputs,
    })
}

struct Input {
    name: String,
    expr: Expr,
    ty: Type,
    /// The values that it can have; `None` when that cannot be known.
    domain: Option<Vec<Sample>>,
}

/// One of the values that an input can have.
#[derive(Clone, Debug, PartialEq)]
enum Sample {
    Null,
    Value(Constant),
    /// Any value that the pick-list does not name.
    Unnamed,
}

fn domain(cx: &mut Context<'_>, ty: &Type, key: &Key, span: Span) -> Option<Vec<Sample>> {
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
            cx.push(Diagnostic::error(Code::TABLE_INPUT, span, message).hint(hint));
            return None;
        }
    }
    Some(samples)
}

fn table_row(
    cx: &mut Context<'_>,
    scope: &Scope,
    row: &Node,
    inputs: &[Input],
    outputs: usize,
) -> Option<TableRow> {
    let Some(cells) = row.list() else {
        cx.error(Code::WRONG_SHAPE, row.span, "a row is a list of cells");
        return None;
    };
    let ends = cells.get(inputs.len()).and_then(Node::text);
    let stops = matches!(ends, Some("$reject" | "$skip"))
        || cells.get(inputs.len()).is_some_and(|cell| cell.block().is_some());
    let length_fits =
        if stops { cells.len() > inputs.len() } else { cells.len() == inputs.len() + outputs };
    if !length_fits {
        let message = format!(
            "a row has {} cells ({} inputs and {outputs} outputs), and this one has {}",
            inputs.len() + outputs,
            inputs.len(),
            cells.len()
        );
        cx.error(Code::TABLE_ROW_LENGTH, row.span, message);
        return None;
    }
    let mut compiled = Vec::new();
    for (cell, input) in cells.iter().zip(inputs) {
        compiled.push(input_cell(cx, cell, input)?);
    }
    let origin = cx.origin(row.span);
    let rest = cells.get(inputs.len()..).unwrap_or_default();
    let outputs = if matches!(ends, Some("$reject" | "$skip")) {
        let reason = match rest.get(1) {
            Some(reason) => super::forms::text(cx, scope, reason)?.0,
            None => Expr::Constant(Constant::Text("the table says so".to_owned())),
        };
        vec![Arm::Stop(Stop { reject: ends == Some("$reject"), reason, origin })]
    } else {
        rest.iter().map(|cell| arm(cx, scope, cell)).collect::<Option<Vec<_>>>()?
    };
    Some(TableRow { cells: compiled, outputs, origin })
}

fn input_cell(cx: &mut Context<'_>, cell: &Node, input: &Input) -> Option<Cell> {
    let literals: Vec<&Node> = match &cell.kind {
        NodeKind::List(items) => items.iter().collect(),
        NodeKind::Scalar(scalar) if scalar.plain => match scalar.text.as_str() {
            "$any" => return Some(Cell::Any),
            "$null" => return Some(Cell::Null),
            // Which values are other ones is known when the whole table has been read.
            "$other" => return Some(Cell::NoneOf(Vec::new())),
            _ => vec![cell],
        },
        _ => vec![cell],
    };
    let mut values = Vec::new();
    for literal in literals {
        let Some(scalar) = literal.scalar() else {
            let message = "a cell is a value, a list of values, `$any`, `$null` or `$other`";
            cx.error(Code::WRONG_SHAPE, literal.span, message);
            return None;
        };
        let value = match scalar.text.as_str() {
            "$null" if scalar.plain => Constant::Null,
            text => constant(scalar.plain && input.ty.kind == Kind::Bool, text),
        };
        if let Some(domain) = &input.domain
            && !domain.iter().any(|sample| is(sample, &value))
            && (value == Constant::Null || !domain.contains(&Sample::Unnamed))
        {
            let message = format!("`{}` is no value of the input `{}`", scalar.text, input.name);
            let finding = Diagnostic::error(Code::TABLE_DEAD_ROW, literal.span, message);
            let known =
                input.ty.values.iter().flat_map(|values| values.all.iter().map(String::as_str));
            cx.push(finding.suggest(&scalar.text, known));
            return None;
        }
        values.push(value);
    }
    Some(Cell::OneOf(values))
}

/// `$other` stands for what no row of its column names.
fn fill_others(rows: &mut [TableRow], inputs: usize) {
    for column in 0..inputs {
        let named: Vec<Constant> = rows
            .iter()
            .filter_map(|row| match row.cells.get(column) {
                Some(Cell::OneOf(values)) => Some(values.clone()),
                _ => None,
            })
            .flatten()
            .collect();
        for row in rows.iter_mut() {
            if let Some(Cell::NoneOf(values)) = row.cells.get_mut(column) {
                values.clone_from(&named);
            }
        }
    }
}

/// Whether a sample is a value of a cell.
fn is(sample: &Sample, value: &Constant) -> bool {
    match sample {
        Sample::Null => *value == Constant::Null,
        Sample::Value(sample) => sample == value,
        Sample::Unnamed => false,
    }
}

fn holds(cell: &Cell, sample: &Sample) -> bool {
    match (cell, sample) {
        (Cell::Any, _) => true,
        (Cell::Null, sample) => *sample == Sample::Null,
        (Cell::OneOf(values), sample) => values.iter().any(|value| is(sample, value)),
        (Cell::NoneOf(values), Sample::Value(value)) => !values.contains(value),
        (Cell::NoneOf(_), Sample::Unnamed) => true,
        _ => false,
    }
}

/// Tries every combination of inputs: each has a row, and each row has a combination.
fn prove(
    cx: &mut Context<'_>,
    name: &str,
    span: Span,
    inputs: &[Input],
    rows: &[TableRow],
    spans: &[Span],
    unique: bool,
) {
    let domains: Vec<&[Sample]> =
        inputs.iter().filter_map(|input| input.domain.as_deref()).collect();
    let count = domains.iter().try_fold(1_usize, |count, domain| count.checked_mul(domain.len()));
    let Some(count) = count.filter(|count| *count <= COMBINATIONS_MAX) else {
        let message =
            format!("the table `{name}` has more than {COMBINATIONS_MAX} combinations; split it");
        cx.error(Code::TABLE_INCOMPLETE, span, message);
        return;
    };
    let mut used = vec![false; rows.len()];
    let mut uncovered = Vec::new();
    let mut overlaps: Vec<(usize, usize)> = Vec::new();
    for nth in 0..count {
        let samples = combination(&domains, nth);
        let mut matching = rows.iter().enumerate().filter(|(_, row)| {
            row.cells.iter().zip(&samples).all(|(cell, sample)| holds(cell, sample))
        });
        match matching.next() {
            None => uncovered.push(samples),
            Some((first, _)) => {
                if let Some(used) = used.get_mut(first) {
                    *used = true;
                }
                if let Some((second, _)) = matching.next().filter(|_| unique)
                    && !overlaps.contains(&(first, second))
                {
                    overlaps.push((first, second));
                }
            }
        }
    }
    report_uncovered(cx, name, span, inputs, &uncovered);
    let dead = used.iter().zip(spans).filter(|(used, _)| !**used);
    let dead: Vec<Span> = dead.map(|(_, span)| *span).collect();
    for row in dead {
        let message =
            format!("this row of `{name}` can never match: the rows above it take every case");
        cx.error(Code::TABLE_DEAD_ROW, row, message);
    }
    for (first, second) in overlaps {
        let (Some(first), Some(second)) = (spans.get(first), spans.get(second)) else { continue };
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

fn report_uncovered(
    cx: &mut Context<'_>,
    name: &str,
    span: Span,
    inputs: &[Input],
    uncovered: &[Vec<&Sample>],
) {
    if uncovered.is_empty() {
        return;
    }
    let shown = |samples: &Vec<&Sample>| {
        let cells = inputs.iter().zip(samples).map(|(input, sample)| {
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
    let message = format!("the table `{name}` has no row for {}{more}", cases.join("; for "));
    let hint = "add a row; `$any` matches everything, `$other` what no row names, `$null` null";
    cx.push(Diagnostic::error(Code::TABLE_INCOMPLETE, span, message).hint(hint));
}
