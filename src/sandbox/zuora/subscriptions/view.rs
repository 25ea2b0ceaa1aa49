//! A version of a subscription as the service shows it.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::charge::{Charge, ChargeType, PriceFormat, Segment, Tier};
use super::state::{RatePlan, Status, Subscription};
use super::term::{Length, Renewal};
use crate::sandbox::zuora::accounts;
use crate::sandbox::zuora::catalog::spelling;
use crate::sandbox::zuora::metrics::curve::{self, Worth};
use crate::sandbox::zuora::metrics::months::{Proration, between};
use crate::sandbox::zuora::metrics::mrr::{amount, monthly, times};
use crate::sandbox::zuora::metrics::sums;
use crate::sandbox::zuora::number;
use crate::sandbox::zuora::store::{Kind, Record};
use crate::sandbox::zuora::work::Work;

/// Digits that a metric has after the point.
const METRIC_DIGITS: u32 = 9;

/// Which segments of each charge are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The last one.
    Last,
    /// The one that is in force on a day.
    On(Date),
    /// All.
    All,
}

/// A metric as a JSON number: exact, with at most nine digits after the point.
#[must_use]
pub fn metric(value: Decimal) -> Value {
    number::json(value.round_dp(METRIC_DIGITS))
}

/// The version with its rate plans.
#[must_use]
pub fn shown(
    work: &Work<'_>,
    one: &Subscription,
    is_latest: bool,
    detail: Detail,
) -> Map<String, Value> {
    let mut shown = Map::new();
    identity(work, one, is_latest, &mut shown);
    terms(one, &mut shown);
    metrics(work, one, &mut shown);
    shown.extend(one.notes.clone());
    shown.extend(one.custom_fields.clone());
    let plans = one.plans.iter().map(|plan| rate_plan(work, one, plan, detail)).collect();
    shown.insert("ratePlans".to_owned(), Value::Array(plans));
    shown
}

fn identity(work: &Work<'_>, one: &Subscription, is_latest: bool, shown: &mut Map<String, Value>) {
    let owner = accounts::find(work, &one.account);
    let invoiced = accounts::find(work, &one.invoice_account);
    let fields = json!({
        "id": one.id,
        "originalId": one.original_id,
        "subscriptionNumber": one.number,
        "version": one.version,
        "revision": format!("{}.0", one.version),
        "isLatestVersion": is_latest,
        "status": one.status.name(),
        "accountId": one.account,
        "accountNumber": owner.as_ref().map(|owner| owner.number.clone()),
        "accountName": owner.map(|owner| owner.name),
        "invoiceOwnerAccountId": one.invoice_account,
        "invoiceOwnerAccountNumber": invoiced.as_ref().map(|owner| owner.number.clone()),
        "invoiceOwnerAccountName": invoiced.map(|owner| owner.name),
        "currency": one.currency,
        "orderNumber": one.order,
        "createDate": one.made,
        "updateDate": one.made,
        "notes": null,
        "paymentTerm": null,
        "invoiceGroupNumber": null,
        "cancelReason": null,
        "externallyManagedBy": null,
    });
    extend(shown, fields);
}

fn terms(one: &Subscription, shown: &mut Map<String, Value>) {
    let count = |length: Option<Length>| length.map(|length| length.count);
    let unit = |length: Option<Length>| length.map(|length| length.unit.name());
    let renewal = one.renewal_terms.first().copied();
    let fields = json!({
        "termType": one.term.kind(),
        "autoRenew": one.auto_renew,
        "initialTerm": count(one.initial.length),
        "initialTermPeriodType": unit(one.initial.length),
        "currentTerm": count(one.term.length),
        "currentTermPeriodType": unit(one.term.length),
        "renewalSetting": one.renewal.name(),
        "renewalTerm": if one.renewal == Renewal::ToEvergreen { None } else { count(renewal) },
        "renewalTermPeriodType": unit(renewal),
        "contractEffectiveDate": one.triggers.contract.to_string(),
        "serviceActivationDate": text_of(one.triggers.service),
        "customerAcceptanceDate": text_of(one.triggers.acceptance),
        "subscriptionStartDate": one.start.to_string(),
        "subscriptionEndDate": text_of(one.end()),
        "termStartDate": one.term.start.to_string(),
        "termEndDate": text_of(one.cancelled_on.or(one.term.end)),
        "lastBookingDate": one.booked_on.to_string(),
        "cancelledDate": text_of(one.cancelled_on),
        "scheduledCancelDate": null,
        "scheduledSuspendDate": null,
        "scheduledResumeDate": null,
    });
    extend(shown, fields);
}

fn metrics(work: &Work<'_>, one: &Subscription, shown: &mut Map<String, Value>) {
    let totals = totals(one, work.today());
    let is_evergreen = one.end().is_none();
    let tcv = |value: Decimal| if is_evergreen { Value::Null } else { metric(value) };
    let fields = json!({
        "contractedMrr": metric(totals.contracted.gross),
        "contractedNetMrr": metric(totals.contracted.net),
        "asOfDayGrossMrr": metric(totals.today.gross),
        "asOfDayNetMrr": metric(totals.today.net),
        "totalContractedValue": tcv(totals.tcv.gross),
        "netTotalContractedValue": tcv(totals.tcv.net),
    });
    extend(shown, fields);
}

/// The metrics of a whole subscription.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// MRR on the last day of the contract; nothing once it is cancelled.
    pub contracted: Worth,
    /// MRR today.
    pub today: Worth,
    /// Total contracted value.
    pub tcv: Worth,
}

/// The metrics of a whole subscription.
#[must_use]
pub fn totals(one: &Subscription, today: Date) -> Totals {
    let mut totals = Totals::default();
    for plan in &one.plans {
        for charge in &plan.charges {
            let curve = curve::of(one, plan, charge);
            totals.contracted = totals.contracted.plus(contracted(one, &curve));
            totals.today = totals.today.plus(curve.on(Some(today)));
            totals.tcv = totals.tcv.plus(sums::tcv(&curve, charge.start()));
        }
    }
    totals
}

/// The MRR that a charge has on the last day of its subscription.
#[must_use]
pub fn contracted(one: &Subscription, curve: &curve::Curve) -> Worth {
    if one.status == Status::Cancelled {
        return Worth::default();
    }
    curve.on(one.end().and_then(|end| end.yesterday().ok()))
}

fn rate_plan(work: &Work<'_>, one: &Subscription, plan: &RatePlan, detail: Detail) -> Value {
    let catalog = work.store().get(Kind::ProductRatePlan, &plan.product_plan);
    let product = catalog.and_then(|plan| plan.text("ProductId"));
    let product = product.and_then(|id| work.store().get(Kind::Product, id));
    let field = |record: Option<&Record>, name: &str| {
        record.map(|record| record.value(name).clone()).unwrap_or_default()
    };
    let charges: Vec<Value> = plan
        .charges
        .iter()
        .flat_map(|charge| segments(charge, detail).map(|shown| row(one, charge, shown)))
        .collect();
    let mut shown = json!({
        "id": plan.id,
        "originalRatePlanId": plan.id,
        "lastChangeType": plan.change.name(),
        "productId": product.map(|product| product.id.clone()),
        "productName": field(product, "Name"),
        "productSku": field(product, "SKU"),
        "productRatePlanId": plan.product_plan,
        "productRatePlanNumber": field(catalog, "ProductRatePlanNumber"),
        "ratePlanName": plan.name,
        "subscriptionRatePlanNumber": plan.number,
        "externallyManagedPlanId": plan.external_id,
        "subscriptionProductFeatures": [],
        "ratePlanCharges": charges,
    });
    if let Some(shown) = shown.as_object_mut() {
        shown.extend(plan.custom_fields.clone());
    }
    shown
}

/// A segment and the first day after it; none while the charge waits for a trigger.
type Span<'a> = Option<(&'a Segment, Option<Date>)>;

fn segments(charge: &Charge, detail: Detail) -> impl Iterator<Item = Span<'_>> {
    let all: Vec<(&Segment, Option<Date>)> =
        charge.spans().filter(|(segment, _)| !segment.rests).collect();
    let chosen: Vec<Span<'_>> = match detail {
        Detail::All => all.into_iter().map(Some).collect(),
        Detail::Last => vec![all.last().copied()],
        Detail::On(day) => {
            let holds = |(segment, end): &&(&Segment, Option<Date>)| {
                segment.start <= day && end.is_none_or(|end| day < end)
            };
            all.iter().filter(holds).copied().map(Some).collect()
        }
    };
    chosen.into_iter()
}

fn row(one: &Subscription, charge: &Charge, span: Span<'_>) -> Value {
    let segment = span.map(|(segment, _)| segment);
    let end = span.and_then(|(_, end)| end).or(charge.end);
    let price = segment.map(|segment| segment.price.clone()).unwrap_or_default();
    let plain = |value: Option<Decimal>| value.map(number::json);
    let tiers: Vec<Value> =
        (1_u32..).zip(&price.tiers).map(|(tier, row)| tier_row(tier, row)).collect();
    let is_tiered = !price.tiers.is_empty();
    let mrr = segment.map_or(Decimal::ZERO, |segment| monthly(charge, &segment.price));
    let tcv = span.and_then(|(segment, end)| tcv(charge, segment, end));
    let mut shown = json!({
        "id": segment.map_or(&charge.id, |segment| &segment.id),
        "originalChargeId": charge.id,
        "productRatePlanChargeId": charge.product_charge,
        "number": charge.number,
        "name": charge.name,
        "type": charge.charge_type.name(),
        "model": spelling::charge_model(&charge.model),
        "uom": charge.uom,
        "currency": one.currency,
        "segment": segment.map(|segment| segment.number),
        "version": one.version,
        "quantity": plain(price.quantity),
        "price": plain(price.list_price),
        "tiers": if is_tiered { json!(tiers) } else { Value::Null },
        "includedUnits": plain(price.included_units),
        "overagePrice": plain(price.overage_price),
        "discountAmount": plain(price.discount_amount),
        "discountPercentage": plain(price.discount_percentage),
        "applyDiscountTo": charge.discount.as_ref().map(|scope| scope.applies_to.clone()),
        "discountLevel": charge.discount.as_ref().map(|scope| scope.level.clone()),
        "billingPeriod": charge.billing.period,
        "specificBillingPeriod": charge.billing.period_count,
        "billingTiming": charge.billing.timing,
        "billCycleType": charge.billing.cycle_type,
        "billCycleDay": charge.billing.cycle_day,
        "billingPeriodAlignment": charge.billing.alignment,
        "listPriceBase": charge.billing.price_base,
        "specificListPriceBase": charge.billing.price_base_count,
        "triggerEvent": charge.awaits.as_ref().map(|awaited| awaited.event.clone()),
        "effectiveStartDate": segment.map(|segment| segment.start.to_string()),
        "effectiveEndDate": text_of(end),
        "chargedThroughDate": null,
        "processedThroughDate": null,
        "mrr": metric(mrr),
        "tcv": tcv.map(metric),
        "done": false,
    });
    if let Some(shown) = shown.as_object_mut() {
        shown.extend(charge.custom_fields.clone());
    }
    shown
}

/// The contracted value of one segment; none where it goes on for good.
fn tcv(charge: &Charge, segment: &Segment, end: Option<Date>) -> Option<Decimal> {
    let (anchor, end) = (charge.start()?, end);
    match charge.charge_type {
        ChargeType::OneTime => Some(amount(&charge.model, &segment.price)),
        ChargeType::Usage => Some(Decimal::ZERO),
        ChargeType::Recurring => {
            let months = between(anchor, segment.start, end?, Proration::ActualDays);
            Some(times(monthly(charge, &segment.price), months))
        }
    }
}

fn tier_row(number: u32, tier: &Tier) -> Value {
    let format = match tier.format {
        PriceFormat::FlatFee => "FlatFee",
        PriceFormat::PerUnit => "PerUnit",
    };
    json!({
        "tier": number,
        "startingUnit": number::json(tier.start),
        "endingUnit": tier.end.map(number::json),
        "price": number::json(tier.price),
        "priceFormat": format,
    })
}

fn text_of(day: Option<Date>) -> Option<String> {
    day.map(|day| day.to_string())
}

fn extend(shown: &mut Map<String, Value>, fields: Value) {
    if let Value::Object(fields) = fields {
        shown.extend(fields);
    }
}
