//! What flows: values, exact numbers, dates and instants, and their fingerprints.
//!
//! Absence is a value: missing (no such member), null, empty text and a value are four things.
//! No binary floating point number exists here or anywhere below the command line.

mod decimal;
mod fingerprint;
mod time;

pub use decimal::{Decimal, parse_decimal, write_decimal};
pub use fingerprint::{Fingerprint, FingerprintOf};
pub use time::{Date, Instant, TimeError, Zone};
