//! The README is true: its examples compile and give what stands beside them, its tables are those
//! of the program, and its commands are those that the checks of the project run.
//!
//! Blocks of the language chapter are marked after the three backticks:
//! - `yaml crosswalk`: a mapping, or the part of one; [`whole`] adds the head that is left out.
//! - `json source` and `json result` after it: a record, and what the mapping makes of it.
//! - `text finding` after it: what `check` says; a mapping without one has no finding at all.
//! - `yaml mappings/…`: an excerpt of that file, word for word; a record after it goes through the
//!   whole file.

use std::{fmt::Write as _, path::PathBuf, sync::LazyLock};

use crosswalk::{
    compile::{Facts, compile},
    connector::{
        Source,
        file::{Folder, Format},
    },
    diag::{Colour, Findings, SourceMap, render},
    json::Checked,
    program::{
        Draft, DraftValue, Emitted, Mapped, Program, ProgramKind, Verdict, WishDraft,
        functions::{FUNCTIONS, Signature, Sort},
    },
    schema::{Catalog, Field, FieldType},
    value::{Decimal, parse_decimal},
};
use serde_json::Value;

/// Read when the tests run, so that a changed sentence builds nothing.
static README: LazyLock<String> = LazyLock::new(|| file("README.md"));

/// A fenced block: the words behind the backticks, its text, and its first line in the README.
struct Block {
    mark: String,
    text: String,
    line: usize,
}

fn blocks() -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (at, line) in README.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(_) if open => open = false,
            Some(mark) => {
                open = true;
                blocks.push(Block { mark: mark.to_owned(), text: String::new(), line: at + 2 });
            }
            None if open => {
                let block = blocks.last_mut().expect("an open block");
                block.text.push_str(line);
                block.text.push('\n');
            }
            None => {}
        }
    }
    assert!(!open, "the last block of the README has no end");
    blocks
}

/// The text of the only block with this mark.
pub(super) fn block(mark: &str) -> String {
    let mut found = blocks().into_iter().filter(|block| block.mark == mark);
    let block = found.next().unwrap_or_else(|| panic!("the README has no block `{mark}`"));
    assert!(found.next().is_none(), "the README has two blocks `{mark}`");
    block.text
}

/// The examples of the README, as whole mappings.
pub(super) fn mappings() -> Vec<String> {
    let of_language = blocks().into_iter().filter(|block| block.mark == "yaml crosswalk");
    of_language.map(|block| whole(&block.text)).collect()
}

/// An example as a whole mapping: the head, `emit` and `resources` may be left out.
pub(super) fn whole(text: &str) -> String {
    let has = |key: &str| text.lines().any(|line| line.starts_with(&format!("{key}:")));
    let mut head = String::new();
    let mut add = |key: &str, line: &str| {
        if !has(key) {
            head.push_str(line);
        }
    };
    add("crosswalk", "crosswalk: 1\n");
    add("name", "name: example\n");
    add("source", "source: { system: salesforce, object: Product2 }\n");
    let target = if has("resources") { "zuora" } else { "file" };
    add("target", &format!("target: {{ system: {target} }}\n"));
    if has("emit") || has("resources") || has("action") {
        return head + text;
    }
    head.push_str("emit:\n");
    for line in text.lines() {
        let _ = writeln!(head, "  {line}");
    }
    head
}

/// The schemas of the examples: those of the program, those of the set of the last chapter, and
/// the custom fields of a tenant.
fn catalog() -> Catalog {
    let mut catalog = Catalog::embedded();
    for entry in std::fs::read_dir(at("mappings/orders-to-invoices")).expect("the set") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(stem) = name.strip_suffix(".schema.json") {
            catalog.add("file", stem, std::fs::read_to_string(&path).expect("a schema"));
        }
    }
    for object in ["Product", "ProductRatePlan", "ProductRatePlanCharge"] {
        for field in ["sfdcId__c", "sfdcPricebookID__c", "sfdcProductID__c"] {
            let field = Field { length: Some(255), ..Field::of(field, FieldType::Text) };
            catalog.add_field("zuora", object, field);
        }
    }
    catalog
}

/// A path in the project.
fn at(path: &str) -> String {
    format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file of the project.
fn file(path: &str) -> String {
    std::fs::read_to_string(at(path)).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

fn facts() -> Facts {
    let mut facts = Facts::default();
    facts.tenant.units = Some([("Each".to_owned(), 0), ("GB".to_owned(), 2)].into());
    facts
}

/// Compiles one mapping; gives its program and what was found, as people see it.
pub(super) fn compiled(text: &str) -> (Option<Program>, String) {
    let mut sources = SourceMap::new();
    let file = sources.add("example.yaml", text.to_owned());
    let mut findings = Findings::new();
    let mut programs = compile(&sources, &[file], &mut catalog(), &facts(), &mut findings);
    let shown = findings.into_sorted();
    let shown: Vec<String> =
        shown.iter().map(|finding| render(finding, &sources, Colour::None)).collect();
    (programs.pop(), shown.join("\n"))
}

/// What a program makes of a record, as JSON in the form of the README, members in the order of
/// the mapping.
pub(super) fn made(program: &Program, record: &str) -> String {
    let record = Checked::check(record).expect("the source is JSON");
    let mut reader = program.reader();
    if let ProgramKind::Emit { .. } = program.kind {
        let mut out = Vec::new();
        return match program.emit(&mut reader, record, &mut out) {
            Emitted::Written => String::from_utf8(out).expect("a document is text"),
            Emitted::Skipped(verdict) => ended("skipped", &verdict),
            Emitted::Rejected(verdict) => ended("rejected", &verdict),
        };
    }
    match program.draft(&mut reader, record) {
        Mapped::Skipped(left) => ended("skipped", &left.verdict),
        Mapped::Rejected(left) => ended("rejected", &left.verdict),
        Mapped::Draft(draft) => {
            let wishes = draft.wishes.iter().map(|wish| object(program, &draft, wish));
            let skipped = draft.skipped.iter().map(|verdict| ended("skipped", verdict));
            format!("[{}]", wishes.chain(skipped).collect::<Vec<_>>().join(", "))
        }
    }
}

/// A wished object: `{"rate_plan": {"Name": …}}`.
fn object(program: &Program, draft: &Draft, wish: &WishDraft) -> String {
    let resource = &program.resources()[wish.resource];
    let fields = wish.fields.iter().map(|field| {
        let value = match &field.value {
            DraftValue::Json(range) => draft.json(range).to_owned(),
            DraftValue::Clear => "null".to_owned(),
            DraftValue::Ref(to) => format!("{{\"reference to\": {:?}}}", to.resource),
        };
        format!("{:?}: {value}", resource.fields[field.rule].name)
    });
    format!("{{{:?}: {{{}}}}}", resource.name, fields.collect::<Vec<_>>().join(", "))
}

fn ended(how: &str, verdict: &Verdict) -> String {
    format!("{{{how:?}: {}}}", Value::from(verdict.reason.as_str()))
}

fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_else(|fault| panic!("{json}: {fault}"))
}

#[test]
fn the_examples_of_the_language_give_what_stands_beside_them() {
    let blocks = blocks();
    let mut faults = String::new();
    let (mut mappings, mut results) = (0, 0);
    for (at, block) in blocks.iter().enumerate() {
        let text = match block.mark.strip_prefix("yaml ") {
            Some("crosswalk") => whole(&block.text),
            Some(path) if path.contains('/') => file(path),
            _ => continue,
        };
        mappings += 1;
        let after = blocks.get(at + 1..).unwrap_or_default();
        let own: Vec<&Block> =
            after.iter().take_while(|block| !block.mark.starts_with("yaml")).collect();
        let wanted = own.iter().find(|block| block.mark == "text finding");
        let (program, found) = compiled(&text);
        if found.trim() != wanted.map_or("", |wanted| wanted.text.trim()) {
            let _ = writeln!(faults, "README.md:{}: the findings are:\n{found}\n", block.line);
            continue;
        }
        for pair in own.windows(2) {
            let [source, result] = pair else { continue };
            if source.mark != "json source" || result.mark != "json result" {
                continue;
            }
            results += 1;
            let program = program.as_ref().expect("an example that runs compiles");
            let made = made(program, &source.text);
            if parsed(&made) != parsed(&result.text) {
                let _ = writeln!(faults, "README.md:{}: the result is\n{made}\n", result.line);
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
    assert!(mappings >= 20 && results >= 15, "{mappings} examples, {results} results");
}

#[test]
fn every_source_has_its_result() {
    let blocks = blocks();
    for (at, block) in blocks.iter().enumerate() {
        let next = blocks.get(at + 1).map_or("", |next| next.mark.as_str());
        match block.mark.as_str() {
            "json source" => assert_eq!(next, "json result", "README.md:{}", block.line),
            "json result" => {
                let before = at.checked_sub(1).map(|before| blocks[before].mark.as_str());
                assert_eq!(before, Some("json source"), "README.md:{}", block.line);
            }
            _ => {}
        }
    }
}

#[test]
fn excerpts_of_files_are_word_for_word() {
    let mut excerpts = 0;
    for block in blocks() {
        let Some(path) = block.mark.split(' ').nth(1).filter(|path| path.contains('/')) else {
            continue;
        };
        excerpts += 1;
        assert!(file(path).contains(&block.text), "README.md:{}: not in {path}", block.line);
    }
    assert!(excerpts > 0);
}

/// What stands between `<!-- name -->` and `<!-- end name -->`.
fn part(name: &str) -> &'static str {
    let (_, rest) = README.split_once(&format!("<!-- {name} -->\n")).expect("the part begins");
    let (part, _) = rest.split_once(&format!("<!-- end {name} -->")).expect("the part ends");
    part
}

fn sort_name(sort: Sort) -> &'static str {
    match sort {
        Sort::Text => "text",
        Sort::Number => "number",
        Sort::Bool => "truth",
        Sort::Date => "date",
        Sort::Instant => "instant",
        Sort::Any => "any",
    }
}

fn row(signature: &Signature) -> String {
    let needed = signature.takes.len() - signature.optional;
    let takes: Vec<String> = signature
        .takes
        .iter()
        .enumerate()
        .map(|(at, sort)| {
            let name = sort_name(*sort);
            if at < needed { name.to_owned() } else { format!("[{name}]") }
        })
        .collect();
    let (call, gives) = signature.example;
    format!(
        "| `{}({})` | {} | {} | `{call}` → `{gives}` |\n",
        signature.name,
        takes.join(", "),
        sort_name(signature.gives),
        signature.doc
    )
    .replace("' | ", "' \\| ")
}

/// The sample records of the set without Salesforce and Zuora, as the file connector reads them,
/// and what its mapping makes of each.
fn made_of_samples(mapping: &str) -> Vec<String> {
    let (program, found) = compiled(&file(&format!("mappings/orders-to-invoices/{mapping}.yaml")));
    assert_eq!(found, "");
    let program = program.expect("a program");
    let samples = Folder::open(at("mappings/orders-to-invoices/data"), Format::Ndjson);
    let samples = samples.expect("the sample records");
    let waiting = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let page = waiting.block_on(samples.read(&program.head.query, None)).expect("a page");
    assert_eq!(page.next, None);
    page.records.iter().map(|record| made(&program, record.text())).collect()
}

#[test]
fn orders_become_invoices_that_add_up() {
    let made: Vec<Value> = made_of_samples("invoices").iter().map(|text| parsed(text)).collect();
    let invoices: Vec<&Value> = made.iter().filter(|made| made.get("number").is_some()).collect();
    assert_eq!((made.len(), invoices.len()), (6, 4));
    let schema = parsed(&file("mappings/orders-to-invoices/invoice.schema.json"));
    let schema = jsonschema::validator_for(&schema).expect("the schema");
    let cents = |value: &Value| {
        let number = parse_decimal(&value.to_string()).expect("a number");
        number.checked_mul(Decimal::from(100)).expect("cents")
    };
    let sum = |list: &Value, member: &str| -> Decimal {
        list.as_array().expect("a list").iter().map(|item| cents(&item[member])).sum()
    };
    for invoice in invoices {
        assert!(schema.is_valid(invoice), "{invoice}");
        assert_eq!(sum(&invoice["lines"], "net"), cents(&invoice["net"]), "{invoice}");
        assert_eq!(sum(&invoice["taxes"], "base"), cents(&invoice["net"]), "{invoice}");
        assert_eq!(sum(&invoice["taxes"], "amount"), cents(&invoice["tax"]), "{invoice}");
        let gross = cents(&invoice["net"]) + cents(&invoice["tax"]);
        assert_eq!(gross, cents(&invoice["gross"]), "{invoice}");
    }
    assert_eq!(made[2], parsed(r#"{"skipped": "the order is a draft"}"#));
    assert_eq!(made[3]["kind"], "credit note");
    assert!(made[4].get("rejected").is_some(), "{}", made[4]);
    // The order came in at 23:30 in London, when the next day had begun in Berlin.
    assert_eq!((&made[0]["issued"], &made[0]["due"]), (&"2026-02-01".into(), &"2026-03-03".into()));
}

#[test]
fn rows_of_a_table_become_accounts() {
    let made: Vec<Value> = made_of_samples("accounts").iter().map(|text| parsed(text)).collect();
    let wanted = [
        r#"{"account": "K100", "name": "Nordwind Logistik GmbH", "country": "DE", "opened": "2019-04-01",
            "open": true, "sector": "transport", "credit": 25000}"#,
        r#"{"account": "K101", "name": "Ada Byron", "country": "GB", "opened": "2024-11-15",
            "open": true, "sector": "private"}"#,
        r#"{"account": "K102", "name": "Blue Harbor, Inc.", "country": "US", "opened": "2021-07-30",
            "open": true, "sector": "transport", "credit": 100000}"#,
        r#"{"account": "K103", "name": "Clinic at the Lake", "country": "DE", "opened": "2022-01-10",
            "open": false, "sector": "care", "credit": 5000.5}"#,
        r#"{"rejected": "`many` is not a number"}"#,
    ];
    assert_eq!(made, wanted.map(parsed));
}

#[test]
fn the_functions_are_those_of_the_program() {
    let mut table = String::from("| function | gives | what | example |\n|---|---|---|---|\n");
    table.extend(FUNCTIONS.iter().map(row));
    assert_eq!(part("functions"), table, "the table of the README should be:\n\n{table}");
}

#[test]
fn the_examples_of_the_functions_run() {
    for signature in FUNCTIONS {
        let (call, gives) = signature.example;
        let calc = serde_json::to_string(call).expect("a text");
        let (program, found) = compiled(&whole(&format!("it: {{ $calc: {calc} }}\n")));
        assert_eq!(found, "", "{call}");
        let made = made(&program.expect("a program"), "{}");
        assert_eq!(parsed(&made)["it"], parsed(gives), "{call}");
    }
}

#[test]
fn the_first_command_prints_what_stands_here() {
    let state = std::env::temp_dir().join(format!("crosswalk-readme-{}", std::process::id()));
    let run = || {
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_crosswalk"))
            .args(["run", "mappings/salesforce-cpq-to-zuora", "--state"])
            .arg(&state)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("the program");
        String::from_utf8(done.stdout).expect("text")
    };
    let (first, second) = (run(), run());
    drop(std::fs::remove_dir_all(&state));
    let block = blocks().into_iter().find(|block| block.mark == "text printed");
    for line in block.expect("what is printed").text.lines().filter(|line| *line != "…") {
        assert!(first.lines().any(|printed| printed == line), "`{line}` is not in:\n{first}");
    }
    assert!(second.contains("writes sent: 0 "), "{second}");
}

#[test]
fn a_mapping_to_documents_is_planned_and_run_by_the_commands_of_the_readme() {
    let set = std::env::temp_dir().join(format!("crosswalk-readme-set-{}", std::process::id()));
    for folder in ["data", "environments"] {
        std::fs::create_dir_all(set.join(folder)).expect("a folder");
    }
    let from = PathBuf::from(at("mappings/orders-to-invoices"));
    for folder in ["", "data", "environments"] {
        for entry in std::fs::read_dir(from.join(folder)).expect("the set") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                let to = set.join(folder).join(path.file_name().expect("a name"));
                std::fs::copy(&path, to).expect("a copy");
            }
        }
    }
    let crosswalk = |command: &str| {
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_crosswalk"))
            .arg(command)
            .arg(&set)
            .args(["--env", "local"])
            .current_dir(&set)
            .output()
            .expect("the program");
        assert!(done.status.success(), "{command}: {done:?}");
        String::from_utf8(done.stdout).expect("text")
    };
    let account = "records: 6 read = 4 to write + 1 skipped + 1 rejected";
    assert!(crosswalk("check").contains("no error"));
    assert!(crosswalk("plan").contains(account));
    assert!(!set.join("out/invoices.ndjson").exists(), "a plan writes nothing");
    assert!(crosswalk("run").contains(&account.replace("to write", "written")));
    let written = std::fs::read_to_string(set.join("out/invoices.ndjson")).expect("the invoices");
    let samples = made_of_samples("invoices");
    let wanted: Vec<&String> = samples.iter().filter(|made| made.contains("\"gross\"")).collect();
    assert_eq!(written.lines().collect::<Vec<_>>(), wanted);
    drop(std::fs::remove_dir_all(&set));
}

#[test]
fn two_commands_do_all_set_up_and_the_checks_call_both() {
    let block = blocks().into_iter().find(|block| block.mark == "sh setup").expect("the commands");
    let commands: Vec<&str> = block.text.lines().collect();
    assert_eq!(commands, ["cargo run -- run mappings/salesforce-cpq-to-zuora", "cargo test"]);
    let checks = file(".ci/run");
    for command in commands {
        let calls = checks.lines().any(|line| line.trim() == command);
        assert!(calls, ".ci/run does not call `{command}`");
    }
}

#[test]
fn every_key_of_the_language_is_explained() {
    for key in crosswalk::compile::grammar::instructions() {
        let name = key.name;
        assert!(README.contains(&format!("`{name}`")), "the README does not explain `{name}`");
    }
}
