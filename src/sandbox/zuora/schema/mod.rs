//! What an object may hold when it is written: the project's own JSON Schemas, and a check of a
//! body against them that yields every violation.
//!
//! Only the subset of JSON Schema that those files use is understood. What a schema says beyond
//! it is refused when the service opens, so that no rule is silently without effect.

mod check;
mod conditions;
mod custom;
mod subset;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub use check::{check, check_request};

use super::version::WsdlVersion;
use crate::sandbox::SandboxError;

/// For what a body is meant; it decides which fields must and which may be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A new object: `required` holds.
    Create,
    /// A PUT of one object: `x-update-required` holds.
    Replace,
    /// An item of `action/update`: nothing is required.
    Change,
}

/// What is wrong with one place of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViolationKind {
    /// The object has no such field; whether that is an error depends on the request.
    Unknown,
    /// A required field is not there.
    Missing,
    /// The value has another JSON type.
    Type,
    /// The value is not in the list.
    Enum,
    /// A text is too long or too short.
    Length,
    /// A text is not a date, a number has too many digits, a character is not supported.
    Format,
    /// A number is out of its bounds.
    Range,
}

/// One place of a body that breaks its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer of the place.
    pub pointer: String,
    /// What is wrong with it.
    pub kind: ViolationKind,
    /// The same for a reader.
    pub message: String,
}

/// The schema of one object.
#[derive(Debug, Clone)]
pub struct Schema {
    object: String,
    root: Value,
}

impl Schema {
    /// Reads one schema.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(object: &str, text: &str) -> Result<Self, String> {
        let root: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        subset::verify(&root)?;
        Ok(Self { object: object.to_owned(), root })
    }

    /// Name of the object, e.g. `ProductRatePlan`.
    #[must_use]
    pub fn object(&self) -> &str {
        &self.object
    }

    /// The fields that the object has, without the tenant's own.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.root
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, schema)| (name.as_str(), schema))
    }

    /// The names listed under a key of the root, such as `required`.
    #[must_use]
    pub fn names(&self, key: &str) -> Vec<&str> {
        self.root
            .get(key)
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default()
    }

    /// Whether a field exists in this WSDL version; what the schema does not name always does.
    #[must_use]
    pub fn is_in(&self, name: &str, wsdl: WsdlVersion) -> bool {
        let first =
            self.root.get("properties").and_then(|fields| fields.get(name)?.get("x-min-wsdl"));
        wsdl.has(name) && first.and_then(Value::as_u64).is_none_or(|first| wsdl.is_from(first))
    }

    /// The value that a field has when it is not sent.
    #[must_use]
    pub fn default_of(&self, name: &str) -> Option<&Value> {
        self.root.get("properties")?.get(name)?.get("default")
    }

    /// `x-required-when`: the fields that values of other fields make mandatory and that are not
    /// there. In a condition an absent field has its `default`.
    #[must_use]
    pub fn missing_when(&self, fields: &Map<String, Value>) -> Vec<&str> {
        let value_of = |name: &str| {
            let schema = self.root.get("properties").and_then(|known| known.get(name));
            fields.get(name).or_else(|| schema?.get("default")).unwrap_or(&Value::Null)
        };
        let holds = |(field, values): (&String, &Value)| {
            let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
            values.contains(value_of(field))
        };
        let rules = self.root.get("x-required-when").and_then(Value::as_array);
        let mut missing = Vec::new();
        for rule in rules.into_iter().flatten() {
            let conditions = rule.get("when").and_then(Value::as_object);
            if !conditions.is_some_and(|conditions| conditions.iter().all(holds)) {
                continue;
            }
            let required = rule.get("require").and_then(Value::as_array);
            let names = required.into_iter().flatten().filter_map(Value::as_str);
            missing.extend(names.filter(|name| fields.get(*name).is_none_or(Value::is_null)));
        }
        missing
    }
}

/// The schemas of all objects that can be written.
#[derive(Debug, Default)]
pub struct Schemas {
    by_object: BTreeMap<String, Schema>,
}

impl Schemas {
    /// Reads the schemas; each comes with the name of its object.
    ///
    /// # Errors
    /// [`SandboxError::Description`] when a text is no JSON Schema of the subset.
    pub fn parse(texts: &[(String, Cow<'static, str>)]) -> Result<Self, SandboxError> {
        let mut by_object = BTreeMap::new();
        for (object, text) in texts {
            let failed =
                |reason: String| SandboxError::Description { object: object.clone(), reason };
            let schema = Schema::parse(object, text).map_err(failed)?;
            by_object.insert(object.clone(), schema);
        }
        Ok(Self { by_object })
    }

    /// The schema of an object.
    #[must_use]
    pub fn get(&self, object: &str) -> Option<&Schema> {
        self.by_object.get(object)
    }
}

/// Takes the fields out of a body that its object does not have; by default the service ignores
/// them.
pub fn remove_unknown(body: &mut Map<String, Value>, violations: &[Violation]) {
    for violation in violations.iter().filter(|found| found.kind == ViolationKind::Unknown) {
        let mut path = violation.pointer.split('/').skip(1).map(unescape).collect::<Vec<_>>();
        let Some(name) = path.pop() else { continue };
        if let Some(parent) = descend(body, &path) {
            parent.remove(&name);
        }
    }
}

fn descend<'a>(
    body: &'a mut Map<String, Value>,
    path: &[String],
) -> Option<&'a mut Map<String, Value>> {
    let Some((first, rest)) = path.split_first() else { return Some(body) };
    let mut value = body.get_mut(first)?;
    for step in rest {
        value = match value {
            Value::Object(map) => map.get_mut(step)?,
            Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    value.as_object_mut()
}

fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}
