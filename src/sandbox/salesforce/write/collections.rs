//! sObject Collections: up to 200 records in one request, each with an outcome of its own.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::record::{Upserted, Writer, rolled_back};
use super::single::shape;
use crate::sandbox::salesforce::answer::{Answer, ApiError};
use crate::sandbox::salesforce::org::Org;
use crate::sandbox::salesforce::org::id;
use crate::sandbox::salesforce::org::object::Object;
use crate::sandbox::salesforce::service::Service;
use crate::sandbox::salesforce::soql::execute::Deleted;
use crate::sandbox::salesforce::soql::render::Renderer;

/// Records in one request.
const RECORDS_MAX: usize = 200;

/// What is done with the records.
#[derive(Debug, Clone, Copy)]
pub enum Batch<'a> {
    /// `POST …/composite/sobjects`
    Create,
    /// `PATCH …/composite/sobjects`
    Update,
    /// `PATCH …/composite/sobjects/X/Ext__c`
    Upsert {
        /// X
        object: &'a str,
        /// Ext__c
        field: &'a str,
    },
}

/// The outcome of one record: its Id and, of an upsert, whether it was created.
type Outcome = Result<(String, Option<bool>), Vec<ApiError>>;

impl Service {
    /// Writes the records of a collection.
    pub(in crate::sandbox::salesforce) fn write_collection(
        &self,
        batch: Batch<'_>,
        body: &Map<String, Value>,
    ) -> Result<Answer, ApiError> {
        let records = records(body)?;
        let all_or_none = match body.get("allOrNone") {
            None => false,
            Some(Value::Bool(all_or_none)) => *all_or_none,
            Some(_) => return Err(ApiError::json("allOrNone must be true or false")),
        };
        if let Some(name) = body.keys().find(|k| !matches!(k.as_str(), "allOrNone" | "records")) {
            return Err(ApiError::json(format!("Unrecognized field \"{name}\"")));
        }
        self.write_rows(all_or_none, records.len(), |writer, place| {
            let record = records.get(place).and_then(Value::as_object);
            let record =
                record.ok_or_else(|| vec![ApiError::json("a record must be an object")])?;
            write_one(&self.org, writer, batch, record)
        })
    }

    /// `DELETE …/composite/sobjects?ids=…`
    pub(in crate::sandbox::salesforce) fn delete_collection(
        &self,
        ids: &str,
        all_or_none: bool,
    ) -> Result<Answer, ApiError> {
        let ids: Vec<&str> = ids.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
        check_count(ids.len())?;
        self.write_rows(all_or_none, ids.len(), |writer, place| {
            let id = ids.get(place).copied().unwrap_or_default();
            let object = self.org.object_of_id(id).cloned().ok_or_else(|| {
                vec![ApiError::new(400, "MALFORMED_ID", format!("malformed id {id}"))]
            })?;
            writer.delete(&object, id).map_err(|error| vec![error])?;
            Ok((id::to_18(id).unwrap_or_default(), None))
        })
    }

    /// `GET …/composite/sobjects/X?ids=…&fields=…`: records in the order of the Ids, null where
    /// there is none.
    pub(in crate::sandbox::salesforce) fn read_collection(
        &self,
        object: &Arc<Object>,
        ids: &[&str],
        fields: &str,
        version: &str,
    ) -> Result<Answer, ApiError> {
        let shape = shape(object, Some(fields))?;
        let store = self.read();
        let table = store.table(&object.name);
        let deleted = Deleted::Hidden;
        let renderer = Renderer { store: &store, cursors: &self.cursors, version, deleted };
        let rows = ids.iter().map(|id| {
            let row = id::to_18(id).and_then(|id| table.and_then(|table| table.live_row(&id)));
            row.map_or_else(|| "null".to_owned(), |row| renderer.one(object, &shape, row))
        });
        let rows: Vec<String> = rows.collect();
        Ok(Answer::text(200, format!("[{}]", rows.join(","))))
    }

    fn write_rows(
        &self,
        all_or_none: bool,
        count: usize,
        write: impl Fn(&mut Writer<'_>, usize) -> Outcome,
    ) -> Result<Answer, ApiError> {
        let outcomes = self.write(|store, changes| {
            let start = changes.mark();
            let mut writer = Writer::new(&self.org, store, changes);
            let mut outcomes: Vec<Outcome> = Vec::with_capacity(count);
            for place in 0..count {
                let mark = writer.mark();
                let outcome = write(&mut writer, place);
                if outcome.is_err() {
                    writer.undo_to(mark);
                }
                outcomes.push(outcome);
            }
            if all_or_none && outcomes.iter().any(Result::is_err) {
                writer.undo_to(start);
                for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_ok()) {
                    *outcome = Err(vec![rolled_back()]);
                }
            }
            outcomes
        })?;
        let rows: Vec<Value> = outcomes.iter().map(row_json).collect();
        Ok(Answer::json(200, &Value::Array(rows)))
    }
}

fn row_json(outcome: &Outcome) -> Value {
    match outcome {
        Ok((id, None)) => json!({"id": id, "success": true, "errors": []}),
        Ok((id, Some(created))) => {
            json!({"id": id, "success": true, "errors": [], "created": created})
        }
        Err(errors) => {
            let errors: Vec<Value> = errors.iter().map(ApiError::to_row_json).collect();
            json!({"success": false, "errors": errors})
        }
    }
}

fn records(body: &Map<String, Value>) -> Result<&Vec<Value>, ApiError> {
    let Some(Value::Array(records)) = body.get("records") else {
        return Err(ApiError::json("the body must have a list of records"));
    };
    check_count(records.len())?;
    let mut ids = HashSet::new();
    for record in records {
        let id = record.get("id").or_else(|| record.get("Id")).and_then(Value::as_str);
        if let Some(id) = id.and_then(id::to_18)
            && !ids.insert(id.clone())
        {
            let message = format!("duplicate id in list: {id}");
            return Err(ApiError::new(400, "INVALID_ID_FIELD", message));
        }
    }
    Ok(records)
}

fn check_count(count: usize) -> Result<(), ApiError> {
    if count <= RECORDS_MAX {
        return Ok(());
    }
    let message =
        "record limit reached. cannot submit more than 200 records into this call".to_owned();
    Err(ApiError::new(400, "EXCEEDED_ID_LIMIT", message))
}

fn write_one(
    org: &Org,
    writer: &mut Writer<'_>,
    batch: Batch<'_>,
    record: &Map<String, Value>,
) -> Outcome {
    let object = object_of(org, batch, record).map_err(|error| vec![error])?;
    let mut values = record.clone();
    let id = values.remove("id").or_else(|| values.remove("Id"));
    match batch {
        Batch::Create if id.as_ref().is_some_and(|id| !id.is_null()) => {
            let message = "cannot specify Id in an insert call";
            Err(vec![ApiError::field("INVALID_FIELD_FOR_INSERT_UPDATE", message, &["Id"])])
        }
        Batch::Create => writer.insert(&object, &values).map(|id| (id, None)),
        Batch::Update => {
            let Some(Value::String(id)) = id else {
                let message = "Id not specified in an update call";
                return Err(vec![ApiError::field("MISSING_ARGUMENT", message, &["Id"])]);
            };
            writer.update(&object, &id, &values)?;
            Ok((id::to_18(&id).unwrap_or(id), None))
        }
        Batch::Upsert { field, .. } => {
            let named = values.iter().find(|(name, _)| name.eq_ignore_ascii_case(field));
            let key = named.map(|(_, value)| value.clone()).or(id).unwrap_or_default();
            if key.is_null() && !field.eq_ignore_ascii_case("id") {
                let message = format!("{field} not specified");
                return Err(vec![ApiError::field("MISSING_ARGUMENT", message, &[field])]);
            }
            match writer.upsert(&object, field, &key, &values)? {
                Upserted::Created(id) => Ok((id, Some(true))),
                Upserted::Updated(id) => Ok((id, Some(false))),
                Upserted::Several(ids) => {
                    let message = format!(
                        "{field}: more than one record found for external id field: {ids:?}"
                    );
                    Err(vec![ApiError::field("DUPLICATE_EXTERNAL_ID", message, &[])])
                }
            }
        }
    }
}

fn object_of(
    org: &Org,
    batch: Batch<'_>,
    record: &Map<String, Value>,
) -> Result<Arc<Object>, ApiError> {
    let stated = record.get("attributes").and_then(|attributes| attributes.get("type"));
    let stated = stated.and_then(Value::as_str);
    let name = match (batch, stated) {
        (Batch::Upsert { object, .. }, Some(stated)) if !object.eq_ignore_ascii_case(stated) => {
            let message = format!("the record is a {stated}, the resource takes {object}");
            return Err(ApiError::new(400, "INVALID_TYPE", message));
        }
        (Batch::Upsert { object, .. }, _) => object,
        (_, Some(stated)) => stated,
        (_, None) => {
            let message = "the record has no attributes that name its type";
            return Err(ApiError::new(400, "INVALID_TYPE", message));
        }
    };
    org.object(name).cloned().ok_or_else(|| {
        let message = format!("sObject type '{name}' is not supported.");
        ApiError::new(400, "INVALID_TYPE", message)
    })
}
