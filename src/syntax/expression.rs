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
    Call {
        /// The function.
        name: String,
        /// Where its name stands.
        name_range: Range<usize>,
        /// What it is given; what stands before `|` comes first.
        args: Vec<Expression>,
    },
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
/// How many signs (`-`, `not`) may stand in a row: the parser goes one level deeper with each.
const PREFIXES_MAX: usize = 16;
/// How deep an expression may nest; every level costs stack here, in the check and in evaluation.
const DEPTH_MAX: usize = 100;

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
    if let Some(range) = prefixes(text) {
        let said = format!("more than {PREFIXES_MAX} signs stand in a row");
        return Err(Fault { range, said, unsupported: false });
    }
    let tree = parse_expr(text).map_err(|fault| Fault {
        range: fault.range().unwrap_or(0..text.len()),
        said: fault.detail().unwrap_or("this cannot be read").to_owned(),
        unsupported: false,
    })?;
    Lowering { text }.lower(&tree, 0)
}

/// Where more `-` and `not` stand in a row than the parser's stack is safe with.
fn prefixes(text: &str) -> Option<Range<usize>> {
    let (mut start, mut count, mut at) = (0, 0, 0);
    while let Some(rest) = text.as_bytes().get(at..) {
        let sign = match rest {
            [] => break,
            [b'-' | b'+', ..] => 1,
            [b'n', b'o', b't', ..] => 3,
            // All blanks of Unicode, and then some: an operand begins with none of these.
            [blank, ..] if !blank.is_ascii_graphic() => {
                at += 1;
                continue;
            }
            [_, ..] => {
                (count, at) = (0, at + 1);
                continue;
            }
        };
        if count == 0 {
            start = at;
        }
        (count, at) = (count + 1, at + sign);
        if count > PREFIXES_MAX {
            return Some(start..at);
        }
    }
    None
}

struct Lowering<'t> {
    text: &'t str,
}

impl Lowering<'_> {
    fn lower(&self, tree: &ast::Expr<'_>, depth: usize) -> Result<Expression, Fault> {
        let own = self.own_range(tree);
        if depth > DEPTH_MAX {
            let said = format!("it is nested deeper than {DEPTH_MAX} levels");
            return Err(Fault { range: own, said, unsupported: false });
        }
        let ast = self.ast(tree, &own, depth + 1)?;
        let range = self.whole_range(&ast, own);
        Ok(Expression { ast, range })
    }

    fn ast(&self, tree: &ast::Expr<'_>, own: &Range<usize>, depth: usize) -> Result<Ast, Fault> {
        let range = own.clone();
        let boxed = |tree| self.lower(tree, depth).map(Box::new);
        Ok(match tree {
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
            ast::Expr::Compare(chain) => self.chain(chain, &range, depth)?,
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
                let mut args = vec![self.lower(base, depth)?];
                args.extend(self.arguments(&filter.args, &range, depth)?);
                self.call(filter.name, range, args)
            }
            ast::Expr::Call(call) => match &call.expr {
                ast::Expr::Var(var) => {
                    let args = self.arguments(&call.args, &range, depth)?;
                    self.call(var.id, self.own_range(&call.expr), args)
                }
                _ => return Err(unsupported(range, "a method call")),
            },
            ast::Expr::List(list) => {
                let items = list.items.iter().map(|item| self.lower(item, depth));
                Ast::List(items.collect::<Result<_, _>>()?)
            }
            other => return Err(unsupported(range, &format!("a {}", other.description()))),
        })
    }

    /// A call, whose name stands at the start of this range.
    fn call(&self, name: &str, range: Range<usize>, args: Vec<Expression>) -> Ast {
        let found = self.text.get(range.clone()).and_then(|text| text.find(name));
        let start = range.start + found.unwrap_or_default();
        let name_range = start..(start + name.len()).min(self.text.len());
        Ast::Call { name: name.to_owned(), name_range, args }
    }

    /// The range of an expression with all of its parts: the parser says of most only where their
    /// operator stands.
    fn whole_range(&self, ast: &Ast, own: Range<usize>) -> Range<usize> {
        let parts: Vec<&Expression> = match ast {
            Ast::Attribute(base, _) | Ast::Is(base, _) => vec![base],
            Ast::Item(a, b) | Ast::Binary(_, a, b) | Ast::Compare(_, a, b) => vec![a, b],
            Ast::In { value, items, .. } => vec![value, items],
            Ast::If { condition, then, otherwise } => {
                [then, condition].into_iter().chain(otherwise).map(AsRef::as_ref).collect()
            }
            Ast::Call { args, .. } => args.iter().collect(),
            _ => return own,
        };
        let first = parts.iter().map(|part| part.range.start).min();
        let last = parts.iter().map(|part| part.range.end).max();
        // The operator may be said to start at what stands before the expression.
        let start = match (ast, first) {
            (Ast::Call { name_range, .. }, Some(first)) => first.min(name_range.start),
            (Ast::Call { name_range, .. }, None) => name_range.start,
            (_, first) => first.unwrap_or(own.start),
        };
        let end = last.map_or(own.end, |last| last.max(own.end));
        self.balanced(start..end)
    }

    /// The range with the parentheses that belong to it.
    fn balanced(&self, range: Range<usize>) -> Range<usize> {
        let text = self.text.get(range.clone()).unwrap_or_default();
        let (mut missing, mut open, mut quote) = (0_usize, 0_usize, None);
        for letter in text.chars() {
            match (quote, letter) {
                (Some(end), letter) if letter == end => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => quote = Some(letter),
                (None, '(') => open += 1,
                (None, ')') if open > 0 => open -= 1,
                (None, ')') => missing += 1,
                _ => {}
            }
        }
        let (mut start, mut end) = (range.start, range.end);
        for _ in 0..missing {
            start = self.text.get(..start).and_then(|text| text.rfind('(')).unwrap_or(start);
        }
        for _ in 0..open {
            let found = self.text.get(end..).and_then(|text| text.find(')'));
            end = found.map_or(end, |found| end + found + 1);
        }
        start..end
    }

    fn own_range(&self, tree: &ast::Expr<'_>) -> Range<usize> {
        let span = tree.span();
        let at = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX).min(self.text.len());
        at(span.start_offset)..at(span.end_offset).max(at(span.start_offset))
    }

    fn arguments(
        &self,
        args: &[ast::CallArg<'_>],
        range: &Range<usize>,
        depth: usize,
    ) -> Result<Vec<Expression>, Fault> {
        let argument = |arg: &ast::CallArg<'_>| match arg {
            ast::CallArg::Pos(tree) => self.lower(tree, depth),
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
        let whole = left.range.start.min(range.start)..right.range.end.max(range.end);
        Ok(match op {
            Op::Add => Ast::Binary(BinaryOp::Add, left, right),
            Op::Sub => Ast::Binary(BinaryOp::Subtract, left, right),
            Op::Mul => Ast::Binary(BinaryOp::Multiply, left, right),
            Op::Div => Ast::Binary(BinaryOp::Divide, left, right),
            Op::Concat => Ast::Binary(BinaryOp::Join, left, right),
            Op::ScAnd => Ast::Binary(BinaryOp::And, left, right),
            Op::ScOr => Ast::Binary(BinaryOp::Or, left, right),
            Op::Eq => Ast::Compare(CompareOp::Equal, left, right),
            Op::Ne => Ast::Compare(CompareOp::NotEqual, left, right),
            Op::Lt => Ast::Compare(CompareOp::Less, left, right),
            Op::Lte => Ast::Compare(CompareOp::LessOrEqual, left, right),
            Op::Gt => Ast::Compare(CompareOp::Greater, left, right),
            Op::Gte => Ast::Compare(CompareOp::GreaterOrEqual, left, right),
            Op::In => Ast::In { value: left, items: right, negated: false },
            Op::FloorDiv => return Err(unsupported(whole, "the operator `//`")),
            Op::Rem => return Err(unsupported(whole, "the operator `%`")),
            Op::Pow => return Err(unsupported(whole, "the operator `**`")),
        })
    }

    fn chain(
        &self,
        chain: &ast::Compare<'_>,
        range: &Range<usize>,
        depth: usize,
    ) -> Result<Ast, Fault> {
        use ast::CompareOpKind as Op;
        let [one] = chain.ops.as_slice() else {
            return Err(unsupported(range.clone(), "a chain of comparisons"));
        };
        let left = Box::new(self.lower(&chain.expr, depth)?);
        let right = Box::new(self.lower(&one.expr, depth)?);
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
        let Ast::Call { name, name_range, args } = tree.ast else { panic!("{tree:?}") };
        assert_eq!((name.as_str(), name_range, args.len()), ("trim", 14..18, 1));
    }

    #[test]
    fn the_range_of_a_part_is_all_of_it() {
        let text = "not a.b and (c + 1) * 2 > d | length";
        let tree = parse_expression(text).expect("expression");
        let Ast::Binary(BinaryOp::And, left, right) = tree.ast else { panic!("{tree:?}") };
        assert_eq!(&text[left.range], "not a.b");
        assert_eq!(&text[right.range.clone()], "(c + 1) * 2 > d | length");
        let Ast::Compare(_, product, count) = right.ast else { panic!("{right:?}") };
        assert_eq!(&text[product.range], "(c + 1) * 2");
        assert_eq!(&text[count.range], "d | length");
    }

    #[test]
    fn refuses_what_nests_too_deep() {
        let apart = ["- ", "-\n", "not\u{b}", "-\u{a0}", "-\u{2003}"];
        let deep = apart.map(|sign| format!("{}1", sign.repeat(900)));
        let long = [format!("1{}", " + 1".repeat(900)), format!("{}1", "-".repeat(3_000))];
        for text in long.into_iter().chain(deep) {
            assert!(parse_expression(&text).is_err(), "{text:.20}");
        }
        assert!(parse_expression(&format!("a{}", " and a".repeat(40))).is_ok());
    }

    #[test]
    fn says_where_and_what_it_does_not_have() {
        let fault = parse_expression("a + (b % 2)").expect_err("rem");
        assert!(fault.unsupported && fault.said.contains('%'), "{fault:?}");
        assert!(!parse_expression("a +").expect_err("half").unsupported);
    }
}
