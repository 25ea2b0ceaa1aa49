//! Reading the catalog: the objects as CRUD and queries show them, and the product catalog of the
//! v1 API.

mod charge;
mod fields;
mod plan;
mod pricing;
mod product;
pub mod spelling;

use serde_json::{Map, Value, json};

pub use fields::{is_filterable, object_fields, query_field_kind, query_fields};
pub use plan::external_ids;

use super::answer::{Answer, Category};
use super::call::Call;
use super::store::{Kind, Record};
use super::work::Work;

/// Products of a page, and the most that a client may ask for.
const PRODUCTS_PER_PAGE: usize = 10;
/// Plans of a page, when a client does not say.
const PLANS_PER_PAGE: usize = 20;
/// Larger pages are cut to this.
const PAGE_SIZE_MAX: usize = 40;
/// Rows of an array that has no pages.
const ROWS_MAX: usize = 300;

/// `GET /v1/catalog/products`: those that changed last come first.
pub fn list_products(work: &mut Work<'_>, call: &Call) -> Answer {
    let page = match Page::of(call, PRODUCTS_PER_PAGE) {
        Ok(page) => page,
        Err(answer) => return *answer,
    };
    let mut products: Vec<&Record> = work.store().all(Kind::Product).collect();
    products.sort_by_key(|product| std::cmp::Reverse(product.touched_as));
    let shown = page
        .cut(&products)
        .iter()
        .map(|one| Value::Object(product::shown(work, call, one)))
        .collect();
    Answer::ok(page.answer(call, "products", shown, products.len()))
}

/// `GET /v1/catalog/products/{key}`.
pub fn one_product(work: &mut Work<'_>, call: &Call) -> Answer {
    match find(work, Kind::Product, &call.key()) {
        Some(found) => successful(product::shown(work, call, found)),
        None => not_found(call, &call.key()),
    }
}

/// `GET /v1/products/{key}/product-rate-plans`.
pub fn plans_of_product(work: &mut Work<'_>, call: &Call) -> Answer {
    let page = match Page::of(call, PLANS_PER_PAGE) {
        Ok(page) => page,
        Err(answer) => return *answer,
    };
    let key = call.segment_from_end(1);
    let Some(product) = find(work, Kind::Product, &key) else { return not_found(call, &key) };
    let plans: Vec<&Record> = work.store().children(Kind::ProductRatePlan, &product.id).collect();
    let shown = page
        .cut(&plans)
        .iter()
        .map(|one| {
            let mut charges_left = ROWS_MAX;
            Value::Object(plan::shown(work, one, &mut charges_left))
        })
        .collect();
    Answer::ok(page.answer(call, "productRatePlans", shown, plans.len()))
}

/// `GET /v1/product-rate-plans/{id}`.
pub fn one_plan(work: &mut Work<'_>, call: &Call) -> Answer {
    match find(work, Kind::ProductRatePlan, &call.key()) {
        Some(found) => successful(plan::shown_alone(work, found)),
        None => not_found(call, &call.key()),
    }
}

/// `GET /v1/product-rate-plans/external-id/{id}`.
pub fn plans_by_external_id(work: &mut Work<'_>, call: &Call) -> Answer {
    let key = call.key();
    let plans: Vec<Value> = work
        .store()
        .all(Kind::ProductRatePlan)
        .filter(|found| plan::external_ids(found).any(|id| id == key))
        .map(|found| Value::Object(plan::shown_alone(work, found)))
        .collect();
    if plans.is_empty() {
        return not_found(call, &key);
    }
    Answer::ok(json!({"productRatePlans": plans, "success": true}))
}

/// `GET /v1/product-rate-plan-charges/{key}`.
pub fn one_charge(work: &mut Work<'_>, call: &Call) -> Answer {
    match find(work, Kind::ProductRatePlanCharge, &call.key()) {
        Some(found) => successful(charge::shown(work, found)),
        None => not_found(call, &call.key()),
    }
}

/// A record by its id, by one of its numbers, or, for a product, by its stock-keeping unit.
fn find<'a>(work: &'a Work<'_>, kind: Kind, key: &str) -> Option<&'a Record> {
    let numbers = kind.unique_fields().iter().filter(|field| **field != "Name");
    let mut by_number = numbers.filter_map(|field| work.store().find(kind, field, key));
    let by_sku = || work.store().all(kind).find(|record| record.text("SKU") == Some(key));
    work.store().get(kind, key).or_else(|| by_number.next()).or_else(by_sku)
}

fn successful(mut body: Map<String, Value>) -> Answer {
    body.insert("success".to_owned(), Value::Bool(true));
    Answer::ok(Value::Object(body))
}

fn not_found(call: &Call, key: &str) -> Answer {
    let message = format!("Cannot find entity by key: '{key}'.");
    Answer::v1_error(call.version, Category::NotFound, &message)
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy)]
struct Page {
    number: usize,
    size: usize,
}

impl Page {
    fn of(call: &Call, default_size: usize) -> Result<Self, Box<Answer>> {
        let number = |name: &str, default: usize| match call.parameter(name) {
            None => Ok(default),
            Some(text) => text.parse().ok().filter(|number| *number >= 1_usize).ok_or_else(|| {
                let message = format!("Invalid value for query parameter {name}: {text}");
                Box::new(Answer::v1_error(call.version, Category::BadValue, &message))
            }),
        };
        let size = number("pageSize", default_size)?.min(PAGE_SIZE_MAX);
        Ok(Self { number: number("page", 1)?, size })
    }

    fn cut<T>(self, all: &[T]) -> &[T] {
        let start = self.number.saturating_sub(1).saturating_mul(self.size).min(all.len());
        let end = start.saturating_add(self.size).min(all.len());
        all.get(start..end).unwrap_or_default()
    }

    fn answer(self, call: &Call, name: &str, shown: Vec<Value>, total: usize) -> Value {
        let mut answer = Map::new();
        answer.insert(name.to_owned(), Value::Array(shown));
        if self.number.saturating_mul(self.size) < total {
            let next = self.number.saturating_add(1);
            let next_page = format!("{}?page={next}&pageSize={}", call.path, self.size);
            answer.insert("nextPage".to_owned(), Value::String(next_page));
        }
        answer.insert("success".to_owned(), Value::Bool(true));
        Value::Object(answer)
    }
}
