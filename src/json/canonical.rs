//! The canonical form of a JSON value, as a fingerprint.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Checked;
use crate::value::{Fingerprint, FingerprintOf, parse_decimal, write_decimal};

/// The fingerprint of a value: equal for values that mean the same.
///
/// Members are sorted, numbers lose trailing zeros and exponents, escapes are resolved. A number
/// that has more digits than can be kept exactly stands for itself as text.
pub fn fingerprint(value: Checked<'_>) -> Fingerprint {
    // A checked text always parses; were it not so, its text would stand for it.
    match Value::deserialize(&mut serde_json::Deserializer::from_str(value.text())) {
        Ok(tree) => add(FingerprintOf::kind("json"), &tree).end(),
        Err(_) => FingerprintOf::kind("text").text(value.text()).end(),
    }
}

fn add(so_far: FingerprintOf, value: &Value) -> FingerprintOf {
    match value {
        Value::Null => so_far.text("null"),
        Value::Bool(true) => so_far.text("true"),
        Value::Bool(false) => so_far.text("false"),
        Value::Number(number) => so_far.text("number").text(&canonical_number(number.as_str())),
        Value::String(text) => so_far.text("text").text(text),
        Value::Array(items) => {
            let so_far = so_far.text("list").text(&items.len().to_string());
            items.iter().fold(so_far, add)
        }
        Value::Object(members) => add_members(so_far, members),
    }
}

fn add_members(so_far: FingerprintOf, members: &Map<String, Value>) -> FingerprintOf {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by_key(|(name, _)| *name);
    let so_far = so_far.text("object").text(&sorted.len().to_string());
    sorted.into_iter().fold(so_far, |so_far, (name, value)| add(so_far.text(name), value))
}

fn canonical_number(text: &str) -> String {
    parse_decimal(text).map_or_else(
        || text.to_owned(),
        |number| {
            let mut out = Vec::new();
            write_decimal(number, &mut out);
            String::from_utf8_lossy(&out).into_owned()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Fingerprint {
        fingerprint(Checked::check(text).expect(text))
    }

    #[test]
    fn equal_for_what_means_the_same() {
        assert_eq!(of(r#"{"a":12.0,"b":"x"}"#), of(r#"{ "b":"\u0078", "a":12 }"#));
        assert_eq!(of("0E-9"), of("0.000"));
        assert_eq!(of("[1,2]"), of("[1.0, 2]"));
    }

    #[test]
    fn different_for_what_does_not() {
        let texts = ["null", "\"null\"", "1", "\"1\"", "[]", "{}", "[1,2]", "[2,1]", "[[1],2]"];
        for (at, a) in texts.iter().enumerate() {
            for b in &texts[at + 1..] {
                assert_ne!(of(a), of(b), "{a} {b}");
            }
        }
    }
}
