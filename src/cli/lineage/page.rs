//! Lineage as one page of HTML that needs nothing else: a graph that can be searched and clicked.

use std::collections::BTreeMap;

use serde_json::json;

use super::json::{graph, role_word};
use crate::program::{Lineage, Role};

const PAGE: &str = include_str!("page.html");

/// The page of a set.
pub(super) fn page(set: &str, lineage: &Lineage) -> String {
    let places: BTreeMap<&String, usize> =
        lineage.nodes.keys().enumerate().map(|(at, id)| (id, at)).collect();
    // Ids are long and edges are many: an edge is the places of its ends, and its role.
    let edge = |((from, to), role): (&(String, String), &Role)| {
        json!([places.get(from), places.get(to), role_word(*role)])
    };
    let mut graph = graph(lineage);
    if let Some(members) = graph.as_object_mut() {
        members.insert("edges".to_owned(), lineage.edges.iter().map(edge).collect());
    }
    // Inside a script element nothing is an entity, and `</` would end it.
    let data = graph.to_string().replace('<', "\\u003c");
    PAGE.replace("@@TITLE@@", &escaped(set)).replace("@@DATA@@", &data)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
