//! The texts that findings point into.

use std::ops::Range;

/// One of the texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A range of bytes in one of the texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text.
    pub file: FileId,
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

impl Span {
    /// A range of a text.
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        Self { file, start: range.start, end: range.end.max(range.start) }
    }

    /// A part of this range, counted from its start.
    #[must_use]
    pub fn part(self, range: Range<usize>) -> Self {
        Self::new(self.file, self.start + range.start..self.start + range.end)
    }

    /// The bytes.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// How the texts of one map are numbered in another that took them in.
#[derive(Clone, Copy, Debug)]
pub struct Moved(u32);

impl Moved {
    /// The text in the new map.
    pub fn file(self, id: FileId) -> FileId {
        FileId(id.0.saturating_add(self.0))
    }

    /// The same range in the new map.
    pub fn span(self, span: Span) -> Span {
        Span { file: self.file(span.file), ..span }
    }
}

/// A line and a column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

#[derive(Debug)]
struct File {
    name: String,
    text: String,
    line_starts: Vec<usize>,
}

/// The texts of a compilation, by id.
#[derive(Debug, Default)]
pub struct SourceMap {
    files: Vec<File>,
}

impl SourceMap {
    /// No text yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text under the name that findings show.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let text = text.into();
        let line_starts =
            std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        let line_starts = line_starts.collect();
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(File { name: name.into(), text, line_starts });
        id
    }

    /// Takes in the texts of another map. What points into that one is moved with the answer.
    pub fn take_in(&mut self, other: Self) -> Moved {
        let moved = Moved(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.extend(other.files);
        moved
    }

    fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(usize::try_from(id.0).ok()?)
    }

    /// The name of a text.
    pub fn name(&self, id: FileId) -> &str {
        self.file(id).map_or("", |file| &file.name)
    }

    /// A whole text.
    pub fn text(&self, id: FileId) -> &str {
        self.file(id).map_or("", |file| &file.text)
    }

    /// What stands in a range.
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file).get(span.range()).unwrap_or_default()
    }

    /// The line and column where a range starts.
    pub fn place(&self, span: Span) -> Place {
        self.place_of(span.file, span.start)
    }

    /// The line and column where a range ends.
    pub fn end_place(&self, span: Span) -> Place {
        self.place_of(span.file, span.end)
    }

    fn place_of(&self, file: FileId, at: usize) -> Place {
        let Some(file) = self.file(file) else { return Place { line: 1, column: 1 } };
        let line = file.line_starts.partition_point(|start| *start <= at).max(1);
        let start = file.line_starts.get(line - 1).copied().unwrap_or_default();
        let column = file.text.get(start..at).map_or(0, |before| before.chars().count());
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Place { line: small(line), column: small(column + 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_characters_from_one() {
        let mut map = SourceMap::new();
        let file = map.add("a.yaml", "a: 1\nbü: c\n");
        let place = |start, end| map.place(Span::new(file, start..end));
        assert_eq!(place(0, 1), Place { line: 1, column: 1 });
        assert_eq!(place(5, 8), Place { line: 2, column: 1 });
        assert_eq!(place(10, 11), Place { line: 2, column: 5 });
    }
}
