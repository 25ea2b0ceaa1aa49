//! Emulated Salesforce and Zuora over real HTTP on loopback.
//!
//! A house of its own: it names nothing of the rest of the crate. Both sides of the wire are
//! written from the services' documentation, so that a wrong belief cannot cancel itself out.

pub mod salesforce;
pub mod wire;
pub mod zuora;

use std::fmt;

pub use wire::SandboxError;

/// What a client must show to get a token.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Consumer key or client id.
    pub client_id: String,
    /// Consumer secret or client secret.
    pub client_secret: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Credentials")
            .field("client_id", &self.client_id)
            .field("client_secret", &"***")
            .finish()
    }
}
