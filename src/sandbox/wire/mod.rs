//! What both emulated services share on the wire: a journal, a request log, faults, and
//! connections that can be cut. It knows neither Salesforce nor Zuora.

pub mod connection;
pub mod encoding;
pub mod faults;
pub mod journal;
pub mod request_log;
pub mod server;

use std::io;
use std::path::PathBuf;

/// Why the sandbox cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A loopback port is taken or forbidden.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; choose another port, or 0 for any")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// A directory or file for state or log cannot be used.
    #[error("cannot use {}: {source}", path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A line of the journal that is not the last one cannot be read.
    #[error("{}:{line}: the journal is damaged: {reason}; restore it or start with an empty state directory", path.display())]
    Journal {
        /// The journal.
        path: PathBuf,
        /// One-based line.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The description of an object is not usable.
    #[error("the description of {object} is not usable: {reason}")]
    Description {
        /// Name of the object or schema.
        object: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A record that the service is to hold at the start is not usable.
    #[error("{object}.ndjson:{line}: {reason}")]
    Record {
        /// Name of the object.
        object: String,
        /// One-based line.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The state directory belongs to other records.
    #[error("{} belongs to another record set ({found}, not {expected}); choose another state directory", path.display())]
    OtherState {
        /// The state directory.
        path: PathBuf,
        /// The org or tenant that the state was made for.
        found: String,
        /// The org or tenant of the records at hand.
        expected: String,
    },
}
