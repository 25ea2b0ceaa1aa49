//! Asynchronous orders: a call gives a job, and the job does the work later.
//!
//! A job stays `Processing` for a number of further requests to the service, whatever they are;
//! then its order is placed, whether or not somebody asks for the job. While it is processing, no
//! other order can change its subscriptions.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::{Answer, Category, Reason};
use super::call::Call;
use super::orders::fields::{filled, objects};
use super::orders::transaction::Limits;
use super::orders::{self, place};
use super::preview;
use super::store::{Entry, Mutation, Store, uuid};
use super::version::ApiVersion;
use super::work::Work;

/// The resource of jobs in the code of an error; a job that met another one has category 50.
const RESOURCE: u32 = 400_000;

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    /// It places an order.
    Order,
    /// It previews an order.
    Preview,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Its work is still to be done.
    Processing,
    /// Its work is done; what it gave.
    Completed(Map<String, Value>),
    /// It failed; why.
    Failed(String),
}

/// A job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// What it does.
    pub task: Task,
    /// The body of the call.
    pub body: Map<String, Value>,
    /// How far it is.
    pub progress: Progress,
}

/// `POST /v1/async/orders`.
pub fn post_order(work: &mut Work<'_>, call: &Call) -> Answer {
    post(work, call, Task::Order)
}

/// `POST /v1/async/orders/preview`.
pub fn post_preview(work: &mut Work<'_>, call: &Call) -> Answer {
    post(work, call, Task::Preview)
}

fn post(work: &mut Work<'_>, call: &Call, task: Task) -> Answer {
    let (object, resource) = match task {
        Task::Order => ("Order", orders::RESOURCE),
        Task::Preview => ("OrderPreview", preview::RESOURCE),
    };
    if let Err(reasons) = orders::check(work, object, &call.body) {
        return Answer::refused_for(call.version, resource, &reasons);
    }
    let id = uuid(&work.next_id());
    let (body, progress) = (call.body.clone(), Progress::Processing);
    let job = Job { id: id.clone(), task, body, progress };
    work.apply(Mutation::Job(Entry::new(id.clone(), job)));
    let answer = Answer::ok(json!({"jobId": id, "success": true}));
    answer.located(format!("/v1/async-jobs/{id}"))
}

/// `GET /v1/async-jobs/{id}`.
pub fn get(work: &mut Work<'_>, call: &Call) -> Answer {
    let id = call.key();
    let Some(job) = work.store().jobs.get(&id) else {
        return Answer::refused_for(call.version, RESOURCE, &[Reason::not_found(&id)]);
    };
    let (status, errors, result) = match &job.progress {
        Progress::Processing => ("Processing", Value::Null, Value::Null),
        Progress::Completed(result) => ("Completed", Value::Null, json!(result)),
        Progress::Failed(errors) => ("Failed", json!(errors), Value::Null),
    };
    let body = json!({"status": status, "errors": errors, "result": result, "success": true});
    Answer::ok(body)
}

/// The ids of the jobs whose work is still to be done.
#[must_use]
pub fn processing(store: &Store) -> Vec<String> {
    let jobs = store.jobs.all().filter(|job| job.progress == Progress::Processing);
    jobs.map(|job| job.id.clone()).collect()
}

/// The numbers of the subscriptions that an order changes.
pub fn subscriptions_of(body: &Map<String, Value>) -> Vec<String> {
    let named = objects(body, "subscriptions").filter_map(|one| filled(one, "subscriptionNumber"));
    named.map(str::to_owned).collect()
}

/// The numbers of the subscriptions that a job changes.
#[must_use]
pub fn changed_by(work: &Work<'_>, id: &str) -> Vec<String> {
    let job = work.store().jobs.get(id).filter(|job| job.task == Task::Order);
    job.map(|job| subscriptions_of(&job.body)).unwrap_or_default()
}

/// Whether a job that is processing changes one of the subscriptions that an order changes.
#[must_use]
pub fn is_locked(work: &Work<'_>, body: &Map<String, Value>) -> bool {
    let wished = subscriptions_of(body);
    let jobs = work.store().jobs.all();
    jobs.filter(|job| job.progress == Progress::Processing && job.task == Task::Order)
        .flat_map(|job| subscriptions_of(&job.body))
        .any(|number| wished.contains(&number))
}

/// The reason of an order that meets another one on the same subscription.
#[must_use]
pub fn locked() -> Reason {
    let message = "Another order is being processed for the same subscription. Try again later.";
    Reason::new(Category::Locked, message)
}

/// Does the work of a job; `blocked` says that another order is at work on its subscriptions.
pub fn run(work: &mut Work<'_>, id: &str, blocked: Option<Reason>) {
    let Some(job) = work.store().jobs.get(id).cloned() else { return };
    let done = match blocked {
        Some(reason) => Err(vec![reason]),
        None => carry_out(work, &job),
    };
    let progress = match done {
        Ok(result) => Progress::Completed(result),
        Err(reasons) => {
            let lines: Vec<String> = reasons.iter().map(|reason| line(&job, reason)).collect();
            Progress::Failed(lines.join("; "))
        }
    };
    work.apply(Mutation::Job(Entry::new(id.to_owned(), Job { progress, ..job })));
}

fn line(job: &Job, reason: &Reason) -> String {
    match (reason.category, job.task) {
        (Category::Locked, _) => reason.line(RESOURCE),
        (_, Task::Order) => reason.line(orders::RESOURCE),
        (_, Task::Preview) => reason.line(preview::RESOURCE),
    }
}

fn carry_out(work: &mut Work<'_>, job: &Job) -> Result<Map<String, Value>, Vec<Reason>> {
    match job.task {
        Task::Order => {
            let outcome = place(work, &job.body, Limits::ASYNCHRONOUS)?;
            let mut result = outcome.answer(work, ApiVersion::August2025, false);
            result.remove("success");
            result.insert("jobType".to_owned(), json!("AsyncCreateOrder"));
            Ok(result)
        }
        Task::Preview => {
            let shown = preview::preview(work, &job.body, Limits::ASYNCHRONOUS)?;
            let mut result = shown.as_object().cloned().unwrap_or_default();
            result.insert("jobType".to_owned(), json!("AsyncPreviewOrder"));
            Ok(result)
        }
    }
}
