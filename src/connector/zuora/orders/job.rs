//! Orders and previews as jobs: asked after with growing waits until they have ended.
//!
//! A job is done only when it says `Completed` and its order has come to rest. An order that says
//! `Pending`, `Draft` or `Scheduled` has: it exists, its number is taken, and what it waits for (a
//! date of activation or acceptance, a day to come) nobody brings about by sending it again. It is
//! told with that status, by calls and by jobs alike. `Executing` is no rest yet, and an order that
//! says `Failed` took no effect.

use std::time::Duration;

use crate::{
    connector::{
        CallError, Class, Outcome, Preview,
        http::{Call, Remedy, clip, encode},
        zuora::{
            Zuora, failed,
            fault::{self, Fault},
        },
    },
    json::{Checked, Members},
};

/// The longest wait between two looks at a job.
const LOOK_WAIT_MAX: Duration = Duration::from_secs(10);
/// How many of the longest waits of the connection a job may last: ten minutes, as usual.
const WAITS_MAX: u32 = 10;

impl Zuora {
    /// What became of a job; `ended` reads its answer, and gives nothing while it has not ended.
    pub(super) async fn job_ended<T>(
        &self,
        job: &str,
        ended: impl Fn(&Members<'_>) -> Result<Option<T>, String>,
    ) -> Result<T, CallError> {
        let path = format!("/v1/async-jobs/{}", encode(job));
        let unknown = |said: String| failed(Class::UnknownFate, format!("GET {path}"), said);
        let patience = self.client.patience();
        let longest = patience.wait_max.min(LOOK_WAIT_MAX);
        let (mut wait, mut waited) = (patience.wait_first.min(longest), Duration::ZERO);
        loop {
            // The job goes on, whatever hinders us from looking at it.
            let reply = self.send(Call::get(&path)).await;
            let reply = reply.map_err(|error| unknown(error.to_string()))?;
            let seen = Members::of(&reply.body)
                .map_err(|_| "it is no object".to_owned())
                .and_then(|answer| ended(&answer))
                .map_err(|said| unknown(format!("the answer cannot be understood: {said}")))?;
            match seen {
                Some(end) => return Ok(end),
                None if waited >= patience.wait_max * WAITS_MAX => {
                    return Err(unknown(format!("the job {job} has not ended yet")));
                }
                None => tokio::time::sleep(wait).await,
            }
            waited += wait;
            wait = (wait * 2).min(longest);
        }
    }
}

/// What became of the order of a job; `None` while it has not ended.
pub(super) fn order_ended(job: &Members<'_>, number: &str) -> Result<Option<Outcome>, String> {
    let text =
        |members: &Members<'_>, name| members.get_text(name).map(std::borrow::Cow::into_owned);
    match text(job, "status").as_deref() {
        Some("Processing") => Ok(None),
        Some("Failed") => Ok(Some(refusal(&text(job, "errors").unwrap_or_default()))),
        Some("Completed") => {
            let result = job.get_set("result").ok_or("a completed job has no result")?;
            let order = result.as_members().ok_or("a result is no object")?;
            match text(&order, "status").as_deref() {
                Some("Completed" | "Pending" | "Draft" | "Scheduled") => {
                    Ok(Some(done(&order, result, number)))
                }
                Some("Executing") => Ok(None),
                Some("Failed") => {
                    let said = text(job, "errors").unwrap_or_default();
                    Ok(Some(refusal(&format!("the order has failed; {said}"))))
                }
                other => Err(format!("an order has the status {}", other.unwrap_or("null"))),
            }
        }
        other => Err(format!("a job has the status {}", other.unwrap_or("null"))),
    }
}

fn done(order: &Members<'_>, result: Checked<'_>, number: &str) -> Outcome {
    let id = order.get_text("orderNumber").map_or_else(|| number.to_owned(), Into::into);
    Outcome::Done { id, answer: result.text().to_owned() }
}

/// What a job has previewed, as text, or why it was refused; `None` while it has not ended.
pub(super) fn preview_ended(job: &Members<'_>) -> Result<Option<Result<String, Preview>>, String> {
    match job.get_text("status").as_deref() {
        Some("Processing") => Ok(None),
        Some("Failed") => {
            let errors = job.get_text("errors").unwrap_or_default();
            match refusal(&errors) {
                Outcome::Refused { code, said, .. } => {
                    Ok(Some(Err(Preview::Refused { code, said })))
                }
                Outcome::Done { .. } => Ok(None),
            }
        }
        Some("Completed") => {
            let result = job.get_set("result").ok_or("a completed job has no result")?;
            Ok(Some(Ok(result.text().to_owned())))
        }
        other => Err(format!("a job has the status {}", other.unwrap_or("null"))),
    }
}

/// A job that failed says why in one text with codes in brackets:
/// `[40000050] Operation failed due to a lock competition; …`. All of its order was taken back, so
/// also what might have taken effect in a call may be sent again later.
fn refusal(errors: &str) -> Outcome {
    let codes = errors.split('[').skip(1).filter_map(|part| {
        let code = part.split(']').next().filter(|code| !code.is_empty())?;
        code.bytes().all(|byte| byte.is_ascii_digit()).then(|| code.to_owned())
    });
    let faults: Vec<Fault> =
        codes.map(|code| Fault { code: Some(code), said: String::new() }).collect();
    let remedy = if faults.is_empty() { None } else { fault::remedy_of_all(&faults) };
    let passing = matches!(remedy, Some(Remedy::Later | Remedy::Unclear));
    let code = faults.into_iter().find_map(|fault| fault.code);
    let said = if errors.is_empty() { "the job has failed and does not say why" } else { errors };
    let code = code.unwrap_or_else(|| "JOB_FAILED".to_owned());
    Outcome::Refused { code, said: clip(said), passing }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Result<Option<Outcome>, String> {
        order_ended(&Members::of(text).expect("an object"), "O-1")
    }

    #[test]
    fn a_job_is_done_when_its_order_is() {
        let job = |status: &str| {
            format!(
                r#"{{"status":"Completed","errors":null,"result":{{"orderNumber":"O-1","status":{status},"x":1.10}},"success":true}}"#
            )
        };
        for status in ["Completed", "Pending", "Draft", "Scheduled"] {
            let outcome = seen(&job(&format!("{status:?}"))).expect("understood");
            let Some(Outcome::Done { id, answer }) = outcome else { panic!("{status}") };
            assert_eq!(id, "O-1");
            assert!(answer.contains(status) && answer.contains("1.10"), "{answer}");
        }
        assert_eq!(seen(&job("\"Executing\"")), Ok(None));
        assert!(matches!(seen(&job("\"Failed\"")), Ok(Some(Outcome::Refused { .. }))));
        assert!(seen(&job("null")).is_err());
        assert!(seen(r#"{"status":"Completed","result":null}"#).is_err());
        assert!(seen(r#"{"success":true}"#).is_err());
        let processing = r#"{"status":"Processing","errors":null,"result":null,"success":true}"#;
        assert_eq!(seen(processing), Ok(None));
    }

    #[test]
    fn reads_the_codes_of_a_failed_job() {
        for (errors, code, passing) in [
            ("[40000050] Another order is at work; try again later.", "40000050", true),
            ("[53100330] The plan is expired; [53100330] x", "53100330", false),
            ("[40000050] a; [53100330] b", "40000050", false),
            ("[53100060] internal", "53100060", true),
            ("no [code] at all", "JOB_FAILED", false),
            ("", "JOB_FAILED", false),
        ] {
            let expected = (code.to_owned(), passing);
            let Outcome::Refused { code, said, passing } = refusal(errors) else { panic!() };
            assert_eq!((code, passing), expected, "{errors}");
            assert!(!said.is_empty());
        }
    }
}
