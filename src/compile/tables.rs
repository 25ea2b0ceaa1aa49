//! Decision tables: complete over their inputs, without a dead row.

use super::{
    context::Context,
    exprs, forms, grammar, keys,
    made::What,
    maps::{arm, constant, output_type, spots, unknown_table},
    proof::{self, Input, Sample},
    scope::Scope,
    types::{Kind, Type},
};
use crate::{
    diag::{Code, Diagnostic, Possible, Span, nearest, slip},
    program::code::{Arm, Cell, Constant, Expr, Stop, TableRow, TableUse},
    syntax::{Kind as NodeKind, Node},
};

/// How deep tables may use tables; every level costs stack, and each use is compiled anew.
const DEPTH_MAX: usize = 4;
/// How often tables may be used in one mapping, those inside of tables counted each time.
const USES_MAX: usize = 2_000;

/// Where the two names of `table.output` stand.
pub(super) struct Named {
    pub table: Span,
    pub output: Span,
}

/// Whether a table is a decision table; else it is a map of values.
pub(super) fn is_table(node: &Node) -> bool {
    ["rows", "inputs", "outputs"]
        .iter()
        .any(|key| node.get(key).is_some_and(|value| value.scalar().is_none()))
}

/// What a `$table` can name: the outputs of the decision tables.
pub(super) fn possible(cx: &Context<'_>) -> Vec<Possible> {
    let tables = cx.tables.iter().filter(|(_, node)| is_table(node));
    tables
        .flat_map(|(table, node)| {
            let outputs = node.get("outputs").and_then(Node::list).unwrap_or_default();
            let outputs = outputs.iter().filter_map(Node::text);
            outputs.map(move |output| Possible {
                name: format!("{table}.{output}"),
                detail: "an output of a table".to_owned(),
                doc: String::new(),
            })
        })
        .collect()
}

/// An output of a decision table, at a place of use.
pub(super) fn output(
    cx: &mut Context<'_>,
    scope: &Scope,
    table: &str,
    output: &str,
    named: &Named,
) -> (Expr, Type) {
    let poison = (Expr::Constant(Constant::Null), Type::poison());
    let Some(node) = cx.tables.get(table).copied() else {
        unknown_table(cx, table, named.table);
        return poison;
    };
    cx.made.touch(node.head);
    if !is_table(node) {
        let message = format!("`{table}` is a map and has no outputs");
        let hint = format!("use it as `{{ $from: …, $map: {table} }}`");
        cx.push(Diagnostic::error(Code::UNKNOWN_TABLE, named.table, message).hint(hint));
        return poison;
    }
    if cx.tabling.iter().any(|known| known == table) || cx.tabling.len() >= DEPTH_MAX {
        let message = match cx.tabling.len() >= DEPTH_MAX {
            true => format!("tables use tables more than {DEPTH_MAX} deep"),
            false => format!("the table `{table}` is an input of itself"),
        };
        cx.error(Code::REFERENCE_CYCLE, named.table, message);
        return poison;
    }
    cx.tabled += 1;
    if cx.tabled > USES_MAX {
        let message = format!("tables are used more than {USES_MAX} times");
        cx.error(Code::YAML_LIMIT, named.table, message);
        return poison;
    }
    cx.tabling.push(table.to_owned());
    let compiled = compile_table(cx, scope, table, node);
    cx.tabling.pop();
    let Some(compiled) = compiled else { return poison };
    let Some(at) = compiled.outputs.iter().position(|(known, _)| known == output) else {
        let message = format!("the table `{table}` has no output `{output}`");
        let finding = Diagnostic::error(Code::UNKNOWN_TABLE, named.output, message);
        let names = || compiled.outputs.iter().map(|(name, _)| name.as_str());
        let near = nearest(output, names());
        let made = compiled.outputs.iter().find(|(known, _)| Some(known.as_str()) == near);
        cx.push_near(finding.meant(made.map(|(_, made)| *made)), output, names());
        return poison;
    };
    if let Some((_, made)) = compiled.outputs.get(at) {
        cx.made.touch(*made);
    }
    if compiled.broken {
        return poison;
    }
    // A row of one stop stands for every output.
    let arms = compiled.table.rows.iter().map(|row| row.outputs.get(at).or(row.outputs.first()));
    let mut ty = output_type(arms.flatten());
    let column = compiled.table.inputs.len() + at;
    let rows = node.get("rows").and_then(Node::list).unwrap_or_default();
    ty.spots = spots(rows.iter().filter_map(|row| row.list()?.get(column)));
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
    outputs: Vec<(String, Span)>,
    /// Whether a row or an input is wrong, so that nothing is known of what comes out.
    broken: bool,
}

fn compile_table(cx: &mut Context<'_>, scope: &Scope, name: &str, node: &Node) -> Option<Compiled> {
    let node = &*keys::known(cx, node, &grammar::TABLE);
    let unique = is_unique(cx, node);
    let inputs_node = keys::needed(cx, node, "inputs");
    let outputs_node = keys::needed(cx, node, "outputs");
    let rows_node = keys::needed(cx, node, "rows");
    let inputs = inputs(cx, scope, inputs_node?)?;
    let outputs = keys::items(cx, outputs_node?, "outputs")?;
    let outputs: Vec<(String, Span)> = outputs
        .iter()
        .filter_map(|name| Some((keys::text(cx, name, "outputs")?.to_owned(), name.span)))
        .collect();
    for (name, made) in &outputs {
        cx.made.add(*made, name, What::Output);
    }
    let written = keys::items(cx, rows_node?, "rows")?;
    let mut rows = Vec::new();
    let mut spans = Vec::new();
    for row in written {
        if let Some(compiled) = table_row(cx, scope, row, &inputs, outputs.len()) {
            rows.push(compiled);
            spans.push(row.span);
        }
    }
    let mut broken =
        rows.len() < written.len() || inputs.iter().any(|input| input.domain.is_none());
    fill_others(&mut rows, inputs.len());
    if !broken {
        let (rows, spans, inputs) = (&rows, &spans, &inputs);
        let claim = proof::Claim { name, span: node.head, inputs, rows, spans, unique };
        // A row that was forgotten would give a value that the others do not.
        broken = !proof::prove(cx, &claim);
    }
    let origin = cx.origin(node.span);
    let of_record = scope.items.is_empty();
    let inputs = inputs.into_iter().map(|input| input.expr).collect();
    let table = TableUse { name: name.to_owned(), inputs, rows, of_record, origin };
    Some(Compiled { table, outputs, broken })
}

fn is_unique(cx: &mut Context<'_>, node: &Node) -> bool {
    let Some(hit) = node.get("hit") else { return false };
    match keys::text(cx, hit, "hit") {
        None | Some("first") => false,
        Some("unique") => true,
        Some(other) => {
            let message = format!("`hit` is `first` or `unique`, and not `{other}`");
            let finding = Diagnostic::error(Code::BAD_WORD, hit.span, message);
            cx.push_near(finding, other, ["first", "unique"]);
            false
        }
    }
}

fn inputs(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<Vec<Input>> {
    let entries = keys::entries(cx, node, "inputs")?;
    let mut inputs = Vec::new();
    for (key, value) in entries {
        let (expr, ty) = forms::scalar(cx, scope, value);
        let domain = proof::domain(cx, &ty, key, value);
        inputs.push(Input { name: key.text.clone(), expr, ty, domain });
    }
    Some(inputs)
}

fn table_row(
    cx: &mut Context<'_>,
    scope: &Scope,
    row: &Node,
    inputs: &[Input],
    outputs: usize,
) -> Option<TableRow> {
    let Some(cells) = row.list() else {
        cx.error(Code::WRONG_SHAPE, row.head_of_long(), "a row is a list of cells");
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
            Some(reason) => forms::text(cx, scope, reason)?.0,
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
            cx.error(Code::WRONG_SHAPE, literal.head_of_long(), message);
            return None;
        };
        let value = match scalar.text.as_str() {
            "$null" if scalar.plain => Constant::Null,
            text => constant(scalar.plain && input.ty.kind == Kind::Bool, text),
        };
        if let Some(domain) = &input.domain
            && !domain.iter().any(|sample| sample.is(&value))
            && (value == Constant::Null || !domain.contains(&Sample::Unnamed))
        {
            let message = format!("`{}` is no value of the input `{}`", scalar.text, input.name);
            let finding = Diagnostic::error(Code::TABLE_DEAD_ROW, literal.span, message);
            let known =
                input.ty.values.iter().flat_map(|values| values.all.iter().map(String::as_str));
            let cells = ["$any", "$null", "$other"].into_iter();
            let cells = cells.filter(|_| scalar.text.starts_with('$') && scalar.plain);
            cx.push_near(finding, &scalar.text, known.chain(cells));
            return None;
        }
        if let Some(values) = input.ty.values.as_ref().filter(|values| !values.closed)
            && !values.all.contains(&scalar.text)
            && value != Constant::Null
            && let Some(near) = slip(&scalar.text, values.all.iter().map(String::as_str))
        {
            let message = format!("the pick-list has `{near}`, and no `{}`", scalar.text);
            let finding = Diagnostic::error(Code::TABLE_DEAD_ROW, literal.span, message);
            cx.push_near(finding.hint(exprs::OWN_VALUE), &scalar.text, [near]);
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
