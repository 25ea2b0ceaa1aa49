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
    connector::{CallError, Class},
    plan::{WallClock, ask},
};

use super::described::described_as;

/// What a system answers when it is asked for an object.
pub(super) enum Told {
    /// Its describe.
    Described(String),
    /// It has none of this name, or none that this user sees.
    Absent,
    /// It does not tell this user.
    Refused(CallError),
}

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

    /// What a system says of an object.
    ///
    /// # Errors
    /// [`Fault::Call`] when it does not answer.
    pub(super) async fn describe(&self, system: &str, object: &str) -> Result<Told, Fault> {
        let Some((_, connected)) = self.systems.iter().find(|(name, _)| *name == system) else {
            return Ok(Told::Absent);
        };
        let name = described_as(system, object);
        match ask(&WallClock, || connected.describe(name)).await {
            Ok(bytes) => Ok(Told::Described(String::from_utf8_lossy(&bytes).into_owned())),
            Err(fault) if is_absent(&fault) => Ok(Told::Absent),
            Err(fault) if fault.class == Class::Refused => Ok(Told::Refused(fault)),
            Err(fault) => Err(fault.into()),
        }
    }
}

/// Whether a refusal says that there is no such object. Salesforce has codes for it; codes of Zuora
/// end in the category 40; and where the answer has no code, the status says it.
fn is_absent(fault: &CallError) -> bool {
    let by_code = |code: &str| match fault.system.as_str() {
        "salesforce" => ["NOT_FOUND", "INVALID_TYPE"].contains(&code),
        _ => code.len() == 8 && code.ends_with("40"),
    };
    fault.class == Class::Refused
        && fault.code.as_deref().map_or_else(|| fault.said.starts_with("HTTP 404"), by_code)
}
