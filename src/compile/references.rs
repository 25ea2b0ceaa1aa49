//! References: the id of an object that another record makes.

use super::{context::Context, forms, grammar, keys, scope::Scope, types::Kind};
use crate::{
    diag::{Code, Diagnostic, Span},
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
    let levels = cx.keys.get(&mapping)?.get(&resource)?.clone();
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
    let take = node.get("$take").and_then(Node::text).map(str::to_owned);
    let origin = cx.origin(node.span);
    Some(Out::Reference(Box::new(ReferenceTo { mapping, resource, by, take, origin })))
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
        cx.error(Code::UNKNOWN_RESOURCE, to.span, message);
        return None;
    };
    let mapping =
        if alias == "self" { Some(cx.mapping.clone()) } else { cx.uses.get(alias).cloned() };
    let Some(mapping) = mapping else {
        let message = format!("this mapping uses none under the name `{alias}`");
        let hint = "name the other mapping under `uses:`; `self` is this one";
        let span = to.span_of(0..alias.len());
        let finding = Diagnostic::error(Code::UNKNOWN_RESOURCE, span, message).hint(hint);
        let known: Vec<String> = cx.uses.keys().cloned().collect();
        cx.push_near(finding, alias, known.iter().map(String::as_str));
        return None;
    };
    if let Some(resources) = cx.keys.get(&mapping)
        && !resources.contains_key(resource)
    {
        let message = format!("the mapping `{mapping}` has no resource `{resource}`");
        let span = to.span_of(alias.len() + 1..text.len());
        let finding = Diagnostic::error(Code::UNKNOWN_RESOURCE, span, message);
        cx.push_near(finding, resource, resources.keys().map(String::as_str));
        return None;
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
