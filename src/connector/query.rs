//! Queries: what a program reads, as a tree of relations, so that a connector needs no guess.

use std::collections::BTreeMap;

use crate::json::Records;

/// What to read of one object, with its lookups and children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The object: `Product2`.
    pub object: String,
    /// Its own fields that are read, in the order of first use. The record id is among them where
    /// the object has one.
    pub fields: Vec<Field>,
    /// Related records that are read along.
    pub relations: Vec<Relation>,
    /// The order of the records, most significant first.
    pub sort: Vec<Sort>,
    /// The field that moves when a record changes (`SystemModstamp`), when the mapping names one.
    pub changed_by: Option<String>,
    /// Read only records of which this or a related record has changed since these marks.
    pub since: Option<Marks>,
    /// Read only the records with these ids (one contract, one product).
    pub only: Option<Vec<String>>,
}

/// A field that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name as the system writes it.
    pub name: String,
}

/// How a related record hangs on a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelationKind {
    /// One parent: `Pricebook2` by the record's own field `Pricebook2Id`.
    /// In the record it stands as an object, or null.
    Lookup {
        /// The field of the record that holds the id of the parent.
        field: String,
    },
    /// Many children: `PricebookEntries` by the child's field `Product2Id`.
    /// In the record they stand as `{"totalSize":n,"done":true,"records":[…]}`, or null.
    Children {
        /// The field of the child that holds the id of the record.
        field: String,
    },
    /// Many items inside the record itself, as a plain list (files).
    Inside,
}

/// A related record or list of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Its name in the record: `PricebookEntries`, `SBQQ__DiscountSchedule__r`.
    pub name: String,
    /// How it hangs on the record.
    pub kind: RelationKind,
    /// What is read of it. `changed_by`, `since` and `only` are set on the root alone.
    pub query: Query,
}

/// One key of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The field.
    pub field: String,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// Where a reading goes on; opaque outside of the connector that gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub String);

/// The highest stamp seen per relation: the path of relation names from the root (`""` for the
/// root, `PricebookEntries`, `SBQQ__DiscountSchedule__r.SBQQ__DiscountTiers__r`) and the stamp as
/// the system writes it.
pub type Marks = BTreeMap<String, String>;

/// A page of complete records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The records, in schema shape.
    pub records: Records,
    /// Where the next page starts; `None` after the last one.
    pub next: Option<Cursor>,
    /// The highest stamps seen so far in this reading, when the query names `changed_by`.
    pub marks: Marks,
}

impl Query {
    /// A query of an object that reads no field yet.
    pub fn of(object: impl Into<String>) -> Self {
        Self {
            object: object.into(),
            fields: Vec::new(),
            relations: Vec::new(),
            sort: Vec::new(),
            changed_by: None,
            since: None,
            only: None,
        }
    }

    /// Adds a field once.
    pub fn add_field(&mut self, name: &str) {
        if !self.fields.iter().any(|field| field.name == name) {
            self.fields.push(Field { name: name.to_owned() });
        }
    }
}
