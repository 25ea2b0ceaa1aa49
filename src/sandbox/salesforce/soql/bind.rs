//! Binds a query to the org: names become fields and objects, limits of the service are checked.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ast::{FieldGroup, Name, Path, Query, Selected};
use super::plan::{FieldPath, Member, Order, Plan, Shape, Step};
use super::{INVALID_FIELD, INVALID_TYPE, MALFORMED_QUERY, SoqlError};
use crate::sandbox::salesforce::org::Org;
use crate::sandbox::salesforce::org::object::Object;

/// Sub-queries over children in one query.
const SUB_QUERIES_MAX: usize = 20;
/// Parent relationships in one query.
const PARENT_RELATIONSHIPS_MAX: usize = 55;
/// Steps up in one path.
const PARENT_LEVELS_MAX: usize = 5;
/// Levels of parents and children from API version 58 on, the root among them.
const CHILD_LEVELS_MAX: usize = 5;
/// Levels before that.
const CHILD_LEVELS_MAX_BEFORE_58: usize = 2;
/// Rows that an OFFSET may leave out.
const OFFSET_MAX: usize = 2_000;
/// Rows that a query with `FIELDS(ALL)` may ask for.
const FIELDS_LIMIT_MAX: usize = 200;

/// The service's advice after an unknown name.
const ADVICE: &str = "Please reference your WSDL or the describe call for the appropriate names.";

/// Binds a parsed query.
///
/// # Errors
/// The first name, literal or limit that the service would refuse.
pub fn bind(org: &Org, version: u32, query: &Query) -> Result<Plan, SoqlError> {
    let mut binder = Binder {
        org,
        child_levels_max: if version >= 58 { CHILD_LEVELS_MAX } else { CHILD_LEVELS_MAX_BEFORE_58 },
        sub_queries: 0,
        parents: BTreeSet::new(),
        semi_joins: 0,
    };
    let object = binder.root_object(query)?;
    binder.plan(query, &object, 1)
}

pub(super) struct Binder<'a> {
    pub(super) org: &'a Org,
    child_levels_max: usize,
    sub_queries: usize,
    parents: BTreeSet<String>,
    pub(super) semi_joins: usize,
}

/// The object that names are looked up in, and the names it goes by.
pub(super) struct Scope<'a> {
    pub(super) object: &'a Arc<Object>,
    pub(super) alias: Option<&'a Name>,
}

impl Binder<'_> {
    /// The object of a FROM that is no sub-query over children.
    pub(super) fn root_object(&self, query: &Query) -> Result<Arc<Object>, SoqlError> {
        let (Some(name), None) = (query.from.names.first(), query.from.names.get(1)) else {
            return Err(SoqlError::unexpected(query.from.offset(), &query.from.text()));
        };
        match self.org.object(&name.text) {
            Some(object) if object.queryable => Ok(object.clone()),
            Some(object) => Err(SoqlError::at(
                name.offset,
                INVALID_TYPE,
                format!("entity type {} does not support query", object.name),
            )),
            None => Err(SoqlError::at(
                name.offset,
                INVALID_TYPE,
                format!(
                    "sObject type '{}' is not supported. If you are attempting to use a custom \
                     object, be sure to append the '__c' after the entity name. {ADVICE}",
                    name.text
                ),
            )),
        }
    }

    /// Binds a query whose object is known; `level` counts from 1 at the root.
    pub(super) fn plan(
        &mut self,
        query: &Query,
        object: &Arc<Object>,
        level: usize,
    ) -> Result<Plan, SoqlError> {
        let scope = Scope { object, alias: query.alias.as_ref() };
        let is_count = query.select.iter().any(|item| matches!(item, Selected::Count(_)));
        if is_count {
            check_count(query, level)?;
        }
        let aggregate = self.aggregate(&scope, query, level)?;
        let mut select = Shape::default();
        if aggregate.is_none() {
            for item in &query.select {
                self.select(&mut select, &scope, query, item, level)?;
            }
        }
        let filter = match &query.filter {
            Some(condition) => Some(self.filter(&scope, condition, level)?),
            None => None,
        };
        let mut order = Vec::new();
        for key in &query.order {
            let path = self.field_path(&scope, &key.path)?;
            if !path.field.is_sortable() {
                let message =
                    format!("field '{}' can not be sorted in a query call", path.field.name);
                return Err(SoqlError::at(key.path.offset(), INVALID_FIELD, message));
            }
            let (is_descending, is_nulls_last) = (key.is_descending, key.is_nulls_last);
            order.push(Order { path, is_descending, is_nulls_last });
        }
        let offset = checked_offset(query, level)?;
        // Limit and offset of a query of groups count groups.
        let (limit, offset) = if aggregate.is_some() { (None, 0) } else { (query.limit, offset) };
        let object = object.clone();
        Ok(Plan { object, select, is_count, aggregate, filter, order, limit, offset })
    }

    fn select(
        &mut self,
        shape: &mut Shape,
        scope: &Scope<'_>,
        query: &Query,
        item: &Selected,
        level: usize,
    ) -> Result<(), SoqlError> {
        match item {
            Selected::Count(_) | Selected::Aggregate { .. } => Ok(()),
            Selected::Path(path) => {
                let bound = self.field_path(scope, path)?;
                add_path(shape, &bound.steps, &bound).map_err(|field| {
                    let message = format!("duplicate field selected: {field}");
                    SoqlError::at(path.offset(), MALFORMED_QUERY, message)
                })
            }
            Selected::Fields(group, offset) => add_group(shape, scope, query, *group, *offset),
            Selected::Children(children, offset) => {
                self.select_children(shape, scope, children, *offset, level)
            }
        }
    }

    fn select_children(
        &mut self,
        shape: &mut Shape,
        scope: &Scope<'_>,
        query: &Query,
        offset: usize,
        level: usize,
    ) -> Result<(), SoqlError> {
        self.sub_queries = self.sub_queries.saturating_add(1);
        if self.sub_queries > SUB_QUERIES_MAX {
            let message = format!("Maximum number of sub queries ({SUB_QUERIES_MAX}) exceeded");
            return Err(SoqlError::at(offset, MALFORMED_QUERY, message));
        }
        if level >= self.child_levels_max {
            let message = format!(
                "A parent-to-child query can have at most {} levels in this API version",
                self.child_levels_max
            );
            return Err(SoqlError::at(offset, MALFORMED_QUERY, message));
        }
        let (name, field, object) = self.children(scope, query)?;
        let is_twice = shape
            .members
            .iter()
            .any(|member| matches!(member, Member::Children { name: other, .. } if *other == name));
        if is_twice {
            let message = format!("duplicate relationship selected: {name}");
            return Err(SoqlError::at(query.from.offset(), MALFORMED_QUERY, message));
        }
        let plan = Arc::new(self.plan(query, &object, level.saturating_add(1))?);
        shape.members.push(Member::Children { name, field, plan });
        Ok(())
    }

    /// Relationship name, reference on the child, and the children's object. Only a relationship
    /// of the object itself will do: the children of a looked-up parent are out of reach.
    fn children(
        &self,
        scope: &Scope<'_>,
        query: &Query,
    ) -> Result<(String, String, Arc<Object>), SoqlError> {
        let unknown = || {
            SoqlError::at(
                query.from.offset(),
                INVALID_TYPE,
                format!(
                    "Didn't understand relationship '{}' in FROM part of query call. If you are \
                     attempting to use a custom relationship, be sure to append the '__r' after \
                     the custom relationship name. {ADVICE}",
                    query.from.text()
                ),
            )
        };
        let names = own_names(scope, &query.from.names);
        let ([name], false) = (names, names.is_empty()) else { return Err(unknown()) };
        let child = scope.object.child_relationship(&name.text).ok_or_else(unknown)?;
        let object = self.org.object(&child.child_object).ok_or_else(unknown)?;
        let reference = child.field.as_deref().and_then(|field| object.field(field));
        let reference = reference.ok_or_else(unknown)?;
        let relationship = child.relationship_name.clone().ok_or_else(unknown)?;
        Ok((relationship, reference.name.clone(), object.clone()))
    }

    /// Binds a path of fields, counting the relationships that it uses.
    pub(super) fn field_path(
        &mut self,
        scope: &Scope<'_>,
        path: &Path,
    ) -> Result<FieldPath, SoqlError> {
        let names = own_names(scope, &path.names);
        let Some((last, parents)) = names.split_last() else {
            return Err(SoqlError::unexpected(path.offset(), "."));
        };
        if parents.len() > PARENT_LEVELS_MAX {
            let message = format!(
                "relationship path is longer than {PARENT_LEVELS_MAX} levels: {}",
                path.text()
            );
            return Err(SoqlError::at(path.offset(), MALFORMED_QUERY, message));
        }
        let mut steps: Vec<Step> = Vec::with_capacity(parents.len());
        for name in parents {
            let object = steps.last().map_or(scope.object, |step| &step.target);
            let step = self.step(object, name)?;
            steps.push(step);
            self.parents.insert(format!("{}/{}", scope.object.name, steps_text(&steps)));
        }
        if self.parents.len() > PARENT_RELATIONSHIPS_MAX {
            let message =
                format!("Maximum number of relationships ({PARENT_RELATIONSHIPS_MAX}) exceeded");
            return Err(SoqlError::at(path.offset(), MALFORMED_QUERY, message));
        }
        let object = steps.last().map_or(scope.object, |step| &step.target);
        let field = object.field(&last.text).cloned().ok_or_else(|| {
            SoqlError::at(
                last.offset,
                INVALID_FIELD,
                format!(
                    "No such column '{}' on entity '{}'. If you are attempting to use a custom \
                     field, be sure to append the '__c' after the custom field name. {ADVICE}",
                    last.text, object.name
                ),
            )
        })?;
        Ok(FieldPath { steps, field })
    }

    fn step(&self, object: &Arc<Object>, name: &Name) -> Result<Step, SoqlError> {
        let reference = object.parent_reference(&name.text);
        let target = reference.and_then(|reference| self.org.target(reference));
        match (reference, target) {
            (Some(reference), Some(target)) => {
                Ok(Step { reference: reference.clone(), target: target.clone() })
            }
            _ => Err(SoqlError::at(
                name.offset,
                INVALID_FIELD,
                format!(
                    "Didn't understand relationship '{}' in field path. If you are attempting to \
                     use a custom relationship, be sure to append the '__r' after the custom \
                     relationship name. {ADVICE}",
                    name.text
                ),
            )),
        }
    }
}

/// The names of a path without the object's own name or alias in front.
fn own_names<'a>(scope: &Scope<'_>, names: &'a [Name]) -> &'a [Name] {
    let Some((first, rest)) = names.split_first() else { return names };
    let is_alias = scope.alias.is_some_and(|alias| alias.text.eq_ignore_ascii_case(&first.text));
    let is_object = scope.object.name.eq_ignore_ascii_case(&first.text)
        && scope.object.parent_reference(&first.text).is_none();
    if !rest.is_empty() && (is_alias || is_object) { rest } else { names }
}

fn steps_text(steps: &[Step]) -> String {
    let names: Vec<&str> = steps.iter().map(|step| step.reference.name.as_str()).collect();
    names.join(".")
}

/// Adds a path to the shape, making parents on the way; the field's name when it is there already.
fn add_path(shape: &mut Shape, steps: &[Step], path: &FieldPath) -> Result<(), String> {
    let Some((step, rest)) = steps.split_first() else {
        let is_twice = shape
            .members
            .iter()
            .any(|member| matches!(member, Member::Field(field) if field.name == path.field.name));
        if is_twice {
            return Err(path.field.name.clone());
        }
        shape.members.push(Member::Field(path.field.clone()));
        return Ok(());
    };
    for member in &mut shape.members {
        if let Member::Parent { step: known, shape, .. } = member
            && known.reference.name == step.reference.name
        {
            return add_path(shape, rest, path);
        }
    }
    let mut parent = Shape::default();
    add_path(&mut parent, rest, path)?;
    let name = step.reference.relationship_name.clone().unwrap_or_default();
    shape.members.push(Member::Parent { name, step: step.clone(), shape: parent });
    Ok(())
}

fn add_group(
    shape: &mut Shape,
    scope: &Scope<'_>,
    query: &Query,
    group: FieldGroup,
    offset: usize,
) -> Result<(), SoqlError> {
    let is_bounded = query.limit.is_some_and(|limit| limit <= FIELDS_LIMIT_MAX);
    if group != FieldGroup::Standard && !is_bounded {
        let message = "The SOQL FIELDS function must have a LIMIT of at most 200";
        return Err(SoqlError::at(offset, MALFORMED_QUERY, message));
    }
    let chosen = scope.object.fields.iter().filter(|field| match group {
        FieldGroup::All => true,
        FieldGroup::Standard => !field.custom,
        FieldGroup::Custom => field.custom,
    });
    for field in chosen {
        let path = FieldPath { steps: Vec::new(), field: field.clone() };
        add_path(shape, &[], &path).map_err(|field| {
            SoqlError::at(offset, MALFORMED_QUERY, format!("duplicate field selected: {field}"))
        })?;
    }
    Ok(())
}

fn check_count(query: &Query, level: usize) -> Result<(), SoqlError> {
    let is_alone = query.select.len() == 1 && query.order.is_empty() && level == 1;
    if is_alone {
        return Ok(());
    }
    let message =
        "COUNT() must be the only thing that is selected, at the root and without ORDER BY";
    Err(SoqlError::whole(MALFORMED_QUERY, message))
}

pub(super) fn checked_offset(query: &Query, level: usize) -> Result<usize, SoqlError> {
    match query.offset {
        None => Ok(0),
        Some((_, place)) if level > 1 => Err(SoqlError::unexpected(place, "OFFSET")),
        Some((rows, place)) if rows > OFFSET_MAX => Err(SoqlError::at(
            place,
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        )),
        Some((rows, _)) => Ok(rows),
    }
}
