//! The send loop: sign in, wait for a turn, send, judge, try again where that is safe.

use std::sync::Arc;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::Semaphore;

use super::{
    Base, Call, Patience, Remedy, Reply, Service, Session, Traffic,
    failure::Failure,
    session::{Held, Sessions},
    tls,
    traffic::Counters,
};
use crate::connector::{CallError, Class};

/// The largest answer that is taken: far above a full page of either service, far below what
/// would fill the memory of a small machine.
const REPLY_BYTES_MAX: usize = 128 * 1024 * 1024;

/// A client of one service.
pub struct Client<S> {
    service: S,
    base: Base,
    http: reqwest::Client,
    patience: Patience,
    in_flight: Semaphore,
    rate: DefaultDirectRateLimiter,
    sessions: Sessions,
    counters: Counters,
}

impl<S: Service> Client<S> {
    /// A client that has sent nothing yet.
    ///
    /// # Errors
    /// Class `Broken`, when the machine has no usable TLS.
    pub fn new(service: S, base: Base, patience: Patience) -> Result<Self, CallError> {
        let http = tls::client(&base, &patience).map_err(|fault| CallError {
            class: Class::Broken,
            system: service.system().to_owned(),
            call: "connect".to_owned(),
            said: format!("no TLS client can be built: {fault}"),
            code: None,
            retry_after: None,
        })?;
        Ok(Self {
            service,
            base,
            http,
            patience,
            in_flight: Semaphore::new(patience.calls_in_flight_max.max(1)),
            rate: RateLimiter::direct(Quota::per_second(patience.calls_per_second_max)),
            sessions: Sessions::new(),
            counters: Counters::default(),
        })
    }

    /// The service that it talks to.
    pub fn service(&self) -> &S {
        &self.service
    }

    /// How it waits.
    pub fn patience(&self) -> &Patience {
        &self.patience
    }

    /// The host of the service.
    pub fn host(&self) -> &str {
        self.base.host()
    }

    /// How many requests were sent so far.
    pub fn traffic(&self) -> Traffic {
        self.counters.snapshot()
    }

    /// The session; signs in where there is none.
    ///
    /// # Errors
    /// Class `SignIn` when the service does not know us, others when it cannot be reached.
    pub async fn session(&self) -> Result<Session, CallError> {
        self.signed_in(None).await.map(|held| held.session.clone())
    }

    /// Sends a call until it is answered well, refused for good, or the tries are used up.
    ///
    /// # Errors
    /// With the class that says what has to be done.
    pub async fn send(&self, call: &Call) -> Result<Reply, CallError> {
        let _permit = self.in_flight.acquire().await;
        let held = self.signed_in(None).await?;
        let failure = match self.persist(call, Some(&held.session)).await {
            Ok(reply) => return Ok(reply),
            Err(failure) => failure,
        };
        if failure.remedy != Remedy::Renew {
            return Err(failure.into_error(self.service.system(), call));
        }
        // A token may have been revoked: one new token and one replay, and then it is final.
        let held = self.signed_in(Some(&held)).await?;
        let replayed = self.persist(call, Some(&held.session)).await;
        replayed.map_err(|failure| failure.into_error(self.service.system(), call))
    }

    async fn signed_in(&self, refused: Option<&Arc<Held>>) -> Result<Arc<Held>, CallError> {
        if let Some(held) = self.sessions.held(refused) {
            return Ok(held);
        }
        let _turn = self.sessions.turn.acquire().await;
        if let Some(held) = self.sessions.held(refused) {
            return Ok(held);
        }
        let call = self.service.sign_in();
        let failed = |failure: Failure| failure.into_error(self.service.system(), &call);
        let reply = self.persist(&call, None).await.map_err(failed)?;
        let session = self.service.session(&reply);
        let session = session.map_err(|refusal| failed(Failure::refused(refusal, &reply)))?;
        Ok(self.sessions.hold(session))
    }

    async fn persist(&self, call: &Call, session: Option<&Session>) -> Result<Reply, Failure> {
        let mut refusals = 0;
        for wait in self.patience.waits() {
            let failure = match self.attempt(call, session, refusals).await {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            refusals += usize::from(failure.remedy == Remedy::Later && failure.was_read);
            let wait = failure.retry_after.map_or(wait, |asked| asked.max(wait));
            if !failure.may_repeat(call.effect) || wait > self.patience.wait_max {
                return Err(failure);
            }
            tokio::time::sleep(wait).await;
        }
        self.attempt(call, session, refusals).await
    }

    async fn attempt(
        &self,
        call: &Call,
        session: Option<&Session>,
        refusals: usize,
    ) -> Result<Reply, Failure> {
        self.rate.until_ready().await;
        let mut request = self.request(call, session);
        if let Some(keys) = &call.keys {
            request = request.header(keys.header, keys.after(refusals));
        }
        self.counters.count(call.effect);
        let reply = receive(request.send().await.map_err(Failure::broken)?).await?;
        match self.service.judge(call, &reply) {
            Ok(()) => Ok(reply),
            Err(refusal) => Err(Failure::refused(refusal, &reply)),
        }
    }

    fn request(&self, call: &Call, session: Option<&Session>) -> reqwest::RequestBuilder {
        let base = session.and_then(|session| session.base.as_ref()).unwrap_or(&self.base);
        let mut request = self.http.request(call.method.clone(), base.join(&call.path));
        if let Some(session) = session {
            request = request.bearer_auth(session.token.reveal());
        }
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        match &call.body {
            Some((kind, text)) => request.header("content-type", *kind).body(text.clone()),
            None => request,
        }
    }
}

/// Takes an answer whole, up to a limit.
async fn receive(mut response: reqwest::Response) -> Result<Reply, Failure> {
    let (status, headers) = (response.status(), response.headers().clone());
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Failure::broken)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > REPLY_BYTES_MAX {
            return Err(Failure::unreadable(format!("the answer is over {REPLY_BYTES_MAX} bytes")));
        }
    }
    let body = String::from_utf8(bytes)
        .map_err(|_| Failure::unreadable(format!("the answer (HTTP {status}) is not UTF-8")))?;
    Ok(Reply { status, headers, body })
}
