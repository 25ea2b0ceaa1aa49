//! What an order would do, asked of the service; nothing is changed.
//!
//! The preview goes up to the day on which the order takes effect: what falls due by then is the
//! first bill, and a term is longer than that, so that no amount is cut off at its end. The metrics
//! cover the whole contract, however far the bills go. An evergreen subscription has no term to
//! preview through, so the end of the term is asked of nobody.

use super::{
    body::{is_large, plain},
    figures::figures,
    items,
    job::preview_ended,
};
use crate::{
    connector::{
        CallError, Class, Preview, Write,
        http::{Call, Effect, Method},
        zuora::{Zuora, broken},
    },
    json::{Checked, Members, ObjectText, list_text},
};

/// The fields of an order that its preview has too ("Preview an order"). Its number is none of
/// them: that of an order which exists would be refused.
const SHARED: [&str; 8] = [
    "category",
    "customFields",
    "existingAccountId",
    "existingAccountNumber",
    "orderDate",
    "orderLineItems",
    "reasonCode",
    "subscriptions",
];
/// The fields below it that its preview does not have.
const NOT_IN_PREVIEWS: [&str; 3] =
    ["paymentProfile", "externallyManagedPlanId", "externalCatalogPlanId"];
/// The fields of an address that a preview taxes by.
const OF_ADDRESS: [&str; 8] =
    ["address1", "address2", "city", "country", "county", "postalCode", "state", "taxRegion"];
/// `OrderMetrics` is left out: new tenants do not have it.
const TYPES: &str = r#"["ChargeMetrics","BillingDocs","OrderDeltaMetrics"]"#;

impl Zuora {
    /// The figures of an order before it is sent.
    pub(in crate::connector::zuora) async fn order_preview(
        &self,
        write: &Write,
    ) -> Result<Preview, CallError> {
        let fault = |said: String| broken("preview Order", said);
        let order = Members::of(&write.body).map_err(|error| fault(error.to_string()))?;
        match self.preview_sent(&order).await {
            Ok(Ok(result)) => {
                let figures = figures(&result, sold_in(&order).as_deref());
                figures.map(Preview::Told).map_err(fault)
            }
            Ok(Err(refused)) => Ok(refused),
            Err(CallError { class: Class::Refused, code, said, .. }) => {
                Ok(Preview::Refused { code: code.unwrap_or_else(|| "REFUSED".to_owned()), said })
            }
            Err(error) => Err(error),
        }
    }

    /// The text of the result. A large order is previewed by a job, as it is placed by one.
    async fn preview_sent(
        &self,
        order: &Members<'_>,
    ) -> Result<Result<String, Preview>, CallError> {
        let is_large = is_large(order);
        let path = if is_large { "/v1/async/orders/preview" } else { "/v1/orders/preview" };
        // A preview reads, though it is sent as a POST: it may be asked again.
        let call = Call::json(Effect::Read, Method::POST, path, preview_of(order));
        let reply = self.send(call).await?;
        let unread = |said: &str| broken(format!("POST {path}"), format!("the answer {said}"));
        let answer = Members::of(&reply.body).map_err(|_| unread("is no object"))?;
        if is_large {
            let job = answer.get_text("jobId").ok_or_else(|| unread("has no jobId"))?;
            return self.job_ended(&job, preview_ended).await;
        }
        let result = answer.get_set("previewResult");
        Ok(Ok(result.ok_or_else(|| unread("holds no previewResult"))?.text().to_owned()))
    }
}

/// The currency that an order says of what it sells once.
fn sold_in(order: &Members<'_>) -> Option<String> {
    let items = items(order, "orderLineItems");
    items.iter().find_map(|item| Some(item.get_text("currency")?.into_owned()))
}

/// The body of the preview of an order.
fn preview_of(order: &Members<'_>) -> String {
    let mut out = ObjectText::new();
    for (name, value) in order.iter().filter(|(name, _)| SHARED.contains(name)) {
        out.push(name, &without(value));
    }
    if let Some(account) = order.get_set("newAccount").and_then(Checked::as_members) {
        out.push("previewAccountInfo", &account_of(&account));
    }
    out.push("previewOptions", &options(order));
    out.end()
}

fn options(order: &Members<'_>) -> String {
    let mut out = ObjectText::new();
    out.push_text("previewThruType", "SpecificDate");
    if let Some(day) = effective(order) {
        out.push_text("specificPreviewThruDate", &day);
    }
    out.push("previewTypes", TYPES);
    out.end()
}

/// The last of the days on which the contract side of an action takes effect. Days as texts have
/// the order of days.
fn effective(order: &Members<'_>) -> Option<String> {
    let actions =
        items(order, "subscriptions").into_iter().flat_map(|one| items(&one, "orderActions"));
    let dates = actions.flat_map(|action| items(&action, "triggerDates"));
    let contract =
        dates.filter(|date| date.get_text("name").is_some_and(|name| name == "ContractEffective"));
    let days = contract.filter_map(|date| Some(date.get_text("triggerDate")?.into_owned()));
    days.max().or_else(|| order.get_text("orderDate").map(|day| day.into_owned()))
}

/// A value without what a preview does not take: some fields, and prices of usage, which is billed
/// by what is used and has no figure before.
fn without(value: Checked<'_>) -> String {
    if let Some(items) = value.as_list() {
        return list_text(items.into_iter().map(without));
    }
    let Some(members) = value.as_members() else { return plain(value) };
    let mut out = ObjectText::new();
    let is_kept = |name: &str, value: Checked<'_>| {
        !(NOT_IN_PREVIEWS.contains(&name) || name == "pricing" && is_of_usage(value))
    };
    for (name, value) in members.iter().filter(|(name, value)| is_kept(name, *value)) {
        out.push(name, &without(value));
    }
    out.end()
}

fn is_of_usage(pricing: Checked<'_>) -> bool {
    let members = pricing.as_members().unwrap_or_default();
    members.iter().any(|(name, _)| name.starts_with("usage"))
}

/// What a preview wants to know of an account that does not exist yet.
fn account_of(account: &Members<'_>) -> String {
    let mut out = ObjectText::new();
    let kept = ["billCycleDay", "currency", "customFields", "taxInfo"];
    for (name, value) in account.iter().filter(|(name, _)| kept.contains(name)) {
        out.push(name, &plain(value));
    }
    let contact = account.get_set("soldToContact").or(account.get_set("billToContact"));
    if let Some(contact) = contact.and_then(Checked::as_members) {
        let mut address = ObjectText::new();
        for (name, value) in contact.iter().filter(|(name, _)| OF_ADDRESS.contains(name)) {
            address.push(name, value.text());
        }
        out.push("soldToContact", &address.end());
    }
    out.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_for_what_the_order_says_and_not_for_more() {
        let order = r#"{"orderNumber":"O","orderDate":"2026-01-01","description":"x","processingOptions":{},
            "newAccount":{"name":"N","currency":"EUR","billCycleDay":1,"billToContact":{"firstName":"A","city":"Bern"}},
            "subscriptions":[{"orderActions":[
              {"type":"AddProduct","triggerDates":[{"name":"ContractEffective","triggerDate":"2026-02-01"},{"name":"ServiceActivation","triggerDate":"2026-03-01"}],
               "addProduct":{"externallyManagedPlanId":"e","productRatePlanId":"p","chargeOverrides":[
                 {"productRatePlanChargeId":"c","pricing":{"usagePerUnit":{"listPrice":1}}},
                 {"productRatePlanChargeId":"d","pricing":{"recurringPerUnit":{"listPrice":1.10}}}]}}]}]}"#;
        let expected = concat!(
            r#"{"orderDate":"2026-01-01","subscriptions":[{"orderActions":["#,
            r#"{"type":"AddProduct","triggerDates":[{"name":"ContractEffective","triggerDate":"2026-02-01"},{"name":"ServiceActivation","triggerDate":"2026-03-01"}],"#,
            r#""addProduct":{"productRatePlanId":"p","chargeOverrides":[{"productRatePlanChargeId":"c"},"#,
            r#"{"productRatePlanChargeId":"d","pricing":{"recurringPerUnit":{"listPrice":1.10}}}]}}]}],"#,
            r#""previewAccountInfo":{"currency":"EUR","billCycleDay":1,"soldToContact":{"city":"Bern"}},"#,
            r#""previewOptions":{"previewThruType":"SpecificDate","specificPreviewThruDate":"2026-02-01","#,
            r#""previewTypes":["ChargeMetrics","BillingDocs","OrderDeltaMetrics"]}}"#
        );
        assert_eq!(preview_of(&Members::of(order).expect("an order")), expected);
    }
}
