//! What a service's refusal means, and how a failed attempt becomes an error.

use std::{error::Error, time::Duration};

use super::{Call, Effect, Reply};
use crate::connector::{CallError, Class};

/// What may be done about a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing took effect; the same call may work later.
    Later,
    /// No connection was made, so nothing was sent; the same call may work later.
    Unsent,
    /// The token is stale: a new one, and the call once more. Nothing took effect.
    Renew,
    /// The service broke: the call may have taken effect.
    Unclear,
    /// Nothing; the class of the error says why.
    Final(Class),
}

/// What a service said about a call that it did not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What may be done.
    pub remedy: Remedy,
    /// The code of the service.
    pub code: Option<String>,
    /// What it said, in one line.
    pub said: String,
}

impl Refusal {
    /// A refusal for good: the service understood and says no.
    pub fn refused(code: Option<String>, said: impl Into<String>) -> Self {
        Self { remedy: Remedy::Final(Class::Refused), code, said: said.into() }
    }

    /// A refusal by the status alone, for a body that says nothing in a form that is known.
    pub fn by_status(reply: &Reply) -> Self {
        let remedy = match reply.status.as_u16() {
            401 => Remedy::Renew,
            420 | 429 => Remedy::Later,
            // Who names a time to come back has not begun to work.
            503 if reply.headers.contains_key("retry-after") => Remedy::Later,
            500.. => Remedy::Unclear,
            _ => Remedy::Final(Class::Refused),
        };
        let body = clip(&reply.body);
        let said = if body.is_empty() {
            format!("HTTP {}", reply.status)
        } else {
            format!("HTTP {}: {body}", reply.status)
        };
        Self { remedy, code: None, said }
    }
}

/// The beginning of a text in one line: enough to recognise a page of a proxy, not to flood a log.
pub fn clip(text: &str) -> String {
    const CHARACTERS_MAX: usize = 300;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(CHARACTERS_MAX) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line,
    }
}

/// An attempt that failed.
pub(super) struct Failure {
    pub(super) remedy: Remedy,
    pub(super) code: Option<String>,
    pub(super) said: String,
    pub(super) retry_after: Option<Duration>,
    /// Whether the service looked at the call before it refused: then it may remember the refusal
    /// under the call's key. A limit turns calls away unread.
    pub(super) was_read: bool,
}

impl Failure {
    pub(super) fn refused(refusal: Refusal, reply: &Reply) -> Self {
        let Refusal { remedy, code, said } = refusal;
        let was_read = !matches!(reply.status.as_u16(), 420 | 429 | 503);
        Self { remedy, code, said, retry_after: reply.retry_after(), was_read }
    }

    /// Judges an attempt that broke on its way. A connection that was never made has sent
    /// nothing; whatever broke later may have arrived.
    pub(super) fn broken(error: reqwest::Error) -> Self {
        let remedy = if error.is_connect() {
            Remedy::Unsent
        } else if error.is_builder() {
            Remedy::Final(Class::Broken)
        } else {
            Remedy::Unclear
        };
        let said = describe(&error.without_url());
        Self { remedy, code: None, said, retry_after: None, was_read: false }
    }

    pub(super) fn unreadable(said: impl Into<String>) -> Self {
        let said = said.into();
        Self { remedy: Remedy::Unclear, code: None, said, retry_after: None, was_read: true }
    }

    /// Whether the same call may be sent again by itself.
    pub(super) fn may_repeat(&self, effect: Effect) -> bool {
        match self.remedy {
            Remedy::Later | Remedy::Unsent => true,
            Remedy::Unclear => effect != Effect::Write,
            Remedy::Renew | Remedy::Final(_) => false,
        }
    }

    /// The error after the last attempt.
    pub(super) fn into_error(self, system: &str, call: &Call) -> CallError {
        let class = match self.remedy {
            Remedy::Later => Class::Wait,
            Remedy::Unsent => Class::Broken,
            Remedy::Unclear if call.effect == Effect::Write => Class::UnknownFate,
            Remedy::Unclear => Class::Wait,
            Remedy::Renew => Class::SignIn,
            Remedy::Final(class) => class,
        };
        let Self { code, said, retry_after, .. } = self;
        CallError { class, system: system.to_owned(), call: call.name(), said, code, retry_after }
    }
}

/// An error with its causes, in one sentence: reqwest alone says little more than "it failed".
fn describe(error: &reqwest::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !said.contains(&text) {
            said = format!("{said}: {text}");
        }
        cause = inner.source();
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_a_write_only_where_nothing_happened() {
        let failure = |remedy| Failure {
            remedy,
            code: None,
            said: String::new(),
            retry_after: None,
            was_read: true,
        };
        assert!(failure(Remedy::Later).may_repeat(Effect::Write));
        assert!(!failure(Remedy::Unclear).may_repeat(Effect::Write));
        assert!(failure(Remedy::Unclear).may_repeat(Effect::Read));
        assert!(!failure(Remedy::Final(Class::Refused)).may_repeat(Effect::Read));
    }

    #[test]
    fn clips_a_page_into_one_line() {
        let clipped = clip(&"<html>\n  é ".repeat(200));
        assert!(clipped.ends_with('…') && !clipped.contains('\n'));
        assert_eq!(clipped.chars().count(), 301);
    }
}
