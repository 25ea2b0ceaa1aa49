//! The changes that a state is made of.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Entry, Kind, Record};
use crate::sandbox::zuora::jobs::Job;
use crate::sandbox::zuora::orders::Order;
use crate::sandbox::zuora::subscriptions::Subscription;

/// One change. Variants are tagged from outside: serde's other taggings lose the digits of numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mutation {
    /// A record is made or replaced.
    Put {
        /// Its kind.
        kind: Kind,
        /// It.
        record: Record,
    },
    /// A record goes.
    Remove {
        /// Its kind.
        kind: Kind,
        /// Its id.
        id: String,
    },
    /// A counter has given out this number.
    Count {
        /// Name of the sequence.
        name: String,
        /// The number.
        value: u64,
    },
    /// A subscription has used the record: it can no longer be deleted.
    Use {
        /// Its id.
        id: String,
    },
    /// Takes back [`Mutation::Use`].
    Unuse {
        /// Its id.
        id: String,
    },
    /// The answer to a request with an idempotency key.
    Remember {
        /// The key.
        key: String,
        /// The answer.
        answer: RememberedAnswer,
    },
    /// An answer has expired.
    Forget {
        /// The key.
        key: String,
    },
    /// An order is made or changed.
    Order(Entry<String, Order>),
    /// A version of a subscription is made or changed.
    Subscription(Entry<(String, u32), Subscription>),
    /// A job is made or changed.
    Job(Entry<String, Job>),
    /// A number is taken; its owner is the value.
    Number(Entry<String, String>),
}

/// An answer that is given again when its key comes again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RememberedAnswer {
    /// Method and path of the first request.
    pub request: String,
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: Value,
    /// Seconds since 1970 when the first request came.
    pub at: i64,
}
