//! What is said to editors of what could stand at a place: fields with their types and pick-lists,
//! names with what they stand for.

use super::{
    naming::Names,
    scope::{At, ItemType, Scope},
    types::Type,
};
use crate::{
    diag::Possible,
    schema::{Field, Object},
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
    let named = |(name, ty): &(String, Type)| Possible {
        name: name.clone(),
        detail: ty.name().to_owned(),
        doc: String::new(),
    };
    names.iter().map(named).collect()
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
