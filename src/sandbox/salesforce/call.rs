//! A request, taken apart: what routes look at.

use serde_json::{Map, Value};

use super::answer::ApiError;
use crate::sandbox::wire::encoding;

/// A request, taken apart.
#[derive(Debug, Clone)]
pub struct Call {
    /// In upper case.
    pub method: String,
    /// Decoded path segments.
    pub segments: Vec<String>,
    query: Vec<(String, String)>,
    /// As it came.
    pub body: Vec<u8>,
    /// The `Sforce-Query-Options` header.
    pub query_options: Option<String>,
    /// Whether the content type is JSON.
    pub is_json: bool,
}

impl Call {
    /// A call with a JSON body; `None` when the target is malformed.
    #[must_use]
    pub fn new(method: &str, target: &str, body: Vec<u8>) -> Option<Self> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let segments = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(encoding::decode_path_segment)
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            method: method.to_ascii_uppercase(),
            segments,
            query: encoding::parse_form(query)?,
            body,
            query_options: None,
            is_json: true,
        })
    }

    /// A parameter of the query string.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as an object; a form body is refused, as writes take JSON only here.
    ///
    /// # Errors
    /// Another content type, or a body that is no JSON object.
    pub fn object(&self) -> Result<Map<String, Value>, ApiError> {
        if !self.is_json {
            let message = "The content type of the request is not supported: send application/json";
            return Err(ApiError::new(415, "UNSUPPORTED_MEDIA_TYPE", message));
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(ApiError::json("Cannot deserialize: an object is expected")),
            Err(error) => Err(ApiError::json(error.to_string())),
        }
    }
}
