//! What planning and applying are given: the systems, the program, and who watches.

use std::{collections::BTreeSet, path::Path};

use super::{patience::Clock, text::Place};
use crate::{
    connector::{Query, Source, Target},
    json::Records,
    ledger::{Ledger, Wish},
    program::{Action, Head, Known, Mapped, Program, Resource},
    value::Date,
};

/// The name that stands in the wishes of actions where others have that of their resource.
pub const ACTION: &str = "action";

/// The systems that a plan is made between, and who watches.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// What is read.
    pub source: &'a dyn Source,
    /// What is written.
    pub target: &'a dyn Target,
    /// Where the source is written, where that is possible.
    pub back: Option<&'a dyn Target>,
    /// What is known.
    pub ledger: &'a dyn Ledger,
    /// How waiting is done.
    pub clock: &'a dyn Clock,
    /// Who is told how far the work is.
    pub progress: &'a dyn Progress,
}

/// A program and how it is run.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// What the program says of itself.
    pub head: &'a Head,
    /// Its resources; a parent stands before what lies within it.
    pub resources: &'a [Resource],
    /// What it says of its actions, where it makes some.
    pub action: Option<&'a Action>,
    /// What turns records into drafts.
    pub evaluate: &'a dyn Evaluate,
    /// What is read: the query of the head, or a part of it.
    pub query: &'a Query,
    /// The instant that the mapping sees as now, as text.
    pub as_of: &'a str,
    /// The day of the run, for `retire: expire`.
    pub today: Date,
    /// The name of the environment.
    pub environment: &'a str,
    /// The profile of target rules.
    pub profile: Option<&'a str>,
    /// Whether the target is asked what actions would come to.
    pub previews: Previews,
    /// The file that the plan is written to; while it is made, two files lie beside it.
    pub file: &'a Path,
}

/// Whether the target is asked what actions would come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Previews {
    /// It is asked for each that can be previewed.
    Asked,
    /// It is not.
    #[default]
    None,
}

/// A record, and the sequences that its actions belong to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sequenced {
    /// The id of the record.
    pub record: String,
    /// The sequences; none where the record does not say.
    pub sequences: BTreeSet<String>,
}

/// What turns a page of records into drafts.
pub trait Evaluate: Send + Sync {
    /// One [`Mapped`] per record, in order.
    fn eval(&self, records: &Records) -> Vec<Mapped>;

    /// Which sequences the actions of the records belong to, one answer per record, in order;
    /// nothing where there are no actions.
    fn sequences(&self, records: &Records) -> Vec<Sequenced> {
        let _ = records;
        Vec::new()
    }

    /// One [`Mapped`] per record, in order, where what took effect before is known.
    fn eval_known(&self, records: &Records, known: &[Known]) -> Vec<Mapped> {
        let _ = known;
        self.eval(records)
    }
}

impl<F: Fn(&Records) -> Vec<Mapped> + Send + Sync> Evaluate for F {
    fn eval(&self, records: &Records) -> Vec<Mapped> {
        self(records)
    }
}

impl Evaluate for Program {
    fn eval(&self, records: &Records) -> Vec<Mapped> {
        let mut reader = self.reader();
        records.iter().map(|record| self.draft(&mut reader, record)).collect()
    }

    fn sequences(&self, records: &Records) -> Vec<Sequenced> {
        let mut reader = self.reader();
        let one = |record| Sequenced {
            record: self.identify(&mut reader, record).0,
            sequences: self.sequences(&mut reader, record),
        };
        records.iter().map(one).collect()
    }

    fn eval_known(&self, records: &Records, known: &[Known]) -> Vec<Mapped> {
        let mut reader = self.reader();
        let each = records.iter().zip(known);
        each.map(|(record, known)| self.draft_known(&mut reader, record, known)).collect()
    }
}

/// A part of the work, as a person would name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Writes of an earlier run whose fate is not known are looked up.
    Recover,
    /// Records are read and compared; counted in records.
    Plan,
    /// Changes are written; counted in writes.
    Apply,
}

/// Who is told how far the work is.
pub trait Progress: Send + Sync {
    /// A phase begins; `total` where it is known.
    fn begin(&self, phase: Phase, total: Option<u64>);
    /// So much of it is done.
    fn advance(&self, phase: Phase, done: u64);
    /// It is over.
    fn end(&self, phase: Phase);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn begin(&self, _: Phase, _: Option<u64>) {}
    fn advance(&self, _: Phase, _: u64) {}
    fn end(&self, _: Phase) {}
}

impl Asked<'_> {
    /// Whether the whole source is read.
    pub fn is_whole(&self) -> bool {
        self.query.since.is_none() && self.query.only.is_none()
    }

    /// A wish of this mapping.
    pub(super) fn wish(&self, resource: &Resource, key: &str) -> Wish {
        Wish {
            mapping: self.head.mapping.clone(),
            resource: resource.name.clone(),
            key: key.to_owned(),
        }
    }

    /// The resource of a name.
    pub(super) fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.name == name)
    }

    /// The wish that another one lies within.
    pub(super) fn parent_of(&self, resource: &Resource, key: Option<&str>) -> Option<Wish> {
        let parent = self.resources.get(resource.within?)?;
        Some(self.wish(parent, key?))
    }

    /// The wish of an action of a record.
    pub(super) fn action_wish(&self, record: &str, key: &str) -> Wish {
        Wish {
            mapping: self.head.mapping.clone(),
            resource: ACTION.to_owned(),
            key: format!("{record}/{key}"),
        }
    }

    /// A place that stands for the mapping as a whole.
    pub(super) fn place(&self) -> Place {
        self.resources.first().map(|first| Place::from(&first.origin)).unwrap_or_default()
    }
}
