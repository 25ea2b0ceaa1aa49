//! What a tenant has: units, currencies, codes and fields of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    fields::{OwnField, own_fields},
    form::Form,
};
use crate::{
    compile,
    sandbox::zuora,
    syntax::{Key, Node},
};

/// What a tenant has, as an environment says it. `None`: nothing is known, nothing is checked.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Tenant {
    pub(in crate::cli) units: Option<BTreeMap<String, u32>>,
    pub(in crate::cli) currencies: Option<BTreeSet<String>>,
    pub(in crate::cli) default_currency: Option<String>,
    pub(in crate::cli) custom_fields: Vec<(String, OwnField)>,
    pub(in crate::cli) accounting_codes: Option<BTreeSet<String>>,
    pub(in crate::cli) tax_codes: Option<BTreeSet<String>>,
    pub(in crate::cli) payment_terms: Option<BTreeSet<String>>,
    pub(in crate::cli) orders: zuora::OrderSettings,
}

const KEYS: &[&str] = &[
    "units",
    "currencies",
    "default_currency",
    "custom_fields",
    "accounting_codes",
    "tax_codes",
    "payment_terms",
    "orders",
];
const ORDER_KEYS: &[&str] = &["currencies", "service_activation", "customer_acceptance"];
/// Whether a subscription has the currency of its account, or one of its own.
const CURRENCIES: &[&str] = &["account", "multiple"];
/// Whether an order without the date waits for it.
const DATES: &[&str] = &["optional", "required"];
/// Decimals of a unit of measure that Zuora allows.
const UNIT_DECIMALS_MAX: u32 = 9;

/// Reads `tenant:`.
pub(in crate::cli) fn read(form: &mut Form<'_>, node: &Node) -> Tenant {
    form.known(node, KEYS, "`tenant`");
    let mut list = |key: &str| node.get(key).map(|list| form.texts(list, &format!("`{key}`")));
    let (currencies, accounting_codes) = (list("currencies"), list("accounting_codes"));
    let (tax_codes, payment_terms) = (list("tax_codes"), list("payment_terms"));
    let default_currency = node
        .get("default_currency")
        .and_then(|code| form.currency(code, "`default_currency`"))
        .filter(|code| default_is_active(form, node, code, currencies.as_ref()));
    Tenant {
        units: node.get("units").map(|units| read_units(form, units)),
        currencies,
        default_currency,
        custom_fields: node
            .get("custom_fields")
            .map_or_else(Vec::new, |fields| own_fields(form, fields, "`custom_fields`")),
        accounting_codes,
        tax_codes,
        payment_terms,
        orders: node.get("orders").map(|orders| read_orders(form, orders)).unwrap_or_default(),
    }
}

/// Reads what the settings of the tenant say of orders.
fn read_orders(form: &mut Form<'_>, node: &Node) -> zuora::OrderSettings {
    form.known(node, ORDER_KEYS, "`orders`");
    let mut is = |key: &str, words: &[&'static str], word: &str| {
        let said = node.get(key).and_then(|said| form.word(said, words, &format!("`{key}`")));
        said == Some(word)
    };
    let mut date = |key: &str| match is(key, DATES, "required") {
        true => zuora::TriggerDateRule::Required,
        false => zuora::TriggerDateRule::Follows,
    };
    let (service_activation, customer_acceptance) =
        (date("service_activation"), date("customer_acceptance"));
    let currencies = match is("currencies", CURRENCIES, "multiple") {
        true => zuora::SubscriptionCurrencies::Any,
        false => zuora::SubscriptionCurrencies::OfAccount,
    };
    zuora::OrderSettings { currencies, service_activation, customer_acceptance }
}

fn default_is_active(
    form: &mut Form<'_>,
    node: &Node,
    code: &str,
    currencies: Option<&BTreeSet<String>>,
) -> bool {
    let active = currencies.is_none_or(|active| active.contains(code));
    if let Some(written) = node.get("default_currency").filter(|_| !active) {
        form.fault(written.span, format!("`{code}` is not among the `currencies` of the tenant"));
    }
    active
}

fn read_units(form: &mut Form<'_>, node: &Node) -> BTreeMap<String, u32> {
    if node.block().is_none() {
        form.fault(node.span, "`units` is a block of units with their decimals: `Each: 0`");
    }
    let decimals = |(unit, decimals): &(Key, Node)| {
        let what = format!("the number of decimals of `{}`", unit.text);
        Some((unit.text.clone(), form.number(decimals, UNIT_DECIMALS_MAX, &what)?))
    };
    node.block().unwrap_or_default().iter().filter_map(decimals).collect()
}

impl Tenant {
    /// What is said here, and of another tenant what is not.
    pub(in crate::cli) fn over(self, base: Self) -> Self {
        let mut custom_fields = base.custom_fields;
        for (object, field) in self.custom_fields {
            custom_fields.retain(|(of, other)| *of != object || other.name != field.name);
            custom_fields.push((object, field));
        }
        Self {
            units: self.units.or(base.units),
            currencies: self.currencies.or(base.currencies),
            default_currency: self.default_currency.or(base.default_currency),
            custom_fields,
            accounting_codes: self.accounting_codes.or(base.accounting_codes),
            tax_codes: self.tax_codes.or(base.tax_codes),
            payment_terms: self.payment_terms.or(base.payment_terms),
            orders: self.orders,
        }
    }

    /// The part that mappings are checked against.
    pub(in crate::cli) fn facts(&self) -> compile::Tenant {
        let Self { units, currencies, accounting_codes, tax_codes, payment_terms, .. } = self;
        compile::Tenant {
            units: units.clone(),
            currencies: currencies.clone(),
            accounting_codes: accounting_codes.clone(),
            tax_codes: tax_codes.clone(),
            payment_terms: payment_terms.clone(),
        }
    }

    /// The tenant that the sandbox emulates.
    pub(in crate::cli) fn emulated(&self) -> zuora::Tenant {
        let mut custom_fields: BTreeMap<String, BTreeMap<String, zuora::CustomField>> =
            BTreeMap::new();
        for (object, field) in &self.custom_fields {
            let (name, emulated) = (field.name.clone(), field.emulated());
            custom_fields.entry(object.clone()).or_default().insert(name, emulated);
        }
        let currencies = self.currencies.clone().unwrap_or_default();
        let first = || currencies.iter().next().cloned().unwrap_or_else(|| "USD".into());
        zuora::Tenant {
            units: self.units.clone().unwrap_or_default(),
            default_currency: self.default_currency.clone().unwrap_or_else(first),
            currencies,
            custom_fields,
            accounting_codes: self.accounting_codes.clone().unwrap_or_default(),
            tax_codes: self.tax_codes.clone().unwrap_or_default(),
            payment_terms: self.payment_terms.clone().unwrap_or_default(),
            orders: self.orders,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        diag::{Findings, SourceMap},
        syntax::parse_yaml,
    };

    fn orders(text: &str) -> (zuora::OrderSettings, usize) {
        let (mut sources, mut findings) = (SourceMap::default(), Findings::default());
        let file = sources.add("environment.yaml", text.to_owned());
        let root = parse_yaml(&sources, file, &mut findings).expect("YAML");
        let tenant = read(&mut Form { findings: &mut findings }, &root);
        (tenant.emulated().orders, findings.into_sorted().len())
    }

    #[test]
    fn the_emulated_tenant_takes_orders_as_the_environment_says() {
        use zuora::{
            SubscriptionCurrencies::{Any, OfAccount},
            TriggerDateRule::{Follows, Required},
        };
        let settings = |currencies, service_activation, customer_acceptance| zuora::OrderSettings {
            currencies,
            service_activation,
            customer_acceptance,
        };
        for (text, expected, faults) in [
            ("units: { Each: 0 }", settings(OfAccount, Follows, Follows), 0),
            ("orders: { currencies: multiple }", settings(Any, Follows, Follows), 0),
            (
                "orders: { currencies: account, service_activation: required }",
                settings(OfAccount, Required, Follows),
                0,
            ),
            (
                "orders: { service_activation: optional, customer_acceptance: required }",
                settings(OfAccount, Follows, Required),
                0,
            ),
            (
                "orders: { currencies: many, customer_aceptance: required }",
                settings(OfAccount, Follows, Follows),
                2,
            ),
        ] {
            assert_eq!(orders(text), (expected, faults), "{text}");
        }
    }
}
