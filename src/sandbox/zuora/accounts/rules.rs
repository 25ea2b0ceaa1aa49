//! What an account must be like beyond its schema: the tenant's lists, the other accounts, its own
//! contacts. Every broken rule is named, not the first alone.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::sandbox::zuora::answer::{Category, Reason};
use crate::sandbox::zuora::store::{Kind, Record};
use crate::sandbox::zuora::work::Work;

/// Longest texts, in characters: the published specification states them in its prose alone.
const LENGTHS_MAX: [(&str, usize); 4] =
    [("name", 255), ("accountNumber", 70), ("crmId", 100), ("purchaseOrderNumber", 100)];
/// Last day of a month on which an account may be billed; 0 leaves it to the first charge.
const BILL_CYCLE_DAY_MAX: u64 = 31;
/// The groups of accounts that every tenant has: `Batch1` to `Batch50`.
const BATCHES_MAX: u32 = 50;
/// The fields of an account that name one of its contacts.
pub const CONTACT_IDS: [&str; 3] = ["billToContactId", "soldToContactId", "shipToContactId"];

/// What an account can be.
const STATUSES: [&str; 3] = ["Active", "Draft", "Canceled"];

/// Every rule that an account with these fields would break; `before` is what is stored of it.
#[must_use]
pub fn broken(
    work: &Work<'_>,
    before: Option<&Record>,
    fields: &Map<String, Value>,
) -> Vec<Reason> {
    let mut reasons = required(fields);
    reasons.extend(lengths(fields));
    reasons.extend(number(work, before, fields));
    reasons.extend(of_tenant(fields, "currency", &work.tenant.currencies));
    reasons.extend(of_tenant(fields, "paymentTerm", &work.tenant.payment_terms));
    reasons.extend(bill_cycle_day(fields));
    reasons.extend(batch(fields));
    reasons.extend(parent(work, before, fields));
    reasons.extend(payment(fields));
    reasons.extend(contacts(work, before, fields));
    reasons.extend(status(before, fields));
    reasons
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name)?.as_str().filter(|text| !text.is_empty())
}

fn invalid(fields: &Map<String, Value>, name: &str) -> Reason {
    let value = fields.get(name).unwrap_or(&Value::Null);
    Reason::value(format!("Invalid value for field {name}: {value}"))
}

fn required(fields: &Map<String, Value>) -> Vec<Reason> {
    let missing = |name: &&str| text(fields, name).is_none();
    let reason =
        |name| Reason::new(Category::MissingField, format!("Missing required value: {name}"));
    ["name", "currency"].iter().filter(|name| missing(name)).map(reason).collect()
}

fn lengths(fields: &Map<String, Value>) -> Vec<Reason> {
    let too_long = |(name, longest): &(&str, usize)| {
        let length = text(fields, name)?.chars().count();
        (length > *longest).then(|| {
            Reason::value(format!("The length of field {name} is too big: {length} > {longest}"))
        })
    };
    LENGTHS_MAX.iter().filter_map(too_long).collect()
}

fn number(work: &Work<'_>, before: Option<&Record>, fields: &Map<String, Value>) -> Option<Reason> {
    let number = text(fields, "accountNumber")?;
    let holder = work.store().find(Kind::Account, "accountNumber", number)?;
    let is_own = before.is_some_and(|before| before.id == holder.id);
    (!is_own).then(|| Reason::rule(format!("The account number {number} already exists.")))
}

fn of_tenant(fields: &Map<String, Value>, name: &str, known: &BTreeSet<String>) -> Option<Reason> {
    let value = text(fields, name)?;
    (!known.contains(value)).then(|| invalid(fields, name))
}

fn bill_cycle_day(fields: &Map<String, Value>) -> Option<Reason> {
    let day = fields.get("billCycleDay").filter(|day| !day.is_null())?;
    let fits = day.as_u64().is_some_and(|day| day <= BILL_CYCLE_DAY_MAX);
    (!fits).then(|| invalid(fields, "billCycleDay"))
}

fn batch(fields: &Map<String, Value>) -> Option<Reason> {
    let batch = text(fields, "batch")?;
    let number = batch.strip_prefix("Batch").and_then(|number| number.parse::<u32>().ok());
    let exists = number.is_some_and(|number| {
        (1..=BATCHES_MAX).contains(&number) && batch == format!("Batch{number}")
    });
    (!exists).then(|| invalid(fields, "batch"))
}

/// The parent exists, and is not the account itself or one below it.
fn parent(work: &Work<'_>, before: Option<&Record>, fields: &Map<String, Value>) -> Option<Reason> {
    let id = text(fields, "parentId")?;
    let mut above = work.store().get(Kind::Account, id);
    if above.is_none() {
        return Some(Reason::not_found(id));
    }
    let own = &before?.id;
    while let Some(account) = above {
        if account.id == *own {
            return Some(Reason::rule(format!("The account {id} is below this one already.")));
        }
        above = account.text("parentId").and_then(|id| work.store().get(Kind::Account, id));
    }
    None
}

/// Nothing can be paid by itself without a way of paying.
fn payment(fields: &Map<String, Value>) -> Option<Reason> {
    let pays = fields.get("autoPay") == Some(&Value::Bool(true));
    let methods = ["hpmCreditCardPaymentMethodId", "defaultPaymentMethodId"];
    let has_method = methods.iter().any(|name| text(fields, name).is_some());
    (pays && !has_method)
        .then(|| Reason::rule("autoPay needs a default payment method on the account."))
}

/// A contact is given once, and belongs to the account.
fn contacts(work: &Work<'_>, before: Option<&Record>, fields: &Map<String, Value>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for (contact, same) in
        [("soldToContact", "soldToSameAsBillTo"), ("shipToContact", "shipToSameAsBillTo")]
    {
        let both = fields.contains_key(contact) && fields.get(same) == Some(&Value::Bool(true));
        if both {
            let message = format!("{contact} cannot be given together with {same}.");
            reasons.push(Reason::rule(message));
        }
    }
    for name in CONTACT_IDS {
        let Some(id) = text(fields, name) else { continue };
        match work.store().get(Kind::Contact, id) {
            None => reasons.push(Reason::not_found(id)),
            Some(contact) => {
                let owner = contact.text("accountId");
                if owner != before.map(|account| account.id.as_str()) {
                    let message = format!("The contact {id} belongs to another account.");
                    reasons.push(Reason::rule(message));
                }
            }
        }
    }
    reasons
}

/// An account becomes active when somebody can be billed and sold to.
fn status(before: Option<&Record>, fields: &Map<String, Value>) -> Option<Reason> {
    let status = text(fields, "status")?;
    if !STATUSES.contains(&status) {
        return Some(invalid(fields, "status"));
    }
    let has_contacts =
        ["billToContactId", "soldToContactId"].iter().all(|name| text(fields, name).is_some());
    (before.is_some() && status == "Active" && !has_contacts)
        .then(|| Reason::rule("An active account has a bill-to and a sold-to contact."))
}
