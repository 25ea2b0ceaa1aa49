//! Lineage as JSON: a graph, the same for a page and for programs.

use serde_json::{Value, json};

use super::reach::{Reach, Reached};
use crate::program::{Lineage, LineageKind, Role};

/// One line for the whole graph; where things are named, one line each.
pub(super) fn lines(lineage: &Lineage, meant: &[String]) -> String {
    if meant.is_empty() {
        let mut graph = graph(lineage);
        if let Some(members) = graph.as_object_mut() {
            members.insert("format".to_owned(), Value::from("crosswalk-lineage/1"));
        }
        return graph.to_string();
    }
    let reach = Reach::over(lineage);
    let line = |id: &String| {
        let mut line = node(lineage, id);
        if let Some(members) = line.as_object_mut() {
            let all = |found: Vec<Reached<'_>>| {
                found.iter().map(|one| reached(lineage, one)).collect::<Vec<_>>()
            };
            members.insert("format".to_owned(), Value::from("crosswalk-lineage-of/1"));
            members.insert("made_of".to_owned(), Value::from(all(reach.up(id))));
            members.insert("goes_into".to_owned(), Value::from(all(reach.down(id))));
        }
        line.to_string()
    };
    meant.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Nodes and edges.
pub(super) fn graph(lineage: &Lineage) -> Value {
    let nodes: Vec<Value> = lineage.nodes.keys().map(|id| node(lineage, id)).collect();
    let edge = |((from, to), role): (&(String, String), &Role)| json!({"from": from, "to": to, "role": role_word(*role)});
    json!({"nodes": nodes, "edges": lineage.edges.iter().map(edge).collect::<Vec<_>>()})
}

fn node(lineage: &Lineage, id: &str) -> Value {
    let Some(node) = lineage.nodes.get(id) else { return Value::Null };
    let kind = match node.kind {
        LineageKind::Source => "source",
        LineageKind::Known => "known",
        LineageKind::Table => "table",
        LineageKind::Map => "map",
        LineageKind::Target => "target",
        LineageKind::Object => "object",
    };
    json!({
        "id": id,
        "kind": kind,
        "name": node.name,
        "mapping": node.mapping,
        "resource": node.resource,
        "place": node.origin.as_ref().map(ToString::to_string),
    })
}

fn reached(lineage: &Lineage, one: &Reached<'_>) -> Value {
    let mut value = node(lineage, one.id);
    if let Some(members) = value.as_object_mut() {
        members.insert("role".to_owned(), Value::from(role_word(one.role)));
        members.insert("via".to_owned(), one.via.iter().map(|id| node(lineage, id)).collect());
    }
    value
}

/// How a role is written.
pub(super) fn role_word(role: Role) -> &'static str {
    match role {
        Role::Value => "value",
        Role::Decides => "decides",
        Role::Rows => "rows",
    }
}
