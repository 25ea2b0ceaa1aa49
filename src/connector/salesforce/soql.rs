//! SOQL: the text of a query, from the tree of what is read.
//!
//! SOQL and SOSL Reference, "Quoted String Escape Sequences", "Relationship Query Limits".

use super::own::{self, Place};
use crate::connector::{CallError, Query, Relation, RelationKind, Sort, http::encode};

/// The longest URI that is sent. Salesforce takes about 16 KB of URI and headers together; the
/// rest is left to the host, the path and the headers.
const SOQL_ENCODED_BYTES_MAX: usize = 12_000;

/// Room that is kept for ids in a query: about a hundred of them.
const NAMED_BYTES_MIN: usize = 3_000;

/// What is read beside the fields of the query.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extras<'q> {
    /// The field that says when a record changed, wanted of each record and relation.
    pub(super) stamp: Option<&'q str>,
}

/// A query without its conditions.
pub(super) struct Select {
    head: String,
    tail: String,
}

impl Select {
    /// The select of a record read by a query of its own; `also` is a field that is needed too.
    pub(super) fn of(
        query: &Query,
        place: Place,
        extras: Extras<'_>,
        also: Option<&str>,
    ) -> Result<Self, CallError> {
        let mut columns = Vec::new();
        also.iter().for_each(|field| columns.push((*field).to_owned()));
        add_columns(query, "", place, extras, &mut columns)?;
        let head = format!("SELECT {} FROM {}", columns.join(","), query.object);
        Ok(Self { head, tail: order(&query.sort) })
    }

    /// The whole query, over all records.
    pub(super) fn all(&self) -> String {
        format!("{}{}", self.head, self.tail)
    }

    /// The query for as many of the values as fit into one call, and how many that are.
    pub(super) fn within(&self, field: &str, values: &[String]) -> (String, usize) {
        let start = format!("{} WHERE {field} IN (", self.head);
        let end = format!("){}", self.tail);
        let taken = fitting(encode(&start).len() + encode(&end).len(), values, ",");
        let list = values.iter().take(taken).map(String::as_str).collect::<Vec<_>>().join(",");
        (format!("{start}{list}{end}"), taken)
    }

    /// The query with conditions joined by `OR`, as many as fit.
    pub(super) fn any_of(&self, conditions: &[String]) -> (String, usize) {
        let start = format!("{} WHERE ", self.head);
        let taken = fitting(encode(&start).len() + encode(&self.tail).len(), conditions, " OR ");
        let list = conditions.iter().take(taken).map(String::as_str).collect::<Vec<_>>();
        (format!("{start}{}{}", list.join(" OR "), self.tail), taken)
    }
}

/// Where the records of a query stand: a query that is too long for a URI leaves its children to
/// queries of their own.
pub(super) fn place_of(query: &Query, extras: Extras<'_>) -> Result<Place, CallError> {
    let whole = Select::of(query, Place::Root, extras, None)?.all();
    let fits = encode(&whole).len() + NAMED_BYTES_MIN <= SOQL_ENCODED_BYTES_MAX;
    Ok(if fits { Place::Root } else { Place::LongRoot })
}

/// A plain query of one field: the ids that answer a condition.
pub(super) fn ids_where(field: &str, object: &str) -> Select {
    Select { head: format!("SELECT {field} FROM {object}"), tail: String::new() }
}

/// How many texts fit beside `used` bytes; at least one, or nothing would ever be asked.
fn fitting(used: usize, texts: &[String], separator: &str) -> usize {
    let mut used = used;
    let separator = encode(separator).len();
    let fits = texts.iter().take_while(|text| {
        used += encode(text).len() + separator;
        used <= SOQL_ENCODED_BYTES_MAX
    });
    fits.count().max(1)
}

fn add_columns(
    query: &Query,
    prefix: &str,
    place: Place,
    extras: Extras<'_>,
    columns: &mut Vec<String>,
) -> Result<(), CallError> {
    let mut add = |name: &str| {
        let column = format!("{prefix}{name}");
        if !columns.contains(&column) {
            columns.push(column);
        }
    };
    // The id joins what is read by queries of its own, and says that a parent is there at all.
    add("Id");
    query.fields.iter().for_each(|field| add(&field.name));
    extras.stamp.into_iter().for_each(&mut add);
    for (relation, way) in own::ways(query, place)? {
        match way {
            own::Way::Path(deeper) => {
                let prefix = format!("{prefix}{}.", relation.name);
                add_columns(&relation.query, &prefix, deeper, extras, columns)?;
            }
            own::Way::Inline => columns.push(sub_query(relation, extras)?),
            own::Way::Own => {}
        }
    }
    Ok(())
}

fn sub_query(relation: &Relation, extras: Extras<'_>) -> Result<String, CallError> {
    let mut columns = Vec::new();
    add_columns(&relation.query, "", Place::Child, extras, &mut columns)?;
    let order = order(&relation.query.sort);
    Ok(format!("(SELECT {} FROM {}{order})", columns.join(","), relation.name))
}

/// The order asked for, and the id after it: without a last word the same records would come
/// back in another order, and look changed.
fn order(sort: &[Sort]) -> String {
    let mut keys: Vec<String> = sort
        .iter()
        .map(|key| if key.descending { format!("{} DESC", key.field) } else { key.field.clone() })
        .collect();
    if !sort.iter().any(|key| key.field.eq_ignore_ascii_case("Id")) {
        keys.push("Id".to_owned());
    }
    format!(" ORDER BY {}", keys.join(","))
}

/// A text in single quotes. Any backslash that is not one of these escapes is an error in SOQL.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for character in text.chars() {
        match character {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            other => out.push(other),
        }
    }
    out.push('\'');
    out
}

/// Whether a name can stand in a query: a name that cannot is refused before it is sent, for it
/// could say more than a name.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
}

/// The field of a lookup or of children, for messages and joins.
pub(super) fn joining_field(kind: &RelationKind) -> Option<&str> {
    match kind {
        RelationKind::Lookup { field } | RelationKind::Children { field } => Some(field),
        RelationKind::Inside => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a quoted text as SOQL does; `None` for a text that SOQL would refuse.
    fn unquoted(literal: &str) -> Option<String> {
        let mut characters = literal.strip_prefix('\'')?.strip_suffix('\'')?.chars();
        let mut text = String::new();
        while let Some(character) = characters.next() {
            text.push(match character {
                '\'' => return None,
                '\\' => match characters.next()? {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    same @ ('\'' | '\\' | '"') => same,
                    _ => return None,
                },
                other => other,
            });
        }
        Some(text)
    }

    proptest::proptest! {
        /// No text leaves its quotes, and none is changed by them.
        #[test]
        fn quotes_any_text(text in "\\PC*|['\\\\nrtbf\"]*|[\n\r\t\u{8}\u{c}]*") {
            proptest::prop_assert_eq!(unquoted(&quoted(&text)), Some(text));
        }
    }

    #[test]
    fn takes_as_many_values_as_fit() {
        let select = ids_where("Id", "Product2");
        let ids: Vec<String> = (0..2_000).map(|n| quoted(&format!("01t{n:015}"))).collect();
        let (soql, taken) = select.within("Id", &ids);
        assert!(taken > 300 && encode(&soql).len() <= SOQL_ENCODED_BYTES_MAX);
        let (longer, _) = select.within("Id", &ids[..taken + 1]);
        assert_eq!(soql, longer, "one more would not have fitted");
        let (soql, taken) = select.any_of(&["x".repeat(20_000), "y".into()]);
        assert!(taken == 1 && soql.len() > 20_000, "one is always asked");
    }
}
