//! How long and how often a client waits, and how fast it goes.

use std::{num::NonZeroU32, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};

/// The waiting and the speed of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How often a call is sent at most, the first time included.
    pub tries_max: usize,
    /// About how long the first wait is; each one after it is twice as long.
    pub wait_first: Duration,
    /// The longest wait. A service that asks for more gets its answer from above us.
    pub wait_max: Duration,
    /// How long a connection may take to be made.
    pub connect_max: Duration,
    /// How long an answer may take, from the first byte sent to the last one received.
    pub answer_max: Duration,
    /// Calls under way at the same time.
    pub calls_in_flight_max: usize,
    /// Calls started per second.
    pub calls_per_second_max: NonZeroU32,
}

impl Default for Patience {
    /// Zuora recommends up to five tries with waits of up to a minute. Both services give up on a
    /// request after 120 s: waiting a little longer lets their answer arrive, instead of leaving
    /// us with a write of unknown fate. The remaining two leave room for other clients: Zuora
    /// serves 40 calls at a time to a tenant, and an API sandbox 2,500 a minute.
    fn default() -> Self {
        const CALLS_PER_SECOND_MAX: NonZeroU32 = match NonZeroU32::new(40) {
            Some(number) => number,
            None => NonZeroU32::MIN,
        };
        Self {
            tries_max: 5,
            wait_first: Duration::from_millis(500),
            wait_max: Duration::from_secs(60),
            connect_max: Duration::from_secs(10),
            answer_max: Duration::from_secs(130),
            calls_in_flight_max: 10,
            calls_per_second_max: CALLS_PER_SECOND_MAX,
        }
    }
}

impl Patience {
    /// The waits between the tries: doubling, with jitter, so that clients that failed together
    /// do not come back together.
    pub(super) fn waits(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        let wait_max = self.wait_max;
        ExponentialBuilder::new()
            .with_min_delay(self.wait_first)
            .with_max_delay(wait_max)
            .with_max_times(self.tries_max.saturating_sub(1))
            .with_jitter()
            .build()
            .map(move |wait| wait.min(wait_max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_four_times_for_five_tries_and_never_too_long() {
        let patience = Patience { wait_max: Duration::from_secs(3), ..Patience::default() };
        let waits: Vec<Duration> = patience.waits().collect();
        assert_eq!(waits.len(), 4);
        assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(3)));
        assert!(waits[0] >= Duration::from_millis(500) && waits[0] <= Duration::from_secs(1));
    }
}
