//! Signing in: `POST /oauth/token` with client credentials, and the check of a bearer token.
//!
//! The token endpoint is of Spring's OAuth server, whose error bodies it has.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::answer::{Answer, Category};
use super::call::{Surface, header_text};
use super::service::Service;
use super::store::{draw_seed, hex_id};
use crate::sandbox::wire::encoding;

/// How long a token lives.
const TOKEN_LIFETIME: Duration = Duration::from_secs(3600);
/// Most tokens that live at a time; the oldest goes first. A client needs one.
const TOKENS_MAX: usize = 10_000;
/// A form with an id and a secret is short.
const FORM_BYTES_MAX: usize = 64 * 1024;
/// Sign-ins that a tenant may do per minute.
const SIGN_INS_PER_MINUTE: u32 = 2000;

/// The tokens that have been given out.
#[derive(Default)]
pub struct Tokens {
    expiries: Mutex<BTreeMap<String, Instant>>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A token is a secret.
        out.debug_struct("Tokens").finish_non_exhaustive()
    }
}

impl Tokens {
    /// A new token.
    fn issue(&self) -> String {
        let token = hex_id(&draw_seed(), "token", 0);
        let now = Instant::now();
        let mut expiries = self.expiries.lock().unwrap_or_else(PoisonError::into_inner);
        expiries.retain(|_, expiry| *expiry > now);
        if expiries.len() >= TOKENS_MAX {
            let oldest = expiries.iter().min_by_key(|(_, expiry)| **expiry);
            if let Some(oldest) = oldest.map(|(token, _)| token.clone()) {
                expiries.remove(&oldest);
            }
        }
        if let Some(expiry) = now.checked_add(TOKEN_LIFETIME) {
            expiries.insert(token.clone(), expiry);
        }
        token
    }

    /// Makes all tokens expire now.
    pub fn expire_all(&self) {
        self.expiries.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Whether a request carries a token that lives.
    ///
    /// # Errors
    /// The 401 of the surface.
    pub fn check(&self, headers: &HeaderMap, surface: Surface) -> Result<(), Answer> {
        let bearer = header_text(headers, "authorization").and_then(bearer_of);
        let expiries = self.expiries.lock().unwrap_or_else(PoisonError::into_inner);
        let expiry = bearer.and_then(|token| expiries.get(token));
        match expiry {
            Some(expiry) if *expiry > Instant::now() => Ok(()),
            _ => Err(unauthorized(surface)),
        }
    }
}

/// The 401 of a surface.
#[must_use]
pub fn unauthorized(surface: Surface) -> Answer {
    let message = "this resource is protected, please sign in first";
    surface.error(Category::Authentication, StatusCode::UNAUTHORIZED, message)
}

fn bearer_of(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// `POST /oauth/token`.
pub async fn sign_in(State(service): State<Arc<Service>>, request: Request) -> Response {
    let mut response = match read_form(request).await {
        Ok(form) => grant(&service, &form).into_response(),
        Err(answer) => answer.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert("x-ratelimit-limit-minute", HeaderValue::from(SIGN_INS_PER_MINUTE));
    headers.insert(
        "x-ratelimit-remaining-minute",
        HeaderValue::from(SIGN_INS_PER_MINUTE.saturating_sub(1)),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn refused(status: StatusCode, error: &str, description: &str) -> Answer {
    Answer::json(status, json!({"error": error, "error_description": description}))
        .noting(format!("{error}: {description}"))
}

async fn read_form(request: Request) -> Result<BTreeMap<String, String>, Answer> {
    let (parts, body) = request.into_parts();
    if parts.headers.contains_key(header::AUTHORIZATION) {
        let description = "the token call takes no Authorization header";
        return Err(refused(StatusCode::UNAUTHORIZED, "invalid_token", description));
    }
    let media_type = header_text(&parts.headers, "content-type").unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        let description = format!("Content type '{media_type}' not supported");
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(refused(status, "invalid_request", &description));
    }
    let bad_form =
        || refused(StatusCode::BAD_REQUEST, "invalid_request", "the form is not readable");
    let bytes = to_bytes(body, FORM_BYTES_MAX).await.map_err(|_| bad_form())?;
    let text = std::str::from_utf8(&bytes).map_err(|_| bad_form())?;
    let pairs = encoding::parse_form(text).ok_or_else(bad_form)?;
    Ok(pairs.into_iter().collect())
}

fn grant(service: &Service, form: &BTreeMap<String, String>) -> Answer {
    let status = StatusCode::BAD_REQUEST;
    match form.get("grant_type").map(String::as_str) {
        None => return refused(status, "invalid_request", "Missing grant type"),
        Some("client_credentials") => {}
        Some(other) => {
            let description = format!("Unsupported grant type: {other}");
            return refused(status, "unsupported_grant_type", &description);
        }
    }
    let known = service.credentials();
    let is_known = form.get("client_id") == Some(&known.client_id)
        && form.get("client_secret") == Some(&known.client_secret);
    if !is_known {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client", "Bad client credentials");
    }
    let token = service.tokens().issue();
    let identity = service.identity();
    let scope = format!(
        "entity.{} platform.write service.events.read service.events.write \
         service.genesis.read service.genesis.write service.notifications.read \
         service.notifications.write service.usage.delete service.usage.update \
         service.usage.write tenant.{} user.{}",
        identity.entity_id(),
        identity.tenant_id,
        identity.user_id(),
    );
    Answer::ok(json!({
        "access_token": token,
        "token_type": "bearer",
        "expires_in": TOKEN_LIFETIME.as_secs(),
        "scope": scope,
        "jti": hex_id(&token, "jti", 0),
    }))
}
