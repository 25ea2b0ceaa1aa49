//! The tenant and the org that cases are for: what an environment says elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use crosswalk::{
    compile::{Facts, Param, Tenant},
    schema::{Catalog, Field, FieldType, Values},
};
use serde::Deserialize;

/// What a tenant has, as it is written in YAML. A list that is not given is not checked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tenanted {
    pub units: Option<BTreeMap<String, u32>>,
    pub currencies: Option<BTreeSet<String>>,
    pub accounting_codes: Option<BTreeSet<String>>,
    pub tax_codes: Option<BTreeSet<String>>,
    pub payment_terms: Option<BTreeSet<String>>,
    /// The currency of an org that has one only.
    pub default_currency: Option<String>,
    pub custom_fields: BTreeMap<String, BTreeMap<String, CustomField>>,
}

/// A custom field of the tenant.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub enum CustomField {
    Text {
        length: u32,
        #[serde(default)]
        #[expect(dead_code, reason = "says what the services need, and no mapping does")]
        indexed: bool,
    },
    Picklist {
        values: Vec<String>,
        #[serde(default)]
        #[expect(dead_code, reason = "says what the services need, and no mapping does")]
        indexed: bool,
    },
}

impl Tenanted {
    /// The facts that a mapping is compiled with. One currency, or one per record.
    pub fn facts(&self, currency: Option<String>, params: BTreeMap<String, Param>) -> Facts {
        let tenant = Tenant {
            units: self.units.clone(),
            currencies: self.currencies.clone(),
            accounting_codes: self.accounting_codes.clone(),
            tax_codes: self.tax_codes.clone(),
            payment_terms: self.payment_terms.clone(),
        };
        Facts { params, currency, tenant }
    }

    /// The schemas of both systems with what this org and this tenant add to them.
    pub fn catalog(&self, single_currency: bool) -> Catalog {
        let mut catalog = Catalog::embedded();
        for (object, fields) in &self.custom_fields {
            for (name, custom) in fields {
                catalog.add_field("zuora", object, field(name, custom));
            }
        }
        if single_currency {
            catalog.set_single_currency("salesforce");
        }
        catalog
    }
}

fn field(name: &str, custom: &CustomField) -> Field {
    let field = Field { optional: true, ..Field::of(name, FieldType::Text) };
    match custom {
        CustomField::Text { length, .. } => Field { length: Some(*length), ..field },
        CustomField::Picklist { values, .. } => {
            Field { values: Some(Values::closed(values.clone())), ..field }
        }
    }
}
