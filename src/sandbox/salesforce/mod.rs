//! The emulated Salesforce: OAuth, describe, SOQL with paging, and writes over REST.
//!
//! Enters: descriptions of objects, records, credentials, and a directory for state. Leaves: a
//! router. It never accepts what the service would refuse; what is not emulated is refused.

pub mod answer;
pub mod auth;
pub mod cursor;
pub mod describe;
pub mod org;
pub mod query;
pub mod routes;
pub mod service;
pub mod soql;
pub mod store;
pub mod value;
pub mod write;

pub use routes::router;
pub use service::Service;

#[cfg(test)]
mod tests;
