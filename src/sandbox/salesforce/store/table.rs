//! The records of one object, by Id, with an index for every field that leads somewhere.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::sandbox::salesforce::org::field::FieldType;
use crate::sandbox::salesforce::org::object::Object;
use crate::sandbox::salesforce::value::{Key, key_of};

/// A record: values by API name, numbers with the digits they came with.
pub type Row = Map<String, Value>;

/// All records of one object, deleted ones too.
#[derive(Debug)]
pub struct Table {
    /// The object that the records are of.
    pub object: Arc<Object>,
    rows: BTreeMap<String, Row>,
    indexes: HashMap<String, HashMap<Key, BTreeSet<String>>>,
}

impl Table {
    /// A table without records; references, external Ids and unique fields get an index.
    #[must_use]
    pub fn new(object: Arc<Object>) -> Self {
        let indexed = object.fields.iter().filter(|field| {
            field.kind() == FieldType::Reference || field.external_id || field.unique
        });
        let indexes = indexed.map(|field| (field.name.clone(), HashMap::new())).collect();
        Self { object, rows: BTreeMap::new(), indexes }
    }

    /// The record of that 18-character Id, deleted or not.
    #[must_use]
    pub fn row(&self, id: &str) -> Option<&Row> {
        self.rows.get(id)
    }

    /// The record of that Id unless it is deleted.
    #[must_use]
    pub fn live_row(&self, id: &str) -> Option<&Row> {
        self.rows.get(id).filter(|row| !is_deleted(row))
    }

    /// The Id as the table holds it, if it does.
    #[must_use]
    pub fn key(&self, id: &str) -> Option<&str> {
        self.rows.get_key_value(id).map(|(id, _)| id.as_str())
    }

    /// All Ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = &String> {
        self.rows.keys()
    }

    /// All records, in the order of their Ids.
    pub fn rows(&self) -> impl Iterator<Item = (&String, &Row)> {
        self.rows.iter()
    }

    /// Ids of the records whose `field` has that value; `None` when the field has no index.
    #[must_use]
    pub fn find(&self, field: &str, key: &Key) -> Option<Vec<&String>> {
        let index = self.indexes.get(field)?;
        Some(index.get(key).map(|ids| ids.iter().collect()).unwrap_or_default())
    }

    /// Puts a record in place of what was there, which is returned; `None` takes it away.
    pub fn replace(&mut self, id: &str, row: Option<Row>) -> Option<Row> {
        let before = self.rows.remove(id);
        if let Some(before) = &before {
            self.unindex(id, before);
        }
        if let Some(row) = row {
            self.index(id, &row);
            self.rows.insert(id.to_owned(), row);
        }
        before
    }

    fn index(&mut self, id: &str, row: &Row) {
        for (name, index) in &mut self.indexes {
            let key = self.object.field(name).and_then(|field| key_of(field, row.get(name)));
            if let Some(key) = key {
                index.entry(key).or_default().insert(id.to_owned());
            }
        }
    }

    fn unindex(&mut self, id: &str, row: &Row) {
        for (name, index) in &mut self.indexes {
            let key = self.object.field(name).and_then(|field| key_of(field, row.get(name)));
            if let Some(ids) = key.and_then(|key| index.get_mut(&key)) {
                ids.remove(id);
            }
        }
    }
}

/// Whether the record is in the recycle bin.
#[must_use]
pub fn is_deleted(row: &Row) -> bool {
    matches!(row.get("IsDeleted"), Some(Value::Bool(true)))
}
