//! The fields of the source that a program reads, by the slots that they go to.

use std::collections::BTreeMap;

use super::{
    Program,
    shape::{Members, Place, Shapes},
};
use crate::connector::{Query, Relation, RelationKind};

/// A field of an object of the source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceField {
    /// The object: `PricebookEntry`.
    pub object: String,
    /// The field: `UnitPrice`; of files also a path within the record.
    pub field: String,
    /// The path from the record: `PricebookEntries.records[].UnitPrice`.
    pub path: String,
}

impl std::fmt::Display for SourceField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.object, self.field)
    }
}

/// What slots hold, by shape and slot. Slots that only say whether something is there are left out.
pub(super) fn source_fields(program: &Program) -> BTreeMap<(usize, usize), SourceField> {
    let mut walk = Walk { shapes: &program.code.shapes, found: BTreeMap::new() };
    walk.shape(0, Some(&program.head.query), &program.head.query.object, "", "");
    walk.found
}

struct Walk<'p> {
    shapes: &'p Shapes,
    found: BTreeMap<(usize, usize), SourceField>,
}

impl<'p> Walk<'p> {
    /// `inside` is the path from the object, where the shape is no object of its own.
    fn shape(
        &mut self,
        shape: usize,
        query: Option<&'p Query>,
        object: &str,
        path: &str,
        inside: &str,
    ) {
        let Some(found) = self.shapes.all.get(shape) else { return };
        if let Some(slot) = found.item {
            let field = inside.trim_end_matches('.').to_owned();
            let path = path.trim_end_matches('.').to_owned();
            self.found.insert((shape, slot), SourceField { object: object.into(), field, path });
        }
        self.members(&found.members, shape, query, object, path, inside);
    }

    fn members(
        &mut self,
        members: &'p Members,
        shape: usize,
        query: Option<&'p Query>,
        object: &str,
        path: &str,
        inside: &str,
    ) {
        for member in &members.all {
            let name = member.name.as_str();
            let relation = query.and_then(|query| relation(query, name));
            let below = format!("{path}{name}");
            match &member.place {
                Place::Slot(slot) => {
                    let (object, field) = (object.to_owned(), format!("{inside}{name}"));
                    let field = SourceField { object, field, path: below };
                    self.found.insert((shape, *slot), field);
                }
                Place::Inside { members, .. } => match relation {
                    Some(Relation { kind: RelationKind::Children { .. }, query, .. }) => {
                        self.children(members, query, &below);
                    }
                    Some(Relation { query, .. }) => {
                        let path = format!("{below}.");
                        self.members(members, shape, Some(query), &query.object, &path, "");
                    }
                    None => {
                        let (path, inside) = (format!("{below}."), format!("{inside}{name}."));
                        self.members(members, shape, None, object, &path, &inside);
                    }
                },
                Place::List { shape, .. } => {
                    let path = format!("{below}[].");
                    match relation {
                        Some(Relation { query, .. }) if query.object != object => {
                            self.shape(*shape, Some(query), &query.object, &path, "");
                        }
                        _ => {
                            let inside = format!("{inside}{name}[].");
                            let query = relation.map(|relation| &relation.query);
                            self.shape(*shape, query, object, &path, &inside);
                        }
                    }
                }
            }
        }
    }

    /// `{"records": […]}`, as children stand in a record.
    fn children(&mut self, members: &'p Members, query: &'p Query, path: &str) {
        for member in &members.all {
            if let Place::List { shape, .. } = &member.place {
                let path = format!("{path}.{}[].", member.name);
                self.shape(*shape, Some(query), &query.object, &path, "");
            }
        }
    }
}

fn relation<'q>(query: &'q Query, name: &str) -> Option<&'q Relation> {
    query.relations.iter().find(|relation| relation.name == name)
}
