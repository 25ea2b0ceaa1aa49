//! Several calls under way at once, their answers in order.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};

/// A call under way.
pub type UnderWay<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// Calls that are started before the first ones have ended. The client lets fewer of them out at
/// a time; what waits here only has to be ready in time.
const STARTED_MAX: usize = 32;

/// Waits for all calls; the answers come in the order of the calls.
///
/// # Errors
/// The first failure ends the waiting; calls that are still under way are dropped, so only calls
/// that read belong here.
pub async fn together<T, E>(calls: Vec<UnderWay<'_, T, E>>) -> Result<Vec<T>, E> {
    let mut calls = calls.into_iter();
    let mut answers = Vec::new();
    loop {
        let started: Vec<_> = calls.by_ref().take(STARTED_MAX).collect();
        if started.is_empty() {
            return Ok(answers);
        }
        answers.append(&mut all_of(started).await?);
    }
}

/// A call, or the answer that it has given.
enum Slot<'a, T, E> {
    UnderWay(UnderWay<'a, T, E>),
    Answered(T),
}

async fn all_of<T, E>(calls: Vec<UnderWay<'_, T, E>>) -> Result<Vec<T>, E> {
    let mut slots: Vec<_> = calls.into_iter().map(|call| Some(Slot::UnderWay(call))).collect();
    poll_fn(|context| {
        let mut waiting = false;
        for slot in &mut slots {
            let Some(Slot::UnderWay(call)) = slot else { continue };
            match call.as_mut().poll(context) {
                Poll::Ready(Ok(answer)) => *slot = Some(Slot::Answered(answer)),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => waiting = true,
            }
        }
        if waiting { Poll::Pending } else { Poll::Ready(Ok(())) }
    })
    .await?;
    let answers = slots.into_iter().filter_map(|slot| match slot {
        Some(Slot::Answered(answer)) => Some(answer),
        _ => None,
    });
    Ok(answers.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call<'a>(number: usize, turns: usize) -> UnderWay<'a, usize, String> {
        Box::pin(async move {
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
            if number == 99 { Err("99".to_owned()) } else { Ok(number) }
        })
    }

    #[tokio::test]
    async fn answers_in_order_whoever_is_first() {
        let calls = (0..70).map(|number| call(number, 70 - number)).collect();
        assert_eq!(together(calls).await, Ok((0..70).collect()));
        assert_eq!(together(vec![call(1, 3), call(99, 1)]).await, Err("99".to_owned()));
        assert_eq!(together::<usize, String>(Vec::new()).await, Ok(vec![]));
    }
}
