//! A table of typed rows by key.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One row as it shall be; without a value it is not there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry<K, V> {
    /// Its key.
    pub key: K,
    /// It.
    pub value: Option<Box<V>>,
}

impl<K, V> Entry<K, V> {
    /// A row that is there.
    pub fn new(key: K, value: V) -> Self {
        Self { key, value: Some(Box::new(value)) }
    }
}

/// Rows by key.
#[derive(Debug)]
pub struct Table<K, V> {
    rows: BTreeMap<K, V>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: BTreeMap::new() }
    }
}

impl<K: Ord + Clone, V> Table<K, V> {
    /// A row.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.rows.get(key)
    }

    /// All rows in order of their keys.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.rows.values()
    }

    /// The rows between two keys, both inclusive.
    pub fn between(&self, first: K, last: K) -> impl DoubleEndedIterator<Item = &V> {
        self.rows.range(first..=last).map(|(_, row)| row)
    }

    /// Makes a row what it shall be, and gives what it was.
    pub fn set(&mut self, entry: Entry<K, V>) -> Entry<K, V> {
        let Entry { key, value } = entry;
        let before = match value {
            Some(value) => self.rows.insert(key.clone(), *value),
            None => self.rows.remove(&key),
        };
        Entry { key, value: before.map(Box::new) }
    }
}
