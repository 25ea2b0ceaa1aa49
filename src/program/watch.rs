//! What an evaluation comes by, for those who want to know: which rows, cases and guards were
//! used, and of each value where it comes from.
//!
//! An evaluation that nobody watches pays one look at an empty place where it would tell something.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Origin, Program,
    code::{Expr, Ranges, SlotRef},
    eval::{Evaluation, Group, Local},
    scalar::Scalar,
    sources::{SourceField, source_fields},
};

/// The kinds of parts of a mapping that a record may or may not use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartKind {
    /// A field that is sent.
    Field,
    /// A row of a decision table.
    TableRow,
    /// A row of a value map.
    MapRow,
    /// A case of a `$switch`, or what holds otherwise.
    Case,
    /// What leaves a record or an item out: `skip`, `reject`.
    Guard,
}

/// A part that was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// What it is.
    pub kind: PartKind,
    /// The table, the map or the values that decide, as the mapping names them.
    pub name: String,
    /// What it was asked with.
    pub inputs: Vec<String>,
    /// What it gave.
    pub gives: String,
    /// Where it stands.
    pub origin: Origin,
}

/// A field of the source that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The object and the field.
    pub field: SourceField,
    /// Which row of the object within the record, from 1; none for the record itself.
    pub row: Option<u32>,
    /// Its value as JSON; none where it is missing.
    pub value: Option<String>,
}

/// One value of what is sent, with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// Which wish or action of the draft.
    pub object: usize,
    /// Where it stands in the object: `subscriptions[0].subscriptionNumber`.
    pub path: String,
    /// Where the mapping says it.
    pub origin: Origin,
    /// The cases of the `$switch`es that it stands in, the outermost first.
    pub within: Vec<Fired>,
    /// What was read for it.
    pub reads: Vec<Read>,
    /// The rows of tables and maps that were used for it.
    pub fired: Vec<Fired>,
    /// The value before its modifiers, as JSON; none where it is missing.
    pub found: Option<String>,
    /// What is sent, as JSON; none where nothing is sent.
    pub sent: Option<String>,
}

/// What is watched.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    names: BTreeMap<(usize, usize), SourceField>,
    used: BTreeSet<(PartKind, usize)>,
    values: Vec<Explained>,
    steps: Vec<String>,
    counts: Vec<usize>,
    within: Vec<Fired>,
    reads: Vec<Read>,
    fired: Vec<Fired>,
    /// How deep in lists; what only chooses or orders rows is no part of a value.
    quiet: u32,
    object: usize,
    found: Option<String>,
    /// What names that were calculated before are made of.
    notes: BTreeMap<Note, (Vec<Read>, Vec<Fired>)>,
}

/// What is calculated once and used several times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Note {
    /// The value of a `let`.
    Local(usize),
    /// The row of a table.
    Table(usize),
    /// A value that is named beside an item: the item, and which value.
    Named(usize, usize),
}

/// A place in what is watched, to come back to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    steps: usize,
    counts: usize,
    within: usize,
    values: usize,
    reads: usize,
    fired: usize,
}

impl Watch {
    /// A watch over records of a program.
    pub fn over(program: &Program) -> Self {
        Self { names: source_fields(program), ..Self::default() }
    }

    /// The parts that were used since it was made, by kind and place.
    pub fn used(&self) -> &BTreeSet<(PartKind, usize)> {
        &self.used
    }

    /// The values of the last record, in the order in which they were written.
    pub fn take_values(&mut self) -> Vec<Explained> {
        std::mem::take(&mut self.values)
    }

    /// Forgets the record before, and keeps which parts were used.
    pub(super) fn begin(&mut self) {
        let (names, used) = (std::mem::take(&mut self.names), std::mem::take(&mut self.used));
        *self = Self { names, used, ..Self::default() };
    }

    fn mark(&self) -> Mark {
        Mark {
            steps: self.steps.len(),
            counts: self.counts.len(),
            within: self.within.len(),
            values: self.values.len(),
            reads: self.reads.len(),
            fired: self.fired.len(),
        }
    }

    fn path(&self) -> String {
        let path: String = self.steps.concat();
        path.strip_prefix('.').map(str::to_owned).unwrap_or(path)
    }

    fn tail(&self, mark: Mark) -> (Vec<Read>, Vec<Fired>) {
        let mut reads: Vec<Read> = Vec::new();
        for read in self.reads.get(mark.reads..).unwrap_or_default() {
            if !reads.contains(read) {
                reads.push(read.clone());
            }
        }
        let mut fired: Vec<Fired> = Vec::new();
        for one in self.fired.get(mark.fired..).unwrap_or_default() {
            if !fired.contains(one) {
                fired.push(one.clone());
            }
        }
        (reads, fired)
    }

    fn explain(&mut self, mark: Mark, origin: Origin, sent: Option<String>) {
        let (reads, fired) = self.tail(mark);
        self.values.push(Explained {
            object: self.object,
            path: self.path(),
            origin,
            within: self.within.clone(),
            reads,
            fired,
            found: self.found.take(),
            sent,
        });
    }
}

impl<'r> Evaluation<'r> {
    /// Where the watch is, to come back to.
    pub(super) fn mark(&self) -> Mark {
        self.watch.as_ref().map(|watch| watch.mark()).unwrap_or_default()
    }

    /// Goes back to where the watch was; what was noted of values since then is kept.
    pub(super) fn back(&mut self, mark: Mark) {
        if let Some(watch) = &mut self.watch {
            watch.steps.truncate(mark.steps);
            watch.counts.truncate(mark.counts);
            watch.within.truncate(mark.within);
        }
    }

    /// Goes back, and forgets the values since then: the item is left out.
    pub(super) fn undo(&mut self, mark: Mark) {
        self.back(mark);
        if let Some(watch) = &mut self.watch {
            watch.values.truncate(mark.values);
        }
    }

    /// Leaves a case among the items of a list; the list goes on.
    pub(super) fn leave_case(&mut self, mark: Mark) {
        if let Some(watch) = &mut self.watch {
            watch.within.truncate(mark.within);
        }
    }

    /// The next object of the draft, by its number.
    pub(super) fn begin_object(&mut self, object: usize) {
        if let Some(watch) = &mut self.watch {
            watch.object = object;
            watch.reads.clear();
            watch.fired.clear();
        }
    }

    /// A field of the object, with what it is for.
    pub(super) fn begin_field(&mut self, what: &str, name: &str) {
        if let Some(watch) = &mut self.watch {
            watch.steps = vec![format!(".{what}{name}")];
        }
    }

    /// A member, whose name is written as JSON with its colon.
    pub(super) fn enter_member(&mut self, name: &str) {
        if let Some(watch) = &mut self.watch {
            watch.steps.push(format!(".{}", name.trim_end_matches(':').trim_matches('"')));
        }
    }

    /// A list that is written.
    pub(super) fn enter_list(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.counts.push(0);
        }
    }

    /// The next item of the list.
    pub(super) fn enter_item(&mut self) {
        if let Some(watch) = &mut self.watch {
            let at = watch.counts.last().copied().unwrap_or_default();
            watch.steps.push(format!("[{at}]"));
        }
    }

    /// The item was written.
    pub(super) fn count_item(&mut self) {
        if let Some(count) = self.watch.as_mut().and_then(|watch| watch.counts.last_mut()) {
            *count += 1;
        }
    }

    /// A part was used. What it is called is only asked for where somebody watches.
    pub(super) fn fire(
        &mut self,
        kind: PartKind,
        origin: usize,
        told: impl FnOnce() -> (String, Vec<String>, String),
    ) {
        let Some(watch) = &mut self.watch else { return };
        watch.used.insert((kind, origin));
        if watch.quiet > 0 && kind != PartKind::Case {
            return;
        }
        let (name, inputs, gives) = told();
        let fired = Fired { kind, name, inputs, gives, origin: self.code.origin(origin) };
        match kind {
            PartKind::Case => watch.within.push(fired),
            _ => watch.fired.push(fired),
        }
    }

    /// A slot was read.
    pub(super) fn note_read(&mut self, slot: SlotRef, value: &Scalar<'r>) {
        let row = self.row_of(slot);
        let Some(watch) = &mut self.watch else { return };
        let Some(field) = watch.names.get(&(slot.shape, slot.slot)).filter(|_| watch.quiet == 0)
        else {
            return;
        };
        let row = (slot.shape > 0).then_some(row).flatten().map(|row| row + 1);
        watch.reads.push(Read { field: field.clone(), row, value: json_of(value) });
    }

    /// Calculates something that is kept, and notes what it is made of.
    pub(super) fn noted<T>(
        &mut self,
        note: Note,
        calculate: impl FnOnce(&mut Self) -> Result<T, Box<super::eval::Halt>>,
    ) -> Result<T, Box<super::eval::Halt>> {
        let mark = self.mark();
        let quiet = self.watch.as_mut().map(|watch| std::mem::take(&mut watch.quiet));
        let value = calculate(self);
        if let Some(watch) = &mut self.watch {
            let tail = watch.tail(mark);
            watch.notes.insert(note, tail);
            watch.quiet = quiet.unwrap_or_default();
            if watch.quiet > 0 {
                watch.reads.truncate(mark.reads);
                watch.fired.truncate(mark.fired);
            }
        }
        value
    }

    /// What was kept is used again, and what it is made of counts for this use too.
    pub(super) fn recall(&mut self, note: Note) {
        let Some(watch) = &mut self.watch else { return };
        if let Some((reads, fired)) = watch.notes.get(&note).filter(|_| watch.quiet == 0) {
            watch.reads.extend(reads.iter().cloned());
            watch.fired.extend(fired.iter().cloned());
        }
    }

    /// What the key of a group is made of, as its first item has it.
    pub(super) fn note_key(&mut self, group: &Group<'r>) {
        if let (Some(_), Some(first)) = (&self.watch, group.items.first()) {
            let (key, item) = group.by;
            self.ask_again(item, first.clone(), key);
        }
    }

    /// What a bound of a range is made of.
    pub(super) fn note_bound(&mut self, row: u32, (_, item): (&'r Ranges, usize), bound: &'r Expr) {
        if self.watch.is_some() {
            self.ask_again(item, Local::Row(row), bound);
        }
    }

    /// Calculates something that is known, only to see what it is made of.
    fn ask_again(&mut self, item: usize, holds: Local<'r>, expr: &'r Expr) {
        let aside = self.put_aside(item);
        self.set(item, holds);
        // It was calculated before, so it cannot fail; were it to, nothing would be noted.
        let _ = self.expr(expr);
        self.take_back(item, aside);
    }

    /// What a value is before its modifiers.
    pub(super) fn note_found(&mut self, value: &Scalar<'r>) {
        if let Some(watch) = &mut self.watch {
            watch.found = json_of(value);
        }
    }

    /// What only chooses rows is no part of a value.
    pub(super) fn hush(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.quiet += 1;
        }
    }

    /// The end of what is hushed.
    pub(super) fn unhush(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.quiet = watch.quiet.saturating_sub(1);
        }
    }

    /// A value of a rule was written, or nothing was.
    pub(super) fn explain_rule(&mut self, mark: Mark, origin: usize, sent: Option<&[u8]>) {
        let place = self.code.origin(origin);
        let Some(watch) = &mut self.watch else { return };
        if sent.is_some() {
            watch.used.insert((PartKind::Field, origin));
        }
        let sent = sent.map(|json| String::from_utf8_lossy(json).into_owned());
        watch.explain(mark, place, sent);
    }

    /// A literal was written.
    pub(super) fn explain_literal(&mut self, json: &str, origin: usize) {
        let (mark, place) = (self.mark(), self.code.origin(origin));
        let Some(watch) = &mut self.watch else { return };
        watch.used.insert((PartKind::Field, origin));
        watch.found = None;
        watch.explain(mark, place, Some(json.to_owned()));
    }

    /// A reference took the place of what its key was made of.
    pub(super) fn explain_reference(&mut self, mark: Mark, origin: usize, to: &str) {
        let place = self.code.origin(origin);
        let Some(watch) = &mut self.watch else { return };
        watch.used.insert((PartKind::Field, origin));
        watch.values.truncate(mark.values);
        watch.found = None;
        watch.explain(mark, place, Some(to.to_owned()));
    }
}

fn json_of(value: &Scalar<'_>) -> Option<String> {
    if matches!(value, Scalar::Missing) {
        return None;
    }
    let mut out = Vec::new();
    value.write(&mut out);
    String::from_utf8(out).ok()
}
