//! The records of a case, held against the schema of their system.
//!
//! A field or a file that is misspelt would else be a value that is missing, without a word. What
//! enters is the folder of the records, what leaves is a finding at the place of each name that
//! the org cannot have, and of each line that is no JSON.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry},
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::case::Case;
use crate::{
    cli::{
        connect::FileFormat,
        environment::{OwnField, lay_over_org},
        fault::Fault,
        set::{Set, read_text},
    },
    connector::Query,
    diag::{Code, Diagnostic, FileId, Findings, SourceMap, Span, nearest},
    json::{Checked, JsonError},
    program::Program,
    schema::{Catalog, FieldType, Object},
};

/// The field that an org with one currency does not have, and that its exports may carry.
const CURRENCY: &str = "CurrencyIsoCode";
/// The system whose orgs have fields of their own.
const SALESFORCE: &str = "salesforce";
const OWN_FIELDS: &str = "a field that the org has of its own is declared under `org.fields` of \
                          the case, or in org.yaml beside the cases";
/// What Salesforce says of each record besides its fields.
const ATTRIBUTES: &str = "attributes";

/// The schemas of sets with what the orgs of cases have of their own, each read once.
#[derive(Default)]
pub(super) struct Schemas(HashMap<(PathBuf, Vec<(String, OwnField)>), Catalog>);

impl Schemas {
    /// What is wrong with the records of a case.
    ///
    /// # Errors
    /// [`Fault::File`] when a file cannot be read.
    pub(super) fn check(
        &mut self,
        (set, shared): (&Path, &Catalog),
        case: &Case,
        program: &Program,
        (sources, findings): (&mut SourceMap, &mut Findings),
    ) -> Result<(), Fault> {
        let catalog = match self.0.entry((set.to_owned(), case.environment.org_fields.clone())) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let set = Set { folder: set.to_owned(), chosen: Vec::new(), open: BTreeMap::new() };
                let mut catalog = set.catalog(shared.clone())?;
                lay_over_org(&case.environment, &mut catalog);
                place.insert(catalog)
            }
        };
        let head = &program.head;
        let mut read = BTreeSet::new();
        objects_of(&head.query, &mut read);
        let files = files(&case.folder.join(super::SOURCE_FOLDER))?;
        let mut checking = Checking { system: &head.source, catalog, read, sources, findings };
        files.iter().try_for_each(|path| checking.file(path))?;
        let of_it =
            |path: &PathBuf| path.file_stem().is_some_and(|stem| *stem == *head.query.object);
        if !findings.has_error() && !files.iter().any(of_it) {
            let (mapping, object) = (&head.mapping, &head.query.object);
            let message =
                format!("`{mapping}` reads `{object}`, and the case has no file of it in source/");
            findings.push(Diagnostic::error(Code::ENVIRONMENT, case.mapping_span, message));
        }
        Ok(())
    }
}

/// The objects that a query reads.
fn objects_of(query: &Query, all: &mut BTreeSet<String>) {
    all.insert(query.object.clone());
    query.relations.iter().for_each(|relation| objects_of(&relation.query, all));
}

/// The files of records in a folder, in order. A name that starts with `_` is none.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(fault) => return Err(Fault::file(folder, &fault)),
    };
    let is_own = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        FileFormat::of(path).is_some() && !name.starts_with(['_', '.'])
    };
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_own).collect();
    files.sort();
    Ok(files)
}

/// The check of the records of one case.
struct Checking<'a> {
    system: &'a str,
    catalog: &'a mut Catalog,
    /// The objects that the mapping reads: of files, some have their schema under another name.
    read: BTreeSet<String>,
    sources: &'a mut SourceMap,
    findings: &'a mut Findings,
}

impl Checking<'_> {
    fn file(&mut self, path: &Path) -> Result<(), Fault> {
        let text = read_text(path)?;
        let object = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        // A schema that cannot be read is a finding of the mapping already.
        let schema = self.catalog.object(self.system, &object).ok().flatten();
        let file = self.sources.add(path.display().to_string(), text.as_str());
        if schema.is_none() && !self.read.contains(&object) {
            self.unknown_object(&object, file, &text);
            return Ok(());
        }
        let mut unknown = Unknown::default();
        let whole = text.trim_start_matches('\u{feff}');
        let mut begin = text.len() - whole.len();
        match FileFormat::of(path) {
            Some(FileFormat::Ndjson) => {
                for line in whole.split_inclusive('\n') {
                    if !line.trim().is_empty() {
                        self.record((file, begin), line, schema.as_ref(), &mut unknown);
                    }
                    begin += line.len();
                }
            }
            Some(FileFormat::Json) => {
                self.record((file, begin), whole, schema.as_ref(), &mut unknown);
            }
            // A table may have columns that nobody reads.
            Some(FileFormat::Csv) | None => {}
        }
        for (_, (finding, count)) in unknown.0 {
            self.findings.push(match count {
                1 => finding,
                count => finding.here(format!("here, and in {} further records", count - 1)),
            });
        }
        Ok(())
    }

    fn unknown_object(&mut self, object: &str, file: FileId, text: &str) {
        let first = text.lines().next().unwrap_or_default().len();
        let message = format!("{} has no object `{object}`, as this file is called", self.system);
        let finding = Diagnostic::error(Code::UNKNOWN_OBJECT, Span::new(file, 0..first), message);
        let known = self.catalog.objects(self.system).chain(self.read.iter().map(String::as_str));
        let hint = match nearest(object, known) {
            Some(near) => format!("`{near}` is near to it"),
            None => "a file of records is named as the API names its object".to_owned(),
        };
        self.findings.push(finding.hint(hint));
    }

    /// Holds one JSON text against the schema: a record, or a list of records.
    fn record(
        &mut self,
        (file, begin): (FileId, usize),
        text: &str,
        schema: Option<&Arc<Object>>,
        unknown: &mut Unknown,
    ) {
        let checked = match Checked::check(text) {
            Ok(checked) => checked,
            Err(fault) => {
                let message = format!("this is no JSON: {}", fault.said);
                let at = place_of(text, &fault);
                let span = Span::new(file, begin + at.start..begin + at.end);
                self.findings.push(Diagnostic::error(Code::ENVIRONMENT, span, message));
                return;
            }
        };
        let place = Place { file, begin, text };
        let Some(schema) = schema else { return };
        match checked.as_list() {
            None => self.members(&place, checked, schema, unknown),
            Some(items) => {
                items.into_iter().for_each(|item| self.members(&place, item, schema, unknown));
            }
        }
    }

    fn members(
        &mut self,
        place: &Place<'_>,
        value: Checked<'_>,
        object: &Object,
        unknown: &mut Unknown,
    ) {
        let Some(members) = value.as_members() else { return };
        for (name, value) in members.iter() {
            match object.fields.get(name) {
                Some(field) => self.value(place, value, &field.kind, unknown),
                None if object.open || name == CURRENCY || name == ATTRIBUTES => {}
                None => unknown.add(object, name, || {
                    let message = format!("`{}` has no field `{name}`", object.name);
                    let span = place.span(name, value);
                    let finding = Diagnostic::error(Code::UNKNOWN_FIELD, span, message);
                    // A line of records is long: drawn twice for the sake of a fix it says less.
                    match nearest(name, object.fields.keys().map(String::as_str)) {
                        Some(near) => finding.hint(format!("`{near}` is near to it")),
                        None if self.system == SALESFORCE => finding.hint(OWN_FIELDS),
                        None => finding,
                    }
                }),
            }
        }
    }

    /// What lies inside a field: a related record, a list of them, an object of its own.
    fn value(
        &mut self,
        place: &Place<'_>,
        value: Checked<'_>,
        kind: &FieldType,
        unknown: &mut Unknown,
    ) {
        match kind {
            FieldType::Object(object) => self.members(place, value, object, unknown),
            FieldType::List(item) => {
                let items = value.as_list().unwrap_or_default();
                items.into_iter().for_each(|value| self.value(place, value, item, unknown));
            }
            FieldType::Lookup { to, .. } => self.related(place, value, to, unknown),
            FieldType::Children { of, .. } => {
                let records = value.as_members().and_then(|list| list.get("records")?.as_list());
                for record in records.unwrap_or_default() {
                    self.related(place, record, of, unknown);
                }
            }
            _ => {}
        }
    }

    fn related(
        &mut self,
        place: &Place<'_>,
        value: Checked<'_>,
        object: &str,
        unknown: &mut Unknown,
    ) {
        if let Ok(Some(object)) = self.catalog.object(self.system, object) {
            self.members(place, value, &object, unknown);
        }
    }
}

/// Names that an object does not have, each with its first place and how often it stands there.
#[derive(Default)]
struct Unknown(BTreeMap<(String, String), (Diagnostic, usize)>);

impl Unknown {
    fn add(&mut self, object: &Object, name: &str, finding: impl FnOnce() -> Diagnostic) {
        let key = (object.name.clone(), name.to_owned());
        self.0.entry(key).or_insert_with(|| (finding(), 0)).1 += 1;
    }
}

/// A JSON text, and where it stands in its file.
struct Place<'t> {
    file: FileId,
    begin: usize,
    text: &'t str,
}

impl Place<'_> {
    /// The place of a name; of its value where the name is written with escapes.
    fn span(&self, name: &str, value: Checked<'_>) -> Span {
        let part = if self.offset(name).is_some() { name } else { value.text() };
        let at = self.begin + self.offset(part).unwrap_or_default();
        Span::new(self.file, at..at + part.len())
    }

    /// How far into the text a part of it begins; nothing for a text that is no part of it.
    fn offset(&self, part: &str) -> Option<usize> {
        let at = part.as_ptr().addr().checked_sub(self.text.as_ptr().addr())?;
        (at + part.len() <= self.text.len()).then_some(at)
    }
}

/// The character of a text at which a fault of it lies.
pub(super) fn place_of(text: &str, fault: &JsonError) -> Range<usize> {
    let before = text.len() - text.trim_ascii_start().len();
    let lines = text.trim_ascii().split_inclusive('\n');
    let above: usize = lines.take(fault.line.saturating_sub(1)).map(str::len).sum();
    let at = before + above + fault.column.saturating_sub(1);
    let within = |(start, c): &(usize, char)| (*start..*start + c.len_utf8()).contains(&at);
    // What ends too early is shown at its last character.
    let found = text.char_indices().find(within);
    let last = || text.trim_ascii_end().char_indices().next_back();
    found
        .filter(|(_, c)| !c.is_whitespace())
        .or_else(last)
        .map_or(0..0, |(start, c)| start..start + c.len_utf8())
}
