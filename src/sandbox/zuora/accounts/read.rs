//! Accounts and contacts as the v1 API shows them: every field is there, null where it has no
//! value.

use serde_json::{Map, Value, json};

use super::rules::CONTACT_IDS;
use super::view;
use crate::sandbox::zuora::store::{Kind, Record};
use crate::sandbox::zuora::work::Work;

const BASIC: [&str; 17] = [
    "name",
    "accountNumber",
    "notes",
    "status",
    "crmId",
    "batch",
    "invoiceTemplateId",
    "communicationProfileId",
    "creditMemoTemplateId",
    "debitMemoTemplateId",
    "profileNumber",
    "purchaseOrderNumber",
    "customerServiceRepName",
    "salesRep",
    "organizationLabel",
    "parentId",
    "sequenceSetId",
];
const PAYMENT: [&str; 6] = [
    "paymentGateway",
    "additionalEmailAddresses",
    "autoPay",
    "defaultPaymentMethodId",
    "invoiceDeliveryPrefsEmail",
    "invoiceDeliveryPrefsPrint",
];
const SUMMARY: [&str; 6] = [
    "purchaseOrderNumber",
    "additionalEmailAddresses",
    "autoPay",
    "invoiceDeliveryPrefsEmail",
    "invoiceDeliveryPrefsPrint",
    "organizationLabel",
];
const CONTACT: [&str; 19] = [
    "firstName",
    "lastName",
    "nickname",
    "address1",
    "address2",
    "city",
    "county",
    "state",
    "zipCode",
    "country",
    "taxRegion",
    "workEmail",
    "personalEmail",
    "workPhone",
    "homePhone",
    "mobilePhone",
    "otherPhone",
    "otherPhoneType",
    "fax",
];

/// The body of `GET /v1/accounts/{key}`.
#[must_use]
pub fn account(work: &Work<'_>, account: &Record) -> Value {
    let mut basic = chosen(account, &BASIC);
    basic.insert("id".to_owned(), json!(account.id));
    basic.insert("partnerAccount".to_owned(), or(account, "partnerAccount", json!(false)));
    add_custom(work, Kind::Account, account, &mut basic);
    let seen = view(account);
    let mut payment = chosen(account, &PAYMENT);
    payment.insert("billCycleDay".to_owned(), json!(seen.bill_cycle_day));
    payment.insert("currency".to_owned(), json!(seen.currency));
    payment.insert("paymentTerm".to_owned(), json!(seen.payment_term));
    add_preferences(account, &mut payment);
    let mut body = roles(work, account);
    body.insert("basicInfo".to_owned(), Value::Object(basic));
    body.insert("billingAndPayment".to_owned(), Value::Object(payment));
    body.insert("metrics".to_owned(), metrics());
    body.insert("taxInfo".to_owned(), account.value("taxInfo").clone());
    body.insert("einvoiceProfile".to_owned(), account.value("einvoiceProfile").clone());
    body.insert(
        "gatewayRoutingEligible".to_owned(),
        or(account, "gatewayRoutingEligible", json!(false)),
    );
    body.insert("success".to_owned(), json!(true));
    Value::Object(body)
}

/// The body of `GET /v1/accounts/{key}/summary`. Here the bill cycle day is a text.
#[must_use]
pub fn summary(work: &Work<'_>, account: &Record) -> Value {
    let mut basic = chosen(account, &SUMMARY);
    add_preferences(account, &mut basic);
    let seen = view(account);
    for (name, value) in [
        ("id", seen.id),
        ("name", seen.name),
        ("accountNumber", seen.number),
        ("status", seen.status),
        ("batch", seen.batch),
        ("currency", seen.currency),
        ("billCycleDay", seen.bill_cycle_day.to_string()),
    ] {
        basic.insert(name.to_owned(), Value::String(value));
    }
    basic.insert("balance".to_owned(), json!("0.000000000"));
    add_custom(work, Kind::Account, account, &mut basic);
    let mut body = roles(work, account);
    body.insert("basicInfo".to_owned(), Value::Object(basic));
    body.insert("taxInfo".to_owned(), account.value("taxInfo").clone());
    for list in ["subscriptions", "invoices", "payments", "usage"] {
        body.insert(list.to_owned(), json!([]));
    }
    body.insert("success".to_owned(), json!(true));
    Value::Object(body)
}

/// A contact, without the account that it belongs to.
#[must_use]
pub fn contact(work: &Work<'_>, contact: &Record) -> Map<String, Value> {
    let mut shown = chosen(contact, &CONTACT);
    shown.insert("id".to_owned(), json!(contact.id));
    shown.insert("contactDescription".to_owned(), contact.value("contactDescription").clone());
    let account = contact.text("accountId").and_then(|id| work.store().get(Kind::Account, id));
    for (flag, role) in ["asBillTo", "asSoldTo", "asShipTo"].into_iter().zip(CONTACT_IDS) {
        let has_role = account.is_some_and(|one| one.text(role) == Some(contact.id.as_str()));
        shown.insert(flag.to_owned(), json!(has_role));
    }
    add_custom(work, Kind::Contact, contact, &mut shown);
    shown
}

/// The contacts of an account in their roles.
fn roles(work: &Work<'_>, account: &Record) -> Map<String, Value> {
    let names = ["billToContact", "soldToContact", "shipToContact"].into_iter().zip(CONTACT_IDS);
    let shown = |role: &str| {
        let record = account.text(role).and_then(|id| work.store().get(Kind::Contact, id));
        record.map_or(Value::Null, |record| Value::Object(contact(work, record)))
    };
    names.map(|(name, role)| (name.to_owned(), shown(role))).collect()
}

fn chosen(record: &Record, names: &[&str]) -> Map<String, Value> {
    names.iter().map(|name| ((*name).to_owned(), record.value(name).clone())).collect()
}

fn or(record: &Record, name: &str, default: Value) -> Value {
    record.fields.get(name).cloned().unwrap_or(default)
}

/// What has a value on every account.
fn add_preferences(account: &Record, shown: &mut Map<String, Value>) {
    for name in ["autoPay", "invoiceDeliveryPrefsEmail", "invoiceDeliveryPrefsPrint"] {
        shown.insert(name.to_owned(), or(account, name, json!(false)));
    }
    shown.insert(
        "additionalEmailAddresses".to_owned(),
        or(account, "additionalEmailAddresses", json!([])),
    );
}

/// The tenant's own fields and those of the NetSuite connector.
fn add_custom(work: &Work<'_>, kind: Kind, record: &Record, shown: &mut Map<String, Value>) {
    for (name, _) in work.tenant.custom_fields_of(kind.name()) {
        shown.insert(name.to_owned(), record.value(name).clone());
    }
    let schema = work.schemas.get(kind.name());
    let fields = schema.into_iter().flat_map(|schema| schema.fields());
    for (name, _) in fields.filter(|(name, _)| name.ends_with("__NS")) {
        shown.insert(name.to_owned(), record.value(name).clone());
    }
}

/// Nothing has been billed: the emulated tenant makes no invoices.
fn metrics() -> Value {
    let names = [
        "balance",
        "contractedMrr",
        "creditBalance",
        "totalDebitMemoBalance",
        "totalInvoiceBalance",
        "unappliedCreditMemoAmount",
        "unappliedPaymentAmount",
    ];
    let zero = Value::Number(serde_json::Number::from_string_unchecked("0.000000000".to_owned()));
    names.into_iter().map(|name| (name.to_owned(), zero.clone())).collect()
}
