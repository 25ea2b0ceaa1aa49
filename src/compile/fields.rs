//! A value on its way to a field of the target: its kind, its absence, its length.

use std::{borrow::Cow, sync::Arc};

use super::{
    context::Context,
    exprs, forms, grammar, keys, lists, literals, numbers, objects, paths, references,
    scope::{At, Scope},
    switches,
    types::{Kind, Type, one_of},
};
use crate::{
    diag::{Code, Diagnostic, Span, nearest},
    program::code::{Absence, Among, Expr, Form, Node as Out, NumberLimits, Rule, TooLong},
    schema::{Field, FieldType, Values},
    syntax::{Kind as NodeKind, Node, Scalar, has_expressions},
};

/// A value on its way to a field of the target.
pub(super) fn value(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    wanted: &Field,
    required: bool,
) -> Out {
    if let FieldType::List(_) = wanted.kind {
        return lists::value(cx, scope, node, wanted);
    }
    match &node.kind {
        NodeKind::Block(_)
            if wanted.kind == FieldType::Any && lists::makes_list(cx, scope, node) =>
        {
            lists::value(cx, scope, node, wanted)
        }
        NodeKind::Block(entries) => {
            if forms::is_form(entries) {
                form_value(cx, scope, node, wanted, required)
            } else {
                if let Some((name, _)) = node.entry("$when").filter(|_| required) {
                    left_out(cx, name.span, wanted);
                }
                objects::value(cx, scope, node, wanted)
            }
        }
        NodeKind::List(_) if wanted.kind == FieldType::Any => lists::value(cx, scope, node, wanted),
        NodeKind::List(_) => {
            let message =
                format!("`{}` is {}, and this is a list", wanted.name, wanted.kind.name());
            cx.error(Code::WRONG_SHAPE, node.head_of_long(), message);
            literals::nothing()
        }
        NodeKind::Empty => {
            let message = format!("`{}` has no value here", wanted.name);
            let hint = "leave the key out, or write `{ $text: \"\" }` for an empty text";
            cx.push(Diagnostic::error(Code::BAD_LITERAL, node.head, message).hint(hint));
            literals::nothing()
        }
        NodeKind::Scalar(scalar) => {
            if scalar.text.starts_with('$') || has_expressions(&scalar.text) {
                if wanted.kind == FieldType::Any && scalar.text.starts_with('$') {
                    let at = paths::select(cx, scope, node);
                    if matches!(at, At::Items { .. } | At::List { .. }) {
                        return lists::of_place(cx, scope, at, node, wanted);
                    }
                    let (expr, ty) = paths::one_value(cx, at, node.span);
                    return bare_rule(cx, node, expr, ty, wanted, required);
                }
                let (expr, ty) = forms::scalar(cx, scope, node);
                return bare_rule(cx, node, expr, ty, wanted, required);
            }
            if matches!(wanted.kind, FieldType::Object(_)) {
                let message = format!("`{}` is a block of fields, and this is a text", wanted.name);
                cx.error(Code::WRONG_SHAPE, node.span, message);
                return literals::nothing();
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
    if node.get("$on").is_some() {
        let entries = node.block().unwrap_or_default();
        let rest = entries.iter().filter(|(key, _)| key.text != "$on").cloned().collect();
        let rest = node.with_entries(rest);
        return objects::on_kinds(cx, node, |cx| form_value(cx, scope, &rest, wanted, required));
    }
    // These three have keys of their own.
    let own_keys = ["$ref", "$shape", "$switch"].iter().any(|key| node.get(key).is_some());
    let meant = if own_keys { Cow::Borrowed(node) } else { forms::known(cx, node) };
    let node = &*meant;
    let inner = if node.get("$switch").is_some() {
        switches::value(cx, scope, node, wanted, required)
    } else if node.get("$shape").is_some() {
        objects::shape(cx, scope, node, wanted, required)
    } else if node.get("$ref").is_some() {
        references::reference(cx, scope, node, wanted, required)
    } else if node.get("$reject").is_some() || node.get("$skip").is_some() {
        forms::stop(cx, scope, node).map(|stop| Out::Stop(Box::new(stop)))
    } else if let Some(inner) = node.get("$value") {
        keys::known(cx, node, &grammar::UNDER_CONDITION);
        Some(value(cx, scope, inner, wanted, required))
    } else {
        forms::source(cx, scope, node).map(|(expr, ty)| {
            let (expr, ty) = forms::steps(cx, scope, node, expr, ty);
            rule_of(cx, scope, node, expr, ty, wanted, required)
        })
    };
    let inner = inner.unwrap_or_else(literals::nothing);
    match node.get("$when") {
        None => inner,
        Some(when) => {
            if required {
                left_out(cx, when.span, wanted);
            }
            Out::When(exprs::condition(cx, scope, when), Box::new(inner))
        }
    }
}

/// A condition may leave out what is required.
fn left_out(cx: &mut Context<'_>, span: Span, wanted: &Field) {
    let message = format!("`{}` is required, and `$when` may leave it out", wanted.name);
    let hint = "take the condition out, or reject the records for which it does not hold";
    cx.push(Diagnostic::error(Code::REQUIRED_FIELD, span, message).hint(hint));
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
    let bare = Node { kind: NodeKind::Scalar(Scalar::unwritten()), ..node.clone() };
    rule_of(cx, &Scope::default(), &bare, expr, ty, wanted, required)
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
    let span = forms::source_span(node);
    // Of a value that is of another type nothing more is said.
    let fits = check_type(cx, span, &ty, wanted);
    let ty = if fits { ty } else { Type::poison() };
    numbers::check(cx, span, &expr, &ty, wanted);
    if let (Some(resource), Some(of)) = (cx.keying.clone(), ty.id_of.clone()) {
        let key = (cx.mapping.clone(), resource, wanted.name.clone());
        cx.ids.keys.insert(key, of);
    }
    let absences = absences(cx, scope, node, &ty, wanted, required);
    let form = match Kind::of_target(&wanted.kind) {
        Kind::Bool => Form::Bool,
        Kind::Number => Form::Number,
        Kind::Text | Kind::Date | Kind::Instant => Form::Text,
        Kind::Any | Kind::Poison => Form::Any,
    };
    let length = length(cx, node, &ty, wanted);
    let digits = numbers::digits(wanted);
    let among = among(cx, wanted);
    Out::Value(Box::new(Rule {
        field: wanted.name.clone(),
        from: expr,
        missing: absences.0,
        null: absences.1,
        empty: absences.2,
        length,
        digits,
        limits: limits(wanted),
        among,
        form,
        origin,
    }))
}

/// Which numbers the field takes; nothing where it takes them all.
fn limits(wanted: &Field) -> Option<NumberLimits> {
    let (least, most) = (wanted.limits.least, wanted.limits.most);
    let whole = wanted.kind == FieldType::Integer;
    let is_limited = whole || least.is_some() || most.is_some();
    is_limited.then_some(NumberLimits { least, most, whole })
}

fn among(cx: &Context<'_>, wanted: &Field) -> Option<Arc<Among>> {
    let list = wanted.tenant.clone()?;
    let values = cx.facts.tenant.values(wanted)?.into_iter().collect();
    Some(Arc::new(Among { list, values }))
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
    let empty = node.entry("$empty").map(|(name, instead)| {
        if !ty.fits(Kind::Text) {
            let message = format!("only a text can be empty, and this is {}", ty.name());
            cx.error(Code::DEAD_MODIFIER, name.span, message);
        }
        absence(cx, scope, instead, wanted, required)
    });
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
        let span = forms::source_span(node);
        let finding = Diagnostic::error(Code::MAY_BE_ABSENT, span, message).hint(hint);
        cx.push(finding.caused_by(ty.absent_cause()));
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
                && !has_expressions(&scalar.text)
            {
                let is_value =
                    wanted.values.as_ref().is_some_and(|known| known.all.contains(&scalar.text));
                if !is_value && Kind::of_target(&wanted.kind) == Kind::Text {
                    check_word(cx, node);
                }
                let constant = literals::constant(cx, node, scalar, wanted);
                return Absence::Value(Expr::Constant(constant));
            }
            let (expr, ty) = forms::scalar(cx, scope, node);
            check_type(cx, forms::source_span(node), &ty, wanted);
            Absence::Value(expr)
        }
    }
}

/// A stand-in that is nearly one of the three words is most probably meant as it.
pub(super) fn check_word(cx: &mut Context<'_>, node: &Node) {
    const WORDS: [&str; 3] = ["omit", "clear", "error"];
    let Some(scalar) = node.scalar().filter(|scalar| scalar.plain) else { return };
    if nearest(&scalar.text, WORDS).is_some() {
        let message = format!("`{}` would be sent as a text", scalar.text);
        let hint = "a text that is meant so stands in quotes";
        let finding = Diagnostic::error(Code::BAD_WORD, node.span, message).hint(hint);
        cx.push_near(finding, &scalar.text, WORDS);
    }
}

/// The length that the field takes, and what happens to a longer text.
fn length(cx: &mut Context<'_>, node: &Node, ty: &Type, wanted: &Field) -> Option<(u32, TooLong)> {
    let too_long = node.entry("$too_long").map(|(_, value)| value);
    if let Some((name, cut)) = node.entry("$truncate") {
        if !ty.fits(Kind::Text) {
            let message = format!("only a text can be cut, and this is {}", ty.name());
            cx.error(Code::DEAD_MODIFIER, name.span, message);
        }
        let Some(length) = cut.text().and_then(|text| text.parse::<u32>().ok()) else {
            let message = "`$truncate` takes a number of characters";
            cx.error(Code::BAD_LITERAL, cut.head_of_long(), message);
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
            let finding = Diagnostic::error(Code::BAD_WORD, too_long.head_of_long(), message);
            cx.push_near(finding, too_long.text().unwrap_or_default(), ["error"]);
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
    // A literal that must be in a list of the tenant is told from those that are in it.
    let is_listed = ty.literal.is_some() && wanted.tenant.is_some();
    // A text whose length nothing is known of is checked when it is there.
    if ty.kind == Kind::Text && !is_listed && longest.is_some_and(|longest| longest > most) {
        let longest = longest.unwrap_or_default();
        let message = format!(
            "the source has up to {longest} characters, and `{}` takes {most}",
            wanted.name
        );
        let hint =
            format!("say what happens to a longer text: `$truncate: {most}` or `$too_long: error`");
        let span = forms::source_span(node);
        cx.push(Diagnostic::error(Code::TOO_LONG, span, message).hint(hint));
    }
    Some((most, TooLong::Error))
}

/// The value must be of the kind that the field holds, and one of its values. Whether it is of the
/// kind.
pub(super) fn check_type(cx: &mut Context<'_>, span: Span, ty: &Type, wanted: &Field) -> bool {
    let needed = Kind::of_target(&wanted.kind);
    check_tenant(cx, span, ty, wanted);
    let plain = !matches!(ty.kind, Kind::Any | Kind::Poison);
    if !ty.fits(needed) || (plain && matches!(wanted.kind, FieldType::Object(_))) {
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
        let finding = Diagnostic::error(code, span, message);
        let finding = match &ty.id_of {
            Some(of) => {
                finding.hint(format!("this is the id of `{of}`; take a field of its record"))
            }
            None => finding.hint(hint),
        };
        cx.push(finding.caused_by(ty.named_at));
        return false;
    }
    if let (Some(given), Some(list)) = (ty.list, wanted.tenant.as_deref())
        && given != list
    {
        let message = format!(
            "`{}` is one of the tenant's {}, and this is {}",
            wanted.name,
            tenant_list(list),
            one_of(given)
        );
        cx.error(Code::TYPE_MISMATCH, span, message);
        return false;
    }
    let Some(allowed) = wanted.values.as_ref() else { return true };
    if !allowed.closed {
        check_known(cx, span, ty, wanted, allowed);
        return true;
    }
    if needed != Kind::Text || matches!(ty.kind, Kind::Any | Kind::Poison) {
        return true;
    }
    let Some(given) = ty.texts() else {
        let message = format!(
            "any text may come here, and `{}` has {} values",
            wanted.name,
            allowed.all.len()
        );
        let hint = "turn it into one of them with `$map`, a table or a literal";
        cx.push(Diagnostic::error(Code::NOT_IN_ENUM, span, message).hint(hint));
        return true;
    };
    for value in given.iter().filter(|value| !allowed.all.contains(value)) {
        let spot = ty.spots.iter().find(|(known, _)| known == value);
        not_in_enum(cx, spot.map_or(span, |(_, spot)| *spot), value, wanted);
    }
    true
}

/// Values that go to a pick-list which is not restricted are among those that are known of it, or
/// the org has added them.
fn check_known(cx: &mut Context<'_>, span: Span, ty: &Type, wanted: &Field, allowed: &Values) {
    let given = ty.texts().unwrap_or_default();
    let strange = given.iter().filter(|one| !one.is_empty() && !allowed.all.contains(one));
    let strange: Vec<&str> = strange.map(String::as_str).collect();
    match strange.as_slice() {
        [] => {}
        _ if allowed.all.is_empty() => {}
        [one] => {
            let spot = ty.spots.iter().find(|(known, _)| known == one).map(|(_, spot)| *spot);
            exprs::slip_of_a_value(cx, spot.unwrap_or(span), one, allowed);
        }
        several => {
            let message = format!(
                "`{}` are none of the values that are known of `{}`",
                several.join("`, `"),
                wanted.name
            );
            let hint = format!(
                "the values are {}; turn them into these with `$map`, or take a text field",
                allowed.all.join(", ")
            );
            let finding = Diagnostic::error(Code::NOT_IN_ENUM, span, message).hint(hint);
            cx.push(finding.as_warning());
        }
    }
}

/// Values that the mapping writes out are in the list of the tenant; of a pick-list of the source
/// one is at least, else it is a pick-list of something else.
fn check_tenant(cx: &mut Context<'_>, span: Span, ty: &Type, wanted: &Field) {
    if let Some(literal) = &ty.literal {
        return literals::check_tenant(cx, span, literal, wanted);
    }
    for (value, spot) in ty.spots.iter().filter(|_| ty.kind == Kind::Text) {
        literals::check_tenant(cx, *spot, value, wanted);
    }
    let (Some(list), Some(values)) = (&wanted.tenant, &ty.values) else { return };
    let Some(known) = cx.facts.tenant.values(wanted) else { return };
    let strange = |value: &String| !known.contains(value);
    if ty.spots.is_empty() && !values.all.is_empty() && values.all.iter().all(strange) {
        let some = values.all.iter().take(3).map(|value| format!("`{value}`"));
        let message = format!(
            "`{}` is one of the tenant's {}, and none of the values that come here is: {}",
            wanted.name,
            tenant_list(list),
            some.collect::<Vec<_>>().join(", ")
        );
        let known = known.join(", ");
        let hint = format!("it has {known}; take another field, or turn the values with `$map`");
        cx.push(Diagnostic::error(Code::TENANT_LACKS, span, message).hint(hint));
    }
}

/// A list of the tenant, as people call it.
pub(super) fn tenant_list(list: &str) -> String {
    match list {
        "units" => "units of measure".to_owned(),
        other => other.replace('_', " "),
    }
}

/// A value that is none of the field's values.
pub(super) fn not_in_enum(cx: &mut Context<'_>, span: Span, value: &str, wanted: &Field) {
    let all: Vec<&str> =
        wanted.values.iter().flat_map(|values| values.all.iter().map(String::as_str)).collect();
    let message = format!("`{value}` is no value of `{}`", wanted.name);
    let hint = format!("the values are {}", all.join(", "));
    let finding = Diagnostic::error(Code::NOT_IN_ENUM, span, message).hint(hint);
    cx.push_near(finding, value, all.iter().copied());
}
