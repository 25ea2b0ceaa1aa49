//! What the creation of a charge needs although a mapping may leave it out.
//!
//! The published API description (2026-05-01) requires `BillingPeriod` and
//! `UseDiscountSpecificAccountingCode` of every charge. For a one-time or usage charge without a
//! period `Month` is sent, which is what Zuora's own connector for Salesforce makes of an empty
//! billing frequency: a one-time charge bills once whatever stands there. A recurring charge
//! without a period is sent as it is and refused, because there a period is money.

use crate::json::Members;

const CHARGE: &str = "ProductRatePlanCharge";

/// The members that are added to an object that is created.
pub(super) fn added_on_creation(
    object: &str,
    body: &Members<'_>,
) -> Vec<(&'static str, &'static str)> {
    if object != CHARGE {
        return Vec::new();
    }
    let mut added = Vec::new();
    let recurs = body.get_text("ChargeType").is_none_or(|kind| kind == "Recurring");
    if !recurs && body.get_set("BillingPeriod").is_none() {
        added.push(("BillingPeriod", "\"Month\""));
    }
    if body.get_set("UseDiscountSpecificAccountingCode").is_none() {
        added.push(("UseDiscountSpecificAccountingCode", "false"));
    }
    added
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_what_is_missing_and_never_the_period_of_a_recurring_charge() {
        let added = |object: &str, body: &str| {
            let body = Members::of(body).expect(body);
            added_on_creation(object, &body).into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        let both = ["BillingPeriod", "UseDiscountSpecificAccountingCode"];
        assert_eq!(added(CHARGE, r#"{"ChargeType":"OneTime"}"#), both);
        assert_eq!(added(CHARGE, r#"{"ChargeType":"Recurring"}"#), both[1..]);
        let full = r#"{"ChargeType":"Usage","BillingPeriod":"Annual","UseDiscountSpecificAccountingCode":true}"#;
        assert!(added(CHARGE, full).is_empty());
        assert!(added("Product", "{}").is_empty());
    }
}
