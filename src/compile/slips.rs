//! Instructions that are misspelt: keys that start with `$` and have no meaning anywhere.
//!
//! They are found before anything is compiled, and the mapping is compiled as if the right ones
//! stood there. What an instruction holds would else be taken for something quite different, and
//! one slip of the pen would give a page of messages.

use super::grammar;
use crate::{
    diag::{Code, Diagnostic, Findings, Possible, nearest},
    syntax::{Key, Kind, Node},
};

/// What starts with `$` besides the instructions of the grammar: rows of maps, and an order.
const BESIDE: [&str; 4] = ["$with", "$other", "$null", "$desc"];

/// The tree with its instructions as they were meant; `None` where nothing is to be mended.
pub(super) fn mended(findings: &mut Findings, root: &Node) -> Option<Node> {
    let known = grammar::instructions().into_iter().map(|key| key.name);
    let known: Vec<&str> = known.chain(BESIDE).collect();
    mended_below(findings, root, &known)
}

/// Only what is mended is made anew: a mapping without slips costs no copy of its tree.
fn mended_below(findings: &mut Findings, node: &Node, known: &[&str]) -> Option<Node> {
    let kind = match &node.kind {
        Kind::List(items) => Kind::List(mended_items(findings, items, known)?),
        Kind::Block(entries) => Kind::Block(mended_entries(findings, entries, known)?),
        Kind::Empty | Kind::Scalar(_) => return None,
    };
    Some(Node { kind, span: node.span, head: node.head })
}

fn mended_items(findings: &mut Findings, items: &[Node], known: &[&str]) -> Option<Vec<Node>> {
    let made: Vec<Option<Node>> =
        items.iter().map(|item| mended_below(findings, item, known)).collect();
    if made.iter().all(Option::is_none) {
        return None;
    }
    Some(items.iter().zip(made).map(|(item, made)| made.unwrap_or_else(|| item.clone())).collect())
}

fn mended_entries(
    findings: &mut Findings,
    entries: &[(Key, Node)],
    known: &[&str],
) -> Option<Vec<(Key, Node)>> {
    let mut made = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let mended = mended_below(findings, value, known);
        made.push((meant(findings, key, entries, known), mended));
    }
    if made.iter().all(|(key, value)| key.is_none() && value.is_none()) {
        return None;
    }
    let both = entries.iter().zip(made).map(|((key, value), (meant, mended))| {
        (meant.unwrap_or_else(|| key.clone()), mended.unwrap_or_else(|| value.clone()))
    });
    Some(both.collect())
}

/// The key that was meant, reported. One that nothing is near to is left to those who know what is
/// possible at its place.
fn meant(
    findings: &mut Findings,
    key: &Key,
    beside: &[(Key, Node)],
    known: &[&str],
) -> Option<Key> {
    if !key.text.starts_with('$') || known.contains(&key.text.as_str()) {
        return None;
    }
    let free: Vec<&str> = known
        .iter()
        .copied()
        .filter(|name| !beside.iter().any(|(other, _)| other.text == *name))
        .collect();
    let near = nearest(&key.text, free.iter().copied())?;
    let message = format!("there is no instruction `{}`", key.text);
    let finding = Diagnostic::error(Code::UNKNOWN_KEY, key.span, message);
    let finding = finding.possible(free.iter().map(|name| Possible::of(*name)));
    findings.push(finding.suggest(&key.text, free.iter().copied()));
    Some(Key { text: near.to_owned(), span: key.span })
}
