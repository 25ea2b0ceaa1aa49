//! Mapping sets: which files belong to one, and what they compile to in an environment.

use std::{
    collections::{BTreeMap, BTreeSet},
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
    compile::{Facts, beside, compile_parsed, is_file, used},
    diag::{Diagnostic, FileId, Findings, SourceMap, nearest},
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
    /// The mappings of it that were asked for; all of them where none was named.
    pub(super) chosen: Vec<PathBuf>,
    /// Texts that an editor holds, which count instead of those of the files.
    pub(super) open: BTreeMap<PathBuf, String>,
}

/// A file of a set, read and parsed.
pub(super) struct Text {
    pub(super) file: FileId,
    pub(super) path: PathBuf,
    /// None where it is no YAML.
    pub(super) root: Option<Node>,
}

impl Text {
    /// A text under its name.
    pub(super) fn of(
        name: &str,
        text: impl Into<String>,
        sources: &mut SourceMap,
        findings: &mut Findings,
    ) -> Self {
        let file = sources.add(name, text);
        Self { file, path: PathBuf::from(name), root: parse_yaml(sources, file, findings) }
    }

    /// The name that the mapping gives itself.
    pub(super) fn name(&self) -> Option<&str> {
        self.root.as_ref()?.get("name")?.text()
    }
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
            return Ok(Self { folder: tidy(path), chosen: Vec::new(), open: BTreeMap::new() });
        }
        if path.is_file() {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = tidy(folder.unwrap_or(Path::new(".")));
            return Ok(Self { folder, chosen: vec![tidy(path)], open: BTreeMap::new() });
        }
        let way_out = "name the folder of a mapping set, or one mapping file";
        Err(Fault::argument(format!("{}: there is nothing here", path.display()), way_out))
    }

    /// The sets that were named, each once; all below `./mappings` where none was, or those of
    /// them that have the environment that was named.
    ///
    /// # Errors
    /// [`Fault::Argument`] when there is none.
    pub(super) fn all(named: &[PathBuf], env: Option<&str>) -> Result<Vec<Self>, Fault> {
        if named.is_empty() {
            let has = |set: &PathBuf| {
                env.is_none_or(|env| environment::names(set).iter().any(|name| name == env))
            };
            let all = folders(Path::new(SETS)).into_iter().filter(has);
            let whole = |folder| Self { folder, chosen: Vec::new(), open: BTreeMap::new() };
            let all: Vec<Self> = all.map(whole).collect();
            return match (all.is_empty(), env) {
                (false, _) => Ok(all),
                (true, Some(env)) => Err(no_set_has(env)),
                (true, None) => Self::only(env).map(|set| vec![set]),
            };
        }
        let mut sets: Vec<Self> = Vec::new();
        for path in named {
            let found = Self::find(Some(path), env)?;
            match sets.iter_mut().find(|set| set.folder == found.folder) {
                None => sets.push(found),
                Some(set) if set.chosen.is_empty() || found.chosen.is_empty() => {
                    set.chosen.clear();
                }
                Some(set) => set.chosen.extend(found.chosen),
            }
        }
        Ok(sets)
    }

    /// The only set that has the environment that was named, or the default one; else the only
    /// set there is.
    fn only(env: Option<&str>) -> Result<Self, Fault> {
        let all = folders(Path::new(SETS));
        let has = |set: &PathBuf, env: &str| environment::names(set).iter().any(|name| name == env);
        for env in env.into_iter().chain([DEFAULT_ENVIRONMENT]) {
            let with: Vec<&PathBuf> = all.iter().filter(|set| has(set, env)).collect();
            if let [one] = with.as_slice() {
                return Ok(Self {
                    folder: (*one).clone(),
                    chosen: Vec::new(),
                    open: BTreeMap::new(),
                });
            }
        }
        match all.as_slice() {
            [one] => Ok(Self { folder: one.clone(), chosen: Vec::new(), open: BTreeMap::new() }),
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
        let chosen: Vec<PathBuf> = self.chosen.iter().filter(not_yet).cloned().collect();
        files.extend(chosen);
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

    /// Reads and parses its mapping files, and those that they use.
    ///
    /// # Errors
    /// [`Fault`] when there is none, or one cannot be read.
    pub(super) fn texts(
        &self,
        sources: &mut SourceMap,
        findings: &mut Findings,
    ) -> Result<Vec<Text>, Fault> {
        let mut texts: Vec<Text> = Vec::new();
        let mut waiting = self.mappings()?;
        while !waiting.is_empty() {
            let path = waiting.remove(0);
            let name = path.display().to_string();
            let text = Text::of(&name, self.text(&path)?, sources, findings);
            let used = used_files(sources, &text);
            texts.push(text);
            for one in used {
                if !waiting.contains(&one) && !texts.iter().any(|known| known.path == one) {
                    waiting.push(one);
                }
            }
        }
        Ok(texts)
    }

    /// The schemas of both systems with those of the set.
    ///
    /// # Errors
    /// [`Fault::File`] when one cannot be read.
    pub(super) fn catalog(&self, mut catalog: Catalog) -> Result<Catalog, Fault> {
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
        self.load_over(Catalog::embedded(), place, unnamed)
    }

    /// As [`Set::load`], over a catalog whose copies share what they have read.
    ///
    /// # Errors
    /// As [`Set::load`].
    pub(super) fn load_over(
        self,
        catalog: Catalog,
        place: &Place,
        unnamed: Unnamed,
    ) -> Result<Loaded, Fault> {
        let mut sources = SourceMap::new();
        let mut findings = Findings::new();
        let texts = self.texts(&mut sources, &mut findings)?;
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
        let mut catalog = self.catalog(catalog)?;
        if let Some(folder) = environment.as_ref().and_then(|known| known.schemas.as_ref()) {
            schema::lay(folder, &mut catalog)?;
        }
        let facts = match &environment {
            Some(environment) => lay_over(environment, records.as_ref(), &mut catalog),
            None => Facts::default(),
        };
        let ids: Vec<FileId> = texts.iter().map(|text| text.file).collect();
        let (programs, order) =
            compiled(&sources, texts.iter(), &mut catalog, &facts, &mut findings);
        let is_chosen = |path: &PathBuf| self.chosen.is_empty() || self.chosen.contains(path);
        let asked: Vec<&Text> = texts.iter().filter(|text| is_chosen(&text.path)).collect();
        let names: Vec<&str> = asked.iter().filter_map(|text| text.name()).collect();
        let asked: Vec<FileId> = asked.iter().map(|text| text.file).collect();
        let about = |finding: &Diagnostic| {
            let file = finding.primary.span.file;
            asked.contains(&file) || !ids.contains(&file)
        };
        let findings = findings.into_sorted().into_iter().filter(about).collect();
        let programs = programs.into_iter().filter(|p| names.contains(&p.head.mapping.as_str()));
        let mut programs: Vec<Program> = programs.collect();
        let place_of = |program: &Program| order.iter().position(|n| *n == program.head.mapping);
        programs.sort_by_key(place_of);
        let files: Vec<FileId> = asked.into_iter().chain(environment_file).collect();
        let set = self;
        Ok(Loaded {
            set,
            sources,
            environment,
            records,
            findings,
            programs,
            files,
            ids,
            catalog,
            facts,
        })
    }
}

/// What is said where no set has an environment.
fn no_set_has(env: &str) -> Fault {
    let sets = folders(Path::new(SETS));
    let known: BTreeSet<String> = sets.iter().flat_map(|set| environment::names(set)).collect();
    let known: Vec<String> = known.into_iter().collect();
    let there = format!("there are {}", known.join(", "));
    let way_out = match nearest(env, known.iter().map(String::as_str)) {
        _ if known.is_empty() => format!("write environments/{env}.yaml in the folder of the set"),
        Some(near) => format!("`{near}` is near to it; {there}"),
        None => there,
    };
    Fault::argument(format!("no mapping set below ./{SETS} has an environment `{env}`"), way_out)
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

/// The programs of texts, and the names of their mappings, each after those that it uses.
pub(super) fn compiled<'t>(
    sources: &SourceMap,
    texts: impl ExactSizeIterator<Item = &'t Text>,
    catalog: &mut Catalog,
    facts: &Facts,
    findings: &mut Findings,
) -> (Vec<Program>, Vec<String>) {
    let all = texts.len();
    let roots: Vec<(FileId, &Node)> =
        texts.filter_map(|text| Some((text.file, text.root.as_ref()?))).collect();
    let is_whole = roots.len() == all;
    let programs = compile_parsed(sources, &roots, is_whole, catalog, facts, findings);
    (programs, order(sources, &roots))
}

/// The files that a mapping uses by their path, as far as they are there: one that is not is a
/// finding of the compiler.
fn used_files(sources: &SourceMap, text: &Text) -> Vec<PathBuf> {
    let Some(root) = &text.root else { return Vec::new() };
    let file = sources.name(text.file);
    let uses = used(root, file, &BTreeMap::new()).into_iter();
    let files = uses.filter(|one| is_file(&one.written));
    let paths = files.map(|one| tidy(Path::new(&beside(file, &one.written))));
    paths.filter(|path| path.is_file()).collect()
}

/// The names of the mappings of a set, each after those that it uses.
fn order(sources: &SourceMap, roots: &[(FileId, &Node)]) -> Vec<String> {
    let name_of = |root: &Node| Some(root.get("name")?.text()?.to_owned());
    let named =
        |(file, root): &(FileId, &Node)| Some((sources.name(*file).to_owned(), name_of(root)?));
    let names: BTreeMap<String, String> = roots.iter().filter_map(named).collect();
    let uses = |(file, root): &(FileId, &Node)| {
        let name = name_of(root)?;
        let used = used(root, sources.name(*file), &names).into_iter();
        let others = used.filter_map(|one| one.mapping);
        let others: Vec<String> = others.filter(|other| *other != name).collect();
        Some((name, others))
    };
    let mut waiting: BTreeMap<String, _> = roots.iter().filter_map(uses).collect();
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
