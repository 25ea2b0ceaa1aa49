//! A folder of files as a source and as a target: JSON, newline-delimited JSON and CSV.
//!
//! An object is a file: `Product2` is `Product2.ndjson`, `Product2.json` or `Product2.csv`. What
//! a query reads along is joined from the files beside it, in the shape that Salesforce answers
//! with, so that a mapping runs on a folder of exported records as it runs on an org.

mod fault;
mod find;
mod format;
mod join;
mod read;
mod rows;
mod table;
mod write;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

pub use self::format::Format;
use self::{
    fault::broken,
    table::{Sorted, Tables},
};
use crate::connector::{
    Answer, CallError, Cursor, Find, Found, Identity, Limits, Outcome, Page, Query, Source, Target,
    Write,
    http::{Counters, Traffic},
};

/// The name of the system.
const SYSTEM: &str = "file";

/// A folder of files, or one file in it.
pub struct Folder {
    inner: Arc<Inner>,
}

/// What the threads that read and write share.
struct Inner {
    folder: PathBuf,
    /// The one file, when a file was opened: it is every object that is asked for.
    file: Option<PathBuf>,
    format: Format,
    tables: Tables,
    sorted: Sorted,
    counters: Counters,
}

impl Folder {
    /// Opens a folder, or one file. `format` is the one of files that are not there yet.
    ///
    /// # Errors
    /// Class `Broken` when there is nothing at this path; a file that is still to be written
    /// needs only its folder.
    pub fn open(path: impl AsRef<Path>, format: Format) -> Result<Self, CallError> {
        let path = path.as_ref();
        let is_file = path.is_file() || (!path.is_dir() && Format::of(path).is_some());
        let folder = if is_file { path.parent().unwrap_or(path) } else { path };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let folder = folder
            .canonicalize()
            .map_err(|fault| broken("open", format!("{}: {fault}", folder.display())))?;
        let file = path.file_name().filter(|_| is_file).map(|name| folder.join(name));
        let inner = Inner {
            folder,
            file,
            format,
            tables: Tables::default(),
            sorted: Sorted::default(),
            counters: Counters::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Opens a folder to be written to, and makes it where it is not there yet.
    ///
    /// # Errors
    /// Class `Broken` when it cannot be made or opened.
    pub fn create(path: impl AsRef<Path>, format: Format) -> Result<Self, CallError> {
        let path = path.as_ref();
        let folder = if Format::of(path).is_some() { path.parent() } else { Some(path) };
        let made = folder.filter(|folder| !folder.as_os_str().is_empty());
        made.map_or(Ok(()), std::fs::create_dir_all)
            .map_err(|fault| broken("create", format!("{}: {fault}", path.display())))?;
        Self::open(path, format)
    }

    /// How many files were read from and written to so far, page by page.
    pub fn traffic(&self) -> Traffic {
        self.inner.counters.snapshot()
    }

    /// Runs work that waits for a disk where it holds up nobody.
    fn aside<'a, T, F>(&'a self, work: F) -> Answer<'a, T>
    where
        T: Send + 'static,
        F: FnOnce(&Inner) -> Result<T, CallError> + Send + 'static,
    {
        let inner = self.inner.clone();
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || work(&inner)).await;
            done.map_err(|fault| broken("work on a file", fault.to_string()))?
        })
    }
}

impl Inner {
    /// The file of an object that is there, with its format.
    fn present(&self, object: &str) -> Result<Option<(PathBuf, Format)>, CallError> {
        match &self.file {
            None => self.beside(object),
            Some(file) => {
                let format = Format::of(file).unwrap_or(self.format);
                Ok(file.is_file().then(|| (file.clone(), format)))
            }
        }
    }

    /// The file of an object in the folder, beside whatever file was opened.
    fn beside(&self, object: &str) -> Result<Option<(PathBuf, Format)>, CallError> {
        check_name(object)?;
        let paths = Format::EXTENSIONS.iter().map(|(extension, format)| {
            (self.folder.join(format!("{object}.{extension}")), *format)
        });
        let present: Vec<_> = paths.filter(|(path, _)| path.is_file()).collect();
        match present.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one.clone())),
            [(a, _), (b, _), ..] => Err(broken(
                format!("open {object}"),
                format!("both {} and {} are there; one has to go", a.display(), b.display()),
            )),
        }
    }

    /// The file that an object is written to.
    fn written(&self, object: &str) -> Result<(PathBuf, Format), CallError> {
        if let Some(present) = self.present(object)? {
            return Ok(present);
        }
        let path = match &self.file {
            Some(file) => file.clone(),
            None => self.folder.join(format!("{object}.{}", self.format.extension())),
        };
        let format = Format::of(&path).unwrap_or(self.format);
        Ok((path, format))
    }
}

/// Refuses a name that would lead out of the folder.
fn check_name(object: &str) -> Result<(), CallError> {
    let leads_out =
        object.is_empty() || object.contains(['/', '\\', '\0']) || object.starts_with('.');
    if leads_out {
        return Err(broken(
            format!("open {object}"),
            "the name of an object is the stem of a file",
        ));
    }
    Ok(())
}

impl Source for Folder {
    fn identity(&self) -> Answer<'_, Identity> {
        let path = self.inner.file.as_ref().unwrap_or(&self.inner.folder);
        let id = path.display().to_string();
        Box::pin(async move { Ok(Identity { system: SYSTEM.to_owned(), id }) })
    }

    fn read<'a>(&'a self, query: &'a Query, cursor: Option<&'a Cursor>) -> Answer<'a, Page> {
        let (query, cursor) = (query.clone(), cursor.cloned());
        self.aside(move |inner| inner.page(&query, cursor.as_ref()))
    }

    fn describe<'a>(&'a self, object: &'a str) -> Answer<'a, Vec<u8>> {
        let object = object.to_owned();
        self.aside(move |inner| inner.described(&object))
    }
}

impl Target for Folder {
    fn limits(&self, _object: &str) -> Limits {
        // One file has one end: two calls at a time would write into each other.
        Limits {
            batch_size_max: 2_000,
            calls_in_flight_max: 1,
            keys_per_find_max: 10_000,
            settles_within: std::time::Duration::ZERO,
        }
    }

    fn find<'a>(&'a self, find: &'a Find) -> Answer<'a, Vec<Found>> {
        let find = find.clone();
        self.aside(move |inner| inner.found(&find))
    }

    fn write<'a>(&'a self, batch: &'a [Write]) -> Answer<'a, Vec<Outcome>> {
        let batch = batch.to_vec();
        self.aside(move |inner| inner.write(&batch))
    }
}
