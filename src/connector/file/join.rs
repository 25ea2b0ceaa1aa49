//! Records made complete from the files beside theirs: parents put in as objects, children as
//! `{"totalSize":n,"done":true,"records":[…]}`, in the shape that Salesforce answers with.

use std::cmp::Ordering;

use super::Inner;
use crate::{
    connector::{CallError, Query, Relation, RelationKind, Sort, http::Effect},
    json::{Checked, Members, ObjectText, list_text},
    value::parse_decimal,
};

/// The field that holds the id of a record.
pub(super) const ID: &str = "Id";

impl Inner {
    /// Puts the related records into a record. What it holds already stays: a file may come with
    /// its parents and children inside.
    pub(super) fn joined(&self, query: &Query, record: &str) -> Result<String, CallError> {
        let Ok(members) = Members::of(record) else { return Ok(record.to_owned()) };
        let mut added = Vec::new();
        for relation in &query.relations {
            if members.get(&relation.name).is_some() {
                continue;
            }
            if let Some(value) = self.related(relation, &members)? {
                added.push((relation.name.as_str(), value));
            }
        }
        if added.is_empty() {
            return Ok(record.to_owned());
        }
        let mut out = ObjectText::new();
        members.iter().for_each(|(name, value)| out.push(name, value.text()));
        added.iter().for_each(|(name, value)| out.push(name, value));
        Ok(out.end())
    }

    /// The value of a relation. An object without a file has no records: exports leave empty
    /// objects out.
    fn related(
        &self,
        relation: &Relation,
        record: &Members<'_>,
    ) -> Result<Option<String>, CallError> {
        let (own_field, joined_by) = match &relation.kind {
            RelationKind::Inside => return Ok(None),
            RelationKind::Lookup { field } => (field.as_str(), ID),
            RelationKind::Children { field } => (ID, field.as_str()),
        };
        let null = Some("null".to_owned());
        let file = if self.file.is_some() { None } else { self.present(&relation.query.object)? };
        let (Some((path, format)), Some(value)) = (file, record.get_text(own_field)) else {
            return Ok(null);
        };
        let table = self.tables.of(&relation.query.object, joined_by, (&path, format))?;
        self.counters.count(Effect::Read);
        let rows = table.with(&value).iter().map(|row| self.joined(&relation.query, row));
        let mut rows: Vec<String> = rows.collect::<Result<_, _>>()?;
        if let RelationKind::Lookup { .. } = relation.kind {
            return Ok(rows.into_iter().next().or(null));
        }
        sort(&relation.query.sort, &mut rows);
        Ok(if rows.is_empty() { null } else { Some(children_text(&rows)) })
    }
}

fn children_text(rows: &[String]) -> String {
    let mut out = ObjectText::new();
    out.push("totalSize", &rows.len().to_string());
    out.push("done", "true");
    out.push("records", &list_text(rows));
    out.end()
}

/// Sorts records; those that are equal keep the order of the file.
pub(super) fn sort(keys: &[Sort], rows: &mut [String]) {
    if keys.is_empty() {
        return;
    }
    rows.sort_by_cached_key(|row| {
        let members = Members::of(row).unwrap_or_default();
        let of = |key: &Sort| Ordered {
            value: Value::of(members.get_set(&key.field)),
            descending: key.descending,
        };
        keys.iter().map(of).collect::<Vec<_>>()
    });
}

/// A value of a sort key; null before everything else, as in SOQL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Null,
    Number(crate::value::Decimal),
    Text(String),
}

impl Value {
    fn of(value: Option<Checked<'_>>) -> Self {
        let Some(value) = value else { return Self::Null };
        match value.as_text() {
            Some(text) => Self::Text(text.into_owned()),
            None => parse_decimal(value.text())
                .map_or_else(|| Self::Text(value.text().to_owned()), Self::Number),
        }
    }
}

#[derive(PartialEq, Eq)]
struct Ordered {
    value: Value,
    descending: bool,
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = self.value.cmp(&other.value);
        if self.descending { order.reverse() } else { order }
    }
}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_numbers_as_numbers_and_null_first() {
        let mut rows = [
            r#"{"a":10}"#,
            r#"{"a":9.5}"#,
            r#"{"a":null}"#,
            r#"{"a":2,"b":1}"#,
            r#"{"a":2,"b":2}"#,
        ]
        .map(String::from);
        let key = |field: &str, descending| Sort { field: field.to_owned(), descending };
        sort(&[key("a", false), key("b", true)], &mut rows);
        let expected = [
            r#"{"a":null}"#,
            r#"{"a":2,"b":2}"#,
            r#"{"a":2,"b":1}"#,
            r#"{"a":9.5}"#,
            r#"{"a":10}"#,
        ];
        assert_eq!(rows, expected);
    }
}
