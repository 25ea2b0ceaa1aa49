//! The shipped mappings compile without a finding.

use crosswalk::{
    compile::{Facts, compile},
    diag::{Colour, Findings, SourceMap, render},
    schema::{Catalog, Field, FieldType},
};

use crate::check::case::CUSTOM_FIELDS;

fn catalog() -> Catalog {
    let mut catalog = Catalog::embedded();
    let further = [("Account", &["Industry__c"][..]), ("Contact", &["crmId__c"])];
    for (object, fields) in CUSTOM_FIELDS.iter().copied().chain(further) {
        for field in fields {
            catalog.add_field(
                "zuora",
                object,
                Field { length: Some(255), ..Field::of(*field, FieldType::Text) },
            );
        }
    }
    for (field, kind) in
        [("BillCycleDay__c", FieldType::Number), ("BillingBatch__c", FieldType::Text)]
    {
        let field = Field { length: Some(40), ..Field::of(field, kind) };
        catalog.add_field("salesforce", "SBQQ__Quote__c", field);
    }
    catalog
}

#[test]
fn the_product_catalog_has_no_finding() {
    has_no_finding("product-catalog.yaml");
}

#[test]
fn the_accounts_have_no_finding() {
    has_no_finding("account.yaml");
}

fn has_no_finding(mapping: &str) {
    let set = concat!(env!("CARGO_MANIFEST_DIR"), "/mappings/salesforce-cpq-to-zuora/");
    let mut sources = SourceMap::new();
    let text = std::fs::read_to_string(format!("{set}{mapping}")).unwrap();
    let file = sources.add(mapping, text);
    let mut findings = Findings::new();
    let programs = compile(&sources, &[file], &mut catalog(), &Facts::default(), &mut findings);
    let findings = findings.into_sorted();
    for finding in &findings {
        println!("{}\n", render(finding, &sources, Colour::None));
    }
    assert!(findings.is_empty());
    println!("{:#?}", programs[0].head.query);
}
