//! A program: the compiled form of one mapping, ready to be evaluated.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Head, Mapped, Origin, Resource, Verdict,
    code::{Expr, List, Node, Rule, Stop, TableUse, ValueMap},
    draft::{Draft, Left},
    eval::Evaluation,
    reader::Reader,
    shape::Shapes,
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
            let verdict = unreadable(&fault.to_string());
            return Mapped::Rejected(Left { record: String::new(), label: None, verdict });
        }
        let ProgramKind::Resources(_, makings) = &self.kind else {
            return Mapped::Draft(Draft::default());
        };
        super::wishes::draft(
            &self.code,
            makings,
            &mut Evaluation::new(&self.code, reader, record.text()),
        )
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
        if let Err(fault) = reader.read(&self.code.shapes, record) {
            return Emitted::Rejected(unreadable(&fault.to_string()));
        }
        let ProgramKind::Emit { document, .. } = &self.kind else {
            return Emitted::Rejected(unreadable("the mapping makes no documents"));
        };
        let before = out.len();
        let mut evaluation = Evaluation::new(&self.code, reader, record.text());
        let written =
            evaluation.guard(&self.code.guards).and_then(|()| evaluation.node(document, out));
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

    /// The resources, where it has some.
    pub fn resources(&self) -> &[Resource] {
        match &self.kind {
            ProgramKind::Resources(resources, _) => resources,
            ProgramKind::Emit { .. } => &[],
        }
    }
}

fn unreadable(said: &str) -> Verdict {
    Verdict {
        rule: "unreadable-record",
        reason: said.to_owned(),
        origin: Origin { file: Arc::from(""), line: 0, column: 0 },
        path: None,
    }
}
