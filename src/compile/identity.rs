//! What tells an action from others: its number, its sequence and the rows that it consumes follow
//! from what it is made of.

use std::collections::BTreeSet;

use super::context::Context;
use crate::{
    diag::{Code, Diagnostic, Span},
    program::{
        Operand,
        code::{Arg, Expr, List, ListFrom, RowRef},
    },
};

/// What a value is made of, as far as identity hangs on it.
#[derive(Debug, Default)]
pub(super) struct MadeOf {
    /// Locals, those inside of names too.
    locals: BTreeSet<usize>,
    /// Whether a field of the record or of a row goes into it.
    reads: bool,
}

/// What an action is made of.
pub(super) struct Made<'e> {
    /// The local of the item of `each`, where there is one.
    pub item: Option<usize>,
    /// The local of the digest of its rows.
    pub digest: usize,
    /// The rows that it consumes, unless they are wrong already.
    pub consumes: Option<(&'e List, Span)>,
    pub sequence: (&'e Expr, Span),
    pub number: (&'e Expr, Span),
}

/// Reports what two actions would have in common that tells them apart.
pub(super) fn check(cx: &mut Context<'_>, made: &Made<'_>) {
    let (sequence, span) = made.sequence;
    if !of(cx, sequence).reads {
        let message =
            "this sequence is the same for all records, so that all actions wait for each other";
        let hint = "let it follow from the record: `\"S-{{ record.ContractNumber }}\"`";
        cx.push(Diagnostic::error(Code::ACTION_IDENTITY, span, message).hint(hint));
    }
    // Without `each` a record is one action, and may be known by its own number.
    let Some(item) = made.item else { return };
    let (number, span) = made.number;
    let locals = of(cx, number).locals;
    if !locals.contains(&item) && !locals.contains(&made.digest) {
        let message = "all actions of a record have this number: after the first one the others are \
                       taken for sent";
        let hint = "let it follow from the rows: `\"{{ record.ContractNumber }}-{{ digest }}\"`";
        cx.push(Diagnostic::error(Code::ACTION_IDENTITY, span, message).hint(hint));
    }
    let Some((consumes, span)) = made.consumes else { return };
    let mut rows = MadeOf::default();
    rows.list(cx, consumes);
    if !rows.locals.contains(&item) {
        let message = "every action of a record consumes these rows: after the first one nothing is \
                       left for the others";
        let hint = "consume the rows of the item of `each`: `$step.rows[*]`";
        cx.push(Diagnostic::error(Code::ACTION_IDENTITY, span, message).hint(hint));
    }
}

fn of(cx: &Context<'_>, expr: &Expr) -> MadeOf {
    let mut made = MadeOf::default();
    made.expr(cx, expr);
    made
}

impl MadeOf {
    fn local(&mut self, cx: &Context<'_>, local: usize) {
        if !self.locals.insert(local) {
            return;
        }
        if let Some(Some(expr)) = cx.code.let_values.get(local) {
            self.expr(cx, expr);
        }
        if let Some(Some(list)) = cx.code.let_lists.get(local) {
            self.list(cx, list);
        }
    }

    fn row(&mut self, cx: &Context<'_>, row: RowRef) {
        self.reads = true;
        if let RowRef::Local(local) = row {
            self.local(cx, local);
        }
    }

    fn all<'e>(&mut self, cx: &Context<'_>, all: impl IntoIterator<Item = &'e Expr>) {
        all.into_iter().for_each(|one| self.expr(cx, one));
    }

    fn expr(&mut self, cx: &Context<'_>, expr: &Expr) {
        match expr {
            Expr::Slot(slot) => self.row(cx, slot.row),
            Expr::Local(local) => self.local(cx, *local),
            Expr::GroupKey(local) | Expr::RangeFrom(local) | Expr::RangeTo(local) => {
                self.row(cx, RowRef::Local(*local));
            }
            Expr::Named { local, naming, nth } => {
                self.row(cx, RowRef::Local(*local));
                let named = cx.code.namings.get(*naming).and_then(|naming| naming.values.get(*nth));
                self.all(cx, named);
            }
            Expr::Table { table, .. } => {
                let inputs = cx.code.tables.get(*table).map(|table| &table.inputs);
                self.all(cx, inputs.into_iter().flatten());
            }
            Expr::Ask(ask) => {
                for arg in &ask.args {
                    match arg {
                        Arg::Record => self.row(cx, RowRef::Record),
                        Arg::Local(local) => self.row(cx, RowRef::Local(*local)),
                        Arg::Value(_) | Arg::List(_) | Arg::Pick(..) => {}
                    }
                }
                let formula = cx.code.formulas.get(ask.formula).map(|formula| &formula.body);
                self.all(cx, formula);
            }
            Expr::Known(_) => self.reads = true,
            _ => {}
        }
        for operand in expr.operands() {
            match operand {
                Operand::Value(value) => self.expr(cx, value),
                Operand::List(list) => self.list(cx, list),
            }
        }
    }

    fn list(&mut self, cx: &Context<'_>, list: &List) {
        self.reads = true;
        match &list.from {
            ListFrom::Rows { slot, .. } => self.row(cx, slot.row),
            ListFrom::Group(local) | ListFrom::Local(local) => self.local(cx, *local),
            ListFrom::Nested(outer, inner) => {
                self.list(cx, outer);
                self.list(cx, inner);
            }
            ListFrom::Named { of, .. } => self.list(cx, of),
            ListFrom::Groups { of, key } => {
                self.list(cx, of);
                self.expr(cx, key);
            }
        }
        self.all(cx, &list.only);
    }
}
