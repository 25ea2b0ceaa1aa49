//! What came of orders: the order, with the figures that its subscriptions have now.
//!
//! The object is `OrderOutcome`; no call of Zuora answers it, it is put together here.

use super::{find::order_of, items};
use crate::{
    connector::{
        CallError,
        http::{UnderWay, encode, together},
        zuora::{Zuora, broken},
    },
    json::{Members, ObjectText, list_text, text_literal},
    value::{Decimal, parse_decimal, write_decimal},
};

/// What is said of a subscription: our name, and Zuora's ("Retrieve a subscription by key").
const OF_SUBSCRIPTION: [(&str, &str); 13] = [
    ("subscriptionId", "id"),
    ("status", "status"),
    ("version", "version"),
    ("currency", "currency"),
    ("termType", "termType"),
    ("subscriptionStartDate", "subscriptionStartDate"),
    ("subscriptionEndDate", "subscriptionEndDate"),
    ("termStartDate", "termStartDate"),
    ("termEndDate", "termEndDate"),
    ("mrr", "contractedMrr"),
    ("netMrr", "contractedNetMrr"),
    ("tcv", "totalContractedValue"),
    ("netTcv", "netTotalContractedValue"),
];
/// The figures that are summed over all subscriptions.
const SUMMED: [&str; 4] = ["mrr", "netMrr", "tcv", "netTcv"];

impl Zuora {
    /// One outcome per number; `None` where there is no such order.
    pub(in crate::connector::zuora) async fn order_results(
        &self,
        numbers: &[String],
    ) -> Result<Vec<Option<String>>, CallError> {
        let mut calls: Vec<UnderWay<'_, _, _>> = Vec::new();
        for number in numbers {
            calls.push(Box::pin(self.order_result(number)));
        }
        together(calls).await
    }

    async fn order_result(&self, number: &str) -> Result<Option<String>, CallError> {
        let Some(answer) = self.order(number).await? else { return Ok(None) };
        let order = order_of(&answer, number)?;
        let mut subscriptions = Vec::new();
        for one in items(&order, "subscriptions") {
            if let Some(number) = one.get_text("subscriptionNumber") {
                subscriptions.push(self.subscription_result(&number).await?);
            }
        }
        Ok(Some(outcome(&order, &subscriptions)))
    }

    /// The figures of a subscription; of one that has been deleted since, its number alone.
    async fn subscription_result(&self, number: &str) -> Result<String, CallError> {
        let mut out = ObjectText::new();
        out.push_text("subscriptionNumber", number);
        let path = format!("/v1/subscriptions/{}", encode(number));
        if let Some(answer) = self.read_if_there(path.clone()).await? {
            let fault = |_| broken(format!("GET {path}"), "the answer is no object");
            let subscription = Members::of(&answer).map_err(fault)?;
            for (ours, theirs) in OF_SUBSCRIPTION {
                if let Some(value) = subscription.get_set(theirs) {
                    out.push(ours, value.text());
                }
            }
        }
        Ok(out.end())
    }
}

fn outcome(order: &Members<'_>, subscriptions: &[String]) -> String {
    let mut out = ObjectText::new();
    for (ours, theirs) in [
        ("orderNumber", "orderNumber"),
        ("orderDate", "orderDate"),
        ("accountNumber", "existingAccountNumber"),
        ("status", "status"),
    ] {
        if let Some(value) = order.get_set(theirs) {
            out.push(ours, value.text());
        }
    }
    let members: Vec<Members<'_>> =
        subscriptions.iter().filter_map(|one| Members::of(one).ok()).collect();
    if let Some(number) = members.first().and_then(|first| first.get_text("subscriptionNumber")) {
        out.push_text("subscriptionNumber", &number);
    }
    totals(&members, &mut out);
    out.push("subscriptions", &list_text(subscriptions));
    let lines = items(order, "orderLineItems");
    if !lines.is_empty() {
        out.push("orderLineItems", &list_text(lines.iter().map(line)));
    }
    out.end()
}

/// What is said of an order line item.
fn line(item: &Members<'_>) -> String {
    let mut out = ObjectText::new();
    for name in ["id", "itemNumber", "itemState", "amount"] {
        if let Some(value) = item.get_set(name) {
            out.push(name, value.text());
        }
    }
    out.end()
}

/// The sums, where all subscriptions have one currency. An evergreen one has no total value, and
/// then the sum has none either.
fn totals(subscriptions: &[Members<'_>], out: &mut ObjectText) {
    let mut currencies = subscriptions.iter().map(|one| one.get_text("currency"));
    let Some(Some(currency)) = currencies.next() else { return };
    if currencies.any(|other| other.as_deref() != Some(currency.as_ref())) {
        return;
    }
    out.push("currency", &text_literal(&currency));
    for name in SUMMED {
        let values = subscriptions.iter().map(|one| parse_decimal(one.get_set(name)?.text()));
        let sum = values.reduce(|sum, value| sum?.checked_add(value?)).flatten();
        if let Some(sum) = sum {
            out.push(name, &number_text(sum));
        }
    }
}

/// The text of a JSON number.
fn number_text(number: Decimal) -> String {
    let mut bytes = Vec::new();
    write_decimal(number, &mut bytes);
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(subscriptions: &[&str]) -> String {
        let order = r#"{"orderNumber":"O","existingAccountNumber":"A","status":"Pending"}"#;
        let subscriptions: Vec<String> = subscriptions.iter().map(|&one| one.into()).collect();
        outcome(&Members::of(order).expect("an order"), &subscriptions)
    }

    #[test]
    fn sums_what_can_be_summed() {
        let one = r#"{"subscriptionNumber":"S","currency":"EUR","mrr":1.10,"tcv":0E-9}"#;
        let head = r#"{"orderNumber":"O","accountNumber":"A","status":"Pending""#;
        assert_eq!(
            of(&[one]),
            format!(
                r#"{head},"subscriptionNumber":"S","currency":"EUR","mrr":1.1,"tcv":0,"subscriptions":[{one}]}}"#
            )
        );
        let other = r#"{"subscriptionNumber":"T","currency":"EUR","mrr":0.000000001}"#;
        assert!(of(&[one, other]).contains(r#""currency":"EUR","mrr":1.100000001,"subs"#));
        let foreign = r#"{"subscriptionNumber":"T","currency":"USD","mrr":1}"#;
        assert!(of(&[one, foreign]).contains(r#""subscriptionNumber":"S","subscriptions":["#));
        assert_eq!(of(&[]), format!(r#"{head},"subscriptions":[]}}"#));
        let sold_once =
            r#"{"orderLineItems":[{"id":"i","itemNumber":"1","itemName":"x","amount":5.0}]}"#;
        assert_eq!(
            outcome(&Members::of(sold_once).expect("an order"), &[]),
            r#"{"subscriptions":[],"orderLineItems":[{"id":"i","itemNumber":"1","amount":5.0}]}"#
        );
    }
}
