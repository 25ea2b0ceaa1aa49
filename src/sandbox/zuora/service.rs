//! The service: one tenant, its state behind one lock, its journal, its tokens.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::Request;
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::answer::{Answer, Category, Writes};
use super::call::{Call, Surface};
use super::idempotency::{self, KeysInFlight};
use super::jobs;
use super::late::{CompletesAfter, Late};
use super::locks::{Locked, Locks};
use super::orders;
use super::query::Cursors;
use super::schema::Schemas;
use super::store::{Identity, Kind, Mutation, Store, draw_seed};
use super::tenant::Tenant;
use super::token::Tokens;
use super::work::Work;
use crate::sandbox::wire::faults::Faults;
use crate::sandbox::wire::journal::Journal;
use crate::sandbox::{Credentials, SandboxError};

/// Name of the journal in the state directory.
const JOURNAL_FILE: &str = "zuora.ndjson";
/// Version of the journal's lines.
const JOURNAL_FORMAT: u64 = 1;

/// How many further requests a job stays `Processing` for: the first look at it finds it so.
const JOB_REQUESTS: u64 = 1;

/// What a route does with a call.
pub type Handler = fn(&mut Work<'_>, &Call) -> Answer;

/// An emulated tenant of Zuora.
pub struct Service {
    tenant: Tenant,
    schemas: Schemas,
    credentials: Credentials,
    faults: Faults,
    tokens: Tokens,
    keys_in_flight: KeysInFlight,
    locks: Locks,
    job_requests: AtomicU64,
    journal: Option<Journal>,
    state: Mutex<State>,
    request_seed: String,
    requests: AtomicU64,
    running: AtomicUsize,
}

struct State {
    store: Store,
    cursors: Cursors,
    /// How many requests each job that is processing has seen.
    job_age: BTreeMap<String, u64>,
    late: Late,
}

impl fmt::Debug for Service {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Service").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

impl Service {
    /// Opens the tenant whose state is in a directory, or a fresh one in memory.
    ///
    /// `schemas` are the texts of `schemas/zuora/<Object>.json`, each with the object's name.
    ///
    /// # Errors
    /// [`SandboxError::Description`] for a schema that is not usable or missing,
    /// [`SandboxError::File`] and [`SandboxError::Journal`] for a state that cannot be read.
    pub fn open(
        schemas: &[(String, Cow<'static, str>)],
        tenant: Tenant,
        credentials: Credentials,
        state: Option<&Path>,
    ) -> Result<Arc<Self>, SandboxError> {
        let schemas = Schemas::parse(schemas)?;
        for kind in Kind::ALL {
            if schemas.get(kind.name()).is_none() {
                let reason = "there is no schema of it".to_owned();
                return Err(SandboxError::Description { object: kind.name().to_owned(), reason });
            }
        }
        let (journal, store) = match state {
            Some(folder) => {
                let (journal, store) = open_journal(&folder.join(JOURNAL_FILE))?;
                (Some(journal), store)
            }
            None => (None, Store::new(Identity::draw())),
        };
        Ok(Arc::new(Self {
            tenant,
            schemas,
            credentials,
            faults: Faults::default(),
            tokens: Tokens::default(),
            keys_in_flight: KeysInFlight::default(),
            locks: Locks::default(),
            job_requests: AtomicU64::new(JOB_REQUESTS),
            journal,
            state: Mutex::new(State {
                store,
                cursors: Cursors::default(),
                job_age: BTreeMap::new(),
                late: Late::default(),
            }),
            request_seed: draw_seed(),
            requests: AtomicU64::new(0),
            running: AtomicUsize::new(0),
        }))
    }

    /// Where a test orders faults.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Makes all tokens expire now.
    pub fn expire_tokens(&self) {
        self.tokens.expire_all();
    }

    /// Who may sign in.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The tokens that live.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Who the tenant is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.state().store.identity().clone()
    }

    /// Marks catalog objects as used by a subscription, as an order would: a plan's id marks its
    /// product and charges too. From then on they cannot be deleted.
    ///
    /// # Errors
    /// [`SandboxError::File`] when the journal cannot be written.
    pub fn mark_used(&self, plan_id: &str) -> Result<(), SandboxError> {
        let mut guard = self.state();
        let State { store, cursors, .. } = &mut *guard;
        let mut work = Work::begin(store, &self.tenant, &self.schemas, cursors);
        super::write::mark_used(&mut work, plan_id);
        if let Err(source) = self.keep(&work) {
            let path = self.journal.as_ref().map(|journal| journal.path().to_path_buf());
            work.take_back();
            return Err(SandboxError::File { path: path.unwrap_or_default(), source });
        }
        Ok(())
    }

    /// The number of requests that run, this one included, from a guard that lowers it again.
    pub(super) fn enter(&self) -> Running<'_> {
        let now = self.running.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        Running { service: self, now }
    }

    /// A new request's number and id.
    pub(super) fn next_request(&self) -> (u64, String) {
        let number = self.requests.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        (number, super::store::hex_id(&self.request_seed, "request", number))
    }

    /// Serves a request of a route: bearer, headers, body, idempotency, then the handler.
    pub(super) async fn serve(&self, request: Request, handler: Handler) -> Response {
        let surface = Surface::of(request.uri().path());
        if let Err(answer) = self.tokens.check(request.headers(), surface) {
            return answer.into_response();
        }
        let late = request.extensions().get::<CompletesAfter>().copied();
        match (Call::read(request).await, late) {
            (Ok(call), None) => self.run(&call, handler),
            (Ok(call), Some(CompletesAfter(requests))) => {
                self.state().late.push(requests, call, handler);
                // Nobody is connected any more.
                Response::default()
            }
            (Err(answer), _) => answer.into_response(),
        }
    }

    fn run(&self, call: &Call, handler: Handler) -> Response {
        let Some(_in_flight) = self.keys_in_flight.enter(call.idempotency_key.as_deref()) else {
            return idempotency::still_running(call).into_response();
        };
        let mut guard = self.state();
        for (late, handler) in guard.late.due() {
            self.carry_out(&mut guard, &late, handler);
        }
        if guard.late.holds(call.idempotency_key.as_deref()) {
            return idempotency::still_running(call).into_response();
        }
        self.advance_jobs(&mut guard);
        self.carry_out(&mut guard, call, handler)
    }

    /// Does the work of a call, unless its key has an answer.
    fn carry_out(&self, state: &mut State, call: &Call, handler: Handler) -> Response {
        let changed = match is_order(call) {
            true => jobs::subscriptions_of(&call.body),
            false => Vec::new(),
        };
        let locked = self.locks.enter(changed);
        let State { store, cursors, .. } = state;
        let mut work = Work::begin(store, &self.tenant, &self.schemas, cursors);
        if let Some(answer) = idempotency::replay(&work, call) {
            return answer.into_response();
        }
        let answer = match locked {
            Some(_) => handler(&mut work, call),
            None => Answer::refused_for(call.version, orders::RESOURCE, &[jobs::locked()]),
        };
        idempotency::remember(&mut work, call, &answer);
        let writes = Writes(work.writes());
        let answer = match self.keep(&work) {
            Ok(()) => answer,
            Err(_) => {
                work.take_back();
                Answer::v1_error_always(Category::Internal, "The state could not be kept")
            }
        };
        let mut response = answer.into_response();
        response.extensions_mut().insert(writes);
        response
    }

    /// Does the work of the jobs that have been processing for long enough.
    fn advance_jobs(&self, state: &mut State) {
        let longest = self.job_requests.load(Ordering::SeqCst);
        let State { store, cursors, job_age, .. } = state;
        let ids = jobs::processing(store);
        job_age.retain(|id, _| ids.contains(id));
        for id in ids {
            let age = job_age.entry(id.clone()).or_insert(0);
            if *age < longest {
                *age = age.saturating_add(1);
                continue;
            }
            let mut work = Work::begin(store, &self.tenant, &self.schemas, cursors);
            let is_held = self.locks.holds(&jobs::changed_by(&work, &id));
            jobs::run(&mut work, &id, is_held.then(jobs::locked));
            if self.keep(&work).is_err() {
                work.take_back();
            }
        }
    }

    /// Makes every asynchronous job stay `Processing` for so many further requests.
    pub fn jobs_last(&self, requests: u64) {
        self.job_requests.store(requests, Ordering::SeqCst);
    }

    /// Locks a subscription as another order at work on it would, until what is returned is
    /// dropped; `None` when it is locked.
    #[must_use]
    pub fn lock_subscription(&self, number: &str) -> Option<Locked> {
        self.locks.enter(vec![number.to_owned()])
    }

    fn keep(&self, work: &Work<'_>) -> std::io::Result<()> {
        match &self.journal {
            Some(journal) if !work.changes().is_empty() => {
                journal.append(&json!({"changes": serde_json::to_value(work.changes())?}))
            }
            _ => Ok(()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A poisoned lock only says that another request died; its changes are whole mutations.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a call changes subscriptions at once.
fn is_order(call: &Call) -> bool {
    call.method == Method::POST && call.path == "/v1/orders"
}

/// A running request; dropping it says that it is over.
pub(super) struct Running<'a> {
    service: &'a Service,
    /// How many requests run, this one included.
    pub now: usize,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.service.running.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Opens a journal and replays it; a new one begins with who the tenant is.
fn open_journal(path: &Path) -> Result<(Journal, Store), SandboxError> {
    let (journal, lines) = Journal::open(path)?;
    let damaged = |line: usize, reason: String| SandboxError::Journal {
        path: path.to_path_buf(),
        line: line.saturating_add(1),
        reason,
    };
    let mut lines = lines.into_iter().enumerate();
    let Some((_, first)) = lines.next() else {
        let identity = Identity::draw();
        let first = json!({"format": JOURNAL_FORMAT, "tenant": identity_json(&identity)});
        let file = |source| SandboxError::File { path: path.to_path_buf(), source };
        journal.append(&first).map_err(file)?;
        return Ok((journal, Store::new(identity)));
    };
    if first.get("format").and_then(Value::as_u64) != Some(JOURNAL_FORMAT) {
        return Err(damaged(0, "it is not a journal of this version".to_owned()));
    }
    let identity = first.get("tenant").cloned().unwrap_or_default();
    let identity = serde_json::from_value(identity).map_err(|e| damaged(0, e.to_string()))?;
    let mut store = Store::new(identity);
    for (number, line) in lines {
        let changes = line.get("changes").cloned().unwrap_or_default();
        let changes: Vec<Mutation> =
            serde_json::from_value(changes).map_err(|error| damaged(number, error.to_string()))?;
        for change in changes {
            store.apply(change);
        }
    }
    Ok((journal, store))
}

fn identity_json(identity: &Identity) -> Value {
    json!({"tenant_id": identity.tenant_id, "seed": identity.seed})
}
