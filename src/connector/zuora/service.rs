//! How Zuora gives tokens, and how its answers are judged.

use std::time::Duration;

use serde::Deserialize;

use super::{
    SYSTEM,
    fault::{Fault, faults, remedy_of_all, says_failure},
};
use crate::{
    connector::{
        Class,
        http::{Call, Effect, Refusal, Remedy, Reply, Service, Session},
    },
    json::Members,
    secret::Secret,
};

/// Where jobs are asked after.
const JOBS: &str = "/v1/async-jobs/";

/// Sign-in with an OAuth client.
pub(super) struct SignIn {
    client_id: String,
    client_secret: Secret,
}

impl SignIn {
    pub(super) fn new(client_id: String, client_secret: Secret) -> Self {
        Self { client_id, client_secret }
    }
}

#[derive(Deserialize)]
struct TokenReply {
    access_token: String,
    expires_in: Option<u64>,
    scope: Option<String>,
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
        Call::sign_in("/oauth/token", &form)
    }

    fn session(&self, reply: &Reply) -> Result<Session, Refusal> {
        let token: TokenReply = serde_json::from_str(&reply.body).map_err(|_| Refusal {
            remedy: Remedy::Final(Class::Broken),
            code: None,
            said: "the answer holds no access_token".to_owned(),
        })?;
        Ok(Session {
            token: Secret::new(token.access_token),
            base: None,
            identity: token.scope.as_deref().and_then(tenant_of),
            lifetime: token.expires_in.map(Duration::from_secs),
        })
    }

    fn judge(&self, call: &Call, reply: &Reply) -> Result<(), Refusal> {
        let status = reply.status.as_u16();
        let good = (200..=299).contains(&status);
        if call.effect == Effect::SignIn {
            return if good { Ok(()) } else { Err(sign_in_refusal(reply)) };
        }
        // A list of results answers each object on its own, whatever the status of the whole.
        let is_list = reply.body.trim_start().starts_with('[');
        if is_list && (good || status == 400) {
            return Ok(());
        }
        match Members::of(&reply.body) {
            // A job that failed is a good answer to the question how far it is.
            Ok(body) if good && call.path.starts_with(JOBS) && body.get("status").is_some() => {
                Ok(())
            }
            Ok(body) if is_in_flight(call, reply, &faults(&body)) => Err(in_flight(reply)),
            Ok(body) if !good || says_failure(&body) => Err(refusal(reply, &faults(&body))),
            Err(_) if !good => Err(Refusal::by_status(reply)),
            _ => Ok(()),
        }
    }
}

/// The tenant in the scope of a token: words such as `tenant.12345`.
fn tenant_of(scope: &str) -> Option<String> {
    let mut words = scope.split_whitespace();
    words.find_map(|word| word.strip_prefix("tenant.")).map(str::to_owned)
}

fn sign_in_refusal(reply: &Reply) -> Refusal {
    let stated = Members::of(&reply.body).map(|body| faults(&body)).unwrap_or_default();
    let mut refusal = refusal(reply, &stated);
    if matches!(reply.status.as_u16(), 400..=403) {
        refusal.remedy = Remedy::Final(Class::SignIn);
    }
    refusal
}

/// Whether an earlier call with the same key is still under way: a conflict that is no lock. Locks
/// have a code of category 50; what a key in use answers is not published, but it names the key.
fn is_in_flight(call: &Call, reply: &Reply, stated: &[Fault]) -> bool {
    let is_lock = |fault: &Fault| {
        let names_key = fault.said.to_lowercase().contains("idempotency");
        fault.code.is_some() && !names_key
    };
    call.keys.is_some() && reply.status.as_u16() == 409 && !stated.iter().any(is_lock)
}

/// Nobody knows yet what becomes of the earlier call.
fn in_flight(reply: &Reply) -> Refusal {
    Refusal { remedy: Remedy::Unclear, ..Refusal::by_status(reply) }
}

/// A refusal by what was stated, and by the status where the codes do not decide.
fn refusal(reply: &Reply, stated: &[Fault]) -> Refusal {
    let by_status = Refusal::by_status(reply);
    let Some(first) = stated.first() else { return by_status };
    let said = stated.iter().map(|fault| fault.said.as_str()).collect::<Vec<_>>().join("; ");
    let remedy = match reply.status.as_u16() {
        401 | 429 => by_status.remedy,
        _ => remedy_of_all(stated).unwrap_or(by_status.remedy),
    };
    Refusal { remedy, code: first.code.clone(), said }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::http::StatusCode;

    fn judged(status: u16, body: &str) -> Result<(), Remedy> {
        let service = SignIn::new(String::new(), Secret::new(""));
        let status = StatusCode::from_u16(status).expect("status");
        let reply = Reply { status, headers: Default::default(), body: body.to_owned() };
        service.judge(&Call::get("/v1/x"), &reply).map_err(|refusal| refusal.remedy)
    }

    #[test]
    fn judges_by_body_and_status() {
        let refused = Err(Remedy::Final(Class::Refused));
        let table = [
            (200, r#"{"success":true}"#, Ok(())),
            (200, r#"{"size":0,"done":true}"#, Ok(())),
            (200, r#"{"success":false,"reasons":[{"code":53100320,"message":"x"}]}"#, refused),
            (200, r#"[{"Success":false,"Errors":[]}]"#, Ok(())),
            (200, "<describe/>", Ok(())),
            (400, r#"{"message":"Error - unrecognised fields"}"#, refused),
            (401, r#"{"message":"Authentication error"}"#, Err(Remedy::Renew)),
            (
                409,
                r#"{"success":false,"reasons":[{"code":53100350,"message":"lock"}]}"#,
                Err(Remedy::Later),
            ),
            (429, r#"{"reasons":[{"code":70,"message":"rate"}]}"#, Err(Remedy::Later)),
            (
                500,
                r#"{"success":false,"reasons":[{"code":53100060,"message":"x"}]}"#,
                Err(Remedy::Unclear),
            ),
            (
                500,
                r#"{"success":false,"reasons":[{"code":53100061,"message":"x"}]}"#,
                Err(Remedy::Later),
            ),
            (502, "<html>", Err(Remedy::Unclear)),
            (404, r#"{"message":"no Route matched with those values"}"#, refused),
        ];
        for (status, body, expected) in table {
            assert_eq!(judged(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn takes_the_tenant_from_the_scope() {
        let scope = "entity.1a2b service.usage.delete tenant.12345 user.77";
        assert_eq!(tenant_of(scope).as_deref(), Some("12345"));
        assert_eq!(tenant_of("user.1"), None);
    }
}
