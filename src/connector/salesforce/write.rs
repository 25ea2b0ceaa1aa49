//! Write-back: collections of records, each with its own outcome.
//!
//! REST API Developer Guide, "sObject Collections": up to 200 records, status 200 whatever
//! became of them, one result each, in order, under `statusCode`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Salesforce,
    service::{Fault, PASSING, SYSTEM, broken, same_id},
};
use crate::{
    connector::{
        CallError, Class, Outcome, Verb, Write,
        http::{Call, Effect, Method},
    },
    json::{Members, ObjectText, list_text},
};

/// Records in one collection.
pub(super) const ROWS_PER_CALL_MAX: usize = 200;

#[derive(Deserialize)]
struct RowResult {
    id: Option<String>,
    success: bool,
    #[serde(default)]
    errors: Vec<Fault>,
}

impl Salesforce {
    pub(super) async fn written(&self, batch: &[Write]) -> Result<Vec<Outcome>, CallError> {
        let rows = batch.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        let mut outcomes: Vec<Option<Outcome>> = vec![None; batch.len()];
        for (number, round) in rounds(batch).into_iter().enumerate() {
            let pick = |at: &usize| Some((batch.get(*at)?, rows.get(*at)?));
            let picked: Vec<(&Write, &String)> = round.iter().filter_map(pick).collect();
            let ended = match self.collection(&picked).await {
                Ok(ended) => ended,
                Err(error) if number == 0 => return Err(error),
                Err(error) => not_followed(error, round.len())?,
            };
            for (at, outcome) in round.into_iter().zip(ended) {
                outcomes.get_mut(at).into_iter().for_each(|place| *place = Some(outcome.clone()));
            }
        }
        let missing = || broken("write", "a record has no outcome");
        outcomes.into_iter().map(|outcome| outcome.ok_or_else(missing)).collect()
    }

    /// One call.
    async fn collection(&self, rows: &[(&Write, &String)]) -> Result<Vec<Outcome>, CallError> {
        let Some((first, _)) = rows.first() else { return Ok(Vec::new()) };
        let method = match first.verb {
            Verb::Create => Method::POST,
            Verb::Update { .. } => Method::PATCH,
        };
        let mut body = ObjectText::new();
        body.push("allOrNone", "false");
        body.push("records", &list_text(rows.iter().map(|(_, row)| row)));
        let path = format!("{}/composite/sobjects", self.root);
        let call = Call::json(Effect::Write, method, path, body.end());
        let reply = self.client.send(&call).await?;
        outcomes(&call, &reply.body, rows.len())
    }
}

/// The places of the records, call by call: Salesforce refuses a whole collection that names one
/// record twice, so that what comes later for a record is sent later.
fn rounds(batch: &[Write]) -> Vec<Vec<usize>> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rounds: Vec<Vec<usize>> = Vec::new();
    for (at, write) in batch.iter().enumerate() {
        let round = match &write.verb {
            Verb::Create => 0,
            Verb::Update { id, .. } => {
                let times = seen.entry(same_id(id)).or_default();
                let round = *times;
                *times += 1;
                round
            }
        };
        match rounds.get_mut(round) {
            Some(round) => round.push(at),
            None => rounds.push(vec![at]),
        }
    }
    rounds
}

/// The fate of records whose call failed after an earlier one had been sent: only an unknown fate
/// may still be that of the whole.
fn not_followed(error: CallError, rows: usize) -> Result<Vec<Outcome>, CallError> {
    let passing = match error.class {
        Class::UnknownFate => return Err(error),
        Class::Refused => false,
        Class::Wait | Class::SignIn | Class::Broken => true,
    };
    let CallError { code, said, .. } = error;
    let code = code.unwrap_or_else(|| "NOT_SENT".to_owned());
    Ok(vec![Outcome::Refused { code, said, passing }; rows])
}

/// A record as a collection takes it: its type, its id, its fields.
fn row(write: &Write) -> Result<String, CallError> {
    let fault = |said: String| broken(format!("write {}", write.object), said);
    let mut attributes = ObjectText::new();
    attributes.push_text("type", &write.object);
    let mut out = ObjectText::new();
    out.push("attributes", &attributes.end());
    if let Verb::Update { id, .. } = &write.verb {
        out.push_text("id", id);
    }
    for (name, value) in Members::of(&write.body).map_err(|error| fault(error.to_string()))?.iter()
    {
        out.push(name, value.text());
    }
    Ok(out.end())
}

/// One outcome per row. An answer that cannot be read came after the rows had been sent.
fn outcomes(call: &Call, body: &str, rows: usize) -> Result<Vec<Outcome>, CallError> {
    let unknown = |said: String| CallError {
        class: Class::UnknownFate,
        system: SYSTEM.to_owned(),
        call: call.name(),
        said,
        code: None,
        retry_after: None,
    };
    let results: Vec<&RawValue> = serde_json::from_str(body)
        .map_err(|fault| unknown(format!("the answer is no list of results: {fault}")))?;
    if results.len() != rows {
        return Err(unknown(format!("{rows} records were sent, {} results came", results.len())));
    }
    results
        .into_iter()
        .map(|raw| {
            let result: RowResult =
                serde_json::from_str(raw.get()).map_err(|fault| unknown(fault.to_string()))?;
            outcome(result, raw).ok_or_else(|| unknown("a result without an id".to_owned()))
        })
        .collect()
}

fn outcome(result: RowResult, raw: &RawValue) -> Option<Outcome> {
    if result.success {
        return Some(Outcome::Done { id: result.id?, answer: raw.get().to_owned() });
    }
    let code = result.errors.first().map_or("UNKNOWN", Fault::code).to_owned();
    let said = result.errors.iter().map(Fault::said).collect::<Vec<_>>().join("; ");
    let passing = PASSING.contains(&code.as_str());
    Some(Outcome::Refused { code, said, passing })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_each_row_its_own_outcome_in_order() {
        let call = Call::json(Effect::Write, Method::PATCH, "/x", String::new());
        let body = r#"[{"id":"a","success":true,"errors":[]},
            {"success":false,"errors":[{"statusCode":"UNABLE_TO_LOCK_ROW","message":"busy","fields":[]}]},
            {"success":false,"errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"Required fields are missing","fields":["Name"]}]}]"#;
        let outcomes = outcomes(&call, body, 3).expect("results");
        assert!(matches!(&outcomes[0], Outcome::Done { id, .. } if id == "a"));
        assert!(matches!(&outcomes[1], Outcome::Refused { passing: true, .. }));
        let Outcome::Refused { code, said, passing: false } = &outcomes[2] else { panic!() };
        assert_eq!(
            (code.as_str(), said.as_str()),
            ("REQUIRED_FIELD_MISSING", "Required fields are missing [Name]")
        );
    }

    #[test]
    fn what_comes_twice_for_a_record_is_sent_in_two_calls() {
        let update = |id: &str| Write {
            object: "Contract".into(),
            verb: Verb::Update { id: id.into(), before: "{}".into() },
            body: "{}".into(),
        };
        let ids =
            ["800NL0000000001", "800NL0000000002YAA", "800NL0000000001YAA", "800NL0000000001"];
        let batch = ids.map(update);
        assert_eq!(rounds(&batch), [vec![0, 1], vec![2], vec![3]]);
        let create = Write { verb: Verb::Create, ..update("") };
        assert_eq!(rounds(&[create.clone(), create]), [vec![0, 1]]);
    }

    #[test]
    fn calls_the_fate_unknown_when_results_are_missing() {
        let call = Call::json(Effect::Write, Method::PATCH, "/x", String::new());
        for body in ["[]", "<html>", r#"[{"success":true}]"#] {
            assert_eq!(outcomes(&call, body, 1).expect_err(body).class, Class::UnknownFate);
        }
    }
}
