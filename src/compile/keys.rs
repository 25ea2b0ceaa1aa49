//! Keys of blocks: those that have a meaning, and those that must be there.

use std::borrow::Cow;

use super::{context::Context, grammar::Block};
use crate::{
    diag::{Code, Diagnostic, Findings, Possible, Span, nearest},
    syntax::{Key, Node},
};

/// The block with its keys as they were meant.
///
/// A key that has no meaning is reported. Where it is near to one that the block does not have, the
/// block is read as if that one stood there: one slip of the pen gives one message.
fn repaired<'n>(
    findings: &mut Findings,
    node: &'n Node,
    known: &[&str],
    what: &str,
    possible: &dyn Fn() -> Vec<Possible>,
    made: &dyn Fn(&str) -> Option<Span>,
) -> Cow<'n, Node> {
    let entries = node.block().unwrap_or_default();
    let mut meant: Vec<(Key, Node)> = Vec::new();
    for (at, (key, _)) in entries.iter().enumerate() {
        if known.contains(&key.text.as_str()) {
            continue;
        }
        let message = format!("{what} has no key `{}`", key.text);
        let finding = Diagnostic::error(Code::UNKNOWN_KEY, key.span, message);
        let finding = finding.hint(format!("it has {}", known.join(", "))).possible(possible());
        let near = nearest(&key.text, known.iter().copied());
        let finding = finding.meant(near.and_then(made));
        findings.push(finding.suggest(&key.text, known.iter().copied()));
        if meant.is_empty() {
            meant = entries.to_vec();
        }
        if let (Some(near), Some((key, _))) =
            (near.filter(|near| node.get(near).is_none()), meant.get_mut(at))
        {
            near.clone_into(&mut key.text);
        }
    }
    if meant.is_empty() { Cow::Borrowed(node) } else { Cow::Owned(node.with_entries(meant)) }
}

/// A whole mapping with its keys as they were meant.
pub(super) fn repaired_mapping<'n>(findings: &mut Findings, root: &'n Node) -> Cow<'n, Node> {
    let block = &super::grammar::MAPPING;
    repaired(findings, root, &block.names(), block.what, &|| block.possible(), &|_| None)
}

/// As [`repaired`], for a block of the language within a mapping.
pub(super) fn known<'n>(cx: &mut Context<'_>, node: &'n Node, block: &Block) -> Cow<'n, Node> {
    repaired(cx.findings, node, &block.names(), block.what, &|| block.possible(), &|_| None)
}

/// As [`repaired`], for a block whose keys are those of the language and some of the mapping.
pub(super) fn known_names<'n>(
    cx: &mut Context<'_>,
    node: &'n Node,
    known: &[&str],
    what: &str,
) -> Cow<'n, Node> {
    known_made(cx, node, known, what, &|_| None)
}

/// As [`repaired`], for a block some of whose keys the mapping makes itself, at places it tells.
pub(super) fn known_made<'n>(
    cx: &mut Context<'_>,
    node: &'n Node,
    known: &[&str],
    what: &str,
    made: &dyn Fn(&str) -> Option<Span>,
) -> Cow<'n, Node> {
    let possible = || known.iter().map(|name| Possible::of(*name)).collect();
    repaired(cx.findings, node, known, what, &possible, made)
}

/// The value of a key that must be there.
pub(super) fn needed<'n>(cx: &mut Context<'_>, node: &'n Node, key: &str) -> Option<&'n Node> {
    let found = node.get(key);
    if found.is_none() {
        cx.error(Code::MISSING_KEY, node.head, format!("the key `{key}` is missing here"));
    }
    found
}

/// The text of a key that must be there and hold one.
pub(super) fn needed_text<'n>(
    cx: &mut Context<'_>,
    node: &'n Node,
    key: &str,
) -> Option<(&'n str, &'n Node)> {
    let found = needed(cx, node, key)?;
    text(cx, found, key).map(|text| (text, found))
}

/// The text of a key that may be there.
pub(super) fn text<'n>(cx: &mut Context<'_>, node: &'n Node, key: &str) -> Option<&'n str> {
    let text = node.text();
    if text.is_none() {
        let span = if node.span.start == node.span.end { node.head } else { node.span };
        let message = format!("`{key}` is a text, and this is {}", node.what());
        cx.error(Code::WRONG_SHAPE, span, message);
    }
    text
}

/// The entries of what must be a block.
pub(super) fn entries<'n>(
    cx: &mut Context<'_>,
    node: &'n Node,
    key: &str,
) -> Option<&'n [(Key, Node)]> {
    let entries = node.block();
    if entries.is_none() {
        let message = format!("`{key}` is a block of names, and this is {}", node.what());
        cx.error(Code::WRONG_SHAPE, node.head_of_long(), message);
    }
    entries
}

/// The items of what must be a list.
pub(super) fn items<'n>(cx: &mut Context<'_>, node: &'n Node, key: &str) -> Option<&'n [Node]> {
    let items = node.list();
    if items.is_none() {
        let message = format!("`{key}` is a list, and this is {}", node.what());
        cx.error(Code::WRONG_SHAPE, node.head_of_long(), message);
    }
    items
}
