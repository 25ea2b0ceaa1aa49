//! What came of tests, for people: what differs, what no case uses, and an account.

use super::{
    Tested, Tests, Verdict,
    coverage::{Coverage, KINDS, word},
};
use crate::{
    cli::{
        cases::Difference,
        findings::counted,
        screen::{
            Screen,
            style::{BOLD, DIM, GREEN, RED, YELLOW, paint},
        },
    },
    diag::{Colour, render},
    json::{Checked, Members},
};

/// Differences of one case that are shown each; a mapping that changed everywhere says the same
/// thing in each.
const SHOWN_MAX: usize = 40;
/// Rows of an action that are named.
const ROWS_SHOWN_MAX: usize = 2;
/// The longest value that is shown whole.
const VALUE_LENGTH_MAX: usize = 160;

/// Shows everything.
pub(super) fn show(tests: &Tests, screen: &Screen) {
    let mut wrong = Told::default();
    for case in &tests.cases {
        match &case.verdict {
            Verdict::Wrong(_) => wrong.tell(case, tests, screen),
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

/// The findings that were told already: what is wrong with a mapping is found anew in each setting
/// of its cases, and told once.
#[derive(Default)]
struct Told {
    cases: Vec<Vec<String>>,
}

impl Told {
    fn tell(&mut self, case: &Tested, tests: &Tests, screen: &Screen) {
        let findings = drawn(case);
        if self.cases.contains(&findings) {
            return;
        }
        screen.say(&title(case, RED, "wrong"));
        let is_new = |finding: &&String| !self.cases.iter().flatten().any(|one| one == *finding);
        let new: Vec<&String> = findings.iter().filter(is_new).collect();
        new.iter().for_each(|finding| screen.say(finding));
        match findings.len() - new.len() {
            0 => {}
            again => screen.say(&format!("  and {}, told above", counted(again, "finding"))),
        }
        let same = |one: &&Tested| one.folder != case.folder && drawn(one) == findings;
        let others: Vec<String> = tests.cases.iter().filter(same).map(Tested::name).collect();
        if !others.is_empty() {
            let count = counted(others.len(), "further case");
            screen.say(&format!("  it stops {count}: {}", paint(DIM, &others.join(", "))));
        }
        self.cases.push(findings);
    }
}

/// The findings of a case, drawn; none of one that could be run.
fn drawn(case: &Tested) -> Vec<String> {
    let Verdict::Wrong(wrong) = &case.verdict else { return Vec::new() };
    wrong.findings.iter().map(|one| render(one, &wrong.sources, Colour::Ansi)).collect()
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

/// Differences below the record and the object that they are of, each named once.
fn differing(all: &[Difference], screen: &Screen) {
    let mut open: &[String] = &[];
    for one in all.iter().take(SHOWN_MAX) {
        // A whole object is a line by itself, as a field is.
        let (above, name) = match (one.field.as_str(), one.within.split_last()) {
            ("", Some((last, above))) => (above, last.as_str()),
            (field, _) => (one.within.as_slice(), field),
        };
        let shared = open.iter().zip(above).take_while(|(a, b)| a == b).count();
        for (depth, heading) in above.iter().enumerate().skip(shared) {
            screen.say(&format!("{}{}", indent(depth), called(heading)));
        }
        open = above;
        screen.say(&format!("{}{}", indent(above.len()), difference(name, one)));
    }
    if let Some(more) = all.len().checked_sub(SHOWN_MAX).filter(|more| *more > 0) {
        screen.say(&paint(DIM, &format!("  … and {}", counted(more, "further difference"))));
    }
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth + 1)
}

fn difference(name: &str, one: &Difference) -> String {
    let side = |side: &Option<String>, style: &str| match side {
        Some(json) => paint(style, &told(json, one.field.is_empty())),
        None => "nothing".to_owned(),
    };
    let (old, new) = (side(&one.old, RED), side(&one.new, GREEN));
    let separator = if name.is_empty() { "" } else { ": " };
    format!("{}{separator}{old} → {new}", called(name))
}

/// The name of an object; an action that is over many rows is known by the first of them.
fn called(name: &str) -> String {
    let listed = |rest: &str| Some(Checked::check(&format!("[{rest}")).ok()?.as_list()?.len());
    match name.split_once(" [").map(|(what, rest)| (what, rest, listed(rest))) {
        Some((what, rest, Some(count))) if count > ROWS_SHOWN_MAX => {
            let first = rest.split(',').next().unwrap_or_default();
            format!("{what} [{first}, … {}]", counted(count, "row"))
        }
        _ => short(name),
    }
}

/// A value as it is; a whole object by what it is.
fn told(json: &str, whole: bool) -> String {
    let object = || object(&Checked::check(json).ok()?.as_members()?);
    whole.then(object).flatten().unwrap_or_else(|| short(json))
}

/// What an object of an `expected.json` is, in a few words.
fn object(members: &Members<'_>) -> Option<String> {
    let count = |name: &str, noun: &str| {
        let items = members.get(name)?.as_list()?.len();
        Some(counted(items, noun))
    };
    let reason = |name: &str| {
        let why = members.get(name)?;
        let why = why.as_list().and_then(|all| all.first().copied()).unwrap_or(why);
        Some(format!("{name}: {}", why.as_members()?.get_text("reason")?))
    };
    if members.get("record").is_some() {
        let outcome = count("actions", "action").or_else(|| count("wishes", "object"));
        let document = || members.get("document").map(|_| "a document".to_owned());
        return outcome
            .or_else(document)
            .or_else(|| reason("rejected"))
            .or_else(|| reason("skipped"));
    }
    if let (Some(number), Some(rows)) = (members.get_text("number"), count("rows", "row")) {
        return Some(format!("action {number} over {rows}"));
    }
    let fields = members.get("fields")?.as_members()?.iter().count();
    members.get("resource").map(|_| format!("an object with {}", counted(fields, "field")))
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
