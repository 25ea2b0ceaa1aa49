//! Literals: their type is that of the field they go to.

use super::{
    context::Context,
    exprs, fields,
    scope::At,
    types::{Kind, Type},
};
use crate::{
    diag::{Code, Diagnostic, Span},
    program::code::{Constant, Node as Out},
    schema::{Field, FieldType},
    syntax::{Node, Scalar},
    value::{Date, Decimal, Instant, parse_decimal, write_decimal},
};

/// A literal where no field says what it is: without quotes a number or a truth value is one.
pub(super) fn untyped(scalar: &Scalar) -> At {
    let text = scalar.text.as_str();
    match text {
        "true" | "false" if scalar.plain => {
            At::constant(Constant::Bool(text == "true"), Type::of(Kind::Bool))
        }
        _ => match parse_decimal(text).filter(|_| scalar.plain && is_json_number(text)) {
            Some(number) => At::constant(Constant::Number(number), Type::of(Kind::Number)),
            None => At::constant(Constant::Text(text.to_owned()), Type::text(text)),
        },
    }
}

/// `0123` is a text in every system that has codes; JSON knows no such number.
fn is_json_number(text: &str) -> bool {
    serde_json::from_str::<serde_json::Number>(text).is_ok()
}

/// A literal as JSON, checked against its field.
pub(super) fn literal(cx: &mut Context<'_>, node: &Node, scalar: &Scalar, wanted: &Field) -> Out {
    let constant = constant(cx, node, scalar, wanted);
    Out::Literal { json: json(&constant), origin: cx.origin(node.span) }
}

/// What stands in for a value that is wrong: with a finding there is no program.
pub(super) fn nothing() -> Out {
    Out::Literal { json: "null".into(), origin: usize::MAX }
}

/// A constant as JSON.
pub(super) fn json(constant: &Constant) -> String {
    match constant {
        Constant::Null => "null".into(),
        Constant::Bool(truth) => truth.to_string(),
        Constant::Number(number) => {
            let mut out = Vec::new();
            write_decimal(*number, &mut out);
            String::from_utf8(out).unwrap_or_default()
        }
        Constant::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
    }
}

/// A literal as a constant of its field's type.
pub(super) fn constant(
    cx: &mut Context<'_>,
    node: &Node,
    scalar: &Scalar,
    wanted: &Field,
) -> Constant {
    let text = scalar.text.as_str();
    let fault = |cx: &mut Context<'_>, said: String| {
        let message = format!("`{}` is {}: {said}", wanted.name, wanted.kind.name());
        cx.push(Diagnostic::error(Code::BAD_LITERAL, node.span, message));
    };
    match Kind::of_target(&wanted.kind) {
        Kind::Bool => match text {
            "true" => return Constant::Bool(true),
            "false" => return Constant::Bool(false),
            _ => fault(cx, format!("`{text}` is neither `true` nor `false`")),
        },
        Kind::Number => match parse_decimal(text) {
            Some(number) => {
                if let Some(said) = too_fine(number, wanted) {
                    fault(cx, said);
                } else if !wanted.limits.hold(number) {
                    fault(
                        cx,
                        format!("`{text}` is none of the numbers it takes, {}", wanted.limits),
                    );
                }
                return Constant::Number(number);
            }
            None => fault(cx, format!("`{text}` is no number that can be kept exactly")),
        },
        Kind::Date => {
            if let Err(wrong) = Date::parse(text) {
                fault(cx, wrong.to_string());
            }
        }
        Kind::Instant => {
            if let Err(wrong) = Instant::parse(text) {
                fault(cx, wrong.to_string());
            }
        }
        Kind::Text => check_text(cx, node, text, wanted),
        Kind::Any | Kind::Poison => {
            if let At::Value { expr: crate::program::code::Expr::Constant(constant), .. } =
                untyped(scalar)
            {
                return constant;
            }
        }
    }
    Constant::Text(text.to_owned())
}

/// What is wrong with a number that has more digits than its field keeps.
fn too_fine(number: Decimal, wanted: &Field) -> Option<String> {
    let number = number.normalize();
    if wanted.kind == FieldType::Integer && number.scale() > 0 {
        return Some(format!("`{number}` is no whole number"));
    }
    let (digits, scale) = wanted.digits?;
    if number.scale() > scale {
        return Some(format!("`{number}` has more than {scale} digits after the point"));
    }
    let before = digits.saturating_sub(scale);
    let most = Decimal::from(10_u64.checked_pow(before)?);
    (number.abs() >= most)
        .then(|| format!("`{number}` has more than {before} digits before the point"))
}

fn check_text(cx: &mut Context<'_>, node: &Node, text: &str, wanted: &Field) {
    if let Some(values) = &wanted.values
        && !values.all.iter().any(|value| value == text)
    {
        match values.closed {
            true => fields::not_in_enum(cx, node.span, text, wanted),
            false => exprs::slip_of_a_value(cx, node.span, text, values),
        }
    }
    if let Some(most) = wanted.length
        && text.chars().count() > most as usize
    {
        let count = text.chars().count();
        let message = format!("`{}` takes {most} characters, and this has {count}", wanted.name);
        cx.error(Code::TOO_LONG, node.span, message);
        return;
    }
    check_tenant(cx, node.span, text, wanted);
}

/// A unit of measure of the tenant.
pub(super) fn check_unit(cx: &mut Context<'_>, span: Span, text: &str) {
    let Some(units) = &cx.facts.tenant.units else { return };
    let known = units.keys().cloned().collect();
    let by = "the environment says so under `tenant.units`".to_owned();
    check_listed(cx, span, text, &Listed { list: "units", known, by });
}

/// A value that must be in one of the lists of the tenant.
pub(super) fn check_tenant(cx: &mut Context<'_>, span: Span, text: &str, wanted: &Field) {
    if let Some(list) = &wanted.tenant
        && let Some(known) = cx.facts.tenant.values(wanted)
    {
        let by = match wanted.tenant_values.as_ref() == Some(&known) {
            true => "its pinned schema says so".to_owned(),
            false => format!("the environment says so under `tenant.{list}`"),
        };
        check_listed(cx, span, text, &Listed { list, known, by });
    }
}

/// A list of the tenant: its values, and who says so.
struct Listed<'l> {
    list: &'l str,
    known: Vec<String>,
    by: String,
}

fn check_listed(cx: &mut Context<'_>, span: Span, text: &str, listed: &Listed<'_>) {
    let Listed { list, known, by } = listed;
    if !known.iter().any(|value| value == text) {
        let message = format!("the tenant has no `{text}` in its {}", fields::tenant_list(list));
        let hint = format!("it has {}; {by}", known.join(", "));
        let finding = Diagnostic::error(Code::TENANT_LACKS, span, message).hint(hint);
        cx.push_near(finding, text, known.iter().map(String::as_str));
    }
}
