//! The one integration binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test says that it failed by panicking"
)]

mod conformance;
mod language;
mod law;
mod ledger;
mod readme;
mod schemas;
mod shipped;
