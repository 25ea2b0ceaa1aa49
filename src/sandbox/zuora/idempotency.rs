//! Idempotency keys: the first answer to a key, success or failure, is given again for 24 hours.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;

use super::answer::{Answer, AnswerBody, Category};
use super::call::{Call, Surface};
use super::store::{Mutation, RememberedAnswer};
use super::work::Work;

/// How long a key is kept after it was made.
const KEY_LIFETIME_S: i64 = 24 * 60 * 60;

/// The keys of requests that are running.
#[derive(Debug, Default)]
pub struct KeysInFlight {
    keys: Mutex<BTreeSet<String>>,
}

impl KeysInFlight {
    /// Enters a key; `None` when a request with it is running.
    pub fn enter(&self, key: Option<&str>) -> Option<KeyInFlight<'_>> {
        if let Some(key) = key {
            let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            if !keys.insert(key.to_owned()) {
                return None;
            }
        }
        Some(KeyInFlight { keys: self, key: key.map(str::to_owned) })
    }
}

/// A running request's key; dropping it ends that.
#[derive(Debug)]
pub struct KeyInFlight<'a> {
    keys: &'a KeysInFlight,
    key: Option<String>,
}

impl Drop for KeyInFlight<'_> {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            self.keys.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        }
    }
}

/// The 409 of a key whose first request is not over.
#[must_use]
pub fn still_running(call: &Call) -> Answer {
    let message = "A request with this Idempotency-Key is still being processed";
    Surface::of(&call.path).error(Category::Locked, StatusCode::CONFLICT, message)
}

/// The answer that a key already has, or the 422 of a key that was used for another request.
#[must_use]
pub fn replay(work: &Work<'_>, call: &Call) -> Option<Answer> {
    let remembered = work.store().answer(call.idempotency_key.as_deref()?)?;
    if work.now.as_second().saturating_sub(remembered.at) >= KEY_LIFETIME_S {
        return None;
    }
    if remembered.request != request_of(call) {
        let message = "The Idempotency-Key was used for another request";
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Some(Surface::of(&call.path).error(Category::BadValue, status, message));
    }
    let status = StatusCode::from_u16(remembered.status).unwrap_or(StatusCode::OK);
    Some(Answer::json(status, remembered.body.clone()))
}

/// Keeps the answer for the call's key.
pub fn remember(work: &mut Work<'_>, call: &Call, answer: &Answer) {
    let (Some(key), AnswerBody::Json(body)) = (&call.idempotency_key, &answer.body) else { return };
    let answer = RememberedAnswer {
        request: request_of(call),
        status: answer.status.as_u16(),
        body: body.clone(),
        at: work.now.as_second(),
    };
    work.apply(Mutation::Remember { key: key.clone(), answer });
}

fn request_of(call: &Call) -> String {
    format!("{} {}", call.method, call.path)
}
