//! The forms of one value: literal, text, select, and the blocks that start with `$`.

use std::sync::Arc;

use super::{
    context::Context,
    exprs::{self, Typed},
    literals, objects, paths,
    scope::{At, Scope},
    tables,
    types::{Kind, Type},
};
use crate::{
    diag::{Code, Diagnostic, Span},
    program::{
        code::{
            Absence, Among, Constant, Expr, Form, Node as Out, ReferenceTo, Rule, Stop, TooLong,
        },
        functions::Function,
    },
    schema::{Field, FieldType},
    syntax::{Kind as NodeKind, Node, Part, parse_text},
    value::Decimal,
};

/// The keys that say where a value comes from.
const SOURCES: &[&str] = &[
    "$from", "$calc", "$table", "$text", "$ref", "$switch", "$shape", "$skip", "$reject", "$value",
];
/// The keys that say what is done to it.
const MODIFIERS: &[&str] = &[
    "$map",
    "$missing",
    "$null",
    "$empty",
    "$absent",
    "$truncate",
    "$too_long",
    "$round",
    "$date",
    "$when",
    "$doc",
];

/// Reports keys of a block that have no meaning there.
pub(super) fn known_keys(cx: &mut Context<'_>, node: &Node, known: &[&str], what: &str) {
    for (key, _) in node.block().unwrap_or_default() {
        if !known.contains(&key.text.as_str()) {
            let message = format!("{what} has no key `{}`", key.text);
            let finding = Diagnostic::error(Code::UNKNOWN_KEY, key.span, message);
            let finding = finding.hint(format!("it has {}", known.join(", ")));
            cx.push(finding.suggest(&key.text, known.iter().copied()));
        }
    }
}

/// The value of a key that must be there.
pub(super) fn needed<'n>(cx: &mut Context<'_>, node: &'n Node, key: &str) -> Option<&'n Node> {
    let found = node.get(key);
    if found.is_none() {
        cx.error(Code::MISSING_KEY, node.span, format!("the key `{key}` is missing here"));
    }
    found
}

/// `{ $skip: reason }` or `{ $reject: reason }`.
pub(super) fn stop(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<Stop> {
    known_keys(cx, node, &["$skip", "$reject", "$when", "$doc"], "the end of a record or item");
    let (reject, reason) = match (node.get("$reject"), node.get("$skip")) {
        (Some(reason), None) => (true, reason),
        (None, Some(reason)) => (false, reason),
        _ => {
            let message = "either `$reject: reason` or `$skip: reason` is needed here";
            cx.error(Code::BAD_FORM, node.span, message);
            return None;
        }
    };
    let origin = cx.origin(node.span);
    let (reason, _) = text(cx, scope, reason)?;
    Some(Stop { reject, reason, origin })
}

/// A text, with expressions in it or without.
pub(super) fn text(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<Typed> {
    let Some(whole) = node.text() else {
        cx.error(
            Code::WRONG_SHAPE,
            node.span,
            format!("a text is needed here, and this is {}", node.what()),
        );
        return None;
    };
    let parts = match parse_text(whole) {
        Ok(parts) => parts,
        Err(range) => {
            let hint = "an expression stands in `{{ … }}`; statements `{% … %}` are not possible";
            let message = "this text cannot be read";
            cx.push(
                Diagnostic::error(Code::BAD_EXPRESSION, node.span_of(range), message).hint(hint),
            );
            return None;
        }
    };
    if let [Part::Letters(letters)] = parts.as_slice() {
        let ty = Type { literal: Some(letters.clone()), ..Type::of(Kind::Text) };
        return Some((Expr::Constant(Constant::Text(letters.clone())), ty));
    }
    let mut joined = Vec::new();
    for part in parts {
        match part {
            Part::Letters(letters) => joined.push(Expr::Constant(Constant::Text(letters))),
            Part::Expression(range) => {
                let span = node.span_of(range.clone());
                let (expr, ty) = exprs::of_part(cx, scope, node, range);
                exprs::check_in_text(cx, &ty, span);
                joined.push(expr);
            }
        }
    }
    Some((Expr::Join(joined), Type::of(Kind::Text)))
}

/// One value without a target: an input of a table, a key of an order, a `let`.
pub(super) fn scalar(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Typed {
    let poison = (Expr::Constant(Constant::Null), Type::poison());
    match place(cx, scope, node) {
        Some(at) => paths::one_value(cx, at, node.span),
        None => poison,
    }
}

/// What a value form reaches, before anyone asks whether it is one value or a list.
pub(super) fn place(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<At> {
    match &node.kind {
        NodeKind::Scalar(scalar) if scalar.text.starts_with('$') => {
            Some(paths::select(cx, scope, &scalar.text, node.span))
        }
        NodeKind::Scalar(scalar) if scalar.text.contains("{{") => {
            text(cx, scope, node).map(|(expr, ty)| At::Value { expr, ty })
        }
        NodeKind::Scalar(scalar) => Some(literals::untyped(scalar)),
        NodeKind::Empty => {
            Some(At::constant(Constant::Null, Type { null: true, ..Type::of(Kind::Any) }))
        }
        NodeKind::Block(_) => block_place(cx, scope, node),
        NodeKind::List(_) => {
            cx.error(Code::WRONG_SHAPE, node.span, "one value is needed here, and this is a list");
            None
        }
    }
}

fn block_place(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<At> {
    if node.get("$group").is_some() {
        return super::lists::group(cx, scope, node);
    }
    let (expr, ty) = source(cx, scope, node)?;
    let (expr, ty) = steps(cx, scope, node, expr, ty);
    for key in ["$missing", "$null", "$absent"] {
        let Some(instead) = node.get(key) else { continue };
        let (other, other_ty) = scalar(cx, scope, instead);
        let ty = Type { values: None, ..ty.present() }.absent_with(&other_ty);
        return Some(At::Value { expr: Expr::Default(Box::new(expr), Box::new(other)), ty });
    }
    Some(At::Value { expr, ty })
}

/// The one source of a block.
fn source(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<Typed> {
    let known: Vec<&str> = SOURCES.iter().chain(MODIFIERS).copied().collect();
    known_keys(cx, node, &known, "a value");
    let entries = node.block()?;
    let mut sources = entries.iter().filter(|(key, _)| SOURCES.contains(&key.text.as_str()));
    let Some((key, value)) = sources.next() else {
        let message = "this block does not say where its value comes from";
        let hint = "one of `$from`, `$calc`, `$table`, `$text` is needed";
        cx.push(Diagnostic::error(Code::BAD_FORM, node.span, message).hint(hint));
        return None;
    };
    if let Some((second, _)) = sources.next() {
        let message =
            format!("`{}` and `{}` both say where the value comes from", key.text, second.text);
        cx.push(
            Diagnostic::error(Code::BAD_FORM, second.span, message)
                .label(key.span, "the other one"),
        );
        return None;
    }
    match key.text.as_str() {
        "$from" => {
            if !value.text().is_some_and(|text| text.starts_with('$')) {
                let message = "`$from` takes a select, which starts with `$`";
                cx.error(Code::BAD_SELECT, value.span, message);
                return None;
            }
            Some(scalar(cx, scope, value))
        }
        "$calc" => Some(exprs::of_node(cx, scope, value)),
        "$text" => match value.text() {
            Some(text) => {
                let ty = Type { literal: Some(text.to_owned()), ..Type::of(Kind::Text) };
                Some((Expr::Constant(Constant::Text(text.to_owned())), ty))
            }
            None => {
                cx.error(Code::WRONG_SHAPE, value.span, "`$text` takes a text");
                None
            }
        },
        "$table" => {
            let (table, output) =
                value.text().and_then(|text| text.split_once('.')).unwrap_or_default();
            if table.is_empty() {
                let message = "`$table` takes `table.output`";
                cx.error(Code::UNKNOWN_TABLE, value.span, message);
                return None;
            }
            Some(tables::output(cx, scope, table, output, value.span))
        }
        other => {
            let message =
                format!("`{other}` is not possible here, where one plain value is needed");
            cx.error(Code::BAD_FORM, key.span, message);
            None
        }
    }
}

/// The steps that change a value: map, date, round.
fn steps(cx: &mut Context<'_>, scope: &Scope, node: &Node, expr: Expr, ty: Type) -> Typed {
    let (mut expr, mut ty) = (expr, ty);
    if let Some(map) = node.get("$map") {
        let name = map.text().unwrap_or_default();
        // A value that something stands in for when it is absent never reaches the map so.
        let handled = ["$absent", "$null", "$missing"].iter().any(|key| node.get(key).is_some());
        match tables::map(cx, scope, name, map.span, &ty) {
            Some((at, mapped)) => {
                let absent = ty.may_be_absent() && (handled || mapped.may_be_absent());
                expr = Expr::Map { map: at, of: Box::new(expr) };
                ty = Type { null: mapped.null || (absent && ty.null), ..mapped };
            }
            None => return (Expr::Constant(Constant::Null), Type::poison()),
        }
    }
    if let Some(zone) = node.get("$date") {
        if !ty.fits(Kind::Instant) {
            let message =
                format!("`$date` turns an instant into a date, and this is {}", ty.name());
            cx.error(Code::DATE_AND_INSTANT, zone.span, message);
        }
        let name = zone.text().unwrap_or_default();
        if let Err(fault) = crate::value::Zone::parse(name) {
            cx.error(Code::BAD_LITERAL, zone.span, fault.to_string());
        }
        let zone = Expr::Constant(Constant::Text(name.to_owned()));
        expr = Expr::Call(Function::Date, vec![expr, zone]);
        ty = Type { kind: Kind::Date, values: None, length: None, ..ty };
    }
    if let Some(round) = node.get("$round") {
        let (scale, mode) = match (&round.kind, round.list()) {
            (_, Some([scale, mode])) => (scale.text(), mode.text().unwrap_or("half_up")),
            _ => (round.text(), "half_up"),
        };
        if !ty.fits(Kind::Number) {
            let message = format!("`$round` takes a number, and this is {}", ty.name());
            cx.error(Code::TYPE_MISMATCH, round.span, message);
        }
        exprs::check_rounding(cx, mode, round.span);
        match scale.and_then(|scale| scale.parse::<u32>().ok()) {
            Some(scale) => {
                let scale = Expr::Constant(Constant::Number(Decimal::from(scale)));
                let mode = Expr::Constant(Constant::Text(mode.to_owned()));
                expr = Expr::Call(Function::Round, vec![expr, scale, mode]);
            }
            None => cx.error(
                Code::BAD_LITERAL,
                round.span,
                "`$round` takes a number of decimals, or `[2, half_even]`",
            ),
        }
    }
    (expr, ty)
}

/// A value on its way to a field of the target.
pub(super) fn value(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    wanted: &Field,
    required: bool,
) -> Out {
    if let FieldType::List(_) = wanted.kind {
        return super::lists::value(cx, scope, node, wanted);
    }
    match &node.kind {
        NodeKind::Block(_)
            if wanted.kind == FieldType::Any && super::lists::makes_list(cx, scope, node) =>
        {
            super::lists::value(cx, scope, node, wanted)
        }
        NodeKind::Block(entries) => {
            let form = entries.iter().any(|(key, _)| SOURCES.contains(&key.text.as_str()));
            if form {
                form_value(cx, scope, node, wanted, required)
            } else {
                objects::value(cx, scope, node, wanted)
            }
        }
        NodeKind::List(_) if wanted.kind == FieldType::Any => {
            super::lists::value(cx, scope, node, wanted)
        }
        NodeKind::List(_) => {
            let message =
                format!("`{}` is {}, and this is a list", wanted.name, wanted.kind.name());
            cx.error(Code::WRONG_SHAPE, node.span, message);
            Out::Literal("null".into())
        }
        NodeKind::Empty => {
            let message = format!("`{}` has no value here", wanted.name);
            let hint = "leave the key out, or write `{ $text: \"\" }` for an empty text";
            cx.push(Diagnostic::error(Code::BAD_LITERAL, node.span, message).hint(hint));
            Out::Literal("null".into())
        }
        NodeKind::Scalar(scalar) => {
            if scalar.text.starts_with('$') || scalar.text.contains("{{") {
                if wanted.kind == FieldType::Any && scalar.text.starts_with('$') {
                    let at = paths::select(cx, scope, &scalar.text, node.span);
                    if matches!(at, At::Items { .. } | At::List { .. }) {
                        return super::lists::of_place(cx, scope, at, node, wanted);
                    }
                    let (expr, ty) = paths::one_value(cx, at, node.span);
                    return bare_rule(cx, node, expr, ty, wanted, required);
                }
                let (expr, ty) = self::scalar(cx, scope, node);
                return bare_rule(cx, node, expr, ty, wanted, required);
            }
            literals::literal(cx, node, scalar, wanted)
        }
    }
}

fn form_value(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    wanted: &Field,
    required: bool,
) -> Out {
    let inner = if node.get("$switch").is_some() {
        super::lists::switch_value(cx, scope, node, wanted, required)
    } else if node.get("$shape").is_some() {
        objects::shape(cx, scope, node, wanted, required)
    } else if node.get("$ref").is_some() {
        reference(cx, scope, node)
    } else if node.get("$reject").is_some() || node.get("$skip").is_some() {
        stop(cx, scope, node).map(|stop| Out::Stop(Box::new(stop)))
    } else if let Some(inner) = node.get("$value") {
        known_keys(cx, node, &["$value", "$when", "$doc"], "a value under a condition");
        Some(value(cx, scope, inner, wanted, required))
    } else {
        source(cx, scope, node).map(|(expr, ty)| {
            let (expr, ty) = steps(cx, scope, node, expr, ty);
            rule_of(cx, scope, node, expr, ty, wanted, required)
        })
    };
    let inner = inner.unwrap_or_else(|| Out::Literal("null".into()));
    match node.get("$when") {
        None => inner,
        Some(when) => {
            if required {
                let message =
                    format!("`{}` is required, and `$when` may leave it out", wanted.name);
                cx.error(Code::REQUIRED_FIELD, when.span, message);
            }
            Out::When(exprs::condition(cx, scope, when), Box::new(inner))
        }
    }
}

/// The rule of a value that has no modifiers.
pub(super) fn bound_value(
    cx: &mut Context<'_>,
    node: &Node,
    expr: Expr,
    ty: Type,
    wanted: &Field,
) -> Out {
    bare_rule(cx, node, expr, ty, wanted, false)
}

fn bare_rule(
    cx: &mut Context<'_>,
    node: &Node,
    expr: Expr,
    ty: Type,
    wanted: &Field,
    required: bool,
) -> Out {
    let empty = Node { span: node.span, kind: NodeKind::Empty };
    rule_of(cx, &Scope::default(), &empty, expr, ty, wanted, required)
}

/// The rule of a value with its modifiers, checked against the field of the target.
fn rule_of(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    expr: Expr,
    ty: Type,
    wanted: &Field,
    required: bool,
) -> Out {
    let origin = cx.origin(node.span);
    let absences = absences(cx, scope, node, &ty, wanted, required);
    check_type(cx, node, &ty, wanted);
    let form = match Kind::of_target(&wanted.kind) {
        Kind::Bool => Form::Bool,
        Kind::Number => Form::Number,
        Kind::Text | Kind::Date | Kind::Instant => Form::Text,
        Kind::Any | Kind::Poison => Form::Any,
    };
    let length = length(cx, node, &ty, wanted);
    let digits = wanted.digits.map(|(digits, scale)| (digits.saturating_sub(scale), scale));
    let among = wanted.tenant.as_deref().and_then(|list| among(cx, list));
    Out::Value(Box::new(Rule {
        field: wanted.name.clone(),
        from: expr,
        missing: absences.0,
        null: absences.1,
        empty: absences.2,
        length,
        digits,
        among,
        form,
        origin,
    }))
}

fn among(cx: &Context<'_>, list: &str) -> Option<Arc<Among>> {
    cx.facts.tenant.has(list, "")?;
    let values = cx.facts.tenant.list(list).into_iter().map(str::to_owned).collect();
    Some(Arc::new(Among { list: list.to_owned(), values }))
}

type Absences = (Absence, Absence, Option<Absence>);

/// What happens when the value is missing, null or empty.
fn absences(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    ty: &Type,
    wanted: &Field,
    required: bool,
) -> Absences {
    let both = node.get("$absent").map(|instead| absence(cx, scope, instead, wanted, required));
    let of = |cx: &mut Context<'_>, key: &str, may: bool| {
        let own = node.entry(key).map(|(name, instead)| {
            if !may && ty.kind != Kind::Poison && ty.kind != Kind::Any {
                let what = key.trim_start_matches('$');
                let message = format!("the value is never {what}, so this can never be used");
                cx.error(Code::DEAD_MODIFIER, name.span, message);
            }
            absence(cx, scope, instead, wanted, required)
        });
        own.or_else(|| both.clone())
    };
    let missing = of(cx, "$missing", ty.missing);
    let null = of(cx, "$null", ty.null);
    let empty = node.get("$empty").map(|instead| absence(cx, scope, instead, wanted, required));
    if both.is_some()
        && !ty.may_be_absent()
        && !matches!(ty.kind, Kind::Poison | Kind::Any)
        && let Some((name, _)) = node.entry("$absent")
    {
        cx.error(
            Code::DEAD_MODIFIER,
            name.span,
            "the value is never missing or null, so this can never be used",
        );
    }
    let unsaid = (missing.is_none() && ty.missing) || (null.is_none() && ty.null);
    if required && unsaid && ty.kind != Kind::Poison {
        let message =
            format!("`{}` is required, and this value may be missing or null", wanted.name);
        let hint =
            "say what happens then: `$absent: <a value>`, or `$absent: error` to reject the record";
        cx.push(Diagnostic::error(Code::MAY_BE_ABSENT, node.span, message).hint(hint));
    }
    (missing.unwrap_or(Absence::Omit), null.unwrap_or(Absence::Omit), empty)
}

fn absence(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    wanted: &Field,
    required: bool,
) -> Absence {
    match node.text() {
        Some("omit" | "clear") if required => {
            let message = format!("`{}` is required and cannot be left out", wanted.name);
            cx.error(Code::REQUIRED_FIELD, node.span, message);
            Absence::Error
        }
        Some("omit") => Absence::Omit,
        Some("clear") => Absence::Clear,
        Some("error") => Absence::Error,
        _ => {
            if let Some(scalar) = node.scalar()
                && !scalar.text.starts_with('$')
                && !scalar.text.contains("{{")
            {
                let constant = literals::constant(cx, node, scalar, wanted);
                return Absence::Value(Expr::Constant(constant));
            }
            let (expr, ty) = self::scalar(cx, scope, node);
            check_type(cx, node, &ty, wanted);
            Absence::Value(expr)
        }
    }
}

/// The length that the field takes, and what happens to a longer text.
fn length(cx: &mut Context<'_>, node: &Node, ty: &Type, wanted: &Field) -> Option<(u32, TooLong)> {
    let cut = node.entry("$truncate").map(|(_, value)| value);
    let too_long = node.entry("$too_long").map(|(_, value)| value);
    if let Some(cut) = cut {
        let Some(length) = cut.text().and_then(|text| text.parse::<u32>().ok()) else {
            cx.error(Code::BAD_LITERAL, cut.span, "`$truncate` takes a number of characters");
            return None;
        };
        if wanted.length.is_some_and(|most| length > most) {
            let most = wanted.length.unwrap_or_default();
            let message = format!("`{}` takes {most} characters", wanted.name);
            cx.error(Code::TOO_LONG, cut.span, message);
        }
        return Some((length, TooLong::Cut));
    }
    let most = wanted.length?;
    if let Some(too_long) = too_long {
        if too_long.text() != Some("error") {
            let message =
                "`$too_long` takes `error`: the record is rejected; to cut use `$truncate`";
            cx.error(Code::BAD_WORD, too_long.span, message);
        }
        return Some((most, TooLong::Error));
    }
    let longest = match (&ty.values, &ty.literal) {
        (Some(values), _) if values.closed => values
            .all
            .iter()
            .map(|value| value.chars().count())
            .max()
            .and_then(|n| u32::try_from(n).ok()),
        (_, Some(literal)) => u32::try_from(literal.chars().count()).ok(),
        _ => ty.length,
    };
    // A text whose length nothing is known of is checked when it is there.
    if ty.kind == Kind::Text && longest.is_some_and(|longest| longest > most) {
        let longest = longest.unwrap_or_default();
        let message = format!(
            "the source has up to {longest} characters, and `{}` takes {most}",
            wanted.name
        );
        let hint =
            format!("say what happens to a longer text: `$truncate: {most}` or `$too_long: error`");
        cx.push(Diagnostic::error(Code::TOO_LONG, node.span, message).hint(hint));
    }
    Some((most, TooLong::Error))
}

/// The value must be of the kind that the field holds, and one of its values.
fn check_type(cx: &mut Context<'_>, node: &Node, ty: &Type, wanted: &Field) {
    let needed = Kind::of_target(&wanted.kind);
    if let Some(literal) = &ty.literal {
        literals::check_tenant(cx, node, literal, wanted);
    }
    if !ty.fits(needed) {
        let (code, hint) = match (ty.kind, needed) {
            (Kind::Instant, Kind::Date) => {
                (Code::DATE_AND_INSTANT, "name the zone: `{ $from: …, $date: UTC }`")
            }
            (Kind::Number, Kind::Text) => {
                (Code::TYPE_MISMATCH, "turn it into a text: `{ $calc: \"text(…)\" }`")
            }
            (Kind::Text, Kind::Number) => {
                (Code::TYPE_MISMATCH, "read it as a number: `{ $calc: \"number(…)\" }`")
            }
            (Kind::Text, Kind::Date) => {
                (Code::TYPE_MISMATCH, "read it as a date: `{ $calc: \"date(…)\" }`")
            }
            _ => (Code::TYPE_MISMATCH, "change the source, or the field that it goes to"),
        };
        let message =
            format!("`{}` is {}, and this is {}", wanted.name, wanted.kind.name(), ty.name());
        cx.push(Diagnostic::error(code, node.span, message).hint(hint));
        return;
    }
    let Some(allowed) = wanted.values.as_ref().filter(|values| values.closed) else { return };
    if needed != Kind::Text || matches!(ty.kind, Kind::Any | Kind::Poison) {
        return;
    }
    let given = match (&ty.literal, &ty.values) {
        (Some(literal), _) => vec![literal.clone()],
        (None, Some(values)) if values.closed => values.all.clone(),
        _ => {
            let message = format!(
                "any text may come here, and `{}` has {} values",
                wanted.name,
                allowed.all.len()
            );
            let hint = "turn it into one of them with `$map`, a table or a literal";
            cx.push(Diagnostic::error(Code::NOT_IN_ENUM, node.span, message).hint(hint));
            return;
        }
    };
    for value in given.iter().filter(|value| !allowed.all.contains(value)) {
        not_in_enum(cx, node.span, value, wanted);
    }
}

/// A value that is none of the field's values.
pub(super) fn not_in_enum(cx: &mut Context<'_>, span: Span, value: &str, wanted: &Field) {
    let all: Vec<&str> =
        wanted.values.iter().flat_map(|values| values.all.iter().map(String::as_str)).collect();
    let message = format!("`{value}` is no value of `{}`", wanted.name);
    let near = crate::diag::nearest(value, all.iter().copied());
    let hint = match near {
        Some(near) => format!("did you mean `{near}`? The values are {}", all.join(", ")),
        None => format!("the values are {}", all.join(", ")),
    };
    let finding = Diagnostic::error(Code::NOT_IN_ENUM, span, message).hint(hint);
    let written = cx.sources.slice(span) == value;
    cx.push(if written { finding.suggest(value, all.iter().copied()) } else { finding });
}

/// `{ $ref: catalog.product, $by: { sfdcId__c: $.Id }, $take: Id }`.
fn reference(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<Out> {
    known_keys(cx, node, &["$ref", "$by", "$take", "$when", "$doc"], "a reference");
    let to = node.get("$ref")?;
    let (alias, resource) = to.text().and_then(|text| text.split_once('.')).unwrap_or_default();
    let mapping =
        if alias == "self" { Some(cx.mapping.clone()) } else { cx.uses.get(alias).cloned() };
    let keys = mapping.as_ref().and_then(|mapping| cx.keys.get(mapping)?.get(resource)).cloned();
    let (Some(mapping), Some(keys)) = (mapping, keys) else {
        let message =
            format!("there is no resource `{}` to refer to", to.text().unwrap_or_default());
        let hint = "name the other mapping under `uses:` and write `name.resource`";
        cx.push(Diagnostic::error(Code::UNKNOWN_RESOURCE, to.span, message).hint(hint));
        return None;
    };
    let by_node = needed(cx, node, "$by")?;
    let mut by = Vec::new();
    for level in &keys {
        let mut rules = Vec::new();
        for key in level {
            let Some(value) = by_node.get(key) else {
                let message = format!("the key of `{resource}` has `{key}`, and `$by` does not");
                cx.error(Code::BAD_KEY, by_node.span, message);
                return None;
            };
            let (expr, _) = scalar(cx, scope, value);
            rules.push(plain_rule(cx, expr, value.span));
        }
        by.push(rules);
    }
    known_keys(
        cx,
        by_node,
        &keys.iter().flatten().map(String::as_str).collect::<Vec<_>>(),
        "the key",
    );
    let take = node.get("$take").and_then(Node::text).map(str::to_owned);
    Some(Out::Reference(Box::new(ReferenceTo { mapping, resource: resource.to_owned(), by, take })))
}

/// A value as it is, without a field that it goes to; left out when it is absent.
pub(super) fn plain_rule(cx: &mut Context<'_>, from: Expr, span: Span) -> Rule {
    let origin = cx.origin(span);
    Rule {
        field: String::new(),
        from,
        missing: Absence::Omit,
        null: Absence::Omit,
        empty: None,
        length: None,
        digits: None,
        among: None,
        form: Form::Any,
        origin,
    }
}
