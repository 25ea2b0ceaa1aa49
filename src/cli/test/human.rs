//! What came of tests, for people: what differs, what no case uses, and an account.

use std::rc::Rc;

use super::{
    Tested, Tests, Verdict,
    coverage::{Coverage, KINDS, word},
};
use crate::{
    cli::{
        cases::{Difference, Wrong},
        findings::counted,
        screen::{
            Screen,
            style::{BOLD, DIM, GREEN, RED, YELLOW, paint},
        },
    },
    diag::{Colour, render},
};

/// Differences of one case that are shown each; a mapping that changed everywhere says the same
/// thing in each.
const SHOWN_MAX: usize = 40;
/// The longest value that is shown whole.
const VALUE_LENGTH_MAX: usize = 160;

/// Shows everything.
pub(super) fn show(tests: &Tests, screen: &Screen) {
    let mut told: Vec<&Rc<Wrong>> = Vec::new();
    for case in &tests.cases {
        match &case.verdict {
            Verdict::Wrong(wrong) if told.iter().any(|one| Rc::ptr_eq(one, wrong)) => {}
            Verdict::Wrong(wrong) => {
                told.push(wrong);
                wrongs(case, wrong, tests, screen);
            }
            _ => shown(case, screen),
        }
    }
    for coverage in &tests.coverage {
        covered(coverage, screen);
    }
    screen.say(&account(tests));
}

fn title(case: &Tested, style: &str, word: &str) -> String {
    let folder = paint(DIM, &case.folder.display().to_string());
    format!("{} {} {folder}", paint(style, word), paint(BOLD, &case.name()))
}

/// What is wrong with a case or its mapping, once for all cases that it stops.
fn wrongs(case: &Tested, wrong: &Rc<Wrong>, tests: &Tests, screen: &Screen) {
    screen.say(&title(case, RED, "wrong"));
    for finding in &wrong.findings {
        screen.say(&render(finding, &wrong.sources, Colour::Ansi));
    }
    let same = |one: &&Tested| match &one.verdict {
        Verdict::Wrong(other) => Rc::ptr_eq(other, wrong) && one.folder != case.folder,
        _ => false,
    };
    let others: Vec<String> = tests.cases.iter().filter(same).map(Tested::name).collect();
    if !others.is_empty() {
        let count = counted(others.len(), "further case");
        screen.say(&format!("  it stops {count}: {}", paint(DIM, &others.join(", "))));
    }
}

fn shown(case: &Tested, screen: &Screen) {
    let title = |style: &str, word: &str| title(case, style, word);
    match &case.verdict {
        Verdict::AsExpected | Verdict::Wrong(_) => {}
        Verdict::Differs(all) => {
            screen.say(&title(RED, "differs"));
            screen.say(&format!("  {}", paint(DIM, &case.doc)));
            differing(all, screen);
        }
        Verdict::NothingExpected => {
            screen.say(&title(RED, "differs"));
            screen.say("  nothing is expected yet: --bless writes what comes out; read it then");
        }
        Verdict::Blessed(all) => {
            screen.say(&title(YELLOW, "blessed"));
            differing(all, screen);
        }
    }
}

fn differing(all: &[Difference], screen: &Screen) {
    for one in all.iter().take(SHOWN_MAX) {
        screen.say(&format!("  {}", difference(one)));
    }
    if let Some(more) = all.len().checked_sub(SHOWN_MAX).filter(|more| *more > 0) {
        screen.say(&paint(DIM, &format!("  … and {}", counted(more, "further difference"))));
    }
}

fn difference(one: &Difference) -> String {
    let old = one.old.as_deref().map(|old| paint(RED, &short(old)));
    let new = one.new.as_deref().map(|new| paint(GREEN, &short(new)));
    match (old, new) {
        (Some(old), Some(new)) => format!("{}: {old} → {new}", one.path),
        (Some(old), None) => format!("{}: {old} → nothing", one.path),
        (None, Some(new)) => format!("{}: nothing → {new}", one.path),
        (None, None) => one.path.clone(),
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(VALUE_LENGTH_MAX) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn covered(coverage: &Coverage, screen: &Screen) {
    let counts = KINDS.iter().filter_map(|(kind, _, several)| {
        let (used, all) = coverage.count(*kind);
        (all > 0).then(|| format!("{used} of {all} {several}"))
    });
    let counts: Vec<String> = counts.collect();
    let mapping = paint(BOLD, &coverage.mapping);
    screen.say(&format!("{mapping} is used by its cases: {}", counts.join(", ")));
    for part in coverage.unused() {
        let what = format!("no case uses the {} {}", word(part.kind), short(&part.name));
        screen.say(&format!("  {what} {}", paint(DIM, &format!("({})", part.origin))));
    }
}

fn account(tests: &Tests) -> String {
    let count =
        |fits: fn(&Verdict) -> bool| tests.cases.iter().filter(|case| fits(&case.verdict)).count();
    let differ = count(|verdict| matches!(verdict, Verdict::Differs(_) | Verdict::NothingExpected));
    let parts = [
        (count(|verdict| matches!(verdict, Verdict::AsExpected)), "as expected"),
        (count(|verdict| matches!(verdict, Verdict::Blessed(_))), "blessed"),
        (differ, "different"),
        (count(|verdict| matches!(verdict, Verdict::Wrong(_))), "wrong"),
    ];
    let parts = parts.iter().enumerate().filter(|(at, (count, _))| *at == 0 || *count > 0);
    let parts: Vec<String> = parts.map(|(_, (count, what))| format!("{count} {what}")).collect();
    let cases = paint(BOLD, &format!("{}:", counted(tests.cases.len(), "case")));
    format!("{cases} {}", parts.join(", "))
}
