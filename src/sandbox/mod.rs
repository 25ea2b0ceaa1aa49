//! Emulated Salesforce and Zuora over real HTTP on loopback.

pub mod salesforce;
pub mod zuora;
