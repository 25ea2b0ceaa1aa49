//! What is there: records by id, or by the values of a key.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{
    Salesforce,
    rows::Which,
    service::{broken, same_id},
    soql::{self, Extras, Select, quoted},
};
use crate::{
    connector::http::clip,
    connector::{CallError, Find, FindBy, Found, KeyValues, Query},
    json::{Checked, Members},
    value::{Date, Instant, parse_decimal},
};

/// Keys in one question; they are asked in as many queries as the length of a URI demands.
pub(super) const KEYS_MAX: usize = 200;

impl Salesforce {
    pub(super) async fn found(&self, find: &Find) -> Result<Vec<Found>, CallError> {
        let mut query = Query::of(find.object.clone());
        find.fields.iter().for_each(|field| query.add_field(field));
        if let FindBy::Keys(keys) = &find.by {
            keys.iter().flatten().for_each(|(field, _)| query.add_field(field));
        }
        let select = Select::of(&query, super::own::Place::Root, Extras { stamp: None }, None)?;
        let moments = self.moments_of(find).await?;
        let conditions = conditions(find, &moments)?;
        let mut rest = conditions.as_slice();
        let mut found = Vec::new();
        while !rest.is_empty() {
            let (soql, taken) = select.any_of(rest);
            for row in self.rows_to_the_end(&soql, Which::Present).await? {
                let row =
                    Members::of(&row).map_err(|fault| broken(clip(&soql), fault.to_string()))?;
                found.extend(hits(find, &row));
            }
            rest = rest.get(taken..).unwrap_or_default();
        }
        found.sort_by(|a: &Found, b| (a.asked, &a.id).cmp(&(b.asked, &b.id)));
        found.dedup();
        Ok(found)
    }
}

impl Salesforce {
    /// The fields of a key that hold a date or an instant, which SOQL wants without quotes. The
    /// object is described only where a value looks like one.
    async fn moments_of(&self, find: &Find) -> Result<BTreeSet<String>, CallError> {
        let FindBy::Keys(keys) = &find.by else { return Ok(BTreeSet::new()) };
        let looks = |value: &str| {
            let text = value.trim_matches('"');
            Date::parse(text).is_ok() || Instant::parse(text).is_ok()
        };
        if !keys.iter().flatten().any(|(_, value)| looks(value)) {
            return Ok(BTreeSet::new());
        }
        let described = self.described(&find.object).await?;
        let call = || format!("describe {}", find.object);
        let described: Described = serde_json::from_slice(&described)
            .map_err(|fault| broken(call(), fault.to_string()))?;
        let of_time = |field: &DescribedField| matches!(field.kind.as_str(), "date" | "datetime");
        Ok(described.fields.into_iter().filter(of_time).map(|field| field.name).collect())
    }
}

/// What is needed of a describe.
#[derive(Deserialize)]
struct Described {
    fields: Vec<DescribedField>,
}

#[derive(Deserialize)]
struct DescribedField {
    name: String,
    #[serde(rename = "type")]
    kind: String,
}

fn conditions(find: &Find, moments: &BTreeSet<String>) -> Result<Vec<String>, CallError> {
    match &find.by {
        FindBy::Ids(ids) => Ok(ids.iter().map(|id| format!("Id = {}", quoted(id))).collect()),
        FindBy::Keys(keys) => {
            keys.iter().map(|key| condition(&find.object, key, moments)).collect()
        }
    }
}

fn condition(
    object: &str,
    key: &KeyValues,
    moments: &BTreeSet<String>,
) -> Result<String, CallError> {
    let fault = |said: String| broken(format!("find {object}"), said);
    let mut parts = Vec::new();
    for (field, value) in key {
        if !soql::is_name(field) {
            return Err(fault(format!("`{field}` is no name in SOQL")));
        }
        let value = Checked::check(value).map_err(|error| fault(error.to_string()))?;
        let literal = value.as_text().map_or_else(
            || value.text().to_owned(),
            |text| literal(&text, moments.contains(field)),
        );
        parts.push(format!("{field} = {literal}"));
    }
    if parts.is_empty() {
        return Err(fault("a key without fields".to_owned()));
    }
    Ok(format!("({})", parts.join(" AND ")))
}

/// A text as SOQL takes it in a field: a date or an instant stands bare.
fn literal(text: &str, is_moment: bool) -> String {
    let bare = is_moment && (Date::parse(text).is_ok() || Instant::parse(text).is_ok());
    if bare { text.replace("+0000", "Z") } else { quoted(text) }
}

/// The questions that a row answers: SOQL compares texts without their case, a key does not.
fn hits(find: &Find, row: &Members<'_>) -> Vec<Found> {
    let Some(id) = row.get_text("Id") else { return Vec::new() };
    let asked: Vec<usize> = match &find.by {
        FindBy::Ids(ids) => positions(ids, |asked| same_id(asked) == same_id(&id)),
        FindBy::Keys(keys) => positions(keys, |key| {
            key.iter().all(|(field, value)| row.get(field).is_some_and(|is| equal(value, is)))
        }),
    };
    let fields: Vec<(String, String)> = find
        .fields
        .iter()
        .filter_map(|name| Some((name.clone(), row.get_set(name)?.text().to_owned())))
        .collect();
    asked
        .into_iter()
        .map(|asked| Found { asked, id: id.clone().into_owned(), fields: fields.clone() })
        .collect()
}

fn positions<T>(asked: &[T], is_hit: impl Fn(&T) -> bool) -> Vec<usize> {
    asked.iter().enumerate().filter(|(_, one)| is_hit(one)).map(|(at, _)| at).collect()
}

fn equal(asked: &str, is: Checked<'_>) -> bool {
    let Ok(asked) = Checked::check(asked) else { return false };
    match (asked.as_text(), is.as_text()) {
        (Some(asked), Some(is)) => {
            asked == is
                || same_instant(&asked, &is)
                || (is_id(&asked) && same_id(&asked) == same_id(&is))
        }
        (None, None) => match (parse_decimal(asked.text()), parse_decimal(is.text())) {
            (Some(asked), Some(is)) => asked == is,
            _ => asked.text() == is.text(),
        },
        _ => false,
    }
}

fn same_instant(a: &str, b: &str) -> bool {
    matches!((Instant::parse(a), Instant::parse(b)), (Ok(a), Ok(b)) if a == b)
}

fn is_id(text: &str) -> bool {
    matches!(text.len(), 15 | 18) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
