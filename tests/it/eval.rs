//! What programs make of records: a snippet of a mapping, a record, the document that comes out.

use crosswalk::{
    compile::{Facts, compile},
    diag::{Colour, Findings, SourceMap, render},
    json::Checked,
    program::Emitted,
    schema::Catalog,
};

/// The record of every row: optional members may be missing, nullable ones null.
const SCHEMA: &str = r#"{
  "type": "object", "additionalProperties": false, "required": ["id", "n", "rows"],
  "properties": {
    "id": {"type": "string"},
    "n": {"type": "number"},
    "m": {"type": ["number", "null"]},
    "s": {"type": ["string", "null"]},
    "b": {"type": "boolean"},
    "d": {"type": "string", "format": "date"},
    "kind": {"type": ["string", "null"], "enum": ["A", "B", null]},
    "rows": {"type": "array", "items": {"type": "object", "additionalProperties": false,
      "required": ["k", "v"], "properties": {
        "k": {"type": "string"}, "v": {"type": "number"}, "w": {"type": ["number", "null"]},
        "tags": {"type": "array", "items": {"type": "string"}}}}}
  }
}"#;

/// One row: the head of the mapping, its document, the record's members, what comes out.
struct Row {
    claim: &'static str,
    head: &'static str,
    emit: &'static str,
    record: &'static str,
    gives: &'static str,
}

const fn row(
    claim: &'static str,
    head: &'static str,
    emit: &'static str,
    record: &'static str,
    gives: &'static str,
) -> Row {
    Row { claim, head, emit, record, gives }
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row("digits stay as written", "", "{ x: $.n }", r#""n": 1.10"#, r#"{"x":1.10}"#),
    row("large numbers are exact", "", "{ x: { $calc: record.n + 1 } }", r#""n": 9007199254740993"#, r#"{"x":9007199254740994}"#),
    row("decimals add exactly", "", "{ x: { $calc: record.n + 0.2 } }", r#""n": 0.1"#, r#"{"x":0.3}"#),
    row("a product keeps its cents", "", "{ x: { $calc: record.n * 3 } }", r#""n": 0.35"#, r#"{"x":1.05}"#),
    row("a quotient is rounded as named", "", "{ x: { $calc: 'round(record.n / 3, 2)' } }", r#""n": 2"#, r#"{"x":0.67}"#),
    row("halves go to even when it says so", "", "{ x: { $from: $.n, $round: [1, half_even] } }", r#""n": 0.25"#, r#"{"x":0.2}"#),
    row("halves go up else", "", "{ x: { $from: $.n, $round: 1 } }", r#""n": 0.25"#, r#"{"x":0.3}"#),
    row("a product that is rounded may lose what is rounded away", "", "{ x: { $calc: 'record.n * record.m', $round: 9 } }", r#""n": 94798635798.047709, "m": 2.270278868374"#, r#"{"x":215219339602.990719187}"#),
    row("a product that has no room for its digits rejects", "", "{ x: { $calc: 'record.n * record.m' } }", r#""n": 94798635798.047709, "m": 2.270278868374"#, "rejected"),
    row("a product that has no room for the decimals asked for rejects", "", "{ x: { $calc: 'record.n * record.m', $round: 9 } }", r#""n": 9999999999999999.99, "m": 9999999999.99"#, "rejected"),
    row("a sum that has no room for its digits rejects", "", "{ x: { $calc: record.n + record.m } }", r#""n": 99999999999999999.99, "m": 0.000000000001"#, "rejected"),
    row("a difference that has no room for its digits rejects", "", "{ x: { $calc: record.n - record.m } }", r#""n": 99999999999999999.99, "m": 0.000000000001"#, "rejected"),
    row("a total that has no room for its digits rejects", "", "{ x: { $calc: 'sum(record.rows, row.v)' } }", r#""n": 1, "rows": [{"k":"a","v":99999999999999999.99},{"k":"b","v":0.000000000001}]"#, "rejected"),
    row("a sum with null is null and left out", "", "{ x: { $calc: record.m + 1 } }", r#""n": 1, "m": null"#, "{}"),
    row("a sum with what is missing is left out", "", "{ x: { $calc: record.m + 1 } }", r#""n": 1"#, "{}"),
    row("default stands in for null", "", "{ x: { $calc: record.m | default(7) } }", r#""n": 1, "m": null"#, r#"{"x":7}"#),
    row("zero is a value and no absence", "", "{ x: { $calc: record.m | default(7) } }", r#""n": 1, "m": 0"#, r#"{"x":0}"#),
    row("null is not equal to a value", "", "{ x: { $calc: record.m == 1 } }", r#""n": 1, "m": null"#, r#"{"x":false}"#),
    row("numbers are equal by value", "", "{ x: { $calc: record.n == 1 } }", r#""n": 1.00"#, r#"{"x":true}"#),
    row("null is none", "", "{ x: { $calc: record.m is none } }", r#""n": 1, "m": null"#, r#"{"x":true}"#),
    row("missing is none", "", "{ x: { $calc: record.m is none } }", r#""n": 1"#, r#"{"x":true}"#),
    row("clear sends null", "", "{ x: { $from: $.m, $null: clear } }", r#""n": 1, "m": null"#, r#"{"x":null}"#),
    row("missing and null are told apart", "", "{ x: { $from: $.m, $null: clear, $missing: omit } }", r#""n": 1"#, "{}"),
    row("error rejects the record", "", "{ x: { $from: $.m, $absent: error } }", r#""n": 1"#, "rejected"),
    row("an empty text is a value", "", "{ x: $.s }", r#""n": 1, "s": """#, r#"{"x":""}"#),
    row("an empty text can be left out", "", "{ x: { $from: $.s, $empty: omit } }", r#""n": 1, "s": """#, "{}"),
    row("quotes and controls are escaped", "", "{ x: \"<{{ record.id }}>\" }", r#""n": 1, "id": "a\"b\\c\n\u0001""#, r#"{"x":"<a\"b\\c\n\u0001>"}"#),
    row("escaped letters arrive", "", "{ x: \"{{ record.id | upper }}\" }", r#""n": 1, "id": "\u00e9\ud83d\ude00""#, r#"{"x":"É😀"}"#),
    row("a cut counts characters", "", "{ x: { $from: $.s, $truncate: 2 } }", r#""n": 1, "s": "é😀z""#, r#"{"x":"é😀"}"#),
    row("a list keeps the order of the record", "", "{ x: '$.rows[*].v' }", r#""n": 1, "rows": [{"k":"b","v":2},{"k":"a","v":1}]"#, r#"{"x":[2,1]}"#),
    row("a filter leaves out", "", "{ x: '$.rows[?@.v > 1].k' }", r#""n": 1, "rows": [{"k":"b","v":2},{"k":"a","v":1}]"#, r#"{"x":["b"]}"#),
    row("no rows give an empty list", "", "{ x: '$.rows[*].v' }", r#""n": 1, "rows": []"#, r#"{"x":[]}"#),
    row("what is picked beyond the end is missing", "", "{ x: \"$.rows[3].v\" }", r#""n": 1, "rows": []"#, "{}"),
    row("the last one is picked from the end", "", "{ x: \"$.rows[-1].v\" }", r#""n": 1, "rows": [{"k":"b","v":2},{"k":"a","v":1}]"#, r#"{"x":1}"#),
    row("each sorts, numbers as numbers", "", "{ x: [{ $each: '$.rows[*]', $as: r, $sort: $r.v, k: $r.k }] }", r#""n": 1, "rows": [{"k":"b","v":10},{"k":"a","v":9}]"#, r#"{"x":[{"k":"a"},{"k":"b"}]}"#),
    row("each sorts downwards, equal ones as they came", "", "{ x: [{ $each: '$.rows[*]', $as: r, $sort: { $desc: $r.v }, k: $r.k }] }", r#""n": 1, "rows": [{"k":"c","v":1},{"k":"b","v":2},{"k":"a","v":2}]"#, r#"{"x":[{"k":"b"},{"k":"a"},{"k":"c"}]}"#),
    row("each counts from one", "", "{ x: [{ $each: '$.rows[*]', $as: r, $index: i, k: $i }] }", r#""n": 1, "rows": [{"k":"b","v":2},{"k":"a","v":1}]"#, r#"{"x":[{"k":1},{"k":2}]}"#),
    row("let inside each is worked out anew per item", "", "{ x: [{ $each: '$.rows[*]', $as: r, $let: { twice: { $calc: r.v * 2 } }, a: $twice, b: $twice }] }", r#""n": 1, "rows": [{"k":"b","v":2},{"k":"a","v":1}]"#, r#"{"x":[{"a":4,"b":4},{"a":2,"b":2}]}"#),
    row("items under a condition are left out", "", "{ x: [{ $each: '$.rows[*]', $as: r, $when: r.v > 1, k: $r.k }] }", r#""n": 1, "rows": [{"k":"b","v":2},{"k":"a","v":1}]"#, r#"{"x":[{"k":"b"}]}"#),
    row("lists in lists", "", "{ x: [{ $each: '$.rows[*]', $as: r, t: [{ $each: '$r.tags[*]', $as: tag, $value: \"{{ r.k }}{{ tag }}\" }] }] }", r#""n": 1, "rows": [{"k":"a","v":1,"tags":["1","2"]},{"k":"b","v":1,"tags":[]}]"#, r#"{"x":[{"t":["a1","a2"]},{"t":[]}]}"#),
    row("groups in the order of their first row", "let: { g: { $group: '$.rows[*]', $by: $row.k } }", "{ x: [{ $each: g, $as: p, k: $p.key, v: '$p.rows[*].v' }] }", r#""n": 1, "rows": [{"k":"b","v":1},{"k":"a","v":2},{"k":"b","v":3}]"#, r#"{"x":[{"k":"b","v":[1,3]},{"k":"a","v":[2]}]}"#),
    row("sums over rows", "", "{ x: { $calc: 'sum(record.rows, row.v)' } }", r#""n": 1, "rows": [{"k":"b","v":0.1},{"k":"a","v":0.2}]"#, r#"{"x":0.3}"#),
    row("half-open ranges become inclusive", "", "{ x: [{ $each: '$.rows[*]', $as: r, $ranges: { lower: $r.v, upper: $r.w, step: 1, first: 0 }, from: $r.from, to: $r.to }] }", r#""n": 1, "rows": [{"k":"b","v":10,"w":null},{"k":"a","v":1,"w":10}]"#, r#"{"x":[{"from":0,"to":9},{"from":10}]}"#),
    row("ranges with a hole are rejected", "", "{ x: [{ $each: '$.rows[*]', $as: r, $ranges: { lower: $r.v, upper: $r.w, step: 1, first: 0 }, from: $r.from }] }", r#""n": 1, "rows": [{"k":"a","v":1,"w":5},{"k":"b","v":10,"w":null}]"#, "rejected"),
    row("a switch chooses", "", "{ x: { $switch: $.kind, $cases: { A: one, $other: two } } }", r#""n": 1, "kind": "A""#, r#"{"x":"one"}"#),
    row("a switch on null takes the other case", "", "{ x: { $switch: $.kind, $cases: { A: one, $other: two } } }", r#""n": 1, "kind": null"#, r#"{"x":"two"}"#),
    row("a map of null takes what stands in", "tables: { t: { A: one, B: two } }", "{ x: { $from: $.kind, $map: t, $absent: none } }", r#""n": 1, "kind": null"#, r#"{"x":"none"}"#),
    row("a value that the map does not know rejects", "tables: { t: { A: one, B: two } }", "{ x: { $from: $.kind, $map: t } }", r#""n": 1, "kind": "C""#, "rejected"),
    row("the first row of a table wins", "tables: { t: { inputs: { k: $.kind }, outputs: [o], rows: [[A, one], [$any, two]] } }", "{ x: { $table: t.o } }", r#""n": 1, "kind": "A""#, r#"{"x":"one"}"#),
    row("a shape is put in with its parameters", "shapes: { s: { $with: [p], a: $p, b: { $calc: p + 1 } } }", "{ x: { $shape: s, p: $.n } }", r#""n": 1"#, r#"{"x":{"a":1,"b":2}}"#),
    row("dates move by months and stop at the last day", "", "{ x: { $calc: 'add_months(record.d, 1)' } }", r#""n": 1, "d": "2024-01-31""#, r#"{"x":"2024-02-29"}"#),
    row("text keys that look like numbers stay texts", "", "{ x: \"0123\", y: NO, z: 'true' }", r#""n": 1"#, r#"{"x":"0123","y":"NO","z":"true"}"#),
    row("an amount that is no number rejects", "", "{ x: { $calc: record.n + 1 } }", r#""n": "12,50""#, "rejected"),
];

/// The document of a row's record, or `rejected` or `skipped`.
fn outcome(row: &Row) -> String {
    let text = format!(
        "crosswalk: 1\nname: m\nsource: {{ system: file, object: r }}\ntarget: {{ system: file }}\n{}\nemit: {}\n",
        row.head, row.emit
    );
    let mut sources = SourceMap::new();
    let file = sources.add("m.yaml", text);
    let mut catalog = Catalog::default();
    catalog.add("file", "r", SCHEMA);
    let mut findings = Findings::new();
    let programs = compile(&sources, &[file], &mut catalog, &Facts::default(), &mut findings);
    let findings = findings.into_sorted();
    let Some(program) = programs.first() else {
        let drawn = findings.iter().map(|f| render(f, &sources, Colour::None));
        return drawn.collect::<Vec<_>>().join("\n");
    };
    let mut members = row.record.to_owned();
    for (name, value) in [("id", "\"1\""), ("rows", "[]")] {
        if !members.contains(&format!("\"{name}\":")) {
            members += &format!(", \"{name}\": {value}");
        }
    }
    let record = format!("{{{members}}}");
    let mut out = Vec::new();
    let mut reader = program.reader();
    match program.emit(&mut reader, Checked::check(&record).unwrap(), &mut out) {
        Emitted::Written => String::from_utf8(out).unwrap(),
        Emitted::Skipped(_) => "skipped".to_owned(),
        Emitted::Rejected(_) => "rejected".to_owned(),
    }
}

#[test]
fn every_row_gives_what_it_claims() {
    let mut wrong = String::new();
    for row in ROWS {
        let given = outcome(row);
        if given != row.gives {
            wrong += &format!("{}:\n  wanted {}\n  given  {given}\n", row.claim, row.gives);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
