//! The body of an order: what is read of it, and what is added to it, before it is sent.

use super::items;
use crate::{
    connector::{CallError, Write, zuora::broken},
    json::{Checked, Members, ObjectText, list_text},
};

/// Order actions, and subscriptions, of an order that one call takes ("Create an order", limits:
/// 50 and 50; 300 and 300 as a job).
const AT_ONCE_MAX: usize = 50;
/// What an order does besides selling; the service may do it when nothing is said.
const NOT_WISHED: [&str; 2] = ["runBilling", "collectPayment"];
const OPTIONS: &str = "processingOptions";

/// An order ready to be sent.
pub(super) struct Body {
    /// The number that we chose.
    pub(super) number: String,
    /// The text.
    pub(super) text: String,
    /// Whether it has to become a job.
    pub(super) is_large: bool,
}

impl Body {
    pub(super) fn of(write: &Write) -> Result<Self, CallError> {
        let fault = |said: String| broken("write Order", said);
        let order = Members::of(&write.body).map_err(|error| fault(error.to_string()))?;
        let number = order.get_text("orderNumber").filter(|number| !number.is_empty());
        let number = number.ok_or_else(|| {
            fault("an order needs an orderNumber: it is found again by nothing else".to_owned())
        })?;
        Ok(Self {
            number: number.into_owned(),
            text: with_options(&order),
            is_large: is_large(&order),
        })
    }
}

/// Nothing is billed and nothing collected where the mapping does not say so.
fn with_options(order: &Members<'_>) -> String {
    let said = order.get_set(OPTIONS);
    let mut out = ObjectText::new();
    for (name, value) in order.iter().filter(|(name, _)| *name != OPTIONS) {
        out.push(name, &plain(value));
    }
    let said = said.and_then(Checked::as_members).unwrap_or_default();
    let mut options = ObjectText::new();
    for (name, value) in said.iter() {
        options.push(name, value.text());
    }
    for name in NOT_WISHED.iter().filter(|name| said.get(name).is_none()) {
        options.push(name, "false");
    }
    out.push(OPTIONS, &options.end());
    out.end()
}

/// A value with its whole numbers as such: Salesforce answers `12.0`, and a period or a day of the
/// month is an integer.
pub(super) fn plain(value: Checked<'_>) -> String {
    let text = value.text();
    match text.bytes().next() {
        Some(b'{') => {
            let mut out = ObjectText::new();
            for (name, value) in value.as_members().unwrap_or_default().iter() {
                out.push(name, &plain(value));
            }
            out.end()
        }
        Some(b'[') => list_text(value.as_list().unwrap_or_default().into_iter().map(plain)),
        Some(b'-' | b'0'..=b'9') => match text.split_once('.') {
            Some((whole, rest)) if rest.bytes().all(|digit| digit == b'0') => whole.to_owned(),
            _ => text.to_owned(),
        },
        _ => text.to_owned(),
    }
}

/// Whether an order has more actions or subscriptions than one call takes.
pub(super) fn is_large(order: &Members<'_>) -> bool {
    let subscriptions = items(order, "subscriptions");
    let actions: usize = subscriptions.iter().map(|one| items(one, "orderActions").len()).sum();
    subscriptions.len() > AT_ONCE_MAX || actions > AT_ONCE_MAX
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::Verb;

    fn body(text: &str) -> Result<Body, CallError> {
        Body::of(&Write { object: "Order".into(), verb: Verb::Create, body: text.to_owned() })
    }

    #[test]
    fn nothing_is_billed_that_nobody_asked_for() {
        let none = body(r#"{"orderNumber":"1","x":1.10}"#).expect("a body");
        let expected = r#"{"orderNumber":"1","x":1.10,"processingOptions":{"runBilling":false,"collectPayment":false}}"#;
        assert_eq!(none.text, expected);
        let said =
            r#"{"processingOptions":{"runBilling":true,"billingOptions":{}},"orderNumber":"1"}"#;
        let expected = r#"{"orderNumber":"1","processingOptions":{"runBilling":true,"billingOptions":{},"collectPayment":false}}"#;
        assert_eq!(body(said).expect("a body").text, expected);
        assert!(body(r#"{"orderNumber":null}"#).is_err());
    }

    #[test]
    fn a_whole_number_has_no_fraction_and_any_other_keeps_its_digits() {
        let text = r#"{"period":12.0,"list":[-3.00,{"price":1.10}],"n":0.0,"e":1.0e1,"t":"12.0","x":null}"#;
        let expected =
            r#"{"period":12,"list":[-3,{"price":1.10}],"n":0,"e":1.0e1,"t":"12.0","x":null}"#;
        assert_eq!(plain(Checked::check(text).expect("JSON")), expected);
    }

    #[test]
    fn counts_the_actions_of_all_subscriptions() {
        let order = |sizes: &[usize]| {
            let one =
                |size: &usize| format!(r#"{{"orderActions":[{}]}}"#, vec!["{}"; *size].join(","));
            let all: Vec<String> = sizes.iter().map(one).collect();
            format!(r#"{{"orderNumber":"1","subscriptions":[{}]}}"#, all.join(","))
        };
        for (sizes, is_large) in
            [(vec![50], false), (vec![51], true), (vec![25, 26], true), (vec![0; 51], true)]
        {
            assert_eq!(body(&order(&sizes)).expect("a body").is_large, is_large, "{sizes:?}");
        }
    }
}
