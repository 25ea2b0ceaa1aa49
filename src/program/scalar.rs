//! The values of expressions: mostly ranges of the record's text, looked into only when needed.

use std::{borrow::Cow, cmp::Ordering};

use super::{code::Constant, reader::Slot};
use crate::value::{Decimal, parse_decimal, write_decimal};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'r> {
    /// There is no such member.
    Missing,
    /// Null.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number as it stands in the text.
    Token(&'r str),
    /// A number that was calculated.
    Number(Decimal),
    /// A text.
    Text(Cow<'r, str>),
    /// A text as it stands in JSON, with escapes.
    Escaped(&'r str),
    /// An object or a list as it stands in JSON.
    Whole(&'r str),
}

impl<'r> Scalar<'r> {
    /// The value of a slot.
    #[inline]
    pub(super) fn of_slot(slot: Slot, text: &'r str) -> Self {
        let part = |a: u32, b: u32| text.get(a as usize..b as usize).unwrap_or_default();
        match slot {
            Slot::Missing => Self::Missing,
            Slot::Null => Self::Null,
            Slot::Bool(truth) => Self::Bool(truth),
            Slot::Number(a, b) => Self::Token(part(a, b)),
            Slot::Text(a, b) => Self::Text(Cow::Borrowed(part(a, b))),
            Slot::Escaped(a, b) => Self::Escaped(part(a, b)),
            Slot::Whole(a, b) => Self::Whole(part(a, b)),
            // Whoever asks for the value of an object or a list with rows asks whether it is there.
            Slot::Rows(..) | Slot::Inside => Self::Bool(true),
        }
    }

    /// The value of a constant.
    pub(super) fn of_constant(constant: &'r Constant) -> Self {
        match constant {
            Constant::Null => Self::Null,
            Constant::Bool(truth) => Self::Bool(*truth),
            Constant::Number(number) => Self::Number(*number),
            Constant::Text(text) => Self::Text(Cow::Borrowed(text)),
        }
    }

    /// Whether it is missing or null.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Self::Missing | Self::Null)
    }

    /// Its number, when it is one that can be kept exactly.
    pub(super) fn number(&self) -> Option<Decimal> {
        match self {
            Self::Token(token) => parse_decimal(token),
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Its text, when it is one.
    pub(super) fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Escaped(raw) => unescape(raw).map(Cow::Owned),
            _ => None,
        }
    }

    /// It as text for a person, or for a text that is put together.
    pub(super) fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Missing => Cow::Borrowed("missing"),
            Self::Null => Cow::Borrowed("null"),
            Self::Bool(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
            Self::Token(token) => match parse_decimal(token) {
                Some(number) => Cow::Owned(shown(number)),
                None => Cow::Borrowed(token),
            },
            Self::Number(number) => Cow::Owned(shown(*number)),
            Self::Whole(raw) => Cow::Borrowed(raw),
            _ => self.text().unwrap_or_default(),
        }
    }

    /// Whether two values are the same; absent equals absent.
    pub(super) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (a, b) if a.is_absent() || b.is_absent() => a.is_absent() && b.is_absent(),
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Token(a), Self::Token(b)) if a == b => true,
            (Self::Text(a), Self::Text(b)) => a == b,
            _ => self.order(other) == Some(Ordering::Equal),
        }
    }

    /// The order of two numbers or two texts; none between others.
    pub(super) fn order(&self, other: &Self) -> Option<Ordering> {
        if let (Some(a), Some(b)) = (self.number(), other.number()) {
            return Some(a.cmp(&b));
        }
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            _ => Some(self.text()?.cmp(&other.text()?)),
        }
    }

    /// Writes it as JSON.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Missing | Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::Token(token) => out.extend_from_slice(token.as_bytes()),
            Self::Number(number) => write_decimal(*number, out),
            Self::Whole(raw) => out.extend_from_slice(raw.as_bytes()),
            Self::Escaped(raw) => {
                out.push(b'"');
                out.extend_from_slice(raw.as_bytes());
                out.push(b'"');
            }
            Self::Text(Cow::Borrowed(text)) if !needs_escape(text) => {
                out.push(b'"');
                out.extend_from_slice(text.as_bytes());
                out.push(b'"');
            }
            Self::Text(text) => write_text(text, out),
        }
    }
}

fn shown(number: Decimal) -> String {
    number.normalize().to_string()
}

fn needs_escape(text: &str) -> bool {
    text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\')
}

/// Writes a text as JSON.
pub(super) fn write_text(text: &str, out: &mut Vec<u8>) {
    // Writing a text into a vector cannot fail.
    let _ = serde_json::to_writer(out, text);
}

/// Resolves the escapes of a JSON text that stands without its quotes.
fn unescape(raw: &str) -> Option<String> {
    let mut quoted = String::with_capacity(raw.len() + 2);
    quoted.push('"');
    quoted.push_str(raw);
    quoted.push('"');
    serde_json::from_str(&quoted).ok()
}
