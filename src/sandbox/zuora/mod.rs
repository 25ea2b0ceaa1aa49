//! The emulated Zuora.
