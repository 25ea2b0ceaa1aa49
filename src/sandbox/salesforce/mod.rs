//! The emulated Salesforce: OAuth, describe, SOQL with paging, and writes over REST.
//!
//! Enters: descriptions of objects, records, credentials, and a directory for state. Leaves: a
//! router. It never accepts what the service would refuse; what is not emulated is refused.

mod answer;
mod auth;
mod call;
mod cursor;
mod describe;
mod http;
mod org;
mod query;
mod routes;
mod service;
mod soql;
mod store;
mod value;
mod write;

pub use http::router;
pub use service::{Contents, OwnField, Service};

#[cfg(test)]
mod tests;
