//! The one place that names connectors and the ledger's store.

use std::{num::NonZeroU32, path::Path, time::Duration};

use super::{
    embedded::Embedded,
    environment::{Environment, SalesforceService, Speed, System, ZuoraService},
    fault::Fault,
};
/// The formats of files.
pub(super) use crate::connector::file::Format as FileFormat;
use crate::{
    connector::{
        Target,
        file::Folder,
        http::{Base, Patience, Traffic},
        salesforce::{self, Salesforce},
        zuora::{self, Zuora},
    },
    diag::Findings,
    ledger::{Ledger, sqlite::Sqlite},
    secret::Secret,
};

/// A connected system that knows how many requests it has sent.
pub(super) trait Connected: Target {
    /// The requests so far.
    fn traffic(&self) -> Traffic;
    /// The contract, for those who need no more.
    fn target(&self) -> &dyn Target;
}

macro_rules! connected {
    ($($connector:ty),*) => {$(
        impl Connected for $connector {
            fn traffic(&self) -> Traffic {
                self.traffic()
            }

            fn target(&self) -> &dyn Target {
                self
            }
        }
    )*};
}
connected!(Salesforce, Zuora, Folder);

/// Which end of a mapping a system is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It is read.
    Source,
    /// It is written.
    Target,
}

/// The secrets of an environment, looked up.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    salesforce: Option<(Secret, Secret)>,
    zuora: Option<(Secret, Secret)>,
}

/// Whether an address may be used at all; `Err` says why not.
pub(super) fn check_address(url: &str) -> Result<(), String> {
    Base::parse("service", url).map(drop).map_err(|fault| fault.said)
}

/// Looks up the secrets of an environment. A variable that is not set is a finding.
pub(super) fn secrets(
    environment: &Environment,
    variable: &dyn Fn(&str) -> Option<String>,
    findings: &mut Findings,
) -> Secrets {
    let mut secrets = Secrets::default();
    if let Some(System::Service(service)) = &environment.salesforce {
        let id = service.client_id.resolve(variable, findings);
        secrets.salesforce = id.zip(service.client_secret.resolve(variable, findings));
    }
    if let Some(System::Service(service)) = &environment.zuora {
        let id = service.client_id.resolve(variable, findings);
        secrets.zuora = id.zip(service.client_secret.resolve(variable, findings));
    }
    secrets
}

/// Connects a system of an environment; nothing is sent yet.
///
/// # Errors
/// [`Fault::Argument`] when the environment does not say where it is, [`Fault::Call`] when it
/// cannot be used.
pub(super) fn connect(
    system: &str,
    end: End,
    environment: &Environment,
    secrets: &Secrets,
    embedded: Option<&Embedded>,
) -> Result<Box<dyn Connected>, Fault> {
    let connected: Box<dyn Connected> = match system {
        "salesforce" => match (&environment.salesforce, embedded, &secrets.salesforce) {
            (Some(System::Embedded), Some(embedded), _) => Box::new(embedded_salesforce(embedded)?),
            (Some(System::Service(service)), _, Some(secrets)) => {
                Box::new(salesforce::connect(salesforce_settings(service, secrets))?)
            }
            _ => return Err(nowhere(system, environment)),
        },
        "zuora" => match (&environment.zuora, embedded, &secrets.zuora) {
            (Some(System::Embedded), Some(embedded), _) => Box::new(embedded_zuora(embedded)?),
            (Some(System::Service(service)), _, Some(secrets)) => {
                Box::new(zuora::connect(zuora_settings(service, secrets))?)
            }
            _ => return Err(nowhere(system, environment)),
        },
        "file" => {
            let files = &environment.files;
            let folder = if end == End::Source { &files.source } else { &files.target };
            let folder = folder.as_ref().ok_or_else(|| nowhere(system, environment))?;
            Box::new(Folder::open(folder, files.format.unwrap_or(FileFormat::Ndjson))?)
        }
        _ => return Err(nowhere(system, environment)),
    };
    Ok(connected)
}

/// Opens one file to be read.
///
/// # Errors
/// [`Fault::Call`] when there is none, or its name does not tell its format.
pub(super) fn open_file(path: &Path) -> Result<Box<dyn Connected>, Fault> {
    Ok(Box::new(Folder::open(path, FileFormat::Ndjson)?))
}

fn nowhere(system: &str, environment: &Environment) -> Fault {
    Fault::argument(
        format!("the environment `{}` does not say where {system} is", environment.name),
        format!("add `{system}:` to it"),
    )
}

/// Opens the ledger for a run.
///
/// # Errors
/// [`Fault::Ledger`] when it cannot be used.
pub(super) fn open_ledger(path: &Path) -> Result<Box<dyn Ledger>, Fault> {
    let opened = Sqlite::open(path);
    let ledger = opened.map_err(|fault| Fault::Ledger { place: path.to_owned(), fault })?;
    Ok(Box::new(ledger))
}

fn embedded_salesforce(embedded: &Embedded) -> Result<Salesforce, Fault> {
    let (url, id, secret) = embedded.salesforce();
    let patience = impatient();
    let settings = salesforce::Settings::new(url, id, secret);
    Ok(salesforce::connect(salesforce::Settings { patience, ..settings })?)
}

fn embedded_zuora(embedded: &Embedded) -> Result<Zuora, Fault> {
    let (url, id, secret) = embedded.zuora();
    let patience = impatient();
    // The embedded service ends with this process, and what was under way ends with it.
    let orders_settle_within = Duration::ZERO;
    let settings = zuora::Settings::new(url, id, secret);
    Ok(zuora::connect(zuora::Settings { patience, orders_settle_within, ..settings })?)
}

/// The embedded services belong to this process alone: nobody else needs a share of them.
fn impatient() -> Patience {
    let speed = Speed { calls_per_second: Some(10_000), tries: None };
    Patience { wait_first: Duration::from_millis(20), ..patience(speed) }
}

fn patience(speed: Speed) -> Patience {
    let usual = Patience::default();
    let calls_per_second_max = speed.calls_per_second.and_then(NonZeroU32::new);
    let tries_max = speed.tries.and_then(|tries| usize::try_from(tries).ok());
    Patience {
        calls_per_second_max: calls_per_second_max.unwrap_or(usual.calls_per_second_max),
        tries_max: tries_max.unwrap_or(usual.tries_max),
        ..usual
    }
}

fn salesforce_settings(
    service: &SalesforceService,
    (id, secret): &(Secret, Secret),
) -> salesforce::Settings {
    let usual = salesforce::Settings::new(&service.login_url, id.reveal(), secret.clone());
    salesforce::Settings {
        base_url: service.base_url.clone(),
        api_version: service.api_version.clone().unwrap_or_else(|| usual.api_version.clone()),
        patience: patience(service.speed),
        ..usual
    }
}

fn zuora_settings(service: &ZuoraService, (id, secret): &(Secret, Secret)) -> zuora::Settings {
    zuora::Settings {
        entity_id: service.entity_id.clone(),
        org_ids: service.org_ids.clone(),
        patience: patience(service.speed),
        ..zuora::Settings::new(&service.base_url, id.reveal(), secret.clone())
    }
}
