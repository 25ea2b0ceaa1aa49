//! Orders: commands that create and change the subscriptions of one account, all of it or nothing.
//!
//! A body is held against its schema, then [`transaction`] carries out its actions one after the
//! other on working copies of the subscriptions, and stores their next versions.

mod actions;
mod activate;
pub mod fields;
mod line_items;
mod numbers;
pub mod price;
mod read;
mod sale;
mod state;
pub mod transaction;
mod triggers;

use serde_json::{Map, Value};

pub use activate::put as put_dates;
pub use read::{get, list};
pub use state::Order;
pub use transaction::place;

use super::answer::{Answer, Category, Reason};
use super::call::Call;
use super::jobs;
use super::schema::{Schema, Violation, ViolationKind, check_request};
use super::work::Work;

/// The resource of orders in the code of an error.
pub const RESOURCE: u32 = 531_003;

/// Holds a body against the schema of its object.
///
/// # Errors
/// Everything that the schema refuses; unknown fields are refused too, as plain v1 calls do.
pub fn check(work: &Work<'_>, object: &str, body: &Map<String, Value>) -> Result<(), Vec<Reason>> {
    let Some(schema) = work.schemas.get(object) else {
        return Err(vec![Reason::new(
            Category::Internal,
            format!("there is no schema of {object}"),
        )]);
    };
    check_against(schema, work, body)
}

fn check_against(
    schema: &Schema,
    work: &Work<'_>,
    body: &Map<String, Value>,
) -> Result<(), Vec<Reason>> {
    let violations = check_request(schema, body, work.tenant);
    let reasons: Vec<Reason> = violations.iter().map(reason_of).collect();
    if reasons.is_empty() { Ok(()) } else { Err(reasons) }
}

fn reason_of(violation: &Violation) -> Reason {
    match violation.kind {
        ViolationKind::Unknown => {
            let name = violation.pointer.trim_start_matches('/').replace('/', ".");
            Reason::new(Category::UnknownField, format!("Invalid parameter(s): '{name}'."))
        }
        ViolationKind::Missing => Reason::new(Category::MissingField, violation.message.clone()),
        ViolationKind::Type
        | ViolationKind::Enum
        | ViolationKind::Length
        | ViolationKind::Format
        | ViolationKind::Range => Reason::value(violation.message.clone()),
    }
}

/// `POST /v1/orders`.
pub fn post(work: &mut Work<'_>, call: &Call) -> Answer {
    if jobs::is_locked(work, &call.body) {
        return Answer::refused_for(call.version, RESOURCE, &[jobs::locked()]);
    }
    let placed = check(work, "Order", &call.body)
        .and_then(|()| place(work, &call.body, transaction::Limits::SYNCHRONOUS));
    match placed {
        Ok(outcome) => {
            let returns_ids = call.parameter("returnIds") == Some("true");
            Answer::ok(Value::Object(outcome.answer(work, call.version, returns_ids)))
        }
        Err(reasons) => Answer::refused_for(call.version, RESOURCE, &reasons),
    }
}
