//! Rules of rate plans.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::dates::Period;
use super::{differs, knows_currency, text};
use crate::sandbox::zuora::refusal::{Code, Refusal};
use crate::sandbox::zuora::store::{Kind, Record};
use crate::sandbox::zuora::work::Work;

/// The currencies that one call may switch on or off.
const CURRENCY_CHANGES_MAX: usize = 4;
/// Name of the list of currencies.
pub const ACTIVE_CURRENCIES: &str = "ActiveCurrencies";

/// Fills in what a client may leave out: the dates of the product, the tenant's default currency.
pub fn complete(work: &Work<'_>, fields: &mut Map<String, Value>) {
    let product = text(fields, "ProductId").and_then(|id| work.store().get(Kind::Product, id));
    if let Some(product) = product {
        for date in ["EffectiveStartDate", "EffectiveEndDate"] {
            if let Some(value) = product.fields.get(date).filter(|_| !fields.contains_key(date)) {
                fields.insert(date.to_owned(), value.clone());
            }
        }
    }
    if !fields.contains_key(ACTIVE_CURRENCIES) {
        let currencies = vec![Value::String(work.tenant.default_currency.clone())];
        fields.insert(ACTIVE_CURRENCIES.to_owned(), Value::Array(currencies));
    }
}

/// What the fields of a plan break.
pub fn rules(
    work: &Work<'_>,
    before: Option<&Record>,
    fields: &Map<String, Value>,
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let product_id = text(fields, "ProductId").unwrap_or_default();
    let Some(product) = work.store().get(Kind::Product, product_id) else {
        let message = format!("Invalid value for field ProductId: {product_id}");
        return vec![Refusal::value(message)];
    };
    if differs(before, fields, "ProductId") {
        refusals.push(Refusal::value("ProductId cannot be changed"));
    }
    let name = text(fields, "Name");
    let taken = work
        .store()
        .children(Kind::ProductRatePlan, product_id)
        .any(|plan| plan.text("Name") == name && Some(&plan.id) != before.map(|plan| &plan.id));
    if taken {
        let name = name.unwrap_or_default();
        let message = format!("The product already has a rate plan '{name}'");
        refusals.push(Refusal::new(Code::DuplicateValue, message));
    }
    let period = Period::of(fields);
    refusals.extend(period.order_fault());
    refusals.extend(period.outside_fault(Period::of(&product.fields)));
    refusals.extend(currency_rules(work, before, fields));
    refusals
}

fn currency_rules(
    work: &Work<'_>,
    before: Option<&Record>,
    fields: &Map<String, Value>,
) -> Vec<Refusal> {
    let wished = currencies(fields);
    let mut refusals: Vec<Refusal> = wished
        .iter()
        .filter(|currency| !knows_currency(work.tenant, currency))
        .map(|currency| Refusal::value(format!("Invalid currency in ActiveCurrencies: {currency}")))
        .collect();
    if wished.is_empty() {
        refusals.push(Refusal::value("ActiveCurrencies cannot be empty"));
    }
    // A new plan begins with none: the service makes it with up to four, and more come by updates.
    let active = before.map(|plan| currencies(&plan.fields)).unwrap_or_default();
    let changes = wished.symmetric_difference(&active).count();
    if changes > CURRENCY_CHANGES_MAX {
        let message = format!(
            "ActiveCurrencies: at most {CURRENCY_CHANGES_MAX} currencies can be changed in a call, not {changes}"
        );
        refusals.push(Refusal::value(message));
    }
    refusals
}

/// The currencies that are active on a plan.
#[must_use]
pub fn currencies(fields: &Map<String, Value>) -> BTreeSet<&str> {
    let list = fields.get(ACTIVE_CURRENCIES).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}
