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
    /// What is written to the source because of it.
    pub on_failure: Vec<WriteBackDraft>,
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
    /// The actions that are to be taken, in their order.
    pub actions: Vec<ActionDraft>,
    /// All rows of the record that actions consume, those that were consumed before too.
    pub rows: Vec<RowDraft>,
    /// What is written to the source where an action of the record is refused or fails.
    pub on_failure: Vec<WriteBackDraft>,
}

/// One action that is to be taken.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionDraft {
    /// The digest of the ids of the rows that it consumes: what tells it from the other actions of
    /// the record.
    pub key: String,
    /// What its followers are held back by.
    pub sequence: String,
    /// What it does, in the words of the mapping.
    pub kind: String,
    /// The day on which it takes effect, as `2026-01-31`.
    pub day: String,
    /// The number under which the target will know it.
    pub number: String,
    /// The rows that it consumes, by their places in [`Draft::rows`].
    pub rows: Vec<usize>,
    /// What is sent, member by member, the number among them.
    pub body: Vec<(String, Holed)>,
    /// What it sends that other kinds may not send, by the path in the body.
    pub withholdable: Vec<(String, Range<usize>)>,
    /// What it does not send because its kind may not, by the path in the body.
    pub withheld: Vec<(String, Range<usize>)>,
    /// What the source says that it should come to, for the comparison with a preview.
    pub expected: Option<Expected>,
    /// What is written to the source once it took effect.
    pub write_back: Vec<WriteBackDraft>,
}

/// A JSON text with holes where ids of other objects go. A hole holds `null` in the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Holed {
    /// The text within [`Draft::text`].
    pub range: Range<usize>,
    /// Where the `null` of each hole begins, counted from the start of the range, and what goes
    /// there; in the order of the text.
    pub holes: Vec<(usize, Reference)>,
}

/// A source row that an action consumes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowDraft {
    /// Its id.
    pub id: String,
    /// Its own fields that the program reads, with a fingerprint of their value.
    pub fields: Vec<(String, crate::value::Fingerprint)>,
}

/// What the source says that an action should come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// By how much it should change the monthly recurring revenue.
    pub mrr: Option<crate::value::Decimal>,
    /// By how much it should change the total contract value.
    pub tcv: Option<crate::value::Decimal>,
    /// By how much the target may differ.
    pub tolerance: crate::value::Decimal,
}

/// One write to the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteBackDraft {
    /// The source's object.
    pub object: String,
    /// The id of the record.
    pub id: String,
    /// The fields, in order.
    pub fields: Vec<(String, WriteBackValue)>,
}

/// A value that is written to the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteBackValue {
    /// A JSON text; null empties the field.
    Json(String),
    /// What a path finds in the target's result: `$.subscriptions[0].subscriptionNumber`.
    Result(String),
    /// Why the action was refused or failed, cut to so many characters.
    Failure(usize),
}

/// What is known of a record's sequences when it is evaluated: the actions that took effect, those
/// of a sequence in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// Them.
    pub actions: Vec<KnownAction>,
}

/// An action that took effect.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownAction {
    /// The id of the record that it was for.
    pub record: String,
    /// The sequence that it counts for.
    pub sequence: String,
    /// What it did.
    pub kind: String,
    /// The day on which it took effect.
    pub day: String,
    /// The ids of the rows that it consumed.
    pub rows: Vec<String>,
    /// What the target answered, a JSON object as text.
    pub result: String,
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

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let take = self.take.as_deref().unwrap_or("id");
        write!(f, "the {take} of {}.{} {}", self.mapping, self.resource, self.key)
    }
}

impl Draft {
    /// The JSON text of a range.
    pub fn json(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }
}
