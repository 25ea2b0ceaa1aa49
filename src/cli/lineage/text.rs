//! Lineage for people.

use std::collections::BTreeMap;

use super::reach::{Reach, Reached};
use crate::{
    cli::screen::style::{BOLD, DIM, paint},
    program::{Lineage, LineageKind, LineageNode, Role},
};

/// Every field of the target with what it is made of, a line each.
pub(super) fn whole(lineage: &Lineage) -> String {
    let reach = Reach::over(lineage);
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, node) in &lineage.nodes {
        if !matches!(node.kind, LineageKind::Target | LineageKind::Object) {
            continue;
        }
        let from: Vec<String> = reach.up(id).iter().map(|one| named(lineage, one)).collect();
        let from = if from.is_empty() { paint(DIM, plain(node)) } else { from.join(", ") };
        let lines = groups.entry(heading(node)).or_default();
        lines.push(format!("  {} ← {from}\n", own_name(node)));
    }
    let title = |heading: &str| format!("{}\n", paint(BOLD, heading));
    groups.iter().map(|(heading, lines)| title(heading) + &lines.concat()).collect()
}

/// Of some things, what they are made of and what depends on them.
pub(super) fn of(lineage: &Lineage, meant: &[String]) -> String {
    let reach = Reach::over(lineage);
    let mut out = String::new();
    for id in meant {
        let Some(node) = lineage.nodes.get(id) else { continue };
        let (up, down) = (reach.up(id), reach.down(id));
        let place = node.origin.as_ref().map(|origin| paint(DIM, &format!(" ({origin})")));
        let belongs = belongs(node);
        let name = format!("{}{belongs}{}", paint(BOLD, &title(node)), place.unwrap_or_default());
        out.push_str(&format!("{name}\n"));
        if up.is_empty() && node.kind != LineageKind::Source && node.kind != LineageKind::Known {
            out.push_str(&format!("  is {}\n", plain(node)));
        }
        list("is made of", lineage, &up, &mut out);
        list("goes into", lineage, &down, &mut out);
    }
    out
}

/// What depends on nothing.
fn plain(node: &LineageNode) -> &'static str {
    if node.kind == LineageKind::Object { "one per record" } else { "a literal" }
}

/// What was reached, by the object, with the file once and the lines behind each.
fn list(what: &str, lineage: &Lineage, all: &[Reached<'_>], out: &mut String) {
    let mut sections: BTreeMap<(String, Option<&str>), Vec<String>> = BTreeMap::new();
    for one in all {
        let Some(node) = lineage.nodes.get(one.id) else { continue };
        let file = node.origin.as_ref().map(|origin| &*origin.file);
        let place =
            node.origin.as_ref().map(|origin| format!(" {}:{}", origin.line, origin.column));
        let how = paint(DIM, &(how(lineage, one) + &place.unwrap_or_default()));
        let lines = sections.entry((heading(node), file)).or_default();
        lines.push(format!("      {}{how}\n", own_name(node)));
    }
    if !sections.is_empty() {
        out.push_str(&format!("  {what}\n"));
    }
    for ((heading, file), lines) in sections {
        let file = file.map(|file| paint(DIM, &format!(" {file}"))).unwrap_or_default();
        out.push_str(&format!("    {}{file}\n{}", paint(BOLD, &heading), lines.concat()));
    }
}

fn how(lineage: &Lineage, one: &Reached<'_>) -> String {
    let role = match one.role {
        Role::Value => "",
        Role::Decides => "decides",
        Role::Rows => "chooses rows",
    };
    let via = one.via.iter().filter_map(|id| lineage.nodes.get(*id));
    let via: Vec<&str> = via.map(|node| node.name.as_str()).collect();
    let by = if via.is_empty() { String::new() } else { format!("by {}", via.join(", ")) };
    let parts: Vec<&str> = [role, &by].into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(" ")) }
}

fn named(lineage: &Lineage, one: &Reached<'_>) -> String {
    let name = lineage.nodes.get(one.id).map(title).unwrap_or_default();
    format!("{name}{}", paint(DIM, &how(lineage, one)))
}

/// What a thing is called where it stands alone.
fn title(node: &LineageNode) -> String {
    match node.kind {
        LineageKind::Object => format!("whether there is a {}", node.name),
        LineageKind::Table => format!("table {}", node.name),
        LineageKind::Map => format!("map {}", node.name),
        LineageKind::Known => format!("what is known: {}", node.name),
        LineageKind::Source | LineageKind::Target => node.name.clone(),
    }
}

fn belongs(node: &LineageNode) -> String {
    match (&node.mapping, &node.resource) {
        (Some(mapping), Some(resource)) => paint(DIM, &format!(" of {mapping}.{resource}")),
        (Some(mapping), None) => paint(DIM, &format!(" of {mapping}")),
        (None, _) => String::new(),
    }
}

/// What things are listed under.
fn heading(node: &LineageNode) -> String {
    let mapping = node.mapping.as_deref().unwrap_or_default();
    let object = node.name.split('.').next().unwrap_or_default();
    match (node.kind, &node.resource) {
        (LineageKind::Source, _) => object.to_owned(),
        (LineageKind::Known, _) => format!("what is known ({mapping})"),
        (LineageKind::Table | LineageKind::Map, _) => format!("tables and maps ({mapping})"),
        (_, Some(resource)) => format!("{object} ({mapping}.{resource})"),
        (_, None) => format!("{object} ({mapping})"),
    }
}

/// What a thing is called below its heading.
fn own_name(node: &LineageNode) -> String {
    match node.kind {
        LineageKind::Object => "whether there is one".to_owned(),
        LineageKind::Known => node.name.clone(),
        LineageKind::Table => format!("table {}", node.name),
        LineageKind::Map => format!("map {}", node.name),
        LineageKind::Source | LineageKind::Target => {
            node.name.split_once('.').map_or(node.name.as_str(), |(_, rest)| rest).to_owned()
        }
    }
}
