//! What an environment says of the org and the tenant, as far as mappings depend on it.

use std::collections::{BTreeMap, BTreeSet};

use crate::schema::Field;

/// Facts of an environment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The values of parameters.
    pub params: BTreeMap<String, Param>,
    /// The one currency of an org that has one only; `None` where records carry theirs.
    pub currency: Option<String>,
    /// What the tenant has.
    pub tenant: Tenant,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// A text.
    Text(String),
    /// A number, as written.
    Number(String),
    /// A truth value.
    Bool(bool),
}

/// What a tenant has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tenant {
    /// Units of measure, with their decimals. `None`: nothing is known, nothing is checked.
    pub units: Option<BTreeMap<String, u32>>,
    /// Active currencies.
    pub currencies: Option<BTreeSet<String>>,
    /// Accounting codes.
    pub accounting_codes: Option<BTreeSet<String>>,
    /// Tax codes.
    pub tax_codes: Option<BTreeSet<String>>,
    /// Payment terms.
    pub payment_terms: Option<BTreeSet<String>>,
}

impl Tenant {
    /// The values that a field of the target can have because the tenant has them: as the
    /// environment says, else as the tenant's describe does. `None` when nothing is known.
    pub(super) fn values(&self, field: &Field) -> Option<Vec<String>> {
        let set = |set: &Option<BTreeSet<String>>| {
            set.as_ref().map(|set| set.iter().cloned().collect::<Vec<_>>())
        };
        let said = match field.tenant.as_deref()? {
            "units" => self.units.as_ref().map(|units| units.keys().cloned().collect()),
            "currencies" => set(&self.currencies),
            "accounting_codes" => set(&self.accounting_codes),
            "tax_codes" => set(&self.tax_codes),
            "payment_terms" => set(&self.payment_terms),
            _ => None,
        };
        said.or_else(|| field.tenant_values.clone())
    }
}
