//! How many requests were sent, so that a summary can say "0 writes sent" and mean it.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Effect;

/// Requests sent so far, every attempt counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Those that read.
    pub reads: u64,
    /// Those that write.
    pub writes: u64,
    /// Those that asked for a token.
    pub sign_ins: u64,
}

/// The counting side, shared by all who send.
#[derive(Debug, Default)]
pub struct Counters {
    reads: AtomicU64,
    writes: AtomicU64,
    sign_ins: AtomicU64,
}

impl Counters {
    /// Counts a request before it is sent: one that was counted and then lost may have arrived.
    pub fn count(&self, effect: Effect) {
        let counter = match effect {
            Effect::Read => &self.reads,
            Effect::Write => &self.writes,
            Effect::SignIn => &self.sign_ins,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// What was counted so far.
    pub fn snapshot(&self) -> Traffic {
        Traffic {
            reads: self.reads.load(Ordering::Relaxed),
            writes: self.writes.load(Ordering::Relaxed),
            sign_ins: self.sign_ins.load(Ordering::Relaxed),
        }
    }
}
