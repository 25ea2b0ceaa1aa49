//! Placing orders, one a call, each under keys that make it take effect once.
//!
//! Zuora keeps the first answer to a key for 24 hours, a refusal as well as a success. So the first
//! key is the number of the order: whatever became of an earlier try, its own answer comes again.
//! A refusal, however, may be that of an order which has been mended since, or of a lock that is
//! long gone, so it counts only when it comes again under a key that was never used; and no order
//! can come about twice, because its number serves once.

use std::sync::atomic::Ordering;

use super::{body::Body, job::order_ended};
use crate::{
    connector::{
        CallError, Class, Outcome, Verb, Write,
        http::{Call, Effect, Keys, Method, Remedy, encode},
        zuora::{Zuora, broken, failed, fault, write::settled},
    },
    json::Members,
    value::FingerprintOf,
};

/// The header of the key ("Idempotent requests": POST and PATCH only, at most 255 characters).
const KEY_HEADER: &str = "idempotency-key";
/// What of a key is the number of the order; the rest is for what follows it.
const KEY_NUMBER_LENGTH_MAX: usize = 150;

/// The way of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// A call that answers when the order is done.
    Call,
    /// A call that answers with a job.
    Job,
}

impl Zuora {
    /// Places orders one after the other: each has a call of its own, and its own fate.
    pub(in crate::connector::zuora) async fn orders_written(
        &self,
        batch: &[Write],
    ) -> Result<Vec<Outcome>, CallError> {
        if batch.iter().any(|write| write.verb != Verb::Create) {
            return Err(broken("write Order", "an order is placed once and never changed"));
        }
        let bodies = batch.iter().map(Body::of).collect::<Result<Vec<_>, _>>()?;
        let mut outcomes = Vec::with_capacity(batch.len());
        for body in &bodies {
            let outcome = match self.order_written(body).await {
                Ok(outcome) => outcome,
                Err(error) => settled(error, !outcomes.is_empty())?,
            };
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    async fn order_written(&self, body: &Body) -> Result<Outcome, CallError> {
        let way = if body.is_large { Way::Job } else { Way::Call };
        let first = key(way, &body.number);
        let keys = Keys { first: first.clone(), ..self.unused_keys(&first) };
        match self.order_sent(way, body, keys).await? {
            done @ Outcome::Done { .. } => Ok(done),
            Outcome::Refused { .. } => self.order_sent(way, body, self.unused_keys(&first)).await,
        }
    }

    /// Keys that no call has used: they hold the run, and how many calls it has made so far.
    fn unused_keys(&self, root: &str) -> Keys {
        let number = self.calls.load(Ordering::Relaxed);
        let own = format!("{root}/{}/{number}", self.run);
        Keys { header: KEY_HEADER, first: own.clone(), next: own }
    }

    /// Sends an order under some keys. What was refused is the fate of this order, a lock too;
    /// other failures are those of the call.
    async fn order_sent(&self, way: Way, body: &Body, keys: Keys) -> Result<Outcome, CallError> {
        let path = match way {
            Way::Call => "/v1/orders?returnIds=true",
            Way::Job => "/v1/async/orders?returnIds=true",
        };
        let mut call = Call::json(Effect::Write, Method::POST, path, body.text.clone());
        call.keys = Some(keys);
        let name = call.name();
        let reply = match self.send(call).await {
            Ok(reply) => reply,
            Err(error) => return refused(error),
        };
        let unread = |said: &str| failed(Class::UnknownFate, &name, format!("the answer {said}"));
        let answer = Members::of(&reply.body).map_err(|_| unread("is no object"))?;
        match way {
            Way::Call => {
                let id = answer.get_text("orderNumber");
                let id = id.ok_or_else(|| unread("has no orderNumber"))?.into_owned();
                Ok(Outcome::Done { id, answer: reply.body })
            }
            Way::Job => {
                let job = answer.get_text("jobId").ok_or_else(|| unread("has no jobId"))?;
                self.job_ended(&job, |job| order_ended(job, &body.number)).await
            }
        }
    }
}

/// The first key of an order. One key cannot serve two paths, and an order may have grown since it
/// was tried before; a header holds no letters beyond ASCII.
fn key(way: Way, number: &str) -> String {
    let number = encode(number);
    let number = match number.len() {
        0..=KEY_NUMBER_LENGTH_MAX => number,
        _ => FingerprintOf::kind("order number").text(&number).end().to_string(),
    };
    match way {
        Way::Call => number,
        Way::Job => format!("{number}/job"),
    }
}

/// The fate of an order that was refused.
fn refused(error: CallError) -> Result<Outcome, CallError> {
    let is_lock = error.class == Class::Wait && error.code.as_deref().is_some_and(is_lock);
    if error.class != Class::Refused && !is_lock {
        return Err(error);
    }
    let CallError { code, said, .. } = error;
    let code = code.unwrap_or_else(|| "REFUSED".to_owned());
    Ok(Outcome::Refused { code, said, passing: is_lock })
}

/// Whether a code says that another order is at work on the same subscription: category 50, with a
/// resource before it.
fn is_lock(code: &str) -> bool {
    code.len() > 2 && code.ends_with("50") && fault::remedy(code) == Some(Remedy::Later)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_the_fate_of_one_order_and_a_limit_is_not() {
        let error = |class, code: &str| CallError {
            code: Some(code.to_owned()),
            ..failed(class, "POST /v1/orders", "no")
        };
        let outcome = refused(error(Class::Wait, "53100350")).expect("an outcome");
        assert!(matches!(outcome, Outcome::Refused { passing: true, .. }));
        let outcome = refused(error(Class::Refused, "53100330")).expect("an outcome");
        assert!(matches!(outcome, Outcome::Refused { passing: false, .. }));
        for (class, code) in [
            (Class::Wait, "70"),
            (Class::Wait, "50000070"),
            (Class::UnknownFate, "53100060"),
            (Class::SignIn, "90000011"),
        ] {
            assert_eq!(refused(error(class, code)).expect_err(code).class, class);
        }
    }
}
