//! Reading orders.

use serde_json::{Map, Value, json};

use super::Order;
use crate::sandbox::zuora::accounts;
use crate::sandbox::zuora::answer::{Answer, Reason};
use crate::sandbox::zuora::call::Call;
use crate::sandbox::zuora::paging::page_of;
use crate::sandbox::zuora::work::Work;

/// The resource of all failed reads in the code of an error.
const RESOURCE: u32 = 500_000;

/// `GET /v1/orders/{number}`.
pub fn get(work: &mut Work<'_>, call: &Call) -> Answer {
    let key = call.key();
    match work.store().orders.get(&key) {
        Some(order) => Answer::ok(json!({"success": true, "order": shown(work, order)})),
        None => Answer::refused_for(call.version, RESOURCE, &[Reason::not_found(&key)]),
    }
}

/// `GET /v1/orders`: all orders, newest first, or those with a status.
pub fn list(work: &mut Work<'_>, call: &Call) -> Answer {
    let status = call.parameter("status");
    let mut orders: Vec<&Order> = work
        .store()
        .orders
        .all()
        .filter(|order| status.is_none_or(|status| order.status.name() == status))
        .collect();
    orders.sort_by(|one, other| other.made.cmp(&one.made).then(other.number.cmp(&one.number)));
    match page_of(call, &orders) {
        Ok(page) => {
            let rows: Vec<Value> = page.rows.iter().map(|order| shown(work, order)).collect();
            let mut body = json!({"success": true, "orders": rows});
            page.link(call, &mut body);
            Answer::ok(body)
        }
        Err(reason) => Answer::refused_for(call.version, RESOURCE, &[reason]),
    }
}

fn shown(work: &Work<'_>, order: &Order) -> Value {
    let account = accounts::find(work, &order.account).map(|account| account.number);
    let subscriptions: Vec<Value> = order
        .done
        .iter()
        .map(|done| {
            json!({
                "subscriptionNumber": done.subscription,
                "baseVersion": done.version.saturating_sub(1).max(1),
                "newVersion": done.version,
                "orderActions": done.actions,
            })
        })
        .collect();
    let mut shown: Map<String, Value> = order.fields.clone();
    let own = json!({
        "orderNumber": order.number,
        "orderDate": order.date.to_string(),
        "existingAccountNumber": account,
        "status": order.status.name(),
        "createdDate": order.made,
        "updatedDate": order.made,
        "orderLineItems": order.line_items,
        "subscriptions": subscriptions,
    });
    if let Value::Object(own) = own {
        shown.extend(own);
    }
    Value::Object(shown)
}
