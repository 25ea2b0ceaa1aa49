//! The floors of the house: which module may name which, and which crate belongs where.
//!
//! The sources are read as text. Tests inside them are left out: a test may name whatever shows
//! its claim.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Each module, and the modules of ours that it may name besides itself and what lies below it.
/// `connector` and `ledger` alone are the contracts.
const FLOORS: &[(&str, &[&str])] = &[
    ("diag", &[]),
    ("value", &[]),
    ("secret", &[]),
    ("json", &["value"]),
    ("destination", &[]),
    ("schema", &["diag", "value"]),
    ("syntax", &["diag", "value"]),
    ("connector", &["value", "json"]),
    ("ledger", &["value", "json", "connector"]),
    ("program", &["diag", "value", "json", "connector"]),
    ("connector::http", &["value", "json", "secret", "connector"]),
    (
        "connector::file",
        &["value", "json", "secret", "destination", "connector", "connector::http"],
    ),
    ("connector::salesforce", &["value", "json", "secret", "connector", "connector::http"]),
    ("connector::zuora", &["value", "json", "secret", "connector", "connector::http"]),
    ("ledger::memory", &["value", "secret", "ledger", "connector"]),
    ("ledger::sqlite", &["value", "secret", "ledger", "connector"]),
    ("compile", &["diag", "value", "schema", "syntax", "program", "connector"]),
    ("editor", &["diag", "syntax", "compile"]),
    ("plan", &["value", "json", "destination", "program", "connector", "ledger"]),
    ("apply", &["value", "json", "program", "connector", "ledger", "plan"]),
    ("sandbox", &[]),
    ("cli", EVERYTHING),
    ("cli::connect", EVERYTHING_AND_IMPLEMENTATIONS),
];

/// What the shell may name; implementations of contracts are for `cli::connect` alone.
const EVERYTHING: &[&str] = &[
    "apply",
    "cli::connect",
    "compile",
    "connector",
    "connector::http",
    "destination",
    "diag",
    "editor",
    "json",
    "ledger",
    "plan",
    "program",
    "sandbox",
    "schema",
    "secret",
    "syntax",
    "value",
];
const EVERYTHING_AND_IMPLEMENTATIONS: &[&str] = &[
    "cli",
    "connector",
    "connector::file",
    "connector::http",
    "connector::salesforce",
    "connector::zuora",
    "diag",
    "ledger",
    "ledger::sqlite",
    "secret",
];

/// Each dependency, and the files and folders that may name it.
const FENCES: &[(&str, &[&str])] = &[
    ("granit_parser", &["syntax/yaml.rs"]),
    ("annotate_snippets", &["diag/render.rs"]),
    ("jsonpath_rust", &["syntax/select.rs", "apply/results.rs"]),
    ("minijinja", &["syntax/expression.rs"]),
    ("rust_decimal", &["value", "program", "sandbox"]),
    ("jiff", &["value", "sandbox"]),
    ("serde", &["cli", "plan", "apply", "json", "schema", "ledger", "connector", "sandbox"]),
    (
        "serde_json",
        &[
            "cli",
            "diag/report",
            "editor/mend.rs",
            "plan",
            "apply",
            "json",
            "program",
            "compile",
            "schema",
            "ledger",
            "connector",
            "sandbox",
        ],
    ),
    ("memchr", &["diag", "json", "program", "apply/emit.rs"]),
    ("sha2", &["value/fingerprint.rs", "sandbox"]),
    ("csv", &["connector/file"]),
    ("quick_xml", &["schema/describe_xml.rs"]),
    ("reqwest", &["connector/http"]),
    ("rustls", &["connector/http/tls.rs"]),
    ("webpki_root_certs", &["connector/http/tls.rs"]),
    ("backon", &["connector/http/patience.rs"]),
    ("governor", &["connector/http/client.rs"]),
    ("rusqlite", &["ledger/sqlite"]),
    ("tokio", &["cli", "plan", "apply", "ledger", "connector", "sandbox"]),
    ("axum", &["sandbox"]),
    ("include_dir", &["schema/catalog.rs", "diag/explain.rs"]),
    ("clap", &["cli/args.rs", "cli/mod.rs"]),
    ("indicatif", &["cli/progress.rs"]),
    ("anstream", &["cli/screen.rs"]),
    ("mimalloc", &["main.rs"]),
    ("lsp_server", &["cli/lsp/mod.rs"]),
    (
        "thiserror",
        &[
            "cli/fault.rs",
            "plan",
            "apply",
            "json",
            "value",
            "program",
            "schema",
            "ledger",
            "connector",
            "sandbox",
        ],
    ),
];

/// What only some files may say, and which.
const WORDS: &[(&str, &[&str])] = &[
    ("println!", &[]),
    ("eprintln!", &[]),
    ("print!", &[]),
    ("eprint!", &[]),
    ("dbg!", &[]),
    ("std::env", &["cli"]),
    ("stdout()", &["cli"]),
    ("stderr()", &["cli"]),
    // The emulated services have a clock of their own; the Zuora connector numbers its calls.
    ("SystemTime::now", &["cli/clock.rs", "sandbox", "connector/zuora/mod.rs"]),
    ("Instant::now", &["sandbox", "connector/http", "ledger/sqlite"]),
    ("Timestamp::now", &["sandbox"]),
    ("Zoned::now", &["sandbox"]),
    ("async fn", &["cli", "plan", "apply", "ledger", "connector", "sandbox"]),
    ("unsafe ", &[]),
];

/// A source file: its path below `src`, and its text without comments, texts and tests.
struct Source {
    path: String,
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let read = |file: PathBuf| {
        let path = file.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        let text = fs::read_to_string(&file).unwrap();
        Source { code: code_of(&text), path }
    };
    files.into_iter().map(read).filter(|source| !is_test(&source.path)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn is_test(path: &str) -> bool {
    path.split('/').any(|part| part == "tests" || part == "tests.rs")
}

/// The text up to its tests, comments and the insides of texts blanked.
fn code_of(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let mut code = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        code.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match () {
            () if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            () if rest.starts_with('"') && code.ends_with("r#") => raw_length(rest),
            () if rest.starts_with('"') => text_length(rest),
            () if rest.starts_with("'\"'") => 3,
            () => {
                code.push_str(&rest[..1]);
                rest = &rest[1..];
                continue;
            }
        };
        code.push(' ');
        rest = &rest[length..];
    }
    code.push_str(rest);
    code
}

fn raw_length(rest: &str) -> usize {
    rest.find("\"#").map_or(rest.len(), |end| end + 2)
}

fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The module that a path of names lies in: the longest one that has a floor.
fn module_of(names: &[String]) -> Option<&'static str> {
    let lies_in = |module: &&str| {
        let parts: Vec<&str> = module.split("::").collect();
        names.len() >= parts.len() && parts.iter().zip(names).all(|(a, b)| a == b)
    };
    FLOORS.iter().map(|(module, _)| *module).filter(lies_in).max_by_key(|module| module.len())
}

/// The names of the module that a file is.
fn names_of(path: &str) -> Vec<String> {
    let stem = path.trim_end_matches(".rs").trim_end_matches("/mod");
    stem.split('/').map(str::to_owned).collect()
}

/// All paths of a file that start at the root of the crate, `super` resolved.
fn named(source: &Source) -> BTreeSet<Vec<String>> {
    let own = names_of(&source.path);
    let mut found = BTreeSet::new();
    for start in ["crate::", "super::"] {
        for (at, _) in source.code.match_indices(start) {
            let before = source.code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            flatten(&source.code[at..], &mut Vec::new(), &mut |path| {
                let absolute = resolve(&own, path);
                found.insert(absolute);
            });
        }
    }
    found
}

fn resolve(own: &[String], path: &[String]) -> Vec<String> {
    let ups = path.iter().take_while(|name| *name == "super").count();
    let base = if ups == 0 { &[][..] } else { &own[..own.len().saturating_sub(ups)] };
    let rest = path.iter().skip(ups.max(1)).cloned();
    base.iter().cloned().chain(rest).collect()
}

/// Walks a path, or a tree of paths as after `use`, and gives each path in it. Returns its length.
fn flatten(text: &str, prefix: &mut Vec<String>, give: &mut impl FnMut(&[String])) -> usize {
    let depth = prefix.len();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let name =
            rest.len() - rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').len();
        if name > 0 {
            prefix.push(rest[..name].to_owned());
            at += name;
            if text[at..].starts_with("::") {
                at += 2;
                continue;
            }
            give(prefix);
        } else if rest.starts_with('{') {
            at += branches(rest, prefix, give);
        } else {
            // `*` and turbofish: what stands before it is the path.
            give(prefix);
        }
        break;
    }
    prefix.truncate(depth);
    at
}

fn branches(text: &str, prefix: &mut Vec<String>, give: &mut impl FnMut(&[String])) -> usize {
    let mut at = 1;
    while let Some(next) = text[at..].chars().next() {
        match next {
            '}' => return at + 1,
            c if c.is_alphanumeric() || c == '_' || c == '{' => {
                at += flatten(&text[at..], prefix, give).max(1);
            }
            c => at += c.len_utf8(),
        }
    }
    at
}

fn lies_below(path: &str, places: &[&str]) -> bool {
    places.iter().any(|place| path == *place || path.starts_with(&format!("{place}/")))
}

#[test]
fn every_module_has_a_floor_and_names_only_what_it_may() {
    let floors: BTreeMap<&str, &[&str]> = FLOORS.iter().copied().collect();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !["lib.rs", "main.rs"].contains(&&*source.path))
    {
        let Some(own) = module_of(&names_of(&source.path)) else {
            wrong.push(format!("{} belongs to no module with a floor", source.path));
            continue;
        };
        for path in named(source) {
            let Some(other) = module_of(&path) else { continue };
            let below = other.starts_with(&format!("{own}::")) && source.path.ends_with("mod.rs");
            if other != own && !below && !floors[own].contains(&other) {
                wrong.push(format!("{} ({own}) names {other}: {}", source.path, path.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_dependency_stays_behind_its_fence() {
    let manifest = include_str!("../../Cargo.toml");
    let dependencies =
        manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let names = dependencies.lines().filter_map(|line| line.split_once(" = "));
    let names: BTreeSet<String> = names.map(|(name, _)| name.trim().replace('-', "_")).collect();
    let fenced: BTreeSet<String> = FENCES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names, fenced, "each dependency has a fence, and each fence a dependency");
    let mut wrong = Vec::new();
    for source in sources() {
        for (name, places) in FENCES {
            if names_crate(&source.code, name) && !lies_below(&source.path, places) {
                wrong.push(format!("{} names {name}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn names_crate(code: &str, name: &str) -> bool {
    let path = format!("{name}::");
    code.match_indices(&path).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '.')
    })
}

#[test]
fn only_the_shell_prints_and_looks_around() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (word, places) in WORDS {
            let begins = |(at, _): (usize, &str)| {
                let before = source.code[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
            };
            if source.code.match_indices(word).any(begins) && !lies_below(&source.path, places) {
                wrong.push(format!("{} says `{word}`", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn paths_are_found_in_trees_and_in_lines() {
    let code =
        "use crate::{plan::{Kind, Totals}, value};\nfn f() { crate::json::x(); super::y(); }";
    let source = Source { path: "apply/run.rs".into(), code: code_of(code) };
    let found: Vec<String> = named(&source).iter().map(|path| path.join("::")).collect();
    assert_eq!(found, ["apply::y", "json::x", "plan::Kind", "plan::Totals", "value"]);
    assert_eq!(code_of("a(\"x // y\"); // z\nb"), "a( );  \nb");
}
