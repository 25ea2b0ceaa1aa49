//! What a tenant has been configured with: units, currencies, codes and custom fields.
//!
//! A tenant enters once, when the service opens, and never changes while it runs. It holds no
//! records.

use std::collections::{BTreeMap, BTreeSet};

/// The configuration of one tenant, as an administrator would have made it in the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tenant {
    /// Units of measure by name, with the number of decimals that a quantity may have.
    pub units: BTreeMap<String, u32>,
    /// Currencies that are switched on, as ISO 4217 codes.
    pub currencies: BTreeSet<String>,
    /// The currency of a plan or tier that names none.
    pub default_currency: String,
    /// Custom fields by object name (`Product`, `ProductRatePlan`, …) and field name (`Region__c`).
    pub custom_fields: BTreeMap<String, BTreeMap<String, CustomField>>,
    /// Accounting codes of the chart of accounts.
    pub accounting_codes: BTreeSet<String>,
    /// Tax codes.
    pub tax_codes: BTreeSet<String>,
    /// Payment terms.
    pub payment_terms: BTreeSet<String>,
    /// What the settings say of orders.
    pub orders: OrderSettings,
}

/// Settings of a tenant that decide which orders it takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OrderSettings {
    /// Whether a subscription may have another currency than its account.
    pub currencies: SubscriptionCurrencies,
    /// Whether an order without a date of service activation is pending.
    pub service_activation: TriggerDateRule,
    /// Whether an order without a date of customer acceptance is pending.
    pub customer_acceptance: TriggerDateRule,
}

/// Which currencies the subscriptions of one account may have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SubscriptionCurrencies {
    /// The account's alone.
    #[default]
    OfAccount,
    /// Any of the tenant's: the feature Multiple Currencies is on.
    Any,
}

/// What happens when an order does not say one of the trigger dates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TriggerDateRule {
    /// It is the date before it in the chain.
    #[default]
    Follows,
    /// The order waits for it.
    Required,
}

/// A field that the tenant has added to an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomField {
    /// What it holds.
    pub kind: CustomFieldKind,
    /// Whether a query may filter by it.
    pub indexed: bool,
}

/// What a custom field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomFieldKind {
    /// Text of at most `length` characters.
    Text {
        /// Longest text, in characters.
        length: usize,
    },
    /// A decimal number.
    Number,
    /// A date, `YYYY-MM-DD`.
    Date,
    /// True or false.
    Boolean,
    /// One of these values.
    Picklist(Vec<String>),
}

impl Tenant {
    /// The custom field of an object, if the tenant has it; names are case-sensitive.
    #[must_use]
    pub fn custom_field(&self, object: &str, name: &str) -> Option<&CustomField> {
        self.custom_fields.get(object)?.get(name)
    }

    /// The custom fields of an object, in order of their names.
    pub fn custom_fields_of(&self, object: &str) -> impl Iterator<Item = (&str, &CustomField)> {
        self.custom_fields
            .get(object)
            .into_iter()
            .flatten()
            .map(|(name, field)| (name.as_str(), field))
    }
}
