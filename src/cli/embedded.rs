//! The emulated services, started inside this process.

use std::path::PathBuf;

use super::{
    environment::{self, Environment},
    fault::Fault,
    records::Records,
};
use crate::{
    sandbox::{Credentials, Options, Sandbox, salesforce::OwnField, serve},
    schema::{FieldType, embedded_texts},
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
            fields: records.fields_text(),
            org_fields: environment.org_fields.iter().map(own_field).collect(),
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

/// The longest text in one line; a longer one has several.
const LINE_LENGTH_MAX: u32 = 255;

/// A field that the environment says the org has, as the emulated org describes it.
fn own_field((object, written): &(String, environment::OwnField)) -> OwnField {
    let field = written.field();
    let is_long = field.length.is_some_and(|length| length > LINE_LENGTH_MAX);
    let type_name = match field.kind {
        FieldType::Bool => "boolean",
        FieldType::Integer | FieldType::Number => "double",
        FieldType::Date => "date",
        FieldType::Instant => "datetime",
        FieldType::Id => "reference",
        _ if field.values.is_some() => "picklist",
        _ if is_long => "textarea",
        _ => "string",
    };
    let values = field.values.as_ref();
    OwnField {
        object: object.clone(),
        name: field.name.clone(),
        type_name: type_name.to_owned(),
        length: field.length.or((type_name == "string").then_some(LINE_LENGTH_MAX)),
        values: values.map(|values| values.all.to_vec()).unwrap_or_default(),
        reference_to: field.references.clone(),
    }
}
