//! Types of values: what they are, and whether they may be missing or null.

use std::sync::Arc;

use crate::{
    diag::Span,
    program::functions::Sort,
    schema::{Field, FieldType, Values},
};

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Bool,
    Number,
    Text,
    Date,
    Instant,
    /// An object or a list, taken whole; or something nothing is known of.
    Any,
    /// A part that is wrong already: it fits everywhere, so that one mistake gives one message.
    Poison,
}

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Type {
    pub kind: Kind,
    pub missing: bool,
    pub null: bool,
    pub values: Option<Values>,
    pub length: Option<u32>,
    /// The text, where it is a literal and can be nothing else.
    pub literal: Option<String>,
    /// Where values are written, as far as they come from the mapping: in the rows of a table.
    pub spots: Vec<(String, Span)>,
    /// The object whose id it is, where that is known.
    pub id_of: Option<Arc<str>>,
    /// The list of the tenant that its values are of: a currency is no unit of measure.
    pub list: Option<&'static str>,
    /// How many decimals it is known to have at times: a stored value may have more.
    pub decimals: Option<u32>,
    /// The name that it was given, where it has one.
    pub named_at: Option<Span>,
    /// The name because of which it may be absent, where it follows from that of another value.
    pub absent_at: Option<Span>,
}

impl Type {
    pub fn of(kind: Kind) -> Self {
        Self {
            kind,
            missing: false,
            null: false,
            values: None,
            length: None,
            literal: None,
            spots: Vec::new(),
            id_of: None,
            list: None,
            decimals: None,
            named_at: None,
            absent_at: None,
        }
    }

    pub fn poison() -> Self {
        Self::of(Kind::Poison)
    }

    /// The type of a field of a schema.
    pub fn of_field(field: &Field) -> Self {
        let kind = match &field.kind {
            FieldType::Bool => Kind::Bool,
            FieldType::Integer | FieldType::Number => Kind::Number,
            FieldType::Text | FieldType::Id => Kind::Text,
            FieldType::Date => Kind::Date,
            FieldType::Instant => Kind::Instant,
            _ => Kind::Any,
        };
        let decimals = match (&field.kind, field.digits) {
            (FieldType::Integer, _) => Some(0),
            (FieldType::Number, Some((_, scale))) => Some(scale),
            _ => None,
        };
        Self {
            missing: field.optional,
            null: field.nullable,
            values: field.values.clone(),
            length: field.length,
            id_of: field.references.as_deref().map(Arc::from),
            list: field.tenant.as_deref().and_then(list_of),
            decimals,
            ..Self::of(kind)
        }
    }

    pub fn of_sort(sort: Sort) -> Self {
        Self::of(match sort {
            Sort::Text => Kind::Text,
            Sort::Number => Kind::Number,
            Sort::Bool => Kind::Bool,
            Sort::Date => Kind::Date,
            Sort::Instant => Kind::Instant,
            Sort::Any => Kind::Any,
        })
    }

    pub fn may_be_absent(&self) -> bool {
        (self.missing || self.null) && self.kind != Kind::Poison
    }

    /// A text that is known.
    pub fn text(literal: impl Into<String>) -> Self {
        Self { literal: Some(literal.into()), ..Self::of(Kind::Text) }
    }

    /// All texts that it can be, where they are known.
    pub fn texts(&self) -> Option<Vec<String>> {
        match (&self.literal, &self.values) {
            (Some(literal), _) => Some(vec![literal.clone()]),
            (None, Some(values)) if values.closed => Some(values.all.to_vec()),
            _ => None,
        }
    }

    /// The values that it has, as far as they are known; there may be others where they are open.
    pub fn known_values(&self) -> Option<Values> {
        match &self.literal {
            Some(literal) => Some(Values::closed(vec![literal.clone()])),
            None => self.values.clone(),
        }
    }

    /// The values that it or another one has.
    pub fn values_with(&self, other: &Self) -> Option<Values> {
        let (one, other) = (self.known_values()?, other.known_values()?);
        let mut all = one.all.to_vec();
        let further = other.all.iter().filter(|value| !one.all.contains(value));
        all.extend(further.cloned());
        Some(Values { all: all.into(), closed: one.closed && other.closed })
    }

    /// The same value, also absent when another one is.
    #[must_use]
    pub fn absent_with(mut self, other: &Self) -> Self {
        self.null |= other.missing || other.null;
        // Of what is made of something wrong nothing is known either.
        if other.kind == Kind::Poison {
            self.kind = Kind::Poison;
        }
        self.absent_at = self.absent_at.or_else(|| other.absent_cause());
        self
    }

    /// The same value under a name; the first name that it had counts.
    #[must_use]
    pub fn named(mut self, at: Span) -> Self {
        self.named_at.get_or_insert(at);
        self
    }

    /// The same type whatever its name: what is compiled for one name serves others.
    pub fn unnamed(&self) -> Self {
        Self { named_at: None, absent_at: None, ..self.clone() }
    }

    /// The name that is to be mended when the value may not be absent.
    pub fn absent_cause(&self) -> Option<Span> {
        self.absent_at.or(self.named_at).filter(|_| self.may_be_absent())
    }

    #[must_use]
    pub fn present(mut self) -> Self {
        (self.missing, self.null) = (false, false);
        self.absent_at = None;
        self
    }

    /// Whether a value of this kind can stand where another one is needed.
    pub fn fits(&self, needed: Kind) -> bool {
        self.kind == needed
            || matches!(self.kind, Kind::Poison | Kind::Any)
            || matches!(needed, Kind::Poison | Kind::Any)
    }

    pub fn name(&self) -> &'static str {
        self.kind.name()
    }
}

/// The lists of a tenant that must not be mixed.
fn list_of(list: &str) -> Option<&'static str> {
    [CURRENCIES, UNITS].into_iter().find(|known| *known == list)
}

/// The tenant's list of currencies.
pub(super) const CURRENCIES: &str = "currencies";
/// The tenant's list of units of measure.
pub(super) const UNITS: &str = "units";

/// A value of a list of the tenant, in words.
pub(super) fn one_of(list: &str) -> &'static str {
    match list {
        CURRENCIES => "a currency",
        UNITS => "a unit of measure",
        _ => "a value of the tenant",
    }
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Date => "a date",
            Self::Instant => "an instant",
            Self::Any | Self::Poison => "a value",
        }
    }

    pub fn of_target(kind: &FieldType) -> Self {
        match kind {
            FieldType::Bool => Self::Bool,
            FieldType::Integer | FieldType::Number => Self::Number,
            FieldType::Text | FieldType::Id => Self::Text,
            FieldType::Date => Self::Date,
            FieldType::Instant => Self::Instant,
            _ => Self::Any,
        }
    }
}
