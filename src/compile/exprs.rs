//! Expressions: types checked, names resolved, lowered.

use super::{
    context::Context,
    paths,
    scope::{At, Scope},
    tables,
    types::{Kind, Type},
};
use crate::{
    diag::{Code, Diagnostic, Span},
    program::{
        code::{Constant, Expr, Fold, Order},
        functions::{self, FUNCTIONS, Function, Signature, Sort},
    },
    syntax::{Ast, BinaryOp, CompareOp, Expression, Node, Step, parse_expression},
    value::parse_decimal,
};

/// An expression with its type.
pub(super) type Typed = (Expr, Type);

fn poison() -> Typed {
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

/// The expression that a part of a scalar holds.
pub(super) fn of_part(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    part: std::ops::Range<usize>,
) -> Typed {
    let text = node.text().and_then(|text| text.get(part.clone())).unwrap_or_default();
    let base = part.start;
    match parse_expression(text) {
        Ok(tree) => Lowering { cx, scope, node, base }.lower(&tree),
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
        cx.push(Diagnostic::error(Code::NOT_BOOLEAN, span, message).hint(hint));
    } else if ty.may_be_absent() {
        let hint = "say what holds then: `| default(false)`";
        cx.push(
            Diagnostic::error(Code::MAY_BE_ABSENT, span, "this condition may be missing or null")
                .hint(hint),
        );
    }
}

/// Two values that are compared must be of one kind.
pub(super) fn check_comparable(cx: &mut Context<'_>, left: &Type, right: &Type, span: Span) {
    let texts = |ty: &Type| matches!(ty.kind, Kind::Text | Kind::Date | Kind::Instant);
    let literal = left.literal.is_some() || right.literal.is_some();
    let fits = left.fits(right.kind) || (literal && texts(left) && texts(right));
    if !fits {
        let (left, right) = (left.name(), right.name());
        let code = match (left, right) {
            ("a date", "an instant") | ("an instant", "a date") => Code::DATE_AND_INSTANT,
            _ => Code::TYPE_MISMATCH,
        };
        cx.error(code, span, format!("{left} is compared with {right}"));
        return;
    }
    for (ty, other) in [(left, right), (right, left)] {
        if let (Some(literal), Some(values)) = (&ty.literal, &other.values)
            && values.closed
            && !values.all.contains(literal)
        {
            let message = format!("`{literal}` is never the value: it is none of the pick-list's");
            let finding = Diagnostic::error(Code::NOT_IN_ENUM, span, message);
            let all: Vec<&str> = values.all.iter().map(String::as_str).collect();
            let near = crate::diag::nearest(literal, all.iter().copied());
            let hint = match near {
                Some(near) => format!("did you mean `{near}`? The values are {}", all.join(", ")),
                None => format!("the values are {}", all.join(", ")),
            };
            cx.push(finding.hint(hint));
        }
    }
}

struct Lowering<'c, 'a, 's> {
    cx: &'c mut Context<'a>,
    scope: &'s Scope,
    node: &'s Node,
    base: usize,
}

impl Lowering<'_, '_, '_> {
    fn span(&self, expression: &Expression) -> Span {
        self.node.span_of(self.base + expression.range.start..self.base + expression.range.end)
    }

    fn lower(&mut self, tree: &Expression) -> Typed {
        let span = self.span(tree);
        match &tree.ast {
            Ast::Text(text) => {
                let ty = Type { literal: Some(text.clone()), ..Type::of(Kind::Text) };
                (Expr::Constant(Constant::Text(text.clone())), ty)
            }
            Ast::Number(text) => match parse_decimal(text) {
                Some(number) => (Expr::Constant(Constant::Number(number)), Type::of(Kind::Number)),
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
            Ast::Is(inner, test) => self.is(inner, test, span),
            Ast::Call(name, args) => self.call(name, args, span),
            Ast::List(_) => {
                let message = "a list stands only after `in`";
                self.cx.error(Code::UNSUPPORTED_EXPRESSION, span, message);
                poison()
            }
        }
    }

    /// The place that a chain of attributes reaches.
    fn path(&mut self, tree: &Expression) -> At {
        let span = self.span(tree);
        match &tree.ast {
            Ast::Name(name) => paths::name(self.cx, self.scope, name, span),
            Ast::Attribute(base, name) => {
                if let (Ast::Name(table), None) = (&base.ast, self.bound(base))
                    && self.cx.tables.contains_key(table.as_str())
                {
                    let (expr, ty) = tables::output(self.cx, self.scope, table, name, span);
                    return At::Value { expr, ty };
                }
                let at = self.path(base);
                // The name itself is what is wrong when it does not exist.
                let end = self.base + tree.range.end;
                let span = self.node.span_of(end.saturating_sub(name.len())..end);
                paths::steps(self.cx, self.scope, at, &[Step::Name(name.clone())], span)
            }
            Ast::Item(base, item) => {
                let at = self.path(base);
                let step = match &item.ast {
                    Ast::Number(text) => text.parse().ok().map(Step::Index),
                    Ast::Negative(inner) => match &inner.ast {
                        Ast::Number(text) => text.parse().ok().map(|n: i64| Step::Index(-n)),
                        _ => None,
                    },
                    Ast::Text(name) => Some(Step::Name(name.clone())),
                    _ => None,
                };
                match step {
                    Some(step) => paths::steps(self.cx, self.scope, at, &[step], span),
                    None => {
                        let message = "an index is a number or a name in quotes";
                        self.cx.error(Code::UNSUPPORTED_EXPRESSION, span, message);
                        At::Poison
                    }
                }
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

    fn needs(&mut self, tree: &Expression, kind: Kind) -> Typed {
        let (expr, ty) = self.lower(tree);
        if !ty.fits(kind) {
            let message = format!("{} is needed here, and this is {}", kind.name(), ty.name());
            let span = self.span(tree);
            self.cx.error(Code::TYPE_MISMATCH, span, message);
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
                let hint =
                    "write `round(a / b, 2)`: the scale, and half_up unless another mode is named";
                self.cx.push(Diagnostic::error(Code::TYPE_MISMATCH, span, message).hint(hint));
                poison()
            }
            _ => self.arithmetic(op, left, right, boxed),
        }
    }

    fn arithmetic(
        &mut self,
        op: BinaryOp,
        left: &Expression,
        right: &Expression,
        boxed: impl Fn(Expr) -> Box<Expr>,
    ) -> Typed {
        let (left, left_ty) = self.needs(left, Kind::Number);
        let (right, right_ty) = self.needs(right, Kind::Number);
        let (left, right) = (boxed(left), boxed(right));
        let ty = Type::of(Kind::Number).absent_with(&left_ty).absent_with(&right_ty);
        let expr = match op {
            BinaryOp::Add => Expr::Add(left, right),
            BinaryOp::Subtract => Expr::Subtract(left, right),
            BinaryOp::Multiply => Expr::Multiply(left, right),
            _ => Expr::Divide(left, right),
        };
        (expr, ty)
    }

    fn compare(
        &mut self,
        op: CompareOp,
        left: &Expression,
        right: &Expression,
        span: Span,
    ) -> Typed {
        let (left, left_ty) = self.lower(left);
        let (right, right_ty) = self.lower(right);
        check_comparable(self.cx, &left_ty, &right_ty, span);
        let order = match op {
            CompareOp::Equal => Order::Equal,
            CompareOp::NotEqual => Order::NotEqual,
            CompareOp::Less => Order::Less,
            CompareOp::LessOrEqual => Order::LessOrEqual,
            CompareOp::Greater => Order::Greater,
            CompareOp::GreaterOrEqual => Order::GreaterOrEqual,
        };
        let orders = !matches!(order, Order::Equal | Order::NotEqual);
        if orders && (left_ty.may_be_absent() || right_ty.may_be_absent()) {
            let message = "what is larger or smaller cannot be missing or null";
            let hint = "say what stands in: `(record.X | default(0)) > 1`";
            self.cx.push(Diagnostic::error(Code::MAY_BE_ABSENT, span, message).hint(hint));
        }
        (Expr::Compare(order, Box::new(left), Box::new(right)), Type::of(Kind::Bool))
    }

    fn is_in(&mut self, value: &Expression, items: &Expression, negated: bool) -> Typed {
        let (value, ty) = self.lower(value);
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
            check_comparable(self.cx, &ty, &item_ty, span);
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
        let (then, then_ty) = self.lower(then);
        let (otherwise, otherwise_ty) = self.lower(otherwise);
        let kind = if then_ty.kind == Kind::Any { otherwise_ty.kind } else { then_ty.kind };
        if !then_ty.fits(otherwise_ty.kind) {
            let message =
                format!("one side is {}, the other {}", then_ty.name(), otherwise_ty.name());
            self.cx.error(Code::TYPE_MISMATCH, span, message);
            return poison();
        }
        let ty = Type::of(kind).absent_with(&then_ty).absent_with(&otherwise_ty);
        (Expr::If(Box::new(test), Box::new(then), Box::new(otherwise)), ty)
    }

    fn is(&mut self, inner: &Expression, test: &str, span: Span) -> Typed {
        if !matches!(test, "none" | "defined" | "undefined") {
            let message = format!("there is no test `is {test}`");
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

    fn call(&mut self, name: &str, args: &[Expression], span: Span) -> Typed {
        match (name, args) {
            ("default", [value, other]) => return self.default(value, other),
            ("length" | "count", [list]) if self.is_list(list) => {
                let at = self.path(list);
                let Some((list, _)) = paths::as_items(self.cx, self.scope, at, span) else {
                    return poison();
                };
                return (Expr::Count(Box::new(list)), Type::of(Kind::Number));
            }
            ("sum" | "smallest" | "largest" | "any" | "all", [list, member]) => {
                return self.fold(name, list, member, span);
            }
            ("round", [number, rest @ ..]) => {
                if let Ast::Binary(BinaryOp::Divide, left, right) = &number.ast {
                    let quotient = self.arithmetic(BinaryOp::Divide, left, right, Box::new);
                    return self.call_with("round", Some(quotient), rest, span);
                }
            }
            (map, [value]) if functions::find(map).is_none() && self.is_map(map) => {
                return self.map(map, value, span);
            }
            _ => {}
        }
        self.call_with(name, None, args, span)
    }

    fn is_map(&self, name: &str) -> bool {
        self.cx.tables.get(name).is_some_and(|table| table.get("rows").is_none())
    }

    /// `rate(line.tax_class)`: a value map in an expression.
    fn map(&mut self, name: &str, value: &Expression, span: Span) -> Typed {
        let (value, ty) = self.lower(value);
        match tables::map(self.cx, self.scope, name, span, &ty) {
            Some((map, ty)) => (Expr::Map { map, of: Box::new(value) }, ty),
            None => poison(),
        }
    }

    /// Calls a function of the table; `first` is an argument that is lowered already.
    fn call_with(
        &mut self,
        name: &str,
        first: Option<Typed>,
        args: &[Expression],
        span: Span,
    ) -> Typed {
        let Some(signature) = functions::find(name) else {
            let message = format!("there is no function `{name}`");
            let finding = Diagnostic::error(Code::UNKNOWN_FUNCTION, span, message);
            let names = FUNCTIONS.iter().map(|signature| signature.name);
            let lists = ["default", "count", "sum", "smallest", "largest", "any", "all"];
            let names: Vec<&str> = names.chain(lists).collect();
            let near = crate::diag::nearest(name, names.iter().copied());
            let hint = near.map_or_else(
                || format!("there are {}", names.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            self.cx.push(finding.hint(hint));
            return poison();
        };
        let given = args.len() + usize::from(first.is_some());
        let least = signature.takes.len() - signature.optional;
        if given < least || given > signature.takes.len() {
            let message =
                format!("`{name}` takes {} values, and {given} are given", takes(signature));
            let hint = format!("for example `{}`", signature.example.0);
            self.cx.push(Diagnostic::error(Code::TYPE_MISMATCH, span, message).hint(hint));
            return poison();
        }
        let mut ty = Type::of_sort(signature.gives);
        let mut lowered = Vec::new();
        if let Some((expr, first_ty)) = first {
            ty = ty.absent_with(&first_ty);
            lowered.push(expr);
        }
        for arg in args {
            let sort = signature.takes.get(lowered.len()).copied().unwrap_or(Sort::Any);
            let (expr, arg_ty) = self.needs(arg, Type::of_sort(sort).kind);
            let optional_absence = lowered.is_empty() || signature.function == Function::AddDays;
            if arg_ty.may_be_absent() && !optional_absence {
                let message = "this argument may be missing or null";
                let arg_span = self.span(arg);
                let hint = "say what stands in: `| default(…)`";
                self.cx.push(Diagnostic::error(Code::MAY_BE_ABSENT, arg_span, message).hint(hint));
            }
            ty = ty.absent_with(&arg_ty);
            lowered.push(expr);
        }
        self.check_date(signature, args, span);
        self.check_words(signature, args);
        (Expr::Call(signature.function, lowered), ty)
    }

    /// Words that are written out are known words.
    fn check_words(&mut self, signature: &Signature, args: &[Expression]) {
        let Some((last, text)) = args.last().and_then(|last| match &last.ast {
            Ast::Text(text) => Some((last, text)),
            _ => None,
        }) else {
            return;
        };
        let span = self.span(last);
        match (signature.function, args.len()) {
            (Function::Round, _) => check_rounding(self.cx, text, span),
            (Function::Date, 2) => {
                if let Err(fault) = crate::value::Zone::parse(text) {
                    self.cx.error(Code::BAD_LITERAL, span, fault.to_string());
                }
            }
            _ => {}
        }
    }

    /// Turning an instant into a date names a zone.
    fn check_date(&mut self, signature: &Signature, args: &[Expression], span: Span) {
        if signature.function != Function::Date || args.len() != 1 {
            return;
        }
        let Some(first) = args.first() else { return };
        let at = self.path(first);
        if let At::Value { ty, .. } = at
            && ty.kind == Kind::Instant
        {
            let message = "an instant becomes a date in a time zone";
            let hint = "name the zone: `date(x, 'UTC')`";
            self.cx.push(Diagnostic::error(Code::DATE_AND_INSTANT, span, message).hint(hint));
        }
    }

    fn default(&mut self, value: &Expression, other: &Expression) -> Typed {
        let span = self.span(value);
        let (value, ty) = self.lower(value);
        let (other, other_ty) = self.lower(other);
        if !ty.fits(other_ty.kind) {
            let message = format!("{} cannot stand in for {}", other_ty.name(), ty.name());
            self.cx.error(Code::TYPE_MISMATCH, span, message);
            return poison();
        }
        // What the environment fixes (the one currency of an org) is absent in another one.
        let fixed = matches!(value, Expr::Constant(_));
        if !ty.may_be_absent() && !fixed && ty.kind != Kind::Poison && ty.kind != Kind::Any {
            let message = "this is never missing or null, so `default` can never be used";
            self.cx.push(Diagnostic::error(Code::DEAD_MODIFIER, span, message).as_warning());
        }
        let kind = if ty.kind == Kind::Any { other_ty.kind } else { ty.kind };
        let result = Type { kind, ..ty.present() }.absent_with(&other_ty);
        let result = Type { values: None, literal: None, ..result };
        (Expr::Default(Box::new(value), Box::new(other)), result)
    }

    /// Whether an expression reaches a list; looks only, says nothing.
    fn is_list(&mut self, tree: &Expression) -> bool {
        if !matches!(tree.ast, Ast::Name(_) | Ast::Attribute(..)) {
            return false;
        }
        let mut quiet = crate::diag::Findings::new();
        std::mem::swap(self.cx.findings, &mut quiet);
        let at = self.path(tree);
        std::mem::swap(self.cx.findings, &mut quiet);
        matches!(at, At::List { .. } | At::Items { .. })
    }

    /// `sum(lines, row.SBQQ__Quantity__c)` and its like: an expression over each `row` of a list.
    fn fold(&mut self, name: &str, list: &Expression, value: &Expression, span: Span) -> Typed {
        let at = self.path(list);
        let Some((list, within)) = paths::as_items(self.cx, self.scope, at, span) else {
            return poison();
        };
        let value_span = self.span(value);
        if matches!(value.ast, Ast::Text(_)) {
            let hint = format!("for example `{name}(lines, row.SBQQ__Quantity__c)`");
            let message = "an expression over each `row` is needed here";
            self.cx.push(Diagnostic::error(Code::TYPE_MISMATCH, value_span, message).hint(hint));
            return poison();
        }
        let mut scope = self.scope.clone();
        scope.items.push(list.item);
        scope.bind("row", within);
        let (node, base) = (self.node, self.base);
        let (value, ty) = Lowering { cx: &mut *self.cx, scope: &scope, node, base }.lower(value);
        let (fold, needed) = match name {
            "sum" => (Fold::Sum, Kind::Number),
            "smallest" => (Fold::Min, ty.kind),
            "largest" => (Fold::Max, ty.kind),
            "any" => (Fold::Any, Kind::Bool),
            _ => (Fold::All, Kind::Bool),
        };
        if !ty.fits(needed) {
            let message = format!("`{name}` needs {}, and this is {}", needed.name(), ty.name());
            self.cx.error(Code::TYPE_MISMATCH, value_span, message);
            return poison();
        }
        let null = matches!(fold, Fold::Min | Fold::Max);
        (paths::fold(fold, list, value), Type { null, missing: null, ..Type::of(ty.kind) })
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
        cx.push(Diagnostic::error(Code::MAY_BE_ABSENT, span, message).hint(hint));
    }
}

fn takes(signature: &Signature) -> String {
    let most = signature.takes.len();
    match signature.optional {
        0 => most.to_string(),
        optional => format!("{} to {most}", most - optional),
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
