//! What is known changes nothing: a record of which some actions took effect is left with the others.

use crosswalk::program::{ActionDraft, Draft, Known, KnownAction, WriteBackDraft, WriteBackValue};
use serde_json::{Value, json};

use super::{Fates, records::Org};

/// What is left to do after some of it took effect and was written back is what was to be done
/// then.
pub fn went_on(fates: &mut Fates<'_>, org: &mut Org, record: &str, draft: &Draft) {
    if draft.actions.len() < 2 {
        return;
    }
    let done = 1 + org.random.below(draft.actions.len() - 1);
    let mut known = Known::default();
    for action in &draft.actions[..done] {
        let rows = action.rows.iter().map(|at| draft.rows[*at].id.clone()).collect();
        let result = result(action);
        action.write_back.iter().for_each(|write| write_back(org, write, &result));
        known.actions.push(KnownAction {
            record: draft.record.clone(),
            sequence: action.sequence.clone(),
            kind: action.kind.clone(),
            day: action.day.clone(),
            rows,
            result: result.to_string(),
        });
    }
    let text = Value::Object(org.joined(&fates.program.head.query, record)).to_string();
    let Some(then) = fates.draft(&[], &text, &known) else {
        return fates.fault("what went on is not drafted any more", &text);
    };
    let shown = |draft: &Draft, action: &ActionDraft| {
        let body = super::body(draft, action);
        format!("{} {} {} {body}", action.kind, action.number, action.day)
    };
    let left: Vec<String> = draft.actions[done..].iter().map(|it| shown(draft, it)).collect();
    let now: Vec<String> = then.actions.iter().map(|it| shown(&then, it)).collect();
    if left != now {
        let said =
            format!("after {done} actions:\n{}\nbut was\n{}", now.join("\n"), left.join("\n"));
        fates.fault(&said, &text);
    }
}

fn result(action: &ActionDraft) -> Value {
    json!({
        "orderNumber": action.number,
        "subscriptionNumber": action.sequence,
        "status": "Completed",
        "mrr": 12.5,
        "tcv": 150.0,
        "subscriptions": [{ "subscriptionNumber": action.sequence, "status": "Active" }],
    })
}

fn write_back(org: &mut Org, write: &WriteBackDraft, result: &Value) {
    for (name, value) in &write.fields {
        let value = match value {
            WriteBackValue::Json(json) => serde_json::from_str(json).expect("JSON"),
            WriteBackValue::Result(path) => {
                let path = path.replace('$', "").replace(['.', '['], "/").replace(']', "");
                result.pointer(&path).cloned().unwrap_or(Value::Null)
            }
            WriteBackValue::Failure(_) => continue,
        };
        org.change(&write.object, &write.id, name, value);
    }
}
