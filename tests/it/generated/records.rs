//! Records by the schemas alone: what every field may hold, and how records hang together. Nothing
//! here knows what a product or a contract is.

use std::collections::{BTreeMap, BTreeSet};

use crosswalk::{
    connector::{Query, Relation, RelationKind},
    schema::{Catalog, Field, FieldType, Object},
};
use serde_json::{Map, Value, json};

use super::random::Random;

/// A record of one object, without its relations.
pub type Row = Map<String, Value>;

/// An org that mappings read: rows by object and id.
pub struct Org {
    pub random: Random,
    catalog: Catalog,
    /// What any of the mappings reads of an object, and what its relations hang on.
    fields: BTreeMap<String, BTreeSet<String>>,
    rows: BTreeMap<String, BTreeMap<String, Row>>,
    /// The ids of children by object, field and parent; made when it is first asked for.
    children: BTreeMap<(String, String), BTreeMap<String, Vec<String>>>,
    made: usize,
}

impl Org {
    /// An empty org for mappings that read so.
    pub fn of(queries: &[&Query], catalog: Catalog, random: Random) -> Self {
        let mut fields = BTreeMap::new();
        queries.iter().for_each(|query| note(query, &mut fields));
        let (rows, children) = (BTreeMap::new(), BTreeMap::new());
        Self { random, catalog, fields, rows, children, made: 0 }
    }

    /// Forgets all rows; no id is given twice all the same.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.children.clear();
    }

    pub fn id(&mut self, prefix: &str) -> String {
        self.made += 1;
        with_check(&format!("{prefix}{:012}", self.made))
    }

    /// How many ids were given.
    pub fn made(&self) -> usize {
        self.made
    }

    fn object(&mut self, name: &str) -> std::sync::Arc<Object> {
        self.catalog.object("salesforce", name).expect("a schema").expect("the object")
    }

    /// A new row of an object: each field by its schema, and references to nothing.
    pub fn row(&mut self, object: &str, prefix: &str) -> Row {
        let known = self.object(object);
        let fields: Vec<String> = self.fields.get(object).into_iter().flatten().cloned().collect();
        let mut row = Row::new();
        for name in fields {
            let field = known.fields.get(&name).unwrap_or_else(|| panic!("{object} has no {name}"));
            let is_reference = field.kind == FieldType::Id;
            let value = if is_reference { Value::Null } else { self.value(field) };
            row.insert(name, value);
        }
        row.insert("Id".into(), json!(self.id(prefix)));
        row
    }

    /// Keeps a row, and gives its id.
    pub fn keep(&mut self, object: &str, row: Row) -> String {
        let id = row["Id"].as_str().expect("an id").to_owned();
        self.children.clear();
        self.rows.entry(object.to_owned()).or_default().insert(id.clone(), row);
        id
    }

    /// Changes a field of a row that nothing hangs on.
    pub fn change(&mut self, object: &str, id: &str, name: &str, value: Value) {
        let row = self.rows.get_mut(object).and_then(|rows| rows.get_mut(id)).expect("a row");
        row.insert(name.to_owned(), value);
    }

    /// The id of a row of an object.
    pub fn find(&self, object: &str, is_it: impl Fn(&Row) -> bool) -> Option<&str> {
        let rows = self.rows.get(object)?;
        rows.iter().find(|(_, row)| is_it(row)).map(|(id, _)| id.as_str())
    }

    /// All rows, by object.
    pub fn rows(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = &Row>)> {
        self.rows.iter().map(|(object, rows)| (object.as_str(), rows.values()))
    }

    /// A row with all that a query reads along with it.
    pub fn joined(&mut self, query: &Query, id: &str) -> Row {
        self.index(query);
        self.join(query, &self.rows[&query.object][id])
    }

    fn index(&mut self, query: &Query) {
        for relation in &query.relations {
            if let RelationKind::Children { field } = &relation.kind {
                let key = (relation.query.object.clone(), field.clone());
                if !self.children.contains_key(&key) {
                    let mut index: BTreeMap<String, Vec<String>> = BTreeMap::new();
                    for (id, row) in self.rows.get(&key.0).into_iter().flatten() {
                        if let Some(parent) = row.get(field).and_then(Value::as_str) {
                            index.entry(parent.to_owned()).or_default().push(id.clone());
                        }
                    }
                    self.children.insert(key, index);
                }
            }
            self.index(&relation.query);
        }
    }

    fn join(&self, query: &Query, row: &Row) -> Row {
        let field = |name: &String| row.get(name).cloned().unwrap_or(Value::Null);
        let names = query.fields.iter().map(|field| &field.name);
        let mut members: Row = names.map(|name| (name.clone(), field(name))).collect();
        for relation in &query.relations {
            let rows = self.rows.get(&relation.query.object);
            let value = match &relation.kind {
                RelationKind::Lookup { field } => {
                    let id = row.get(field).and_then(Value::as_str);
                    let found = id.and_then(|id| rows?.get(id));
                    found.map_or(Value::Null, |row| Value::Object(self.join(&relation.query, row)))
                }
                RelationKind::Children { field } => {
                    let key = (relation.query.object.clone(), field.clone());
                    let parent = row["Id"].as_str().expect("an id");
                    let ids = self.children.get(&key).and_then(|index| index.get(parent));
                    let found = ids.into_iter().flatten().filter_map(|id| rows?.get(id));
                    let found: Vec<Row> =
                        found.map(|row| self.join(&relation.query, row)).collect();
                    if found.is_empty() { Value::Null } else { children(found) }
                }
                RelationKind::Inside => panic!("an org has no lists inside records"),
            };
            members.insert(relation.name.clone(), value);
        }
        members
    }

    /// A record with everything that a query reads, by the schema alone.
    pub fn record(&mut self, query: &Query) -> Row {
        let object = self.object(&query.object);
        let mut members = Row::new();
        for field in &query.fields {
            let known = object.fields.get(&field.name).expect("a field");
            members.insert(field.name.clone(), self.value(known));
        }
        for relation in &query.relations {
            let value = self.related(relation, &object, &members);
            members.insert(relation.name.clone(), value);
        }
        members
    }

    /// A lookup is null where its field may be, and only with it.
    fn related(&mut self, relation: &Relation, object: &Object, members: &Row) -> Value {
        match &relation.kind {
            RelationKind::Lookup { field } => {
                let may_be_null = object.fields.get(field).is_none_or(|field| field.nullable);
                let is_null = match members.get(field) {
                    Some(value) => value.is_null(),
                    None => may_be_null && self.random.percent(25),
                };
                if is_null {
                    return Value::Null;
                }
                Value::Object(self.record(&relation.query))
            }
            RelationKind::Children { .. } | RelationKind::Inside => {
                if self.random.percent(15) {
                    return Value::Null;
                }
                let count = self.random.below(4);
                children((0..count).map(|_| self.record(&relation.query)).collect())
            }
        }
    }

    /// Draws one value of a record anew, by the schema alone: anywhere in the tree that is read.
    pub fn disturb(&mut self, members: &mut Row, query: &Query) {
        let object = self.object(&query.object);
        // Of what is only counted nothing is read.
        let places = query.fields.len() + 3 * query.relations.len();
        let at = self.random.below(places.max(1));
        if let Some(field) = query.fields.get(at) {
            let known = object.fields.get(&field.name).expect("a field");
            match known.kind {
                // The ids of records are what holds them together.
                FieldType::Id if field.name == "Id" || !known.nullable => {}
                FieldType::Id => {
                    members.insert(field.name.clone(), Value::Null);
                    forget(members, query, &field.name);
                }
                _ => {
                    let value = self.value(known);
                    members.insert(field.name.clone(), value);
                }
            }
            return;
        }
        let Some(relation) = query.relations.get((at - query.fields.len()) / 3) else { return };
        let is_gone = self.random.percent(10);
        match (members.get_mut(&relation.name), &relation.kind) {
            (Some(Value::Object(_)), RelationKind::Lookup { field })
                if is_gone && object.fields.get(field).is_none_or(|field| field.nullable) =>
            {
                if members.contains_key(field) {
                    members.insert(field.clone(), Value::Null);
                }
                members.insert(relation.name.clone(), Value::Null);
            }
            (Some(Value::Object(inner)), RelationKind::Lookup { .. }) => {
                let mut inner = std::mem::take(inner);
                self.disturb(&mut inner, &relation.query);
                members.insert(relation.name.clone(), Value::Object(inner));
            }
            (Some(list @ Value::Object(_)), _) if is_gone => *list = Value::Null,
            (Some(Value::Object(list)), _) => {
                let Some(Value::Array(rows)) = list.get_mut("records") else { return };
                let at = self.random.below(rows.len().max(1));
                let Some(row) = rows.get_mut(at) else { return };
                if let Value::Object(row) = row {
                    let mut row = std::mem::take(row);
                    self.disturb(&mut row, &relation.query);
                    rows[at] = Value::Object(row);
                }
            }
            _ => {}
        }
    }

    /// A value that a field may have.
    pub fn value(&mut self, field: &Field) -> Value {
        if field.nullable && field.name != "Id" && self.random.percent(15) {
            return Value::Null;
        }
        if let Some(values) = &field.values {
            // A pick-list that is not restricted may hold anything.
            if !values.closed && self.random.percent(4) {
                return json!("Something Else");
            }
            if !values.all.is_empty() {
                return json!(self.random.one(&values.all));
            }
        }
        match &field.kind {
            FieldType::Bool => json!(self.random.percent(50)),
            FieldType::Integer => json!(self.random.below(14)),
            FieldType::Number => self.number(field.digits.unwrap_or((18, 2))),
            FieldType::Date => json!(self.day()),
            FieldType::Instant => json!("2026-01-15T10:00:00.000+0000"),
            FieldType::Id => json!(self.id("xxx")),
            _ => json!(self.text(field.length.unwrap_or(255) as usize)),
        }
    }

    /// A day, often one near the end of a month.
    fn day(&mut self) -> String {
        let (year, month) = (2000 + self.random.below(40), 1 + self.random.below(12));
        let last = match month {
            2 if year % 4 == 0 => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let day = if self.random.percent(40) { last } else { 1 + self.random.below(last) };
        format!("{year}-{month:02}-{day:02}")
    }

    /// A number with as many digits as a field holds, mostly a small one.
    fn number(&mut self, (precision, scale): (u32, u32)) -> Value {
        let whole = precision.saturating_sub(scale).clamp(1, 15);
        let digits = if self.random.percent(10) { whole } else { whole.min(4) };
        let mut text = self.digits(digits);
        let trimmed = text.trim_start_matches('0').to_owned();
        text = if trimmed.is_empty() { "0".to_owned() } else { trimmed };
        if scale > 0 && self.random.percent(60) {
            text = format!("{text}.{}", self.digits(scale.min(6)));
        }
        if self.random.percent(3) {
            text = format!("-{text}");
        }
        number(&text)
    }

    fn digits(&mut self, count: u32) -> String {
        (0..count).map(|_| char::from(b'0' + self.random.below(10) as u8)).collect()
    }

    fn text(&mut self, length: usize) -> String {
        let most = if self.random.percent(5) { length.min(600) } else { length.min(30) };
        let letters = ['a', 'B', '7', ' ', 'é', '"', '\\', '/', '漢', '\n', '{'];
        (0..1 + self.random.below(most.max(1))).map(|_| *self.random.one(&letters)).collect()
    }

    /// An amount of money, in cents.
    pub fn price(&mut self) -> Value {
        number(&format!("{}.{:02}", self.random.below(9_000), self.random.below(100)))
    }
}

/// An id of 15 characters with the three that tell where its capital letters are.
fn with_check(id: &str) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let check = |five: &[u8]| {
        let capitals = five.iter().enumerate().filter(|(_, letter)| letter.is_ascii_uppercase());
        char::from(letters[capitals.map(|(at, _)| 1 << at).sum::<usize>()])
    };
    id.as_bytes().chunks(5).map(check).fold(id.to_owned(), |id, letter| format!("{id}{letter}"))
}

/// What a query reads of each object, with what its relations hang on.
fn note(query: &Query, fields: &mut BTreeMap<String, BTreeSet<String>>) {
    let of = fields.entry(query.object.clone()).or_default();
    of.extend(query.fields.iter().map(|field| field.name.clone()));
    for relation in &query.relations {
        match &relation.kind {
            RelationKind::Lookup { field } => {
                fields.entry(query.object.clone()).or_default().insert(field.clone());
            }
            RelationKind::Children { field } => {
                fields.entry(relation.query.object.clone()).or_default().insert(field.clone());
            }
            RelationKind::Inside => {}
        }
        note(&relation.query, fields);
    }
}

/// Empties the lookup that hangs on a field.
fn forget(members: &mut Row, query: &Query, of: &str) {
    for relation in &query.relations {
        if matches!(&relation.kind, RelationKind::Lookup { field } if field == of) {
            members.insert(relation.name.clone(), Value::Null);
        }
    }
}

/// Sets a member that is read; what is not read is not in the record.
pub fn set(members: &mut Row, name: &str, value: impl Into<Value>) {
    if let Some(member) = members.get_mut(name) {
        *member = value.into();
    }
}

/// A list of children as Salesforce gives it.
pub fn children(records: Vec<Row>) -> Value {
    json!({ "totalSize": records.len(), "done": true, "records": records })
}

/// A number as it is written.
pub fn number(text: &str) -> Value {
    serde_json::from_str(text).expect("a number")
}
