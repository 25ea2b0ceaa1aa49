//! Records made complete from the files beside theirs: parents put in as objects, children as
//! `{"totalSize":n,"done":true,"records":[…]}`, in the shape that Salesforce answers with.

use super::Inner;
use crate::{
    connector::{
        CallError, Query, Relation, RelationKind,
        http::Effect,
        shape::{children_text, sort},
    },
    json::{Members, ObjectText},
};

/// The field that holds the id of a record.
pub(super) const ID: &str = "Id";

impl Inner {
    /// Puts the related records into a record. What it holds already stays: a file may come with
    /// its parents and children inside.
    pub(super) fn joined(&self, query: &Query, record: &str) -> Result<String, CallError> {
        let Ok(members) = Members::of(record) else { return Ok(record.to_owned()) };
        let mut added = Vec::new();
        for relation in &query.relations {
            if members.get(&relation.name).is_some() {
                continue;
            }
            if let Some(value) = self.related(relation, &members)? {
                added.push((relation.name.as_str(), value));
            }
        }
        if added.is_empty() {
            return Ok(record.to_owned());
        }
        let mut out = ObjectText::new();
        members.iter().for_each(|(name, value)| out.push(name, value.text()));
        added.iter().for_each(|(name, value)| out.push(name, value));
        Ok(out.end())
    }

    /// The value of a relation. An object without a file has no records: exports leave empty
    /// objects out.
    fn related(
        &self,
        relation: &Relation,
        record: &Members<'_>,
    ) -> Result<Option<String>, CallError> {
        let (own_field, joined_by) = match &relation.kind {
            RelationKind::Inside => return Ok(None),
            RelationKind::Lookup { field } => (field.as_str(), ID),
            RelationKind::Children { field } => (ID, field.as_str()),
        };
        let null = Some("null".to_owned());
        let file = if self.file.is_some() { None } else { self.present(&relation.query.object)? };
        let (Some((path, format)), Some(value)) = (file, record.get_text(own_field)) else {
            return Ok(null);
        };
        let table = self.tables.of(&relation.query.object, joined_by, (&path, format))?;
        self.counters.count(Effect::Read);
        let rows = table.with(&value).iter().map(|row| self.joined(&relation.query, row));
        let mut rows: Vec<String> = rows.collect::<Result<_, _>>()?;
        if let RelationKind::Lookup { .. } = relation.kind {
            return Ok(rows.into_iter().next().or(null));
        }
        sort(&relation.query.sort, &mut rows);
        Ok(if rows.is_empty() { null } else { Some(children_text(&rows)) })
    }
}
