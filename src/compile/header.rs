//! The head of a mapping: version, name, source, target, parameters, guards.

use super::{
    Param,
    context::Context,
    exprs, forms,
    scope::{At, Scope},
    types::{Kind, Type},
};
use crate::{
    diag::{Code, Diagnostic},
    program::code::{Constant, Expr, RowRef, SlotRef, Stop},
    schema::{Field, FieldType},
    syntax::{Kind as NodeKind, Node},
};

/// The keys of a mapping.
pub(super) const MAPPING_KEYS: &[&str] = &[
    "crosswalk",
    "name",
    "was",
    "doc",
    "profile",
    "source",
    "target",
    "params",
    "uses",
    "let",
    "tables",
    "shapes",
    "skip",
    "reject",
    "resources",
    "emit",
];
const SOURCE_KEYS: &[&str] =
    &["system", "object", "schema", "key", "label", "changed_by", "when", "sort"];
const TARGET_KEYS: &[&str] = &["system", "object", "schema"];

/// What the head says besides what it leaves in the context.
pub(super) struct Head {
    pub was: Option<String>,
    pub target_object: Option<String>,
    pub target_schema: Option<String>,
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
    forms::known_keys(cx, root, MAPPING_KEYS, "a mapping");
    check_version(cx, root);
    let name = forms::needed(cx, root, "name")?;
    cx.mapping = name.text().unwrap_or_default().to_owned();
    read_uses(cx, root);
    for (key, into) in [("tables", true), ("shapes", false)] {
        let Some(block) = root.get(key) else { continue };
        let Some(entries) = block.block() else {
            cx.error(Code::WRONG_SHAPE, block.span, format!("`{key}` is a block of names"));
            continue;
        };
        for (name, node) in entries {
            let map = if into { &mut cx.tables } else { &mut cx.pieces };
            map.insert(name.text.clone(), node);
        }
    }
    let was = root.get("was").and_then(Node::text).map(str::to_owned);
    let (target_object, target_schema) = read_target(cx, root)?;
    let scope = read_source(cx, root)?;
    Some(Head { was, target_object, target_schema, scope })
}

fn check_version(cx: &mut Context<'_>, root: &Node) {
    let Some(version) = forms::needed(cx, root, "crosswalk") else { return };
    if version.text() != Some("1") {
        let message = "this program knows version 1 of the language";
        cx.push(
            Diagnostic::error(Code::BAD_VERSION, version.span, message)
                .hint("write `crosswalk: 1`"),
        );
    }
}

fn read_uses(cx: &mut Context<'_>, root: &Node) {
    let Some(uses) = root.get("uses") else { return };
    for (alias, name) in uses.block().unwrap_or_default() {
        let name_text = name.text().unwrap_or_default();
        if cx.keys.contains_key(name_text) {
            cx.uses.insert(alias.text.clone(), name_text.to_owned());
        } else {
            let message = format!("the set has no mapping `{name_text}`");
            let known: Vec<String> = cx.keys.keys().cloned().collect();
            let finding = Diagnostic::error(Code::UNKNOWN_RESOURCE, name.span, message);
            cx.push(finding.suggest(name_text, known.iter().map(String::as_str)));
        }
    }
}

fn read_target(cx: &mut Context<'_>, root: &Node) -> Option<(Option<String>, Option<String>)> {
    let target = forms::needed(cx, root, "target")?;
    forms::known_keys(cx, target, TARGET_KEYS, "`target`");
    let system = forms::needed(cx, target, "system")?;
    cx.target = known_system(cx, system)?;
    let text = |key: &str| target.get(key).and_then(Node::text).map(str::to_owned);
    Some((text("object"), text("schema")))
}

fn known_system(cx: &mut Context<'_>, node: &Node) -> Option<String> {
    let name = node.text().unwrap_or_default();
    if name == "file" || cx.catalog.has_system(name) {
        return Some(name.to_owned());
    }
    let message = format!("there is no system `{name}`");
    let hint = "there are `salesforce`, `zuora` and `file`";
    let finding = Diagnostic::error(Code::UNKNOWN_SYSTEM, node.span, message).hint(hint);
    cx.push(finding.suggest(name, ["salesforce", "zuora", "file"]));
    None
}

/// Reads the source, and binds `record`.
fn read_source(cx: &mut Context<'_>, root: &Node) -> Option<Scope> {
    let source = forms::needed(cx, root, "source")?;
    forms::known_keys(cx, source, SOURCE_KEYS, "`source`");
    let system = forms::needed(cx, source, "system")?;
    cx.source = known_system(cx, system)?;
    let object_node = forms::needed(cx, source, "object")?;
    let name = object_node.text().unwrap_or_default();
    let schema = source.get("schema").unwrap_or(object_node);
    let schema_name = schema_stem(schema.text().unwrap_or_default());
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
    let id = source.get("key").and_then(Node::text).unwrap_or("Id");
    match object.fields.get(id) {
        Some(field) => cx.code.record_id = Some(field_of_record(cx, field)),
        None => {
            if let Some(key) = source.get("key") {
                let message = format!("`{}` has no field `{id}`", object.name);
                let finding = Diagnostic::error(Code::UNKNOWN_FIELD, key.span, message);
                cx.push(finding.suggest(id, object.fields.keys().map(String::as_str)));
            }
        }
    }
    let label = source.get("label").and_then(Node::text).unwrap_or("Name");
    if let Some(field) = object.fields.get(label) {
        cx.code.record_label = Some(field_of_record(cx, field));
    }
    if let Some(changed_by) = source.get("changed_by") {
        let name = changed_by.text().unwrap_or_default();
        match object.fields.get(name) {
            Some(field) if field.kind == FieldType::Instant => {
                cx.query.changed_by = Some(name.to_owned())
            }
            Some(_) => {
                cx.error(Code::TYPE_MISMATCH, changed_by.span, "`changed_by` names an instant");
            }
            None => {
                let message = format!("`{}` has no field `{name}`", object.name);
                let finding = Diagnostic::error(Code::UNKNOWN_FIELD, changed_by.span, message);
                cx.push(finding.suggest(name, object.fields.keys().map(String::as_str)));
            }
        }
    }
    Some(scope)
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
            forms::known_keys(cx, rule, &["when", "reason"], &format!("`{key}`"));
            let (Some(when), Some(reason)) =
                (forms::needed(cx, rule, "when"), forms::needed(cx, rule, "reason"))
            else {
                continue;
            };
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
    for (key, default) in params.block().unwrap_or_default() {
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
        scope.bind(&key.text, at);
    }
}

fn constant(param: &Param) -> (Constant, Type) {
    match param {
        Param::Bool(truth) => (Constant::Bool(*truth), Type::of(Kind::Bool)),
        Param::Number(text) => match crate::value::parse_decimal(text) {
            Some(number) => (Constant::Number(number), Type::of(Kind::Number)),
            None => (Constant::Text(text.clone()), Type::of(Kind::Text)),
        },
        Param::Text(text) => {
            let ty = Type { literal: Some(text.clone()), ..Type::of(Kind::Text) };
            (Constant::Text(text.clone()), ty)
        }
    }
}
