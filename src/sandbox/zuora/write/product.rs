//! Rules of products.

use serde_json::{Map, Value};

use super::dates::Period;
use crate::sandbox::zuora::refusal::Refusal;
use crate::sandbox::zuora::store::{Kind, Record};
use crate::sandbox::zuora::work::Work;

/// What the fields of a product break.
pub fn rules(
    work: &Work<'_>,
    before: Option<&Record>,
    fields: &Map<String, Value>,
) -> Vec<Refusal> {
    let period = Period::of(fields);
    let mut refusals = Vec::from_iter(period.order_fault());
    // Shorter dates must still hold the product's plans.
    let plans = before.map(|product| work.store().children(Kind::ProductRatePlan, &product.id));
    for plan in plans.into_iter().flatten() {
        refusals.extend(Period::of(&plan.fields).outside_fault(period).map(|_| {
            let name = plan.text("Name").unwrap_or_default();
            let message =
                format!("The rate plan '{name}' would be sold outside the product's dates");
            Refusal::value(message)
        }));
    }
    refusals
}
