//! A mapping that passes `check` cannot fail for a reason that could have been known: 10,000 products
//! made of the source's schema go through the shipped catalog mapping. Every request is valid, and
//! every rejection is of a kind that the mapping or its target declares.

mod products;
mod random;

use std::collections::BTreeMap;

use crosswalk::{
    compile::Param,
    json::Checked,
    program::{Known, Mapped, Watch, parts},
};

use self::{products::Products, random::Random};
use crate::{
    cases::{Setting, cpq_to_zuora, program, shared, tenant_of_cases},
    requests::{body, checks},
};

/// How many products are made.
const RECORDS: usize = 10_000;
/// The seed of all of them.
const SEED: u64 = 0x5eed_ca7a_1065;

/// The kinds of rejections that a mapping declares: its own `$reject` and `reject`, its `error`
/// modifiers, what `$ranges` promises of tiers, and what the environment says of the tenant. All
/// other kinds are for what `check` should have found.
const DECLARED: &[&str] = &[
    "absent-value",
    "empty-value",
    "rejected-by-mapping",
    "text-too-long",
    "tier-between-steps",
    "tier-duplicate",
    "tier-empty",
    "tier-hole",
    "tier-late-start",
    "tier-overlap",
    "tier-two-open",
    "tier-without-bound",
    "too-many-digits",
    "unknown-to-tenant",
    "unknown-unit",
];

/// What became of the products of one kind.
#[derive(Debug, Default)]
struct Count {
    accepted: usize,
    rejected: usize,
}

#[test]
fn what_passes_check_gives_valid_requests_and_declared_rejections() {
    println!("seed {SEED:#x}");
    let setting = Setting {
        tenant: tenant_of_cases(&cpq_to_zuora()),
        currency: None,
        params: BTreeMap::from([("default_tax_code".to_owned(), Param::Text("SERVICES".into()))]),
    };
    let program = program(&cpq_to_zuora(), "product-catalog", &setting);
    let checks = checks(&setting.tenant, shared("zuora/request-schemas.draft4.json"));
    let mut products = Products::of(&program.head.query, Random::new(SEED));
    let (mut reader, mut watch) = (program.reader(), Watch::over(&program));
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    let mut reasons: BTreeMap<&'static str, usize> = BTreeMap::new();
    let (mut faults, mut objects) = (Vec::new(), 0);
    for _ in 0..RECORDS {
        let (kind, record) = products.next();
        let text = record.to_string();
        let checked = Checked::check(&text).expect("JSON");
        match program.draft_watched(&mut reader, checked, &Known::default(), &mut watch) {
            Mapped::Skipped(_) => {}
            Mapped::Rejected(left) => {
                let why = &left.verdict;
                *reasons.entry(why.rule).or_default() += 1;
                if !DECLARED.contains(&why.rule) {
                    faults.push(format!("{}: {} ({})\n{text}", why.rule, why.reason, why.origin));
                }
                if let Some(kind) = kind {
                    counts.entry(kind).or_default().rejected += 1;
                }
            }
            Mapped::Draft(draft) => {
                for wish in &draft.wishes {
                    objects += 1;
                    let object = program.resources()[wish.resource].object.as_str();
                    let found = checks[object].faults(&body(&program, &draft, wish));
                    faults.extend(found.iter().map(|it| format!("{object}: {it}\n{text}")));
                }
                if let Some(kind) = kind {
                    counts.entry(kind).or_default().accepted += 1;
                }
            }
        }
        assert!(faults.len() < 5, "{}", faults.join("\n\n"));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    println!("{objects} objects; rejections: {reasons:?}");
    for (kind, Count { accepted, rejected }) in &counts {
        println!("{kind}: {accepted} accepted, {rejected} rejected");
        assert!(accepted + rejected >= 50, "only {} of {kind}", accepted + rejected);
        assert!(accepted >= rejected, "{kind}: less than half are accepted");
    }
    assert_eq!(counts.len(), products::KINDS, "{:?}", counts.keys());
    assert!(reasons.len() >= 5, "hardly anything was wrong: {reasons:?}");
    // Records that use little of the mapping prove little.
    let unused: Vec<String> = parts(&program, &watch)
        .into_iter()
        .filter(|part| !part.used)
        .map(|part| format!("{:?} {} ({})", part.kind, part.name, part.origin))
        .collect();
    println!("not used by any product:\n{}", unused.join("\n"));
    assert!(unused.len() <= 3, "{} parts are used by no product", unused.len());
}
