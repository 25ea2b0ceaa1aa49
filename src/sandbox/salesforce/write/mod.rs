//! Writes: single records, upserts, collections and composite requests, under the rules of the
//! service for every field.

pub mod check;
pub mod collections;
pub mod composite;
pub mod record;
pub mod rules;
pub mod single;
