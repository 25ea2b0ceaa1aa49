//! A product as the catalog shows it.

use serde_json::{Map, Value, json};

use super::{ROWS_MAX, plan};
use crate::sandbox::zuora::call::Call;
use crate::sandbox::zuora::store::{Kind, Record};
use crate::sandbox::zuora::work::Work;

/// The product. Its plans are inline below `Zuora-Version` 230.0, a URL from there on.
#[must_use]
pub fn shown(work: &Work<'_>, call: &Call, product: &Record) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut show = |name: &str, value: Value| {
        shown.insert(name.to_owned(), value);
    };
    show("id", json!(product.id));
    show("sku", product.value("SKU").clone());
    show("name", product.value("Name").clone());
    show("description", product.value("Description").clone());
    show("category", product.value("Category").clone());
    show("effectiveStartDate", product.value("EffectiveStartDate").clone());
    show("effectiveEndDate", product.value("EffectiveEndDate").clone());
    show("productNumber", product.value("ProductNumber").clone());
    let allows = product.fields.get("AllowFeatureChanges").cloned();
    show("allowFeatureChanges", allows.unwrap_or(Value::Bool(false)));
    show("productFeatures", json!([]));
    show("productRatePlans", plans(work, call, product));
    shown.extend(custom_fields(work, Kind::Product, product));
    shown
}

/// The tenant's fields stand flat among the others, null when unset; so do those of NetSuite that
/// have a value.
pub fn custom_fields(work: &Work<'_>, kind: Kind, record: &Record) -> Map<String, Value> {
    let declared = work
        .tenant
        .custom_fields_of(kind.name())
        .map(|(name, _)| (name.to_owned(), record.value(name).clone()));
    let integrated = record
        .fields
        .iter()
        .filter(|(name, _)| name.ends_with("__NS"))
        .map(|(name, value)| (name.clone(), value.clone()));
    declared.chain(integrated).collect()
}

fn plans(work: &Work<'_>, call: &Call, product: &Record) -> Value {
    if call.version.lists_plans_by_url() {
        let (host, id) = (&call.host, &product.id);
        return Value::String(format!("http://{host}/v1/products/{id}/product-rate-plans"));
    }
    let mut charges_left = ROWS_MAX;
    work.store()
        .children(Kind::ProductRatePlan, &product.id)
        .take(ROWS_MAX)
        .map(|one| Value::Object(plan::shown(work, one, &mut charges_left)))
        .collect()
}
