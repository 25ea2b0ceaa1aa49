//! The `case.yaml` of a recorded case: what its mapping depended on when it was recorded.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::PathBuf,
};

use serde_json::{Map, Value, json};

use crate::{
    cli::environment::{Environment, OwnField, Tenant},
    compile::Param,
    connector::Query,
    program::{Program, ProgramKind},
};

/// The file beside the cases of a set that says which tenant they are for.
pub(super) const TENANT_FILE: &str = "tenant.yaml";

/// What a case is told of.
pub(super) struct Told<'a> {
    pub(super) record: &'a str,
    pub(super) program: &'a Program,
    pub(super) as_of: &'a str,
    pub(super) environment: &'a Environment,
    /// Whether the records of an embedded org carry their currency.
    pub(super) many_currencies: Option<bool>,
    /// The fields that the org of all cases beside it has of its own.
    pub(super) org_beside: Vec<(String, OwnField)>,
    pub(super) tenant_beside: Option<PathBuf>,
}

/// The text of the case. JSON is YAML, so values are written as JSON.
pub(super) fn case_text(told: &Told<'_>) -> String {
    let mapping = &told.program.head.mapping;
    let environment = told.environment;
    let mut out = String::new();
    let doc = format!("Recorded from {} of {}; say what it shows.", told.record, environment.name);
    let mut line = |key: &str, value: &Value| {
        let _ = writeln!(out, "{key}: {value}");
    };
    line("doc", &Value::from(doc));
    line("mapping", &Value::from(mapping.as_str()));
    line("as_of", &Value::from(told.as_of));
    line("currency", &Value::from(super::currency(environment, told.many_currencies)));
    let params = params(told);
    if !params.is_empty() {
        line("params", &Value::Object(params));
    }
    out.push_str(&org(told));
    let mut line = |key: &str, value: &Value| {
        let _ = writeln!(out, "{key}: {value}");
    };
    let is_beside = told.tenant_beside.as_ref().is_some_and(|path| path.is_file());
    let tenant = tenant(&environment.tenant);
    if !is_beside && !tenant.is_empty() {
        line("tenant", &Value::Object(tenant));
    }
    out
}

/// The parameters that the mapping has. A text that looks like a number or like true or false is
/// quoted as JSON quotes it.
fn params(told: &Told<'_>) -> Map<String, Value> {
    let value = |param: &Param| match param {
        Param::Bool(truth) => Value::Bool(*truth),
        Param::Number(number) => serde_json::from_str(number).unwrap_or_else(|_| json!(number)),
        Param::Text(text) => Value::from(text.as_str()),
    };
    let own = &told.program.head.params;
    let params = told.environment.params.iter().filter(|(name, _)| own.contains(*name));
    params.map(|(name, param)| (name.clone(), value(param))).collect()
}

/// The fields that the org has of its own in objects that the mapping reads or writes back to,
/// but for those that all cases beside this one have.
fn org(told: &Told<'_>) -> String {
    let mut objects = BTreeSet::new();
    read(&told.program.head.query, &mut objects);
    if let ProgramKind::Action(_, making) = &told.program.kind {
        let rules = making.write_back.iter().chain(&making.on_failure);
        objects.extend(rules.map(|rule| rule.object.as_str()));
    }
    let is_beside = |object: &str, field: &OwnField| {
        told.org_beside.iter().any(|(other, known)| other == object && known.name == field.name)
    };
    let mut own: BTreeMap<&str, Vec<&OwnField>> = BTreeMap::new();
    for (object, field) in &told.environment.org_fields {
        if objects.contains(object.as_str()) && !is_beside(object, field) {
            own.entry(object).or_default().push(field);
        }
    }
    let mut out = String::new();
    if !own.is_empty() {
        out.push_str("org:\n  fields:\n");
    }
    for (object, fields) in own {
        let _ = writeln!(out, "    {object}:");
        for field in fields {
            let _ = writeln!(out, "      {}: {}", field.name, field.written());
        }
    }
    out
}

/// The objects that a query reads.
fn read<'q>(query: &'q Query, all: &mut BTreeSet<&'q str>) {
    all.insert(&query.object);
    query.relations.iter().for_each(|relation| read(&relation.query, all));
}

fn tenant(tenant: &Tenant) -> Map<String, Value> {
    let mut out = Map::new();
    if let Some(units) = &tenant.units {
        out.insert("units".to_owned(), json!(units));
    }
    let lists = [
        ("currencies", &tenant.currencies),
        ("accounting_codes", &tenant.accounting_codes),
        ("tax_codes", &tenant.tax_codes),
        ("payment_terms", &tenant.payment_terms),
    ];
    for (name, list) in lists {
        if let Some(list) = list {
            out.insert(name.to_owned(), json!(list));
        }
    }
    if let Some(code) = &tenant.default_currency {
        out.insert("default_currency".to_owned(), json!(code));
    }
    let mut objects: Map<String, Value> = Map::new();
    for (object, field) in &tenant.custom_fields {
        let fields = objects.entry(object.clone()).or_insert_with(|| json!({}));
        if let Some(fields) = fields.as_object_mut() {
            fields.insert(field.name.clone(), field.written());
        }
    }
    if !objects.is_empty() {
        out.insert("custom_fields".to_owned(), Value::Object(objects));
    }
    out
}
