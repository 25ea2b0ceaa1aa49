//! What came of tests as one JUnit document: a suite per set, a test case per case.

use std::fmt::Write as _;

use super::{Tested, Tests, Verdict};
use crate::{
    cli::{cases::Difference, findings::counted},
    diag::{Colour, render},
};

/// The document.
pub(super) fn document(tests: &Tests) -> String {
    let mut sets: Vec<String> = tests.cases.iter().map(Tested::set).collect();
    sets.dedup();
    let (failures, errors) = counts(tests.cases.iter());
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all = tests.cases.len();
    let _ = writeln!(
        out,
        "<testsuites name=\"crosswalk test\" tests=\"{all}\" failures=\"{failures}\" \
         errors=\"{errors}\">"
    );
    for set in sets {
        let of_set = || tests.cases.iter().filter(|case| case.set() == set);
        let (failures, errors) = counts(of_set());
        let (name, all) = (escaped(&set), of_set().count());
        let _ = writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{all}\" failures=\"{failures}\" \
             errors=\"{errors}\">"
        );
        of_set().for_each(|case| one(case, &name, &mut out));
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>");
    out
}

/// How many differ, and how many are wrong.
fn counts<'c>(cases: impl Iterator<Item = &'c Tested>) -> (usize, usize) {
    cases.fold((0, 0), |(failures, errors), case| match &case.verdict {
        Verdict::Differs(_) | Verdict::NothingExpected => (failures + 1, errors),
        Verdict::Wrong(_) => (failures, errors + 1),
        Verdict::AsExpected | Verdict::Blessed(_) => (failures, errors),
    })
}

fn one(case: &Tested, set: &str, out: &mut String) {
    let file = escaped(&case.folder.join("case.yaml").display().to_string());
    let name = escaped(&case.name());
    let _ = write!(out, "    <testcase classname=\"{set}\" name=\"{name}\" file=\"{file}\"");
    let mut failed = |kind: &str, message: &str, text: &str| {
        let (message, text) = (escaped(message), escaped(text));
        let _ = writeln!(out, ">\n      <{kind} message=\"{message}\">{text}</{kind}>");
        out.push_str("    </testcase>\n");
    };
    match &case.verdict {
        Verdict::AsExpected | Verdict::Blessed(_) => out.push_str("/>\n"),
        Verdict::NothingExpected => failed("failure", "nothing is expected yet", ""),
        Verdict::Differs(all) => {
            let lines: Vec<String> = all.iter().map(difference).collect();
            failed("failure", &counted(all.len(), "difference"), &lines.join("\n"));
        }
        Verdict::Wrong(wrong) => {
            let drawn = wrong.findings.iter();
            let drawn = drawn.map(|finding| render(finding, &wrong.sources, Colour::None));
            let text: Vec<String> = drawn.collect();
            let said = wrong.findings.first().map_or("it cannot be read", |one| &one.message);
            failed("error", said, &text.join("\n\n"));
        }
    }
}

fn difference(one: &Difference) -> String {
    let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
    format!("{}: {} → {}", one.path(), side(&one.old), side(&one.new))
}

/// A text inside XML; what XML 1.0 cannot hold at all is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || c == '\u{fffe}' || c == '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        assert_eq!(escaped("a<b & \"c\"\u{1}\n"), "a&lt;b &amp; &quot;c&quot;\n");
    }

    #[test]
    fn a_case_that_differs_is_a_failure() {
        let difference = Difference {
            within: vec!["01t1".into(), "charge \"A\"".into()],
            field: "Price".into(),
            old: Some("10".into()),
            new: Some("12".into()),
        };
        let case = Tested {
            folder: "set/cases/one".into(),
            doc: String::new(),
            verdict: Verdict::Differs(vec![difference]),
        };
        let text = document(&Tests { cases: vec![case], coverage: Vec::new() });
        assert!(text.contains("<testsuite name=\"set\" tests=\"1\" failures=\"1\" errors=\"0\">"));
        assert!(text.contains("01t1 charge &quot;A&quot; Price: 10 → 12</failure>"), "{text}");
    }
}
