//! Where a cursor stands, in the lines that people write.

use super::{
    complete,
    cursor::{Spot, spot},
};
use crate::{
    compile::{Facts, compile},
    diag::{Findings, SourceMap},
    schema::Catalog,
};

/// What stands at the bar of a line: `key`, `value` or `part`, and its text.
fn stands(line: &str) -> String {
    let at = line.find('|').unwrap();
    let text = line.replacen('|', "", 1);
    match spot(&text, at) {
        Some(Spot::Key { word, colon }) => {
            format!("key {}{}", &text[word], if colon { ":" } else { "" })
        }
        Some(Spot::Value { whole }) => format!("value {}", &text[whole]),
        Some(Spot::Part { word }) => format!("part {}", &text[word]),
        None => "nothing".to_owned(),
    }
}

#[test]
fn a_cursor_stands_at_a_key_in_a_value_or_at_a_part_of_one() {
    for (line, wanted) in [
        ("ta|bles:", "key tables:"),
        ("      Na|", "key Na"),
        ("  - obj|ect: Product", "key object:"),
        ("Name: { $from: $.Name, $tr| }", "key $tr"),
        ("Name: { $from: $.Na|, $truncate: 3 }", "part Na"),
        ("Name: $.|", "part "),
        ("Type: Flat F|ee  # a comment", "value Flat Fee"),
        ("Type: { $absent: One|, $map: kind }", "value One"),
        ("Type: |", "value "),
        ("when: record.Is|Active", "part IsActive"),
        ("Text: { $calc: \"record.A | up\" }", "part "),
        ("Text: \"{{ rec| }}\"", "part rec"),
        ("rows: [One-Time, Re|]", "value Re"),
        ("Name: $.Name # so th|at", "nothing"),
    ] {
        assert_eq!(stands(line), wanted, "{line}");
    }
}

#[test]
fn a_broken_text_and_a_place_beyond_it_are_answered() {
    for text in ["", "a: [", "ü: {ü", "\"", "- - -", "a:\n\t"] {
        for at in 0..=text.len() + 1 {
            let mut look = |text: &str| {
                let mut sources = SourceMap::new();
                let file = sources.add("m.yaml", text);
                let mut findings = Findings::new();
                let catalog = &mut Catalog::embedded();
                compile(&sources, &[file], catalog, &Facts::default(), &mut findings);
                findings.into_sorted()
            };
            let found = complete(text, at, &mut look);
            assert!(found.range.start <= found.range.end, "{text:?} {at}");
        }
    }
}
