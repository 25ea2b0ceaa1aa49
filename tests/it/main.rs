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

mod actions;
mod architecture;
mod cases;
mod check;
mod ci;
mod cli;
mod conformance;
mod contracts;
mod eval;
mod explain;
mod generated;
mod language;
mod law;
mod ledger;
mod lsp;
mod mapping_schema;
mod mutants;
mod readme;
mod reports;
mod requests;
mod robust;
mod sales;
mod schemas;
mod shipped;
mod tiers;
