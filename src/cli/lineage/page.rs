//! Lineage as one page of HTML that needs nothing else: a graph that can be searched and clicked.

use crate::program::Lineage;

const PAGE: &str = include_str!("page.html");

/// The page of a set.
pub(super) fn page(set: &str, lineage: &Lineage) -> String {
    // Inside a script element nothing is an entity, and `</` would end it.
    let data = super::json::graph(lineage).to_string().replace('<', "\\u003c");
    PAGE.replace("@@TITLE@@", &escaped(set)).replace("@@DATA@@", &data)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
