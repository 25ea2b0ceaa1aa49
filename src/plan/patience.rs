//! Waiting: calls that may be tried again, and several calls under way at the same time.

use std::{future::Future, pin::Pin, task::Poll, time::Duration};

use crate::connector::{Answer, CallError, Class};

/// How often one call is tried: with the waits below a service has two minutes to come back.
pub const TRIES_MAX: u32 = 8;
/// The first wait; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait of our own choice. A service may ask for a longer one.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// The longest wait that a service may ask for; beyond it the call counts as failed.
const ASKED_WAIT_MAX: Duration = Duration::from_secs(900);

/// Lets time pass. Tests give one that does not.
pub trait Clock: Send + Sync {
    /// Comes back after so long.
    fn sleep(&self, long: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The clock on the wall.
#[derive(Clone, Copy, Debug, Default)]
pub struct WallClock;

impl Clock for WallClock {
    fn sleep(&self, long: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(long))
    }
}

/// How long to wait before the next try, or `None` when it is no use to wait.
///
/// `tried` counts the tries so far, from 1.
pub fn wait_before_next(tried: u32, retry_after: Option<Duration>) -> Option<Duration> {
    if tried >= TRIES_MAX || retry_after.is_some_and(|asked| asked > ASKED_WAIT_MAX) {
        return None;
    }
    let doubled = FIRST_WAIT.saturating_mul(1 << tried.saturating_sub(1).min(16)).min(WAIT_MAX);
    Some(retry_after.unwrap_or(doubled))
}

/// Makes a call that only reads, again and again where that helps.
///
/// # Errors
/// The last failure.
pub async fn ask<'a, T>(
    clock: &dyn Clock,
    call: impl Fn() -> Answer<'a, T> + Send,
) -> Result<T, CallError> {
    let mut tried = 0;
    loop {
        tried += 1;
        let failure = match call().await {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        // A reading whose answer got lost has done no harm and is simply made again.
        let passing = matches!(failure.class, Class::Wait | Class::UnknownFate);
        match wait_before_next(tried, failure.retry_after).filter(|_| passing) {
            Some(wait) => clock.sleep(wait).await,
            None => return Err(failure),
        }
    }
}

/// Runs futures, at most `most` at the same time, and gives their results in order.
///
/// They run on the task of the caller and stop when it is dropped.
pub async fn in_flight<F: Future>(most: usize, futures: Vec<F>) -> Vec<F::Output> {
    let count = futures.len();
    let mut waiting = futures.into_iter().enumerate();
    let mut running: Vec<(usize, Pin<Box<F>>)> = Vec::new();
    let mut results: Vec<Option<F::Output>> = (0..count).map(|_| None).collect();
    std::future::poll_fn(|context| {
        loop {
            while running.len() < most.max(1) {
                let Some((at, future)) = waiting.next() else { break };
                running.push((at, Box::pin(future)));
            }
            let before = running.len();
            running.retain_mut(|(at, future)| match future.as_mut().poll(context) {
                Poll::Pending => true,
                Poll::Ready(result) => {
                    if let Some(slot) = results.get_mut(*at) {
                        *slot = Some(result);
                    }
                    false
                }
            });
            if running.is_empty() && waiting.len() == 0 {
                return Poll::Ready(());
            }
            if running.len() == before {
                return Poll::Pending;
            }
        }
    })
    .await;
    results.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use super::*;

    #[tokio::test]
    async fn never_more_than_allowed_and_in_order() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let one = |at: usize| {
            let (now, most) = (&now, &most);
            async move {
                most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
                for _ in 0..=at % 3 {
                    tokio::task::yield_now().await;
                }
                now.fetch_sub(1, SeqCst);
                at
            }
        };
        let results = in_flight(4, (0..25).map(one).collect()).await;
        assert_eq!(results, (0..25).collect::<Vec<_>>());
        assert_eq!(most.load(SeqCst), 4);
    }

    #[test]
    fn waits_grow_and_end() {
        assert_eq!(wait_before_next(1, None), Some(Duration::from_secs(1)));
        assert_eq!(wait_before_next(7, None), Some(Duration::from_secs(60)));
        assert_eq!(wait_before_next(2, Some(Duration::from_secs(7))), Some(Duration::from_secs(7)));
        assert_eq!(wait_before_next(TRIES_MAX, None), None);
        assert_eq!(wait_before_next(1, Some(Duration::from_secs(3600))), None);
    }
}
