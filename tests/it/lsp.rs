//! The language server, spoken to over its pipes: it finds what `check` finds, byte by byte, and
//! answers completion, hover, definitions and quick fixes.

mod actions;
mod client;

use std::path::Path;

use client::{Client, Spot};
use serde_json::{Value, json};

use super::{
    check::{Checked, corpus},
    cli::place::Place,
};

/// The custom fields that the cases of the corpus write.
const ENVIRONMENT: &str = "\
tenant:
  custom_fields:
    Product: { sfdcId__c: { type: text } }
    ProductRatePlan: { sfdcPricebookID__c: { type: text } }
";

/// A case of the corpus as a set of files.
struct Written {
    /// The folder of the set.
    set: String,
    /// Its mappings, and those that it uses.
    files: Vec<String>,
    /// The codes that the corpus has for it, where it is checked in the environment that is written.
    codes: Option<Vec<String>>,
}

/// The sets of the corpus, each in a folder of its own.
fn sets(place: &Place) -> Vec<Written> {
    let one = |(at, case): (usize, &Checked)| {
        let name = |file| case.sources.name(file).to_owned();
        let folder = case.case.set().map_or_else(String::new, |set| format!("/mappings/{set}"));
        let set = format!("set-{at}{folder}");
        let environment = case.case.environment().unwrap_or_else(|| ENVIRONMENT.to_owned());
        place.write(&format!("{set}/environments/embedded.yaml"), &environment);
        for entry in std::fs::read_dir(&case.folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.ends_with(".schema.json") {
                place.write(&format!("{set}/{name}"), &std::fs::read_to_string(&path).unwrap());
            }
        }
        let files: Vec<String> =
            case.files.iter().map(|file| format!("set-{at}/{}", name(*file))).collect();
        for (path, file) in files.iter().zip(&case.files) {
            place.write(path, case.sources.text(*file));
        }
        let codes = case.findings.iter().map(|finding| finding.code.to_string());
        let codes = case.case.set().map(|_| codes.collect());
        Written { set, files, codes }
    };
    corpus().iter().enumerate().map(one).collect()
}

/// What a script is told of a set, line by line.
fn of_check(place: &Place, set: &str) -> Vec<String> {
    let run = place.run(&["check", set, "--env", "embedded", "--format", "json"]);
    let of_finding = |line: &&str| line.contains("\"format\":\"crosswalk-finding/1\"");
    let mut lines: Vec<String> = run.out.lines().filter(of_finding).map(str::to_owned).collect();
    lines.sort();
    lines
}

/// What an editor is told when it opens a file of the set.
fn of_editor(client: &mut Client, file: &str) -> Vec<String> {
    let published = client.open(file);
    let all = published.iter().flat_map(|params| params["diagnostics"].as_array().unwrap());
    let mut told: Vec<String> = all
        .map(|diagnostic| {
            let data = &diagnostic["data"];
            let message = diagnostic["message"].as_str().unwrap();
            assert!(message.starts_with(data["message"].as_str().unwrap()), "{message}");
            assert_eq!(diagnostic["code"], data["code"]);
            data.to_string()
        })
        .collect();
    told.sort();
    told
}

#[test]
fn an_editor_and_a_script_are_told_the_same() {
    let place = Place::empty("lsp-corpus");
    let sets = sets(&place);
    // A text without a version is no mapping for an editor.
    let opened = |files: &[String]| {
        let text = |file: &String| std::fs::read_to_string(place.folder.join(file));
        let is_mapping = |file: &&String| {
            text(file).is_ok_and(|text| text.lines().any(|line| line.starts_with("crosswalk:")))
        };
        files.iter().find(is_mapping).cloned()
    };
    let code = |line: &String| {
        let finding: Value = serde_json::from_str(line).unwrap();
        finding["code"].as_str().unwrap().to_owned()
    };
    let compared = |sets: &[Written]| {
        let mut client = Client::start(&place, &[]);
        let mut findings = 0;
        for Written { set, files, codes } in sets {
            let Some(file) = opened(files) else { continue };
            let told = of_editor(&mut client, &file);
            assert_eq!(told, of_check(&place, set), "{set}");
            if let Some(codes) = codes {
                let mut wanted = codes.clone();
                let mut found: Vec<String> = told.iter().map(code).collect();
                wanted.sort();
                found.sort();
                assert_eq!(found, wanted, "{set}");
            }
            findings += told.len();
        }
        client.end();
        findings
    };
    let (first, second) = sets.split_at(sets.len() / 2);
    let findings = std::thread::scope(|scope| {
        let first = scope.spawn(|| compared(first));
        compared(second) + first.join().unwrap()
    });
    assert!(findings >= 80, "{findings} findings");
}

const MAPPING: &str = "\
crosswalk: 1
name: products
source: { system: salesforce, object: Product2, when: record.IsActive }
target: { system: zuora }
let:
  entries: $.PricebookEntries.records[*]
tables:
  kind: { One-Time: OneTime, Recurring: Recurring }
shapes:
  title: { $with: [text], $value: '{{ text | upper }}' }
resources:
  product:
    object: Product
    key: { sfdcId__c: $.Id }
    fields:
      Name: { $from: $.Name, $truncate: 100 }
      Description: { $shape: title, text: $.Name }
      EffectiveStartDate: 2000-01-01
  charge:
    object: ProductRatePlanCharge
    within: product
    key: { Name: { $from: $.Name, $truncate: 100 } }
    fields:
      ChargeType: { $from: $.SBQQ__ChargeType__c, $map: kind, $absent: OneTime }
      ListPriceBase: { $calc: \"'x' if count(entries) > 1 else 'y'\" }
";

fn place(name: &str) -> Place {
    let place = Place::empty(name);
    place.write("set/products.yaml", MAPPING);
    place.write("set/environments/embedded.yaml", ENVIRONMENT);
    place
}

/// The labels of what is offered when `find` has become `typed`; the cursor stands at `|`.
fn offered(client: &mut Client, find: &str, typed: &str) -> Vec<String> {
    // A bar is the cursor, but for a text that has one of its own.
    let bar = if typed.contains('¦') { '¦' } else { '|' };
    let at = MAPPING.find(find).unwrap() + typed.find(bar).unwrap();
    let text = MAPPING.replacen(find, &typed.replacen(bar, "", 1), 1);
    client.change("set/products.yaml", &text);
    let answer = client.ask("textDocument/completion", &Spot::at("set/products.yaml", &text, at));
    let items = answer["items"].as_array().unwrap().iter();
    items.map(|item| item["label"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn completion_offers_what_the_compiler_takes() {
    let place = place("lsp-complete");
    let mut client = Client::start(&place, &[]);
    client.open("set/products.yaml");
    let table: [(&str, &str, &[&str], &str); 14] = [
        // Keys of the language, of the target, of a value, of a block in a line.
        ("tables:", "tab|:", &["tables", "shapes", "params"], "$from"),
        (
            "      EffectiveStartDate: 2000-01-01",
            "      Eff|",
            &["EffectiveEndDate", "SKU", "$let"],
            "tables",
        ),
        (
            "$truncate: 100 }\n      Desc",
            "$tru| }\n      Desc",
            &["$truncate", "$too_long", "$absent"],
            "Name",
        ),
        ("object: Product2, when", "object: Product2, ch|, when", &["changed_by", "when"], "$from"),
        // Fields of the source, also through a relationship, a name and in an expression.
        ("$from: $.Name", "$from: $.Na|", &["Name", "ProductCode", "PricebookEntries"], "SKU"),
        (
            "entries: $.PricebookEntries.records[*]",
            "entries: $.PricebookEntries.records[*].Pri|",
            &["Pricebook2", "UnitPrice"],
            "SBQQ__ChargeType__c",
        ),
        ("when: record.IsActive", "when: record.Is|", &["IsActive"], "Price"),
        // Names in scope, functions.
        ("text: $.Name", "text: $en|", &["entries"], "Name"),
        ("count(entries)", "count(en|)", &["entries", "record"], "Name"),
        ("text | upper", "text | up¦", &["upper", "trim"], "entries"),
        // Values of an enum, names of tables, shapes, objects, resources.
        ("$absent: OneTime", "$absent: One|", &["OneTime", "Recurring", "Usage"], "kind"),
        ("$map: kind", "$map: |", &["kind"], "title"),
        ("$shape: title", "$shape: ti|", &["title"], "kind"),
        ("within: product", "within: |", &["product"], "Product"),
    ];
    for (find, typed, wanted, not) in table {
        let labels = offered(&mut client, find, typed);
        for name in wanted {
            assert!(labels.iter().any(|label| label == name), "{typed}: {name} of {labels:?}");
        }
        assert!(!labels.iter().any(|label| label == not), "{typed}: {not} in {labels:?}");
    }
    client.end();
}

#[test]
fn hover_says_type_picklist_and_doc() {
    let place = place("lsp-hover");
    let mut client = Client::start(&place, &[]);
    client.open("set/products.yaml");
    let mut says = |find: &str, within: usize| {
        let at = MAPPING.find(find).unwrap() + within;
        let answer = client.ask("textDocument/hover", &Spot::at("set/products.yaml", MAPPING, at));
        answer["contents"]["value"].as_str().unwrap_or_default().to_owned()
    };
    for (find, within, parts) in [
        ("$.SBQQ__ChargeType__c", 5, &["SBQQ__ChargeType__c", "One-Time, Recurring, Usage"][..]),
        ("EffectiveStartDate:", 3, &["EffectiveStartDate", "required"]),
        ("$truncate", 4, &["Cuts a text"]),
        ("resources:", 3, &["objects with keys"]),
        ("entries)", 2, &["a list of PricebookEntry"]),
    ] {
        let said = says(find, within);
        for part in parts {
            assert!(said.contains(part), "{find}: {part} is not in {said:?}");
        }
    }
    client.end();
}

#[test]
fn definitions_are_found_where_names_are_made() {
    let place = place("lsp-definition");
    place.write(
        "set/more.yaml",
        "crosswalk: 1\nname: more\nsource: { system: salesforce, object: Product2 }\n\
         target: { system: zuora }\nuses: { catalog: products }\nresources:\n  plan:\n    \
         object: ProductRatePlan\n    key: { sfdcPricebookID__c: $.Id }\n    fields:\n      \
         ProductId: { $ref: catalog.product, $by: { sfdcId__c: $.Id } }\n",
    );
    let mut client = Client::start(&place, &[]);
    client.open("set/products.yaml");
    client.open("set/more.yaml");
    let more = std::fs::read_to_string(place.folder.join("set/more.yaml")).unwrap();
    for (file, text, find, within, to) in [
        ("set/products.yaml", MAPPING, "$map: kind", 8, "  kind:"),
        ("set/products.yaml", MAPPING, "$shape: title", 10, "  title:"),
        ("set/products.yaml", MAPPING, "within: product", 9, "  product:"),
        ("set/products.yaml", MAPPING, "count(entries)", 8, "  entries:"),
        ("set/products.yaml", MAPPING, "{{ text", 4, "text], $value"),
        ("set/more.yaml", &more, "catalog.product", 10, "  product:"),
    ] {
        let at = text.find(find).unwrap() + within;
        let answer = client.ask("textDocument/definition", &Spot::at(file, text, at));
        assert!(
            answer["uri"].as_str().is_some_and(|uri| uri.ends_with("set/products.yaml")),
            "{find}: {answer}"
        );
        let start = &answer["range"]["start"];
        let line = MAPPING.lines().nth(start["line"].as_u64().unwrap() as usize).unwrap();
        let rest = &line[start["character"].as_u64().unwrap() as usize..];
        assert!(rest.starts_with(to.trim_start()), "{find}: {rest}");
    }
    client.end();
}

#[test]
fn quick_fixes_end_their_findings() {
    let place = place("lsp-fixes");
    let mut client = Client::start(&place, &[]);
    let cases = [
        // A misspelt name, a missing row, a missing field, each in a line and in lines.
        ("$.Name, $truncate: 100 }\n      Desc", "$.Nmae, $truncate: 100 }\n      Desc", "CW0201"),
        ("", "", "CW0401"),
        (
            "  kind: { One-Time: OneTime, Recurring: Recurring }",
            "  kind:\n    One-Time: OneTime\n    Recurring: Recurring  # here",
            "CW0401",
        ),
        ("", "", "CW0501"),
    ];
    for (find, replace, code) in cases {
        let mut text = MAPPING.to_owned();
        if !find.is_empty() {
            assert!(text.contains(find), "{find}");
            text = text.replacen(find, replace, 1);
        }
        place.write("set/products.yaml", &text);
        let before = client.open("set/products.yaml");
        let count = |published: &[Value]| {
            let all = published.iter().flat_map(|p| p["diagnostics"].as_array().unwrap());
            all.filter(|diagnostic| diagnostic["code"] == code).count()
        };
        assert!(count(&before) > 0, "{code}: {before:?}");
        let own = before.iter().find(|p| p["uri"].as_str().unwrap().ends_with("products.yaml"));
        let all = own.unwrap()["diagnostics"].as_array().unwrap();
        let found = all.iter().find(|diagnostic| diagnostic["code"] == code).unwrap();
        let params = json!({"range": found["range"], "context": {"diagnostics": [found]}});
        let actions = client.ask_about("textDocument/codeAction", "set/products.yaml", params);
        let of_code = |action: &&Value| action["diagnostics"][0]["code"] == code;
        let action = actions.as_array().unwrap().iter().find(of_code);
        let action = action.unwrap_or_else(|| panic!("{code}: {actions}"));
        let mended = client::applied(&text, &action["edit"]);
        place.write("set/products.yaml", &mended);
        let after = client.open("set/products.yaml");
        assert_eq!(count(&after) + 1, count(&before), "{code}: {mended}\n{after:?}");
    }
    client.end();
}

#[test]
fn findings_come_as_you_type_and_go_when_mended() {
    let place = place("lsp-typing");
    let mut client = Client::start(&place, &[]);
    let codes = |published: &[Value]| -> Vec<String> {
        let all = published.iter().flat_map(|p| p["diagnostics"].as_array().unwrap());
        all.map(|diagnostic| diagnostic["code"].as_str().unwrap().to_owned()).collect()
    };
    let first = codes(&client.open("set/products.yaml"));
    let wrong = MAPPING.replacen("$.Id }", "$.Idd }", 1);
    client.change("set/products.yaml", &wrong);
    let second = codes(&client.published("set/products.yaml"));
    assert_eq!(second.len(), first.len() + 1, "{second:?}");
    assert!(second.contains(&"CW0201".to_owned()) && Path::new(&place.folder).exists());
    client.change("set/products.yaml", MAPPING);
    assert_eq!(codes(&client.published("set/products.yaml")), first);
    client.end();
}
