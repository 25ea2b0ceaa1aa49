//! Accounts and contacts, by the v1 API: one object a call, contacts inside of their account.
//!
//! CRUD could take fifty at a time, but an account that CRUD makes is a draft until its contacts
//! have been made and named by calls of their own; `POST /v1/accounts` makes all of it or nothing.
//! What is there is found by ZOQL, which has other names for the fields (see `names`).

mod find;
mod names;
mod write;

/// The object that is billed.
const ACCOUNT: &str = "Account";
/// A person or an address of an account.
const CONTACT: &str = "Contact";

/// Objects in one call.
pub(super) const OBJECTS_PER_CALL_MAX: usize = 1;

/// Whether an object is spoken of here.
pub(super) fn has(object: &str) -> bool {
    matches!(object, ACCOUNT | CONTACT)
}
