//! YAML to a spanned tree: the one file that names the YAML parser.
//!
//! Scalars keep their text, so `NO`, `0123` and `1.10` arrive as written. A duplicate key is a
//! fault with both places. Anchors, aliases, tags and several documents are refused: mapping files
//! have shapes for what repeats, and without aliases no bomb can be written.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span as YamlSpan};

use super::tree::{Key, Kind, Node, Scalar};
use crate::diag::{Code, Diagnostic, FileId, Findings, SourceMap, Span};

/// The largest mapping file: far above the largest that a person maintains.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// How deep blocks and lists may nest; every level costs stack in later passes.
const DEPTH_MAX: usize = 64;

/// How many keys a block has before a map of them is made.
const KEYS_WITHOUT_MAP: usize = 24;

/// Reads a document. `None` when nothing can be said about it but the findings.
pub fn parse_yaml(sources: &SourceMap, file: FileId, findings: &mut Findings) -> Option<Node> {
    let text = sources.text(file);
    if text.len() > BYTES_MAX {
        let message =
            format!("the file has {} bytes, more than the {BYTES_MAX} allowed", text.len());
        findings.push(Diagnostic::error(Code::YAML_LIMIT, Span::new(file, 0..0), message));
        return None;
    }
    let mut options = granit_parser::Options::default();
    options.strict_indentation = true;
    options.set_emit_comments(false);
    let events = Parser::new_from_str_with_options(text, options);
    let mut reader = Reader { sources, file, findings, open: Vec::new(), root: None };
    for event in events {
        match event {
            Ok((event, span)) => reader.take(event, &span)?,
            Err(fault) => {
                let at = fault.marker().byte_offset().unwrap_or(text.len()).min(text.len());
                // The parser says where the text begins that a tab breaks off.
                let tab = fault.info().contains("tab").then(|| text.get(at..)?.find('\t'));
                let at = at + tab.flatten().unwrap_or_default();
                let end = text
                    .get(at..)
                    .and_then(|rest| rest.chars().next())
                    .map_or(at, |c| at + c.len_utf8());
                let message = format!("this is not YAML: {}", fault.info());
                let finding =
                    Diagnostic::error(Code::YAML_SYNTAX, Span::new(file, at..end), message);
                reader
                    .findings
                    .push(finding.hint(
                        "often an indentation, a missing quote or a missing blank after `:`",
                    ));
                return None;
            }
        }
    }
    reader.root
}

/// A collection that is being read.
enum Open {
    List { start: usize, items: Vec<Node> },
    Block { start: usize, entries: Vec<(Key, Node)>, known: HashMap<String, Span>, key: NextKey },
}

/// The key whose value comes next.
enum NextKey {
    None,
    Text(Key),
    /// A key that was reported; its value goes nowhere.
    Refused,
}

struct Reader<'a> {
    sources: &'a SourceMap,
    file: FileId,
    findings: &'a mut Findings,
    open: Vec<Open>,
    root: Option<Node>,
}

impl Reader<'_> {
    /// Takes one event; `None` when reading must stop.
    fn take(&mut self, event: Event<'_>, span: &YamlSpan) -> Option<()> {
        let span = Span::new(self.file, span.byte_range().unwrap_or_default());
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_extras(anchor != 0, tag.is_some(), span);
                let node = self.scalar(&text, style, span);
                self.place(node);
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_extras(anchor != 0, tag.is_some(), span);
                self.enter(Open::List { start: span.start, items: Vec::new() }, span)?;
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_extras(anchor != 0, tag.is_some(), span);
                let (entries, known) = (Vec::new(), HashMap::new());
                let key = NextKey::None;
                self.enter(Open::Block { start: span.start, entries, known, key }, span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave(span),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.refuse("an alias", span);
                self.place(Node { span, head: span, kind: Kind::Empty });
            }
            Event::DocumentStart(..) if self.root.is_some() => {
                self.refuse("a second document", span);
                return None;
            }
            _ => {}
        }
        Some(())
    }

    fn refuse_extras(&mut self, anchor: bool, tag: bool, span: Span) {
        if anchor {
            self.refuse("an anchor", self.mark_before('&', span));
        }
        if tag {
            self.refuse("a tag", self.mark_before('!', span));
        }
    }

    /// The word with this mark that stands before a node.
    fn mark_before(&self, mark: char, node: Span) -> Span {
        let text = self.sources.text(self.file);
        let before = text.get(..node.start).unwrap_or_default();
        let words = before.trim_end().rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let Some(found) = before.get(words..).and_then(|word| word.find(mark)) else { return node };
        let end = before.trim_end().len();
        Span::new(self.file, words + found..end)
    }

    fn refuse(&mut self, what: &str, span: Span) {
        let message = format!("{what} is not possible in a mapping file");
        let hint = "write the value out, or make a `shape` of what repeats";
        self.findings.push(Diagnostic::error(Code::YAML_FEATURE, span, message).hint(hint));
    }

    fn scalar(&self, text: &str, style: ScalarStyle, span: Span) -> Node {
        let plain = matches!(style, ScalarStyle::Plain);
        let empty = plain && (span.start == span.end || matches!(text, "~" | "null"));
        let kind = if empty {
            Kind::Empty
        } else {
            Kind::Scalar(Scalar::at(text.to_owned(), plain, span, self.sources))
        };
        Node { span, head: span, kind }
    }

    fn enter(&mut self, open: Open, span: Span) -> Option<()> {
        if self.open.len() >= DEPTH_MAX {
            let message = format!("this is nested deeper than {DEPTH_MAX} levels");
            self.findings.push(Diagnostic::error(Code::YAML_LIMIT, span, message));
            return None;
        }
        self.open.push(open);
        Some(())
    }

    fn leave(&mut self, end: Span) {
        let node = match self.open.pop() {
            Some(Open::List { start, items }) => {
                let last = items.last().map(|last| last.span.end);
                let head = items.first().map(|first| first.head);
                self.collection(start, last, end, head, Kind::List(items))
            }
            Some(Open::Block { start, entries, .. }) => {
                let last = entries.last().map(|(key, last)| last.span.end.max(key.span.end));
                let head = entries.first().map(|(key, _)| key.span);
                self.collection(start, last, end, head, Kind::Block(entries))
            }
            None => return,
        };
        self.place(node);
    }

    /// A collection ends with its bracket where it has one, else with its last member: the parser
    /// ends indented collections where the next token starts.
    fn collection(
        &self,
        start: usize,
        last: Option<usize>,
        end: Span,
        head: Option<Span>,
        kind: Kind,
    ) -> Node {
        let text = self.sources.text(self.file);
        let bracket = text.get(start..).is_some_and(|rest| rest.starts_with(['[', '{']));
        let end = last.filter(|_| !bracket).unwrap_or(end.end);
        let span = Span::new(self.file, start..end);
        Node { span, head: head.unwrap_or(span), kind }
    }

    /// Puts a finished node where it belongs.
    fn place(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Block { entries, known, key, .. }) => {
                match std::mem::replace(key, NextKey::None) {
                    NextKey::None => *key = next_key(node, self.findings),
                    NextKey::Text(name) => add_entry(entries, known, name, node, self.findings),
                    NextKey::Refused => {}
                }
            }
        }
    }
}

fn next_key(node: Node, findings: &mut Findings) -> NextKey {
    match node.kind {
        Kind::Scalar(scalar) => NextKey::Text(Key { text: scalar.text, span: node.span }),
        _ => {
            let message = "a key must be a text";
            findings.push(Diagnostic::error(Code::WRONG_SHAPE, node.span, message));
            NextKey::Refused
        }
    }
}

fn add_entry(
    entries: &mut Vec<(Key, Node)>,
    known: &mut HashMap<String, Span>,
    name: Key,
    node: Node,
    findings: &mut Findings,
) {
    // Most blocks are short, and a look at all of their keys is quicker than a map of them.
    let first = if entries.len() < KEYS_WITHOUT_MAP {
        entries.iter().find(|(key, _)| key.text == name.text).map(|(key, _)| key.span)
    } else {
        if known.is_empty() {
            known.extend(entries.iter().map(|(key, _)| (key.text.clone(), key.span)));
        }
        known.get(&name.text).copied()
    };
    match first {
        Some(first) => {
            let message = format!("the key `{}` stands here twice", name.text);
            let finding = Diagnostic::error(Code::YAML_DUPLICATE_KEY, name.span, message);
            findings.push(finding.label(first, "first here"));
        }
        None => {
            if !known.is_empty() {
                known.insert(name.text.clone(), name.span);
            }
            let node = Node { head: name.span, ..node };
            entries.push((name, node));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Option<Node>, Vec<Diagnostic>) {
        let mut sources = SourceMap::new();
        let file = sources.add("t.yaml", text);
        let mut findings = Findings::new();
        let node = parse_yaml(&sources, file, &mut findings);
        (node, findings.into_sorted())
    }

    #[test]
    fn keeps_scalars_as_written_and_knows_where() {
        let text = "a: NO\nb: [0123, \"1.10\"]\nc: 'x {{ y }}'\nd:\n";
        let (node, findings) = parse(text);
        assert_eq!(findings, []);
        let node = node.expect("tree");
        assert_eq!(node.get("a").and_then(Node::text), Some("NO"));
        let items = node.get("b").and_then(Node::list).expect("list");
        assert_eq!(items[1].text(), Some("1.10"));
        let c = node.get("c").expect("c");
        assert_eq!(&text[c.span_of(2..9).range()], "{{ y }}");
        assert_eq!(node.get("d").map(|d| &d.kind), Some(&Kind::Empty));
    }

    #[test]
    fn finds_a_duplicate_key_in_a_long_block_too() {
        for (long, twice) in [(3, 1), (100, 2), (100, 98)] {
            let keys = (0..long).map(|n| format!("k{n}: {n}\n"));
            let text: String = keys.chain([format!("k{twice}: again\n")]).collect();
            let (node, findings) = parse(&text);
            assert_eq!(node.and_then(|node| Some(node.block()?.len())), Some(long));
            assert_eq!(findings.len(), 1, "{long} {twice}");
        }
    }

    #[test]
    fn names_both_places_of_a_duplicate_key() {
        let (_, findings) = parse("a: 1\nb: 2\na: 3\n");
        assert_eq!(findings[0].code, Code::YAML_DUPLICATE_KEY);
        assert_eq!((findings[0].primary.span.start, findings[0].labels[0].span.start), (10, 0));
    }

    #[test]
    fn refuses_bombs_and_nonsense() {
        let deep = "- ".repeat(200_000);
        let table = [
            ("a: &x 1\nb: *x\n", Code::YAML_FEATURE),
            ("a: !!str 1\n", Code::YAML_FEATURE),
            ("a: [1\n", Code::YAML_SYNTAX),
            ("a: b: c\n", Code::YAML_SYNTAX),
            (deep.as_str(), Code::YAML_LIMIT),
        ];
        for (text, code) in table {
            let (_, findings) = parse(text);
            let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
            assert!(codes.contains(&code), "{:.20} {findings:?}", text);
        }
    }
}
