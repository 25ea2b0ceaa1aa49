//! Products under the shipped catalog mapping.

use std::collections::BTreeMap;

use crosswalk::{compile::Param, program::Known};

use super::{Fates, products, random, records::Org};
use crate::{
    cases::{OrgFields, Setting, cpq_to_zuora, program, shared, tenant_of_cases},
    requests::{body, checks},
};

/// How many products are made.
const RECORDS: usize = 10_000;

#[test]
fn products_give_valid_requests_and_declared_rejections() {
    let setting = Setting {
        tenant: tenant_of_cases(&cpq_to_zuora()),
        org: OrgFields::default(),
        currency: None,
        params: BTreeMap::from([("default_tax_code".to_owned(), Param::Text("SERVICES".into()))]),
    };
    let program = program(&cpq_to_zuora(), "product-catalog", &setting);
    let checks = checks(&setting.tenant, shared("zuora/request-schemas.draft4.json"));
    let query = &program.head.query;
    let mut org = Org::of(&[query], setting.catalog(), random("product-catalog"));
    let mut fates = Fates::of(&program);
    let mut objects = 0;
    for _ in 0..super::records(RECORDS) {
        let (kind, record) = products::next(&mut org, query);
        let text = record.to_string();
        let Some(draft) = fates.draft(kind.as_slice(), &text, &Known::default()) else { continue };
        for wish in &draft.wishes {
            objects += 1;
            let object = program.resources()[wish.resource].object.as_str();
            for it in checks[object].faults(&body(&program, &draft, wish)) {
                fates.fault(&format!("{object}: {it}"), &text);
            }
        }
    }
    println!("{objects} objects");
    fates.end(50, 4);
    assert_eq!(fates.counts.len(), products::KINDS, "{:?}", fates.counts.keys());
    assert!(fates.reasons.len() >= 5, "hardly anything was wrong: {:?}", fates.reasons);
}
