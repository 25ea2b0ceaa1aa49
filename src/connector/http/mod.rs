//! The shared HTTP client of the connectors: one way to sign in, to wait, to try again and to fail.
//!
//! A [`Call`] and a [`Service`] enter, a [`Reply`] with a good status leaves, or a
//! [`CallError`](super::CallError) whose class says what has to be done. Nothing here knows an
//! object or a field, and no token or secret ever reaches an error.

mod base;
mod call;
mod client;
mod failure;
mod patience;
mod session;
mod tls;
mod together;
mod traffic;

// The one place that names the HTTP library; connectors take its words from here.
pub use reqwest::{Method, StatusCode};

pub use base::Base;
pub use call::{Call, Effect, Keys, Reply, encode};
pub use client::Client;
pub use failure::{Refusal, Remedy, clip};
pub use patience::Patience;
pub use session::{Service, Session};
pub use together::{UnderWay, together};
pub use traffic::{Counters, Traffic};
