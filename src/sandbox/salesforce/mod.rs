//! The emulated Salesforce.
