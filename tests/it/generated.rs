//! A mapping that passes `check` cannot fail for a reason that could have been known: thousands of
//! records made of the source's schema go through each shipped mapping. Every request is valid, and
//! every rejection is of a kind that the mapping or its target declares.
//!
//! What is made follows from one seed; `SEED` in the environment tries another one, and `RECORDS`
//! makes more of them.

mod accounts;
mod catalog;
mod contracts;
mod examined;
mod later;
mod orders;
mod products;
mod quotes;
mod random;
mod records;
mod sales;
mod taken;

use std::collections::BTreeMap;

use crosswalk::{
    json::Checked,
    program::{ActionDraft, Draft, Known, Left, Mapped, Program, Reader, Watch, parts},
};
use serde_json::{Map, Value, json};

use self::random::Random;
use crate::requests::orders::Published;

/// The seed of everything that is made, unless `SEED` says another one.
const SEED: u64 = 0x5eed_ca7a_1065;

/// Of so many records one is watched for the parts of the mapping that it uses.
const WATCHED_EVERY: usize = 2;

/// The kinds of rejections that a mapping declares: its own `$reject` and `reject`, its `error`
/// modifiers, what `$ranges` promises of tiers, what the target's schema says of lengths, digits and
/// limits, and what the environment says of the tenant. All other kinds are for what `check` should have found.
const DECLARED: &[&str] = &[
    "absent-value",
    "empty-value",
    "number-out-of-limits",
    "rejected-by-mapping",
    "text-too-long",
    "tier-between-steps",
    "tier-duplicate",
    "tier-empty",
    "tier-hole",
    "tier-late-start",
    "tier-overlap",
    "tier-two-open",
    "tier-without-bound",
    "too-many-digits",
    "unknown-to-tenant",
    "unknown-unit",
];

/// Random numbers for one test, by the seed and the test's own name.
fn random(name: &str) -> Random {
    let seed = match std::env::var("SEED") {
        Ok(text) => text.parse().expect("SEED is a number"),
        Err(_) => SEED,
    };
    println!("seed {seed}");
    Random::new(name.bytes().fold(seed, |seed, byte| seed.rotate_left(7) ^ u64::from(byte)))
}

/// How many records are made: so many, unless `RECORDS` says otherwise.
fn records(usual: usize) -> usize {
    std::env::var("RECORDS").map_or(usual, |text| text.parse().expect("RECORDS is a number"))
}

/// What became of the records of one kind.
#[derive(Debug, Default)]
struct Count {
    accepted: usize,
    rejected: usize,
}

/// What became of all records of a mapping.
struct Fates<'p> {
    program: &'p Program,
    reader: Reader,
    watch: Watch,
    counts: BTreeMap<String, Count>,
    /// Rejections by their kind, and by what is said.
    reasons: BTreeMap<&'static str, usize>,
    said: BTreeMap<String, usize>,
    skipped: usize,
    drafted: usize,
    faults: Vec<String>,
}

impl<'p> Fates<'p> {
    fn of(program: &'p Program) -> Self {
        Self {
            program,
            reader: program.reader(),
            watch: Watch::over(program),
            counts: BTreeMap::new(),
            reasons: BTreeMap::new(),
            said: BTreeMap::new(),
            skipped: 0,
            drafted: 0,
            faults: Vec::new(),
        }
    }

    /// What the mapping makes of a record of some kinds, where that is a draft.
    fn draft(&mut self, kinds: &[String], text: &str, known: &Known) -> Option<Draft> {
        let checked = Checked::check(text).expect("JSON");
        self.drafted += 1;
        // To watch takes most of the time, and a part of the records tells what they use.
        let mapped = if self.drafted.is_multiple_of(WATCHED_EVERY) {
            let (reader, watch) = (&mut self.reader, &mut self.watch);
            let mapped = self.program.draft_watched(reader, checked, known, watch);
            drop(watch.take_values());
            mapped
        } else {
            self.program.draft_known(&mut self.reader, checked, known)
        };
        match mapped {
            Mapped::Skipped(_) => self.skipped += 1,
            Mapped::Rejected(left) => self.reject(kinds, text, &left),
            Mapped::Draft(draft) => {
                for kind in kinds {
                    self.counts.entry(kind.clone()).or_default().accepted += 1;
                }
                return Some(draft);
            }
        }
        None
    }

    fn reject(&mut self, kinds: &[String], text: &str, left: &Left) {
        let why = &left.verdict;
        *self.reasons.entry(why.rule).or_default() += 1;
        let (rule, reason, origin) = (why.rule, &why.reason, &why.origin);
        *self.said.entry(format!("{rule} at {origin}, such as: {reason}")).or_default() += 1;
        if !DECLARED.contains(&rule) {
            self.fault(&format!("{rule}: {reason} ({origin})"), text);
        }
        for kind in kinds {
            self.counts.entry(kind.clone()).or_default().rejected += 1;
        }
    }

    /// Notes what must not be; a few of them end the test.
    fn fault(&mut self, said: &str, record: &str) {
        self.faults.push(format!("{said}\n{record}"));
        assert!(self.faults.len() < 5, "{}", self.faults.join("\n\n"));
    }

    /// Ends the test: there is no fault, at least half of each kind is accepted, and hardly any
    /// part of the mapping is used by no record.
    fn end(&self, at_least: usize, unused_max: usize) {
        let mut said: BTreeMap<(&str, &str), (usize, &str)> = BTreeMap::new();
        for (text, count) in &self.said {
            let (place, reason) = text.split_once(", such as: ").expect("a reason");
            let (rule, place) = place.split_once(" at ").expect("a place");
            let one = said.entry((rule, place)).or_insert((0, reason));
            one.0 += count;
        }
        for ((rule, place), (count, reason)) in &said {
            println!("{count} rejected: {rule} ({place}), such as: {reason}");
        }
        println!("{} skipped; rejections: {:?}", self.skipped, self.reasons);
        assert!(self.faults.is_empty(), "{}", self.faults.join("\n\n"));
        for (kind, Count { accepted, rejected }) in &self.counts {
            println!("{kind}: {accepted} accepted, {rejected} rejected");
        }
        for (kind, Count { accepted, rejected }) in &self.counts {
            assert!(accepted + rejected >= at_least, "only {} of {kind}", accepted + rejected);
            assert!(accepted >= rejected, "{kind}: less than half are accepted");
        }
        // Records that use little of the mapping prove little.
        let parts = parts(self.program, &self.watch);
        let unused = parts.iter().filter(|part| !part.used);
        let unused: Vec<String> =
            unused.map(|part| format!("{:?} {} ({})", part.kind, part.name, part.origin)).collect();
        println!("not used by any record ({}):\n{}", unused.len(), unused.join("\n"));
        assert!(unused.len() <= unused_max, "{} parts are used by no record", unused.len());
    }
}

/// The body of an action, its holes filled with something that has the form of an id.
fn body(draft: &Draft, action: &ActionDraft) -> Value {
    let mut body = Map::new();
    for (name, holed) in &action.body {
        let text = draft.json(&holed.range);
        let (mut filled, mut from) = (String::new(), 0);
        for (at, reference) in &holed.holes {
            let filling = match &reference.take {
                None => json!("8ad09b2d93f1d8d50193f2a0c9d80a1b"),
                Some(_) => json!("A-00000001"),
            };
            filled.push_str(&text[from..*at]);
            filled.push_str(&filling.to_string());
            // A reference that is a whole member has no text of its own.
            from = if text[*at..].starts_with("null") { at + "null".len() } else { *at };
        }
        filled.push_str(&text[from..]);
        let value = serde_json::from_str(&filled);
        body.insert(name.clone(), value.unwrap_or_else(|e| panic!("{name}: {e}: {filled}")));
    }
    Value::Object(body)
}

/// What is wrong with the actions of a draft.
fn faults_of_orders(published: &Published, draft: &Draft) -> Vec<String> {
    let mut faults = Vec::new();
    for action in &draft.actions {
        let body = body(draft, action);
        let found = published.faults("POST /v1/orders", &body);
        faults.extend(found.iter().map(|it| format!("{} {it}\n{body}", action.kind)));
    }
    faults
}
