//! What differs between pinned and live, and what of it matters.
//!
//! The compiler decides both. A field is used when the mappings have more findings without it; a
//! difference breaks when they have more findings with the live field in its place.

use std::collections::BTreeSet;

use super::{
    super::{fault::Fault, set::Loaded},
    custom::of_xml,
};
use crate::{
    compile::compile,
    diag::{Diagnostic, Findings, Severity, report},
    schema::{Catalog, Field, Object},
};

/// Something that differs and that the mappings use.
pub(super) struct Difference {
    pub(super) system: String,
    pub(super) object: String,
    /// The field; none where the object as a whole is not there.
    pub(super) field: Option<String>,
    /// What differs, in words.
    pub(super) what: Vec<String>,
    /// What `check` would find in the mappings with it.
    pub(super) findings: Vec<Diagnostic>,
}

impl Difference {
    /// Whether the mappings cannot go on as they are.
    pub(super) fn is_breaking(&self) -> bool {
        self.field.is_none() || self.findings.iter().any(|found| found.severity == Severity::Error)
    }
}

/// A comparison under way.
pub(super) struct Comparison<'a> {
    loaded: &'a Loaded,
    /// What is found already, as lines of JSON.
    before: BTreeSet<String>,
    pub(super) found: Vec<Difference>,
    pub(super) objects: usize,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(loaded: &'a Loaded) -> Self {
        let mut new = Self { loaded, before: BTreeSet::new(), found: Vec::new(), objects: 0 };
        let before = new.found_with(&mut loaded.catalog.clone());
        new.before = before.iter().map(|finding| new.line(finding)).collect();
        new
    }

    /// The objects that the mappings use, with their systems.
    pub(super) fn used(&self) -> Vec<(String, String)> {
        self.loaded.catalog.used()
    }

    fn line(&self, finding: &Diagnostic) -> String {
        report::json(finding, &self.loaded.sources).to_string()
    }

    fn found_with(&self, catalog: &mut Catalog) -> Vec<Diagnostic> {
        let mut findings = Findings::new();
        let Loaded { sources, ids, facts, .. } = self.loaded;
        compile(sources, ids, catalog, facts, &mut findings);
        findings.into_sorted()
    }

    /// What is found besides what was found already when a field is another one, or gone.
    fn found_new(
        &self,
        system: &str,
        object: &Object,
        field: &str,
        live: Option<Field>,
    ) -> Vec<Diagnostic> {
        let mut changed = object.clone();
        changed.fields.remove(field);
        changed.fields.extend(live.map(|live| (field.to_owned(), live)));
        let mut catalog = self.loaded.catalog.clone();
        catalog.replace(system, changed);
        let found = self.found_with(&mut catalog);
        found.into_iter().filter(|finding| !self.before.contains(&self.line(finding))).collect()
    }

    /// Compares an object with what its system says of it.
    ///
    /// # Errors
    /// [`Fault`] when the answer cannot be read.
    pub(super) fn compare(
        &mut self,
        system: &str,
        name: &str,
        described: Option<&str>,
    ) -> Result<(), Fault> {
        let mut catalog = self.loaded.catalog.clone();
        let Ok(Some(pinned)) = catalog.object(system, name) else { return Ok(()) };
        self.objects += 1;
        let Some(described) = described else {
            let what = vec!["it is not there, or not visible to this user".to_owned()];
            let (system, object) = (system.to_owned(), name.to_owned());
            self.found.push(Difference { system, object, field: None, what, findings: Vec::new() });
            return Ok(());
        };
        let live = self.live(system, name, described)?;
        // Of Zuora only the custom fields differ from tenant to tenant.
        let is_compared = |field: &str| system != "zuora" || is_custom(field);
        let pinned_fields = pinned.fields.iter().filter(|(field, _)| is_compared(field));
        for (field, was) in pinned_fields {
            let is = live.iter().find(|live| live.name == *field);
            let what = is.map_or_else(
                || vec!["it is gone, or not visible".to_owned()],
                |is| changes(was, is),
            );
            if what.is_empty() || self.found_new(system, &pinned, field, None).is_empty() {
                continue;
            }
            let findings = self.found_new(system, &pinned, field, is.cloned());
            let (system, object) = (system.to_owned(), name.to_owned());
            let field = Some(field.clone());
            self.found.push(Difference { system, object, field, what, findings });
        }
        Ok(())
    }

    /// The live fields of an object.
    fn live(&self, system: &str, name: &str, described: &str) -> Result<Vec<Field>, Fault> {
        if system == "zuora" {
            return Ok(of_xml(described).iter().map(|custom| custom.field()).collect());
        }
        let mut catalog = Catalog::default();
        if self.loaded.catalog.is_single_currency(system) {
            catalog.set_single_currency(system);
        }
        catalog.add(system, name, described.to_owned());
        let unreadable = |said: String| Fault::File { path: name.into(), said };
        let object = catalog.object(system, name).map_err(|fault| unreadable(fault.to_string()))?;
        Ok(object.iter().flat_map(|object| object.fields.values().cloned()).collect())
    }
}

fn is_custom(field: &str) -> bool {
    field.ends_with("__c") || field.ends_with("__NS")
}

/// What differs between two descriptions of a field, as far as mappings can tell.
fn changes(was: &Field, is: &Field) -> Vec<String> {
    let mut what = Vec::new();
    if was.kind != is.kind {
        what.push(format!("it was {} and is {}", was.kind.name(), is.kind.name()));
    }
    if was.nullable != is.nullable {
        what.push(
            if is.nullable { "it may be null now" } else { "it is never null now" }.to_owned(),
        );
    }
    if was.length != is.length {
        let of =
            |length: Option<u32>| length.map_or("any length".into(), |l| format!("{l} characters"));
        what.push(format!("it had {} and has {}", of(was.length), of(is.length)));
    }
    if was.digits != is.digits {
        let of = |digits: Option<(u32, u32)>| {
            digits.map_or("any digits".into(), |(all, scale)| {
                format!("{all} digits, {scale} after the point")
            })
        };
        what.push(format!("it had {} and has {}", of(was.digits), of(is.digits)));
    }
    if (was.createable, was.updateable) != (is.createable, is.updateable) {
        what.push("who may write it has changed".to_owned());
    }
    let values =
        |field: &Field| field.values.as_ref().map(|values| values.all.clone()).unwrap_or_default();
    let (before, after) = (values(was), values(is));
    let quoted = |values: Vec<&String>| {
        values.into_iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
    };
    let new: Vec<&String> = after.iter().filter(|value| !before.contains(value)).collect();
    let gone: Vec<&String> = before.iter().filter(|value| !after.contains(value)).collect();
    if !new.is_empty() {
        what.push(format!("new values: {}", quoted(new)));
    }
    if !gone.is_empty() {
        what.push(format!("values that are gone: {}", quoted(gone)));
    }
    let closed = |field: &Field| field.values.as_ref().is_some_and(|values| values.closed);
    if closed(was) != closed(is) {
        let now = if closed(is) { "restricted" } else { "no longer restricted" };
        what.push(format!("the pick-list is {now}"));
    }
    what
}
