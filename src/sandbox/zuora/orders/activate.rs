//! `PUT /v1/orders/{number}/triggerDates`: the dates that a pending order waits for.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::fields::{date, filled, objects, text, whole};
use super::state::{Order, OrderStatus};
use super::transaction::billed;
use super::triggers::Stated;
use super::{RESOURCE, check_against};
use crate::sandbox::zuora::accounts;
use crate::sandbox::zuora::answer::{Answer, Category, Reason};
use crate::sandbox::zuora::call::Call;
use crate::sandbox::zuora::metrics::sums;
use crate::sandbox::zuora::schema::Schema;
use crate::sandbox::zuora::store::{Entry, Mutation};
use crate::sandbox::zuora::subscriptions::charge::{Charge, End, Segment};
use crate::sandbox::zuora::subscriptions::state::{Subscription, Triggers};
use crate::sandbox::zuora::subscriptions::versions;
use crate::sandbox::zuora::work::Work;

/// What the body may hold.
const SCHEMA: &str = include_str!("trigger_dates.json");

/// Serves the call.
pub fn put(work: &mut Work<'_>, call: &Call) -> Answer {
    let mark = work.mark();
    let schema = Schema::parse("OrderTriggerDates", SCHEMA)
        .map_err(|reason| vec![Reason::new(Category::Internal, reason)]);
    let done = schema
        .and_then(|schema| check_against(&schema, work, &call.body))
        .and_then(|()| activate(work, call).map_err(|reason| vec![reason]));
    match done {
        Ok(body) => Answer::ok(body),
        Err(reasons) => {
            work.back_to(mark);
            Answer::refused_for(call.version, RESOURCE, &reasons)
        }
    }
}

fn activate(work: &mut Work<'_>, call: &Call) -> Result<Value, Reason> {
    let number = call.segment_from_end(1);
    let order = work.store().orders.get(&number).cloned();
    let mut order = order.ok_or_else(|| Reason::not_found(&number))?;
    if order.status != OrderStatus::Pending {
        return Err(Reason::rule(format!("The order {number} does not wait for a date.")));
    }
    let mut rows = Vec::new();
    for said in objects(&call.body, "subscriptions") {
        let subscription = activated(work, &order, said)?;
        rows.push(json!({
            "subscriptionNumber": subscription.number,
            "status": subscription.status.name(),
        }));
        versions::keep(work, subscription);
    }
    let is_pending = order.done.iter().any(|done| {
        versions::latest(work, &done.subscription).is_some_and(|one| one.status.is_pending())
    });
    if !is_pending {
        order.status = OrderStatus::Completed;
    }
    let account = accounts::find(work, &order.account).map(|account| account.number);
    let body = json!({
        "success": true,
        "orderNumber": order.number,
        "accountNumber": account,
        "status": order.status.name(),
        "subscriptions": rows,
    });
    work.apply(Mutation::Order(Entry::new(number, order)));
    work.count_write();
    Ok(body)
}

/// The subscription with the dates that a body says of it.
fn activated(
    work: &mut Work<'_>,
    order: &Order,
    said: &Map<String, Value>,
) -> Result<Subscription, Reason> {
    let number = filled(said, "subscriptionNumber").unwrap_or_default();
    let done = order.done.iter().find(|done| done.subscription == number);
    let done = done.ok_or_else(|| Reason::not_found(number))?;
    let before = versions::latest(work, number).cloned();
    let before = before.filter(|one| one.version == done.version && one.status.is_pending());
    let before = before.ok_or_else(|| {
        Reason::rule(format!("The subscription {number} does not wait for a date."))
    })?;
    let mut stated = Stated {
        contract: before.triggers.contract,
        service: before.triggers.service,
        acceptance: before.triggers.acceptance,
    };
    for action in objects(said, "orderActions") {
        if whole(action, "sequence") != Some(0) {
            return Err(Reason::rule("Only the creation of a subscription waits for dates."));
        }
        for trigger in objects(action, "triggerDates") {
            let day = date(trigger, "triggerDate");
            match text(trigger, "name") {
                Some("ServiceActivation") => stated.service = day,
                _ => stated.acceptance = day,
            }
        }
    }
    stated.check_order()?;
    let mut after = before.clone();
    (after.triggers, after.status) = stated.settled(work.tenant.orders);
    start_waiting(work, &mut after)?;
    after.fit_charges();
    let changes = sums::changes(Some(&before), &after);
    Ok(billed(after, &changes))
}

/// Starts the charges whose trigger has a date now.
fn start_waiting(work: &mut Work<'_>, subscription: &mut Subscription) -> Result<(), Reason> {
    let (triggers, end) = (subscription.triggers, subscription.end());
    for charge in subscription.plans.iter_mut().flat_map(|plan| &mut plan.charges) {
        let Some(start) = charge.awaits.as_ref().and_then(|one| day_of(triggers, &one.event))
        else {
            continue;
        };
        if end.is_some_and(|end| start >= end) {
            let name = &charge.name;
            return Err(Reason::rule(format!("The charge '{name}' would start after its end.")));
        }
        begin(work.next_id(), charge, start);
    }
    Ok(())
}

fn day_of(triggers: Triggers, event: &str) -> Option<Date> {
    match event {
        "ServiceActivation" => triggers.service,
        "CustomerAcceptance" => triggers.acceptance,
        _ => None,
    }
}

fn begin(id: String, charge: &mut Charge, start: Date) {
    let Some(awaited) = charge.awaits.take() else { return };
    if let Some(end) = awaited.length.and_then(|length| length.after(start)) {
        charge.ends = End::On(end);
    }
    charge.segments = vec![Segment { id, number: 1, start, price: awaited.price, rests: false }];
}
