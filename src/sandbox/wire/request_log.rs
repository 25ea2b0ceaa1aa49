//! A file of JSON lines, one per request that a service answered: what came, what went.
//!
//! Secrets never reach it: headers are not logged, and the token endpoints' forms and answers are
//! masked.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::SandboxError;
use super::connection::Connection;
use super::encoding;

/// Largest body that is read for the log: the services refuse larger ones themselves.
const BODY_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Names whose values are masked wherever a token endpoint is concerned.
const SECRET_NAMES: [&str; 8] = [
    "client_secret",
    "password",
    "assertion",
    "refresh_token",
    "access_token",
    "signature",
    "code",
    "id_token",
];

/// What a request did that its service would refuse; put into a response's extensions by a service
/// that checks more than its answer shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations(pub Vec<String>);

/// The log of both services.
#[derive(Debug)]
pub struct RequestLog {
    file: Mutex<File>,
}

impl RequestLog {
    /// Opens the log for appending.
    ///
    /// # Errors
    /// [`SandboxError::File`] when the file cannot be written.
    pub fn open(path: &Path) -> Result<Arc<Self>, SandboxError> {
        let file_error = |source| SandboxError::File { path: path.to_path_buf(), source };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(file_error)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(file_error)?;
        Ok(Arc::new(Self { file: Mutex::new(file) }))
    }

    fn append(&self, line: &Value) {
        let mut text = line.to_string();
        text.push('\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk must not change what the service answers.
        let _ = file.write_all(text.as_bytes());
    }
}

/// The log and the name of the service whose requests go to it.
#[derive(Debug, Clone)]
pub struct LoggedService {
    /// Where lines go.
    pub log: Arc<RequestLog>,
    /// `salesforce` or `zuora`.
    pub system: &'static str,
}

/// Axum middleware (`from_fn_with_state`) that writes one line per request.
pub async fn record(
    State(service): State<LoggedService>,
    request: Request,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(request_bytes) = to_bytes(body, BODY_BYTES_MAX).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let method = head.method.to_string();
    let uri = head.uri.clone();
    let connection = head.extensions.get::<ConnectInfo<Connection>>().map(|info| info.0.clone());
    let request = Request::from_parts(head, Body::from(request_bytes.clone()));
    let (head, body) = next.run(request).await.into_parts();
    let Ok(response_bytes) = to_bytes(body, BODY_BYTES_MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut line = request_line(service.system, &method, &uri, &request_bytes);
    line.insert("status".to_owned(), json!(head.status.as_u16()));
    line.insert("response_body".to_owned(), shown_body(&uri, &response_bytes));
    if connection.is_some_and(|connection| connection.is_cut()) {
        line.insert("cut".to_owned(), Value::Bool(true));
    }
    if let Some(violations) = head.extensions.get::<Violations>() {
        line.insert("violations".to_owned(), json!(violations.0));
    }
    service.log.append(&Value::Object(line));
    Response::from_parts(head, Body::from(response_bytes))
}

fn request_line(system: &str, method: &str, uri: &Uri, body: &Bytes) -> Map<String, Value> {
    let query = uri.query().map(|query| {
        let pairs = encoding::parse_form(query).unwrap_or_default();
        pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect()
    });
    let mut line = Map::new();
    line.insert("system".to_owned(), json!(system));
    line.insert("method".to_owned(), json!(method));
    line.insert("path".to_owned(), json!(uri.path()));
    line.insert("query".to_owned(), query.map_or(Value::Null, Value::Object));
    line.insert("request_body".to_owned(), shown_body(uri, body));
    line
}

/// JSON as it is, a form as an object, anything else as text; empty is null.
fn shown_body(uri: &Uri, body: &Bytes) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    let text = String::from_utf8_lossy(body);
    let is_secret = uri.path().trim_end_matches('/').ends_with("/token");
    match serde_json::from_str::<Value>(&text) {
        Ok(Value::Object(object)) if is_secret => Value::Object(masked(object)),
        Ok(_) | Err(_) if is_secret => {
            let pairs = encoding::parse_form(&text).unwrap_or_default();
            Value::Object(masked(pairs.into_iter().map(|(n, v)| (n, Value::String(v))).collect()))
        }
        Ok(value) => value,
        Err(_) => Value::String(text.into_owned()),
    }
}

fn masked(object: Map<String, Value>) -> Map<String, Value> {
    object
        .into_iter()
        .map(|(name, value)| match SECRET_NAMES.contains(&name.as_str()) {
            true => (name, Value::String("***".to_owned())),
            false => (name, value),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_the_secrets_of_token_endpoints() {
        let uri: Uri = "/services/oauth2/token".parse().unwrap();
        let form = Bytes::from_static(b"grant_type=client_credentials&client_secret=s3cret");
        let shown = shown_body(&uri, &form);
        assert_eq!(shown, json!({"grant_type": "client_credentials", "client_secret": "***"}));
        let answer = Bytes::from_static(br#"{"access_token":"t","token_type":"Bearer"}"#);
        let shown = shown_body(&uri, &answer);
        assert_eq!(shown, json!({"access_token": "***", "token_type": "Bearer"}));
    }

    #[test]
    fn keeps_the_digits_of_a_body() {
        let uri: Uri = "/v1/orders".parse().unwrap();
        let shown = shown_body(&uri, &Bytes::from_static(br#"{"price":12.00}"#));
        assert_eq!(shown.to_string(), r#"{"price":12.00}"#);
    }
}
