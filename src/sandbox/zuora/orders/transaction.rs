//! Carries out an order as one: all of its actions, or none.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::actions::{self, Scene};
use super::fields::{date, filled, is_true, object, objects, text};
use super::state::{ActionDone, Order, OrderStatus};
use super::{line_items, numbers, triggers};
use crate::sandbox::zuora::accounts::{self, Account};
use crate::sandbox::zuora::answer::{Category, Reason};
use crate::sandbox::zuora::metrics::sums::{self, Change};
use crate::sandbox::zuora::store::{Entry, Mutation};
use crate::sandbox::zuora::subscriptions::{Subscription, versions};
use crate::sandbox::zuora::version::ApiVersion;
use crate::sandbox::zuora::work::Work;

/// From this version on an order answers with its subscriptions, not just with their numbers.
const SUBSCRIPTIONS_AS_OBJECTS: ApiVersion = ApiVersion::Minor(223);
/// Most order line items of an order.
const LINE_ITEMS_MAX: usize = 100;

/// How large an order may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Subscriptions of an order.
    pub subscriptions_max: usize,
    /// Order actions of an order, and of one of its subscriptions.
    pub actions_max: usize,
}

impl Limits {
    /// A call that is answered when the work is done.
    pub const SYNCHRONOUS: Self = Self { subscriptions_max: 50, actions_max: 50 };
    /// A call that becomes a job.
    pub const ASYNCHRONOUS: Self = Self { subscriptions_max: 300, actions_max: 300 };

    fn check(self, body: &Map<String, Value>) -> Result<(), Reason> {
        let subscriptions = objects(body, "subscriptions").count();
        let actions: usize =
            objects(body, "subscriptions").map(|one| objects(one, "orderActions").count()).sum();
        let items = objects(body, "orderLineItems").count();
        for (what, count, most) in [
            ("subscriptions", subscriptions, self.subscriptions_max),
            ("order actions", actions, self.actions_max),
            ("order line items", items, LINE_ITEMS_MAX),
        ] {
            if count > most {
                let message = format!("The order has {count} {what}; it can have {most}.");
                return Err(Reason::rule(message));
            }
        }
        Ok(())
    }
}

/// What one order did to one subscription.
#[derive(Debug)]
pub struct Touched {
    /// The version before; none for a new subscription.
    pub before: Option<Subscription>,
    /// The version that the order made.
    pub after: Subscription,
    /// What each action changed: its type, its place, and the changes charge by charge.
    pub changes: Vec<(String, usize, Vec<Change>)>,
}

/// What an order did.
#[derive(Debug)]
pub struct Outcome {
    /// The order.
    pub order: Order,
    /// Its account.
    pub account: Account,
    /// Its subscriptions.
    pub touched: Vec<Touched>,
}

/// Places an order whose body fits its schema.
///
/// # Errors
/// The first rule that it breaks; nothing has changed then.
pub fn place(
    work: &mut Work<'_>,
    body: &Map<String, Value>,
    limits: Limits,
) -> Result<Outcome, Vec<Reason>> {
    let mark = work.mark();
    let placed = account_of(work, body).and_then(|account| carry_out(work, body, account, limits));
    placed.inspect_err(|_| work.back_to(mark))
}

/// Places an order for an account that is known, be it one that is not stored.
///
/// # Errors
/// As [`place`], but what has changed is not taken back.
pub fn carry_out(
    work: &mut Work<'_>,
    body: &Map<String, Value>,
    account: Account,
    limits: Limits,
) -> Result<Outcome, Vec<Reason>> {
    let one = |reason: Reason| vec![reason];
    check_whole(body).and_then(|()| limits.check(body)).map_err(one)?;
    let number = numbers::of_order(work, filled(body, "orderNumber")).map_err(one)?;
    let date = date(body, "orderDate").unwrap_or_else(|| work.today());
    let mut tokens = BTreeMap::new();
    let (mut touched, mut done): (Vec<Touched>, Vec<ActionDone>) = (Vec::new(), Vec::new());
    for said in objects(body, "subscriptions") {
        let place = Place { account: &account, order: &number, date };
        let (one_touched, actions) =
            on_subscription(work, &place, &mut tokens, said).map_err(one)?;
        let after = &one_touched.after;
        if touched.iter().any(|other| other.after.number == after.number) {
            let message = format!("The subscription {} is in the order twice.", after.number);
            return Err(one(Reason::rule(message)));
        }
        versions::keep(work, after.clone());
        work.count_write();
        let (subscription, version) = after.key();
        done.push(ActionDone { subscription, version, actions });
        touched.push(one_touched);
    }
    let line_items = line_items::sell(work, &account, body).map_err(one)?;
    let is_pending = touched.iter().any(|one| one.after.status.is_pending());
    let status = if is_pending { OrderStatus::Pending } else { OrderStatus::Completed };
    let kept = ["description", "category", "customFields", "reasonCode"];
    let fields =
        kept.iter().filter_map(|name| Some(((*name).to_owned(), body.get(*name)?.clone())));
    let order = Order {
        id: work.next_id(),
        number: number.clone(),
        date,
        account: account.id.clone(),
        status,
        done,
        line_items,
        fields: fields.collect(),
        made: work.stamp(),
    };
    work.apply(Mutation::Order(Entry::new(number, order.clone())));
    work.count_write();
    Ok(Outcome { order, account, touched })
}

/// What this emulated tenant does not have is refused, so that nothing is silently left out.
fn check_whole(body: &Map<String, Value>) -> Result<(), Reason> {
    let not_provisioned = |what: &str| {
        Err(Reason::new(Category::Rule, format!("{what} is not provisioned in this tenant.")))
    };
    if text(body, "status").is_some_and(|status| status != "Completed") {
        return not_provisioned("An order that is a draft or scheduled");
    }
    if body.contains_key("schedulingOptions") {
        return not_provisioned("schedulingOptions");
    }
    if text(body, "category") == Some("Return") {
        return not_provisioned("The category Return");
    }
    if let Some(options) = object(body, "processingOptions")
        && (is_true(options, "runBilling") || is_true(options, "collectPayment"))
    {
        return not_provisioned("Billing and collecting payment together with an order");
    }
    if objects(body, "subscriptions").any(|one| one.contains_key("ramp")) {
        return not_provisioned("A ramp");
    }
    let is_empty =
        objects(body, "subscriptions").count() == 0 && objects(body, "orderLineItems").count() == 0;
    if is_empty {
        return Err(Reason::rule("The order has neither subscriptions nor order line items."));
    }
    Ok(())
}

/// The account of an order: one that exists, or one that it makes.
fn account_of(work: &mut Work<'_>, body: &Map<String, Value>) -> Result<Account, Vec<Reason>> {
    let key = match object(body, "newAccount") {
        Some(fields) => accounts::create(work, fields)?,
        None => filled(body, "existingAccountNumber")
            .or(filled(body, "existingAccountId"))
            .unwrap_or_default()
            .to_owned(),
    };
    let account = accounts::find(work, &key).ok_or_else(|| vec![Reason::not_found(&key)])?;
    if account.status != "Active" {
        let message = format!("The account {} is not active: {}.", account.number, account.status);
        return Err(vec![Reason::rule(message)]);
    }
    Ok(account)
}

/// What all actions of an order share.
struct Place<'a> {
    account: &'a Account,
    order: &'a str,
    date: Date,
}

/// Carries out the actions on one subscription.
fn on_subscription(
    work: &mut Work<'_>,
    place: &Place<'_>,
    tokens: &mut BTreeMap<String, String>,
    said: &Map<String, Value>,
) -> Result<(Touched, Vec<Map<String, Value>>), Reason> {
    let before = existing(work, place, said)?;
    let mut current = before.as_ref().map(|before| next_version(work, place, before));
    let (mut changes, mut actions) = (Vec::new(), Vec::new());
    for (sequence, action) in objects(said, "orderActions").enumerate() {
        let dates = triggers::stated(action, place.date)?;
        let Place { account, order, date: order_date } = *place;
        let mut scene =
            Scene { work: &mut *work, account, order_date, order, dates, tokens: &mut *tokens };
        let after = actions::apply(&mut scene, current.as_ref(), action)?;
        let changed = sums::changes(current.as_ref(), &after);
        let kind = text(action, "type").unwrap_or_default().to_owned();
        let mut shown = action.clone();
        shown.insert("sequence".to_owned(), json!(sequence));
        actions.push(shown);
        current = Some(billed(after, &changed));
        changes.push((kind, sequence, changed));
    }
    let Some(mut after) = current.filter(|_| !actions.is_empty()) else {
        return Err(Reason::rule("A subscription of the order has no orderActions."));
    };
    if let Some(fields) = object(said, "customFields") {
        after.custom_fields.extend(fields.clone());
    }
    if let Some(notes) = said.get("notes") {
        after.notes.insert("notes".to_owned(), notes.clone());
    }
    Ok((Touched { before, after, changes }, actions))
}

/// The subscription that an order names; none when it creates one.
fn existing(
    work: &Work<'_>,
    place: &Place<'_>,
    said: &Map<String, Value>,
) -> Result<Option<Subscription>, Reason> {
    let Some(number) = filled(said, "subscriptionNumber") else { return Ok(None) };
    let Some(found) = versions::latest(work, number) else {
        return Err(Reason::not_found(number));
    };
    if found.account != place.account.id {
        let message = format!(
            "The subscription {number} does not belong to the account {}.",
            place.account.number
        );
        return Err(Reason::rule(message));
    }
    Ok(Some(found.clone()))
}

/// The version that an order is about to make.
fn next_version(work: &mut Work<'_>, place: &Place<'_>, before: &Subscription) -> Subscription {
    Subscription {
        id: work.next_id(),
        version: before.version.saturating_add(1),
        order: place.order.to_owned(),
        booked_on: place.date,
        made: work.stamp(),
        ..before.clone()
    }
}

/// Adds what an action changed in the contracted billing to its charges.
pub fn billed(mut subscription: Subscription, changes: &[Change]) -> Subscription {
    for charge in subscription.plans.iter_mut().flat_map(|plan| &mut plan.charges) {
        let own = changes.iter().filter(|change| change.charge_id == charge.id);
        for tcb in own.filter_map(|change| change.tcb) {
            charge.billed = charge.billed.saturating_add(tcb.gross);
            charge.billed_net = charge.billed_net.saturating_add(tcb.net);
        }
    }
    subscription
}

impl Outcome {
    /// What the service answers.
    #[must_use]
    pub fn answer(
        &self,
        work: &Work<'_>,
        version: ApiVersion,
        returns_ids: bool,
    ) -> Map<String, Value> {
        let mut answer = Map::new();
        let mut say = |name: &str, value: Value| {
            answer.insert(name.to_owned(), value);
        };
        say("success", json!(true));
        say("orderNumber", json!(self.order.number));
        say("accountNumber", json!(self.account.number));
        say("status", json!(self.order.status.name()));
        let subscriptions = self.touched.iter().map(|one| one.answer(work, returns_ids));
        if version >= SUBSCRIPTIONS_AS_OBJECTS {
            say("subscriptions", subscriptions.collect());
        } else {
            let numbers = self.touched.iter().map(|one| json!(one.after.number));
            say("subscriptionNumbers", numbers.collect());
        }
        if !self.order.line_items.is_empty() {
            let shown = |item: &Map<String, Value>| json!({"itemNumber": item.get("itemNumber"), "id": item.get("id")});
            say("orderLineItems", self.order.line_items.iter().map(shown).collect());
        }
        if returns_ids {
            say("orderId", json!(self.order.id));
            say("accountId", json!(self.account.id));
            let ids = self.touched.iter().map(|one| json!(one.after.id));
            say("subscriptionIds", ids.collect());
        }
        answer
    }
}

impl Touched {
    fn answer(&self, work: &Work<'_>, returns_ids: bool) -> Value {
        let after = &self.after;
        let owner = accounts::find(work, &after.account).map(|account| account.number);
        let mut shown = json!({
            "subscriptionNumber": after.number,
            "status": after.status.name(),
            "subscriptionOwnerNumber": owner,
        });
        if let Some(shown) = shown.as_object_mut().filter(|_| returns_ids) {
            shown.insert("subscriptionId".to_owned(), json!(after.id));
            shown.insert("subscriptionOwnerId".to_owned(), json!(after.account));
        }
        shown
    }
}
