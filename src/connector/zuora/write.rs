//! Writes: batches by Actions, one new price by the tier's own call, currencies step by step.

use serde_json::value::RawValue;

use super::{
    Zuora, accounts, billing_defaults, broken, currencies, failed,
    fault::{self, faults, says_failure},
    orders,
    tiers::{self, NewPrice, Tier},
};
use crate::{
    connector::{
        CallError, Class, Outcome, Verb, Write,
        http::{Method, Remedy},
    },
    json::{Checked, Members, ObjectText, list_text, text_literal},
};

/// Objects in one Action ("CRUD: Actions", all of one type).
pub(super) const OBJECTS_PER_CALL_MAX: usize = 50;

/// One object on its way: what is sent of it, and what has to follow.
struct Sent {
    /// Its place in the batch.
    at: usize,
    /// The object as the Action takes it.
    text: String,
    /// The lists of currencies that have to be sent after it, one call each.
    currencies: Vec<Vec<String>>,
}

impl Zuora {
    pub(super) async fn written(&self, batch: &[Write]) -> Result<Vec<Outcome>, CallError> {
        let Some(first) = batch.first() else { return Ok(Vec::new()) };
        let (action, object) = (action(&first.verb), first.object.as_str());
        if batch.iter().any(|write| write.object != object || self::action(&write.verb) != action) {
            return Err(broken(format!("POST {action}"), "a batch has one object and one verb"));
        }
        if accounts::has(object) {
            return self.customers_written(batch).await;
        }
        if orders::has(object) {
            return self.orders_written(batch).await;
        }
        let mut sent = Vec::new();
        let mut prices = Vec::new();
        for (at, write) in batch.iter().enumerate() {
            match new_price(write) {
                Some(price) => prices.push((at, price)),
                None => sent.push(self.prepared(at, write).await?),
            }
        }
        // All that is read is read before anything is written: a failure here has done nothing.
        let charges: Vec<String> = prices.iter().map(|(_, (id, _))| id.clone()).collect();
        let tiers = self.tiers_of(&charges).await?;
        let mut outcomes: Vec<Option<Outcome>> = vec![None; batch.len()];
        if !sent.is_empty() {
            self.send_batch(action, object, &sent, &mut outcomes).await?;
            self.follow(object, &sent, &outcomes).await?;
        }
        let mut something_done = !sent.is_empty();
        for (at, (id, price)) in prices {
            let tiers = tiers.get(&id).map(Vec::as_slice).unwrap_or_default();
            let outcome = match self.write_price(&id, &price, tiers).await {
                Ok(outcome) => outcome,
                Err(error) => settled(error, something_done)?,
            };
            something_done = true;
            outcomes.get_mut(at).into_iter().for_each(|place| *place = Some(outcome.clone()));
        }
        let missing =
            || failed(Class::UnknownFate, format!("POST {action}"), "an outcome is missing");
        outcomes.into_iter().map(|outcome| outcome.ok_or_else(missing)).collect()
    }

    async fn prepared(&self, at: usize, write: &Write) -> Result<Sent, CallError> {
        let fault = |said: String| broken(format!("write {}", write.object), said);
        let body = Members::of(&write.body).map_err(|error| fault(error.to_string()))?;
        let mut steps = match currencies::wished(&body) {
            None => Vec::new(),
            Some(wished) => currencies::steps(&self.active(&write.verb).await?, &wished),
        };
        let now = if steps.is_empty() { None } else { Some(steps.remove(0)) };
        let text = match &write.verb {
            Verb::Create => created(&write.object, &body, now.as_deref()),
            Verb::Update { id, .. } => updated(id, &body, now.as_deref()),
        };
        Ok(Sent { at, text, currencies: steps })
    }

    /// The currencies that are active before a write.
    async fn active(&self, verb: &Verb) -> Result<Vec<String>, CallError> {
        let Verb::Update { id, before } = verb else { return Ok(Vec::new()) };
        let known = Members::of(before).ok().and_then(|before| currencies::wished(&before));
        match known {
            Some(codes) => Ok(codes),
            None => Ok(self.currencies_of(id).await?.unwrap_or_default()),
        }
    }

    async fn send_batch(
        &self,
        action: &str,
        object: &str,
        sent: &[Sent],
        outcomes: &mut [Option<Outcome>],
    ) -> Result<(), CallError> {
        let results = self.act(action, object, sent.iter().map(|sent| sent.text.as_str())).await?;
        for (sent, outcome) in sent.iter().zip(results) {
            outcomes.get_mut(sent.at).into_iter().for_each(|place| *place = Some(outcome.clone()));
        }
        Ok(())
    }

    /// One call of an Action.
    async fn act<'t>(
        &self,
        action: &str,
        object: &str,
        objects: impl Iterator<Item = &'t str> + Send,
    ) -> Result<Vec<Outcome>, CallError> {
        let objects: Vec<&str> = objects.collect();
        let mut body = ObjectText::new();
        body.push_text("type", object);
        body.push("objects", &list_text(&objects));
        let reply = self.send_write(Method::POST, action, body.end()).await?;
        results(action, &reply.body, objects.len())
    }

    /// Sends the further lists of currencies of all objects that took effect. When one of them
    /// does not go through, the objects are there but not as wished: that is an unknown fate,
    /// and whoever looks finds the difference.
    async fn follow(
        &self,
        object: &str,
        sent: &[Sent],
        outcomes: &[Option<Outcome>],
    ) -> Result<(), CallError> {
        let longest = sent.iter().map(|sent| sent.currencies.len()).max().unwrap_or_default();
        for step in 0..longest {
            let texts: Vec<String> = sent
                .iter()
                .filter_map(|sent| match (outcomes.get(sent.at), sent.currencies.get(step)) {
                    (Some(Some(Outcome::Done { id, .. })), Some(codes)) => {
                        Some(with_currencies(id, codes))
                    }
                    _ => None,
                })
                .collect();
            if texts.is_empty() {
                continue;
            }
            let path = action(&Verb::Update { id: String::new(), before: String::new() });
            let results = self.act(path, object, texts.iter().map(String::as_str)).await;
            let refused = match results {
                Err(error) => Some(error.to_string()),
                Ok(results) => results.into_iter().find_map(|outcome| match outcome {
                    Outcome::Refused { code, said, .. } => Some(format!("{said} ({code})")),
                    Outcome::Done { .. } => None,
                }),
            };
            if let Some(said) = refused {
                let said = format!("not all active currencies of a rate plan are set: {said}");
                return Err(failed(Class::UnknownFate, format!("POST {path}"), said));
            }
        }
        Ok(())
    }

    /// One new price, by the call of its tier.
    async fn write_price(
        &self,
        charge: &str,
        price: &NewPrice,
        tiers: &[Tier],
    ) -> Result<Outcome, CallError> {
        let Some(tier) = price.tier(tiers) else {
            return Ok(Outcome::Refused {
                code: "TIER_NOT_FOUND".to_owned(),
                said: format!("the charge {charge} has no longer the one tier whose price changes"),
                passing: false,
            });
        };
        let path = format!("/v1/object/product-rate-plan-charge-tier/{}", tier.id);
        let reply = self.send_write(Method::PUT, &path, price.body()).await?;
        Ok(Outcome::Done { id: charge.to_owned(), answer: reply.body })
    }
}

fn action(verb: &Verb) -> &'static str {
    match verb {
        Verb::Create => "/v1/action/create",
        Verb::Update { .. } => "/v1/action/update",
    }
}

/// The charge and its one new price, when nothing else changes.
fn new_price(write: &Write) -> Option<(String, NewPrice)> {
    let Verb::Update { id, before } = &write.verb else { return None };
    let body = Members::of(&write.body).ok()?;
    let wished = body.get_set(tiers::FIELD)?;
    if body.iter().any(|(name, _)| name != tiers::FIELD) {
        return None;
    }
    let before = Members::of(before).ok()?.get_set(tiers::FIELD)?;
    tiers::only_new_price(before, wished).map(|price| (id.clone(), price))
}

/// An object to be created. A field that is null is left out: nothing is there to be cleared.
fn created(object: &str, body: &Members<'_>, codes: Option<&[String]>) -> String {
    let mut out = ObjectText::new();
    for (name, value) in body.iter().filter(|(_, value)| value.text() != "null") {
        push(&mut out, name, value, codes);
    }
    for (name, value) in billing_defaults::added_on_creation(object, body) {
        out.push(name, value);
    }
    out.end()
}

/// An object to be changed. Fields that are null are named in `fieldsToNull`.
fn updated(id: &str, body: &Members<'_>, codes: Option<&[String]>) -> String {
    let mut out = ObjectText::new();
    out.push_text("Id", id);
    let mut cleared = Vec::new();
    for (name, value) in body.iter() {
        if value.text() == "null" {
            cleared.push(text_literal(name));
        } else {
            push(&mut out, name, value, codes);
        }
    }
    if !cleared.is_empty() {
        out.push("fieldsToNull", &list_text(cleared));
    }
    out.end()
}

fn push(out: &mut ObjectText, name: &str, value: Checked<'_>, codes: Option<&[String]>) {
    match codes {
        Some(codes) if name == currencies::FIELD => out.push(name, &currencies::text(codes)),
        _ => out.push(name, value.text()),
    }
}

fn with_currencies(id: &str, codes: &[String]) -> String {
    let mut out = ObjectText::new();
    out.push_text("Id", id);
    out.push(currencies::FIELD, &currencies::text(codes));
    out.end()
}

/// One outcome per object. An answer that cannot be read came after the objects had been sent.
fn results(action: &str, body: &str, objects: usize) -> Result<Vec<Outcome>, CallError> {
    let unknown = |said: String| failed(Class::UnknownFate, format!("POST {action}"), said);
    let results: Vec<&RawValue> = serde_json::from_str(body)
        .map_err(|fault| unknown(format!("the answer is no list of results: {fault}")))?;
    if results.len() != objects {
        return Err(unknown(format!(
            "{objects} objects were sent, {} results came",
            results.len()
        )));
    }
    let outcomes = results.into_iter().map(|raw| {
        outcome(raw.get())
            .ok_or_else(|| unknown("a result has neither an id nor a fault".to_owned()))
    });
    outcomes.collect()
}

fn outcome(text: &str) -> Option<Outcome> {
    let result = Members::of(text).ok()?;
    if !says_failure(&result) {
        let id = result.get_text("Id").or_else(|| result.get_text("id"))?;
        return Some(Outcome::Done { id: id.into_owned(), answer: text.to_owned() });
    }
    let faults = faults(&result);
    let said = faults.iter().map(|fault| fault.said.as_str()).collect::<Vec<_>>().join("; ");
    let code = faults.first().and_then(|fault| fault.code.clone());
    let passing = fault::remedy_of_all(&faults) == Some(Remedy::Later);
    Some(Outcome::Refused { code: code.unwrap_or_else(|| "UNKNOWN".to_owned()), said, passing })
}

/// The fate of one object whose own call failed. Once other objects of the batch have been
/// written, only an unknown fate may still be the fate of the whole.
pub(super) fn settled(error: CallError, something_done: bool) -> Result<Outcome, CallError> {
    let passing = match error.class {
        Class::UnknownFate => return Err(error),
        Class::Refused => false,
        _ if !something_done => return Err(error),
        Class::Wait | Class::SignIn | Class::Broken => true,
    };
    let CallError { code, said, .. } = error;
    Ok(Outcome::Refused { code: code.unwrap_or_else(|| "NOT_SENT".to_owned()), said, passing })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cleared_fields_instead_of_sending_null() {
        let body =
            r#"{"Name":"x","Description":null,"Price":1.10,"ActiveCurrencies":["USD","EUR"]}"#;
        let body = Members::of(body).expect("body");
        let codes = ["USD".to_owned()];
        assert_eq!(
            updated("1", &body, Some(&codes)),
            r#"{"Id":"1","Name":"x","Price":1.10,"ActiveCurrencies":["USD"],"fieldsToNull":["Description"]}"#
        );
        assert_eq!(
            created("Product", &body, None),
            r#"{"Name":"x","Price":1.10,"ActiveCurrencies":["USD","EUR"]}"#
        );
    }

    #[test]
    fn gives_each_object_its_own_outcome_in_order() {
        let body = r#"[{"Success":true,"Id":"a"},
            {"Success":false,"Errors":[{"Code":"INVALID_VALUE","Message":"The name is taken"}]},
            {"Success":false,"Errors":[{"Code":"LOCK_COMPETITION","Message":"busy"}]}]"#;
        let outcomes = results("/v1/action/create", body, 3).expect("results");
        assert!(matches!(&outcomes[0], Outcome::Done { id, .. } if id == "a"));
        assert!(
            matches!(&outcomes[1], Outcome::Refused { code, passing: false, .. } if code == "INVALID_VALUE")
        );
        assert!(matches!(&outcomes[2], Outcome::Refused { passing: true, .. }));
        for broken in ["[]", "{}", r#"[{"Success":true},{},{}]"#] {
            let error = results("/v1/action/create", broken, 3).expect_err(broken);
            assert_eq!(error.class, Class::UnknownFate);
        }
    }
}
