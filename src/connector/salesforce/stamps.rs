//! The highest stamps of records and of what hangs on them.

use crate::{
    connector::{Marks, Query, RelationKind},
    json::Members,
};

/// Raises the marks to the highest stamps in complete records.
pub(super) fn raise(query: &Query, records: &[String], marks: &mut Marks) {
    let Some(stamp) = &query.changed_by else { return };
    for record in records {
        if let Ok(members) = Members::of(record) {
            raise_one(query, stamp, "", &members, marks);
        }
    }
}

fn raise_one(query: &Query, stamp: &str, path: &str, record: &Members<'_>, marks: &mut Marks) {
    if let Some(seen) = record.get_text(stamp) {
        let mark = marks.entry(path.to_owned()).or_default();
        if later(&seen, mark) {
            *mark = seen.into_owned();
        }
    }
    for relation in &query.relations {
        let Some(value) = record.get_set(&relation.name).and_then(|value| value.as_members())
        else {
            continue;
        };
        let path = join(path, &relation.name);
        match relation.kind {
            RelationKind::Lookup { .. } => raise_one(&relation.query, stamp, &path, &value, marks),
            RelationKind::Children { .. } | RelationKind::Inside => {
                let rows = value.get("records").and_then(|rows| rows.as_list()).unwrap_or_default();
                for row in rows.into_iter().filter_map(|row| row.as_members()) {
                    raise_one(&relation.query, stamp, &path, &row, marks);
                }
            }
        }
    }
}

/// The path of a relation below another one.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Salesforce writes every stamp in one form and in UTC, so their texts sort as they do.
fn later(seen: &str, mark: &str) -> bool {
    seen > mark
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::Relation;

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
        raise(&query, &records.map(String::from), &mut marks);
        let expected = [("", "2024-01-02"), ("Bs", "2024-03-01"), ("Bs.P", "2020")];
        assert_eq!(marks, expected.map(|(a, b)| (a.to_owned(), b.to_owned())).into());
    }
}
