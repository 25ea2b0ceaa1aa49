//! An OpenAPI document of Zuora, read for what it says of the objects that mappings write.
//!
//! Each schema of this program says where its object is served (`x-path`). What the document says
//! of the body of that operation is taken: types, lengths, values, what is required. It knows no
//! custom fields; those come from the tenant's describe.

use std::path::Path;

use serde_json::Value;

use super::super::{fault::Fault, set::read_text};
use crate::schema::{Claims, FieldType, TenantField, embedded_texts};

/// How deep a document may refer.
const DEPTH_MAX: usize = 16;
/// What the parts of a body are found in.
const BODY: &str = "/requestBody/content/application~1json/schema";

/// A document.
pub(super) struct Document {
    root: Value,
    /// Its name, as pins tell it.
    pub(super) name: String,
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read, or is no OpenAPI in JSON.
    pub(super) fn read(path: &Path) -> Result<Self, Fault> {
        let text = read_text(path)?;
        let way_out = "it is to be OpenAPI 3 in JSON; `yq -o=json` makes that of YAML";
        let wrong = |said: String| Fault::argument(format!("{}: {said}", path.display()), way_out);
        let root: Value = serde_json::from_str(&text).map_err(|fault| wrong(fault.to_string()))?;
        if !root.get("paths").is_some_and(Value::is_object) {
            return Err(wrong("it has no `paths`".to_owned()));
        }
        let version = root.pointer("/info/version").and_then(Value::as_str).unwrap_or_default();
        let name = format!("OpenAPI {version}").trim_end().to_owned();
        Ok(Self { root, name })
    }

    /// The objects of Zuora that it has an operation for, with their fields.
    pub(super) fn objects(&self) -> Vec<(String, Vec<TenantField>)> {
        let mut objects = Vec::new();
        for (name, text) in embedded_texts("zuora") {
            let Ok(ours) = serde_json::from_str::<Value>(&text) else { continue };
            let is_answer = ours.get("x-read-only") == Some(&Value::Bool(true));
            let path = ours.get("x-path").and_then(Value::as_str);
            let body = path.filter(|_| !is_answer).and_then(|path| self.body(path));
            objects.extend(body.map(|body| (name, self.fields(body))));
        }
        objects.sort_by(|a, b| a.0.cmp(&b.0));
        objects
    }

    /// The body of the operation that creates an object; that changes one, where none is created
    /// by itself.
    fn body(&self, path: &str) -> Option<&Value> {
        let paths = self.root.get("paths")?.as_object()?;
        let create = paths.get(path).and_then(|path| path.get("post")?.pointer(BODY));
        let one = format!("{path}/{{");
        let change = || {
            let mut of_one = paths.iter().filter(|(name, _)| {
                name.strip_prefix(&one)
                    .is_some_and(|rest| rest.ends_with('}') && !rest.contains('/'))
            });
            of_one.find_map(|(_, path)| path.get("put")?.pointer(BODY))
        };
        create.or_else(change)
    }

    fn fields(&self, body: &Value) -> Vec<TenantField> {
        let mut found = Found::default();
        self.collect(body, 0, &mut found);
        let Found { mut fields, required } = found;
        for field in &mut fields {
            field.claims.required = required.contains(&field.name);
        }
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        fields.dedup_by(|a, b| a.name == b.name);
        fields
    }

    /// The properties of a schema, of those that it refers to and of those that it is put
    /// together from.
    fn collect(&self, schema: &Value, depth: usize, found: &mut Found) {
        if depth > DEPTH_MAX {
            return;
        }
        let schema = self.resolved(schema);
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.collect(part, depth + 1, found);
        }
        for (name, property) in
            schema.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            found.fields.extend(field(name, self.resolved(property)));
        }
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        found.required.extend(required.filter_map(Value::as_str).map(str::to_owned));
    }

    fn resolved<'v>(&'v self, schema: &'v Value) -> &'v Value {
        let mut schema = schema;
        for _ in 0..DEPTH_MAX {
            let pointer = schema.get("$ref").and_then(Value::as_str);
            let target = pointer.and_then(|pointer| self.root.pointer(pointer.strip_prefix('#')?));
            let Some(target) = target else { break };
            schema = target;
        }
        schema
    }
}

#[derive(Default)]
struct Found {
    fields: Vec<TenantField>,
    required: Vec<String>,
}

/// A property; none where it is no single value.
fn field(name: &str, schema: &Value) -> Option<TenantField> {
    let text = |key: &str| schema.get(key).and_then(Value::as_str);
    let kind = match (text("type")?, text("format")) {
        ("boolean", _) => FieldType::Bool,
        ("integer", _) => FieldType::Integer,
        ("number", _) => FieldType::Number,
        ("string", Some("date")) => FieldType::Date,
        ("string", Some("date-time")) => FieldType::Instant,
        ("string", _) => FieldType::Text,
        _ => return None,
    };
    let length = schema.get("maxLength").and_then(Value::as_u64);
    let values = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    let read_only = schema.get("readOnly") == Some(&Value::Bool(true));
    Some(TenantField {
        name: name.to_owned(),
        label: None,
        length: length
            .filter(|_| kind == FieldType::Text)
            .and_then(|length| u32::try_from(length).ok()),
        kind,
        values: values.filter_map(Value::as_str).map(str::to_owned).collect(),
        claims: Claims { required: false, not_createable: read_only, not_updateable: read_only },
    })
}
