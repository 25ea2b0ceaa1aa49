//! Records made complete: unfinished lists of children followed, children of parents and of
//! children read by queries of their own and put in. A record that needs neither stays as it came.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::Pin,
};

use super::{
    Salesforce,
    own::{self, Own, Place, Way},
    patch::Patch,
    rows::{Rows, Which, check_complete},
    service::{broken, id_of, same_id},
    soql::{Extras, Select, joining_field, place_of, quoted},
};
use crate::{
    connector::{
        CallError, Query, Relation,
        http::{UnderWay, together},
        shape::children_text,
    },
    json::Members,
};

/// Records being completed, `None` for each that stays as it came; boxed, because children are
/// completed in the same way.
type Completed<'a> =
    Pin<Box<dyn Future<Output = Result<Vec<Option<String>>, CallError>> + Send + 'a>>;

impl Salesforce {
    /// Completes the records of one page.
    pub(super) fn complete<'a>(
        &'a self,
        query: &'a Query,
        place: Place,
        extras: Extras<'a>,
        records: &'a [&'a str],
    ) -> Completed<'a> {
        Box::pin(async move {
            let mut patches = vec![Patch::default(); records.len()];
            for own in own::own_children(query, place)? {
                self.add_own(&own, extras, records, &mut patches).await?;
            }
            for (relation, way) in own::ways(query, place)? {
                if way == Way::Inline {
                    self.add_inline(relation, extras, records, &mut patches).await?;
                }
            }
            records.iter().zip(patches).map(|(record, patch)| patched(record, &patch)).collect()
        })
    }

    /// Completes rows that were read to their end.
    async fn completed_rows(
        &self,
        query: &Query,
        place: Place,
        extras: Extras<'_>,
        rows: Vec<String>,
    ) -> Result<Vec<String>, CallError> {
        let texts: Vec<&str> = rows.iter().map(String::as_str).collect();
        let completed = self.complete(query, place, extras, &texts).await?;
        Ok(rows.into_iter().zip(completed).map(|(row, complete)| complete.unwrap_or(row)).collect())
    }

    /// Children by a query of their own. A parent that many records share is asked for once.
    async fn add_own(
        &self,
        own: &Own<'_>,
        extras: Extras<'_>,
        records: &[&str],
        patches: &mut [Patch],
    ) -> Result<(), CallError> {
        let holders = records.iter().map(|record| holder(record, &own.path));
        let holders: Vec<Option<String>> = holders.collect::<Result<_, _>>()?;
        let ids: BTreeSet<String> = holders.iter().flatten().cloned().collect();
        let lists = self.children_of(own.relation, extras, ids).await?;
        for (holder, patch) in holders.iter().zip(patches) {
            let Some(holder) = holder else { continue };
            let list = lists
                .get(same_id(holder))
                .map_or_else(|| "null".to_owned(), |rows| children_text(rows));
            patch.put(&own.path, &own.relation.name, list);
        }
        Ok(())
    }

    async fn children_of(
        &self,
        relation: &Relation,
        extras: Extras<'_>,
        ids: BTreeSet<String>,
    ) -> Result<BTreeMap<String, Vec<String>>, CallError> {
        let field = joining_field(&relation.kind).unwrap_or("Id");
        let place = place_of(&relation.query, extras)?;
        let select = Select::of(&relation.query, place, extras, Some(field))?;
        let literals: Vec<String> = ids.iter().map(|id| quoted(id)).collect();
        let mut rest = literals.as_slice();
        let mut questions = Vec::new();
        while !rest.is_empty() {
            let (soql, taken) = select.within(field, rest);
            rest = rest.get(taken..).unwrap_or_default();
            questions.push(soql);
        }
        let read = |soql: String| -> UnderWay<'_, _, _> {
            Box::pin(async move {
                let rows = self.rows_to_the_end(&soql, Which::Present).await?;
                self.completed_rows(&relation.query, place, extras, rows).await
            })
        };
        let answers = together(questions.into_iter().map(read).collect());
        let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in answers.await?.into_iter().flatten() {
            let parent = Members::of(&row).ok().and_then(|row| row.get(field).and_then(id_of));
            let call = || format!("read {}", relation.query.object);
            let parent = parent.ok_or_else(|| broken(call(), format!("a row without {field}")))?;
            lists.entry(same_id(&parent).to_owned()).or_default().push(row);
        }
        Ok(lists)
    }

    /// Children that came with the record: followed to their end, and completed themselves.
    async fn add_inline(
        &self,
        relation: &Relation,
        extras: Extras<'_>,
        records: &[&str],
        patches: &mut [Patch],
    ) -> Result<(), CallError> {
        let has_own = !own::own_children(&relation.query, Place::Child)?.is_empty();
        let call = format!("{} of {}", relation.name, relation.query.object);
        let mut begun = Vec::new();
        for (index, record) in records.iter().enumerate() {
            let Some(list) = list_text_of(record, &relation.name)? else { continue };
            let list = Rows::parse(&call, list)?;
            if list.is_done() {
                check_complete(&call, list.total_size(), list.len())?;
            }
            if has_own || !list.is_done() {
                begun.push((index, list));
            }
        }
        let mut rests: Vec<UnderWay<'_, _, _>> = Vec::new();
        for (_, list) in &begun {
            rests.push(Box::pin(self.rest_of(&call, list)));
        }
        let lists = together(rests).await?;
        let counts: Vec<(usize, usize)> =
            begun.iter().zip(&lists).map(|((index, _), list)| (*index, list.len())).collect();
        let rows = lists.into_iter().flatten().collect();
        let rows = self.completed_rows(&relation.query, Place::Child, extras, rows).await?;
        let mut rows = rows.into_iter();
        for (index, count) in counts {
            let list: Vec<String> = rows.by_ref().take(count).collect();
            if let Some(patch) = patches.get_mut(index) {
                patch.put(&[], &relation.name, children_text(&list));
            }
        }
        Ok(())
    }
}

fn patched(record: &str, patch: &Patch) -> Result<Option<String>, CallError> {
    if patch.is_empty() {
        return Ok(None);
    }
    let patched = patch.apply(record);
    patched.map(Some).map_err(|fault| broken("assemble a record", fault.to_string()))
}

/// The id of the record that a path of lookups leads to; `None` where a lookup is null.
fn holder(record: &str, path: &[&str]) -> Result<Option<String>, CallError> {
    let fault = |said: String| broken("assemble a record", said);
    let mut members = Members::of(record).map_err(|error| fault(error.to_string()))?;
    for name in path {
        let Some(parent) = members.get_set(name) else { return Ok(None) };
        members = parent.as_members().ok_or_else(|| fault(format!("`{name}` is no record")))?;
    }
    let id = members.get("Id").and_then(id_of);
    id.map(Some).ok_or_else(|| fault("a record came without its Id".to_owned()))
}

/// The list of children in a record; `None` where there is none.
fn list_text_of<'a>(record: &'a str, name: &str) -> Result<Option<&'a str>, CallError> {
    let members =
        Members::of(record).map_err(|fault| broken("assemble a record", fault.to_string()))?;
    Ok(members.get_set(name).map(|list| list.text()))
}
