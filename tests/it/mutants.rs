//! Every shipped mapping is made wrong in every way that can be thought of systematically, and
//! `check` has to find each of them: once, in its place, and with the name that was meant.
//!
//! A mutant is one edit of one file that is a fault by construction; each operator says why. It is
//! checked as `crosswalk check mappings/<set>` does it: the whole set, in its own environment. A
//! sample runs with all tests; `MUTANTS=all` runs all of them, and `MUTANTS=<class>` those of a
//! class. `MUTANTS_SHOW=1` prints those that are not found as they should be.

mod faults;
mod names;
mod schemas;
mod token;
mod walk;

use std::{
    collections::BTreeMap,
    ops::Range,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use crosswalk::{
    cli::checked::Ground,
    diag::{Diagnostic, Findings, SourceMap},
    syntax::parse_yaml,
};

/// The shipped sets, with the environment in which each is checked.
const SETS: &[(&str, &str)] = &[
    ("mappings/salesforce-cpq-to-zuora", "embedded"),
    ("mappings/salesforce-orders-to-zuora", "embedded"),
    ("mappings/orders-to-invoices", "local"),
];
/// How many mutants are checked with all other tests.
const SAMPLE: usize = 150;

/// What the fix of a finding has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Carried out, it gives the mapping as it was.
    Restored,
    /// Carried out, it gives a mapping without a finding.
    Right,
    /// Nothing is asked of it.
    Anything,
}

/// One edit that makes a mapping wrong.
#[derive(Clone, Debug)]
pub struct Mutant {
    class: &'static str,
    how: &'static str,
    edit: Range<usize>,
    by: String,
    codes: &'static [u16],
    /// Where the finding may stand, in the text that was edited.
    near: Range<usize>,
    wanted: Wanted,
    set: usize,
    file: usize,
}

impl Mutant {
    fn of(
        class: &'static str,
        how: &'static str,
        edit: Range<usize>,
        by: impl Into<String>,
        codes: &'static [u16],
    ) -> Self {
        let by = by.into();
        let near = edit.start..edit.start + by.len();
        let wanted = Wanted::Anything;
        Self { class, how, edit, by, codes, near, wanted, set: 0, file: 0 }
    }

    fn wanting(self, wanted: Wanted) -> Self {
        Self { wanted, ..self }
    }

    /// The finding may stand anywhere in this part of the text as it was.
    fn anywhere_in(self, at: Range<usize>) -> Self {
        let end = at.end.max(self.edit.end) + self.by.len() - self.edit.len();
        Self { near: at.start.min(self.edit.start)..end, ..self }
    }
}

/// What came of a mutant.
#[derive(Clone, Copy, Debug, Default)]
struct Verdict {
    found: bool,
    once: bool,
    coded: bool,
    placed: bool,
    /// Whether the fix is right; none where nothing is asked of it.
    fixed: Option<bool>,
}

struct Set {
    ground: Ground,
    mutants: Vec<Mutant>,
}

fn read_set(nth: usize, folder: &str, env: &str) -> Set {
    let folder = Path::new(folder);
    let ground = Ground::of(folder, Some(env)).unwrap_or_else(|said| panic!("{said}"));
    let known = schemas::names();
    let mut mutants = Vec::new();
    for (file, (name, text)) in ground.texts.iter().enumerate() {
        // What it uses of another set is made wrong there.
        if Path::new(name).parent() != Some(folder) {
            continue;
        }
        let mut sources = SourceMap::new();
        let id = sources.add(name, text.as_str());
        let root = parse_yaml(&sources, id, &mut Findings::new()).expect("a shipped mapping");
        let mut parts = walk::walk(text, &root);
        // Nothing asks for a mapping that no other one uses.
        let asked = |name: &str| {
            ground
                .texts
                .iter()
                .any(|(_, other)| other.contains(&format!(": {name}")) && other != text)
        };
        parts.tokens.retain(|token| {
            let of_mapping = token.role == token::Role::Definition && token.under == "name";
            !of_mapping || asked(&text[token.at.clone()])
        });
        // Of what a map turns one free text into another nothing is known.
        parts.tokens.retain(|token| {
            token.role != token::Role::MapRow || known.contains(&text[token.at.clone()])
        });
        let schemas = &known;
        let mut known = known.clone();
        known.extend(parts.tokens.iter().map(|token| text[token.at.clone()].to_owned()));
        let mut all = names::mutants(text, &parts.tokens, &known);
        all.extend(faults::mutants(text, &parts, schemas));
        mutants.extend(all.into_iter().map(|one| Mutant { set: nth, file, ..one }));
    }
    Set { ground, mutants }
}

fn mutated(ground: &Ground, mutant: &Mutant) -> Vec<(String, String)> {
    let mut texts = ground.texts.clone();
    texts[mutant.file].1.replace_range(mutant.edit.clone(), &mutant.by);
    texts
}

fn judged(ground: &Ground, mutant: &Mutant) -> (Verdict, SourceMap, Vec<Diagnostic>) {
    let texts = mutated(ground, mutant);
    let (sources, findings) = ground.check(&texts);
    let Some(first) = findings.first() else { return (Verdict::default(), sources, findings) };
    let touches = |one: &Diagnostic| {
        let at = one.primary.span;
        sources.text(at.file) == texts[mutant.file].1
            && at.start <= mutant.near.end
            && at.end >= mutant.near.start
    };
    let restores = |one: &Diagnostic| {
        one.fix.as_ref().is_some_and(|fix| {
            let mut text = texts[mutant.file].1.clone();
            sources.text(fix.span.file) == text && {
                text.replace_range(fix.span.range(), &fix.replacement);
                text == ground.texts[mutant.file].1
            }
        })
    };
    let mends = |one: &Diagnostic| {
        let Some(fix) = &one.fix else { return false };
        let mut texts = texts.clone();
        let name = sources.name(fix.span.file);
        let Some((_, text)) = texts.iter_mut().find(|(known, _)| known == name) else {
            return false;
        };
        text.replace_range(fix.span.range(), &fix.replacement);
        ground.check(&texts).1.is_empty()
    };
    let best = findings.iter().find(|one| touches(one)).unwrap_or(first);
    let verdict = Verdict {
        found: true,
        once: findings.len() == 1,
        coded: mutant.codes.contains(&best.code.0),
        placed: touches(best) || (mutant.wanted == Wanted::Right && mends(best)),
        fixed: match mutant.wanted {
            Wanted::Restored => Some(restores(best)),
            Wanted::Right => Some(restores(best) || mends(best)),
            Wanted::Anything => None,
        },
    };
    (verdict, sources, findings)
}

/// Some mutants of each class, the same ones every time.
fn sampled(mutants: Vec<Mutant>) -> Vec<Mutant> {
    match std::env::var("MUTANTS").as_deref() {
        Ok("all") => return mutants,
        // Every so manieth of them.
        Ok(step) if step.parse::<usize>().is_ok() => {
            return mutants.into_iter().step_by(step.parse().unwrap()).collect();
        }
        Ok(class) => return mutants.into_iter().filter(|one| one.class.contains(class)).collect(),
        Err(_) => {}
    }
    let mut classes: BTreeMap<&str, Vec<Mutant>> = BTreeMap::new();
    mutants.into_iter().for_each(|one| classes.entry(one.class).or_default().push(one));
    let each = SAMPLE.div_ceil(classes.len());
    let some = classes.into_values().flat_map(|all| {
        // Steps of a large prime go through all files and operators of the class.
        let count = each.min(all.len());
        (0..count).map(move |nth| all[(nth * 7919 + 17) % all.len()].clone()).collect::<Vec<_>>()
    });
    some.collect()
}

/// What became of the mutants of a class.
#[derive(Default)]
struct Count {
    mutants: usize,
    found: usize,
    once: usize,
    coded: usize,
    placed: usize,
    typos: usize,
    fixed: usize,
}

impl Count {
    fn add(&mut self, verdict: Verdict) {
        self.mutants += 1;
        self.found += usize::from(verdict.found);
        self.once += usize::from(verdict.found && verdict.once);
        self.coded += usize::from(verdict.coded);
        self.placed += usize::from(verdict.placed);
        self.typos += usize::from(verdict.fixed.is_some());
        self.fixed += usize::from(verdict.fixed == Some(true));
    }

    fn line(&self, class: &str) -> String {
        format!(
            "{class:44} {:6} {:6} {:6} {:6} {:6} {:6}/{}",
            self.mutants, self.found, self.once, self.coded, self.placed, self.fixed, self.typos
        )
    }
}

fn shown(set: &Set, mutant: &Mutant, findings: &[Diagnostic], sources: &SourceMap) -> String {
    let (name, text) = &set.ground.texts[mutant.file];
    let line = text[..mutant.edit.start].matches('\n').count() + 1;
    let mut out = format!(
        "--- {} / {} {name}:{line}: `{}` → `{}`\n",
        mutant.class,
        mutant.how,
        &text[mutant.edit.clone()],
        mutant.by
    );
    for finding in findings.iter().take(6) {
        let place = sources.place(finding.primary.span);
        let at = sources.slice(finding.primary.span).lines().next().unwrap_or_default();
        let fix = finding.fix.as_ref().map(|fix| fix.replacement.as_str()).unwrap_or("-");
        let file = sources.name(finding.primary.span.file);
        out += &format!(
            "    {} {file}:{} at `{at}` fix {fix}: {}\n",
            finding.code, place.line, finding.message
        );
    }
    out
}

#[test]
fn what_is_wrong_in_the_shipped_mappings_is_found() {
    let sets: Vec<Set> =
        SETS.iter().enumerate().map(|(nth, (folder, env))| read_set(nth, folder, env)).collect();
    for set in &sets {
        let (_, findings) = set.ground.check(&set.ground.texts);
        let said: Vec<&str> = findings.iter().map(|one| one.message.as_str()).collect();
        assert!(said.is_empty(), "of the mappings as they are: {said:#?}");
    }
    let all: usize = sets.iter().map(|set| set.mutants.len()).sum();
    println!("{all} mutants");
    let mutants = sampled(sets.iter().flat_map(|set| set.mutants.clone()).collect());
    let show = std::env::var_os("MUTANTS_SHOW").is_some();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
        while let Some(mutant) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
            let set = &sets[mutant.set];
            let (verdict, sources, findings) = judged(&set.ground, mutant);
            counts.entry(mutant.class).or_default().add(verdict);
            let right = verdict.found && verdict.once && verdict.coded && verdict.placed;
            if show && !(right && verdict.fixed != Some(false)) {
                println!("{}", shown(set, mutant, &findings, &sources));
            }
        }
        counts
    };
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    let mut total = Count::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            for (class, count) in worker.join().expect("a worker") {
                for sum in [counts.entry(class).or_default(), &mut total] {
                    sum.mutants += count.mutants;
                    sum.found += count.found;
                    sum.once += count.once;
                    sum.coded += count.coded;
                    sum.placed += count.placed;
                    sum.typos += count.typos;
                    sum.fixed += count.fixed;
                }
            }
        }
    });
    println!("{:44} mutants found  once   code   place  fix", "");
    counts.iter().for_each(|(class, count)| println!("{}", count.line(class)));
    println!("{}", total.line("all"));
    let percent = |part: usize, whole: usize| part * 100 / whole.max(1);
    assert!(percent(total.found, total.mutants) >= 98, "{}", total.line("found"));
    assert!(percent(total.fixed, total.typos) >= 90, "{}", total.line("fixed"));
}
