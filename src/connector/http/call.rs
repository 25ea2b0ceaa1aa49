//! One request to a service and its answer, before anybody has judged it.

use std::time::Duration;

use reqwest::{Method, StatusCode, header::HeaderMap};

/// What a call can do to the service; it decides whether the call may be sent twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It reads. It may be sent again whatever happened to it.
    Read,
    /// It writes. It is sent again only where it is proved that nothing happened.
    Write,
    /// It asks for a token. It may be sent again.
    SignIn,
}

/// The keys by which a service knows a call that it has answered before.
///
/// It gives the answer of a key again, be it a refusal. So a call that may have been sent before
/// has the same first key as then, and a try after a refusal has a key of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The header that holds the key.
    pub header: &'static str,
    /// The key until an answer has refused the call.
    pub first: String,
    /// The beginning of the keys after that; the number of refusals follows.
    pub next: String,
}

impl Keys {
    pub(super) fn after(&self, refusals: usize) -> String {
        match refusals {
            0 => self.first.clone(),
            _ => format!("{}-{refusals}", self.next),
        }
    }
}

/// A request.
#[derive(Clone, Debug)]
pub struct Call {
    /// What it can do.
    pub effect: Effect,
    /// Its method.
    pub method: Method,
    /// Its path with a leading `/`, and a query that is already encoded.
    pub path: String,
    /// Headers beside those of the session.
    pub headers: Vec<(&'static str, String)>,
    /// Its body: content type and text.
    pub body: Option<(&'static str, String)>,
    /// The keys that make it take effect once.
    pub keys: Option<Keys>,
}

impl Call {
    /// A `GET` that reads.
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            effect: Effect::Read,
            method: Method::GET,
            path: path.into(),
            headers: Vec::new(),
            body: None,
            keys: None,
        }
    }

    /// A call with a JSON body.
    pub fn json(effect: Effect, method: Method, path: impl Into<String>, body: String) -> Self {
        let body = Some(("application/json", body));
        Self { effect, method, path: path.into(), headers: Vec::new(), body, keys: None }
    }

    /// A `POST` of a form that asks for a token.
    pub fn sign_in(path: impl Into<String>, form: &[(&str, &str)]) -> Self {
        let pairs: Vec<String> = form
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        Self {
            effect: Effect::SignIn,
            method: Method::POST,
            path: path.into(),
            headers: Vec::new(),
            body: Some(("application/x-www-form-urlencoded", pairs.join("&"))),
            keys: None,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// How errors name it: method and path, without the query, which may hold customers' values.
    pub fn name(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }
}

/// Percent-encodes a text for a query, a form or a part of a path.
pub fn encode(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |nibble: u8| HEX.get(usize::from(nibble)).map_or('0', |digit| char::from(*digit));
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.extend(['%', digit(byte >> 4), digit(byte & 15)]),
        }
        out
    })
}

/// An answer that has arrived whole.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

impl Reply {
    /// How long the service asks us to wait. Only the form in seconds is read: an HTTP date would
    /// need the clock of the service.
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.headers.get("retry-after")?.to_str().ok()?;
        text.trim().parse().ok().map(Duration::from_secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_what_a_query_cannot_hold() {
        assert_eq!(encode("a b+c='é'&~x"), "a%20b%2Bc%3D%27%C3%A9%27%26~x");
    }

    #[test]
    fn names_a_call_without_its_query() {
        assert_eq!(Call::get("/query?q=SELECT").name(), "GET /query");
    }
}
