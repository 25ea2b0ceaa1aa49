//! Being signed in: one token for all calls, fetched once, renewed early and after a refusal.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;

use super::{Base, Call, Refusal, Reply};
use crate::secret::Secret;

/// How much earlier than it ends a token is renewed; Zuora's guide says 300 s.
const RENEWED_BEFORE_END: Duration = Duration::from_secs(300);

/// What the client has to know about a service.
pub trait Service: Send + Sync {
    /// The name in errors.
    fn system(&self) -> &'static str;

    /// The call that asks for a token.
    fn sign_in(&self) -> Call;

    /// Reads the answer of that call.
    ///
    /// # Errors
    /// A refusal, when it holds no token. What it says must not quote the answer.
    fn session(&self, reply: &Reply) -> Result<Session, Refusal>;

    /// Judges an answer to any call, by its status and its body.
    ///
    /// # Errors
    /// The refusal that the answer stands for.
    fn judge(&self, call: &Call, reply: &Reply) -> Result<(), Refusal>;
}

/// What a sign-in gave.
#[derive(Clone, Debug)]
pub struct Session {
    /// The token.
    pub token: Secret,
    /// Where calls go from now on, when the service names another address than ours.
    pub base: Option<Base>,
    /// The org or tenant, when the answer names it.
    pub identity: Option<String>,
    /// How long the token lives, when the answer says so.
    pub lifetime: Option<Duration>,
}

/// A session with the moment from which on it is renewed.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) session: Session,
    renew_at: Option<Instant>,
}

impl Held {
    pub(super) fn new(session: Session) -> Self {
        let early =
            |lifetime: Duration| lifetime.saturating_sub(RENEWED_BEFORE_END.min(lifetime / 2));
        let renew_at =
            session.lifetime.and_then(|lifetime| Instant::now().checked_add(early(lifetime)));
        Self { session, renew_at }
    }

    fn is_fresh(&self) -> bool {
        self.renew_at.is_none_or(|at| Instant::now() < at)
    }
}

/// The session that is held now. `turn` lets one caller at a time sign in; the others wait for it
/// and take what it brought, instead of signing in once each.
#[derive(Debug)]
pub(super) struct Sessions {
    now: RwLock<Option<Arc<Held>>>,
    pub(super) turn: Semaphore,
}

impl Sessions {
    pub(super) fn new() -> Self {
        Self { now: RwLock::new(None), turn: Semaphore::new(1) }
    }

    /// The session held, if it is fresh and not the one that was just refused.
    pub(super) fn held(&self, refused: Option<&Arc<Held>>) -> Option<Arc<Held>> {
        let held = self.now.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        let is_refused = refused.is_some_and(|refused| Arc::ptr_eq(refused, &held));
        (held.is_fresh() && !is_refused).then_some(held)
    }

    pub(super) fn hold(&self, session: Session) -> Arc<Held> {
        let held = Arc::new(Held::new(session));
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Some(held.clone());
        held
    }
}
