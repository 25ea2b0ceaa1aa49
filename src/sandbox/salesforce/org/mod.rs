//! What the org has: its objects and their fields, its Id, and whether it knows currencies.
//!
//! Enters: descriptions of objects, the list of the org's own fields, and the names of the record
//! files. Leaves: an [`Org`] that never changes while the service runs.

pub mod field;
pub mod id;
pub mod object;
mod platform;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;

use self::field::{Field, PicklistValue};
use self::object::Object;
use super::service::{Contents, OwnField};
use crate::sandbox::wire::SandboxError;

/// Fields that every object has, whatever its description says.
const SYSTEM_FIELDS: [(&str, &str); 7] = [
    ("Id", "id"),
    ("IsDeleted", "boolean"),
    ("CreatedDate", "datetime"),
    ("CreatedById", "reference"),
    ("LastModifiedDate", "datetime"),
    ("LastModifiedById", "reference"),
    ("SystemModstamp", "datetime"),
];

/// Objects and settings of one org.
#[derive(Debug)]
pub struct Org {
    /// 18-character Id of the org, the same for the same records.
    pub id: String,
    /// 18-character Id of its only user.
    pub user_id: String,
    /// The active currencies of a multi-currency org, the corporate one first; of a
    /// single-currency org none, and no object has a currency field.
    pub currencies: Vec<String>,
    objects: BTreeMap<String, Arc<Object>>,
}

/// What the folder's `_fields.json` says of one object.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedObject {
    key_prefix: Option<String>,
    #[serde(default)]
    fields: BTreeMap<String, ListedField>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedField {
    #[serde(rename = "type")]
    type_name: String,
    #[serde(default)]
    reference_to: Vec<String>,
    #[serde(default)]
    external_id: bool,
    #[serde(default)]
    unique: bool,
    length: Option<u32>,
    precision: Option<u32>,
    scale: Option<u32>,
}

impl Org {
    /// Puts the org together: descriptions, the fields that `_fields.json` lists and others that
    /// it has of its own, the platform's own objects.
    ///
    /// # Errors
    /// [`SandboxError::Description`] when a description or the list cannot be read.
    pub fn assemble(contents: &Contents<'_>) -> Result<Self, SandboxError> {
        let Contents { objects: descriptions, records, fields: listed, own_fields } = *contents;
        let mut objects = described(descriptions)?;
        let listed = parse_listed(listed)?;
        let is_multi_currency = match &listed {
            Some(listed) => {
                listed.values().any(|object| object.fields.contains_key("CurrencyIsoCode"))
            }
            None => records.iter().any(|(_, text)| text.contains("\"CurrencyIsoCode\"")),
        };
        for (name, object) in listed.unwrap_or_default() {
            add_listed(objects.entry(name.clone()).or_insert_with(|| Object::named(&name)), object);
        }
        for own in own_fields {
            add_own(
                objects.entry(own.object.clone()).or_insert_with(|| Object::named(&own.object)),
                own,
            );
        }
        let currencies = if is_multi_currency { platform::currencies(records) } else { Vec::new() };
        platform::add_objects(&mut objects, is_multi_currency);
        for object in objects.values_mut() {
            add_system_fields(object);
            platform::adjust(object);
            if is_multi_currency {
                platform::restrict_currency(object, &currencies);
            } else {
                object.remove_field("CurrencyIsoCode");
            }
        }
        assign_prefixes(&mut objects, records);
        let objects = objects.into_iter().map(|(name, object)| (name, Arc::new(object))).collect();
        let seed = identity_seed(records);
        Ok(Self {
            id: id::derive("00D", &seed),
            user_id: id::derive("005", &seed),
            currencies,
            objects,
        })
    }

    /// The object of that name, without regard to case.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<&Arc<Object>> {
        self.objects
            .get(name)
            .or_else(|| self.objects.values().find(|object| object.name.eq_ignore_ascii_case(name)))
    }

    /// All objects, by name.
    pub fn objects(&self) -> impl Iterator<Item = &Arc<Object>> {
        self.objects.values()
    }

    /// The object whose records have Ids of this kind.
    #[must_use]
    pub fn object_of_id(&self, id: &str) -> Option<&Arc<Object>> {
        let prefix = id.get(..3)?;
        self.objects.values().find(|object| object.prefix() == prefix)
    }

    /// The object that a reference leads to: the first of its targets that the org has.
    #[must_use]
    pub fn target(&self, reference: &Field) -> Option<&Arc<Object>> {
        reference.reference_to.iter().find_map(|name| self.objects.get(name))
    }

    /// Two characters of the org that new Ids carry.
    #[must_use]
    pub fn instance(&self) -> &str {
        self.id.get(3..5).unwrap_or("00")
    }
}

fn described(
    descriptions: &[(String, Cow<'static, str>)],
) -> Result<BTreeMap<String, Object>, SandboxError> {
    let mut objects = BTreeMap::new();
    for (name, text) in descriptions {
        let parsed: Object = serde_json::from_str(text).map_err(|error| {
            SandboxError::Description { object: name.clone(), reason: error.to_string() }
        })?;
        let mut object = parsed;
        object.complete_fields();
        objects.insert(object.name.clone(), object);
    }
    Ok(objects)
}

fn parse_listed(
    text: Option<&str>,
) -> Result<Option<BTreeMap<String, ListedObject>>, SandboxError> {
    let Some(text) = text else { return Ok(None) };
    serde_json::from_str(text).map(Some).map_err(|error| SandboxError::Description {
        object: "_fields.json".to_owned(),
        reason: error.to_string(),
    })
}

/// A listed field that no description knows is a custom field of this org: open to writes, and
/// never required.
fn add_listed(object: &mut Object, listed: ListedObject) {
    if listed.key_prefix.is_some() {
        object.key_prefix = listed.key_prefix;
    }
    for (name, field) in listed.fields {
        if object.field(&name).is_some() {
            continue;
        }
        object.add_field(Field {
            custom: name.ends_with("__c"),
            name,
            type_name: field.type_name,
            nillable: true,
            createable: true,
            updateable: true,
            external_id: field.external_id,
            unique: field.unique,
            length: field.length,
            precision: field.precision,
            scale: field.scale,
            reference_to: field.reference_to,
            ..Field::default()
        });
    }
}

/// A field of the org's own is open to writes and never required; one that is known stays as it is.
fn add_own(object: &mut Object, own: &OwnField) {
    if object.field(&own.name).is_some() {
        return;
    }
    let value = |value: &String| PicklistValue {
        value: value.clone(),
        label: None,
        active: Some(true),
        is_default: None,
    };
    object.add_field(Field {
        custom: own.name.ends_with("__c"),
        name: own.name.clone(),
        type_name: own.type_name.clone(),
        nillable: own.type_name != "boolean",
        createable: true,
        updateable: true,
        length: own.length,
        reference_to: own.reference_to.iter().cloned().collect(),
        restricted_picklist: !own.values.is_empty(),
        picklist_values: own.values.iter().map(value).collect(),
        ..Field::default()
    });
}

fn add_system_fields(object: &mut Object) {
    for (name, type_name) in SYSTEM_FIELDS {
        if object.field(name).is_some() {
            continue;
        }
        let is_reference = type_name == "reference";
        object.add_field(Field {
            name: name.to_owned(),
            type_name: type_name.to_owned(),
            reference_to: if is_reference { vec!["User".to_owned()] } else { Vec::new() },
            ..Field::default()
        });
    }
}

/// Objects without a key prefix take that of their records, or a free one.
fn assign_prefixes(
    objects: &mut BTreeMap<String, Object>,
    records: &[(String, Cow<'static, str>)],
) {
    for (name, text) in records {
        let Some(object) = objects.get_mut(name).filter(|object| object.key_prefix.is_none())
        else {
            continue;
        };
        object.key_prefix = first_id(text).and_then(|id| id.get(..3).map(str::to_owned));
    }
    let mut taken: BTreeSet<String> =
        objects.values().filter_map(|object| object.key_prefix.clone()).collect();
    let mut free = (0_u32..).map(|number| format!("a{number:02}"));
    for object in objects.values_mut().filter(|object| object.key_prefix.is_none()) {
        let prefix = free.by_ref().find(|prefix| !taken.contains(prefix));
        taken.extend(prefix.clone());
        object.key_prefix = prefix;
    }
}

fn first_id(text: &str) -> Option<String> {
    let line = text.lines().find(|line| !line.trim().is_empty())?;
    let record: serde_json::Value = serde_json::from_str(line).ok()?;
    record.get("Id")?.as_str().map(str::to_owned)
}

/// Objects whose records tell one org from another: the first that has some.
const IDENTIFYING: [&str; 3] = ["Pricebook2", "Product2", "Account"];

/// What makes an org this org: the smallest Id of its price books, which hardly ever changes. A
/// field that is edited, or a record that is added, leaves the org what it is.
fn identity_seed(records: &[(String, Cow<'static, str>)]) -> Vec<u8> {
    let of = |name: &str| records.iter().find(|(known, text)| known == name && !text.is_empty());
    let chosen = IDENTIFYING.iter().find_map(|name| of(name)).or(records.first());
    let id = |line: &str| {
        let record: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(record.get("Id")?.as_str()?.to_owned())
    };
    let smallest = chosen.and_then(|(_, text)| text.lines().filter_map(id).min());
    smallest.unwrap_or_default().into_bytes()
}
