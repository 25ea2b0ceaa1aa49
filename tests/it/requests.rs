//! What the shipped catalog mapping wishes for on data that nobody made up for the test, held
//! against the schemas of the requests that would send it.

mod bodies;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crosswalk::{
    compile::Param,
    program::{Mapped, Program},
    sandbox::data::{builtin_fields, builtin_records},
};
use serde_json::Value;

use self::bodies::{body, checks};
use crate::cases::{Fate, Setting, Tenanted, cpq_to_zuora, fates, program, shared, tenant_of_cases};

/// What a folder of records comes to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    mapped: usize,
    skipped: usize,
    rejected: usize,
    /// Mapped records that wish for the name of another one: found by the plan, and not sent.
    of_one_name: usize,
}

/// Units of measure that the folders name, with their decimals.
const UNITS: [(&str, u32); 18] = [
    ("Each", 0),
    ("User", 0),
    ("Login", 0),
    ("Event", 0),
    ("Transaction", 0),
    ("Message", 0),
    ("Minute", 0),
    ("Hour", 2),
    ("Day", 0),
    ("API Call", 0),
    ("Check", 0),
    ("Credit", 2),
    ("MB", 0),
    ("GB", 2),
    ("TB", 2),
    ("kWh", 2),
    ("SMS", 0),
    ("Unit", 0),
];

/// A tenant that has the units of the folders, every currency, and one tax code.
fn setting(fields: &str) -> Setting {
    let fields: Value = serde_json::from_str(fields).expect("_fields.json");
    let per_record = !fields["PricebookEntry"]["fields"]["CurrencyIsoCode"].is_null();
    let units = UNITS.map(|(unit, decimals)| (unit.to_owned(), decimals));
    let tenant = Tenanted { units: Some(BTreeMap::from(units)), ..Tenanted::default() };
    let cases = tenant_of_cases(&cpq_to_zuora());
    let tax_code = Param::Text("Standard".into());
    Setting {
        tenant: Tenanted { custom_fields: cases.custom_fields, ..tenant },
        currency: (!per_record).then(|| "USD".to_owned()),
        params: BTreeMap::from([("default_tax_code".to_owned(), tax_code)]),
    }
}

/// Checks every wished object of a folder, prints what was left out, and counts.
fn examined(name: &str, folder: &Path, fields: &str) -> Counts {
    let setting = setting(fields);
    let program = program(&cpq_to_zuora(), "product-catalog", &setting);
    let checks = checks(&setting.tenant, shared("zuora/request-schemas.draft4.json"));
    let fates = fates(&program, folder);
    let mut faults = Vec::new();
    for fate in &fates {
        let Mapped::Draft(draft) = &fate.mapped else { continue };
        for wish in &draft.wishes {
            let object = program.resources()[wish.resource].object.as_str();
            let found = checks[object].faults(&body(&program, draft, wish));
            faults.extend(found.iter().map(|it| format!("{} {object} {}: {it}", fate.record, wish.key)));
        }
    }
    assert!(faults.is_empty(), "{name}\n{}", faults.join("\n"));
    print_reasons(name, &fates);
    counted(&program, &fates)
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
    folder("atomic", Counts { mapped: 143, skipped: 0, rejected: 0, of_one_name: 0 });
}

#[test]
fn smartbytes_is_accepted_where_it_has_prices() {
    folder("smartbytes", Counts { mapped: 44, skipped: 0, rejected: 0, of_one_name: 0 });
}

#[test]
fn qa10cpq_is_accepted_where_it_is_active_and_has_prices() {
    folder("qa10cpq", Counts { mapped: 34, skipped: 0, rejected: 0, of_one_name: 0 });
}

#[test]
fn usage_with_credits_is_accepted_whole() {
    folder("usage-with-credits", Counts { mapped: 3, skipped: 0, rejected: 0, of_one_name: 0 });
}

#[test]
fn fizzly_is_accepted_where_it_is_active() {
    folder("fizzly", Counts { mapped: 3, skipped: 0, rejected: 0, of_one_name: 0 });
}

#[test]
fn agromovsky_has_no_price_at_all() {
    folder("agromovsky", Counts { mapped: 0, skipped: 0, rejected: 0, of_one_name: 0 });
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
    assert_eq!(counts, Counts::default());
}
