//! Answers: JSON with the header that every data reply carries, and errors in the service's shape.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

/// An error of the REST API: one element of the array that its body is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status when it is the answer to a request of its own.
    pub status: u16,
    /// Error code.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// Fields concerned; left out where the service leaves them out.
    pub fields: Option<Vec<String>>,
}

impl ApiError {
    /// An error that names no fields.
    #[must_use]
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), fields: None }
    }

    /// A 400 about these fields.
    #[must_use]
    pub fn field(code: &'static str, message: impl Into<String>, fields: &[&str]) -> Self {
        let fields = fields.iter().map(|field| (*field).to_owned()).collect();
        Self { status: 400, code, message: message.into(), fields: Some(fields) }
    }

    /// The path leads nowhere.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(404, "NOT_FOUND", "The requested resource does not exist")
    }

    /// The path does not know the method.
    #[must_use]
    pub fn method(method: &str, allowed: &str) -> Self {
        Self::new(
            405,
            "METHOD_NOT_ALLOWED",
            format!("HTTP Method '{method}' not allowed. Allowed are {allowed}"),
        )
    }

    /// The token is missing, wrong or expired.
    #[must_use]
    pub fn session() -> Self {
        Self::new(401, "INVALID_SESSION_ID", "Session expired or invalid")
    }

    /// The body is not what the resource reads.
    #[must_use]
    pub fn json(message: impl Into<String>) -> Self {
        Self::new(400, "JSON_PARSER_ERROR", message)
    }

    /// The error as an element of an error body.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut error = json!({"message": self.message, "errorCode": self.code});
        if let (Some(fields), Value::Object(error)) = (&self.fields, &mut error) {
            error.insert("fields".to_owned(), json!(fields));
        }
        error
    }

    /// The error as a row of a collection's answer has it.
    #[must_use]
    pub fn to_row_json(&self) -> Value {
        json!({
            "statusCode": self.code,
            "message": self.message,
            "fields": self.fields.clone().unwrap_or_default(),
        })
    }
}

/// What a resource answers before it becomes HTTP: a composite request reads it too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON; empty for 204.
    pub body: String,
    /// `Location` of what was made.
    pub location: Option<String>,
    /// `Retry-After`.
    pub retry_after_s: Option<u32>,
}

impl Answer {
    /// JSON that is written already.
    #[must_use]
    pub fn text(status: u16, body: String) -> Self {
        Self { status, body, location: None, retry_after_s: None }
    }

    /// JSON.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self::text(status, body.to_string())
    }

    /// 204.
    #[must_use]
    pub fn empty() -> Self {
        Self::text(204, String::new())
    }

    /// Errors as the array that the service answers with, under the first one's status.
    #[must_use]
    pub fn errors(errors: &[ApiError]) -> Self {
        let status = errors.first().map_or(500, |error| error.status);
        let body: Vec<Value> = errors.iter().map(ApiError::to_json).collect();
        Self::json(status, &Value::Array(body))
    }

    /// The answer as HTTP.
    #[must_use]
    pub fn into_response(self, api_usage: Option<&str>) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if !self.body.is_empty() {
            let json = HeaderValue::from_static("application/json;charset=UTF-8");
            headers.insert(header::CONTENT_TYPE, json);
        }
        if let Some(usage) = api_usage.and_then(|usage| HeaderValue::from_str(usage).ok()) {
            headers.insert("sforce-limit-info", usage);
        }
        if let Some(place) = self.location.and_then(|place| HeaderValue::from_str(&place).ok()) {
            headers.insert(header::LOCATION, place);
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<ApiError> for Answer {
    fn from(error: ApiError) -> Self {
        Self::errors(&[error])
    }
}
