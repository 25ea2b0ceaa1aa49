//! Binds the WHERE of a query: each literal must fit the type of its field, as in the service.

use std::collections::HashSet;

use super::ast::{Condition, Literal, LiteralValue, Operator, Path, Query, Selected};
use super::bind::{Binder, Scope};
use super::lexer::plain_text;
use super::plan::{FieldPath, Filter, PatternPart};
use super::{INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR, MALFORMED_QUERY, SoqlError};
use crate::sandbox::salesforce::org::field::{Field, FieldType};
use crate::sandbox::salesforce::value::{self, Key};

/// Semi-joins in one query.
const SEMI_JOINS_MAX: usize = 2;

impl Binder<'_> {
    /// Binds a WHERE. Semi-joins stand at its top level only: alone, or joined by AND.
    pub(super) fn filter(
        &mut self,
        scope: &Scope<'_>,
        condition: &Condition,
        level: usize,
    ) -> Result<Filter, SoqlError> {
        match condition {
            Condition::And(parts) => {
                let bound: Result<_, _> =
                    parts.iter().map(|part| self.top_filter(scope, part, level)).collect();
                Ok(Filter::And(bound?))
            }
            _ => self.top_filter(scope, condition, level),
        }
    }

    fn top_filter(
        &mut self,
        scope: &Scope<'_>,
        condition: &Condition,
        level: usize,
    ) -> Result<Filter, SoqlError> {
        match condition {
            Condition::InQuery { path, is_negated, query } => {
                self.semi_join(scope, path, *is_negated, query, level)
            }
            _ => self.nested_filter(scope, condition),
        }
    }

    fn nested_filter(
        &mut self,
        scope: &Scope<'_>,
        condition: &Condition,
    ) -> Result<Filter, SoqlError> {
        Ok(match condition {
            Condition::And(parts) => Filter::And(self.nested_filters(scope, parts)?),
            Condition::Or(parts) => Filter::Or(self.nested_filters(scope, parts)?),
            Condition::Not(part) => Filter::Not(Box::new(self.nested_filter(scope, part)?)),
            Condition::Compare { path, operator, literal } => {
                let bound = self.filterable(scope, path)?;
                compare(bound, path, *operator, literal)?
            }
            Condition::In { path, is_negated, literals } => {
                let bound = self.filterable(scope, path)?;
                let keys: Result<HashSet<_>, _> =
                    literals.iter().map(|literal| literal_key(&bound.field, literal)).collect();
                Filter::In { path: bound, is_negated: *is_negated, keys: keys? }
            }
            Condition::Includes { path, is_negated, literals } => {
                let bound = self.filterable(scope, path)?;
                includes(bound, path, *is_negated, literals)?
            }
            Condition::InQuery { path, .. } => {
                let message = "Semi join sub-selects are only allowed at the top level WHERE \
                               expressions and not in nested WHERE expressions";
                return Err(SoqlError::at(path.offset(), MALFORMED_QUERY, message));
            }
        })
    }

    fn nested_filters(
        &mut self,
        scope: &Scope<'_>,
        parts: &[Condition],
    ) -> Result<Vec<Filter>, SoqlError> {
        parts.iter().map(|part| self.nested_filter(scope, part)).collect()
    }

    fn filterable(&mut self, scope: &Scope<'_>, path: &Path) -> Result<FieldPath, SoqlError> {
        let bound = self.field_path(scope, path)?;
        if bound.field.is_filterable() {
            return Ok(bound);
        }
        let message = format!("field '{}' can not be filtered in a query call", bound.field.name);
        Err(SoqlError::at(path.offset(), INVALID_FIELD, message))
    }

    fn semi_join(
        &mut self,
        scope: &Scope<'_>,
        path: &Path,
        is_negated: bool,
        query: &Query,
        level: usize,
    ) -> Result<Filter, SoqlError> {
        let refused = |message: &str| SoqlError::at(path.offset(), MALFORMED_QUERY, message);
        self.semi_joins = self.semi_joins.saturating_add(1);
        if self.semi_joins > SEMI_JOINS_MAX {
            return Err(refused("Maximum 2 semi join sub-selects are allowed"));
        }
        if level == usize::MAX {
            return Err(refused("Nesting of semi join sub-selects is not supported"));
        }
        let left = self.filterable(scope, path)?;
        let object = self.root_object(query)?;
        if left.steps.is_empty() && object.name == scope.object.name {
            return Err(refused(
                "The inner and outer selects should not be on the same object type",
            ));
        }
        let [Selected::Path(selected_path)] = query.select.as_slice() else {
            return Err(refused("A semi join sub-select must select exactly one field"));
        };
        if !query.order.is_empty() || query.limit.is_some() {
            return Err(refused("ORDER BY and LIMIT are not allowed in a semi join sub-select"));
        }
        // The level marks the plan as the inside of a semi-join, where none may nest.
        let plan = self.plan(query, &object, usize::MAX)?;
        let inner = Scope { object: &object, alias: query.alias.as_ref() };
        let selected = self.field_path(&inner, selected_path)?;
        if !selected.steps.is_empty() {
            let message =
                "A semi join sub-select must select an ID or a reference of its own object";
            return Err(refused(message));
        }
        let left_targets = targets(scope.object.name.as_str(), &left);
        let selected_targets = targets(&object.name, &selected);
        if left_targets.is_empty() || left_targets.is_disjoint(&selected_targets) {
            let message = format!(
                "The selected field '{}' in the subquery and the left operand field '{}' in the \
                 where expression in the outer query should point to the same object type",
                selected.field.name, left.field.name
            );
            return Err(refused(&message));
        }
        Ok(Filter::InQuery { path: left, is_negated, plan: Box::new(plan), selected })
    }
}

/// The objects whose Ids a field can hold.
fn targets(object: &str, path: &FieldPath) -> HashSet<String> {
    match path.field.kind() {
        FieldType::Id => {
            let owner = path.steps.last().map_or(object, |step| step.target.name.as_str());
            HashSet::from([owner.to_owned()])
        }
        FieldType::Reference => path.field.reference_to.iter().cloned().collect(),
        _ => HashSet::new(),
    }
}

fn compare(
    bound: FieldPath,
    path: &Path,
    operator: Operator,
    literal: &Literal,
) -> Result<Filter, SoqlError> {
    let kind = bound.field.kind();
    let is_text = matches!(kind, FieldType::Text | FieldType::TextArea | FieldType::Picklist);
    let is_ordered = !matches!(kind, FieldType::Boolean | FieldType::MultiPicklist);
    let is_null = literal.value == LiteralValue::Null;
    let fits = match operator {
        Operator::Equal | Operator::NotEqual => true,
        Operator::Like => is_text && !is_null,
        _ => is_ordered && !is_null,
    };
    if !fits {
        return Err(SoqlError::at(
            path.offset(),
            INVALID_QUERY_FILTER_OPERATOR,
            "invalid operator",
        ));
    }
    if operator == Operator::Like {
        let LiteralValue::Text(text) = &literal.value else {
            return Err(misfit(&bound.field, literal.offset));
        };
        return Ok(Filter::Like { path: bound, pattern: pattern(text) });
    }
    let key = literal_key(&bound.field, literal)?;
    Ok(Filter::Compare { path: bound, operator, key })
}

fn includes(
    bound: FieldPath,
    path: &Path,
    is_negated: bool,
    literals: &[Literal],
) -> Result<Filter, SoqlError> {
    if bound.field.kind() != FieldType::MultiPicklist {
        let message = "includes/excludes operators only valid on multipicklist field";
        return Err(SoqlError::at(path.offset(), INVALID_QUERY_FILTER_OPERATOR, message));
    }
    let mut combinations = Vec::new();
    for literal in literals {
        let LiteralValue::Text(text) = &literal.value else {
            return Err(misfit(&bound.field, literal.offset));
        };
        let plain = plain_text(text).to_lowercase();
        combinations.push(plain.split(';').map(|value| value.trim().to_owned()).collect());
    }
    Ok(Filter::Includes { path: bound, is_negated, combinations })
}

/// The key of a literal, which must be of the field's type; an empty text is null.
fn literal_key(field: &Field, literal: &Literal) -> Result<Option<Key>, SoqlError> {
    let kind = field.kind();
    let key = match (&literal.value, kind) {
        (LiteralValue::Null, _) => return Ok(None),
        (LiteralValue::Text(text), FieldType::Id | FieldType::Reference) => {
            if text.is_empty() {
                return Ok(None);
            }
            return value::id_key(text).map(Some).ok_or_else(|| {
                let message = format!("invalid ID field: {text}");
                SoqlError::at(literal.offset, INVALID_QUERY_FILTER_OPERATOR, message)
            });
        }
        (
            LiteralValue::Text(text),
            FieldType::Text | FieldType::TextArea | FieldType::Picklist | FieldType::MultiPicklist,
        ) => {
            let plain = plain_text(text);
            (!plain.is_empty()).then(|| Key::Text(plain.to_lowercase()))
        }
        (LiteralValue::Number(text), FieldType::Int | FieldType::Number) => {
            value::parse_number(text).map(Key::Number)
        }
        (LiteralValue::Boolean(truth), FieldType::Boolean) => Some(Key::Boolean(*truth)),
        (LiteralValue::Date(text), FieldType::Date) => Some(Key::Text(text.clone())),
        (LiteralValue::DateTime(text), FieldType::DateTime) => {
            value::normalize_moment(text).map(Key::Text)
        }
        _ => return Err(misfit(field, literal.offset)),
    };
    Ok(key)
}

fn misfit(field: &Field, offset: usize) -> SoqlError {
    let (type_name, quotes) = match field.kind() {
        FieldType::Int => ("int", "should not be enclosed in quotes"),
        FieldType::Number => ("double", "should not be enclosed in quotes"),
        FieldType::Boolean => ("boolean", "should not be enclosed in quotes"),
        FieldType::Date => ("date", "should not be enclosed in quotes"),
        FieldType::DateTime => ("dateTime", "should not be enclosed in quotes"),
        FieldType::Id | FieldType::Reference => ("id", "should be enclosed in quotes"),
        _ => ("string", "should be enclosed in quotes"),
    };
    let message = format!(
        "value of filter criterion for field '{}' must be of type {type_name} and {quotes}",
        field.name
    );
    SoqlError::at(offset, INVALID_FIELD, message)
}

pub(super) fn pattern(text: &str) -> Vec<PatternPart> {
    let lower = text.to_lowercase();
    let mut parts = Vec::with_capacity(lower.len());
    let mut letters = lower.chars();
    while let Some(letter) = letters.next() {
        parts.push(match letter {
            '%' => PatternPart::Any,
            '_' => PatternPart::One,
            '\\' => PatternPart::Letter(letters.next().unwrap_or('\\')),
            other => PatternPart::Letter(other),
        });
    }
    parts
}
