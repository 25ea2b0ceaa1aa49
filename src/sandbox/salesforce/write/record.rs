//! Inserts, updates and deletes one record in the store.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::check::{self, Write, check};
use super::rules;
use crate::sandbox::salesforce::answer::ApiError;
use crate::sandbox::salesforce::org::Org;
use crate::sandbox::salesforce::org::id;
use crate::sandbox::salesforce::org::object::Object;
use crate::sandbox::salesforce::store::{Changes, Store};
use crate::sandbox::salesforce::value::{Key, key_of};

/// What is said to a row of a batch that another row's failure took back.
const ROLLED_BACK: &str = "Record rolled back because not all records were valid and the request \
                           was using AllOrNone header";

/// Deepest cascade of a delete; protects the stack from records that are their own ancestors.
const CASCADE_DEPTH_MAX: usize = 16;

/// The writes of one request.
#[derive(Debug)]
pub struct Writer<'a> {
    org: &'a Org,
    store: &'a mut Store,
    changes: &'a mut Changes,
    stamp: Option<String>,
}

/// What an upsert did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upserted {
    /// A new record.
    Created(String),
    /// A record that was there.
    Updated(String),
    /// Nothing: several records have the key.
    Several(Vec<String>),
}

impl<'a> Writer<'a> {
    /// A writer whose changes can be taken back.
    pub const fn new(org: &'a Org, store: &'a mut Store, changes: &'a mut Changes) -> Self {
        Self { org, store, changes, stamp: None }
    }

    /// Inserts a record and returns its Id.
    ///
    /// # Errors
    /// Everything that the service would refuse about it.
    pub fn insert(
        &mut self,
        object: &Arc<Object>,
        values: &Map<String, Value>,
    ) -> Result<String, Vec<ApiError>> {
        if !object.createable {
            let message = format!("entity type {} does not support create", object.name);
            return Err(vec![ApiError::new(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message)]);
        }
        let mut row = check(self.org, self.store, object, values, Write::Insert)?;
        rules::derive(self.store, &object.name, &mut row);
        self.fill_defaults(object, &mut row);
        if let Some(error) = rules::on_insert(self.store, &object.name, &row) {
            return Err(vec![error]);
        }
        let id = self.store.new_id(self.org, object.prefix());
        let stamp = Value::String(self.stamp());
        let user = Value::String(self.org.user_id.clone());
        row.insert("Id".to_owned(), Value::String(id.clone()));
        row.insert("IsDeleted".to_owned(), Value::Bool(false));
        for name in ["CreatedDate", "LastModifiedDate", "SystemModstamp"] {
            row.insert(name.to_owned(), stamp.clone());
        }
        for name in ["CreatedById", "LastModifiedById"] {
            row.insert(name.to_owned(), user.clone());
        }
        self.store.put(self.changes, &object.name, &id, row);
        Ok(id)
    }

    fn fill_defaults(&self, object: &Object, row: &mut Map<String, Value>) {
        for field in &object.fields {
            if row.contains_key(&field.name) {
                continue;
            }
            let default = match field.name.as_str() {
                "OwnerId" => Some(Value::String(self.org.user_id.clone())),
                "CurrencyIsoCode" => self.org.currencies.first().cloned().map(Value::String),
                "Name" if !field.createable || field.auto_number => {
                    let number = self.store.last_number().saturating_add(1);
                    Some(Value::String(format!("{}-{number:07}", object.prefix())))
                }
                _ => field.insert_default(),
            };
            if let Some(value) = default {
                row.insert(field.name.clone(), value);
            }
        }
    }

    /// Updates a record.
    ///
    /// # Errors
    /// Everything that the service would refuse about it.
    pub fn update(
        &mut self,
        object: &Arc<Object>,
        id: &str,
        values: &Map<String, Value>,
    ) -> Result<(), Vec<ApiError>> {
        let id = self.live_id(object, id).map_err(|error| vec![error])?;
        if !object.updateable {
            let message = format!("entity type {} does not support update", object.name);
            return Err(vec![ApiError::new(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message)]);
        }
        let values = check(self.org, self.store, object, values, Write::Update(&id))?;
        let table = self.store.table(&object.name);
        let mut row = table.and_then(|table| table.row(&id)).cloned().unwrap_or_default();
        row.extend(values);
        rules::derive(self.store, &object.name, &mut row);
        self.touch(&mut row);
        self.store.put(self.changes, &object.name, &id, row);
        Ok(())
    }

    /// Puts a record into the recycle bin, with what belongs to it.
    ///
    /// # Errors
    /// No such record, or children that forbid it.
    pub fn delete(&mut self, object: &Arc<Object>, id: &str) -> Result<(), ApiError> {
        let id = self.live_id(object, id)?;
        if !object.deletable.unwrap_or(object.createable) {
            let message = format!("entity type {} does not support delete", object.name);
            return Err(ApiError::new(400, "INSUFFICIENT_ACCESS_OR_READONLY", message));
        }
        self.delete_with_children(object, &id, CASCADE_DEPTH_MAX)
    }

    fn delete_with_children(
        &mut self,
        object: &Arc<Object>,
        id: &str,
        depth: usize,
    ) -> Result<(), ApiError> {
        let Some(depth) = depth.checked_sub(1) else { return Ok(()) };
        let key = Key::Text(id.to_owned());
        for relationship in &object.child_relationships {
            let Some(child) = self.org.object(&relationship.child_object).cloned() else {
                continue;
            };
            let name = relationship.field.as_deref();
            let Some(field) = name.and_then(|name| child.field(name)).cloned() else { continue };
            let children = check::holders(self.store, &child, &field, &key);
            if relationship.restricted_delete && !children.is_empty() {
                let message = format!(
                    "Your attempt to delete {id} could not be completed because it is associated \
                     with the following {}: {}",
                    child.name,
                    children.join(", ")
                );
                return Err(ApiError::new(400, "DELETE_FAILED", message));
            }
            for child_id in children {
                if relationship.cascade_delete || !field.nillable {
                    self.delete_with_children(&child, &child_id, depth)?;
                } else {
                    self.change(&child, &child_id, &field.name, Value::Null);
                }
            }
        }
        self.change(object, id, "IsDeleted", Value::Bool(true));
        Ok(())
    }

    fn change(&mut self, object: &Object, id: &str, field: &str, value: Value) {
        let row = self.store.table(&object.name).and_then(|table| table.row(id)).cloned();
        let Some(mut row) = row else { return };
        row.insert(field.to_owned(), value);
        self.touch(&mut row);
        self.store.put(self.changes, &object.name, id, row);
    }

    /// Inserts or updates the record whose external Id field has that value.
    ///
    /// # Errors
    /// Everything that the service would refuse about it.
    pub fn upsert(
        &mut self,
        object: &Arc<Object>,
        key_field: &str,
        key_value: &Value,
        values: &Map<String, Value>,
    ) -> Result<Upserted, Vec<ApiError>> {
        let field = object
            .field(key_field)
            .filter(|field| field.external_id || field.name == "Id")
            .cloned()
            .ok_or_else(|| vec![no_external_id(key_field)])?;
        if field.name == "Id" {
            let id = key_value.as_str().unwrap_or_default().to_owned();
            if id.is_empty() {
                return self.insert(object, values).map(Upserted::Created);
            }
            return self.update(object, &id, values).map(|()| Upserted::Updated(id));
        }
        let mut values = values.clone();
        values.remove(&field.name);
        // A key in a URL is text whatever the field's type is.
        let key_value = match (key_value, field.type_name.as_str()) {
            (Value::String(text), "double" | "int" | "currency") => {
                serde_json::from_str(text).unwrap_or_else(|_| key_value.clone())
            }
            _ => key_value.clone(),
        };
        let key = key_of(&field, Some(&key_value));
        let found =
            key.map(|key| check::holders(self.store, object, &field, &key)).unwrap_or_default();
        match found.as_slice() {
            [] => {
                values.insert(field.name.clone(), key_value);
                self.insert(object, &values).map(Upserted::Created)
            }
            [id] => self.update(object, id, &values).map(|()| Upserted::Updated(id.clone())),
            _ => Ok(Upserted::Several(found)),
        }
    }

    fn live_id(&self, object: &Object, text: &str) -> Result<String, ApiError> {
        let Some(id) = id::to_18(text) else {
            let message = format!("{} ID: id value of incorrect type: {text}", object.label);
            return Err(ApiError::field("MALFORMED_ID", message, &["Id"]));
        };
        let table = self.store.table(&object.name);
        match table.map(|table| (table.row(&id).is_some(), table.live_row(&id).is_some())) {
            Some((_, true)) => Ok(id),
            Some((true, false)) => {
                Err(ApiError::new(404, "ENTITY_IS_DELETED", "entity is deleted"))
            }
            _ => Err(ApiError::field(
                "INVALID_CROSS_REFERENCE_KEY",
                "invalid cross reference id",
                &[],
            )),
        }
    }

    fn touch(&mut self, row: &mut Map<String, Value>) {
        let stamp = Value::String(self.stamp());
        row.insert("LastModifiedDate".to_owned(), stamp.clone());
        row.insert("SystemModstamp".to_owned(), stamp);
        let user = Value::String(self.org.user_id.clone());
        row.insert("LastModifiedById".to_owned(), user);
    }

    fn stamp(&mut self) -> String {
        self.stamp.get_or_insert_with(|| self.store.tick()).clone()
    }

    /// The place that [`Writer::undo_to`] goes back to.
    #[must_use]
    pub fn mark(&self) -> usize {
        self.changes.mark()
    }

    /// Takes back everything since `mark`.
    pub fn undo_to(&mut self, mark: usize) {
        self.store.undo_to(self.changes, mark);
    }
}

/// The field of an upsert is no key.
#[must_use]
pub fn no_external_id(field: &str) -> ApiError {
    let message =
        format!("Provided external ID field does not exist or is not accessible: {field}");
    ApiError::new(404, "NOT_FOUND", message)
}

/// What rows of an all-or-none batch are told that were fine themselves.
#[must_use]
pub fn rolled_back() -> ApiError {
    ApiError::new(400, "ALL_OR_NONE_OPERATION_ROLLED_BACK", ROLLED_BACK)
}
