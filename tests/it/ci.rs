//! The workflow and the hook of the README do what they say: their own commands are run, on a clean
//! set and on a broken one.

use std::process::Command;

use serde_json::Value;

use super::{
    cli::place::{Place, Run},
    readme::block,
};

const MAPPING: &str = "mappings/salesforce-cpq-to-zuora/product-catalog.yaml";

/// A checkout of the project with nothing wrong in it, or with a misspelt field.
fn checkout(name: &str, broken: bool) -> Place {
    let place = Place::shipped(name);
    if broken {
        let text = std::fs::read_to_string(place.folder.join(MAPPING)).unwrap();
        place.write(MAPPING, &text.replacen("$.ProductCode", "$.ProductCodee", 1));
    }
    place
}

/// A command as a runner of GitHub or a hook runs it, with the binary in the path.
fn shell(place: &Place, command: &str, variables: &[(String, String)]) -> Run {
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_crosswalk"));
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", command])
        .current_dir(&place.folder)
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", binary.parent().unwrap().display()))
        .envs(variables.iter().cloned())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap();
    Run { code, out: text(output.stdout), err: text(output.stderr) }
}

/// The steps of the workflow that run crosswalk, and their variables, for its first environment.
fn workflow() -> (Vec<String>, Vec<(String, String)>) {
    let workflow: Value = serde_yaml::from_str(&block("yaml workflow")).unwrap();
    let job = &workflow["jobs"]["check"];
    let environment = job["strategy"]["matrix"]["environment"][0].as_str().unwrap();
    let filled = |text: &str| text.replace("${{ matrix.environment }}", environment);
    let variables = job["env"].as_object().unwrap().iter();
    let variables = variables.map(|(key, value)| (key.clone(), filled(value.as_str().unwrap())));
    let steps = job["steps"].as_array().unwrap().iter();
    let steps = steps.filter_map(|step| step["run"].as_str()).map(str::to_owned);
    (steps.filter(|run| run.starts_with("crosswalk ")).collect(), variables.collect())
}

#[test]
fn the_workflow_of_the_readme_passes_on_a_clean_set() {
    let place = checkout("ci-clean", false);
    let (steps, variables) = workflow();
    let [check, findings, test] = steps.as_slice() else { panic!("{steps:?}") };
    for step in [check, findings] {
        let run = shell(&place, step, &variables);
        assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "", ""), "{step}");
    }
    let run = shell(&place, test, &variables);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    let sarif = std::fs::read_to_string(place.folder.join("crosswalk.sarif")).unwrap();
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn the_workflow_of_the_readme_fails_on_a_broken_set_and_says_where() {
    let place = checkout("ci-broken", true);
    let (steps, variables) = workflow();
    let runs: Vec<Run> = steps.iter().map(|step| shell(&place, step, &variables)).collect();
    assert!(runs.iter().all(|run| run.code == 2), "what is broken ends with 2");
    let sarif = std::fs::read_to_string(place.folder.join("crosswalk.sarif")).unwrap();
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    let region = &result["locations"][0]["physicalLocation"]["region"];
    let annotation = format!(
        "::error file={MAPPING},line={},endLine={},col={},endColumn={},title=CW0201::",
        region["startLine"], region["endLine"], region["startColumn"], region["endColumn"]
    );
    assert!(runs[0].out.starts_with(&annotation), "{annotation}\n{}", runs[0].out);
    assert_eq!(result["ruleId"], "CW0201");
    let junit = place.run(&["check", "--format", "junit"]).out;
    let place = format!("{MAPPING}:{}:{}-", region["startLine"], region["startColumn"]);
    assert!(junit.contains(&place), "{place}\n{junit}");
}

#[test]
fn the_hook_of_the_readme_stops_a_broken_commit() {
    let hooks: Value = serde_yaml::from_str(&block("yaml pre-commit")).unwrap();
    let hook = &hooks["repos"][0]["hooks"][0];
    assert_eq!(hook["pass_filenames"], false);
    let entry = hook["entry"].as_str().unwrap();
    let clean = shell(&checkout("hook-clean", false), entry, &[]);
    assert_eq!(clean.code, 0, "{}{}", clean.out, clean.err);
    let broken = shell(&checkout("hook-broken", true), entry, &[]);
    assert_eq!(broken.code, 2, "{}{}", broken.out, broken.err);
    assert!(broken.out.contains("`ProductCode` is near to it"), "{}", broken.out);
}
