//! What is there: objects by id, or by the values of a key, in the vocabulary of writing.
//!
//! `ActiveCurrencies` and the tiers of a charge are no fields that ZOQL answers: the currencies
//! are read from each plan by its id (`GET /v1/object/product-rate-plan/{id}` is the only answer
//! of the published description that has them), the tiers from their own object.

use std::collections::BTreeMap;

use super::{
    Zuora, accounts, broken, currencies, orders, spelling, tiers,
    zoql::{self, Recognised, questions},
};
use crate::{
    connector::{
        CallError, Find, FindBy, Found,
        http::{Call, UnderWay, encode, together},
    },
    json::{Checked, Members},
    value::parse_decimal,
};

impl Zuora {
    pub(super) async fn found(&self, find: &Find) -> Result<Vec<Found>, CallError> {
        if accounts::has(&find.object) {
            return self.customers_found(find).await;
        }
        if orders::has(&find.object) {
            return self.orders_found(find).await;
        }
        zoql::check_name(&find.object, &find.object)?;
        let fields = plain_fields(find)?;
        let any = match &find.by {
            FindBy::Ids(ids) => ids.iter().map(|id| Recognised::by("Id", id)).collect(),
            FindBy::Keys(keys) => keys
                .iter()
                .map(|key| Recognised::by_key(&find.object, key))
                .collect::<Result<Vec<_>, _>>()?,
        };
        let rows = self.ask_all(&questions(&find.object, &fields, &any)).await?;
        let mut found = Vec::new();
        for row in &rows {
            let fault = || broken(format!("find {}", find.object), "a row is no object");
            found.extend(hits(find, &Members::of(row).map_err(|_| fault())?));
        }
        found.sort_by(|a: &Found, b| (a.asked, &a.id).cmp(&(b.asked, &b.id)));
        found.dedup();
        self.add_nested(find, &mut found).await?;
        Ok(found)
    }

    async fn add_nested(&self, find: &Find, found: &mut [Found]) -> Result<(), CallError> {
        let wants = |name: &str| find.fields.iter().any(|field| field == name);
        let mut ids: Vec<String> = found.iter().map(|found| found.id.clone()).collect();
        ids.sort();
        ids.dedup();
        if wants(tiers::FIELD) && !ids.is_empty() {
            let tiers = self.tiers_of(&ids).await?;
            for found in found.iter_mut() {
                if let Some(tiers) = tiers.get(&found.id) {
                    found.fields.push((tiers::FIELD.to_owned(), tiers::field_text(tiers)));
                }
            }
        }
        if wants(currencies::FIELD) {
            let mut calls: Vec<UnderWay<'_, _, _>> = Vec::new();
            for id in &ids {
                calls.push(Box::pin(self.currencies_of(id)));
            }
            let codes = together(calls).await?;
            let by_id: BTreeMap<&String, Vec<String>> =
                ids.iter().zip(codes).filter_map(|(id, codes)| Some((id, codes?))).collect();
            for found in found.iter_mut() {
                if let Some(codes) = by_id.get(&found.id) {
                    found.fields.push((currencies::FIELD.to_owned(), currencies::text(codes)));
                }
            }
        }
        for found in found {
            let place = |name: &str| find.fields.iter().position(|field| field == name);
            found.fields.sort_by_key(|(name, _)| place(name));
        }
        Ok(())
    }

    /// The active currencies of a plan, in alphabetical order: they are a set.
    pub(super) async fn currencies_of(&self, id: &str) -> Result<Option<Vec<String>>, CallError> {
        let path = format!("/v1/object/product-rate-plan/{}", encode(id));
        let reply = self.send(Call::get(path)).await?;
        let fault = |said: &str| broken(format!("GET product-rate-plan {id}"), said);
        let plan = Members::of(&reply.body).map_err(|_| fault("the answer is no object"))?;
        let Some(value) = plan.get_set(currencies::FIELD) else { return Ok(None) };
        let mut codes =
            currencies::parse(value).ok_or_else(|| fault("its currencies are no list"))?;
        codes.sort();
        Ok(Some(codes))
    }
}

/// The fields that ZOQL is asked for: those wanted and those of the keys, each once.
fn plain_fields(find: &Find) -> Result<Vec<&str>, CallError> {
    let keys: &[_] = match &find.by {
        FindBy::Ids(_) => &[],
        FindBy::Keys(keys) => keys,
    };
    let of_keys = keys.iter().flatten().map(|(field, _)| field.as_str());
    let nested = [tiers::FIELD, currencies::FIELD];
    let wanted = find.fields.iter().map(String::as_str).filter(|field| !nested.contains(field));
    let mut fields = vec!["Id"];
    for field in wanted.chain(of_keys) {
        zoql::check_name(&find.object, field)?;
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    Ok(fields)
}

/// The questions that a row answers. ZOQL may compare texts more loosely than a key does.
fn hits(find: &Find, row: &Members<'_>) -> Vec<Found> {
    let Some(id) = row.get_text("Id") else { return Vec::new() };
    let is_hit = |key: &[(String, String)]| {
        key.iter().all(|(field, asked)| equal(field, asked, row.get_set(field)))
    };
    let asked: Vec<usize> = match &find.by {
        FindBy::Ids(ids) => positions(ids, |asked| *asked == *id),
        FindBy::Keys(keys) => positions(keys, |key| is_hit(key)),
    };
    let value = |name: &String| {
        let value = row.get_set(name)?;
        Some((name.clone(), spelling::written(name, value)))
    };
    let fields: Vec<(String, String)> = find.fields.iter().filter_map(value).collect();
    asked
        .into_iter()
        .map(|asked| Found { asked, id: id.clone().into_owned(), fields: fields.clone() })
        .collect()
}

fn positions<T>(asked: &[T], is_hit: impl Fn(&T) -> bool) -> Vec<usize> {
    asked.iter().enumerate().filter(|(_, one)| is_hit(one)).map(|(at, _)| at).collect()
}

/// Whether a field has the value that was asked for, in whatever spelling.
pub(super) fn equal(field: &str, asked: &str, is: Option<Checked<'_>>) -> bool {
    let Ok(asked) = Checked::check(asked) else { return false };
    let Some(is) = is else { return asked.text() == "null" };
    let (asked, is) = (spelling::written(field, asked), spelling::written(field, is));
    let same_text = || match (Checked::check(&asked), Checked::check(&is)) {
        (Ok(asked), Ok(is)) => asked.as_text().is_some_and(|asked| is.as_text() == Some(asked)),
        _ => false,
    };
    let same_number = || match (parse_decimal(&asked), parse_decimal(&is)) {
        (Some(asked), Some(is)) => asked == is,
        _ => false,
    };
    asked == is || same_text() || same_number()
}
