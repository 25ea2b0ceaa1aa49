//! `/v1/contacts`: contacts by themselves.

use serde_json::{Map, Value};

use super::rules::CONTACT_IDS;
use super::{check, not_found, read, record, write};
use crate::sandbox::zuora::answer::{Answer, Category, Reason};
use crate::sandbox::zuora::call::Call;
use crate::sandbox::zuora::schema::Purpose;
use crate::sandbox::zuora::store::{Kind, Mutation};
use crate::sandbox::zuora::work::Work;

/// The resource of contacts in the code of an error.
const RESOURCE: u32 = 511_100;

/// `POST /v1/contacts`.
pub fn post(work: &mut Work<'_>, call: &Call) -> Answer {
    let mut reasons = check::body(work, Kind::Contact, &call.body, Purpose::Create);
    if reasons.is_empty() {
        match owner(work, &call.body) {
            Ok(account) => {
                let id = write::add_contact(work, &account, &call.body);
                write::name_contacts(work, &account, write::roles(&call.body, &id));
                return shown(work, call, &id);
            }
            Err(reason) => reasons.push(reason),
        }
    }
    Answer::refused_for(call.version, RESOURCE, &reasons)
}

/// The id of the account that a new contact names: by its id or by its number, not by both.
fn owner(work: &Work<'_>, fields: &Map<String, Value>) -> Result<String, Reason> {
    let own = |name: &str| fields.get(name).and_then(Value::as_str).filter(|key| !key.is_empty());
    let key = match (own("accountId"), own("accountNumber")) {
        (Some(key), None) | (None, Some(key)) => key,
        (None, None) => {
            let message = "Missing required value: accountId or accountNumber";
            return Err(Reason::new(Category::MissingField, message));
        }
        (Some(_), Some(_)) => {
            return Err(Reason::rule("Only one of accountId and accountNumber can be given."));
        }
    };
    let found = record(work, key).map(|account| account.id.clone());
    found.ok_or_else(|| Reason::not_found(key))
}

/// `GET /v1/contacts/{id}`.
pub fn get(work: &mut Work<'_>, call: &Call) -> Answer {
    shown(work, call, &call.key())
}

fn shown(work: &Work<'_>, call: &Call, id: &str) -> Answer {
    let Some(contact) = work.store().get(Kind::Contact, id) else { return not_found(call, id) };
    let mut body = read::contact(work, contact);
    let account = contact.text("accountId").and_then(|id| record(work, id));
    let number = account.map_or(Value::Null, |account| account.value("accountNumber").clone());
    body.insert("accountId".to_owned(), contact.value("accountId").clone());
    body.insert("accountNumber".to_owned(), number);
    body.insert("success".to_owned(), Value::Bool(true));
    Answer::ok(Value::Object(body))
}

/// `PUT /v1/contacts/{id}`.
pub fn put(work: &mut Work<'_>, call: &Call) -> Answer {
    let id = call.key();
    let owner = work.store().get(Kind::Contact, &id).and_then(|one| one.text("accountId"));
    let Some(account) = owner.map(str::to_owned) else { return not_found(call, &id) };
    let reasons = check::body(work, Kind::Contact, &call.body, Purpose::Replace);
    if !reasons.is_empty() {
        return Answer::refused_for(call.version, RESOURCE, &reasons);
    }
    if let Some(name) = emptied_name(&call.body) {
        let message = format!("Missing required value: {name}");
        let reasons = [Reason::new(Category::MissingField, message)];
        return Answer::refused_for(call.version, RESOURCE, &reasons);
    }
    write::change_contact(work, &id, &call.body);
    write::name_contacts(work, &account, write::roles(&call.body, &id));
    shown(work, call, &id)
}

/// The name that a change would empty: a contact keeps both of its names.
#[must_use]
pub fn emptied_name(fields: &Map<String, Value>) -> Option<&'static str> {
    let is_emptied = |name: &&str| {
        fields.get(*name).is_some_and(|value| value.is_null() || value.as_str() == Some(""))
    };
    ["firstName", "lastName"].into_iter().find(is_emptied)
}

/// `DELETE /v1/contacts/{id}`; a contact that its account needs stays.
pub fn delete(work: &mut Work<'_>, call: &Call) -> Answer {
    let id = call.key();
    let Some(contact) = work.store().get(Kind::Contact, &id) else { return not_found(call, &id) };
    let account = contact.text("accountId").and_then(|id| record(work, id));
    let role = CONTACT_IDS
        .into_iter()
        .find(|role| account.is_some_and(|account| account.text(role) == Some(id.as_str())));
    if let Some(role) = role {
        let message = format!("The contact is the {role} of its account and cannot be deleted.");
        return Answer::refused_for(call.version, RESOURCE, &[Reason::rule(message)]);
    }
    work.apply(Mutation::Remove { kind: Kind::Contact, id });
    work.count_write();
    Answer::ok(serde_json::json!({"success": true}))
}
