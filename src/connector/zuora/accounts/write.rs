//! Writes: `POST /v1/accounts` with its contacts inside, `PUT /v1/accounts/{id}`, and the same
//! for contacts by themselves.

use super::ACCOUNT;
use crate::{
    connector::{
        CallError, Class, Outcome, Verb, Write,
        http::{Call, Effect, Method, encode},
        zuora::{Zuora, broken, failed, write::settled},
    },
    json::{Members, ObjectText},
};

impl Zuora {
    /// Writes one after the other: each has a call of its own, and its own fate.
    pub(in crate::connector::zuora) async fn customers_written(
        &self,
        batch: &[Write],
    ) -> Result<Vec<Outcome>, CallError> {
        let bodies = batch.iter().map(body).collect::<Result<Vec<_>, _>>()?;
        let mut outcomes = Vec::with_capacity(batch.len());
        for (write, body) in batch.iter().zip(bodies) {
            let outcome = match self.customer_written(write, body).await {
                Ok(outcome) => outcome,
                Err(error) => settled(error, !outcomes.is_empty())?,
            };
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    async fn customer_written(&self, write: &Write, body: String) -> Result<Outcome, CallError> {
        let is_account = write.object == ACCOUNT;
        let path = if is_account { "/v1/accounts" } else { "/v1/contacts" };
        match &write.verb {
            Verb::Create => {
                let reply = self.send(Call::json(Effect::Write, Method::POST, path, body)).await?;
                let id = made(&reply.body, if is_account { "accountId" } else { "id" });
                let said = "the answer to a creation has no id";
                let id = id.ok_or_else(|| failed(Class::UnknownFate, format!("POST {path}"), said));
                Ok(Outcome::Done { id: id?, answer: reply.body })
            }
            Verb::Update { id, .. } => {
                let path = format!("{path}/{}", encode(id));
                let reply = self.send(Call::json(Effect::Write, Method::PUT, path, body)).await?;
                Ok(Outcome::Done { id: id.clone(), answer: reply.body })
            }
        }
    }
}

fn made(answer: &str, field: &str) -> Option<String> {
    Some(Members::of(answer).ok()?.get_text(field)?.into_owned())
}

/// The fields of an account that take null; all others are emptied by an empty text.
const TAKE_NULL: [&str; 2] = ["sequenceSetId", "summaryStatementTemplateId"];

/// What is sent of a write. Where something is created, nothing is there to be emptied, so what is
/// null is left out, inside of contacts too; a change empties it.
fn body(write: &Write) -> Result<String, CallError> {
    let fault = |fault: crate::json::JsonError| {
        broken(format!("write {}", write.object), fault.to_string())
    };
    match write.verb {
        Verb::Create => Ok(without_nulls(&Members::of(&write.body).map_err(fault)?)),
        Verb::Update { .. } => Ok(with_empty_texts(&Members::of(&write.body).map_err(fault)?)),
    }
}

fn without_nulls(members: &Members<'_>) -> String {
    let mut out = ObjectText::new();
    for (name, value) in members.iter().filter(|(_, value)| value.text() != "null") {
        match value.as_members() {
            Some(inner) => out.push(name, &without_nulls(&inner)),
            None => out.push(name, value.text()),
        }
    }
    out.end()
}

fn with_empty_texts(members: &Members<'_>) -> String {
    let mut out = ObjectText::new();
    for (name, value) in members.iter() {
        let is_emptied = value.text() == "null" && !TAKE_NULL.contains(&name);
        match value.as_members() {
            Some(inner) => out.push(name, &with_empty_texts(&inner)),
            None if is_emptied => out.push_text(name, ""),
            None => out.push(name, value.text()),
        }
    }
    out.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_null_is_left_out_of_a_creation_and_emptied_by_a_change() {
        let text = r#"{"name":"A","notes":null,"sequenceSetId":null,"billToContact":{"city":"Bern","state":null}}"#;
        let write = |verb| Write { object: ACCOUNT.into(), verb, body: text.to_owned() };
        let created = body(&write(Verb::Create)).expect("a body");
        assert_eq!(created, r#"{"name":"A","billToContact":{"city":"Bern"}}"#);
        let update = Verb::Update { id: "1".into(), before: "{}".into() };
        assert_eq!(
            body(&write(update)).expect("a body"),
            r#"{"name":"A","notes":"","sequenceSetId":null,"billToContact":{"city":"Bern","state":""}}"#
        );
    }
}
