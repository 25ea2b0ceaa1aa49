//! What an expression is made of, for those who go over expressions without evaluating them.

use super::code::{Arg, Expr, List};

/// A part of an expression that is written within it.
#[derive(Clone, Copy, Debug)]
pub enum Operand<'e> {
    /// A value.
    Value(&'e Expr),
    /// A list.
    List(&'e List),
}

impl Expr {
    /// The values and lists within it, in the order in which they stand. What it only names (a
    /// `let`, a table, the body of a formula) is not within it.
    pub fn operands(&self) -> Vec<Operand<'_>> {
        match self {
            Self::Constant(_)
            | Self::Slot(_)
            | Self::Local(_)
            | Self::GroupKey(_)
            | Self::Named { .. }
            | Self::RangeFrom(_)
            | Self::RangeTo(_)
            | Self::Table { .. }
            | Self::Known(_) => Vec::new(),
            Self::Join(all) | Self::And(all) | Self::Or(all) | Self::Call(_, all) => {
                all.iter().map(Operand::Value).collect()
            }
            Self::Negative(of)
            | Self::Not(of)
            | Self::IsAbsent(of)
            | Self::Settled(of)
            | Self::Needed { of, .. }
            | Self::Map { of, .. } => values([of]),
            Self::Add(a, b)
            | Self::Subtract(a, b)
            | Self::Multiply(a, b)
            | Self::Divide(a, b)
            | Self::Compare(_, a, b)
            | Self::Default(a, b) => values([a, b]),
            Self::In(of, all) => [&**of].into_iter().chain(all).map(Operand::Value).collect(),
            Self::If(condition, then, otherwise) => values([condition, then, otherwise]),
            Self::Count(list) => vec![Operand::List(list)],
            Self::Fold(_, list, value) | Self::Pick { list, value, .. } => {
                vec![Operand::List(list), Operand::Value(value)]
            }
            Self::Ask(ask) => ask.args.iter().filter_map(Arg::operand).collect(),
        }
    }
}

impl Arg {
    fn operand(&self) -> Option<Operand<'_>> {
        match self {
            Self::Record | Self::Local(_) => None,
            Self::Value(value) => Some(Operand::Value(value)),
            Self::List(list) | Self::Pick(list, _) => Some(Operand::List(list)),
        }
    }
}

fn values<const N: usize>(all: [&Expr; N]) -> Vec<Operand<'_>> {
    all.into_iter().map(Operand::Value).collect()
}
