//! The compiled form of a mapping: everything resolved, each rule with its place in the file.

mod actions;
mod asking;
mod calls;
pub mod code;
mod compiled;
mod draft;
mod eval;
pub mod functions;
mod known;
mod lineage;
mod lists;
mod names;
mod nodes;
mod operands;
mod parts;
mod reader;
mod scalar;
pub mod shape;
mod sources;
mod walk;
mod watch;
mod wishes;

pub use compiled::{
    ActionMaking, Code, Condition, Emitted, ExpectedRule, Making, Program, ProgramKind,
    WriteBackNode, WriteBackRule,
};
pub use lineage::{Lineage, LineageKind, LineageNode, Role};
pub use operands::Operand;
pub use parts::{Part, parts};
pub use reader::{ReadFault, Reader};
pub use sources::SourceField;
pub use watch::{Explained, Fired, PartKind, Read, Watch};

pub use draft::{
    ActionDraft, Draft, DraftValue, Expected, FieldDraft, Holed, Known, KnownAction, Left, Mapped,
    Reference, RowDraft, Verdict, WishDraft, WriteBackDraft, WriteBackValue,
};

use std::collections::BTreeSet;

use crate::{connector::Query, value::Fingerprint};

/// A place in a mapping file, for people: the file as it was named, line and column from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The file.
    pub file: std::sync::Arc<str>,
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A resource: desired state with a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Its name in the mapping.
    pub name: String,
    /// The name it had before (`was:`).
    pub was: Option<String>,
    /// The target's object.
    pub object: String,
    /// The resource that it lies within, by its place in the program.
    pub within: Option<usize>,
    /// The field that takes the id of the parent: `ProductId`.
    pub parent_field: Option<String>,
    /// What happens to a known object that is no longer wished for.
    pub retire: Retire,
    /// The fields that it sends, key fields first.
    pub fields: Vec<FieldRule>,
    /// Sets of fields that must be unique in the target, from its schema. `within_parent` is true
    /// where the value need only be unique among the children of one parent.
    pub unique: Vec<Unique>,
    /// Where it stands in the mapping.
    pub origin: Origin,
}

/// An action: a command that takes effect exactly once.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// The target's object: `Order`.
    pub object: String,
    /// The field of the object that holds the number: `orderNumber`.
    pub number_field: String,
    /// The kinds that a sequence begins with. Any other kind needs one that took effect before;
    /// one of these needs that there is none.
    pub begins: Vec<String>,
    /// Whether it is never sent, only previewed.
    pub preview_only: bool,
    /// Where it stands in the mapping.
    pub origin: Origin,
}

/// Fields whose values no two objects may share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unique {
    /// The fields.
    pub fields: Vec<String>,
    /// Whether it holds among the children of one parent only.
    pub within_parent: bool,
}

/// What happens to a known object that is no longer wished for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retire {
    /// A date field is set to the day of the run.
    Expire {
        /// The field: `EffectiveEndDate`.
        field: String,
    },
    /// It stays as it is, and is reported.
    Keep,
    /// It is reported as a conflict, and the run fails.
    Reject,
}

/// A field of a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldRule {
    /// The target's name of the field.
    pub name: String,
    /// Whether the target lets it change after creation.
    pub change: Change,
    /// For a list: whether its order says nothing, so that two orders of one list are equal.
    pub unordered: bool,
    /// For a list of objects inside the field: the members that tell one item from its siblings
    /// (`Currency`, `StartingUnit`), so that a diff can name the item.
    pub item_key: Vec<String>,
    /// Where it stands in the mapping.
    pub origin: Origin,
}

/// Whether the target lets a field change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It may change.
    Allowed,
    /// It never changes after creation; the reason names the way out.
    Never(String),
}

/// What every program says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// The name of the mapping.
    pub mapping: String,
    /// The name it had before (`was:`).
    pub was: Option<String>,
    /// The source's system.
    pub source: String,
    /// The target's system.
    pub target: String,
    /// The profile of target rules that it keeps to (`profile:`).
    pub profile: Option<String>,
    /// The parameters that it names.
    pub params: BTreeSet<String>,
    /// What it reads.
    pub query: Query,
    /// The digest of the mapping, its parameters and the tenant facts that it read.
    pub digest: Fingerprint,
}
