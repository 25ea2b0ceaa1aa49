//! Query cursors: what a locator stands for. They live as long as the service, up to a number.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::org::id;
use super::soql::execute::Deleted;
use super::soql::plan::Plan;

/// Cursors that are kept; the oldest go first. A page with long child lists opens one for each.
const CURSORS_MAX: usize = 10_000;

/// The Ids that a query found; pages show the records as they are when the page is asked for.
#[derive(Debug, Clone)]
pub struct Cursor {
    /// First part of the locator.
    pub id: String,
    /// The query.
    pub plan: Arc<Plan>,
    /// What it found.
    pub ids: Arc<Vec<String>>,
    /// Whether records in the recycle bin take part.
    pub deleted: Deleted,
}

/// The open cursors.
#[derive(Debug)]
pub struct Cursors {
    instance: String,
    last_number: AtomicU64,
    open: Mutex<(HashMap<String, Cursor>, VecDeque<String>)>,
}

impl Cursors {
    /// None yet; `instance` is the org's part of their Ids.
    #[must_use]
    pub fn new(instance: &str) -> Self {
        Self {
            instance: instance.to_owned(),
            last_number: AtomicU64::new(0),
            open: Mutex::default(),
        }
    }

    /// A cursor that is not kept yet; [`Cursors::locator`] keeps it as soon as it is needed.
    #[must_use]
    pub fn open(&self, plan: Arc<Plan>, ids: Vec<String>, deleted: Deleted) -> Cursor {
        let number = self.last_number.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        Cursor { id: id::make("01g", &self.instance, number), plan, ids: Arc::new(ids), deleted }
    }

    /// Keeps the cursor and names its place: `01g…-2000`.
    #[must_use]
    pub fn locator(&self, cursor: &Cursor, place: usize) -> String {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let (cursors, ages) = &mut *open;
        if cursors.insert(cursor.id.clone(), cursor.clone()).is_none() {
            ages.push_back(cursor.id.clone());
        }
        while ages.len() > CURSORS_MAX {
            if let Some(oldest) = ages.pop_front() {
                cursors.remove(&oldest);
            }
        }
        format!("{}-{place}", cursor.id)
    }

    /// The cursor and place of a locator; `None` when it is malformed, unknown or expired.
    #[must_use]
    pub fn find(&self, locator: &str) -> Option<(Cursor, usize)> {
        let (id, place) = locator.split_once('-')?;
        let place: usize = place.parse().ok()?;
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let cursor = open.0.get(id)?;
        (place < cursor.ids.len()).then(|| (cursor.clone(), place))
    }

    /// Forgets all cursors, as the service does after two days.
    pub fn expire_all(&self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.0.clear();
        open.1.clear();
    }
}
