//! The tree of a YAML document, with the span of everything.

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
    /// Which byte of the file each stretch of the text begins with, in order: one where it stands
    /// on one line, one for each line of a longer one. None where the file does not hold it letter
    /// by letter.
    stretches: Vec<Stretch>,
}

/// A part of a text that the file holds letter by letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    /// Its first byte in the text.
    in_text: usize,
    /// Its first byte in the file.
    in_file: usize,
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
    pub fn span_of(&self, part: std::ops::Range<usize>) -> Span {
        let places = self.scalar().and_then(|scalar| {
            let start = scalar.in_file(part.start)?;
            // The end is counted from the last byte: what follows may stand on another line.
            let last = part.end.checked_sub(1).filter(|last| *last > part.start);
            let end = last.and_then(|last| scalar.in_file(last)).unwrap_or(start);
            Some((start, if part.is_empty() { start } else { end + 1 }))
        });
        places.map_or(self.span, |(start, end)| Span::new(self.span.file, start..end))
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
        Self { text: String::new(), plain: true, stretches: Vec::new() }
    }

    /// A scalar that stands in a file at a span.
    pub(super) fn at(text: String, plain: bool, span: Span, sources: &SourceMap) -> Self {
        let slice = sources.slice(span);
        let quoted = slice.get(1..).filter(|_| !plain && slice.starts_with(['"', '\'']));
        let whole = |in_file| vec![Stretch { in_text: 0, in_file }];
        let stretches = match quoted {
            Some(rest) if rest.starts_with(&text) => whole(span.start + 1),
            None if slice.starts_with(&text) => whole(span.start),
            _ => stretches(&text, slice, span.start).unwrap_or_default(),
        };
        Self { text, plain, stretches }
    }

    /// Where the file holds a byte of the text.
    fn in_file(&self, at: usize) -> Option<usize> {
        let stretch = self.stretches.iter().rev().find(|stretch| stretch.in_text <= at)?;
        Some(stretch.in_file + at - stretch.in_text)
    }

    /// The end of the text in the file, without what a parser takes for a part of it: the line
    /// end and the comments after it.
    pub(super) fn end(&self) -> Option<usize> {
        self.in_file(self.text.trim_end().len().checked_sub(1)?).map(|last| last + 1)
    }
}

/// The stretches of a text of several lines, of which the file holds all but the blanks as they
/// are; `None` where it does not, as with escapes.
fn stretches(text: &str, slice: &str, begin: usize) -> Option<Vec<Stretch>> {
    // The mark of a block, with what is said of its end and indentation, is no part of it.
    let marked = slice.starts_with(['>', '|']);
    let from = if marked { slice.find('\n')? + 1 } else { 0 };
    let letters = |text: &'_ str| {
        let letters = text.char_indices().filter(|(_, c)| !c.is_whitespace());
        letters.collect::<Vec<(usize, char)>>()
    };
    let (wanted, held) = (letters(text), letters(slice.get(from..)?));
    let quote = usize::from(slice.starts_with(['"', '\'']));
    let mut all: Vec<Stretch> = Vec::new();
    for (at, (in_text, c)) in wanted.into_iter().enumerate() {
        let (in_slice, other) = held.get(at + quote)?;
        if c != *other {
            return None;
        }
        let in_file = begin + from + in_slice;
        let goes_on =
            all.last().is_some_and(|last| last.in_file + in_text == in_file + last.in_text);
        if !goes_on {
            all.push(Stretch { in_text, in_file });
        }
    }
    Some(all)
}
