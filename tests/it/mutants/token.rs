//! The tokens of a mapping: names, keys, words and literals with what each of them stands for.

use std::ops::Range;

/// What a token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A field of the source.
    SourceField,
    /// A lookup or a list of children of the source, with more behind it.
    Relation,
    /// A part of what is known of a sequence: `known.own`.
    Known,
    /// A part of an answer: `$result.mrr`.
    Answer,
    /// A name where it is used.
    Name,
    /// A function, a map or a shape where it is called.
    Call,
    /// A text in an expression or a filter, with its quotes.
    Text,
    /// A number in an expression.
    Number,
    /// A field of the target.
    TargetField,
    /// A field of a key in a reference.
    ReferenceKey,
    /// A key of the language.
    GrammarKey,
    /// A word of the language: `expire`, `unique`, `clear`.
    Word,
    /// A literal for a field of the target.
    Literal,
    /// A value of an input of a decision table.
    Cell,
    /// What a row of a decision table gives.
    Output,
    /// A row of a map.
    MapRow,
    /// What a row of a map gives.
    MapValue,
    /// A case of a `$switch`.
    Case,
    /// A map or a table where it is used, or an output of one.
    Table,
    /// A shape where it is put in.
    Shape,
    /// A parameter of a shape where it is put in.
    Parameter,
    /// A resource, or the name by which another mapping is used.
    Resource,
    /// A mapping of the set.
    Mapping,
    /// An object of a system.
    Object,
    /// A system.
    System,
    /// A profile.
    Profile,
    /// A kind of action.
    Kind,
    /// A name where it is made.
    Definition,
}

/// A token.
#[derive(Clone, Debug)]
pub struct Token {
    /// What it stands for.
    pub role: Role,
    /// Where it stands in the text.
    pub at: Range<usize>,
    /// The key whose value it is, or belongs to.
    pub under: String,
}

/// Reads the tokens of an expression or a select from the letters of the file. It knows no more of
/// the two than how names, texts and numbers are told apart, so that it shares no error with the
/// compiler.
pub fn scan(text: &str, within: Range<usize>, under: &str, tokens: &mut Vec<Token>) {
    const WORDS: [&str; 10] =
        ["and", "or", "not", "in", "is", "none", "true", "false", "if", "else"];
    let bytes = text.as_bytes();
    let mut at = within.start;
    let mut base = "";
    let before = |at: usize| {
        let blank = text[within.start..at].trim_end_matches([' ', '\n']);
        blank.bytes().last().unwrap_or(b' ')
    };
    while at < within.end {
        let start = at;
        match bytes[at] {
            b'\'' => {
                at = text[at + 1..within.end].find('\'').map_or(within.end, |end| at + end + 2);
                push(tokens, Role::Text, start..at, under);
            }
            letter if letter.is_ascii_alphabetic() || letter == b'_' => {
                while at < within.end && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_') {
                    at += 1;
                }
                let word = &text[start..at];
                let next = bytes.get(at).copied().unwrap_or(b' ');
                let member = start > within.start && bytes[start - 1] == b'.';
                let role = match () {
                    () if member && base == "known" => Role::Known,
                    () if member && base == "result" => Role::Answer,
                    () if member && word == "records" => continue,
                    () if member && matches!(next, b'.' | b'[') => Role::Relation,
                    () if member => Role::SourceField,
                    () if WORDS.contains(&word) => continue,
                    () if next == b'(' || before(start) == b'|' => Role::Call,
                    () => Role::Name,
                };
                if !member {
                    base = word;
                }
                push(tokens, role, start..at, under);
            }
            b'$' | b'@' => {
                base = "";
                at += 1;
            }
            digit if digit.is_ascii_digit() => {
                while at < within.end && (bytes[at].is_ascii_digit() || bytes[at] == b'.') {
                    at += 1;
                }
                if bytes[start.saturating_sub(1)] != b'[' && before(start) != b'-' {
                    push(tokens, Role::Number, start..at, under);
                }
            }
            _ => at += 1,
        }
    }
}

/// Reads the expressions of a text.
pub fn scan_template(text: &str, within: Range<usize>, under: &str, tokens: &mut Vec<Token>) {
    let mut at = within.start;
    while let Some(open) = text[at..within.end].find("{{") {
        let start = at + open + 2;
        let Some(length) = text[start..within.end].find("}}") else { return };
        scan(text, start..start + length, under, tokens);
        at = start + length + 2;
    }
}

fn push(tokens: &mut Vec<Token>, role: Role, at: Range<usize>, under: &str) {
    tokens.push(Token { role, at, under: under.to_owned() });
}
