//! What is said to editors of what could stand at a place: fields with their types and pick-lists,
//! names with what they stand for.

use std::collections::BTreeMap;

use super::{
    calls::BESIDE_THE_TABLE,
    naming::Names,
    scope::{At, ItemType, Scope},
    types::Type,
};
use crate::{
    diag::{Possible, Span},
    program::functions::{FUNCTIONS, Sort},
    schema::{Field, Object},
    syntax::Node,
};

/// How many values of a pick-list are told; an editor shows a handful of lines.
const VALUES_TOLD_MAX: usize = 40;

/// The fields of an object.
pub(super) fn fields(object: &Object) -> Vec<Possible> {
    let required = |field: &Field| object.required.contains(&field.name);
    object.fields.values().map(|field| of_field(field, required(field))).collect()
}

/// A field with its type and, where it has one, its pick-list.
pub(super) fn of_field(field: &Field, required: bool) -> Possible {
    let mut detail = field.kind.name().to_string();
    if let Some(length) = field.length {
        detail.push_str(&format!(" of up to {length} characters"));
    }
    if let Some((digits, scale)) = field.digits {
        detail.push_str(&format!(" of {digits} digits, {scale} of them after the point"));
    }
    if required {
        detail.push_str(", required");
    } else if field.nullable || field.optional {
        detail.push_str(", may be absent");
    }
    let mut doc = field.doc.clone().unwrap_or_default();
    if let Some(values) = &field.values {
        let told: Vec<&str> = values.all.iter().take(VALUES_TOLD_MAX).map(String::as_str).collect();
        let more = values.all.len().saturating_sub(VALUES_TOLD_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let others = if values.closed { "" } else { "; others may be added" };
        let line = format!("Values: {}{more}{others}.", told.join(", "));
        doc = if doc.is_empty() { line } else { format!("{doc}\n\n{line}") };
    }
    Possible { name: field.name.clone(), detail, doc }
}

/// What an item has by itself, with the beginning of a message for a name that it has not; `None`
/// where any name may be one of its own.
pub(super) fn members(at: &At) -> Option<(String, Vec<Possible>)> {
    match at {
        At::Object { object, .. } | At::Ranged { object, .. } if !object.open => {
            let mut members = fields(object);
            if matches!(at, At::Ranged { .. }) {
                members.extend(["from", "to"].map(Possible::of));
            }
            Some((format!("`{}` has no field", object.name), members))
        }
        At::Group { .. } => {
            let what = "a group has `key`, `rows` and what is named beside it, and no".to_owned();
            Some((what, ["key", "rows"].map(Possible::of).into()))
        }
        At::Named { item, names, .. } => {
            let (what, mut all) = members(item)?;
            all.extend(beside(names));
            Some((what, all))
        }
        _ => None,
    }
}

/// The values that are named beside an item.
pub(super) fn beside(names: &Names) -> Vec<Possible> {
    let named = |(name, ty, _): &(String, Type, Span)| Possible {
        name: name.clone(),
        detail: ty.name().to_owned(),
        doc: String::new(),
    };
    names.iter().map(named).collect()
}

/// The shapes of a mapping, each with what it is given.
pub(super) fn shapes(pieces: &BTreeMap<String, &Node>) -> Vec<Possible> {
    pieces.iter().map(|(name, piece)| shape(name, piece)).collect()
}

fn shape(name: &str, piece: &Node) -> Possible {
    let with = piece.get("$with").and_then(Node::list).unwrap_or_default();
    let with: Vec<&str> = with.iter().filter_map(Node::text).collect();
    let detail = match with.is_empty() {
        true => "a shape".to_owned(),
        false => format!("a shape with {}", with.join(", ")),
    };
    let doc = piece.get("$doc").and_then(Node::text).unwrap_or_default().to_owned();
    Possible { name: name.to_owned(), detail, doc }
}

/// What an expression can ask: the functions, and the shapes and value maps of the mapping.
pub(super) fn functions(
    pieces: &BTreeMap<String, &Node>,
    maps: impl Iterator<Item = String>,
) -> Vec<Possible> {
    let table = FUNCTIONS.iter().map(|function| Possible {
        name: function.name.to_owned(),
        detail: format!("a function that gives {}", sort(function.gives)),
        doc: format!("{}\n\n`{}` is `{}`", function.doc, function.example.0, function.example.1),
    });
    let beside = BESIDE_THE_TABLE.iter().map(|(name, doc)| Possible {
        name: (*name).to_owned(),
        detail: "a function".to_owned(),
        doc: (*doc).to_owned(),
    });
    let shapes = pieces.iter().filter(|(_, piece)| piece.get("$value").is_some());
    let shapes = shapes.map(|(name, piece)| shape(name, piece));
    let maps =
        maps.map(|name| Possible { name, detail: "a value map".into(), ..Possible::default() });
    table.chain(beside).chain(shapes).chain(maps).collect()
}

fn sort(sort: Sort) -> &'static str {
    match sort {
        Sort::Text => "a text",
        Sort::Number => "a number",
        Sort::Bool => "true or false",
        Sort::Date => "a date",
        Sort::Instant => "an instant",
        Sort::Any => "what it is given",
    }
}

/// The parts of what is known of the actions of a record.
pub(super) const KNOWN: [(&str, &str); 5] = [
    ("actions", "how many actions of the sequence took effect"),
    ("own", "how many of them were of this record"),
    ("kind", "the kind of the last of them"),
    ("day", "the day on which the last of them took effect"),
    ("result", "what the target answered to the last of them"),
];

/// They, for an editor.
pub(super) fn known() -> Vec<Possible> {
    let part = |(name, detail): &(&str, &str)| Possible {
        name: (*name).to_owned(),
        detail: (*detail).to_owned(),
        doc: String::new(),
    };
    KNOWN.iter().map(part).collect()
}

/// The names that are bound at a place.
pub(super) fn names(scope: &Scope) -> Vec<Possible> {
    let mut all: Vec<Possible> = Vec::new();
    for name in scope.names().filter(|name| !name.contains(' ')) {
        all.retain(|known| known.name != name);
        let detail = scope.get(name).map(of_place).unwrap_or_default();
        all.push(Possible { name: name.to_owned(), detail, doc: String::new() });
    }
    all
}

fn of_place(at: &At) -> String {
    match at {
        At::Value { ty, .. } => ty.name().to_owned(),
        At::Object { object, .. } | At::Ranged { object, .. } => format!("a {}", object.name),
        At::Group { .. } => "a group, with `key` and `rows`".to_owned(),
        At::List { item, .. } => match item {
            ItemType::Row { object, .. } | ItemType::Ranged { object, .. } => {
                format!("a list of {}", object.name)
            }
            ItemType::Group { .. } => "a list of groups".to_owned(),
            _ => "a list".to_owned(),
        },
        At::Items { .. } => "values of a list".to_owned(),
        At::Named { item, .. } => of_place(item),
        At::Picked { .. } => "an item of a list".to_owned(),
        At::Known => "what is known of the actions of the record".to_owned(),
        At::Answer(_) => "what the target answered".to_owned(),
        At::Poison => String::new(),
    }
}
