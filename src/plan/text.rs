//! The small forms of which a plan is written: JSON texts, places, wishes and digests.
//!
//! They exist because a plan is a file: what the contracts below hold in memory gets here the form
//! in which it is saved, shown and read again.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::{Value, value::RawValue};

use crate::{
    json::{self, Checked},
    ledger::Wish,
    program::Origin,
    value::{Decimal, Fingerprint, FingerprintOf, parse_decimal, write_decimal},
};

/// One JSON value as text, with its digits as they were written, on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(String);

impl Json {
    /// Takes a text that is one JSON value; gives `None` where it is none.
    pub fn new(text: &str) -> Option<Self> {
        let checked = Checked::check(text).ok()?.text();
        if checked.contains(['\n', '\r']) {
            // A plan has one segment a line, so a value that came over several lines is rewritten.
            return serde_json::from_str::<Value>(checked).ok().map(|tree| Self::of(&tree));
        }
        Some(Self(checked.to_owned()))
    }

    /// Takes a text that is known to be one JSON value on one line.
    pub(super) fn of_one_line(text: String) -> Self {
        Self(text)
    }

    /// Writes a tree.
    pub fn of(tree: &Value) -> Self {
        Self(tree.to_string())
    }

    /// The JSON text of a text.
    pub fn of_text(text: &str) -> Self {
        Self::of(&Value::from(text))
    }

    /// The JSON text of a number.
    pub fn of_decimal(number: Decimal) -> Self {
        let mut text = Vec::new();
        write_decimal(number, &mut text);
        // Plain digits are UTF-8.
        Self(String::from_utf8(text).unwrap_or_else(|_| "0".into()))
    }

    /// The number that it is; `None` for anything else.
    pub fn decimal(&self) -> Option<Decimal> {
        parse_decimal(&self.0)
    }

    /// An object of members that are JSON texts, in their order.
    pub fn of_members<'a>(members: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut out = String::from("{");
        for (name, text) in members {
            if out.len() > 1 {
                out.push(',');
            }
            out.push_str(&Value::from(name).to_string());
            out.push(':');
            out.push_str(text);
        }
        out.push('}');
        Self(out)
    }

    /// Null.
    pub fn null() -> Self {
        Self("null".into())
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The tree.
    pub fn tree(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or(Value::Null)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.clone()).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(raw.get().to_owned()))
    }
}

/// A place in a mapping file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The file as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl From<&Origin> for Place {
    fn from(origin: &Origin) -> Self {
        Self { file: origin.file.to_string(), line: origin.line, column: origin.column }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// What identifies a wished object, as it stands in a plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WishId {
    /// The mapping.
    pub mapping: String,
    /// The resource in it.
    pub resource: String,
    /// The key as canonical text.
    pub key: String,
}

impl WishId {
    /// The fingerprint by which claims remember it.
    pub fn fingerprint(&self) -> Fingerprint {
        let kind = FingerprintOf::kind("wish");
        kind.text(&self.mapping).text(&self.resource).text(&self.key).end()
    }

    /// The form that ledgers know.
    pub fn wish(&self) -> Wish {
        let Self { mapping, resource, key } = self.clone();
        Wish { mapping, resource, key }
    }
}

impl From<&Wish> for WishId {
    fn from(wish: &Wish) -> Self {
        let Wish { mapping, resource, key } = wish.clone();
        Self { mapping, resource, key }
    }
}

impl std::fmt::Display for WishId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.resource, self.key)
    }
}

/// The digest of a JSON text, as ledgers keep it; `None` for a text that is no JSON.
pub fn digest(text: &str) -> Option<Fingerprint> {
    Checked::check(text).ok().map(json::fingerprint)
}

/// The digest of a list whose order says nothing: its items count as a set with repetitions.
pub fn digest_unordered(text: &str) -> Option<Fingerprint> {
    let Value::Array(items) = Json::new(text)?.tree() else { return digest(text) };
    let mut items: Vec<Fingerprint> =
        items.iter().map(|item| digest(&item.to_string())).collect::<Option<_>>()?;
    items.sort();
    let start = FingerprintOf::kind("unordered");
    Some(items.iter().fold(start, |so_far, item| so_far.text(&item.to_string())).end())
}

/// Digests as 32 hexadecimal digits each.
pub(super) mod digests {
    use super::{BTreeMap, Deserialize, Deserializer, Fingerprint, Serializer, de};

    pub(in crate::plan) fn serialize<S: Serializer>(
        digests: &BTreeMap<String, Fingerprint>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(digests.iter().map(|(name, digest)| (name, digest.to_string())))
    }

    pub(in crate::plan) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, Fingerprint>, D::Error> {
        let texts = BTreeMap::<String, String>::deserialize(deserializer)?;
        let read = |(name, text): (String, String)| {
            let digest = Fingerprint::parse(&text);
            digest.map(|digest| (name, digest)).ok_or_else(|| de::Error::custom("no digest"))
        };
        texts.into_iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_digits_and_stays_on_one_line() {
        assert_eq!(Json::new("12.0").expect("number").text(), "12.0");
        let text = Json::new("{\n \"a\": 1.50 }").expect("object");
        assert_eq!(text.text(), r#"{"a":1.50}"#);
        let again: Json = serde_json::from_str(&serde_json::to_string(&text).unwrap()).unwrap();
        assert_eq!(again, text);
    }
}
