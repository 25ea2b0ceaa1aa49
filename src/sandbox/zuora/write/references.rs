//! Values that must name something which the tenant's settings hold.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::text;
use crate::sandbox::zuora::refusal::Refusal;
use crate::sandbox::zuora::tenant::Tenant;

/// The fields of a charge that name an accounting code.
const ACCOUNTING_FIELDS: [&str; 3] =
    ["AccountingCode", "DeferredRevenueAccount", "RecognizedRevenueAccount"];

/// Names in a charge that the tenant does not know. An empty text names nothing and is allowed.
#[must_use]
pub fn rules(tenant: &Tenant, fields: &Map<String, Value>) -> Vec<Refusal> {
    let mut refusals: Vec<Refusal> = ACCOUNTING_FIELDS
        .iter()
        .filter_map(|field| unknown(fields, field, &tenant.accounting_codes))
        .collect();
    refusals.extend(unknown(fields, "TaxCode", &tenant.tax_codes));
    refusals.extend(
        text(fields, "UOM")
            .filter(|unit| !unit.is_empty() && !tenant.units.contains_key(*unit))
            .map(|unit| Refusal::value(format!("Invalid value for field UOM: {unit}"))),
    );
    refusals
}

fn unknown(fields: &Map<String, Value>, field: &str, known: &BTreeSet<String>) -> Option<Refusal> {
    let value = text(fields, field).filter(|value| !value.is_empty())?;
    (!known.contains(value))
        .then(|| Refusal::value(format!("Invalid value for field {field}: {value}")))
}
