//! What the shipped catalog mapping wishes for on data that nobody made up for the test, held
//! against the schemas of the requests that would send it.

mod bodies;

pub mod orders;

use std::{collections::BTreeMap, path::Path};

use crosswalk::{
    compile::Param,
    program::{Mapped, Program},
    sandbox::data::{builtin_fields, builtin_records},
};
use serde::Deserialize;
use serde_json::Value;

pub use self::bodies::{Checks, body, checks};
use crate::cases::{
    Fate, Setting, Tenanted, cpq_to_zuora, fates, program, run_all, shared, tenant_of_cases,
};

/// What a folder of records comes to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    mapped: usize,
    skipped: usize,
    rejected: usize,
    /// Mapped records that wish for the name of another one: found by the plan, and not sent.
    of_one_name: usize,
}

/// What the environment inside the binary says, as far as a mapping depends on it.
#[derive(Deserialize)]
struct Environment {
    params: BTreeMap<String, String>,
    tenant: Tenanted,
}

/// The tenant that the first command of a new user runs against, and the org of a folder.
fn setting(fields: &str) -> Setting {
    let fields: Value = serde_json::from_str(fields).expect("_fields.json");
    let per_record = !fields["PricebookEntry"]["fields"]["CurrencyIsoCode"].is_null();
    let path = cpq_to_zuora().join("environments/embedded.yaml");
    let text = std::fs::read_to_string(path).expect("the environment");
    let environment: Environment = serde_yaml::from_str(&text).expect("an environment");
    let params = environment.params.into_iter().map(|(name, text)| (name, Param::Text(text)));
    Setting {
        currency: environment.tenant.default_currency.clone().filter(|_| !per_record),
        params: params.collect(),
        tenant: environment.tenant,
        ..Setting::default()
    }
}

/// Checks every wished object of a folder, prints what was left out, and counts.
fn examined(name: &str, folder: &Path, fields: &str) -> Counts {
    let setting = setting(fields);
    let program = program(&cpq_to_zuora(), "product-catalog", &setting);
    let checks = checks(&setting.tenant, shared("zuora/request-schemas.draft4.json"));
    let fates = fates(&program, folder);
    let faults = faults(&program, &fates, &checks);
    assert!(faults.is_empty(), "{name}\n{}", faults.join("\n"));
    print_reasons(name, &fates);
    counted(&program, &fates)
}

/// What is wrong with the wished objects, each with its record.
fn faults(
    program: &Program,
    fates: &[Fate],
    checks: &BTreeMap<&'static str, Checks>,
) -> Vec<String> {
    let mut faults = Vec::new();
    for fate in fates {
        let Mapped::Draft(draft) = &fate.mapped else { continue };
        for wish in &draft.wishes {
            let object = program.resources()[wish.resource].object.as_str();
            let found = checks[object].faults(&body(program, draft, wish));
            faults.extend(
                found.iter().map(|it| format!("{} {object} {}: {it}", fate.record, wish.key)),
            );
        }
    }
    faults
}

fn print_reasons(name: &str, fates: &[Fate]) {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for fate in fates {
        let (what, why) = match &fate.mapped {
            Mapped::Draft(_) => continue,
            Mapped::Skipped(left) => ("skipped", &left.verdict),
            Mapped::Rejected(left) => ("rejected", &left.verdict),
        };
        assert!(why.reason.len() > 20 && !why.reason.contains("{{"), "no reason: {}", why.reason);
        *reasons.entry(format!("{what} ({}): {}", why.rule, why.reason)).or_default() += 1;
    }
    for (reason, count) in reasons {
        println!("{name}: {count} {reason}");
    }
}

fn counted(program: &Program, fates: &[Fate]) -> Counts {
    let mut counts = Counts::default();
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for fate in fates {
        match &fate.mapped {
            Mapped::Skipped(_) => counts.skipped += 1,
            Mapped::Rejected(_) => counts.rejected += 1,
            Mapped::Draft(draft) => {
                counts.mapped += 1;
                let product = body(program, draft, &draft.wishes[0]);
                *names.entry(product["Name"].to_string()).or_default() += 1;
            }
        }
    }
    counts.of_one_name = names.values().filter(|count| **count > 1).sum();
    counts
}

/// A folder of the shared data; nothing where that is not at hand.
fn folder(name: &str, expected: Counts) {
    let Some(folder) = shared(&format!("cpq/{name}")) else { return };
    let fields = std::fs::read_to_string(folder.join("_fields.json")).expect("_fields.json");
    assert_eq!(examined(name, &folder, &fields), expected, "{name}");
}

#[test]
fn atomic_is_accepted_but_for_what_shares_a_name_or_has_no_price() {
    folder("atomic", Counts { mapped: 159, skipped: 1, rejected: 9, of_one_name: 16 });
}

#[test]
fn smartbytes_is_accepted_where_it_has_prices() {
    folder("smartbytes", Counts { mapped: 44, skipped: 0, rejected: 44, of_one_name: 0 });
}

#[test]
fn qa10cpq_is_accepted_where_it_is_active_and_has_prices() {
    folder("qa10cpq", Counts { mapped: 44, skipped: 3, rejected: 4, of_one_name: 10 });
}

#[test]
fn usage_with_credits_is_accepted_whole() {
    folder("usage-with-credits", Counts { mapped: 3, skipped: 0, rejected: 0, of_one_name: 0 });
}

#[test]
fn fizzly_is_accepted_where_it_is_active() {
    folder("fizzly", Counts { mapped: 3, skipped: 36, rejected: 0, of_one_name: 0 });
}

#[test]
fn agromovsky_has_no_price_at_all() {
    folder("agromovsky", Counts { mapped: 0, skipped: 77, rejected: 32, of_one_name: 0 });
}

#[test]
fn the_built_in_records_are_accepted() {
    let folder = std::env::temp_dir().join(format!("crosswalk-builtin-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (object, lines) in builtin_records() {
        std::fs::write(folder.join(format!("{object}.ndjson")), lines.as_bytes()).unwrap();
    }
    let counts = examined("built in", &folder, &builtin_fields());
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(counts, Counts { mapped: 22, skipped: 1, rejected: 2, of_one_name: 0 });
}

#[test]
fn every_wish_of_a_golden_case_is_a_request_that_is_taken() {
    // Cases differ in their tenants, but not in the custom fields of those.
    let tenant = tenant_of_cases(&cpq_to_zuora());
    let checks = checks(&tenant, shared("zuora/request-schemas.draft4.json"));
    let (mut wishes, mut found) = (0, Vec::new());
    for ran in run_all().iter().filter(|ran| ran.program.head.target == "zuora") {
        let faults = faults(&ran.program, &ran.fates, &checks);
        found.extend(faults.iter().map(|it| format!("{}: {it}", ran.folder.display())));
        for fate in &ran.fates {
            let Mapped::Draft(draft) = &fate.mapped else { continue };
            wishes += draft.wishes.len();
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(wishes > 100, "only {wishes} objects were looked at");
}

/// The checks would notice: an object that breaks a rule of each of them has faults.
#[test]
fn a_wrong_body_is_noticed() {
    let tenant = tenant_of_cases(&cpq_to_zuora());
    let checks = checks(&tenant, shared("zuora/request-schemas.draft4.json"));
    let charge =
        serde_json::json!({ "Name": "x".repeat(101), "ChargeModel": "Flat", "Unknown": 1 });
    let faults = checks["ProductRatePlanCharge"].faults(&charge).join("\n");
    for part in ["/Name", "/ChargeModel", "Unknown", "ProductRatePlanId"] {
        assert!(faults.contains(part), "{part} is not in\n{faults}");
    }
    let taxed = serde_json::json!({ "ChargeModel": "Per Unit Pricing", "Taxable": true });
    let faults = checks["ProductRatePlanCharge"].faults(&taxed).join("\n");
    assert!(faults.contains("`UOM`") && faults.contains("`TaxCode`"), "{faults}");
}
