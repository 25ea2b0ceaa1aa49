//! What every connector promises, checked on every connector.
//!
//! The claims are functions over `&dyn Source` and `&dyn Target`; the tests below run them
//! against each connector: files in a folder, the emulated services, and small stubs for what
//! those never answer.

mod claims;
mod faults;
mod files;
mod records;
mod salesforce;
mod servers;
mod stubs;
mod zuora;
