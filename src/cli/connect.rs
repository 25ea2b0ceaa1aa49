//! The one place that names connectors and the ledger's store.

use crate::connector::http::Base;

/// Whether an address may be used at all; `Err` says why not.
pub(super) fn check_address(url: &str) -> Result<(), String> {
    Base::parse("service", url).map(drop).map_err(|fault| fault.said)
}
