//! An object of the org: its fields by name, and the relationships that lead to it.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

use super::field::Field;

/// A way from a parent to its children.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChildRelationship {
    /// The children's object.
    #[serde(rename = "childSObject")]
    pub child_object: String,
    /// The reference on the child.
    pub field: Option<String>,
    /// The name that a sub-query uses; some relationships have none.
    pub relationship_name: Option<String>,
    /// Whether the children go with the parent.
    #[serde(default)]
    pub cascade_delete: bool,
    /// Whether children forbid that the parent goes.
    #[serde(default)]
    pub restricted_delete: bool,
}

/// An object as its description has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// API name.
    pub name: String,
    /// Label.
    #[serde(default)]
    pub label: String,
    /// Label of several.
    #[serde(default)]
    pub label_plural: Option<String>,
    /// First three characters of its records' Ids; empty until the org is complete.
    #[serde(default)]
    pub key_prefix: Option<String>,
    /// Whether it is a custom object.
    #[serde(default)]
    pub custom: bool,
    /// Whether queries may name it.
    #[serde(default = "yes")]
    pub queryable: bool,
    /// Whether records can be inserted.
    #[serde(default)]
    pub createable: bool,
    /// Whether records can be updated.
    #[serde(default)]
    pub updateable: bool,
    /// Whether records can be deleted.
    #[serde(default)]
    pub deletable: Option<bool>,
    /// Its fields, in the order of the description.
    #[serde(default, deserialize_with = "shared_fields")]
    pub fields: Vec<Arc<Field>>,
    /// The ways to its children.
    #[serde(default)]
    pub child_relationships: Vec<ChildRelationship>,
    /// Place of each field by its name in lower case.
    #[serde(skip)]
    places: HashMap<String, usize>,
}

fn shared_fields<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Vec<Arc<Field>>, D::Error> {
    Vec::<Field>::deserialize(source).map(|fields| fields.into_iter().map(Arc::new).collect())
}

const fn yes() -> bool {
    true
}

impl Object {
    /// An object that is known by nothing but its name; its fields are added one by one.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let custom = name.ends_with("__c");
        Self {
            name: name.to_owned(),
            label: name.to_owned(),
            label_plural: None,
            key_prefix: None,
            custom,
            queryable: true,
            createable: true,
            updateable: true,
            deletable: Some(true),
            fields: Vec::new(),
            child_relationships: Vec::new(),
            places: HashMap::new(),
        }
    }

    /// The field of that name; Salesforce tells names apart without regard to case.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Arc<Field>> {
        let place = match self.places.get(name) {
            Some(place) => Some(place),
            None => self.places.get(&name.to_ascii_lowercase()),
        };
        place.and_then(|place| self.fields.get(*place))
    }

    /// The reference whose relationship name is `name`.
    #[must_use]
    pub fn parent_reference(&self, name: &str) -> Option<&Arc<Field>> {
        self.fields.iter().find(|field| {
            field.relationship_name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name))
        })
    }

    /// The child relationship of that name, when it says which field it hangs on.
    #[must_use]
    pub fn child_relationship(&self, name: &str) -> Option<&ChildRelationship> {
        self.child_relationships.iter().find(|child| {
            child.field.is_some()
                && child
                    .relationship_name
                    .as_deref()
                    .is_some_and(|own| own.eq_ignore_ascii_case(name))
        })
    }

    /// First three characters of its records' Ids.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.key_prefix.as_deref().unwrap_or("000")
    }

    pub(super) fn add_field(&mut self, mut field: Field) {
        field.complete();
        self.fields.push(Arc::new(field));
        self.index_fields();
    }

    pub(super) fn remove_field(&mut self, name: &str) {
        self.fields.retain(|field| field.name != name);
        self.index_fields();
    }

    pub(super) fn complete_fields(&mut self) {
        for field in &mut self.fields {
            Arc::make_mut(field).complete();
        }
        self.index_fields();
    }

    fn index_fields(&mut self) {
        let names = self.fields.iter().enumerate();
        self.places =
            names.map(|(place, field)| (field.name.to_ascii_lowercase(), place)).collect();
    }
}
