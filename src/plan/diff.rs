//! The difference between a wished value and the one that is there, part by part.
//!
//! What the target has beyond the wish (ids of tiers, defaults) is no difference: a mapping speaks
//! only of what it sends.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::value::parse_decimal;

/// A part of a value that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its path from the field on, the name of the field first.
    pub path: String,
    /// What is there.
    pub old: Option<Value>,
    /// What is wished for; `None` for an item that is there and not wished for.
    pub new: Option<Value>,
}

/// Compares a field's wished value with the one that is there.
///
/// `item_key` names the members that tell one item of a list from its siblings; without them, or
/// where they fail to, items are compared by position.
pub fn diff(
    field: &str,
    wished: &Value,
    there: Option<&Value>,
    item_key: &[String],
) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(field, wished, there.unwrap_or(&Value::Null), item_key, &mut found);
    found
}

fn compare(path: &str, new: &Value, old: &Value, item_key: &[String], found: &mut Vec<Difference>) {
    match (new, old) {
        (Value::Object(new), Value::Object(old)) => {
            for (name, new) in new {
                let old = old.get(name).unwrap_or(&Value::Null);
                compare(&format!("{path}.{name}"), new, old, item_key, found);
            }
        }
        (Value::Array(new), Value::Array(old)) if of_objects(new) || of_objects(old) => {
            compare_items(path, new, old, item_key, found);
        }
        (new, old) if same(new, old) => {}
        (new, old) => found.push(Difference {
            path: path.to_owned(),
            old: Some(old.clone()).filter(|old| !old.is_null()),
            new: Some(new.clone()),
        }),
    }
}

fn of_objects(items: &[Value]) -> bool {
    items.first().is_some_and(Value::is_object)
}

fn compare_items(
    path: &str,
    new: &[Value],
    old: &[Value],
    item_key: &[String],
    found: &mut Vec<Difference>,
) {
    let named = by_key(new, item_key).zip(by_key(old, item_key));
    let (new, old) = named.unwrap_or_else(|| (by_position(new), by_position(old)));
    let names: BTreeSet<_> = new.keys().chain(old.keys()).collect();
    for name in names {
        let path = format!("{path}[{}]", name.1);
        match (new.get(name), old.get(name)) {
            (Some(new), Some(old)) => compare(&path, new, old, item_key, found),
            (new, old) => found.push(Difference {
                path,
                old: old.map(|old| (*old).clone()),
                new: new.map(|new| (*new).clone()),
            }),
        }
    }
}

/// Items by name; the number before the name keeps the order of positions.
type Items<'a> = BTreeMap<(usize, String), &'a Value>;

/// Items by the values of their key; `None` where an item has no key or two items share one.
fn by_key<'a>(items: &'a [Value], item_key: &[String]) -> Option<Items<'a>> {
    let mut named = Items::new();
    for item in items {
        let name = key_of(item.as_object()?, item_key)?;
        if named.insert((0, name), item).is_some() {
            return None;
        }
    }
    Some(named)
}

fn key_of(item: &Map<String, Value>, item_key: &[String]) -> Option<String> {
    let part = |name: &String| {
        let value = item.get(name).filter(|value| !value.is_null())?;
        Some(format!("{name}={}", plain(value)))
    };
    let parts: Vec<_> = item_key.iter().filter_map(part).collect();
    (!parts.is_empty()).then(|| parts.join(","))
}

/// A value without quotes; numbers in one spelling, so that `0` and `0.0` name one tier.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => parse_decimal(number.as_str())
            .map_or_else(|| number.to_string(), |number| number.normalize().to_string()),
        other => other.to_string(),
    }
}

fn by_position(items: &[Value]) -> Items<'_> {
    items.iter().enumerate().map(|(at, item)| ((at, at.to_string()), item)).collect()
}

/// Whether two values mean the same.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_str(), b.as_str());
            a == b || parse_decimal(a).zip(parse_decimal(b)).is_some_and(|(a, b)| a == b)
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(new: &str, old: &str, item_key: &[&str]) -> Vec<String> {
        let tree = |text| serde_json::from_str::<Value>(text).expect(text);
        let item_key: Vec<_> = item_key.iter().map(ToString::to_string).collect();
        let show = |value: Option<Value>| value.map_or("-".into(), |value| value.to_string());
        diff("F", &tree(new), Some(&tree(old)), &item_key)
            .into_iter()
            .map(|part| format!("{} {} → {}", part.path, show(part.old), show(part.new)))
            .collect()
    }

    #[test]
    fn same_meaning_is_no_difference() {
        assert!(parts("12.0", "12", &[]).is_empty());
        assert!(parts("null", "null", &[]).is_empty());
        assert!(parts(r#"{"a":1}"#, r#"{"a":1.0,"Id":"x"}"#, &[]).is_empty());
        assert!(parts(r#"["USD","EUR"]"#, r#"["USD","EUR"]"#, &[]).is_empty());
        assert_eq!(parts("0", "null", &[]), ["F - → 0"]);
        assert_eq!(parts("null", "0", &[]), ["F 0 → null"]);
    }

    #[test]
    fn names_items_by_their_key() {
        let new = r#"{"Tier":[{"C":"USD","S":0,"P":110},{"C":"EUR","S":0,"P":90}]}"#;
        let old = r#"{"Tier":[{"C":"GBP","S":0,"P":80},{"C":"USD","S":"0","P":100.0}]}"#;
        assert_eq!(
            parts(new, old, &["C", "S"]),
            [
                r#"F.Tier[C=EUR,S=0] - → {"C":"EUR","P":90,"S":0}"#,
                r#"F.Tier[C=GBP,S=0] {"C":"GBP","P":80,"S":0} → -"#,
                r#"F.Tier[C=USD,S=0].P 100.0 → 110"#,
                r#"F.Tier[C=USD,S=0].S "0" → 0"#,
            ]
        );
    }

    #[test]
    fn compares_by_position_where_keys_do_not_tell() {
        let (new, old) = (r#"[{"a":1},{"a":1}]"#, r#"[{"a":1}]"#);
        assert_eq!(parts(new, old, &["a"]), [r#"F[1] - → {"a":1}"#]);
        assert_eq!(parts(r#"["a","b"]"#, r#"["a"]"#, &[]), [r#"F ["a"] → ["a","b"]"#]);
    }
}
