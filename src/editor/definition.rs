//! Where a name is made: tables, shapes, names of `let` and of rows, resources of this mapping or
//! of another one of the set.

use std::ops::Range;

use crate::{
    diag::{FileId, SourceMap, Span},
    syntax::{Key, Node},
};

/// The mappings of a set, as trees.
type Roots<'a> = [(FileId, Node)];

/// Where the name at a place is made.
pub fn definition(sources: &SourceMap, roots: &Roots<'_>, file: FileId, at: usize) -> Option<Span> {
    let (_, root) = roots.iter().find(|(id, _)| *id == file)?;
    let way = way_to(root, at);
    let (key, leaf) = way.last()?;
    let text = leaf.text().unwrap_or_default();
    let key = key.map_or("", |key| key.text.as_str());
    let of = |block: &str, name: &str| key_of(root.get(block)?, name);
    let found = match key {
        "$map" => of("tables", text),
        "$table" => of("tables", text.split('.').next()?),
        "$shape" => of("shapes", text),
        "within" => of("resources", text),
        "$ref" => resource(roots, root, text),
        _ if way.iter().any(|(key, _)| key.is_some_and(|key| key.text == "uses")) => {
            name_of(roots, text)
        }
        _ => None,
    };
    if found.is_some() {
        return found;
    }
    let word = word_at(sources, file, at)?;
    let before = sources.text(file).get(..word.start)?;
    let name = sources.text(file).get(word)?;
    match before.strip_suffix('.') {
        Some(item) if !item.ends_with('$') => beside_items(root, name),
        _ => argument(&way, root, name, at).or_else(|| bound(&way, root, name)),
    }
}

/// A value that is named beside the items of a list, where only one list has it: of which list an
/// item is, a tree does not tell.
fn beside_items(node: &Node, name: &str) -> Option<Span> {
    let mut found = Vec::new();
    collect_named(node, name, &mut found);
    let mut found = found.into_iter();
    found.next().filter(|_| found.next().is_none())
}

fn collect_named(node: &Node, name: &str, found: &mut Vec<Span>) {
    found.extend(node.get("$let").and_then(|names| key_of(names, name)));
    let inner = node.block().unwrap_or_default().iter().map(|(_, inner)| inner);
    for inner in inner.chain(node.list().unwrap_or_default()) {
        collect_named(inner, name, found);
    }
}

/// What a shape is given, at the key that gives it.
fn argument(way: &[(Option<&Key>, &Node)], root: &Node, name: &str, at: usize) -> Option<Span> {
    let (_, node) = way.iter().rev().find(|(_, node)| node.get("$shape").is_some())?;
    let (key, _) = node.entry(name).filter(|(key, _)| key.span.range().contains(&at))?;
    let shape = root.get("shapes")?.get(node.get("$shape")?.text()?)?;
    let given = shape.get("$with").and_then(Node::list).unwrap_or_default();
    given.iter().find(|given| given.text() == Some(key.text.as_str())).map(|given| given.span)
}

/// The nodes from the root to the leaf at a place, each with its key.
fn way_to(root: &Node, at: usize) -> Vec<(Option<&Key>, &Node)> {
    let mut way: Vec<(Option<&Key>, &Node)> = vec![(None, root)];
    let holds = |span: Span| span.start <= at && at <= span.end;
    while let Some((_, node)) = way.last() {
        let entries = node.block().unwrap_or_default().iter().map(|(key, node)| (Some(key), node));
        let items = node.list().unwrap_or_default().iter().map(|node| (None, node));
        let Some(next) = entries.chain(items).rfind(|(_, node)| holds(node.span)) else { break };
        way.push(next);
    }
    way
}

fn key_of(block: &Node, name: &str) -> Option<Span> {
    block.entry(name).map(|(key, _)| key.span)
}

/// The `name` of a mapping of the set.
fn name_of(roots: &Roots<'_>, name: &str) -> Option<Span> {
    let named = roots.iter().filter_map(|(_, root)| root.get("name"));
    named.filter(|node| node.text() == Some(name)).map(|node| node.span).next()
}

/// `alias.resource`, or a resource of the mapping itself.
fn resource(roots: &Roots<'_>, root: &Node, written: &str) -> Option<Span> {
    let Some((alias, resource)) = written.split_once('.') else {
        return key_of(root.get("resources")?, written);
    };
    let mapping = root.get("uses").and_then(|uses| uses.get(alias)).and_then(Node::text);
    let mapping = mapping.or(Some(alias))?;
    let named = |root: &&Node| root.get("name").and_then(Node::text) == Some(mapping);
    let other = roots.iter().map(|(_, root)| root).find(named)?;
    key_of(other.get("resources")?, resource)
}

/// The innermost place that binds a name: `$let`, `$as` and the like on the way, then what the
/// whole mapping has.
fn bound(way: &[(Option<&Key>, &Node)], root: &Node, name: &str) -> Option<Span> {
    for (_, node) in way.iter().rev() {
        for names in ["$let", "let", "params"] {
            if let Some(span) = node.get(names).and_then(|names| key_of(names, name)) {
                return Some(span);
            }
        }
        for bind in ["$as", "as", "$index", "index"] {
            if let Some(bound) = node.get(bind).filter(|bound| bound.text() == Some(name)) {
                return Some(bound.span);
            }
        }
        let given = node.get("$with").and_then(Node::list).unwrap_or_default();
        if let Some(given) = given.iter().find(|given| given.text() == Some(name)) {
            return Some(given.span);
        }
    }
    ["tables", "shapes"].iter().find_map(|block| key_of(root.get(block)?, name))
}

fn word_at(sources: &SourceMap, file: FileId, at: usize) -> Option<Range<usize>> {
    let text = sources.text(file);
    let is_word = |c: &char| c.is_alphanumeric() || *c == '_';
    let before = text.get(..at)?.chars().rev().take_while(is_word);
    let after = text.get(at..)?.chars().take_while(is_word);
    let start = at - before.map(char::len_utf8).sum::<usize>();
    Some(start..at + after.map(char::len_utf8).sum::<usize>())
}
