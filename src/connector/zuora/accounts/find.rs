//! What is there: accounts and contacts by id or by the values of a key.
//!
//! ZOQL says which ones fit, and their plain fields. Contacts of an account and its tax data are
//! read from the account itself, one call each, when they are asked for.

use std::collections::BTreeMap;

use super::{ACCOUNT, names::in_query};
use crate::{
    connector::{
        CallError, Find, FindBy, Found, KeyValues,
        http::{Call, UnderWay, encode, together},
        zuora::{
            Zuora, broken,
            find::equal,
            spelling,
            zoql::{self, Recognised, questions},
        },
    },
    json::{Checked, Members, ObjectText},
};

/// Where `GET /v1/accounts/{id}` keeps the plain fields of an account.
const SECTIONS: [&str; 2] = ["basicInfo", "billingAndPayment"];

/// What an answer says of a contact and no body of an account takes.
const OF_THE_ANSWER: [&str; 7] =
    ["id", "accountId", "accountNumber", "asBillTo", "asSoldTo", "asShipTo", "contactDescription"];

impl Zuora {
    /// The accounts or contacts that fit a question.
    pub(in crate::connector::zuora) async fn customers_found(
        &self,
        find: &Find,
    ) -> Result<Vec<Found>, CallError> {
        let wanted = Wanted::of(find)?;
        let rows = self.ask_all(&questions(&find.object, &wanted.asked, &wanted.any)).await?;
        let mut found = Vec::new();
        for row in &rows {
            let fault = || broken(format!("find {}", find.object), "a row is no object");
            found.extend(hits(find, &Members::of(row).map_err(|_| fault())?));
        }
        found.sort_by(|a: &Found, b| (a.asked, &a.id).cmp(&(b.asked, &b.id)));
        found.dedup();
        if !wanted.within.is_empty() {
            self.read_within(&wanted.within, &mut found).await?;
        }
        for found in &mut found {
            let place = |name: &str| find.fields.iter().position(|field| field == name);
            found.fields.sort_by_key(|(name, _)| place(name));
        }
        Ok(found)
    }

    /// Adds the fields that only an account itself answers.
    async fn read_within(&self, names: &[&str], found: &mut [Found]) -> Result<(), CallError> {
        let mut ids: Vec<String> = found.iter().map(|found| found.id.clone()).collect();
        ids.sort();
        ids.dedup();
        let mut calls: Vec<UnderWay<'_, _, _>> = Vec::new();
        for id in &ids {
            calls.push(Box::pin(self.fields_within(id, names)));
        }
        let answers = together(calls).await?;
        let by_id: BTreeMap<&String, Vec<(String, String)>> = ids.iter().zip(answers).collect();
        for found in found {
            found.fields.extend(by_id.get(&found.id).cloned().unwrap_or_default());
        }
        Ok(())
    }

    async fn fields_within(
        &self,
        id: &str,
        names: &[&str],
    ) -> Result<Vec<(String, String)>, CallError> {
        let path = format!("/v1/accounts/{}", encode(id));
        let reply = self.send(Call::get(&path)).await?;
        let fault = |_| broken(format!("GET {path}"), "the answer is no object");
        let account = Members::of(&reply.body).map_err(fault)?;
        let sections = SECTIONS.map(|section| account.get_set(section)?.as_members());
        let value = |name: &&str| {
            let inner = || sections.iter().flatten().find_map(|section| section.get_set(name));
            Some(((*name).to_owned(), as_written(name, account.get_set(name).or_else(inner)?)))
        };
        Ok(names.iter().filter_map(value).collect())
    }
}

/// What is asked of ZOQL, and what of the accounts themselves.
struct Wanted<'f> {
    asked: Vec<&'f str>,
    any: Vec<Recognised>,
    within: Vec<&'f str>,
}

impl<'f> Wanted<'f> {
    fn of(find: &'f Find) -> Result<Self, CallError> {
        let object = find.object.as_str();
        let mut wanted = Self { asked: vec!["Id"], any: Vec::new(), within: Vec::new() };
        for field in &find.fields {
            zoql::check_name(object, field)?;
            match in_query(object, field) {
                Some(name) => wanted.ask(name),
                None if object == ACCOUNT => wanted.within.push(field),
                None => return Err(unanswered(object, field)),
            }
        }
        match &find.by {
            FindBy::Ids(ids) => {
                wanted.any = ids.iter().map(|id| Recognised::by("Id", id)).collect()
            }
            FindBy::Keys(keys) => {
                for key in keys {
                    wanted.any.push(wanted_key(object, key)?);
                }
                for (field, _) in keys.iter().flatten() {
                    in_query(object, field).into_iter().for_each(|name| wanted.ask(name));
                }
            }
        }
        Ok(wanted)
    }

    fn ask(&mut self, name: &'f str) {
        if !self.asked.contains(&name) {
            self.asked.push(name);
        }
    }
}

fn wanted_key(object: &str, key: &KeyValues) -> Result<Recognised, CallError> {
    let named = key.iter().map(|(field, value)| {
        let name = in_query(object, field).ok_or_else(|| unanswered(object, field))?;
        Ok((name.to_owned(), value.clone()))
    });
    Recognised::by_key(object, &named.collect::<Result<KeyValues, CallError>>()?)
}

fn unanswered(object: &str, field: &str) -> CallError {
    broken(format!("find {object}"), format!("Zuora answers no question for `{field}` of {object}"))
}

/// The questions that a row answers.
fn hits(find: &Find, row: &Members<'_>) -> Vec<Found> {
    let Some(id) = row.get_text("Id") else { return Vec::new() };
    let is_hit = |key: &KeyValues| {
        let is = |field| value_of(&find.object, row, field);
        key.iter().all(|(field, asked)| is(field).is_some_and(|(name, is)| equal(name, asked, is)))
    };
    let asked: Vec<usize> = match &find.by {
        FindBy::Ids(ids) => positions(ids, |asked| *asked == *id),
        FindBy::Keys(keys) => positions(keys, is_hit),
    };
    let written = |field: &String| {
        let (name, is) = value_of(&find.object, row, field)?;
        Some((field.clone(), spelling::written(name, is?)))
    };
    let fields: Vec<(String, String)> = find.fields.iter().filter_map(written).collect();
    asked
        .into_iter()
        .map(|asked| Found { asked, id: id.clone().into_owned(), fields: fields.clone() })
        .collect()
}

/// The value of a field in a row, beside the name by which it was asked for.
fn value_of<'n, 'r>(
    object: &str,
    row: &Members<'r>,
    field: &'n str,
) -> Option<(&'n str, Option<Checked<'r>>)> {
    let name = in_query(object, field)?;
    Some((name, row.get_set(name)))
}

fn positions<T>(asked: &[T], is_hit: impl Fn(&T) -> bool) -> Vec<usize> {
    asked.iter().enumerate().filter(|(_, one)| is_hit(one)).map(|(at, _)| at).collect()
}

/// A field of an account as it would be written: of an object, what has a value.
fn as_written(name: &str, value: Checked<'_>) -> String {
    let Some(members) = value.as_members() else { return spelling::written(name, value) };
    let mut out = ObjectText::new();
    let said = members
        .iter()
        .filter(|(name, value)| value.text() != "null" && !OF_THE_ANSWER.contains(name));
    said.for_each(|(name, value)| out.push(name, value.text()));
    out.end()
}
