//! Reading subscriptions.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::view::{Detail, metric, shown, totals};
use super::{Subscription, versions};
use crate::sandbox::zuora::accounts;
use crate::sandbox::zuora::answer::{Answer, Category, Reason};
use crate::sandbox::zuora::call::Call;
use crate::sandbox::zuora::paging::page_of;
use crate::sandbox::zuora::work::Work;

/// The resource of all failed reads in the code of an error.
const RESOURCE: u32 = 500_000;
/// Most subscriptions that one call gives metrics of.
const METRICS_MAX: usize = 20;

/// `GET /v1/subscriptions/{key}`: the latest version, or that of `?version=`.
pub fn get(work: &mut Work<'_>, call: &Call) -> Answer {
    one(work, call, &call.key(), call.parameter("version"))
}

/// `GET /v1/subscriptions/{key}/versions/{version}`.
pub fn get_version(work: &mut Work<'_>, call: &Call) -> Answer {
    one(work, call, &call.segment_from_end(2), Some(&call.key()))
}

fn one(work: &Work<'_>, call: &Call, key: &str, version: Option<&str>) -> Answer {
    let answered = detail(work, call).and_then(|detail| {
        let found = versions::by_key(work, key).ok_or_else(|| Reason::not_found(key))?;
        let latest = versions::latest(work, &found.number);
        let found = match version {
            None => Some(found),
            Some(version) => versions::all(work, &found.number)
                .find(|one| one.version.to_string() == version || one.id == version),
        };
        let found = found.ok_or_else(|| Reason::not_found(version.unwrap_or_default()))?;
        let is_latest = latest.is_some_and(|latest| latest.version == found.version);
        let mut body = Map::from_iter([("success".to_owned(), json!(true))]);
        body.extend(shown(work, found, is_latest, detail));
        Ok(Answer::ok(Value::Object(body)))
    });
    answered.unwrap_or_else(|reason| refused(call, reason))
}

/// `GET /v1/subscriptions/accounts/{key}`.
pub fn of_account(work: &mut Work<'_>, call: &Call) -> Answer {
    let key = call.key();
    let answered = detail(work, call).and_then(|detail| {
        let account = accounts::find(work, &key).ok_or_else(|| Reason::not_found(&key))?;
        let found = versions::of_account(work, &account.id);
        let page = page_of(call, &found)?;
        let rows = page.rows.iter().map(|one| Value::Object(shown(work, one, true, detail)));
        let mut body = json!({"success": true, "subscriptions": rows.collect::<Vec<_>>()});
        page.link(call, &mut body);
        Ok(Answer::ok(body))
    });
    answered.unwrap_or_else(|reason| refused(call, reason))
}

/// `GET /v1/subscriptions/subscription-metrics?subscriptionNumbers[]=…`.
pub fn metrics(work: &mut Work<'_>, call: &Call) -> Answer {
    let is_name = |name: &str| matches!(name, "subscriptionNumbers[]" | "subscriptionNumbers");
    let named = call.query.iter().filter(|(name, _)| is_name(name));
    let numbers: Vec<&str> = named.flat_map(|(_, value)| value.split(',')).collect();
    if numbers.is_empty() || numbers.len() > METRICS_MAX {
        let message = format!("subscriptionNumbers[] has 1 to {METRICS_MAX} numbers");
        return refused(call, Reason::value(message));
    }
    let day = match call.parameter("asOfDay").map(str::parse::<Date>) {
        None => work.today(),
        Some(Ok(day)) => day,
        Some(Err(_)) => return refused(call, bad_query("asOfDay")),
    };
    let rows: Result<Vec<Value>, Reason> = numbers
        .iter()
        .map(|number| {
            let found = versions::latest(work, number);
            found.map(|one| metrics_of(one, day)).ok_or_else(|| Reason::not_found(number))
        })
        .collect();
    match rows {
        Ok(rows) => Answer::ok(json!({"success": true, "subscriptionMetrics": rows})),
        Err(reason) => refused(call, reason),
    }
}

fn metrics_of(one: &Subscription, today: Date) -> Value {
    let totals = totals(one, today);
    let is_evergreen = one.end().is_none();
    let tcv = |value| if is_evergreen { Value::Null } else { metric(value) };
    json!({
        "subscriptionNumber": one.number,
        "contractedMrr": metric(totals.contracted.gross),
        "contractedNetMrr": metric(totals.contracted.net),
        "asOfDayGrossMrr": metric(totals.today.gross),
        "asOfDayNetMrr": metric(totals.today.net),
        "totalContractedValue": tcv(totals.tcv.gross),
        "netTotalContractedValue": tcv(totals.tcv.net),
    })
}

/// Which segments the call wants.
fn detail(work: &Work<'_>, call: &Call) -> Result<Detail, Reason> {
    match call.parameter("charge-detail") {
        None | Some("last-segment") => Ok(Detail::Last),
        Some("all-segments") => Ok(Detail::All),
        Some("current-segment") => Ok(Detail::On(work.today())),
        Some("specific-segment") => {
            let day = call.parameter("as-of-day").and_then(|day| day.parse::<Date>().ok());
            day.map(Detail::On).ok_or_else(|| bad_query("as-of-day"))
        }
        Some(_) => Err(bad_query("charge-detail")),
    }
}

fn bad_query(name: &str) -> Reason {
    Reason::new(Category::BadValue, format!("Invalid value for the parameter {name}"))
}

fn refused(call: &Call, reason: Reason) -> Answer {
    Answer::refused_for(call.version, RESOURCE, &[reason])
}
