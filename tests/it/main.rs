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

mod check;
mod ledger;
mod robust;
mod schemas;
mod shipped;
