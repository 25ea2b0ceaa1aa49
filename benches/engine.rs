//! Benches of the engine, in miniature: one core, no network.
//!
//! `products` maps generated CPQ products to nested catalog documents (the mapping of
//! `tests/fixtures/bench`): checked, read, evaluated and written. `compile` reads and checks the
//! shipped mapping. Compare ratios within one run; the machines that run this differ.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench fails by panicking")]

use std::hint::black_box;

use crosswalk::{
    apply::emit,
    compile::{Facts, compile},
    diag::{Findings, SourceMap},
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
