//! From trees and schemas to programs, or to every fault at once.
//!
//! The whole set is taken together, because references cross files. A part that is wrong becomes
//! poison, which later steps accept in silence: one mistake gives one message. Nothing here reads
//! a file, a clock or a network.

mod actions;
mod answers;
mod asked;
mod calls;
mod context;
mod demands;
mod editing;
mod exprs;
mod facts;
mod fields;
mod filters;
mod forms;
mod formulas;
pub mod grammar;
mod header;
mod identity;
mod keys;
mod lets;
mod lists;
mod literals;
mod made;
mod maps;
mod naming;
mod numbers;
mod objects;
mod paths;
mod profiles;
mod proof;
mod references;
mod resources;
mod scope;
mod slips;
mod switches;
mod tables;
mod types;
mod uses;
mod write_back;

pub use facts::{Facts, Param, Tenant};
pub use uses::{Used, beside, is_file, used};

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    diag::{Code, Diagnostic, FileId, Findings, SourceMap},
    program::{Head, Program, ProgramKind},
    schema::{Catalog, Field, FieldType, Object},
    syntax::{Node, parse_yaml},
    value::{Decimal, Fingerprint, FingerprintOf},
};
use context::{Context, SetKeys, SetPlaces};
use made::{Made, What};
use references::Ids;

/// Compiles the mappings of a set. Programs come in the order of the files; a mapping with an
/// error gives none.
pub fn compile(
    sources: &SourceMap,
    files: &[FileId],
    catalog: &mut Catalog,
    facts: &Facts,
    findings: &mut Findings,
) -> Vec<Program> {
    let parsed = |file: &FileId| Some((*file, parse_yaml(sources, *file, findings)?));
    let roots: Vec<(FileId, Node)> = files.iter().filter_map(parsed).collect();
    let is_whole = roots.len() == files.len();
    let roots: Vec<(FileId, &Node)> = roots.iter().map(|(file, root)| (*file, root)).collect();
    compile_parsed(sources, &roots, is_whole, catalog, facts, findings)
}

/// As [`compile`], of texts that were parsed before. `is_whole` says whether all of the set could
/// be: what another mapping may have is only missed where it was read.
pub fn compile_parsed(
    sources: &SourceMap,
    roots: &[(FileId, &Node)],
    is_whole: bool,
    catalog: &mut Catalog,
    facts: &Facts,
    findings: &mut Findings,
) -> Vec<Program> {
    let keys = resources::set_keys(roots.iter().map(|(_, root)| *root), catalog);
    let named = roots.iter().filter_map(|(_, root)| Some((root.get("name")?.text()?, *root)));
    let places: SetPlaces =
        named.map(|(name, root)| (name.to_owned(), resources::places(root))).collect();
    let names = names(sources, roots);
    let set = Set { sources, facts, keys: &keys, places: &places, names: &names, is_whole };
    let mut made = Made::default();
    let resources = places.values().flatten();
    resources.for_each(|(name, place)| made.add(*place, name, What::Resource));
    report_duplicates(roots, findings);
    uses::report_circles(sources, roots, &names, findings);
    let mut programs = Vec::new();
    let mut ids = Ids::default();
    for (file, root) in roots {
        let mut own = Findings::new();
        let mended = slips::mended(&mut own, root);
        let root = keys::repaired_mapping(&mut own, mended.as_ref().unwrap_or(root));
        let program = compile_one(&set, *file, &root, catalog, &mut ids, &mut own, &mut made);
        if !own.has_error() {
            programs.extend(program);
        }
        findings.extend(own.into_sorted());
    }
    references::check_ids(&ids, findings);
    // A resource is made in one file and asked for in others.
    let found = std::mem::take(findings).into_sorted();
    findings.extend(made.settled(sources, found));
    if !findings.has_error() {
        findings.extend(made.unused());
    }
    programs
}

/// What the mappings of a set share.
struct Set<'a> {
    sources: &'a SourceMap,
    facts: &'a Facts,
    keys: &'a SetKeys,
    places: &'a SetPlaces,
    /// The mapping in each file.
    names: &'a BTreeMap<String, String>,
    is_whole: bool,
}

/// The name of the mapping in each file.
fn names(sources: &SourceMap, roots: &[(FileId, &Node)]) -> BTreeMap<String, String> {
    let named = |(file, root): &(FileId, &Node)| {
        Some((sources.name(*file).to_owned(), root.get("name")?.text()?.to_owned()))
    };
    roots.iter().filter_map(named).collect()
}

fn report_duplicates(roots: &[(FileId, &Node)], findings: &mut Findings) {
    for (at, (_, root)) in roots.iter().enumerate() {
        let Some(name) = root.get("name") else { continue };
        let before = roots.iter().take(at).filter_map(|(_, other)| other.get("name"));
        for other in before.filter(|other| other.text() == name.text()) {
            let message = format!("two mappings are named `{}`", name.text().unwrap_or_default());
            let finding = Diagnostic::error(Code::DUPLICATE_MAPPING, name.span, message);
            findings.push(finding.label(other.span, "the other one"));
        }
    }
}

fn compile_one<'a>(
    set: &Set<'a>,
    file: FileId,
    root: &'a Node,
    catalog: &'a mut Catalog,
    ids: &'a mut Ids,
    findings: &'a mut Findings,
    made: &mut Made,
) -> Option<Program> {
    let keys = (set.keys, set.places);
    let mut cx = Context::new(set.sources, findings, catalog, set.facts, keys, ids);
    cx.set_is_whole = set.is_whole;
    cx.acts = root.get("action").is_some();
    cx.used = used(root, set.sources.name(file), set.names);
    let program = compile_root(&mut cx, set, file, root);
    let found = std::mem::take(cx.findings).into_sorted();
    cx.findings.extend(cx.made.settled(set.sources, found));
    made.absorb(std::mem::take(&mut cx.made));
    program
}

fn compile_root<'a>(
    cx: &mut Context<'a>,
    set: &Set<'a>,
    file: FileId,
    root: &'a Node,
) -> Option<Program> {
    let head = header::read(cx, root)?;
    cx.outcome = answers::outcome_of(cx, root);
    let mut scope = head.scope.clone();
    header::bind_params(cx, &mut scope, root);
    if let Some(lets) = root.get("let") {
        lets::bind_lets(cx, &mut scope, lets);
    }
    cx.code.guards = header::guards(cx, &scope, root);
    let kind = kind(cx, &scope, root, &head);
    formulas::report(cx);
    maps::report_unneeded(cx);
    let kind = kind?;
    cx.code.member_sets = cx.code.shapes.number();
    cx.code.units = units(set.facts);
    let digest = digest(cx, set.sources.text(file));
    let head = Head {
        mapping: cx.mapping.clone(),
        was: head.was,
        source: cx.source.clone(),
        target: cx.target.clone(),
        profile: root.get("profile").and_then(Node::text).map(str::to_owned),
        params: cx.params_read.keys().cloned().collect(),
        query: cx.query.clone(),
        digest,
    };
    Some(Program { head, kind, code: std::mem::take(&mut cx.code) })
}

/// What a mapping makes: one of three.
fn kind(
    cx: &mut Context<'_>,
    scope: &scope::Scope,
    root: &Node,
    head: &header::Head,
) -> Option<ProgramKind> {
    const KINDS: [&str; 3] = ["resources", "action", "emit"];
    let mut made = KINDS.iter().filter_map(|kind| root.get(kind).map(|node| (*kind, node)));
    let Some((first, node)) = made.next() else {
        let message = "a mapping says what it makes: `resources`, `action` or `emit` is missing";
        cx.error(Code::MISSING_KEY, root.head, message);
        return None;
    };
    if let Some((_, second)) = made.next() {
        let message = "a mapping has one of `resources`, `action` and `emit`";
        let finding = Diagnostic::error(Code::BAD_FORM, second.head, message);
        cx.push(finding.label(node.head, "the other one"));
        return None;
    }
    if let Some((key, _)) = root.entry("write_back").filter(|_| first != "action") {
        let message = "only a mapping of actions writes back";
        cx.error(Code::BAD_FORM, key.span, message);
    }
    if let Some((key, _)) = root.entry("profile").filter(|_| first != "action") {
        let message = "only a mapping of actions has a profile";
        cx.error(Code::BAD_FORM, key.span, message);
    }
    match first {
        "resources" => {
            let (resources, makings) = resources::compile(cx, scope, node);
            Some(ProgramKind::Resources(resources, makings))
        }
        "action" => actions::compile(cx, scope, node, root),
        _ => emit(cx, scope, node, head),
    }
}

/// The document of an `emit` mapping, checked against the target's schema where there is one.
fn emit(
    cx: &mut Context<'_>,
    scope: &scope::Scope,
    node: &Node,
    head: &header::Head,
) -> Option<ProgramKind> {
    let object_name = head.target_object.clone().unwrap_or_else(|| cx.mapping.clone());
    let object = match &head.target_schema {
        Some(schema) => {
            let system = cx.target.clone();
            cx.object(&system, &header::schema_stem(schema), head.target_span)?
        }
        None => Arc::new(Object { open: true, ..Object::default() }),
    };
    let wanted = Field::of("the document", FieldType::Object(object));
    let document = fields::value(cx, scope, node, &wanted, true);
    Some(ProgramKind::Emit { document, object: object_name })
}

/// The smallest steps of the tenant's units of measure.
fn units(facts: &Facts) -> std::collections::BTreeMap<String, Decimal> {
    let units = facts.tenant.units.iter().flatten();
    units.map(|(name, decimals)| (name.clone(), Decimal::new(1, (*decimals).min(18)))).collect()
}

/// What tells one program from another: its text, and the facts that it depends on.
fn digest(cx: &Context<'_>, text: &str) -> Fingerprint {
    let mut digest = FingerprintOf::kind("program").text(text);
    digest = digest.text(cx.facts.currency.as_deref().unwrap_or_default());
    for (name, value) in &cx.params_read {
        digest = digest.text(name).text(value);
    }
    for (unit, step) in units(cx.facts) {
        digest = digest.text(&unit).text(&step.to_string());
    }
    digest.end()
}
