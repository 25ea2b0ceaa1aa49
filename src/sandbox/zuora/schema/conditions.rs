//! Rules that bind the fields of one object to each other: one of several, a member by its type,
//! a field that others require or forbid.

use serde_json::{Map, Value};

use super::ViolationKind;

/// A rule that an object breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The field that is missing or too much.
    pub field: String,
    /// What is wrong with it.
    pub kind: ViolationKind,
    /// The same for a reader.
    pub message: String,
    /// Why the rule exists.
    pub reason: String,
}

/// All rules of a schema that an object breaks.
#[must_use]
pub fn broken(schema: &Value, fields: &Map<String, Value>) -> Vec<Broken> {
    let object = Object { schema, fields };
    let mut found = Vec::new();
    for rule in rules(schema, "x-required-when").filter(|rule| object.meets(rule)) {
        let missing = names(rule, "require").into_iter().filter(|name| !object.has(name));
        found.extend(missing.map(|name| missing_one(name, rule)));
    }
    for rule in rules(schema, "x-forbidden-when").filter(|rule| object.meets(rule)) {
        // What the service takes without effect is no reason to refuse.
        if rule.get("tolerated") != Some(&Value::Bool(true)) {
            let there = names(rule, "forbid").into_iter().filter(|name| object.has(name));
            found.extend(there.map(|name| too_much(name, rule)));
        }
    }
    for rule in rules(schema, "x-at-least-one").filter(|rule| object.meets(rule)) {
        found.extend(object.at_least_one(rule));
    }
    for rule in rules(schema, "x-exactly-one") {
        let there = names(rule, "fields").into_iter().filter(|name| object.has(name));
        found.extend(object.at_least_one(rule));
        found.extend(there.skip(1).map(|name| too_much(name, rule)));
    }
    if let Some(rule) = schema.get("x-variants") {
        found.extend(object.variant(rule));
    }
    found
}

struct Object<'a> {
    schema: &'a Value,
    fields: &'a Map<String, Value>,
}

impl Object<'_> {
    fn has(&self, name: &str) -> bool {
        self.fields.get(name).is_some_and(|value| !value.is_null())
    }

    /// The value of a field in a condition: an absent one has its default.
    fn value(&self, name: &str) -> Option<&Value> {
        let written = self.fields.get(name).filter(|value| !value.is_null());
        written.or_else(|| self.schema.get("properties")?.get(name)?.get("default"))
    }

    /// Whether the condition of a rule holds; a rule without one always does.
    fn meets(&self, rule: &Value) -> bool {
        let conditions = rule.get("when").and_then(Value::as_object);
        conditions.into_iter().flatten().all(|(name, values)| {
            let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
            self.value(name).is_some_and(|value| values.contains(value))
        })
    }

    fn at_least_one(&self, rule: &Value) -> Option<Broken> {
        let fields = names(rule, "fields");
        if fields.iter().any(|name| self.has(name)) {
            return None;
        }
        Some(missing_one(&fields.join(" or "), rule))
    }

    /// The member that the object's type names must be there, and no other.
    fn variant(&self, rule: &Value) -> Vec<Broken> {
        let by = rule.get("by").and_then(Value::as_str).unwrap_or_default();
        let Some(members) = rule.get("members").and_then(Value::as_object) else {
            return Vec::new();
        };
        let Some(chosen) = self.fields.get(by).and_then(Value::as_str) else { return Vec::new() };
        let Some(member) = members.get(chosen).and_then(Value::as_str) else { return Vec::new() };
        let is_optional = names(rule, "optional").contains(&chosen);
        let reason = format!("the {by} is {chosen}");
        let mut found = Vec::new();
        if !is_optional && !self.has(member) {
            let (kind, field) = (ViolationKind::Missing, member.to_owned());
            let message = format!("Missing required value: {member}");
            found.push(Broken { field, kind, message, reason: reason.clone() });
        }
        let others = members.values().filter_map(Value::as_str).filter(|name| *name != member);
        for other in others.filter(|name| self.has(name)) {
            let (kind, field) = (ViolationKind::Enum, other.to_owned());
            let message = format!("{other} must not be there");
            found.push(Broken { field, kind, message, reason: reason.clone() });
        }
        found
    }
}

fn rules<'a>(schema: &'a Value, keyword: &str) -> impl Iterator<Item = &'a Value> {
    schema.get(keyword).and_then(Value::as_array).into_iter().flatten()
}

fn names<'a>(rule: &'a Value, key: &str) -> Vec<&'a str> {
    let names = rule.get(key).and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str).collect()
}

fn reason_of(rule: &Value) -> String {
    rule.get("reason").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn missing_one(name: &str, rule: &Value) -> Broken {
    let message = format!("Missing required value: {name}");
    Broken {
        field: name.to_owned(),
        kind: ViolationKind::Missing,
        message,
        reason: reason_of(rule),
    }
}

fn too_much(name: &str, rule: &Value) -> Broken {
    let message = format!("{name} must not be there");
    Broken { field: name.to_owned(), kind: ViolationKind::Enum, message, reason: reason_of(rule) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_rule_takes_one_object_and_refuses_another() {
        let reason = "so it is";
        for (rule, good, bad, field) in [
            (
                json!({"x-required-when": [
                    {"when": {"p": ["S"]}, "require": ["d"], "reason": reason}
                ]}),
                json!({"p": "S", "d": 1}),
                json!({"p": "S", "d": null}),
                "d",
            ),
            (
                json!({"x-forbidden-when": [{"when": {"p": ["S"]}, "forbid": ["d"]}]}),
                json!({"p": "T", "d": 1}),
                json!({"p": "S", "d": 1}),
                "d",
            ),
            (
                json!({"x-at-least-one": [{"when": {"t": ["TERMED"]}, "fields": ["a", "b"]}]}),
                json!({"t": "EVERGREEN"}),
                json!({"t": "TERMED"}),
                "a or b",
            ),
            (
                json!({"x-at-least-one": [{"fields": ["a", "b"]}]}),
                json!({"a": 1, "b": 1}),
                json!({}),
                "a or b",
            ),
            (
                json!({"x-exactly-one": [{"fields": ["a", "b"]}]}),
                json!({"b": 1}),
                json!({"a": 1, "b": 1}),
                "b",
            ),
            (
                json!({"x-exactly-one": [{"fields": ["a", "b"]}]}),
                json!({"b": 1}),
                json!({}),
                "a or b",
            ),
            (
                json!({"x-variants": {"by": "t", "members": {"A": "a", "B": "b"}}}),
                json!({"t": "A", "a": {}}),
                json!({"t": "A", "a": {}, "b": {}}),
                "b",
            ),
            (
                json!({"x-variants": {"by": "t", "members": {"A": "a"}, "optional": ["B"]}}),
                json!({"t": "A", "a": {}}),
                json!({"t": "A"}),
                "a",
            ),
        ] {
            let check = |body: &Value| broken(&rule, body.as_object().unwrap());
            assert_eq!(check(&good), [], "{rule} {good}");
            let found = check(&bad);
            assert_eq!(found.len(), 1, "{rule} {bad}");
            assert_eq!(found[0].field, field, "{rule} {bad}");
        }
    }

    #[test]
    fn an_optional_member_may_be_left_out() {
        let rule = json!({"x-variants": {"by": "t", "members": {"R": "r"}, "optional": ["R"]}});
        let body = json!({"t": "R"});
        assert_eq!(broken(&rule, body.as_object().unwrap()), []);
    }
}
