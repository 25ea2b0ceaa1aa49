//! Zuora.
