//! Runs a plan: which records, in which order. What they show is the renderer's part.

use std::cmp::Ordering;
use std::collections::HashSet;

use serde_json::Value;

use super::ast::Operator;
use super::plan::{FieldPath, Filter, Order, PatternPart, Plan, Step};
use crate::sandbox::salesforce::store::Store;
use crate::sandbox::salesforce::store::table::{Row, Table, is_deleted};
use crate::sandbox::salesforce::value::{Key, key_of};

/// Whether records in the recycle bin take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    /// `query`
    Hidden,
    /// `queryAll`
    Shown,
}

/// The Ids of the records that the plan finds, in its order.
#[must_use]
pub fn run(store: &Store, plan: &Plan, deleted: Deleted) -> Vec<String> {
    let Some(table) = store.table(&plan.object.name) else { return Vec::new() };
    let search = Search::new(store, plan, deleted);
    let ids = match plan.filter.as_ref().and_then(|filter| indexed(table, filter)) {
        Some(ids) => search.pick(table, ids.into_iter()),
        None => search.pick(table, table.rows().map(|(id, _)| id.as_str())),
    };
    ids.into_iter().map(str::to_owned).collect()
}

/// The Ids of a parent's children that the sub-query's plan finds.
#[must_use]
pub fn run_children<'a>(
    store: &'a Store,
    search: &Search<'_>,
    field: &str,
    parent: &str,
) -> Vec<&'a str> {
    let Some(table) = store.table(&search.plan.object.name) else { return Vec::new() };
    let key = Key::Text(parent.to_owned());
    let ids = table.find(field, &key).unwrap_or_default();
    search.pick(table, ids.into_iter().map(String::as_str))
}

/// A plan with its semi-joins already looked up, so that each record costs the same.
#[derive(Debug)]
pub struct Search<'a> {
    store: &'a Store,
    plan: &'a Plan,
    deleted: Deleted,
    semi_joins: Vec<HashSet<Option<Key>>>,
}

impl<'a> Search<'a> {
    /// Looks up the plan's semi-joins.
    #[must_use]
    pub fn new(store: &'a Store, plan: &'a Plan, deleted: Deleted) -> Self {
        let mut semi_joins = Vec::new();
        if let Some(filter) = &plan.filter {
            collect_semi_joins(store, filter, deleted, &mut semi_joins);
        }
        Self { store, plan, deleted, semi_joins }
    }

    fn pick<'t>(&self, table: &'t Table, ids: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
        let mut found: Vec<(&str, &Row)> = ids
            .filter_map(|id| table.row(id).map(|row| (id, row)))
            .filter(|(_, row)| self.deleted == Deleted::Shown || !is_deleted(row))
            .filter(|(_, row)| self.matches(row))
            .collect();
        if !self.plan.order.is_empty() {
            self.sort(&mut found);
        }
        let rows = found.into_iter().map(|(id, _)| id).skip(self.plan.offset);
        rows.take(self.plan.limit.unwrap_or(usize::MAX)).collect()
    }

    fn matches(&self, row: &Row) -> bool {
        let Some(filter) = &self.plan.filter else { return true };
        let mut semi_joins = self.semi_joins.iter();
        holds(self.store, filter, row, &mut semi_joins)
    }

    fn sort(&self, found: &mut Vec<(&str, &Row)>) {
        let order = &self.plan.order;
        let keys_of = |row: &Row| -> Vec<Option<Key>> {
            order.iter().map(|key| path_key(self.store, &key.path, row)).collect()
        };
        let mut keyed: Vec<_> =
            found.drain(..).map(|(id, row)| (keys_of(row), (id, row))).collect();
        // The sort is stable and records come by Id, so the Id decides between equals.
        keyed.sort_by(|(left, _), (right, _)| compare_keys(order, left, right));
        found.extend(keyed.into_iter().map(|(_, entry)| entry));
    }
}

fn compare_keys(order: &[Order], left: &[Option<Key>], right: &[Option<Key>]) -> Ordering {
    let pairs = order.iter().zip(left.iter().zip(right));
    for (key, (left, right)) in pairs {
        let ordering = match (left, right) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) if key.is_nulls_last => Ordering::Greater,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) if key.is_nulls_last => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(left), Some(right)) if key.is_descending => right.cmp(left),
            (Some(left), Some(right)) => left.cmp(right),
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    Ordering::Equal
}

/// In the order in which `holds` meets them: semi-joins stand alone or under one AND.
fn collect_semi_joins(
    store: &Store,
    filter: &Filter,
    deleted: Deleted,
    found: &mut Vec<HashSet<Option<Key>>>,
) {
    match filter {
        Filter::And(parts) => {
            parts.iter().for_each(|part| collect_semi_joins(store, part, deleted, found));
        }
        Filter::InQuery { plan, selected, .. } => {
            let table = store.table(&plan.object.name);
            let ids = run(store, plan, deleted);
            let rows = ids.iter().filter_map(|id| table.and_then(|table| table.row(id)));
            let keys = rows.map(|row| path_key(store, selected, row));
            found.push(keys.filter(Option::is_some).collect());
        }
        _ => {}
    }
}

fn holds<'s>(
    store: &Store,
    filter: &Filter,
    row: &Row,
    semi_joins: &mut impl Iterator<Item = &'s HashSet<Option<Key>>>,
) -> bool {
    match filter {
        // Every part is asked, so that each semi-join meets its own set.
        Filter::And(parts) => {
            let mut all = true;
            for part in parts {
                all = holds(store, part, row, semi_joins) && all;
            }
            all
        }
        Filter::Or(parts) => parts.iter().any(|part| holds(store, part, row, semi_joins)),
        Filter::Not(part) => !holds(store, part, row, semi_joins),
        Filter::Compare { path, operator, key } => {
            compares(path_key(store, path, row).as_ref(), *operator, key.as_ref())
        }
        Filter::Like { path, pattern } => match path_key(store, path, row) {
            Some(Key::Text(text)) => is_like(&text, pattern),
            _ => false,
        },
        Filter::In { path, is_negated, keys } => {
            keys.contains(&path_key(store, path, row)) != *is_negated
        }
        Filter::InQuery { path, is_negated, .. } => semi_joins
            .next()
            .is_some_and(|keys| keys.contains(&path_key(store, path, row)) != *is_negated),
        Filter::Includes { path, is_negated, combinations } => {
            let chosen = match path_key(store, path, row) {
                Some(Key::Text(text)) => text,
                _ => String::new(),
            };
            let chosen: HashSet<&str> = chosen.split(';').collect();
            let is_there =
                |values: &Vec<String>| values.iter().all(|v| chosen.contains(v.as_str()));
            combinations.iter().any(is_there) != *is_negated
        }
    }
}

/// Null is unequal to every value, and neither less nor greater than one.
fn compares(stored: Option<&Key>, operator: Operator, literal: Option<&Key>) -> bool {
    match operator {
        Operator::Equal => stored == literal,
        Operator::NotEqual => stored != literal,
        Operator::Like => false,
        _ => {
            let (Some(stored), Some(literal)) = (stored, literal) else { return false };
            let ordering = stored.cmp(literal);
            match operator {
                Operator::Less => ordering.is_lt(),
                Operator::LessOrEqual => ordering.is_le(),
                Operator::Greater => ordering.is_gt(),
                _ => ordering.is_ge(),
            }
        }
    }
}

/// Matches greedily from left to right, with one place to come back to, so that a pattern of many
/// `%` cannot blow up.
pub(super) fn is_like(text: &str, pattern: &[PatternPart]) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let (mut at, mut part) = (0_usize, 0_usize);
    let mut back: Option<(usize, usize)> = None;
    while at < letters.len() {
        let fits = match pattern.get(part) {
            Some(PatternPart::Any) => {
                back = Some((part.saturating_add(1), at));
                part = part.saturating_add(1);
                continue;
            }
            Some(PatternPart::One) => true,
            Some(PatternPart::Letter(letter)) => letters.get(at) == Some(letter),
            None => false,
        };
        if fits {
            at = at.saturating_add(1);
            part = part.saturating_add(1);
        } else if let Some((after, start)) = back {
            back = Some((after, start.saturating_add(1)));
            at = start.saturating_add(1);
            part = after;
        } else {
            return false;
        }
    }
    pattern.iter().skip(part).all(|part| *part == PatternPart::Any)
}

/// The key of a field, through parents; null when one of them is.
pub(super) fn path_key(store: &Store, path: &FieldPath, row: &Row) -> Option<Key> {
    key_of(&path.field, owner(store, path, row)?.get(&path.field.name))
}

/// The stored value of a field, through parents.
pub(super) fn path_value<'a>(
    store: &'a Store,
    path: &FieldPath,
    row: &'a Row,
) -> Option<&'a Value> {
    owner(store, path, row)?.get(&path.field.name)
}

fn owner<'a>(store: &'a Store, path: &FieldPath, row: &'a Row) -> Option<&'a Row> {
    path.steps.iter().try_fold(row, |owner, step| parent(store, step, owner))
}

/// The parent that a step leads to; a deleted one is out of sight.
#[must_use]
pub fn parent<'a>(store: &'a Store, step: &Step, row: &'a Row) -> Option<&'a Row> {
    let id = row.get(&step.reference.name).and_then(Value::as_str)?;
    store.table(&step.target.name)?.live_row(id)
}

/// The Ids that an indexed condition leaves, when the filter has one that must hold.
fn indexed<'a>(table: &'a Table, filter: &Filter) -> Option<Vec<&'a str>> {
    match filter {
        Filter::And(parts) => parts.iter().find_map(|part| indexed(table, part)),
        Filter::Compare { path, operator: Operator::Equal, key: Some(key) }
            if path.steps.is_empty() =>
        {
            found(table, path, std::iter::once(key))
        }
        Filter::In { path, is_negated: false, keys }
            if path.steps.is_empty() && !keys.contains(&None) =>
        {
            found(table, path, keys.iter().flatten())
        }
        _ => None,
    }
}

fn found<'a, 'k>(
    table: &'a Table,
    path: &FieldPath,
    keys: impl Iterator<Item = &'k Key>,
) -> Option<Vec<&'a str>> {
    let mut ids = Vec::new();
    for key in keys {
        if path.field.name == "Id" {
            let Key::Text(id) = key else { return None };
            ids.extend(table.key(id));
        } else {
            ids.extend(table.find(&path.field.name, key)?.into_iter().map(String::as_str));
        }
    }
    ids.sort_unstable();
    ids.dedup();
    Some(ids)
}
