//! One request at work on the state: every change is noted, so that the request is kept as one
//! line of the journal or taken back as one.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::query::Cursors;
use super::schema::Schemas;
use super::store::{Kind, Mutation, Record, Store, hex_id};
use super::tenant::Tenant;

/// A place in the work of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(usize);

/// The state, held by one request.
#[derive(Debug)]
pub struct Work<'a> {
    store: &'a mut Store,
    /// The tenant's configuration.
    pub tenant: &'a Tenant,
    /// What objects may hold.
    pub schemas: &'a Schemas,
    /// Queries that have more records to give.
    pub cursors: &'a mut Cursors,
    /// When the request came.
    pub now: Timestamp,
    done: Vec<Mutation>,
    undo: Vec<Mutation>,
    writes: u64,
}

impl<'a> Work<'a> {
    /// Begins.
    #[must_use]
    pub fn begin(
        store: &'a mut Store,
        tenant: &'a Tenant,
        schemas: &'a Schemas,
        cursors: &'a mut Cursors,
    ) -> Self {
        let now = Timestamp::now();
        let (done, undo) = (Vec::new(), Vec::new());
        Self { store, tenant, schemas, cursors, now, done, undo, writes: 0 }
    }

    /// The state as this request has left it so far.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.store
    }

    /// Makes a change.
    pub fn apply(&mut self, mutation: Mutation) {
        self.done.push(mutation.clone());
        self.undo.push(self.store.apply(mutation));
    }

    /// The next number of a sequence.
    pub fn next(&mut self, sequence: &str) -> u64 {
        let value = self.store.counter(sequence).saturating_add(1);
        self.apply(Mutation::Count { name: sequence.to_owned(), value });
        value
    }

    /// Stores a new object and returns its id.
    pub fn insert(&mut self, kind: Kind, fields: Map<String, Value>) -> String {
        let made_as = self.next("id");
        let id = hex_id(&self.store.identity().seed, "id", made_as);
        let (created, touched_as) = (self.stamp(), self.next("change"));
        let updated = created.clone();
        let record = Record { id: id.clone(), fields, created, updated, made_as, touched_as };
        self.apply(Mutation::Put { kind, record });
        id
    }

    /// Stores an object's new fields.
    pub fn replace(&mut self, kind: Kind, before: &Record, fields: Map<String, Value>) {
        let record = Record {
            fields,
            updated: self.stamp(),
            touched_as: self.next("change"),
            ..before.clone()
        };
        self.apply(Mutation::Put { kind, record });
    }

    /// Counts one object as written for the client.
    pub fn count_write(&mut self) {
        self.writes = self.writes.saturating_add(1);
    }

    /// Objects written for the client so far.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.writes
    }

    /// The changes, oldest first.
    #[must_use]
    pub fn changes(&self) -> &[Mutation] {
        &self.done
    }

    /// Takes all changes back.
    pub fn take_back(mut self) {
        self.back_to(Mark(0));
    }

    /// Where the work is; all that comes later can be taken back.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark(self.undo.len())
    }

    /// Takes back what came after a mark.
    pub fn back_to(&mut self, mark: Mark) {
        while self.undo.len() > mark.0 {
            self.done.pop();
            if let Some(mutation) = self.undo.pop() {
                self.store.apply(mutation);
            }
        }
    }

    /// The next id of the tenant.
    pub fn next_id(&mut self) -> String {
        let number = self.next("id");
        hex_id(&self.store.identity().seed, "id", number)
    }

    /// Today in UTC, which is the tenant's zone.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }

    /// The time in the form in which the service writes it.
    #[must_use]
    pub fn stamp(&self) -> String {
        self.now.strftime("%Y-%m-%dT%H:%M:%S.%3f+00:00").to_string()
    }
}
