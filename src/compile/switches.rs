//! `$switch`: one of several values, or of several lists of items, by a value.

use super::{
    context::Context,
    exprs, fields, grammar, keys,
    lists::{expression_or_select, items_of},
    maps,
    scope::Scope,
    types::Kind,
};
use crate::{
    diag::{Code, Diagnostic, Possible, slip},
    program::code::{Constant, Expr, Item, Node as Out},
    schema::{Field, Values},
    syntax::{Key, Node},
};

/// What decides a `$switch`, its cases, and what holds for all other values.
struct Cases<'n> {
    on: Expr,
    cases: Vec<(Constant, &'n Node)>,
    otherwise: Option<&'n Node>,
    /// Where the cases stand, and last what holds otherwise.
    origins: Vec<usize>,
}

/// The cases of a `$switch`, as constants; each must be one of the values.
fn cases<'n>(cx: &mut Context<'_>, scope: &Scope, node: &'n Node) -> Option<Cases<'n>> {
    let (on, ty) = expression_or_select(cx, scope, node.get("$switch")?);
    let block = keys::needed(cx, node, "$cases")?;
    let entries = keys::entries(cx, block, "$cases")?;
    let values = match (ty.kind, ty.texts()) {
        (Kind::Bool, _) => Some(Values::closed(vec!["true".into(), "false".into()])),
        (_, Some(all)) => Some(Values::closed(all)),
        _ => None,
    };
    let open = ty.values.as_ref().filter(|values| !values.closed);
    let (mut made, mut origins) = (Vec::new(), Vec::new());
    let mut dead: Vec<&Key> = Vec::new();
    for (key, value) in entries.iter().filter(|(key, _)| key.text != "$other") {
        if let Some(values) = values.as_ref().filter(|values| !values.all.contains(&key.text)) {
            let message =
                format!("`{}` is never the value, so this case can never be used", key.text);
            let finding = Diagnostic::error(Code::TABLE_DEAD_ROW, key.span, message);
            let finding = finding.hint(format!("the values are {}", values.all.join(", ")));
            cx.push_near(finding, &key.text, values.all.iter().map(String::as_str));
            dead.push(key);
        }
        let unknown = open.filter(|values| !values.all.contains(&key.text));
        let near = unknown.and_then(|open| slip(&key.text, open.all.iter().map(String::as_str)));
        if let Some(near) = near {
            let message = format!("the pick-list has `{near}`, and no `{}`", key.text);
            let finding = Diagnostic::error(Code::TABLE_DEAD_ROW, key.span, message);
            cx.push_near(finding.hint(exprs::OWN_VALUE), &key.text, [near]);
        }
        let case = match (ty.kind, key.text.as_str()) {
            (Kind::Bool, "true") => Constant::Bool(true),
            (Kind::Bool, "false") => Constant::Bool(false),
            (_, text) => Constant::Text(text.to_owned()),
        };
        made.push((case, value));
        origins.push(cx.origin(key.span));
    }
    let otherwise = block.get("$other");
    let other = block.entry("$other").map_or(block.head, |(key, _)| key.span);
    origins.push(cx.origin(other));
    if otherwise.is_none() && ty.kind != Kind::Poison {
        let has = |value: &str| block.get(value).is_some();
        let missing =
            values.as_ref().map(|values| maps::missing(values, has, &dead)).unwrap_or_default();
        let open = values.is_none() || ty.may_be_absent();
        if open || !missing.is_empty() {
            let what = if missing.is_empty() {
                "any other value".to_owned()
            } else {
                format!("`{}`", missing.join("`, `"))
            };
            let message = format!("there is no case for {what}");
            let finding = Diagnostic::error(Code::TABLE_INCOMPLETE, block.head, message);
            let other = open.then_some("$other");
            let cases = missing.iter().copied().chain(other).map(Possible::of);
            cx.push(finding.hint("add the cases, or `$other`").possible(cases));
        }
    }
    if let (Some((key, _)), Some(values)) = (block.entry("$other"), &values)
        && !ty.may_be_absent()
        && ty.kind != Kind::Poison
        && values.all.iter().all(|value| block.get(value).is_some())
    {
        let message = "every value has a case, so `$other` can never be used";
        let hint = "take it out: a value that is added later is then found to have no case";
        cx.push(Diagnostic::error(Code::TABLE_DEAD_ROW, key.span, message).hint(hint));
    }
    Some(Cases { on, cases: made, otherwise, origins })
}

/// What is made of a case; one of `$switch: kind` is sent with that kind alone.
fn within_case<'a, T>(
    cx: &mut Context<'a>,
    on: &Expr,
    case: &Constant,
    make: impl FnOnce(&mut Context<'a>) -> T,
) -> T {
    let of_kind = matches!(on, Expr::Local(local) if Some(*local) == cx.kind_local);
    let Constant::Text(kind) = case else { return make(cx) };
    if !of_kind {
        return make(cx);
    }
    let around = cx.on_kinds.replace(vec![kind.clone()]);
    let made = make(cx);
    cx.on_kinds = around;
    made
}

/// `$switch` among the items of a list.
pub(super) fn items(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    item: &Field,
) -> Option<Item> {
    let Cases { on, cases, otherwise, origins } = cases(cx, scope, node)?;
    let made = cases.into_iter().map(|(case, node)| {
        let items = within_case(cx, &on, &case, |cx| items_of(cx, scope, node, item));
        (case, items)
    });
    let cases = made.collect();
    let otherwise = otherwise.map(|node| items_of(cx, scope, node, item)).unwrap_or_default();
    Some(Item::Switch { on, cases, otherwise, origins })
}

/// `$switch` for one value.
pub(super) fn value(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    wanted: &Field,
    required: bool,
) -> Option<Out> {
    let node = &*keys::known(cx, node, &grammar::SWITCH);
    let origin = cx.origin(node.span);
    let Cases { on, cases, otherwise, origins } = cases(cx, scope, node)?;
    let made = cases.into_iter().map(|(case, node)| {
        let value = |cx: &mut Context<'_>| fields::value(cx, scope, node, wanted, required);
        let out = within_case(cx, &on, &case, value);
        (case, out)
    });
    let cases = made.collect();
    let otherwise =
        otherwise.map(|node| Box::new(fields::value(cx, scope, node, wanted, required)));
    Some(Out::Switch { on, cases, otherwise, origin, origins })
}
