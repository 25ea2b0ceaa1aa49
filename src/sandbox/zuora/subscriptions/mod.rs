//! Subscriptions: what was sold to an account, in versions of which each order makes the next.

pub mod charge;
pub mod read;
pub mod state;
pub mod term;
pub mod versions;
pub mod view;

pub use state::Subscription;
