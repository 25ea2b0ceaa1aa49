//! Records made complete from the files beside theirs: parents put in as objects, children as
//! `{"totalSize":n,"done":true,"records":[…]}`, in the shape that Salesforce answers with.

use std::{collections::BTreeSet, sync::Arc};

use super::{Inner, table::Table};
use crate::{
    connector::{
        CallError, Query, Relation, RelationKind,
        shape::{children_text, sort_children},
    },
    json::{Members, ObjectText},
};

/// The field that holds the id of a record.
pub(super) const ID: &str = "Id";

/// What hangs on the records of a query, ready to be put in.
pub(super) struct Joins<'q>(Vec<Join<'q>>);

struct Join<'q> {
    relation: &'q Relation,
    own_field: &'q str,
    /// The related records. An object without a file has none: exports leave empty objects out.
    table: Option<Arc<Table>>,
    below: Joins<'q>,
}

impl Inner {
    /// Reads the files of all that hangs on a query, those that are not known yet.
    pub(super) fn joins<'q>(
        &self,
        query: &'q Query,
        stamp: Option<&'q str>,
    ) -> Result<Joins<'q>, CallError> {
        let mut joins = Vec::new();
        for relation in &query.relations {
            let Some((own_field, joined_by)) = fields(&relation.kind) else { continue };
            let table = match self.beside(&relation.query.object)? {
                None => None,
                Some((path, format)) => {
                    let kept = kept(&relation.query, joined_by, stamp);
                    Some(self.tables.of((&path, format), joined_by, kept)?)
                }
            };
            let below = self.joins(&relation.query, stamp)?;
            joins.push(Join { relation, own_field, table, below });
        }
        Ok(Joins(joins))
    }
}

/// The field of the record and the field of the related one whose values are equal.
fn fields(kind: &RelationKind) -> Option<(&str, &str)> {
    match kind {
        RelationKind::Inside => None,
        RelationKind::Lookup { field } => Some((field, ID)),
        RelationKind::Children { field } => Some((ID, field)),
    }
}

/// The members of related records that are kept: those that are read, that join, or that sort.
fn kept(query: &Query, joined_by: &str, stamp: Option<&str>) -> BTreeSet<String> {
    let mut kept: BTreeSet<&str> = query.fields.iter().map(|field| field.name.as_str()).collect();
    kept.extend([ID, joined_by]);
    kept.extend(stamp);
    kept.extend(query.sort.iter().map(|key| key.field.as_str()));
    for relation in &query.relations {
        kept.insert(&relation.name);
        kept.extend(fields(&relation.kind).map(|(own_field, _)| own_field));
    }
    kept.into_iter().map(str::to_owned).collect()
}

impl Joins<'_> {
    /// Puts the related records into a record. What it holds already stays: a file may come with
    /// its parents and children inside.
    pub(super) fn complete(&self, record: &str) -> String {
        let Ok(members) = Members::of(record) else { return record.to_owned() };
        let missing: Vec<&Join<'_>> =
            self.0.iter().filter(|join| members.get(&join.relation.name).is_none()).collect();
        if missing.is_empty() {
            return record.to_owned();
        }
        let mut out = ObjectText::new();
        members.iter().for_each(|(name, value)| out.push(name, value.text()));
        for join in missing {
            out.push(&join.relation.name, &join.value(&members));
        }
        out.end()
    }
}

impl Join<'_> {
    /// The value of the relation in one record.
    fn value(&self, record: &Members<'_>) -> String {
        let own = record.get_text(self.own_field);
        let rows = match (&self.table, &own) {
            (Some(table), Some(own)) => table.with(own),
            _ => &[],
        };
        let mut rows: Vec<String> = match self.relation.kind {
            RelationKind::Lookup { .. } => {
                rows.iter().take(1).map(|row| self.below.complete(row)).collect()
            }
            _ => rows.iter().map(|row| self.below.complete(row)).collect(),
        };
        sort_children(&self.relation.query.sort, &mut rows);
        match self.relation.kind {
            _ if rows.is_empty() => "null".to_owned(),
            RelationKind::Lookup { .. } => rows.swap_remove(0),
            _ => children_text(&rows),
        }
    }
}
