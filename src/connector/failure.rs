//! Failures of calls, by what has to be done about them.

use std::{fmt, time::Duration};

/// What a failed call means for the engine.
///
/// What a class says of the effect of a write is what the service says, and something may stand
/// between it and us. For most writes it is taken at its word: a wrong one is made good by the next
/// plan. An action takes effect exactly once, so it is looked up whatever the class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Nothing happened, and the same call may work later: a limit, a lock, a service that is busy.
    Wait,
    /// The service does not know us: wrong or missing credentials. Trying again is of no use.
    SignIn,
    /// The service understood and says no. Trying again is of no use.
    Refused,
    /// The call was sent and no answer came: it may have taken effect.
    UnknownFate,
    /// Nothing was sent, or what came back cannot be understood; nothing took effect.
    Broken,
}

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct CallError {
    /// What has to be done about it.
    pub class: Class,
    /// The system that was called: `salesforce`, `zuora`, `file`.
    pub system: String,
    /// The call: `POST /v1/action/create`. Never with a secret in it.
    pub call: String,
    /// What the service said, or what broke, in one sentence.
    pub said: String,
    /// The code of the service, such as `INVALID_FIELD` or `53100020`.
    pub code: Option<String>,
    /// How long the service asks us to wait.
    pub retry_after: Option<Duration>,
}

impl CallError {
    /// Its code (`call` where it has none), and in a sentence all that is not the code.
    pub fn told(&self) -> (String, String) {
        let code = self.code.clone().unwrap_or_else(|| "call".into());
        (code, Self { code: None, ..self.clone() }.to_string())
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { system, call, said, code, class, .. } = self;
        write!(f, "{system}: `{call}` ")?;
        f.write_str(match class {
            Class::Wait => "has to wait",
            Class::SignIn => "was refused at sign-in",
            Class::Refused => "was refused",
            Class::UnknownFate => "got no answer and may have taken effect",
            Class::Broken => "failed",
        })?;
        write!(f, ": {said}")?;
        code.as_ref().map_or(Ok(()), |code| write!(f, " ({code})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_told_once() {
        let failure = |code: Option<&str>| CallError {
            class: Class::Wait,
            system: "zuora".into(),
            call: "POST /v1/orders".into(),
            said: "retry later".into(),
            code: code.map(str::to_owned),
            retry_after: None,
        };
        let said = "zuora: `POST /v1/orders` has to wait: retry later";
        assert_eq!(failure(Some("70")).to_string(), format!("{said} (70)"));
        assert_eq!(failure(Some("70")).told(), ("70".to_owned(), said.to_owned()));
        assert_eq!(failure(None).told(), ("call".to_owned(), said.to_owned()));
    }
}
