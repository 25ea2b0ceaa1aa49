//! The highest stamps of records and of what hangs on them.

use super::{Marks, Query};
use crate::json::{Checked, Members};

/// Raises the marks to the highest stamps in a complete record.
pub(super) fn raise(query: &Query, record: &str, marks: &mut Marks) {
    let Some(stamp) = &query.changed_by else { return };
    if let Ok(members) = Members::of(record) {
        raise_one(query, stamp, "", &members, marks);
    }
}

/// Whether a complete record, or anything that hangs on it, has changed since the marks. A relation
/// without a mark was never seen: whatever is there now is new.
pub(super) fn changed_since(query: &Query, record: &str, since: &Marks) -> bool {
    let mut own = Marks::new();
    raise(query, record, &mut own);
    own.iter().any(|(path, stamp)| since.get(path).is_none_or(|mark| stamp >= mark))
}

fn raise_one(query: &Query, stamp: &str, path: &str, record: &Members<'_>, marks: &mut Marks) {
    if let Some(seen) = record.get_text(stamp) {
        let mark = marks.entry(path.to_owned()).or_default();
        if later(&seen, mark) {
            *mark = seen.into_owned();
        }
    }
    for relation in &query.relations {
        let Some(value) = record.get_set(&relation.name) else {
            continue;
        };
        let path = join(path, &relation.name);
        for related in related(value) {
            raise_one(&relation.query, stamp, &path, &related, marks);
        }
    }
}

/// The records in the value of a relation: a parent, the rows of `{"records":[…]}`, or a list.
fn related(value: Checked<'_>) -> Vec<Members<'_>> {
    let listed = value.as_list().or_else(|| value.as_members()?.get("records")?.as_list());
    let records = listed.unwrap_or_else(|| vec![value]);
    records.into_iter().filter_map(Checked::as_members).collect()
}

/// The path of a relation below another one.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// A system writes all its stamps in one form and in one zone, so their texts sort as they do.
fn later(seen: &str, mark: &str) -> bool {
    seen > mark
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::{Relation, RelationKind};

    #[test]
    fn keeps_the_highest_stamp_of_each_relation() {
        let mut query = Query::of("A");
        query.changed_by = Some("S".into());
        let kind = RelationKind::Children { field: "AId".into() };
        let mut child = Query::of("B");
        child.relations.push(Relation {
            name: "P".into(),
            kind: RelationKind::Lookup { field: "PId".into() },
            query: Query::of("P"),
        });
        query.relations.push(Relation { name: "Bs".into(), kind, query: child });
        let records = [
            r#"{"S":"2024-01-02","Bs":{"records":[{"S":"2024-03-01","P":{"S":"2020"}},{"S":"2024-02-01","P":null}]}}"#,
            r#"{"S":"2024-01-01","Bs":null}"#,
        ];
        let mut marks = Marks::from([("Bs".to_owned(), "2024-02-15".to_owned())]);
        records.iter().for_each(|record| raise(&query, record, &mut marks));
        let expected = [("", "2024-01-02"), ("Bs", "2024-03-01"), ("Bs.P", "2020")];
        assert_eq!(marks, expected.map(|(a, b)| (a.to_owned(), b.to_owned())).into());
    }
}
