//! Failures of planning, by what has to be done about them.

use std::path::{Path, PathBuf};

use super::totals::Unbalanced;
use crate::{connector::CallError, ledger::LedgerError};

/// A plan that could not be made, or cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A call of the source or the target failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A file could not be read or written.
    #[error("{}: {said}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        said: String,
        /// Whether there is no room left.
        full: bool,
    },
    /// A file is no plan, or none of this format.
    #[error("{}, line {line}: {said}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// What is wrong.
        said: String,
    },
    /// The end of a plan is missing.
    #[error("{} is cut off: make the plan again", path.display())]
    Cut {
        /// The file.
        path: PathBuf,
    },
    /// A plan was made by another program, or for another org or tenant.
    #[error("the plan was made for {what} `{planned}`, and this run has `{found}`: make it again")]
    Elsewhere {
        /// What differs: `mapping`, `program`, `source`, `target`.
        what: &'static str,
        /// What the plan says.
        planned: String,
        /// What there is.
        found: String,
    },
    /// Evaluation gave something that no mapping may give. A fault of this program.
    #[error("evaluation of record `{record}` gave an impossible draft: {said}")]
    Draft {
        /// The record.
        record: String,
        /// What is wrong with it.
        said: String,
    },
    /// An account does not close. A fault of this program.
    #[error(transparent)]
    Unbalanced(#[from] Unbalanced),
}

impl PlanError {
    pub(super) fn file(path: &Path, fault: &std::io::Error) -> Self {
        let full = fault.kind() == std::io::ErrorKind::StorageFull;
        Self::File { path: path.to_owned(), said: fault.to_string(), full }
    }
}
