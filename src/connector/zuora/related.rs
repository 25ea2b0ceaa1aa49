//! Which fields join a record with what hangs on it.

use crate::connector::{Relation, RelationKind};

/// The fields of both sides whose values are equal.
pub(super) struct Joined<'q> {
    pub(super) own_field: &'q str,
    pub(super) other_field: &'q str,
}

/// The join of a relation. Lists inside a record join nothing; they are refused before.
pub(super) fn joined(relation: &Relation) -> Joined<'_> {
    match &relation.kind {
        RelationKind::Lookup { field } => Joined { own_field: field, other_field: "Id" },
        RelationKind::Children { field } => Joined { own_field: "Id", other_field: field },
        RelationKind::Inside => Joined { own_field: "Id", other_field: "Id" },
    }
}
