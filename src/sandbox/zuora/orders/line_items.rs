//! Order line items: what an order sells once, beside its subscriptions.
//!
//! An item is a one-time charge of the catalog, priced flat or per unit, or something of its own
//! with a name and a price.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::fields::{date, decimal, filled, objects};
use super::price;
use crate::sandbox::zuora::accounts::{self, Account};
use crate::sandbox::zuora::answer::{Category, Reason};
use crate::sandbox::zuora::metrics::mrr::times;
use crate::sandbox::zuora::number;
use crate::sandbox::zuora::store::{Kind, Record};
use crate::sandbox::zuora::subscriptions::versions;
use crate::sandbox::zuora::tenant::SubscriptionCurrencies;
use crate::sandbox::zuora::work::Work;
use crate::sandbox::zuora::write::active_currencies;

/// The models of charges that can be sold as items.
const MODELS: [&str; 2] = ["Flat Fee Pricing", "Per Unit Pricing"];

/// The items of an order with what the catalog adds, their amounts, ids and numbers.
///
/// # Errors
/// The first rule that an item breaks.
pub fn sell(
    work: &mut Work<'_>,
    account: &Account,
    body: &Map<String, Value>,
) -> Result<Vec<Map<String, Value>>, Reason> {
    let mut sold: Vec<Map<String, Value>> = Vec::new();
    let mut numbers = BTreeSet::new();
    for (place, said) in (1_u64..).zip(objects(body, "orderLineItems")) {
        let mut item = priced(work, account, said)?;
        check(work, account, &item)?;
        item.insert("id".to_owned(), json!(work.next_id()));
        item.entry("itemNumber").or_insert_with(|| json!(place.to_string()));
        let number = filled(&item, "itemNumber").unwrap_or_default();
        if !numbers.insert(number.to_owned()) {
            return Err(Reason::rule(format!("The order has two items of the number {number}.")));
        }
        sold.push(item);
    }
    Ok(sold)
}

/// The item with its name, its price and its amount.
fn priced(
    work: &Work<'_>,
    account: &Account,
    said: &Map<String, Value>,
) -> Result<Map<String, Value>, Reason> {
    let mut item = said.clone();
    let currency = filled(said, "currency").unwrap_or(&account.currency).to_owned();
    if currency != account.currency
        && work.tenant.orders.currencies == SubscriptionCurrencies::OfAccount
    {
        let message = format!(
            "The currency {currency} of an item is not that of the account {}: {}.",
            account.number, account.currency
        );
        return Err(Reason::rule(message));
    }
    item.entry("currency").or_insert_with(|| json!(currency));
    if let Some(id) = filled(said, "productRatePlanChargeId") {
        let charge = work.store().get(Kind::ProductRatePlanCharge, id).ok_or_else(|| {
            Reason::value(format!("Invalid value for field productRatePlanChargeId: {id}"))
        })?;
        fill_from_catalog(work, charge, &currency, &mut item)?;
    }
    for name in ["itemName", "amountPerUnit"] {
        if !item.contains_key(name) {
            let message = format!("Missing required value: {name}");
            return Err(Reason::new(Category::MissingField, message));
        }
    }
    let quantity = decimal(&item, "quantity").unwrap_or(Decimal::ONE);
    item.entry("quantity").or_insert_with(|| json!(1));
    let amount = times(decimal(&item, "amountPerUnit").unwrap_or_default(), quantity);
    item.insert("amount".to_owned(), number::json(amount));
    Ok(item)
}

fn fill_from_catalog(
    work: &Work<'_>,
    charge: &Record,
    currency: &str,
    item: &mut Map<String, Value>,
) -> Result<(), Reason> {
    let name = charge.text("Name").unwrap_or_default();
    let model = charge.text("ChargeModel").unwrap_or_default();
    if charge.text("ChargeType") != Some("OneTime") || !MODELS.contains(&model) {
        let message = format!(
            "The charge '{name}' cannot be an order line item: it is not one-time with a flat fee \
             or a price per unit."
        );
        return Err(Reason::rule(message));
    }
    let plan = charge.text("ProductRatePlanId");
    let plan = plan.and_then(|id| work.store().get(Kind::ProductRatePlan, id));
    if !plan.is_some_and(|plan| active_currencies(&plan.fields).contains(currency)) {
        let message = format!("The currency {currency} is not active on the charge '{name}'.");
        return Err(Reason::rule(message));
    }
    item.entry("itemName").or_insert_with(|| json!(name));
    if let Some(price) = price::of_catalog(work, charge, currency).list_price {
        for name in ["listPricePerUnit", "amountPerUnit"] {
            item.entry(name).or_insert_with(|| number::json(price));
        }
    }
    if let Some(unit) = charge.text("UOM") {
        item.entry("UOM").or_insert_with(|| json!(unit));
    }
    Ok(())
}

fn check(work: &Work<'_>, account: &Account, item: &Map<String, Value>) -> Result<(), Reason> {
    let name = filled(item, "itemName").unwrap_or_default();
    let quantity = decimal(item, "quantity").unwrap_or(Decimal::ONE);
    if quantity.is_sign_negative() && !quantity.is_zero() {
        return Err(Reason::value(format!("The quantity of '{name}' is negative: {quantity}")));
    }
    let (start, end) = (date(item, "transactionStartDate"), date(item, "transactionEndDate"));
    if start.zip(end).is_some_and(|(start, end)| end < start) {
        return Err(Reason::rule(format!("The item '{name}' ends before it starts.")));
    }
    if let Some(owner) = filled(item, "ownerAccountNumber")
        && owner != account.number
        && accounts::find(work, owner).is_none()
    {
        return Err(Reason::value(format!("Invalid value for field ownerAccountNumber: {owner}")));
    }
    match filled(item, "relatedSubscriptionNumber") {
        Some(number) if versions::latest(work, number).is_none() => Err(Reason::value(format!(
            "Invalid value for field relatedSubscriptionNumber: {number}"
        ))),
        _ => Ok(()),
    }
}
