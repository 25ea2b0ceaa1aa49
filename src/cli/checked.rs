//! A set read once and checked as often as its texts change.
//!
//! `check` reads the environment, the schemas and the texts of a set, and compiles. Who checks
//! many versions of one set reads the first two once. What enters is the folder of a set, what
//! leaves are the findings that `check` would show of some texts. Nothing here prints.

use std::path::Path;

use super::{
    args::Place,
    set::{Set, Text, Unnamed, compiled},
};
use crate::{
    compile::Facts,
    diag::{Diagnostic, Findings, SourceMap},
    schema::Catalog,
    syntax::parse_yaml,
};

/// What the texts of a set are checked against, and the texts as they are.
pub struct Ground {
    /// The names of its files with their texts: its mappings, and those that they use.
    pub texts: Vec<(String, String)>,
    catalog: Catalog,
    facts: Facts,
}

impl Ground {
    /// Reads a set in an environment; without a name in the one that `check` takes.
    ///
    /// # Errors
    /// What cannot be read, in words.
    pub fn of(folder: &Path, env: Option<&str>) -> Result<Self, String> {
        let place = Place { set: Some(folder.to_owned()), env: env.map(str::to_owned), data: None };
        let set = Set::find(place.set.as_deref(), env).map_err(|fault| fault.to_string())?;
        let loaded = set.load(&place, Unnamed::Embedded).map_err(|fault| fault.to_string())?;
        let text = |file| {
            let (name, text) = (loaded.sources.name(file), loaded.sources.text(file));
            (name.to_owned(), text.to_owned())
        };
        let texts = loaded.ids.iter().map(|file| text(*file)).collect();
        Ok(Self { texts, catalog: loaded.catalog, facts: loaded.facts })
    }

    /// What `check` finds in a set of these texts.
    pub fn check(&self, texts: &[(String, String)]) -> (SourceMap, Vec<Diagnostic>) {
        let mut sources = SourceMap::new();
        let mut findings = Findings::new();
        let texts: Vec<Text> = texts
            .iter()
            .map(|(name, text)| Text::of(name, text.as_str(), &mut sources, &mut findings))
            .collect();
        let mut catalog = self.catalog.clone();
        compiled(&sources, texts.iter(), &mut catalog, &self.facts, &mut findings);
        (sources, findings.into_sorted())
    }
}
