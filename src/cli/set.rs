//! Mapping sets: which files belong to one, and what they compile to in an environment.

use std::{
    collections::BTreeMap,
    fs,
    path::{Component, Path, PathBuf},
};

use super::{
    args::Place,
    environment::{self, Environment, lay_over},
    fault::Fault,
    records::Records,
    schema,
};
use crate::{
    compile::{Facts, beside, compile, is_file, used},
    diag::{Diagnostic, FileId, Findings, SourceMap},
    program::Program,
    schema::Catalog,
    syntax::{Node, parse_yaml},
};

/// Where mapping sets are looked for when none is named.
pub(super) const SETS: &str = "mappings";
/// The environment that is taken when none is named.
pub(super) const DEFAULT_ENVIRONMENT: &str = "embedded";

/// The environment that is taken when none is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unnamed {
    /// The embedded one, where the set has it.
    Embedded,
    /// None.
    Nothing,
}

/// A mapping set, found but not read.
#[derive(Clone, Debug)]
pub(super) struct Set {
    /// Its folder.
    pub(super) folder: PathBuf,
    /// The one mapping of it that was asked for.
    pub(super) chosen: Option<PathBuf>,
    /// Texts that an editor holds, which count instead of those of the files.
    pub(super) open: BTreeMap<PathBuf, String>,
}

/// A mapping set with its environment: texts, findings and programs.
pub(super) struct Loaded {
    pub(super) set: Set,
    pub(super) sources: SourceMap,
    pub(super) environment: Option<Environment>,
    /// What an embedded org is loaded with.
    pub(super) records: Option<Records>,
    /// What is wrong, in the order of the places.
    pub(super) findings: Vec<Diagnostic>,
    /// The programs that were asked for and have no error, in the order in which they run.
    pub(super) programs: Vec<Program>,
    /// How many mappings were asked for.
    pub(super) mappings: usize,
    /// The mappings of the set, those that were not asked for too.
    pub(super) ids: Vec<FileId>,
    /// The schemas as the mappings were compiled against them.
    pub(super) catalog: Catalog,
    /// The facts that they were compiled with.
    pub(super) facts: Facts,
    /// What was checked: the mappings that were asked for, and the environment.
    pub(super) files: Vec<FileId>,
}

impl Set {
    /// The set that was named, or the only one.
    ///
    /// # Errors
    /// [`Fault::Argument`] when there is none, or more than one to choose from.
    pub(super) fn find(named: Option<&Path>, env: Option<&str>) -> Result<Self, Fault> {
        let Some(path) = named else { return Self::only(env) };
        if path.is_dir() {
            return Ok(Self { folder: tidy(path), chosen: None, open: BTreeMap::new() });
        }
        if path.is_file() {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = tidy(folder.unwrap_or(Path::new(".")));
            return Ok(Self { folder, chosen: Some(tidy(path)), open: BTreeMap::new() });
        }
        let way_out = "name the folder of a mapping set, or one mapping file";
        Err(Fault::argument(format!("{}: there is nothing here", path.display()), way_out))
    }

    /// The only set that has the environment that was named, or the default one; else the only
    /// set there is.
    fn only(env: Option<&str>) -> Result<Self, Fault> {
        let all = folders(Path::new(SETS));
        let has = |set: &PathBuf, env: &str| environment::names(set).iter().any(|name| name == env);
        for env in env.into_iter().chain([DEFAULT_ENVIRONMENT]) {
            let with: Vec<&PathBuf> = all.iter().filter(|set| has(set, env)).collect();
            if let [one] = with.as_slice() {
                return Ok(Self { folder: (*one).clone(), chosen: None, open: BTreeMap::new() });
            }
        }
        match all.as_slice() {
            [one] => Ok(Self { folder: one.clone(), chosen: None, open: BTreeMap::new() }),
            [] => Err(Fault::argument(
                format!("there is no mapping set below ./{SETS}"),
                "go to the folder that holds it, or name the set: crosswalk … path/to/set",
            )),
            many => {
                let names: Vec<String> = many.iter().map(|set| set.display().to_string()).collect();
                Err(Fault::argument(
                    format!("there are {} mapping sets, and none was named", many.len()),
                    format!("name one of {}", names.join(", ")),
                ))
            }
        }
    }

    /// Its name: that of its folder.
    pub(super) fn name(&self) -> String {
        let full = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
        full.file_name().map_or_else(|| "set".into(), |name| name.to_string_lossy().into_owned())
    }

    /// Its mapping files.
    ///
    /// # Errors
    /// [`Fault::Argument`] when there is none, [`Fault::File`] when the folder cannot be read.
    pub(super) fn mappings(&self) -> Result<Vec<PathBuf>, Fault> {
        let mut files = listed(&self.folder, ".yaml")?;
        let not_yet = |chosen: &&PathBuf| !files.contains(chosen);
        if let Some(chosen) = self.chosen.as_ref().filter(not_yet) {
            files.push(chosen.clone());
        }
        let of_set = |path: &&PathBuf| path.parent() == Some(self.folder.as_path());
        let open = self.open.keys().filter(of_set).filter(|path| !files.contains(path));
        let open: Vec<PathBuf> = open.cloned().collect();
        files.extend(open);
        if files.is_empty() {
            let what = format!("{} holds no mapping", self.folder.display());
            return Err(Fault::argument(what, "a mapping is a file NAME.yaml in this folder"));
        }
        Ok(files)
    }

    /// The text of one of its files.
    fn text(&self, path: &Path) -> Result<String, Fault> {
        self.open.get(path).map_or_else(|| read_text(path), |text| Ok(text.clone()))
    }

    /// Reads its mapping files, and those that they use.
    ///
    /// # Errors
    /// [`Fault`] when there is none, or one cannot be read.
    pub(super) fn texts(&self, sources: &mut SourceMap) -> Result<Vec<(FileId, PathBuf)>, Fault> {
        let mut files: Vec<(FileId, PathBuf)> = Vec::new();
        let mut waiting = self.mappings()?;
        while !waiting.is_empty() {
            let path = waiting.remove(0);
            let text = self.text(&path)?;
            let file = sources.add(path.display().to_string(), text);
            let further = used_files(sources, file);
            let is_new =
                |one: &PathBuf| *one != path && !files.iter().any(|(_, known)| known == one);
            let further: Vec<PathBuf> = further.into_iter().filter(is_new).collect();
            files.push((file, path));
            waiting.extend(
                further.into_iter().filter(|one| !waiting.contains(one)).collect::<Vec<_>>(),
            );
        }
        Ok(files)
    }

    /// The schemas of both systems, and those of the set.
    ///
    /// # Errors
    /// [`Fault::File`] when one cannot be read.
    pub(super) fn catalog(&self) -> Result<Catalog, Fault> {
        let mut catalog = Catalog::embedded();
        for path in listed(&self.folder, ".schema.json")? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let stem = name.trim_end_matches(".schema.json").to_owned();
            catalog.add("file", &stem, read_text(&path)?);
        }
        Ok(catalog)
    }

    /// Reads and compiles the set in an environment.
    ///
    /// # Errors
    /// [`Fault`] when a file cannot be read. What is wrong in a file is a finding.
    pub(super) fn load(self, place: &Place, unnamed: Unnamed) -> Result<Loaded, Fault> {
        let mut sources = SourceMap::new();
        let mut findings = Findings::new();
        let files = self.texts(&mut sources)?;
        let name = environment_name(&self, place.env.as_deref(), unnamed);
        let mut environment_file = None;
        let environment = match &name {
            Some(name) => {
                let path = environment::file_of(&self.folder, name)?;
                let file = sources.add(
                    path.display().to_string(),
                    environment::without_secrets(&self.text(&path)?),
                );
                environment_file = Some(file);
                environment::read(&sources, file, name, &self.folder, &mut findings)
            }
            None => None,
        };
        let records = records(place, environment.as_ref())?;
        let mut catalog = self.catalog()?;
        if let Some(folder) = environment.as_ref().and_then(|known| known.schemas.as_ref()) {
            schema::lay(folder, &mut catalog)?;
        }
        let facts = match &environment {
            Some(environment) => lay_over(environment, records.as_ref(), &mut catalog),
            None => Facts::default(),
        };
        let ids: Vec<FileId> = files.iter().map(|(id, _)| *id).collect();
        let programs = compile(&sources, &ids, &mut catalog, &facts, &mut findings);
        let order = order(&sources, &ids);
        let chosen = self.chosen.clone();
        let is_chosen = |path: &PathBuf| chosen.as_ref().is_none_or(|one| one == path);
        let asked: Vec<FileId> =
            files.iter().filter(|(_, path)| is_chosen(path)).map(|(id, _)| *id).collect();
        let about = |finding: &Diagnostic| {
            let file = finding.primary.span.file;
            asked.contains(&file) || !ids.contains(&file)
        };
        let findings = findings.into_sorted().into_iter().filter(about).collect();
        let names: Vec<String> =
            asked.iter().filter_map(|file| mapping_name(&sources, *file)).collect();
        let programs = programs.into_iter().filter(|p| names.contains(&p.head.mapping));
        let mut programs: Vec<Program> = programs.collect();
        let place_of = |program: &Program| order.iter().position(|n| *n == program.head.mapping);
        programs.sort_by_key(place_of);
        let mappings = asked.len();
        let files: Vec<FileId> = asked.into_iter().chain(environment_file).collect();
        let set = self;
        Ok(Loaded {
            set,
            sources,
            environment,
            records,
            findings,
            programs,
            mappings,
            files,
            ids,
            catalog,
            facts,
        })
    }
}

/// The environment that was named; else the default one, where the set has it.
fn environment_name(set: &Set, named: Option<&str>, unnamed: Unnamed) -> Option<String> {
    if named.is_some() || unnamed == Unnamed::Nothing {
        return named.map(str::to_owned);
    }
    let names = environment::names(&set.folder);
    names.iter().any(|name| name == DEFAULT_ENVIRONMENT).then(|| DEFAULT_ENVIRONMENT.to_owned())
}

/// The records of an embedded org.
fn records(place: &Place, environment: Option<&Environment>) -> Result<Option<Records>, Fault> {
    let embedded = environment.is_some_and(Environment::is_embedded);
    if embedded {
        return Records::find(place.data.as_deref()).map(Some);
    }
    match &place.data {
        None => Ok(None),
        Some(_) => Err(Fault::argument(
            "--data loads the embedded org, and this environment has none",
            format!("take --env {DEFAULT_ENVIRONMENT}, or leave out --data"),
        )),
    }
}

/// The name that a mapping gives itself.
pub(super) fn mapping_name(sources: &SourceMap, file: FileId) -> Option<String> {
    let root = parse_yaml(sources, file, &mut Findings::new())?;
    root.get("name").and_then(Node::text).map(str::to_owned)
}

/// The files that a mapping uses by their path, as far as they are there: one that is not is a
/// finding of the compiler.
fn used_files(sources: &SourceMap, file: FileId) -> Vec<PathBuf> {
    let Some(root) = parse_yaml(sources, file, &mut Findings::new()) else { return Vec::new() };
    let uses = used(&root, sources.name(file), &BTreeMap::new()).into_iter();
    let files = uses.filter(|one| is_file(&one.written));
    let paths = files.map(|one| tidy(Path::new(&beside(sources.name(file), &one.written))));
    paths.filter(|path| path.is_file()).collect()
}

/// The names of the mappings of a set, each after those that it uses.
fn order(sources: &SourceMap, files: &[FileId]) -> Vec<String> {
    // What does not parse was reported by the compiler.
    let root = |file: &FileId| {
        let root = parse_yaml(sources, *file, &mut Findings::new())?;
        Some((*file, root.get("name")?.text()?.to_owned(), root))
    };
    let roots: Vec<(FileId, String, Node)> = files.iter().filter_map(root).collect();
    let names = roots.iter().map(|(file, name, _)| (sources.name(*file).to_owned(), name.clone()));
    let names: BTreeMap<String, String> = names.collect();
    let uses = |(file, name, root): &(FileId, String, Node)| {
        let used = used(root, sources.name(*file), &names).into_iter();
        let others: Vec<String> =
            used.filter_map(|one| one.mapping).filter(|other| other != name).collect();
        (name.clone(), others)
    };
    let mut waiting: BTreeMap<String, _> = roots.iter().map(uses).collect();
    let mut order = Vec::new();
    loop {
        let ready = |used: &[String]| used.iter().all(|name| !waiting.contains_key(name));
        let next = waiting.iter().find(|(_, used)| ready(used)).map(|(name, _)| name.clone());
        let Some(name) = next else { break };
        waiting.remove(&name);
        order.push(name);
    }
    // Those that go round in a circle are reported by the compiler.
    order.extend(waiting.into_keys());
    order
}

pub(super) fn read_text(path: &Path) -> Result<String, Fault> {
    fs::read_to_string(path).map_err(|fault| Fault::file(path, &fault))
}

/// The files of a folder whose names end so, in order.
pub(super) fn listed(folder: &Path, end: &str) -> Result<Vec<PathBuf>, Fault> {
    let entries = fs::read_dir(folder).map_err(|fault| Fault::file(folder, &fault))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(tidy(&entry.ok()?.path())))
        .filter(|path| path.is_file())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(end)))
        .collect();
    files.sort();
    Ok(files)
}

/// The folders below a folder that hold a mapping, in order.
pub(super) fn folders(below: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(below) else { return Vec::new() };
    let folders = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let holds_one = |path: &PathBuf| listed(path, ".yaml").is_ok_and(|files| !files.is_empty());
    let mut folders: Vec<PathBuf> = folders.filter(holds_one).collect();
    folders.sort();
    folders
}

/// A path without `./`, so that a file has one name in all messages.
pub(super) fn tidy(path: &Path) -> PathBuf {
    let parts: PathBuf = path.components().filter(|part| *part != Component::CurDir).collect();
    if parts.as_os_str().is_empty() { PathBuf::from(".") } else { parts }
}
