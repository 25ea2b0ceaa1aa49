//! Reads the records that the org starts with: one text of JSON lines per object.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::Store;
use super::table::{Row, Table};
use crate::sandbox::salesforce::org::Org;
use crate::sandbox::salesforce::org::field::{Field, FieldType};
use crate::sandbox::salesforce::org::id;
use crate::sandbox::salesforce::org::object::Object;
use crate::sandbox::salesforce::value;
use crate::sandbox::salesforce::write::rules;
use crate::sandbox::wire::SandboxError;

/// What a record gets as its stamps when its file says nothing.
const DEFAULT_STAMP: &str = "2024-01-01T00:00:00.000+0000";

impl Store {
    /// Fills the tables.
    ///
    /// # Errors
    /// [`SandboxError::Record`] with the line that the org could not hold: an unknown field, a
    /// malformed Id, a value that does not fit its field, an Id that is there twice.
    pub fn load(
        &mut self,
        org: &Org,
        records: &[(String, Cow<'static, str>)],
    ) -> Result<(), SandboxError> {
        for (name, text) in records {
            for (place, line) in text.lines().enumerate() {
                if line.trim().is_empty() {
                    continue;
                }
                self.load_line(org, name, line).map_err(|reason| SandboxError::Record {
                    object: name.clone(),
                    line: place.saturating_add(1),
                    reason,
                })?;
            }
        }
        self.name_prices();
        self.add_platform_rows(org);
        Ok(())
    }

    /// Prices are called as their products are, also where their file leaves the name out.
    fn name_prices(&mut self) {
        let nameless = |table: &Table| -> Vec<(String, Row)> {
            let rows = table.rows().filter(|(_, row)| !row.contains_key("Name"));
            rows.map(|(id, row)| (id.clone(), row.clone())).collect()
        };
        for (id, mut row) in self.table("PricebookEntry").map(nameless).unwrap_or_default() {
            rules::derive(self, "PricebookEntry", &mut row);
            if let Some(table) = self.table_mut("PricebookEntry") {
                table.replace(&id, Some(row));
            }
        }
    }

    fn load_line(&mut self, org: &Org, name: &str, line: &str) -> Result<(), String> {
        let object = org.object(name).ok_or("no description has this object")?;
        let parsed: Row = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let (id, row) = complete(org, object, parsed)?;
        let table = self.table_mut(&object.name).ok_or("the object has no table")?;
        match table.replace(&id, Some(row)) {
            Some(_) => Err(format!("Id {id} is there twice")),
            None => Ok(()),
        }
    }

    fn add_platform_rows(&mut self, org: &Org) {
        let organization = json!({
            "Id": org.id, "Name": "Crosswalk Sandbox", "InstanceName": "CS0",
            "OrganizationType": "Developer Edition", "IsSandbox": true,
            "DefaultLocaleSidKey": "en_US", "LanguageLocaleKey": "en_US", "TimeZoneSidKey": "UTC",
        });
        let user = json!({
            "Id": org.user_id, "Username": "integration@sandbox.invalid", "Name": "Integration User",
            "LastName": "User", "Email": "integration@sandbox.invalid", "IsActive": true,
        });
        self.add_platform_row(org, "Organization", organization);
        self.add_platform_row(org, "User", user);
        for (number, currency) in (1_u64..).zip(&org.currencies) {
            let decimals = if currency == "JPY" { 0 } else { 2 };
            let row = json!({
                "Id": id::make("01L", org.instance(), number), "IsoCode": currency,
                "ConversionRate": 1, "DecimalPlaces": decimals, "IsActive": true,
                "IsCorporate": number == 1,
            });
            self.add_platform_row(org, "CurrencyType", row);
        }
    }

    /// A row of the platform gives way to one that the record files bring.
    fn add_platform_row(&mut self, org: &Org, name: &str, row: Value) {
        let (Some(object), Value::Object(row)) = (org.object(name), row) else { return };
        let Ok((id, row)) = complete(org, object, row) else { return };
        if let Some(table) = self.table_mut(name) {
            let is_given = name != "CurrencyType" && table.ids().next().is_some();
            if !is_given && table.row(&id).is_none() {
                table.replace(&id, Some(row));
            }
        }
    }
}

/// Checks a record and gives it what every record has.
fn complete(org: &Org, object: &Object, parsed: Row) -> Result<(String, Row), String> {
    let mut row = Row::new();
    for (name, stored) in parsed {
        if name == "attributes" {
            continue;
        }
        match object.field(&name) {
            Some(field) => {
                row.insert(field.name.clone(), fitted(field, stored)?);
            }
            None if name == "CurrencyIsoCode" => {}
            None => {
                return Err(format!(
                    "{} has no field {name}: describe it, or list it in _fields.json",
                    object.name
                ));
            }
        }
    }
    let id = row.get("Id").and_then(Value::as_str).ok_or("the record has no Id")?.to_owned();
    if id.get(..3) != Some(object.prefix()) {
        return Err(format!("Id {id} does not start with {}'s {}", object.name, object.prefix()));
    }
    let stamp = Value::String(DEFAULT_STAMP.to_owned());
    for name in ["CreatedDate", "LastModifiedDate", "SystemModstamp"] {
        row.entry(name).or_insert_with(|| stamp.clone());
    }
    for name in ["CreatedById", "LastModifiedById", "OwnerId"] {
        if object.field(name).is_some() {
            row.entry(name).or_insert_with(|| Value::String(org.user_id.clone()));
        }
    }
    row.entry("IsDeleted").or_insert(Value::Bool(false));
    Ok((id, row))
}

/// The value as the org keeps it: Ids of 18 characters, moments in their one spelling.
fn fitted(field: &Field, stored: Value) -> Result<Value, String> {
    let wrong = |stored: &Value| Err(format!("{} cannot be {stored}", field.name));
    match (field.kind(), &stored) {
        (_, Value::Null) => Ok(stored),
        (FieldType::Id | FieldType::Reference, Value::String(text)) => match id::to_18(text) {
            Some(id) => Ok(Value::String(id)),
            None => Err(format!("{} cannot be {stored}: {}", field.name, id::wrong(text))),
        },
        (FieldType::Date, Value::String(text)) if value::is_date(text) => Ok(stored),
        (FieldType::DateTime, Value::String(text)) => {
            value::normalize_moment(text).map(Value::String).map_or_else(|| wrong(&stored), Ok)
        }
        (FieldType::Boolean, Value::Bool(_))
        | (FieldType::Compound, Value::Object(_))
        | (
            FieldType::Text | FieldType::TextArea | FieldType::Picklist | FieldType::MultiPicklist,
            Value::String(_),
        ) => Ok(stored),
        (FieldType::Int | FieldType::Number, Value::Number(number)) => {
            match value::parse_number(&number.to_string()) {
                Some(_) => Ok(stored),
                None => wrong(&stored),
            }
        }
        _ => wrong(&stored),
    }
}
