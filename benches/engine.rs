//! Benches of the engine, in miniature: one core, no network.
//!
//! `products` maps generated CPQ products to nested catalog documents (the mapping of
//! `tests/fixtures/bench`): checked, read, evaluated and written. `compile` reads and checks the
//! shipped mapping; `fifty_copies_checked` runs the program itself on 50 copies of all shipped sets.
//! Compare ratios within one run; the machines that run this differ.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench fails by panicking")]

use std::{fs, hint::black_box, path::Path, process::Command};

use crosswalk::{
    apply::emit,
    compile::{Facts, compile},
    diag::{Findings, SourceMap},
    editor,
    program::Program,
    schema::Catalog,
};
use divan::{Bencher, counter::ItemsCount};

fn main() {
    divan::main();
}

/// How many records one round maps.
const RECORDS: usize = 1_000;

fn program() -> Program {
    let mut sources = SourceMap::new();
    let file = sources.add("products.yaml", include_str!("../tests/fixtures/bench/products.yaml"));
    let mut catalog = Catalog::embedded();
    catalog.add("file", "product", include_str!("../tests/fixtures/bench/product.schema.json"));
    let mut findings = Findings::new();
    let programs = compile(&sources, &[file], &mut catalog, &Facts::default(), &mut findings);
    assert!(!findings.has_error());
    programs.into_iter().next().unwrap()
}

/// Products in the shape of REST answers, each with a tail of members that nobody reads.
fn products() -> String {
    let mut text = String::new();
    for n in 0..RECORDS {
        let method = ["List", "Block", "Percent Of Total", "Cost"][n % 4];
        let charge = ["\"Recurring\"", "\"One-Time\"", "\"Usage\"", "null"][n / 4 % 4];
        let entries: Vec<String> =
            ["USD", "EUR", "GBP"][..1 + n % 3].iter().map(|currency| entry(n, currency)).collect();
        let unread: String =
            (0..60).map(|field| format!(",\"Unread_Field_{field}__c\":null")).collect();
        text.push_str(&format!(
            "{{\"attributes\":{{\"type\":\"Product2\",\"url\":\"/p/{n}\"}},\"Id\":\"01t{n:012}AAA\",\
             \"Name\":\" Product {n} \",\"IsActive\":{},\"IsDeleted\":false,\
             \"ProductCode\":\"P-{n}\",\"StockKeepingUnit\":\"sku-{n}\",\"Family\":\"Software\",\
             \"CreatedDate\":\"2024-01-31T00:00:00.000+0000\",\
             \"SystemModstamp\":\"2024-02-01T00:00:00.000+0000\",\"CurrencyIsoCode\":\"USD\",\
             \"SBQQ__ChargeType__c\":{charge},\"SBQQ__PricingMethod__c\":\"{method}\",\
             \"SBQQ__SubscriptionPercent__c\":12.5,\"SBQQ__BillingFrequency__c\":\"Monthly\",\
             \"SBQQ__BillingType__c\":null,\"SBQQ__DefaultQuantity__c\":1.0,\
             \"SBQQ__QuantityEditable__c\":{},\"SBQQ__ReconfigurationDisabled__c\":false,\
             \"SBQQ__Taxable__c\":true,\"SBQQ__TaxCode__c\":\"T{n}\",\"Setup_Fee__c\":{}{unread},\
             \"PricebookEntries\":{{\"totalSize\":{},\"done\":true,\"records\":[{}]}},\
             \"SBQQ__BlockPrices__r\":null,\"SBQQ__DiscountSchedule__r\":null}}\n",
            n % 13 != 0,
            n % 2 == 0,
            if n % 5 == 0 { "99.5" } else { "null" },
            entries.len(),
            entries.join(","),
        ));
    }
    text
}

fn entry(n: usize, currency: &str) -> String {
    format!(
        "{{\"attributes\":{{\"type\":\"PricebookEntry\",\"url\":\"/e/{n}\"}},\
         \"Id\":\"01u{n:012}{currency}\",\"CurrencyIsoCode\":\"{currency}\",\
         \"UnitPrice\":{n}.95,\"IsActive\":true,\"UseStandardPrice\":false}}"
    )
}

#[divan::bench]
fn products_mapped(bencher: Bencher) {
    let (program, records) = (program(), products());
    bencher.counter(ItemsCount::new(RECORDS)).bench(|| {
        let mut out = Vec::with_capacity(records.len());
        let totals = emit::run(&program, records.as_bytes(), &mut out, |_| ()).unwrap();
        assert_eq!(totals.rejected.len(), 0);
        black_box(out)
    });
}

#[divan::bench]
fn shipped_mapping_compiled(bencher: Bencher) {
    let text = include_str!("../mappings/salesforce-cpq-to-zuora/product-catalog.yaml");
    bencher.bench(|| {
        let mut sources = SourceMap::new();
        let file = sources.add("product-catalog.yaml", text);
        let mut findings = Findings::new();
        let mut catalog = Catalog::embedded();
        black_box(compile(&sources, &[file], &mut catalog, &Facts::default(), &mut findings))
    });
}

/// An object of a source with 700 fields, every third with a pick-list.
fn wide_object() -> String {
    let fields: Vec<String> = (0..700)
        .map(|n| match n % 3 {
            0 => format!("\"Field_{n}__c\": {{\"type\": \"string\", \"enum\": [\"A\", \"B{n}\"]}}"),
            1 => format!("\"Field_{n}__c\": {{\"type\": \"number\"}}"),
            _ => format!("\"Field_{n}__c\": {{\"type\": \"string\", \"maxLength\": {n}}}"),
        })
        .collect();
    let (fields, closed) = (fields.join(", "), "\"additionalProperties\": false");
    format!("{{\"type\": \"object\", {closed}, \"properties\": {{{fields}}}}}")
}

/// Completion of a field in the middle of a mapping of 200 lines over that object.
#[divan::bench]
fn completion(bencher: Bencher<'_, '_>) {
    let schema = wide_object();
    let mut text = "crosswalk: 1\nname: wide\nsource: { system: file, object: wide, schema: \
                    wide.schema.json }\ntarget: { system: file }\nemit:\n"
        .to_owned();
    (0..200).for_each(|n| text.push_str(&format!("  Out{n}: $.Field_{}__c\n", n * 3)));
    let at = text.find("Field_300__c").unwrap() + "Field_3".len();
    bencher.bench(|| {
        let mut look = |text: &str| {
            let mut sources = SourceMap::new();
            let file = sources.add("wide.yaml", text);
            let mut catalog = Catalog::embedded();
            catalog.add("file", "wide", schema.clone());
            let mut findings = Findings::new();
            compile(&sources, &[file], &mut catalog, &Facts::default(), &mut findings);
            findings.into_sorted()
        };
        let found = editor::complete(black_box(&text), at, &mut look);
        assert_eq!(found.items.len(), 700);
    });
}

/// `crosswalk check` over 50 copies of the set that sells products and contracts, and of all shipped
/// sets, from the start of the process to its end.
#[divan::bench(sample_count = 20, args = ["salesforce-cpq-to-zuora", "all"])]
fn fifty_copies_checked(bencher: Bencher<'_, '_>, asked: &str) {
    let folder = std::env::temp_dir().join(format!("crosswalk-bench-{}", std::process::id()));
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    for copy in 0..50 {
        for set in fs::read_dir(&shipped).unwrap() {
            let set = set.unwrap();
            // A set uses files of another by their relative paths, so the copies lie side by side.
            copied(&set.path(), &folder.join(format!("mappings/{copy}")).join(set.file_name()));
        }
    }
    let sets: Vec<String> = (0..50)
        .flat_map(|copy| fs::read_dir(folder.join(format!("mappings/{copy}"))).unwrap())
        .map(|set| set.unwrap().path())
        .filter(|set| asked == "all" || set.ends_with(asked))
        .map(|set| set.display().to_string())
        .collect();
    bencher.bench(|| {
        let run = Command::new(env!("CARGO_BIN_EXE_crosswalk")).arg("check").args(&sets).output();
        let run = run.unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    });
    fs::remove_dir_all(&folder).unwrap();
}

/// Copies the mappings, schemas and environments of a set; its cases are not checked.
fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, name) = (entry.as_ref().unwrap().path(), entry.unwrap().file_name());
        match from.is_dir() {
            true if name == "cases" => {}
            true => copied(&from, &to.join(name)),
            false => drop(fs::copy(&from, to.join(name)).unwrap()),
        }
    }
}
