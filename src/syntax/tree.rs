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
    /// Where the text starts in the file, when the file holds it letter by letter.
    pub verbatim_at: Option<usize>,
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
        match self.scalar().and_then(|scalar| scalar.verbatim_at) {
            Some(start) => Span::new(self.span.file, start + part.start..start + part.end),
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
        Self { text: String::new(), plain: true, verbatim_at: None }
    }

    /// A scalar that stands in a file at a span.
    pub(super) fn at(text: String, plain: bool, span: Span, sources: &SourceMap) -> Self {
        let slice = sources.slice(span);
        let quoted = slice.get(1..).filter(|_| !plain && slice.starts_with(['"', '\'']));
        let verbatim_at = match quoted {
            Some(rest) if rest.starts_with(&text) => Some(span.start + 1),
            None if slice.starts_with(&text) => Some(span.start),
            _ => None,
        };
        Self { text, plain, verbatim_at }
    }
}
