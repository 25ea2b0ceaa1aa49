//! Makes the changes of a plan, and writes documents.

pub mod emit;
