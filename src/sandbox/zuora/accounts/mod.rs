//! Accounts and contacts: who is billed, in which currency, on which day, and where they are.
//!
//! A body enters through [`check`] (its schema) and [`rules`] (what the tenant and the other
//! accounts allow); [`write`] then stores it as records of the kinds Account and Contact, under
//! the names of the v1 API. [`fields`] is the one place that knows how CRUD and queries spell
//! them. Orders reach accounts through [`find`] and [`create`].

mod check;
mod contacts;
mod fields;
mod object;
mod read;
mod rules;
mod write;

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

pub use contacts::{
    delete as delete_contact, get as get_contact, post as post_contact, put as put_contact,
};
pub use fields::{field_names, object_fields, query_field_kind, written_name};
pub use object::{
    delete as delete_object, get as get_object, post as post_object, put as put_object,
};
pub use write::create;

use super::answer::{Answer, Category};
use super::call::Call;
use super::schema::Purpose;
use super::store::{Kind, Record};
use super::work::Work;

/// The resource of accounts in the code of an error.
const RESOURCE: u32 = 511_000;
/// What a new account's status is; one that CRUD made has no contacts yet and is a draft.
const ACTIVE: &str = "Active";

/// What orders see of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// 32 hexadecimal characters.
    pub id: String,
    /// Its number, which is a key too.
    pub number: String,
    /// Its name.
    pub name: String,
    /// Currency, ISO 4217.
    pub currency: String,
    /// `Active`, `Draft` or `Canceled`.
    pub status: String,
    /// Id of the contact that receives the invoices; an account that CRUD made has none yet.
    pub bill_to: Option<String>,
    /// Id of the contact that is sold to.
    pub sold_to: Option<String>,
    /// Payment term, where it has one.
    pub payment_term: Option<String>,
    /// The group of accounts that it is billed with.
    pub batch: String,
    /// Day of the month on which its charges are billed; 0 where the first charge decides.
    pub bill_cycle_day: u32,
}

/// The account with this id or number.
#[must_use]
pub fn find(work: &Work<'_>, key: &str) -> Option<Account> {
    record(work, key).map(view)
}

fn record<'a>(work: &'a Work<'_>, key: &str) -> Option<&'a Record> {
    let store = work.store();
    store.get(Kind::Account, key).or_else(|| store.find(Kind::Account, "accountNumber", key))
}

fn view(record: &Record) -> Account {
    let own = |name: &str| record.text(name).map(str::to_owned);
    let said = |name: &str| own(name).unwrap_or_default();
    let day = record.value("billCycleDay").as_u64().and_then(|day| u32::try_from(day).ok());
    Account {
        id: record.id.clone(),
        number: said("accountNumber"),
        name: said("name"),
        currency: said("currency"),
        status: said("status"),
        bill_to: own("billToContactId"),
        sold_to: own("soldToContactId"),
        payment_term: own("paymentTerm"),
        batch: said("batch"),
        bill_cycle_day: day.unwrap_or(0),
    }
}

/// `POST /v1/accounts`.
pub fn post(work: &mut Work<'_>, call: &Call) -> Answer {
    let mut reasons = check::body(work, Kind::Account, &call.body, Purpose::Create);
    if reasons.is_empty() {
        match create(work, &call.body) {
            Ok(id) => return Answer::ok(made(work, &id)),
            Err(broken) => reasons = broken,
        }
    }
    Answer::refused_for(call.version, RESOURCE, &reasons)
}

fn made(work: &Work<'_>, id: &str) -> Value {
    let ship_to = record(work, id).map(|record| record.value("shipToContactId").clone());
    let account = find(work, id);
    let account = account.as_ref();
    json!({
        "success": true,
        "accountId": id,
        "accountNumber": account.map(|account| &account.number),
        "billToContactId": account.map(|account| &account.bill_to),
        "soldToContactId": account.map(|account| &account.sold_to),
        "shipToContactId": ship_to,
    })
}

/// `GET /v1/accounts/{key}`.
pub fn get(work: &mut Work<'_>, call: &Call) -> Answer {
    match record(work, &call.key()) {
        Some(account) => Answer::ok(read::account(work, account)),
        None => not_found(call, &call.key()),
    }
}

/// `GET /v1/accounts/{key}/summary`.
pub fn summary(work: &mut Work<'_>, call: &Call) -> Answer {
    let key = call.segment_from_end(1);
    match record(work, &key) {
        Some(account) => Answer::ok(read::summary(work, account)),
        None => not_found(call, &key),
    }
}

/// `PUT /v1/accounts/{key}`.
pub fn put(work: &mut Work<'_>, call: &Call) -> Answer {
    let Some(before) = record(work, &call.key()).cloned() else {
        return not_found(call, &call.key());
    };
    let mut reasons = check::body(work, Kind::Account, &call.body, Purpose::Replace);
    if reasons.is_empty() {
        match write::update(work, &before, &call.body) {
            Ok(()) => return Answer::ok(json!({"success": true})),
            Err(broken) => reasons = broken,
        }
    }
    Answer::refused_for(call.version, RESOURCE, &reasons)
}

fn not_found(call: &Call, key: &str) -> Answer {
    let message = format!("Cannot find entity by key: '{key}'.");
    Answer::v1_error(call.version, Category::NotFound, &message)
}
