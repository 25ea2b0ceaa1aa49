//! The emulated Zuora: a tenant's product catalog, accounts, orders and subscriptions behind the
//! REST API that the service has.
//!
//! A request enters through [`router`], passes the gate (faults, ids, limits) and is read into a
//! [`call`]; a handler then works on the [`store`] and gives an [`answer`]. All changes of a
//! request are one line of the journal, written before the answer is sent. Written from the
//! service's documentation alone; it names nothing of the rest of the crate.
//!
//! An order is carried out by [`orders`] as one transaction that makes the next versions of its
//! [`subscriptions`]; [`metrics`] says what they are worth, [`preview`] what an order would do,
//! and [`jobs`] places orders later. Nothing is billed: no invoice ever exists, so a preview
//! begins with the first day of each charge, and the last invoiced period ends where the
//! subscription begins.

mod accounts;
mod action;
mod answer;
mod call;
mod catalog;
mod crud;
mod describe;
mod gate;
mod idempotency;
mod jobs;
mod late;
mod locks;
mod metrics;
mod number;
mod orders;
mod paging;
mod preview;
mod query;
mod refusal;
mod router;
mod schema;
mod service;
mod store;
mod subscriptions;
mod tenant;
mod token;
mod version;
mod work;
mod write;
mod zoql;

#[cfg(test)]
mod tests;

pub use answer::Writes;
pub use locks::Locked;
pub use router::router;
pub use service::Service;
pub use tenant::{
    CustomField, CustomFieldKind, OrderSettings, SubscriptionCurrencies, Tenant, TriggerDateRule,
};
