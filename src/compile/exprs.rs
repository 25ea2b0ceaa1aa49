//! Expressions: types checked, names resolved, lowered.

use super::{
    calls,
    context::Context,
    paths,
    scope::{At, Scope},
    tables,
    types::{Kind, Type, one_of},
};
use crate::{
    diag::{Code, Diagnostic, Span, slip},
    program::code::{Constant, Expr, Order},
    schema::Values,
    syntax::{Ast, BinaryOp, CompareOp, Expression, Node},
    value::parse_decimal,
};

/// How an instant becomes a day.
const NAME_THE_ZONE: &str = "make it a day in a time zone: `date(x, 'UTC')`";

/// An expression with its type.
pub(super) type Typed = (Expr, Type);

pub(super) fn poison() -> Typed {
    (Expr::Constant(Constant::Null), Type::poison())
}

/// The expression that a scalar holds.
pub(super) fn of_node(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Typed {
    match node.text() {
        Some(text) => of_part(cx, scope, node, 0..text.len()),
        None => {
            let message = format!("an expression is a text, and this is {}", node.what());
            cx.error(Code::WRONG_SHAPE, node.span, message);
            poison()
        }
    }
}

/// The place that a name, or a shape that is asked, reaches: a list where one is needed.
pub(super) fn place(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> At {
    let text = node.text().unwrap_or_default();
    match &*cx.expression(text) {
        Ok(tree) if matches!(tree.ast, Ast::Call { .. }) => {
            Lowering { cx, scope, node, base: 0 }.path(tree)
        }
        _ => paths::name(cx, scope, text, node.span),
    }
}

/// The expression that a part of a scalar holds.
pub(super) fn of_part(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    part: std::ops::Range<usize>,
) -> Typed {
    let text = node.text().and_then(|text| text.get(part.clone())).unwrap_or_default();
    let base = part.start;
    match &*cx.expression(text) {
        Ok(tree) => Lowering { cx, scope, node, base }.lower(tree),
        Err(fault) => {
            let span = node.span_of(base + fault.range.start..base + fault.range.end);
            let code =
                if fault.unsupported { Code::UNSUPPORTED_EXPRESSION } else { Code::BAD_EXPRESSION };
            cx.error(code, span, format!("this expression cannot be read: {}", fault.said));
            poison()
        }
    }
}

/// A condition: true or false, never absent.
pub(super) fn condition(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Expr {
    let (expr, ty) = of_node(cx, scope, node);
    check_condition(cx, &ty, node.span);
    expr
}

fn check_condition(cx: &mut Context<'_>, ty: &Type, span: Span) {
    if !ty.fits(Kind::Bool) {
        let message = format!("a condition is true or false, and this is {}", ty.name());
        let hint = "compare it: `== 'x'`, `> 0`, `is not none`";
        let finding = Diagnostic::error(Code::NOT_BOOLEAN, span, message).hint(hint);
        cx.push(finding.caused_by(ty.named_at));
    } else if ty.may_be_absent() {
        let hint = "say what holds then: `| default(false)`";
        let message = "this condition may be missing or null";
        let finding = Diagnostic::error(Code::MAY_BE_ABSENT, span, message).hint(hint);
        cx.push(finding.caused_by(ty.absent_cause()));
    }
}

/// One side of a comparison.
pub(super) struct Side {
    pub ty: Type,
    pub span: Span,
}

/// Two values that are compared must be of one kind; a literal must be a value that can be.
pub(super) fn check_comparable(cx: &mut Context<'_>, left: &Side, right: &Side, whole: Span) {
    let texts = |ty: &Type| matches!(ty.kind, Kind::Text | Kind::Date | Kind::Instant);
    let literal = left.ty.literal.is_some() || right.ty.literal.is_some();
    let fits = left.ty.fits(right.ty.kind) || (literal && texts(&left.ty) && texts(&right.ty));
    if !fits {
        let code = match (left.ty.kind, right.ty.kind) {
            (Kind::Date, Kind::Instant) | (Kind::Instant, Kind::Date) => Code::DATE_AND_INSTANT,
            _ => Code::TYPE_MISMATCH,
        };
        let message = format!("{} is compared with {}", left.ty.name(), right.ty.name());
        let finding = Diagnostic::error(code, whole, message);
        cx.push(match code {
            Code::DATE_AND_INSTANT => finding.hint(NAME_THE_ZONE),
            // Of two names it cannot be told which one is wrong.
            _ => finding.caused_by(match (left.ty.named_at, right.ty.named_at) {
                (Some(one), None) | (None, Some(one)) => Some(one),
                _ => None,
            }),
        });
        return;
    }
    if let (Some(one), Some(other)) = (left.ty.list, right.ty.list)
        && one != other
    {
        let message = format!("{} is compared with {}", one_of(one), one_of(other));
        cx.error(Code::TYPE_MISMATCH, whole, message);
        return;
    }
    for (side, other) in [(left, right), (right, left)] {
        if let (Some(literal), None, Some(length)) =
            (&side.ty.literal, &other.ty.literal, other.ty.length)
            && literal.chars().count() > length as usize
        {
            let message = format!("`{literal}` is never the value: that has {length} characters");
            cx.error(Code::NOT_IN_ENUM, side.span, message);
            continue;
        }
        let (Some(literal), Some(values)) = (&side.ty.literal, &other.ty.values) else { continue };
        if values.all.contains(literal) || values.all.is_empty() {
            continue;
        }
        match values.closed {
            true => never_the_value(cx, side.span, literal, &values.all),
            false => slip_of_a_value(cx, side.span, literal, values),
        }
    }
}

/// A literal that is none of the values that a pick-list has, and nearly one of them. The org may
/// have added it; then its schema says so.
pub(super) fn slip_of_a_value(cx: &mut Context<'_>, span: Span, literal: &str, values: &Values) {
    let Some(near) = slip(literal, values.all.iter().map(String::as_str)) else { return };
    let message = format!("the pick-list has `{near}`, and no `{literal}`");
    let finding = Diagnostic::error(Code::NOT_IN_ENUM, span, message).hint(OWN_VALUE);
    push_literal(cx, finding, literal, &values.all);
}

/// The way out where an org has a value that the shipped schema does not know.
pub(super) const OWN_VALUE: &str = "if the org has both, pin its schema with `crosswalk schema pull`, or list the values of the field under `org.fields` of the environment";

/// A literal that the other side of a comparison never is.
fn never_the_value(cx: &mut Context<'_>, span: Span, literal: &str, all: &[String]) {
    let message = format!("`{literal}` is never the value");
    let hint = format!("the values are {}", all.join(", "));
    let finding = Diagnostic::error(Code::NOT_IN_ENUM, span, message).hint(hint);
    push_literal(cx, finding, literal, all);
}

/// Reports what is wrong with a literal, which may stand in quotes, with the value that was meant.
fn push_literal(cx: &mut Context<'_>, finding: Diagnostic, literal: &str, all: &[String]) {
    let span = finding.primary.span;
    let written = cx.sources.slice(span).to_owned();
    let quote = written.chars().next().filter(|quote| matches!(quote, '\'' | '"'));
    match quote {
        Some(quote) if written == format!("{quote}{literal}{quote}") => {
            let quoted: Vec<String> = all.iter().map(|v| format!("{quote}{v}{quote}")).collect();
            cx.push_near(finding, &written, quoted.iter().map(String::as_str));
        }
        _ => cx.push_near(finding, literal, all.iter().map(String::as_str)),
    }
}

pub(super) struct Lowering<'c, 'a, 's> {
    pub(super) cx: &'c mut Context<'a>,
    pub(super) scope: &'s Scope,
    pub(super) node: &'s Node,
    pub(super) base: usize,
}

impl Lowering<'_, '_, '_> {
    pub(super) fn span(&self, expression: &Expression) -> Span {
        self.span_of(&expression.range)
    }

    pub(super) fn span_of(&self, range: &std::ops::Range<usize>) -> Span {
        self.node.span_of(self.base + range.start..self.base + range.end)
    }

    pub(super) fn lower(&mut self, tree: &Expression) -> Typed {
        let span = self.span(tree);
        match &tree.ast {
            Ast::Text(text) => {
                (Expr::Constant(Constant::Text(text.clone())), Type::text(text.as_str()))
            }
            Ast::Number(text) => match parse_decimal(text) {
                Some(number) => {
                    let decimals = Some(number.normalize().scale());
                    let ty = Type { decimals, ..Type::of(Kind::Number) };
                    (Expr::Constant(Constant::Number(number)), ty)
                }
                None => {
                    self.cx.error(Code::BAD_EXPRESSION, span, format!("`{text}` is not a number"));
                    poison()
                }
            },
            Ast::Bool(truth) => (Expr::Constant(Constant::Bool(*truth)), Type::of(Kind::Bool)),
            Ast::None => {
                (Expr::Constant(Constant::Null), Type { null: true, ..Type::of(Kind::Any) })
            }
            Ast::Name(_) | Ast::Attribute(..) | Ast::Item(..) => {
                let at = self.path(tree);
                paths::one_value(self.cx, at, span)
            }
            Ast::Negative(inner) => {
                let (expr, ty) = self.needs(inner, Kind::Number);
                (Expr::Negative(Box::new(expr)), ty)
            }
            Ast::Not(inner) => {
                let (expr, ty) = self.lower(inner);
                let span = self.span(inner);
                check_condition(self.cx, &ty, span);
                (Expr::Not(Box::new(expr)), Type::of(Kind::Bool))
            }
            Ast::Binary(op, left, right) => self.binary(*op, left, right, span),
            Ast::Compare(op, left, right) => self.compare(*op, left, right, span),
            Ast::In { value, items, negated } => self.is_in(value, items, *negated),
            Ast::If { condition, then, otherwise } => {
                self.choice(condition, then, otherwise.as_deref(), span)
            }
            Ast::Is(inner, test) => self.is(inner, test, tree.range.end),
            Ast::Call { name, name_range, args } => {
                let name_span = self.span_of(name_range);
                self.call(name, args, &calls::Spans { name: name_span, whole: span })
            }
            Ast::List(_) => {
                let message = "a list stands only after `in`";
                self.cx.error(Code::UNSUPPORTED_EXPRESSION, span, message);
                poison()
            }
        }
    }

    /// The place that a chain of attributes reaches.
    pub(super) fn path(&mut self, tree: &Expression) -> At {
        let span = self.span(tree);
        match &tree.ast {
            Ast::Name(name) => paths::name(self.cx, self.scope, name, span),
            Ast::Attribute(base, name) => {
                if let (Ast::Name(table), None) = (&base.ast, self.bound(base))
                    && self.cx.tables.contains_key(table.as_str())
                {
                    let end = tree.range.end;
                    let named = tables::Named {
                        table: self.span(base),
                        output: self.span_of(&(end.saturating_sub(name.len())..end)),
                    };
                    let (expr, ty) = tables::output(self.cx, self.scope, table, name, &named);
                    return At::Value { expr, ty };
                }
                let at = self.path(base);
                // The name itself is what is wrong when it does not exist.
                let end = tree.range.end;
                let span = self.span_of(&(end.saturating_sub(name.len())..end));
                paths::named(self.cx, at, name, span)
            }
            Ast::Item(base, item) => {
                let at = self.path(base);
                let index = match &item.ast {
                    Ast::Text(name) => return paths::named(self.cx, at, name, self.span(item)),
                    Ast::Number(text) => text.parse().ok(),
                    Ast::Negative(inner) => match &inner.ast {
                        Ast::Number(text) => text.parse().ok().map(|n: i64| -n),
                        _ => None,
                    },
                    _ => None,
                };
                match index {
                    Some(index) => paths::picked(self.cx, self.scope, at, index, span),
                    None => {
                        let message = "an index is a number or a name in quotes";
                        let span = self.span(item);
                        self.cx.error(Code::UNSUPPORTED_EXPRESSION, span, message);
                        At::Poison
                    }
                }
            }
            Ast::Call { name, name_range, args } if self.is_shape(name) => {
                let name_span = self.span_of(name_range);
                self.asked(name, args, &calls::Spans { name: name_span, whole: span })
            }
            _ => {
                let (expr, ty) = self.lower(tree);
                At::Value { expr, ty }
            }
        }
    }

    fn bound(&self, base: &Expression) -> Option<&At> {
        match &base.ast {
            Ast::Name(name) => self.scope.get(name),
            _ => None,
        }
    }

    pub(super) fn needs(&mut self, tree: &Expression, kind: Kind) -> Typed {
        let (expr, ty) = self.lower(tree);
        if !ty.fits(kind) {
            let message = format!("{} is needed here, and this is {}", kind.name(), ty.name());
            let span = self.span(tree);
            let finding = match (kind, ty.kind) {
                (Kind::Date, Kind::Instant) => {
                    Diagnostic::error(Code::DATE_AND_INSTANT, span, message).hint(NAME_THE_ZONE)
                }
                _ => Diagnostic::error(Code::TYPE_MISMATCH, span, message),
            };
            self.cx.push(finding.caused_by(ty.named_at));
            return poison();
        }
        (expr, ty)
    }

    fn binary(&mut self, op: BinaryOp, left: &Expression, right: &Expression, span: Span) -> Typed {
        let boxed = |expr| Box::new(expr);
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let mut both = Vec::new();
                for side in [left, right] {
                    let (expr, ty) = self.lower(side);
                    let span = self.span(side);
                    check_condition(self.cx, &ty, span);
                    both.push(expr);
                }
                let expr = if op == BinaryOp::And { Expr::And(both) } else { Expr::Or(both) };
                (expr, Type::of(Kind::Bool))
            }
            BinaryOp::Join => {
                let parts = [left, right].map(|side| {
                    let (expr, ty) = self.lower(side);
                    let span = self.span(side);
                    check_in_text(self.cx, &ty, span);
                    expr
                });
                (Expr::Join(parts.into()), Type::of(Kind::Text))
            }
            BinaryOp::Divide if !divides_exactly(right) => {
                let message = "a division names its rounding";
                let hint = "`round` stands directly around it: `round(a / b, 2) * c`, not `round(a / \
                            b * c, 2)`. It names the scale, and the mode where that is not half_up";
                self.cx.push(Diagnostic::error(Code::TYPE_MISMATCH, span, message).hint(hint));
                poison()
            }
            _ => self.arithmetic(op, left, right, boxed),
        }
    }

    pub(super) fn arithmetic(
        &mut self,
        op: BinaryOp,
        left: &Expression,
        right: &Expression,
        boxed: impl Fn(Expr) -> Box<Expr>,
    ) -> Typed {
        let (left, left_ty) = self.needs(left, Kind::Number);
        let (right, right_ty) = self.needs(right, Kind::Number);
        let (left, right) = (boxed(left), boxed(right));
        let is_wrong = [&left_ty, &right_ty].iter().any(|ty| ty.kind == Kind::Poison);
        let (before, after) = (left_ty.decimals, right_ty.decimals);
        // What is known of one side is known of both: a stored number may have more, never less.
        let decimals = match op {
            BinaryOp::Add | BinaryOp::Subtract => before.max(after),
            BinaryOp::Multiply => {
                before.or(after).map(|_| before.unwrap_or(0) + after.unwrap_or(0))
            }
            _ => None,
        };
        let ty = Type { decimals, ..Type::of(Kind::Number) };
        let ty = ty.absent_with(&left_ty).absent_with(&right_ty);
        let expr = match op {
            BinaryOp::Add => Expr::Add(left, right),
            BinaryOp::Subtract => Expr::Subtract(left, right),
            BinaryOp::Multiply => Expr::Multiply(left, right),
            _ => Expr::Divide(left, right),
        };
        (expr, if is_wrong { Type::poison() } else { ty })
    }

    fn compare(
        &mut self,
        op: CompareOp,
        left: &Expression,
        right: &Expression,
        span: Span,
    ) -> Typed {
        let (left_span, right_span) = (self.span(left), self.span(right));
        let (left, left_ty) = self.lower(left);
        let (right, right_ty) = self.lower(right);
        let left_side = Side { ty: left_ty, span: left_span };
        let right_side = Side { ty: right_ty, span: right_span };
        check_comparable(self.cx, &left_side, &right_side, span);
        let order = match op {
            CompareOp::Equal => Order::Equal,
            CompareOp::NotEqual => Order::NotEqual,
            CompareOp::Less => Order::Less,
            CompareOp::LessOrEqual => Order::LessOrEqual,
            CompareOp::Greater => Order::Greater,
            CompareOp::GreaterOrEqual => Order::GreaterOrEqual,
        };
        let orders = !matches!(order, Order::Equal | Order::NotEqual);
        let absent = [&left_side, &right_side].into_iter().find(|side| side.ty.may_be_absent());
        if let Some(side) = absent.filter(|_| orders) {
            let message = "what is larger or smaller cannot be missing or null";
            let hint = match side.ty.kind {
                Kind::Date => "say what stands in: `(record.X | default(start)) > day`",
                _ => "say what stands in: `(record.X | default(0)) > 1`",
            };
            let finding = Diagnostic::error(Code::MAY_BE_ABSENT, side.span, message).hint(hint);
            self.cx.push(finding.caused_by(side.ty.absent_cause()));
        }
        (Expr::Compare(order, Box::new(left), Box::new(right)), Type::of(Kind::Bool))
    }

    fn is_in(&mut self, value: &Expression, items: &Expression, negated: bool) -> Typed {
        let value_span = self.span(value);
        let (value, ty) = self.lower(value);
        let value_side = Side { ty, span: value_span };
        let Ast::List(items) = &items.ast else {
            let span = self.span(items);
            let hint = "write `in ['A', 'B']`; for a text inside a text use `contains`";
            let message = "a list in brackets is needed after `in`";
            self.cx.push(Diagnostic::error(Code::UNSUPPORTED_EXPRESSION, span, message).hint(hint));
            return poison();
        };
        let mut lowered = Vec::new();
        for item in items {
            let span = self.span(item);
            let (expr, item_ty) = self.lower(item);
            check_comparable(self.cx, &value_side, &Side { ty: item_ty, span }, span);
            lowered.push(expr);
        }
        let is_in = Expr::In(Box::new(value), lowered);
        let expr = if negated { Expr::Not(Box::new(is_in)) } else { is_in };
        (expr, Type::of(Kind::Bool))
    }

    fn choice(
        &mut self,
        condition: &Expression,
        then: &Expression,
        otherwise: Option<&Expression>,
        span: Span,
    ) -> Typed {
        let (test, test_ty) = self.lower(condition);
        let condition_span = self.span(condition);
        check_condition(self.cx, &test_ty, condition_span);
        let Some(otherwise) = otherwise else {
            let message = "`if` needs its `else`: nothing is silent here";
            let hint = "write `… else none`, and say with `$null` what happens then";
            self.cx.push(Diagnostic::error(Code::UNSUPPORTED_EXPRESSION, span, message).hint(hint));
            return poison();
        };
        let (then_tree, otherwise_tree) = (then, otherwise);
        let (then, then_ty) = self.lower(then);
        let (otherwise, otherwise_ty) = self.lower(otherwise);
        let kind = if then_ty.kind == Kind::Any { otherwise_ty.kind } else { then_ty.kind };
        if !then_ty.fits(otherwise_ty.kind) {
            let message =
                format!("one side is {}, the other {}", then_ty.name(), otherwise_ty.name());
            let finding = Diagnostic::error(Code::TYPE_MISMATCH, span, message);
            self.cx.push(finding.caused_by(then_ty.named_at.or(otherwise_ty.named_at)));
            return poison();
        }
        // What is none has no value of its own.
        let is_none = |tree: &Expression| tree.ast == Ast::None;
        let values = match (is_none(then_tree), is_none(otherwise_tree)) {
            (true, _) => otherwise_ty.known_values(),
            (_, true) => then_ty.known_values(),
            _ => then_ty.values_with(&otherwise_ty),
        };
        let decimals = then_ty.decimals.max(otherwise_ty.decimals);
        let list = then_ty.list.or(otherwise_ty.list);
        let is_wrong = [&then_ty, &otherwise_ty].iter().any(|ty| ty.kind == Kind::Poison);
        let kind = if is_wrong { Kind::Poison } else { kind };
        let ty = Type { values, decimals, list, ..Type::of(kind) };
        let ty = ty.absent_with(&then_ty).absent_with(&otherwise_ty);
        (Expr::If(Box::new(test), Box::new(then), Box::new(otherwise)), ty)
    }

    fn is(&mut self, inner: &Expression, test: &str, end: usize) -> Typed {
        if !matches!(test, "none" | "defined" | "undefined") {
            let message = format!("there is no test `is {test}`");
            let span = self.span_of(&(end.saturating_sub(test.len())..end));
            let hint = "there is `is none` (missing or null) and `is not none`";
            self.cx.push(Diagnostic::error(Code::UNSUPPORTED_EXPRESSION, span, message).hint(hint));
            return poison();
        }
        let at = self.path(inner);
        let span = self.span(inner);
        let absent = Expr::IsAbsent(Box::new(paths::tested(self.cx, at, span)));
        let expr = if test == "defined" { Expr::Not(Box::new(absent)) } else { absent };
        (expr, Type::of(Kind::Bool))
    }
}

/// A way to round is one of four.
pub(super) fn check_rounding(cx: &mut Context<'_>, mode: &str, span: Span) {
    const MODES: [&str; 4] = ["half_up", "half_even", "down", "up"];
    if !MODES.contains(&mode) {
        let message = format!("there is no rounding `{mode}`; there are {}", MODES.join(", "));
        cx.error(Code::BAD_WORD, span, message);
    }
}

/// A part of a text is never missing or null.
pub(super) fn check_in_text(cx: &mut Context<'_>, ty: &Type, span: Span) {
    if ty.may_be_absent() {
        let message = "a part of a text may not be missing or null";
        let hint = "say what stands in: `| default('')`";
        let finding = Diagnostic::error(Code::MAY_BE_ABSENT, span, message).hint(hint);
        cx.push(finding.caused_by(ty.absent_cause()));
    }
}

/// Whether a division by this literal always ends: its prime factors are 2 and 5.
fn divides_exactly(divisor: &Expression) -> bool {
    let Ast::Number(text) = &divisor.ast else { return false };
    let Ok(mut number) = text.parse::<u64>() else { return false };
    for factor in [2, 5] {
        while number > 1 && number % factor == 0 {
            number /= factor;
        }
    }
    number == 1
}
