//! The shape in which every source gives related records, and the order in which it sorts them.

use std::cmp::Ordering;

use super::Sort;
use crate::{
    json::{Checked, Members, ObjectText, list_text},
    value::parse_decimal,
};

/// A complete list of children, as Salesforce writes it: `{"totalSize":n,"done":true,"records":[…]}`.
pub(super) fn children_text(rows: &[String]) -> String {
    let mut out = ObjectText::new();
    out.push("totalSize", &rows.len().to_string());
    out.push("done", "true");
    out.push("records", &list_text(rows));
    out.end()
}

/// Sorts the children of a record, those that are equal by their ids: without a last word the same
/// children would come in another order from another source, and look changed.
pub(super) fn sort_children(keys: &[Sort], rows: &mut [String]) {
    let id = Sort { field: "Id".to_owned(), descending: false };
    let keys: Vec<Sort> = keys.iter().cloned().chain([id]).collect();
    sort(&keys, rows);
}

/// Sorts records; those that are equal keep their order.
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
