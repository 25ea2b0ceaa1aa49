//! What the tenant holds: catalog records, numbers, markers of use, remembered answers.
//!
//! Everything changes through [`Mutation`]s, so that a journal of them is the whole state. An
//! applied mutation yields its inverse; a request that cannot be kept is taken back.

mod identity;
mod index;
mod kind;
mod mutation;
mod record;
mod table;

use std::collections::{BTreeMap, BTreeSet};

pub use identity::{Identity, draw_seed, hex_id, uuid};
use index::Index;
pub use kind::Kind;
pub use mutation::{Mutation, RememberedAnswer};
pub use record::Record;
pub use table::{Entry, Table};

use super::jobs::Job;
use super::orders::Order;
use super::subscriptions::Subscription;

/// The state of one tenant.
#[derive(Debug)]
pub struct Store {
    identity: Identity,
    records: BTreeMap<Kind, BTreeMap<String, Record>>,
    index: Index,
    used: BTreeSet<String>,
    counters: BTreeMap<String, u64>,
    answers: BTreeMap<String, RememberedAnswer>,
    /// Orders by number.
    pub orders: Table<String, Order>,
    /// Versions of subscriptions by the subscription's number and their own.
    pub subscriptions: Table<(String, u32), Subscription>,
    /// Jobs by id.
    pub jobs: Table<String, Job>,
    /// Numbers of rate plans and charges that subscriptions have, and whose they are.
    pub numbers: Table<String, String>,
}

impl Store {
    /// An empty tenant.
    #[must_use]
    pub fn new(identity: Identity) -> Self {
        Self {
            identity,
            records: BTreeMap::new(),
            index: Index::default(),
            used: BTreeSet::new(),
            counters: BTreeMap::new(),
            answers: BTreeMap::new(),
            orders: Table::default(),
            subscriptions: Table::default(),
            jobs: Table::default(),
            numbers: Table::default(),
        }
    }

    /// Who this tenant is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// A record by its id.
    #[must_use]
    pub fn get(&self, kind: Kind, id: &str) -> Option<&Record> {
        self.records.get(&kind)?.get(id)
    }

    /// All records of a kind, in order of their ids.
    pub fn all(&self, kind: Kind) -> impl Iterator<Item = &Record> {
        self.records.get(&kind).into_iter().flat_map(BTreeMap::values)
    }

    /// The children of a record, oldest first.
    pub fn children(&self, kind: Kind, parent: &str) -> impl Iterator<Item = &Record> {
        self.index.children(kind, parent).filter_map(move |id| self.get(kind, id))
    }

    /// The record of a kind that has this value in one of its unique fields.
    #[must_use]
    pub fn find(&self, kind: Kind, field: &str, value: &str) -> Option<&Record> {
        self.get(kind, self.index.find(kind, field, value)?)
    }

    /// Whether a subscription has ever used the record.
    #[must_use]
    pub fn is_used(&self, id: &str) -> bool {
        self.used.contains(id)
    }

    /// The answer that is kept for an idempotency key.
    #[must_use]
    pub fn answer(&self, key: &str) -> Option<&RememberedAnswer> {
        self.answers.get(key)
    }

    /// The last number that a counter gave out; zero before the first.
    #[must_use]
    pub fn counter(&self, name: &str) -> u64 {
        self.counters.get(name).copied().unwrap_or(0)
    }

    /// Makes a change and returns the change that takes it back.
    pub fn apply(&mut self, mutation: Mutation) -> Mutation {
        match mutation {
            Mutation::Put { kind, record } => self.put(kind, record),
            Mutation::Remove { kind, id } => self.remove(kind, id),
            Mutation::Count { name, value } => {
                let before = self.counters.insert(name.clone(), value).unwrap_or(0);
                Mutation::Count { name, value: before }
            }
            Mutation::Use { id } => {
                let is_new = self.used.insert(id.clone());
                if is_new { Mutation::Unuse { id } } else { Mutation::Use { id } }
            }
            Mutation::Unuse { id } => {
                let was_used = self.used.remove(&id);
                if was_used { Mutation::Use { id } } else { Mutation::Unuse { id } }
            }
            Mutation::Remember { key, answer } => match self.answers.insert(key.clone(), answer) {
                Some(answer) => Mutation::Remember { key, answer },
                None => Mutation::Forget { key },
            },
            Mutation::Order(entry) => Mutation::Order(self.orders.set(entry)),
            Mutation::Subscription(entry) => Mutation::Subscription(self.subscriptions.set(entry)),
            Mutation::Job(entry) => Mutation::Job(self.jobs.set(entry)),
            Mutation::Number(entry) => Mutation::Number(self.numbers.set(entry)),
            Mutation::Forget { key } => match self.answers.remove(&key) {
                Some(answer) => Mutation::Remember { key, answer },
                None => Mutation::Forget { key },
            },
        }
    }

    fn put(&mut self, kind: Kind, record: Record) -> Mutation {
        let id = record.id.clone();
        self.index.insert(kind, &record);
        match self.records.entry(kind).or_default().insert(id.clone(), record) {
            Some(before) => {
                // The new entries stay: only those of the old record that it no longer has go.
                let after = self.records.get(&kind).and_then(|records| records.get(&id));
                self.index.replace(kind, &before, after);
                Mutation::Put { kind, record: before }
            }
            None => Mutation::Remove { kind, id },
        }
    }

    fn remove(&mut self, kind: Kind, id: String) -> Mutation {
        match self.records.entry(kind).or_default().remove(&id) {
            Some(record) => {
                self.index.remove(kind, &record);
                Mutation::Put { kind, record }
            }
            None => Mutation::Remove { kind, id },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn product(id: &str, name: &str, made_as: u64) -> Mutation {
        let fields = json!({"Name": name}).as_object().unwrap().clone();
        let (created, updated) = (String::new(), String::new());
        let record =
            Record { id: id.to_owned(), fields, created, updated, made_as, touched_as: made_as };
        Mutation::Put { kind: Kind::Product, record }
    }

    /// What can be seen of a store.
    fn seen(store: &Store) -> String {
        let names: Vec<_> = store.all(Kind::Product).map(|one| one.value("Name").clone()).collect();
        let found = ["A", "B", "C"]
            .map(|name| store.find(Kind::Product, "Name", name).map(|found| found.id.clone()));
        format!("{names:?} {found:?} {} {}", store.counter("id"), store.is_used("1"))
    }

    #[test]
    fn what_is_taken_back_was_never_there() {
        let mut store = Store::new(Identity { tenant_id: 1, seed: "s".to_owned() });
        store.apply(product("1", "A", 1));
        let before = seen(&store);
        let id = |id: &str| id.to_owned();
        let changes = [
            product("2", "B", 2),
            product("1", "C", 1),
            Mutation::Count { name: id("id"), value: 7 },
            Mutation::Use { id: id("1") },
            Mutation::Use { id: id("1") },
            Mutation::Remove { kind: Kind::Product, id: id("1") },
            product("3", "A", 3),
            Mutation::Remove { kind: Kind::Product, id: id("unknown") },
        ];
        let mut undo: Vec<Mutation> =
            changes.into_iter().map(|change| store.apply(change)).collect();
        assert_ne!(seen(&store), before);
        while let Some(change) = undo.pop() {
            store.apply(change);
        }
        assert_eq!(seen(&store), before);
    }

    #[test]
    fn a_journal_keeps_the_digits_of_numbers() {
        let mut fields = serde_json::Map::new();
        fields.insert("Price".to_owned(), serde_json::from_str("12.500").unwrap());
        let (created, updated) = (String::new(), String::new());
        let record =
            Record { id: "1".to_owned(), fields, created, updated, made_as: 1, touched_as: 1 };
        let change = Mutation::Put { kind: Kind::ProductRatePlanChargeTier, record };
        let text = serde_json::to_value(&change).unwrap().to_string();
        assert!(text.contains("12.500"), "{text}");
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::from_value::<Mutation>(line).unwrap(), change);
    }
}
