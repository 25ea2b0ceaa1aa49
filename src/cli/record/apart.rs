//! A record with all that was read along becomes the records that it was joined from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::personal::Replacing;
use crate::{
    connector::{Query, Relation, RelationKind},
    json::Checked,
};

/// The field that tells records of one object apart.
const ID: &str = "Id";

/// Records by object, each object once per Id, in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Records {
    objects: BTreeMap<String, Vec<Map<String, Value>>>,
}

/// The query with every field that joins records.
pub(super) fn complete(query: &Query) -> Query {
    let mut query = query.clone();
    join(&mut query);
    query
}

fn join(query: &mut Query) {
    let mut own: BTreeSet<String> = BTreeSet::new();
    for relation in &mut query.relations {
        match &relation.kind {
            RelationKind::Lookup { field } => {
                own.insert(field.clone());
                relation.query.add_field(ID);
            }
            RelationKind::Children { field } => {
                own.insert(ID.to_owned());
                relation.query.add_field(ID);
                relation.query.add_field(&field.clone());
            }
            RelationKind::Inside => {}
        }
        join(&mut relation.query);
    }
    own.iter().for_each(|field| query.add_field(field));
}

impl Records {
    /// Adds a record and all that was read along with it.
    pub(super) fn take_apart(&mut self, query: &Query, record: Checked<'_>) {
        if let Ok(Value::Object(members)) = serde_json::from_str(record.text()) {
            self.add(query, members);
        }
    }

    fn add(&mut self, query: &Query, mut members: Map<String, Value>) {
        members.remove("attributes");
        for relation in &query.relations {
            match &relation.kind {
                RelationKind::Inside => {}
                RelationKind::Lookup { field } => {
                    if let Some(Value::Object(parent)) = members.remove(&relation.name) {
                        point(&mut members, field, parent.get(ID));
                        self.add(&relation.query, parent);
                    }
                }
                RelationKind::Children { field } => {
                    let id = members.get(ID).cloned();
                    for mut child in children(&mut members, relation) {
                        point(&mut child, field, id.as_ref());
                        self.add(&relation.query, child);
                    }
                }
            }
        }
        self.merge(&query.object, members);
    }

    /// One record may have been read along in several places, with other fields in each.
    fn merge(&mut self, object: &str, members: Map<String, Value>) {
        let all = self.objects.entry(object.to_owned()).or_default();
        let id = members.get(ID).cloned();
        match all.iter_mut().find(|known| id.is_some() && known.get(ID) == id.as_ref()) {
            Some(known) => {
                for (name, value) in members {
                    known.entry(name).or_insert(value);
                }
            }
            None => all.push(members),
        }
    }

    /// Replaces personal values. What is replaced somewhere is replaced in texts elsewhere too.
    pub(super) fn replace(&mut self, replacing: &mut Replacing) {
        for (object, records) in &mut self.objects {
            for members in records.iter_mut() {
                replacing.fields(object, members);
            }
        }
        for members in self.objects.values_mut().flatten() {
            replacing.mentions(members);
        }
    }

    /// How many records there are.
    pub(super) fn count(&self) -> usize {
        self.objects.values().map(Vec::len).sum()
    }

    /// The lines of each object's file.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, String)> {
        self.objects.iter().map(|(object, records)| {
            let lines = records.iter().map(|one| Value::Object(one.clone()).to_string() + "\n");
            (object.as_str(), lines.collect())
        })
    }
}

/// The children of a record, whole.
fn children(members: &mut Map<String, Value>, relation: &Relation) -> Vec<Map<String, Value>> {
    let Some(Value::Object(mut list)) = members.remove(&relation.name) else { return Vec::new() };
    let Some(Value::Array(records)) = list.remove("records") else { return Vec::new() };
    let object = |one| match one {
        Value::Object(members) => Some(members),
        _ => None,
    };
    records.into_iter().filter_map(object).collect()
}

/// Lets a field hold the id of the other end, where the answer did not have it.
fn point(members: &mut Map<String, Value>, field: &str, id: Option<&Value>) {
    if let Some(id) = id
        && members.get(field).is_none_or(Value::is_null)
    {
        members.insert(field.to_owned(), id.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_joined_is_taken_apart() {
        let mut book = Query::of("Pricebook2");
        book.add_field("Name");
        let mut entry = Query::of("PricebookEntry");
        entry.add_field("UnitPrice");
        entry.relations.push(Relation {
            name: "Pricebook2".into(),
            kind: RelationKind::Lookup { field: "Pricebook2Id".into() },
            query: book,
        });
        let mut product = Query::of("Product2");
        product.relations.push(Relation {
            name: "PricebookEntries".into(),
            kind: RelationKind::Children { field: "Product2Id".into() },
            query: entry,
        });
        let query = complete(&product);
        let record = r#"{"Id":"01t1","PricebookEntries":{"totalSize":2,"done":true,"records":[
            {"Id":"01u1","UnitPrice":1.50,"Pricebook2":{"Id":"01s1","Name":"Standard"}},
            {"Id":"01u2","UnitPrice":2,"Pricebook2":{"Id":"01s1","Name":"Standard"}}]}}"#;
        let mut records = Records::default();
        records.take_apart(&query, Checked::check(record).expect("JSON"));
        let files: BTreeMap<&str, String> = records.files().collect();
        assert_eq!(files["Pricebook2"], "{\"Id\":\"01s1\",\"Name\":\"Standard\"}\n");
        assert_eq!(files["Product2"], "{\"Id\":\"01t1\"}\n");
        let first = files["PricebookEntry"].lines().next().expect("a line");
        assert!(first.contains("\"Product2Id\":\"01t1\"") && first.contains("\"UnitPrice\":1.50"));
        assert!(first.contains("\"Pricebook2Id\":\"01s1\""), "{first}");
        let fields: Vec<&str> =
            query.relations[0].query.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(fields, ["UnitPrice", "Id", "Product2Id", "Pricebook2Id"]);
    }
}
