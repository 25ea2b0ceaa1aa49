//! Resources: desired state with keys.

use std::collections::BTreeMap;

use super::{
    context::{Context, Outside, SetKeys},
    exprs, grammar, header, keys, lets, lists, objects,
    scope::Scope,
};
use crate::{
    diag::{Code, Diagnostic, Span, nearest},
    program::{Change, Condition, FieldRule, Making, Resource, Retire, Unique, code::Node as Out},
    schema::{Catalog, Object},
    syntax::{Key, Node},
};

/// What is known of each resource of a mapping from outside, read before anything is checked. What
/// is misspelt is read as what was meant: it is reported where it stands, and not at every
/// reference.
fn keys_of(root: &Node, catalog: &mut Catalog) -> BTreeMap<String, Outside> {
    let entries = root.get("resources").and_then(Node::block).unwrap_or_default();
    let system = root.get("target").and_then(|target| target.get("system")).and_then(Node::text);
    let mut own = |name: &str| {
        let names = || entries.iter().map(|(key, _)| key.text.as_str());
        let meant = nearest(name, names()).filter(|_| !names().any(|known| known == name));
        let (_, node) = entries.iter().find(|(key, _)| key.text == meant.unwrap_or(name))?;
        let key = meant_key(node)?.block()?;
        let within = node.get("within").and_then(Node::text);
        let object = node.get("object").and_then(Node::text);
        let object = catalog.object(system.unwrap_or_default(), object.unwrap_or_default());
        let object = object.ok().flatten();
        let field = |(key, _): &(Key, Node)| match &object {
            Some(object) if !object.fields.contains_key(&key.text) => {
                let fields = object.fields.keys().map(String::as_str);
                nearest(&key.text, fields).unwrap_or(&key.text).to_owned()
            }
            _ => key.text.clone(),
        };
        Some((key.iter().map(field).collect::<Vec<_>>(), within))
    };
    let mut keys = BTreeMap::new();
    for (name, node) in entries {
        let object = node.get("object").and_then(Node::text).map(str::to_owned);
        let (mut levels, mut owners) = (Vec::new(), Vec::new());
        let mut at = Some(name.text.as_str());
        // A circle of `within` is reported elsewhere; here it must only end.
        for _ in 0..=entries.len() {
            let Some((key, within)) = at.and_then(&mut own) else { break };
            owners.insert(0, at.unwrap_or_default().to_owned());
            levels.insert(0, key);
            at = within;
        }
        keys.insert(name.text.clone(), Outside { object, levels, owners });
    }
    keys
}

/// The `key` of a resource, also where that word is misspelt.
fn meant_key(node: &Node) -> Option<&Node> {
    let names = grammar::RESOURCE.names();
    let meant = |(key, _): &&(Key, Node)| {
        !names.contains(&key.text.as_str())
            && nearest(&key.text, names.iter().copied()) == Some("key")
    };
    node.get("key").or_else(|| node.block()?.iter().find(meant).map(|(_, value)| value))
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
    let parents = parents(cx, entries);
    let mut made = Made::default();
    for at in ordered(&parents) {
        let Some((name, node)) = entries.get(at) else { continue };
        let (parent, around) = match parents.get(at) {
            Some(Parent::Resource(parent)) => (
                made.places.get(parent).copied(),
                made.scopes.get(parent).cloned().unwrap_or_else(|| scope.opened()),
            ),
            Some(Parent::Wrong) => (None, scope.opened()),
            Some(Parent::None) | None => (None, scope.clone()),
        };
        let (resource, making, inner) = resource(cx, &around, &name.text, node, parent);
        let place = made.resources.len();
        if let Some(parent) = parent.and_then(|parent| made.makings.get_mut(parent)) {
            parent.children.push(place);
        }
        made.scopes.insert(at, inner);
        made.places.insert(at, place);
        made.resources.push(resource);
        made.makings.push(making);
    }
    (made.resources, made.makings)
}

/// What is made so far; scopes and places by the order of the file.
#[derive(Default)]
struct Made {
    resources: Vec<Resource>,
    makings: Vec<Making>,
    scopes: BTreeMap<usize, Scope>,
    places: BTreeMap<usize, usize>,
}

/// What a resource lies within.
enum Parent {
    None,
    /// Another resource, by its place in the file.
    Resource(usize),
    /// What does not exist, or a circle.
    Wrong,
}

/// The parents of the resources; names that do not exist and circles are reported.
fn parents(cx: &mut Context<'_>, entries: &[(Key, Node)]) -> Vec<Parent> {
    let mut parents: Vec<Parent> =
        entries.iter().map(|(_, node)| parent(cx, entries, node)).collect();
    for at in 0..entries.len() {
        let Some(circle) = circle(&parents, at) else { continue };
        let names = circle.iter().filter_map(|at| entries.get(*at));
        let names: Vec<&str> = names.map(|(name, _)| name.text.as_str()).collect();
        let (Some((name, node)), Some(wrong)) = (entries.get(at), parents.get_mut(at)) else {
            continue;
        };
        let span = node.get("within").map_or(name.span, |within| within.span);
        let message = format!("`{}` lies within itself: {}", name.text, names.join(" within "));
        cx.error(Code::REFERENCE_CYCLE, span, message);
        *wrong = Parent::Wrong;
    }
    parents
}

fn parent(cx: &mut Context<'_>, entries: &[(Key, Node)], node: &Node) -> Parent {
    let Some(within) = node.get("within") else { return Parent::None };
    let Some(name) = keys::text(cx, within, "within") else { return Parent::Wrong };
    if let Some(at) = entries.iter().position(|(known, _)| known.text == name) {
        if let Some((known, _)) = entries.get(at) {
            cx.made.touch(known.span);
        }
        return Parent::Resource(at);
    }
    let message = format!("there is no resource `{name}`");
    let finding = Diagnostic::error(Code::UNKNOWN_RESOURCE, within.span, message);
    let near = nearest(name, entries.iter().map(|(known, _)| known.text.as_str()));
    let near = entries.iter().find(|(known, _)| Some(known.text.as_str()) == near);
    let finding = finding.meant(near.map(|(known, _)| known.span));
    cx.push_near(finding, name, entries.iter().map(|(known, _)| known.text.as_str()));
    Parent::Wrong
}

/// The resources from this one up to itself again, where it lies in a circle.
fn circle(parents: &[Parent], start: usize) -> Option<Vec<usize>> {
    let mut way = vec![start];
    let mut at = start;
    while let Some(Parent::Resource(up)) = parents.get(at) {
        way.push(*up);
        if *up == start {
            return Some(way);
        }
        if way.len() > parents.len() {
            return None;
        }
        at = *up;
    }
    None
}

/// The order in which parents come first.
fn ordered(parents: &[Parent]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::new();
    let mut placed = vec![false; parents.len()];
    loop {
        let before = order.len();
        for (at, parent) in parents.iter().enumerate() {
            let ready = match parent {
                Parent::Resource(up) => placed.get(*up) == Some(&true),
                Parent::None | Parent::Wrong => true,
            };
            if let Some(known) = placed.get_mut(at).filter(|known| ready && !**known) {
                *known = true;
                order.push(at);
            }
        }
        if order.len() == before {
            return order;
        }
    }
}

/// An object of which nothing is known, since its name is wrong: all fields may be there.
fn unknown_object() -> Object {
    let any = (String::new(), String::new());
    Object { open: true, parent: Some(any), expire: Some(String::new()), ..Object::default() }
}

fn resource(
    cx: &mut Context<'_>,
    around: &Scope,
    name: &str,
    node: &Node,
    parent: Option<usize>,
) -> (Resource, Making, Scope) {
    let node = &*keys::known(cx, node, &grammar::RESOURCE);
    let named = keys::needed_text(cx, node, "object");
    let object_name = named.map(|(name, _)| name.to_owned()).unwrap_or_default();
    let system = cx.target.clone();
    let object = named
        .and_then(|(name, node)| cx.object(&system, name, node.span))
        .map_or_else(unknown_object, |object| (*object).clone());
    let (each, mut scope) = match node.get("each") {
        Some(_) => match lists::each_list(cx, around, node, "") {
            (Some(list), scope) => (Some(list), scope),
            (None, scope) => (None, scope),
        },
        None => (None, around.clone()),
    };
    if let Some(lets) = node.get("let") {
        lets::bind_lets(cx, &mut scope, lets);
    }
    let when = node.get("when").map(|when| {
        let text = when.text().or_else(|| when.get("$calc")?.text()).unwrap_or("when").to_owned();
        Condition { holds: exprs::condition(cx, &scope, when), text, origin: cx.origin(when.span) }
    });
    let guards = header::rules(cx, &scope, node);
    let parent_field = parent_field(cx, node, &object);
    let (rules, fields, key) = fields(cx, &scope, name, node, &object, parent_field.as_deref());
    let adopt_by = adopt_by(cx, &scope, node, &object);
    let unique = object
        .unique
        .iter()
        .map(|unique| Unique { fields: unique.fields.clone(), within_parent: unique.within_parent })
        .collect();
    let resource = Resource {
        name: name.to_owned(),
        was: node.get("was").and_then(Node::text).map(str::to_owned),
        object: object_name,
        within: parent,
        parent_field,
        retire: retire(cx, node, &object),
        fields: rules,
        unique,
        origin: cx.place(node.span),
    };
    let making = Making { each, when, guards, fields, key, adopt_by, children: Vec::new() };
    (resource, making, scope)
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
    resource: &str,
    node: &Node,
    object: &Object,
    filled: Option<&str>,
) -> Fields {
    let nothing = node.with_entries(Vec::new());
    let key_node = keys::needed(cx, node, "key").unwrap_or(&nothing);
    let fields_node = keys::needed(cx, node, "fields").unwrap_or(&nothing);
    let names: Vec<String> = key_names(cx, node);
    let keyed = Object { required: names.clone(), ..loose(object) };
    cx.keying = Some(resource.to_owned());
    let keys = objects::members(cx, scope, key_node, &keyed, None);
    cx.keying = None;
    for (name, _, out) in &keys {
        check_key(cx, key_node, name, out);
    }
    let mut required = object.clone();
    required.required.retain(|name| !names.contains(name));
    let others = match node.get("fields") {
        Some(_) => objects::members(cx, scope, fields_node, &required, filled),
        None => Vec::new(),
    };
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
    (rules, outs, key)
}

/// The fields of the key, which has at least one.
fn key_names(cx: &mut Context<'_>, node: &Node) -> Vec<String> {
    let Some(key) = node.get("key") else { return Vec::new() };
    let entries = keys::entries(cx, key, "key");
    if entries.is_some_and(<[_]>::is_empty) {
        cx.error(Code::BAD_KEY, key.head, "a key has at least one field");
    }
    entries.unwrap_or_default().iter().map(|(name, _)| name.text.clone()).collect()
}

/// An object that requires nothing: its fields are read one by one.
fn loose(object: &Object) -> Object {
    let (required, required_when) = (Vec::new(), Vec::new());
    Object { required, required_when, forbidden_when: Vec::new(), ..object.clone() }
}

/// The item key of a list inside a field, also where the list stands in an object of one member.
fn item_key(field: &crate::schema::Field) -> Vec<String> {
    use crate::schema::FieldType;
    if !field.item_key.is_empty() {
        return field.item_key.clone();
    }
    match &field.kind {
        FieldType::Object(object) => object
            .fields
            .values()
            .map(|field| item_key(field))
            .find(|key| !key.is_empty())
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// A field of the key always has a value.
fn check_key(cx: &mut Context<'_>, node: &Node, name: &str, out: &Out) {
    let span = node.get(name).map_or(node.span, |value| value.span);
    // That a condition may leave it out is said where the condition stands.
    if !matches!(out, Out::Value(_) | Out::Literal { .. } | Out::When(..)) {
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
    keys::entries(cx, adopt, "adopt_by");
    objects::members(cx, scope, adopt, &loose(object), None)
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
            cx.push_near(finding, written, ["expire", "keep", "reject"]);
            Retire::Keep
        }
    }
}

/// The keys of all mappings of a set.
pub(super) fn set_keys<'n>(
    roots: impl Iterator<Item = &'n Node>,
    catalog: &mut Catalog,
) -> SetKeys {
    let named = roots.filter_map(|root| Some((root.get("name")?.text()?.to_owned(), root)));
    named.map(|(name, root)| (name, keys_of(root, catalog))).collect()
}

/// Where each resource of a mapping is made.
pub(super) fn places(root: &Node) -> BTreeMap<String, Span> {
    let entries = root.get("resources").and_then(Node::block).unwrap_or_default();
    entries.iter().map(|(key, _)| (key.text.clone(), key.span)).collect()
}
