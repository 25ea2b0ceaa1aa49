//! The one place where failures become text and an exit code.

use std::path::PathBuf;

use serde_json::json;

use super::screen::{Screen, style};
use crate::{
    apply::{ApplyError, Stopped},
    connector::{CallError, Class},
    ledger::LedgerError,
    plan::PlanError,
    sandbox::SandboxError,
};

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// All was done.
    Done,
    /// Done, but something stands in the way.
    Incomplete,
    /// Mapping, environment or arguments are wrong.
    Wrong,
    /// A service, a file or the ledger could not be used.
    Unusable,
    /// A fault of this program.
    Bug,
}

impl Ending {
    /// The exit code.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Incomplete => 1,
            Self::Wrong => 2,
            Self::Unusable => 3,
            Self::Bug => 70,
        }
    }
}

/// Why a command could not be done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The findings were shown already.
    #[error("{0}")]
    Found(String),
    /// An argument is wrong.
    #[error("{what}")]
    Argument {
        /// What is wrong.
        what: String,
        /// What to do.
        way_out: String,
    },
    /// A file or folder cannot be used.
    #[error("{}: {said}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        said: String,
    },
    /// The embedded services cannot be started.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A service could not be used.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The ledger could not be used.
    #[error("{fault}")]
    Ledger {
        /// Where it lies.
        place: PathBuf,
        /// What it said.
        fault: LedgerError,
    },
    /// A plan could not be made or used.
    #[error(transparent)]
    Plan(PlanError),
}

impl Fault {
    /// A fault of an argument.
    pub(super) fn argument(what: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self::Argument { what: what.into(), way_out: way_out.into() }
    }

    /// A file that cannot be used.
    pub(super) fn file(path: impl Into<PathBuf>, fault: &std::io::Error) -> Self {
        Self::File { path: path.into(), said: fault.to_string() }
    }

    /// A failure of the ledger, with its place.
    pub(super) fn of_ledger(fault: LedgerError, ledger: &std::path::Path) -> Self {
        Self::Ledger { place: ledger.to_owned(), fault }
    }

    /// A failure of planning, with the place of the ledger.
    pub(super) fn of_plan(fault: PlanError, ledger: &std::path::Path) -> Self {
        match fault {
            PlanError::Call(fault) => Self::Call(fault),
            PlanError::Ledger(fault) => Self::Ledger { place: ledger.to_owned(), fault },
            other => Self::Plan(other),
        }
    }

    /// The cause of a run that ended early, with the place of the ledger.
    pub(super) fn of_stop(stopped: Stopped, ledger: &std::path::Path) -> Self {
        match stopped.cause {
            ApplyError::Plan(fault) => Self::of_plan(fault, ledger),
            ApplyError::Ledger(fault) => Self::Ledger { place: ledger.to_owned(), fault },
            ApplyError::Call(fault) => Self::Call(fault),
        }
    }

    /// How the program ends with it.
    pub(super) fn ending(&self) -> Ending {
        match self {
            Self::Found(_) | Self::Argument { .. } => Ending::Wrong,
            Self::File { .. } | Self::Sandbox(_) | Self::Call(_) | Self::Ledger { .. } => {
                Ending::Unusable
            }
            Self::Plan(fault) => match fault {
                PlanError::Format { .. } | PlanError::Cut { .. } | PlanError::Elsewhere { .. } => {
                    Ending::Wrong
                }
                PlanError::Draft { .. } | PlanError::Unbalanced(_) => Ending::Bug,
                PlanError::File { .. } | PlanError::Call(_) | PlanError::Ledger(_) => {
                    Ending::Unusable
                }
            },
        }
    }

    /// What to do about it, where that can be said.
    fn way_out(&self) -> Option<String> {
        match self {
            Self::Argument { way_out, .. } => Some(way_out.clone()),
            Self::Call(fault) => way_out_of_call(fault),
            Self::Sandbox(SandboxError::OtherState { path, .. }) => Some(format!(
                "the records are others than those that it was made from. To begin anew, delete \
                 {}; to keep it, name another folder with --state",
                path.display()
            )),
            Self::Ledger { place, fault } => way_out_of_ledger(place, fault),
            Self::Plan(PlanError::File { full: true, .. }) => {
                Some("make room on the disk, then run again".into())
            }
            Self::Plan(PlanError::Draft { .. } | PlanError::Unbalanced(_)) => {
                Some("this is a fault of crosswalk: please report it with this message".into())
            }
            _ => None,
        }
    }
}

fn way_out_of_call(fault: &CallError) -> Option<String> {
    let text = match fault.class {
        Class::SignIn => format!(
            "check the client id and the secret of {} that the environment names, and that they \
             belong to this host",
            fault.system
        ),
        Class::Wait => {
            "run again later: what was done is in the ledger, and nothing is sent twice".to_owned()
        }
        Class::UnknownFate => "run again: the next run looks up first what became of it".to_owned(),
        Class::Broken if fault.code.is_none() && fault.system != "file" => {
            format!("check the address of {} in the environment, and the network", fault.system)
        }
        Class::Broken | Class::Refused => return None,
    };
    Some(text)
}

fn way_out_of_ledger(place: &std::path::Path, fault: &LedgerError) -> Option<String> {
    match fault {
        LedgerError::Elsewhere { .. } => Some(format!(
            "what this ledger knows is of no use there. If it is meant to be another one, delete \
             or move {}, or name another with --ledger: what is there already is adopted, not \
             made twice",
            place.display()
        )),
        LedgerError::Newer { .. } => Some("use a newer crosswalk, or another --ledger".into()),
        LedgerError::Broken { .. } => Some(
            "restore it from a copy, or delete it: what is in the target is adopted again".into(),
        ),
        _ => None,
    }
}

/// Shows a failure.
pub(super) fn show(fault: &Fault, screen: &Screen) {
    let way_out = fault.way_out();
    if screen.is_json() {
        screen.json(&json!({
            "format": "crosswalk-error/1",
            "exit_code": fault.ending().code(),
            "message": fault.to_string(),
            "next_step": way_out,
        }));
        return;
    }
    if let Fault::Found(said) = fault {
        screen.tell(&style::paint(style::BOLD, said));
        return;
    }
    screen.tell(&format!("{} {fault}", style::paint(style::RED, "error:")));
    if let Some(way_out) = way_out {
        screen.tell(&format!("{} {way_out}", style::paint(style::BOLD, "help:")));
    }
}
