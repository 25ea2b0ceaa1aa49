//! Calls in expressions: functions of the table, stand-ins, folds of lists.

use super::{
    editing,
    exprs::{Lowering, Typed, check_rounding, poison},
    literals, maps, paths,
    scope::At,
    tables,
    types::{Kind, Type},
};
use crate::{
    diag::{Code, Diagnostic, Span, nearest},
    program::{
        code::{Constant, Expr, Fold},
        functions::{self, FUNCTIONS, Function, Signature, Sort},
    },
    syntax::{Ast, BinaryOp, Expression},
};

/// What is called like a function and takes names, lists or absent values.
pub(super) const BESIDE_THE_TABLE: &[(&str, &str)] = &[
    ("default", "its second value when the first one is missing or null"),
    ("length", "how many characters a text has, or items a list"),
    ("count", "how many items a list has"),
    ("sum", "of a list, or of an expression over each row of one; 0 for none"),
    ("smallest", "of a list, or of an expression over each row of one; missing for none"),
    ("largest", "of a list, or of an expression over each row of one; missing for none"),
    ("any", "whether an expression holds for some row of a list"),
    ("all", "whether an expression holds for every row of a list"),
    ("settled", "whether an action that took effect has consumed the row of this Id"),
];

/// Where a call stands.
pub(super) struct Spans {
    pub name: Span,
    pub whole: Span,
}

impl Lowering<'_, '_, '_> {
    /// A call of a function or a filter.
    pub(super) fn call(&mut self, name: &str, args: &[Expression], spans: &Spans) -> Typed {
        let span = spans.whole;
        match (name, args) {
            ("default", [value, other]) => return self.default(value, other),
            // What is counted is a list; of a name that is wrong that is said at the name.
            ("length" | "count", [list])
                if self.is_list(list)
                    || (name == "count"
                        && matches!(list.ast, Ast::Name(_) | Ast::Attribute(..))) =>
            {
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
                    return self.call_with("round", Some(quotient), rest, spans);
                }
            }
            (shape, args) if self.is_shape(shape) => {
                let at = self.asked(shape, args, spans);
                return paths::one_value(self.cx, at, span);
            }
            ("settled", [row]) => return self.settled(row, spans),
            (map, [value]) if functions::find(map).is_none() && self.is_map(map) => {
                return self.map(map, value, spans.name);
            }
            _ => {}
        }
        self.call_with(name, None, args, spans)
    }

    /// `settled(row.Id)`: whether an action that took effect has consumed the row.
    fn settled(&mut self, row: &Expression, spans: &Spans) -> Typed {
        let (id, ty) = self.needs(row, Kind::Text);
        if !self.cx.acts {
            let message = "only a mapping of actions knows what is settled";
            self.cx.error(Code::UNKNOWN_FUNCTION, spans.name, message);
            return poison();
        }
        if ty.may_be_absent() {
            let message = "the id of a row is needed here, and this may be missing or null";
            let span = self.span(row);
            self.cx.error(Code::MAY_BE_ABSENT, span, message);
        }
        (Expr::Settled(Box::new(id)), Type::of(Kind::Bool))
    }

    /// The shapes and maps of the mapping that an expression may ask.
    fn asked_like_functions(&self) -> Vec<String> {
        let shapes = self.cx.pieces.iter().filter(|(_, piece)| piece.get("$value").is_some());
        let maps = self.cx.tables.iter().filter(|(_, table)| !tables::is_table(table));
        shapes.chain(maps).map(|(name, _)| name.clone()).collect()
    }

    fn is_map(&self, name: &str) -> bool {
        self.cx.tables.get(name).is_some_and(|table| !tables::is_table(table))
    }

    /// `rate(line.tax_class)`: a value map in an expression.
    fn map(&mut self, name: &str, value: &Expression, span: Span) -> Typed {
        let (value, ty) = self.lower(value);
        match maps::map(self.cx, self.scope, name, span, &ty) {
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
        spans: &Spans,
    ) -> Typed {
        let span = spans.whole;
        let Some(signature) = functions::find(name) else {
            let message = format!("there is no function `{name}`");
            let names = FUNCTIONS.iter().map(|signature| signature.name);
            let beside = BESIDE_THE_TABLE.iter().map(|(name, _)| *name);
            let names: Vec<&str> = names.chain(beside).collect();
            let hint = format!("there are {}", names.join(", "));
            let finding = Diagnostic::error(Code::UNKNOWN_FUNCTION, spans.name, message).hint(hint);
            let maps = self.cx.tables.iter().filter(|(_, table)| !tables::is_table(table));
            let maps = maps.map(|(name, _)| name.clone());
            let possible = editing::functions(&self.cx.pieces, maps);
            let finding = finding.possible(possible);
            let own = self.asked_like_functions();
            let all = || names.iter().copied().chain(own.iter().map(String::as_str));
            let near = nearest(name, all()).unwrap_or_default();
            let made = self.cx.pieces.get(near).or(self.cx.tables.get(near)).map(|node| node.head);
            let finding = finding.meant(made);
            self.cx.push_near(finding, name, all());
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
        let (mut given_decimals, mut is_wrong) = (Vec::new(), false);
        if let Some((expr, first_ty)) = first {
            given_decimals.push(first_ty.decimals);
            is_wrong |= first_ty.kind == Kind::Poison;
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
                let finding = Diagnostic::error(Code::MAY_BE_ABSENT, arg_span, message).hint(hint);
                self.cx.push(finding.caused_by(arg_ty.absent_cause()));
            }
            given_decimals.push(arg_ty.decimals);
            is_wrong |= arg_ty.kind == Kind::Poison;
            ty = ty.absent_with(&arg_ty);
            lowered.push(expr);
        }
        self.check_date(signature, args, span);
        self.check_words(signature, args);
        ty.decimals = decimals(signature.function, &lowered, &given_decimals);
        if is_wrong {
            ty = Type::poison();
        }
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
            (Function::UnitStep, _) => literals::check_unit(self.cx, span, text),
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
        let (span, other_span) = (self.span(value), self.span(other));
        let (value, ty) = self.lower(value);
        let (other, other_ty) = self.lower(other);
        if !ty.fits(other_ty.kind) {
            let message = format!("{} cannot stand in for {}", other_ty.name(), ty.name());
            let finding = match (ty.kind, other_ty.kind) {
                (Kind::Date, Kind::Instant) | (Kind::Instant, Kind::Date) => {
                    let hint = "make the instant a day in a time zone: `date(x, 'UTC')`";
                    Diagnostic::error(Code::DATE_AND_INSTANT, other_span, message).hint(hint)
                }
                _ => Diagnostic::error(Code::TYPE_MISMATCH, other_span, message),
            };
            self.cx.push(finding.caused_by(other_ty.named_at.or(ty.named_at)));
            return poison();
        }
        // What the environment fixes (the one currency of an org) is absent in another one.
        let fixed = matches!(value, Expr::Constant(_));
        if !ty.may_be_absent() && !fixed && ty.kind != Kind::Poison && ty.kind != Kind::Any {
            let message = "this is never missing or null, so `default` can never be used";
            self.cx.push(Diagnostic::error(Code::DEAD_MODIFIER, span, message).as_warning());
        }
        let kind = if ty.kind == Kind::Any { other_ty.kind } else { ty.kind };
        let decimals = ty.decimals.max(other_ty.decimals);
        let id_of = ty.id_of.clone().filter(|of| other_ty.id_of.as_ref().is_none_or(|o| o == of));
        let values = ty.values_with(&other_ty);
        let result = Type { kind, ..ty.present() }.absent_with(&other_ty);
        let spots = Vec::new();
        let result = Type { values, literal: None, decimals, id_of, spots, ..result };
        let result = Type { named_at: None, ..result };
        (Expr::Default(Box::new(value), Box::new(other)), result)
    }

    /// Whether an expression reaches a list.
    fn is_list(&mut self, tree: &Expression) -> bool {
        let is_place = match &tree.ast {
            Ast::Name(_) | Ast::Attribute(..) => true,
            Ast::Call { name, .. } => self.is_shape(name),
            _ => false,
        };
        if !is_place {
            return false;
        }
        // What is found on the way is found again below, and kept once; what a shape or a map is
        // compiled to is kept, so that it would be found here alone.
        let at = self.path(tree);
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
            let finding = Diagnostic::error(Code::TYPE_MISMATCH, value_span, message);
            self.cx.push(finding.caused_by(ty.named_at));
            return poison();
        }
        let null = matches!(fold, Fold::Min | Fold::Max);
        let decimals = ty.decimals;
        let result = Type { null, missing: null, decimals, ..Type::of(ty.kind) };
        (paths::fold(fold, list, value), result)
    }
}

/// How many decimals the result of a function is known to have at times.
fn decimals(function: Function, args: &[Expr], given: &[Option<u32>]) -> Option<u32> {
    match function {
        // What is rounded has as many as it says, unless it is known to have fewer.
        Function::Round => match args.get(1) {
            Some(Expr::Constant(Constant::Number(scale))) => {
                let scale = u32::try_from(*scale).ok();
                let known = given.first().copied().flatten();
                scale.map(|scale| known.map_or(scale, |known| known.min(scale)))
            }
            _ => None,
        },
        Function::Min | Function::Max | Function::Abs => given.iter().copied().max().flatten(),
        Function::MonthsBetween | Function::DaysBetween => Some(0),
        _ => None,
    }
}

fn takes(signature: &Signature) -> String {
    let most = signature.takes.len();
    match signature.optional {
        0 => most.to_string(),
        optional => format!("{} to {most}", most - optional),
    }
}
