//! Whether a record's value meets a condition.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;

use super::parse::{Comparison, Literal, Operator};
use crate::sandbox::zuora::number;
use crate::sandbox::zuora::refusal::Refusal;

/// What a field holds, as far as a condition is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterKind {
    /// Text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A date.
    Date,
    /// A moment.
    Instant,
}

/// A condition whose value has the type of its field.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// Name of the field as the object spells it.
    pub field: String,
    operator: Operator,
    value: Option<Typed>,
}

#[derive(Debug, Clone, PartialEq)]
enum Typed {
    Text(String),
    Number(Decimal),
    Boolean(bool),
    Date(Date),
    Instant(Timestamp),
}

impl Filter {
    /// Gives a condition the type of its field.
    ///
    /// # Errors
    /// `INVALID_VALUE` when the value is none of that type, or the operator not for it.
    pub fn new(field: &str, kind: FilterKind, comparison: &Comparison) -> Result<Self, Refusal> {
        let operator = comparison.operator;
        let value = match &comparison.literal {
            Literal::Null => None,
            Literal::Quoted(text) => Some(typed(kind, text, Quotes::Yes)),
            Literal::Bare(text) => Some(typed(kind, text, Quotes::No)),
        };
        let value = match value {
            None => None,
            Some(Some(value)) => Some(value),
            Some(None) => {
                let message = format!("invalid value for query: {:?}", comparison.literal);
                return Err(Refusal::value(message));
            }
        };
        let ordered = !matches!(operator, Operator::Equal | Operator::NotEqual | Operator::Like);
        if kind == FilterKind::Boolean && ordered {
            return Err(Refusal::value(format!("invalid comparator for {field}")));
        }
        if operator == Operator::Like {
            check_pattern(value.as_ref())?;
        }
        Ok(Self { field: field.to_owned(), operator, value })
    }

    /// The text that the field must be equal to, if that is what the condition says.
    #[must_use]
    pub fn equal_text(&self) -> Option<&str> {
        match (&self.value, self.operator) {
            (Some(Typed::Text(text)), Operator::Equal) => Some(text),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    Yes,
    No,
}

fn typed(kind: FilterKind, text: &str, quotes: Quotes) -> Option<Typed> {
    match kind {
        FilterKind::Text if quotes == Quotes::Yes => Some(Typed::Text(text.to_owned())),
        // Without quotes a text would be another field, and fields are not compared.
        FilterKind::Text => None,
        FilterKind::Number => number::parse(text).map(Typed::Number),
        FilterKind::Boolean => text.parse().ok().map(Typed::Boolean),
        FilterKind::Date => text.get(..10)?.parse().ok().map(Typed::Date),
        FilterKind::Instant => instant(text).map(Typed::Instant),
    }
}

/// A moment; without a time it is midnight, without an offset UTC.
fn instant(text: &str) -> Option<Timestamp> {
    let date_only = text.len() == 10;
    let text = if date_only { format!("{text}T00:00:00Z") } else { text.to_owned() };
    text.parse().ok().or_else(|| format!("{text}Z").parse().ok())
}

/// `%` may stand at the beginning or at the end, not at both and not between.
fn check_pattern(value: Option<&Typed>) -> Result<(), Refusal> {
    let Some(Typed::Text(pattern)) = value else {
        return Err(Refusal::value("invalid value for like"));
    };
    let is_enclosed = pattern.len() > 1 && pattern.starts_with('%') && pattern.ends_with('%');
    let inner = pattern.strip_prefix('%').unwrap_or(pattern);
    let inner = inner.strip_suffix('%').unwrap_or(inner);
    if is_enclosed || inner.contains('%') {
        return Err(Refusal::value("only trailing or leading % allowed"));
    }
    Ok(())
}

/// Whether a value meets the condition. A null meets no condition but one about null.
#[must_use]
pub fn matches(filter: &Filter, value: &Value) -> bool {
    let Some(wanted) = &filter.value else {
        return value.is_null() == (filter.operator == Operator::Equal);
    };
    let found = match (wanted, value) {
        (_, Value::Null) => None,
        (Typed::Text(pattern), Value::String(text)) if filter.operator == Operator::Like => {
            return is_like(text, pattern);
        }
        (Typed::Text(wanted), Value::String(text)) => Some(text.as_str().cmp(wanted)),
        (Typed::Number(wanted), _) => number::decimal(value).map(|number| number.cmp(wanted)),
        (Typed::Boolean(wanted), Value::Bool(found)) => Some(found.cmp(wanted)),
        (Typed::Date(wanted), Value::String(text)) => {
            text.parse::<Date>().ok().map(|date| date.cmp(wanted))
        }
        (Typed::Instant(wanted), Value::String(text)) => {
            text.parse::<Timestamp>().ok().map(|instant| instant.cmp(wanted))
        }
        _ => None,
    };
    found.is_some_and(|ordering| holds(filter.operator, ordering))
}

fn holds(operator: Operator, ordering: Ordering) -> bool {
    match operator {
        Operator::Equal => ordering.is_eq(),
        Operator::NotEqual => ordering.is_ne(),
        Operator::Less => ordering.is_lt(),
        Operator::LessOrEqual => ordering.is_le(),
        Operator::Greater => ordering.is_gt(),
        Operator::GreaterOrEqual => ordering.is_ge(),
        Operator::Like => false,
    }
}

fn is_like(text: &str, pattern: &str) -> bool {
    match (pattern.strip_prefix('%'), pattern.strip_suffix('%')) {
        (Some(end), _) => begins_alike(text.chars().rev(), end.chars().rev()),
        (_, Some(start)) => begins_alike(text.chars(), start.chars()),
        (None, None) => {
            pattern.chars().count() == text.chars().count()
                && begins_alike(text.chars(), pattern.chars())
        }
    }
}

fn begins_alike(
    mut text: impl Iterator<Item = char>,
    mut pattern: impl Iterator<Item = char>,
) -> bool {
    pattern.all(|wanted| text.next().is_some_and(|found| wanted == '_' || wanted == found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn conditions_compare_by_the_type_of_the_field() {
        use FilterKind::{Boolean, Date, Instant, Number, Text};
        let quoted = |text: &str| Literal::Quoted(text.to_owned());
        let bare = |text: &str| Literal::Bare(text.to_owned());
        for (kind, operator, literal, value, expected) in [
            (Text, Operator::Equal, quoted("a"), json!("a"), true),
            (Text, Operator::Equal, quoted("a"), json!("A"), false),
            (Text, Operator::NotEqual, quoted("a"), Value::Null, false),
            (Text, Operator::NotEqual, Literal::Null, json!("a"), true),
            (Text, Operator::Equal, Literal::Null, Value::Null, true),
            (Text, Operator::Like, quoted("Pro%"), json!("Product"), true),
            (Text, Operator::Like, quoted("%duct"), json!("Product"), true),
            (Text, Operator::Like, quoted("Pro_uct"), json!("Product"), true),
            (Text, Operator::Like, quoted("Pro"), json!("Product"), false),
            (Number, Operator::Equal, bare("12"), json!(12.0), true),
            (Number, Operator::Greater, quoted("9"), json!(10), true),
            (Boolean, Operator::Equal, bare("true"), json!(true), true),
            (Date, Operator::LessOrEqual, quoted("2024-02-29"), json!("2024-02-29"), true),
            (
                Instant,
                Operator::Greater,
                quoted("2024-01-01T00:00:00+01:00"),
                json!("2024-01-01T00:00:00.000+00:00"),
                true,
            ),
        ] {
            let comparison = Comparison { field: "f".to_owned(), operator, literal };
            let filter = Filter::new("f", kind, &comparison).unwrap();
            assert_eq!(matches(&filter, &value), expected, "{filter:?} {value}");
        }
    }

    #[test]
    fn refuses_values_of_another_type() {
        use FilterKind::{Boolean, Date, Number, Text};
        for (kind, operator, literal) in [
            (Text, Operator::Equal, Literal::Bare("OtherField".to_owned())),
            (Number, Operator::Equal, Literal::Quoted("x".to_owned())),
            (Date, Operator::Equal, Literal::Quoted("2024-02-30".to_owned())),
            (Boolean, Operator::Less, Literal::Bare("true".to_owned())),
            (Text, Operator::Like, Literal::Quoted("%x%".to_owned())),
            (Text, Operator::Like, Literal::Quoted("a%x".to_owned())),
            (Number, Operator::Like, Literal::Bare("1".to_owned())),
        ] {
            let comparison = Comparison { field: "f".to_owned(), operator, literal };
            assert!(Filter::new("f", kind, &comparison).is_err(), "{comparison:?}");
        }
    }
}
