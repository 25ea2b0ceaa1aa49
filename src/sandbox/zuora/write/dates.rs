//! Rules about the dates between which something is sold.

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::text;
use crate::sandbox::zuora::refusal::Refusal;

/// When something is sold, as written.
#[derive(Debug, Clone, Copy)]
pub struct Period {
    /// First day.
    pub start: Option<Date>,
    /// Last day.
    pub end: Option<Date>,
}

impl Period {
    /// The period of a product or plan.
    #[must_use]
    pub fn of(fields: &Map<String, Value>) -> Self {
        let date = |name: &str| text(fields, name).and_then(|text| text.parse().ok());
        Self { start: date("EffectiveStartDate"), end: date("EffectiveEndDate") }
    }

    /// A start after the end.
    #[must_use]
    pub fn order_fault(self) -> Option<Refusal> {
        let (start, end) = (self.start?, self.end?);
        (start > end).then(|| {
            Refusal::value(format!("EffectiveEndDate {end} is before EffectiveStartDate {start}"))
        })
    }

    /// A day of the plan on which its product is not sold.
    #[must_use]
    pub fn outside_fault(self, product: Self) -> Option<Refusal> {
        let early = self.start.zip(product.start).is_some_and(|(plan, product)| plan < product);
        let late = self.end.zip(product.end).is_some_and(|(plan, product)| plan > product);
        (early || late).then(|| {
            let message =
                "The effective dates of the rate plan are not within those of its product";
            Refusal::value(message)
        })
    }
}
