//! References: the id of an object that another record makes.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    context::{Context, Outside},
    editing, forms, grammar, keys,
    scope::Scope,
    types::{Kind, Type},
};
use crate::{
    diag::{Code, Diagnostic, Findings, Fix, Possible, Span, nearest},
    program::code::{Absence, Expr, Form, Node as Out, ReferenceTo, Rule},
    schema::{Field, FieldType},
    syntax::Node,
};

/// Which ids are keys, and by which ids references look for them. Both are known only when all
/// mappings of the set are compiled.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// The object whose id a field of a key is: by mapping, resource and field.
    pub keys: BTreeMap<(String, String, String), Arc<str>>,
    claims: Vec<Claim>,
}

/// A reference looks for an object by the id of a record.
#[derive(Debug)]
struct Claim {
    key: (String, String, String),
    given: Arc<str>,
    span: Span,
}

/// Reports references that look for an object by the id of a record that it is not made of.
pub(super) fn check_ids(ids: &Ids, findings: &mut Findings) {
    for Claim { key, given, span } in &ids.claims {
        let Some(needed) = ids.keys.get(key).filter(|needed| *needed != given) else { continue };
        let (mapping, resource, field) = key;
        let message = format!(
            "`{resource}` of `{mapping}` has the id of `{needed}` as its `{field}`, and this is that of `{given}`"
        );
        let hint = format!("nothing is found by it; take the id of the `{needed}`");
        findings.push(Diagnostic::error(Code::WRONG_REFERENCE, *span, message).hint(hint));
    }
}

/// `{ $ref: catalog.product, $by: { sfdcId__c: $.Id }, $take: Id }`, on its way to a field.
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
    let Outside { object, levels, owners } = cx.keys.get(&mapping)?.get(&resource)?.clone();
    let object = object.unwrap_or_default();
    let fits = match node.get("$take") {
        Some(take) => check_taken(cx, take, &object, wanted),
        None => check_object(cx, to, &mapping, &resource, &object, wanted),
    };
    let by_node = keys::needed(cx, node, "$by")?;
    let names: Vec<&str> = levels.iter().flatten().map(String::as_str).collect();
    let by_node = &*known_key(cx, by_node, &resource, &names)?;
    let mut by = Vec::new();
    for (level, owner) in levels.iter().zip(&owners) {
        let mut rules = Vec::new();
        for key in level {
            let value = by_node.get(key)?;
            let (expr, ty) = forms::scalar(cx, scope, value);
            // Of an object of another kind its key is another one, too.
            if required && fits && ty.may_be_absent() {
                may_be_left_out(cx, value, &ty, key, wanted);
            }
            if let Some(given) = ty.id_of.clone().filter(|_| fits) {
                let key = (mapping.clone(), owner.clone(), key.clone());
                let span = forms::source_span(value);
                cx.ids.claims.push(Claim { key, given, span });
            }
            rules.push(plain_rule(cx, expr, value.span));
        }
        by.push(rules);
    }
    let take = node.get("$take").and_then(Node::text).map(str::to_owned);
    let origin = cx.origin(node.span);
    Some(Out::Reference(Box::new(ReferenceTo { mapping, resource, by, take, origin })))
}

/// The block of `$by` with its fields as they were meant; `None` where one is missing. One that is
/// no part of the key and stands instead of one that is gives one message.
fn known_key<'n>(
    cx: &mut Context<'_>,
    by: &'n Node,
    resource: &str,
    names: &[&str],
) -> Option<std::borrow::Cow<'n, Node>> {
    let meant = keys::known_names(cx, by, names, &format!("the key of `{resource}`"));
    let missing: Vec<&&str> = names.iter().filter(|name| meant.get(name).is_none()).collect();
    let strange = meant.block().unwrap_or_default().len() + missing.len() > names.len();
    for name in missing.iter().filter(|_| !strange) {
        let message = format!("the key of `{resource}` has `{name}`, and `$by` does not");
        let hint = format!("say by which value it is found: `{name}: …`");
        cx.push(Diagnostic::error(Code::BAD_KEY, by.head, message).hint(hint));
    }
    missing.is_empty().then_some(meant)
}

/// An id goes to a field that takes the id of such an object. Whether the object is of that kind.
fn check_object(
    cx: &mut Context<'_>,
    to: &Node,
    mapping: &str,
    resource: &str,
    object: &str,
    wanted: &Field,
) -> bool {
    let is_id = matches!(wanted.kind, FieldType::Text | FieldType::Id);
    if object.is_empty() || !is_id || wanted.name.contains("__") {
        return true;
    }
    let text = to.text().unwrap_or_default();
    let span = to.span_of(text.len().saturating_sub(resource.len())..text.len());
    let Some(needed) = &wanted.references else {
        let message = format!(
            "`{}` takes no id, and without `$take` a reference gives the id of the `{object}`",
            wanted.name
        );
        let hint = "say which of its fields is meant: `$take: …`";
        cx.push(Diagnostic::error(Code::WRONG_REFERENCE, span, message).hint(hint));
        return true;
    };
    if needed == object {
        return true;
    }
    let message =
        format!("`{}` is the id of `{needed}`, and `{resource}` makes `{object}`", wanted.name);
    let others = cx.keys.get(mapping).into_iter().flatten();
    let fitting = others.filter(|(_, keyed)| keyed.object.as_deref() == Some(needed.as_str()));
    let fitting: Vec<String> = fitting.map(|(name, _)| name.clone()).collect();
    let finding = Diagnostic::error(Code::WRONG_REFERENCE, span, message);
    let finding = match fitting.as_slice() {
        [] => finding.hint(format!("`{mapping}` makes no `{needed}`")),
        [one] => {
            finding.fix(Fix { title: format!("`{one}` makes one"), span, replacement: one.clone() })
        }
        several => finding.hint(format!("`{}` make one", several.join("`, `"))),
    };
    cx.push(finding);
    false
}

/// The field of a reference is one that the target answers when it makes the object, or one that
/// the object has, where what was found there stands for the answer; and it is of the kind that is
/// needed. Whether the key is to be looked at.
fn check_taken(cx: &mut Context<'_>, take: &Node, object: &str, wanted: &Field) -> bool {
    let Some(name) = keys::text(cx, take, "$take") else { return true };
    if object.is_empty() {
        return true;
    }
    let mut fields = vec![Possible::of("Id")];
    let mut taken = None;
    let system = cx.target.clone();
    for known in [object.to_owned(), format!("{object}Result")] {
        match cx.catalog.object(&system, &known) {
            Ok(Some(known)) if known.open && known.fields.is_empty() => return true,
            Ok(Some(known)) => {
                fields.extend(editing::fields(&known));
                taken = taken.or_else(|| known.fields.get(name).cloned());
            }
            _ => {}
        }
    }
    if let Some(field) = taken.filter(|_| !matches!(name, "Id" | "id")) {
        if !Type::of_field(&field).fits(Kind::of_target(&wanted.kind)) {
            let (needs, has) = (wanted.kind.name(), field.kind.name());
            let message = format!("`{}` is {needs}, and `{name}` is {has}", wanted.name);
            cx.error(Code::TYPE_MISMATCH, take.span, message);
        }
        return true;
    }
    if fields.len() < 2 || fields.iter().any(|field| field.name == name) {
        return true;
    }
    let message = format!("neither `{object}` nor the answer to its creation has a field `{name}`");
    let finding = Diagnostic::error(Code::UNKNOWN_TARGET_FIELD, take.span, message);
    let names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
    cx.push_near(finding.possible(fields), name, names.iter().map(String::as_str));
    true
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

/// A part of a key that is absent leaves the reference out.
fn may_be_left_out(cx: &mut Context<'_>, value: &Node, ty: &Type, key: &str, wanted: &Field) {
    let message = format!(
        "`{}` is required, and this part of its key, `{key}`, may be missing or null",
        wanted.name
    );
    let hint = "say what happens then: `{ $from: …, $absent: error }` rejects the record";
    let span = forms::source_span(value);
    let finding = Diagnostic::error(Code::MAY_BE_ABSENT, span, message).hint(hint);
    cx.push(finding.caused_by(ty.absent_cause()));
}

/// The mapping and the resource that `alias.resource` names.
fn referred(cx: &mut Context<'_>, to: &Node) -> Option<(String, String)> {
    let text = keys::text(cx, to, "$ref")?;
    let Some((alias, resource)) = text.split_once('.') else {
        let message = format!("`$ref` takes `mapping.resource`, and this is `{text}`");
        let finding = Diagnostic::error(Code::UNKNOWN_RESOURCE, to.span, message);
        let finding = finding.possible(possible(cx));
        let of = cx.uses.get(text).and_then(|mapping| cx.keys.get(mapping));
        let known: Vec<String> =
            of.into_iter().flat_map(|of| of.keys()).map(|name| format!("{text}.{name}")).collect();
        cx.push(match known.is_empty() {
            true => finding,
            false => finding.hint(format!("there is {}", known.join(", "))),
        });
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
        let known: Vec<&str> = resources.keys().map(String::as_str).collect();
        let finding = Diagnostic::error(Code::UNKNOWN_RESOURCE, span, message);
        let finding = match known.is_empty() {
            true => finding,
            false => finding.hint(format!("it has {}", known.join(", "))),
        };
        let near = nearest(resource, known.iter().copied());
        let places = cx.places.get(&mapping);
        let near = near.and_then(|near| places?.get(near).copied());
        cx.push_near(finding.meant(near), resource, known);
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
