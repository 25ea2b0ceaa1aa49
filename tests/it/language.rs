//! What the language refuses, each with the code that says so, and small forms that give a value.

use crosswalk::{
    diag::{Findings, SourceMap},
    syntax::{Kind, Node, parse_yaml},
};

use super::readme::{compiled, made, whole};

/// The codes of what is found in a mapping, in order.
fn codes(text: &str) -> Vec<String> {
    let (_, found) = compiled(&whole(text));
    let codes = found.lines().filter_map(|line| line.split_once('[')?.1.split_once("]:"));
    codes.map(|(code, _)| code.to_owned()).collect()
}

#[test]
fn refuses_what_cannot_be_meant() {
    let list = "let: { entries: \"$.PricebookEntries.records[*]\" }\nemit:\n  A: ";
    let table = [
        // An object or a list is no value, also where the target takes anything.
        ("A: $.SBQQ__DiscountSchedule__r\n".to_owned(), "CW0301"),
        (format!("{list}$entries\n"), "CW0301"),
        (format!("{list}\"{{{{ entries }}}}\"\n"), "CW0308"),
        (format!("{list}{{ $calc: \"sum(entries, 'UnitPrice')\" }}\n"), "CW0301"),
        (format!("{list}{{ $calc: \"any(entries, row.UnitPrice)\" }}\n"), "CW0301"),
        // Words that do not exist.
        ("A: { $from: $.SBQQ__SubscriptionTerm__c, $round: [2, bankers] }\n".to_owned(), "CW0105"),
        ("A: { $calc: \"round(record.SBQQ__SubscriptionTerm__c, 2, 'off')\" }\n".to_owned(), "CW0105"),
        ("A: { $calc: \"date(record.CreatedDate, 'Europe/Berln')\" }\n".to_owned(), "CW0302"),
        // What can never take effect.
        ("A: { $from: $.Name, $absent: x }\n".to_owned(), "CW0305"),
        ("A: { $from: $.Family, $missing: x }\n".to_owned(), "CW0305"),
        // What is needed, and may be absent.
        ("A: \"{{ record.Family }}\"\n".to_owned(), "CW0304"),
        ("A: { $when: record.SBQQ__Taxable__c == 1, $value: x }\n".to_owned(), "CW0301"),
        (
            "resources:\n  a:\n    object: ProductRatePlan\n    key: { Name: $.ProductCode }\n    fields: { ProductId: x }\n".to_owned(),
            "CW0304",
        ),
        ("params: { zone: }\nemit: { A: $zone }\n".to_owned(), "CW0603"),
    ];
    for (text, wanted) in table {
        assert_eq!(codes(&text).join(" "), wanted, "{text}");
    }
}

#[test]
fn small_forms_give_their_value() {
    let record = r#"{"Name": "Backup", "Family": "", "SBQQ__DiscountSchedule__r": {"Name": "S"},
        "PricebookEntries": {"records": [{"UnitPrice": 1.50}, {"UnitPrice": 2}]}}"#;
    let list = "let: { entries: \"$.PricebookEntries.records[*]\" }\nemit:\n  A: ";
    let first = "let: { first: \"$.PricebookEntries.records[0]\" }\nemit:\n  A: ";
    let table = [
        ("A: { $calc: record.SBQQ__DiscountSchedule__r is none }\n".to_owned(), "false"),
        (format!("{first}{{ $calc: first is not none }}\n"), "true"),
        (format!("{list}{{ $calc: \"entries[7] is none\" }}\n"), "true"),
        (format!("{first}$first.UnitPrice\n"), "1.50"),
        (format!("{list}{{ $calc: \"sum(entries, row.UnitPrice * 2)\" }}\n"), "7"),
        (format!("{list}{{ $calc: \"any(entries, row.UnitPrice > 1.9)\" }}\n"), "true"),
        (format!("{list}{{ $calc: \"sum(entries, 1 if row.UnitPrice > 9 else 0)\" }}\n"), "0"),
        // What orders is an expression too, and not a text that orders nothing.
        (
            format!(
                "{list}{{ $each: entries, $sort: 0 - row.UnitPrice, $value: $row.UnitPrice }}\n"
            ),
            "[2,1.50]",
        ),
        // A text is cut also where the target takes anything.
        ("A: { $from: $.Name, $truncate: 4 }\n".to_owned(), "\"Back\""),
        ("A: { $from: $.Family, $empty: none at all }\n".to_owned(), "\"none at all\""),
        (
            "tables: { m: { Backup: 7, $other: 0 } }\nemit: { A: { $calc: m(record.Name) + 1 } }\n"
                .to_owned(),
            "8",
        ),
    ];
    for (text, wanted) in table {
        let (program, found) = compiled(&whole(&text));
        assert_eq!(found, "", "{text}");
        let made = made(&program.expect("a program"), record);
        assert_eq!(made, format!("{{\"A\":{wanted}}}"), "{text}");
    }
}

#[test]
fn a_null_among_the_values_of_a_cell_takes_null() {
    let text = "tables:\n  t:\n    inputs: { type: $.SBQQ__ChargeType__c }\n    outputs: [is]\n    rows:\n      - [[Usage, $null], yes]\n      - [$any, no]\nemit: { A: { $table: t.is } }\n";
    let (program, found) = compiled(&whole(text));
    assert_eq!(found, "");
    let program = program.expect("a program");
    assert_eq!(made(&program, r#"{"SBQQ__ChargeType__c": null}"#), r#"{"A":"yes"}"#);
    assert_eq!(made(&program, r#"{"SBQQ__ChargeType__c": "Usage"}"#), r#"{"A":"yes"}"#);
    assert_eq!(made(&program, r#"{"SBQQ__ChargeType__c": "One-Time"}"#), r#"{"A":"no"}"#);
}

#[test]
fn what_a_guard_keeps_out_needs_no_answer_below() {
    let guarded = |guard: &str| {
        let emit = "emit: { A: \"{{ record.Family }}\" }\n";
        codes(&format!("{guard}{emit}"))
    };
    let when = |condition: &str| {
        format!("source: {{ system: salesforce, object: Product2, when: \"{condition}\" }}\n")
    };
    let reject = |condition: &str| format!("reject: {{ when: \"{condition}\", reason: no }}\n");
    for enough in [
        when("record.Family is not none"),
        when("record.IsActive and record.Family is not none"),
        reject("record.Family is none"),
        reject("not record.IsActive or record.Family is none"),
        reject("not (record.Family is not none)"),
    ] {
        assert_eq!(guarded(&enough), [""; 0], "{enough}");
    }
    for too_little in [
        when("record.IsActive or record.Family is not none"),
        when("record.Family is none"),
        reject("record.IsActive and record.Family is none"),
        reject("record.Family is not none"),
        reject("record.ProductCode is none"),
    ] {
        assert_eq!(guarded(&too_little), ["CW0304"], "{too_little}");
    }
}

/// Our tree of every shipped YAML file holds what serde_yaml reads from it.
#[test]
fn the_tree_of_a_file_is_that_of_an_independent_reader() {
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    let files = yaml_files(&shipped);
    assert!(files.len() > 10, "{files:?}");
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut sources = SourceMap::new();
        let file = sources.add(path.display().to_string(), text.clone());
        let mut findings = Findings::new();
        let tree = parse_yaml(&sources, file, &mut findings).unwrap();
        assert_same(&tree, &serde_yaml::from_str(&text).unwrap(), &path.display().to_string());
    }
}

fn yaml_files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(yaml_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    files
}

fn assert_same(node: &Node, value: &serde_yaml::Value, place: &str) {
    use serde_yaml::Value;
    match (&node.kind, value) {
        (Kind::Empty, Value::Null) => {}
        (Kind::Scalar(scalar), Value::String(text)) => assert_eq!(&scalar.text, text, "{place}"),
        (Kind::Scalar(scalar), Value::Bool(truth)) => {
            assert_eq!(scalar.text, truth.to_string(), "{place}");
        }
        (Kind::Scalar(scalar), Value::Number(number)) => {
            assert_eq!(scalar.text.parse::<f64>().ok(), number.as_f64(), "{place}");
        }
        (Kind::List(items), Value::Sequence(values)) => {
            assert_eq!(items.len(), values.len(), "{place}");
            let pairs = items.iter().zip(values).enumerate();
            pairs
                .for_each(|(at, (node, value))| assert_same(node, value, &format!("{place}/{at}")));
        }
        (Kind::Block(entries), Value::Mapping(mapping)) => {
            assert_eq!(entries.len(), mapping.len(), "{place}");
            for (key, node) in entries {
                let of = Value::from(key.text.as_str());
                let value = mapping.get(&of).unwrap_or_else(|| panic!("{place}/{}", key.text));
                assert_same(node, value, &format!("{place}/{}", key.text));
            }
        }
        (kind, value) => panic!("{place}: {kind:?} is not {value:?}"),
    }
}
