//! The members of an object as slices of its text, and objects written member by member.

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Checked, JsonError};

/// The members of one object, in the order in which they stand, each value as it was written.
#[derive(Clone, Debug, Default)]
pub struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Splits a text that should be an object.
    ///
    /// # Errors
    /// [`JsonError`] when it is something else.
    pub fn of(text: &'a str) -> Result<Self, JsonError> {
        serde_json::from_str(text).map_err(|fault| JsonError::of(&fault, 0))
    }

    /// The value of a member; of several with one name the last one counts, as everywhere.
    pub fn get(&self, name: &str) -> Option<Checked<'a>> {
        let member = self.0.iter().rev().find(|(member, _)| member == name);
        member.map(|(_, value)| Checked::of_raw(value))
    }

    /// The value of a member that is there and not null.
    pub fn get_set(&self, name: &str) -> Option<Checked<'a>> {
        self.get(name).filter(|value| value.text() != "null")
    }

    /// The text of a member that is a text.
    pub fn get_text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name).and_then(Checked::as_text)
    }

    /// The members in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Checked<'a>)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), Checked::of_raw(value)))
    }
}

impl<'a> Checked<'a> {
    /// The items of a list, each as it was written; `None` for anything else.
    pub fn as_list(self) -> Option<Vec<Checked<'a>>> {
        let items: Vec<&'a RawValue> = serde_json::from_str(self.text()).ok()?;
        Some(items.into_iter().map(Checked::of_raw).collect())
    }

    /// The members of an object; `None` for anything else.
    pub fn as_members(self) -> Option<Members<'a>> {
        Members::of(self.text()).ok()
    }

    /// A text, its escapes resolved; `None` for anything else.
    pub fn as_text(self) -> Option<Cow<'a, str>> {
        #[derive(serde::Deserialize)]
        struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
        serde_json::from_str(self.text()).ok().map(|Text(text)| text)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Split;
        impl<'de> Visitor<'de> for Split {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(name) = map.next_key::<Name<'de>>()? {
                    members.push((name.0, map.next_value::<&'de RawValue>()?));
                }
                Ok(members)
            }
        }
        #[derive(serde::Deserialize)]
        struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
        deserializer.deserialize_map(Split).map(Self)
    }
}

/// An object that is written member by member; the values are JSON texts already.
#[derive(Clone, Debug)]
pub struct ObjectText(String);

impl Default for ObjectText {
    fn default() -> Self {
        Self(String::from("{"))
    }
}

impl ObjectText {
    /// An object without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a member; the value must be one JSON value.
    pub fn push(&mut self, name: &str, value: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(&text_literal(name));
        self.0.push(':');
        self.0.push_str(value);
    }

    /// Adds a member that is a text.
    pub fn push_text(&mut self, name: &str, text: &str) {
        self.push(name, &text_literal(text));
    }

    /// The text of the object.
    pub fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// The list of values that are JSON texts already.
pub fn list_text<I: IntoIterator<Item: AsRef<str>>>(items: I) -> String {
    let mut out = String::from("[");
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(item.as_ref());
    }
    out.push(']');
    out
}

/// A text as a JSON text, quoted and escaped.
pub fn text_literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_digits_and_resolves_escaped_names() {
        let text = r#"{"b": 1.10, "a\u0041":"x\n", "c":null, "b":2e3}"#;
        let members = Members::of(text).expect("object");
        let names: Vec<_> =
            members.iter().map(|(name, value)| (name.to_owned(), value.text())).collect();
        let expected = [("b", "1.10"), ("aA", "\"x\\n\""), ("c", "null"), ("b", "2e3")];
        assert_eq!(names, expected.map(|(name, value)| (name.to_owned(), value)));
        assert_eq!(members.get("b").map(Checked::text), Some("2e3"));
        assert_eq!(members.get_text("aA").as_deref(), Some("x\n"));
        assert!(members.get_set("c").is_none());
        assert!(Members::of("[1]").is_err());
    }

    #[test]
    fn writes_objects_and_lists() {
        let mut object = ObjectText::new();
        object.push("a\"b", "1.0");
        object.push_text("c", "é\n");
        assert_eq!(object.end(), "{\"a\\\"b\":1.0,\"c\":\"é\\n\"}");
        assert_eq!(ObjectText::new().end(), "{}");
        assert_eq!(list_text(["1", "{}"]), "[1,{}]");
        assert_eq!(list_text(Vec::<String>::new()), "[]");
    }
}
