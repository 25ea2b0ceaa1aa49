//! The names that ZOQL has for the fields of accounts and contacts.
//!
//! API Reference, "CRUD: Retrieve an account", "CRUD: Retrieve a contact" against "Create an
//! account", "Create a contact" (2026-05-01).

use super::{ACCOUNT, CONTACT};

const OF_ACCOUNT: &[(&str, &str)] = &[
    ("accountNumber", "AccountNumber"),
    ("autoPay", "AutoPay"),
    ("batch", "Batch"),
    ("billCycleDay", "BillCycleDay"),
    ("billToContactId", "BillToId"),
    ("communicationProfileId", "CommunicationProfileId"),
    ("crmId", "CrmId"),
    ("currency", "Currency"),
    ("customerServiceRepName", "CustomerServiceRepName"),
    ("defaultPaymentMethodId", "DefaultPaymentMethodId"),
    ("invoiceDeliveryPrefsEmail", "InvoiceDeliveryPrefsEmail"),
    ("invoiceDeliveryPrefsPrint", "InvoiceDeliveryPrefsPrint"),
    ("invoiceTemplateId", "InvoiceTemplateId"),
    ("name", "Name"),
    ("notes", "Notes"),
    ("parentId", "ParentId"),
    ("paymentGateway", "PaymentGateway"),
    ("paymentTerm", "PaymentTerm"),
    ("purchaseOrderNumber", "PurchaseOrderNumber"),
    ("salesRep", "SalesRepName"),
    ("sequenceSetId", "SequenceSetId"),
    ("soldToContactId", "SoldToId"),
];

const OF_CONTACT: &[(&str, &str)] = &[
    ("accountId", "AccountId"),
    ("address1", "Address1"),
    ("address2", "Address2"),
    ("city", "City"),
    ("contactDescription", "Description"),
    ("country", "Country"),
    ("county", "County"),
    ("fax", "Fax"),
    ("firstName", "FirstName"),
    ("homePhone", "HomePhone"),
    ("lastName", "LastName"),
    ("mobilePhone", "MobilePhone"),
    ("nickname", "NickName"),
    ("otherPhone", "OtherPhone"),
    ("otherPhoneType", "OtherPhoneType"),
    ("personalEmail", "PersonalEmail"),
    ("state", "State"),
    ("taxRegion", "TaxRegion"),
    ("workEmail", "WorkEmail"),
    ("workPhone", "WorkPhone"),
    ("zipCode", "PostalCode"),
];

/// The name by which ZOQL knows a field; `None` where it does not answer it.
pub(super) fn in_query<'n>(object: &str, field: &'n str) -> Option<&'n str> {
    let is_own = field == "Id" || field.ends_with("__c") || field.ends_with("__NS");
    if is_own {
        return Some(field);
    }
    let fields = match object {
        ACCOUNT => OF_ACCOUNT,
        CONTACT => OF_CONTACT,
        _ => &[],
    };
    fields.iter().find(|(name, _)| *name == field).map(|(_, asked)| *asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_fields_by_both_names() {
        assert_eq!(in_query(ACCOUNT, "salesRep"), Some("SalesRepName"));
        assert_eq!(in_query(CONTACT, "zipCode"), Some("PostalCode"));
        assert_eq!(in_query(ACCOUNT, "Region__c"), Some("Region__c"));
        for (object, field) in
            [(ACCOUNT, "billToContact"), (ACCOUNT, "zipCode"), (CONTACT, "crmId"), ("Order", "x")]
        {
            assert_eq!(in_query(object, field), None, "{object} {field}");
        }
    }
}
