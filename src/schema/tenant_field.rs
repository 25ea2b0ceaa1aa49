//! A field as a tenant tells of it, whatever the source: its describe XML, or an OpenAPI document.

use super::object::FieldType;

/// What a tenant says of one of its fields.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantField {
    /// Its name, as the source spells it.
    pub name: String,
    /// What people call it.
    pub label: Option<String>,
    /// What it holds.
    pub kind: FieldType,
    /// The largest number of characters.
    pub length: Option<u32>,
    /// The values of a pick-list; empty for everything else.
    pub values: Vec<String>,
    /// What the source denies or demands.
    pub claims: Claims,
}

/// What a source says of writing a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// It must be filled.
    pub required: bool,
    /// A create may not fill it.
    pub not_createable: bool,
    /// An update may not change it.
    pub not_updateable: bool,
}

/// Whether a name is that of a field which a tenant or an integration has added to Zuora.
pub fn is_custom(name: &str) -> bool {
    name.ends_with("__c") || name.ends_with("__NS")
}
