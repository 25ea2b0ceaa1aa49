//! A program: the compiled form of one mapping, ready to be evaluated.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    Action, Head, Known, Mapped, Origin, Resource, Verdict,
    code::{Expr, Formula, List, Naming, Node, Rule, SlotRef, Stop, TableUse, ValueMap},
    draft::{Draft, Left},
    eval::Evaluation,
    reader::Reader,
    shape::Shapes,
    watch::Watch,
};
use crate::{json::Checked, value::Decimal};

/// A compiled mapping.
#[derive(Clone, Debug)]
pub struct Program {
    /// What it says of itself.
    pub head: Head,
    /// What it wishes for.
    pub kind: ProgramKind,
    /// Everything that evaluation needs.
    pub code: Code,
}

/// What a program wishes for.
#[derive(Clone, Debug)]
pub enum ProgramKind {
    /// Desired state with keys. The resources, and what makes them.
    Resources(Vec<Resource>, Vec<Making>),
    /// Commands that take effect exactly once. What plans need of it, and what makes it.
    Action(Action, Box<ActionMaking>),
    /// One document per record.
    Emit {
        /// The document.
        document: Node,
        /// The target's object that it is written to.
        object: String,
    },
}

/// The parts that all evaluation shares.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// What is read of a record.
    pub shapes: Shapes,
    /// How many sets of members there are, for a reader.
    pub member_sets: usize,
    /// How many locals there are.
    pub locals: usize,
    /// The value of each local that is a `let`.
    pub let_values: Vec<Option<Expr>>,
    /// The list of each local that is a `let`.
    pub let_lists: Vec<Option<List>>,
    /// Per local that holds an item: the locals that must be forgotten with it.
    pub depends: Vec<Vec<usize>>,
    /// Values that are named beside the items of lists.
    pub namings: Vec<Naming>,
    /// Values that are asked at several places.
    pub formulas: Vec<Formula>,
    /// The value maps.
    pub maps: Vec<ValueMap>,
    /// The uses of decision tables.
    pub tables: Vec<TableUse>,
    /// The places of rules.
    pub origins: Vec<Origin>,
    /// The steps of the tenant's units of measure.
    pub units: BTreeMap<String, Decimal>,
    /// The id of the record, and the name that people know it by.
    pub record_id: Option<Expr>,
    /// The name of the record.
    pub record_label: Option<Expr>,
    /// Records that are left out: conditions and what is said then, in order.
    pub guards: Vec<(Expr, Stop)>,
}

/// When an object is wished for.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What must hold.
    pub holds: Expr,
    /// How the mapping writes it, for the reason that is given.
    pub text: String,
    /// Where it stands.
    pub origin: usize,
}

/// What makes the objects of a resource.
#[derive(Clone, Debug, Default)]
pub struct Making {
    /// One object per item; one per parent or record where there is no list.
    pub each: Option<List>,
    /// Only when this holds.
    pub when: Option<Condition>,
    /// Items that are left out: conditions and what is said then, in order.
    pub guards: Vec<(Expr, Stop)>,
    /// The fields, in the order of the resource's rules.
    pub fields: Vec<Node>,
    /// Which of the fields are the key, by their place and name.
    pub key: Vec<(usize, String)>,
    /// What it may be found by besides its key.
    pub adopt_by: Vec<(String, Rule)>,
    /// The resources that lie within it.
    pub children: Vec<usize>,
}

/// What makes the actions of a record.
#[derive(Clone, Debug)]
pub struct ActionMaking {
    /// All rows that actions of the record consume.
    pub rows: List,
    /// The id of a row, which the local of `rows` holds.
    pub row_id: Expr,
    /// The row's own fields that the program reads, by name.
    pub row_fields: Vec<(String, SlotRef)>,
    /// One action per item; one per record where there is no list.
    pub each: Option<List>,
    /// Only when this holds.
    pub when: Option<Condition>,
    /// What leaves an item out, or the record.
    pub guards: Vec<(Expr, Stop)>,
    /// The rows that an action consumes.
    pub consumes: List,
    /// The id of such a row, which the local of `consumes` holds.
    pub consumed_id: Expr,
    /// What its followers are held back by; of the record and the item alone.
    pub sequence: Rule,
    /// What it does.
    pub kind: Rule,
    /// The day on which it takes effect.
    pub day: Rule,
    /// The number under which the target will know it.
    pub number: Rule,
    /// What is sent, member by member.
    pub body: Vec<(String, Node)>,
    /// What the source says that it should come to.
    pub expected: Option<ExpectedRule>,
    /// What is written to the source once it took effect.
    pub write_back: Vec<WriteBackRule>,
    /// What is written to the source when it is refused or fails.
    pub on_failure: Vec<WriteBackRule>,
    /// The local that holds the kind, for what depends on it.
    pub kind_local: usize,
    /// The local that holds the digest of the consumed rows.
    pub digest_local: usize,
}

/// What the source says that an action should come to.
#[derive(Clone, Debug)]
pub struct ExpectedRule {
    /// The change of the monthly recurring revenue.
    pub mrr: Option<Rule>,
    /// The change of the total contract value.
    pub tcv: Option<Rule>,
    /// By how much the target may differ.
    pub tolerance: Decimal,
}

/// A write to the source.
#[derive(Clone, Debug)]
pub struct WriteBackRule {
    /// One write per item, where there is a list.
    pub each: Option<List>,
    /// Only when this holds.
    pub when: Option<Expr>,
    /// The source's object.
    pub object: String,
    /// The id of the record.
    pub id: Rule,
    /// The fields, in order.
    pub fields: Vec<(String, WriteBackNode)>,
}

/// A value of a write to the source.
#[derive(Clone, Debug)]
pub enum WriteBackNode {
    /// A value of the record.
    Value(Box<Node>),
    /// What a path finds in the target's result.
    Result {
        /// The path.
        path: String,
        /// Where it stands.
        origin: usize,
    },
    /// Why the action was refused or failed, cut to so many characters.
    Failure {
        /// How many.
        most: usize,
        /// Where it stands.
        origin: usize,
    },
}

/// What became of one record of an `emit` program; its document was written to the buffer.
#[derive(Clone, Debug, PartialEq)]
pub enum Emitted {
    /// The document was written.
    Written,
    /// Nothing was written.
    Skipped(Verdict),
    /// Nothing was written.
    Rejected(Verdict),
}

impl Code {
    /// The place of a rule.
    pub(super) fn origin(&self, origin: usize) -> Origin {
        self.origins.get(origin).cloned().unwrap_or_default()
    }

    /// What is said of a unit that the tenant does not have.
    pub(super) fn unknown_unit(&self, unit: &str) -> String {
        let known: Vec<&str> = self.units.keys().map(String::as_str).collect();
        format!(
            "the tenant has no unit of measure `{unit}`; it has {}. Add it to the tenant and to `tenant.units` of the environment",
            if known.is_empty() { "none".to_owned() } else { known.join(", ") }
        )
    }
}

impl Program {
    /// A reader for its records, to be used by one thread.
    pub fn reader(&self) -> Reader {
        Reader::new(&self.code.shapes, self.code.member_sets)
    }

    /// What one record wishes for.
    pub fn draft(&self, reader: &mut Reader, record: Checked<'_>) -> Mapped {
        if let Err(fault) = reader.read(&self.code.shapes, record) {
            return Mapped::Rejected(unreadable_record(&fault.to_string()));
        }
        let ProgramKind::Resources(resources, makings) = &self.kind else {
            return Mapped::Draft(Draft::default());
        };
        let mut evaluation = Evaluation::new(&self.code, reader, record.text());
        super::wishes::draft(&self.code, (resources, makings), &mut evaluation)
    }

    /// The same as [`Program::draft_known`], and notes what was used and where values come from.
    pub fn draft_watched(
        &self,
        reader: &mut Reader,
        record: Checked<'_>,
        known: &Known,
        watch: &mut Watch,
    ) -> Mapped {
        watch.begin();
        if let Err(fault) = reader.read(&self.code.shapes, record) {
            return Mapped::Rejected(unreadable_record(&fault.to_string()));
        }
        let mut evaluation = Evaluation::new(&self.code, reader, record.text());
        evaluation.watch = Some(Box::new(std::mem::take(watch)));
        evaluation.acting.known = Some(known);
        let mapped = match &self.kind {
            ProgramKind::Resources(resources, makings) => {
                super::wishes::draft(&self.code, (resources, makings), &mut evaluation)
            }
            ProgramKind::Action(_, making) => {
                super::actions::draft(&self.code, making, &mut evaluation)
            }
            ProgramKind::Emit { .. } => Mapped::Draft(Draft::default()),
        };
        *watch = evaluation.watch.map(|watch| *watch).unwrap_or_default();
        mapped
    }

    /// The same as [`Program::emit`], and notes what was used and where values come from.
    pub fn emit_watched(
        &self,
        reader: &mut Reader,
        record: Checked<'_>,
        out: &mut Vec<u8>,
        watch: &mut Watch,
    ) -> Emitted {
        watch.begin();
        let mut boxed = Some(Box::new(std::mem::take(watch)));
        let emitted = self.emitted(reader, record, out, &mut boxed);
        *watch = boxed.map(|watch| *watch).unwrap_or_default();
        emitted
    }

    /// What the followers of a record's actions are held back by, where the mapping makes actions
    /// and the record says it: each sequence once.
    pub fn sequences(&self, reader: &mut Reader, record: Checked<'_>) -> BTreeSet<String> {
        let ProgramKind::Action(_, making) = &self.kind else { return BTreeSet::new() };
        if reader.read(&self.code.shapes, record).is_err() {
            return BTreeSet::new();
        }
        let mut evaluation = Evaluation::new(&self.code, reader, record.text());
        super::actions::sequences(making, &mut evaluation)
    }

    /// The actions that one record asks for, beside what is known of its sequences.
    pub fn draft_known(&self, reader: &mut Reader, record: Checked<'_>, known: &Known) -> Mapped {
        let ProgramKind::Action(_, making) = &self.kind else {
            return self.draft(reader, record);
        };
        if let Err(fault) = reader.read(&self.code.shapes, record) {
            return Mapped::Rejected(unreadable_record(&fault.to_string()));
        }
        let mut evaluation = Evaluation::new(&self.code, reader, record.text());
        evaluation.acting.known = Some(known);
        super::actions::draft(&self.code, making, &mut evaluation)
    }

    /// The id and the name of a record, for reports.
    pub fn identify(&self, reader: &mut Reader, record: Checked<'_>) -> (String, Option<String>) {
        if reader.read(&self.code.shapes, record).is_err() {
            return Default::default();
        }
        Evaluation::new(&self.code, reader, record.text()).identity()
    }

    /// Writes the document of one record of an `emit` program, without a line end.
    pub fn emit(&self, reader: &mut Reader, record: Checked<'_>, out: &mut Vec<u8>) -> Emitted {
        self.emitted(reader, record, out, &mut None)
    }

    fn emitted(
        &self,
        reader: &mut Reader,
        record: Checked<'_>,
        out: &mut Vec<u8>,
        watch: &mut Option<Box<Watch>>,
    ) -> Emitted {
        if let Err(fault) = reader.read(&self.code.shapes, record) {
            return Emitted::Rejected(unreadable(&fault.to_string()));
        }
        let ProgramKind::Emit { document, .. } = &self.kind else {
            return Emitted::Rejected(unreadable("the mapping makes no documents"));
        };
        let before = out.len();
        let mut evaluation = Evaluation::new(&self.code, reader, record.text());
        evaluation.watch = watch.take();
        let written =
            evaluation.guard(&self.code.guards).and_then(|()| evaluation.node(document, out));
        *watch = evaluation.watch.take();
        match written {
            Ok(_) => Emitted::Written,
            Err(halt) => {
                out.truncate(before);
                if halt.reject {
                    Emitted::Rejected(halt.verdict)
                } else {
                    Emitted::Skipped(halt.verdict)
                }
            }
        }
    }

    /// What it says of its actions, where it makes some.
    pub fn action(&self) -> Option<&Action> {
        match &self.kind {
            ProgramKind::Action(action, _) => Some(action),
            ProgramKind::Resources(..) | ProgramKind::Emit { .. } => None,
        }
    }

    /// The resources, where it has some.
    pub fn resources(&self) -> &[Resource] {
        match &self.kind {
            ProgramKind::Resources(resources, _) => resources,
            ProgramKind::Action(..) | ProgramKind::Emit { .. } => &[],
        }
    }
}

fn unreadable_record(said: &str) -> Left {
    let (verdict, on_failure) = (unreadable(said), Vec::new());
    Left { record: String::new(), label: None, verdict, on_failure }
}

fn unreadable(said: &str) -> Verdict {
    Verdict {
        rule: "unreadable-record",
        reason: said.to_owned(),
        origin: Origin { file: Arc::from(""), line: 0, column: 0 },
        path: None,
    }
}
