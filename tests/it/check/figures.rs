//! How well the corpus is found: the figures that the project promises, counted and printed.

use std::collections::BTreeSet;

use super::{Checked, corpus};

/// What is counted.
#[derive(Debug, Default)]
struct Figures {
    /// Cases with a fault.
    faults: usize,
    /// Those whose findings are just those that are claimed.
    found: usize,
    /// Names of which another one was meant.
    typos: usize,
    /// Those whose fix writes what was meant.
    mended: usize,
    /// Findings where nothing fits.
    unfit: usize,
    /// Those without a fix.
    unmended: usize,
}

impl Figures {
    fn count(&mut self, checked: &Checked) {
        let (claims, found) = (checked.claimed(), checked.found());
        if claims.is_empty() {
            return;
        }
        self.faults += 1;
        self.found += usize::from(claims == found);
        for claim @ (code, at, meant) in &claims {
            let same = |other: &&super::Words| other.0 == *code && other.1 == *at;
            let is_right = found.contains(claim);
            match meant {
                Some(_) => {
                    self.typos += 1;
                    self.mended += usize::from(is_right);
                }
                None => {
                    self.unfit += 1;
                    let said = found.iter().find(same);
                    self.unmended += usize::from(said.is_none_or(|said| said.2.is_none()));
                }
            }
        }
    }
}

/// Whether a part is at least so many of a hundred.
fn is_at_least(part: usize, all: usize, percent: usize) -> bool {
    part * 100 >= all * percent
}

#[test]
fn the_corpus_keeps_what_is_promised_of_it() {
    let mut figures = Figures::default();
    corpus().iter().for_each(|checked| figures.count(checked));
    let with_fault = corpus().iter().filter(|checked| !checked.case.finds.is_empty());
    let classes: BTreeSet<String> = with_fault.map(Checked::class).collect();
    let Figures { faults, found, typos, mended, unfit, unmended } = figures;
    println!("{faults} faults in {} classes, {found} found as they are claimed", classes.len());
    println!("{typos} names of which another was meant, {mended} with the right suggestion");
    println!("{unfit} findings where nothing fits, {unmended} without a suggestion");
    for checked in corpus() {
        if let Some(why) = &checked.case.missed {
            println!("missed: {}: {why}", checked.folder.display());
        }
    }
    assert!(faults >= 200 && classes.len() >= 20, "{faults} faults, {classes:?}");
    assert!(is_at_least(found, faults, 98), "{found} of {faults} are found");
    assert!(is_at_least(mended, typos, 90), "{mended} of {typos} suggestions are right");
    assert_eq!(unmended, unfit, "a suggestion is made where nothing fits");
}
