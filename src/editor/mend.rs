//! What would mend a finding: the fix that the compiler names, a row that a table lacks, a field
//! that the target requires.
//!
//! What is added rejects the record until the author says otherwise: it compiles, it is loud, and
//! nothing wrong is sent.

use std::ops::Range;

use crate::{
    diag::{Code, Diagnostic, SourceMap, Span},
    syntax::{Kind, Node},
};

/// A change that an editor can offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mend {
    /// What it does, in a few words.
    pub title: String,
    /// What is replaced.
    pub span: Span,
    /// What stands there instead.
    pub text: String,
}

/// The changes that would mend a finding, the best first.
pub fn mends(sources: &SourceMap, root: &Node, finding: &Diagnostic) -> Vec<Mend> {
    let mut mends = Vec::new();
    if let Some(fix) = &finding.fix {
        let title = format!("write `{}`", fix.replacement);
        mends.push(Mend { title, span: fix.span, text: fix.replacement.clone() });
    }
    let block = || {
        let heads = std::iter::once(&finding.primary).chain(&finding.labels);
        heads.map(|label| label.span).find_map(|head| block_at(root, head))
    };
    match finding.code {
        Code::TABLE_INCOMPLETE => {
            mends.extend(block().and_then(|table| rows(sources, table, finding)));
        }
        Code::REQUIRED_FIELD => {
            mends.extend(block().and_then(|object| field(sources, object, finding)));
        }
        _ => {}
    }
    mends
}

/// The outermost block that a finding points to by its head.
fn block_at(node: &Node, head: Span) -> Option<&Node> {
    match &node.kind {
        Kind::Block(_) if node.head == head => Some(node),
        Kind::Block(entries) => entries.iter().find_map(|(_, inner)| block_at(inner, head)),
        Kind::List(items) => items.iter().find_map(|inner| block_at(inner, head)),
        Kind::Empty | Kind::Scalar(_) => None,
    }
}

/// The rows that a map or a decision table lacks.
fn rows(sources: &SourceMap, table: &Node, finding: &Diagnostic) -> Option<Mend> {
    let names = finding.possible.iter().map(|possible| possible.name.as_str());
    let rows = table.get("rows").and_then(Node::list);
    let lines: Vec<String> = match rows {
        Some(_) => {
            names.map(|cells| format!("- [{cells}, $reject, \"not decided yet\"]")).collect()
        }
        None => names.map(|name| format!("{}: {STAND_IN}", plain(name))).collect(),
    };
    let title = match lines.len() {
        1 => "add the missing row".to_owned(),
        many => format!("add the {many} missing rows"),
    };
    let (span, text) = match rows {
        Some(rows) => after_items(sources, rows, &lines)?,
        None => after_entries(sources, table, &lines)?,
    };
    (!lines.is_empty()).then_some(Mend { title, span, text })
}

/// What stands in until the author decides.
const STAND_IN: &str = "{ $reject: \"not decided yet\" }";

/// The field that an object lacks.
fn field(sources: &SourceMap, object: &Node, finding: &Diagnostic) -> Option<Mend> {
    let name = &finding.possible.first()?.name;
    let line = format!("{name}: {STAND_IN}");
    let (span, text) = after_entries(sources, object, &[line])?;
    Some(Mend { title: format!("add `{name}`"), span, text })
}

/// A key as it may stand in YAML.
fn plain(key: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '$' | '/' | '.');
    let starts = key.starts_with(|c: char| c.is_alphanumeric() || c == '$');
    match starts && key.chars().all(is_plain) && !key.ends_with(' ') {
        true => key.to_owned(),
        false => serde_json::Value::from(key).to_string(),
    }
}

/// Where entries go behind those of a block, and as what.
fn after_entries(sources: &SourceMap, block: &Node, lines: &[String]) -> Option<(Span, String)> {
    let (key, value) = block.block()?.last()?;
    let last = Span::new(key.span.file, key.span.start..value.span.end.max(key.span.end));
    if sources.slice(block.span).starts_with('{') {
        let end = trimmed_end(sources, last);
        return Some((Span::new(last.file, end..end), format!(", {}", lines.join(", "))));
    }
    Some(below(sources, last, key.span.start, lines))
}

/// Where rows go behind those of a list, and as what.
fn after_items(sources: &SourceMap, items: &[Node], lines: &[String]) -> Option<(Span, String)> {
    let last = items.last()?.span;
    let text = sources.text(last.file);
    let line = text.get(..last.start)?.rfind('\n').map_or(0, |newline| newline + 1);
    let before = text.get(line..last.start)?;
    if before.trim() == "-" {
        let dash = line + before.find('-')?;
        return Some(below(sources, last, dash, lines));
    }
    let rows = lines.iter().map(|row| row.trim_start_matches("- "));
    let end = trimmed_end(sources, last);
    let text = rows.fold(String::new(), |text, row| format!("{text}, {row}"));
    Some((Span::new(last.file, end..end), text))
}

/// Lines below what ends somewhere, as far in as something begins.
fn below(sources: &SourceMap, last: Span, begins: usize, lines: &[String]) -> (Span, String) {
    let text = sources.text(last.file);
    let column = text
        .get(..begins)
        .map_or(0, |before| before.len() - before.rfind('\n').map_or(0, |newline| newline + 1));
    let end = trimmed_end(sources, last);
    // A comment behind the last entry stays with it.
    let end = text.get(end..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| end + at);
    let added = lines
        .iter()
        .fold(String::new(), |out, line| format!("{out}\n{}{line}", " ".repeat(column)));
    (Span::new(last.file, end..end), added)
}

fn trimmed_end(sources: &SourceMap, span: Span) -> usize {
    let Range { start, .. } = span.range();
    start + sources.slice(span).trim_end().len()
}
