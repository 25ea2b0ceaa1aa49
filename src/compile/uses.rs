//! `uses:`: the other mappings that a mapping refers to, by their name in the set or by their file.

use std::collections::BTreeMap;

use crate::{diag::Span, syntax::Node};

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
