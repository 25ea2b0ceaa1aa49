//! A set of mappings compiled for a tenant, and what it makes of a folder of records.

use std::path::{Path, PathBuf};

use crosswalk::{
    compile::{compile, is_file},
    connector::{
        Source,
        file::{Folder, Format},
    },
    diag::{Colour, FileId, Findings, SourceMap, render},
    program::Program,
    schema::Catalog,
    syntax::{Node, parse_yaml},
};

use super::{
    Fate,
    tenant::{OrgFields, Tenanted},
};
use crosswalk::compile::Param;
use std::collections::BTreeMap;

/// The folder of the shipped mappings from CPQ to Zuora.
pub fn cpq_to_zuora() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("mappings/salesforce-cpq-to-zuora")
}

/// The folder of the shipped mappings from orders to Zuora.
pub fn orders_to_zuora() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("mappings/salesforce-orders-to-zuora")
}

/// How a mapping is compiled.
#[derive(Clone, Default)]
pub struct Setting {
    pub tenant: Tenanted,
    pub org: OrgFields,
    pub currency: Option<String>,
    pub params: BTreeMap<String, Param>,
}

impl Setting {
    /// The schemas of both systems with what this org and this tenant add to them.
    pub fn catalog(&self) -> Catalog {
        let mut catalog = self.tenant.catalog(self.currency.is_some());
        self.org.lay_over(&mut catalog);
        catalog
    }
}

/// Compiles one mapping of a set.
///
/// # Panics
/// With the findings drawn, when there are any.
pub fn program(set: &Path, mapping: &str, setting: &Setting) -> Program {
    let mut sources = SourceMap::new();
    let files = with_used(set, mapping, &mut sources);
    let mut findings = Findings::new();
    let facts = setting.tenant.facts(setting.currency.clone(), setting.params.clone());
    let mut catalog = setting.catalog();
    let mut programs = compile(&sources, &files, &mut catalog, &facts, &mut findings);
    let drawn: Vec<_> = findings
        .into_sorted()
        .iter()
        .filter(|finding| files.first() == Some(&finding.primary.span.file))
        .map(|finding| render(finding, &sources, Colour::None))
        .collect();
    assert!(drawn.is_empty(), "{}", drawn.join("\n\n"));
    programs.retain(|program| program.head.mapping == mapping);
    programs.pop().expect("a program, as there is no finding")
}

/// The files of a mapping and of those that it uses, itself first.
fn with_used(set: &Path, mapping: &str, sources: &mut SourceMap) -> Vec<FileId> {
    let (mut names, mut files) = (vec![format!("{mapping}.yaml")], Vec::new());
    while let Some(name) = names.get(files.len()).cloned() {
        let text = std::fs::read_to_string(set.join(&name)).expect("a mapping of that name");
        let file = sources.add(name, text);
        files.push(file);
        let root = parse_yaml(sources, file, &mut Findings::new());
        let uses = root.as_ref().and_then(|root| root.get("uses")).and_then(Node::block);
        for used in uses.unwrap_or_default().iter().filter_map(|(_, name)| name.text()) {
            let used = match is_file(used) {
                true => used.to_owned(),
                false => format!("{used}.yaml"),
            };
            if !names.contains(&used) {
                names.push(used);
            }
        }
    }
    files
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
            fates.push(Fate { record: id, label, mapped, document: None, values: Vec::new() });
        }
        cursor = page.next;
        if cursor.is_none() {
            return fates;
        }
    }
}
