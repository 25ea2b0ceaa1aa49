//! Writes: what is looked up in a target before, what is sent, and what became of it.

use crate::value::Decimal;

/// How much a target takes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Records in one call of [`super::Target::write`].
    pub batch_size_max: usize,
    /// Calls under way at the same time.
    pub calls_in_flight_max: usize,
    /// Keys in one call of [`super::Target::find`].
    pub keys_per_find_max: usize,
    /// How long after its call a write whose answer was lost may still take effect. Before that
    /// has passed, that it is not there says nothing.
    pub settles_within: std::time::Duration,
}

/// What a target says a write would do, before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preview {
    /// It can be told.
    Told(Figures),
    /// The target would refuse the write, or cannot tell.
    Refused {
        /// The code of the service.
        code: String,
        /// What it said.
        said: String,
    },
}

/// The figures of a preview.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// What changes, per subscription and currency, in the order of the answer.
    pub changes: Vec<FigureChange>,
    /// What the first bill would come to, per currency; empty where none is due.
    pub first_bill: Vec<(String, Decimal)>,
}

/// What a write changes on one subscription, in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureChange {
    /// The number of the subscription.
    pub subscription: String,
    /// The currency.
    pub currency: String,
    /// By how much the monthly recurring revenue changes.
    pub mrr: Decimal,
    /// By how much the total contract value changes; `None` where it has none (evergreen).
    pub tcv: Option<Decimal>,
}

/// The values of a key, field by field: JSON texts in the vocabulary in which we write.
pub type KeyValues = Vec<(String, String)>;

/// A question for objects that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Find {
    /// The object: `ProductRatePlan`.
    pub object: String,
    /// How they are recognised.
    pub by: FindBy,
    /// The fields to be given back; a nested list (`ProductRatePlanChargeTierData`) comes whole.
    pub fields: Vec<String>,
}

/// How an object is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindBy {
    /// By the id of the target.
    Ids(Vec<String>),
    /// By the values of all fields of a key.
    Keys(Vec<KeyValues>),
}

/// An object that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which id or key of the question it answers, counted from 0.
    pub asked: usize,
    /// Its id in the target.
    pub id: String,
    /// Its fields as JSON texts; a field that is null in the target is left out.
    pub fields: Vec<(String, String)>,
}

/// What a write does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Makes an object.
    Create,
    /// Changes fields of an object. The body holds the changed fields, whole.
    Update {
        /// The id in the target.
        id: String,
        /// The object as it was read before, with the fields that change: a JSON object.
        before: String,
    },
}

/// One write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The object: `Product`.
    pub object: String,
    /// What is done.
    pub verb: Verb,
    /// The fields, as the text of a JSON object.
    pub body: String,
}

/// What became of one write in a call that worked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect.
    Done {
        /// The id in the target.
        id: String,
        /// The service's answer, a JSON text, for what a mapping takes from it later.
        answer: String,
    },
    /// The service refused this one record.
    Refused {
        /// The code of the service.
        code: String,
        /// What it said.
        said: String,
        /// Whether the same write may work later (a lock, a limit).
        passing: bool,
    },
}
