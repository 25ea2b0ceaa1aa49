//! Emulated Salesforce and Zuora over real HTTP on loopback.
//!
//! A house of its own: it names nothing of the rest of the crate. Both sides of the wire are
//! written from the services' documentation, so that a wrong belief cannot cancel itself out.

pub mod data;
pub mod salesforce;
pub mod wire;
pub mod zuora;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

pub use wire::SandboxError;
use wire::request_log::{LoggedService, RequestLog};
use wire::server::Server;

/// What both services start with.
#[derive(Debug)]
pub struct Options {
    /// Object name and describe-shaped JSON, one for each object that the org knows.
    pub salesforce_objects: Vec<(String, Cow<'static, str>)>,
    /// Object name and JSON Schema, one for each object that the tenant takes.
    pub zuora_schemas: Vec<(String, Cow<'static, str>)>,
    /// Object name and records as JSON lines.
    pub records: Vec<(String, Cow<'static, str>)>,
    /// The record folder's `_fields.json`, when there is one.
    pub fields: Option<Cow<'static, str>>,
    /// Further fields that the org has of its own.
    pub org_fields: Vec<salesforce::OwnField>,
    /// How the tenant is configured.
    pub tenant: zuora::Tenant,
    /// A directory for what is written; in memory when `None`.
    pub state: Option<PathBuf>,
    /// A file for one JSON line per request.
    pub request_log: Option<PathBuf>,
    /// Loopback port of Salesforce; 0 takes any.
    pub salesforce_port: u16,
    /// Loopback port of Zuora; 0 takes any.
    pub zuora_port: u16,
    /// What a Salesforce client must show.
    pub salesforce_credentials: Credentials,
    /// What a Zuora client must show.
    pub zuora_credentials: Credentials,
}

/// Both services, listening. They end when it is dropped.
#[derive(Debug)]
pub struct Sandbox {
    salesforce: Server,
    zuora: Server,
    salesforce_service: Arc<salesforce::Service>,
    zuora_service: Arc<zuora::Service>,
}

/// Starts both services on 127.0.0.1; they listen when this returns.
///
/// # Errors
/// A description, schema or record that is not usable, a file that cannot be used, a state
/// directory of other records, or a port that cannot be had.
pub async fn serve(options: Options) -> Result<Sandbox, SandboxError> {
    let log = options.request_log.as_deref().map(RequestLog::open).transpose()?;
    let logged = |system| log.clone().map(|log| LoggedService { log, system });
    let contents = salesforce::Contents {
        objects: &options.salesforce_objects,
        records: &options.records,
        fields: options.fields.as_deref(),
        own_fields: &options.org_fields,
    };
    let state = options.state.as_deref();
    let salesforce_service =
        salesforce::Service::open(&contents, options.salesforce_credentials, state)?;
    let zuora_service = zuora::Service::open(
        &options.zuora_schemas,
        options.tenant,
        options.zuora_credentials,
        state,
    )?;
    let router = salesforce::router(Arc::clone(&salesforce_service));
    let salesforce = Server::start(router, options.salesforce_port, logged("salesforce")).await?;
    let router = zuora::router(Arc::clone(&zuora_service));
    let zuora = Server::start(router, options.zuora_port, logged("zuora")).await?;
    Ok(Sandbox { salesforce, zuora, salesforce_service, zuora_service })
}

impl Sandbox {
    /// Where Salesforce listens, `http://127.0.0.1:port`.
    #[must_use]
    pub fn salesforce_url(&self) -> &str {
        self.salesforce.url()
    }

    /// Where Zuora listens, `http://127.0.0.1:port`.
    #[must_use]
    pub fn zuora_url(&self) -> &str {
        self.zuora.url()
    }

    /// The Salesforce behind the wire: faults, expiry, stored records.
    #[must_use]
    pub const fn salesforce(&self) -> &Arc<salesforce::Service> {
        &self.salesforce_service
    }

    /// The Zuora behind the wire.
    #[must_use]
    pub const fn zuora(&self) -> &Arc<zuora::Service> {
        &self.zuora_service
    }

    /// Stops both, and waits a little for requests in flight.
    pub async fn stop(self) {
        tokio::join!(self.salesforce.stop(), self.zuora.stop());
    }
}

/// What a client must show to get a token.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// Consumer key or client id.
    pub client_id: String,
    /// Consumer secret or client secret.
    pub client_secret: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Credentials")
            .field("client_id", &self.client_id)
            .field("client_secret", &"***")
            .finish()
    }
}
