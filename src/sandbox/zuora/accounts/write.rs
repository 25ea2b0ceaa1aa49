//! Stores accounts and their contacts. Rules first, then changes: a refused body has changed
//! nothing.

use serde_json::{Map, Value};

use super::ACTIVE;
use super::check::CONTACTS;
use super::rules::{self, CONTACT_IDS};
use crate::sandbox::zuora::answer::Reason;
use crate::sandbox::zuora::store::{Kind, Record};
use crate::sandbox::zuora::work::Work;

/// What a body says about the call, not about the account.
const OF_THE_CALL: [&str; 9] = [
    "applicationOrder",
    "applyCredit",
    "applyCreditBalance",
    "collect",
    "creditMemoReasonCode",
    "documentDate",
    "runBilling",
    "soldToSameAsBillTo",
    "shipToSameAsBillTo",
];
/// The group of an account that names none.
const BATCH_DEFAULT: &str = "Batch1";

/// Makes an account of fields that fit their schema, with its contacts, and gives its id. Without
/// a sold-to contact the bill-to contact is sold to.
///
/// # Errors
/// Every rule that the account would break.
pub fn create(work: &mut Work<'_>, fields: &Map<String, Value>) -> Result<String, Vec<Reason>> {
    let reasons = rules::broken(work, None, fields);
    if !reasons.is_empty() {
        return Err(reasons);
    }
    let mut account = stored(fields);
    let defaults = [
        ("status", Value::from(ACTIVE)),
        ("batch", Value::from(BATCH_DEFAULT)),
        ("billCycleDay", Value::from(0)),
        ("autoPay", Value::from(false)),
    ];
    for (name, value) in defaults {
        account.entry(name).or_insert(value);
    }
    let number = account.remove("accountNumber").unwrap_or_else(|| next_number(work));
    account.insert("accountNumber".to_owned(), number);
    let id = work.insert(Kind::Account, account);
    work.count_write();
    let contacts = CONTACTS.map(|name| {
        let contact = fields.get(name).and_then(Value::as_object)?;
        Some(add_contact(work, &id, contact))
    });
    let bill_to = contacts.first().cloned().flatten();
    let chosen = CONTACT_IDS.into_iter().zip(contacts);
    let named = chosen.filter_map(|(name, contact)| Some((name, contact.or(bill_to.clone())?)));
    let named = named.map(|(name, contact)| (name.to_owned(), Value::from(contact))).collect();
    name_contacts(work, &id, named);
    Ok(id)
}

/// Changes an account by fields that fit their schema. A contact in the body changes the one that
/// the account has; where it has none, or only shares the bill-to contact, it becomes a new one.
///
/// # Errors
/// Every rule that the changed account would break.
pub fn update(
    work: &mut Work<'_>,
    before: &Record,
    change: &Map<String, Value>,
) -> Result<(), Vec<Reason>> {
    let mut fields = before.fields.clone();
    fields.extend(change.iter().map(|(name, value)| (name.clone(), value.clone())));
    let reasons = rules::broken(work, Some(before), &fields);
    if !reasons.is_empty() {
        return Err(reasons);
    }
    let mut fields = stored(&fields);
    for (name, role) in CONTACTS.into_iter().zip(CONTACT_IDS) {
        let Some(contact) = change.get(name).and_then(Value::as_object) else { continue };
        let own = fields.get(role).and_then(Value::as_str).map(str::to_owned);
        let bill_to = fields.get("billToContactId").and_then(Value::as_str);
        let is_shared = role != "billToContactId" && own.as_deref() == bill_to;
        match own.filter(|_| !is_shared) {
            Some(id) => change_contact(work, &id, contact),
            None => {
                let id = add_contact(work, &before.id, contact);
                fields.insert(role.to_owned(), Value::from(id));
            }
        }
    }
    work.replace(Kind::Account, before, fields);
    work.count_write();
    Ok(())
}

/// Makes a contact of an account and gives its id.
pub fn add_contact(work: &mut Work<'_>, account: &str, fields: &Map<String, Value>) -> String {
    let mut contact = of_contact(fields);
    contact.insert("accountId".to_owned(), Value::from(account));
    let id = work.insert(Kind::Contact, contact);
    work.count_write();
    id
}

/// Changes a contact.
pub fn change_contact(work: &mut Work<'_>, id: &str, change: &Map<String, Value>) {
    let Some(before) = work.store().get(Kind::Contact, id).cloned() else { return };
    let mut fields = before.fields.clone();
    fields.extend(of_contact(change));
    for name in change.iter().filter(|(_, value)| is_empty(value)).map(|(name, _)| name) {
        fields.remove(name);
    }
    work.replace(Kind::Contact, &before, fields);
    work.count_write();
}

/// Gives roles of an account to contacts: by name of the field, the contact's id.
pub fn name_contacts(work: &mut Work<'_>, account: &str, named: Map<String, Value>) {
    let Some(before) = work.store().get(Kind::Account, account).cloned() else { return };
    if !named.is_empty() {
        let mut fields = before.fields.clone();
        fields.extend(named);
        work.replace(Kind::Account, &before, fields);
    }
}

/// The roles that the flags of a contact's body ask for.
#[must_use]
pub fn roles(fields: &Map<String, Value>, contact: &str) -> Map<String, Value> {
    [("asBillTo", 0), ("asSoldTo", 1), ("asShipTo", 2)]
        .into_iter()
        .filter(|(flag, _)| fields.get(*flag) == Some(&Value::Bool(true)))
        .filter_map(|(_, role)| CONTACT_IDS.get(role))
        .map(|role| ((*role).to_owned(), Value::from(contact)))
        .collect()
}

/// What is kept of an account's body: nothing that says nothing.
fn stored(fields: &Map<String, Value>) -> Map<String, Value> {
    let is_kept = |name: &str| !CONTACTS.contains(&name) && !OF_THE_CALL.contains(&name);
    let kept = fields.iter().filter(|(name, value)| is_kept(name) && !is_empty(value));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn of_contact(fields: &Map<String, Value>) -> Map<String, Value> {
    let is_kept = |name: &str| {
        !matches!(name, "accountId" | "accountNumber" | "asBillTo" | "asSoldTo" | "asShipTo")
    };
    let kept = fields.iter().filter(|(name, value)| is_kept(name) && !is_empty(value));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// The next number that nobody has chosen yet.
fn next_number(work: &mut Work<'_>) -> Value {
    loop {
        let number = format!("A{:08}", work.next("account"));
        if work.store().find(Kind::Account, "accountNumber", &number).is_none() {
            return Value::from(number);
        }
    }
}
