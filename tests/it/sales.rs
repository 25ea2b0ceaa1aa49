//! Two mapping sets over one org: its contracts and its orders tell of the same sales, so the
//! subscriptions that come of them bring the same every month.
//!
//! One set makes a subscription of a contract, the other one of each line of an order. Compared is
//! what the emulated tenants say of the charges, account by account, on each day on which one of
//! them begins or ends.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Stdio},
};

use rust_decimal::Decimal;
use serde_json::Value;

use crate::cli::place::{Place, Run};

const CONTRACTS: &str = "salesforce-cpq-to-zuora";
const ORDERS: &str = "salesforce-orders-to-zuora";
const CENT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// The tenant of a run that is over, served again.
struct Tenant {
    child: Child,
    address: String,
    /// The header that says who asks.
    token: String,
}

impl Drop for Tenant {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Tenant {
    fn of(place: &Place, set: &str) -> Self {
        let (folder, state) = (format!("mappings/{set}"), format!("{set}-state/services"));
        let arguments = ["sandbox", &folder, "--state", &state, "--salesforce-port", "0"];
        let more = ["--zuora-port", "0", "--output", "json"];
        let mut command = place.command(&[&arguments[..], &more].concat());
        let child = command.stdout(Stdio::piped()).spawn().unwrap();
        // From here on it is ended with the test, however that ends.
        let mut tenant = Self { child, address: String::new(), token: String::new() };
        let mut line = String::new();
        BufReader::new(tenant.child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let announced: Value = serde_json::from_str(&line).unwrap();
        let url = announced["zuora"].as_str().unwrap();
        tenant.address = url.trim_start_matches("http://").to_owned();
        let form = "grant_type=client_credentials&client_id=crosswalk&client_secret=embedded";
        let kind = "application/x-www-form-urlencoded";
        let granted = tenant.ask(&format!(
            "POST /oauth/token HTTP/1.1\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{{rest}}{form}",
            form.len()
        ));
        let token = granted["access_token"].as_str().unwrap_or_else(|| panic!("{granted}"));
        tenant.token = format!("Authorization: Bearer {token}\r\n");
        tenant
    }

    /// One request on a connection of its own, and its answer. `{rest}` stands for the last headers.
    fn ask(&self, request: &str) -> Value {
        let Self { address, token, .. } = self;
        let rest = format!("Host: {address}\r\n{token}Connection: close\r\n\r\n");
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.replace("{rest}", &rest).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_else(|fault| panic!("{fault}: {answer}"))
    }

    /// All subscriptions of an account.
    fn subscriptions(&self, account: &str) -> Vec<Value> {
        let mut all = Vec::new();
        for page in 1.. {
            let way = format!("/v1/subscriptions/accounts/{account}");
            let query = format!("charge-detail=all-segments&pageSize=40&page={page}");
            let answer = self.ask(&format!("GET {way}?{query} HTTP/1.1\r\n{{rest}}"));
            assert_eq!(answer["success"], true, "{answer}");
            all.extend(answer["subscriptions"].as_array().unwrap().iter().cloned());
            if answer["nextPage"].is_null() {
                break;
            }
        }
        all
    }
}

/// A time in which a charge brings something every month.
#[derive(Debug)]
struct Piece {
    from: String,
    to: Option<String>,
    mrr: Decimal,
}

/// What is sold to each account, by the name of the account.
type Sold = BTreeMap<String, Vec<Piece>>;

fn sold(place: &Place, set: &str, accounts: u64) -> Sold {
    let tenant = Tenant::of(place, set);
    let mut sold = Sold::new();
    for number in 1..=accounts {
        for subscription in tenant.subscriptions(&format!("A{number:08}")) {
            let name = subscription["accountName"].as_str().unwrap().to_owned();
            sold.entry(name).or_default().extend(pieces(&subscription));
        }
    }
    sold
}

fn pieces(subscription: &Value) -> Vec<Piece> {
    let plans = subscription["ratePlans"].as_array().unwrap();
    let charges = plans.iter().flat_map(|plan| plan["ratePlanCharges"].as_array().unwrap());
    let day = |charge: &Value, name: &str| charge[name].as_str().map(str::to_owned);
    charges
        .filter(|charge| charge["type"] == "Recurring")
        .filter_map(|charge| {
            Some(Piece {
                from: day(charge, "effectiveStartDate")?,
                to: day(charge, "effectiveEndDate"),
                mrr: charge["mrr"].to_string().parse().unwrap(),
            })
        })
        .collect()
}

/// What an account brings a month on a day.
fn mrr(pieces: &[Piece], day: &str) -> Decimal {
    let holds = |piece: &&Piece| {
        piece.from.as_str() <= day && piece.to.as_deref().is_none_or(|end| day < end)
    };
    pieces.iter().filter(holds).map(|piece| piece.mrr).sum()
}

/// The report of one mapping of a run.
fn report(run: &Run, mapping: &str) -> Value {
    let mut all = run.all("crosswalk-run/1").into_iter().map(|mut run| run["report"].take());
    all.find(|report| report["mapping"] == mapping).unwrap()
}

fn ran(place: &Place, set: &str) -> Run {
    let (folder, state) = (format!("mappings/{set}"), format!("{set}-state"));
    let run = place.run(&["run", &folder, "--state", &state, "--output", "json"]);
    assert!(run.code <= 1, "{}{}", run.out, run.err);
    run
}

#[test]
fn contracts_and_orders_of_the_same_sales_bring_the_same_every_month() {
    let place = Place::shipped("sales");
    place.also_shipped(ORDERS);
    let (of_contracts, of_orders) = (ran(&place, CONTRACTS), ran(&place, ORDERS));
    nothing_is_left_of(&report(&of_orders, "order-subscription"));
    only_what_was_never_ordered_is_left_of(&report(&of_contracts, "contract-subscription"));

    let accounts = report(&of_orders, "account")["fates"]["created"].as_u64().unwrap();
    let (contracts, orders) = (sold(&place, CONTRACTS, accounts), sold(&place, ORDERS, accounts));
    assert!(contracts.len() > 10, "{:?}", contracts.keys());
    assert!(contracts.keys().eq(orders.keys()));
    let all = contracts.values().chain(orders.values()).flatten();
    let days: BTreeSet<&String> =
        all.flat_map(|piece| std::iter::once(&piece.from).chain(&piece.to)).collect();
    for (account, pieces) in &contracts {
        let most = days.iter().map(|day| mrr(pieces, day)).max().unwrap();
        assert!(most > CENT, "{account} was sold something that recurs");
        for day in &days {
            let (contracts, orders) = (mrr(pieces, day), mrr(&orders[account], day));
            assert!(
                (contracts - orders).abs() < CENT,
                "{account} on {day}: {contracts} by its contracts, {orders} by its orders"
            );
        }
    }
}

/// Every order of the built-in org can be sent.
fn nothing_is_left_of(report: &Value) {
    assert_eq!(report["rejected"], Value::Array(Vec::new()));
    assert_eq!(report["failures"], Value::Array(Vec::new()));
    let actions = report["actions"].as_object().unwrap();
    for kind in ["New", "Amend", "Renew", "Cancel", "Sale"] {
        assert!(actions[kind]["sent"].as_u64().unwrap() > 0, "{kind}: {actions:?}");
    }
}

/// Contracts that cannot be sent are wrong on purpose, and no order tells of them.
fn only_what_was_never_ordered_is_left_of(report: &Value) {
    let left = |key: &str| report[key].as_array().unwrap().clone();
    let left: Vec<Value> = [left("rejected"), left("failures")].concat();
    assert!(left.len() > 5, "{left:?}");
    let text = include_str!("../../src/sandbox/data/OrderItem.ndjson");
    let items = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let ordered: BTreeSet<String> =
        items.filter_map(|item| item["SBQQ__Contract__c"].as_str().map(str::to_owned)).collect();
    for one in left {
        assert!(!ordered.contains(one["record"].as_str().unwrap()), "{one}");
    }
}
