//! The records of which they themselves or something that hangs on them has changed.
//!
//! For each relation with a mark its own changed rows are found, and followed up to the records
//! that they hang on. Deleted rows are asked for too (`queryAll`): a child that is gone has
//! changed its parent.

use std::collections::BTreeSet;

use super::{
    Salesforce,
    rows::Which,
    service::{broken, same_id},
    soql::{Select, ids_where, joining_field, quoted},
};
use crate::{
    connector::{CallError, Marks, Query, Relation, RelationKind, stamps::join},
    json::Members,
    value::Instant,
};

/// A way from the root to a relation: the relations that are passed, the last one included.
type Chain<'q> = Vec<&'q Relation>;

impl Salesforce {
    /// The ids of the records to be read again, in order.
    pub(super) async fn changed_roots(
        &self,
        query: &Query,
        marks: &Marks,
    ) -> Result<Vec<String>, CallError> {
        let Some(stamp) = &query.changed_by else {
            return Err(broken(
                format!("read {}", query.object),
                "there are marks, but no field that says when a record changed",
            ));
        };
        let mut chains = vec![(String::new(), Chain::new())];
        collect_chains(query, "", &Chain::new(), &mut chains);
        let mut roots = BTreeSet::new();
        for (path, chain) in chains {
            let mark = marks.get(&path).map(|mark| literal(mark)).transpose()?;
            // A relation that was never seen has no mark: whatever is there now is new.
            let condition = |prefix: &str| match &mark {
                Some(mark) => format!("{prefix}{stamp} >= {mark}"),
                None => format!("{prefix}Id != null"),
            };
            roots.extend(self.changed_by_chain(query, &chain, &condition).await?);
        }
        let only = query
            .only
            .as_ref()
            .map(|only| only.iter().map(|id| same_id(id).to_owned()).collect::<BTreeSet<_>>());
        roots.retain(|id| only.as_ref().is_none_or(|only| only.contains(same_id(id))));
        Ok(roots.into_iter().collect())
    }

    /// Follows changed rows of one relation up to the root.
    async fn changed_by_chain(
        &self,
        root: &Query,
        chain: &[&Relation],
        condition: &(dyn Fn(&str) -> String + Sync),
    ) -> Result<BTreeSet<String>, CallError> {
        let (select, prefix, mut above) = step(root, chain);
        let (soql, _) = select.any_of(&[condition(&prefix)]);
        let mut ids = self.values(&soql).await?;
        while let Some(chain) = above {
            let (select, prefix, next) = step(root, chain);
            above = next;
            if prefix.is_empty() && chain.is_empty() {
                continue;
            }
            ids = self.values_within(&select, &format!("{prefix}Id"), &ids).await?;
        }
        Ok(ids)
    }

    async fn values_within(
        &self,
        select: &Select,
        field: &str,
        ids: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, CallError> {
        let literals: Vec<String> = ids.iter().map(|id| quoted(id)).collect();
        let mut rest = literals.as_slice();
        let mut found = BTreeSet::new();
        while !rest.is_empty() {
            let (soql, taken) = select.within(field, rest);
            found.extend(self.values(&soql).await?);
            rest = rest.get(taken..).unwrap_or_default();
        }
        Ok(found)
    }

    /// The ids that a query of one field answers with.
    async fn values(&self, soql: &str) -> Result<BTreeSet<String>, CallError> {
        let rows = self.rows_to_the_end(soql, Which::Deleted).await?;
        let ids = rows.iter().filter_map(|row| {
            let row = Members::of(row).ok()?;
            let mut fields = row.iter().filter(|(name, _)| *name != "attributes");
            fields.next()?.1.as_text().map(std::borrow::Cow::into_owned)
        });
        Ok(ids.collect())
    }
}

fn collect_chains<'q>(
    query: &'q Query,
    path: &str,
    chain: &Chain<'q>,
    chains: &mut Vec<(String, Chain<'q>)>,
) {
    for relation in &query.relations {
        let path = join(path, &relation.name);
        let mut chain = chain.clone();
        chain.push(relation);
        chains.push((path.clone(), chain.clone()));
        collect_chains(&relation.query, &path, &chain, chains);
    }
}

/// One step towards the root: the query over the nearest children above the end of the chain
/// (or over the root), the path from there to the end, and the chain that is left.
fn step<'c, 'q>(
    root: &Query,
    chain: &'c [&'q Relation],
) -> (Select, String, Option<&'c [&'q Relation]>) {
    let is_children = |relation: &&Relation| matches!(relation.kind, RelationKind::Children { .. });
    let nearest = chain.iter().rposition(is_children);
    let lookups = chain.get(nearest.map_or(0, |at| at + 1)..).unwrap_or_default();
    let prefix: String = lookups.iter().map(|relation| format!("{}.", relation.name)).collect();
    let children = nearest.and_then(|at| chain.get(at).map(|relation| (at, *relation)));
    match children {
        None => (ids_where("Id", &root.object), prefix, None),
        Some((at, relation)) => {
            let field = joining_field(&relation.kind).unwrap_or("Id");
            (
                ids_where(field, &relation.query.object),
                prefix,
                Some(chain.get(..at).unwrap_or_default()),
            )
        }
    }
}

/// A stamp as SOQL takes it: with `Z`, for its `+0000` is not among the forms of the reference.
fn literal(mark: &str) -> Result<String, CallError> {
    let fault = || broken("read what has changed", format!("`{mark}` is no stamp"));
    Instant::parse(mark).map_err(|_| fault())?;
    match mark.strip_suffix("+0000").or_else(|| mark.strip_suffix("+00:00")) {
        Some(start) => Ok(format!("{start}Z")),
        None if mark.ends_with('Z') => Ok(mark.to_owned()),
        None => Err(fault()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_a_stamp_as_soql_takes_it() {
        let written = |mark: &str| literal(mark).ok();
        let z = Some("2024-01-31T00:00:00.000Z".to_owned());
        assert_eq!(written("2024-01-31T00:00:00.000+0000"), z);
        assert_eq!(written("2024-01-31T00:00:00.000Z"), z);
        assert_eq!(written("2024-01-31' OR Id != null"), None);
    }
}
