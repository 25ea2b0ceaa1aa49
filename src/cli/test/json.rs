//! What came of tests, as JSON lines: one per case, one per mapping for what its cases use, and
//! the account.

use serde_json::{Value, json};

use super::{
    Tested, Tests, Verdict,
    coverage::{Coverage, KINDS, word},
};
use crate::{
    cli::{cases::Difference, screen::Screen},
    diag::report,
    program::Part,
};

/// Shows everything.
pub(super) fn show(tests: &Tests, screen: &Screen) {
    for case in &tests.cases {
        screen.json(&line(case));
    }
    for coverage in &tests.coverage {
        screen.json(&covered(coverage));
    }
    let mut counts = serde_json::Map::new();
    for case in &tests.cases {
        let count = counts.entry(result(&case.verdict)).or_insert_with(|| Value::from(0));
        *count = Value::from(count.as_u64().unwrap_or_default() + 1);
    }
    screen.json(&json!({
        "format": "crosswalk-tests/1", "cases": tests.cases.len(), "results": counts,
    }));
}

fn result(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::AsExpected => "as expected",
        Verdict::Differs(_) | Verdict::NothingExpected => "different",
        Verdict::Blessed(_) => "blessed",
        Verdict::Wrong(_) => "wrong",
    }
}

fn line(case: &Tested) -> Value {
    let differences = match &case.verdict {
        Verdict::Differs(all) | Verdict::Blessed(all) => all.iter().map(difference).collect(),
        _ => Vec::new(),
    };
    let found = match &case.verdict {
        Verdict::Wrong(wrong) => {
            let found = wrong.findings.iter();
            found.map(|finding| report::json(finding, &wrong.sources)).collect()
        }
        _ => Vec::new(),
    };
    json!({
        "format": "crosswalk-test/1",
        "set": case.set(),
        "case": case.name(),
        "folder": case.folder.display().to_string(),
        "doc": case.doc,
        "result": result(&case.verdict),
        "expected": !matches!(case.verdict, Verdict::NothingExpected),
        "differences": differences,
        "findings": found,
    })
}

/// Old and new are JSON texts, so that every digit stays as it was written.
fn difference(one: &Difference) -> Value {
    json!({"path": one.path(), "old": one.old, "new": one.new})
}

fn covered(coverage: &Coverage) -> Value {
    let counts = KINDS.iter().map(|(kind, one, _)| {
        let (used, all) = coverage.count(*kind);
        ((*one).to_owned(), json!({"used": used, "all": all}))
    });
    let unused = |part: &Part| {
        json!({
            "kind": word(part.kind),
            "name": part.name,
            "file": &*part.origin.file,
            "line": part.origin.line,
            "column": part.origin.column,
        })
    };
    json!({
        "format": "crosswalk-coverage/1",
        "mapping": coverage.mapping,
        "parts": counts.collect::<serde_json::Map<String, Value>>(),
        "unused": coverage.unused().map(unused).collect::<Vec<_>>(),
    })
}
