//! The records that an embedded org is loaded with: a folder of NDJSON files, or the built-in ones.

use std::{
    borrow::Cow,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use super::{
    environment::{Listed, fields_of_folder},
    fault::Fault,
};
use crate::{
    sandbox::data::{builtin_fields, builtin_records},
    schema::Field,
    value::FingerprintOf,
};

/// The file of a folder that lists the fields of its objects.
const FIELDS_FILE: &str = "_fields.json";
/// What the built-in records are called.
const BUILT_IN: &str = "built-in";

/// Records, and what is known of them without reading them all.
pub(super) struct Records {
    folder: Option<PathBuf>,
    fields_text: Option<Cow<'static, str>>,
    /// The fields that the folder lists, with their objects.
    pub(super) fields: Arc<[(String, Arc<Field>)]>,
    /// Whether they carry their currency.
    pub(super) many_currencies: bool,
    /// What tells this folder from others of the same name.
    pub(super) name: String,
}

impl Records {
    /// The records of a folder; the built-in ones without one.
    ///
    /// # Errors
    /// [`Fault::Argument`] when there is no such folder or nothing in it, [`Fault::File`] when a
    /// file cannot be read.
    pub(super) fn find(folder: Option<&Path>) -> Result<Self, Fault> {
        let Some(folder) = folder else {
            return Self::with(None, Some(builtin_fields()), BUILT_IN.to_owned());
        };
        let refused = |said: &str| {
            let way_out = "name a folder with one file per object: Product2.ndjson, …";
            Err(Fault::argument(format!("{}: {said}", folder.display()), way_out))
        };
        if !folder.is_dir() {
            return refused("there is no such folder");
        }
        if files(folder)?.is_empty() {
            return refused("there is no .ndjson file in this folder");
        }
        let path = folder.join(FIELDS_FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => Some(Cow::Owned(text)),
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => None,
            Err(fault) => return Err(Fault::file(path, &fault)),
        };
        let full = folder.canonicalize().map_err(|fault| Fault::file(folder, &fault))?;
        let stem = full.file_name().map(|name| name.to_string_lossy().into_owned());
        let digest = FingerprintOf::kind("folder").text(&full.to_string_lossy()).end().to_string();
        let short = digest.get(..8).unwrap_or(&digest);
        let name = format!("{}-{short}", stem.unwrap_or_default());
        Self::with(Some(folder.to_owned()), text, name)
    }

    fn with(
        folder: Option<PathBuf>,
        fields_text: Option<Cow<'static, str>>,
        name: String,
    ) -> Result<Self, Fault> {
        let listed = match &fields_text {
            // Every set of a check asks for the built-in ones, and they are always the same.
            Some(_) if folder.is_none() => built_in_fields(),
            Some(text) => fields_of_folder(text),
            None => Ok((Vec::new().into(), false)),
        };
        let (fields, many_currencies) = listed.map_err(|fault| Fault::File {
            path: folder.clone().unwrap_or_default().join(FIELDS_FILE),
            said: fault.to_string(),
        })?;
        let mut records = Self { folder, fields_text, fields, many_currencies, name };
        if records.fields_text.is_none() {
            let texts = records.read()?;
            records.many_currencies =
                texts.iter().any(|(_, text)| text.contains("\"CurrencyIsoCode\""));
        }
        Ok(records)
    }

    /// The list of fields, as text.
    pub(super) fn fields_text(&self) -> Option<Cow<'static, str>> {
        self.fields_text.clone()
    }

    /// The folder, where they come from one.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// The records: names of objects and JSON lines.
    ///
    /// # Errors
    /// [`Fault::File`] when a file cannot be read.
    pub(super) fn read(&self) -> Result<Vec<(String, Cow<'static, str>)>, Fault> {
        let Some(folder) = &self.folder else { return Ok(builtin_records()) };
        let read = |path: PathBuf| {
            let object = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            match fs::read_to_string(&path) {
                Ok(text) => Ok((object, Cow::Owned(text))),
                Err(fault) => Err(Fault::file(path, &fault)),
            }
        };
        files(folder)?.into_iter().map(read).collect()
    }
}

/// The fields that the built-in records list, read once.
fn built_in_fields() -> Result<Listed, serde_json::Error> {
    static READ: OnceLock<Listed> = OnceLock::new();
    if let Some(read) = READ.get() {
        return Ok(read.clone());
    }
    let read = fields_of_folder(&builtin_fields())?;
    Ok(READ.get_or_init(|| read).clone())
}

/// The files of records in a folder, in order. A name that starts with `_` is none.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let entries = fs::read_dir(folder).map_err(|fault| Fault::file(folder, &fault))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "ndjson"))
        .filter(|path| {
            path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with(['_', '.']))
        })
        .collect();
    files.sort();
    Ok(files)
}
