//! A query bound to the org: every name resolved, every literal in the form of its field.

use std::collections::HashSet;
use std::sync::Arc;

use crate::sandbox::salesforce::org::field::Field;
use crate::sandbox::salesforce::org::object::Object;
use crate::sandbox::salesforce::value::Key;

use super::ast::{Function, Operator};

/// A query that can be run.
#[derive(Debug)]
pub struct Plan {
    /// The object whose records are found.
    pub object: Arc<Object>,
    /// What each record shows.
    pub select: Shape,
    /// `COUNT()`: the number of records only.
    pub is_count: bool,
    /// Functions over groups, in place of records.
    pub aggregate: Option<Aggregate>,
    /// Which records.
    pub filter: Option<Filter>,
    /// In which order; by Id where it leaves a choice.
    pub order: Vec<Order>,
    /// Most records.
    pub limit: Option<usize>,
    /// Records to leave out first.
    pub offset: usize,
}

/// A query of groups.
#[derive(Debug)]
pub struct Aggregate {
    /// What rows are grouped by; nothing for one group of all rows.
    pub groups: Vec<FieldPath>,
    /// What a group shows: a grouped field where there is no function.
    pub members: Vec<(String, Option<Function>, FieldPath)>,
    /// Most groups.
    pub limit: Option<usize>,
    /// Groups to leave out first.
    pub offset: usize,
}

/// What a record shows, in the order of the SELECT.
#[derive(Debug, Default)]
pub struct Shape {
    /// Fields, parents and children.
    pub members: Vec<Member>,
}

/// One member of a record's JSON.
#[derive(Debug)]
pub enum Member {
    /// A field of its own.
    Field(Arc<Field>),
    /// A parent.
    Parent {
        /// The relationship's name.
        name: String,
        /// Where it leads.
        step: Step,
        /// What the parent shows.
        shape: Shape,
    },
    /// Children.
    Children {
        /// The relationship's name.
        name: String,
        /// The reference on the child.
        field: String,
        /// The sub-query.
        plan: Arc<Plan>,
    },
}

/// A step to a parent.
#[derive(Debug, Clone)]
pub struct Step {
    /// The reference that is followed.
    pub reference: Arc<Field>,
    /// The object that it leads to.
    pub target: Arc<Object>,
}

/// A field, reached through parents.
#[derive(Debug, Clone)]
pub struct FieldPath {
    /// The parents on the way.
    pub steps: Vec<Step>,
    /// The field.
    pub field: Arc<Field>,
}

/// One key of the order.
#[derive(Debug)]
pub struct Order {
    /// The field.
    pub path: FieldPath,
    /// From large to small.
    pub is_descending: bool,
    /// Where records without a value go.
    pub is_nulls_last: bool,
}

/// A condition with its literals in the form of the field.
#[derive(Debug)]
pub enum Filter {
    /// All hold.
    And(Vec<Filter>),
    /// One holds.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// A comparison; without a key it is one with null.
    Compare {
        /// The field.
        path: FieldPath,
        /// Any operator but LIKE.
        operator: Operator,
        /// The literal.
        key: Option<Key>,
    },
    /// A pattern, in lower case.
    Like {
        /// The field.
        path: FieldPath,
        /// The pattern with `_`, `%` and backslashes.
        pattern: Vec<PatternPart>,
    },
    /// One of several.
    In {
        /// The field.
        path: FieldPath,
        /// `NOT IN`.
        is_negated: bool,
        /// The values.
        keys: HashSet<Option<Key>>,
    },
    /// One of the values that another query finds.
    InQuery {
        /// The field.
        path: FieldPath,
        /// `NOT IN`.
        is_negated: bool,
        /// The other query.
        plan: Box<Plan>,
        /// The field that it selects.
        selected: FieldPath,
    },
    /// Values of a multi-select picklist: one of the combinations is there in full.
    Includes {
        /// The field.
        path: FieldPath,
        /// `EXCLUDES`.
        is_negated: bool,
        /// The combinations, in lower case.
        combinations: Vec<Vec<String>>,
    },
}

/// A part of a LIKE pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatternPart {
    /// `%`
    Any,
    /// `_`
    One,
    /// A character.
    Letter(char),
}
