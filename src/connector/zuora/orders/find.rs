//! What is there of orders: by their number, which is their id.

use std::borrow::Cow;

use super::items;
use crate::{
    connector::{
        CallError, Class, Find, FindBy, Found,
        http::{Call, UnderWay, encode, together},
        zuora::{Zuora, broken},
    },
    json::{Checked, Members, ObjectText, list_text, text_literal},
};

const NUMBER: &str = "orderNumber";

impl Zuora {
    /// The orders with the numbers that a question asks for.
    pub(in crate::connector::zuora) async fn orders_found(
        &self,
        find: &Find,
    ) -> Result<Vec<Found>, CallError> {
        let numbers = numbers(&find.by)?;
        let mut calls: Vec<UnderWay<'_, _, _>> = Vec::new();
        for number in &numbers {
            calls.push(Box::pin(self.order(number)));
        }
        let answers = together(calls).await?;
        let mut found = Vec::new();
        for (asked, (answer, number)) in answers.into_iter().zip(&numbers).enumerate() {
            let Some(answer) = answer else { continue };
            let order = order_of(&answer, number)?;
            let is = order.get_text(NUMBER);
            if is.is_some_and(|is| is != number.as_ref()) {
                continue;
            }
            let value = |name: &String| Some((name.clone(), as_written(&order, name)?));
            let fields = find.fields.iter().filter_map(value).collect();
            found.push(Found { asked, id: number.clone().into_owned(), fields });
        }
        Ok(found)
    }

    /// The answer of an order; `None` when there is none with this number.
    pub(super) async fn order(&self, number: &str) -> Result<Option<String>, CallError> {
        let path = format!("/v1/orders/{}", encode(number));
        self.read_if_there(path).await
    }

    /// The answer to a `GET` of one object; `None` when there is none.
    pub(super) async fn read_if_there(&self, path: String) -> Result<Option<String>, CallError> {
        match self.send(Call::get(path)).await {
            Ok(reply) => Ok(Some(reply.body)),
            Err(error) if is_absence(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether a failure says that the object is not there: category 40. The same code stands for a
/// path that the service does not have, and that proves nothing.
fn is_absence(error: &CallError) -> bool {
    let is_not_found = |code: &String| code.len() > 2 && code.ends_with("40");
    let of_the_path = error.said.contains("endpoint");
    error.class == Class::Refused && error.code.as_ref().is_some_and(is_not_found) && !of_the_path
}

/// The order inside of an answer.
pub(super) fn order_of<'a>(answer: &'a str, number: &str) -> Result<Members<'a>, CallError> {
    let order = Members::of(answer).ok().and_then(|answer| answer.get_set("order")?.as_members());
    order.ok_or_else(|| broken(format!("GET /v1/orders/{number}"), "the answer holds no order"))
}

fn numbers(by: &FindBy) -> Result<Vec<Cow<'_, str>>, CallError> {
    let keys = match by {
        FindBy::Ids(ids) => return Ok(ids.iter().map(|id| Cow::Borrowed(id.as_str())).collect()),
        FindBy::Keys(keys) => keys,
    };
    let number = |key: &Vec<(String, String)>| match key.as_slice() {
        [(name, value)] if name == NUMBER => {
            Checked::check(value).ok().and_then(Checked::as_text).map(|text| text.into_owned())
        }
        _ => None,
    };
    let refused = || broken("find Order", "an order is found by its orderNumber alone");
    keys.iter().map(|key| number(key).map(Cow::Owned).ok_or_else(refused)).collect()
}

/// A field of an order as it would be written. Of its subscriptions only what tells them apart is
/// said again: the number, and the types of the actions in their order.
fn as_written(order: &Members<'_>, name: &str) -> Option<String> {
    let value = order.get_set(name)?;
    if name != "subscriptions" {
        return Some(value.text().to_owned());
    }
    let subscriptions = value.as_list()?.into_iter().filter_map(Checked::as_members);
    Some(list_text(subscriptions.map(|one| subscription(&one))))
}

fn subscription(one: &Members<'_>) -> String {
    let mut out = ObjectText::new();
    if let Some(number) = one.get_set("subscriptionNumber") {
        out.push("subscriptionNumber", number.text());
    }
    let actions = items(one, "orderActions");
    let types = actions.iter().filter_map(|action| {
        Some(format!(r#"{{"type":{}}}"#, text_literal(&action.get_text("type")?)))
    });
    out.push("orderActions", &list_text(types));
    out.end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::zuora::failed;

    #[test]
    fn only_the_code_of_absence_is_absence() {
        let error = |class, code: Option<&str>, said: &str| CallError {
            code: code.map(str::to_owned),
            ..failed(class, "GET /v1/orders/1", said)
        };
        let said = "Cannot find entity by key: '1'.";
        assert!(is_absence(&error(Class::Refused, Some("50000040"), said)));
        for (class, code, said) in [
            (Class::Refused, Some("50000040"), "The endpoint /v1/orders/1 does not exist"),
            (Class::Refused, None, "no Route matched with those values"),
            (Class::Refused, Some("53100330"), said),
            (Class::Wait, Some("50000050"), said),
            (Class::SignIn, Some("90000011"), said),
        ] {
            assert!(!is_absence(&error(class, code, said)), "{code:?} {said}");
        }
    }

    #[test]
    fn says_again_what_tells_subscriptions_apart() {
        let order = r#"{"orderNumber":"1","orderDate":"2026-01-01","description":null,
            "subscriptions":[{"subscriptionNumber":"S","newVersion":2,"orderActions":[{"type":"AddProduct","sequence":0,"addProduct":{}}]}]}"#;
        let order = Members::of(order).expect("an order");
        assert_eq!(as_written(&order, "orderDate").as_deref(), Some("\"2026-01-01\""));
        assert_eq!(as_written(&order, "description"), None);
        assert_eq!(
            as_written(&order, "subscriptions").as_deref(),
            Some(r#"[{"subscriptionNumber":"S","orderActions":[{"type":"AddProduct"}]}]"#)
        );
    }
}
