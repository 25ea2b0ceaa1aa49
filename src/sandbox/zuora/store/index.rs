//! Ways to find records without reading them all.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Kind, Record};

/// A kind, one of its unique fields, and a value.
type UniqueKey = (Kind, &'static str, String);

/// Derived from the records; never stored.
#[derive(Debug, Default)]
pub struct Index {
    unique: HashMap<UniqueKey, String>,
    /// Kind of the children and id of the parent; children in the order in which they were made.
    children: BTreeMap<(Kind, String), BTreeSet<(u64, String)>>,
}

impl Index {
    /// The ids of a parent's children.
    pub fn children(&self, kind: Kind, parent: &str) -> impl Iterator<Item = &str> {
        self.children
            .get(&(kind, parent.to_owned()))
            .into_iter()
            .flatten()
            .map(|(_, id)| id.as_str())
    }

    /// The id of the record with this value.
    pub fn find(&self, kind: Kind, field: &str, value: &str) -> Option<&str> {
        let field = kind.unique_fields().iter().find(|known| **known == field)?;
        self.unique.get(&(kind, *field, value.to_owned())).map(String::as_str)
    }

    /// Adds a record.
    pub fn insert(&mut self, kind: Kind, record: &Record) {
        for key in unique_keys(kind, record) {
            self.unique.insert(key, record.id.clone());
        }
        if let Some(parent) = parent_key(kind, record) {
            let child = (record.made_as, record.id.clone());
            self.children.entry(parent).or_default().insert(child);
        }
    }

    /// Takes a record out.
    pub fn remove(&mut self, kind: Kind, record: &Record) {
        for key in unique_keys(kind, record) {
            if self.unique.get(&key) == Some(&record.id) {
                self.unique.remove(&key);
            }
        }
        if let Some(parent) = parent_key(kind, record) {
            let child = (record.made_as, record.id.clone());
            if let Some(children) = self.children.get_mut(&parent) {
                children.remove(&child);
            }
        }
    }

    /// Takes the entries of the old record out and puts those of the new one in.
    pub fn replace(&mut self, kind: Kind, before: &Record, after: Option<&Record>) {
        self.remove(kind, before);
        if let Some(after) = after {
            self.insert(kind, after);
        }
    }
}

fn unique_keys(kind: Kind, record: &Record) -> impl Iterator<Item = UniqueKey> {
    kind.unique_fields()
        .iter()
        .filter_map(move |field| Some((kind, *field, record.text(field)?.to_owned())))
}

fn parent_key(kind: Kind, record: &Record) -> Option<(Kind, String)> {
    let (_, field) = kind.parent()?;
    Some((kind, record.text(field)?.to_owned()))
}
