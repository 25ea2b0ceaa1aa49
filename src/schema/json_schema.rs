//! JSON Schema 2020-12, the part that says what an object has, with the `x-` words of this project.
//!
//! `x-update: false`, `x-immutable`, `x-tenant`, `x-references`, `x-key`, `x-parent`, `x-unique`,
//! `x-required-when`, `x-forbidden-when`, `x-expire`, `x-custom-fields`, `x-custom-fields-of`;
//! see `schemas/README.md`.

use std::sync::Arc;

use serde_json::Value;

use super::object::{
    Condition, Field, FieldType, Limits, Object, OneOf, Rule, Unique, Values, Variants,
};
use crate::value::parse_decimal;

/// How deep schemas may nest and refer; deeper ones are taken as anything.
const DEPTH_MAX: usize = 24;

/// Reads a schema of an object.
pub(super) fn read(name: &str, text: &str) -> Result<Object, serde_json::Error> {
    let schema: Value = serde_json::from_str(text)?;
    let mut object = Reader { root: &schema }.object(&resolve_in(&schema, &schema), 0);
    name.clone_into(&mut object.name);
    Ok(object)
}

struct Reader<'a> {
    root: &'a Value,
}

impl Reader<'_> {
    fn object(&self, schema: &Value, depth: usize) -> Object {
        let required = texts(schema.get("required"));
        let mut object = Object {
            name: text(schema, "title").unwrap_or_default(),
            open: schema.get("additionalProperties") != Some(&Value::Bool(false)),
            required_when: rules(schema, "x-required-when", "require"),
            forbidden_when: rules(schema, "x-forbidden-when", "forbid"),
            exactly_one: one_of(schema, "x-exactly-one"),
            at_least_one: one_of(schema, "x-at-least-one"),
            variants: variants(schema.get("x-variants")),
            unique: unique(schema),
            parent: parent(schema.get("x-parent")),
            expire: text(schema, "x-expire"),
            custom_fields: schema.get("x-custom-fields") == Some(&Value::Bool(true)),
            custom_fields_of: text(schema, "x-custom-fields-of"),
            number: text(schema, "x-number"),
            outcome: text(schema, "x-outcome"),
            ..Object::default()
        };
        for (name, property) in
            schema.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            let field = self.field(name, property, required.contains(name), depth);
            object.fields.insert(name.clone(), Arc::new(field));
        }
        object.required = required;
        object
    }

    fn field(&self, name: &str, schema: &Value, required: bool, depth: usize) -> Field {
        let resolved = resolve_in(self.root, schema);
        let (mut kind, nullable) = self.kind(&resolved, depth);
        if let FieldType::Object(object) = &mut kind
            && object.name.is_empty()
        {
            name.clone_into(&mut Arc::make_mut(object).name);
        }
        let nullable = nullable || own_nullable(&resolved);
        let own = |key: &str| text(schema, key).or_else(|| text(&resolved, key));
        let flag =
            |key: &str| schema.get(key).or_else(|| resolved.get(key)) != Some(&Value::Bool(false));
        let number = |key: &str| {
            resolved.get(key).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok())
        };
        let limit = |key: &str| {
            let number = schema.get(key).or_else(|| resolved.get(key)).filter(|it| it.is_number());
            number.and_then(|number| parse_decimal(&number.to_string()))
        };
        let values = resolved.get("enum").and_then(Value::as_array).map(|all| {
            Values::closed(all.iter().filter(|value| !value.is_null()).map(plain).collect())
        });
        let immutable = own("x-immutable");
        Field {
            nullable,
            optional: !required,
            createable: flag("x-create"),
            updateable: flag("x-update"),
            length: number("maxLength"),
            digits: number("x-precision").zip(number("x-scale")),
            limits: Limits { least: limit("minimum"), most: limit("maximum") },
            values,
            immutable,
            tenant: own("x-tenant"),
            references: own("x-references"),
            unordered: schema.get("x-unordered") == Some(&Value::Bool(true)),
            item_key: texts(schema.get("x-key").or_else(|| resolved.get("x-key"))),
            doc: own("description"),
            ..Field::of(name, kind)
        }
    }

    /// The type, and whether null is one of its values.
    fn kind(&self, schema: &Value, depth: usize) -> (FieldType, bool) {
        let names = match schema.get("type") {
            Some(Value::String(name)) => vec![name.clone()],
            Some(Value::Array(names)) => texts(Some(&Value::Array(names.clone()))),
            _ => Vec::new(),
        };
        let nullable = names.iter().any(|name| name == "null");
        let name = names.iter().find(|name| *name != "null").map_or("", String::as_str);
        let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
        let kind = match (name, format) {
            _ if depth > DEPTH_MAX => FieldType::Any,
            ("boolean", _) => FieldType::Bool,
            ("integer", _) => FieldType::Integer,
            ("number", _) => FieldType::Number,
            ("string", "date") => FieldType::Date,
            ("string", "date-time") => FieldType::Instant,
            ("string", _) => FieldType::Text,
            ("array", _) => {
                let items = resolve_in(self.root, schema.get("items").unwrap_or(&Value::Null));
                FieldType::List(Arc::new(self.kind(&items, depth + 1).0))
            }
            ("object", _) => FieldType::Object(Arc::new(self.object(schema, depth + 1))),
            _ if schema.get("properties").is_some() => {
                FieldType::Object(Arc::new(self.object(schema, depth + 1)))
            }
            _ if schema.get("enum").is_some() => FieldType::Text,
            _ => FieldType::Any,
        };
        (kind, nullable)
    }
}

/// A schema with its `$ref` followed; the words beside the reference win.
fn resolve_in(root: &Value, schema: &Value) -> Value {
    let mut resolved = schema.clone();
    for _ in 0..DEPTH_MAX {
        let Some(pointer) = resolved.get("$ref").and_then(Value::as_str) else { break };
        let Some(target) = pointer.strip_prefix('#').and_then(|p| root.pointer(p)) else { break };
        let beside = resolved.clone();
        // An object that is defined under a name is called by it.
        let named = pointer.rsplit('/').next().map(Value::from);
        resolved = target.clone();
        if let (Some(into), Some(from)) = (resolved.as_object_mut(), beside.as_object()) {
            if let Some(name) = named.filter(|_| !into.contains_key("title")) {
                into.insert("title".to_owned(), name);
            }
            for (key, value) in from.iter().filter(|(key, _)| *key != "$ref") {
                into.insert(key.clone(), value.clone());
            }
        }
    }
    resolved
}

fn text(schema: &Value, key: &str) -> Option<String> {
    schema.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let items = list.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether null may be sent, at creation or at least in an update.
fn own_nullable(schema: &Value) -> bool {
    matches!(schema.get("x-nullable").and_then(Value::as_str), Some("always" | "update"))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn unique(schema: &Value) -> Vec<Unique> {
    let within_parent = schema.get("x-unique-within").and_then(Value::as_str) == Some("parent");
    let sets = schema.get("x-unique").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    sets.iter().map(|set| Unique { fields: texts(Some(set)), within_parent }).collect()
}

fn parent(value: Option<&Value>) -> Option<(String, String)> {
    let value = value?;
    text(value, "field").zip(text(value, "object"))
}

fn one_of(schema: &Value, key: &str) -> Vec<OneOf> {
    let rules = rules(schema, key, "fields").into_iter();
    rules.map(|Rule { when, fields, reason, .. }| OneOf { when, fields, reason }).collect()
}

fn variants(value: Option<&Value>) -> Option<Variants> {
    let value = value?;
    let members = value.get("members").and_then(Value::as_object)?.iter();
    let members = members.map(|(value, member)| (value.clone(), plain(member))).collect();
    Some(Variants { by: text(value, "by")?, members, optional: texts(value.get("optional")) })
}

fn rules(schema: &Value, key: &str, fields: &str) -> Vec<Rule> {
    let list = schema.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    list.iter()
        .map(|rule| {
            let when = rule.get("when").and_then(Value::as_object);
            let condition = |(field, values): (&String, &Value)| Condition {
                field: field.clone(),
                values: match values {
                    Value::Array(all) => all.iter().map(plain).collect(),
                    one => vec![plain(one)],
                },
            };
            Rule {
                when: when.into_iter().flatten().map(condition).collect(),
                fields: texts(rule.get(fields)),
                tolerated: rule.get("tolerated") == Some(&Value::Bool(true)),
                reason: text(rule, "reason").unwrap_or_default(),
            }
        })
        .collect()
}
