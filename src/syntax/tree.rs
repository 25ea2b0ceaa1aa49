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
    /// Where the lines of a text stand that the file holds in several of them.
    lines: Vec<Line>,
}

/// A line of a text that is folded or kept in lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Line {
    /// Where it starts in the text.
    text: usize,
    /// Where it starts in the file.
    file: usize,
    /// How long it is.
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
    pub fn span_of(&self, part: std::ops::Range<usize>) -> Span {
        let at = self
            .scalar()
            .and_then(|scalar| Some((scalar.place(part.start)?, scalar.place(part.end)?)));
        match at {
            Some((start, end)) => Span::new(self.span.file, start..end),
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
        Self { text: String::new(), plain: true, verbatim_at: None, lines: Vec::new() }
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
        let lines = match verbatim_at {
            Some(_) => Vec::new(),
            None => lines(&text, slice, span.start).unwrap_or_default(),
        };
        Self { text, plain, verbatim_at, lines }
    }

    /// Where a byte of the text stands in the file.
    fn place(&self, at: usize) -> Option<usize> {
        if let Some(start) = self.verbatim_at {
            return Some(start + at);
        }
        let holds = |line: &&Line| (line.text..=line.text + line.length).contains(&at);
        self.lines.iter().find(holds).map(|line| line.file + (at - line.text))
    }
}

/// The lines of a text that stands in several lines of the file, each without its indentation;
/// `None` where the text is not just these lines, one after the other.
fn lines(text: &str, slice: &str, start: usize) -> Option<Vec<Line>> {
    let (mut lines, mut at, mut file) = (Vec::new(), 0, start);
    for written in slice.split_inclusive('\n') {
        let line = written.trim();
        let is_header = lines.is_empty() && line.starts_with(['>', '|']);
        if !line.is_empty() && !is_header && at < text.len() {
            let indent = written.len() - written.trim_start().len();
            // A quote opens the text, and is no part of it.
            let quotes = usize::from(lines.is_empty() && line.starts_with(['"', '\'']));
            let rest = text.get(at..)?;
            let written = line.get(quotes..)?.trim_end_matches(['"', '\'']);
            let kept =
                if rest.starts_with(line.get(quotes..)?) { line.get(quotes..)? } else { written };
            if !rest.starts_with(kept) {
                return None;
            }
            lines.push(Line { text: at, file: file + indent + quotes, length: kept.len() });
            at += kept.len();
            at += text
                .get(at..)?
                .chars()
                .take_while(|c| c.is_whitespace())
                .map(char::len_utf8)
                .sum::<usize>();
        }
        file += written.len();
    }
    (at >= text.len()).then_some(lines)
}
