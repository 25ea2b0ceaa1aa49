//! crosswalk: a declarative mapping engine.

pub mod apply;
pub mod cli;
pub mod compile;
pub mod connector;
pub mod diag;
pub mod json;
pub mod ledger;
pub mod plan;
pub mod program;
pub mod sandbox;
pub mod schema;
pub mod secret;
pub mod syntax;
pub mod value;
