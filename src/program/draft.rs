//! Drafts: what one record wishes for, before anyone has looked at what is there.

use std::ops::Range;

use super::Origin;

/// What became of one record under a program.
#[derive(Clone, Debug, PartialEq)]
pub enum Mapped {
    /// It wishes for objects.
    Draft(Draft),
    /// The mapping leaves it out, for a reason that is counted.
    Skipped(Left),
    /// It breaks a rule; nothing of it is wished for.
    Rejected(Left),
}

/// A record that wishes for nothing, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The id of the record.
    pub record: String,
    /// How a person knows the record: its name, where it has one.
    pub label: Option<String>,
    /// Why it is left out.
    pub verdict: Verdict,
}

/// Why a record, or an item of it, is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The rule in a word that stays the same over releases, such as `map-unmatched`.
    pub rule: &'static str,
    /// The reason, in a sentence for the person who owns the record.
    pub reason: String,
    /// The place in the mapping that says so.
    pub origin: Origin,
    /// The source path that was looked at (`$.SBQQ__BillingFrequency__c`), where there is one.
    pub path: Option<String>,
}

/// The wishes of one record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// The id of the record.
    pub record: String,
    /// How a person knows the record: its name, where it has one.
    pub label: Option<String>,
    /// The wished objects; a parent stands before what lies within it.
    pub wishes: Vec<WishDraft>,
    /// Items that the mapping leaves out, each with its reason.
    pub skipped: Vec<Verdict>,
    /// The JSON texts of all values, one after the other; see [`Draft::json`].
    pub text: String,
}

/// One wished object.
#[derive(Clone, Debug, PartialEq)]
pub struct WishDraft {
    /// Which resource of the program.
    pub resource: usize,
    /// The wish that it lies within, by its place in [`Draft::wishes`].
    pub parent: Option<usize>,
    /// Its key as canonical text, the keys of its parents before it: what a ledger knows it by.
    pub key: String,
    /// The names and values of its key fields. Where it lies within a parent, the parent's id
    /// belongs to the key in the target too, and is added when it is known.
    pub key_fields: Vec<(String, Range<usize>)>,
    /// The names and values of `adopt_by`.
    pub adopt_by: Vec<(String, Range<usize>)>,
    /// The fields, in the order of the mapping; a field that is absent is not here.
    pub fields: Vec<FieldDraft>,
}

/// One field of a wished object.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldDraft {
    /// Which rule of the resource; it has the name and the origin.
    pub rule: usize,
    /// Its value.
    pub value: DraftValue,
}

/// The value of a field in a draft.
#[derive(Clone, Debug, PartialEq)]
pub enum DraftValue {
    /// A JSON text within [`Draft::text`].
    Json(Range<usize>),
    /// The field is to be emptied: null is sent.
    Clear,
    /// A value of another wished object, which may not exist yet.
    Ref(Reference),
}

/// A reference to an object that another mapping, or this one, wishes for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The mapping that wishes for it.
    pub mapping: String,
    /// The resource in it.
    pub resource: String,
    /// Its key as canonical text.
    pub key: String,
    /// The field of its result that is taken; the id where none is named.
    pub take: Option<String>,
}

impl Draft {
    /// The JSON text of a range.
    pub fn json(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }
}
