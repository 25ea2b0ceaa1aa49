//! Numbers on their way to a field: how many decimals it takes, and between which bounds.

use super::{context::Context, types::Type};
use crate::{
    diag::{Code, Diagnostic, Span},
    program::code::{Constant, Expr},
    schema::{Field, FieldType},
    value::Decimal,
};

/// The digits of a whole number: more are no count of anything, and no system keeps them.
const INTEGER_DIGITS_MAX: u32 = 18;

/// The digits before and after the point that a field takes.
pub(super) fn digits(wanted: &Field) -> Option<(u32, u32)> {
    match (&wanted.kind, wanted.digits) {
        (FieldType::Integer, _) => Some((INTEGER_DIGITS_MAX, 0)),
        (_, Some((all, scale))) => Some((all.saturating_sub(scale), scale)),
        _ => None,
    }
}

/// A value that is known to have more decimals than the field takes at times, or that is a constant
/// beyond its bounds. What the source stores is not known to the last digit: a record that has more
/// is turned away when it is read.
pub(super) fn check(cx: &mut Context<'_>, span: Span, expr: &Expr, ty: &Type, wanted: &Field) {
    if let Expr::Constant(Constant::Number(number)) = expr {
        return constant(cx, span, *number, wanted);
    }
    let (Some(has), Some((_, takes))) = (ty.decimals, digits(wanted)) else { return };
    if has <= takes {
        return;
    }
    let message = match &wanted.kind {
        FieldType::Integer => {
            format!("`{}` is a whole number, and this may have {has} decimals", wanted.name)
        }
        _ => format!("`{}` takes {takes} decimals, and this may have {has}", wanted.name),
    };
    let hint = format!("round it: `$round: {takes}` beside where it comes from");
    let finding = Diagnostic::error(Code::BAD_NUMBER, span, message).hint(hint);
    cx.push(finding.caused_by(ty.named_at));
}

/// A number that an expression always comes to.
fn constant(cx: &mut Context<'_>, span: Span, number: Decimal, wanted: &Field) {
    let name = &wanted.name;
    let scale = number.normalize().scale();
    let message = match (digits(wanted), (wanted.limits.least, wanted.limits.most)) {
        (Some((_, 0)), _) if scale > 0 => {
            format!("`{name}` is a whole number, and `{number}` is none")
        }
        (Some((_, takes)), _) if scale > takes => {
            format!("`{name}` takes {takes} decimals, and `{number}` has {scale}")
        }
        (_, (Some(least), _)) if number < least => {
            format!("`{name}` is {least} at least, and this is {number}")
        }
        (_, (_, Some(most))) if number > most => {
            format!("`{name}` is {most} at most, and this is {number}")
        }
        _ => return,
    };
    cx.push(Diagnostic::error(Code::BAD_NUMBER, span, message));
}
