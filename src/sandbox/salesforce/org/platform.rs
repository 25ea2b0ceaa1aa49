//! What every org has without being told: its own record, a user, currencies, and the defaults
//! of a few standard fields that descriptions leave out.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::field::{Field, PicklistValue};
use super::object::Object;

/// Field defaults of the platform: object, field, value.
const INSERT_DEFAULTS: [(&str, &str, &str); 1] = [("Contract", "Status", "Draft")];

/// Adds Organization, User and, in a multi-currency org, CurrencyType.
pub fn add_objects(objects: &mut BTreeMap<String, Object>, is_multi_currency: bool) {
    let mut organization = read_only("Organization", "00D");
    for (name, type_name) in [
        ("Name", "string"),
        ("InstanceName", "string"),
        ("OrganizationType", "picklist"),
        ("IsSandbox", "boolean"),
        ("NamespacePrefix", "string"),
        ("DefaultLocaleSidKey", "picklist"),
        ("TimeZoneSidKey", "picklist"),
        ("LanguageLocaleKey", "picklist"),
        ("TrialExpirationDate", "datetime"),
    ] {
        organization.add_field(read_only_field(name, type_name));
    }
    objects.entry("Organization".to_owned()).or_insert(organization);
    let mut user = read_only("User", "005");
    for (name, type_name) in [
        ("Username", "string"),
        ("Name", "string"),
        ("LastName", "string"),
        ("Email", "email"),
        ("IsActive", "boolean"),
    ] {
        user.add_field(read_only_field(name, type_name));
    }
    objects.entry("User".to_owned()).or_insert(user);
    if is_multi_currency {
        let mut currency = read_only("CurrencyType", "01L");
        for (name, type_name) in [
            ("IsoCode", "picklist"),
            ("ConversionRate", "double"),
            ("DecimalPlaces", "int"),
            ("IsActive", "boolean"),
            ("IsCorporate", "boolean"),
        ] {
            currency.add_field(read_only_field(name, type_name));
        }
        objects.entry("CurrencyType".to_owned()).or_insert(currency);
    }
}

/// Gives standard fields the defaults that the platform gives them.
pub fn adjust(object: &mut Object) {
    let name = object.name.clone();
    for field in &mut object.fields {
        let is_given = matches!(field.name.as_str(), "OwnerId" | "CurrencyIsoCode");
        if is_given && field.defaulted_on_create.is_none() {
            Arc::make_mut(field).defaulted_on_create = Some(true);
        }
        for (of_object, of_field, value) in INSERT_DEFAULTS {
            if name == of_object && field.name == of_field && field.insert_default().is_none() {
                Arc::make_mut(field).default_value = Some(Value::String(value.to_owned()));
            }
        }
    }
}

/// The currencies that records use. USD leads where it is used, as the corporate currency.
#[must_use]
pub fn currencies(records: &[(String, Cow<'static, str>)]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for (_, text) in records {
        for rest in text.split("\"CurrencyIsoCode\"").skip(1) {
            let value = rest.trim_start_matches([' ', ':']).strip_prefix('"');
            let code = value.and_then(|value| value.get(..3));
            found.extend(code.map(|code| (code != "USD", code.to_owned())));
        }
    }
    found.into_iter().map(|(_, code)| code).collect()
}

/// A record may only have an active currency.
pub fn restrict_currency(object: &mut Object, currencies: &[String]) {
    let field = object.fields.iter_mut().find(|field| field.name == "CurrencyIsoCode");
    let Some(field) = field.filter(|_| !currencies.is_empty()) else { return };
    let field = Arc::make_mut(field);
    field.restricted_picklist = true;
    field.picklist_values = currencies
        .iter()
        .enumerate()
        .map(|(place, code)| PicklistValue {
            value: code.clone(),
            label: None,
            active: Some(true),
            is_default: Some(place == 0),
        })
        .collect();
}

fn read_only(name: &str, key_prefix: &str) -> Object {
    let mut object = Object::named(name);
    object.key_prefix = Some(key_prefix.to_owned());
    object.createable = false;
    object.updateable = false;
    object.deletable = Some(false);
    object.add_field(read_only_field("Id", "id"));
    object
}

fn read_only_field(name: &str, type_name: &str) -> Field {
    Field {
        name: name.to_owned(),
        type_name: type_name.to_owned(),
        nillable: true,
        ..Field::default()
    }
}
