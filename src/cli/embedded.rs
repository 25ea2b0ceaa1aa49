//! The emulated services, started inside this process.

use std::{borrow::Cow, path::PathBuf};

use serde_json::{Map, Value, json};

use super::{environment::Environment, fault::Fault, records::Records};
use crate::{
    sandbox::{Credentials, Options, Sandbox, serve},
    schema::{Field, FieldType, embedded_texts},
    secret::Secret,
};

/// The client id of both services.
pub(super) const CLIENT_ID: &str = "crosswalk";
/// The secret of both services where none is given. It protects nothing: the services listen on
/// this machine alone, and hold what they were loaded with.
pub(super) const CLIENT_SECRET: &str = "embedded";

/// How the services are started.
#[derive(Debug, Default)]
pub(super) struct Start {
    /// The folder for what is written.
    pub(super) state: Option<PathBuf>,
    /// The file for one line per request.
    pub(super) request_log: Option<PathBuf>,
    /// The port of Salesforce; 0 takes any.
    pub(super) salesforce_port: u16,
    /// The port of Zuora; 0 takes any.
    pub(super) zuora_port: u16,
    /// The secret that a Salesforce client must show.
    pub(super) salesforce_secret: Option<String>,
    /// The secret that a Zuora client must show.
    pub(super) zuora_secret: Option<String>,
}

/// Both services. They end with it.
pub(super) struct Embedded {
    sandbox: Sandbox,
    salesforce_secret: String,
    zuora_secret: String,
}

impl Embedded {
    /// Starts both services, with the records of the org and the tenant of the environment.
    ///
    /// # Errors
    /// [`Fault`] when a record, a port or the folder for the state cannot be used.
    pub(super) async fn start(
        environment: &Environment,
        records: &Records,
        start: Start,
    ) -> Result<Self, Fault> {
        let or_usual = |secret: Option<String>| secret.unwrap_or_else(|| CLIENT_SECRET.to_owned());
        let salesforce_secret = or_usual(start.salesforce_secret);
        let zuora_secret = or_usual(start.zuora_secret);
        if let Some(state) = &start.state {
            std::fs::create_dir_all(state).map_err(|fault| Fault::file(state, &fault))?;
        }
        let credentials = |secret: &str| Credentials {
            client_id: CLIENT_ID.to_owned(),
            client_secret: secret.to_owned(),
        };
        let options = Options {
            salesforce_objects: embedded_texts("salesforce"),
            zuora_schemas: embedded_texts("zuora"),
            records: records.read()?,
            fields: fields_of_org(environment, records)?,
            tenant: environment.tenant.emulated(),
            state: start.state,
            request_log: start.request_log,
            salesforce_port: start.salesforce_port,
            zuora_port: start.zuora_port,
            salesforce_credentials: credentials(&salesforce_secret),
            zuora_credentials: credentials(&zuora_secret),
        };
        let sandbox = serve(options).await?;
        Ok(Self { sandbox, salesforce_secret, zuora_secret })
    }

    /// Address, client id and secret of Salesforce.
    pub(super) fn salesforce(&self) -> (&str, &'static str, Secret) {
        let secret = Secret::new(&self.salesforce_secret);
        (self.sandbox.salesforce_url(), CLIENT_ID, secret)
    }

    /// Address, client id and secret of Zuora.
    pub(super) fn zuora(&self) -> (&str, &'static str, Secret) {
        (self.sandbox.zuora_url(), CLIENT_ID, Secret::new(&self.zuora_secret))
    }

    /// Stops both, and waits a little for requests under way.
    pub(super) async fn stop(self) {
        self.sandbox.stop().await;
    }
}

/// The fields that the org has of its own: those that its folder lists, and those of the
/// environment.
fn fields_of_org(
    environment: &Environment,
    records: &Records,
) -> Result<Option<Cow<'static, str>>, Fault> {
    let listed = records.fields_text();
    if environment.org_fields.is_empty() {
        return Ok(listed);
    }
    let mut all: Map<String, Value> = match &listed {
        Some(text) => serde_json::from_str(text)
            .map_err(|fault| Fault::argument(format!("_fields.json: {fault}"), "correct it"))?,
        None => Map::new(),
    };
    // Without a list the org is known by its records to have many currencies.
    if listed.is_none() && records.many_currencies {
        all.insert(
            "Contract".to_owned(),
            json!({"fields": {"CurrencyIsoCode": {"type": "picklist"}}}),
        );
    }
    for (object, field) in &environment.org_fields {
        let object = all.entry(object.clone()).or_insert_with(|| json!({}));
        let Some(object) = object.as_object_mut() else { continue };
        let fields = object.entry("fields").or_insert_with(|| json!({}));
        if let Some(fields) = fields.as_object_mut() {
            fields.entry(field.name.clone()).or_insert_with(|| as_listed(&field.field()));
        }
    }
    Ok(Some(Cow::Owned(Value::Object(all).to_string())))
}

/// A field as `_fields.json` lists it.
fn as_listed(field: &Field) -> Value {
    let kind = match field.kind {
        FieldType::Bool => "boolean",
        FieldType::Integer => "int",
        FieldType::Number => "double",
        FieldType::Date => "date",
        FieldType::Instant => "datetime",
        FieldType::Id => "reference",
        _ => "string",
    };
    let targets: Vec<&String> = field.references.iter().collect();
    json!({"type": kind, "length": field.length, "referenceTo": targets})
}
