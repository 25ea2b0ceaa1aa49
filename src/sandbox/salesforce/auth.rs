//! The token endpoint and the sessions that it opens.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::answer::Answer;
use crate::sandbox::Credentials;
use crate::sandbox::wire::encoding;

/// How long a session lives: the platform's default of two hours.
const SESSION_LIFE: Duration = Duration::from_secs(2 * 60 * 60);

/// Open sessions.
pub struct Sessions {
    credentials: Credentials,
    last_number: AtomicU64,
    open: Mutex<HashMap<String, Instant>>,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Tokens are secrets.
        out.debug_struct("Sessions").field("credentials", &self.credentials).finish_non_exhaustive()
    }
}

impl Sessions {
    /// None yet.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        Self { credentials, last_number: AtomicU64::new(0), open: Mutex::default() }
    }

    /// Ends all sessions.
    pub fn expire_all(&self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Whether an `Authorization` header carries a live session.
    #[must_use]
    pub fn is_live(&self, authorization: Option<&str>) -> bool {
        let Some((scheme, token)) = authorization.and_then(|header| header.split_once(' ')) else {
            return false;
        };
        let is_scheme =
            scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth");
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, opened| opened.elapsed() < SESSION_LIFE);
        is_scheme && open.contains_key(token.trim())
    }

    /// Answers a request for a token: a form body, and credentials in it or in a Basic header.
    #[must_use]
    pub fn token(
        &self,
        form: &str,
        authorization: Option<&str>,
        base_url: &str,
        org_id: &str,
        user_id: &str,
    ) -> Answer {
        let Some(pairs) = encoding::parse_form(form) else {
            return refused("invalid_request", "malformed form body");
        };
        let fields: HashMap<String, String> = pairs.into_iter().collect();
        let field = |name: &str| fields.get(name).map(String::as_str).filter(|v| !v.is_empty());
        match field("grant_type") {
            None => refused("unsupported_grant_type", "grant type not supported"),
            Some("client_credentials") => {
                let basic = authorization.and_then(basic_credentials);
                let id = basic.as_ref().map(|(id, _)| id.as_str()).or(field("client_id"));
                let secret = basic.as_ref().map(|(_, secret)| secret.as_str());
                match self.check_client(id, secret.or(field("client_secret"))) {
                    Ok(()) => self.open_session(base_url, org_id, user_id),
                    Err((error, description)) => refused(error, description),
                }
            }
            Some("refresh_token") => refused("invalid_grant", "expired access/refresh token"),
            Some("password") => refused("invalid_grant", "authentication failure"),
            Some("urn:ietf:params:oauth:grant-type:jwt-bearer") => {
                refused("invalid_grant", "user hasn't approved this consumer")
            }
            Some("authorization_code") => refused("invalid_grant", "expired authorization code"),
            Some(_) => refused("unsupported_grant_type", "grant type not supported"),
        }
    }

    fn check_client(
        &self,
        id: Option<&str>,
        secret: Option<&str>,
    ) -> Result<(), (&'static str, &'static str)> {
        match (id, secret) {
            (Some(id), _) if id != self.credentials.client_id => {
                Err(("invalid_client_id", "client identifier invalid"))
            }
            (None, _) => Err(("invalid_client_id", "client identifier invalid")),
            (_, Some(secret)) if secret == self.credentials.client_secret => Ok(()),
            _ => Err(("invalid_client", "invalid client credentials")),
        }
    }

    fn open_session(&self, base_url: &str, org_id: &str, user_id: &str) -> Answer {
        let number = self.last_number.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        let issued = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let seed = format!("{org_id} {number} {issued} {}", self.credentials.client_secret);
        let digest: String =
            Sha256::digest(seed.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let token = format!("{}!AQ{digest}", org_id.get(..15).unwrap_or(org_id));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(token.clone(), Instant::now());
        Answer::json(
            200,
            &json!({
                "access_token": token,
                "instance_url": base_url,
                "id": format!("{base_url}/id/{org_id}/{user_id}"),
                "token_type": "Bearer",
                "issued_at": issued.to_string(),
                "signature": digest,
                "scope": "api",
            }),
        )
    }
}

/// Id and secret of a Basic header; both are form-encoded before they are joined (RFC 6749, 2.3.1),
/// which leaves the letters that keys consist of alone.
fn basic_credentials(authorization: &str) -> Option<(String, String)> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(encoding::decode_base64(encoded.trim())?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// An error of the token endpoint: an object, not an array.
fn refused(error: &str, description: &str) -> Answer {
    let body: Value = json!({"error": error, "error_description": description});
    Answer::json(400, &body)
}
