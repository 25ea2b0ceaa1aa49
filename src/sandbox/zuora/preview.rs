//! What an order would do: it is placed, looked at and taken back.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::accounts::{self, Account};
use super::answer::{Answer, Category, Reason};
use super::call::Call;
use super::metrics::curve::{self, Worth};
use super::metrics::documents::{Item, Through, items};
use super::metrics::sums::{self, Change};
use super::number;
use super::orders::fields::{date, filled, object, text, whole};
use super::orders::transaction::{Limits, Outcome, Touched, carry_out};
use super::orders::{self};
use super::store::Kind;
use super::subscriptions::Subscription;
use super::subscriptions::charge::Charge;
use super::subscriptions::state::RatePlan;
use super::subscriptions::view::{contracted, metric};
use super::work::Work;

/// The resource of previews in the code of an error.
pub const RESOURCE: u32 = 587_400;
/// Parts of a preview that this tenant has.
const TYPES: [&str; 3] = ["ChargeMetrics", "BillingDocs", "OrderDeltaMetrics"];

/// `POST /v1/orders/preview`.
pub fn post(work: &mut Work<'_>, call: &Call) -> Answer {
    let shown = orders::check(work, "OrderPreview", &call.body)
        .and_then(|()| preview(work, &call.body, Limits::SYNCHRONOUS));
    match shown {
        Ok(result) => Answer::ok(json!({"success": true, "previewResult": result})),
        Err(reasons) => Answer::refused_for(call.version, RESOURCE, &reasons),
    }
}

/// The result of a preview whose body fits its schema.
///
/// # Errors
/// What the order itself would be refused for, and options that say nothing.
pub fn preview(
    work: &mut Work<'_>,
    body: &Map<String, Value>,
    limits: Limits,
) -> Result<Value, Vec<Reason>> {
    let nothing = Map::new();
    let options = object(body, "previewOptions").unwrap_or(&nothing);
    let types = types(options).map_err(|reason| vec![reason])?;
    let account = account_of(work, body).map_err(|reason| vec![reason])?;
    let mark = work.mark();
    let shown = carry_out(work, body, account, limits)
        .and_then(|outcome| shown(work, &outcome, options, &types).map_err(|reason| vec![reason]));
    work.back_to(mark);
    shown
}

fn types(options: &Map<String, Value>) -> Result<Vec<String>, Reason> {
    let wished = options.get("previewTypes").and_then(Value::as_array);
    let wished: Vec<String> =
        wished.into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect();
    if wished.is_empty() {
        return Err(Reason::new(Category::MissingField, "Missing required value: previewTypes"));
    }
    match wished.iter().find(|one| !TYPES.contains(&one.as_str())) {
        None => Ok(wished),
        Some(other) => Err(Reason::rule(format!("{other} is not provisioned in this tenant."))),
    }
}

/// The account of the preview: one that exists, or one that is only described.
fn account_of(work: &Work<'_>, body: &Map<String, Value>) -> Result<Account, Reason> {
    if let Some(info) = object(body, "previewAccountInfo") {
        return Ok(Account {
            id: String::new(),
            number: String::new(),
            name: String::new(),
            currency: filled(info, "currency").unwrap_or_default().to_owned(),
            status: "Active".to_owned(),
            bill_cycle_day: whole(info, "billCycleDay").unwrap_or(0),
            bill_to: None,
            sold_to: None,
            payment_term: None,
            batch: String::new(),
        });
    }
    let key = filled(body, "existingAccountNumber").or(filled(body, "existingAccountId"));
    let key = key.unwrap_or_default();
    accounts::find(work, key).ok_or_else(|| Reason::not_found(key))
}

fn shown(
    work: &Work<'_>,
    outcome: &Outcome,
    options: &Map<String, Value>,
    types: &[String],
) -> Result<Value, Reason> {
    let mut result = Map::new();
    let wants = |name: &str| types.iter().any(|one| one == name);
    if wants("ChargeMetrics") {
        result.insert("chargeMetrics".to_owned(), outcome.touched.iter().map(metrics).collect());
    }
    if wants("BillingDocs") {
        let invoices = invoices(work, outcome, options)?;
        result.insert("invoices".to_owned(), Value::Array(invoices));
        // Nothing has been billed before, so there is nothing to give back.
        result.insert("creditMemos".to_owned(), json!([]));
    }
    if wants("OrderDeltaMetrics") {
        result.insert("orderDeltaMetrics".to_owned(), deltas(outcome));
    }
    Ok(Value::Object(result))
}

/// The metrics of the charges of one subscription, with their change.
fn metrics(touched: &Touched) -> Value {
    let after = &touched.after;
    let plans = after.plans.iter();
    let charges = plans.flat_map(|plan| plan.charges.iter().map(move |charge| (plan, charge)));
    let rows: Vec<Value> = charges
        .map(|(plan, charge)| {
            let new = Measured::of(after, plan, charge);
            let old = touched.before.as_ref().and_then(|before| measured_before(before, charge));
            let old = old.unwrap_or_default();
            json!({
                "chargeNumber": charge.number,
                "productRatePlanChargeId": charge.product_charge,
                "productRatePlanId": plan.product_plan,
                "originRatePlanId": plan.id,
                "subscriptionRatePlanNumber": plan.number,
                "cmrr": pair(new.cmrr, old.cmrr),
                "tcv": pair(new.tcv, old.tcv),
                "tcb": pair(new.tcb, old.tcb),
                "tax": pair(Worth::default(), Worth::default()),
            })
        })
        .collect();
    json!({"subscriptionNumber": after.number, "charges": rows})
}

/// The metrics of one charge.
#[derive(Debug, Clone, Copy, Default)]
struct Measured {
    cmrr: Worth,
    tcv: Worth,
    tcb: Worth,
}

impl Measured {
    fn of(subscription: &Subscription, plan: &RatePlan, charge: &Charge) -> Self {
        let curve = curve::of(subscription, plan, charge);
        Self {
            cmrr: contracted(subscription, &curve),
            tcv: sums::tcv(&curve, charge.start()),
            tcb: Worth { gross: charge.billed, net: charge.billed_net },
        }
    }
}

fn measured_before(before: &Subscription, charge: &Charge) -> Option<Measured> {
    before.plans.iter().find_map(|plan| {
        let charge = plan.charges.iter().find(|one| one.id == charge.id)?;
        Some(Measured::of(before, plan, charge))
    })
}

/// A metric of the charge itself and of the discounts on it, each with its change.
fn pair(new: Worth, old: Worth) -> Value {
    let discount = |worth: Worth| worth.net.saturating_sub(worth.gross);
    json!({
        "regular": metric(new.gross),
        "discount": metric(discount(new)),
        "regularDelta": metric(new.gross.saturating_sub(old.gross)),
        "discountDelta": metric(discount(new).saturating_sub(discount(old))),
    })
}

/// What each action changes, as three lists.
fn deltas(outcome: &Outcome) -> Value {
    let (mut mrr, mut tcv, mut tcb) = (Vec::new(), Vec::new(), Vec::new());
    for touched in &outcome.touched {
        for (kind, sequence, changes) in &touched.changes {
            for change in changes {
                let of = |worth: Worth| delta(&touched.after, kind, *sequence, change, worth);
                mrr.extend((!change.mrr.is_zero()).then(|| of(change.mrr)));
                tcv.extend(change.tcv.map(of));
                tcb.extend(change.tcb.map(of));
            }
        }
    }
    json!({"orderDeltaMrr": mrr, "orderDeltaTcv": tcv, "orderDeltaTcb": tcb})
}

fn delta(
    after: &Subscription,
    kind: &str,
    sequence: usize,
    change: &Change,
    worth: Worth,
) -> Value {
    let last = change.end.and_then(|end| end.yesterday().ok());
    json!({
        "subscriptionNumber": after.number,
        "chargeNumber": change.charge,
        "productRatePlanChargeId": change.product_charge,
        "ratePlanChargeId": change.charge_id,
        "orderActionType": kind,
        "orderActionSequence": sequence.to_string(),
        "currency": after.currency,
        "startDate": change.start.to_string(),
        "endDate": last.map(|last| last.to_string()),
        "grossAmount": metric(worth.gross),
        "netAmount": metric(worth.net),
    })
}

/// The one invoice of all that falls due; none when nothing does.
fn invoices(
    work: &Work<'_>,
    outcome: &Outcome,
    options: &Map<String, Value>,
) -> Result<Vec<Value>, Reason> {
    let excluded = options.get("chargeTypeToExclude").and_then(Value::as_array);
    let is_excluded = |charge: &Charge| {
        excluded.is_some_and(|types| types.contains(&json!(charge.charge_type.name())))
    };
    let (mut rows, mut sum, mut target) = (Vec::new(), Decimal::ZERO, outcome.order.date);
    for touched in &outcome.touched {
        let after = &touched.after;
        let through = through(after, options)?;
        for plan in &after.plans {
            for charge in plan.charges.iter().filter(|charge| !is_excluded(charge)) {
                for item in items(after, plan, charge, outcome.account.bill_cycle_day, through) {
                    sum = sum.saturating_add(item.amount.net);
                    target = target.max(item.start);
                    rows.extend(document_rows(work, after, plan, charge, &item));
                }
            }
        }
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(day) = date(options, "specificPreviewThruDate") {
        target = day;
    }
    Ok(vec![json!({
        "amount": number::json(sum),
        "amountWithoutTax": number::json(sum),
        "taxAmount": 0,
        "targetDate": target.to_string(),
        "invoiceItems": rows,
    })])
}

fn through(subscription: &Subscription, options: &Map<String, Value>) -> Result<Through, Reason> {
    match text(options, "previewThruType") {
        Some("NumberOfPeriods") => match whole(options, "previewNumberOfPeriods") {
            Some(count) if count > 0 => Ok(Through::Periods(count)),
            _ => Err(Reason::value("Invalid value for field previewNumberOfPeriods")),
        },
        Some("TermEnd") => {
            let message = "An evergreen subscription has no end of term to preview through.";
            let end = subscription.end().and_then(|end: Date| end.yesterday().ok());
            end.map(Through::Day).ok_or_else(|| Reason::rule(message))
        }
        Some("SpecificDate") => match date(options, "specificPreviewThruDate") {
            Some(day) => Ok(Through::Day(day)),
            None => Err(Reason::value("Invalid value for field specificPreviewThruDate")),
        },
        _ => Err(Reason::new(Category::MissingField, "Missing required value: previewThruType")),
    }
}

/// The line of a charge, and that of its discount where it has one.
fn document_rows(
    work: &Work<'_>,
    subscription: &Subscription,
    plan: &RatePlan,
    charge: &Charge,
    item: &Item,
) -> Vec<Value> {
    let store = work.store();
    let product = store.get(Kind::ProductRatePlan, &plan.product_plan);
    let product = product.and_then(|plan| plan.text("ProductId"));
    let product = product.and_then(|id| store.get(Kind::Product, id));
    let line = |kind: &str, amount: Decimal| {
        json!({
            "subscriptionNumber": subscription.number,
            "chargeNumber": charge.number,
            "chargeName": charge.name,
            "productName": product.map(|product| product.value("Name").clone()),
            "productRatePlanChargeId": charge.product_charge,
            "processingType": kind,
            "serviceStartDate": item.start.to_string(),
            "serviceEndDate": item.end.to_string(),
            "amountWithoutTax": number::json(amount),
            "taxAmount": 0,
            "unitPrice": item.unit_price.map(number::json),
            "additionalInfo": {
                "quantity": item.quantity.map(number::json),
                "unitOfMeasure": charge.uom,
            },
            "taxationItems": [],
        })
    };
    let discount = item.amount.net.saturating_sub(item.amount.gross);
    let mut rows = vec![line("Charge", item.amount.gross)];
    if !discount.is_zero() {
        rows.push(line("Discount", discount));
    }
    rows
}
