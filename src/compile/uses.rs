//! `uses:`: the other mappings that a mapping refers to, by their name in the set or by their file.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::{
    diag::{Code, Diagnostic, FileId, Findings, SourceMap, Span},
    syntax::Node,
};

/// One mapping that another one uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The name by which the using mapping calls it.
    pub alias: String,
    /// Its name; `None` where a file is named that is not part of the set.
    pub mapping: Option<String>,
    /// What is written.
    pub written: String,
    /// Where it is written.
    pub span: Span,
}

/// The mappings that a mapping uses. `file` is the name of its own file, `names` the mapping's name
/// in each file of the set.
pub fn used(root: &Node, file: &str, names: &BTreeMap<String, String>) -> Vec<Used> {
    let entries = root.get("uses").and_then(Node::block).unwrap_or_default();
    let one = |(alias, node): &(crate::syntax::Key, Node)| {
        let written = node.text()?.to_owned();
        let mapping = match is_file(&written) {
            true => names.get(&beside(file, &written)).cloned(),
            false => Some(written.clone()),
        };
        Some(Used { alias: alias.text.clone(), mapping, written, span: node.span })
    };
    entries.iter().filter_map(one).collect()
}

/// Whether a use names a file and no mapping of the set.
pub fn is_file(written: &str) -> bool {
    written.ends_with(".yaml")
}

/// The name of a file that is written as it is seen from another one: `../other/account.yaml`.
pub fn beside(file: &str, written: &str) -> String {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in written.split('/') {
        match (part, parts.last()) {
            ("." | "", _) => {}
            ("..", Some(last)) if *last != ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// Reports mappings that use each other in a circle: none of them can run before the others.
pub(super) fn report_circles(
    sources: &SourceMap,
    roots: &[(FileId, &Node)],
    names: &BTreeMap<String, String>,
    findings: &mut Findings,
) {
    let uses = |(file, root): &(FileId, &Node)| {
        let name = root.get("name").and_then(Node::text)?.to_owned();
        let others = used(root, sources.name(*file), names).into_iter();
        let others = others.filter_map(|one| Some((one.mapping?, one.span)));
        Some((name, others.collect()))
    };
    let uses: Vec<(String, Vec<(String, Span)>)> = roots.iter().filter_map(uses).collect();
    let mut reported: BTreeSet<String> = BTreeSet::new();
    for (name, _) in &uses {
        let Some(way) = circle(&uses, name).filter(|_| !reported.contains(name)) else { continue };
        reported.extend(way.iter().map(|(name, _)| name.clone()));
        let Some((_, span)) = way.first() else { continue };
        let names: Vec<&str> = way.iter().map(|(name, _)| name.as_str()).collect();
        let message = match names.as_slice() {
            [_] => format!("`{name}` uses itself; call it `self`"),
            _ => format!("`{name}` uses `{}`, which uses it again", names.join("`, which uses `")),
        };
        let mut finding = Diagnostic::error(Code::REFERENCE_CYCLE, *span, message);
        for (_, also) in way.iter().skip(1) {
            finding = finding.label(*also, "used again here");
        }
        findings.push(finding);
    }
}

/// The shortest way of uses from a mapping to itself: what is used, and where that is said.
fn circle(uses: &[(String, Vec<(String, Span)>)], start: &str) -> Option<Vec<(String, Span)>> {
    let of = |name: &str| uses.iter().find(|(known, _)| known == name).map(|(_, used)| used);
    let mut ways: VecDeque<Vec<(String, Span)>> =
        of(start)?.iter().map(|used| vec![used.clone()]).collect();
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        let (last, _) = way.last()?;
        if last == start {
            return Some(way);
        }
        if seen.insert(last.clone()) {
            let further = of(last).into_iter().flatten();
            ways.extend(further.map(|used| way.iter().chain([used]).cloned().collect()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_from_where_it_is_used() {
        assert_eq!(beside("a/b/c.yaml", "../d/e.yaml"), "a/d/e.yaml");
        assert_eq!(beside("c.yaml", "./e.yaml"), "e.yaml");
        assert_eq!(beside("c.yaml", "../d/e.yaml"), "../d/e.yaml");
        assert_eq!(beside("/x/c.yaml", "e.yaml"), "/x/e.yaml");
    }
}
