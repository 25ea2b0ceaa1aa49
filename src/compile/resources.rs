//! Resources: desired state with keys.

use std::collections::BTreeMap;

use super::{
    context::{Context, SetKeys},
    exprs, forms, header, lists, objects,
    scope::Scope,
};
use crate::{
    diag::{Code, Diagnostic},
    program::{
        Change, Condition, FieldRule, Making, Resource, Retire, Unique,
        code::{Absence, Node as Out},
    },
    schema::Object,
    syntax::Node,
};

const KEYS: &[&str] = &[
    "doc", "was", "object", "within", "each", "as", "index", "sort", "ranges", "let", "when",
    "skip", "reject", "key", "adopt_by", "retire", "fields",
];

/// The key fields of each resource of a mapping, level by level, read before anything is checked.
pub(super) fn keys_of(root: &Node) -> BTreeMap<String, Vec<Vec<String>>> {
    let entries = root.get("resources").and_then(Node::block).unwrap_or_default();
    let own = |name: &str| {
        let (_, node) = entries.iter().find(|(key, _)| key.text == name)?;
        let key = node.get("key")?.block()?;
        let within = node.get("within").and_then(Node::text);
        Some((key.iter().map(|(key, _)| key.text.clone()).collect::<Vec<_>>(), within))
    };
    let mut keys = BTreeMap::new();
    for (name, _) in entries {
        let mut levels = Vec::new();
        let mut at = Some(name.text.as_str());
        // A circle of `within` is reported elsewhere; here it must only end.
        for _ in 0..=entries.len() {
            let Some((key, within)) = at.and_then(own) else { break };
            levels.insert(0, key);
            at = within;
        }
        keys.insert(name.text.clone(), levels);
    }
    keys
}

/// Compiles the resources, parents before what lies within them.
pub(super) fn compile(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
) -> (Vec<Resource>, Vec<Making>) {
    let Some(entries) = node.block() else {
        cx.error(Code::WRONG_SHAPE, node.span, "`resources` is a block of names");
        return Default::default();
    };
    let order = ordered(cx, entries);
    let mut resources: Vec<Resource> = Vec::new();
    let mut makings: Vec<Making> = Vec::new();
    let mut scopes: BTreeMap<String, Scope> = BTreeMap::new();
    for at in order {
        let Some((name, node)) = entries.get(at) else { continue };
        let within = node.get("within").and_then(Node::text);
        let around = within.and_then(|parent| scopes.get(parent)).unwrap_or(scope).clone();
        let parent =
            within.and_then(|parent| resources.iter().position(|known| known.name == parent));
        let Some((resource, making, inner)) = resource(cx, &around, &name.text, node, parent)
        else {
            continue;
        };
        if let Some(parent) = parent.and_then(|parent| makings.get_mut(parent)) {
            parent.children.push(resources.len());
        }
        scopes.insert(name.text.clone(), inner);
        resources.push(resource);
        makings.push(making);
    }
    (resources, makings)
}

/// The order in which parents come first; a circle is reported.
fn ordered(cx: &mut Context<'_>, entries: &[(crate::syntax::Key, Node)]) -> Vec<usize> {
    let mut order = Vec::new();
    let mut placed: Vec<&str> = Vec::new();
    loop {
        let before = order.len();
        for (at, (name, node)) in entries.iter().enumerate() {
            let within = node.get("within").and_then(Node::text);
            let ready = within.is_none_or(|parent| placed.contains(&parent));
            if !order.contains(&at) && ready {
                order.push(at);
                placed.push(&name.text);
            }
        }
        if order.len() == before {
            break;
        }
    }
    for (at, (name, node)) in entries.iter().enumerate() {
        if order.contains(&at) {
            continue;
        }
        let span = node.get("within").map_or(name.span, |within| within.span);
        let parent = node.get("within").and_then(Node::text).unwrap_or_default();
        let known = entries.iter().any(|(known, _)| known.text == parent);
        if known {
            cx.error(Code::REFERENCE_CYCLE, span, format!("`{}` lies within itself", name.text));
        } else {
            let finding = Diagnostic::error(
                Code::UNKNOWN_RESOURCE,
                span,
                format!("there is no resource `{parent}`"),
            );
            cx.push(finding.suggest(parent, entries.iter().map(|(known, _)| known.text.as_str())));
        }
    }
    order
}

fn resource(
    cx: &mut Context<'_>,
    around: &Scope,
    name: &str,
    node: &Node,
    parent: Option<usize>,
) -> Option<(Resource, Making, Scope)> {
    forms::known_keys(cx, node, KEYS, "a resource");
    let object_node = forms::needed(cx, node, "object")?;
    let object_name = object_node.text().unwrap_or_default();
    let system = cx.target.clone();
    let object = cx.object(&system, object_name, object_node.span)?;
    let (each, mut scope) = match lists::each_list(cx, around, node, "") {
        Some((list, scope)) => (Some(list), scope),
        None => (None, around.clone()),
    };
    if let Some(lets) = node.get("let") {
        lists::bind_lets(cx, &mut scope, lets);
    }
    let when = node.get("when").map(|when| {
        let text = when.text().or_else(|| when.get("$calc")?.text()).unwrap_or("when").to_owned();
        Condition { holds: exprs::condition(cx, &scope, when), text, origin: cx.origin(when.span) }
    });
    let guards = header::rules(cx, &scope, node);
    let parent_field = parent_field(cx, node, &object);
    let (rules, fields, key) = fields(cx, &scope, node, &object, parent_field.as_deref())?;
    let adopt_by = adopt_by(cx, &scope, node, &object);
    let unique = object
        .unique
        .iter()
        .map(|unique| Unique { fields: unique.fields.clone(), within_parent: unique.within_parent })
        .collect();
    let resource = Resource {
        name: name.to_owned(),
        was: node.get("was").and_then(Node::text).map(str::to_owned),
        object: object_name.to_owned(),
        within: parent,
        parent_field,
        retire: retire(cx, node, &object),
        fields: rules,
        unique,
        origin: cx.place(node.span),
    };
    let making = Making { each, when, guards, fields, key, adopt_by, children: Vec::new() };
    Some((resource, making, scope))
}

/// The field that takes the id of the parent, where the resource lies within another.
fn parent_field(cx: &mut Context<'_>, node: &Node, object: &Object) -> Option<String> {
    let within = node.get("within")?;
    match &object.parent {
        Some((field, _)) => Some(field.clone()),
        None => {
            let message = format!("`{}` lies within no other object", object.name);
            cx.error(Code::BAD_KEY, within.span, message);
            None
        }
    }
}

type Fields = (Vec<FieldRule>, Vec<Out>, Vec<(usize, String)>);

/// The key and the fields, the key first.
fn fields(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    object: &Object,
    filled: Option<&str>,
) -> Option<Fields> {
    let key_node = forms::needed(cx, node, "key")?;
    let fields_node = forms::needed(cx, node, "fields")?;
    // A key always has a value, so its fields are required here whatever the target says.
    let written = key_node.block().unwrap_or_default();
    let required = written.iter().map(|(key, _)| key.text.clone()).collect();
    let of_key = Object { required, required_when: Vec::new(), ..object.clone() };
    let keys = objects::members(cx, scope, key_node, &of_key, None);
    if keys.is_empty() {
        cx.error(Code::BAD_KEY, key_node.span, "a key has at least one field");
    }
    for (name, field, out) in &keys {
        check_key(cx, key_node, name, field.length, out);
    }
    let names: Vec<String> = keys.iter().map(|(name, ..)| name.clone()).collect();
    let mut required = object.clone();
    required.required.retain(|name| !names.contains(name));
    let others = objects::members(cx, scope, fields_node, &required, filled);
    for (name, ..) in &others {
        if names.contains(name) {
            let span = fields_node.entry(name).map_or(fields_node.span, |(key, _)| key.span);
            cx.error(Code::BAD_KEY, span, format!("`{name}` is part of the key already"));
        }
    }
    let count = keys.len();
    let mut rules = Vec::new();
    let mut outs = Vec::new();
    for (at, (name, field, out)) in keys.into_iter().chain(others).enumerate() {
        let holder = if at < count { key_node } else { fields_node };
        let span = holder.entry(&name).map_or(holder.span, |(key, _)| key.span);
        let change = match (&field.immutable, field.updateable) {
            (Some(reason), _) => Change::Never(reason.clone()),
            (None, false) => Change::Never(format!("{} has no `{name}` in an update", object.name)),
            (None, true) => Change::Allowed,
        };
        rules.push(FieldRule {
            name,
            change,
            unordered: field.unordered,
            item_key: item_key(&field),
            origin: cx.place(span),
        });
        outs.push(out);
    }
    let key = names.into_iter().enumerate().collect();
    Some((rules, outs, key))
}

/// The item key of a list inside a field, also where the list stands in an object of one member.
fn item_key(field: &crate::schema::Field) -> Vec<String> {
    use crate::schema::FieldType;
    if !field.item_key.is_empty() {
        return field.item_key.clone();
    }
    match &field.kind {
        FieldType::Object(object) => {
            object.fields.values().map(item_key).find(|key| !key.is_empty()).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// A field of the key always has a value.
fn check_key(cx: &mut Context<'_>, node: &Node, name: &str, _length: Option<u32>, out: &Out) {
    let span = node.get(name).map_or(node.span, |value| value.span);
    let sure = match out {
        Out::Value(rule) => rule.null != Absence::Clear && rule.missing != Absence::Clear,
        Out::Literal(_) => true,
        _ => false,
    };
    if !sure {
        let message = format!("`{name}` cannot be a field of the key: it needs one plain value");
        cx.error(Code::BAD_KEY, span, message);
    }
}

fn adopt_by(
    cx: &mut Context<'_>,
    scope: &Scope,
    node: &Node,
    object: &Object,
) -> Vec<(String, crate::program::code::Rule)> {
    let Some(adopt) = node.get("adopt_by") else { return Vec::new() };
    let loose = Object { required: Vec::new(), required_when: Vec::new(), ..object.clone() };
    objects::members(cx, scope, adopt, &loose, None)
        .into_iter()
        .filter_map(|(name, _, out)| match out {
            Out::Value(rule) => Some((name, *rule)),
            _ => None,
        })
        .collect()
}

fn retire(cx: &mut Context<'_>, node: &Node, object: &Object) -> Retire {
    let Some(retire) = node.get("retire") else { return Retire::Keep };
    match retire.text() {
        Some("keep") => Retire::Keep,
        Some("reject") => Retire::Reject,
        Some("expire") => match &object.expire {
            Some(field) => Retire::Expire { field: field.clone() },
            None => {
                let message = format!("`{}` has no date that ends its life", object.name);
                cx.push(
                    Diagnostic::error(Code::NOT_ALLOWED, retire.span, message)
                        .hint("use `keep` or `reject`"),
                );
                Retire::Keep
            }
        },
        other => {
            let written = other.unwrap_or_default();
            let message = format!("`retire` is `expire`, `keep` or `reject`, and not `{written}`");
            let finding = Diagnostic::error(Code::BAD_WORD, retire.span, message);
            cx.push(finding.suggest(written, ["expire", "keep", "reject"]));
            Retire::Keep
        }
    }
}

/// The keys of all mappings of a set.
pub(super) fn set_keys<'n>(roots: impl Iterator<Item = &'n Node>) -> SetKeys {
    roots.filter_map(|root| Some((root.get("name")?.text()?.to_owned(), keys_of(root)))).collect()
}
