//! What the service answers: a status, a body in one of its shapes, and what it thought.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use super::version::ApiVersion;
use crate::sandbox::wire::request_log::Violations;

/// Number of objects that a request made, changed or deleted; an extension of the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writes(pub u64);

/// The body of an error that has room for the request's ids; an extension of the response, which
/// the gate takes out again.
#[derive(Debug, Clone)]
pub struct Unnumbered(pub Map<String, Value>);

/// An answer before it becomes a response.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Body.
    pub body: AnswerBody,
    /// Seconds of a `Retry-After` header.
    pub retry_after_s: Option<u32>,
    /// The `Location` header.
    pub location: Option<String>,
    /// What the request did that the service refuses or ignores.
    pub violations: Vec<String>,
}

/// The body of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerBody {
    /// JSON.
    Json(Value),
    /// XML, as Describe has it.
    Xml(String),
    /// The page of a gateway.
    Html(&'static str),
}

/// The category of a v1 error: the last two digits of its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Not signed in.
    Authentication,
    /// A value that is not allowed.
    BadValue,
    /// A field that the call does not have.
    UnknownField,
    /// A field that must be there.
    MissingField,
    /// A rule of the business.
    Rule,
    /// Nothing has this key.
    NotFound,
    /// The method or media type is not supported.
    Unsupported,
    /// The request is in conflict with another one.
    Locked,
    /// The service failed.
    Internal,
    /// A limit is reached.
    Limit,
    /// The body is no JSON.
    Malformed,
}

impl Category {
    fn digits(self) -> u32 {
        match self {
            Self::Authentication => 11,
            Self::BadValue => 20,
            Self::UnknownField => 21,
            Self::MissingField => 22,
            Self::Rule => 30,
            Self::NotFound => 40,
            Self::Unsupported => 45,
            Self::Locked => 50,
            Self::Internal => 60,
            Self::Limit => 70,
            Self::Malformed => 90,
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Authentication => StatusCode::UNAUTHORIZED,
            Self::BadValue
            | Self::UnknownField
            | Self::MissingField
            | Self::Rule
            | Self::Malformed => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Unsupported => StatusCode::METHOD_NOT_ALLOWED,
            Self::Locked => StatusCode::CONFLICT,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Limit => StatusCode::TOO_MANY_REQUESTS,
        }
    }
}

/// One reason why a plain v1 call was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Its category: the last two digits of the code.
    pub category: Category,
    /// What is wrong, for a reader.
    pub message: String,
}

impl Reason {
    /// A reason.
    #[must_use]
    pub fn new(category: Category, message: impl Into<String>) -> Self {
        Self { category, message: message.into() }
    }

    /// A rule of the business that the call breaks.
    #[must_use]
    pub fn rule(message: impl Into<String>) -> Self {
        Self::new(Category::Rule, message)
    }

    /// A value that is not allowed.
    #[must_use]
    pub fn value(message: impl Into<String>) -> Self {
        Self::new(Category::BadValue, message)
    }

    /// Nothing has this key.
    #[must_use]
    pub fn not_found(key: &str) -> Self {
        Self::new(Category::NotFound, format!("Cannot find entity by key: '{key}'."))
    }

    /// The reason as an answer has it.
    #[must_use]
    pub fn json(&self, resource: u32) -> Value {
        json!({"code": code(resource, self.category), "message": self.message})
    }

    /// The reason as the text of a failed job has it.
    #[must_use]
    pub fn line(&self, resource: u32) -> String {
        format!("[{}] {}", code(resource, self.category), self.message)
    }
}

/// Six digits of the resource, two of the category.
fn code(resource: u32, category: Category) -> u32 {
    resource.saturating_mul(100).saturating_add(category.digits())
}

/// The resource of errors that belong to none, and of all failed reads.
const RESOURCE_COMMON: u32 = 500_000;
/// The resource of authentication.
const RESOURCE_AUTHENTICATION: u32 = 900_000;

impl Answer {
    /// 200 with this body.
    #[must_use]
    pub fn ok(body: Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    /// A JSON body with this status.
    #[must_use]
    pub fn json(status: StatusCode, body: Value) -> Self {
        let body = AnswerBody::Json(body);
        let (retry_after_s, location, violations) = (None, None, Vec::new());
        Self { status, body, retry_after_s, location, violations }
    }

    /// The bare `{"message": …}` of the gateway and of CRUD.
    #[must_use]
    pub fn message(status: StatusCode, message: &str) -> Self {
        Self::json(status, json!({"message": message})).noting(message.to_owned())
    }

    /// `{"code": "ClientError", …}`: a call that Actions do not have.
    #[must_use]
    pub fn client_error(status: StatusCode, message: &str) -> Self {
        let body = json!({"code": "ClientError", "message": message});
        Self::json(status, body).noting(message.to_owned())
    }

    /// An error of the v1 API. Its HTTP status depends on the version: below 2024-05-20 it is 200.
    #[must_use]
    pub fn v1_error(version: ApiVersion, category: Category, message: &str) -> Self {
        let status = match version.has_error_status() {
            true => category.status(),
            false => StatusCode::OK,
        };
        Self::reasons(status, category, message)
    }

    /// An error in the v1 shape whose status does not depend on the version: the front of the
    /// service gives it before a version is looked at.
    #[must_use]
    pub fn v1_error_always(category: Category, message: &str) -> Self {
        Self::reasons(category.status(), category, message)
    }

    /// The refusal of a plain v1 call for several reasons; the first decides the status.
    #[must_use]
    pub fn refused_for(version: ApiVersion, resource: u32, reasons: &[Reason]) -> Self {
        let first = reasons.first().map_or(Category::Internal, |reason| reason.category);
        let status = match version.has_error_status() {
            true => first.status(),
            false => StatusCode::OK,
        };
        let shown: Vec<Value> = reasons.iter().map(|reason| reason.json(resource)).collect();
        let body = json!({
            "success": false,
            "processId": Value::Null,
            "reasons": shown,
            "requestId": Value::Null,
        });
        let answer = Self::json(status, body);
        reasons.iter().fold(answer, |answer, reason| answer.noting(reason.message.clone()))
    }

    fn reasons(status: StatusCode, category: Category, message: &str) -> Self {
        let resource = match category {
            Category::Authentication => RESOURCE_AUTHENTICATION,
            _ => RESOURCE_COMMON,
        };
        let code = code(resource, category);
        // `processId` and `requestId` are filled in where the request's id is known.
        let body = json!({
            "success": false,
            "processId": Value::Null,
            "reasons": [{"code": code, "message": message}],
            "requestId": Value::Null,
        });
        Self::json(status, body).noting(message.to_owned())
    }

    /// The failure of one CRUD call.
    #[must_use]
    pub fn refused(refusals: &[Refusal]) -> Self {
        let errors: Vec<Value> = refusals.iter().map(Refusal::json).collect();
        let body = json!({"Success": false, "Errors": errors});
        let mut answer = Self::json(StatusCode::BAD_REQUEST, body);
        answer.violations = refusals.iter().map(described).collect();
        answer
    }

    /// The failure of a whole query.
    #[must_use]
    pub fn fault(refusal: &Refusal) -> Self {
        let body = json!({"FaultCode": refusal.code.as_str(), "FaultMessage": refusal.message});
        Self::json(StatusCode::BAD_REQUEST, body).noting(described(refusal))
    }

    /// The same answer with one more violation.
    #[must_use]
    pub fn noting(mut self, violation: String) -> Self {
        self.violations.push(violation);
        self
    }

    /// The same answer with `Location`.
    #[must_use]
    pub fn located(mut self, place: String) -> Self {
        self.location = Some(place);
        self
    }

    /// The same answer with `Retry-After`.
    #[must_use]
    pub fn retry_after(mut self, seconds: Option<u32>) -> Self {
        self.retry_after_s = seconds;
        self
    }
}

/// A refusal as a line of a list of violations.
#[must_use]
pub fn described(refusal: &Refusal) -> String {
    format!("{}: {}", refusal.code.as_str(), refusal.message)
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let unnumbered = match &self.body {
            AnswerBody::Json(Value::Object(body))
                if body.get("requestId") == Some(&Value::Null) =>
            {
                Some(Unnumbered(body.clone()))
            }
            _ => None,
        };
        let (media_type, text) = match self.body {
            AnswerBody::Json(value) => ("application/json;charset=UTF-8", value.to_string()),
            AnswerBody::Xml(text) => ("text/xml;charset=UTF-8", text),
            AnswerBody::Html(text) => ("text/html", text.to_owned()),
        };
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"Zuora\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(place) = self.location.and_then(|place| HeaderValue::from_str(&place).ok()) {
            headers.insert(header::LOCATION, place);
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(unnumbered) = unnumbered {
            response.extensions_mut().insert(unnumbered);
        }
        if !self.violations.is_empty() {
            response.extensions_mut().insert(Violations(self.violations));
        }
        response
    }
}
