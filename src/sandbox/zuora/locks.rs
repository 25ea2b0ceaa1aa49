//! Subscriptions that an order is at work on: a second order meets the contention.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// The subscriptions that are locked.
#[derive(Debug, Clone, Default)]
pub struct Locks {
    numbers: Arc<Mutex<BTreeSet<String>>>,
}

impl Locks {
    /// Locks subscriptions; `None` when one of them is locked.
    #[must_use]
    pub fn enter(&self, wished: Vec<String>) -> Option<Locked> {
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        if wished.iter().any(|number| numbers.contains(number)) {
            return None;
        }
        numbers.extend(wished.iter().cloned());
        Some(Locked { locks: self.clone(), numbers: wished })
    }

    /// Whether one of these subscriptions is locked.
    #[must_use]
    pub fn holds(&self, wished: &[String]) -> bool {
        let numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        wished.iter().any(|number| numbers.contains(number))
    }
}

/// Locked subscriptions; dropping it frees them.
pub struct Locked {
    locks: Locks,
    numbers: Vec<String>,
}

impl fmt::Debug for Locked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Locked").field(&self.numbers).finish()
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        let mut numbers = self.locks.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        for number in &self.numbers {
            numbers.remove(number);
        }
    }
}
