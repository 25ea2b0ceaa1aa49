//! What an environment adds to the schemas, and the facts that mappings depend on.

use super::{Currency, Environment};
use crate::{
    cli::records::Records,
    compile::Facts,
    schema::{Catalog, Field},
};

/// The currency of an org that has one only and does not say which.
const CURRENCY_OF_NOBODY: &str = "USD";

/// Lays the fields of org and tenant over the schemas, and gives the facts of the environment.
/// `records` are those that an embedded org is loaded with.
pub(in crate::cli) fn lay_over(
    environment: &Environment,
    records: Option<&Records>,
    catalog: &mut Catalog,
) -> Facts {
    lay_over_org(environment, catalog);
    for (object, field) in records.iter().flat_map(|records| records.fields.iter()) {
        catalog.add_field("salesforce", object, field.clone());
    }
    for (object, field) in &environment.tenant.custom_fields {
        // A tenant does not demand its own fields: a write may leave them out.
        catalog.add_field("zuora", object, Field { optional: true, ..field.field() });
    }
    let currency = currency(environment, records);
    if currency.is_some() {
        catalog.set_single_currency("salesforce");
    }
    Facts { params: environment.params.clone(), currency, tenant: environment.tenant.facts() }
}

/// Lays the fields that the org has of its own over the schemas.
pub(in crate::cli) fn lay_over_org(environment: &Environment, catalog: &mut Catalog) {
    for (object, field) in &environment.org_fields {
        catalog.add_field("salesforce", object, field.field());
    }
}

/// The one currency of the org, or `None` where records carry theirs.
fn currency(environment: &Environment, records: Option<&Records>) -> Option<String> {
    match (&environment.currency, records) {
        (Some(Currency::PerRecord), _) | (None, None) => None,
        (Some(Currency::One(code)), _) => Some(code.clone()),
        (None, Some(records)) if records.many_currencies => None,
        (None, Some(_)) => {
            let of_tenant = environment.tenant.default_currency.clone();
            Some(of_tenant.unwrap_or_else(|| CURRENCY_OF_NOBODY.to_owned()))
        }
    }
}
