//! What goes wrong inside the store, and what it means outside.

use rusqlite::{ErrorCode, ffi};

use crate::ledger::LedgerError;

/// Why a call did not work, before it is known which ledger it was.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The call asked for what the laws of ledgers forbid.
    #[error(transparent)]
    Refused(#[from] LedgerError),
    /// SQLite could not do it.
    #[error(transparent)]
    Store(#[from] rusqlite::Error),
    /// What a row holds cannot be read.
    #[error("{0}")]
    Damaged(String),
}

impl Fault {
    /// The failure as the caller sees it.
    pub(super) fn at(&self, place: &str) -> LedgerError {
        let place = place.to_owned();
        match self {
            Self::Refused(refusal) => refusal.clone(),
            Self::Store(rusqlite::Error::SqliteFailure(failure, _)) if is_locked(failure) => {
                LedgerError::Locked { place }
            }
            Self::Store(rusqlite::Error::SqliteFailure(failure, _)) if is_full(failure) => {
                LedgerError::Full { place }
            }
            Self::Store(_) | Self::Damaged(_) => {
                LedgerError::Broken { place, said: self.to_string() }
            }
        }
    }
}

fn is_locked(failure: &ffi::Error) -> bool {
    matches!(failure.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
}

/// SQLite says `SQLITE_FULL` for `ENOSPC` only; a quota or a limit on the size of files comes as a
/// failed write, and a disk that is full before the shared index could grow as `SHMSIZE`. A failed
/// sync is left out: it is the sign of a broken disk.
fn is_full(failure: &ffi::Error) -> bool {
    failure.code == ErrorCode::DiskFull
        || matches!(failure.extended_code, ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_SHMSIZE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(code: i32) -> LedgerError {
        Fault::Store(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)).at("x.ledger")
    }

    #[test]
    fn what_sqlite_says_becomes_what_has_to_be_done() {
        let place = || "x.ledger".to_owned();
        for busy in [ffi::SQLITE_BUSY, ffi::SQLITE_BUSY_RECOVERY, ffi::SQLITE_LOCKED] {
            assert_eq!(seen(busy), LedgerError::Locked { place: place() });
        }
        for full in [ffi::SQLITE_FULL, ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_IOERR_SHMSIZE] {
            assert_eq!(seen(full), LedgerError::Full { place: place() });
        }
        for broken in [ffi::SQLITE_NOTADB, ffi::SQLITE_READONLY, ffi::SQLITE_IOERR_FSYNC] {
            assert!(matches!(seen(broken), LedgerError::Broken { .. }), "{broken}");
        }
    }
}
