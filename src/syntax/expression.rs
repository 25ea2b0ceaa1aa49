//! Expressions: parsed by minijinja, given out as a tree of our own.
//!
//! This is the one file that names minijinja. Its syntax tree is outside of its stability promise,
//! so its version is pinned and nothing of it leaves. Numbers are taken from the text, not from
//! the parser's floats, so `1.10` stays exact.

use std::ops::Range;

use minijinja::machinery::{ast, parse_expr};

/// An expression with the range of its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// What it is.
    pub ast: Ast,
    /// Where it stands in the text that was parsed.
    pub range: Range<usize>,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum Ast {
    /// A name: `record`.
    Name(String),
    /// A text in quotes.
    Text(String),
    /// A number, as it was written.
    Number(String),
    /// `true` or `false`.
    Bool(bool),
    /// `none`.
    None,
    /// `a.b`.
    Attribute(Box<Expression>, String),
    /// `a[b]`.
    Item(Box<Expression>, Box<Expression>),
    /// `-a`.
    Negative(Box<Expression>),
    /// `not a`.
    Not(Box<Expression>),
    /// `a + b` and the like.
    Binary(BinaryOp, Box<Expression>, Box<Expression>),
    /// `a < b`.
    Compare(CompareOp, Box<Expression>, Box<Expression>),
    /// `value in [a, b]`, or `value not in [a, b]`.
    In {
        /// What is looked for.
        value: Box<Expression>,
        /// Where.
        items: Box<Expression>,
        /// Whether it is `not in`.
        negated: bool,
    },
    /// `then if condition else otherwise`.
    If {
        /// What decides.
        condition: Box<Expression>,
        /// The value when it holds.
        then: Box<Expression>,
        /// The value when it does not.
        otherwise: Option<Box<Expression>>,
    },
    /// `a is none`.
    Is(Box<Expression>, String),
    /// `f(a, b)` or `a | f(b)`.
    Call(String, Vec<Expression>),
    /// `[a, b]`.
    List(Vec<Expression>),
}

/// Operators on two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `~`
    Join,
    /// `and`
    And,
    /// `or`
    Or,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareOp {
    /// `==`
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

/// A text that is no expression, or has a part that mappings do not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub range: Range<usize>,
    /// What is wrong.
    pub said: String,
    /// Whether Jinja knows it and mappings do not.
    pub unsupported: bool,
}

/// The longest expression that is read.
const BYTES_MAX: usize = 4_000;

/// Reads an expression.
///
/// # Errors
/// The first [`Fault`] of the text.
pub fn parse_expression(text: &str) -> Result<Expression, Fault> {
    if text.len() > BYTES_MAX {
        let said = format!("an expression has at most {BYTES_MAX} bytes");
        return Err(Fault { range: 0..text.len(), said, unsupported: false });
    }
    if text.trim().is_empty() {
        let said = "an expression is missing".to_owned();
        return Err(Fault { range: 0..text.len(), said, unsupported: false });
    }
    let tree = parse_expr(text).map_err(|fault| Fault {
        range: fault.range().unwrap_or(0..text.len()),
        said: fault.detail().unwrap_or("this cannot be read").to_owned(),
        unsupported: false,
    })?;
    Lowering { text }.lower(&tree)
}

struct Lowering<'t> {
    text: &'t str,
}

impl Lowering<'_> {
    fn lower(&self, tree: &ast::Expr<'_>) -> Result<Expression, Fault> {
        let range = self.range(tree);
        let boxed = |tree| self.lower(tree).map(Box::new);
        let ast = match tree {
            ast::Expr::Var(var) => Ast::Name(var.id.to_owned()),
            ast::Expr::Const(constant) => self.constant(&constant.value, &range)?,
            ast::Expr::GetAttr(get) => Ast::Attribute(boxed(&get.expr)?, get.name.to_owned()),
            ast::Expr::GetItem(get) => Ast::Item(boxed(&get.expr)?, boxed(&get.subscript_expr)?),
            ast::Expr::UnaryOp(unary) => match unary.op {
                ast::UnaryOpKind::Not => Ast::Not(boxed(&unary.expr)?),
                ast::UnaryOpKind::Neg => Ast::Negative(boxed(&unary.expr)?),
            },
            ast::Expr::BinOp(binary) => {
                self.binary(binary.op, boxed(&binary.left)?, boxed(&binary.right)?, &range)?
            }
            ast::Expr::Compare(chain) => self.chain(chain, &range)?,
            ast::Expr::IfExpr(choice) => Ast::If {
                condition: boxed(&choice.test_expr)?,
                then: boxed(&choice.true_expr)?,
                otherwise: choice.false_expr.as_ref().map(boxed).transpose()?,
            },
            ast::Expr::Test(test) if test.args.is_empty() => {
                Ast::Is(boxed(&test.expr)?, test.name.to_owned())
            }
            ast::Expr::Filter(filter) => {
                let Some(base) = &filter.expr else {
                    return Err(unsupported(range, "a filter block"));
                };
                let mut args = vec![self.lower(base)?];
                args.extend(self.arguments(&filter.args, &range)?);
                Ast::Call(filter.name.to_owned(), args)
            }
            ast::Expr::Call(call) => match &call.expr {
                ast::Expr::Var(var) => {
                    Ast::Call(var.id.to_owned(), self.arguments(&call.args, &range)?)
                }
                _ => return Err(unsupported(range, "a method call")),
            },
            ast::Expr::List(list) => {
                Ast::List(list.items.iter().map(|item| self.lower(item)).collect::<Result<_, _>>()?)
            }
            other => return Err(unsupported(range, &format!("a {}", other.description()))),
        };
        Ok(Expression { ast, range })
    }

    fn range(&self, tree: &ast::Expr<'_>) -> Range<usize> {
        let span = tree.span();
        let at = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX).min(self.text.len());
        at(span.start_offset)..at(span.end_offset).max(at(span.start_offset))
    }

    fn arguments(
        &self,
        args: &[ast::CallArg<'_>],
        range: &Range<usize>,
    ) -> Result<Vec<Expression>, Fault> {
        let argument = |arg: &ast::CallArg<'_>| match arg {
            ast::CallArg::Pos(tree) => self.lower(tree),
            _ => Err(unsupported(range.clone(), "a named argument")),
        };
        args.iter().map(argument).collect()
    }

    /// Constants, where a number keeps the digits that were written.
    fn constant(&self, value: &minijinja::Value, range: &Range<usize>) -> Result<Ast, Fault> {
        use minijinja::value::ValueKind;
        match value.kind() {
            ValueKind::None => Ok(Ast::None),
            ValueKind::Bool => Ok(Ast::Bool(value.is_true())),
            ValueKind::Number => {
                Ok(Ast::Number(self.text.get(range.clone()).unwrap_or_default().replace('_', "")))
            }
            ValueKind::String => Ok(Ast::Text(value.as_str().unwrap_or_default().to_owned())),
            _ => Err(unsupported(range.clone(), "a constant of this kind")),
        }
    }

    fn binary(
        &self,
        op: ast::BinOpKind,
        left: Box<Expression>,
        right: Box<Expression>,
        range: &Range<usize>,
    ) -> Result<Ast, Fault> {
        use ast::BinOpKind as Op;
        let binary = |op| Ok(Ast::Binary(op, left.clone(), right.clone()));
        let compare = |op| Ok(Ast::Compare(op, left.clone(), right.clone()));
        match op {
            Op::Add => binary(BinaryOp::Add),
            Op::Sub => binary(BinaryOp::Subtract),
            Op::Mul => binary(BinaryOp::Multiply),
            Op::Div => binary(BinaryOp::Divide),
            Op::Concat => binary(BinaryOp::Join),
            Op::ScAnd => binary(BinaryOp::And),
            Op::ScOr => binary(BinaryOp::Or),
            Op::Eq => compare(CompareOp::Equal),
            Op::Ne => compare(CompareOp::NotEqual),
            Op::Lt => compare(CompareOp::Less),
            Op::Lte => compare(CompareOp::LessOrEqual),
            Op::Gt => compare(CompareOp::Greater),
            Op::Gte => compare(CompareOp::GreaterOrEqual),
            Op::In => Ok(Ast::In { value: left, items: right, negated: false }),
            Op::FloorDiv => Err(unsupported(range.clone(), "the operator `//`")),
            Op::Rem => Err(unsupported(range.clone(), "the operator `%`")),
            Op::Pow => Err(unsupported(range.clone(), "the operator `**`")),
        }
    }

    fn chain(&self, chain: &ast::Compare<'_>, range: &Range<usize>) -> Result<Ast, Fault> {
        use ast::CompareOpKind as Op;
        let [one] = chain.ops.as_slice() else {
            return Err(unsupported(range.clone(), "a chain of comparisons"));
        };
        let (left, right) = (Box::new(self.lower(&chain.expr)?), Box::new(self.lower(&one.expr)?));
        let op = match one.op {
            Op::Eq => CompareOp::Equal,
            Op::Ne => CompareOp::NotEqual,
            Op::Lt => CompareOp::Less,
            Op::Lte => CompareOp::LessOrEqual,
            Op::Gt => CompareOp::Greater,
            Op::Gte => CompareOp::GreaterOrEqual,
            Op::In => return Ok(Ast::In { value: left, items: right, negated: false }),
            Op::NotIn => return Ok(Ast::In { value: left, items: right, negated: true }),
        };
        Ok(Ast::Compare(op, left, right))
    }
}

fn unsupported(range: Range<usize>, what: &str) -> Fault {
    Fault { range, said: format!("{what} is not possible in a mapping"), unsupported: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_digits_of_numbers() {
        let tree = parse_expression("1.10 + 2").expect("sum");
        let Ast::Binary(BinaryOp::Add, left, _) = tree.ast else { panic!("{tree:?}") };
        assert_eq!((left.ast, left.range), (Ast::Number("1.10".into()), 0..4));
    }

    #[test]
    fn a_filter_is_a_call() {
        let tree = parse_expression("record.Name | trim").expect("filter");
        let Ast::Call(name, args) = tree.ast else { panic!("{tree:?}") };
        assert_eq!((name.as_str(), args.len()), ("trim", 1));
    }

    #[test]
    fn says_where_and_what_it_does_not_have() {
        let fault = parse_expression("a + (b % 2)").expect_err("rem");
        assert!(fault.unsupported && fault.said.contains('%'), "{fault:?}");
        assert!(!parse_expression("a +").expect_err("half").unsupported);
    }
}
