//! How Salesforce gives tokens, and what its refusals mean.
//!
//! REST API Developer Guide, "Status Codes and Error Responses": an array of
//! `{message, errorCode, fields}`; at the token endpoint an object `{error, error_description}`.

use serde::Deserialize;

use crate::{
    connector::{
        CallError, Class,
        http::{Base, Call, Effect, Refusal, Remedy, Reply, Service, Session},
    },
    json::Checked,
    secret::Secret,
};

/// The name of the system.
pub(super) const SYSTEM: &str = "salesforce";

/// Refusals with status 401 that a new token does not cure; signing in for them would never end.
const NOT_CURED_BY_A_TOKEN: [&str; 2] = [
    "Connected app is not attached to Agent",
    "This session is not valid for use with the REST API",
];

/// Codes after which nothing has happened and the same call may work.
pub(super) const PASSING: [&str; 5] = [
    "UNABLE_TO_LOCK_ROW",
    "SERVER_UNAVAILABLE",
    "QUERY_TIMEOUT",
    "REQUEST_RUNNING_TOO_LONG",
    "TXN_SECURITY_METERING_ERROR",
];

/// Sign-in with the credentials of a connected app.
pub(super) struct SignIn {
    client_id: String,
    client_secret: Secret,
    base: Option<Base>,
}

impl SignIn {
    pub(super) fn new(client_id: String, client_secret: Secret, base: Option<Base>) -> Self {
        Self { client_id, client_secret, base }
    }
}

#[derive(Deserialize)]
struct TokenReply {
    access_token: String,
    instance_url: Option<String>,
    id: Option<String>,
}

impl Service for SignIn {
    fn system(&self) -> &'static str {
        SYSTEM
    }

    fn sign_in(&self) -> Call {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.client_secret.reveal()),
        ];
        Call::sign_in("/services/oauth2/token", &form)
    }

    fn session(&self, reply: &Reply) -> Result<Session, Refusal> {
        let broken =
            |said: String| Refusal { remedy: Remedy::Final(Class::Broken), code: None, said };
        let token: TokenReply = serde_json::from_str(&reply.body)
            .map_err(|_| broken("the answer holds no access_token".to_owned()))?;
        let base = match (&self.base, token.instance_url.as_deref()) {
            (Some(base), _) => Some(base.clone()),
            (None, Some(url)) => {
                Some(Base::parse(SYSTEM, url).map_err(|error| broken(error.said))?)
            }
            (None, None) => None,
        };
        let identity = token.id.as_deref().and_then(org_of);
        // Salesforce does not say how long a token lives: it is the org's session setting.
        Ok(Session { token: Secret::new(token.access_token), base, identity, lifetime: None })
    }

    fn judge(&self, call: &Call, reply: &Reply) -> Result<(), Refusal> {
        match reply.status.as_u16() {
            200..=299 => Ok(()),
            _ if call.effect == Effect::SignIn => Err(sign_in_refusal(reply)),
            _ => Err(refusal(reply)),
        }
    }
}

/// The org id in an identity URL `https://login.salesforce.com/id/00D…/005…`.
fn org_of(url: &str) -> Option<String> {
    let (_, ids) = url.split_once("/id/")?;
    let org = ids.split('/').next()?;
    org.starts_with("00D").then(|| org.to_owned())
}

#[derive(Deserialize)]
struct SignInFault {
    error: String,
    error_description: Option<String>,
}

fn sign_in_refusal(reply: &Reply) -> Refusal {
    match serde_json::from_str::<SignInFault>(&reply.body) {
        Ok(fault) => {
            let said = fault.error_description.unwrap_or_else(|| fault.error.clone());
            let busy = said.contains("rate exceeded") || reply.status.as_u16() == 429;
            let remedy = if busy { Remedy::Later } else { Remedy::Final(Class::SignIn) };
            Refusal { remedy, code: Some(fault.error), said }
        }
        Err(_) => {
            let mut refusal = Refusal::by_status(reply);
            if matches!(reply.status.as_u16(), 400..=403) {
                refusal.remedy = Remedy::Final(Class::SignIn);
            }
            refusal
        }
    }
}

/// One entry of the array of faults.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fault {
    #[serde(alias = "statusCode")]
    error_code: Option<String>,
    message: Option<String>,
    #[serde(default)]
    fields: Option<Vec<String>>,
}

impl Fault {
    pub(super) fn code(&self) -> &str {
        self.error_code.as_deref().unwrap_or("UNKNOWN")
    }

    /// The message in one line, with the fields that it does not name itself.
    pub(super) fn said(&self) -> String {
        let message = self.message.as_deref().map(explanation).unwrap_or_default();
        let mut said = message.split_whitespace().collect::<Vec<_>>().join(" ");
        let fields: Vec<&str> = self.fields.iter().flatten().map(String::as_str).collect();
        let unnamed = fields.iter().any(|field| !message.contains(field));
        if unnamed {
            said = format!("{said} [{}]", fields.join(", "));
        }
        said
    }
}

/// What Salesforce says about a query, without the query: nobody wrote that by hand, and it may
/// be longer than a page.
fn explanation(message: &str) -> &str {
    let place = message.split_once("ERROR at Row:");
    place.and_then(|(_, rest)| rest.split_once('\n')).map_or(message, |(_, said)| said)
}

fn refusal(reply: &Reply) -> Refusal {
    let by_status = Refusal::by_status(reply);
    let faults: Vec<Fault> = if reply.body.trim_start().starts_with('[') {
        serde_json::from_str(&reply.body).unwrap_or_default()
    } else {
        serde_json::from_str(&reply.body).map(|fault| vec![fault]).unwrap_or_default()
    };
    let Some(first) = faults.first().filter(|fault| fault.error_code.is_some()) else {
        return by_status;
    };
    let said = faults.iter().map(Fault::said).collect::<Vec<_>>().join("; ");
    let remedy = remedy(first.code(), &said, by_status.remedy);
    Refusal { remedy, code: Some(first.code().to_owned()), said }
}

fn remedy(code: &str, said: &str, by_status: Remedy) -> Remedy {
    if NOT_CURED_BY_A_TOKEN.iter().any(|text| said.contains(text)) {
        return Remedy::Final(Class::SignIn);
    }
    match code {
        "INVALID_SESSION_ID" => Remedy::Renew,
        // The limit of a day is over tomorrow, the one of calls under way in a moment.
        "REQUEST_LIMIT_EXCEEDED" if said.contains("TotalRequests") => Remedy::Final(Class::Wait),
        "REQUEST_LIMIT_EXCEEDED" => Remedy::Later,
        _ if PASSING.contains(&code) => Remedy::Later,
        _ => by_status,
    }
}

/// An error for what came back and cannot be understood, or was never sent.
pub(super) fn broken(call: impl Into<String>, said: impl Into<String>) -> CallError {
    CallError {
        class: Class::Broken,
        system: SYSTEM.to_owned(),
        call: call.into(),
        said: said.into(),
        code: None,
        retry_after: None,
    }
}

/// The id of a record, as it was written.
pub(super) fn id_of(value: Checked<'_>) -> Option<String> {
    value.as_text().map(std::borrow::Cow::into_owned)
}

/// The part of an id that decides: the last three of 18 characters only spell its cases again.
pub(super) fn same_id(id: &str) -> &str {
    match id.len() {
        18 => id.get(..15).unwrap_or(id),
        _ => id,
    }
}

/// Whether Salesforce takes a text as an id: 15 letters and digits, or 18 of which the last three
/// say which of the others are capitals, five by five.
pub(super) fn is_id(text: &str) -> bool {
    const MARKS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let (Some(head), true) = (text.get(..15), text.bytes().all(|b| b.is_ascii_alphanumeric()))
    else {
        return false;
    };
    let mark = |five: &[u8]| {
        let bits =
            five.iter().rev().fold(0, |bits, b| bits * 2 + usize::from(b.is_ascii_uppercase()));
        MARKS.get(bits).copied()
    };
    let marks = head.as_bytes().chunks(5).map(mark);
    match text.len() {
        15 => true,
        18 => marks.eq(text.bytes().skip(15).map(Some)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::http::StatusCode;

    fn judged(status: u16, body: &str) -> Refusal {
        let status = StatusCode::from_u16(status).expect("status");
        refusal(&Reply { status, headers: Default::default(), body: body.to_owned() })
    }

    #[test]
    fn tells_an_id_from_another_text() {
        for id in ["001D000000IqhSL", "001D000000IqhSLIAZ", "a0L000000000001EAA"] {
            assert!(is_id(id), "{id}");
        }
        for text in ["", "00000135", "001D000000IqhSLIAA", "001D000000Iqh-L", "a0L000000000001AAA"]
        {
            assert!(!is_id(text), "{text}");
        }
    }

    #[test]
    fn reads_the_array_of_faults() {
        let body = r#"[{"message":"\nSELECT Nam\n ^\nERROR at Row:1:Column:8\nNo such\ncolumn 'Nam'","errorCode":"INVALID_FIELD"}]"#;
        let refusal = judged(400, body);
        assert_eq!(refusal.code.as_deref(), Some("INVALID_FIELD"));
        assert_eq!(refusal.said, "No such column 'Nam'");
        assert_eq!(refusal.remedy, Remedy::Final(Class::Refused));
    }

    #[test]
    fn knows_what_passes_and_what_a_token_cures() {
        let fault =
            |code: &str, said: &str| format!(r#"[{{"message":"{said}","errorCode":"{code}"}}]"#);
        let table = [
            (401, fault("INVALID_SESSION_ID", "Session expired or invalid"), Remedy::Renew),
            (
                401,
                fault("INVALID_SESSION_ID", "This session is not valid for use with the REST API"),
                Remedy::Final(Class::SignIn),
            ),
            (
                401,
                fault("X", "Connected app is not attached to Agent"),
                Remedy::Final(Class::SignIn),
            ),
            (
                403,
                fault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
                Remedy::Final(Class::Wait),
            ),
            (403, fault("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn"), Remedy::Later),
            (500, fault("UNABLE_TO_LOCK_ROW", "unable to obtain"), Remedy::Later),
            (500, fault("UNKNOWN_EXCEPTION", "An unexpected error"), Remedy::Unclear),
            (403, fault("API_DISABLED_FOR_ORG", "no"), Remedy::Final(Class::Refused)),
            (502, "<html>Bad Gateway</html>".to_owned(), Remedy::Unclear),
            (
                404,
                r#"{"message":"gone","errorCode":"NOT_FOUND"}"#.to_owned(),
                Remedy::Final(Class::Refused),
            ),
        ];
        for (status, body, remedy) in table {
            assert_eq!(judged(status, &body).remedy, remedy, "{status} {body}");
        }
    }

    #[test]
    fn takes_the_org_from_the_identity_url() {
        let url = "https://login.salesforce.com/id/00D50000000IZ3ZEAW/00550000001fg5OAAQ";
        assert_eq!(org_of(url).as_deref(), Some("00D50000000IZ3ZEAW"));
        assert_eq!(org_of("https://x/y"), None);
    }
}
