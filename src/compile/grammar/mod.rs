//! The keys of the language: which block has which, what each takes, and what it is for.
//!
//! One table for all that must not disagree: the compiler refuses what is not in it, the JSON
//! Schema of mappings is made from it, and editors complete and explain from it.

mod blocks;
mod json_schema;

pub use blocks::{
    ACTION, EXPECT, FIELDS, GROUP, ITEMS, LIST_OF_LIST, LIST_OF_VALUES, MAPPING, RANGES, REFERENCE,
    RESOURCE, RULE, SHAPE, SHAPE_USE, SOURCE, STOP, SWITCH, TABLE, TARGET, UNDER_CONDITION, VALUE,
    WRITE_BACK,
};
pub use json_schema::{json_schema, json_schema_text};

use crate::diag::Possible;

/// A kind of block.
#[derive(Debug)]
pub struct Block {
    /// Its name among the definitions of the JSON Schema.
    pub name: &'static str,
    /// What messages call it.
    pub what: &'static str,
    /// Its keys, in the order in which they are best written.
    pub keys: &'static [Key],
}

/// A key of a block.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// What it is for, in a sentence or two.
    pub doc: &'static str,
}

/// What a key takes.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    /// The version of the language.
    Version,
    /// A plain text.
    Text,
    /// A number.
    Number,
    /// One of some words.
    Word(&'static [&'static str]),
    /// One word or several, which the mapping itself defines.
    Words,
    /// An expression, without braces.
    Expression,
    /// An expression that is true or false.
    Condition,
    /// Any value: a literal, a select, a text, a block with `$`, an object or a list.
    Value,
    /// Names, each with a value.
    Names,
    /// Names, each with a literal or nothing.
    Literals,
    /// Names, each with a text.
    Texts,
    /// A block of its own.
    Block(&'static Block),
    /// Names, each with such a block.
    Named(&'static Block),
    /// Such a block, or a list of them.
    Several(&'static Block),
    /// Names, each with a map or a decision table.
    Tables,
    /// Rows of cells.
    Rows,
    /// A list of names.
    List,
}

impl Block {
    /// The names of its keys.
    pub fn names(&self) -> Vec<&'static str> {
        self.keys.iter().map(|key| key.name).collect()
    }

    /// Its keys, for editors.
    pub fn possible(&self) -> Vec<Possible> {
        self.keys.iter().map(Key::possible).collect()
    }

    /// One of its keys.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl Key {
    /// The key, for editors.
    pub fn possible(&self) -> Possible {
        let (name, doc) = (self.name.to_owned(), self.doc.to_owned());
        Possible { name, detail: "key".to_owned(), doc }
    }
}

/// All keys that start with `$`, each once, with what they take and are for.
pub fn instructions() -> Vec<&'static Key> {
    let blocks = [
        &VALUE,
        &REFERENCE,
        &SWITCH,
        &SHAPE_USE,
        &STOP,
        &UNDER_CONDITION,
        &LIST_OF_VALUES,
        &ITEMS,
        &LIST_OF_LIST,
        &GROUP,
        &FIELDS,
    ];
    let mut all: Vec<&Key> = Vec::new();
    for key in blocks.into_iter().flat_map(|block| block.keys) {
        if !all.iter().any(|known| known.name == key.name) {
            all.push(key);
        }
    }
    all
}
