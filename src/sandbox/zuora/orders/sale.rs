//! Selling a rate plan of the catalog: it becomes a rate plan of a subscription, with the charges
//! and prices of the catalog and what the order says instead.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::actions::Scene;
use super::fields::{date, filled, is_true, object, objects, text, whole};
use super::numbers::{self, Sequence};
use super::price::{self, Priced};
use crate::sandbox::zuora::answer::Reason;
use crate::sandbox::zuora::catalog::external_ids;
use crate::sandbox::zuora::catalog::spelling;
use crate::sandbox::zuora::metrics::months::{Proration, between};
use crate::sandbox::zuora::store::{Kind, Record};
use crate::sandbox::zuora::subscriptions::Subscription;
use crate::sandbox::zuora::subscriptions::charge::{
    Awaited, Billing, Charge, ChargeType, DiscountScope, End, Segment,
};
use crate::sandbox::zuora::subscriptions::state::{Change, RatePlan, Triggers};
use crate::sandbox::zuora::subscriptions::term::{Length, Unit};
use crate::sandbox::zuora::work::Work;
use crate::sandbox::zuora::write::{active_currencies, mark_used};

/// Sells a plan to a subscription that already has its terms.
///
/// # Errors
/// When the plan cannot be sold on that day or in that currency, or the order says of a charge
/// what it cannot be.
pub fn sell(
    scene: &mut Scene<'_, '_>,
    subscription: &Subscription,
    triggers: &Triggers,
    order: &Map<String, Value>,
) -> Result<RatePlan, Reason> {
    let plan = plan_of(scene.work, order)?.clone();
    check_plan(scene.work, &plan, triggers.contract, &subscription.currency)?;
    let overrides = overrides_of(scene.work, &plan, order)?;
    let chosen = filled(order, "subscriptionRatePlanNumber");
    let number = numbers::take(scene.work, Sequence::RatePlan, chosen, &subscription.number)?;
    let id = scene.work.next_id();
    scene.name(order, &id)?;
    let catalog: Vec<Record> = charges_of(scene.work, &plan, order, &overrides);
    let mut charges = Vec::new();
    for charge in &catalog {
        let said = overrides.iter().find(|(id, _)| *id == charge.id).map(|(_, said)| said);
        charges.push(sell_charge(scene, subscription, triggers, charge, said)?);
    }
    mark_used(scene.work, &plan.id);
    Ok(RatePlan {
        id,
        number,
        name: filled(order, "ratePlanName").or(plan.text("Name")).unwrap_or_default().to_owned(),
        product_plan: plan.id.clone(),
        external_id: filled(order, "externallyManagedPlanId").map(str::to_owned),
        change: Change::Add,
        custom_fields: object(order, "customFields").cloned().unwrap_or_default(),
        charges,
    })
}

/// The plan that an order names by its id, its number or its id in a catalog outside.
fn plan_of<'a>(work: &'a Work<'_>, order: &Map<String, Value>) -> Result<&'a Record, Reason> {
    let store = work.store();
    let kind = Kind::ProductRatePlan;
    if let Some(id) = filled(order, "productRatePlanId") {
        return store.get(kind, id).ok_or_else(|| invalid("productRatePlanId", id));
    }
    if let Some(number) = filled(order, "productRatePlanNumber") {
        let found = store.find(kind, "ProductRatePlanNumber", number);
        return found.ok_or_else(|| invalid("productRatePlanNumber", number));
    }
    if let Some(outside) = filled(order, "externalCatalogPlanId") {
        let found = store.all(kind).find(|plan| external_ids(plan).any(|id| id == outside));
        return found.ok_or_else(|| invalid("externalCatalogPlanId", outside));
    }
    Err(Reason::rule("A rate plan is named by productRatePlanId or productRatePlanNumber."))
}

fn invalid(field: &str, value: &str) -> Reason {
    Reason::value(format!("Invalid value for field {field}: {value}"))
}

/// Whether a plan is sold on a day and in a currency.
fn check_plan(work: &Work<'_>, plan: &Record, day: Date, currency: &str) -> Result<(), Reason> {
    let name = plan.text("Name").unwrap_or_default();
    let product = plan.text("ProductId").and_then(|id| work.store().get(Kind::Product, id));
    for record in [Some(plan), product].into_iter().flatten() {
        let early = date(&record.fields, "EffectiveStartDate").is_some_and(|start| day < start);
        let late = date(&record.fields, "EffectiveEndDate").is_some_and(|end| day > end);
        if early || late {
            let why = if early { "not yet effective" } else { "expired" };
            return Err(Reason::rule(format!("The rate plan '{name}' is {why} on {day}.")));
        }
    }
    if !active_currencies(&plan.fields).contains(currency) {
        let message = format!("The currency {currency} is not active on the rate plan '{name}'.");
        return Err(Reason::rule(message));
    }
    Ok(())
}

/// Ids of charges in the catalog, each with what an order says of the charge.
type Overrides = Vec<(String, Map<String, Value>)>;

/// What an order says of the charges of a plan, each with the charge's id in the catalog.
fn overrides_of(
    work: &Work<'_>,
    plan: &Record,
    order: &Map<String, Value>,
) -> Result<Overrides, Reason> {
    let mut found = Overrides::new();
    for said in objects(order, "chargeOverrides") {
        let id = text(said, "productRatePlanChargeId").unwrap_or_default();
        let charge = work.store().get(Kind::ProductRatePlanCharge, id);
        let charge = charge.filter(|charge| charge.text("ProductRatePlanId") == Some(&plan.id));
        let Some(charge) = charge else {
            let message = format!("The charge {id} is not one of the rate plan {}.", plan.id);
            return Err(Reason::rule(message));
        };
        let number = filled(said, "productRatePlanChargeNumber");
        if number.is_some_and(|number| charge.text("ProductRatePlanChargeNumber") != Some(number)) {
            return Err(invalid("productRatePlanChargeNumber", number.unwrap_or_default()));
        }
        if found.iter().any(|(other, _)| other == id) {
            return Err(Reason::rule(format!("The charge {id} is overridden twice.")));
        }
        found.push((id.to_owned(), said.clone()));
    }
    Ok(found)
}

/// The charges of the plan that are sold: all, or those that the order names.
fn charges_of(
    work: &Work<'_>,
    plan: &Record,
    order: &Map<String, Value>,
    overrides: &Overrides,
) -> Vec<Record> {
    let is_subset = is_true(order, "isAddingSubsetCharges");
    let is_named = |charge: &&Record| overrides.iter().any(|(id, _)| *id == charge.id);
    let charges = work.store().children(Kind::ProductRatePlanCharge, &plan.id);
    charges.filter(|charge| !is_subset || is_named(charge)).cloned().collect()
}

fn sell_charge(
    scene: &mut Scene<'_, '_>,
    subscription: &Subscription,
    triggers: &Triggers,
    catalog: &Record,
    said: Option<&Map<String, Value>>,
) -> Result<Charge, Reason> {
    let nothing = Map::new();
    let said = said.unwrap_or(&nothing);
    let name = filled(said, "name").or(catalog.text("Name")).unwrap_or_default();
    let charge_type = catalog.text("ChargeType").and_then(ChargeType::parse);
    let charge_type = charge_type.ok_or_else(|| invalid("ChargeType", name))?;
    let model = catalog.text("ChargeModel").unwrap_or_default();
    let pricing = object(said, "pricing");
    let key = price::key(charge_type, model);
    let detail = pricing.and_then(|pricing| object(pricing, key)).unwrap_or(&nothing);
    let uom = filled(detail, "uom").or(catalog.text("UOM"));
    let unit_decimals = uom.and_then(|unit| scene.work.tenant.units.get(unit)).copied();
    let unit_decimals = unit_decimals.unwrap_or(9);
    let before = price::of_catalog(scene.work, catalog, &subscription.currency);
    let priced = Priced { charge_type, model, name, unit_decimals };
    let price = price::overridden(priced, before, pricing)?;
    check_quantity(catalog, name, price.quantity)?;
    let billing =
        billing(catalog, charge_type, object(said, "billing").unwrap_or(&nothing), detail);
    let chosen = filled(said, "chargeNumber");
    let number = numbers::take(scene.work, Sequence::Charge, chosen, &subscription.number)?;
    let id = scene.work.next_id();
    scene.name(said, &id)?;
    let (start, event) = start(catalog, object(said, "startDate"), triggers);
    let awaits = event.map(|event| Awaited { event, price: price.clone(), length: None });
    let segment_id = scene.work.next_id();
    let segments = start.map(|start| Segment {
        id: segment_id,
        number: 1,
        start,
        price: price.clone(),
        rests: false,
    });
    let mut charge = Charge {
        id,
        number,
        name: name.to_owned(),
        product_charge: catalog.id.clone(),
        charge_type,
        model: model.to_owned(),
        uom: uom.map(str::to_owned),
        ends: End::WithSubscription,
        term_months: term_months(subscription, &billing)?,
        discount: discount(catalog, detail),
        renewal_price: price::renewal_price(
            pricing,
            key,
            price::renewal_price_of_catalog(catalog),
        )?,
        billing,
        removed_on: None,
        awaits,
        end: None,
        segments: segments.into_iter().collect(),
        billed: Decimal::ZERO,
        billed_net: Decimal::ZERO,
        custom_fields: object(said, "customFields").cloned().unwrap_or_default(),
    };
    match (end(catalog, object(said, "endDate"), &charge)?, start) {
        (Ending::WithSubscription, _) => {}
        (Ending::On(day), start) => {
            if start.is_some_and(|start| day <= start) {
                let name = &charge.name;
                return Err(Reason::rule(format!("The charge '{name}' ends before it starts.")));
            }
            charge.ends = End::On(day);
        }
        (Ending::After(length), Some(start)) => {
            let day = length.after(start).ok_or_else(|| Reason::value("The charge is too long"))?;
            charge.ends = End::On(day);
        }
        (Ending::After(length), None) => {
            if let Some(awaited) = &mut charge.awaits {
                awaited.length = Some(length);
            }
        }
    }
    if let Some(start) = start {
        check_start(subscription, &charge, start)?;
    }
    charge.fit(subscription.end());
    Ok(charge)
}

fn check_quantity(catalog: &Record, name: &str, quantity: Option<Decimal>) -> Result<(), Reason> {
    let bound = |field: &str| super::fields::decimal(&catalog.fields, field);
    let Some(quantity) = quantity else { return Ok(()) };
    let below = bound("MinQuantity").is_some_and(|least| quantity < least);
    let above = bound("MaxQuantity").is_some_and(|most| quantity > most);
    if below || above {
        return Err(Reason::rule(format!("The quantity of '{name}' is out of bounds: {quantity}")));
    }
    Ok(())
}

/// How the charge is billed: as the catalog says, but for what the order says.
fn billing(
    catalog: &Record,
    charge_type: ChargeType,
    said: &Map<String, Value>,
    detail: &Map<String, Value>,
) -> Billing {
    let shown = |field: &str| catalog.text(field).map(spelling::with_underscores);
    let own = |name: &str| filled(said, name).map(str::to_owned);
    let period = own("billingPeriod").or_else(|| shown("BillingPeriod"));
    let base = filled(detail, "listPriceBase").map(str::to_owned);
    let base = base.or_else(|| shown("ListPriceBase"));
    let timing = catalog.text("BillingTiming").map(spelling::billing_timing);
    let timing = own("billingTiming").or(timing).unwrap_or_else(|| "IN_ADVANCE".to_owned());
    let of_catalog = |field: &str| whole(&catalog.fields, field);
    Billing {
        period: period.filter(|_| charge_type != ChargeType::OneTime),
        period_count: whole(said, "specificBillingPeriod")
            .or_else(|| of_catalog("SpecificBillingPeriod")),
        price_base: base.unwrap_or_else(|| "Per_Billing_Period".to_owned()),
        price_base_count: whole(detail, "specificListPriceBase")
            .or_else(|| of_catalog("SpecificListPriceBase")),
        timing,
        cycle_type: own("billCycleType")
            .or_else(|| catalog.text("BillCycleType").map(str::to_owned))
            .unwrap_or_else(|| "DefaultFromCustomer".to_owned()),
        cycle_day: whole(said, "billCycleDay").or_else(|| of_catalog("BillCycleDay")),
        alignment: own("billingPeriodAlignment")
            .or_else(|| catalog.text("BillingPeriodAlignment").map(str::to_owned)),
    }
}

/// The months of the term, for a charge whose billing period is the whole of it.
fn term_months(subscription: &Subscription, billing: &Billing) -> Result<Option<Decimal>, Reason> {
    if billing.period.as_deref() != Some("Subscription_Term") {
        return Ok(None);
    }
    let term = subscription.term;
    let Some(end) = term.end else {
        let message = "An evergreen subscription has no term that a charge could be billed for.";
        return Err(Reason::rule(message));
    };
    let months = term.length.and_then(Length::months).map(Decimal::from);
    Ok(Some(months.unwrap_or_else(|| between(term.start, term.start, end, Proration::ActualDays))))
}

fn discount(catalog: &Record, detail: &Map<String, Value>) -> Option<DiscountScope> {
    let model = catalog.text("ChargeModel").unwrap_or_default();
    model.starts_with("Discount-").then(|| {
        let applies_to = filled(detail, "applyDiscountTo").map(str::to_owned);
        let of_catalog = catalog.text("ApplyDiscountTo").map(spelling::apply_discount_to);
        let level = filled(detail, "discountLevel").or(catalog.text("DiscountLevel"));
        DiscountScope {
            applies_to: applies_to.or(of_catalog).unwrap_or_else(|| "RECURRING".to_owned()),
            level: level.unwrap_or("rateplan").to_owned(),
        }
    })
}

/// The first day of a charge, or the trigger that it waits for.
fn start(
    catalog: &Record,
    said: Option<&Map<String, Value>>,
    triggers: &Triggers,
) -> (Option<Date>, Option<String>) {
    let event = said.and_then(|said| filled(said, "triggerEvent"));
    let event = event.or(catalog.text("TriggerEvent")).unwrap_or("ContractEffective");
    let day = match event {
        "ServiceActivation" => triggers.service,
        "CustomerAcceptance" => triggers.acceptance,
        "SpecificDate" => said.and_then(|said| date(said, "specificTriggerDate")),
        _ => Some(triggers.contract),
    };
    (day, day.is_none().then(|| event.to_owned()))
}

/// Where a charge ends by itself.
enum Ending {
    WithSubscription,
    On(Date),
    After(Length),
}

fn end(
    catalog: &Record,
    said: Option<&Map<String, Value>>,
    charge: &Charge,
) -> Result<Ending, Reason> {
    let nothing = Map::new();
    let said = said.unwrap_or(&nothing);
    let of_catalog = catalog.text("EndDateCondition").map(spelling::end_date_condition);
    let condition = filled(said, "endDateCondition").map(str::to_owned).or(of_catalog);
    match condition.as_deref() {
        Some("Specific_End_Date") => {
            let message = "Invalid value for field specificEndDate";
            let day = date(said, "specificEndDate").map(Ending::On);
            day.ok_or_else(|| Reason::value(message))
        }
        Some("Fixed_Period") => {
            let count =
                whole(said, "upToPeriods").or_else(|| whole(&catalog.fields, "UpToPeriods"));
            let of_catalog = catalog.text("UpToPeriodsType").map(spelling::with_underscores);
            let unit = filled(said, "upToPeriodsType").map(str::to_owned).or(of_catalog);
            let length = fixed(count.unwrap_or(0), unit.as_deref(), &charge.billing);
            let length = length.filter(|length| length.count > 0).map(Ending::After);
            let message = || format!("The charge '{}' has no length.", charge.name);
            length.ok_or_else(|| Reason::rule(message()))
        }
        _ => Ok(Ending::WithSubscription),
    }
}

/// A fixed period as a length of time.
fn fixed(count: u32, unit: Option<&str>, billing: &Billing) -> Option<Length> {
    if let Some(unit) = unit.and_then(Unit::parse) {
        return Some(Length { count, unit });
    }
    let specific = billing.period_count.unwrap_or(1);
    let (months, unit) = match billing.period.as_deref().unwrap_or("Month") {
        "Quarter" => (3, Unit::Month),
        "Semi_Annual" => (6, Unit::Month),
        "Annual" => (12, Unit::Month),
        "Eighteen_Months" => (18, Unit::Month),
        "Two_Years" => (24, Unit::Month),
        "Three_Years" => (36, Unit::Month),
        "Five_Years" => (60, Unit::Month),
        "Specific_Months" => (specific, Unit::Month),
        "Week" => (1, Unit::Week),
        "Specific_Weeks" => (specific, Unit::Week),
        "Specific_Days" => (specific, Unit::Day),
        "Subscription_Term" => return None,
        _ => (1, Unit::Month),
    };
    Some(Length { count: count.checked_mul(months)?, unit })
}

fn check_start(subscription: &Subscription, charge: &Charge, start: Date) -> Result<(), Reason> {
    let late = subscription.end().is_some_and(|end| start >= end);
    if start < subscription.start || late {
        let message = format!(
            "The charge '{}' starts on {start}, which is not within its subscription.",
            charge.name
        );
        return Err(Reason::rule(message));
    }
    Ok(())
}
