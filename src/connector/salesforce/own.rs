//! Which way each relation of a query is read: as a path, as a sub-query, or by a query of its own.

use super::{service::broken, soql};
use crate::connector::{CallError, Query, Relation, RelationKind};

/// Levels of parents that one path may climb (SOQL and SOSL Reference).
const LOOKUPS_DEEP_MAX: usize = 5;

/// Sub-queries that one query may hold; children beyond are read by queries of their own.
const SUB_QUERIES_MAX: usize = 20;

/// Where a record stands in a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It is the record that the query reads.
    Root,
    /// It is the record that the query reads, and the query would be too long with sub-queries.
    LongRoot,
    /// It is a row of a sub-query.
    Child,
    /// It is a parent, so many lookups away from one of the two above.
    Parent(usize),
}

/// How a relation is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// A lookup: columns with a path in front.
    Path(Place),
    /// Children of the root: a sub-query.
    Inline,
    /// Children of a parent, or of children: a query of their own, joined by id. SOQL has no
    /// sub-query below a parent, and below children only from API version 58 on.
    Own,
}

/// The relations of a record, each with its way.
pub(super) fn ways(query: &Query, place: Place) -> Result<Vec<(&Relation, Way)>, CallError> {
    check_names(query)?;
    let mut sub_queries = 0;
    let way = |relation: &Relation| match relation.kind {
        RelationKind::Lookup { .. } => deeper(place, relation).map(Way::Path),
        RelationKind::Children { .. } if place == Place::Root && sub_queries < SUB_QUERIES_MAX => {
            sub_queries += 1;
            Ok(Way::Inline)
        }
        RelationKind::Children { .. } => Ok(Way::Own),
        RelationKind::Inside => Err(broken(
            format!("read {}", query.object),
            format!(
                "`{}` is no relation of {}: its records hold no lists",
                relation.name, query.object
            ),
        )),
    };
    let mut way = way;
    query.relations.iter().map(|relation| Ok((relation, way(relation)?))).collect()
}

fn deeper(place: Place, relation: &Relation) -> Result<Place, CallError> {
    let depth = match place {
        Place::Root | Place::LongRoot | Place::Child => 1,
        Place::Parent(depth) => depth + 1,
    };
    if depth > LOOKUPS_DEEP_MAX {
        return Err(broken(
            format!("read {}", relation.query.object),
            format!("`{}` is more than {LOOKUPS_DEEP_MAX} lookups away", relation.name),
        ));
    }
    Ok(Place::Parent(depth))
}

fn check_names(query: &Query) -> Result<(), CallError> {
    let fields = query.fields.iter().map(|field| field.name.as_str());
    let sort = query.sort.iter().map(|key| key.field.as_str());
    let relations = query.relations.iter().flat_map(|relation| {
        [Some(relation.name.as_str()), soql::joining_field(&relation.kind)].into_iter().flatten()
    });
    let own = [Some(query.object.as_str()), query.changed_by.as_deref()];
    let mut names = fields.chain(sort).chain(relations).chain(own.into_iter().flatten());
    match names.find(|name| !soql::is_name(name)) {
        Some(name) => {
            Err(broken(format!("read {}", query.object), format!("`{name}` is no name in SOQL")))
        }
        None => Ok(()),
    }
}

/// Children that are read by a query of their own: the lookups that lead to the record that has
/// them, and the relation.
pub(super) struct Own<'q> {
    pub(super) path: Vec<&'q str>,
    pub(super) relation: &'q Relation,
}

/// All such children of a record and of its parents.
pub(super) fn own_children(query: &Query, place: Place) -> Result<Vec<Own<'_>>, CallError> {
    let mut found = Vec::new();
    collect(query, place, &mut Vec::new(), &mut found)?;
    Ok(found)
}

fn collect<'q>(
    query: &'q Query,
    place: Place,
    path: &mut Vec<&'q str>,
    found: &mut Vec<Own<'q>>,
) -> Result<(), CallError> {
    for (relation, way) in ways(query, place)? {
        match way {
            Way::Own => found.push(Own { path: path.clone(), relation }),
            Way::Inline => {}
            Way::Path(deeper) => {
                path.push(&relation.name);
                collect(&relation.query, deeper, path, found)?;
                path.pop();
            }
        }
    }
    Ok(())
}
