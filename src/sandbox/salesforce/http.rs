//! From HTTP to a call and back: limits, faults, tokens and sessions stand before the routes.

use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde_json::json;

use super::answer::{Answer, ApiError};
use super::call::Call;
use super::describe;
use super::service::Service;
use crate::sandbox::wire::connection::Connection;
use crate::sandbox::wire::faults::Fault;

/// Longest request target that the service reads.
const URI_LENGTH_MAX: usize = 16 * 1024;
/// Largest body that the service reads.
const BODY_BYTES_MAX: usize = 50 * 1024 * 1024;

/// The emulated org as a router.
pub fn router(service: Arc<Service>) -> Router {
    Router::new().fallback(handle).with_state(service)
}

async fn handle(State(service): State<Arc<Service>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let method = head.method.as_str().to_owned();
    let path = head.uri.path().to_owned();
    let target = head.uri.path_and_query().map_or("", |target| target.as_str()).to_owned();
    if target.len() > URI_LENGTH_MAX {
        return Answer::from(ApiError::new(414, "URI_TOO_LONG", "URI Too Long"))
            .into_response(None);
    }
    let connection = head.extensions.get::<ConnectInfo<Connection>>().map(|info| info.0.clone());
    let connection = connection.unwrap_or_default();
    let fault = service.faults().strike(&method, &path);
    match fault {
        Some(Fault::CutBefore) => {
            connection.cut();
            return Answer::empty().into_response(None);
        }
        Some(Fault::Answer { status, retry_after_s }) => {
            return fault_answer(status, retry_after_s).into_response(None);
        }
        Some(Fault::CutAfter | Fault::CutBeforeDone { .. }) | None => {}
    }
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        let error = ApiError::new(413, "REQUEST_ENTITY_TOO_LARGE", "the request is too large");
        return Answer::from(error).into_response(None);
    };
    let response = match Call::new(&method, &target, body.to_vec()) {
        Some(call) => answer(&service, call, &head.headers),
        None => {
            Answer::from(ApiError::new(400, "INVALID_REQUEST", "malformed URI")).into_response(None)
        }
    };
    if matches!(fault, Some(Fault::CutAfter | Fault::CutBeforeDone { .. })) {
        connection.cut();
    }
    response
}

/// What a client is told by a service in trouble.
fn fault_answer(status: u16, retry_after_s: Option<u32>) -> Answer {
    let error = match status {
        401 => ApiError::session(),
        403 => ApiError::new(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        429 | 503 => ApiError::new(status, "SERVER_UNAVAILABLE", "Server is busy, try again later"),
        _ => ApiError::new(status, "UNKNOWN_EXCEPTION", "An unexpected error occurred"),
    };
    Answer { retry_after_s, ..Answer::from(error) }
}

fn answer(service: &Service, mut call: Call, headers: &HeaderMap) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let authorization = text(header::AUTHORIZATION.as_str());
    let base_url = format!("http://{}", text(header::HOST.as_str()).unwrap_or("127.0.0.1"));
    call.query_options = text("sforce-query-options").map(str::to_owned);
    call.is_json = text(header::CONTENT_TYPE.as_str())
        .is_some_and(|media| media.to_ascii_lowercase().starts_with("application/json"));
    // Clients that cannot send PATCH say so in the query.
    if let ("POST", Some(method)) = (call.method.as_str(), call.parameter("_HttpMethod")) {
        call.method = method.to_ascii_uppercase();
    }
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("POST", ["services", "oauth2", "token"]) => {
            let form = String::from_utf8_lossy(&call.body);
            let (org, user) = (&service.org.id, &service.org.user_id);
            let answer = service.sessions.token(&form, authorization, &base_url, org, user);
            answer.into_response(None)
        }
        (method, ["services", "oauth2", "token"]) => {
            Answer::from(ApiError::method(method, "POST")).into_response(None)
        }
        ("GET", ["services", "data"]) => {
            Answer::json(200, &describe::versions()).into_response(None)
        }
        _ if !service.sessions.is_live(authorization) => {
            Answer::from(ApiError::session()).into_response(None)
        }
        ("GET", ["id", org, user]) => identity(service, &base_url, org, user).into_response(None),
        ("GET", ["services", "oauth2", "userinfo"]) => {
            let (org, user) = (&service.org.id, &service.org.user_id);
            identity(service, &base_url, org, user).into_response(None)
        }
        _ => {
            let usage = service.count_call();
            service.respond(&call).into_response(Some(&usage))
        }
    }
}

fn identity(service: &Service, base_url: &str, org: &str, user: &str) -> Answer {
    if org != service.org.id || user != service.org.user_id {
        return ApiError::not_found().into();
    }
    Answer::json(
        200,
        &json!({
            "id": format!("{base_url}/id/{org}/{user}"),
            "user_id": user,
            "organization_id": org,
            "username": "integration@sandbox.invalid",
            "display_name": "Integration User",
            "email": "integration@sandbox.invalid",
            "active": true,
            "urls": {"rest": format!("{base_url}/services/data/v{{version}}/")},
        }),
    )
}
