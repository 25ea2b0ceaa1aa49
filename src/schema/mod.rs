//! What systems have: objects, fields, types, pick-lists, what is required and what may change.
//!
//! Two formats are read: describe-shaped JSON (Salesforce) and JSON Schema with a few `x-` words
//! (Zuora, and any file that a user describes). Both end in the same [`Object`]. The texts of the
//! project's own `schemas/` are inside the binary; an environment lays an org's and a tenant's own
//! fields over them, and the pins: what a tenant said of its objects in describe XML.

mod catalog;
mod describe;
mod describe_xml;
mod json_schema;
mod object;
mod pin;
mod profile;
mod tenant_field;

pub use catalog::{Catalog, Change, Layer, SchemaFault, embedded_texts};
pub use describe_xml::{XmlFault, fields_of_xml};
pub use object::{Condition, Field, FieldType, Object, OneOf, Rule, Unique, Values, Variants};
pub use pin::custom_fields_of;
pub use profile::{Profile, ProfileRule};
pub use tenant_field::{Claims, TenantField, is_custom};
