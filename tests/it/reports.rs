//! What programs read of findings: each form says the same of the corpus, and keeps to its schema.

mod oasis;

use std::path::Path;

use crosswalk::diag::report::{self, Report};
use jsonschema::Validator;
use serde_json::Value;

use super::check::{Checked, corpus};

/// Where a finding is: file, and lines and columns of both ends.
#[derive(Debug, PartialEq)]
struct Region {
    code: String,
    file: String,
    start: (u64, u64),
    end: (u64, u64),
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("no number: {value}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn of_json(finding: &Value) -> Region {
    let number = |key: &str| number(&finding[key]);
    Region {
        code: text(&finding["code"]),
        file: text(&finding["file"]),
        start: (number("line"), number("column")),
        end: (number("end_line"), number("end_column")),
    }
}

fn of_sarif(result: &Value) -> Region {
    let place = &result["locations"][0]["physicalLocation"];
    let number = |key: &str| number(&place["region"][key]);
    Region {
        code: text(&result["ruleId"]),
        file: text(&place["artifactLocation"]["uri"]),
        start: (number("startLine"), number("startColumn")),
        end: (number("endLine"), number("endColumn")),
    }
}

/// The place at the start of the text of a case: `file:1:2-3:4: CW0101: …`.
fn of_junit(body: &str) -> Region {
    let mut parts = body.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_else(|| panic!("{body}"));
    let file = next().to_owned();
    let line = next().parse().unwrap();
    let (column, end_line) = next().split_once('-').unwrap();
    let end = (end_line.parse().unwrap(), next().parse().unwrap());
    Region { code: next().trim().to_owned(), file, start: (line, column.parse().unwrap()), end }
}

/// A workflow command, read as GitHub's runner reads it. Over several lines there are no columns.
fn of_github(line: &str, like: &Region) -> Region {
    let (head, _) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
    let (_, properties) = head.split_once(' ').unwrap();
    let property = |name: &str| {
        let of = |part: &&str| part.split_once('=').is_some_and(|(key, _)| key == name);
        properties.split(',').find(of).map(|part| part[name.len() + 1..].to_owned())
    };
    let number = |name: &str| property(name).map(|number| number.parse().unwrap());
    Region {
        code: property("title").unwrap(),
        file: property("file").unwrap(),
        start: (number("line").unwrap(), number("col").unwrap_or(like.start.1)),
        end: (number("endLine").unwrap(), number("endColumn").unwrap_or(like.end.1)),
    }
}

/// The bodies of the cases that say something.
fn bodies(junit: &str) -> Vec<String> {
    let after = |part: &str| part.split_once('>').map(|(_, rest)| rest.to_owned());
    let mut bodies = Vec::new();
    for case in junit.split("<testcase ").skip(1) {
        for tag in ["failure", "system-out"] {
            if let Some((_, rest)) = case.split_once(&format!("<{tag}")) {
                let (body, _) = rest.split_once(&format!("</{tag}>")).unwrap();
                bodies.push(after(body).unwrap());
            }
        }
    }
    bodies
}

fn report(case: &Checked) -> Report<'_> {
    Report { sources: &case.sources, files: &case.files, findings: &case.findings }
}

#[test]
fn all_forms_place_the_same_finding_at_the_same_place() {
    let mut seen = 0;
    for case in corpus() {
        let report = report(case);
        let sarif = report::sarif(&report);
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let junit = bodies(&report::junit(&report));
        assert_eq!((results.len(), junit.len()), (case.findings.len(), case.findings.len()));
        for (at, finding) in case.findings.iter().enumerate() {
            let wanted = of_json(&report::json(finding, &case.sources));
            assert!(wanted.start.0 > 0 && wanted.start.1 > 0 && wanted.start <= wanted.end);
            let folder = case.folder.display();
            assert_eq!(of_sarif(&results[at]), wanted, "{folder}");
            assert!(junit.iter().any(|body| of_junit(body) == wanted), "{folder}: {junit:?}");
            let github = report::github(finding, &case.sources);
            assert_eq!(of_github(&github, &wanted), wanted, "{folder}: {github}");
            seen += 1;
        }
    }
    assert!(seen >= 80, "{seen} findings");
}

fn schema(name: &str) -> Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// What a schema says against a value, as text; empty when nothing.
fn faults(schema: &Validator, value: &Value) -> String {
    let faults = schema.iter_errors(value).map(|e| format!("{}: {e}\n", e.instance_path()));
    faults.collect()
}

#[test]
fn findings_as_json_keep_to_their_schema() {
    let schema = schema("check.schema.json");
    for case in corpus() {
        for finding in &case.findings {
            let line = report::json(finding, &case.sources);
            assert_eq!(faults(&schema, &line), "", "{line}");
        }
    }
    let line = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    for wrong in [
        r#"{"format": "crosswalk-finding/2"}"#,
        r#"{"format": "crosswalk-check/1", "mappings": 1, "errors": 0, "warnings": 0}"#,
        r#"{"format": "crosswalk-finding/1", "code": "CW0101"}"#,
    ] {
        assert!(!schema.is_valid(&line(wrong)), "{wrong}");
    }
}

#[test]
fn sarif_keeps_to_the_schema_of_oasis() {
    let Some(schema) = oasis::schema() else {
        println!("skipped: the package with the schema of SARIF could not be had");
        return;
    };
    let schema = jsonschema::validator_for(&schema).unwrap();
    let mut rules = 0;
    for case in corpus() {
        let sarif = report::sarif(&report(case));
        assert_eq!(faults(&schema, &sarif), "", "{}", case.folder.display());
        rules += sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len();
    }
    assert!(rules >= 80, "{rules}");
    let mut wrong = report::sarif(&report(&corpus()[0]));
    wrong["runs"][0]["columnKind"] = "bytes".into();
    assert!(!schema.is_valid(&wrong));
}
