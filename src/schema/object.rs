//! An object of a system, with its fields.

use std::{collections::BTreeMap, sync::Arc};

use crate::value::Decimal;

/// An object: `Product2`, `ProductRatePlanCharge`, or an object inside another one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    /// Its name.
    pub name: String,
    /// Its fields and relations by name. They are shared: a tenant has a few of its own, and an
    /// object with these is a copy.
    pub fields: BTreeMap<String, Arc<Field>>,
    /// Whether fields that are not listed may exist all the same (an open JSON Schema).
    pub open: bool,
    /// Fields that must be filled when it is created.
    pub required: Vec<String>,
    /// Fields that must be filled under a condition.
    pub required_when: Vec<Rule>,
    /// Fields that must not be filled under a condition.
    pub forbidden_when: Vec<Rule>,
    /// Sets of fields of which one must be filled, and only one.
    pub exactly_one: Vec<OneOf>,
    /// Sets of fields of which one must be filled, or several.
    pub at_least_one: Vec<OneOf>,
    /// A field whose value says which other field is filled.
    pub variants: Option<Variants>,
    /// Sets of fields that no two objects may share.
    pub unique: Vec<Unique>,
    /// The field that holds the parent's id, and the parent's object.
    pub parent: Option<(String, String)>,
    /// The date field that ends its life: `EffectiveEndDate`.
    pub expire: Option<String>,
    /// Whether the tenant may add custom fields (`…__c`) to it.
    pub custom_fields: bool,
    /// Whose custom fields those are, for an object inside another one.
    pub custom_fields_of: Option<String>,
    /// The field that holds the number by which a command is looked up: `orderNumber`.
    pub number: Option<String>,
    /// The object that describes what is told of a command once it took effect.
    pub outcome: Option<String>,
}

impl Object {
    /// Gives it a field.
    pub fn add(&mut self, field: Field) {
        self.fields.insert(field.name.clone(), Arc::new(field));
    }
}

/// Fields whose values no two objects may share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unique {
    /// The fields.
    pub fields: Vec<String>,
    /// Whether it holds among the children of one parent only.
    pub within_parent: bool,
}

/// A field, or a relation to other objects.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: FieldType,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether the member may be missing altogether.
    pub optional: bool,
    /// Whether it may be sent when an object is created.
    pub createable: bool,
    /// Whether it may be sent when an object is changed.
    pub updateable: bool,
    /// The largest number of characters.
    pub length: Option<u32>,
    /// Digits in all, and digits after the point.
    pub digits: Option<(u32, u32)>,
    /// The least and the largest number.
    pub limits: Limits,
    /// The values of a pick-list or an enum.
    pub values: Option<Values>,
    /// Why it never changes after creation, and the way out.
    pub immutable: Option<String>,
    /// The list of the tenant that its value must be in: `units`, `currencies`, …
    pub tenant: Option<String>,
    /// What that list has, where the tenant's own describe says so.
    pub tenant_values: Option<Vec<String>>,
    /// The object whose id it holds.
    pub references: Option<String>,
    /// For a list: whether its order says nothing.
    pub unordered: bool,
    /// For a list of objects: the members that tell an item from its siblings.
    pub item_key: Vec<String>,
    /// What it is, in a sentence.
    pub doc: Option<String>,
}

/// Between which numbers a number must lie, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The least.
    pub least: Option<Decimal>,
    /// The largest.
    pub most: Option<Decimal>,
}

impl Limits {
    /// Whether a number lies between them.
    pub fn hold(&self, number: Decimal) -> bool {
        self.least.is_none_or(|least| number >= least)
            && self.most.is_none_or(|most| number <= most)
    }
}

impl std::fmt::Display for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.least, self.most) {
            (Some(least), Some(most)) => write!(f, "{least} to {most}"),
            (Some(least), None) => write!(f, "{least} or more"),
            (None, Some(most)) => write!(f, "{most} or less"),
            (None, None) => f.write_str("any number"),
        }
    }
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldType {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A decimal number.
    Number,
    /// A text.
    Text,
    /// A day.
    Date,
    /// A point in time.
    Instant,
    /// The id of a record.
    Id,
    /// One related record, by a field of this object.
    Lookup {
        /// The object of the related record.
        to: String,
        /// The field that holds its id.
        by: String,
    },
    /// Related records that point here.
    Children {
        /// Their object.
        of: String,
        /// Their field that holds the id of this record.
        by: String,
    },
    /// An object inside this one.
    Object(Arc<Object>),
    /// A list.
    List(Arc<FieldType>),
    /// Anything; nothing can be said of it.
    Any,
}

/// The values of a pick-list or an enum.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Values {
    /// Them.
    pub all: Arc<Vec<String>>,
    /// Whether there can be no other. A Salesforce pick-list that is not restricted is open.
    pub closed: bool,
}

/// A rule that holds under a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// When it holds: every field has one of its values.
    pub when: Vec<Condition>,
    /// The fields it is about; none where the combination itself is meant.
    pub fields: Vec<String>,
    /// Whether the target takes it all the same, without effect.
    pub tolerated: bool,
    /// Why.
    pub reason: String,
}

/// Fields of which one must be filled, under a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct OneOf {
    /// When it holds: every field has one of its values.
    pub when: Vec<Condition>,
    /// The fields.
    pub fields: Vec<String>,
    /// Why.
    pub reason: String,
}

/// The value of a field says which other field is filled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variants {
    /// The field that decides: `type`.
    pub by: String,
    /// The member for each of its values.
    pub members: BTreeMap<String, String>,
    /// Values whose member may be left out.
    pub optional: Vec<String>,
}

/// A field has one of these values.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The field.
    pub field: String,
    /// Its values, as texts.
    pub values: Vec<String>,
}

impl Values {
    /// Values of which there can be no other.
    pub fn closed(all: Vec<String>) -> Self {
        Self { all: all.into(), closed: true }
    }
}

impl Field {
    /// A field of a type, with nothing else known of it.
    pub fn of(name: impl Into<String>, kind: FieldType) -> Self {
        Self {
            name: name.into(),
            kind,
            nullable: true,
            optional: false,
            createable: true,
            updateable: true,
            length: None,
            digits: None,
            limits: Limits::default(),
            values: None,
            immutable: None,
            tenant: None,
            tenant_values: None,
            references: None,
            unordered: false,
            item_key: Vec::new(),
            doc: None,
        }
    }
}

impl FieldType {
    /// Its name in a message.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Date => "a date",
            Self::Instant => "an instant",
            Self::Id => "an id",
            Self::Lookup { .. } | Self::Object(_) => "an object",
            Self::Children { .. } | Self::List(_) => "a list",
            Self::Any => "anything",
        }
    }
}
