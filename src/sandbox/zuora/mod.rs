//! The emulated Zuora: a tenant's product catalog and accounts behind the REST API that the service has.
//!
//! A request enters through [`router`], passes the gate (faults, ids, limits) and is read into a
//! [`call`]; a handler then works on the [`store`] and gives an [`answer`]. All changes of a
//! request are one line of the journal, written before the answer is sent. Written from the
//! service's documentation alone; it names nothing of the rest of the crate.

mod accounts;
mod action;
mod answer;
mod call;
mod catalog;
mod crud;
mod describe;
mod gate;
mod idempotency;
mod number;
mod query;
mod refusal;
mod router;
mod schema;
mod service;
mod store;
mod tenant;
mod token;
mod version;
mod work;
mod write;
mod zoql;

#[cfg(test)]
mod tests;

pub use answer::Writes;
pub use router::router;
pub use service::Service;
pub use tenant::{CustomField, CustomFieldKind, Tenant};
