//! Splits a query into words, signs and texts.

/// A piece of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A keyword, a name or a bare value.
    Word(String),
    /// A text in single quotes, without them.
    Text(String),
    /// A comma.
    Comma,
    /// `=`, `!=`, `<`, `<=`, `>` or `>=`.
    Sign(&'static str),
}

/// Why a query cannot be split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFault {
    /// A text does not end.
    MissingQuote,
    /// A character that no query has.
    Character,
}

/// Splits a query.
///
/// # Errors
/// A text that does not end, or a character that no query has.
pub fn split(query: &str) -> Result<Vec<Token>, TokenFault> {
    let mut tokens = Vec::new();
    let mut rest = query.chars().peekable();
    while let Some(character) = rest.next() {
        let token = match character {
            character if character.is_whitespace() => continue,
            ',' => Token::Comma,
            '=' => Token::Sign("="),
            '!' if rest.next_if_eq(&'=').is_some() => Token::Sign("!="),
            '<' if rest.next_if_eq(&'=').is_some() => Token::Sign("<="),
            '<' => Token::Sign("<"),
            '>' if rest.next_if_eq(&'=').is_some() => Token::Sign(">="),
            '>' => Token::Sign(">"),
            '\'' => Token::Text(text(&mut rest)?),
            character if is_word_character(character) => {
                let mut word = String::from(character);
                while let Some(next) = rest.next_if(|next| is_word_character(*next)) {
                    word.push(next);
                }
                Token::Word(word)
            }
            _ => return Err(TokenFault::Character),
        };
        tokens.push(token);
    }
    Ok(tokens)
}

/// The rest of a text, up to its closing quote; a backslash keeps the next character.
fn text(rest: &mut impl Iterator<Item = char>) -> Result<String, TokenFault> {
    let mut text = String::new();
    while let Some(character) = rest.next() {
        match character {
            '\'' => return Ok(text),
            '\\' => text.push(rest.next().ok_or(TokenFault::MissingQuote)?),
            other => text.push(other),
        }
    }
    Err(TokenFault::MissingQuote)
}

/// Names, numbers, dates and times without quotes.
fn is_word_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-' | '+' | ':')
}
