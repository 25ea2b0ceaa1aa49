//! The head of a mapping: version, name, source, target, parameters, guards.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Param, Used,
    context::Context,
    exprs, forms, grammar, keys,
    made::What,
    scope::{At, Scope},
    types::{Kind, Type},
};
use crate::{
    diag::{Code, Diagnostic, Span},
    program::code::{Constant, Expr, RowRef, SlotRef, Stop},
    schema::{Field, FieldType, Object},
    syntax::{Kind as NodeKind, Node},
};

/// What the head says besides what it leaves in the context.
pub(super) struct Head {
    pub was: Option<String>,
    pub target_object: Option<String>,
    pub target_schema: Option<String>,
    /// Where the schema of the target is named.
    pub target_span: Span,
    /// The names that are bound for the whole mapping.
    pub scope: Scope,
}

/// Reads the head. `None` when without it nothing else makes sense.
pub(super) fn read<'a>(cx: &mut Context<'a>, root: &'a Node) -> Option<Head> {
    if root.block().is_none() {
        let message = format!("a mapping is a block of keys, and this is {}", root.what());
        cx.error(Code::WRONG_SHAPE, root.span, message);
        return None;
    }
    check_version(cx, root);
    if let Some((name, _)) = keys::needed_text(cx, root, "name") {
        name.clone_into(&mut cx.mapping);
    }
    read_uses(cx, root);
    cx.tables = named(cx, root, "tables", What::Table);
    cx.pieces = named(cx, root, "shapes", What::Shape);
    let was = root.get("was").and_then(|was| keys::text(cx, was, "was")).map(str::to_owned);
    let target = read_target(cx, root);
    let scope = read_source(cx, root)?;
    let (target_object, target_schema) = target?;
    let named = root.get("target").and_then(|target| target.get("schema"));
    let target_span = named.map_or(root.head, |schema| schema.span);
    Some(Head { was, target_object, target_schema, target_span, scope })
}

/// The blocks under the names of `tables` or `shapes`.
fn named<'a>(
    cx: &mut Context<'a>,
    root: &'a Node,
    key: &str,
    what: What,
) -> BTreeMap<String, &'a Node> {
    let Some(block) = root.get(key) else { return BTreeMap::new() };
    let entries = keys::entries(cx, block, key).unwrap_or_default();
    for (name, _) in entries {
        cx.made.add(name.span, &name.text, what);
    }
    entries.iter().map(|(name, node)| (name.text.clone(), node)).collect()
}

fn check_version(cx: &mut Context<'_>, root: &Node) {
    let Some(version) = keys::needed(cx, root, "crosswalk") else { return };
    if version.text() != Some("1") {
        let message = "this program knows version 1 of the language";
        cx.push(
            Diagnostic::error(Code::BAD_VERSION, version.head_of_long(), message)
                .hint("write `crosswalk: 1`"),
        );
    }
}

fn read_uses(cx: &mut Context<'_>, root: &Node) {
    let Some(uses) = root.get("uses") else { return };
    for (alias, node) in keys::entries(cx, uses, "uses").unwrap_or_default() {
        keys::text(cx, node, &alias.text);
        cx.made.add(alias.span, &alias.text, What::Mapping);
        cx.uses_at.insert(alias.text.clone(), alias.span);
    }
    for Used { alias, mapping, written, span } in std::mem::take(&mut cx.used) {
        let name = mapping.clone().unwrap_or_else(|| written.clone());
        cx.uses.insert(alias, name.clone());
        if cx.keys.contains_key(&name) || !cx.set_is_whole {
            continue;
        }
        let message = match mapping {
            Some(_) => format!("the set has no mapping `{written}`"),
            None => format!("there is no mapping in `{written}`"),
        };
        let known: Vec<String> = cx.keys.keys().cloned().collect();
        let finding = Diagnostic::error(Code::UNKNOWN_RESOURCE, span, message);
        cx.push_near(finding, &written, known.iter().map(String::as_str));
    }
}

fn read_target(cx: &mut Context<'_>, root: &Node) -> Option<(Option<String>, Option<String>)> {
    let target = keys::needed(cx, root, "target")?;
    keys::entries(cx, target, "target")?;
    let target = keys::known(cx, target, &grammar::TARGET);
    let (system, node) = keys::needed_text(cx, &target, "system")?;
    cx.target = known_system(cx, system, node)?;
    let mut text = |key: &str| {
        let node = target.get(key)?;
        keys::text(cx, node, key).map(str::to_owned)
    };
    Some((text("object"), text("schema")))
}

fn known_system(cx: &mut Context<'_>, name: &str, node: &Node) -> Option<String> {
    if name == "file" || cx.catalog.has_system(name) {
        return Some(name.to_owned());
    }
    let message = format!("there is no system `{name}`");
    let hint = "there are `salesforce`, `zuora` and `file`";
    let finding = Diagnostic::error(Code::UNKNOWN_SYSTEM, node.span, message).hint(hint);
    cx.push_near(finding, name, ["salesforce", "zuora", "file"]);
    None
}

/// Reads the source, and binds `record`.
fn read_source(cx: &mut Context<'_>, root: &Node) -> Option<Scope> {
    let source = keys::needed(cx, root, "source")?;
    keys::entries(cx, source, "source")?;
    let source = keys::known(cx, source, &grammar::SOURCE);
    let (system, node) = keys::needed_text(cx, &source, "system")?;
    cx.source = known_system(cx, system, node)?;
    let (name, object_node) = keys::needed_text(cx, &source, "object")?;
    let schema = source.get("schema").unwrap_or(object_node);
    let schema_name = schema_stem(keys::text(cx, schema, "schema")?);
    let object = cx.source_object(&schema_name, schema.span)?;
    cx.query.object = name.to_owned();
    let record = At::Object {
        row: RowRef::Record,
        shape: 0,
        inside: Vec::new(),
        object: object.clone(),
        absent: false,
    };
    let mut scope = Scope::default();
    scope.bind("record", record);
    read_identity(cx, &source, &object);
    read_changed_by(cx, &source, &object);
    Some(scope)
}

/// The fields by which a record is told from others, and shown to people.
fn read_identity(cx: &mut Context<'_>, source: &Node, object: &Object) {
    let id = match source.get("key") {
        Some(key) => source_field(cx, key, "key", object),
        None => object.fields.get("Id").cloned(),
    };
    cx.code.record_id = id.map(|field| field_of_record(cx, &field));
    let label = match source.get("label") {
        Some(label) => source_field(cx, label, "label", object),
        None => object.fields.get("Name").cloned(),
    };
    cx.code.record_label = label.map(|field| field_of_record(cx, &field));
}

fn read_changed_by(cx: &mut Context<'_>, source: &Node, object: &Object) {
    let Some(node) = source.get("changed_by") else { return };
    let Some(field) = source_field(cx, node, "changed_by", object) else { return };
    if field.kind == FieldType::Instant {
        cx.query.changed_by = Some(field.name.clone());
    } else {
        let message =
            format!("`changed_by` names an instant, and `{}` is {}", field.name, field.kind.name());
        cx.error(Code::TYPE_MISMATCH, node.span, message);
    }
}

/// A field of the source that a key of `source` names.
fn source_field(
    cx: &mut Context<'_>,
    node: &Node,
    key: &str,
    object: &Object,
) -> Option<Arc<Field>> {
    let name = keys::text(cx, node, key)?;
    let field = object.fields.get(name).cloned();
    if field.is_none() {
        let message = format!("`{}` has no field `{name}`", object.name);
        let finding = Diagnostic::error(Code::UNKNOWN_FIELD, node.span, message);
        cx.push_near(finding, name, object.fields.keys().map(String::as_str));
    }
    field
}

/// A schema is named by its file: `orders.schema.json` describes `orders`.
pub(super) fn schema_stem(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name);
    name.strip_suffix(".schema.json")
        .or_else(|| name.strip_suffix(".json"))
        .unwrap_or(name)
        .to_owned()
}

fn field_of_record(cx: &mut Context<'_>, field: &Field) -> Expr {
    let slot = cx.slot(0, &[], field);
    Expr::Slot(SlotRef { row: RowRef::Record, shape: 0, slot })
}

/// The guards of a mapping: `source.when`, then `skip`, then `reject`, in this order.
pub(super) fn guards(cx: &mut Context<'_>, scope: &Scope, root: &Node) -> Vec<(Expr, Stop)> {
    let mut guards = Vec::new();
    if let Some(when) = root.get("source").and_then(|source| source.get("when")) {
        let holds = exprs::condition(cx, scope, when);
        let origin = cx.origin(when.span);
        let reason =
            Expr::Constant(Constant::Text("the `when` of the source does not hold".into()));
        presence(&holds, true, &mut cx.present);
        guards.push((Expr::Not(Box::new(holds)), Stop { reject: false, reason, origin }));
    }
    let rules = rules(cx, scope, root);
    for (stops, _) in &rules {
        presence(stops, false, &mut cx.present);
    }
    guards.extend(rules);
    guards
}

/// The fields that have a value when a condition came out so.
fn presence(condition: &Expr, came_out: bool, present: &mut Vec<SlotRef>) {
    match (condition, came_out) {
        (Expr::IsAbsent(of), false) => {
            if let Expr::Slot(slot) = **of {
                present.push(slot);
            }
        }
        (Expr::Not(inner), _) => presence(inner, !came_out, present),
        (Expr::And(all), true) | (Expr::Or(all), false) => {
            all.iter().for_each(|one| presence(one, came_out, present));
        }
        _ => {}
    }
}

/// `skip` and `reject`: lists of conditions with their reasons.
pub(super) fn rules(cx: &mut Context<'_>, scope: &Scope, node: &Node) -> Vec<(Expr, Stop)> {
    let mut guards = Vec::new();
    for (key, reject) in [("skip", false), ("reject", true)] {
        let Some(list) = node.get(key) else { continue };
        let one = std::slice::from_ref(list);
        for rule in list.list().unwrap_or(one) {
            if keys::entries(cx, rule, key).is_none() {
                continue;
            }
            let rule = keys::known_names(cx, rule, &grammar::RULE.names(), &format!("`{key}`"));
            let (when, reason) =
                (keys::needed(cx, &rule, "when"), keys::needed(cx, &rule, "reason"));
            let (Some(when), Some(reason)) = (when, reason) else { continue };
            let condition = exprs::condition(cx, scope, when);
            let origin = cx.origin(rule.span);
            if let Some((reason, _)) = forms::text(cx, scope, reason) {
                guards.push((condition, Stop { reject, reason, origin }));
            }
        }
    }
    guards
}

/// Binds the parameters of a mapping: what the environment says, else what stands here.
pub(super) fn bind_params(cx: &mut Context<'_>, scope: &mut Scope, root: &Node) {
    let Some(params) = root.get("params") else { return };
    for (key, default) in keys::entries(cx, params, "params").unwrap_or_default() {
        let given = cx.facts.params.get(&key.text).cloned();
        let at = match (given, &default.kind) {
            (Some(param), _) => {
                let (constant, ty) = constant(&param);
                At::constant(constant, ty)
            }
            (None, NodeKind::Scalar(scalar)) => super::literals::untyped(scalar),
            (None, _) => {
                let message = format!("the environment does not fill the parameter `{}`", key.text);
                let hint = format!(
                    "add `params: {{ {}: … }}` to the environment, or write a value here",
                    key.text
                );
                cx.push(Diagnostic::error(Code::UNKNOWN_PARAM, key.span, message).hint(hint));
                At::Poison
            }
        };
        if let At::Value { expr: Expr::Constant(constant), .. } = &at {
            cx.params_read.insert(key.text.clone(), super::literals::json(constant));
        }
        cx.made.add(key.span, &key.text, What::Param);
        scope.bind_made(&key.text, at, key.span);
    }
}

fn constant(param: &Param) -> (Constant, Type) {
    match param {
        Param::Bool(truth) => (Constant::Bool(*truth), Type::of(Kind::Bool)),
        Param::Number(text) => match crate::value::parse_decimal(text) {
            Some(number) => (Constant::Number(number), Type::of(Kind::Number)),
            None => (Constant::Text(text.clone()), Type::of(Kind::Text)),
        },
        Param::Text(text) => (Constant::Text(text.clone()), Type::text(text.as_str())),
    }
}
