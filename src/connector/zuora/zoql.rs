//! ZOQL: the text of a question, within its limits.
//!
//! "Zuora Object Query Language": up to 200 conditions and 10,000 characters, keywords in lower
//! case, no parentheses, `and` binds tighter than `or`.

use super::broken;
use crate::{
    connector::{CallError, KeyValues},
    json::Checked,
};

/// Conditions in one question.
pub(super) const CONDITIONS_MAX: usize = 200;

/// Characters in one question.
const CHARACTERS_MAX: usize = 10_000;

/// The words that stand for a way to recognise an object: its conditions, joined by `and`.
pub(super) struct Recognised {
    text: String,
    conditions: usize,
}

impl Recognised {
    /// One field with one value.
    pub(super) fn by(field: &str, value: &str) -> Self {
        Self { text: format!("{field} = {}", quoted(value)), conditions: 1 }
    }

    /// All fields of a key.
    pub(super) fn by_key(object: &str, key: &KeyValues) -> Result<Self, CallError> {
        let fault = |said: String| broken(format!("find {object}"), said);
        let mut parts = Vec::new();
        for (field, value) in key {
            check_name(object, field)?;
            let value = Checked::check(value).map_err(|error| fault(error.to_string()))?;
            if value.text().starts_with(['{', '[']) {
                return Err(fault(format!("`{field}` holds no plain value, and cannot be a key")));
            }
            let literal =
                value.as_text().map_or_else(|| value.text().to_owned(), |text| quoted(&text));
            parts.push(format!("{field} = {literal}"));
        }
        if parts.is_empty() {
            return Err(fault("a key without fields".to_owned()));
        }
        Ok(Self { text: parts.join(" and "), conditions: parts.len() })
    }
}

/// The questions that ask for all of these, as few as the limits allow.
pub(super) fn questions(object: &str, fields: &[&str], any: &[Recognised]) -> Vec<String> {
    let head = format!("select {} from {object} where ", fields.join(","));
    let mut questions: Vec<String> = Vec::new();
    let mut used = 0;
    for one in any {
        let room = questions.last_mut().filter(|question| {
            used + one.conditions <= CONDITIONS_MAX
                && question.chars().count() + " or ".len() + one.text.chars().count()
                    <= CHARACTERS_MAX
        });
        match room {
            Some(question) => {
                question.push_str(" or ");
                question.push_str(&one.text);
                used += one.conditions;
            }
            None => {
                questions.push(format!("{head}{}", one.text));
                used = one.conditions;
            }
        }
    }
    questions
}

/// The question for all objects.
pub(super) fn all(object: &str, fields: &[&str]) -> String {
    format!("select {} from {object}", fields.join(","))
}

/// Refuses a name that could say more than a name.
pub(super) fn check_name(object: &str, name: &str) -> Result<(), CallError> {
    let fits =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if fits {
        return Ok(());
    }
    Err(broken(format!("find {object}"), format!("`{name}` is no name of an object or a field")))
}

/// A text in single quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_keys_without_parentheses() {
        let key = |name: &str| {
            vec![("Name".to_owned(), name.to_owned()), ("Grade".to_owned(), "1.0".to_owned())]
        };
        let any = ["\"O'Brien \\\\ Co\"", "\"b\""]
            .map(|name| Recognised::by_key("X", &key(name)).expect("key"));
        let expected = r"select Id from X where Name = 'O\'Brien \\ Co' and Grade = 1.0 or Name = 'b' and Grade = 1.0";
        assert_eq!(questions("X", &["Id"], &any), [expected]);
    }

    #[test]
    fn stays_within_both_limits() {
        let short: Vec<_> = (0..450).map(|n| Recognised::by("Id", &n.to_string())).collect();
        let asked = questions("X", &["Id"], &short);
        let counts: Vec<usize> =
            asked.iter().map(|question| question.matches(" = ").count()).collect();
        assert_eq!(counts, [200, 200, 50]);
        let long: Vec<_> = (0..100).map(|_| Recognised::by("Name", &"n".repeat(250))).collect();
        let asked = questions("X", &["Id"], &long);
        assert!(asked.len() > 2 && asked.iter().all(|question| question.len() <= 10_000));
        assert_eq!(
            asked.iter().map(|question| question.matches(" = ").count()).sum::<usize>(),
            100
        );
    }

    #[test]
    fn refuses_names_and_keys_that_are_none() {
        assert!(Recognised::by_key("X", &vec![("a = 1 or b".into(), "1".into())]).is_err());
        assert!(Recognised::by_key("X", &vec![("a".into(), "[1]".into())]).is_err());
        assert!(Recognised::by_key("X", &Vec::new()).is_err());
    }

    proptest::proptest! {
        /// No text leaves its quotes: each quote and backslash inside has a backslash before it.
        #[test]
        fn quotes_any_text(text in "\\PC*|['\\\\ab]*") {
            let literal = quoted(&text);
            let inside = literal.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).expect("quotes");
            let mut back = String::new();
            let mut characters = inside.chars();
            while let Some(character) = characters.next() {
                proptest::prop_assert_ne!(character, '\'');
                back.push(if character == '\\' { characters.next().expect("a pair") } else { character });
            }
            proptest::prop_assert_eq!(back, text);
        }
    }
}
