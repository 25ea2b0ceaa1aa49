//! What `crosswalk explain` shows is true: the wrong example of a code has that finding and no
//! other, and the right one has none.

use std::collections::{BTreeMap, BTreeSet};

use crosswalk::diag::{CODES, Shows, explain};

use super::{cli::place::Place, readme::whole};

/// The tenant of the examples that bring no environment.
const ENVIRONMENT: &str = "\
tenant:
  custom_fields:
    Product: { sfdcId__c: { type: text, length: 255 } }
";

/// The codes that `check` finds in the files of an example.
fn found(files: &BTreeMap<&str, &str>) -> BTreeSet<String> {
    let place = Place::empty("explain");
    place.write("set/environments/local.yaml", ENVIRONMENT);
    for (name, text) in files {
        let environment = name.starts_with("environments/");
        let text = if environment { (*text).to_owned() } else { whole(text) };
        place.write(&format!("set/{name}"), &text);
    }
    let run = place.run(&["check", "set", "--env", "local", "--format", "json"]);
    let findings = run.all("crosswalk-finding/1");
    let wrong = findings.iter().any(|finding| finding["severity"] == "error");
    assert_eq!(run.code, if wrong { 2 } else { 0 }, "{}{}", run.out, run.err);
    findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn wrong_examples_have_the_finding_and_right_ones_none() {
    for info in CODES {
        let explained = explain(info.code).unwrap();
        for (shows, wanted) in
            [(Shows::Wrong, BTreeSet::from([info.code.to_string()])), (Shows::Right, [].into())]
        {
            let own = explained.examples.iter().filter(|example| example.shows == shows);
            let files = own.map(|example| (example.file.unwrap_or("example.yaml"), example.text));
            assert_eq!(found(&files.collect()), wanted, "{} {shows:?}", info.code);
        }
    }
}

#[test]
fn a_code_is_explained_however_it_is_written() {
    let place = Place::empty("explain-cli");
    let long = place.run(&["explain", "CW0401"]);
    assert_eq!((long.code, long.err.as_str()), (0, ""));
    for part in ["CW0401: a table that misses a case\n", "\nwrong:\n", "\nright:\n", "    tables:"]
    {
        assert!(long.out.contains(part), "{part}: {}", long.out);
    }
    assert!(long.out.lines().all(|line| line.chars().count() <= 100), "{}", long.out);
    assert_eq!(place.run(&["explain", "cw0401"]).out, long.out);
    assert_eq!(place.run(&["explain", "401"]).out, long.out);
    let all = place.run(&["explain"]);
    assert_eq!(all.out.lines().count(), CODES.len());
    let json = place.run(&["explain", "CW0401", "--output", "json"]).only("crosswalk-code/1");
    assert_eq!(json["title"], "a table that misses a case");
    let unknown = place.run(&["explain", "CW0999"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("there is no code `CW0999`"), "{}", unknown.err);
}
