//! Zuora over its REST API: the catalog by Actions and CRUD, accounts and orders by the v1 API, what
//! is there by ZOQL.
//!
//! Values are given back in the vocabulary in which they are written (see `spelling`), so that
//! what was written compares equal to what is found.

mod accounts;
mod billing_defaults;
mod currencies;
mod fault;
mod find;
mod orders;
mod read;
mod related;
mod rows;
mod service;
mod spelling;
mod tiers;
mod write;
mod zoql;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use self::service::SignIn;
use crate::{
    connector::{
        Answer, CallError, Class, Cursor, Find, Found, Identity, Limits, Outcome, Page, Preview,
        Query, Source, Target, Write,
        http::{Base, Call, Client, Effect, Method, Patience, Reply, Traffic, encode},
    },
    secret::Secret,
};

/// The newest version of the API; from 2024-05-20 on a failure has a status of its own.
pub const ZUORA_VERSION: &str = "2025-08-12";

/// The version of the object model. From 133 on it has `ProductNumber`, `ProductRatePlanNumber`
/// and `ProductRatePlanChargeNumber`; naming a field below its version is an error.
pub const WSDL_VERSION: &str = "133";

/// The name of the system.
const SYSTEM: &str = "zuora";

/// How to reach a tenant.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address of the data centre: `https://rest.na.zuora.com`.
    pub base_url: String,
    /// The id of the OAuth client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// The version of the API: [`ZUORA_VERSION`].
    pub zuora_version: String,
    /// The version of the object model: [`WSDL_VERSION`].
    pub wsdl_version: String,
    /// The entity, in a tenant with several; one id.
    pub entity_id: Option<String>,
    /// The organizations, in a tenant with several; their ids with commas between.
    pub org_ids: Option<String>,
    /// How to wait, and how fast to go.
    pub patience: Patience,
    /// How long an order whose answer was lost may still come about: 120 s, as Zuora says.
    pub orders_settle_within: Duration,
}

impl Settings {
    /// The usual way: the newest versions that are known, one entity.
    pub fn new(
        base_url: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: Secret,
    ) -> Self {
        Self {
            base_url: base_url.into(),
            client_id: client_id.into(),
            client_secret,
            zuora_version: ZUORA_VERSION.to_owned(),
            wsdl_version: WSDL_VERSION.to_owned(),
            entity_id: None,
            org_ids: None,
            patience: Patience::default(),
            orders_settle_within: orders::SETTLES_WITHIN,
        }
    }
}

/// A Zuora tenant.
pub struct Zuora {
    client: Client<SignIn>,
    headers: Vec<(&'static str, String)>,
    wsdl_version: String,
    orders_settle_within: Duration,
    /// What tells the calls of this run from those of other ones, for Zuora's support.
    run: String,
    calls: AtomicU64,
}

/// Prepares a connection; nothing is sent before the first call.
///
/// # Errors
/// Class `Broken` for an address that may not be used.
pub fn connect(settings: Settings) -> Result<Zuora, CallError> {
    let base = Base::parse(SYSTEM, &settings.base_url)?;
    let service = SignIn::new(settings.client_id, settings.client_secret);
    let client = Client::new(service, base, settings.patience)?;
    let mut headers = vec![("zuora-version", settings.zuora_version)];
    headers.extend(settings.entity_id.map(|id| ("zuora-entity-ids", id)));
    headers.extend(settings.org_ids.map(|ids| ("zuora-org-ids", ids)));
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let run = format!("{:x}", since_epoch.unwrap_or_default().as_micros());
    let calls = AtomicU64::new(0);
    let orders_settle_within = settings.orders_settle_within;
    Ok(Zuora {
        client,
        headers,
        orders_settle_within,
        wsdl_version: settings.wsdl_version,
        run,
        calls,
    })
}

impl Zuora {
    /// How many requests were sent so far.
    pub fn traffic(&self) -> Traffic {
        self.client.traffic()
    }

    /// Sends a call with the headers that all calls have.
    async fn send(&self, mut call: Call) -> Result<Reply, CallError> {
        call.headers.extend(self.headers.iter().cloned());
        if call.path.starts_with("/v1/object/") || call.path.starts_with("/v1/action/") {
            call.headers.push(("x-zuora-wsdl-version", self.wsdl_version.clone()));
        }
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        call.headers.push(("zuora-track-id", format!("crosswalk-{}-{number}", self.run)));
        self.client.send(&call).await
    }

    /// Sends a write, with fields that Zuora does not know refused instead of ignored.
    async fn send_write(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> Result<Reply, CallError> {
        let path = format!("{path}?rejectUnknownFields=true");
        self.send(Call::json(Effect::Write, method, path, body)).await
    }

    async fn tenant(&self) -> Result<Identity, CallError> {
        let session = self.client.session().await?;
        // A token without a tenant in its scope still belongs to one host.
        let id = session.identity.unwrap_or_else(|| self.client.host().to_owned());
        Ok(Identity { system: SYSTEM.to_owned(), id })
    }

    async fn described(&self, object: &str) -> Result<Vec<u8>, CallError> {
        let reply = self.send(Call::get(format!("/v1/describe/{}", encode(object)))).await?;
        Ok(reply.body.into_bytes())
    }
}

/// An error for what came back and cannot be understood, or was never sent.
fn broken(call: impl Into<String>, said: impl Into<String>) -> CallError {
    failed(Class::Broken, call, said)
}

fn failed(class: Class, call: impl Into<String>, said: impl Into<String>) -> CallError {
    CallError {
        class,
        system: SYSTEM.to_owned(),
        call: call.into(),
        said: said.into(),
        code: None,
        retry_after: None,
    }
}

impl Source for Zuora {
    fn identity(&self) -> Answer<'_, Identity> {
        Box::pin(self.tenant())
    }

    fn read<'a>(&'a self, query: &'a Query, cursor: Option<&'a Cursor>) -> Answer<'a, Page> {
        Box::pin(self.page(query, cursor))
    }

    fn describe<'a>(&'a self, object: &'a str) -> Answer<'a, Vec<u8>> {
        Box::pin(self.described(object))
    }
}

impl Target for Zuora {
    fn limits(&self, object: &str) -> Limits {
        if orders::has(object) {
            return Limits {
                batch_size_max: orders::OBJECTS_PER_CALL_MAX,
                calls_in_flight_max: self.client.patience().calls_in_flight_max,
                keys_per_find_max: orders::KEYS_PER_FIND_MAX,
                settles_within: self.orders_settle_within,
            };
        }
        let of_accounts = accounts::has(object).then_some(accounts::OBJECTS_PER_CALL_MAX);
        Limits {
            batch_size_max: of_accounts.unwrap_or(write::OBJECTS_PER_CALL_MAX),
            calls_in_flight_max: self.client.patience().calls_in_flight_max,
            keys_per_find_max: zoql::CONDITIONS_MAX,
            settles_within: std::time::Duration::ZERO,
        }
    }

    fn find<'a>(&'a self, find: &'a Find) -> Answer<'a, Vec<Found>> {
        Box::pin(self.found(find))
    }

    fn write<'a>(&'a self, batch: &'a [Write]) -> Answer<'a, Vec<Outcome>> {
        Box::pin(self.written(batch))
    }

    fn preview<'a>(&'a self, write: &'a Write) -> Answer<'a, Option<Preview>> {
        Box::pin(async move {
            match orders::has(&write.object) {
                true => self.order_preview(write).await.map(Some),
                false => Ok(None),
            }
        })
    }

    fn results<'a>(
        &'a self,
        object: &'a str,
        ids: &'a [String],
    ) -> Answer<'a, Vec<Option<String>>> {
        Box::pin(async move {
            match orders::has(object) {
                true => self.order_results(ids).await,
                false => Ok(ids.iter().map(|_| None).collect()),
            }
        })
    }
}
