//! The objects of orders as a describe names them: by other names than the body of an order, and
//! with the fields of the object model (SOAP API reference), which only queries and exports use.

use super::{COMMON, Told, customs};
use crate::sandbox::zuora::work::Work;
use crate::sandbox::zuora::zoql::FilterKind::{self, Boolean, Date, Number, Text};

type Fields = &'static [(&'static str, FilterKind)];

/// An object: its name in a describe, the name under which orders hold its custom fields, and some
/// of its fields.
const OBJECTS: [(&str, &str, Fields); 7] = [
    ("Order", "Order", ORDER),
    ("OrderAction", "OrderAction", ORDER_ACTION),
    ("OrderLineItems", "OrderLineItem", ORDER_LINE_ITEM),
    ("RatePlan", "SubscriptionRatePlan", RATE_PLAN),
    ("RatePlanCharge", "SubscriptionRatePlanCharge", RATE_PLAN_CHARGE),
    ("Subscription", "Subscription", SUBSCRIPTION),
    ("SubscriptionProductFeature", "SubscriptionProductFeature", FEATURE),
];

const ORDER: Fields = &[
    ("AccountId", Text),
    ("Category", Text),
    ("Description", Text),
    ("OrderDate", Date),
    ("OrderNumber", Text),
    ("State", Text),
    ("Status", Text),
];
const ORDER_ACTION: Fields =
    &[("OrderId", Text), ("Sequence", Number), ("SubscriptionId", Text), ("Type", Text)];
const ORDER_LINE_ITEM: Fields = &[
    ("Amount", Number),
    ("AmountPerUnit", Number),
    ("ItemName", Text),
    ("ItemNumber", Text),
    ("ItemState", Text),
    ("OrderId", Text),
    ("ProductCode", Text),
    ("Quantity", Number),
];
const RATE_PLAN: Fields = &[
    ("AmendmentId", Text),
    ("AmendmentType", Text),
    ("Name", Text),
    ("ProductRatePlanId", Text),
    ("SubscriptionId", Text),
];
const RATE_PLAN_CHARGE: Fields = &[
    ("AccountingCode", Text),
    ("BillCycleType", Text),
    ("BillingPeriod", Text),
    ("ChargeModel", Text),
    ("ChargeNumber", Text),
    ("ChargeType", Text),
    ("ChargedThroughDate", Date),
    ("Description", Text),
    ("EffectiveEndDate", Date),
    ("EffectiveStartDate", Date),
    ("IsLastSegment", Boolean),
    ("MRR", Number),
    ("Name", Text),
    ("OriginalId", Text),
    ("ProductRatePlanChargeId", Text),
    ("Quantity", Number),
    ("RatePlanId", Text),
    ("Segment", Number),
    ("TCV", Number),
    ("UOM", Text),
    ("Version", Number),
];
const SUBSCRIPTION: Fields = &[
    ("AccountId", Text),
    ("AutoRenew", Boolean),
    ("CancelledDate", Date),
    ("ContractAcceptanceDate", Date),
    ("ContractEffectiveDate", Date),
    ("CurrentTerm", Number),
    ("InitialTerm", Number),
    ("InvoiceOwnerId", Text),
    ("Name", Text),
    ("Notes", Text),
    ("OriginalId", Text),
    ("RenewalSetting", Text),
    ("RenewalTerm", Number),
    ("ServiceActivationDate", Date),
    ("Status", Text),
    ("SubscriptionEndDate", Date),
    ("SubscriptionStartDate", Date),
    ("TermEndDate", Date),
    ("TermStartDate", Date),
    ("TermType", Text),
    ("Version", Number),
];
const FEATURE: Fields = &[("Description", Text), ("FeatureId", Text), ("RatePlanId", Text)];

/// The fields of an object; none where there is no such object.
pub fn fields(work: &Work<'_>, name: &str) -> Option<Vec<Told>> {
    let (_, held_as, own) = OBJECTS.iter().find(|(described, ..)| *described == name)?;
    // They come about by orders: no field is written by itself.
    let read_only =
        |told: Told| Told { createable: false, updateable: false, required: false, ..told };
    let common = COMMON.into_iter().map(|common| {
        let holds = if common.ends_with("Date") { FilterKind::Instant } else { Text };
        Told::new(common, holds)
    });
    let own = own.iter().map(|(field, holds)| Told::new(field, *holds));
    Some(common.chain(own).map(read_only).chain(customs(work, held_as)).collect())
}
