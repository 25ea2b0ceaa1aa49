//! A `case.yaml`: for which org and tenant a case is, and what took effect before.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value as Json};

use crate::{
    cli::{
        environment::{Environment, Form, OwnField, currency, org_fields, params, read_tenant},
        fault::Fault,
        set::read_text,
    },
    diag::{Code, Diagnostic, Findings, SourceMap, Span},
    program::{Known, KnownAction},
    syntax::{Kind, Node, Scalar, parse_yaml},
    value::{Date, parse_decimal},
};

/// The file that makes a folder a case.
pub(in crate::cli) const CASE_FILE: &str = "case.yaml";
/// The file beside the cases of a set that says which tenant they are for.
const TENANT_FILE: &str = "tenant.yaml";
/// The file beside the cases of a set that says which fields their org has of its own.
const ORG_FILE: &str = "org.yaml";
const KEYS: &[&str] =
    &["doc", "mapping", "as_of", "currency", "params", "tenant", "org", "known", "match"];
const KNOWN_KEYS: &[&str] = &["record", "sequence", "kind", "day", "rows", "result"];

/// A case as it is written.
pub(in crate::cli) struct Case {
    /// Its folder.
    pub(in crate::cli) folder: PathBuf,
    /// What it shows, in a sentence.
    pub(in crate::cli) doc: String,
    /// The mapping, by its name.
    pub(in crate::cli) mapping: String,
    /// Where it names it.
    pub(in crate::cli) mapping_span: Span,
    /// What mappings depend on.
    pub(in crate::cli) environment: Environment,
    /// What took effect before.
    known: Vec<Settled>,
    /// How exact it is.
    pub(in crate::cli) matching: Matching,
    /// All that the program depends on besides its files, as text: cases that share it share the
    /// program.
    pub(in crate::cli) setting: String,
}

/// How exact a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Matching {
    /// Nothing comes out but what is expected.
    Exact,
    /// Members that are not expected may come out too.
    Contains,
}

/// An action that took effect before.
struct Settled {
    sequence: Option<String>,
    action: KnownAction,
}

impl Case {
    /// Reads the case of a folder; faults of its text are findings.
    ///
    /// # Errors
    /// [`Fault::File`] when a file cannot be read.
    pub(in crate::cli) fn read(
        folder: &Path,
        sources: &mut SourceMap,
        findings: &mut Findings,
    ) -> Result<Option<Self>, Fault> {
        let path = folder.join(CASE_FILE);
        let text = read_text(&path)?;
        let file = sources.add(path.display().to_string(), text.as_str());
        let tenant = beside(folder, TENANT_FILE, sources, findings)?;
        let tenant = tenant.map(|root| read_tenant(&mut Form { findings }, &root));
        let org = beside(folder, ORG_FILE, sources, findings)?;
        let org = org.map(|root| org_fields(&mut Form { findings }, &root));
        let Some(root) = parse_yaml(sources, file, findings) else { return Ok(None) };
        let mut form = Form { findings };
        let form = &mut form;
        form.known(&root, KEYS, "a case");
        let doc = needed(form, &root, "doc");
        let mapping = needed(form, &root, "mapping");
        let as_of = needed(form, &root, "as_of");
        if let (Some(node), Some(day)) = (root.get("as_of"), &as_of)
            && Date::parse(day).is_err()
        {
            form.fault(node.span, "`as_of` is a day such as 2026-01-31");
        }
        let mut environment = Environment::nowhere("case", file);
        environment.currency = match root.get("currency") {
            Some(node) => currency(form, node),
            None => None,
        };
        environment.params = root.get("params").map(|node| params(form, node)).unwrap_or_default();
        environment.org_fields = org.unwrap_or_default();
        if let Some(own) = root.get("org") {
            environment.org_fields.extend(org_fields(form, own));
        }
        let own = root.get("tenant").map(|node| read_tenant(form, node)).unwrap_or_default();
        environment.tenant = own.over(tenant.unwrap_or_default());
        let known = root.get("known").map(|node| settled(form, node)).unwrap_or_default();
        let matching = match root.get("match") {
            Some(node) => matching(form, node),
            None => Matching::Exact,
        };
        let setting = format!(
            "{:?} {:?} {:?} {:?}",
            environment.currency, environment.params, environment.tenant, environment.org_fields
        );
        let (Some(doc), Some(mapping)) = (doc, mapping) else { return Ok(None) };
        let folder = folder.to_owned();
        let mapping_span = root.get("mapping").map(|node| node.span).unwrap_or_default();
        Ok(Some(Self { folder, doc, mapping, mapping_span, environment, known, matching, setting }))
    }

    /// What is known of the sequence of a record.
    pub(in crate::cli) fn known(&self, record: &str, sequences: &BTreeSet<String>) -> Known {
        let of_it = |settled: &&Settled| match &settled.sequence {
            Some(named) => sequences.contains(named),
            None => settled.action.record == record,
        };
        // Where none is named it belongs to the first sequence of its record.
        let first = sequences.first();
        let action = |settled: &Settled| KnownAction {
            sequence: settled.sequence.as_ref().or(first).cloned().unwrap_or_default(),
            ..settled.action.clone()
        };
        Known { actions: self.known.iter().filter(of_it).map(action).collect() }
    }
}

/// The fields that an org has of its own by what stands beside the cases of a set.
///
/// # Errors
/// [`Fault::File`] when the file cannot be read.
pub(in crate::cli) fn org_beside(case: &Path) -> Result<Vec<(String, OwnField)>, Fault> {
    // What is wrong with the file is said of every case.
    let mut findings = Findings::new();
    let root = beside(case, ORG_FILE, &mut SourceMap::new(), &mut findings)?;
    let findings = &mut findings;
    Ok(root.map(|root| org_fields(&mut Form { findings }, &root)).unwrap_or_default())
}

/// The mapping that a case is for, as far as its text can be read.
pub(in crate::cli) fn mapping_of(folder: &Path) -> Option<String> {
    let mut sources = SourceMap::new();
    let file = sources.add("case.yaml", read_text(&folder.join(CASE_FILE)).ok()?);
    let root = parse_yaml(&sources, file, &mut Findings::new())?;
    root.get("mapping").and_then(Node::text).map(str::to_owned)
}

/// The name of a case's folder.
pub(in crate::cli) fn name_of(folder: &Path) -> String {
    folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What a file beside the cases of a set says; nothing where there is none.
fn beside(
    folder: &Path,
    name: &str,
    sources: &mut SourceMap,
    findings: &mut Findings,
) -> Result<Option<Node>, Fault> {
    let path = folder.parent().unwrap_or(Path::new(".")).join(name);
    if !path.is_file() {
        return Ok(None);
    }
    let text = read_text(&path)?;
    let file = sources.add(path.display().to_string(), text.as_str());
    Ok(parse_yaml(sources, file, findings))
}

fn needed(form: &mut Form<'_>, root: &Node, key: &str) -> Option<String> {
    match root.get(key) {
        Some(node) => form.text(node, &format!("`{key}`")),
        None => {
            let message = format!("`{key}` is missing");
            form.findings.push(Diagnostic::error(Code::MISSING_KEY, root.head_of_long(), message));
            None
        }
    }
}

fn matching(form: &mut Form<'_>, node: &Node) -> Matching {
    match form.word(node, &["exact", "contains"], "`match`") {
        Some("contains") => Matching::Contains,
        _ => Matching::Exact,
    }
}

fn settled(form: &mut Form<'_>, node: &Node) -> Vec<Settled> {
    let Some(items) = node.list() else {
        form.fault(node.span, "`known` is a list of the actions that took effect, oldest first");
        return Vec::new();
    };
    items.iter().filter_map(|item| one(form, item)).collect()
}

fn one(form: &mut Form<'_>, node: &Node) -> Option<Settled> {
    form.known(node, KNOWN_KEYS, "an action that took effect");
    let text = |form: &mut Form<'_>, key| needed(form, node, key);
    let (record, kind, day) = (text(form, "record"), text(form, "kind"), text(form, "day"));
    let sequence = node.get("sequence").and_then(|node| form.text(node, "`sequence`"));
    let rows = match node.get("rows").map(|rows| (rows, rows.list())) {
        Some((_, Some(rows))) => rows.iter().filter_map(|row| form.text(row, "a row")).collect(),
        Some((rows, None)) => {
            form.fault(rows.span, "`rows` is a list of the ids that it consumed");
            Vec::new()
        }
        None => Vec::new(),
    };
    let result = node.get("result").map_or_else(|| Json::Object(Map::new()), json);
    let action = KnownAction {
        record: record?,
        sequence: String::new(),
        kind: kind?,
        day: day?,
        rows,
        result: result.to_string(),
    };
    Some(Settled { sequence, action })
}

/// A block of YAML as JSON; what is quoted is a text, whatever it looks like.
fn json(node: &Node) -> Json {
    match &node.kind {
        Kind::Empty => Json::Null,
        Kind::Scalar(scalar) => json_scalar(scalar),
        Kind::List(items) => Json::Array(items.iter().map(json).collect()),
        Kind::Block(entries) => {
            Json::Object(entries.iter().map(|(key, node)| (key.text.clone(), json(node))).collect())
        }
    }
}

fn json_scalar(scalar: &Scalar) -> Json {
    let text = scalar.text.as_str();
    let plain = scalar.plain.then(|| match text {
        "true" => Some(Json::Bool(true)),
        "false" => Some(Json::Bool(false)),
        _ => parse_decimal(text).and_then(|_| serde_json::from_str(text).ok()),
    });
    plain.flatten().unwrap_or_else(|| Json::from(text))
}
