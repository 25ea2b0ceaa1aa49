//! Failures that end a run, by what has to be done about them.

use super::report::Report;
use crate::{connector::CallError, ledger::LedgerError, plan::PlanError};

/// Why nothing more is done.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The plan cannot be used.
    #[error(transparent)]
    Plan(PlanError),
    /// The ledger failed: without it no write is safe.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A system does not know us, or could not even be asked.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl From<PlanError> for ApplyError {
    /// A ledger or a system that failed while planning is no fault of the plan.
    fn from(failure: PlanError) -> Self {
        match failure {
            PlanError::Ledger(failure) => Self::Ledger(failure),
            PlanError::Call(failure) => Self::Call(failure),
            other => Self::Plan(other),
        }
    }
}

/// A run that ended before its plan did. What it intended and did not settle is looked up by the
/// next run before anything else.
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub struct Stopped {
    /// Why.
    #[source]
    pub cause: ApplyError,
    /// What was done until then, where anything was begun.
    pub report: Option<Box<Report>>,
}

impl<T: Into<ApplyError>> From<T> for Stopped {
    fn from(cause: T) -> Self {
        Self { cause: cause.into(), report: None }
    }
}
