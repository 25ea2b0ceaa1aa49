//! `crosswalk test`: runs golden cases, shows in what they differ, and what no case uses.

mod coverage;
mod find;
mod human;
mod json;
mod junit;

use std::{path::PathBuf, rc::Rc};

use super::{
    args::{Test, TestFormat},
    cases::{Difference, EXPECTED_FILE, Matching, Outcome, Ran, Runner, Wrong, name_of, set_of},
    fault::{Ending, Fault},
    screen::Screen,
};
use coverage::Coverage;

/// A case with what it came to.
struct Tested {
    /// Its folder.
    folder: PathBuf,
    /// What it shows, in a sentence; empty where it could not be read.
    doc: String,
    /// How it ended.
    verdict: Verdict,
}

/// How a case ended.
enum Verdict {
    /// What came out is what is expected.
    AsExpected,
    /// Something else came out.
    Differs(Vec<Difference>),
    /// Nothing is expected yet.
    NothingExpected,
    /// What came out was written as what is expected, since these fields have changed.
    Blessed(Vec<Difference>),
    /// The case or its mapping is wrong.
    Wrong(Rc<Wrong>),
}

impl Tested {
    /// Its name: that of its folder.
    fn name(&self) -> String {
        name_of(&self.folder)
    }

    /// The set that it belongs to.
    fn set(&self) -> String {
        set_of(&self.folder).display().to_string()
    }
}

/// All that was tested.
struct Tests {
    cases: Vec<Tested>,
    coverage: Vec<Coverage>,
}

/// Runs the cases that were asked for.
///
/// # Errors
/// [`Fault`] when a case is not there, or a file cannot be used.
pub(super) async fn test(asked: &Test, screen: &Screen) -> Result<Ending, Fault> {
    let chosen = find::cases(&asked.what)?;
    let (mut runner, mut cases, mut coverage) = (Runner::default(), Vec::new(), Vec::new());
    for folder in chosen.folders {
        let (doc, verdict) = match runner.run(&folder).await? {
            Outcome::Wrong(wrong) => (String::new(), Verdict::Wrong(wrong)),
            Outcome::Ran(ran) => {
                if chosen.whole {
                    coverage::add(&mut coverage, &ran);
                }
                (ran.doc.clone(), verdict(*ran, asked.bless)?)
            }
        };
        cases.push(Tested { folder, doc, verdict });
    }
    let tests = Tests { cases, coverage };
    match asked.format {
        TestFormat::Human => human::show(&tests, screen),
        TestFormat::Json => json::show(&tests, screen),
        TestFormat::Junit => screen.say(&junit::document(&tests)),
    }
    Ok(ending(&tests, asked.complete))
}

fn verdict(ran: Ran, bless: bool) -> Result<Verdict, Fault> {
    let is_new = ran.expected.is_none();
    if !is_new && ran.differences.is_empty() {
        return Ok(Verdict::AsExpected);
    }
    // A case that names only what matters would lose that by being written anew.
    if bless && (is_new || ran.matching == Matching::Exact) {
        let path = ran.folder.join(EXPECTED_FILE);
        std::fs::write(&path, &ran.shown).map_err(|fault| Fault::file(path, &fault))?;
        return Ok(Verdict::Blessed(ran.differences));
    }
    Ok(if is_new { Verdict::NothingExpected } else { Verdict::Differs(ran.differences) })
}

fn ending(tests: &Tests, complete: bool) -> Ending {
    let any = |fits: fn(&Verdict) -> bool| tests.cases.iter().any(|case| fits(&case.verdict));
    if any(|verdict| matches!(verdict, Verdict::Wrong(_))) {
        return Ending::Wrong;
    }
    let uncovered = complete && tests.coverage.iter().any(|one| one.unused().next().is_some());
    if uncovered || any(|verdict| matches!(verdict, Verdict::Differs(_) | Verdict::NothingExpected))
    {
        return Ending::Incomplete;
    }
    Ending::Done
}
