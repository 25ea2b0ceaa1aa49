//! The service: org, records, sessions, cursors and journal in one place.

use std::borrow::Cow;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use serde_json::{Value, json};

use super::answer::ApiError;
use super::auth::Sessions;
use super::cursor::Cursors;
use super::org::Org;
use super::store::{Changes, Store};
use crate::sandbox::Credentials;
use crate::sandbox::wire::SandboxError;
use crate::sandbox::wire::faults::Faults;
use crate::sandbox::wire::journal::Journal;

/// Calls a day that `Sforce-Limit-Info` and `/limits` speak of.
const API_CALLS_MAX: u64 = 5_000_000;

/// First line of a journal: what it is, and for which records.
const JOURNAL_FORMAT: &str = "crosswalk-sandbox-salesforce/1";

/// What an org starts with.
#[derive(Debug)]
pub struct Contents<'a> {
    /// Object name and describe-shaped JSON.
    pub objects: &'a [(String, Cow<'static, str>)],
    /// Object name and JSON lines.
    pub records: &'a [(String, Cow<'static, str>)],
    /// The record folder's `_fields.json`.
    pub fields: Option<&'a str>,
    /// Further fields that the org has of its own.
    pub own_fields: &'a [OwnField],
}

/// A field that somebody has added to an object of the org.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnField {
    /// The object.
    pub object: String,
    /// Its name, `MRR__c`.
    pub name: String,
    /// Its type as describe spells it.
    pub type_name: String,
    /// Most characters of a text.
    pub length: Option<u32>,
    /// The values of a picklist, which takes no others.
    pub values: Vec<String>,
    /// The object that a reference leads to.
    pub reference_to: Option<String>,
}

/// One emulated org.
#[derive(Debug)]
pub struct Service {
    pub(super) org: Arc<Org>,
    pub(super) sessions: Sessions,
    pub(super) cursors: Arc<Cursors>,
    store: RwLock<Store>,
    keeper: Keeper,
    faults: Faults,
    api_calls: AtomicU64,
}

/// What becomes of the changes of a request.
#[derive(Debug)]
enum Keeper {
    /// They live as long as the process.
    Memory,
    /// They are in the journal before the answer is sent.
    Journal(Journal),
    /// They are part of a transaction that is still open.
    Transaction(Mutex<Changes>),
}

impl Service {
    /// Opens the org, with what earlier runs wrote when there is a state directory.
    ///
    /// # Errors
    /// A description or record that is not usable, or a state directory that is not usable or was
    /// made for other records.
    pub fn open(
        contents: &Contents<'_>,
        credentials: Credentials,
        state: Option<&Path>,
    ) -> Result<Arc<Self>, SandboxError> {
        let org = Org::assemble(contents)?;
        let mut store = Store::new(&org);
        store.load(&org, contents.records)?;
        store.start_clock();
        let keeper = match state {
            Some(folder) => Keeper::Journal(replay(&org, &mut store, folder)?),
            None => Keeper::Memory,
        };
        let cursors = Arc::new(Cursors::new(org.instance()));
        Ok(Arc::new(Self {
            org: Arc::new(org),
            sessions: Sessions::new(credentials),
            cursors,
            store: RwLock::new(store),
            keeper,
            faults: Faults::default(),
            api_calls: AtomicU64::new(0),
        }))
    }

    /// The org's 18-character Id.
    #[must_use]
    pub fn org_id(&self) -> &str {
        &self.org.id
    }

    /// Faults that tests order.
    #[must_use]
    pub const fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Ends all sessions: the next call of every client is answered 401.
    pub fn expire_sessions(&self) {
        self.sessions.expire_all();
    }

    /// Forgets all query cursors.
    pub fn expire_cursors(&self) {
        self.cursors.expire_all();
    }

    /// A stored record as JSON text, deleted or not: for tests that look behind the wire.
    #[must_use]
    pub fn record(&self, object: &str, id: &str) -> Option<String> {
        let store = self.read();
        let row = store.table(object)?.row(id)?;
        serde_json::to_string(row).ok()
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the writes of one request: they are in the journal before this returns, or undone.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&mut Store, &mut Changes) -> T,
    ) -> Result<T, ApiError> {
        let mut store = self.store.write().unwrap_or_else(PoisonError::into_inner);
        let mut changes = Changes::default();
        let outcome = work(&mut store, &mut changes);
        self.keep(&mut store, changes)?;
        Ok(outcome)
    }

    /// Runs several requests as one: when `work` fails, all their changes are taken back. Nobody
    /// else reads or writes meanwhile.
    pub(super) fn transact<T, E>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<Result<T, E>, ApiError> {
        let mut store = self.store.write().unwrap_or_else(PoisonError::into_inner);
        // The requests see a service of their own, which holds the store for the time being.
        let inner = Self {
            org: Arc::clone(&self.org),
            sessions: Sessions::new(Credentials::default()),
            cursors: Arc::clone(&self.cursors),
            store: RwLock::new(std::mem::take(&mut *store)),
            keeper: Keeper::Transaction(Mutex::default()),
            faults: Faults::default(),
            api_calls: AtomicU64::new(self.api_calls.load(Ordering::SeqCst)),
        };
        let outcome = work(&inner);
        *store = inner.store.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Keeper::Transaction(changes) = inner.keeper else { return Ok(outcome) };
        let mut changes = changes.into_inner().unwrap_or_else(PoisonError::into_inner);
        if outcome.is_err() {
            store.undo_to(&mut changes, 0);
        }
        self.keep(&mut store, changes)?;
        Ok(outcome)
    }

    /// Keeps the changes, or takes them back when that fails.
    fn keep(&self, store: &mut Store, mut changes: Changes) -> Result<(), ApiError> {
        if changes.is_empty() {
            return Ok(());
        }
        let kept = match &self.keeper {
            Keeper::Memory => Ok(()),
            Keeper::Journal(journal) => journal.append(&store.journal_line(&changes)),
            Keeper::Transaction(open) => {
                open.lock().unwrap_or_else(PoisonError::into_inner).append(changes);
                return Ok(());
            }
        };
        kept.map_err(|error| {
            store.undo_to(&mut changes, 0);
            let message = format!("the sandbox cannot keep its state: {error}");
            ApiError::new(500, "UNKNOWN_EXCEPTION", message)
        })
    }

    /// Counts a call and returns the text of `Sforce-Limit-Info`.
    pub(super) fn count_call(&self) -> String {
        let calls = self.api_calls.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        format!("api-usage={calls}/{API_CALLS_MAX}")
    }

    pub(super) fn limits(&self) -> Value {
        super::describe::limits(self.api_calls.load(Ordering::SeqCst), API_CALLS_MAX)
    }
}

fn replay(org: &Org, store: &mut Store, folder: &Path) -> Result<Journal, SandboxError> {
    let path = folder.join("salesforce.ndjson");
    let (journal, lines) = Journal::open(&path)?;
    let Some((head, lines)) = lines.split_first() else {
        let head = json!({"format": JOURNAL_FORMAT, "org": org.id});
        journal
            .append(&head)
            .map_err(|source| SandboxError::File { path: path.clone(), source })?;
        return Ok(journal);
    };
    let text = |name: &str| head.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    if text("format") != JOURNAL_FORMAT {
        let reason = format!("its format is {:?}, not {JOURNAL_FORMAT}", text("format"));
        return Err(SandboxError::Journal { path, line: 1, reason });
    }
    if text("org") != org.id {
        let (found, expected) = (text("org"), org.id.clone());
        return Err(SandboxError::OtherState { path: folder.to_path_buf(), found, expected });
    }
    for (number, line) in (2_usize..).zip(lines) {
        let reason = "the line changes what the org does not have".to_owned();
        let damage = SandboxError::Journal { path: path.clone(), line: number, reason };
        store.replay(line).ok_or(damage)?;
    }
    Ok(journal)
}
