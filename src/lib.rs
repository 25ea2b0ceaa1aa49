//! crosswalk: a declarative mapping engine.

pub mod apply;
pub mod connector;
pub mod json;
pub mod ledger;
pub mod plan;
pub mod program;
pub mod sandbox;
pub mod secret;
pub mod value;
