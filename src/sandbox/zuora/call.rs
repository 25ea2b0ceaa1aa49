//! One request, read and checked as far as every route has it in common.

use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header, request::Parts};
use serde_json::{Map, Value};

use super::answer::{Answer, Category};
use super::version::{ApiVersion, WsdlVersion};
use crate::sandbox::wire::encoding;

/// Largest body that is read. Fifty charges with hundreds of tiers each stay below it.
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Longest idempotency key.
const IDEMPOTENCY_KEY_LENGTH_MAX: usize = 255;

/// The part of the API that a path belongs to; it decides the shape of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// `/v1/object/…`
    Crud,
    /// `/v1/action/…`
    Action,
    /// Everything else below `/v1`.
    V1,
}

impl Surface {
    /// The surface of a path.
    #[must_use]
    pub fn of(path: &str) -> Self {
        if path.starts_with("/v1/object/") {
            Self::Crud
        } else if path.starts_with("/v1/action/") {
            Self::Action
        } else {
            Self::V1
        }
    }

    /// An error that comes before the call itself: CRUD and Actions have the bare message.
    #[must_use]
    pub fn error(self, category: Category, status: StatusCode, message: &str) -> Answer {
        match self {
            Self::Crud | Self::Action => Answer::message(status, message),
            Self::V1 => {
                let mut answer = Answer::v1_error_always(category, message);
                answer.status = status;
                answer
            }
        }
    }
}

/// A request with what every handler needs of it.
#[derive(Debug)]
pub struct Call {
    /// Method.
    pub method: Method,
    /// Path as sent.
    pub path: String,
    /// Names and values of the query string.
    pub query: Vec<(String, String)>,
    /// The host that the client asked.
    pub host: String,
    /// Version of the v1 API.
    pub version: ApiVersion,
    /// Version of the objects.
    pub wsdl: WsdlVersion,
    /// The idempotency key.
    pub idempotency_key: Option<String>,
    /// The body; empty where the method has none.
    pub body: Map<String, Value>,
}

impl Call {
    /// Reads a request whose bearer has been checked.
    ///
    /// # Errors
    /// The answer to a request that no handler sees: a bad version, a wrong media type, …
    pub async fn read(request: Request) -> Result<Self, Box<Answer>> {
        let (parts, body) = request.into_parts();
        let surface = Surface::of(parts.uri.path());
        let (version, wsdl) = versions(&parts, surface)?;
        let idempotency_key = idempotency_key(&parts, surface)?;
        let takes_body = matches!(parts.method, Method::POST | Method::PUT | Method::PATCH);
        let body = if takes_body {
            let bytes = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| {
                let status = StatusCode::PAYLOAD_TOO_LARGE;
                Box::new(surface.error(Category::BadValue, status, "Request entity too large"))
            })?;
            parse_body(&parts.headers, &bytes, surface)?
        } else {
            Map::new()
        };
        let query = encoding::parse_form(parts.uri.query().unwrap_or_default());
        Ok(Self {
            query: query.ok_or_else(|| {
                let message = "The query string is not well-formed";
                surface.error(Category::BadValue, StatusCode::BAD_REQUEST, message)
            })?,
            host: header_text(&parts.headers, "host").unwrap_or("127.0.0.1").to_owned(),
            path: parts.uri.path().to_owned(),
            method: parts.method,
            version,
            wsdl,
            idempotency_key,
            body,
        })
    }

    /// The last segment of the path, decoded: the id or key of the call.
    #[must_use]
    pub fn key(&self) -> String {
        self.segment_from_end(0)
    }

    /// A segment of the path, counted from its end.
    #[must_use]
    pub fn segment_from_end(&self, position: usize) -> String {
        let segment = self.path.trim_end_matches('/').rsplit('/').nth(position).unwrap_or_default();
        encoding::decode_path_segment(segment).unwrap_or_else(|| segment.to_owned())
    }

    /// A parameter of the query string.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let (_, value) = self.query.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// Whether unknown fields fail the call; by default they are ignored.
    #[must_use]
    pub fn rejects_unknown_fields(&self) -> bool {
        self.parameter("rejectUnknownFields")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }
}

/// A header's text.
#[must_use]
pub fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn versions(parts: &Parts, surface: Surface) -> Result<(ApiVersion, WsdlVersion), Answer> {
    let bad = |name: &str, text: Option<&str>| {
        let message = format!("Invalid {name}: {}", text.unwrap_or_default());
        surface.error(Category::BadValue, StatusCode::BAD_REQUEST, &message)
    };
    let text = header_text(&parts.headers, "zuora-version");
    let version = ApiVersion::parse(text).ok_or_else(|| bad("Zuora-Version", text))?;
    let text = header_text(&parts.headers, "x-zuora-wsdl-version");
    let wsdl = WsdlVersion::parse(text).ok_or_else(|| bad("X-Zuora-WSDL-Version", text))?;
    Ok((version, wsdl))
}

fn idempotency_key(parts: &Parts, surface: Surface) -> Result<Option<String>, Answer> {
    let Some(key) = parts.headers.get("idempotency-key") else { return Ok(None) };
    let bad =
        |message: &str| Err(surface.error(Category::BadValue, StatusCode::BAD_REQUEST, message));
    if !matches!(parts.method, Method::POST | Method::PATCH) {
        let method = &parts.method;
        let message =
            format!("Request method '{method}' not supported with Idempotency-Key header");
        return bad(&message);
    }
    match key.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= IDEMPOTENCY_KEY_LENGTH_MAX => {
            Ok(Some(key.to_owned()))
        }
        _ => bad("Invalid Idempotency-Key: it has 1 to 255 characters"),
    }
}

fn parse_body(
    headers: &HeaderMap,
    bytes: &Bytes,
    surface: Surface,
) -> Result<Map<String, Value>, Answer> {
    let media_type = header_text(headers, "content-type").unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let is_encoded = headers.contains_key(header::CONTENT_ENCODING);
    if !essence.eq_ignore_ascii_case("application/json") || is_encoded {
        let message = format!("Content type '{media_type}' not supported");
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(surface.error(Category::Unsupported, status, &message));
    }
    let malformed = |reason: &str| {
        let message = format!("Malformed JSON request body: {reason}");
        surface.error(Category::Malformed, StatusCode::BAD_REQUEST, &message)
    };
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Err(malformed("it is not an object")),
        Err(error) => Err(malformed(&error.to_string())),
    }
}
