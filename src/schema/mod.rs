//! What systems have: objects, fields, types, pick-lists, what is required and what may change.
//!
//! Two formats are read: describe-shaped JSON (Salesforce) and JSON Schema with a few `x-` words
//! (Zuora, and any file that a user describes). Both end in the same [`Object`]. The texts of the
//! project's own `schemas/` are inside the binary; an environment lays an org's and a tenant's own
//! fields over them.

mod catalog;
mod describe;
mod json_schema;
mod object;
mod profile;

pub use catalog::{Catalog, SchemaFault, embedded_texts};
pub use object::{
    Condition, Field, FieldType, Limits, Object, OneOf, Rule, Unique, Values, Variants,
};
pub use profile::{Profile, ProfileRule};
