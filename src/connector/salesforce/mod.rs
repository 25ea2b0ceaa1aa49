//! Salesforce over its REST API: records by SOQL, write-back by collections.
//!
//! A [`Query`] tree enters; complete records leave, whatever way their
//! parts had to be read. Nothing is guessed from a describe: names come from the query.

mod assemble;
mod changed;
mod find;
mod own;
mod patch;
mod position;
mod read;
mod rows;
mod service;
mod soql;
mod write;

use self::service::SignIn;
use crate::{
    connector::{
        Answer, CallError, Cursor, Find, Found, Identity, Limits, Outcome, Page, Query, Source,
        Target, Write,
        http::{Base, Call, Client, Patience, Traffic, encode},
    },
    json::Members,
    secret::Secret,
};

/// The API version that is spoken when nobody names one. Any from 50.0 on answers alike.
pub const API_VERSION: &str = "64.0";

/// How to reach an org.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where tokens are given: the org's own My Domain, for client credentials are bound to it.
    pub login_url: String,
    /// Where calls go instead of the `instance_url` that the sign-in answers with.
    pub base_url: Option<String>,
    /// The API version, such as `64.0`; a leading `v` is allowed.
    pub api_version: String,
    /// The consumer key of the connected app.
    pub client_id: String,
    /// The consumer secret.
    pub client_secret: Secret,
    /// How to wait, and how fast to go.
    pub patience: Patience,
}

impl Settings {
    /// The usual way: the newest version that is known, calls to where the sign-in says.
    pub fn new(
        login_url: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: Secret,
    ) -> Self {
        Self {
            login_url: login_url.into(),
            base_url: None,
            api_version: API_VERSION.to_owned(),
            client_id: client_id.into(),
            client_secret,
            patience: Patience::default(),
        }
    }
}

/// A Salesforce org.
pub struct Salesforce {
    client: Client<SignIn>,
    /// `/services/data/v64.0`
    root: String,
}

/// Prepares a connection; nothing is sent before the first call.
///
/// # Errors
/// Class `Broken` for an address that may not be used, or a version that is none.
pub fn connect(settings: Settings) -> Result<Salesforce, CallError> {
    let version = settings.api_version.trim().trim_start_matches('v').to_owned();
    if version.is_empty() || !version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        let said = format!("`{}` is no API version such as {API_VERSION}", settings.api_version);
        return Err(service::broken("connect", said));
    }
    let login = Base::parse(service::SYSTEM, &settings.login_url)?;
    let given = settings.base_url.as_deref();
    let base = given.map(|url| Base::parse(service::SYSTEM, url)).transpose()?;
    let patience = settings.patience;
    let service = SignIn::new(settings.client_id, settings.client_secret, base);
    let client = Client::new(service, login, patience)?;
    Ok(Salesforce { client, root: format!("/services/data/v{version}") })
}

impl Salesforce {
    /// How many requests were sent so far.
    pub fn traffic(&self) -> Traffic {
        self.client.traffic()
    }

    async fn org(&self) -> Result<Identity, CallError> {
        let session = self.client.session().await?;
        let id = match session.identity {
            Some(id) => id,
            None => self.org_by_query().await?,
        };
        Ok(Identity { system: service::SYSTEM.to_owned(), id })
    }

    /// Only for services that leave the identity URL out of their token reply.
    async fn org_by_query(&self) -> Result<String, CallError> {
        let rows =
            self.rows_to_the_end("SELECT Id FROM Organization", rows::Which::Present).await?;
        let id = rows.first().and_then(|row| {
            Members::of(row).ok()?.get_text("Id").map(std::borrow::Cow::into_owned)
        });
        id.ok_or_else(|| service::broken("SELECT Id FROM Organization", "no organization answers"))
    }

    async fn described(&self, object: &str) -> Result<Vec<u8>, CallError> {
        let path = format!("{}/sobjects/{}/describe", self.root, encode(object));
        Ok(self.client.send(&Call::get(path)).await?.body.into_bytes())
    }
}

impl Source for Salesforce {
    fn identity(&self) -> Answer<'_, Identity> {
        Box::pin(self.org())
    }

    fn read<'a>(&'a self, query: &'a Query, cursor: Option<&'a Cursor>) -> Answer<'a, Page> {
        Box::pin(self.page(query, cursor))
    }

    fn describe<'a>(&'a self, object: &'a str) -> Answer<'a, Vec<u8>> {
        Box::pin(self.described(object))
    }
}

impl Target for Salesforce {
    fn limits(&self, _object: &str) -> Limits {
        Limits {
            batch_size_max: write::ROWS_PER_CALL_MAX,
            calls_in_flight_max: self.client.patience().calls_in_flight_max,
            keys_per_find_max: find::KEYS_MAX,
            settles_within: std::time::Duration::ZERO,
        }
    }

    fn find<'a>(&'a self, find: &'a Find) -> Answer<'a, Vec<Found>> {
        Box::pin(self.found(find))
    }

    fn write<'a>(&'a self, batch: &'a [Write]) -> Answer<'a, Vec<Outcome>> {
        Box::pin(self.written(batch))
    }
}
