//! Calls that the gateway has given up on while the service is still at work: it completes them.
//!
//! A request that takes longer than 120 s loses its connection, and takes effect all the same. Here
//! that is counted in requests instead of seconds, so that a test decides who comes first.

use super::call::Call;
use super::service::Handler;

/// In the extensions of a request: it is completed after so many further ones.
#[derive(Debug, Clone, Copy)]
pub struct CompletesAfter(pub u64);

/// The calls that are still to be completed.
#[derive(Debug, Default)]
pub struct Late {
    calls: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    left: u64,
    call: Call,
    handler: Handler,
}

impl Late {
    /// Takes a call that is completed after so many further requests.
    pub fn push(&mut self, left: u64, call: Call, handler: Handler) {
        self.calls.push(Waiting { left, call, handler });
    }

    /// Whether a call with this key is still at work.
    #[must_use]
    pub fn holds(&self, key: Option<&str>) -> bool {
        let own = |waiting: &Waiting| waiting.call.idempotency_key.as_deref() == key;
        key.is_some() && self.calls.iter().any(own)
    }

    /// Counts one further request, and gives the calls that are completed before it.
    pub fn due(&mut self) -> Vec<(Call, Handler)> {
        let (due, waiting) =
            std::mem::take(&mut self.calls).into_iter().partition(|waiting| waiting.left == 0);
        self.calls = waiting;
        for waiting in &mut self.calls {
            waiting.left = waiting.left.saturating_sub(1);
        }
        let due: Vec<Waiting> = due;
        due.into_iter().map(|waiting| (waiting.call, waiting.handler)).collect()
    }
}
