//! A set of mappings compiled for a tenant, and what it makes of a folder of records.

use std::path::{Path, PathBuf};

use crosswalk::{
    compile::compile,
    connector::{
        Source,
        file::{Folder, Format},
    },
    diag::{Colour, Findings, SourceMap, render},
    program::{Mapped, Program},
};

use super::tenant::Tenanted;
use crosswalk::compile::Param;
use std::collections::BTreeMap;

/// The folder of the shipped mappings from CPQ to Zuora.
pub fn cpq_to_zuora() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("mappings/salesforce-cpq-to-zuora")
}

/// What a record came to.
pub struct Fate {
    /// The id of the record.
    pub record: String,
    /// The name of the record, where it has one.
    pub label: Option<String>,
    /// What the mapping made of it.
    pub mapped: Mapped,
}

/// How a mapping is compiled.
#[derive(Default)]
pub struct Setting {
    pub tenant: Tenanted,
    pub currency: Option<String>,
    pub params: BTreeMap<String, Param>,
}

/// Compiles one mapping of a set.
///
/// # Panics
/// With the findings drawn, when there are any.
pub fn program(set: &Path, mapping: &str, setting: &Setting) -> Program {
    let name = format!("{mapping}.yaml");
    let text = std::fs::read_to_string(set.join(&name)).expect("a mapping of that name");
    let mut sources = SourceMap::new();
    let file = sources.add(&name, text);
    let mut findings = Findings::new();
    let facts = setting.tenant.facts(setting.currency.clone(), setting.params.clone());
    let mut catalog = setting.tenant.catalog(setting.currency.is_some());
    let mut programs = compile(&sources, &[file], &mut catalog, &facts, &mut findings);
    let drawn: Vec<_> = findings
        .into_sorted()
        .iter()
        .map(|finding| render(finding, &sources, Colour::None))
        .collect();
    assert!(drawn.is_empty(), "{}", drawn.join("\n\n"));
    programs.pop().expect("a program, as there is no finding")
}

/// What the program makes of every record of a folder, in the order of the file.
pub fn fates(program: &Program, folder: &Path) -> Vec<Fate> {
    let source = Folder::open(folder, Format::Ndjson).expect("a folder of records");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut reader = program.reader();
    let (mut fates, mut cursor) = (Vec::new(), None);
    loop {
        let page = runtime.block_on(source.read(&program.head.query, cursor.as_ref()));
        let page = page.expect("a page");
        for record in page.records.iter() {
            let (id, label) = program.identify(&mut reader, record);
            let mapped = program.draft(&mut reader, record);
            fates.push(Fate { record: id, label, mapped });
        }
        cursor = page.next;
        if cursor.is_none() {
            return fates;
        }
    }
}
