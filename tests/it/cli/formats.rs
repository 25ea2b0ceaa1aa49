//! `crosswalk check` for other programs: forms, colours and exit codes.

use serde_json::Value;

use super::{
    place::{Place, Run},
    sets::{ORDERS, orders},
};

fn broken() -> String {
    ORDERS.replace("$.id", "$.idd")
}

fn check(name: &str, mapping: &str, format: &str) -> Run {
    orders(name, mapping).run(&["check", "orders", "--format", format])
}

const FORMATS: [&str; 5] = ["human", "json", "sarif", "junit", "github"];

#[test]
fn every_form_ends_with_the_same_exit_code() {
    for format in FORMATS {
        let clean = check(&format!("clean-{format}"), ORDERS, format);
        assert_eq!((clean.code, clean.err.as_str()), (0, ""), "{format}");
        let wrong = check(&format!("wrong-{format}"), &broken(), format);
        assert_eq!((wrong.code, wrong.err.as_str()), (2, ""), "{format}");
        assert_ne!(clean.out, wrong.out, "{format}");
    }
}

#[test]
fn a_set_that_is_not_there_is_said_in_every_form() {
    for format in FORMATS {
        let place = orders(&format!("nothing-{format}"), ORDERS);
        let run = place.run(&["check", "oders", "--format", format]);
        assert_eq!(run.code, 2, "{format}");
        let said = if format == "json" { &run.out } else { &run.err };
        assert!(said.contains("oders: there is nothing here"), "{format}: {said}");
    }
}

#[test]
fn a_clean_set_says_so_in_the_form_that_was_asked_for() {
    let sarif: Value = serde_json::from_str(&check("s", ORDERS, "sarif").out).unwrap();
    assert_eq!(sarif["runs"][0]["results"], serde_json::json!([]));
    assert_eq!(sarif["runs"][0]["artifacts"][0]["location"]["uri"], "orders/orders.yaml");
    assert_eq!(check("g", ORDERS, "github").out, "");
    let junit = check("j", ORDERS, "junit").out;
    assert!(junit.contains("tests=\"1\" failures=\"0\"") && junit.contains("no finding"));
    let last = check("l", ORDERS, "json").only("crosswalk-check/1");
    assert_eq!((&last["mappings"], &last["errors"]), (&1.into(), &0.into()));
}

#[test]
fn the_annotation_of_a_fault_is_one_line_at_its_place() {
    let out = check("annotation", &broken(), "github").out;
    assert!(
        out.starts_with(
            "::error file=orders/orders.yaml,line=6,endLine=6,col=13,endColumn=16,title=CW0201::"
        ) && out.lines().count() == 1,
        "{out}"
    );
}

#[test]
fn colours_are_used_where_they_are_wanted() {
    let place = orders("colours", &broken());
    let coloured = |arguments: &[&str], variables: &[(&str, &str)]| {
        let all = [&["check", "orders"], arguments].concat();
        place.run_with(&all, variables).out.contains('\u{1b}')
    };
    assert!(!coloured(&[], &[]), "a file is no terminal");
    assert!(coloured(&["--color", "always"], &[]));
    assert!(coloured(&["--colour", "always"], &[]));
    assert!(coloured(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!coloured(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&["--color", "always", "--format", "json"], &[]));
}

#[test]
fn all_sets_are_checked_and_each_fault_is_told_once() {
    let place = Place::shipped("all-sets");
    place.also_shipped("salesforce-orders-to-zuora");
    place.also_shipped("orders-to-invoices");
    let run = place.run(&["check"]);
    assert_eq!((run.code, run.out.as_str()), (0, "checked 7 mappings of 3 sets: no error\n"));
    let run = place.run(&["check", "--env", "embedded"]);
    assert_eq!(run.out, "checked 5 mappings of 2 sets in embedded: no error\n");
    // The orders use the catalog of the other set.
    let catalog = "mappings/salesforce-cpq-to-zuora/product-catalog.yaml";
    let text = place.read(catalog);
    place.write(catalog, &text.replacen("$.ProductCode", "$.ProductCodee", 1));
    let run = place.run(&["check", "--format", "json"]);
    assert_eq!((run.code, run.all("crosswalk-finding/1").len()), (2, 1), "{}", run.out);
    let account = "mappings/salesforce-cpq-to-zuora/account.yaml";
    let orders = "mappings/salesforce-orders-to-zuora";
    let run = place.run(&["check", account, "mappings/salesforce-cpq-to-zuora/quote-preview.yaml"]);
    assert_eq!(run.out, "checked 2 mappings in embedded: no error\n");
    let run = place.run(&["check", account, orders, "--format", "json"]);
    assert_eq!(run.all("crosswalk-finding/1").len(), 1, "{}", run.out);
}

#[test]
fn an_environment_that_no_set_has_is_said() {
    let run = Place::shipped("no-such-environment").run(&["check", "--env", "prod"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("no mapping set below ./mappings has an environment `prod`"));
    assert!(run.err.contains("there are embedded"), "{}", run.err);
}
