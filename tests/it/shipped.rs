//! The shipped mappings compile without a finding.

use crosswalk::{
    compile::{Facts, compile},
    diag::{Colour, Findings, SourceMap, render},
    schema::{Catalog, Field, FieldType},
};

fn catalog() -> Catalog {
    let mut catalog = Catalog::embedded();
    for (object, fields) in [
        ("Product", &["sfdcId__c"][..]),
        ("ProductRatePlan", &["sfdcPricebookID__c", "sfdcProductID__c", "sfdcPricingType__c"]),
        (
            "ProductRatePlanCharge",
            &[
                "sfdcPricebookID__c",
                "sfdcProductID__c",
                "sfdcPricingType__c",
                "sfdcDiscScheduleID__c",
                "sfdcConsumptionScheduleId__c",
            ],
        ),
    ] {
        for field in fields {
            catalog.add_field(
                "zuora",
                object,
                Field { length: Some(255), ..Field::of(*field, FieldType::Text) },
            );
        }
    }
    catalog
}

#[test]
fn the_product_catalog_has_no_finding() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/mappings/salesforce-cpq-to-zuora/product-catalog.yaml"
    );
    let mut sources = SourceMap::new();
    let file = sources.add("product-catalog.yaml", std::fs::read_to_string(path).unwrap());
    let mut findings = Findings::new();
    let programs = compile(&sources, &[file], &mut catalog(), &Facts::default(), &mut findings);
    let findings = findings.into_sorted();
    for finding in &findings {
        println!("{}\n", render(finding, &sources, Colour::None));
    }
    assert!(findings.is_empty());
    println!("{:#?}", programs[0].head.query);
}
