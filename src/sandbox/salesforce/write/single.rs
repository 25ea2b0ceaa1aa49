//! The resources of one record: create, read, update, delete, upsert.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::record::{Upserted, Writer, no_external_id};
use crate::sandbox::salesforce::answer::{Answer, ApiError};
use crate::sandbox::salesforce::org::id;
use crate::sandbox::salesforce::org::object::Object;
use crate::sandbox::salesforce::query::Paging;
use crate::sandbox::salesforce::service::Service;
use crate::sandbox::salesforce::soql::execute::Deleted;
use crate::sandbox::salesforce::soql::plan::{Member, Shape};
use crate::sandbox::salesforce::soql::render::Renderer;
use crate::sandbox::salesforce::value::key_of;
use crate::sandbox::salesforce::write::check;

/// From this version on an upsert that updates answers 200 with a body, before it 204.
const UPSERT_BODY_VERSION: u32 = 46;

impl Service {
    /// `POST …/sobjects/X`
    pub(in crate::sandbox::salesforce) fn create(
        &self,
        object: &Arc<Object>,
        values: &Map<String, Value>,
        version: &str,
    ) -> Result<Answer, Vec<ApiError>> {
        let id = self.write_record(|writer| writer.insert(object, values))?;
        let mut answer = Answer::json(201, &json!({"id": id, "success": true, "errors": []}));
        answer.location = Some(format!("/services/data/v{version}/sobjects/{}/{id}", object.name));
        Ok(answer)
    }

    /// `PATCH …/sobjects/X/Id`
    pub(in crate::sandbox::salesforce) fn change(
        &self,
        object: &Arc<Object>,
        id: &str,
        values: &Map<String, Value>,
    ) -> Result<Answer, Vec<ApiError>> {
        if values.keys().any(|name| name.eq_ignore_ascii_case("id")) {
            let message = "The Id field should not be specified in the sobject data.";
            return Err(vec![ApiError::new(400, "INVALID_FIELD", message)]);
        }
        self.write_record(|writer| writer.update(object, id, values)).map_err(as_not_found)?;
        Ok(Answer::empty())
    }

    /// `DELETE …/sobjects/X/Id`
    pub(in crate::sandbox::salesforce) fn remove(
        &self,
        object: &Arc<Object>,
        id: &str,
    ) -> Result<Answer, Vec<ApiError>> {
        self.write_record(|writer| writer.delete(object, id).map_err(|error| vec![error]))
            .map_err(as_not_found)?;
        Ok(Answer::empty())
    }

    /// `PATCH …/sobjects/X/Ext__c/value`
    pub(in crate::sandbox::salesforce) fn upsert(
        &self,
        object: &Arc<Object>,
        field: &str,
        key: &str,
        values: &Map<String, Value>,
        paging: Paging<'_>,
    ) -> Result<Answer, Vec<ApiError>> {
        if values.keys().any(|name| name.eq_ignore_ascii_case(field)) {
            let message = format!("The {field} field should not be specified in the sobject data.");
            return Err(vec![ApiError::new(400, "INVALID_FIELD", message)]);
        }
        let key = Value::String(key.to_owned());
        let done = self.write_record(|writer| writer.upsert(object, field, &key, values))?;
        let version = paging.version;
        Ok(match done {
            Upserted::Created(id) => Answer::json(
                201,
                &json!({"id": id, "success": true, "errors": [], "created": true}),
            ),
            Upserted::Updated(id) if paging.version_number >= UPSERT_BODY_VERSION => Answer::json(
                200,
                &json!({"id": id, "success": true, "errors": [], "created": false}),
            ),
            Upserted::Updated(_) => Answer::empty(),
            Upserted::Several(ids) => several(object, &ids, version),
        })
    }

    /// `GET …/sobjects/X/Id`
    pub(in crate::sandbox::salesforce) fn record_by_id(
        &self,
        object: &Arc<Object>,
        id: &str,
        fields: Option<&str>,
        version: &str,
    ) -> Answer {
        let shape = match shape(object, fields) {
            Ok(shape) => shape,
            Err(error) => return error.into(),
        };
        let store = self.read();
        let table = store.table(&object.name);
        let row = id::to_18(id).and_then(|id| table.and_then(|table| table.live_row(&id)));
        let Some(row) = row else { return ApiError::not_found().into() };
        let deleted = Deleted::Hidden;
        let renderer = Renderer { store: &store, cursors: &self.cursors, version, deleted };
        Answer::text(200, renderer.one(object, &shape, row))
    }

    /// `GET …/sobjects/X/Ext__c/value`
    pub(in crate::sandbox::salesforce) fn record_by_key(
        &self,
        object: &Arc<Object>,
        field: &str,
        key: &str,
        fields: Option<&str>,
        version: &str,
    ) -> Answer {
        let Some(field) = object.field(field).filter(|field| field.external_id) else {
            return no_external_id(field).into();
        };
        let key = key_of(field, Some(&Value::String(key.to_owned())));
        let found =
            key.map(|key| check::holders(&self.read(), object, field, &key)).unwrap_or_default();
        match found.as_slice() {
            [] => ApiError::not_found().into(),
            [id] => self.record_by_id(object, id, fields, version),
            _ => several(object, &found, version),
        }
    }

    fn write_record<T>(
        &self,
        work: impl FnOnce(&mut Writer<'_>) -> Result<T, Vec<ApiError>>,
    ) -> Result<T, Vec<ApiError>> {
        let done = self.write(|store, changes| {
            let mark = changes.mark();
            let mut writer = Writer::new(&self.org, store, changes);
            let done = work(&mut writer);
            if done.is_err() {
                writer.undo_to(mark);
            }
            done
        });
        done.map_err(|error| vec![error])?
    }
}

/// On a record's own resource a missing record is a missing resource.
fn as_not_found(errors: Vec<ApiError>) -> Vec<ApiError> {
    errors
        .into_iter()
        .map(|error| match error.code {
            "INVALID_CROSS_REFERENCE_KEY" if error.fields.as_ref().is_some_and(Vec::is_empty) => {
                ApiError::not_found()
            }
            "MALFORMED_ID" if error.fields.as_ref().is_some_and(|f| f == &["Id"]) => {
                let message = "Provided external ID field does not exist or is not accessible";
                ApiError::new(404, "NOT_FOUND", message)
            }
            _ => error,
        })
        .collect()
}

fn several(object: &Object, ids: &[String], version: &str) -> Answer {
    let urls: Vec<String> = ids
        .iter()
        .map(|id| format!("/services/data/v{version}/sobjects/{}/{id}", object.name))
        .collect();
    Answer::json(300, &json!(urls))
}

/// The fields of a record: all, or those of a `fields` list.
pub(super) fn shape(object: &Object, fields: Option<&str>) -> Result<Shape, ApiError> {
    let Some(fields) = fields else {
        let members = object.fields.iter().cloned().map(Member::Field).collect();
        return Ok(Shape { members });
    };
    let mut members = Vec::new();
    for name in fields.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let Some(field) = object.field(name) else {
            let message = format!("No such column '{name}' on sobject of type {}", object.name);
            return Err(ApiError::new(400, "INVALID_FIELD", message));
        };
        members.push(Member::Field(field.clone()));
    }
    Ok(Shape { members })
}
