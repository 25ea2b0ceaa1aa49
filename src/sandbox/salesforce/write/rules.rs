//! Rules of single objects that no field description states.

use serde_json::Value;

use crate::sandbox::salesforce::answer::ApiError;
use crate::sandbox::salesforce::store::Store;
use crate::sandbox::salesforce::store::table::{Row, Table, is_deleted};
use crate::sandbox::salesforce::value::{Key, parse_number};

/// What an insert of this record would break.
#[must_use]
pub fn on_insert(store: &Store, object: &str, row: &Row) -> Option<ApiError> {
    match object {
        "Contract" => contract(row),
        "PricebookEntry" => pricebook_entry(store, row),
        _ => None,
    }
}

/// Sets the fields that the platform derives from others.
pub fn derive(store: &Store, object: &str, row: &mut Row) {
    match object {
        "Contract" => {
            if let Some(end) = contract_end(row) {
                row.insert("EndDate".to_owned(), Value::String(end));
            }
        }
        "PricebookEntry" => name_price(store, row),
        _ => {}
    }
}

/// A price is called as its product is.
fn name_price(store: &Store, row: &mut Row) {
    let product = row.get("Product2Id").and_then(Value::as_str);
    let table = store.table("Product2");
    let product = product.and_then(|id| table.and_then(|table| table.row(id)));
    for name in ["Name", "ProductCode"] {
        if let Some(value) = product.and_then(|product| product.get(name)) {
            row.insert(name.to_owned(), value.clone());
        }
    }
}

/// A contract begins as a draft and is activated by an update.
fn contract(row: &Row) -> Option<ApiError> {
    (row.get("Status").and_then(Value::as_str) == Some("Activated")).then(|| {
        let message = "Choose a valid contract status and save your changes. Ask your admin for \
                       details.";
        ApiError::field("FAILED_ACTIVATION", message, &["Status"])
    })
}

/// The last day of the term: start plus months, less a day.
fn contract_end(row: &Row) -> Option<String> {
    let start: jiff::civil::Date = row.get("StartDate")?.as_str()?.parse().ok()?;
    let Value::Number(term) = row.get("ContractTerm")? else { return None };
    let months: i32 = parse_number(&term.to_string())?.trunc().try_into().ok()?;
    let next = start.checked_add(jiff::Span::new().try_months(months).ok()?).ok()?;
    next.yesterday().ok().map(|end| end.to_string())
}

/// A price in a custom book needs a standard price of its product and currency, and a book has one
/// price for both.
fn pricebook_entry(store: &Store, row: &Row) -> Option<ApiError> {
    let book = row.get("Pricebook2Id").and_then(Value::as_str)?;
    let entries = store.table("PricebookEntry")?;
    let prices = prices_of(entries, row);
    if prices.iter().any(|price| price.get("Pricebook2Id").and_then(Value::as_str) == Some(book)) {
        let message = "This price definition already exists in this price book";
        return Some(ApiError::field("DUPLICATE_VALUE", message, &[]));
    }
    let is_standard = |price: &Row| {
        let book = price.get("Pricebook2Id").and_then(Value::as_str);
        book.is_some_and(|book| is_standard_book(store, book))
    };
    if is_standard_book(store, book) || prices.into_iter().any(is_standard) {
        return None;
    }
    let message = "Before creating a custom price, create a standard price.";
    Some(ApiError::field("STANDARD_PRICE_NOT_DEFINED", message, &[]))
}

fn is_standard_book(store: &Store, id: &str) -> bool {
    let book = store.table("Pricebook2").and_then(|table| table.live_row(id));
    book.and_then(|book| book.get("IsStandard")) == Some(&Value::Bool(true))
}

/// The prices of the same product and currency.
fn prices_of<'a>(entries: &'a Table, row: &Row) -> Vec<&'a Row> {
    let product = row.get("Product2Id").and_then(Value::as_str).unwrap_or_default();
    let key = Key::Text(product.to_owned());
    let ids = entries.find("Product2Id", &key).unwrap_or_default();
    let rows = ids.into_iter().filter_map(|id| entries.row(id));
    rows.filter(|price| {
        !is_deleted(price) && price.get("CurrencyIsoCode") == row.get("CurrencyIsoCode")
    })
    .collect()
}
