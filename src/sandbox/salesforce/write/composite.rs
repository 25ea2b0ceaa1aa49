//! Composite requests: up to 25 calls in one, where later ones may use what earlier ones answered.
//! With `allOrNone` they are one transaction, otherwise one each.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use crate::sandbox::salesforce::answer::{Answer, ApiError};
use crate::sandbox::salesforce::call::Call;
use crate::sandbox::salesforce::service::Service;

/// Sub-requests in one request.
const SUB_REQUESTS_MAX: usize = 25;
/// Queries and collections among them.
const HEAVY_SUB_REQUESTS_MAX: usize = 5;

/// The answers so far, by reference Id.
type Answers = HashMap<String, Value>;

impl Service {
    /// `POST …/composite`
    pub(in crate::sandbox::salesforce) fn composite(
        &self,
        body: &Map<String, Value>,
    ) -> Result<Answer, ApiError> {
        let Some(Value::Array(requests)) = body.get("compositeRequest") else {
            return Err(ApiError::json("the body must have a compositeRequest list"));
        };
        check_requests(requests)?;
        let all_or_none = body.get("allOrNone") == Some(&Value::Bool(true));
        let results = if all_or_none {
            let done =
                self.transact(|service| match service.run_all(requests, Failure::Stops) {
                    Ok(results) if results.iter().all(is_success) => Ok(results),
                    other => Err(other),
                })?;
            match done {
                Ok(results) => results,
                Err(failed) => halted(requests, failed?),
            }
        } else {
            self.run_all(requests, Failure::Passes)?
        };
        Ok(Answer::json(200, &json!({"compositeResponse": results})))
    }

    fn run_all(&self, requests: &[Value], failure: Failure) -> Result<Vec<Value>, ApiError> {
        let mut answers = Answers::new();
        let mut results = Vec::with_capacity(requests.len());
        for request in requests {
            let reference = text(request, "referenceId")?;
            let answer = match sub_call(request, &answers)? {
                Ok(call) => self.respond(&call),
                Err(unresolved) => {
                    let message = format!("Invalid reference specified. No value for {unresolved}");
                    ApiError::new(400, "PROCESSING_HALTED", message).into()
                }
            };
            let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
            answers.insert(reference.to_owned(), body);
            let result = result_json(&answer, reference);
            let is_over = failure == Failure::Stops && !is_success(&result);
            results.push(result);
            if is_over {
                break;
            }
        }
        Ok(results)
    }
}

/// What a failed sub-request does to the later ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// They run all the same.
    Passes,
    /// They do not run.
    Stops,
}

fn check_requests(requests: &[Value]) -> Result<(), ApiError> {
    let heavy = requests.iter().filter(|request| is_heavy(request)).count();
    if requests.len() > SUB_REQUESTS_MAX || heavy > HEAVY_SUB_REQUESTS_MAX {
        let message = format!(
            "Limit exceeded. At most {SUB_REQUESTS_MAX} subrequests, and at most \
             {HEAVY_SUB_REQUESTS_MAX} queries and collections among them, are allowed."
        );
        return Err(ApiError::new(400, "INVALID_INPUT", message));
    }
    let mut references = HashSet::new();
    for request in requests {
        let reference = text(request, "referenceId")?;
        if !references.insert(reference) {
            let message = format!("referenceId {reference} is there twice");
            return Err(ApiError::new(400, "INVALID_INPUT", message));
        }
    }
    Ok(())
}

fn result_json(answer: &Answer, reference: &str) -> Value {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let location = answer.location.as_ref();
    json!({
        "body": body,
        "httpHeaders": location.map_or_else(|| json!({}), |place| json!({"Location": place})),
        "httpStatusCode": answer.status,
        "referenceId": reference,
    })
}

fn is_success(result: &Value) -> bool {
    let status = result.get("httpStatusCode").and_then(Value::as_u64);
    status.is_some_and(|status| (200..300).contains(&status))
}

/// The results of a transaction that was taken back: only what failed keeps its own.
fn halted(requests: &[Value], results: Vec<Value>) -> Vec<Value> {
    let message =
        "The transaction was rolled back since another operation in the same transaction failed.";
    let answer = Answer::from(ApiError::new(400, "PROCESSING_HALTED", message));
    let mut results = results.into_iter();
    requests
        .iter()
        .map(|request| match results.next() {
            Some(result) if !is_success(&result) => result,
            _ => result_json(&answer, text(request, "referenceId").unwrap_or_default()),
        })
        .collect()
}

fn is_heavy(request: &Value) -> bool {
    let url = request.get("url").and_then(Value::as_str).unwrap_or_default();
    url.contains("/query") || url.contains("/composite/sobjects")
}

fn text<'a>(request: &'a Value, name: &str) -> Result<&'a str, ApiError> {
    let message = || ApiError::json(format!("a subrequest must have a {name}"));
    request.get(name).and_then(Value::as_str).ok_or_else(message)
}

/// The call of a sub-request with its references filled in, or the reference that has no value.
fn sub_call(request: &Value, answers: &Answers) -> Result<Result<Call, String>, ApiError> {
    let (method, url) = (text(request, "method")?, text(request, "url")?);
    let url = match fill_text(url, answers) {
        Ok(url) => url,
        Err(unresolved) => return Ok(Err(unresolved)),
    };
    let body = match request.get("body").map(|body| fill(body, answers)) {
        None => Vec::new(),
        Some(Ok(body)) => body.to_string().into_bytes(),
        Some(Err(unresolved)) => return Ok(Err(unresolved)),
    };
    let call = Call::new(method, &url, body)
        .ok_or_else(|| ApiError::new(400, "INVALID_INPUT", format!("malformed url {url}")))?;
    if call.segments.iter().any(|segment| segment == "composite")
        && !call.segments.iter().any(|segment| segment == "sobjects")
    {
        return Err(ApiError::new(400, "INVALID_INPUT", "a subrequest cannot be composite"));
    }
    Ok(Ok(call))
}

fn fill(value: &Value, answers: &Answers) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => Value::String(fill_text(text, answers)?),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| fill(item, answers)).collect::<Result<_, _>>()?)
        }
        Value::Object(members) => {
            let filled = members
                .iter()
                .map(|(name, value)| Ok((name.clone(), fill(value, answers)?)))
                .collect::<Result<Map<_, _>, String>>()?;
            Value::Object(filled)
        }
        other => other.clone(),
    })
}

/// Replaces every `@{reference.path[0].field}`.
fn fill_text(text: &str, answers: &Answers) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("@{") {
        let Some((expression, tail)) = after.split_once('}') else {
            return Err(after.to_owned());
        };
        filled.push_str(before);
        let found = look_up(expression, answers).ok_or_else(|| expression.to_owned())?;
        filled.push_str(&found);
        rest = tail;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn look_up(expression: &str, answers: &Answers) -> Option<String> {
    let path = expression.replace('[', ".").replace(']', "");
    let mut names = path.split('.');
    let mut value = answers.get(names.next()?)?;
    for name in names {
        value = match value {
            Value::Array(items) => items.get(name.parse::<usize>().ok()?)?,
            other => other.get(name)?,
        };
    }
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
