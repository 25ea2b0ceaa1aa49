//! The systems of an environment, asked to describe themselves.

use super::super::{
    connect::{self, Connected, End},
    embedded::{Embedded, Start},
    environment::Environment,
    fault::Fault,
    screen::Screen,
    session,
    set::Loaded,
};
use crate::{
    connector::Class,
    plan::{WallClock, ask},
};

/// The connected systems, by name.
pub(super) struct Live {
    systems: Vec<(&'static str, Box<dyn Connected>)>,
    /// What is embedded ends with this value; nothing of it is kept.
    _embedded: Option<Embedded>,
}

impl Live {
    /// Connects what the environment names.
    ///
    /// # Errors
    /// [`Fault`] when a secret is missing or a system cannot be used.
    pub(super) async fn connect(
        loaded: &Loaded,
        environment: &Environment,
        screen: &Screen,
    ) -> Result<Self, Fault> {
        let secrets = session::secrets(environment, &loaded.sources, screen)?;
        let embedded = match (&loaded.records, environment.is_embedded()) {
            (Some(records), true) => {
                Some(Embedded::start(environment, records, Start::default()).await?)
            }
            _ => None,
        };
        let named = [
            ("salesforce", End::Source, environment.salesforce.is_some()),
            ("zuora", End::Target, environment.zuora.is_some()),
        ];
        let mut systems = Vec::new();
        for (system, end, _) in named.into_iter().filter(|(.., named)| *named) {
            let connected =
                connect::connect(system, end, environment, &secrets, embedded.as_ref())?;
            ask(&WallClock, || connected.identity()).await?;
            systems.push((system, connected));
        }
        Ok(Self { systems, _embedded: embedded })
    }

    /// The names of the systems.
    pub(super) fn systems(&self) -> impl Iterator<Item = &'static str> {
        self.systems.iter().map(|(name, _)| *name)
    }

    /// What a system says of an object; `None` where it has none that this user sees.
    ///
    /// # Errors
    /// [`Fault::Call`] when it does not answer.
    pub(super) async fn describe(
        &self,
        system: &str,
        object: &str,
    ) -> Result<Option<String>, Fault> {
        let Some((_, connected)) = self.systems.iter().find(|(name, _)| *name == system) else {
            return Ok(None);
        };
        match ask(&WallClock, || connected.describe(object)).await {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(fault) if fault.class == Class::Refused => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }
}
