//! What is hard in a report: signs that have a meaning there, places, several files.

use super::*;
use crate::diag::Code;

fn sources() -> (SourceMap, FileId, FileId) {
    let mut sources = SourceMap::new();
    let first = sources.add("sets/50% off, a:b/ü.yaml", "a: 1\nbü: <c>\n");
    let second = sources.add("clean.yaml", "x: 1\n");
    (sources, first, second)
}

fn finding(file: FileId) -> Diagnostic {
    let span = Span::new(file, 5..8);
    Diagnostic::error(Code::UNKNOWN_KEY, span, "50% of <b>:\r\nno, \"it\" is\u{1}wrong")
        .label(Span::new(file, 0..1), "the other one")
        .suggest("bü", ["bue", "bu"])
}

#[test]
fn github_commands_keep_signs_that_have_a_meaning_there() {
    let (sources, file, _) = sources();
    let line = github(&finding(file).hint("do, so: now"), &sources);
    assert_eq!(
        line,
        "::error file=sets/50%25 off%2C a%3Ab/ü.yaml,line=2,endLine=2,col=1,endColumn=3,\
         title=CW0101::50%25 of <b>:%0D%0Ano, \"it\" is\u{1}wrong%0Ahelp: do, so: now"
    );
}

#[test]
fn github_gets_no_columns_over_several_lines() {
    let (sources, file, _) = sources();
    let over = Diagnostic::error(Code::UNKNOWN_KEY, Span::new(file, 0..8), "m").as_warning();
    let line = github(&over, &sources);
    assert!(line.starts_with("::warning ") && line.contains("line=1,endLine=2,title="), "{line}");
}

#[test]
fn junit_has_a_case_for_each_finding_and_one_for_a_clean_file() {
    let (sources, first, second) = sources();
    let warning = Diagnostic::error(Code::TOO_LONG, Span::new(first, 0..1), "long").as_warning();
    let findings = [warning, finding(first)];
    let xml = junit(&Report { sources: &sources, files: &[first, second], findings: &findings });
    for part in [
        "tests=\"3\" failures=\"1\"",
        "<testcase name=\"CW0101 at 2:1\"",
        "message=\"50% of &lt;b&gt;:&#13;&#10;no, &quot;it&quot; is\u{fffd}wrong\"",
        "ü.yaml:2:1-2:3: CW0101: 50% of &lt;b&gt;:&#13;\nno",
        "<system-out>",
        "<testcase name=\"no finding\" classname=\"clean.yaml\"",
    ] {
        assert!(xml.contains(part), "{part} is not in\n{xml}");
    }
}

#[test]
fn sarif_has_full_regions_related_places_and_fixes() {
    let (sources, first, second) = sources();
    let fixed = finding(first).suggest("Pricee", ["Price"]);
    let report = Report { sources: &sources, files: &[first, second], findings: &[fixed] };
    let run = &sarif(&report)["runs"][0];
    let result = &run["results"][0];
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "sets/50%25%20off%2C%20a%3Ab/%C3%BC.yaml");
    let wanted = serde_json::json!(
        {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 3}
    );
    assert_eq!(place["region"], wanted);
    assert_eq!(result["relatedLocations"][0]["message"]["text"], "the other one");
    let change = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(
        (&change["deletedRegion"], &change["insertedContent"]["text"]),
        (&wanted, &"Price".into())
    );
    let rule = &run["tool"]["driver"]["rules"][0];
    assert_eq!(rule["id"], "CW0101");
    assert!(rule["help"]["markdown"].as_str().is_some_and(|help| help.contains("Wrong:")));
    assert_eq!(run["artifacts"].as_array().map(Vec::len), Some(2));
}
