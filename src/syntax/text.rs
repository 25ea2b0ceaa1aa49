//! Texts with expressions in them: `"{{ record.Name }} / {{ book.key }}"`.

use std::ops::Range;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Letters that stand for themselves.
    Letters(String),
    /// An expression, by its range in the text.
    Expression(Range<usize>),
}

/// Splits a text at `{{ … }}`.
///
/// # Errors
/// The range of an opening without its end, or of a Jinja statement or comment.
pub fn parse_text(text: &str) -> Result<Vec<Part>, Range<usize>> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(found) = rest.find("{{") else {
            parts.extend(letters(text, at..text.len())?);
            break;
        };
        parts.extend(letters(text, at..at + found)?);
        let start = at + found + 2;
        let inner = text.get(start..).unwrap_or_default();
        let length = end_of_expression(inner).ok_or(at + found..text.len())?;
        parts.push(Part::Expression(start..start + length));
        at = start + length + 2;
    }
    Ok(parts)
}

/// Whether a scalar holds expressions, or statements, which [`parse_text`] refuses.
pub fn has_expressions(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// Letters hold no statement and no comment of Jinja.
fn letters(text: &str, range: Range<usize>) -> Result<Option<Part>, Range<usize>> {
    let letters = text.get(range.clone()).unwrap_or_default();
    match letters.find("{%").or_else(|| letters.find("{#")) {
        Some(found) => Err(range.start + found..range.start + found + 2),
        None => Ok((!letters.is_empty()).then(|| Part::Letters(letters.to_owned()))),
    }
}

/// Where `}}` stands outside of quotes.
fn end_of_expression(inner: &str) -> Option<usize> {
    let mut quote = None;
    let mut before = '\0';
    for (at, letter) in inner.char_indices() {
        match quote {
            Some(open) if letter == open && before != '\\' => quote = None,
            Some(_) => {}
            None if matches!(letter, '"' | '\'') => quote = Some(letter),
            None if inner.get(at..at + 2) == Some("}}") => return Some(at),
            None => {}
        }
        before = letter;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_expressions_outside_of_quotes() {
        let letters = |text: &str| Part::Letters(text.into());
        assert_eq!(parse_text("{{ '{%' }}"), Ok(vec![Part::Expression(2..8)]));
        assert_eq!(
            parse_text("a {{ b ~ '}}' }}c"),
            Ok(vec![letters("a "), Part::Expression(4..14), letters("c")])
        );
        assert_eq!(parse_text("plain"), Ok(vec![letters("plain")]));
        assert_eq!(parse_text("a {{ b"), Err(2..6));
        assert_eq!(parse_text("{% if x %}"), Err(0..2));
    }
}
