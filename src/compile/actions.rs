//! Actions: commands that take effect exactly once, over rows that are consumed for good.

use super::{
    context::Context,
    exprs, fields, forms, grammar, header, identity, keys, lets, lists, objects, paths, references,
    scope::{At, Scope},
    types::{Kind, Type},
    write_back,
};
use crate::{
    diag::{Code, Diagnostic, nearest},
    program::{
        Action, ActionMaking, Condition, ExpectedRule, ProgramKind,
        code::{Absence, Expr, Form, List, RowRef, Rule, SlotRef},
        shape::Place,
    },
    schema::{Field, FieldType, Object, Values},
    syntax::Node,
    value::{Decimal, parse_decimal},
};

/// The digits of a kind, a sequence or a number of its own: longer ones are no names.
const NAME_LENGTH_MAX: u32 = 255;

/// Compiles the action of a mapping and its write-back. `None` where something that everything
/// else needs is missing; what is wrong is reported.
pub(super) fn compile(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    root: &Node,
) -> Option<ProgramKind> {
    keys::entries(cx, node, "action")?;
    let node = &*keys::known(cx, node, &grammar::ACTION);
    let rows = rows(cx, scope, node, "rows")?;
    let (each, mut inner) = match node.get("each") {
        Some(_) => lists::each_list(cx, scope, node, ""),
        None => (None, scope.clone()),
    };
    // What is known is that of a sequence, so the sequence cannot follow from what is known.
    let sequence = text_rule(cx, &inner, node, "sequence")?;
    let digest_local = cx.local(&inner);
    let digest = At::Value { expr: Expr::Local(digest_local), ty: Type::of(Kind::Text) };
    inner.bind("digest", digest);
    inner.bind("known", At::Known);
    if let Some(lets) = node.get("let") {
        lets::bind_lets(cx, &mut inner, lets);
    }
    let when = node.get("when").map(|when| {
        let text = when.text().or_else(|| when.get("$calc")?.text()).unwrap_or("when").to_owned();
        Condition { holds: exprs::condition(cx, &inner, when), text, origin: cx.origin(when.span) }
    });
    let guards = header::rules(cx, &inner, node);
    let consumes = rows_of(cx, &inner, node, "consumes")?;
    let are_rows = check_rows(cx, node, &rows, &consumes);
    let (kind, kinds) = kind(cx, &inner, node)?;
    let kind_local = cx.local(&inner);
    cx.kind_local = Some(kind_local);
    let of_kind = At::Value { expr: Expr::Local(kind_local), ty: kinds.clone() };
    inner.bind("kind", of_kind);
    let day = day(cx, &inner, node)?;
    let number = text_rule(cx, &inner, node, "number")?;
    let at = |key: &str| node.get(key).map_or(node.head, forms::source_span);
    let made = identity::Made {
        item: each.as_ref().map(|list| list.item),
        digest: digest_local,
        consumes: are_rows.then(|| (&consumes.list, at("consumes"))),
        sequence: (&sequence.from, at("sequence")),
        number: (&number.from, at("number")),
    };
    identity::check(cx, &made);
    let begins = begins(cx, node, &kinds);
    let (object_name, object) = sent(cx, node)?;
    let number_field = object.number.clone();
    let Some(number_field) = number_field else {
        let send = node.get("send").map_or(node.head, |send| send.span);
        let message = format!("`{object_name}` is no command: it has no number to look it up by");
        cx.error(Code::NOT_ALLOWED, send, message);
        return None;
    };
    cx.kinds = kinds.texts().unwrap_or_default();
    cx.profile_rules = super::profiles::rules(cx, root, &object_name);
    let body = body(cx, &inner, node, &object, &number_field, &number);
    let expected = expected(cx, &inner, node);
    let preview_only = preview_only(cx, node);
    let (write_back, on_failure) =
        write_back::compile(cx, scope, &inner, root, &object, preview_only);
    let action = Action {
        object: object_name,
        number_field,
        begins,
        preview_only,
        origin: cx.place(node.head),
    };
    let row_fields = row_fields(cx, &rows, &write_back);
    let making = ActionMaking {
        row_id: rows.id,
        row_fields,
        rows: rows.list,
        each,
        when,
        guards,
        consumes: consumes.list,
        consumed_id: consumes.id,
        sequence,
        kind,
        day,
        number,
        body,
        expected,
        write_back,
        on_failure,
        kind_local,
        digest_local,
    };
    Some(ProgramKind::Action(action, Box::new(making)))
}

/// A list of rows of the source with their ids.
struct Rows {
    list: List,
    id: Expr,
    shape: usize,
    object: String,
}

/// The rows that a key names, from the record alone.
fn rows(cx: &mut Context<'_>, scope: &Scope, node: &Node, key: &str) -> Option<Rows> {
    rows_of(cx, scope, node, key)
}

fn rows_of(cx: &mut Context<'_>, scope: &Scope, node: &Node, key: &str) -> Option<Rows> {
    let value = keys::needed(cx, node, key)?;
    let at = lists::list_place(cx, scope, value)?;
    let (list, within) = paths::as_items(cx, scope, at, value.head_of_long())?;
    let within = without_names(within);
    let At::Object { shape, object, inside, .. } = &within else {
        let message = format!("`{key}` are rows of the source, each with an id");
        cx.error(Code::WRONG_SHAPE, value.head_of_long(), message);
        return None;
    };
    if !inside.is_empty() || !object.fields.contains_key("Id") {
        let message = format!("`{key}` are rows of the source, each with an id");
        let hint = "take the rows themselves, and not a field of theirs";
        cx.push(Diagnostic::error(Code::WRONG_SHAPE, value.head_of_long(), message).hint(hint));
        return None;
    }
    let (shape, object) = (*shape, object.name.clone());
    let at = paths::named(cx, within, "Id", value.span);
    let (id, _) = paths::one_value(cx, at, value.span);
    Some(Rows { list, id, shape, object })
}

/// What an action consumes are rows of the kind of those that are listed. Whether they are.
fn check_rows(cx: &mut Context<'_>, node: &Node, rows: &Rows, consumed: &Rows) -> bool {
    let (Some((_, listed)), Some((_, value))) = (node.entry("rows"), node.entry("consumes")) else {
        return true;
    };
    if rows.object != consumed.object {
        let message = format!(
            "these are rows of `{}`, and the `rows` of the action are those of `{}`",
            consumed.object, rows.object
        );
        let finding = Diagnostic::error(Code::ACTION_IDENTITY, value.head_of_long(), message);
        cx.push(finding.label(listed.head_of_long(), "the rows are listed here"));
    }
    rows.object == consumed.object
}

/// An item without the names beside it.
fn without_names(at: At) -> At {
    match at {
        At::Named { item, .. } => without_names(*item),
        at => at,
    }
}

/// The row's own fields that the program reads, but for those that it writes itself.
fn row_fields(
    cx: &Context<'_>,
    rows: &Rows,
    write_back: &[crate::program::WriteBackRule],
) -> Vec<(String, SlotRef)> {
    let ours = |name: &str| {
        write_back
            .iter()
            .filter(|rule| rule.object == rows.object)
            .any(|rule| rule.fields.iter().any(|(field, _)| field == name))
    };
    let Some(shape) = cx.code.shapes.all.get(rows.shape) else { return Vec::new() };
    let row = RowRef::Local(rows.list.item);
    let own = shape.members.all.iter().filter_map(|member| match member.place {
        Place::Slot(slot) if member.name != "Id" && !ours(&member.name) => {
            Some((member.name.clone(), SlotRef { row, shape: rows.shape, slot }))
        }
        _ => None,
    });
    own.collect()
}

/// What the action does: a text whose values are known, since so much hangs on it.
fn kind(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<(Rule, Type)> {
    let value = keys::needed(cx, node, "kind")?;
    let (expr, ty) = forms::scalar(cx, scope, value);
    if ty.kind != Kind::Poison && ty.texts().is_none() {
        let message = "the values of `kind` are not known here";
        let hint = "take it from a decision table, or write it out";
        let span = forms::source_span(value);
        cx.push(Diagnostic::error(Code::NOT_IN_ENUM, span, message).hint(hint));
    }
    let rule = needed_rule(cx, value, expr, &ty, "kind");
    // Where they are not known, anything may be one of them.
    let values = ty.texts().map(Values::closed);
    Some((rule, Type { values, literal: None, ..ty.present() }))
}

fn day(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<Rule> {
    let value = keys::needed(cx, node, "day")?;
    let (expr, ty) = own_value(cx, scope, value);
    let mut ty = ty;
    if !ty.fits(Kind::Date) {
        let message = format!("`day` is a date, and this is {}", ty.name());
        let span = forms::source_span(value);
        let finding = match ty.kind {
            Kind::Instant => Diagnostic::error(Code::DATE_AND_INSTANT, span, message)
                .hint("name the zone: `{ $from: …, $date: UTC }`"),
            _ => Diagnostic::error(Code::TYPE_MISMATCH, span, message),
        };
        cx.push(finding.caused_by(ty.named_at));
        ty = Type::poison();
    }
    Some(needed_rule(cx, value, expr, &ty, "day"))
}

/// A text that the engine itself needs.
fn text_rule(cx: &mut Context<'_>, scope: &Scope, node: &Node, key: &str) -> Option<Rule> {
    let value = keys::needed(cx, node, key)?;
    let (expr, ty) = own_value(cx, scope, value);
    let mut ty = ty;
    if !ty.fits(Kind::Text) {
        let message = format!("`{key}` is a text, and this is {}", ty.name());
        let hint = "turn it into a text: `\"S-{{ … }}\"`";
        let span = forms::source_span(value);
        let finding = Diagnostic::error(Code::TYPE_MISMATCH, span, message).hint(hint);
        cx.push(finding.caused_by(ty.named_at));
        ty = Type::poison();
    }
    Some(needed_rule(cx, value, expr, &ty, key))
}

/// A value that the engine needs; one that is absent rejects the record, which `$absent: error`
/// accepts.
fn own_value(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> exprs::Typed {
    let accepted = node.get("$absent").and_then(Node::text) == Some("error");
    if !accepted {
        return forms::scalar(cx, scope, node);
    }
    let entries = node.block().unwrap_or_default();
    let rest = entries.iter().filter(|(key, _)| key.text != "$absent").cloned().collect();
    let (expr, ty) = forms::scalar(cx, scope, &node.with_entries(rest));
    (expr, ty.present())
}

/// A rule whose absence rejects the record, which the mapping has to rule out or accept.
fn needed_rule(cx: &mut Context<'_>, node: &Node, expr: Expr, ty: &Type, key: &str) -> Rule {
    if ty.may_be_absent() {
        let message = format!("`{key}` may be missing or null here");
        let hint = "say what stands in, or `$absent: error` to reject the record";
        let span = forms::source_span(node);
        let finding = Diagnostic::error(Code::MAY_BE_ABSENT, span, message).hint(hint);
        cx.push(finding.caused_by(ty.absent_cause()));
    }
    let plain = references::plain_rule(cx, expr, node.span);
    Rule {
        field: key.to_owned(),
        missing: Absence::Error,
        null: Absence::Error,
        form: Form::Text,
        length: Some((NAME_LENGTH_MAX, crate::program::code::TooLong::Error)),
        ..plain
    }
}

/// The kinds that a sequence begins with.
fn begins(cx: &mut Context<'_>, node: &Node, kinds: &Type) -> Vec<String> {
    // Of one kind alone any may be the first; of several, some change what another one began.
    if node.get("begins").is_none() && kinds.texts().is_none_or(|kinds| kinds.len() < 2) {
        return Vec::new();
    }
    let Some(begins) = keys::needed(cx, node, "begins") else { return Vec::new() };
    named_kinds(cx, begins, "begins", &kinds.texts().unwrap_or_default())
}

/// Kinds that a list names; each is one.
pub(super) fn named_kinds(
    cx: &mut Context<'_>,
    node: &Node,
    key: &str,
    all: &[String],
) -> Vec<String> {
    let one = std::slice::from_ref(node);
    let mut named = Vec::new();
    for item in node.list().unwrap_or(one) {
        let Some(name) = keys::text(cx, item, key) else { continue };
        if !all.is_empty() && !all.iter().any(|kind| kind == name) {
            let message = format!("`{name}` is no kind of this action");
            let hint = format!("the kinds are {}", all.join(", "));
            let finding = Diagnostic::error(Code::BAD_WORD, item.span, message).hint(hint);
            cx.push_near(finding, name, all.iter().map(String::as_str));
            named.extend(nearest(name, all.iter().map(String::as_str)).map(str::to_owned));
            continue;
        }
        named.push(name.to_owned());
    }
    named
}

/// The object that is sent.
fn sent(cx: &mut Context<'_>, node: &Node) -> Option<(String, Object)> {
    let (name, send) = keys::needed_text(cx, node, "send")?;
    let (name, system) = (name.to_owned(), cx.target.clone());
    let object = cx.object(&system, &name, send.span)?;
    Some((name, (*object).clone()))
}

type Body = Vec<(String, crate::program::code::Node)>;

/// The body, with the number in its field.
fn body(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    object: &Object,
    number_field: &str,
    number: &Rule,
) -> Body {
    let Some(value) = keys::needed(cx, node, "body") else { return Vec::new() };
    if keys::entries(cx, value, "body").is_none() {
        return Vec::new();
    }
    if let Some((key, _)) = value.entry(number_field) {
        let message = format!("`{number_field}` is filled from `number` of the action");
        cx.error(Code::NOT_ALLOWED, key.span, message);
    }
    let length = object.fields.get(number_field).and_then(|field| field.length);
    let length = length.map(|length| (length, crate::program::code::TooLong::Error));
    let rule = Rule { field: number_field.to_owned(), length, ..number.clone() };
    let members = objects::members(cx, scope, value, object, Some(number_field));
    let own = (number_field.to_owned(), crate::program::code::Node::Value(Box::new(rule)));
    let others = members.into_iter().map(|(name, _, out)| (name, out));
    std::iter::once(own).chain(others.filter(|(name, _)| name != number_field)).collect()
}

/// What the source says that the action should come to.
fn expected(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Option<ExpectedRule> {
    let expect = node.get("expect")?;
    keys::entries(cx, expect, "expect")?;
    let expect = &*keys::known(cx, expect, &grammar::EXPECT);
    let mut number = |key: &str| {
        let value = expect.get(key)?;
        let (expr, ty) = forms::scalar(cx, scope, value);
        if !ty.fits(Kind::Number) {
            let message = format!("`{key}` is a number, and this is {}", ty.name());
            cx.error(Code::TYPE_MISMATCH, forms::source_span(value), message);
        }
        Some(references::plain_rule(cx, expr, value.span))
    };
    let (mrr, tcv) = (number("mrr"), number("tcv"));
    let tolerance = match expect.get("tolerance") {
        None => Decimal::new(5, 3),
        Some(value) => value.text().and_then(parse_decimal).unwrap_or_else(|| {
            let message = "`tolerance` is a number, such as 0.005";
            cx.error(Code::BAD_LITERAL, value.head_of_long(), message);
            Decimal::ZERO
        }),
    };
    Some(ExpectedRule { mrr, tcv, tolerance })
}

fn preview_only(cx: &mut Context<'_>, node: &Node) -> bool {
    let Some(preview) = node.get("preview") else { return false };
    match preview.text() {
        Some("only") => true,
        other => {
            let written = other.unwrap_or_default();
            let message = format!("`preview` is `only`, and not `{written}`");
            let hint = "without the key the action is sent, and `plan --preview` previews it";
            let span = preview.head_of_long();
            let finding = Diagnostic::error(Code::BAD_WORD, span, message).hint(hint);
            cx.push_near(finding, written, ["only"]);
            false
        }
    }
}

/// A value of the source's field, as an update takes it.
pub(super) fn updated(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    field: &Field,
) -> crate::program::code::Node {
    let field = match &field.kind {
        FieldType::Lookup { .. } => Field::of(field.name.clone(), FieldType::Id),
        _ => field.clone(),
    };
    fields::value(cx, scope, node, &field, false)
}
