//! From the text of an environment file to an environment, or to every fault of it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    Currency, Environment, Files,
    fields::{OwnField, own_fields},
    form::Form,
    services,
    tenant::{self, Tenant},
};
use crate::{
    cli::connect::FileFormat,
    compile::Param,
    diag::{FileId, Findings, SourceMap},
    syntax::{Kind, Node, Scalar, parse_yaml},
    value::parse_decimal,
};

const KEYS: &[&str] = &[
    "doc",
    "salesforce",
    "zuora",
    "file",
    "currency",
    "schemas",
    "params",
    "ledger",
    "org",
    "tenant",
];

/// Reads an environment. Paths in it count from the folder of its set.
pub(in crate::cli) fn read(
    sources: &SourceMap,
    file: FileId,
    name: &str,
    set: &Path,
    findings: &mut Findings,
) -> Option<Environment> {
    let root = parse_yaml(sources, file, findings)?;
    let mut form = Form { findings };
    form.known(&root, KEYS, "an environment");
    let form = &mut form;
    Some(Environment {
        name: name.to_owned(),
        file,
        salesforce: root.get("salesforce").and_then(|node| services::salesforce(form, node)),
        zuora: root.get("zuora").and_then(|node| services::zuora(form, node)),
        files: root.get("file").map_or_else(Files::default, |node| files(form, node, set)),
        currency: root.get("currency").and_then(|node| currency(form, node)),
        schemas: root
            .get("schemas")
            .and_then(|node| form.text(node, "`schemas`"))
            .map(|folder| set.join(folder)),
        params: root.get("params").map_or_else(BTreeMap::new, |node| params(form, node)),
        ledger: root.get("ledger").and_then(|node| form.text(node, "`ledger`")).map(PathBuf::from),
        org_fields: root.get("org").map_or_else(Vec::new, |node| org_fields(form, node)),
        tenant: root.get("tenant").map_or_else(Tenant::default, |node| tenant::read(form, node)),
    })
}

/// Reads `currency:`.
pub(in crate::cli) fn currency(form: &mut Form<'_>, node: &Node) -> Option<Currency> {
    if node.text() == Some("per_record") {
        return Some(Currency::PerRecord);
    }
    let code = node.text().unwrap_or_default();
    if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Some(Currency::One(code.to_owned()));
    }
    let message = "`currency` is `per_record`, or the one currency of the org, such as USD";
    form.fault(node.span, message);
    None
}

fn files(form: &mut Form<'_>, node: &Node, set: &Path) -> Files {
    form.known(node, &["source", "target", "format"], "`file`");
    let mut path = |key: &str| {
        let path = form.text(node.get(key)?, &format!("`{key}`"))?;
        Some(set.join(path))
    };
    let (source, target) = (path("source"), path("target"));
    let format = node.get("format").and_then(|format| {
        let word = form.word(format, &["ndjson", "json", "csv"], "`format`")?;
        FileFormat::of(&Path::new("x").with_extension(word))
    });
    Files { source, target, format }
}

/// Reads `params:`.
pub(in crate::cli) fn params(form: &mut Form<'_>, node: &Node) -> BTreeMap<String, Param> {
    let mut params = BTreeMap::new();
    for (key, value) in form.block(node, "`params`") {
        match &value.kind {
            Kind::Scalar(scalar) => drop(params.insert(key.text.clone(), param(scalar))),
            _ => form.fault(value.span, "a parameter is a text, a number, true or false"),
        }
    }
    params
}

/// What is quoted is a text, whatever it looks like.
fn param(scalar: &Scalar) -> Param {
    match scalar.text.as_str() {
        text if !scalar.plain => Param::Text(text.to_owned()),
        "true" => Param::Bool(true),
        "false" => Param::Bool(false),
        text if parse_decimal(text).is_some() => Param::Number(text.to_owned()),
        text => Param::Text(text.to_owned()),
    }
}

/// Reads `org:`.
pub(in crate::cli) fn org_fields(form: &mut Form<'_>, node: &Node) -> Vec<(String, OwnField)> {
    form.known(node, &["fields"], "`org`");
    let Some(fields) = node.get("fields") else { return Vec::new() };
    own_fields(form, fields, "`fields`")
}
