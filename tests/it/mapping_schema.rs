//! The JSON Schema of mappings is that of the program, takes what the program takes, and marks a
//! wrong key itself.

use std::path::{Path, PathBuf};

use crosswalk::{
    compile::grammar,
    diag::{CODES, Code, Shows, explain},
};
use jsonschema::{Validator, error::ValidationErrorKind};
use serde_json::{Map, Value};

use super::{check::corpus, readme};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn validator() -> Validator {
    let schema = grammar::json_schema();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// YAML as JSON: keys are texts, as editors read them.
fn parsed(text: &str) -> Value {
    fn json(value: &serde_yaml::Value) -> Value {
        use serde_yaml::Value as Yaml;
        match value {
            Yaml::Sequence(items) => items.iter().map(json).collect(),
            Yaml::Mapping(entries) => {
                let key = |key: &Yaml| match key {
                    Yaml::String(text) => text.clone(),
                    other => json(other).to_string(),
                };
                entries.iter().map(|(k, v)| (key(k), json(v))).collect::<Map<_, _>>().into()
            }
            Yaml::Tagged(tagged) => json(&tagged.value),
            plain => serde_json::to_value(plain).unwrap(),
        }
    }
    json(&serde_yaml::from_str(text).unwrap_or_else(|fault| panic!("{fault}\n{text}")))
}

/// What the schema says against a mapping, as text.
fn faults(schema: &Validator, text: &str) -> String {
    let mapping = parsed(text);
    schema.iter_errors(&mapping).map(|e| format!("{}: {e}\n", e.instance_path())).collect()
}

#[test]
fn the_file_is_the_schema_of_the_program() {
    let path = root().join("schemas/mapping.schema.json");
    let text = grammar::json_schema_text();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let file = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(file == text, "schemas/mapping.schema.json is of another program: BLESS=1 writes it");
}

#[test]
fn every_key_has_its_words() {
    fn described(value: &Value, path: &str) {
        for (name, property) in value["properties"].as_object().into_iter().flatten() {
            let doc = property["description"].as_str().unwrap_or_default();
            assert!(doc.ends_with('.') && doc.len() > 8, "{path}.{name}: {doc:?}");
        }
    }
    let schema = grammar::json_schema();
    for (name, def) in schema["$defs"].as_object().unwrap() {
        if name != "map_or_table" {
            described(def, name);
        }
    }
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
    files.sort();
    files
}

#[test]
fn the_shipped_mappings_and_their_schema_agree() {
    let schema = validator();
    let mut checked = 0;
    for set in std::fs::read_dir(root().join("mappings")).unwrap() {
        for file in yaml_files(&set.unwrap().path()) {
            let text = std::fs::read_to_string(&file).unwrap();
            assert_eq!(faults(&schema, &text), "", "{}", file.display());
            assert!(
                text.starts_with(
                    "# yaml-language-server: $schema=../../schemas/mapping.schema.json\n"
                ),
                "{} does not name the schema",
                file.display()
            );
            checked += 1;
        }
    }
    assert!(checked >= 4);
}

#[test]
fn what_the_readme_and_the_explanations_call_right_is_right_for_the_schema() {
    let schema = validator();
    for text in readme::mappings() {
        assert_eq!(faults(&schema, &text), "", "{text}");
    }
    for info in CODES {
        for example in explain(info.code).unwrap().examples {
            let is_mapping = example.file.is_none_or(|file| !file.contains('/'));
            if example.shows == Shows::Right && is_mapping {
                let text = readme::whole(example.text);
                assert_eq!(faults(&schema, &text), "", "{}: {text}", info.code);
            }
        }
    }
}

/// The keys that the schema marks as wrong.
fn marked(schema: &Validator, mapping: &Value) -> (Vec<String>, Vec<String>) {
    let (mut keys, mut others) = (Vec::new(), Vec::new());
    for error in schema.iter_errors(mapping) {
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                keys.extend(unexpected.iter().cloned());
            }
            _ => others.push(format!("{}: {error}", error.instance_path())),
        }
    }
    keys.sort();
    (keys, others)
}

#[test]
fn a_wrong_key_is_marked_itself_and_nothing_else_is() {
    let schema = validator();
    let mut seen = 0;
    for case in corpus() {
        // Names that the mapping itself makes (parameters of a shape, fields of a key) are open.
        let is_of_language =
            |key: &str, message: &str| key.starts_with('$') || !message.starts_with("the ");
        let of_code = |code: Code| case.findings.iter().filter(move |f| f.code == code);
        let wrong = of_code(Code::UNKNOWN_KEY)
            .map(|finding| (case.sources.slice(finding.primary.span), &finding.message))
            .filter(|(key, message)| is_of_language(key, message));
        let mut wrong: Vec<String> = wrong.map(|(key, _)| key.to_owned()).collect();
        wrong.sort();
        let only = case.findings.iter().all(|finding| finding.code == Code::UNKNOWN_KEY);
        if wrong.is_empty() || !only {
            continue;
        }
        let mut found = (Vec::new(), Vec::new());
        for file in &case.files {
            let (keys, others) = marked(&schema, &parsed(case.sources.text(*file)));
            found.0.extend(keys);
            // A key that was meant and is misspelt is missing too.
            found.1.extend(others.into_iter().filter(|o| !o.contains("is a required property")));
        }
        assert_eq!(found, (wrong, Vec::new()), "{}", case.folder.display());
        seen += 1;
    }
    assert!(seen >= 8, "{seen} cases");
}
