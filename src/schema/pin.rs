//! What a tenant said of its objects, laid over the schemas inside the binary.
//!
//! A pin is written as a schema of the object ([`super::json_schema`] reads it). It adds the fields
//! of the tenant's own, and narrows the others: a shorter text, other values, a field that must be
//! filled or may not. What a describe does not know (conditions, keys, parents) stays as it is
//! shipped, and so do fields of ours that it does not name.

use std::sync::Arc;

use super::{
    object::{Field, FieldType, Object, Values},
    tenant_field::is_custom,
};

/// Lays a pin over an object.
pub(super) fn lay(object: &mut Object, pin: &Object) {
    let stands_alone = !object.fields.is_empty();
    for said in pin.fields.values() {
        let own = own_name(object, &said.name);
        let is_added = is_custom(&said.name) && takes_custom(object);
        if let Some(field) = own.as_ref().and_then(|name| object.fields.get_mut(name)) {
            narrow(Arc::make_mut(field), said);
        } else if is_added {
            object.add(added(said));
        }
    }
    // A member that holds custom fields alone may be left out as a whole, and in a change it says
    // only what changes: there nothing is required.
    for name in pin.required.iter().filter(|_| stands_alone) {
        let own = own_name(object, name).filter(|own| !object.required.contains(own));
        if let Some(field) = own.as_ref().and_then(|own| object.fields.get_mut(own)) {
            Arc::make_mut(field).optional = false;
        }
        object.required.extend(own);
    }
}

/// Whether the tenant's own fields are fields of it: the object, or a place that holds them.
pub(super) fn takes_custom(object: &Object) -> bool {
    object.custom_fields || object.custom_fields_of.is_some()
}

/// Fields of accounts and contacts that the v1 API calls by another name than a describe.
const OTHER_NAMES: [(&str, &str); 3] = [
    ("Description", "contactDescription"),
    ("PostalCode", "zipCode"),
    ("SalesRepName", "salesRep"),
];

/// The field of an object that a describe means: it writes `BillCycleDay` where the API of accounts
/// and orders writes `billCycleDay`.
fn own_name(object: &Object, name: &str) -> Option<String> {
    if object.fields.contains_key(name) {
        return Some(name.to_owned());
    }
    let other = OTHER_NAMES.iter().find(|(said, _)| *said == name).map_or(name, |(_, own)| own);
    let mut own = object.fields.keys();
    own.find(|own| own.eq_ignore_ascii_case(name) || *own == other).cloned()
}

/// A field of the tenant's own.
fn added(said: &Field) -> Field {
    Field { nullable: said.optional, ..said.clone() }
}

/// Takes over what a describe says of a field that the API has. It never allows more than is
/// published, but for values: those a tenant has or lacks by its features.
fn narrow(field: &mut Field, said: &Field) {
    if field.kind == FieldType::Text && said.kind == FieldType::Text {
        field.length = field.length.into_iter().chain(said.length).min();
    }
    field.createable &= said.createable;
    field.updateable &= said.updateable;
    let Some(listed) = &said.values else { return };
    match &mut field.values {
        _ if field.tenant.is_some() => field.tenant_values = Some(listed.all.to_vec()),
        Some(own) => restrict(own, &listed.all),
        None => {}
    }
}

/// Leaves of the values of a field those that the tenant has, and adds what it has besides. A list
/// that has none of ours is spelled in another way, and says nothing.
fn restrict(own: &mut Values, listed: &[String]) {
    let has = |value: &String| listed.iter().any(|one| spelled_alike(one, value));
    if !own.all.iter().any(has) {
        return;
    }
    let new: Vec<String> = listed
        .iter()
        .filter(|one| !own.all.iter().any(|value| spelled_alike(one, value)))
        .cloned()
        .collect();
    let all = Arc::make_mut(&mut own.all);
    all.retain(has);
    all.extend(new);
}

/// Whether two texts are one value: the parts of Zuora write `Semi-Annual`, `Semi_Annual` and
/// `SemiAnnual`.
pub fn spelled_alike(one: &str, other: &str) -> bool {
    let letters = |text: &str| -> Vec<char> {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    letters(one) == letters(other)
}

/// The objects whose custom fields are fields of an object or of what lies in it.
pub fn custom_fields_of(object: &Object) -> Vec<String> {
    let mut found: Vec<String> = object.custom_fields_of.iter().cloned().collect();
    for field in object.fields.values() {
        found.extend(within(&field.kind));
    }
    found.sort();
    found.dedup();
    found
}

fn within(kind: &FieldType) -> Vec<String> {
    match kind {
        FieldType::List(item) => within(item),
        FieldType::Object(object) => custom_fields_of(object),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Catalog, Layer, json_schema};

    fn pinned(object: &str, pin: &str) -> Object {
        let mut catalog = Catalog::embedded();
        catalog.pin("zuora", object, Layer::Describe, pin).expect("a pin");
        catalog.object("zuora", object).expect("a schema").expect("an object").as_ref().clone()
    }

    #[test]
    fn a_pin_adds_fields_of_the_tenant_and_narrows_the_others() {
        let account = pinned(
            "Account",
            r#"{"properties": {
                "Name": {"type": "string", "maxLength": 80},
                "Notes": {"type": "string", "maxLength": 900},
                "SalesRepName": {"type": "string", "maxLength": 9},
                "BillCycleDay": {"type": "integer", "x-update": false},
                "PaymentTerm": {"type": "string", "enum": ["Net 30"]},
                "Balance": {"type": "number"},
                "Region__c": {"type": "string", "enum": ["EMEA"]},
                "Must__c": {"type": "number"}
            }, "required": ["BillCycleDay", "Must__c"]}"#,
        );
        let field = |name: &str| account.fields.get(name).expect("a field");
        assert_eq!(field("name").length, Some(80));
        assert_eq!((field("notes").length, field("salesRep").length), (Some(900), Some(9)));
        let longer = r#"{"properties": {"Name": {"type": "string", "maxLength": 900}}}"#;
        let name = pinned("Product", longer).fields.remove("Name").expect("a field");
        assert_eq!(name.length, Some(100), "a describe allows no more than the API");
        assert!(!field("billCycleDay").updateable && !field("billCycleDay").optional);
        assert_eq!(field("paymentTerm").tenant_values.as_deref(), Some(&["Net 30".to_owned()][..]));
        assert!(field("paymentTerm").values.is_none() && !account.fields.contains_key("Balance"));
        assert!(field("Region__c").values.as_ref().is_some_and(|values| values.closed));
        for name in ["billCycleDay", "Must__c", "currency"] {
            assert!(account.required.iter().any(|required| required == name), "{name}");
        }
    }

    #[test]
    fn values_are_those_of_the_tenant_however_they_are_spelled() {
        let values = |listed: &str| {
            let pin = format!(
                r#"{{"properties": {{"BillingPeriod": {{"type": "string", "enum": {listed}}}}}}}"#
            );
            let charge = pinned("ProductRatePlanCharge", &pin);
            let field = charge.fields.get("BillingPeriod").expect("a field");
            field.values.as_ref().expect("values").all.to_vec()
        };
        assert_eq!(
            values(r#"["Semi_Annual", "Month", "Fortnight"]"#),
            ["Month", "Semi-Annual", "Fortnight"]
        );
        let all = values(r#"["M1", "M2"]"#);
        assert!(all.len() > 5 && !all.contains(&"M1".to_owned()), "another vocabulary: {all:?}");
    }

    #[test]
    fn custom_fields_reach_the_places_that_hold_them() {
        let mut catalog = Catalog::embedded();
        let pin = r#"{"properties": {"Region__c": {"type": "string"}}, "required": ["Region__c"]}"#;
        catalog.pin("zuora", "Subscription", Layer::Describe, pin).expect("a pin");
        let order = catalog.object("zuora", "Order").expect("a schema").expect("an object");
        let shown = format!("{order:?}");
        assert!(shown.contains("Region__c"));
        assert!(custom_fields_of(&order).contains(&"SubscriptionRatePlanCharge".to_owned()));
        let plain = json_schema::read("X", r#"{"properties": {"a": {"type": "string"}}}"#);
        assert!(custom_fields_of(&plain.expect("a schema")).is_empty());
    }
}
