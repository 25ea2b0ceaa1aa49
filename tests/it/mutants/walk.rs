//! A walk over a mapping: every token with what it stands for, every entry of a block with what it
//! says, every list of rows. What the grammar says of keys is written down here a second time, on
//! purpose: the walk must not learn from the compiler what the compiler is asked.

use std::ops::Range;

use crosswalk::syntax::{Key, Node};

use super::token::{Role, Token, scan, scan_template};

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    Mapping,
    Source,
    Target,
    Rule,
    Resource,
    Key,
    Fields,
    Action,
    Expect,
    WriteBack,
    WrittenFields,
    Table,
    Map,
    Value,
    Ranges,
    ReferenceKey,
    Arguments,
    Names,
}

/// A key of a block with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    pub holder: Holder,
    pub key: String,
    pub key_at: Range<usize>,
    pub value_at: Range<usize>,
    /// Which of the entries of its block it is.
    pub nth: usize,
    /// Where the value before it ends, and where the key after it starts.
    pub before: Option<usize>,
    pub after: Option<usize>,
    /// All of the block.
    pub block_at: Range<usize>,
    /// All keys of the block.
    pub beside: Vec<String>,
    /// The key that the block stands under, and above it the next one, and so on.
    pub path: Vec<String>,
}

/// A row of a decision table.
#[derive(Clone, Debug)]
pub struct Row {
    pub at: Range<usize>,
    pub is_last: bool,
    pub unique: bool,
}

/// A scalar that holds a condition.
pub type Place = Range<usize>;

/// What a mapping is made of.
#[derive(Debug, Default)]
pub struct Parts {
    pub tokens: Vec<Token>,
    pub entries: Vec<Entry>,
    pub rows: Vec<Row>,
    pub conditions: Vec<Place>,
    pub selects: Vec<Place>,
    pub templates: Vec<Place>,
}

/// Goes over a mapping.
pub fn walk(text: &str, root: &Node) -> Parts {
    let mut walk = Walk { text, parts: Parts::default(), path: Vec::new() };
    walk.mapping(root);
    walk.parts.tokens.sort_by_key(|token| token.at.start);
    walk.parts.tokens.dedup_by_key(|token| token.at.clone());
    walk.parts
}

struct Walk<'t> {
    text: &'t str,
    parts: Parts,
    path: Vec<String>,
}

/// What is said below each key of the language, where it is not a value.
const WORDS: [&str; 8] =
    ["retire", "hit", "preview", "on", "$too_long", "$absent", "$null", "$missing"];
const CONDITIONS: [&str; 3] = ["when", "$when", "$only"];
const LISTS: [&str; 5] = ["each", "$each", "$group", "rows", "consumes"];
const MADE: [&str; 4] = ["as", "index", "$as", "$index"];

impl Walk<'_> {
    /// The key that is no instruction and that a token stands below.
    fn under(&self) -> String {
        let named = self.path.iter().rev().find(|key| !key.starts_with('$'));
        named.cloned().unwrap_or_default()
    }

    fn token(&mut self, role: Role, at: Range<usize>) {
        let under = self.under();
        self.parts.tokens.push(Token { role, at, under });
    }

    /// Where the letters of a scalar stand, without its quotes.
    fn letters(&self, node: &Node) -> Range<usize> {
        let at = node.span.range();
        let slice = &self.text[at.clone()];
        match slice.as_bytes().first() {
            Some(b'"' | b'\'') => at.start + 1..at.end - 1,
            Some(b'>' | b'|') => {
                let header = slice.find('\n').map_or(slice.len(), |end| end + 1);
                at.start + header..at.start + slice.trim_end().len()
            }
            _ => at,
        }
    }

    fn whole(&mut self, role: Role, node: &Node) {
        if node.scalar().is_some() {
            let at = self.letters(node);
            self.token(role, at);
        }
    }

    fn key(&mut self, role: Role, key: &Key) {
        let at = key.span.range();
        let quoted = self.text[at.clone()].starts_with(['"', '\'']);
        let at = if quoted { at.start + 1..at.end - 1 } else { at };
        self.token(role, at);
    }

    /// Notes the entries of a block, and gives them.
    fn entries<'n>(&mut self, holder: Holder, node: &'n Node) -> &'n [(Key, Node)] {
        let entries = node.block().unwrap_or_default();
        let beside: Vec<String> = entries.iter().map(|(key, _)| key.text.clone()).collect();
        for (nth, (key, value)) in entries.iter().enumerate() {
            self.parts.entries.push(Entry {
                holder,
                key: key.text.clone(),
                key_at: key.span.range(),
                value_at: value.span.range(),
                nth,
                before: nth
                    .checked_sub(1)
                    .map(|nth| entries[nth].1.span.end.max(entries[nth].0.span.end)),
                after: entries.get(nth + 1).map(|(key, _)| key.span.start),
                block_at: node.span.range(),
                beside: beside.clone(),
                path: self.path.iter().rev().cloned().collect(),
            });
        }
        entries
    }

    fn below(&mut self, key: &Key, go: impl FnOnce(&mut Self)) {
        self.path.push(key.text.clone());
        go(self);
        self.path.pop();
    }

    fn expression(&mut self, node: &Node) {
        if node.scalar().is_some() {
            let at = self.letters(node);
            if node.text().is_some_and(|text| text.starts_with('$')) {
                self.parts.selects.push(at.clone());
            }
            let under = self.under();
            scan(self.text, at, &under, &mut self.parts.tokens);
        }
    }

    fn template(&mut self, node: &Node) {
        if node.scalar().is_some() {
            let at = self.letters(node);
            let under = self.under();
            self.parts.templates.push(at.clone());
            scan_template(self.text, at, &under, &mut self.parts.tokens);
        }
    }

    fn mapping(&mut self, root: &Node) {
        for (key, node) in self.entries(Holder::Mapping, root) {
            self.key(Role::GrammarKey, key);
            self.below(key, |walk| match key.text.as_str() {
                "name" => walk.whole(Role::Definition, node),
                "profile" => walk.whole(Role::Profile, node),
                "source" => walk.system(Holder::Source, node),
                "target" => walk.system(Holder::Target, node),
                "params" => walk.entries(Holder::Names, node).iter().for_each(|(name, _)| {
                    walk.key(Role::Definition, name);
                }),
                "uses" => walk.entries(Holder::Names, node).iter().for_each(|(name, mapping)| {
                    walk.key(Role::Definition, name);
                    walk.whole(Role::Mapping, mapping);
                }),
                "let" => walk.names(node),
                "tables" => walk.entries(Holder::Names, node).iter().for_each(|(name, table)| {
                    walk.key(Role::Definition, name);
                    walk.below(name, |walk| walk.table(table));
                }),
                "shapes" => walk.entries(Holder::Names, node).iter().for_each(|(name, shape)| {
                    walk.key(Role::Definition, name);
                    walk.below(name, |walk| walk.value(shape, Holder::Fields));
                }),
                "skip" | "reject" => walk.rules(node),
                "resources" => {
                    walk.entries(Holder::Names, node).iter().for_each(|(name, resource)| {
                        walk.key(Role::Definition, name);
                        walk.below(name, |walk| walk.block(Holder::Resource, resource));
                    });
                }
                "action" => walk.block(Holder::Action, node),
                "write_back" => node.list().unwrap_or_default().iter().for_each(|one| {
                    walk.block(Holder::WriteBack, one);
                }),
                "emit" => walk.value(node, Holder::Fields),
                _ => {}
            });
        }
    }

    fn system(&mut self, holder: Holder, node: &Node) {
        for (key, node) in self.entries(holder, node) {
            self.key(Role::GrammarKey, key);
            self.below(key, |walk| match key.text.as_str() {
                "system" => walk.whole(Role::System, node),
                "schema" => walk.whole(Role::Object, node),
                "object" if holder == Holder::Source => walk.whole(Role::Object, node),
                "key" | "label" | "changed_by" => walk.whole(Role::SourceField, node),
                "when" => walk.condition(node),
                _ => {}
            });
        }
    }

    fn names(&mut self, node: &Node) {
        for (name, value) in self.entries(Holder::Names, node) {
            self.key(Role::Definition, name);
            self.below(name, |walk| walk.value(value, Holder::Value));
        }
    }

    fn condition(&mut self, node: &Node) {
        let at = self.letters(node);
        self.parts.conditions.push(at);
        self.expression(node);
    }

    fn rules(&mut self, node: &Node) {
        for rule in node.list().unwrap_or_default() {
            for (key, node) in self.entries(Holder::Rule, rule) {
                self.key(Role::GrammarKey, key);
                match key.text.as_str() {
                    "when" => self.condition(node),
                    _ => self.template(node),
                }
            }
        }
    }

    /// A resource, an action, a write-back.
    fn block(&mut self, holder: Holder, node: &Node) {
        for (key, node) in self.entries(holder, node) {
            self.key(Role::GrammarKey, key);
            self.below(key, |walk| walk.member(holder, key.text.as_str(), node));
        }
    }

    fn member(&mut self, holder: Holder, key: &str, node: &Node) {
        match key {
            "object" | "send" => self.whole(Role::Object, node),
            "within" => self.whole(Role::Resource, node),
            "doc" | "was" => {}
            "let" => self.names(node),
            "skip" | "reject" => self.rules(node),
            "key" => self.value(node, Holder::Key),
            "adopt_by" | "body" => self.value(node, Holder::Fields),
            "fields" if holder == Holder::WriteBack => self.value(node, Holder::WrittenFields),
            "fields" => self.value(node, Holder::Fields),
            "begins" => node.list().unwrap_or_default().iter().for_each(|word| {
                self.whole(Role::Kind, word);
            }),
            "expect" => self.block(Holder::Expect, node),
            "tolerance" => self.whole(Role::Literal, node),
            key => self.instruction(key, node),
        }
    }

    /// What stands under a key of the language that several blocks have.
    fn instruction(&mut self, key: &str, node: &Node) {
        match key {
            key if CONDITIONS.contains(&key) => self.condition(node),
            key if MADE.contains(&key) => self.whole(Role::Definition, node),
            key if WORDS.contains(&key) && is_word(node) => self.whole(Role::Word, node),
            key if LISTS.contains(&key) && node.scalar().is_some() => self.expression(node),
            "$by" | "by" | "sort" | "$sort" | "$switch" | "$calc" => {
                let one = std::slice::from_ref(node);
                for node in node.list().unwrap_or(one) {
                    match node.get("$desc") {
                        Some(inner) => self.expression(inner),
                        None if node.block().is_some() => self.value(node, Holder::Value),
                        None => self.expression(node),
                    }
                }
            }
            _ => self.value(node, Holder::Value),
        }
    }

    fn table(&mut self, node: &Node) {
        let Some(rows) = node.get("rows").and_then(Node::list) else {
            for (key, value) in self.entries(Holder::Map, node) {
                if !key.text.starts_with('$') {
                    self.key(Role::MapRow, key);
                }
                match value.scalar() {
                    Some(_) => self.whole(Role::MapValue, value),
                    None => self.value(value, Holder::Value),
                }
            }
            return;
        };
        for (key, value) in self.entries(Holder::Table, node) {
            self.key(Role::GrammarKey, key);
            self.below(key, |walk| match key.text.as_str() {
                "hit" => walk.whole(Role::Word, value),
                "inputs" => {
                    for (_, input) in walk.entries(Holder::Names, value) {
                        walk.value(input, Holder::Value);
                    }
                }
                "outputs" => value.list().unwrap_or_default().iter().for_each(|name| {
                    walk.whole(Role::Definition, name);
                }),
                _ => {}
            });
        }
        let inputs = node.get("inputs").and_then(Node::block).unwrap_or_default().len();
        let unique = node.get("hit").and_then(Node::text) == Some("unique");
        for (nth, row) in rows.iter().enumerate() {
            let is_last = nth + 1 == rows.len();
            self.parts.rows.push(Row { at: row.span.range(), is_last, unique });
            let cells = row.list().unwrap_or_default();
            let stops = cells.get(inputs).and_then(Node::text).is_some_and(is_stop);
            for (nth, cell) in cells.iter().enumerate() {
                let one = std::slice::from_ref(cell);
                for cell in cell.list().unwrap_or(one) {
                    match cell.text() {
                        Some(text) if text.starts_with('$') => {}
                        Some(_) if stops && nth > inputs => self.template(cell),
                        Some(_) if nth < inputs => self.whole(Role::Cell, cell),
                        _ => self.whole(Role::Output, cell),
                    }
                }
            }
        }
    }

    fn value(&mut self, node: &Node, holder: Holder) {
        if let Some(text) = node.text() {
            match text {
                _ if text.starts_with('$') => self.expression(node),
                _ if text.contains("{{") => self.template(node),
                _ => self.whole(Role::Literal, node),
            }
        }
        for item in node.list().unwrap_or_default() {
            self.value(item, holder);
        }
        let shape = node.get("$shape").is_some();
        let is_reference = node.get("$ref").is_some();
        let is_form = node
            .block()
            .is_some_and(|entries| entries.iter().any(|(key, _)| key.text.starts_with('$')));
        let own = match holder {
            _ if shape => Holder::Arguments,
            Holder::Fields | Holder::Key | Holder::WrittenFields | Holder::ReferenceKey => holder,
            _ if is_form => Holder::Value,
            _ => Holder::Fields,
        };
        for (key, value) in self.entries(own, node) {
            let fields = if matches!(holder, Holder::Value) { Holder::Fields } else { holder };
            if key.text.starts_with('$') {
                self.key(Role::GrammarKey, key);
                self.below(key, |walk| walk.form(key.text.as_str(), value, fields, is_reference));
                continue;
            }
            let role = match holder {
                _ if shape => Role::Parameter,
                Holder::ReferenceKey => Role::ReferenceKey,
                _ => Role::TargetField,
            };
            self.key(role, key);
            let inner =
                if shape || holder == Holder::ReferenceKey { Holder::Value } else { fields };
            let inner = if inner == Holder::Key { Holder::Fields } else { inner };
            self.below(key, |walk| walk.value(value, inner));
        }
    }

    fn form(&mut self, key: &str, node: &Node, fields: Holder, is_reference: bool) {
        match key {
            "$from" if node.text().is_some_and(|text| !text.starts_with('$')) => {
                self.expression(node);
            }
            "$table" => {
                let at = self.letters(node);
                let dot = self.text[at.clone()].find('.').unwrap_or(at.len());
                self.token(Role::Table, at.start..at.start + dot);
                if dot < at.len() {
                    self.token(Role::Table, at.start + dot + 1..at.end);
                }
            }
            "$map" => self.whole(Role::Table, node),
            "$shape" => self.whole(Role::Shape, node),
            "$ref" => {
                let at = self.letters(node);
                let dot = self.text[at.clone()].find('.').unwrap_or(at.len());
                if &self.text[at.start..at.start + dot] != "self" {
                    self.token(Role::Resource, at.start..at.start + dot);
                }
                self.token(Role::Resource, at.start + (dot + 1).min(at.len())..at.end);
            }
            "$by" if is_reference => self.value(node, Holder::ReferenceKey),
            "$take" => self.whole(Role::TargetField, node),
            "$let" => self.names(node),
            "$with" => node.list().unwrap_or_default().iter().for_each(|name| {
                self.whole(Role::Definition, name);
            }),
            "$on" => node.list().unwrap_or_default().iter().for_each(|word| {
                self.whole(Role::Kind, word);
            }),
            "$cases" => {
                for (case, value) in self.entries(Holder::Map, node) {
                    if !case.text.starts_with('$') {
                        self.key(Role::Case, case);
                    }
                    self.value(value, fields);
                }
            }
            "$ranges" => {
                for (key, value) in self.entries(Holder::Ranges, node) {
                    self.key(Role::GrammarKey, key);
                    self.expression(value);
                }
            }
            "$reject" | "$skip" => self.template(node),
            "$text" => self.whole(Role::Literal, node),
            "$items" | "$value" => self.value(node, fields),
            "$doc" | "$date" | "$round" | "$truncate" => {}
            key => self.instruction(key, node),
        }
    }
}

fn is_word(node: &Node) -> bool {
    let words = ["omit", "clear", "error", "expire", "keep", "reject", "first", "unique", "only"];
    node.text().is_some_and(|text| words.contains(&text) || matches!(text, "success" | "failure"))
}

fn is_stop(text: &str) -> bool {
    matches!(text, "$reject" | "$skip")
}
