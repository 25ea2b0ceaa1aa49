//! Queries of groups: binds GROUP BY and functions, and writes what the groups show.

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;

use super::ast::{Function, Path, Query, Selected};
use super::bind::{Binder, Scope, checked_offset};
use super::execute::{path_key, path_value};
use super::plan::{Aggregate, FieldPath, Plan};
use super::render::value_text;
use super::{MALFORMED_QUERY, SoqlError};
use crate::sandbox::salesforce::org::field::FieldType;
use crate::sandbox::salesforce::store::Store;
use crate::sandbox::salesforce::store::table::Row;
use crate::sandbox::salesforce::value::Key;

/// Groups of one answer: such a query has no further pages.
const GROUPS_MAX: usize = 2_000;

impl Binder<'_> {
    /// The groups of a query, when it is one of groups.
    pub(super) fn aggregate(
        &mut self,
        scope: &Scope<'_>,
        query: &Query,
        level: usize,
    ) -> Result<Option<Aggregate>, SoqlError> {
        let has_function = query.select.iter().any(|s| matches!(s, Selected::Aggregate { .. }));
        if !has_function && query.group.is_empty() {
            return Ok(None);
        }
        let refused = |message: &str| SoqlError::whole(MALFORMED_QUERY, message);
        if level > 1 {
            return Err(refused("aggregate functions are not allowed in a sub-query"));
        }
        if query.group.is_empty() && query.limit.is_some() {
            let message = "Non-grouped query that uses overall aggregate functions cannot also use \
                           LIMIT";
            return Err(refused(message));
        }
        let mut groups = Vec::new();
        for path in &query.group {
            groups.push(self.groupable(scope, path)?);
        }
        for key in &query.order {
            let path = self.field_path(scope, &key.path)?;
            check_grouped(&groups, &path, "Ordered field must be grouped", &key.path)?;
        }
        let mut members = Vec::new();
        for item in &query.select {
            let number = members.iter().filter(|(name, ..): &&Member| name.starts_with("expr"));
            let expression = format!("expr{}", number.count());
            members.push(self.member(scope, item, expression, &groups)?);
        }
        let offset = checked_offset(query, level)?;
        Ok(Some(Aggregate { groups, members, limit: query.limit, offset }))
    }

    fn groupable(&mut self, scope: &Scope<'_>, path: &Path) -> Result<FieldPath, SoqlError> {
        let bound = self.field_path(scope, path)?;
        let is_groupable = bound.field.is_filterable()
            && !matches!(
                bound.field.kind(),
                FieldType::Number | FieldType::DateTime | FieldType::MultiPicklist
            );
        if is_groupable {
            return Ok(bound);
        }
        let message = format!("field '{}' can not be grouped in a query call", bound.field.name);
        Err(SoqlError::at(path.offset(), MALFORMED_QUERY, message))
    }

    fn member(
        &mut self,
        scope: &Scope<'_>,
        item: &Selected,
        expression: String,
        groups: &[FieldPath],
    ) -> Result<Member, SoqlError> {
        match item {
            Selected::Path(path) => {
                let bound = self.field_path(scope, path)?;
                check_grouped(groups, &bound, "Field must be grouped or aggregated", path)?;
                Ok((bound.field.name.clone(), None, bound))
            }
            Selected::Aggregate { function, path, alias } => {
                let bound = self.field_path(scope, path)?;
                let kind = bound.field.kind();
                let is_number = matches!(kind, FieldType::Int | FieldType::Number);
                let fits = match function {
                    Function::Sum => is_number,
                    Function::Min | Function::Max => {
                        bound.field.is_sortable() && kind != FieldType::Boolean
                    }
                    Function::Count | Function::CountDistinct => bound.field.is_filterable(),
                };
                if !fits {
                    let message = format!(
                        "field {} does not support aggregate operator {}",
                        bound.field.name,
                        format!("{function:?}").to_uppercase()
                    );
                    return Err(SoqlError::at(path.offset(), MALFORMED_QUERY, message));
                }
                let name = alias.as_ref().map_or(expression, |alias| alias.text.clone());
                Ok((name, Some(*function), bound))
            }
            Selected::Children(_, offset)
            | Selected::Fields(_, offset)
            | Selected::Count(offset) => {
                let message = "only fields and aggregate functions can be selected with groups";
                Err(SoqlError::at(*offset, MALFORMED_QUERY, message))
            }
        }
    }
}

/// Name, function and field of what a group shows.
type Member = (String, Option<Function>, FieldPath);

fn check_grouped(
    groups: &[FieldPath],
    path: &FieldPath,
    complaint: &str,
    written: &Path,
) -> Result<(), SoqlError> {
    let is_same = |group: &FieldPath| {
        let steps = |path: &FieldPath| -> Vec<String> {
            path.steps.iter().map(|step| step.reference.name.clone()).collect()
        };
        group.field.name == path.field.name && steps(group) == steps(path)
    };
    if groups.iter().any(is_same) {
        return Ok(());
    }
    let message = format!("{complaint}: {}", written.text());
    Err(SoqlError::at(written.offset(), MALFORMED_QUERY, message))
}

/// The answer to a query of groups whose rows are found: groups come in the order in which their
/// first rows do.
///
/// # Errors
/// More groups than one answer holds.
pub fn answer(
    store: &Store,
    plan: &Plan,
    aggregate: &Aggregate,
    ids: &[String],
) -> Result<String, SoqlError> {
    let table = store.table(&plan.object.name);
    let rows = ids.iter().filter_map(|id| table.and_then(|table| table.row(id)));
    let mut places: HashMap<Vec<Option<Key>>, usize> = HashMap::new();
    let mut groups: Vec<Vec<&Row>> = Vec::new();
    if aggregate.groups.is_empty() {
        groups.push(rows.collect());
    } else {
        for row in rows {
            let keys = aggregate.groups.iter().map(|path| path_key(store, path, row)).collect();
            let place = *places.entry(keys).or_insert(groups.len());
            match groups.get_mut(place) {
                Some(group) => group.push(row),
                None => groups.push(vec![row]),
            }
        }
    }
    let wanted = groups.iter().skip(aggregate.offset);
    let wanted: Vec<_> = wanted.take(aggregate.limit.unwrap_or(usize::MAX)).collect();
    if wanted.len() > GROUPS_MAX {
        let message = "Aggregate query does not support queryMore(), use LIMIT to restrict the \
                       results to a single batch";
        return Err(SoqlError::whole("EXCEEDED_ID_LIMIT", message));
    }
    let records: Vec<String> =
        wanted.iter().map(|rows| group_text(store, aggregate, rows)).collect();
    Ok(format!(
        "{{\"totalSize\":{},\"done\":true,\"records\":[{}]}}",
        records.len(),
        records.join(",")
    ))
}

fn group_text(store: &Store, aggregate: &Aggregate, rows: &[&Row]) -> String {
    let mut text = "{\"attributes\":{\"type\":\"AggregateResult\"}".to_owned();
    for (name, function, path) in &aggregate.members {
        let value = match function {
            None => rows.first().map_or_else(
                || "null".to_owned(),
                |row| value_text(path.field.kind(), path_value(store, path, row)),
            ),
            Some(function) => function_text(store, *function, path, rows),
        };
        text.push_str(&format!(",\"{name}\":{value}"));
    }
    text.push('}');
    text
}

fn function_text(store: &Store, function: Function, path: &FieldPath, rows: &[&Row]) -> String {
    let keyed = || rows.iter().filter_map(|row| path_key(store, path, row).map(|key| (key, *row)));
    let shown = |found: Option<(Key, &Row)>| {
        found.map_or_else(
            || "null".to_owned(),
            |(_, row)| value_text(path.field.kind(), path_value(store, path, row)),
        )
    };
    match function {
        Function::Count => keyed().count().to_string(),
        Function::CountDistinct => {
            keyed().map(|(key, _)| key).collect::<HashSet<_>>().len().to_string()
        }
        Function::Min => shown(keyed().min_by(|(left, _), (right, _)| left.cmp(right))),
        Function::Max => shown(keyed().max_by(|(left, _), (right, _)| left.cmp(right))),
        Function::Sum => sum_text(path, keyed().map(|(key, _)| key)),
    }
}

/// An exact sum; of nothing it is null, and a sum of decimals shows a decimal point.
fn sum_text(path: &FieldPath, keys: impl Iterator<Item = Key>) -> String {
    let numbers = keys.filter_map(|key| match key {
        Key::Number(number) => Some(number),
        _ => None,
    });
    let sum = numbers.fold(None, |sum: Option<Decimal>, number| {
        Some(sum.map_or(number, |sum| sum.saturating_add(number)))
    });
    let Some(sum) = sum else { return "null".to_owned() };
    let text = sum.normalize().to_string();
    match path.field.kind() {
        FieldType::Number if !text.contains('.') => format!("{text}.0"),
        _ => text,
    }
}
