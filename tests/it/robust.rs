//! Texts that nobody would write: `compile` neither panics nor hangs, and points only into the file.
//!
//! The shipped mapping and the mappings of the corpus are mutated by a generator with a fixed seed;
//! a failure prints the seed and the text.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crosswalk::{
    compile::{Facts, compile},
    diag::{Colour, Diagnostic, Findings, SourceMap, render},
};

use crate::check::{catalog, product_catalog};

/// How many mutated texts are compiled.
const ROUNDS: u64 = 250;

/// A small generator, the same on every machine (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }
}

/// Pieces that mean something in one of the three small languages.
const PIECES: &[&str] = &[
    "$",
    "$.",
    "{{",
    "}}",
    "{%",
    "[*]",
    "[?@.",
    "[0]",
    "[-1]",
    "$each",
    "$when: ",
    "$switch: ",
    "$any",
    "$null",
    "$other",
    "$reject",
    "&a ",
    "*a",
    "!t ",
    "- ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "#",
    "\t",
    "\n",
    "|",
    ">",
    "~",
    "null",
    "é",
    "😀",
    "\u{0}",
    "\u{feff}",
    "\r\n",
    "record.",
    "not ",
    " and ",
    " == ",
    " if x else y",
    "1e999",
    "99999999999999999999999999999999",
    "$shape: ",
    "$with: ",
    "within: ",
    "$table: charge_type.type",
];

/// One small damage to a text.
fn damage(text: &str, dice: &mut Dice) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let count = lines.len();
    let (one, other) = (dice.below(count), dice.below(count));
    match dice.below(7) {
        0 => drop(lines.remove(one)),
        1 => lines.swap(one, other),
        2 => lines.insert(one, lines[other].clone()),
        3 => drop(lines.drain(one.min(other)..(one.min(other) + 3).min(count))),
        4 => lines[one].insert_str(0, &" ".repeat(dice.below(9))),
        5 => {
            let at = place_in(&lines[one], dice);
            lines[one].insert_str(at, PIECES[dice.below(PIECES.len())]);
        }
        _ => {
            let at = place_in(&lines[one], dice);
            if lines[one][at..].chars().next().is_some() {
                lines[one].remove(at);
            }
        }
    }
    lines.join("\n")
}

/// A place between two characters.
fn place_in(line: &str, dice: &mut Dice) -> usize {
    let at = dice.below(line.len() + 1);
    (0..=at).rev().find(|at| line.is_char_boundary(*at)).unwrap()
}

/// Compiles a text and draws what is found; says what went wrong, if anything.
fn fault_of(text: &str) -> Option<String> {
    let checked = catch_unwind(AssertUnwindSafe(|| {
        let mut sources = SourceMap::new();
        let file = sources.add("m.yaml", text);
        let mut findings = Findings::new();
        compile(&sources, &[file], &mut catalog(&[]), &Facts::default(), &mut findings);
        let findings = findings.into_sorted();
        for finding in findings.iter().take(20) {
            render(finding, &sources, Colour::None);
        }
        findings.iter().find_map(|finding| misplaced(finding, text))
    }));
    match checked {
        Err(_) => Some("it panics".to_owned()),
        Ok(Some(wrong)) => Some(wrong),
        Ok(None) => None,
    }
}

/// A span or a fix that does not lie between two characters of the text.
fn misplaced(finding: &Diagnostic, text: &str) -> Option<String> {
    let labels = finding.labels.iter().map(|label| label.span);
    let fix = finding.fix.iter().map(|fix| fix.span);
    let mut spans = std::iter::once(finding.primary.span).chain(labels).chain(fix);
    let wrong = spans.find(|span| text.get(span.range()).is_none())?;
    Some(format!("{wrong:?} of {} `{}` is not in the text", finding.code, finding.message))
}

#[test]
fn damaged_mappings_are_found_faulty_and_nothing_worse() {
    let whole = product_catalog();
    for seed in 1..=ROUNDS {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut text = whole.clone();
        for _ in 0..=dice.below(4) {
            text = damage(&text, &mut dice);
        }
        if let Some(wrong) = fault_of(&text) {
            panic!("seed {seed}: {wrong}\n{text}");
        }
    }
}

/// A mapping that makes one document with this line in its `let` and this value in its document.
fn small(head: &str, value: &str) -> String {
    format!(
        "crosswalk: 1\nname: m\nsource: {{ system: salesforce, object: Product2 }}\n\
         target: {{ system: file }}\n{head}\nemit:\n  value: {value}\n"
    )
}

/// A chain of shapes, each of which uses the next one twice.
fn doubling_shapes(depth: usize) -> String {
    let mut shapes = String::from("shapes:\n");
    for at in 0..depth {
        let next = at + 1;
        shapes += &format!("  s{at}: {{ a: {{ $shape: s{next} }}, b: {{ $shape: s{next} }} }}\n");
    }
    shapes + &format!("  s{depth}: {{ c: 1 }}\n")
}

/// A chain of tables, each of which has the next one as an input twice.
fn nested_tables(depth: usize) -> String {
    let mut tables = String::from("tables:\n");
    for at in 0..depth {
        let next = at + 1;
        tables += &format!(
            "  t{at}:\n    inputs: {{ a: {{ $calc: \"t{next}.o == 'x'\" }}, b: {{ $calc: \"t{next}.o == 'x'\" }} }}\n    outputs: [o]\n    rows: [[$any, $any, x]]\n"
        );
    }
    tables
}

#[test]
fn what_nests_and_repeats_without_end_comes_to_an_end() {
    let many_keys: String = (0..2_000).map(|at| format!("  k{at}: $.Nmae{at}\n")).collect();
    let wide_table = format!(
        "tables:\n  t:\n    inputs: {{ {} }}\n    outputs: [o]\n    rows: [[{} x]]\n",
        (0..40).map(|at| format!("i{at}: $.IsActive")).collect::<Vec<_>>().join(", "),
        "$any, ".repeat(40)
    );
    let texts = [
        small("", &format!("{{ $calc: \"{}1\" }}", "-".repeat(3_500))),
        small("", &format!("{{ $calc: \"1{}\" }}", " + 1".repeat(900))),
        small("", &format!("{{ $calc: \"{}1{}\" }}", "(".repeat(1_900), ")".repeat(1_900))),
        small("", &format!("{{ $calc: \"record{}\" }}", ".Name".repeat(700))),
        small("", &format!("{{ $calc: \"{}true\" }}", "not ".repeat(900))),
        small("", &format!("{{ $calc: \"record.Name{}\" }}", " | trim".repeat(500))),
        small("", &format!("\"$.A[?{}@.x{}]\"", "(".repeat(900), ")".repeat(900))),
        small("", &format!("\"$.A[?{}@.x]\"", "!".repeat(1_900))),
        small("", &format!("\"$.A[?@.x{}]\"", " && @.x".repeat(250))),
        small("", &format!("\"$.A{}\"", "[0]".repeat(600))),
        small("", &format!("\"{}\"", "{{ record.Nmae }}".repeat(5_000))),
        small("", &"[".repeat(100_000)),
        small("", &format!("{}1{}", "[".repeat(60), "]".repeat(60))),
        small("", &format!("{}1{}", "{ a: ".repeat(55), " }".repeat(55))),
        small(&doubling_shapes(14), "{ $shape: s0 }"),
        small(&doubling_shapes(200), "{ $shape: s0 }"),
        small(&nested_tables(30), "{ $table: t0.o }"),
        small(&wide_table, "{ $table: t.o }"),
        small(&format!("let:\n{many_keys}"), "1"),
        "- ".repeat(100_000),
        "a:\n ".repeat(3_000),
        "? ".repeat(50_000),
        "{".repeat(50_000),
        "\u{feff}crosswalk: 1\n".to_owned(),
        "&a [*a, *a]".to_owned(),
        String::new(),
        "\0".to_owned(),
    ];
    for text in texts {
        if let Some(wrong) = fault_of(&text) {
            panic!("{wrong}: {:.300}", text);
        }
    }
}
