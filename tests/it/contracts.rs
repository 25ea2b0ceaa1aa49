//! Contracts of a real org, run whole on the embedded services: what CPQ sold is what was ordered.
//!
//! Three sides are compared: the rows of the org (`sold`), the requests that were sent (`ordered`),
//! and what the emulated tenant keeps (`kept`). None of them is calculated by the program.

mod kept;
mod months;
mod ordered;
mod sold;

use std::collections::BTreeMap;

use crosswalk::value::{Date, Decimal};
use serde_json::Value;

use self::{
    kept::Kept,
    ordered::Ordered,
    sold::{ChargeType, Line, Model, Org, Row},
};
use crate::{cases::shared, cli::place::Place};

/// A cent, the most by which an amount may be off.
fn cent() -> Decimal {
    Decimal::new(1, 2)
}

fn sum(amounts: impl Iterator<Item = Decimal>) -> Decimal {
    amounts.fold(Decimal::ZERO, |sum, amount| sum + amount)
}

/// What became of the comparison of rows, by name, for the note at the end.
#[derive(Debug, Default)]
struct Counts(BTreeMap<&'static str, usize>);

impl Counts {
    fn add(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    fn of(&self, what: &str) -> usize {
        self.0.get(what).copied().unwrap_or(0)
    }
}

/// The run over the org: how many contracts were read, and the rejections by reason.
struct Outcome {
    rejected: BTreeMap<String, u64>,
    ordered: Ordered,
    kept: Kept,
}

fn run(org: &Org) -> Outcome {
    let place = Place::shipped("atomic");
    let data = org.folder.to_str().unwrap();
    let set = "mappings/salesforce-cpq-to-zuora";
    let run = place.run(&[
        "run",
        set,
        "--data",
        data,
        "--state",
        "state",
        "--request-log",
        "log.ndjson",
        "--output",
        "json",
    ]);
    let reports = run.all("crosswalk-run/1");
    let of_contracts = |report: &&Value| {
        report["plan"].as_str().is_some_and(|plan| plan.ends_with("contract-subscription.plan"))
    };
    let report = reports.iter().find(of_contracts);
    let report = report.unwrap_or_else(|| panic!("no report of contracts: {}", run.err));
    let mut rejected = BTreeMap::new();
    for one in report["report"]["planned"]["records"]["rejected"].as_array().unwrap() {
        // What is said names the row; the rule of the mapping is the same for all of them.
        let rule = format!("{} (line {})", after_the_row(&one["reason"]), one["place"]["line"]);
        *rejected.entry(rule).or_default() += one["count"].as_u64().unwrap();
    }
    Outcome {
        rejected,
        ordered: Ordered::read(&place.read("log.ndjson")),
        kept: Kept::read(&place.read("state/services/zuora.ndjson")),
    }
}

/// A reason without the name of the row that it begins with.
fn after_the_row(reason: &Value) -> String {
    let reason = reason.as_str().unwrap();
    let words = reason.split(' ').filter(|word| !word.starts_with("SUB-"));
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn what_cpq_sold_is_what_was_ordered() {
    let Some(folder) = shared("cpq/atomic") else { return };
    let org = Org::read(folder);
    let outcome = run(&org);
    let accepted = outcome.kept.subscriptions();
    assert!(accepted >= 100, "{accepted} contracts accepted; rejected: {:?}", outcome.rejected);
    let (mut counts, mut faults) = (Counts::default(), Vec::new());
    for line in org.lines() {
        if !outcome.kept.has(&format!("S-{}", line.contract)) {
            counts.add("lines of contracts that were not accepted");
            continue;
        }
        check_quantities(&line, &outcome.kept, &mut counts, &mut faults);
        check_prices(&line, &outcome.ordered, &mut counts, &mut faults);
        check_renewal_price(&line, &outcome.ordered, &mut counts, &mut faults);
        check_totals(&line, &outcome.kept, &mut counts, &mut faults);
    }
    println!("{accepted} contracts accepted, rejected: {:#?}\n{counts:#?}", outcome.rejected);
    assert!(faults.is_empty(), "{}\n{counts:#?}", faults.join("\n"));
    // What is said to be the same must be most of it, or nothing was compared.
    assert!(counts.of("quantities alike") > 700 && counts.of("prices alike") > 700, "{counts:#?}");
    assert!(counts.of("prices of deltas that CPQ rounded to cents") <= 7, "{counts:#?}");
    assert!(counts.of("unit prices that renew alike") > 200, "{counts:#?}");
    assert!(counts.of("totals alike") > 500, "{counts:#?}");
}

/// On each day on which the line changes, the tenant has the quantity that its rows add up to.
fn check_quantities(line: &Line, kept: &Kept, counts: &mut Counts, faults: &mut Vec<String>) {
    for day in line.days() {
        let sold = sum(line.until(day).map(|row| row.quantity));
        let charges = line.numbers().filter_map(|number| kept.on(&number, day));
        let counted = line.model != Model::Flat && line.charge_type != ChargeType::Usage;
        let alike = if counted {
            let quantities = charges.map(|price| price.quantity.unwrap_or(Decimal::ZERO));
            sum(quantities) == sold
        } else {
            // A flat fee and usage have no quantity: they are there, or they are not.
            (charges.count() > 0) == (sold > Decimal::ZERO)
        };
        match alike {
            true => counts.add("quantities alike"),
            false => faults.push(format!("{} on {day}: {sold} were sold", line.name())),
        }
    }
}

/// The price of each day's rows, by the requests alone: what the line costs per month from the day
/// on, less what it cost before, for the months that CPQ priced.
fn check_prices(line: &Line, ordered: &Ordered, counts: &mut Counts, faults: &mut Vec<String>) {
    if line.charge_type == ChargeType::Usage {
        return counts.add("lines of usage, which has no price of its own");
    }
    for day in line.days() {
        let rows: Vec<&Row> = line.rows.iter().filter(|row| row.starts == day).collect();
        let per_month = |row: &&Row| row.net * row.effective() / row.months;
        let sold = sum(rows.iter().map(per_month));
        let at = |day: Date| sum(line.numbers().map(|number| ordered.per_month(&number, day)));
        let sent = at(day) - at(day.add_days(-1).unwrap());
        let months = rows.iter().map(|row| row.months).max().unwrap_or_default();
        if ((sent - sold) * months).abs() <= cent() {
            counts.add("prices alike");
        } else if rows.iter().all(|row| line.is_rounded_delta(row)) {
            counts.add("prices of deltas that CPQ rounded to cents");
        } else {
            faults.push(format!("{} on {day}: {sold} a month was sold, {sent} sent", line.name()));
        }
    }
}

/// CPQ stores the price of a whole term for renewals, rounded to cents.
fn check_renewal_price(
    line: &Line,
    ordered: &Ordered,
    counts: &mut Counts,
    faults: &mut Vec<String>,
) {
    let first = &line.rows[0];
    let (Some(renewal), Model::Unit, ChargeType::Recurring) =
        (first.renewal_price, line.model, line.charge_type)
    else {
        return;
    };
    let Some(price) = ordered.unit_price(&line.numbers().next().unwrap(), first.starts) else {
        return;
    };
    // The net price it follows from is rounded to cents too.
    let terms = line.term / first.months;
    let room = Decimal::new(51, 4) + Decimal::new(5, 3) * terms;
    match (price * line.term - renewal).abs() <= room {
        true => counts.add("unit prices that renew alike"),
        false => faults.push(format!("{}: {price} a month, renewed at {renewal}", line.name())),
    }
}

/// What a row comes to by the dates of its charge is what CPQ says that it comes to, unless the
/// dates are not those that CPQ priced.
fn check_totals(line: &Line, kept: &Kept, counts: &mut Counts, faults: &mut Vec<String>) {
    if line.charge_type != ChargeType::Recurring {
        return;
    }
    for row in &line.rows {
        let anchor = line.numbers().find_map(|number| kept.start(&number));
        let end = kept.end(&format!("S-{}", line.contract));
        let Some((anchor, end)) = anchor.zip(end) else {
            counts.add("totals without an end, or of lines that never were");
            continue;
        };
        let by_dates = months::between(anchor, row.starts, end);
        let total = row.net * row.effective();
        if (total / row.months * by_dates - total).abs() <= cent() {
            counts.add("totals alike");
        } else if row.is_segment || line.is_percent_of_total {
            counts.add("totals of segments and percentages, which have windows of their own");
        } else if (by_dates - row.months).abs() <= Decimal::new(33, 1) / Decimal::from(30) {
            counts.add("totals of dates up to three days off the priced term");
        } else {
            let (name, priced) = (&row.name, row.months);
            faults.push(format!("{name}: {priced} months priced, {by_dates} by dates"));
        }
    }
}

/// A number as it is written.
fn decimal(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    crosswalk::value::parse_decimal(&text)
}

fn date(value: &Value) -> Option<Date> {
    value.as_str().and_then(|text| Date::parse(text).ok())
}
