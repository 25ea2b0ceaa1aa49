//! The instructions of a program: expressions, lists and the nodes of what is sent.
//!
//! Names are gone: a slot is a number, a local is a number, a table is a number. Nothing here can
//! fail to resolve when it runs.

use super::functions::Function;
use crate::value::Decimal;

/// Where a row comes from: the record, or a local that holds a row of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowRef {
    /// The record itself.
    Record,
    /// A local that holds one row.
    Local(usize),
}

/// A slot of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotRef {
    /// The row.
    pub row: RowRef,
    /// The shape of the row.
    pub shape: usize,
    /// The slot.
    pub slot: usize,
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// Null.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(Decimal),
    /// A text, a date or an instant.
    Text(String),
}

/// An expression: one value.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A constant.
    Constant(Constant),
    /// A slot.
    Slot(SlotRef),
    /// The value that a local holds; evaluated at its first use when it is a `let`.
    Local(usize),
    /// The key of the group that a local holds.
    GroupKey(usize),
    /// A value that was named beside the item that a local holds.
    Named {
        /// The local that holds the item.
        local: usize,
        /// The names that the item has.
        naming: usize,
        /// Which of them.
        nth: usize,
    },
    /// The first number of the range that a local holds.
    RangeFrom(usize),
    /// The last number of the range that a local holds; null when it is open.
    RangeTo(usize),
    /// Texts one after the other; no part may be absent.
    Join(Vec<Expr>),
    /// `a + b`; absent when a side is.
    Add(Box<Expr>, Box<Expr>),
    /// `a - b`
    Subtract(Box<Expr>, Box<Expr>),
    /// `a * b`
    Multiply(Box<Expr>, Box<Expr>),
    /// `a / b`
    Divide(Box<Expr>, Box<Expr>),
    /// `-a`
    Negative(Box<Expr>),
    /// A comparison.
    Compare(Order, Box<Expr>, Box<Expr>),
    /// All of them hold.
    And(Vec<Expr>),
    /// One of them holds.
    Or(Vec<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// The value is one of these.
    In(Box<Expr>, Vec<Expr>),
    /// `then` or `otherwise`.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// The value is missing or null.
    IsAbsent(Box<Expr>),
    /// The first, or the second when the first is missing or null.
    Default(Box<Expr>, Box<Expr>),
    /// The value, without which there is no record.
    Needed {
        /// The value.
        of: Box<Expr>,
        /// Where it stands.
        origin: usize,
    },
    /// A function.
    Call(Function, Vec<Expr>),
    /// How many items a list has.
    Count(Box<List>),
    /// A value over the items of a list.
    Fold(Fold, Box<List>, Box<Expr>),
    /// A value of one item of a list: `book.rows[0].Name`.
    Pick {
        /// The list.
        list: Box<List>,
        /// Which item; negative counts from the end.
        index: i64,
        /// The value of the item, which the list's local holds.
        value: Box<Expr>,
    },
    /// An output of the row of a decision table that matches.
    Table {
        /// The use of the table.
        table: usize,
        /// Which output.
        output: usize,
    },
    /// A value map.
    Map {
        /// The map.
        map: usize,
        /// The value that is mapped.
        of: Box<Expr>,
    },
    /// The value of a formula for some arguments.
    Ask(Box<Ask>),
    /// What is known of the actions of the record's sequence.
    Known(KnownPart),
    /// Whether an action that took effect has consumed the row of this id.
    Settled(Box<Expr>),
}

/// A value with parameters, which does not ask itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    /// The locals that hold its parameters.
    pub params: Vec<usize>,
    /// The value.
    pub body: Expr,
}

/// A formula with what it is given.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// Which formula.
    pub formula: usize,
    /// What its parameters hold, in their order.
    pub args: Vec<Arg>,
}

/// What a parameter of a formula is given.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// The record.
    Record,
    /// What a local holds: a row, a range, a group.
    Local(usize),
    /// A value.
    Value(Expr),
    /// The items of a list.
    List(Box<List>),
    /// One item of a list; negative counts from the end.
    Pick(Box<List>, i64),
}

/// A part of what is known of a sequence: the actions that took effect, and those that the same
/// record makes before.
#[derive(Clone, Debug, PartialEq)]
pub enum KnownPart {
    /// How many they are.
    Actions,
    /// How many of them are for this record.
    Own,
    /// What the last one does.
    Kind,
    /// The day of the last one.
    Day,
    /// A member of what the target answered to the last one that took effect.
    Result(Vec<ResultStep>),
}

/// A step into an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum ResultStep {
    /// The member of a name.
    Member(String),
    /// The item at a place, from 0.
    Item(usize),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `==`; absent equals absent.
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// What is made of the values of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// Their sum; 0 for none.
    Sum,
    /// The smallest; absent for none.
    Min,
    /// The largest; absent for none.
    Max,
    /// Whether one of them is true.
    Any,
    /// Whether all of them are true.
    All,
}

/// A list of items, each of which goes to a local.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// Where the items come from.
    pub from: ListFrom,
    /// The local that holds an item.
    pub item: usize,
    /// The local that holds the number of an item, from 1.
    pub index: Option<usize>,
    /// Only items for which this holds.
    pub only: Option<Expr>,
    /// The order, most significant first; the flag says whether the largest comes first.
    pub sort: Vec<(Expr, bool)>,
    /// Half-open ranges that become inclusive ones.
    pub ranges: Option<Box<Ranges>>,
}

/// Values that are named beside each item of a list; each is calculated once per item.
#[derive(Clone, Debug, PartialEq)]
pub struct Naming {
    /// The local that holds the item while its values are calculated.
    pub item: usize,
    /// The values, each of which may use those before it.
    pub values: Vec<Expr>,
}

/// Where the items of a list come from.
#[derive(Clone, Debug, PartialEq)]
pub enum ListFrom {
    /// The rows that a slot names, of a shape.
    Rows {
        /// The slot.
        slot: SlotRef,
        /// The shape of the items.
        shape: usize,
    },
    /// Rows of rows: the items of the inner list for every item of the outer one.
    Nested(Box<List>, Box<List>),
    /// The list that a `let` names.
    Local(usize),
    /// The items of a list, each with values that are named beside it.
    Named {
        /// The items.
        of: Box<List>,
        /// The names.
        naming: usize,
    },
    /// The rows of the group that a local holds.
    Group(usize),
    /// Groups of the items of a list by a key.
    Groups {
        /// The items.
        of: Box<List>,
        /// The key.
        key: Box<Expr>,
    },
}

/// `[lower, upper)` becomes `[from, to]`, checked for holes, overlaps, duplicates and open ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranges {
    /// The lower bound of an item, inclusive.
    pub lower: Expr,
    /// The upper bound of an item, exclusive; absent is open.
    pub upper: Expr,
    /// The smallest step of the quantity.
    pub step: Expr,
    /// A last upper bound of this or more means open.
    pub open_at: Option<Decimal>,
    /// What the first range starts at when its lower bound is this or one more; a range that
    /// begins later is refused.
    pub first: Option<Decimal>,
    /// The id of an item, for messages.
    pub id: Option<Expr>,
    /// Where it stands.
    pub origin: usize,
}

/// A part of what is sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// JSON as it stands.
    Literal {
        /// The JSON.
        json: String,
        /// Where it stands.
        origin: usize,
    },
    /// A value.
    Value(Box<Rule>),
    /// An object; members that are absent are left out.
    Object(Vec<(String, Node)>),
    /// A list.
    List(Vec<Item>),
    /// One of several nodes.
    Switch {
        /// What decides.
        on: Expr,
        /// The cases.
        cases: Vec<(Constant, Node)>,
        /// What holds otherwise.
        otherwise: Option<Box<Node>>,
        /// Where it stands.
        origin: usize,
        /// Where its cases stand, and last what holds otherwise.
        origins: Vec<usize>,
    },
    /// A node only when a condition holds.
    When(Expr, Box<Node>),
    /// A node that only actions of some kinds send; what others would have sent is noted.
    On {
        /// The kinds.
        kinds: Vec<String>,
        /// Where it stands in the body: `subscriptions[].customFields`.
        path: String,
        /// The node.
        node: Box<Node>,
    },
    /// A reference to a wished object.
    Reference(Box<ReferenceTo>),
    /// The record or item is left out.
    Stop(Box<Stop>),
}

/// An item of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// One item, left out when it is absent.
    One(Node),
    /// Items for each item of another list, spliced.
    Each(Box<List>, Vec<Item>),
    /// Items of the case that holds, spliced.
    Switch {
        /// What decides.
        on: Expr,
        /// The cases.
        cases: Vec<(Constant, Vec<Item>)>,
        /// What holds otherwise.
        otherwise: Vec<Item>,
        /// Where its cases stand, and last what holds otherwise.
        origins: Vec<usize>,
    },
    /// Items only when a condition holds.
    When(Expr, Vec<Item>),
}

/// A value with what is done to it on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The target's field that it goes to, for messages; empty where there is none.
    pub field: String,
    /// Where it comes from.
    pub from: Expr,
    /// What happens when it is missing.
    pub missing: Absence,
    /// What happens when it is null.
    pub null: Absence,
    /// What happens when it is an empty text.
    pub empty: Option<Absence>,
    /// The largest number of characters, and what happens to a longer text.
    pub length: Option<(u32, TooLong)>,
    /// Digits before and after the point that the target takes.
    pub digits: Option<(u32, u32)>,
    /// The values that the tenant has, where it must be one of them.
    pub among: Option<std::sync::Arc<Among>>,
    /// The form that it is sent in.
    pub form: Form,
    /// Where it stands.
    pub origin: usize,
}

/// A list of the tenant that a value must be in.
#[derive(Clone, Debug, PartialEq)]
pub struct Among {
    /// The list: `units`.
    pub list: String,
    /// Its values.
    pub values: std::collections::BTreeSet<String>,
}

/// What happens to a value that is not there.
#[derive(Clone, Debug, PartialEq)]
pub enum Absence {
    /// The member is left out.
    Omit,
    /// Null is sent.
    Clear,
    /// The record is rejected.
    Error,
    /// Another value stands in.
    Value(Expr),
}

/// What happens to a text that is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooLong {
    /// It is cut.
    Cut,
    /// The record is rejected.
    Error,
}

/// The form that a value is sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A text.
    Text,
    /// A number.
    Number,
    /// A truth value.
    Bool,
    /// Whatever the value is.
    Any,
}

/// A reference to an object that a mapping wishes for.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceTo {
    /// The mapping.
    pub mapping: String,
    /// The resource.
    pub resource: String,
    /// The key, level by level, the outermost parent first.
    pub by: Vec<Vec<Rule>>,
    /// The field of the result that is taken.
    pub take: Option<String>,
    /// Where it stands.
    pub origin: usize,
}

/// The record or item is left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// Whether it is a rejection; else it is skipped.
    pub reject: bool,
    /// The reason.
    pub reason: Expr,
    /// Where it stands.
    pub origin: usize,
}

/// A value map.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueMap {
    /// Its name.
    pub name: String,
    /// The values.
    pub arms: Vec<(String, Arm)>,
    /// What holds for any other value.
    pub other: Option<Arm>,
    /// What holds for null.
    pub null: Option<Arm>,
    /// Where it stands.
    pub origin: usize,
    /// Where its rows stand, in the order of `arms`.
    pub origins: Vec<usize>,
    /// Where `$other` stands.
    pub other_origin: usize,
    /// Where `$null` stands.
    pub null_origin: usize,
}

/// What a map or a table gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Arm {
    /// A value.
    Value(Constant),
    /// The record or item is left out.
    Stop(Stop),
}

/// A use of a decision table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableUse {
    /// Its name.
    pub name: String,
    /// The inputs.
    pub inputs: Vec<Expr>,
    /// The rows.
    pub rows: Vec<TableRow>,
    /// Whether its inputs come from the record alone, so that one look-up serves it whole.
    pub of_record: bool,
    /// Where it stands.
    pub origin: usize,
}

/// A row of a decision table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    /// The cells of the inputs.
    pub cells: Vec<Cell>,
    /// The outputs; one stop stands for all of them.
    pub outputs: Vec<Arm>,
    /// Where it stands.
    pub origin: usize,
}

/// A cell of an input.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Anything, absent too.
    Any,
    /// Missing or null.
    Null,
    /// One of these.
    OneOf(Vec<Constant>),
    /// Something that is none of these, and there.
    NoneOf(Vec<Constant>),
}

impl Arm {
    /// What it gives, for people.
    pub fn shown(&self) -> String {
        match self {
            Self::Value(constant) => constant.shown(),
            Self::Stop(stop) => stop.shown(),
        }
    }
}

impl Stop {
    /// What it does, for people.
    pub fn shown(&self) -> String {
        let what = if self.reject { "reject" } else { "skip" };
        match &self.reason {
            Expr::Constant(reason) => format!("{what}: {}", reason.shown()),
            Expr::Join(parts) => {
                let part = |part: &Expr| match part {
                    Expr::Constant(text) => text.shown(),
                    _ => "…".to_owned(),
                };
                format!("{what}: {}", parts.iter().map(part).collect::<String>())
            }
            _ => what.to_owned(),
        }
    }
}

impl Constant {
    /// It, for people.
    pub fn shown(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(truth) => truth.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}
