//! What an environment says of the org and the tenant, as far as mappings depend on it.

use std::collections::{BTreeMap, BTreeSet};

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
    /// Whether the tenant has a value of one of its lists; `None` when that is not known.
    pub(super) fn has(&self, list: &str, value: &str) -> Option<bool> {
        let set = |set: &Option<BTreeSet<String>>| set.as_ref().map(|set| set.contains(value));
        match list {
            "units" => self.units.as_ref().map(|units| units.contains_key(value)),
            "currencies" => set(&self.currencies),
            "accounting_codes" => set(&self.accounting_codes),
            "tax_codes" => set(&self.tax_codes),
            "payment_terms" => set(&self.payment_terms),
            _ => None,
        }
    }

    /// The values of one of its lists.
    pub(super) fn list(&self, list: &str) -> Vec<&str> {
        match list {
            "units" => {
                self.units.iter().flat_map(|units| units.keys().map(String::as_str)).collect()
            }
            "currencies" => texts(&self.currencies),
            "accounting_codes" => texts(&self.accounting_codes),
            "tax_codes" => texts(&self.tax_codes),
            "payment_terms" => texts(&self.payment_terms),
            _ => Vec::new(),
        }
    }
}

fn texts(set: &Option<BTreeSet<String>>) -> Vec<&str> {
    set.iter().flatten().map(String::as_str).collect()
}
