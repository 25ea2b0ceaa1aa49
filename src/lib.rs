//! crosswalk: a declarative mapping engine.

pub mod sandbox;
