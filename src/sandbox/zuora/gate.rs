//! The front of the service, around every route: ordered faults, request ids, tracking, the
//! headers and the limits of rate and concurrency.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::answer::{Answer, AnswerBody, Category, Unnumbered};
use super::call::Surface;
use super::late::CompletesAfter;
use super::service::Service;
use super::store::uuid;
use super::token;
use crate::sandbox::wire::connection::Connection;
use crate::sandbox::wire::faults::Fault;

/// Length of `processId`, in hexadecimal characters.
const PROCESS_ID_LENGTH: usize = 16;
/// Longest `Zuora-Track-Id`.
const TRACK_ID_LENGTH_MAX: usize = 64;
/// Calls that a production tenant may make, per window.
const RATE_LIMIT: &str = "2250000, 50000;w=60, 2250000;w=3600, 27000000;w=86400";
/// The first figure of [`RATE_LIMIT`]: calls per hour.
const RATE_PER_HOUR: u64 = 2_250_000;
/// Calls that may run at a time (type Default; catalog, CRUD and Actions all count as it).
const CONCURRENCY_MAX: usize = 40;
/// What the service asks for when too many calls run at a time.
const CONCURRENCY_RETRY_AFTER_S: u32 = 120;
/// What the service asks for when too many calls were made.
const RATE_RETRY_AFTER_S: u32 = 600;

/// Axum middleware (`from_fn_with_state`): what happens to every request.
pub async fn pass(
    State(service): State<Arc<Service>>,
    mut request: Request,
    next: Next,
) -> Response {
    let running = service.enter();
    let (number, request_id) = service.next_request();
    let surface = Surface::of(request.uri().path());
    let is_token_call = request.uri().path() == "/oauth/token";
    let track_id = request.headers().get("zuora-track-id").cloned();
    let connection = request.extensions().get::<ConnectInfo<Connection>>().map(|c| c.0.clone());
    let fault = service.faults().strike(request.method().as_str(), request.uri().path());

    if let Some(Fault::CutBeforeDone { requests }) = fault {
        request.extensions_mut().insert(CompletesAfter(requests));
    }
    let mut response = match fault {
        Some(Fault::Answer { status, retry_after_s }) => {
            failure(surface, status, retry_after_s).into_response()
        }
        Some(Fault::CutBefore) => cut(connection.as_ref()),
        _ if running.now > CONCURRENCY_MAX && !is_token_call => too_many_at_once().into_response(),
        _ if track_id.as_ref().is_some_and(|track_id| !is_track_id(track_id)) => {
            let message = "Invalid Zuora-Track-Id";
            surface.error(Category::BadValue, StatusCode::BAD_REQUEST, message).into_response()
        }
        _ => next.run(request).await,
    };
    if matches!(fault, Some(Fault::CutAfter | Fault::CutBeforeDone { .. })) {
        return cut(connection.as_ref());
    }
    fill_ids(&mut response, &request_id);
    let headers = response.headers_mut();
    insert(headers, "zuora-request-id", &uuid(&request_id));
    if let Some(track_id) = track_id.filter(is_track_id) {
        headers.insert(HeaderName::from_static("zuora-track-id"), track_id);
    }
    if !is_token_call {
        limit_headers(headers, number, running.now);
    }
    response
}

/// Cuts the connection; what is returned is never written to it.
fn cut(connection: Option<&Connection>) -> Response {
    match connection {
        Some(connection) => connection.cut(),
        // A server without cuttable connections: the nearest thing that a client can see.
        None => return StatusCode::BAD_GATEWAY.into_response(),
    }
    Response::default()
}

/// The answer of an ordered fault.
fn failure(surface: Surface, status: u16, retry_after_s: Option<u32>) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let answer = match status {
        StatusCode::UNAUTHORIZED => token::unauthorized(surface),
        StatusCode::TOO_MANY_REQUESTS => too_many(retry_after_s),
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            let body =
                AnswerBody::Html("<html><body><h1>The service is unavailable</h1></body></html>");
            Answer { body, ..Answer::json(status, Value::Null) }
        }
        _ => Answer { status, ..Answer::v1_error_always(Category::Internal, "Internal error") },
    };
    answer.retry_after(retry_after_s)
}

/// The 429 of too many calls; its code is the bare category.
fn too_many(retry_after_s: Option<u32>) -> Answer {
    let seconds = retry_after_s.unwrap_or(RATE_RETRY_AFTER_S);
    let message = format!("API Rate limit exceeded for the minute, retry after {seconds} seconds");
    let body = json!({"reasons": [{"code": 70, "message": message}]});
    Answer::json(StatusCode::TOO_MANY_REQUESTS, body)
}

/// The 429 of too many calls at a time.
fn too_many_at_once() -> Answer {
    let message = "Concurrent request limit exceeded, please try again later";
    Answer::v1_error_always(Category::Limit, message).retry_after(Some(CONCURRENCY_RETRY_AFTER_S))
}

/// At most 64 characters of US-ASCII, none of `: ; " '`.
fn is_track_id(value: &HeaderValue) -> bool {
    value.to_str().is_ok_and(|text| {
        text.len() <= TRACK_ID_LENGTH_MAX && !text.contains([':', ';', '"', '\''])
    })
}

/// Puts the request's ids into an error of the v1 shape.
fn fill_ids(response: &mut Response, request_id: &str) {
    let Some(Unnumbered(mut body)) = response.extensions_mut().remove::<Unnumbered>() else {
        return;
    };
    let process_id = request_id.get(..PROCESS_ID_LENGTH).unwrap_or_default().to_uppercase();
    body.insert("processId".to_owned(), Value::String(process_id));
    body.insert("requestId".to_owned(), Value::String(uuid(request_id)));
    *response.body_mut() = Body::from(Value::Object(body).to_string());
}

fn limit_headers(headers: &mut HeaderMap, number: u64, running: usize) {
    insert(headers, "ratelimit-limit", RATE_LIMIT);
    let remaining = RATE_PER_HOUR.saturating_sub(number % RATE_PER_HOUR);
    insert(headers, "ratelimit-remaining", &remaining.to_string());
    insert(headers, "ratelimit-reset", "60");
    insert(headers, "concurrency-limit-type", "Default");
    insert(headers, "concurrency-limit-limit", &CONCURRENCY_MAX.to_string());
    let free = CONCURRENCY_MAX.saturating_sub(running);
    insert(headers, "concurrency-limit-remaining", &free.to_string());
}

fn insert(headers: &mut HeaderMap, name: &'static str, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
