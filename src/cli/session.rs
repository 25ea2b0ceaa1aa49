//! What a run stands on: a set without errors, its systems connected, and its ledger open.

use std::path::{Path, PathBuf};

use super::{
    args::Keep,
    connect::{self, Connected, End, Secrets},
    embedded::{Embedded, Start},
    environment::Environment,
    fault::Fault,
    findings,
    records::Records,
    screen::Screen,
    set::Loaded,
};
use crate::{
    connector::http::Traffic,
    diag::{Findings, SourceMap},
    ledger::Ledger,
    plan::{WallClock, ask},
    program::Program,
};

/// The folder for all that is remembered, in the folder where crosswalk is started.
pub(super) const KEPT: &str = ".crosswalk";

/// Where things are kept.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    /// The folder for all of it.
    pub(super) folder: PathBuf,
    /// The ledger.
    pub(super) ledger: PathBuf,
}

/// A set that may run, in its environment.
pub(super) struct Session {
    /// The programs, in the order in which they run.
    pub(super) programs: Vec<Program>,
    /// The environment.
    pub(super) environment: Environment,
    /// Where things are kept.
    pub(super) kept: Kept,
    /// Whether the records that an embedded org is loaded with carry their currency.
    pub(super) many_currencies: Option<bool>,
    secrets: Secrets,
    embedded: Option<Embedded>,
}

/// The two systems of a program, and the ledger.
pub(super) struct Systems {
    pub(super) source: Box<dyn Connected>,
    pub(super) target: Box<dyn Connected>,
    pub(super) ledger: Box<dyn Ledger>,
}

impl Session {
    /// Refuses a set with errors, looks up the secrets, and starts the embedded services.
    ///
    /// # Errors
    /// [`Fault`] when something is wrong or missing; nothing was written then.
    pub(super) async fn open(loaded: Loaded, keep: &Keep, screen: &Screen) -> Result<Self, Fault> {
        findings::refuse(&loaded.findings, &loaded.sources, screen)?;
        let name = loaded.set.name();
        let Loaded { sources, environment, records, programs, .. } = loaded;
        let Some(environment) = environment else {
            return Err(Fault::argument(
                "no environment was named, and the set has none that is called `embedded`",
                "name one with --env",
            ));
        };
        let secrets = secrets(&environment, &sources, screen)?;
        let kept = Kept::of(&name, &environment, records.as_ref(), keep);
        let many_currencies = records.as_ref().map(|records| records.many_currencies);
        let embedded = match (&records, environment.is_embedded()) {
            (Some(records), true) => {
                let state = Some(kept.folder.join("services"));
                let request_log = keep.request_log.clone();
                let start = Start { state, request_log, ..Start::default() };
                Some(Embedded::start(&environment, records, start).await?)
            }
            _ => None,
        };
        Ok(Self { programs, environment, kept, many_currencies, secrets, embedded })
    }

    /// Connects the systems of a program, signs in to both, and opens the ledger.
    ///
    /// # Errors
    /// [`Fault`] when one of them cannot be used. The ledger is touched last.
    pub(super) async fn connect(&self, program: &Program) -> Result<Systems, Fault> {
        let connect = |system: &str, end| {
            let embedded = self.embedded.as_ref();
            connect::connect(system, end, &self.environment, &self.secrets, embedded)
        };
        let source = connect(&program.head.source, End::Source)?;
        let target = connect(&program.head.target, End::Target)?;
        ask(&WallClock, || source.identity()).await?;
        ask(&WallClock, || target.identity()).await?;
        make_folder(self.kept.ledger.parent())?;
        let ledger = connect::open_ledger(&self.kept.ledger)?;
        Ok(Systems { source, target, ledger })
    }

    /// Connects the source of a program.
    ///
    /// # Errors
    /// [`Fault`] when the environment does not say where it is.
    pub(super) fn connect_source(&self, program: &Program) -> Result<Box<dyn Connected>, Fault> {
        let (system, embedded) = (&program.head.source, self.embedded.as_ref());
        connect::connect(system, End::Source, &self.environment, &self.secrets, embedded)
    }

    /// Connects the source of a program that makes documents, and names the file for them.
    ///
    /// # Errors
    /// [`Fault`] when the environment does not say where one of them is.
    pub(super) fn connect_for_documents(
        &self,
        program: &Program,
        object: &str,
    ) -> Result<(Box<dyn Connected>, PathBuf), Fault> {
        let source = self.connect_source(program)?;
        let Some(folder) = &self.environment.files.target else {
            return Err(Fault::argument(
                format!(
                    "the environment `{}` does not say where documents go",
                    self.environment.name
                ),
                "add `file: { target: ./out }` to it, or use --source and --target",
            ));
        };
        make_folder(Some(folder))?;
        Ok((source, folder.join(format!("{object}.ndjson"))))
    }

    /// Ends the embedded services.
    pub(super) async fn close(self) {
        if let Some(embedded) = self.embedded {
            embedded.stop().await;
        }
    }

    /// The file of the last plan of a mapping.
    ///
    /// # Errors
    /// [`Fault::File`] when its folder cannot be made.
    pub(super) fn plan_file(&self, program: &Program) -> Result<PathBuf, Fault> {
        make_folder(Some(&self.kept.folder))?;
        Ok(self.kept.folder.join(format!("{}.plan", program.head.mapping)))
    }
}

impl Systems {
    /// The requests to both systems so far.
    pub(super) fn traffic(&self) -> Traffic {
        let (source, target) = (self.source.traffic(), self.target.traffic());
        Traffic {
            reads: source.reads + target.reads,
            writes: source.writes + target.writes,
            sign_ins: source.sign_ins + target.sign_ins,
        }
    }
}

impl Kept {
    /// Where the runs of a set in an environment keep things: embedded orgs that are loaded with
    /// different records are different orgs, and have a folder each.
    pub(super) fn of(
        set: &str,
        environment: &Environment,
        records: Option<&Records>,
        keep: &Keep,
    ) -> Self {
        let usual = || {
            let folder = Path::new(KEPT).join(set).join(&environment.name);
            records.map_or_else(|| folder.clone(), |records| folder.join(&records.name))
        };
        let folder = keep.state.clone().unwrap_or_else(usual);
        let named = keep.ledger.clone().or_else(|| environment.ledger.clone());
        Self { ledger: named.unwrap_or_else(|| folder.join("ledger.db")), folder }
    }
}

/// Looks up the secrets of an environment, and refuses it when one is missing.
/// The secrets of an environment, looked up in the variables of the process.
///
/// # Errors
/// [`Fault::Found`] when one is missing.
pub(super) fn secrets(
    environment: &Environment,
    sources: &SourceMap,
    screen: &Screen,
) -> Result<Secrets, Fault> {
    let mut missing = Findings::new();
    let variable = |name: &str| std::env::var(name).ok();
    let secrets = connect::secrets(environment, &variable, &mut missing);
    findings::refuse(&missing.into_sorted(), sources, screen)?;
    Ok(secrets)
}

fn make_folder(folder: Option<&Path>) -> Result<(), Fault> {
    let Some(folder) = folder.filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    std::fs::create_dir_all(folder).map_err(|fault| Fault::file(folder, &fault))
}
