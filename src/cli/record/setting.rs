//! The `case.yaml` of a recorded case: what its mapping depended on when it was recorded.

use std::{fmt::Write as _, path::PathBuf};

use serde_json::{Map, Value, json};

use crate::{
    cli::environment::{Environment, Tenant},
    compile::Param,
    program::Program,
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
    if !environment.params.is_empty() {
        line("params", &params(environment));
    }
    let own = own_fields(environment);
    if !own.is_empty() {
        line("org", &json!({"fields": own}));
    }
    let is_beside = told.tenant_beside.as_ref().is_some_and(|path| path.is_file());
    let tenant = tenant(&environment.tenant);
    if !is_beside && !tenant.is_empty() {
        line("tenant", &Value::Object(tenant));
    }
    out
}

/// A text that looks like a number or like true or false is quoted as JSON quotes it.
fn params(environment: &Environment) -> Value {
    let value = |param: &Param| match param {
        Param::Bool(truth) => Value::Bool(*truth),
        Param::Number(number) => serde_json::from_str(number).unwrap_or_else(|_| json!(number)),
        Param::Text(text) => Value::from(text.as_str()),
    };
    environment.params.iter().map(|(name, param)| (name.clone(), value(param))).collect()
}

fn own_fields(environment: &Environment) -> Map<String, Value> {
    let mut objects: Map<String, Value> = Map::new();
    for (object, field) in &environment.org_fields {
        let fields = objects.entry(object.clone()).or_insert_with(|| json!({}));
        if let Some(fields) = fields.as_object_mut() {
            fields.insert(field.name.clone(), field.written());
        }
    }
    objects
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
