//! References: the id of an object that another record makes.

use super::{
    context::{Context, Outside},
    editing, forms, grammar, keys,
    scope::Scope,
    types::Kind,
};
use crate::{
    diag::{Code, Diagnostic, Possible, Span, nearest},
    program::code::{Absence, Expr, Form, Node as Out, ReferenceTo, Rule},
    schema::Field,
    syntax::Node,
};

/// `{ $ref: catalog.product, $by: { sfdcId__c: $.Id }, $take: Id }`.
///
/// It is left out where a part of the key is absent, so a field that is required needs all parts.
pub(super) fn reference(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    wanted: &Field,
    required: bool,
) -> Option<Out> {
    let node = &*keys::known(cx, node, &grammar::REFERENCE);
    let to = node.get("$ref")?;
    let (mapping, resource) = referred(cx, to)?;
    // What a file that cannot be read would say is not known.
    let Outside { object, levels } = cx.keys.get(&mapping)?.get(&resource)?.clone();
    let by_node = keys::needed(cx, node, "$by")?;
    let names: Vec<&str> = levels.iter().flatten().map(String::as_str).collect();
    let by_node = &*keys::known_names(cx, by_node, &names, "the key");
    let mut by = Vec::new();
    for level in &levels {
        let mut rules = Vec::new();
        for key in level {
            let Some(value) = by_node.get(key) else {
                let message = format!("the key of `{resource}` has `{key}`, and `$by` does not");
                cx.error(Code::BAD_KEY, by_node.head, message);
                return None;
            };
            let (expr, ty) = forms::scalar(cx, scope, value);
            if required && ty.may_be_absent() && ty.kind != Kind::Poison {
                may_be_left_out(cx, value, key, wanted);
            }
            rules.push(plain_rule(cx, expr, value.span));
        }
        by.push(rules);
    }
    if let Some((take, object)) = node.get("$take").zip(object) {
        check_taken(cx, take, &object);
    }
    let take = node.get("$take").and_then(Node::text).map(str::to_owned);
    let origin = cx.origin(node.span);
    Some(Out::Reference(Box::new(ReferenceTo { mapping, resource, by, take, origin })))
}

/// The field of a reference is one that the target answers when it makes the object, or one that
/// the object has: what was found there stands for the answer.
fn check_taken(cx: &mut Context<'_>, take: &Node, object: &str) {
    let Some(name) = keys::text(cx, take, "$take") else { return };
    let mut fields = vec![Possible::of("Id")];
    let system = cx.target.clone();
    for known in [object.to_owned(), format!("{object}Result")] {
        match cx.catalog.object(&system, &known) {
            Ok(Some(known)) if known.open && known.fields.is_empty() => return,
            Ok(Some(known)) => fields.extend(editing::fields(&known)),
            _ => {}
        }
    }
    if fields.len() < 2 || fields.iter().any(|field| field.name == name) {
        return;
    }
    let message = format!("neither `{object}` nor the answer to its creation has a field `{name}`");
    let finding = Diagnostic::error(Code::UNKNOWN_TARGET_FIELD, take.span, message);
    let names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
    cx.push_near(finding.possible(fields), name, names.iter().map(String::as_str));
}

/// What a `$ref` can name: the resources of this mapping and of those that it uses.
fn possible(cx: &Context<'_>) -> Vec<Possible> {
    let own = std::iter::once(("self", &cx.mapping));
    let all = own.chain(cx.uses.iter().map(|(alias, mapping)| (alias.as_str(), mapping)));
    let named = all.filter_map(|(alias, mapping)| Some((alias, cx.keys.get(mapping)?)));
    named
        .flat_map(|(alias, resources)| {
            resources.iter().map(move |(name, outside)| Possible {
                name: format!("{alias}.{name}"),
                detail: outside.object.clone().unwrap_or_default(),
                doc: String::new(),
            })
        })
        .collect()
}

fn may_be_left_out(cx: &mut Context<'_>, value: &Node, key: &str, wanted: &Field) {
    let message = format!(
        "`{}` is required, and this part of its key, `{key}`, may be missing or null",
        wanted.name
    );
    let hint = "say what happens then: `{ $from: …, $absent: error }` rejects the record";
    let span = forms::source_span(value);
    cx.push(Diagnostic::error(Code::MAY_BE_ABSENT, span, message).hint(hint));
}

/// The mapping and the resource that `alias.resource` names.
fn referred(cx: &mut Context<'_>, to: &Node) -> Option<(String, String)> {
    let text = keys::text(cx, to, "$ref")?;
    let Some((alias, resource)) = text.split_once('.') else {
        let message = format!("`$ref` takes `mapping.resource`, and this is `{text}`");
        let finding = Diagnostic::error(Code::UNKNOWN_RESOURCE, to.span, message);
        let finding = finding.possible(possible(cx));
        cx.push(finding);
        return None;
    };
    let mapping =
        if alias == "self" { Some(cx.mapping.clone()) } else { cx.uses.get(alias).cloned() };
    if let Some(made) = cx.uses_at.get(alias).copied() {
        cx.made.touch(made);
    }
    let Some(mapping) = mapping else {
        let message = format!("this mapping uses none under the name `{alias}`");
        let hint = "name the other mapping under `uses:`; `self` is this one";
        let span = to.span_of(0..alias.len());
        let finding = Diagnostic::error(Code::UNKNOWN_RESOURCE, span, message).hint(hint);
        let known: Vec<String> = cx.uses.keys().cloned().collect();
        let near = nearest(alias, known.iter().map(String::as_str));
        let near = near.and_then(|near| cx.uses_at.get(near).copied());
        cx.push_near(finding.meant(near), alias, known.iter().map(String::as_str));
        return None;
    };
    if let Some(resources) = cx.keys.get(&mapping)
        && !resources.contains_key(resource)
    {
        let message = format!("the mapping `{mapping}` has no resource `{resource}`");
        let span = to.span_of(alias.len() + 1..text.len());
        let finding = Diagnostic::error(Code::UNKNOWN_RESOURCE, span, message);
        let near = nearest(resource, resources.keys().map(String::as_str));
        let places = cx.places.get(&mapping);
        let near = near.and_then(|near| places?.get(near).copied());
        cx.push_near(finding.meant(near), resource, resources.keys().map(String::as_str));
        return None;
    }
    if let Some(made) = cx.places.get(&mapping).and_then(|places| places.get(resource)) {
        cx.made.touch(*made);
    }
    Some((mapping, resource.to_owned()))
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
        limits: None,
        among: None,
        form: Form::Any,
        origin,
    }
}
