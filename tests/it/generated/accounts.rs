//! Accounts under the shipped mapping: who was sold something, by contract or by order.

use crosswalk::program::Known;
use serde_json::{Value, json};

use super::{
    Fates, contracts, random,
    records::{Org, set},
    sales,
};
use crate::{
    cases::{cpq_to_zuora, program, shared, tenant_of_cases},
    requests::{body, checks},
};

/// How many accounts are made.
const RECORDS: usize = 2_000;
const WILD: usize = 10;
const DISTURBED: usize = 30;

const TERMS: [&str; 6] = ["Due on receipt", "Net 15", "Net 30", "Net 45", "Net 60", "Net 90"];

/// An account of some kind, as the org keeps it.
fn account(org: &mut Org, kind: &str) -> String {
    let parent = (kind == "below another").then(|| sales::account(org, "USD"));
    let mut row = org.row("Account", "001");
    let id = row["Id"].as_str().expect("an id").to_owned();
    set(&mut row, "Name", format!("Account {}", org.made()));
    set(&mut row, "CurrencyIsoCode", *org.random.one(&["USD", "EUR", "GBP", "JPY"]));
    set(&mut row, "ParentId", json!(parent));
    for address in ["Billing", "Shipping"] {
        let country = *org.random.one(&["Germany", "United States", "Canada", "France"]);
        set(&mut row, &format!("{address}Country"), country);
        set(&mut row, &format!("{address}State"), "Washington");
        set(&mut row, &format!("{address}City"), "Somewhere");
    }
    if org.random.percent(50) {
        set(&mut row, "ShippingCountry", Value::Null);
    }
    org.keep("Account", row);
    if kind != "ordered" {
        contract(org, &id, kind == "quoted");
    }
    if kind == "ordered" || org.random.percent(30) {
        order(org, &id);
    }
    id
}

fn contact(org: &mut Org) -> String {
    let mut row = org.row("Contact", "003");
    set(&mut row, "LastName", "Müller");
    let email = org.random.percent(80).then_some("someone@example.com");
    set(&mut row, "Email", json!(email));
    org.keep("Contact", row)
}

fn contract(org: &mut Org, account: &str, is_quoted: bool) {
    let mut row = org.row("Contract", "800");
    set(&mut row, "AccountId", account);
    set(&mut row, "Status", "Activated");
    let start = sales::day(&mut org.random);
    set(&mut row, "StartDate", start.to_string());
    if is_quoted {
        let mut quote = org.row("SBQQ__Quote__c", "a0Q");
        sales::quoted(org, &mut quote, "Quote");
        set(&mut quote, "SBQQ__PaymentTerms__c", *org.random.one(&TERMS));
        let contact = contact(org);
        set(&mut quote, "SBQQ__PrimaryContact__c", contact);
        let quote = org.keep("SBQQ__Quote__c", quote);
        set(&mut row, "SBQQ__Quote__c", quote);
    }
    org.keep("Contract", row);
}

fn order(org: &mut Org, account: &str) {
    let mut row = org.row("Order", "801");
    set(&mut row, "AccountId", account);
    set(&mut row, "Status", "Activated");
    let day = sales::day(&mut org.random);
    set(&mut row, "EffectiveDate", day.to_string());
    set(&mut row, "SBQQ__PaymentTerm__c", *org.random.one(&TERMS));
    for name in ["BillToContactId", "ShipToContactId"] {
        if org.random.percent(80) {
            let contact = contact(org);
            set(&mut row, name, contact);
        }
    }
    org.keep("Order", row);
}

#[test]
fn accounts_give_valid_requests_and_declared_rejections() {
    let [setting, _] = contracts::settings();
    let program = program(&cpq_to_zuora(), "account", &setting);
    let published = shared("zuora/request-schemas.draft4.json");
    let checks = checks(&tenant_of_cases(&cpq_to_zuora()), published);
    let query = &program.head.query;
    let mut org = Org::of(&[query], setting.catalog(), random("account"));
    let mut fates = Fates::of(&program);
    for _ in 0..super::records(RECORDS) {
        org.clear();
        let kind = *org.random.one(&["contracted", "quoted", "ordered", "below another"]);
        let id = account(&mut org, kind);
        let wild = org.random.percent(WILD);
        let mut record = if wild { org.record(query) } else { org.joined(query, &id) };
        if !wild && org.random.percent(DISTURBED) {
            (0..3).for_each(|_| org.disturb(&mut record, query));
        }
        let text = Value::Object(record).to_string();
        let kind = (!wild).then(|| kind.to_owned());
        let Some(draft) = fates.draft(kind.as_slice(), &text, &Known::default()) else { continue };
        for wish in &draft.wishes {
            for it in checks["Account"].faults(&body(&program, &draft, wish)) {
                fates.fault(&it, &text);
            }
        }
    }
    fates.end(50, 5);
    assert_eq!(fates.counts.len(), 4, "{:?}", fates.counts.keys());
}
