//! The tree of a YAML document, with the span of everything.

use std::ops::Range;

use crate::diag::{SourceMap, Span};

/// A node of the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// The key that it stands under; its own beginning where there is none. What is said of a whole
    /// block points here, since a block may be long.
    pub head: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Nothing at all: an empty value, `~` or `null`.
    Empty,
    /// A scalar, its text exactly as written.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A block of keys and values, in the order of the file.
    Block(Vec<(Key, Node)>),
}

/// A scalar.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar {
    /// Its text, escapes resolved and nothing else done to it.
    pub text: String,
    /// Whether it was written without quotes.
    pub plain: bool,
    /// Where its words stand in the file. Empty where the file spells them otherwise.
    words: Vec<Word>,
}

/// A word of a scalar that the file holds letter by letter. Between words the file may have other
/// blanks than the text: a folded text has lines and indentation.
#[derive(Clone, Debug, PartialEq)]
struct Word {
    /// Where it starts in the text.
    text: usize,
    /// Where it starts in the file.
    file: usize,
    /// How many bytes it has.
    length: usize,
}

/// A key of a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// Its text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

impl Node {
    /// The scalar, if it is one.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of the scalar, if it is one.
    pub fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }

    /// The items, if it is a list.
    pub fn list(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// The keys and values, if it is a block.
    pub fn block(&self) -> Option<&[(Key, Node)]> {
        match &self.kind {
            Kind::Block(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of a key of the block.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }

    /// A key of the block, with its value.
    pub fn entry(&self, key: &str) -> Option<&(Key, Node)> {
        self.block()?.iter().find(|(known, _)| known.text == key)
    }

    /// Where to point when the whole node is meant: at it where it stands on its own, at its head
    /// where nothing stands or where it is a block or list, which may be long.
    pub fn head_of_long(&self) -> Span {
        match &self.kind {
            Kind::Scalar(_) => self.span,
            _ => self.head,
        }
    }

    /// The same block with other entries.
    #[must_use]
    pub fn with_entries(&self, entries: Vec<(Key, Node)>) -> Self {
        Self { span: self.span, head: self.head, kind: Kind::Block(entries) }
    }

    /// The span of a part of the scalar's text, or of the whole scalar where the file does not
    /// hold the text letter by letter.
    pub fn span_of(&self, part: Range<usize>) -> Span {
        match self.scalar().and_then(|scalar| scalar.in_file(&part)) {
            Some(range) => Span::new(self.span.file, range),
            None => self.span,
        }
    }

    /// What it is, for a message.
    pub fn what(&self) -> &'static str {
        match &self.kind {
            Kind::Empty => "nothing",
            Kind::Scalar(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Block(_) => "a block",
        }
    }
}

impl Scalar {
    /// A scalar that no file holds, for a value that has no keys of its own.
    pub fn unwritten() -> Self {
        Self { text: String::new(), plain: true, words: Vec::new() }
    }

    /// A scalar that stands in a file at a span.
    pub(super) fn at(text: String, plain: bool, span: Span, sources: &SourceMap) -> Self {
        let slice = sources.slice(span);
        let skipped = match slice.chars().next() {
            Some('"' | '\'') if !plain => 1,
            // The first line of a block of text says how it is folded.
            Some('>' | '|') if !plain => slice.find('\n').unwrap_or(slice.len()),
            _ => 0,
        };
        let written = slice.get(skipped..).unwrap_or_default();
        let words = words(&text, written, span.start + skipped).unwrap_or_default();
        Self { text, plain, words }
    }

    /// Where a part of the text stands in the file.
    fn in_file(&self, part: &Range<usize>) -> Option<Range<usize>> {
        let behind = |word: &&Word| word.text + word.length > part.start;
        let first = self.words.iter().find(behind).or(self.words.last())?;
        let last = self.words.iter().rev().find(|word| word.text < part.end.max(1))?;
        // A part may begin or end among the blanks, and may be empty.
        let start = first.file + part.start.saturating_sub(first.text);
        let end = last.file + part.end.saturating_sub(last.text).min(last.length + 1);
        Some(start..end.max(start))
    }
}

/// The words of a text where the file has them; `None` where it spells one otherwise.
fn words(text: &str, written: &str, file: usize) -> Option<Vec<Word>> {
    let mut at = 0;
    let mut words = Vec::new();
    for (start, word) in split(text) {
        let rest = written.get(at..)?;
        let found = at + rest.len() - rest.trim_start().len();
        // What a quote ends is no blank, so that only the beginning can be compared.
        written.get(found..)?.strip_prefix(word)?;
        words.push(Word { text: start, file: file + found, length: word.len() });
        at = found + word.len();
    }
    Some(words)
}

/// The words of a text with their places.
fn split(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let start = at + rest.len() - rest.trim_start().len();
        let rest = text.get(start..)?;
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        at = start + length;
        (length > 0).then_some((start, rest.get(..length)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{diag::Findings, syntax::parse_yaml};

    #[test]
    fn parts_of_folded_texts_have_their_places() {
        let text =
            "a: >-\n  one two\n  three\nb: |\n  four\n   five\nc: 'six\n  seven'\nd: 'it''s'\n";
        let mut sources = SourceMap::new();
        let file = sources.add("t.yaml", text);
        let tree = parse_yaml(&sources, file, &mut Findings::new()).expect("a tree");
        let table = [
            ("a", "two", "two"),
            ("a", "three", "three"),
            ("a", "two three", "two\n  three"),
            ("b", "five", "five"),
            ("c", "seven", "seven"),
            // The file spells it otherwise, so that only the whole has a place.
            ("d", "it", "'it''s'"),
        ];
        for (key, part, written) in table {
            let node = tree.get(key).expect("a node");
            let at = node.text().and_then(|text| text.find(part)).expect("a part");
            assert_eq!(sources.slice(node.span_of(at..at + part.len())), written, "{key} {part}");
        }
    }
}
