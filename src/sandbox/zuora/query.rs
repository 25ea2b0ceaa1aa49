//! `POST /v1/action/query` and `/v1/action/queryMore`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::call::Call;
use super::catalog::{self, query_field_kind, query_fields};
use super::crud::unrecognised;
use super::refusal::{Code, Refusal};
use super::store::{Kind, Record, draw_seed};
use super::work::Work;
use super::zoql::{self, Filter, Query};

/// Most records of one answer.
const RECORDS_MAX: usize = 2000;
/// How long a cursor lives while nobody asks for more.
const CURSOR_IDLE: Duration = Duration::from_secs(15 * 60);
/// Most cursors that are open at a time; the one that was idle longest goes first.
const CURSORS_MAX: usize = 100;

/// Queries that have more records to give.
#[derive(Debug, Default)]
pub struct Cursors {
    open: BTreeMap<String, Cursor>,
}

#[derive(Debug)]
struct Cursor {
    records: Vec<Value>,
    total: usize,
    last_used: Instant,
}

impl Cursors {
    fn keep(&mut self, records: Vec<Value>, total: usize) -> String {
        self.open.retain(|_, cursor| cursor.last_used.elapsed() < CURSOR_IDLE);
        if self.open.len() >= CURSORS_MAX {
            let idlest = self.open.iter().min_by_key(|(_, cursor)| cursor.last_used);
            if let Some(idlest) = idlest.map(|(locator, _)| locator.clone()) {
                self.open.remove(&idlest);
            }
        }
        let locator = format!("{}-{}", draw_seed(), total.saturating_sub(records.len()));
        self.open.insert(locator.clone(), Cursor { records, total, last_used: Instant::now() });
        locator
    }
}

/// `POST /v1/action/query`.
pub fn query(work: &mut Work<'_>, call: &Call) -> Answer {
    if let Some(answer) = unknown_fields(call, "queryString") {
        return answer;
    }
    let Some(text) = call.body.get("queryString").and_then(Value::as_str) else {
        let message = "Query string can not be null.";
        return Answer::fault(&Refusal::new(Code::MalformedQuery, message));
    };
    match zoql::parse(text).and_then(|query| run(work, call, &query)) {
        Ok(records) => {
            let total = records.len();
            Answer::ok(page(work, records, total, batch_size(call)))
        }
        Err(refusal) => Answer::fault(&refusal),
    }
}

/// `POST /v1/action/queryMore`.
pub fn query_more(work: &mut Work<'_>, call: &Call) -> Answer {
    if let Some(answer) = unknown_fields(call, "queryLocator") {
        return answer;
    }
    let locator = call.body.get("queryLocator").and_then(Value::as_str).unwrap_or_default();
    let cursor = work.cursors.open.remove(locator);
    match cursor.filter(|cursor| cursor.last_used.elapsed() < CURSOR_IDLE) {
        Some(cursor) => Answer::ok(page(work, cursor.records, cursor.total, batch_size(call))),
        None => {
            let message = format!("invalid query locator: {locator}");
            Answer::fault(&Refusal::new(Code::InvalidQueryLocator, message))
        }
    }
}

fn unknown_fields(call: &Call, field: &str) -> Option<Answer> {
    let unknown = call.body.keys().find(|name| *name != field && *name != "conf")?;
    call.rejects_unknown_fields().then(|| unrecognised(&[format!("/{unknown}")]))
}

fn batch_size(call: &Call) -> usize {
    let wished = call.body.get("conf").and_then(|conf| conf.get("batchSize"));
    let wished = wished.and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok());
    wished.unwrap_or(RECORDS_MAX).clamp(1, RECORDS_MAX)
}

fn page(work: &mut Work<'_>, mut records: Vec<Value>, total: usize, size: usize) -> Value {
    let rest = records.split_off(size.min(records.len()));
    let mut answer = json!({"size": total, "records": records, "done": rest.is_empty()});
    if let (false, Some(answer)) = (rest.is_empty(), answer.as_object_mut()) {
        let locator = work.cursors.keep(rest, total);
        answer.insert("queryLocator".to_owned(), Value::String(locator));
    }
    answer
}

fn run(work: &Work<'_>, call: &Call, query: &Query) -> Result<Vec<Value>, Refusal> {
    let kind = Kind::ALL
        .into_iter()
        .find(|kind| kind.name().eq_ignore_ascii_case(&query.object))
        .ok_or_else(|| {
        let message = format!("invalid type specified: {}", query.object);
        Refusal::new(Code::InvalidType, message)
    })?;
    let fields = selected(work, call, kind, query)?;
    let groups = filters(work, call, kind, query)?;
    check_combination(kind, &fields, &groups)?;
    let records = candidates(work, kind, &groups)
        .filter(|record| is_visible(work, kind, record))
        .filter_map(|record| {
            let all = query_fields(work, kind, record);
            let meets = |filter: &Filter| {
                zoql::matches(filter, all.get(&filter.field).unwrap_or(&Value::Null))
            };
            let wanted = groups.is_empty() || groups.iter().any(|group| group.iter().all(meets));
            wanted.then(|| projected(all, &fields))
        })
        .collect();
    Ok(records)
}

/// The fields to be read, as the object spells them.
fn selected(
    work: &Work<'_>,
    call: &Call,
    kind: Kind,
    query: &Query,
) -> Result<Vec<String>, Refusal> {
    let mut fields = vec!["Id".to_owned()];
    for name in &query.fields {
        let (field, _) = query_field_kind(work, kind, name, call.wsdl).ok_or_else(|| {
            let message = format!("invalid field for query: {}.{name}", kind.name().to_lowercase());
            Refusal::new(Code::InvalidField, message)
        })?;
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    Ok(fields)
}

fn filters(
    work: &Work<'_>,
    call: &Call,
    kind: Kind,
    query: &Query,
) -> Result<Vec<Vec<Filter>>, Refusal> {
    let filter = |comparison: &zoql::Comparison| {
        let found = query_field_kind(work, kind, &comparison.field, call.wsdl);
        match found.filter(|(name, _)| catalog::is_filterable(work, kind, name)) {
            Some((field, field_kind)) => Filter::new(&field, field_kind, comparison),
            None => {
                let message = format!("invalid field for filter: {}", comparison.field);
                Err(Refusal::new(Code::MalformedQuery, message))
            }
        }
    };
    query.groups.iter().map(|group| group.iter().map(filter).collect()).collect()
}

/// Fields that the service does not read together.
fn check_combination(kind: Kind, fields: &[String], groups: &[Vec<Filter>]) -> Result<(), Refusal> {
    let has = |name: &str| fields.iter().any(|field| field == name);
    let prices = ["Price", "DiscountAmount", "DiscountPercentage"];
    let price_fields = prices.iter().filter(|name| has(name)).count();
    if kind == Kind::ProductRatePlanChargeTier && price_fields > 1 {
        return Err(Refusal::value(
            "You can only use Price or DiscountAmount or DiscountPercentage in one ProductRatePlanChargeTier query.",
        ));
    }
    if kind == Kind::ProductRatePlan && has("ActiveCurrencies") {
        if fields.len() > 2 {
            return Err(Refusal::value(
                "When querying for active currencies, you cannot query for other fields at the same time.",
            ));
        }
        let names_one_plan = matches!(groups, [group]
            if group.iter().any(|filter| filter.field == "Id" && filter.equal_text().is_some()));
        if !names_one_plan {
            return Err(Refusal::value(
                "When querying for active currencies, the where clause must name the id of one rate plan.",
            ));
        }
    }
    Ok(())
}

/// The records that a query can be about: those of an id or of a parent where it names one.
fn candidates<'a>(
    work: &'a Work<'_>,
    kind: Kind,
    groups: &[Vec<Filter>],
) -> Box<dyn Iterator<Item = &'a Record> + 'a> {
    let store = work.store();
    let equal = |name: &str| match groups {
        [group] => group.iter().find(|one| one.field == name).and_then(Filter::equal_text),
        _ => None,
    };
    if let Some(id) = equal("Id") {
        return Box::new(store.get(kind, id).into_iter());
    }
    if let Some(parent) = kind.parent().and_then(|(_, field)| equal(field)) {
        let children: Vec<&Record> = store.children(kind, parent).collect();
        return Box::new(children.into_iter());
    }
    let found = kind.unique_fields().iter().find_map(|field| Some((field, equal(field)?)));
    match found {
        Some((field, value)) => Box::new(store.find(kind, field, value).into_iter()),
        None => Box::new(store.all(kind)),
    }
}

/// Tiers of currencies that are not active on their plan are not seen.
fn is_visible(work: &Work<'_>, kind: Kind, record: &Record) -> bool {
    if kind != Kind::ProductRatePlanChargeTier {
        return true;
    }
    let charge = record
        .text("ProductRatePlanChargeId")
        .and_then(|id| work.store().get(Kind::ProductRatePlanCharge, id));
    let plan = charge
        .and_then(|charge| charge.text("ProductRatePlanId"))
        .and_then(|id| work.store().get(Kind::ProductRatePlan, id));
    let active = plan.map(|plan| super::write::active_currencies(&plan.fields));
    active.is_some_and(|active| record.text("Currency").is_some_and(|one| active.contains(one)))
}

/// The wanted fields; those without a value are left out.
fn projected(mut all: Map<String, Value>, fields: &[String]) -> Value {
    all.retain(|name, value| !value.is_null() && fields.contains(name));
    Value::Object(all)
}
