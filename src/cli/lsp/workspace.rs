//! The texts that an editor holds, and the sets that they belong to.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    super::{
        args::Place,
        fault::Fault,
        set::{Loaded, Set, Unnamed},
    },
    position,
};
use crate::{
    diag::{Diagnostic, FileId},
    schema::Catalog,
};

/// A text that an editor holds.
pub(super) struct Document {
    /// Its path, as `check` names it when it runs in the same folder.
    pub(super) path: PathBuf,
    pub(super) version: Value,
    pub(super) text: String,
}

/// What an editor works on.
pub(super) struct Workspace {
    env: Option<String>,
    /// Paths in findings are relative to it.
    root: PathBuf,
    /// By address.
    documents: BTreeMap<String, Document>,
    /// Its copies share the schemas that they read.
    catalog: Catalog,
}

impl Workspace {
    /// A workspace in a folder, else in the one where the program runs.
    pub(super) fn new(root: Option<PathBuf>, env: Option<String>) -> Self {
        // Files are read as `check` reads them: from the folder that the editor works in.
        if let Some(root) = &root {
            let _ = std::env::set_current_dir(root);
        }
        let here = std::env::current_dir().ok();
        let root = here.or(root).unwrap_or_default();
        Self { env, root, documents: BTreeMap::new(), catalog: Catalog::embedded() }
    }

    /// Takes a text, and gives the set that has to be checked.
    pub(super) fn open(&mut self, uri: &str, version: &Value, text: &str) -> Option<PathBuf> {
        let path = self.relative(&position::path_of(uri)?);
        let document = Document { path, version: version.clone(), text: text.to_owned() };
        self.documents.insert(uri.to_owned(), document);
        self.set_of(uri)
    }

    /// Forgets a text: that of the file counts again.
    pub(super) fn close(&mut self, uri: &str) -> Option<PathBuf> {
        let set = self.set_of(uri);
        self.documents.remove(uri);
        set
    }

    pub(super) fn document(&self, uri: &str) -> Option<&Document> {
        self.documents.get(uri)
    }

    /// The text of an address that an editor holds under this path.
    pub(super) fn held(&self, path: &str) -> Option<(&String, &Document)> {
        self.documents.iter().find(|(_, document)| document.path == Path::new(path))
    }

    /// The address of a path.
    pub(super) fn uri(&self, path: &str) -> String {
        match self.held(path) {
            Some((uri, _)) => uri.clone(),
            None => position::uri_of(&self.root.join(path)),
        }
    }

    /// The folder of the set that a text belongs to; `None` where it is no part of one.
    pub(super) fn set_of(&self, uri: &str) -> Option<PathBuf> {
        let document = self.document(uri)?;
        let folder = document.path.parent()?;
        if folder.file_name().is_some_and(|name| name == "environments") {
            return folder.parent().map(Path::to_owned);
        }
        let is_mapping = document.text.lines().any(|line| line.starts_with("crosswalk:"));
        is_mapping.then(|| folder.to_owned())
    }

    /// Reads and compiles a set, with the texts that the editor holds.
    ///
    /// # Errors
    /// [`Fault`] when a file of it cannot be read.
    pub(super) fn load(&self, folder: &Path) -> Result<Loaded, Fault> {
        self.load_with(folder, None)
    }

    fn load_with(&self, folder: &Path, instead: Option<(&Path, &str)>) -> Result<Loaded, Fault> {
        let held = self.documents.values();
        let mut open: BTreeMap<PathBuf, String> = held
            .filter(|document| self.is_of(document, folder))
            .map(|document| (document.path.clone(), document.text.clone()))
            .collect();
        if let Some((path, text)) = instead {
            open.insert(path.to_owned(), text.to_owned());
        }
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let set = Set { folder: folder.to_owned(), chosen: Vec::new(), open };
        let place = Place { set: None, env: self.env.clone(), data: None };
        set.load_over(self.catalog.clone(), &place, Unnamed::Embedded)
    }

    fn is_of(&self, document: &Document, folder: &Path) -> bool {
        let of_set = document.path.parent() == Some(folder)
            && document.text.lines().any(|line| line.starts_with("crosswalk:"));
        of_set || document.path.parent() == Some(folder.join("environments").as_path())
    }

    /// What is found in a text of a set when it is another one.
    pub(super) fn look(&self, uri: &str, text: &str) -> Vec<Diagnostic> {
        let (Some(document), Some(set)) = (self.document(uri), self.set_of(uri)) else {
            return Vec::new();
        };
        let Ok(loaded) = self.load_with(&set, Some((&document.path, text))) else {
            return Vec::new();
        };
        let own = file_of(&loaded, &document.path);
        let of_own = |finding: &Diagnostic| Some(finding.primary.span.file) == own;
        loaded.findings.into_iter().filter(of_own).collect()
    }

    /// A path as `check` names it.
    fn relative(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_owned()
    }
}

/// A text of a set by its path.
pub(super) fn file_of(loaded: &Loaded, path: &Path) -> Option<FileId> {
    let named = |file: &&FileId| Path::new(loaded.sources.name(**file)) == path;
    loaded.files.iter().find(named).copied()
}
