//! Faults that a test orders: the next requests of a kind fail the way a network or a tired
//! service fails.

use std::sync::{Mutex, PoisonError};

/// What happens to a request that a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The service answers with this status and does no work; with 429 and 503 it may say when to
    /// come back.
    Answer {
        /// HTTP status: 401, 429, 500, 502, 503.
        status: u16,
        /// Seconds for the `Retry-After` header.
        retry_after_s: Option<u32>,
    },
    /// The connection is cut before anything was done.
    CutBefore,
    /// The work is done and kept, and then the connection is cut: the fate that a client cannot see.
    CutAfter,
    /// The connection is cut while the service is at work, and the work is done only after so many
    /// further requests: who looks at once finds nothing. Zuora alone does so; for Salesforce it is
    /// [`Fault::CutAfter`].
    CutBeforeDone {
        /// How many requests are served before the work is done.
        requests: u64,
    },
}

#[derive(Debug)]
struct Order {
    fault: Fault,
    method: Option<String>,
    path_prefix: String,
    skip: usize,
    left: usize,
}

/// The faults that are still to come.
#[derive(Debug, Default)]
pub struct Faults {
    orders: Mutex<Vec<Order>>,
}

impl Faults {
    /// The next `count` requests with this method (any when `None`) and path prefix meet `fault`.
    pub fn next(&self, count: usize, method: Option<&str>, path_prefix: &str, fault: Fault) {
        self.after(0, count, method, path_prefix, fault);
    }

    /// Like [`Faults::next`], but `skip` matching requests pass unharmed before.
    pub fn after(
        &self,
        skip: usize,
        count: usize,
        method: Option<&str>,
        path_prefix: &str,
        fault: Fault,
    ) {
        let order = Order {
            fault,
            method: method.map(str::to_ascii_uppercase),
            path_prefix: path_prefix.to_owned(),
            skip,
            left: count,
        };
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).push(order);
    }

    /// Forgets all faults that are still to come.
    pub fn clear(&self) {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The fault that strikes this request, if one does; it is used up.
    pub fn strike(&self, method: &str, path: &str) -> Option<Fault> {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let order = orders.iter_mut().find(|order| {
            path.starts_with(&order.path_prefix)
                && order.method.as_deref().is_none_or(|wanted| wanted == method)
        })?;
        if let Some(skip) = order.skip.checked_sub(1) {
            order.skip = skip;
            return None;
        }
        let fault = order.fault;
        order.left = order.left.saturating_sub(1);
        orders.retain(|order| order.left > 0);
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strikes_matching_requests_only_and_as_often_as_ordered() {
        let faults = Faults::default();
        let busy = Fault::Answer { status: 503, retry_after_s: None };
        faults.next(2, Some("post"), "/a", busy);
        faults.after(1, 1, None, "/b", Fault::CutAfter);
        assert_eq!(faults.strike("GET", "/a/x"), None);
        assert_eq!(faults.strike("POST", "/a/x"), Some(busy));
        assert_eq!(faults.strike("POST", "/a"), Some(busy));
        assert_eq!(faults.strike("POST", "/a"), None);
        assert_eq!(faults.strike("GET", "/b"), None);
        assert_eq!(faults.strike("GET", "/b"), Some(Fault::CutAfter));
        assert_eq!(faults.strike("GET", "/b"), None);
    }
}
