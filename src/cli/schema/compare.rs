//! What differs between what is pinned and what is there, and what of it matters.
//!
//! The compiler decides both. A field is used when the mappings have more findings without it; a
//! difference breaks when they have more findings with the other field in its place.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    super::{
        fault::Fault,
        set::{Loaded, mapping_name},
    },
    changes::changes,
    pinned,
};
use crate::{
    compile::compile,
    diag::{Diagnostic, FileId, Findings, Severity, Span, report},
    schema::{Catalog, Change, Field, Layer, Object},
};

/// Something that differs and that the mappings use.
pub(super) struct Difference {
    pub(super) system: String,
    pub(super) object: String,
    /// The field; none where the object as a whole is not there.
    pub(super) field: Option<String>,
    /// What differs, in words.
    pub(super) what: Vec<String>,
    /// Where mappings use it, with their names.
    pub(super) uses: Vec<(String, Span)>,
    /// What `check` would find in the mappings with it.
    pub(super) findings: Vec<Diagnostic>,
    /// Whether it breaks though the mappings are right: a change of the field would be refused.
    is_frozen: bool,
    /// Whether it is not there any more.
    is_gone: bool,
}

impl Difference {
    /// Whether the mappings cannot go on as they are.
    pub(super) fn is_breaking(&self) -> bool {
        self.field.is_none()
            || self.is_frozen
            || self.findings.iter().any(|found| found.severity == Severity::Error)
    }

    /// What to do about it.
    pub(super) fn way_out(&self) -> &'static str {
        match (self.is_breaking(), self.is_gone) {
            (false, _) => "nothing has to be done; `crosswalk schema pull` takes it over",
            (true, true) if self.field.is_none() => {
                "give the user of crosswalk access to it, or take it out of the mappings"
            }
            (true, true) => {
                "give the user of crosswalk access to it, or take it out of the mappings; then \
                 `crosswalk schema pull`"
            }
            (true, false) if self.findings.is_empty() => {
                "objects that are there keep the value they have: changes of it would be blocked"
            }
            (true, false) => "mend the mappings as the findings say; then `crosswalk schema pull`",
        }
    }
}

/// What there is of an object on the other side.
pub(super) enum Other {
    /// Nothing.
    Absent,
    /// This, as it would be pinned.
    Pin(Layer, String),
}

/// A comparison under way.
pub(super) struct Comparison<'a> {
    loaded: &'a Loaded,
    /// The names of the mappings, by their files.
    names: BTreeMap<FileId, String>,
    /// What is found already, as lines of JSON.
    before: BTreeSet<String>,
    pub(super) found: Vec<Difference>,
    pub(super) objects: BTreeSet<(String, String)>,
}

/// A field that differs.
struct Candidate {
    change: Change,
    was: Option<Arc<Field>>,
    what: Vec<String>,
    is_demanded: bool,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(loaded: &'a Loaded) -> Self {
        let named = |file: &FileId| Some((*file, mapping_name(&loaded.sources, *file)?));
        let names = loaded.ids.iter().filter_map(named).collect();
        let (before, found) = (BTreeSet::new(), Vec::new());
        let mut new = Self { loaded, names, before, found, objects: BTreeSet::new() };
        let before = new.found_with(&mut loaded.catalog.clone());
        new.before = before.iter().map(|finding| new.line(finding)).collect();
        new
    }

    fn line(&self, finding: &Diagnostic) -> String {
        report::json(finding, &self.loaded.sources).to_string()
    }

    /// What is found in the mappings that were asked for.
    fn found_with(&self, catalog: &mut Catalog) -> Vec<Diagnostic> {
        let mut findings = Findings::new();
        let Loaded { sources, ids, facts, files, .. } = self.loaded;
        compile(sources, ids, catalog, facts, &mut findings);
        let mut findings = findings.into_sorted();
        findings.retain(|finding| files.contains(&finding.primary.span.file));
        findings
    }

    /// What is found besides what was found already when fields are other ones, or gone.
    fn found_new(&self, system: &str, object: &str, changes: Vec<Change>) -> Vec<Diagnostic> {
        if changes.is_empty() {
            return Vec::new();
        }
        let mut catalog = self.loaded.catalog.clone();
        catalog.change(system, object, changes);
        let found = self.found_with(&mut catalog);
        found.into_iter().filter(|finding| !self.before.contains(&self.line(finding))).collect()
    }

    /// Compares an object with what its system, or another folder, says of it.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub(super) fn compare(
        &mut self,
        system: &str,
        object: &str,
        other: Other,
    ) -> Result<(), Fault> {
        let was = shape(&mut self.loaded.catalog.clone(), system, object);
        self.objects.insert((system.to_owned(), object.to_owned()));
        let (layer, text) = match other {
            Other::Pin(layer, text) => (layer, text),
            Other::Absent => {
                self.absent(system, &was);
                return Ok(());
            }
        };
        let mut catalog = self.loaded.catalog.clone();
        catalog.forget(system, object, layer);
        pinned::put(&mut catalog, system, object, layer, text)
            .map_err(|said| Fault::File { path: object.into(), said })?;
        let is = shape(&mut catalog, system, object);
        let candidates = candidates(&was, &is);
        for (candidate, used) in self.used(system, object, candidates.iter().collect()) {
            self.judge(system, object, candidate, &used);
        }
        Ok(())
    }

    /// An object that is not there. One that is only a place of custom fields in others matters
    /// where those are used.
    fn absent(&mut self, system: &str, was: &Object) {
        let is_place = self.loaded.catalog.objects(system).all(|name| name != was.name);
        let fields: Vec<Change> = was.fields.keys().map(|name| gone(name)).collect();
        let used = self.found_new(system, &was.name, fields);
        if is_place && used.is_empty() {
            return;
        }
        let what = vec!["it is not there, or not visible to this user".to_owned()];
        self.found.push(Difference {
            system: system.to_owned(),
            object: was.name.clone(),
            field: None,
            what,
            uses: self.places(&used),
            findings: Vec::new(),
            is_frozen: false,
            is_gone: true,
        });
    }

    /// Those that the mappings use, each with what is found without it. They are asked for
    /// together first, since most of them are of no concern.
    fn used<'c>(
        &self,
        system: &str,
        object: &str,
        candidates: Vec<&'c Candidate>,
    ) -> Vec<(&'c Candidate, Vec<Diagnostic>)> {
        let missing = candidates.iter().filter(|one| one.was.is_some());
        let missing = missing.map(|one| gone(&one.change.name)).collect();
        let demanded = candidates.iter().filter(|one| one.is_demanded);
        let demanded = demanded.map(|one| one.change.clone()).collect();
        let without = self.found_new(system, object, missing);
        if without.is_empty() && self.found_new(system, object, demanded).is_empty() {
            return Vec::new();
        }
        if let [one] = candidates.as_slice() {
            return vec![(*one, without)];
        }
        let (one, other) = candidates.split_at(candidates.len() / 2);
        let mut used = self.used(system, object, one.to_vec());
        used.extend(self.used(system, object, other.to_vec()));
        used
    }

    fn judge(&mut self, system: &str, object: &str, candidate: &Candidate, used: &[Diagnostic]) {
        let Candidate { change, was, what, .. } = candidate;
        let findings = self.found_new(system, object, vec![change.clone()]);
        let uses = self.places(if used.is_empty() { &findings } else { used });
        let froze = |was: &Field, is: &Field| was.updateable && !is.updateable;
        let is_frozen = system == "zuora"
            && was.as_ref().zip(change.field.as_ref()).is_some_and(|(was, is)| froze(was, is));
        self.found.push(Difference {
            system: system.to_owned(),
            object: object.to_owned(),
            field: Some(change.name.clone()),
            what: what.clone(),
            uses,
            findings,
            is_frozen,
            is_gone: change.field.is_none(),
        });
    }

    /// The places of findings, each with the mapping that it is in.
    fn places(&self, findings: &[Diagnostic]) -> Vec<(String, Span)> {
        let mut places: Vec<(String, Span)> = Vec::new();
        for finding in findings {
            let span = finding.primary.span;
            let Some(name) = self.names.get(&span.file) else { continue };
            if !places.iter().any(|(_, known)| *known == span) {
                places.push((name.clone(), span));
            }
        }
        places
    }
}

/// An object with all that is laid over it; of one that is only a place of custom fields, those.
fn shape(catalog: &mut Catalog, system: &str, name: &str) -> Object {
    match catalog.object(system, name) {
        Ok(Some(object)) => object.as_ref().clone(),
        _ => catalog.added(system, name),
    }
}

fn gone(field: &str) -> Change {
    Change { name: field.to_owned(), field: None, required: false }
}

/// The fields that differ, as far as mappings can tell.
fn candidates(was: &Object, is: &Object) -> Vec<Candidate> {
    let names: BTreeSet<&String> = was.fields.keys().chain(is.fields.keys()).collect();
    let mut candidates = Vec::new();
    for name in names {
        let (before, now) = (was.fields.get(name), is.fields.get(name));
        let is_demanded = is.required.contains(name) && !was.required.contains(name);
        let mut what = match (before, now) {
            (Some(_), None) => vec!["it is gone, or not visible".to_owned()],
            (Some(before), Some(now)) => changes(before, now),
            (None, Some(_)) if is_demanded => vec!["it is new".to_owned()],
            (None, _) => Vec::new(),
        };
        if is_demanded {
            what.push("it must be filled now".to_owned());
        } else if now.is_some() && was.required.contains(name) && !is.required.contains(name) {
            what.push("it need not be filled any more".to_owned());
        }
        if !what.is_empty() {
            let required = is.required.contains(name);
            let change = Change { name: name.clone(), field: now.cloned(), required };
            candidates.push(Candidate { change, was: before.cloned(), what, is_demanded });
        }
    }
    candidates
}
