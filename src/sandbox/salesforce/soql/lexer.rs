//! Splits the text of a query into tokens, each with its place.

use super::{MALFORMED_QUERY, SoqlError};
use crate::sandbox::salesforce::value;

/// Most characters of a string in a WHERE.
const STRING_LENGTH_MAX: usize = 4_000;

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A keyword or a name.
    Word(String),
    /// A string without its quotes; `\_` and `\%` keep their backslash for LIKE.
    Text(String),
    /// A number as written.
    Number(String),
    /// A day.
    Date(String),
    /// A moment, as written.
    DateTime(String),
    /// `,`, `.`, `(`, `)` and operators.
    Sign(&'static str),
    /// The end.
    End,
}

impl Token {
    /// The token in an error message.
    #[must_use]
    pub fn shown(&self) -> &str {
        match self {
            Self::Word(text)
            | Self::Text(text)
            | Self::Number(text)
            | Self::Date(text)
            | Self::DateTime(text) => text,
            Self::Sign(sign) => sign,
            Self::End => "<EOF>",
        }
    }
}

/// Signs, the longer first.
const SIGNS: [&str; 12] = ["!=", "<>", "<=", ">=", "=", "<", ">", ",", ".", "(", ")", ":"];

/// All tokens with their byte offsets; the last one is [`Token::End`].
///
/// # Errors
/// A malformed string, number or date, or a character that is no part of SOQL.
pub fn tokens(query: &str) -> Result<Vec<(Token, usize)>, SoqlError> {
    let mut found = Vec::new();
    let mut offset = 0;
    loop {
        let rest = query.get(offset..).unwrap_or("");
        let blank = rest.len().saturating_sub(rest.trim_start().len());
        offset = offset.saturating_add(blank);
        let rest = rest.trim_start();
        let Some(first) = rest.chars().next() else {
            found.push((Token::End, offset));
            return Ok(found);
        };
        let (token, length) = if first == '\'' {
            text(rest, offset)?
        } else if first.is_ascii_alphabetic() {
            let length = run_length(rest, |c| c.is_ascii_alphanumeric() || c == '_');
            (Token::Word(rest.get(..length).unwrap_or("").to_owned()), length)
        } else if first.is_ascii_digit() || starts_number(rest) {
            number(rest, offset)?
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(sign), sign.len())
        } else {
            return Err(SoqlError::unexpected(offset, &first.to_string()));
        };
        found.push((token, offset));
        offset = offset.saturating_add(length);
    }
}

fn run_length(rest: &str, belongs: impl Fn(char) -> bool) -> usize {
    rest.find(|c| !belongs(c)).unwrap_or(rest.len())
}

/// A sign or a point with a digit behind it.
fn starts_number(rest: &str) -> bool {
    let mut letters = rest.chars();
    matches!(letters.next(), Some('-' | '+' | '.'))
        && letters.find(|c| *c != '.').is_some_and(|c| c.is_ascii_digit())
}

fn number(rest: &str, offset: usize) -> Result<(Token, usize), SoqlError> {
    let length = run_length(rest, |c| c.is_ascii_alphanumeric() || ".:+-".contains(c));
    let written = rest.get(..length).unwrap_or("");
    let token = if value::is_date(written) {
        Token::Date(written.to_owned())
    } else if value::normalize_moment(written).is_some() {
        Token::DateTime(written.to_owned())
    } else if written.bytes().all(|b| b.is_ascii_digit() || b".+-".contains(&b))
        && value::parse_number(written).is_some()
    {
        Token::Number(written.to_owned())
    } else {
        return Err(SoqlError::unexpected(offset, written));
    };
    Ok((token, length))
}

fn text(rest: &str, offset: usize) -> Result<(Token, usize), SoqlError> {
    let mut value = String::new();
    let mut letters = rest.char_indices().skip(1);
    while let Some((place, letter)) = letters.next() {
        let here = offset.saturating_add(place);
        match letter {
            '\'' if value.chars().count() > STRING_LENGTH_MAX => {
                let message = "string literal is too long: at most 4,000 characters are allowed";
                return Err(SoqlError::at(offset, MALFORMED_QUERY, message));
            }
            '\'' => return Ok((Token::Text(value), place.saturating_add(1))),
            '\\' => match letters.next().map(|(_, letter)| letter) {
                Some('u') => {
                    let digits: String =
                        letters.by_ref().take(4).map(|(_, letter)| letter).collect();
                    value.push(unicode(&digits).ok_or_else(|| bad_escape(here, &digits))?);
                }
                Some(letter) => value.push_str(
                    &escape(letter).ok_or_else(|| bad_escape(here, &letter.to_string()))?,
                ),
                None => return Err(unclosed(offset)),
            },
            '\n' | '\r' => return Err(unclosed(offset)),
            other => value.push(other),
        }
    }
    Err(unclosed(offset))
}

fn escape(letter: char) -> Option<String> {
    let plain = match letter {
        'n' | 'N' => '\n',
        'r' | 'R' => '\r',
        't' | 'T' => '\t',
        'b' | 'B' => '\u{8}',
        'f' | 'F' => '\u{c}',
        '"' | '\'' => letter,
        // In a LIKE these stand for themselves, so the backslash must still be seen there.
        '\\' | '_' | '%' => return Some(format!("\\{letter}")),
        _ => return None,
    };
    Some(plain.to_string())
}

/// The text as it is meant where wildcards mean nothing: kept backslashes are resolved.
#[must_use]
pub fn plain_text(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('\\') | None => plain.push('\\'),
                Some(wildcard) => plain.push(wildcard),
            },
            other => plain.push(other),
        }
    }
    plain
}

fn unicode(digits: &str) -> Option<char> {
    if digits.len() != 4 {
        return None;
    }
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}

fn bad_escape(offset: usize, letter: &str) -> SoqlError {
    let message = format!("Invalid string literal: invalid escape sequence '\\{letter}'");
    SoqlError::at(offset, MALFORMED_QUERY, message)
}

fn unclosed(offset: usize) -> SoqlError {
    SoqlError::at(
        offset,
        MALFORMED_QUERY,
        "line breaks not allowed in string literals or missing closing quote",
    )
}
