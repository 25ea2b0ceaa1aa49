//! Accounts, as far as orders need them: who is billed, in which currency, on which day.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::{Answer, Reason};
use super::call::Call;
use super::orders::fields::{text, whole};
use super::store::{Entry, Mutation};
use super::work::Work;

/// The resource of accounts in the code of an error.
const RESOURCE: u32 = 511_000;

/// What orders see of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Day of the month on which its charges are billed; 0 where the first charge decides.
    pub bill_cycle_day: u32,
    /// Payment term, where it has one.
    pub payment_term: Option<String>,
}

/// The account with this id or number.
#[must_use]
pub fn find(work: &Work<'_>, key: &str) -> Option<Account> {
    let accounts = &work.store().accounts;
    let found = accounts.get(key).or_else(|| accounts.all().find(|one| one.number == key));
    found.cloned()
}

/// Makes an account of fields that fit their schema, and gives its id.
///
/// # Errors
/// When its number is taken.
pub fn create(work: &mut Work<'_>, fields: &Map<String, Value>) -> Result<String, Vec<Reason>> {
    let own = text(fields, "accountNumber").filter(|number| !number.is_empty());
    if let Some(number) = own.filter(|number| find(work, number).is_some()) {
        let message = format!("The account number {number} already exists.");
        return Err(vec![Reason::rule(message)]);
    }
    let number = match own {
        Some(number) => number.to_owned(),
        None => format!("A{:08}", work.next("account")),
    };
    let id = work.next_id();
    let account = Account {
        id: id.clone(),
        number,
        name: text(fields, "name").unwrap_or_default().to_owned(),
        currency: text(fields, "currency").unwrap_or_default().to_owned(),
        status: "Active".to_owned(),
        bill_cycle_day: whole(fields, "billCycleDay").unwrap_or(0),
        payment_term: text(fields, "paymentTerm").map(str::to_owned),
    };
    work.apply(Mutation::Account(Entry::new(id.clone(), account)));
    work.count_write();
    Ok(id)
}

/// `POST /v1/accounts`.
pub fn post(work: &mut Work<'_>, call: &Call) -> Answer {
    let made =
        super::orders::check(work, "Account", &call.body).and_then(|()| create(work, &call.body));
    match made {
        Ok(id) => {
            let number = find(work, &id).map(|account| account.number);
            Answer::ok(json!({"success": true, "accountId": id, "accountNumber": number}))
        }
        Err(reasons) => Answer::refused_for(call.version, RESOURCE, &reasons),
    }
}
