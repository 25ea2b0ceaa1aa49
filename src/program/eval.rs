//! Evaluation of expressions: pure, total, bounded.

use std::{borrow::Cow, cell::RefCell, rc::Rc};

use super::{
    Verdict,
    actions::Acting,
    code::{Arm, Cell, Expr, Fold, Order, Ranges, RowRef, SlotRef, Stop},
    compiled::Code,
    reader::Reader,
    scalar::Scalar,
    watch::{Note, PartKind, Watch},
};
use crate::value::{Date, Decimal};

/// How many expressions one record may evaluate. A product of a real org takes a few thousand; a
/// list over a list over a list must end somewhere.
const STEPS_MAX: u64 = 20_000_000;

/// What a local holds.
#[derive(Clone, Debug)]
pub(super) enum Local<'r> {
    Unset,
    Row(u32),
    Ranged {
        row: u32,
        from: Decimal,
        to: Option<Decimal>,
        /// What it was made of, and the local that holds a row for it.
        by: (&'r Ranges, usize),
    },
    Value(Scalar<'r>),
    Group(Rc<Group<'r>>),
    Items(Rc<Vec<Local<'r>>>),
    Named(Rc<NamedItem<'r>>),
}

/// An item of a list with the values that are named beside it.
#[derive(Debug)]
pub(super) struct NamedItem<'r> {
    pub item: Local<'r>,
    /// Tells it from all other items with names.
    pub id: usize,
    pub naming: usize,
    /// What was calculated so far, in the order of the names.
    pub values: RefCell<Vec<Option<Scalar<'r>>>>,
}

/// The items of a list that share a key.
#[derive(Clone, Debug)]
pub(super) struct Group<'r> {
    pub key: Scalar<'r>,
    pub items: Vec<Local<'r>>,
    /// What the key is, and the local that holds an item for it.
    pub by: (&'r Expr, usize),
}

/// Why evaluation of a record or an item ends.
#[derive(Clone, Debug)]
pub(super) struct Halt {
    pub reject: bool,
    pub verdict: Verdict,
}

/// The evaluation of one record.
pub(super) struct Evaluation<'r> {
    pub code: &'r Code,
    pub reader: &'r Reader,
    pub text: &'r str,
    pub locals: Vec<Local<'r>>,
    /// The rows that matched, per use of a table whose inputs come from the record alone.
    pub matched: Vec<Option<usize>>,
    /// The place of the rule that is evaluated, for faults that have no place of their own.
    pub origin: usize,
    pub steps: u64,
    /// What it knows and learns where it makes actions.
    pub acting: Acting<'r>,
    /// How many items got names so far.
    pub named_items: usize,
    /// Who watches it.
    pub watch: Option<Box<Watch>>,
}

pub(super) type Evaluated<'r> = Result<Scalar<'r>, Box<Halt>>;

impl<'r> Evaluation<'r> {
    pub fn new(code: &'r Code, reader: &'r Reader, text: &'r str) -> Self {
        Self {
            code,
            reader,
            text,
            locals: vec![Local::Unset; code.locals],
            matched: vec![None; code.tables.len()],
            origin: 0,
            steps: 0,
            acting: Acting::default(),
            named_items: 0,
            watch: None,
        }
    }

    /// A rejection at the place of the rule that is evaluated.
    pub fn reject(&self, rule: &'static str, reason: impl Into<String>) -> Box<Halt> {
        self.reject_at(self.origin, rule, reason)
    }

    pub fn reject_at(
        &self,
        origin: usize,
        rule: &'static str,
        reason: impl Into<String>,
    ) -> Box<Halt> {
        let origin = self.code.origin(origin);
        let verdict = Verdict { rule, reason: reason.into(), origin, path: None };
        Box::new(Halt { reject: true, verdict })
    }

    pub fn stop(&mut self, stop: &'r Stop) -> Box<Halt> {
        let reason = match self.expr(&stop.reason) {
            Ok(reason) => reason.shown().into_owned(),
            Err(halt) => halt.verdict.reason,
        };
        let origin = self.code.origin(stop.origin);
        let rule = if stop.reject { "rejected-by-mapping" } else { "skipped-by-mapping" };
        Box::new(Halt {
            reject: stop.reject,
            verdict: Verdict { rule, reason, origin, path: None },
        })
    }

    /// The value of an expression.
    pub fn expr(&mut self, expr: &'r Expr) -> Evaluated<'r> {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return Err(
                self.reject("steps", format!("the record takes more than {STEPS_MAX} steps"))
            );
        }
        match expr {
            Expr::Constant(constant) => Ok(Scalar::of_constant(constant)),
            Expr::Slot(slot) => {
                let value = self.slot(*slot);
                if self.watch.is_some() {
                    self.note_read(*slot, &value);
                }
                Ok(value)
            }
            Expr::Local(local) => self.local(*local),
            Expr::GroupKey(local) => Ok(match self.plain(*local) {
                Some(Local::Group(group)) => {
                    let group = group.clone();
                    self.note_key(&group);
                    group.key.clone()
                }
                _ => Scalar::Missing,
            }),
            Expr::Named { local, naming, nth } => self.named(*local, *naming, *nth),
            Expr::RangeFrom(local) => Ok(match self.plain(*local) {
                Some(Local::Ranged { row, from, by, .. }) => {
                    let (row, from, by) = (*row, *from, *by);
                    self.note_bound(row, by, &by.0.lower);
                    Scalar::Number(from)
                }
                _ => Scalar::Missing,
            }),
            Expr::RangeTo(local) => Ok(match self.plain(*local) {
                Some(Local::Ranged { row, to, by, .. }) => {
                    let (row, to, by) = (*row, *to, *by);
                    self.note_bound(row, by, &by.0.upper);
                    to.map_or(Scalar::Null, Scalar::Number)
                }
                _ => Scalar::Missing,
            }),
            Expr::Join(parts) => self.join(parts),
            Expr::Add(a, b) => self.calculate(a, b, Decimal::checked_add),
            Expr::Subtract(a, b) => self.calculate(a, b, Decimal::checked_sub),
            Expr::Multiply(a, b) => self.calculate(a, b, exact_product),
            Expr::Divide(a, b) => self.calculate(a, b, Decimal::checked_div),
            Expr::Negative(a) => {
                let value = self.expr(a)?;
                if value.is_absent() {
                    return Ok(value);
                }
                self.number(&value).map(|number| Scalar::Number(-number))
            }
            Expr::Compare(order, a, b) => {
                let (a, b) = (self.expr(a)?, self.expr(b)?);
                Ok(Scalar::Bool(compare(*order, &a, &b)))
            }
            Expr::And(all) => self.every(all, true),
            Expr::Or(all) => self.every(all, false),
            Expr::Not(inner) => Ok(Scalar::Bool(!self.truth(inner)?)),
            Expr::In(value, items) => {
                let value = self.expr(value)?;
                for item in items {
                    if self.expr(item)?.same(&value) {
                        return Ok(Scalar::Bool(true));
                    }
                }
                Ok(Scalar::Bool(false))
            }
            Expr::If(condition, then, otherwise) => {
                if self.truth(condition)? {
                    self.expr(then)
                } else {
                    self.expr(otherwise)
                }
            }
            Expr::IsAbsent(inner) => Ok(Scalar::Bool(self.expr(inner)?.is_absent())),
            Expr::Default(first, second) => {
                let value = self.expr(first)?;
                if value.is_absent() { self.expr(second) } else { Ok(value) }
            }
            Expr::Needed { of, origin } => {
                let value = self.expr(of)?;
                if value.is_absent() {
                    let reason = "a value is needed here, and the source has none";
                    return Err(self.reject_at(*origin, "absent-value", reason));
                }
                Ok(value)
            }
            Expr::Call(function, args) => {
                let mut values = Vec::with_capacity(args.len());
                for arg in args {
                    values.push(self.expr(arg)?);
                }
                self.call(*function, values)
            }
            Expr::Count(list) => {
                let count = self.list(list)?.len();
                Ok(Scalar::Number(Decimal::from(count)))
            }
            Expr::Fold(fold, list, value) => {
                let items = self.list(list)?;
                self.fold(*fold, items, list.item, value)
            }
            Expr::Pick { list, index, value } => match self.pick(list, *index)? {
                Some(item) => {
                    self.hold(list.item, item);
                    self.expr(value)
                }
                None => Ok(Scalar::Missing),
            },
            Expr::Table { table, output } => self.table(*table, *output),
            Expr::Map { map, of } => {
                let value = self.expr(of)?;
                self.map(*map, &value)
            }
            Expr::Ask(ask) => self.ask(ask),
            Expr::Known(part) => Ok(self.known(part)),
            Expr::Settled(id) => {
                let id = self.expr(id)?;
                Ok(Scalar::Bool(self.is_settled(&id.shown())))
            }
        }
    }

    /// Whether a condition holds; one that is absent does not.
    pub fn truth(&mut self, expr: &'r Expr) -> Result<bool, Box<Halt>> {
        Ok(matches!(self.expr(expr)?, Scalar::Bool(true)))
    }

    /// The value of a slot.
    pub fn slot_value(&self, slot: SlotRef) -> Scalar<'r> {
        self.slot(slot)
    }

    #[inline]
    fn slot(&self, slot: SlotRef) -> Scalar<'r> {
        let Some(row) = self.row_of(slot) else { return Scalar::Missing };
        let width = self.code.shapes.all.get(slot.shape).map_or(0, |shape| shape.width);
        Scalar::of_slot(self.reader.slot(slot.shape, row, width, slot.slot), self.text)
    }

    /// The row of a slot, where its local holds one.
    #[inline]
    pub(super) fn row_of(&self, slot: SlotRef) -> Option<u32> {
        match slot.row {
            RowRef::Record => Some(0),
            RowRef::Local(local) => match self.plain(local) {
                Some(Local::Row(row) | Local::Ranged { row, .. }) => Some(*row),
                _ => None,
            },
        }
    }

    fn local(&mut self, local: usize) -> Evaluated<'r> {
        match self.locals.get(local) {
            Some(Local::Value(value)) => {
                let value = value.clone();
                if self.watch.is_some() {
                    self.recall(Note::Local(local));
                }
                return Ok(value);
            }
            Some(Local::Unset) => {}
            _ => return Ok(Scalar::Missing),
        }
        let code = self.code;
        let Some(Some(expr)) = code.let_values.get(local) else { return Ok(Scalar::Missing) };
        let value = self.noted(Note::Local(local), |this| this.expr(expr))?;
        self.set(local, Local::Value(value.clone()));
        Ok(value)
    }

    pub fn set(&mut self, local: usize, value: Local<'r>) {
        if let Some(place) = self.locals.get_mut(local) {
            *place = value;
        }
    }

    fn join(&mut self, parts: &'r [Expr]) -> Evaluated<'r> {
        let mut text = String::new();
        for part in parts {
            let value = self.expr(part)?;
            if value.is_absent() {
                return Err(self.reject("absent-in-text", "a part of the text is missing or null"));
            }
            text.push_str(&value.shown());
        }
        Ok(Scalar::Text(Cow::Owned(text)))
    }

    pub fn number(&self, value: &Scalar<'r>) -> Result<Decimal, Box<Halt>> {
        value.number().ok_or_else(|| {
            let reason = format!("`{}` is not a number that can be kept exactly", value.shown());
            self.reject("not-a-number", reason)
        })
    }

    fn calculate(
        &mut self,
        a: &'r Expr,
        b: &'r Expr,
        step: fn(Decimal, Decimal) -> Option<Decimal>,
    ) -> Evaluated<'r> {
        let (a, b) = (self.expr(a)?, self.expr(b)?);
        if a.is_absent() || b.is_absent() {
            return Ok(Scalar::Null);
        }
        let (a, b) = (self.number(&a)?, self.number(&b)?);
        step(a, b).map(Scalar::Number).ok_or_else(|| {
            self.reject(
                "arithmetic",
                format!("{a} and {b} give no number that can be kept exactly"),
            )
        })
    }

    fn every(&mut self, all: &'r [Expr], wanted: bool) -> Evaluated<'r> {
        for expr in all {
            if self.truth(expr)? != wanted {
                return Ok(Scalar::Bool(!wanted));
            }
        }
        Ok(Scalar::Bool(wanted))
    }

    fn fold(
        &mut self,
        fold: Fold,
        items: Rc<Vec<Local<'r>>>,
        local: usize,
        value: &'r Expr,
    ) -> Evaluated<'r> {
        let mut so_far = match fold {
            Fold::Sum => Scalar::Number(Decimal::ZERO),
            Fold::Any => Scalar::Bool(false),
            Fold::All => Scalar::Bool(true),
            Fold::Min | Fold::Max => Scalar::Missing,
        };
        for item in items.iter() {
            self.hold(local, item.clone());
            let value = self.expr(value)?;
            so_far = match fold {
                _ if value.is_absent() => so_far,
                Fold::Any => {
                    Scalar::Bool(so_far == Scalar::Bool(true) || value == Scalar::Bool(true))
                }
                Fold::All => {
                    Scalar::Bool(so_far == Scalar::Bool(true) && value == Scalar::Bool(true))
                }
                Fold::Sum => {
                    let (sum, value) = (self.number(&so_far)?, self.number(&value)?);
                    let sum = sum.checked_add(value);
                    Scalar::Number(
                        sum.ok_or_else(|| self.reject("arithmetic", "the sum is too large"))?,
                    )
                }
                Fold::Min | Fold::Max if so_far.is_absent() => value,
                Fold::Min if compare(Order::Less, &value, &so_far) => value,
                Fold::Max if compare(Order::Greater, &value, &so_far) => value,
                Fold::Min | Fold::Max => so_far,
            };
        }
        Ok(so_far)
    }

    fn arm(&mut self, arm: &'r Arm) -> Evaluated<'r> {
        match arm {
            Arm::Value(constant) => Ok(Scalar::of_constant(constant)),
            Arm::Stop(stop) => Err(self.stop(stop)),
        }
    }

    fn map(&mut self, map: usize, value: &Scalar<'r>) -> Evaluated<'r> {
        let code = self.code;
        let Some(map) = code.maps.get(map) else { return Ok(Scalar::Missing) };
        let text = value.shown();
        let fired = |arm: &Arm| (map.name.clone(), vec![text.clone().into_owned()], arm.shown());
        if value.is_absent() {
            return match &map.null {
                Some(arm) => {
                    self.fire(PartKind::MapRow, map.null_origin, || fired(arm));
                    self.arm(arm)
                }
                None => Ok(value.clone()),
            };
        }
        match map.arms.iter().position(|(known, _)| *known == *text) {
            Some(at) => {
                let origin = map.origins.get(at).copied().unwrap_or(map.origin);
                let Some((_, arm)) = map.arms.get(at) else { return Ok(Scalar::Missing) };
                self.fire(PartKind::MapRow, origin, || fired(arm));
                self.arm(arm)
            }
            None => match &map.other {
                Some(arm) => {
                    self.fire(PartKind::MapRow, map.other_origin, || fired(arm));
                    self.arm(arm)
                }
                None => Err(self.reject_at(
                    map.origin,
                    "map-unmatched",
                    format!("the map `{}` has no row for `{text}`", map.name),
                )),
            },
        }
    }

    fn table(&mut self, at: usize, output: usize) -> Evaluated<'r> {
        let code = self.code;
        let Some(table) = code.tables.get(at) else { return Ok(Scalar::Missing) };
        let known = self.matched.get(at).copied().flatten().filter(|_| table.of_record);
        let row = match known {
            Some(row) => {
                self.recall(Note::Table(at));
                row
            }
            None => {
                let row = self.noted(Note::Table(at), |this| this.match_row(table))?;
                if let Some(place) = self.matched.get_mut(at) {
                    *place = Some(row);
                }
                row
            }
        };
        let outputs = table.rows.get(row).map_or(&[][..], |row| row.outputs.as_slice());
        match outputs.get(output).or_else(|| outputs.first()) {
            Some(arm) => self.arm(arm),
            None => Ok(Scalar::Missing),
        }
    }

    fn match_row(&mut self, table: &'r super::code::TableUse) -> Result<usize, Box<Halt>> {
        let mut inputs = Vec::with_capacity(table.inputs.len());
        for input in &table.inputs {
            inputs.push(self.expr(input)?);
        }
        let row = table.rows.iter().position(|row| {
            row.cells.iter().zip(&inputs).all(|(cell, input)| matches(cell, input))
        });
        let shown = || inputs.iter().map(|input| input.shown().into_owned()).collect::<Vec<_>>();
        if let Some(row) = row.and_then(|row| table.rows.get(row)) {
            self.fire(PartKind::TableRow, row.origin, || {
                let gives: Vec<String> = row.outputs.iter().map(Arm::shown).collect();
                (table.name.clone(), shown(), gives.join(", "))
            });
        }
        row.ok_or_else(|| {
            let inputs = shown();
            let reason =
                format!("the table `{}` has no row for ({})", table.name, inputs.join(", "));
            self.reject_at(table.origin, "table-unmatched", reason)
        })
    }

    /// A value as a date.
    pub fn date(&self, value: &Scalar<'r>) -> Result<Date, Box<Halt>> {
        let text = value.text().unwrap_or_default();
        Date::parse(&text).map_err(|fault| self.reject("not-a-date", fault.to_string()))
    }
}

/// A product that keeps every digit, or none at all: `checked_mul` rounds what has no room.
fn exact_product(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b) = (a.normalize(), b.normalize());
    let product = a.checked_mul(b)?;
    let exact = a.is_zero() || b.is_zero() || product.scale() == a.scale() + b.scale();
    exact.then_some(product)
}

pub(super) fn compare(order: Order, a: &Scalar<'_>, b: &Scalar<'_>) -> bool {
    use std::cmp::Ordering as O;
    match order {
        Order::Equal => a.same(b),
        Order::NotEqual => !a.same(b),
        Order::Less => a.order(b) == Some(O::Less),
        Order::LessOrEqual => matches!(a.order(b), Some(O::Less | O::Equal)),
        Order::Greater => a.order(b) == Some(O::Greater),
        Order::GreaterOrEqual => matches!(a.order(b), Some(O::Greater | O::Equal)),
    }
}

fn matches(cell: &Cell, input: &Scalar<'_>) -> bool {
    let is = |all: &[super::code::Constant]| {
        all.iter().any(|constant| Scalar::of_constant(constant).same(input))
    };
    match cell {
        Cell::Any => true,
        Cell::Null => input.is_absent(),
        Cell::OneOf(all) => is(all),
        Cell::NoneOf(all) => !input.is_absent() && !is(all),
    }
}
