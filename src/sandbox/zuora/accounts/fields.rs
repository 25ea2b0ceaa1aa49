//! How CRUD and queries spell the fields of accounts and contacts: in Pascal case, and some by
//! other names than the v1 API.

use serde_json::{Map, Value, json};

use crate::sandbox::zuora::store::{Kind, Record};
use crate::sandbox::zuora::tenant::CustomFieldKind;
use crate::sandbox::zuora::work::Work;
use crate::sandbox::zuora::zoql::FilterKind;

/// A field: as CRUD and queries spell it, as it is stored, and what it holds.
pub type Spelling = (&'static str, &'static str, FilterKind);

const ACCOUNT: [Spelling; 35] = [
    ("AccountNumber", "accountNumber", FilterKind::Text),
    ("AdditionalEmailAddresses", "additionalEmailAddresses", FilterKind::Text),
    ("AutoPay", "autoPay", FilterKind::Boolean),
    ("Batch", "batch", FilterKind::Text),
    ("BillCycleDay", "billCycleDay", FilterKind::Number),
    ("BillToId", "billToContactId", FilterKind::Text),
    ("CommunicationProfileId", "communicationProfileId", FilterKind::Text),
    ("CrmId", "crmId", FilterKind::Text),
    ("Currency", "currency", FilterKind::Text),
    ("CustomerServiceRepName", "customerServiceRepName", FilterKind::Text),
    ("DefaultPaymentMethodId", "defaultPaymentMethodId", FilterKind::Text),
    ("InvoiceDeliveryPrefsEmail", "invoiceDeliveryPrefsEmail", FilterKind::Boolean),
    ("InvoiceDeliveryPrefsPrint", "invoiceDeliveryPrefsPrint", FilterKind::Boolean),
    ("InvoiceTemplateId", "invoiceTemplateId", FilterKind::Text),
    ("Name", "name", FilterKind::Text),
    ("Notes", "notes", FilterKind::Text),
    ("ParentId", "parentId", FilterKind::Text),
    ("PartnerAccount", "partnerAccount", FilterKind::Boolean),
    ("PaymentGateway", "paymentGateway", FilterKind::Text),
    ("PaymentTerm", "paymentTerm", FilterKind::Text),
    ("PurchaseOrderNumber", "purchaseOrderNumber", FilterKind::Text),
    ("SalesRepName", "salesRep", FilterKind::Text),
    ("SequenceSetId", "sequenceSetId", FilterKind::Text),
    ("ShipToId", "shipToContactId", FilterKind::Text),
    ("SoldToId", "soldToContactId", FilterKind::Text),
    ("Status", "status", FilterKind::Text),
    ("Class__NS", "Class__NS", FilterKind::Text),
    ("CustomerType__NS", "CustomerType__NS", FilterKind::Text),
    ("Department__NS", "Department__NS", FilterKind::Text),
    ("IntegrationId__NS", "IntegrationId__NS", FilterKind::Text),
    ("IntegrationStatus__NS", "IntegrationStatus__NS", FilterKind::Text),
    ("Location__NS", "Location__NS", FilterKind::Text),
    ("Subsidiary__NS", "Subsidiary__NS", FilterKind::Text),
    ("SyncDate__NS", "SyncDate__NS", FilterKind::Text),
    ("SynctoNetSuite__NS", "SynctoNetSuite__NS", FilterKind::Text),
];

const CONTACT: [Spelling; 21] = [
    ("AccountId", "accountId", FilterKind::Text),
    ("Address1", "address1", FilterKind::Text),
    ("Address2", "address2", FilterKind::Text),
    ("City", "city", FilterKind::Text),
    ("Country", "country", FilterKind::Text),
    ("County", "county", FilterKind::Text),
    ("Description", "contactDescription", FilterKind::Text),
    ("Fax", "fax", FilterKind::Text),
    ("FirstName", "firstName", FilterKind::Text),
    ("HomePhone", "homePhone", FilterKind::Text),
    ("LastName", "lastName", FilterKind::Text),
    ("MobilePhone", "mobilePhone", FilterKind::Text),
    ("NickName", "nickname", FilterKind::Text),
    ("OtherPhone", "otherPhone", FilterKind::Text),
    ("OtherPhoneType", "otherPhoneType", FilterKind::Text),
    ("PersonalEmail", "personalEmail", FilterKind::Text),
    ("PostalCode", "zipCode", FilterKind::Text),
    ("State", "state", FilterKind::Text),
    ("TaxRegion", "taxRegion", FilterKind::Text),
    ("WorkEmail", "workEmail", FilterKind::Text),
    ("WorkPhone", "workPhone", FilterKind::Text),
];

/// What the service knows about every object.
const COMMON: [(&str, FilterKind); 5] = [
    ("Id", FilterKind::Text),
    ("CreatedById", FilterKind::Text),
    ("CreatedDate", FilterKind::Instant),
    ("UpdatedById", FilterKind::Text),
    ("UpdatedDate", FilterKind::Instant),
];

/// The fields of accounts or of contacts.
#[must_use]
pub fn spellings(kind: Kind) -> &'static [Spelling] {
    match kind {
        Kind::Account => &ACCOUNT,
        Kind::Contact => &CONTACT,
        Kind::Product
        | Kind::ProductRatePlan
        | Kind::ProductRatePlanCharge
        | Kind::ProductRatePlanChargeTier => &[],
    }
}

/// The names of those fields; none for the kinds of the catalog.
pub fn field_names(kind: Kind) -> impl Iterator<Item = &'static str> {
    spellings(kind).iter().map(|(name, _, _)| *name)
}

/// The name that the v1 API has for a field of an account or a contact.
#[must_use]
pub fn written_name(kind: Kind, name: &str) -> Option<&'static str> {
    spellings(kind).iter().find(|(known, _, _)| *known == name).map(|(_, written, _)| *written)
}

/// The fields that have a value. A list of texts is one text.
#[must_use]
pub fn object_fields(work: &Work<'_>, kind: Kind, record: &Record) -> Map<String, Value> {
    let user = work.store().identity().user_id();
    let mut fields = Map::from_iter([
        ("Id".to_owned(), json!(record.id)),
        ("CreatedById".to_owned(), json!(user)),
        ("CreatedDate".to_owned(), json!(record.created)),
        ("UpdatedById".to_owned(), json!(user)),
        ("UpdatedDate".to_owned(), json!(record.updated)),
    ]);
    for (name, stored, _) in spellings(kind) {
        if let Some(value) = record.fields.get(*stored) {
            fields.insert((*name).to_owned(), joined(value));
        }
    }
    for (name, _) in work.tenant.custom_fields_of(kind.name()) {
        if let Some(value) = record.fields.get(name) {
            fields.insert(name.to_owned(), value.clone());
        }
    }
    fields
}

fn joined(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            Value::String(texts.join(","))
        }
        other => other.clone(),
    }
}

/// A field of a query by its name in any case: as the object spells it, and what it holds.
#[must_use]
pub fn query_field_kind(work: &Work<'_>, kind: Kind, name: &str) -> Option<(String, FilterKind)> {
    let own = spellings(kind).iter().map(|(field, _, holds)| (*field, *holds));
    let mut fixed = COMMON.into_iter().chain(own);
    if let Some((field, holds)) = fixed.find(|(field, _)| field.eq_ignore_ascii_case(name)) {
        return Some((field.to_owned(), holds));
    }
    let mut custom = work.tenant.custom_fields_of(kind.name());
    let (field, custom) = custom.find(|(field, _)| field.eq_ignore_ascii_case(name))?;
    let holds = match custom.kind {
        CustomFieldKind::Text { .. } | CustomFieldKind::Picklist(_) => FilterKind::Text,
        CustomFieldKind::Number => FilterKind::Number,
        CustomFieldKind::Date => FilterKind::Date,
        CustomFieldKind::Boolean => FilterKind::Boolean,
    };
    Some((field.to_owned(), holds))
}
